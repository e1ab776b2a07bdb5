"""CSV text as rows of cells: the encoding and the separator found, not assumed."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault, InputError, preview
from lifecircle.libraries import library_faults
from lifecircle.sources.files.encodings import (
    contradicted,
    decode_strictly,
    guess_encoding,
    mixed_lines,
)
from lifecircle.sources.files.opening import too_large

__all__ = ["BYTES_LIMIT", "CELLS_LIMIT", "COLUMNS_LIMIT", "read_delimited"]

BYTES_LIMIT: Final = 300_000_000
CELLS_LIMIT: Final = 10_000_000
COLUMNS_LIMIT: Final = 16_384
_SEPARATORS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 30
_SAMPLE_CHARACTERS: Final = 200_000
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_DECLARED: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_delimited(
    path: Path, encoding: str, score: Callable[[list[list[str]]], int]
) -> tuple[list[list[str]], str]:
    """Every row of a CSV as text, and the encoding it was read in.

    Parameters
    ----------
    path
        An existing file.
    encoding
        As declared; blank: detected.
    score
        How many of the columns looked for some first rows hold: it decides between separators, then how
        many rows are equally wide does. Quotation marks are honoured, so signs inside cells part nothing.

    Raises
    ------
    InputError
        If the text is not in its encoding, a quotation mark is never closed, or the table is larger than
        `BYTES_LIMIT`, `COLUMNS_LIMIT` or `CELLS_LIMIT`.
    """
    with library_faults(path, "file-unusable"):
        if path.stat().st_size > BYTES_LIMIT:
            raise too_large(path, "bytes", BYTES_LIMIT)
        data = path.read_bytes()
    if encoding and contradicted(data, encoding):
        values = {"encoding": encoding, "guess": guess_encoding(data)}
        raise InputError(Fault("encoding-contradicted", file=str(path), values=values))
    used = encoding or guess_encoding(data)
    if not encoding and used != "utf-8" and (lines := mixed_lines(data)):
        rows_apart = preview(lines)
        raise InputError(
            Fault("mixed-encodings", file=str(path), row=rows_apart, values={"count": len(lines)})
        )
    text = decode_strictly(data, used, path).removeprefix("\ufeff")
    del data
    declared = _DECLARED.match(text)
    separator = declared[1] if declared else _separator(text, score)
    rows: list[list[str]] = [[]] if declared else []
    # line by line out of the text: a StringIO would take four bytes a character beside it
    lines_of = (line[0] for line in _LINE.finditer(text, declared.end() if declared else 0))
    csv.field_size_limit(BYTES_LIMIT)
    reader = csv.reader(lines_of, delimiter=separator, strict=False)
    cells = 0
    with library_faults(path):
        for row in reader:
            cells += len(row)
            if len(row) > COLUMNS_LIMIT:
                raise too_large(path, "columns", COLUMNS_LIMIT)
            if cells > CELLS_LIMIT:
                raise too_large(path, "cells", CELLS_LIMIT)
            rows.append(row)
    _refuse_open_quote(rows, text, separator, path)
    return rows, used


def _separator(text: str, score: Callable[[list[list[str]]], int]) -> str:
    """The separator under which the first rows hold most columns looked for, then most rows of one width."""
    sample = text[:_SAMPLE_CHARACTERS]

    def fit(sign: str) -> tuple[int, int, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=sign)
        try:
            rows = list(itertools.islice(reader, _SAMPLE_ROWS))
        except csv.Error:
            return (-1, 0, 0)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, alike = max(widths.items(), key=lambda one: (one[1], one[0]), default=(1, 0))
        return (score(rows), alike, width)

    return max(_SEPARATORS, key=fit)


def _refuse_open_quote(rows: list[list[str]], text: str, separator: str, path: Path) -> None:
    """A quotation mark that is never closed swallows the rest of the file into one cell."""
    if not rows or not rows[-1] or "\n" not in rows[-1][-1]:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, _ in enumerate(reader, 1):  # noqa: B007  # the number of the last sound row is wanted
            pass
    except csv.Error as error:
        if str(error).startswith("unexpected"):
            raise InputError(Fault("quote-not-closed", file=str(path), row=str(number + 1))) from None
