"""Values as people type them: full-width digits, 1.2万, 1,234, 45 %, 是, codes read as floats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

__all__ = [
    "BLANK",
    "ERROR_CELL",
    "NO_CODE",
    "NUMBER",
    "codes",
    "degrees",
    "flags",
    "has_digit_apart",
    "key",
    "numbers",
    "says_unknown",
    "texts",
    "tidy",
]

NO_CODE: Final = frozenset({"nan", "none", "null", "<na>"})
"""What programs write for a cell they had nothing for: never anybody's code."""

_UNKNOWN_WORDS: Final = NO_CODE | {"无", "n/a", "na"}
BLANK: Final = _UNKNOWN_WORDS | {"", "-", "--", "—", "——", "/"}
NUMBER: Final = re.compile(
    r"(?P<digits>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d+)?)\s*(?P<unit>[百千万亿]|%)?",
    re.IGNORECASE,
)
_UNIT: Final = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "%": 1e-2}
ERROR_CELL: Final = re.compile(
    r"#(REF!?|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)|Err:\d{3}"
)
"""What spreadsheets write where a formula failed."""

_APART: Final = re.compile(r"(?:^\s*|\d)[⁰¹²³⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐❶-❾➀-➈]")
"""A raised, lowered or circled digit that opens a cell or follows another digit: 5² is not 52."""

_ANGLE: Final = re.compile(
    r"(?P<before>[NSEW]|东经|西经|北纬|南纬)?\s*(?P<degrees>\d{1,3}(?:\.\d+)?)\s*(?P<sign>[°º˚度])?\s*"
    r"(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’‘´分]\s*)?"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”“秒]|['′’´]{2})\s*)?(?P<after>[NSEW])?",
    re.IGNORECASE,
)
_HALVES: Final = {
    "x": {"E": 1.0, "W": -1.0, "东经": 1.0, "西经": -1.0},
    "y": {"N": 1.0, "S": -1.0, "北纬": 1.0, "南纬": -1.0},
}

_SHORT: Final = 200
_FLOAT_CODE: Final = re.compile(r"(\d+)\.0+")
_SCIENTIFIC: Final = re.compile(r"[+-]?(\d)(?:\.(\d+))?e\+?(\d+)", re.IGNORECASE)
_FORMULA_TEXT: Final = re.compile(r"=\s*\(?\s*\"(.*)\"\s*\)?")
_QUOTES: Final = "'’‘`´\"“”"
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?: \d+)+")
_EXACT_FLOAT: Final = 2.0**53
_TRUE: Final = frozenset({"1", "1.0", "true", "t", "yes", "y", "是", "有", "对", "√", "✓", "开放", "公开"})
_FALSE: Final = frozenset({"0", "0.0", "false", "f", "no", "n", "否", "无", "×", "不开放", "不公开"})


def tidy(value: object) -> str:
    """One cell as plain text: compatibility forms folded (１２ to 12), no control or outer white space.

    Invisible format signs (zero-width spaces, byte-order marks, direction marks) are dropped.
    """
    if type(value) is str and value.isascii() and value.isprintable() and " " not in value:
        return value
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = str(value)
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFKC", text)):
        return " ".join(text.split())
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(
        sign if sign.isprintable() else "" if unicodedata.category(sign) == "Cf" else " " for sign in folded
    )
    return " ".join(kept.split())


def key(name: object) -> str:
    """A heading or a name of a service for comparison: tidy, lower case, without spaces."""
    if isinstance(name, str) and len(name) <= _SHORT:
        return _key(name)
    return tidy(name).casefold().replace(" ", "")


@lru_cache(maxsize=20_000)
def _key(name: str) -> str:
    """`key` of a name that is short enough to be kept: headings and services are compared very often."""
    return tidy(name).casefold().replace(" ", "")


def texts(values: pd.Series) -> pd.Series:
    """Every cell as `tidy` text, ``""`` where there is none."""
    return _each(values, tidy).astype(object)


def numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Every cell as a number, and which cells are none.

    Understands full-width digits, thousands separators in groups of three, 百 千 万 亿 and percent signs
    (45% is 0.45). Blank cells and dashes are NaN and not wrong; infinities are wrong.

    Parameters
    ----------
    values
        A column of any dtype.

    Returns
    -------
    tuple of Series
        Float64 numbers, and a bool mask of the cells that could not be understood.
    """
    if pd.api.types.is_bool_dtype(values):
        return values.astype("float64"), pd.Series(False, index=values.index)
    if pd.api.types.is_numeric_dtype(values):
        plain = values.astype("float64")
        return plain, pd.Series(np.isinf(plain), index=values.index)
    parsed = _each(values, _number)
    wrong = pd.Series([answer is None for answer in parsed], index=values.index, dtype=bool)
    return parsed.where(~wrong, np.nan).astype("float64"), wrong


def has_digit_apart(value: object) -> bool:
    """Whether a cell holds a raised or circled digit where a number stands: what it means is not said.

    Examples
    --------
    >>> [has_digit_apart(cell) for cell in ("5²", "①", "120 m²")]
    [True, True, False]
    """
    return isinstance(value, str) and not value.isascii() and _APART.search(value) is not None


def _number(value: object) -> float | None:
    """One cell as a number; NaN where blank, None where it is none."""
    if has_digit_apart(value):
        return None
    text = tidy(value)
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    text = text.replace("，", ",")
    if text.casefold() in BLANK:
        return float("nan")
    match = NUMBER.fullmatch(text)
    if not match or not any(sign.isdigit() for sign in match["digits"]):
        return None
    try:
        number = float(match["digits"].replace(",", "")) * _UNIT[match["unit"] or ""]
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def degrees(values: pd.Series, axis: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Every cell as decimal degrees, which cells are none, and which were written otherwise.

    Parameters
    ----------
    values
        Longitudes or latitudes: plain numbers, or degrees, minutes and seconds (114°30′10.8″E,
        东经114度30分, N38°0.18′).
    axis
        ``x`` or ``y``: the halves of the Earth that may be named.

    Examples
    --------
    >>> [column.tolist() for column in degrees(pd.Series(["114.5", "114°30′E", "38°N"]), "x")]
    [[114.5, 114.5, nan], [False, False, True], [False, True, False]]
    """
    plain, wrong = numbers(values)
    read = [_angle(value, axis) if bad else None for value, bad in zip(values, wrong, strict=True)]
    angles = pd.Series(read, index=values.index, dtype="float64")
    worded = angles.notna()
    return plain.where(~worded, angles), wrong & ~worded, worded


