"""Units in headings and beside numbers: 万人, 公顷, ㎡, 千户, %, and what each is in a column's own unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.sources.files.cell_values import BLANK, NUMBER, has_digit_apart, tidy
from lifecircle.tables import FACILITY_DETAILS, FACILITY_FIGURES, UNIT_FIGURES

__all__ = ["Quantities", "Unit", "column_unit", "factor_to", "parse_unit", "quantities", "split_heading"]

_SCALES: Final = {
    **dict(zip("十百千万", [1e1, 1e2, 1e3, 1e4], strict=True)),
    **dict(zip(["十万", "百万", "千万", "亿"], [1e5, 1e6, 1e7, 1e8], strict=True)),
    **dict.fromkeys(["thousand", "thousands", "thousandsof", "'000", "k", "10^3"], 1e3),
    **dict.fromkeys(["million", "millions", "millionsof", "10^6"], 1e6),
    **dict.fromkeys(["萬", "10^4"], 1e4),
    "億": 1e8,
}
_WORDS: Final[dict[str, dict[str, float]]] = {
    "persons": dict.fromkeys(
        ["人", "口", "名", "人次", "person", "persons", "people", "resident", "residents", "inhabitants"], 1.0
    ),
    "households": dict.fromkeys(["户", "戶", "household", "households", "families"], 1.0),
    "dwellings": dict.fromkeys(["套", "dwelling", "dwellings", "flats"], 1.0),
    "places": dict.fromkeys(["床", "张", "床位", "托位", "座位", "学位", "beds", "places", "seats"], 1.0),
    "pieces": dict.fromkeys(
        ["个", "位", "家", "处", "所", "座", "间", "项", "count", "number", "units"], 1.0
    ),
    "m2": {
        **dict.fromkeys(["m2", "m^2", "平方米", "平米", "平方", "平", "sqm", "sq.m", "sq.m."], 1.0),
        **dict.fromkeys(["squaremetre", "squaremetres", "squaremeter", "squaremeters"], 1.0),
        **dict.fromkeys(["公顷", "ha", "hm2", "hm^2", "hectare", "hectares"], 1e4),
        **dict.fromkeys(["亩", "市亩", "畝", "mu"], 10_000 / 15),
        **dict.fromkeys(["平方公里", "平方千米", "km2", "km^2", "sqkm", "sq.km", "squarekilometres"], 1e6),
        **dict.fromkeys(["平方英尺", "sqft", "ft2"], 0.09290304),
        **dict.fromkeys(["英亩", "acre", "acres"], 4046.8564224),
    },
    "h/day": {
        **dict.fromkeys(["小时", "时", "h", "hr", "hrs", "hour", "hours"], 1.0),
        **dict.fromkeys(["分钟", "分", "min", "mins", "minute", "minutes"], 1 / 60),
    },
    "days/week": dict.fromkeys(["天", "日", "d", "day", "days"], 1.0),
    "CNY": dict.fromkeys(["元", "cny", "rmb", "yuan", "人民币", "人民币元"], 1.0),
    "year": dict.fromkeys(["年", "year", "years"], 1.0),
    "%": {
        **dict.fromkeys(["%", "百分比", "百分数", "percent", "percentage", "pct"], 1.0),
        **dict.fromkeys(["‰", "千分比", "permille", "permil"], 0.1),
    },
    "degrees": dict.fromkeys(["度", "°", "deg", "degree", "degrees"], 1.0),
    "m": {**dict.fromkeys(["米", "m", "metre", "metres", "meter", "meters"], 1.0), "公里": 1e3, "km": 1e3},
}
"""Word to the size of its unit in the dimension's own, which is the unit that `tables` names."""

