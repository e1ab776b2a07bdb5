"""CSV and Excel tables as text: encoding, delimiter and the heading row found, not assumed."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import functools
import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.sources.files.cell_values import key, tidy
from lifecircle.sources.files.columns import find_column
from lifecircle.sources.files.encodings import contradicted, guess_encoding, known_encoding
from lifecircle.sources.files.opening import zip_members

__all__ = ["Sheet", "read_sheet", "sheet_names"]

Row: TypeAlias = list[str]
_HEADING_ROWS: Final = 20
_TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "total"})
_FIELD_LIMIT_BYTES: Final = 50_000_000
_KEPT_BYTES: Final = 5_000_000
"""Larger workbooks are read anew for every sheet, so that they need not fit in memory at once."""


@dataclass(frozen=True)
class Sheet:
    """One table of text cells; the index is the row number that a spreadsheet shows."""

    frame: pd.DataFrame
    layer: str
    encoding: str
    totals: int
    """Rows left out because they hold totals."""
    contradicted: bool = False
    """The bytes are not in the encoding that was declared."""


def read_sheet(
    path: Path, *, layer: str = "", encoding: str = "", headings: Iterable[tuple[str, ...]] = ()
) -> Sheet:
    """Read a ``.csv`` or ``.xlsx`` table with every cell as text.

    Parameters
    ----------
    path
        An existing file.
    layer
        Sheet of a workbook; blank: the first that holds the headings.
    encoding
        Of a CSV; blank: detected. A declared encoding wins.
    headings
        Columns to look for, each with the names it may have: the heading row is the first row (or pair
        of rows, where headings are merged) that holds them all, else the one that holds most.

    Raises
    ------
    InputError
        If the file cannot be read, has no such sheet, or holds rows longer than its heading.
    """
    groups = list(headings)
    doubtful = False
    if path.suffix.lower() == ".xlsx":
        sheets, used = _workbook_rows(path, layer), "xlsx"
        name, rows = _likeliest_sheet(sheets, groups)
    else:
        rows, used = _csv_rows(path, encoding)
        name, doubtful = "", bool(encoding) and contradicted(path.read_bytes(), encoding)
    return dataclasses.replace(_table(path, name, rows, groups, used), contradicted=doubtful)


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in order.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return list(_workbook_rows(path, "", rows=False))


def _csv_rows(path: Path, encoding: str) -> tuple[list[Row], str]:
    """Every line of a CSV, and the encoding it was read in."""
    data = path.read_bytes()
    if encoding and not known_encoding(encoding):
        raise InputError(Fault("unknown-encoding", file=str(path), values={"encoding": encoding}))
    used = encoding or guess_encoding(data)
    try:
        text = data.decode(used)
    except UnicodeDecodeError as error:
        values = {"encoding": used, "position": error.start, "guess": guess_encoding(data)}
        raise InputError(Fault("wrong-encoding", file=str(path), values=values)) from None
    text = text.removeprefix("\ufeff")
    head = "\n".join(text.splitlines()[:_HEADING_ROWS])
    separator = max(",;\t|", key=lambda sign: _columns(head, sign))
    csv.field_size_limit(_FIELD_LIMIT_BYTES)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [list(row) for row in reader], used
    except csv.Error as error:
        raise InputError(Fault("unreadable", file=str(path), values={"why": str(error)})) from None


def _columns(head: str, separator: str) -> int:
    """How many columns the widest of the first lines would have."""
    return max((line.count(separator) for line in head.splitlines()), default=0)


def _workbook_rows(path: Path, layer: str, *, rows: bool = True) -> dict[str, list[Row]]:
    """Every sheet of a workbook, or the one asked for, as text; or their names alone."""
    zip_members(path)
    state = path.stat()
    if rows and state.st_size <= _KEPT_BYTES:
        sheets = _kept_sheets(path, state.st_mtime_ns, state.st_size)
        if not layer:
            return dict(sheets)
        if layer in sheets:
            return {layer: sheets[layer]}
    return _opened_rows(path, layer, rows=rows)


@functools.lru_cache(maxsize=1)
def _kept_sheets(path: Path, _changed_ns: int, _size: int) -> dict[str, list[Row]]:
    """All sheets of the workbook read last: ledgers are asked for one by one, opening takes longest."""
    return _opened_rows(path, "", rows=True)


def _opened_rows(path: Path, layer: str, *, rows: bool) -> dict[str, list[Row]]:
    """`_workbook_rows`, read from the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            if layer and layer not in book.sheetnames:
                values = {"found": ", ".join(book.sheetnames)}
                raise MissingInputError(Fault("no-layer", file=str(path), layer=layer, values=values))
            names = [layer] if layer else book.sheetnames
            found = {
                name: [[_excel_text(cell) for cell in row] for row in book[name].iter_rows(values_only=True)]
                if rows
                else []
                for name in names
            }
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, SyntaxError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Fault("unreadable", file=str(path), values={"why": str(error)})) from None
    return found


def _excel_text(cell: object) -> str:
    """One Excel value as the text a user sees: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def _likeliest_sheet(
    sheets: dict[str, list[Row]], groups: Sequence[tuple[str, ...]]
) -> tuple[str, list[Row]]:
    """The first sheet whose heading holds most of the columns looked for."""
    scores = {name: _heading(rows, groups)[2] for name, rows in sheets.items()}
    name = max(scores, key=lambda sheet: scores[sheet])
    return name, sheets[name]


def _heading(rows: list[Row], groups: Sequence[tuple[str, ...]]) -> tuple[int, Row, int]:
    """Where the data start, the headings, and how many of the wanted columns they hold."""
    best: tuple[int, Row, int] = (0, [], -1)
    for number, row in enumerate(rows[:_HEADING_ROWS]):
        single = [tidy(cell) for cell in row]
        if not any(single):
            continue
        pair = single
        if number + 1 < len(rows):
            below = [tidy(cell) for cell in rows[number + 1]]
            below += [""] * (len(single) - len(below))
            above = single + [""] * (len(below) - len(single))
            pair = [low or high for low, high in zip(below, above, strict=True)]
        for start, names in ((number + 1, single), (number + 2, pair)):
            score = sum(find_column(filter(None, names), group) is not None for group in groups)
            if score > best[2]:
                best = (start, names, score)
        if best[2] == len(groups):
            break
    return best


def _table(
    path: Path, layer: str, rows: list[Row], groups: Sequence[tuple[str, ...]], encoding: str
) -> Sheet:
    """Rows below the heading, blank rows and rows of totals left out."""
    start, names, _ = _heading(rows, groups)
    width = len(names)
    kept: list[Row] = []
    labels: list[str] = []
    long: list[str] = []
    totals = 0
    for number, row in enumerate(rows[start:], start + 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(key(cell) in _TOTALS for cell in cells[:2]):
            totals += 1
            continue
        if any(cells[width:]):
            long.append(str(number))
        kept.append((cells + [""] * width)[:width])
        labels.append(str(number))
    if long:
        row_text = ", ".join(long[:5])
        raise InputError(
            Fault("ragged-row", file=str(path), layer=layer, row=row_text, values={"columns": width})
        )
    index = pd.Index(labels, dtype=object)
    frame = pd.DataFrame(kept, index=index, columns=_distinct(names), dtype=object)
    return Sheet(frame.loc[:, [bool(name) for name in names]], layer, encoding, totals)


def _distinct(names: Row) -> Row:
    """Headings made unique: the second ``name`` becomes ``name (2)``."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct
