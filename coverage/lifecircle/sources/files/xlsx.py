"""Excel workbooks cell by cell: streamed, bounded, and with what is hidden, merged or not yet worked out.

A workbook is a zip of XML parts (ECMA-376). Cells are kept sparsely, so that one cell in the last column
of the last row costs one cell; document types (and with them entities) are refused.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import escape, get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from lifecircle.errors import library_faults
from lifecircle.sources.files.opening import too_large, zip_members

__all__ = ["CELLS_LIMIT", "SheetCells", "read_workbook_cells"]

CELLS_LIMIT: Final = 3_000_000
"""Cells with something in them that one table may hold."""
_TEXT_LIMIT: Final = 100_000_000
"""Characters that the texts of a workbook may hold in all."""
_COLUMNS_LIMIT: Final = 16_384
_MERGED_LIMIT: Final = 100_000
"""Merged cells of a sheet."""
_RANGES_LIMIT: Final = 1_000
"""Ranges of columns that a sheet hides."""
_ROWS_LIMIT: Final = 1_048_576
_EXACT_BELOW: Final = 1e15
"""Excel keeps 15 significant digits: longer whole numbers have lost some."""
_PARTS: Final = "xl/workbook.xml"


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


@dataclass(frozen=True)
class _Styles:
    """What number formats make of numbers, by style: ``date``, ``%``, ``0…0`` (leading zeros) or blank."""

    formats: tuple[str, ...] = ()
    epoch: dt.datetime = CALENDAR_WINDOWS_1900


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
        parts = _Parts(archive)
        sheets = [SheetCells(name, hidden) for name, hidden, _ in parts.sheets]
        if not names_only:
            texts, styles = parts.shared_texts(path), parts.styles()
            left = CELLS_LIMIT
            for sheet, (_, _, part) in zip(sheets, parts.sheets, strict=True):
                with archive.open(part) as stream:
                    left -= _CellReader(sheet, texts, styles, path, left).read(stream)
    return sheets


class _Parts:
    """Where a workbook's parts lie in its archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        book = next(iter(self._targets("", "/officeDocument").values()), _PARTS)
        self.sheets: list[tuple[str, bool, str]] = []
        self._mac = False
        worksheets = self._targets(book, "/worksheet")
        self._texts = self._targets(book, "/sharedStrings")
        self._styles = self._targets(book, "/styles")

        def start(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                part = worksheets.get(next((given[key] for key in given if key.endswith(":id")), ""))
                if part is not None:
                    hidden = given.get("state", "visible") != "visible"
                    self.sheets.append((given.get("name", ""), hidden, part))
            elif name == "workbookPr":
                self._mac = given.get("date1904", "0") in {"1", "true"}

        with archive.open(book) as stream:
            _parse(stream, start)

    def _targets(self, part: str, kind: str) -> dict[str, str]:
        """Relations of a part of one kind: id to the part that it leads to."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        targets: dict[str, str] = {}

        def start(element: str, given: Mapping[str, str]) -> None:
            if element == "Relationship" and given.get("Type", "").endswith(kind):
                target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
                targets[given.get("Id", "")] = target.lstrip("/")

        if relations in self._archive.namelist():
            with self._archive.open(relations) as stream:
                _parse(stream, start)
        return targets

    def shared_texts(self, path: Path) -> list[str]:
        """The table of texts that cells point into."""
        texts: list[str] = []
        reader = _TextReader(texts.append, "si", path)
        for part in self._texts.values():
            with self._archive.open(part) as stream:
                _parse(stream, reader.start, reader.end, reader.text)
        return texts

    def styles(self) -> _Styles:
        """What the cell styles make of numbers."""
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        kinds: list[str] = []
        inside: list[str] = []

        def start(name: str, given: Mapping[str, str]) -> None:
            inside.append(name)
            if name == "numFmt":
                codes[int(given.get("numFmtId", 0))] = given.get("formatCode", "")
            elif name == "xf" and inside[-2:-1] == ["cellXfs"]:
                kinds.append(_kind_of_format(codes.get(int(given.get("numFmtId", 0)), "")))

        for part in self._styles.values():
            with self._archive.open(part) as stream:
                _parse(stream, start, lambda _: inside.pop())
        return _Styles(tuple(kinds), CALENDAR_MAC_1904 if self._mac else CALENDAR_WINDOWS_1900)


def _kind_of_format(code: str) -> str:
    """What a number format does to the reading of a number."""
    first = code.partition(";")[0]
    if "%" in first.replace('"%"', "").replace("\\%", ""):
        return "%"
    if len(first) > 1 and not first.strip("0"):
        return first
    return "date" if is_date_format(code) else ""


class _TextReader:
    """Collects the text of ``<t>`` elements of one owner, phonetics left out."""

    def __init__(self, keep: Callable[[str], object], owner: str, path: Path) -> None:
        self._keep, self._owner, self._path = keep, owner, path
        self._pieces: list[str] = []
        self._reads = self._phonetic = False
        self._size = 0

    def start(self, name: str, _given: Mapping[str, str]) -> None:
        if name == "rPh":
            self._phonetic = True
        self._reads = name == "t" and not self._phonetic

    def text(self, piece: str) -> None:
        if self._reads:
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > _TEXT_LIMIT:
                raise too_large(self._path, "characters", _TEXT_LIMIT)

    def end(self, name: str) -> None:
        self._reads = False
        if name == "rPh":
            self._phonetic = False
        elif name == self._owner:
            self._keep(escape.unescape("".join(self._pieces)))
            self._pieces.clear()


class _CellReader:
    """Reads the cells of one worksheet into its `SheetCells`."""

    def __init__(self, sheet: SheetCells, texts: list[str], styles: _Styles, path: Path, limit: int) -> None:
        self._sheet, self._texts, self._styles = sheet, texts, styles
        self._path, self._limit = path, limit
        self._row, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._formula = self._reads = False
        self._value: list[str] = []
        self._count = self._ranges = 0
        self._inline = _TextReader(self._value.append, "is", path)
        self._in_text = False

    def read(self, stream: IO[bytes]) -> int:
        """Read the part; how many cells hold something."""
        _parse(stream, self._start, self._end, self._text)
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
            return
        text = self._said(raw)
        if not text:
            return
        if not 0 <= self._column < _COLUMNS_LIMIT:
            raise too_large(self._path, "columns", _COLUMNS_LIMIT)
        self._cells[self._column] = text
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


def _number_text(number: float, styles: _Styles, style: int) -> str:
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


def _parse(
    stream: IO[bytes],
    start: Callable[[str, Mapping[str, str]], object],
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    """Walk an XML part; handlers get names without their namespace prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError("a workbook's parts have no document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: start(name.rpartition(":")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.ParseFile(stream)