_COUNTED: Final = frozenset({"persons", "households", "dwellings", "places", "organisations"})
_PER: Final[dict[str, dict[str, float]]] = {
    "CNY": {**dict.fromkeys(["年", "year", "a", "yr"], 1.0), **dict.fromkeys(["月", "month"], 12.0)},
    "h/day": dict.fromkeys(["天", "日", "day", "d"], 1.0),
    "days/week": dict.fromkeys(["周", "week", "星期", "w"], 1.0),
}
_PERIODS: Final = frozenset({"天", "日", "周", "月", "年", "day", "week", "month", "year", "a", "d"})
_EXTRA_UNITS: Final = {
    **dict.fromkeys(["population", "residents", "over60", "under3"], "persons"),
    "households": "households",
    "dwellings": "dwellings",
    "year": "year",
    "built_year": "year",
}
_BRACKETS: Final = re.compile(r"[（(\[【〔]([^（()\[【〔）)\]】〕]*)[）)\]】〕]")
_LABEL: Final = re.compile(r"^(?:计量)?(?:单位|units?)(?:为|[:：])?\s*", re.IGNORECASE)
_TOKENS: Final = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),|[，;；、|]|\s/\s")
_DATE: Final = re.compile(r"((?:18|19|20)\d\d)[-/.年](?:0?[1-9]|1[0-2])(?:[-/.月].*)?")
"""A day or a month where a year is asked for."""
_TAIL: Final = re.compile(r"^(.*?)[\s_/:：,，|-]+([^\s_/:：,，|-]+)$")
_PLAIN_SCALE: Final = re.compile(r"(1(?:,000|0)+)(.*)")
_GLUED: Final = re.compile(
    r"^(.*[^每百千十])((?:[千万亿]|百万)(?:人|户|元|平方米|平米|m2|张|个)|公顷|平方公里|亩)$"
)


@dataclass(frozen=True)
class Unit:
    """A unit of measure.

    Attributes
    ----------
    dimension
        As `tables` names the unit of a column (``persons``, ``m2``, ``CNY``); ``pieces`` for counters that
        fit anything counted, ``""`` for a bare scale (万), ``ratio`` for figures per something else.
    factor
        How many of the dimension's own unit it holds: 10,000 for 万人, 666.67 for 亩.
    """

    dimension: str
    factor: float


@dataclass(frozen=True)
class Quantities:
    """A column read as quantities in one unit.

    Attributes
    ----------
    numbers : Series of float64, NaN where blank, wrong or unfit
    wrong : mask of cells that hold no number
    unfit : mask of cells whose unit is another kind of thing, or stands twice (1.2万 under 万人)
    worded : mask of cells that carry a unit of their own, which was read
    """

    numbers: pd.Series
    wrong: pd.Series
    unfit: pd.Series
    worded: pd.Series


def column_unit(ours: str) -> str:
    """The unit of a column of ours, as `tables` has it; ``""`` for a plan's own columns and for texts."""
    for figures in (UNIT_FIGURES, FACILITY_FIGURES, FACILITY_DETAILS):
        if ours in figures and figures[ours].unit:
            return figures[ours].unit
    return _EXTRA_UNITS.get(ours, "")


@cache
def parse_unit(text: str) -> Unit | None:
    """The unit that a text names, or None where it names none.

    Examples
    --------
    >>> parse_unit("万㎡").factor
    10000.0
    >>> parse_unit("人/平方公里").dimension
    'ratio'
    >>> parse_unit("含流动人口") is None
    True
    """
    word = _LABEL.sub("", tidy(text)).casefold().replace(" ", "")
    if not word:
        return None
    if (simple := _simple_unit(word)) is not None:
        return simple
    top, sign, bottom = word.partition("/")
    above = _simple_unit(top) if sign else None
    if above is None:
        return None
    per = _PER.get(above.dimension, {})
    if bottom in per:
        return Unit(above.dimension, above.factor * per[bottom])
    return Unit("ratio", 1.0) if bottom in _PERIODS or _simple_unit(bottom) is not None else None


def _simple_unit(word: str) -> Unit | None:
    """A unit without a denominator: a word, a scale and a word, or a scale alone."""
    if word in _SCALES:
        return Unit("", _SCALES[word])
    for dimension, words in _WORDS.items():
        if word in words:
            return Unit(dimension, words[word])
    if match := _PLAIN_SCALE.fullmatch(word):
        scale, rest = float(match[1].replace(",", "")), match[2]
        inner = _simple_unit(rest) if rest else None
        return Unit(inner.dimension, inner.factor * scale) if inner is not None else None
    for prefix in sorted(_SCALES, key=len, reverse=True):
        rest = word.removeprefix(prefix)
        if rest and rest != word:
            for dimension, words in _WORDS.items():
                if rest in words and not (prefix == "k" and len(rest) == 1):
                    return Unit(dimension, words[rest] * _SCALES[prefix])
    return None


