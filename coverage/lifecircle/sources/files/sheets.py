"""CSV and Excel tables as text: sheet, heading row, hidden and merged cells found and said, not assumed."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.sources.files.cell_values import key
from lifecircle.sources.files.columns import FILLED, UNIT_NOTE, UNVALUED
from lifecircle.sources.files.delimited import read_delimited
from lifecircle.sources.files.encodings import require_encoding
from lifecircle.sources.files.sheet_rows import (
    HEADING_ROWS,
    RawTable,
    SheetRemark,
    WantedColumns,
    find_heading,
    rows_below,
)
from lifecircle.sources.files.xlsx import CELLS_LIMIT, SheetCells, read_workbook_cells

__all__ = ["Sheet", "read_sheet", "sheet_names"]

_VERSION: Final = re.compile(
    r"(?:19|20)\d\d|旧|备份|副本|作废|历史|修改前|old|backup|copy|draft|\(\d+\)$", re.IGNORECASE
)
_KEPT_BYTES: Final = 5_000_000
"""Larger workbooks are read anew for every sheet, so that they need not fit in memory at once."""


@dataclass(frozen=True)
class Sheet:
    """One table of text cells; the index is the row number that a spreadsheet shows.

    Where several sheets were read as one table, labels are ``sheet!row``.
    """

    frame: pd.DataFrame
    layer: str
    encoding: str
    totals: int = 0
    """Rows left out because they hold totals."""
    remarks: tuple[SheetRemark, ...] = ()


def read_sheet(
    path: Path,
    *,
    layer: str = "",
    encoding: str = "",
    headings: Iterable[tuple[str, ...]] = (),
    further: Iterable[tuple[str, ...]] = (),
) -> Sheet:
    """Read a ``.csv`` or ``.xlsx`` table with every cell as text.

    Parameters
    ----------
    path
        An existing file.
    layer
        Sheet of a workbook. Blank: the visible sheet that holds the headings; where several hold the same
        headings they are one table, unless their names tell of years or copies.
    encoding
        Of a CSV; blank: detected. A declared encoding wins.
    headings
        Columns to look for, each with the names it may have: the heading row is the first row (or pair
        of rows, where headings are merged) that holds them all, else the one that holds most.
    further
        Columns that need not be there, but decide between a row and a pair of rows.

    Raises
    ------
    InputError
        If the file cannot be read, has no such sheet, several that differ, only hidden ones, or (a CSV)
        rows longer than its heading.
    """
    groups = WantedColumns(list(headings), list(further))
    if path.suffix.lower() == ".xlsx":
        return _read_workbook(path, layer, groups)
    if encoding:
        require_encoding(encoding, path)
    rows, used = read_delimited(path, encoding, lambda rows: len(find_heading(rows, groups).known))
    sparse = [
        (number, {column: said for column, cell in enumerate(row) if (said := cell.strip())})
        for number, row in enumerate(rows, 1)
    ]
    table = RawTable("", rows[: HEADING_ROWS + 2], sparse, ragged_is_wrong=True)
    heading = find_heading(table.head, groups)
    frame, totals, remarks = rows_below(path, table, heading)
    return Sheet(frame, "", used, totals, tuple(remarks))


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in order.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return [sheet.name for sheet in read_workbook_cells(path, names_only=True)]


def _read_workbook(path: Path, layer: str, groups: WantedColumns) -> Sheet:
    """The sheet asked for, or those that hold the headings."""
    state = path.stat()
    small = state.st_size <= _KEPT_BYTES
    sheets = _kept_sheets(path, state.st_mtime_ns, state.st_size) if small else read_workbook_cells(path)
    if layer:
        chosen = [sheet for sheet in sheets if sheet.name == layer]
        if not chosen:
            values = {"found": ", ".join(sheet.name for sheet in sheets)}
            raise MissingInputError(Fault("no-layer", file=str(path), layer=layer, values=values))
        remarks = [SheetRemark("hidden-sheet-read", value=layer)] if chosen[0].hidden else []
        tables = [_workbook_table(chosen[0])]
    else:
        tables, remarks = _sheets_meant(path, sheets, groups)
    frames, totals = [], 0
    for table in tables:
        frame, left_out, said = rows_below(path, table, find_heading(table.head, groups))
        if len(tables) > 1:
            frame = _labelled(frame, table.name)
            said = [
                SheetRemark(one.remark, one.count, f"{table.name}: {one.value}", one.severity) for one in said
            ]
        frames.append(frame)
        totals += left_out
        remarks.extend(said)
    names = ", ".join(table.name for table in tables)
    if len(frames) > 1:
        remarks.append(SheetRemark("sheets-joined", len(frames), names, "warning"))
    return Sheet(_stacked(frames), names, "xlsx", totals, remarks=tuple(remarks))


@functools.lru_cache(maxsize=1)
def _kept_sheets(path: Path, _changed_ns: int, _size: int) -> list[SheetCells]:
    """All sheets of the workbook read last: ledgers are asked for one by one, opening takes longest."""
    return read_workbook_cells(path)


def _workbook_table(sheet: SheetCells) -> RawTable:
    """A worksheet's rows, and its first ones densely with merged cells filled."""
    last = min(HEADING_ROWS + 2, max(sheet.rows, default=0))
    width = max((max(cells) + 1 for number, cells in sheet.rows.items() if number <= last), default=0)
    head = [[sheet.rows.get(number, {}).get(at, "") for at in range(width)] for number in range(1, last + 1)]
    work = 0
    for first_row, last_row, first, end in sheet.merged:
        if first_row <= last and first < width and work < CELLS_LIMIT:
            work += (min(last_row, last) + 1 - first_row) * (min(end, width - 1) + 1 - first)
            said = sheet.rows.get(first_row, {}).get(first, "")
            for row, column in itertools.product(
                range(first_row, min(last_row, last) + 1), range(first, min(end, width - 1) + 1)
            ):
                head[row - 1][column] = said
    return RawTable(sheet.name, head, sorted(sheet.rows.items()), sheet)


