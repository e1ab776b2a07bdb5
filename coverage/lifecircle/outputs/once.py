"""What several outputs of one study ask for is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from lifecircle.tables import Results

__all__ = ["once"]

P = ParamSpec("P")
T = TypeVar("T")
_KEPT = "_answers_of_outputs"


def once(make: Callable[Concatenate[Results, P], T]) -> Callable[Concatenate[Results, P], T]:
    """Have the answer of a function of results kept with those results, for each set of its other arguments.

    What is kept is shared by whoever asks, so nobody changes it. It goes when the results go; a copy of them
    with other tables starts afresh.
    """

    @wraps(make)
    def kept(results: Results, /, *asked: P.args, **named: P.kwargs) -> T:
        answers = cast("dict[Any, T]", vars(results).setdefault(_KEPT, {}))
        key = (make, asked, tuple(sorted(named.items())))
        if key not in answers:
            answers[key] = make(results, *asked, **named)
        return answers[key]

    return kept
