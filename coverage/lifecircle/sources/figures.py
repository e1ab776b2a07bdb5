"""Columns of codes and figures in a layer: parsed, or refused with the rows named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.errors import preview
from lifecircle.sources.files.cell_values import NO_CODE, codes, flags, numbers, says_unknown, texts
from lifecircle.sources.files.columns import UNIT_NOTE, heading_of
from lifecircle.sources.files.quantities import column_unit, factor_to, parse_unit, quantities, split_heading
from lifecircle.sources.log import ReadingLog

__all__ = ["check_parts", "code_column", "figure", "figure_or_mark", "mark", "named_codes"]

_PARTS: Final[Mapping[str, str]] = {
    "commercial_service_area_m2": "total_floor_area_m2",
    "activity_area_m2": "floor_area_m2",
    "community_workers_recruited": "community_workers",
    "community_workers_elected": "community_workers",
    "community_workers_public_posts": "community_workers",
    "certified_social_workers": "social_workers",
    "hub_social_organisations": "social_organisations",
    "auxiliary_police": "police_staff",
    "legal_literate_leaders": "legal_literate_persons",
    "population_urban": "population",
}
"""A figure that is part of another in the same row, and so never above it."""

_MOST: Final[Mapping[str, float]] = {
    "open_hours_per_day": 24.0,
    "open_days_per_week": 7.0,
    "entry_delay_min": 24.0 * 60.0,
}
_MOST_OF_UNIT: Final[Mapping[str, float]] = {
    "persons": 1e10,
    "households": 1e10,
    "dwellings": 1e10,
    "places": 1e8,
    "m2": 1e13,
    "CNY": 1e15,
    "year": 2200.0,
}
"""More than a country has; a year beyond is a date that a spreadsheet keeps as a number of days."""
_LEAST_OF_UNIT: Final[Mapping[str, float]] = {"year": 1000.0}
"""A year before is an age, or a year without its century."""
_NOTED: Final = re.compile(r"[,，;；、|\s]+")
_ROUNDING: Final = 1e-6


def figure(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, file: str, field: str = "", subject: str = "area"
) -> pd.Series:
    """One column of counts or sizes as float64, NaN where blank or where there is no such column.

    A unit in the heading or beside a number (万人, 公顷) is turned into the column's own and remarked upon;
    one of another kind is a fault. Cells that are no number, infinities, negative numbers and more than can
    be (25 hours a day) become faults of the log. A word for nothing (N/A, NaN, 无) is unknown, never 0, and
    remarked upon under `subject`.
    """
    if ours not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    place = (file, heading_of(frame, ours, field))
    factor, unit = _heading_unit(frame, ours, place, log, subject)
    read = quantities(frame[ours], column_unit(ours), heading_factor=factor)
    _remark_unknown(frame[ours], says_unknown(frame[ours]), log, subject, place)
    _fault(log, "not-a-number", frame.index[read.wrong], frame.loc[read.wrong, ours], place)
    unfit = frame.loc[read.unfit, ours]
    _fault(log, "cell-unit-unfit", unfit.index, unfit, place, target=_unit_words(ours))
    worded = frame.loc[read.worded, ours]
    converted = int((read.numbers.notna() & ~read.worded).sum()) if factor != 1.0 else 0
    said = [f"{place[1]}: {unit} = {factor:,.10g} {_unit_words(ours)}"] if converted else []
    if len(worded):
        said.append(f"{place[1]}: {preview(texts(worded), 3)}")
    if said:
        count = converted + len(worded)
        log.remark(subject, "unit-converted", item=file, count=count, value="; ".join(said))
    _refuse_impossible(read.numbers, ours, log, place)
    return read.numbers


def _heading_unit(
    frame: pd.DataFrame, ours: str, place: tuple[str, str], log: ReadingLog, subject: str
) -> tuple[float, str]:
    """What the unit over a column makes of its figures, and its words; 1 where there is none that fits."""
    file, heading = place
    _, words, beyond_doubt = split_heading(heading)
    if not words:
        words, beyond_doubt = _noted_unit(str(frame.attrs.get(UNIT_NOTE, "")), ours), False
    unit = parse_unit(words) if words else None
    if unit is None:
        return 1.0, ""
    target = column_unit(ours)
    factor = factor_to(unit, target) if target else None
    if factor is not None:
        return factor, words
    if target and beyond_doubt:
        values = {"unit": words, "target": _unit_words(ours), "count": len(frame)}
        log.fault("unit-unfit", place=(file, "", "", heading), **values)
    elif not target and unit.factor != 1.0:
        log.remark(subject, "unit-unknown", item=file, count=len(frame), value=heading, severity="warning")
    return 1.0, ""


def _noted_unit(note: str, ours: str) -> str:
    """Of the units that a note above a table names (单位：万人、公顷), the one that fits a column."""
    for words in _NOTED.split(note):
        unit = parse_unit(words)
        if unit is not None and unit.dimension and factor_to(unit, column_unit(ours)) is not None:
            return words
    return ""


def _unit_words(ours: str) -> str:
    """A column's unit as faults and remarks name it."""
    return column_unit(ours) or "-"


