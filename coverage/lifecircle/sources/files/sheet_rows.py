"""The heading row of a table and the rows below it: units, notes, totals, merged cells, blank rows."""

from __future__ import annotations

import dataclasses
import functools
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.files.cell_values import key, tidy
from lifecircle.sources.files.columns import FILLED, REPEATED, UNIT_NOTE, UNVALUED
from lifecircle.sources.files.opening import too_large
from lifecircle.sources.files.quantities import parse_unit, split_heading
from lifecircle.sources.files.xlsx import CELLS_LIMIT, SheetCells

__all__ = ["HEADING_ROWS", "Names", "RawTable", "SheetRemark", "WantedColumns", "find_heading", "rows_below"]

Row: TypeAlias = list[str]
Names: TypeAlias = Sequence[tuple[str, ...]]
HEADING_ROWS: Final = 20
_TOTALS: Final = re.compile(r"(?:\w{0,12}(?:合计|总计|小计|共计)|total)(?:[(\[:：].*)?", re.IGNORECASE)
"""合计, 本页小计, 某街道合计, 合计：12 and the like: no place is called so."""
_TOTAL_SIGNS: Final = re.compile("计|total|ｔ|Ｔ", re.IGNORECASE)
_SECTION: Final = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、.．部]|[（(][一二三四五六七八九十]{1,3}[）)]).*"
)
"""一、东区: a row that heads those below it."""
_NOTE: Final = re.compile(
    r"(?:注|备注|附注|说明|填表|填报|制表|审核|审批|负责人|联系|数据来源|资料来源|来源|日期|notes?|sources?)"
    r"[^:：]{0,8}[:：]",
    re.IGNORECASE,
)
_UNIT_NOTE: Final = re.compile(r"(?:计量)?单位\s*[:：]\s*([^)）\]】]+)")


@dataclass(frozen=True)
class SheetRemark:
    """Something that reading a table decided: key, count, value and severity of a data-quality remark."""

    remark: str
    count: int = 0
    value: str = ""
    severity: str = "info"


@dataclass(frozen=True)
class WantedColumns:
    """Columns to look for: those by which a heading row is known, and further ones."""

    needed: Names = ()
    further: Names = ()


@dataclass(frozen=True)
class Heading:
    """Where a table's data start, what stands over its columns, and which of those looked for are there."""

    start: int
    names: Row
    above: Row
    known: frozenset[int] = frozenset()
    unit_note: str = ""


@dataclass(frozen=True)
class RawTable:
    """Rows before their heading is known."""

    name: str
    head: Sequence[Row]
    rows: Sequence[tuple[int, dict[int, str]]]
    cells: SheetCells = field(default_factory=lambda: SheetCells(""))
    ragged_is_wrong: bool = False


def find_heading(rows: Sequence[Row], groups: WantedColumns) -> Heading:
    """The row, or pair of rows, that holds most of the columns looked for."""
    best = Heading(0, [], [], frozenset())
    most = (-1, -1)
    needed = [frozenset(map(key, group)) for group in groups.needed]
    further = [frozenset(map(key, group)) for group in groups.further]
    for number, row in enumerate(rows[:HEADING_ROWS]):
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
        better = False
        for start, names, above in options:
            heading = Heading(start, names, above)
            known = _keys(name for name in {*names, *_distinct(heading)[0]} if name)
            known_groups = frozenset(
                place for place, group in enumerate(needed) if not known.isdisjoint(group)
            )
            score = (len(known_groups), sum(not known.isdisjoint(group) for group in further))
            if score > most:
                better = True
                most, best = score, dataclasses.replace(heading, known=known_groups)
        # A title may pair with the first of two heading rows: the search ends where a row brings no more.
        if most[0] == len(groups.needed) and not better:
            break
    return _with_units(best, rows)


def _keys(names: Iterable[str]) -> frozenset[str]:
    """Headings as they compare, with their units and without."""
    return frozenset(key(said) for name in names for said in (name, split_heading(name)[0]))


def _with_units(heading: Heading, rows: Sequence[Row]) -> Heading:
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


def rows_below(path: Path, table: RawTable, heading: Heading) -> tuple[pd.DataFrame, int, list[SheetRemark]]:
    """Rows below the heading, blank rows, totals and notes left out; rows left out; what was decided."""
    names, repeated = _distinct(heading)
    columns = [place for place, name in enumerate(names) if name]
    filled = _fill_merged(path, table, heading, columns)
    headed = frozenset(columns)
    kept: list[Row] = []
    labels: list[str] = []
    left: dict[str, list[str]] = {"totals": [], "note-rows": [], "heading-rows": [], "section-rows": []}
    across = {first for first, _, start, end in table.cells.merged if start == 0 and end >= len(names) - 1}
    ragged: list[str] = []
    unheaded: list[str] = []
    for number, cells in table.rows:
        if number <= heading.start or not cells:
            continue
        if why := _no_data(cells, heading.names, across=number in across):
            left[why].append(str(number))
            continue
        if not headed.issuperset(cells):
            wider = table.ragged_is_wrong and max(cells) >= len(names)
            (ragged if wider else unheaded).append(str(number))
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


def _no_data(cells: Mapping[int, str], names: Row, *, across: bool) -> str:
    """Why a row is none of the table's: totals, a note, the heading printed anew; blank where it is.

    A text in the first column alone heads the rows below it where it is numbered 一、 or merged `across` the
    whole table.
    """
    first = next(iter(cells.items()))
    for place in (0, 1):
        said = cells.get(place, "")
        if _TOTAL_SIGNS.search(said) and _TOTALS.fullmatch(key(said)):
            return "totals"
    if (":" in first[1] or "：" in first[1]) and all(_NOTE.match(tidy(cell)) for cell in cells.values()):
        return "note-rows"
    if len(cells) == 1 < len(names) - 1 and first[0] == 0 and (across or _SECTION.fullmatch(tidy(first[1]))):
        return "section-rows"
    anew = all(place < len(names) and tidy(cell) == names[place] for place, cell in cells.items())
    return "heading-rows" if anew else ""


def _hidden(
    table: RawTable, labels: Row, columns: list[int], names: Row, filled: Mapping[int, list[str]]
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


def _fill_merged(path: Path, table: RawTable, heading: Heading, columns: list[int]) -> dict[int, list[str]]:
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


def _unvalued(table: RawTable, heading: Heading, names: Row) -> dict[str, list[str]]:
    """Addresses of formulas without a stored value, by the column they stand in."""
    unvalued: dict[str, list[str]] = {}
    for address in table.cells.unvalued:
        letters = address.rstrip("0123456789")
        place = functools.reduce(lambda total, sign: total * 26 + ord(sign) - 64, letters, 0) - 1
        if int(address[len(letters) :]) > heading.start and place < len(names) and names[place]:
            unvalued.setdefault(names[place], []).append(address)
    return unvalued


def _distinct(heading: Heading) -> tuple[Row, dict[str, tuple[str, ...]]]:
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
