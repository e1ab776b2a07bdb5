"""Excel workbooks cell by cell: streamed, bounded, and with what is hidden, merged or not yet worked out.

A workbook is a zip of XML parts (ECMA-376). Cells are kept sparsely, so that one cell in the last column
of the last row costs one cell; document types (and with them entities) are refused.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from lifecircle.libraries import library_faults
from lifecircle.sources.files.opening import too_large, zip_members
from lifecircle.sources.files.xlsx_parts import Styles, TextReader, WorkbookParts, XmlReader

__all__ = ["CELLS_LIMIT", "SheetCells", "read_workbook_cells"]

CELLS_LIMIT: Final = 3_000_000
"""Cells with something in them that one table may hold."""
_COLUMNS_LIMIT: Final = 16_384
_MERGED_LIMIT: Final = 100_000
"""Merged cells of a sheet."""
_RANGES_LIMIT: Final = 1_000
"""Ranges of columns that a sheet hides."""
_ROWS_LIMIT: Final = 1_048_576
_EXACT_BELOW: Final = 1e15
"""Excel keeps 15 significant digits: longer whole numbers have lost some."""


@dataclass
class SheetCells:
    """One worksheet.

    Attributes
    ----------
    name, hidden
        As its tab says, and whether the tab is hidden.
    rows
        Row number (from 1) to column (from 0) to the text a user sees; blank cells are not there.
    merged
        First row, last row, first column, last column of merged cells.
    hidden_rows, hidden_columns
        Rows (from 1; filtered ones too) and columns (from 0) that a user does not see.
    unvalued
        Addresses of formulas that no program has worked out.
    """

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unvalued: list[str] = field(default_factory=list)


def read_workbook_cells(path: Path, *, names_only: bool = False) -> list[SheetCells]:
    """Every worksheet of a workbook, in the order of the tabs.

    Parameters
    ----------
    path
        An .xlsx file.
    names_only
        Leave the cells unread.

    Raises
    ------
    InputError
        If the file is damaged or no workbook, or holds more than `CELLS_LIMIT` cells.
    """
    zip_members(path)
    with library_faults(path), zipfile.ZipFile(path) as archive:
        parts = WorkbookParts(archive, path)
        sheets = [SheetCells(name, hidden) for name, hidden, _ in parts.sheets]
        if not names_only:
            texts, styles = parts.shared_texts(), parts.styles()
            left = CELLS_LIMIT
            for sheet, (_, _, part) in zip(sheets, parts.sheets, strict=True):
                with archive.open(part) as stream:
                    left -= _CellReader(sheet, texts, styles, parts.reader, left).read(stream)
    return sheets


class _CellReader:
    """Reads the cells of one worksheet into its `SheetCells`."""

    def __init__(
        self, sheet: SheetCells, texts: list[str], styles: Styles, reader: XmlReader, limit: int
    ) -> None:
        self._sheet, self._texts, self._styles = sheet, texts, styles
        self._reader, self._path, self._limit = reader, reader.path, limit
        self._row, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._formula = self._reads = False
        self._value: list[str] = []
        self._count = self._ranges = 0
        self._inline = TextReader(self._value.append, "is", reader)
        self._in_text = False

    def read(self, stream: IO[bytes]) -> int:
        """Read the part; how many cells hold something."""
        self._reader.read(stream, self._start, self._end, self._text)
        return self._count

    def _start(self, name: str, given: Mapping[str, str]) -> None:
        if name == "c":
            self._column = _column_of(given["r"]) if "r" in given else self._column + 1
            self._kind, self._style = given.get("t", "n"), given.get("s", "")
            self._formula = False
            self._value.clear()
        elif name == "v":
            self._reads = True
        elif name == "f":
            self._formula = True
        elif name == "is":
            self._in_text = True
        else:
            self._start_of_layout(name, given)
        if self._in_text:
            self._inline.start(name, given)

    def _start_of_layout(self, name: str, given: Mapping[str, str]) -> None:
        """Rows, columns and merged cells."""
        hidden = given.get("hidden") in {"1", "true"}
        if name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._column, self._cells = -1, {}
            if not 1 <= self._row <= _ROWS_LIMIT:
                raise too_large(self._path, "rows", _ROWS_LIMIT)
            if hidden:
                self._sheet.hidden_rows.add(self._row)
        elif name == "col" and hidden:
            self._ranges += 1
            if self._ranges > _RANGES_LIMIT:
                raise too_large(self._path, "hidden", _RANGES_LIMIT)
            last = min(int(given.get("max", 1)), _COLUMNS_LIMIT)
            self._sheet.hidden_columns.update(range(int(given.get("min", 1)) - 1, last))
        elif name == "mergeCell":
            first, _, end = given.get("ref", "A1").partition(":")
            end = end or first
            self._sheet.merged.append((_row_of(first), _row_of(end), _column_of(first), _column_of(end)))
            if len(self._sheet.merged) > _MERGED_LIMIT:
                raise too_large(self._path, "merged", _MERGED_LIMIT)

    def _text(self, piece: str) -> None:
        if self._reads:
            self._value.append(piece)
            self._reader.count_text(piece)
        elif self._in_text:
            self._inline.text(piece)

    def _end(self, name: str) -> None:
        if self._in_text:
            self._inline.end(name)
            self._in_text = name != "is"
        elif name == "v":
            self._reads = False
        elif name == "c":
            self._keep()
        elif name == "row" and self._cells:
            self._sheet.rows[self._row] = self._cells

    def _keep(self) -> None:
        """One cell that has ended."""
        raw = "".join(self._value)
        if self._formula and not raw and self._kind != "str":
            self._sheet.unvalued.append(f"{get_column_letter(self._column + 1)}{self._row}")
            self._count_cell()
            return
        text = self._said(raw)
        if not text:
            return
        if not 0 <= self._column < _COLUMNS_LIMIT:
            raise too_large(self._path, "columns", _COLUMNS_LIMIT)
        self._cells[self._column] = text
        self._count_cell()

    def _count_cell(self) -> None:
        """Count a cell with something in it."""
        self._count += 1
        if self._count > self._limit:
            raise too_large(self._path, "cells", CELLS_LIMIT)

    def _said(self, raw: str) -> str:
        """A stored value as the text a user sees."""
        if not raw or self._kind in {"str", "inlineStr", "e"}:
            return raw
        if self._kind == "s":
            return self._texts[int(raw)]
        if self._kind == "b":
            return "true" if raw.strip() in {"1", "true"} else "false"
        if self._kind == "d":
            return raw.removesuffix("T00:00:00")
        return _number_text(float(raw), self._styles, int(self._style or 0))


def _number_text(number: float, styles: Styles, style: int) -> str:
    """A number as its format shows it: dates as ISO, per cents with their sign, codes with leading zeros."""
    form = styles.formats[style] if 0 <= style < len(styles.formats) else ""
    if form == "date":
        try:
            moment = from_excel(number, styles.epoch)
        except (OverflowError, ValueError):
            return repr(number)
        if isinstance(moment, dt.datetime):
            return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(sep=" ")
        return str(moment)
    if form == "%":
        return f"{number * 100:.12g}%"
    if not number.is_integer():
        return repr(number)
    whole = str(int(number)) if abs(number) < _EXACT_BELOW else f"{number:.14E}"
    return whole.zfill(len(form)) if form else whole


def _column_of(address: str) -> int:
    """Column (from 0) of an address such as ``AB12``."""
    column = 0
    for sign in address.replace("$", ""):
        if not sign.isalpha():
            break
        column = column * 26 + ord(sign.upper()) - 64
    return column - 1


def _row_of(address: str) -> int:
    """Row (from 1) of an address such as ``AB12``."""
    return int("".join(sign for sign in address if sign.isdigit()) or 0)
