"""Columns of codes and figures in a layer: parsed, or refused with the rows named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.errors import preview
from lifecircle.sources.files.cell_values import NO_CODE, codes, flags, numbers, says_unknown, texts
from lifecircle.sources.log import ReadingLog

__all__ = ["check_parts", "figure", "figure_or_mark", "mark", "named_codes"]

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

_MOST: Final[Mapping[str, float]] = {"open_hours_per_day": 24.0, "open_days_per_week": 7.0}
_ROUNDING: Final = 1e-6


def figure(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, file: str, field: str = "", subject: str = "area"
) -> pd.Series:
    """One column of counts or sizes as float64, NaN where blank or where there is no such column.

    Cells that are no number, infinities, negative numbers and more hours than a day has become faults of
    the log. A word for nothing (N/A, NaN, 无) is unknown, never 0, and remarked upon under `subject`.
    """
    if ours not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    found, wrong = numbers(frame[ours])
    place = (file, field or ours)
    _remark_unknown(frame[ours], says_unknown(frame[ours]), log, subject, place)
    _fault(log, "not-a-number", frame.index[wrong], frame.loc[wrong, ours], place)
    _refuse_impossible(found, ours, log, place)
    return found


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
    _remark_unknown(frame[ours], silent, log, subject, (file, field or ours))
    words = sorted(set(texts(frame.loc[unknown, ours])))
    _fault(log, "not-yes-or-no", frame.index[unknown], words, (file, field or ours))
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
    found, wrong = numbers(frame[ours])
    unknown = wrong & answers.isna()
    in_words = bool((wrong & ~unknown).any())
    place = (file, field or ours)
    silent = says_unknown(frame[ours]) & (answers.isna() | (not in_words))
    _remark_unknown(frame[ours], silent, log, subject, place)
    _fault(log, "not-a-number", frame.index[unknown], frame.loc[unknown, ours], place)
    _refuse_impossible(found, ours, log, place)
    if not in_words:
        return found
    counted = (found != 0).astype(object).where(found.notna(), None)
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
        found = [f"{a:g} > {b:g}" for a, b in zip(table.loc[over, part], table.loc[over, whole], strict=True)]
        place = (file, called.get(part, part))
        _fault(log, "part-over-whole", table.index[over], found, place, whole=called.get(whole, whole))


def named_codes(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, subject: str, file: str, field: str = ""
) -> pd.Series:
    """One column of codes as text: unique and never blank (nor NaN or null), else faults of the log.

    Codes that a spreadsheet had turned into floats are restored and counted; codes shorter than most
    are remarked upon, since leading zeros may be lost.
    """
    found, restored, lost = codes(frame[ours])
    field = field or ours
    _fault(log, "code-lost-digits", frame.index[lost], found[lost], (file, field))
    blank = found.map(lambda code: code == "" or code.casefold() in NO_CODE).astype(bool)
    _fault(log, "blank-code", frame.index[blank], [], (file, field))
    double = found.duplicated(keep=False) & ~blank & ~lost
    _fault(log, "duplicate-code", frame.index[double], sorted(set(found[double])), (file, field))
    if restored:
        log.remark(subject, "codes-restored", item=file, count=restored)
    _remark_short(found[~blank & ~lost], log, subject, file)
    return found


def _refuse_impossible(found: pd.Series, ours: str, log: ReadingLog, place: tuple[str, str]) -> None:
    """Nothing is less than nothing, and a day has 24 hours."""
    negative = found < 0
    _fault(log, "negative", found.index[negative], found[negative], place)
    if ours in _MOST:
        over = found > _MOST[ours]
        _fault(log, "over-the-most", found.index[over], found[over], place, most=f"{_MOST[ours]:g}")


def _remark_unknown(
    cells: pd.Series, silent: pd.Series, log: ReadingLog, subject: str, place: tuple[str, str]
) -> None:
    """Words for nothing: whoever wrote them may have meant unknown, or none at all."""
    if not silent.any():
        return
    file, field = place
    words = " ".join(sorted(set(texts(cells[silent]))))
    value = f"{field}: {words} ({preview(cells.index[silent])})"
    log.remark(
        subject, "words-for-nothing", item=file, count=int(silent.sum()), value=value, severity="warning"
    )


def _remark_short(found: pd.Series, log: ReadingLog, subject: str, file: str) -> None:
    """Digits-only codes that are shorter than most of their column."""
    digits = found[found.str.isdigit().astype(bool)] if len(found) else found
    if digits.empty:
        return
    lengths = digits.str.len()
    usual = int(lengths.mode().max())
    short = digits[lengths < usual]
    if len(short) and len(short) < len(digits):
        log.remark(
            subject, "codes-short", item=file, count=len(short), value=preview(short), severity="warning"
        )


def _fault(
    log: ReadingLog,
    key: str,
    rows: Iterable[object],
    found: Iterable[object],
    place: tuple[str, str],
    **values: object,
) -> None:
    """One fault for all rows of a column that share it."""
    file, field = place
    listed = list(rows)
    if listed:
        log.fault(
            key, place=(file, "", preview(listed), field), found=preview(found), count=len(listed), **values
        )
