"""Rows of wrapped text are as high as their text, whatever program opens the workbook."""

import openpyxl
import pytest
import xlsxwriter

from lifecircle.outputs.workbook.sheets import LINE_POINTS, SheetColumn, Sheets, wrapped_lines


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("", 10, 1),
        ("short", 10, 1),
        # letters count nine tenths of a digit: ten fit a column of nine and a little
        ("aaaa bbbb cccc dddd", 9.5, 2),
        ("aaaa bbbb cccc", 5, 3),
        ("one\ntwo", 40, 2),
        # Chinese characters are two wide and may part anywhere
        ("社区综合服务设施", 8, 2),
        ("社区综合服务设施", 16, 1),
        # a word wider than the column is cut at its edge
        ("x" * 40, 9, 4),
        (12.5, 3, 1),
    ],
)
def test_lines_of_a_cell(words, width, lines):
    assert wrapped_lines(words, width) == lines


def test_rows_are_as_high_as_their_longest_wrapped_cell(tmp_path):
    file = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(file) as book:
        Sheets(book).add(
            "rules",
            [
                SheetColumn("title", ["brief", "word " * 20, "brief"], wrapped=True),
                SheetColumn("name", ["never wrapped " * 9, "a", "b"]),
            ],
        )
    sheet = openpyxl.load_workbook(file).active
    width = sheet.column_dimensions["A"].width
    lines = wrapped_lines("word " * 20, width - 0.71)
    assert lines > 1
    assert sheet.row_dimensions[3].height == LINE_POINTS * lines
    assert [sheet.row_dimensions[row].height for row in (2, 4)] == [None, None]
