"""Sheets that look alike: frozen headings, filters, widths, number formats, bars, colours of status."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from lifecircle.outputs.safe_text import plain_text

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["LINE_POINTS", "MOST_TEXT", "SheetColumn", "Sheets", "legible_page", "wrapped_lines"]

MOST_TEXT: Final = 32_767
"""UTF-16 units a cell may hold."""

_MOST_ROWS: Final = 1_000_000
_MOST_NAME: Final = 31
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_WIDEST, _NARROWEST, _WRAPPED = 46, 7, 40
_HEADING_LINES: Final = 3, 9
"""Fewest and most lines of a row of headings."""

LINE_POINTS: Final = 15
_LETTERS_ACROSS: Final = {9: 128.0, 8: 181.0}
"""Digits side by side on a lying page of A4 and of A3, in letters of the usual size."""

_LETTER_POINTS, _LEAST_POINTS = 11.0, 8.0
"""The usual size, and the least that is read without effort."""

_MOST_LINES: Final = 8
_LETTER: Final = 0.9
"""Width of a letter in running text, in parts of the digit that Excel measures columns by."""

_PIECES: Final = re.compile(r"[\u2e80-\uffee]|[^\s\u2e80-\uffee]+\s*|\s+")
"""What a line is not broken in: a Chinese character, or a word and the space behind it."""

_FORMATS: Final = {
    "text": "@",
    "whole": "#,##0",
    "decimal": "#,##0.00",
    "share": "0.0%",
    "year": "0",
    "degrees": "0.00000",
}
_SIGNS: Final = {
    "text": "",
    "whole": ",.0f",
    "decimal": ",.2f",
    "share": " .1f",
    "year": ".0f",
    "degrees": ".5f",
}
"""The same formats as Python writes them, a percent sign as a blank."""

_STATUS_FILL: Final = {
    "met": "#CFE3F1",
    "short": "#FDBB63",
    "short-provisional": "#FDE0A6",
    "no-data": "#E4E4E4",
    "report-only": "#E3DFEA",
}
"""The colours of the map, so that a status looks the same everywhere."""


@dataclass(frozen=True)
class SheetColumn:
    """One column of a sheet.

    Attributes
    ----------
    heading : as the reader sees it, with its unit
    values : text or numbers, one per row; NaN and ``""`` stay blank
    looks : ``text``, ``whole``, ``decimal``, ``share``, ``year``, ``degrees``: one for all or one per row
    fills : status per row that colours the cell; none where empty
    bars : ranges of rows, last one excluded, that share one scale of data bars
    wrapped : long text runs over several lines
    hidden : kept for whoever filters or joins by it, and not shown
    widest : characters that it is wide at most, though figures are never cut; as its looks say where 0
    """

    heading: str
    values: Sequence[object]
    looks: str | Sequence[str] = "text"
    fills: Sequence[str] = ()
    bars: Sequence[tuple[int, int]] = ()
    wrapped: bool = False
    hidden: bool = False
    widest: int = 0


class Sheets:
    """Adds sheets to a workbook, every one with a name of its own."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._names: set[str] = set()
        self._formats: dict[tuple[str, str, bool], Format] = {}
        self._heading = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#14506E",
                "font_color": "#FFFFFF",
                "border": 1,
                "border_color": "#FFFFFF",
            }
        )
        self._title = book.add_format({"bold": True, "font_size": 15, "font_color": "#14506E"})
        self._lead = book.add_format({"font_color": "#3C4650"})

    def add(
        self,
        name: str,
        columns: Sequence[SheetColumn],
        *,
        lead: Sequence[str] = (),
        frozen_columns: int = 0,
        fitted: bool = True,
        most_rows: int = _MOST_ROWS,
        colour: str = "",
        printed_rows: int | None = None,
        printed_columns: int | None = None,
        cut_note: str = "",
        paper: int = 9,
        legible: bool = False,
        pages_wide: int = 1,
    ) -> str:
        """One sheet, or several where the rows are too many for one.

        Parameters
        ----------
        name
            Cut to 31 characters and made unique; forbidden characters become spaces.
        columns
            All of one length.
        lead
            Lines above the headings, the first as a title.
        frozen_columns
            Columns that stay while the reader scrolls to the right.
        fitted
            Printed `pages_wide`.
        most_rows
            Rows of one sheet.
        colour
            Of the sheet's tab.
        printed_rows, printed_columns
            As many of the first rows and columns are printed, all where None.
        cut_note
            Foot of the pages of a sheet that is not printed whole.
        paper
            Excel's number of the paper it is printed on: 9 is A4, 8 is A3.
        legible
            Printed in letters of 8 points or more: on A3 where A4 is too narrow for that, and without the
            last columns where A3 is as well.
        pages_wide
            Pages beside each other that its columns are printed on, the frozen ones on each.

        Returns
        -------
        str
            The name of the (first) sheet.
        """
        first = ""
        count = len(columns[0].values) if columns else 0
        if legible:
            paper, printed_columns = legible_page(columns[: printed_columns or len(columns)])
        for start in range(0, max(count, 1), most_rows):
            sheet = self._book.add_worksheet(self._own_name(name))
            first = first or sheet.get_name()
            if colour:
                sheet.set_tab_color(colour)
            rows = slice(start, min(start + most_rows, count))
            top = self._above(sheet, lead)
            for place, column in enumerate(columns):
                self._write(sheet, place, column, rows, top)
            for row, lines in enumerate(_lines(columns, rows), top + 1):
                if lines > 1:
                    sheet.set_row(row, LINE_POINTS * lines)
            sheet.set_row(top, LINE_POINTS * _heading_lines(columns))
            sheet.freeze_panes(top + 1, frozen_columns)
            sheet.autofilter(top, 0, top + max(rows.stop - rows.start, 1), max(len(columns) - 1, 0))
            _for_print(sheet, top, frozen_columns, fitted=fitted, paper=paper, pages_wide=pages_wide)
            height, width = rows.stop - rows.start, len(columns)
            shown = min(height, printed_rows or height), min(width, printed_columns or width)
            if shown != (height, width):
                sheet.print_area(0, 0, top + shown[0], shown[1] - 1)
                sheet.set_footer(f"&L&A&C{cut_note}&R&P / &N")
        return first

    def blank(self, name: str) -> Worksheet:
        """An empty sheet, filled by the caller."""
        return self._book.add_worksheet(self._own_name(name))

    def _own_name(self, wanted: str) -> str:
        """A name that Excel takes and no other sheet has."""
        plain = _NO_NAME.sub(" ", plain_text(wanted)).replace("\n", " ").strip().strip("'") or "-"
        name, number = plain[:_MOST_NAME], 2
        while name.casefold() in self._names:
            ending = f" {number}"
            name, number = plain[: _MOST_NAME - len(ending)] + ending, number + 1
        self._names.add(name.casefold())
        return name

    def _above(self, sheet: Worksheet, lead: Sequence[str]) -> int:
        """Write the lines above the table; the row its headings go to."""
        for row, words in enumerate(lead):
            sheet.write_string(row, 0, _cut(words), self._lead if row else self._title)
        return len(lead) + 1 if lead else 0

    def _write(self, sheet: Worksheet, place: int, column: SheetColumn, rows: slice, top: int) -> None:
        """One column: heading, cells, width, bars."""
        sheet.write_string(top, place, _cut(column.heading), self._heading)
        # a column repeats its texts and its looks: each different one is made fit once
        count = rows.stop - rows.start
        looks = repeat(column.looks) if isinstance(column.looks, str) else column.looks[rows]
        fills = column.fills[rows] if column.fills else repeat("")
        words: dict[str, str] = {}
        for at, value, look, fill in zip(
            range(top + 1, top + 1 + count), column.values[rows], looks, fills, strict=False
        ):
            if isinstance(value, str):
                if value:
                    if value not in words:
                        words[value] = _cut(value)
                    style = self._format(look, fill, wrapped=column.wrapped)
                    sheet.write_string(at, place, words[value], style)
            elif math.isfinite(value):  # type: ignore[arg-type]  # numbers of any kind
                style = self._format(look, fill, wrapped=column.wrapped)
                sheet.write_number(at, place, float(value), style)  # type: ignore[arg-type]
        sheet.set_column(place, place, _width(column), None, {"hidden": column.hidden})
        for first, last in column.bars:
            ends = max(first, rows.start), min(last, rows.stop)
            if ends[0] < ends[1]:
                shift = top + 1 - rows.start
                sheet.conditional_format(ends[0] + shift, place, ends[1] - 1 + shift, place, _BAR)

    def _format(self, look: str, fill: str, *, wrapped: bool) -> Format:
        """One format object per look."""
        key = (look, fill, wrapped)
        if key not in self._formats:
            style: dict[str, object] = {"num_format": _FORMATS[look], "valign": "top", "text_wrap": wrapped}
            if fill in _STATUS_FILL:
                style |= {"bg_color": _STATUS_FILL[fill], "border": 1, "border_color": "#FFFFFF"}
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]