def mark(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, file: str, field: str = "", subject: str = "area"
) -> pd.Series:
    """One column of yes and no as True, False or None; other words are faults of the log.

    A word for nothing is neither yes nor no, and remarked upon under `subject`.
    """
    if ours not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    answers, unknown = flags(frame[ours])
    silent = says_unknown(frame[ours]) & answers.isna()
    place = (file, heading_of(frame, ours, field))
    _remark_unknown(frame[ours], silent, log, subject, place)
    words = sorted(set(texts(frame.loc[unknown, ours])))
    _fault(log, "not-yes-or-no", frame.index[unknown], words, place)
    return answers


def figure_or_mark(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, file: str, field: str = "", subject: str = "area"
) -> pd.Series:
    """A column that only a plan of the user's own knows: float64, or marks where it says so in words.

    Returns
    -------
    Series
        Numbers as `figure` reads them; where cells are yes and no in words, True, False or None, a number
        among them being yes unless it is 0.
    """
    answers, _ = flags(frame[ours])
    values, wrong = numbers(frame[ours])
    unknown = wrong & answers.isna()
    in_words = bool((wrong & ~unknown).any())
    place = (file, heading_of(frame, ours, field))
    _heading_unit(frame, ours, place, log, subject)
    silent = says_unknown(frame[ours]) & (answers.isna() | (not in_words))
    _remark_unknown(frame[ours], silent, log, subject, place)
    _fault(log, "not-a-number", frame.index[unknown], frame.loc[unknown, ours], place)
    _refuse_impossible(values, ours, log, place)
    if not in_words:
        return values
    counted = (values != 0).astype(object).where(values.notna(), None)
    return answers.where(answers.notna(), counted)


def check_parts(
    table: pd.DataFrame, log: ReadingLog, *, file: str, fields: Mapping[str, str] | None = None
) -> None:
    """Refuse rows in which a part is larger than its whole, as an area share of 140 % is.

    Parameters
    ----------
    table
        Figures under our names; a whole that is unknown contradicts nothing.
    log
        Takes one fault per pair of columns.
    file, fields
        For the faults: what the file calls each column.
    """
    called = fields or {}
    for part, whole in _PARTS.items():
        if part not in table or whole not in table:
            continue
        over = table[part] > table[whole] * (1 + _ROUNDING)
        excess = [
            f"{a:g} > {b:g}" for a, b in zip(table.loc[over, part], table.loc[over, whole], strict=True)
        ]
        place = (file, called.get(part, part))
        _fault(log, "part-over-whole", table.index[over], excess, place, whole=called.get(whole, whole))