def _angle(value: object, axis: str) -> float | None:
    """Degrees, minutes and seconds as degrees; None where a cell holds something else."""
    match = _ANGLE.fullmatch(tidy(value))
    if not match or not (match["sign"] or match["before"] or match["after"]):
        return None
    if (match["minutes"] or match["seconds"]) and not match["sign"]:
        return None
    minutes, seconds = float(match["minutes"] or 0), float(match["seconds"] or 0)
    named = [half.upper() for half in (match["before"], match["after"]) if half]
    if minutes >= 60 or seconds >= 60 or len(named) > 1 or any(half not in _HALVES[axis] for half in named):
        return None
    size = float(match["degrees"]) + minutes / 60 + seconds / 3600
    return size * (_HALVES[axis][named[0]] if named else 1.0)


def says_unknown(values: pd.Series) -> pd.Series:
    """Which cells hold a word for nothing (N/A, NaN, null, 无): not empty and no dash, and yet no figure."""
    said = [tidy(value).casefold() in _UNKNOWN_WORDS for value in values.tolist()]
    return pd.Series(said, index=values.index, dtype=bool)


def codes(values: pd.Series) -> tuple[pd.Series, int, pd.Series]:
    """Codes as text, whatever a spreadsheet made of them.

    ``130102001001.0``, ``="130102001001"``, ``'130102001001``, ``130,102,001,001`` and full-width or
    spaced digits become ``130102001001``. A scientific notation is restored only where it still shows every
    digit; one that does not has lost them, as have numbers of more digits than a float holds.

    Returns
    -------
    tuple
        The codes; how many cells were written otherwise; a mask of those that lost digits.

    Examples
    --------
    >>> codes(pd.Series(['="4404"', "'0755", 4404.0, "4.4E+11"]))[0].tolist()
    ['4404', '0755', '4404', '4.4E+11']
    """
    plain = _each(values, tidy).astype(object)
    restored = _each(values, _code).astype(object)
    lost = pd.Series([code is None for code in restored], index=values.index, dtype=bool)
    restored = restored.where(~lost, plain)
    return restored, int((restored != plain).sum()), lost


def _code(value: object) -> str | None:
    """One code; None where its digits are lost."""
    if isinstance(value, float) and abs(value) >= _EXACT_FLOAT:
        return None
    text = tidy(value)
    if match := _FORMULA_TEXT.fullmatch(text):
        text = match[1].strip()
    text = text.strip(_QUOTES).strip()
    if match := _FLOAT_CODE.fullmatch(text):
        return match[1]
    if match := _SCIENTIFIC.fullmatch(text):
        decimals, power = match[2] or "", int(match[3])
        # Every digit must be written out: 4.404E+11 may have been any of a hundred million codes.
        if len(decimals) < power or power == 0 or decimals[power:].strip("0"):
            return None
        return match[1] + decimals[:power]
    if _GROUPED.fullmatch(text):
        return text.replace(",", "").replace(" ", "")
    return text


def flags(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Yes or no in either language, and which cells are neither.

    Returns
    -------
    tuple of Series
        Objects True, False or None (blank), and a bool mask of the cells that could not be understood.
    """
    plain = _each(values, lambda value: tidy(value).casefold()).astype(object)
    answers = [True if text in _TRUE else False if text in _FALSE else None for text in plain]
    unknown = [answer is None and text not in BLANK for answer, text in zip(answers, plain, strict=True)]
    return (
        pd.Series(answers, index=values.index, dtype=object),
        pd.Series(unknown, index=values.index, dtype=bool),
    )


def _each(values: pd.Series, reader: Callable[[object], object]) -> pd.Series:
    """Apply a reader to every distinct cell once."""
    plain: Iterable[object] = values.tolist()
    known: dict[object, object] = {}
    answers = []
    for value in plain:
        if isinstance(value, list | dict):  # cells of GeoJSON may be trees
            answers.append(reader(str(value)))
            continue
        if value not in known:
            known[value] = reader(value)
        answers.append(known[value])
    return pd.Series(answers, index=values.index, dtype=object)