_BAR: Final = {
    "type": "data_bar",
    "data_bar_2010": True,
    "bar_color": "#F08A2C",
    "bar_solid": True,
    "min_type": "num",
    "min_value": 0,
}
"""Bars of the later standard, of which nothing is drawn for zero: the first drew a tenth of the cell."""


def _for_print(  # one keyword for each setting of the page
    sheet: Worksheet, top: int, frozen_columns: int, *, fitted: bool, paper: int, pages_wide: int
) -> None:
    """Landscape, headings on every page, page numbers."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(top)
    sheet.set_footer("&L&A&R&P / &N")
    if fitted:
        sheet.fit_to_pages(pages_wide, 0)
    if frozen_columns and not (fitted and pages_wide == 1):
        sheet.repeat_columns(0, frozen_columns - 1)


def _cut(words: str) -> str:
    """Text that fits a cell and holds nothing a workbook cannot."""
    plain = plain_text(words)
    if len(plain) * 2 <= MOST_TEXT:
        return plain
    units = plain.encode("utf-16-le")
    if len(units) <= 2 * MOST_TEXT:
        return plain
    return units[: 2 * (MOST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def _width(column: SheetColumn) -> float:
    """Columns a sheet's column needs: figures as wide as they are shown, text up to a limit."""
    shown = max(map(_columns, set(column.values[:300])), default=0)  # texts repeat
    heading = _columns(column.heading)
    widest = column.widest or (_WRAPPED if column.wrapped else _WIDEST)
    if column.widest:
        looks = [column.looks] * len(column.values) if isinstance(column.looks, str) else column.looks
        figures = zip(column.values, looks, strict=True)
        widest = max(widest, 2 + max((_digits(value, look) for value, look in figures), default=0))
    return min(widest, max(_NARROWEST, shown + 2, min(heading, 12) + 3, heading / 3 + 3))


