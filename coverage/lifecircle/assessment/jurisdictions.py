"""Whose total a plan's total is: a number set for the whole of one place says nothing of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from lifecircle.assessment.context import Context
from lifecircle.plans import Jurisdiction, Plan
from lifecircle.tables import Note

__all__ = ["PlaceName", "counted_here", "total_of_elsewhere"]

_MUNICIPALITIES: Final = ("11", "12", "31", "50")
"""Provinces that are one city: Beijing, Tianjin, Shanghai and Chongqing."""

_LEVELS: Final = {"province": "province", "city": "city", "county": "county"}
"""Level of the unit that a plan's whole jurisdiction is; a nation is no unit of a study."""

_SUFFIXES: Final = ("特别行政区", "自治区", "自治州", "自治县", "省", "市", "县", "区")
"""How names of divisions end, which people leave away."""

_DIGITS: Final = 6


class PlaceName(str):
    """A place of a plan by its code, read by its name in either language."""

    __slots__ = ("_words",)

    _words: Mapping[str, str]

    @classmethod
    def of(cls, place: Jurisdiction) -> PlaceName:
        """The place that a plan binds."""
        made = cls(place.code)
        made._words = place.name.model_dump()
        return made

    def render(self, lang: str) -> str:
        """Its name in one language."""
        return self._words[lang]


def total_of_elsewhere(ctx: Context, plan: Plan, places: Iterable[str] = ()) -> Note | None:
    """Why a total that the plan sets for its whole jurisdiction cannot be judged here; None where it can.

    It is judged where the study covers the whole of the very place that the plan binds: a province's total
    says nothing of a city, and a city's nothing of another city. Which place the study is about it says by
    its ``jurisdiction``; where that is blank, by the unit of that level that all of it lies in; where there
    is none, ``covers_whole`` speaks of the plan's own place, if all plans are of one.

    Parameters
    ----------
    ctx
        The study.
    plan
        A plan without a code binds everywhere, the place of the study as well.
    places
        Codes of the places that the study's plans bind.
    """
    own = plan.jurisdiction
    if not ctx.covers_whole:
        return Note("another-jurisdiction")
    of_more = plan.level == "province" and not own.code.startswith(_MUNICIPALITIES)
    # a municipality that is a province is its own city
    if of_more and ctx.unit_judged("city") is not None:
        return Note("total-of-province")
    if not own.code or _is_about(ctx, plan, alone=len({code for code in places if code}) < 2):
        return None
    return Note("total-of-elsewhere", {"place": PlaceName.of(own)})


def counted_here(elsewhere: Note, count: float, total: float) -> Note:
    """What `total_of_elsewhere` says, with the number here and the total set elsewhere."""
    told = elsewhere.values  # a note's, not a table's
    return Note(elsewhere.key, {**told, "count": count, "total": total})


def _is_about(ctx: Context, plan: Plan, *, alone: bool) -> bool:
    """Whether the study is known to be about the place that a plan binds."""
    own, level = plan.jurisdiction, _LEVELS.get(plan.level, "")
    names = {_bare_name(own.name.zh), _bare_name(own.name.en)}
    if ctx.jurisdiction:
        said = (ctx.jurisdiction, *(ctx.unit_judged(level) or ()))
        return any(_same_code(one, own.code) or _bare_name(one) in names for one in said)
    units = ctx.inputs.units
    units = units[units["level"] == level]
    if len(units) == 1:
        code, name = str(units["code"].iloc[0]), str(units["name"].iloc[0])
        # a key of one's own, as no division has, tells nothing against the plan's place
        if _same_code(code, own.code) or _bare_name(name) in names:
            return True
        if code.isdigit():
            return False
    return alone


def _same_code(one: str, other: str) -> bool:
    """Whether two codes are of one place, however many zeros fill them up."""
    return one.strip().upper().ljust(_DIGITS, "0") == other.upper().ljust(_DIGITS, "0")


def _bare_name(name: str) -> str:
    """A name as people say it: 石家庄 for 石家庄市."""
    bare = name.strip().casefold()
    suffix = next((one for one in _SUFFIXES if bare.endswith(one) and len(bare) > len(one) + 1), "")
    return bare.removesuffix(suffix)
