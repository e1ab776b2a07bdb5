"""Columns of codes and figures in a layer: parsed, or refused with the rows named."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lifecircle.sources.cells import codes, numbers
from lifecircle.sources.log import ReadingLog, some

__all__ = ["figure", "named_codes"]


def figure(frame: pd.DataFrame, ours: str, log: ReadingLog, *, file: str, field: str = "") -> pd.Series:
    """One column of counts or sizes as float64, NaN where blank or where there is no such column.

    Cells that are no number, infinities and negative numbers become faults of the log.
    """
    if ours not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    found, wrong = numbers(frame[ours])
    _fault(log, "not-a-number", frame.index[wrong], frame.loc[wrong, ours], (file, field or ours))
    negative = found < 0
    _fault(log, "negative", frame.index[negative], found[negative], (file, field or ours))
    return found


def named_codes(
    frame: pd.DataFrame, ours: str, log: ReadingLog, *, subject: str, file: str, field: str = ""
) -> pd.Series:
    """One column of codes as text: unique and never blank, else faults of the log.

    Codes that a spreadsheet had turned into floats are restored and counted; codes shorter than most
    are remarked upon, since leading zeros may be lost.
    """
    found, restored, lost = codes(frame[ours])
    field = field or ours
    _fault(log, "code-lost-digits", frame.index[lost], found[lost], (file, field))
    blank = found == ""
    _fault(log, "blank-code", frame.index[blank], [], (file, field))
    double = found.duplicated(keep=False) & ~blank & ~lost
    _fault(log, "duplicate-code", frame.index[double], sorted(set(found[double])), (file, field))
    if restored:
        log.remark(subject, "codes-restored", item=file, count=restored)
    _remark_short(found[~blank & ~lost], log, subject, file)
    return found


def _remark_short(found: pd.Series, log: ReadingLog, subject: str, file: str) -> None:
    """Digits-only codes that are shorter than most of their column."""
    digits = found[found.str.isdigit().astype(bool)] if len(found) else found
    if digits.empty:
        return
    lengths = digits.str.len()
    usual = int(lengths.mode().max())
    short = digits[lengths < usual]
    if len(short) and len(short) < len(digits):
        log.remark(subject, "codes-short", item=file, count=len(short), value=some(short), severity="warning")


def _fault(
    log: ReadingLog, key: str, rows: Iterable[object], found: Iterable[object], place: tuple[str, str]
) -> None:
    """One fault for all rows of a column that share it."""
    file, field = place
    listed = list(rows)
    if listed:
        log.fault(key, place=(file, "", some(listed), field), found=some(found), count=len(listed))