def factor_to(unit: Unit, target: str) -> float | None:
    """How many of a column's own unit one of `unit` is, or None where it is another kind of thing.

    Counters (个, 位) fit every counted column, and a bare scale fits everything but shares and years.
    """
    if unit.dimension == target:
        return unit.factor
    if unit.dimension == "pieces" and target in _COUNTED:
        return unit.factor
    if (unit.dimension, target) in {("persons", "places"), ("households", "dwellings")}:
        return unit.factor
    if not unit.dimension and target not in {"%", "year", "h/day", "days/week"}:
        return unit.factor
    return None


@cache
def split_heading(heading: str) -> tuple[str, str, bool]:
    """A heading without its unit, the unit's words, and whether brackets set them apart beyond doubt.

    ``常住人口（万人）`` is 常住人口 in 万人. Brackets may also hold the year or a note beside the unit;
    what names no unit stays in the heading. Without brackets a unit stands after a separator
    (``pop_万人``, ``area/ha``) or is glued on (``建筑面积万平方米``).
    """
    text = tidy(heading)
    for match in _BRACKETS.finditer(text):
        parts = [_LABEL.sub("", part.strip()) for part in _TOKENS.split(match[1])]
        named = [part for part in parts if parse_unit(part) is not None]
        if len(named) == 1:
            rest = [part for part in parts if part and part != named[0]]
            kept = f"({', '.join(rest)})" if rest else ""
            return f"{text[: match.start()]}{kept}{text[match.end() :]}".strip(), named[0], True
    for form in (_TAIL, _GLUED):
        tail = form.fullmatch(text)
        if tail and tail[1] and parse_unit(tail[2]) is not None:
            return tail[1].strip(), tail[2], False
    return text, "", False


def quantities(values: pd.Series, target: str, *, heading_factor: float = 1.0) -> Quantities:
    """Read a column of numbers, each with or without a unit beside it.

    Parameters
    ----------
    values
        Cells of any dtype.
    target
        The column's own unit; ``""`` where nobody knows it: units beside numbers are then no numbers.
    heading_factor
        What the unit in the heading makes of every cell that has none of its own.

    Examples
    --------
    >>> quantities(pd.Series(["1.2万人", "300 人", "", "4户"]), "persons").numbers.tolist()
    [12000.0, 300.0, nan, nan]
    """
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        plain = values.astype("float64")
        none = pd.Series(False, index=values.index)
        return Quantities(plain * heading_factor, pd.Series(np.isinf(plain), index=values.index), none, none)
    known = {value: _quantity(value, target, heading_factor) for value in dict.fromkeys(map(tidy, values))}
    read = [(np.nan, "wrong") if has_digit_apart(value) else known[tidy(value)] for value in values]
    index = values.index
    return Quantities(
        pd.Series([number for number, _ in read], index=index, dtype="float64"),
        pd.Series([state == "wrong" for _, state in read], index=index, dtype=bool),
        pd.Series([state == "unfit" for _, state in read], index=index, dtype=bool),
        pd.Series([state == "worded" for _, state in read], index=index, dtype=bool),
    )


def _quantity(cell: str, target: str, heading_factor: float) -> tuple[float, str]:
    """One tidy cell in the target unit, and how it was read: plain, worded, wrong or unfit."""
    text = cell.replace("，", ",")
    if text.casefold() in BLANK:
        return np.nan, "plain"
    if target == "year" and (dated := _DATE.fullmatch(text)):
        return float(dated[1]), "worded"
    match = NUMBER.match(text)
    number = _plain_number(match["digits"]) if match else np.nan
    words = text[match.end("digits") :].strip() if match else ""
    unit = parse_unit(words) if words else Unit("", 1.0)
    if unit is None or not np.isfinite(number):
        return np.nan, "wrong"
    if not words:
        return number * heading_factor, "plain"
    if not unit.dimension:
        # 1.2万 under a heading in 万人: twelve thousand, or a hundred and twenty million?
        return (number * unit.factor, "plain") if heading_factor == 1.0 else (np.nan, "unfit")
    factor = factor_to(unit, target) if target else None
    return (np.nan, "unfit") if factor is None else (number * factor, "worded")


def _plain_number(digits: str) -> float:
    """Digits with thousands separators as a number, NaN where they are none."""
    try:
        return float(digits.replace(",", ""))
    except ValueError:
        return np.nan
