"""CSV and Excel tables as text: sheet, heading row, hidden and merged cells found and said, not assumed."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd

from lifecircle.errors import Fault, InputError, MissingInputError, preview
from lifecircle.sources.files.cell_values import key, tidy
from lifecircle.sources.files.columns import FILLED, REPEATED, UNIT_NOTE, UNVALUED
from lifecircle.sources.files.delimited import read_delimited
from lifecircle.sources.files.encodings import require_encoding
from lifecircle.sources.files.opening import too_large
from lifecircle.sources.files.quantities import parse_unit, split_heading
from lifecircle.sources.files.xlsx import CELLS_LIMIT, SheetCells, read_workbook_cells

__all__ = ["Sheet", "SheetRemark", "read_sheet", "sheet_names"]

Row: TypeAlias = list[str]
Names: TypeAlias = Sequence[tuple[str, ...]]
_HEADING_ROWS: Final = 20
_TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "total"})
_NOTE: Final = re.compile(
    r"(?:注|备注|附注|说明|填表|填报|制表|审核|审批|负责人|联系|数据来源|资料来源|来源|日期|notes?|sources?)"
    r"[^:：]{0,8}[:：]",
    re.IGNORECASE,
)
_UNIT_NOTE: Final = re.compile(r"(?:计量)?单位\s*[:：]\s*([^)）\]】]+)")
_VERSION: Final = re.compile(
    r"(?:19|20)\d\d|旧|备份|副本|作废|历史|修改前|old|backup|copy|draft|\(\d+\)$", re.IGNORECASE
)
_KEPT_BYTES: Final = 5_000_000
"""Larger workbooks are read anew for every sheet, so that they need not fit in memory at once."""


@dataclass(frozen=True)
class SheetRemark:
    """Something that reading a table decided: key, count, value and severity of a data-quality remark."""

    remark: str
    count: int = 0
    value: str = ""
    severity: str = "info"


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


@dataclass(frozen=True)
class _Wanted:
    """Columns to look for: those by which a heading row is known, and further ones."""

    needed: Names = ()
    further: Names = ()


@dataclass(frozen=True)
class _Heading:
    """Where a table's data start, what stands over its columns, and which of those looked for are there."""

    start: int
    names: Row
    above: Row
    known: frozenset[int] = frozenset()
    unit_note: str = ""


@dataclass(frozen=True)
class _Table:
    """Rows before their heading is known."""

    name: str
    head: Sequence[Row]
    rows: Sequence[tuple[int, dict[int, str]]]
    cells: SheetCells = field(default_factory=lambda: SheetCells(""))
    ragged_is_wrong: bool = False


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
    groups = _Wanted(list(headings), list(further))
    if path.suffix.lower() == ".xlsx":
        return _read_workbook(path, layer, groups)
    if encoding:
        require_encoding(encoding, path)
    rows, used = read_delimited(path, encoding, lambda rows: len(_heading(rows, groups).known))
    sparse = [
        (number, {column: cell.strip() for column, cell in enumerate(row) if cell.strip()})
        for number, row in enumerate(rows, 1)
    ]
    table = _Table("", rows[: _HEADING_ROWS + 2], sparse, ragged_is_wrong=True)
    heading = _heading(table.head, groups)
    frame, totals, remarks = _frame(path, table, heading)
    return Sheet(frame, "", used, totals, tuple(remarks))


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in order.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return [sheet.name for sheet in read_workbook_cells(path, names_only=True)]


def _read_workbook(path: Path, layer: str, groups: _Wanted) -> Sheet:
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
        frame, left_out, said = _frame(path, table, _heading(table.head, groups))
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


def _workbook_table(sheet: SheetCells) -> _Table:
    """A worksheet's rows, and its first ones densely with merged cells filled."""
    last = min(_HEADING_ROWS + 2, max(sheet.rows, default=0))
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
    return _Table(sheet.name, head, sorted(sheet.rows.items()), sheet)


def _sheets_meant(
    path: Path, sheets: Sequence[SheetCells], groups: _Wanted
) -> tuple[list[_Table], list[SheetRemark]]:
    """The visible sheets that hold the headings, all of them where they are alike."""
    tables = {sheet.name: _workbook_table(sheet) for sheet in sheets}
    headings = {name: _heading(table.head, groups) for name, table in tables.items()}
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


