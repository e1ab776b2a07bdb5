"""Values that an office reports: rule, unit, year, value."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lifecircle.errors import preview
from lifecircle.sources.figures import code_column, figure
from lifecircle.sources.files.cell_values import numbers, texts
from lifecircle.sources.files.columns import Wanted, heading_of, names_of
from lifecircle.sources.files.quantities import parse_unit, split_heading
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog
from lifecircle.study.sections import Indicators

__all__ = ["INDICATORS", "read_indicators"]

INDICATORS: Final = pd.DataFrame(
    {
        "rule": pd.Series([], dtype=object),
        "code": pd.Series([], dtype=object),
        "year": pd.Series([], dtype="float64"),
        "value": pd.Series([], dtype="float64"),
        "file": pd.Series([], dtype=object),
        "row": pd.Series([], dtype="int64"),
    }
)
"""The table of no indicators."""

_WANTED: Final[Wanted] = {
    "rule": (*names_of("rule"), "指标", "规则"),
    "code": names_of("code"),
    "year": (*names_of("year"), "年度"),
    "value": (*names_of("value"), "值"),
}


def read_indicators(source: Indicators, log: ReadingLog) -> pd.DataFrame:
    """The reported values of a .csv or .xlsx table.

    Returns
    -------
    DataFrame
        ``rule``, ``code``, ``year`` (NaN where blank), ``value``, and the ``file`` and ``row`` it stands in;
        every year is kept, rows without a value are left out and counted.

    Raises
    ------
    InputError
        If the file cannot be used; wrong values become faults of the log.
    """
    file = str(source.source)
    raw = read_table(
        source.source,
        log,
        subject="area",
        wanted=_WANTED,
        required={"rule", "value"},
        layer=source.layer,
        encoding=source.encoding,
    )
    code = code_column(raw, "code", log, subject="area", file=file)
    values, wrong = _values(raw, log, file)
    table = pd.DataFrame(
        {
            "rule": texts(raw["rule"]),
            "code": code,
            "year": figure(raw, "year", log, file=file),
            "value": values,
            "file": file,
            "row": raw.index.astype("int64"),
        }
    )
    blank = table["value"].isna() & ~wrong
    if blank.any():
        log.remark("area", "indicators-blank", item=file, count=int(blank.sum()))
    return table[table["value"].notna()].reset_index(drop=True)


def _values(raw: pd.DataFrame, log: ReadingLog, file: str) -> tuple[pd.Series, pd.Series]:
    """Reported values in their rule's unit, and which cells are none; 95% is 95 per cent, never 0.95."""
    heading = heading_of(raw, "value")
    cells = texts(raw["value"])
    shares = cells.str.endswith("%").astype(bool)
    values, wrong = numbers(cells.str.removesuffix("%").where(shares, raw["value"]))
    if wrong.any():
        rows, given = preview(raw.index[wrong]), preview(raw.loc[wrong, "value"])
        log.fault("not-a-number", place=(file, "", rows, heading), found=given)
    if shares.any():
        said = f"{heading}: {preview(cells[shares], 3)}"
        log.remark("area", "unit-converted", item=file, count=int(shares.sum()), value=said)
    unit = parse_unit(split_heading(heading)[1] or "")
    if unit is not None and unit.factor != 1.0:
        log.remark("area", "unit-unknown", item=file, count=len(raw), value=heading, severity="warning")
    return values, wrong
