"""What a study may call a plan: the id of a packaged one, or a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault, closest

__all__ = ["is_plan_file", "packaged_plan_ids", "unknown_plans"]

_OTHER_SUFFIXES: Final = (".yaml", ".yml", ".json")
"""Endings of files that settings are often written in, and plans are not."""


@cache
def packaged_plan_ids() -> tuple[str, ...]:
    """Ids of the plans that come with the package, sorted: the names of their files."""
    names = (file.name for file in (files("lifecircle") / "plans").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def is_plan_file(name: str) -> bool:
    """Whether a plan is named by its file, of whatever format, and not by its id.

    Examples
    --------
    >>> is_plan_file("own.toml"), is_plan_file("hainan-2022")
    (True, False)
    """
    return name.endswith(".toml") or Path(name).suffix.lower() in _OTHER_SUFFIXES


def unknown_plans(names: Iterable[str], *, field: str) -> Iterator[Fault]:
    """A fault for each id that no packaged plan has, with the nearest ones; files are not looked at."""
    known = packaged_plan_ids()
    for name in names:
        if not is_plan_file(name) and name not in known:
            near = ", ".join(closest(name, known, n=3, cutoff=0.5) or known)
            yield Fault("unknown-plan", field=field, values={"found": name, "nearest": near})