def _heading(rows: Sequence[Row], groups: _Wanted) -> _Heading:
    """The row, or pair of rows, that holds most of the columns looked for."""
    best = _Heading(0, [], [], frozenset())
    most = (-1, -1)
    for number, row in enumerate(rows[:_HEADING_ROWS]):
        single = [tidy(cell) for cell in row]
        if not any(single):
            continue
        before = [tidy(cell) for cell in rows[number - 1]] if number else []
        options = [(number + 1, single, before)]
        if number + 1 < len(rows):
            below = [tidy(cell) for cell in rows[number + 1]]
            width = max(len(single), len(below))
            below += [""] * (width - len(below))
            above = single + [""] * (width - len(single))
            options.append((number + 2, [low or high for low, high in zip(below, above, strict=True)], above))
        for start, names, above in options:
            heading = _Heading(start, names, above)
            known = _keys(name for name in {*names, *_distinct(heading)[0]} if name)
            known_groups = frozenset(
                place for place, group in enumerate(groups.needed) if _has_column(known, group)
            )
            score = (len(known_groups), sum(_has_column(known, group) for group in groups.further))
            if score > most:
                most, best = score, dataclasses.replace(heading, known=known_groups)
        if most[0] == len(groups.needed):
            break
    return _with_units(best, rows)


def _keys(names: Iterable[str]) -> frozenset[str]:
    """Headings as they compare, with their units and without."""
    return frozenset(key(said) for name in names for said in (name, split_heading(name)[0]))


def _has_column(known: frozenset[str], group: tuple[str, ...]) -> bool:
    """Whether a heading row (as `_keys`) holds one of the names."""
    return any(key(name) in known for name in group)


def _with_units(heading: _Heading, rows: Sequence[Row]) -> _Heading:
    """A row of units below the heading joined to it; a note such as 单位：万人 above it kept."""
    start, names = heading.start, heading.names
    if start < len(rows):
        below = [tidy(cell).strip("()（）") for cell in rows[start]]
        below += [""] * (len(names) - len(below))
        if any(below) and all(not cell or parse_unit(cell) is not None for cell in below):
            names = [f"{name}（{unit}）" if unit else name for name, unit in zip(names, below, strict=False)]
            start += 1
    notes = [match[1] for row in rows[: heading.start] for cell in row if (match := _UNIT_NOTE.search(cell))]
    return dataclasses.replace(heading, start=start, names=names, unit_note=notes[0].strip() if notes else "")


def _frame(path: Path, table: _Table, heading: _Heading) -> tuple[pd.DataFrame, int, list[SheetRemark]]:
    """Rows below the heading, blank rows, totals and notes left out; rows left out; what was decided."""
    names, repeated = _distinct(heading)
    columns = [place for place, name in enumerate(names) if name]
    filled = _fill_merged(path, table, heading, columns)
    kept: list[Row] = []
    labels: list[str] = []
    left: dict[str, list[str]] = {"totals": [], "note-rows": [], "heading-rows": []}
    ragged: list[str] = []
    unheaded: list[str] = []
    for number, cells in table.rows:
        if number <= heading.start or not cells:
            continue
        if why := _no_data(cells, heading.names):
            left[why].append(str(number))
            continue
        if any(place >= len(names) for place in cells) and table.ragged_is_wrong:
            ragged.append(str(number))
        elif any(place >= len(names) or not names[place] for place in cells):
            unheaded.append(str(number))
        row = [cells.get(place, "").strip() for place in columns]
        if any(row):
            kept.append(row)
            labels.append(str(number))
    if ragged:
        values = {"columns": len(names)}
        raise InputError(
            Fault("ragged-row", file=str(path), layer=table.name, row=preview(ragged), values=values)
        )
    frame = pd.DataFrame(
        kept, index=pd.Index(labels, dtype=object), columns=[names[place] for place in columns], dtype=object
    )
    frame.attrs[REPEATED] = repeated
    frame.attrs[UNIT_NOTE] = heading.unit_note
    frame.attrs[FILLED] = {names[place]: rows for place, rows in filled.items()}
    frame.attrs[UNVALUED] = _unvalued(table, heading, names)
    remarks = [
        SheetRemark(why, len(rows), preview(rows)) for why, rows in left.items() if rows and why != "totals"
    ]
    if left["totals"]:
        remarks.append(SheetRemark("total-rows", len(left["totals"]), preview(left["totals"])))
    if unheaded:
        remarks.append(SheetRemark("cells-without-heading", len(unheaded), preview(unheaded)))
    return frame, len(left["totals"]), [*remarks, *_hidden(table, labels, columns, names, filled)]