def _sheets_meant(
    path: Path, sheets: Sequence[SheetCells], groups: WantedColumns
) -> tuple[list[RawTable], list[SheetRemark]]:
    """The visible sheets that hold the headings, all of them where they are alike."""
    tables = {sheet.name: _workbook_table(sheet) for sheet in sheets}
    headings = {name: find_heading(table.head, groups) for name, table in tables.items()}
    visible = [sheet.name for sheet in sheets if not sheet.hidden and sheet.rows]
    hidden = [sheet.name for sheet in sheets if sheet.hidden and sheet.rows]
    most = max((len(headings[name].known) for name in visible), default=0)
    most_hidden = max((len(headings[name].known) for name in hidden), default=0)
    if most_hidden > most:
        choices = ", ".join(name for name in hidden if len(headings[name].known) == most_hidden)
        raise InputError(Fault("only-hidden-sheets", file=str(path), values={"choices": choices}))
    meant = [name for name in visible if most and len(headings[name].known) == most] or visible[:1]
    meant = meant or [sheet.name for sheet in sheets][:1]
    if not meant:
        raise InputError(Fault("empty-layer", file=str(path)))
    if len(meant) > 1:
        alike = len({frozenset(map(key, filter(None, headings[name].names))) for name in meant}) == 1
        if not alike or any(_VERSION.search(name) for name in meant):
            values = {"choices": ", ".join(meant), "one": meant[-1]}
            raise InputError(Fault("several-sheets", file=str(path), values=values))
    remarks = []
    unread = [name for name in visible if name not in meant]
    if unread:
        remarks.append(SheetRemark("sheets-unread", len(unread), ", ".join(unread)))
    passed_over = [name for name in hidden if headings[name].known and len(headings[name].known) == most]
    if passed_over:
        remarks.append(
            SheetRemark("hidden-sheets-unread", len(passed_over), ", ".join(passed_over), "warning")
        )
    return [tables[name] for name in meant], remarks


def _labelled(frame: pd.DataFrame, sheet: str) -> pd.DataFrame:
    """Rows named by their sheet, too."""
    named = frame.set_axis(pd.Index([f"{sheet}!{row}" for row in frame.index], dtype=object))
    named.attrs = {
        **frame.attrs,
        UNVALUED: {
            name: [f"{sheet}!{cell}" for cell in cells] for name, cells in frame.attrs[UNVALUED].items()
        },
    }
    return named


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables with the same headings as one."""
    if len(frames) == 1:
        return frames[0]
    attrs = [frame.attrs for frame in frames]
    for frame in frames:
        frame.attrs = {}
    joined = pd.concat(frames)
    joined.attrs = dict(attrs[0])
    for kind in (FILLED, UNVALUED):
        merged: dict[str, list[str]] = {}
        for one in attrs:
            for name, cells in one[kind].items():
                merged.setdefault(name, []).extend(cells)
        joined.attrs[kind] = merged
    joined.attrs[UNIT_NOTE] = next((one[UNIT_NOTE] for one in attrs if one[UNIT_NOTE]), "")
    return joined
