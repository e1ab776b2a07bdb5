"""Which unit lies above which: by a plan's own table where codes alone do not tell, else by their length.

A division code (GB/T 2260, GB/T 10114) holds two digits of the province, two of the prefecture, two of the
county, three of the township and three of the committee. That is not how every plan counts: Hainan's "19
cities and counties" are four prefecture-level cities (46 01 ..., of which districts are only parts) beside
fifteen counties right under the province (46 90 nn), whose first four digits are no city at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from pydantic import Field

from lifecircle.plans.rule import LocalText, Record

__all__ = ["Division", "roll_up", "units_above"]

_DIGITS: Final[Mapping[str, int]] = {"village": 12, "township": 9, "county": 6, "city": 4, "province": 2}
"""Digits of a code that say which unit of a level it is."""

_LEVELS: Final = tuple(_DIGITS)


class Division(Record):
    """One unit of the plan's own table.

    Attributes
    ----------
    code
        The digits that its members' codes begin with: four or six.
    name
        Its name.
    level
        The level at which the plan counts it.
    """

    code: str = Field(pattern=r"^[0-9]{4}([0-9]{2})?$")
    name: LocalText
    level: Literal["county", "city"]


def units_above(code: str, divisions: Iterable[Division] = ()) -> Mapping[str, str]:
    """The units a place belongs to, its own level included.

    Parameters
    ----------
    code
        Of a committee (12 digits), township (9), county (6), city (4) or province (2); trailing pairs of
        zeros, as in ``460100``, say nothing.
    divisions
        The plan's own table. At a level it names, its codes are the only ones: a place under none of
        them has no unit there. A county that the table counts is its own city where its code is that of
        a prefecture (four digits), and has none above it where it lies right under the province.

    Returns
    -------
    Mapping
        Level (village, township, county, city, province) to code; ``""`` where there is none.
    """
    digits = _significant(code)
    listed = tuple(divisions)
    # The code of statistics itself tells the unit at each level.
    codes = {level: digits[:length] if len(digits) >= length else "" for level, length in _DIGITS.items()}
    # At levels that the plan lists, its own longest matching code counts instead.
    for level in {division.level for division in listed}:
        names = [one.code for one in listed if one.level == level and digits.startswith(one.code)]
        codes[level] = max(names, key=len, default="")
    # Among the plan's own counties, one of four digits is a prefecture and its own city.
    if any(division.level == "county" for division in listed):
        codes["city"] = codes["county"] if len(codes["county"]) == _DIGITS["city"] else ""
    return codes


def roll_up(
    figures: Mapping[str, float], level: str, divisions: Iterable[Division] = ()
) -> Mapping[str, float]:
    """Add up a figure of places to the units of a higher level.

    Parameters
    ----------
    figures
        By code of the place; NaN where unknown, which makes the sum above it unknown too.
    level
        ``township``, ``county``, ``city`` or ``province``.
    divisions
        The plan's own table.

    Returns
    -------
    Mapping
        By code of the unit, in the order first met; places that belong to none are under ``""``.

    Raises
    ------
    ValueError
        If there is no such level.
    """
    if level not in _LEVELS:
        raise ValueError(level)
    listed = tuple(divisions)
    sums: dict[str, float] = {}
    for code, figure in figures.items():
        above = units_above(code, listed)[level]
        sums[above] = sums.get(above, 0.0) + figure
    return sums


def _significant(code: str) -> str:
    """A code's digits without the trailing zeros that only fill it up."""
    digits = code if code.isdigit() else ""
    for length in (9, 6, 4, 2):
        if len(digits) > length and set(digits[length:]) == {"0"}:
            digits = digits[:length]
    return digits