def _no_data(cells: Mapping[int, str], names: Row) -> str:
    """Why a row is none of the table's: totals, a note, the heading printed anew; blank where it is."""
    if any(key(cells.get(place, "")) in _TOTALS for place in (0, 1)):
        return "totals"
    if all(_NOTE.match(tidy(cell)) for cell in cells.values()):
        return "note-rows"
    anew = all(place < len(names) and tidy(cell) == names[place] for place, cell in cells.items())
    return "heading-rows" if anew else ""


def _hidden(
    table: _Table, labels: Row, columns: list[int], names: Row, filled: Mapping[int, list[str]]
) -> list[SheetRemark]:
    """What a user of the workbook does not see but was read, and merged cells that were filled."""
    sheet = table.cells
    remarks = []
    rows = [label for label in labels if int(label) in sheet.hidden_rows]
    if rows:
        remarks.append(SheetRemark("hidden-rows-read", len(rows), preview(rows), "warning"))
    unseen = [names[place] for place in columns if place in sheet.hidden_columns]
    if unseen:
        remarks.append(SheetRemark("hidden-columns-read", len(unseen), preview(unseen)))
    if filled:
        cells = sum(map(len, filled.values()))
        remarks.append(SheetRemark("merged-cells-filled", cells, preview(names[place] for place in filled)))
    return remarks


def _fill_merged(path: Path, table: _Table, heading: _Heading, columns: list[int]) -> dict[int, list[str]]:
    """Give every row below the heading what its merged cells show, in place: the rows filled, by column."""
    wanted = set(columns)
    by_number = dict(table.rows)
    numbers = sorted(by_number)
    filled: dict[int, list[str]] = {}
    work = 0
    for first, last, column, _ in table.cells.merged:
        said = by_number.get(first, {}).get(column, "")
        if first <= heading.start or first == last or not said or column not in wanted:
            continue
        under = numbers[bisect_right(numbers, first) : bisect_right(numbers, last)]
        work += len(under)
        if work > CELLS_LIMIT:
            raise too_large(path, "merged", CELLS_LIMIT)
        for number in under:
            by_number[number].setdefault(column, said)
            filled.setdefault(column, []).append(str(number))
    return filled


def _unvalued(table: _Table, heading: _Heading, names: Row) -> dict[str, list[str]]:
    """Addresses of formulas without a stored value, by the column they stand in."""
    unvalued: dict[str, list[str]] = {}
    for address in table.cells.unvalued:
        letters = address.rstrip("0123456789")
        place = functools.reduce(lambda total, sign: total * 26 + ord(sign) - 64, letters, 0) - 1
        if int(address[len(letters) :]) > heading.start and place < len(names) and names[place]:
            unvalued.setdefault(names[place], []).append(address)
    return unvalued


def _distinct(heading: _Heading) -> tuple[Row, dict[str, tuple[str, ...]]]:
    """Headings made unique, and which columns each repeated one stands over.

    A heading that stands twice is told apart by what stands above it (``2019年/建筑面积``), else by number.
    """
    names = list(heading.names)
    above = [*heading.above, *[""] * (len(names) - len(heading.above))]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name:
            places.setdefault(key(name), []).append(place)
    repeated = {}
    for folded, twice in places.items():
        if len(twice) == 1:
            continue
        over = [_over(above, place) for place in twice]
        apart = len(set(over)) == len(over) and all(over) and not any(key(text) == folded for text in over)
        for count, (place, text) in enumerate(zip(twice, over, strict=True), 1):
            names[place] = f"{text}/{names[place]}" if apart else f"{names[place]} ({count})"
        repeated[folded] = tuple(names[place] for place in twice)
        repeated.setdefault(key(split_heading(heading.names[twice[0]])[0]), repeated[folded])
    return names, repeated


def _over(above: Row, place: int) -> str:
    """What stands above a column; a text that spans several columns stands over the first of them."""
    return next((text for text in reversed(above[: place + 1]) if text), "")


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