def named_codes(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, subject: str, file: str, field: str = ""
) -> pd.Series:
    """One column of codes as text: unique and never blank (nor NaN or null), else faults of the log.

    Read as `code_column` does; codes shorter than most are remarked upon, since digits may be lost.
    """
    place = (file, heading_of(frame, ours, field))
    named, lost = _restored(frame, ours, log, subject, place)
    blank = named.map(lambda code: code == "" or code.casefold() in NO_CODE).astype(bool)
    _fault(log, "blank-code", frame.index[blank], [], place)
    double = named.duplicated(keep=False) & ~blank & ~lost
    _fault(log, "duplicate-code", frame.index[double], sorted(set(named[double])), place)
    _remark_short(named[~blank & ~lost], log, subject, file)
    return named


def code_column(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, subject: str, file: str, field: str = ""
) -> pd.Series:
    """One column of codes of other things (township, county, a facility's community); ``""`` where blank.

    What a spreadsheet made of them is undone and counted (`files.cell_values.codes`); codes that lost their
    digits to a scientific notation are faults of the log, with their rows.
    """
    if ours not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    named, _ = _restored(frame, ours, log, subject, (file, heading_of(frame, ours, field)))
    return named.where(~named.map(lambda code: code.casefold() in NO_CODE).astype(bool), "")


def _restored(
    frame: pd.DataFrame, ours: str, log: ReadingLog, subject: str, place: tuple[str, str]
) -> tuple[pd.Series, pd.Series]:
    """Codes of a column as text, and which lost digits."""
    named, restored, lost = codes(frame[ours])
    _fault(log, "code-lost-digits", frame.index[lost], named[lost], place)
    if restored:
        log.remark(subject, "codes-restored", item=place[0], count=restored)
    return named, lost


def _refuse_impossible(values: pd.Series, ours: str, log: ReadingLog, place: tuple[str, str]) -> None:
    """Nothing is less than nothing, and a day has 24 hours."""
    negative = values < 0
    _fault(log, "negative", values.index[negative], values[negative], place)
    most = _MOST.get(ours, _MOST_OF_UNIT.get(column_unit(ours), np.inf))
    over = (values > most) & np.isfinite(values)  # an infinity is told of as no number
    least = _LEAST_OF_UNIT.get(column_unit(ours), 0.0)
    under = (values >= 0) & (values < least)
    _fault(log, "under-the-least", values.index[under], values[under], place, least=f"{least:,.10g}")
    _fault(log, "over-the-most", values.index[over], values[over], place, most=f"{most:,.10g}")


def _remark_unknown(
    values: pd.Series, silent: pd.Series, log: ReadingLog, subject: str, place: tuple[str, str]
) -> None:
    """Words for nothing: whoever wrote them may have meant unknown, or none at all."""
    if not silent.any():
        return
    file, field = place
    words = " ".join(sorted(set(texts(values[silent]))))
    value = f"{field}: {words} ({preview(values.index[silent])})"
    log.remark(
        subject, "words-for-nothing", item=file, count=int(silent.sum()), value=value, severity="warning"
    )


def _remark_short(values: pd.Series, log: ReadingLog, subject: str, file: str) -> None:
    """Digits-only codes that are shorter than most of their column."""
    digits = values[values.str.isdigit().astype(bool)] if len(values) else values
    if digits.empty:
        return
    lengths = digits.str.len()
    usual = int(lengths.mode().max())
    short = digits[lengths < usual]
    if len(short) and len(short) < len(digits):
        named = [f"{row}: {code}" for row, code in short.items()]
        log.remark(
            subject, "codes-short", item=file, count=len(short), value=preview(named), severity="warning"
        )


def _fault(
    log: ReadingLog,
    key: str,
    rows: Iterable[object],
    given: Iterable[object],
    place: tuple[str, str],
    **values: object,
) -> None:
    """One fault for all rows of a column that share it."""
    file, field = place
    listed = list(rows)
    if listed:
        log.fault(
            key, place=(file, "", preview(listed), field), found=preview(given), count=len(listed), **values
        )