def legible_page(columns: Sequence[SheetColumn]) -> tuple[int, int]:
    """The smallest paper on which so many of the first columns as possible print in 8 points or more.

    Returns
    -------
    tuple of int
        Excel's number of the paper, and how many columns it holds; at least one.
    """
    ends = np.cumsum([0.0 if column.hidden else _width(column) for column in columns])
    for paper, letters in _LETTERS_ACROSS.items():
        if ends[-1] <= letters * _LETTER_POINTS / _LEAST_POINTS:
            return paper, len(columns)
    held = int(np.searchsorted(ends, letters * _LETTER_POINTS / _LEAST_POINTS, side="right"))
    return paper, max(held, 1)


def _digits(value: object, look: str) -> int:
    """Signs that a figure takes as it is shown; none for text, which runs over several lines."""
    if isinstance(value, str) or not math.isfinite(value):  # type: ignore[arg-type]
        return 0
    return len(format(100 * value if look == "share" else value, _SIGNS[look]))  # type: ignore[operator]


def _lines(columns: Sequence[SheetColumn], rows: slice) -> list[int]:
    """Lines each row takes: not every program works out the height of wrapped text when it opens a file."""
    wrapped = [(column.values, _width(column)) for column in columns if column.wrapped]
    return [
        max((wrapped_lines(values[row], width) for values, width in wrapped), default=1)
        for row in range(rows.start, rows.stop)
    ]


@lru_cache(maxsize=1 << 16)
def wrapped_lines(value: object, width: float) -> int:
    """Lines that a value takes in a column so many characters wide, broken between words."""
    if not isinstance(value, str):
        return 1
    return min(_MOST_LINES, sum(_paragraph_lines(part, width) for part in value.split("\n")))


def _paragraph_lines(words: str, width: float) -> int:
    """Lines of one paragraph: words are put beside each other while they fit."""
    lines, used = 1, 0.0
    for word in _PIECES.findall(words):
        wide = sum(2.0 if letter > "\u2e7f" else _LETTER for letter in word)
        if used and used + wide > width:
            lines, used = lines + 1, 0.0
        # what is wider than the column is cut at its edge
        lines += max(0, math.ceil(wide / width) - 1)
        used += wide
    return lines


def _heading_lines(columns: Sequence[SheetColumn]) -> int:
    """Lines that the longest heading takes in its column, in bold and broken between words."""
    fewest, most = _HEADING_LINES
    lines = (math.ceil(1.25 * _columns(column.heading, most=400) / _width(column)) for column in columns)
    return min(most, max([fewest, *lines]))


def _columns(value: object, *, most: int = _WIDEST) -> int:
    """Columns a value takes: a Chinese character is two wide."""
    if isinstance(value, str):
        shown = value[:most]
        return len(shown) if shown.isascii() else sum(2 if ord(letter) > 0x2E7F else 1 for letter in shown)
    return len(f"{value:,.2f}") if math.isfinite(value) else 0  # type: ignore[arg-type]
