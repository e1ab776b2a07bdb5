"""Workbooks of any layout against the list they were made from: a naive reader needs no layout at all."""

from __future__ import annotations

import math

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.sources.figures import figure, named_codes
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog

WANTED = {
    "code": ("社区代码",),
    "name": ("社区名称",),
    "population": ("常住人口",),
    "households": ("户数",),
}
WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
UNITS = {"": 1, "人": 1, "千人": 1_000, "万人": 10_000}

CODES = {
    "text": str,
    "number": int,
    "float": float,
    "apostrophe": lambda code: f"'{code}",
    "float text": lambda code: f"{code}.0",
    "wide": lambda code: str(code).translate(WIDE),
    "spaced": lambda code: f" {str(code)[:6]} {str(code)[6:]} ",
    "invisible": lambda code: f"\u200b{code}",
}
"""What spreadsheets and people make of a code."""

FIGURES = {
    "number": float,
    "text": lambda value: f"{value:.10g}",
    "grouped": lambda value: f"{value:,.10g}" if value < 1e9 else value,
    "wide": lambda value: f"{value:.10g}".translate(WIDE),
}


@st.composite
def ledgers(draw):
    """A list of rows, and how a workbook shows it."""
    count = draw(st.integers(1, 7))
    numbers = draw(st.lists(st.integers(1, 999), min_size=count, max_size=count, unique=True))
    codes = [130_102_001_000 + number for number in numbers]
    names = [f"第{number}社区" for number in range(count)]
    people = draw(st.lists(st.none() | st.integers(0, 400_000), min_size=count, max_size=count))
    homes = draw(st.lists(st.none() | st.integers(0, 99_999), min_size=count, max_size=count))
    layout = {
        "titles": draw(st.integers(0, 3)),
        "unit": draw(st.sampled_from(sorted(UNITS))),
        "unit_row": draw(st.booleans()),
        "grouped": draw(st.booleans()),
        "spaced": draw(st.booleans()),
        "order": draw(st.permutations(range(4))),
        "further": draw(st.integers(0, 2)),
        "code": draw(st.lists(st.sampled_from(sorted(CODES)), min_size=count, max_size=count)),
        "figure": draw(st.sampled_from(sorted(FIGURES))),
        "gaps": draw(st.sets(st.integers(0, count - 1))),
        "hidden": draw(st.sets(st.integers(0, count - 1))),
        "total": draw(st.booleans()),
        "note": draw(st.booleans()),
        "sections": draw(st.sets(st.integers(0, count - 1), max_size=2)),
    }
    return list(zip(codes, names, people, homes, strict=True)), layout


def _put(sheet, at, row, cells):
    """Four cells in the order of their columns."""
    for column, cell in enumerate(cells):
        sheet.cell(row, at[column], cell)


def _two_rows_of_headings(sheet, row, at, heads):
    """The two figures below one merged heading, code and name merged over both rows: the second row."""
    first = min(at[2], at[3])
    sheet.cell(row, first, "规模")
    sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=first + 1)
    for column in (0, 1):
        sheet.cell(row, at[column], heads[column])
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=at[column], end_column=at[column])
    for column in (2, 3):
        sheet.cell(row + 1, at[column], heads[column])
    return row + 1


def _headings(sheet, layout, at):
    """Titles, one or two rows of headings, and a row of units or not: the last of them."""
    for title in range(layout["titles"]):
        sheet.append([f"某街道台账（{title + 1}）"])
    heads = ["社区代码", "社区名称", "常住人口", "户数"]
    if layout["spaced"]:
        heads = ["社区 代码", "社 区\n名称", "常住　人口", "户 数"]
    if layout["unit"] and not layout["unit_row"]:
        heads[2] += f"（{layout['unit']}）"
    row = layout["titles"] + 1
    if layout["grouped"] and abs(at[2] - at[3]) == 1:
        row = _two_rows_of_headings(sheet, row, at, heads)
    else:
        _put(sheet, at, row, heads)
    for further in range(layout["further"]):
        sheet.cell(row, 5 + further, f"其他{further}")
    if layout["unit_row"]:
        row += 1
        _put(sheet, at, row, [None, None, layout["unit"] or None, "户"])
    return row


def _ends(sheet, row, layout):
    """What stands below the rows."""
    if layout["total"]:
        row += 1
        sheet.cell(row, 1, "合  计")
        sheet.cell(row, 4 + layout["further"], 99)
    if layout["note"]:
        sheet.cell(row + 2, 1, "注：以上为年末数")


def write(path, rows, layout):
    """The list as a workbook: its rows of data, by the number a spreadsheet shows, that are hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    at = {column: place + 1 for place, column in enumerate(layout["order"])}
    row = _headings(sheet, layout, at)
    show = FIGURES[layout["figure"]]
    hidden = []
    for number, (code, name, people, homes) in enumerate(rows):
        if number in layout["sections"]:
            row += 1
            sheet.cell(row, 1, f"{'一二三四五六七'[number]}、第{number}片")
        row += 2 if number in layout["gaps"] else 1
        counted = None if people is None else show(people / UNITS[layout["unit"]])
        _put(sheet, at, row, [CODES[layout["code"][number]](code), name, counted, homes])
        for further in range(layout["further"]):
            sheet.cell(row, 5 + further, "无关")
        if number in layout["hidden"]:
            sheet.row_dimensions[row].hidden = True
            hidden.append(str(row))
    _ends(sheet, row, layout)
    book.save(path)
    return hidden


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_any_layout_of_a_ledger_reads_as_the_list_it_was_made_from(tmp_path_factory, made):
    rows, layout = made
    path = tmp_path_factory.mktemp("ledger") / "l.xlsx"
    hidden = write(path, rows, layout)
    log = ReadingLog()
    table = read_table(path, log, subject="communities", wanted=WANTED, required={"code"})
    said = {"log": log, "file": str(path)}
    codes = named_codes(table, "code", subject="communities", **said).tolist()
    assert codes == [str(code) for code, *_ in rows], layout
    assert table["name"].tolist() == [name for _, name, *_ in rows]
    for ours, place in (("population", 2), ("households", 3)):
        expected = [math.nan if row[place] is None else row[place] for row in rows]
        if ours in table:
            assert figure(table, ours, **said).tolist() == pytest.approx(expected, nan_ok=True), (
                ours,
                layout,
            )
        else:
            assert all(math.isnan(value) for value in expected)
    assert not list(log.faults)
    told = log.quality().set_index("remark")
    assert ("hidden-rows-read" in told.index) is bool(hidden)
    if hidden:
        assert told.loc["hidden-rows-read", "count"] == len(hidden)
    assert ("total-rows" in told.index) is layout["total"]
    assert ("section-rows" in told.index) is bool(layout["sections"])
    scaled = UNITS[layout["unit"]] > 1 and any(row[2] is not None for row in rows)
    assert ("unit-converted" in told.index) is scaled
