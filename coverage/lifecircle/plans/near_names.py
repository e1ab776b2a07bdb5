"""Packaged plans that an unknown name may mean: by its words, by whom a plan binds, else by its spelling."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from lifecircle.plans.model import Plan

__all__ = ["nearest_plans"]

_WORD: Final = re.compile(r"[0-9]+|[a-z]+|[\u3400-\u9fff]+")
_MINUTES: Final = {"minute": "min", "minutes": "min", "mins": "min", "m": "m", "metres": "m", "meters": "m"}
_ANY_COUNTRY: Final = (
    *("any", "anywhere", "default", "generic", "general", "global", "international"),
    *("neutral", "universal", "world", "worldwide"),
)
"""Words for a plan that binds nobody in particular."""
_LONGEST: Final = 200
"""Characters of a name that are looked at: no plan's is as long."""
_ALIKE: Final = 0.6
"""How much of a name must be spelled like a plan's."""


def nearest_plans(name: str, plans: Iterable[Plan]) -> tuple[str, ...]:
    """Ids of at most three plans that a name may mean; those for any country where it means none.

    Examples
    --------
    >>> from lifecircle.plans import packaged_plans, plan
    >>> nearest_plans("neutral", map(plan, packaged_plans()))
    ('walkable-500m', 'circle-15min')
    >>> nearest_plans("Hainan", map(plan, packaged_plans()))
    ('hainan-2022',)
    """
    listed, name = tuple(plans), name[:_LONGEST]
    asked = _words(name)
    alike = {one.id: difflib.SequenceMatcher(None, name.casefold(), one.id).ratio() for one in listed}
    shared = {one.id: sum(_says(one, word) for word in asked) for one in listed}
    best = max(shared.values(), default=0)
    meant = [one for one in shared if shared[one] == best] if best else []
    meant = meant or [one for one in alike if alike[one] >= _ALIKE]
    meant = meant or [one.id for one in listed if one.jurisdiction.country == "any"]
    return tuple(sorted(meant, key=lambda one: (-alike[one], one))[:3])


def _says(plan: Plan, word: str) -> bool:
    """Whether a word stands in a plan's id, its title or the name of whom it binds."""
    if plan.jurisdiction.country == "any" and word in _ANY_COUNTRY:
        return True
    names = (plan.title, plan.jurisdiction.name)
    if not word.isascii():
        return any(word in own.zh for own in names)
    own = _words(plan.id) | {one for name in names for one in _words(name.en)}
    return word in own


def _words(name: str) -> frozenset[str]:
    """The words and numbers of a name, units in one form; years stand for nothing by themselves."""
    words = (_MINUTES.get(word, word) for word in _WORD.findall(name.casefold()))
    return frozenset(word for word in words if not re.fullmatch(r"(19|20)\d\d|the|of|and|plan", word))
