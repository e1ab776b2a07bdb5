"""Shapefiles: the parts that must be there and whole, and text whose encoding nobody wrote down."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError, MissingInputError, preview
from lifecircle.libraries import library_faults
from lifecircle.sources.files.columns import with_distinct_columns
from lifecircle.sources.files.definitions import projection_systems, refuse_named_files
from lifecircle.sources.files.encodings import (
    contradicted,
    decode_field,
    guess_encoding,
    known_encoding,
    require_encoding,
)

__all__ = ["deleted_rows", "read_shapefile"]

_NO_MORE_FIELDS: Final = 0x0D
_INDEX_HEAD: Final = 100
_SHAPE_HEAD: Final = 8
_CUT_SHORT_AT = 24
"""Where .shp and .shx say how long they are, in words of two bytes."""


def read_shapefile(path: Path, encoding: str) -> tuple[gpd.GeoDataFrame, str, bool]:
    """The rows of a shapefile, the encoding of its text, and whether someone declared it.

    Parameters
    ----------
    path
        The .shp file, with its parts beside it.
    encoding
        As the study declares it; blank: a .cpg that the text does not contradict, else what the bytes show.

    Raises
    ------
    MissingInputError
        With one fault per missing part.
    InputError
        If a part is cut short, or texts are not in the encoding that was declared.
    """
    with library_faults(path):
        _check_parts(path)
        used, declared = _encoding_of(path, encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on field widths; contents are checked here
            raw = _rows(path)
    return _decoded(raw, used, path), used, declared


def _check_parts(path: Path) -> None:
    """Refuse a shapefile without its ``.shx`` and ``.dbf``, or with a part that is cut short."""
    there = {file.name.lower(): file for file in path.parent.iterdir()}
    missing = [suffix for suffix in (".shx", ".dbf") if f"{path.stem}{suffix}".lower() not in there]
    if missing:
        raise MissingInputError(
            [Fault("missing-part", file=str(path), values={"part": f"{path.stem}{part}"}) for part in missing]
        )
    _refuse_links(path, there)
    if (system := there.get(f"{path.stem}.prj".lower())) is not None:
        refuse_named_files(projection_systems(system), path)
    for suffix in (".shp", ".shx"):
        part = there[f"{path.stem}{suffix}".lower()]
        with part.open("rb") as stream:
            head = stream.read(_CUT_SHORT_AT + 4)
        said = int.from_bytes(head[_CUT_SHORT_AT : _CUT_SHORT_AT + 4], "big") * 2
        if part.stat().st_size < said:
            values = {"part": part.name, "bytes": f"{part.stat().st_size:,}", "said": f"{said:,}"}
            raise InputError(Fault("part-cut-short", file=str(path), values=values))
    table = there[f"{path.stem}.dbf".lower()]
    with table.open("rb") as stream:
        head = stream.read(32)
    rows, start, width = (
        int.from_bytes(head[first:last], "little") for first, last in ((4, 8), (8, 10), (10, 12))
    )
    if table.stat().st_size < start + rows * width:
        values = {
            "part": table.name,
            "bytes": f"{table.stat().st_size:,}",
            "said": f"{start + rows * width:,}",
        }
        raise InputError(Fault("part-cut-short", file=str(path), values=values))
    _check_records(path, there[f"{path.stem}.shp".lower()], there[f"{path.stem}.shx".lower()], rows)


def _refuse_links(path: Path, there: dict[str, Path]) -> None:
    """Refuse parts that are links beside a shapefile that is none: they lead to where nobody has looked."""
    parts = [there.get(f"{path.stem}{suffix}".lower()) for suffix in (".shx", ".dbf", ".prj", ".cpg")]
    linked = [part.name for part in parts if part is not None and part.is_symlink()]
    if linked and not path.is_symlink():
        raise InputError(Fault("part-is-link", file=str(path), values={"part": name}) for name in linked)


def _check_records(path: Path, shapes: Path, index: Path, rows: int) -> None:
    """Refuse a shapefile whose parts hold different rows: those that one of them lacks would be dropped."""
    # .shx: after its head, where each shape begins in .shp and how long it is, in words of two bytes
    entries = index.read_bytes()[_INDEX_HEAD:]
    begin, length = np.frombuffer(entries[: len(entries) // 8 * 8], ">i4").reshape(-1, 2).astype(np.int64).T
    if len(begin) != rows:
        values = {"shapes": f"{len(begin):,}", "rows": f"{rows:,}"}
        raise InputError(Fault("parts-differ", file=str(path), values=values))
    end = 2 * (begin + length) + _SHAPE_HEAD
    size = shapes.stat().st_size
    beyond = np.flatnonzero((end > size) | (begin < 0) | (length < 0))
    if len(beyond):
        values = {"part": shapes.name, "bytes": f"{size:,}", "said": f"{end[beyond].max():,}"}
        rows_named = preview((beyond + 1).tolist())
        raise InputError(Fault("part-cut-short", file=str(path), row=rows_named, values=values))
    astray = _astray(shapes, 2 * begin)
    if len(astray):
        raise InputError(Fault("index-differs", file=str(path), row=preview((astray + 1).tolist())))


def _astray(shapes: Path, begin: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows whose shape is numbered as another row's in .shp, where that numbers all of them once."""
    if not len(begin):
        return np.empty(0, np.intp)
    data = np.memmap(shapes, np.uint8, "r")
    number = data[begin[:, None] + np.arange(4)].view(">i4").ravel() - 1
    rows = np.arange(len(begin))
    _, place, times = np.unique(begin, return_inverse=True, return_counts=True)
    twice = times[place] > 1
    # writers that number nothing, or not from 1, say nothing of the order
    numbered = bool(np.isin(number, rows).all()) and len(np.unique(number[~twice])) == int((~twice).sum())
    return np.flatnonzero(twice | ((number != rows) if numbered else False))


def deleted_rows(path: Path) -> int:
    """How many rows of a shapefile a program has marked as deleted; they are not read."""
    table = _part(path, ".dbf")
    rows, start, width = (
        int.from_bytes(table[first:last], "little") for first, last in ((4, 8), (8, 10), (10, 12))
    )
    return table[start : start + rows * width : max(width, 1)].count(b"*")


def _rows(path: Path) -> gpd.GeoDataFrame:
    """Every row, text byte for byte (as Latin-1); of fields of one name each with its own values.

    GDAL is asked for fields by name and gives one's values for all: names are numbered in a copy.
    """
    table = _part(path, ".dbf")
    fields = range(32, max(32, int.from_bytes(table[8:10], "little") - 1), 32)
    starts = list(
        itertools.takewhile(lambda at: at + 32 <= len(table) and table[at] != _NO_MORE_FIELDS, fields)
    )
    names = [table[at : at + 11].partition(b"\x00")[0].decode("latin-1") for at in starts]
    if len({name.casefold() for name in names}) == len(names):
        return pyogrio.read_dataframe(path, encoding="ISO-8859-1")
    numbered = bytearray(table)
    for number, at in enumerate(starts):
        numbered[at : at + 11] = f"F{number:05d}".encode().ljust(11, b"\x00")
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        for suffix in (".shp", ".shx", ".prj"):
            (Path(folder) / f"layer{suffix}").write_bytes(_part(path, suffix))
        (Path(folder) / "layer.dbf").write_bytes(numbered)
        raw = pyogrio.read_dataframe(Path(folder) / "layer.shp", encoding="ISO-8859-1")
    raw.columns = pd.Index([*names, "geometry"])
    return raw


def _encoding_of(path: Path, declared: str) -> tuple[str, bool]:
    """The encoding of a shapefile's text, and whether someone declared it."""
    fields = b"\n".join(_text_fields(_part(path, ".dbf")))
    guess = guess_encoding(fields)
    if declared:
        require_encoding(declared, path)
        if contradicted(fields, declared):
            raise InputError(
                Fault("encoding-contradicted", file=str(path), values={"encoding": declared, "guess": guess})
            )
        return declared, True
    label = _part(path, ".cpg").decode("ascii", errors="ignore").strip()
    label = f"cp{label}" if label.isdigit() else label
    if not label or not known_encoding(label):
        return guess, False
    proven = guess == "utf-8" and not fields.isascii()
    if proven:
        return guess, False
    if contradicted(fields, label):
        values = {"encoding": label, "guess": guess, "part": f"{path.stem}.cpg"}
        raise InputError(Fault("cpg-contradicted", file=str(path), values=values))
    return (label, True) if _fits(fields, label) else (guess, fields.isascii())


def _fits(fields: bytes, encoding: str) -> bool:
    """Whether every field could be in the encoding its label names."""
    try:
        for one in fields.split(b"\n"):
            decode_field(one, encoding)
    except UnicodeError:
        return False
    return True


def _decoded(raw: gpd.GeoDataFrame, encoding: str, path: Path) -> gpd.GeoDataFrame:
    """Text that was read byte for byte (as Latin-1) in its real encoding, headings too.

    Raises
    ------
    InputError
        With the number of all texts that are not in it, and the first of them.
    """
    decoded = raw.copy()
    decoded.columns = pd.Index([_heading(name, encoding) for name in raw.columns])
    decoded = with_distinct_columns(decoded)
    wrong: dict[str, list[str]] = {}
    for name in decoded.columns:
        values = decoded[name]
        if name != "geometry" and (values.dtype == object or str(values.dtype).startswith("str")):
            texts = []
            for row, value in enumerate(values.astype(object), 1):
                try:
                    texts.append(
                        decode_field(value.encode("latin-1"), encoding) if isinstance(value, str) else value
                    )
                except UnicodeError:
                    texts.append(value)
                    wrong.setdefault(name, []).append(str(row))
            decoded[name] = pd.Series(texts, index=decoded.index, dtype=object)
    if wrong:
        bytes_of = b"\n".join(_text_fields(_part(path, ".dbf")))
        raise InputError(
            Fault(
                "wrong-encoding-texts",
                file=str(path),
                row=preview(rows),
                field=name,
                values={"count": len(rows), "encoding": encoding, "guess": guess_encoding(bytes_of)},
            )
            for name, rows in wrong.items()
        )
    return decoded


def _heading(name: str, encoding: str) -> str:
    """A field's name in its encoding; one that is not in it stays as it is, since only its column suffers."""
    try:
        return decode_field(name.encode("latin-1"), encoding)
    except UnicodeError:
        return name


def _part(path: Path, suffix: str) -> bytes:
    """The bytes of one part of a shapefile; nothing where it is absent."""
    for file in path.parent.iterdir():
        if file.name.lower() == f"{path.stem}{suffix}".lower():
            return file.read_bytes()
    return b""


def _text_fields(table: bytes) -> list[bytes]:
    """The non-ASCII text fields of a dBase table."""
    if len(table) < 32:
        return []
    start = int.from_bytes(table[8:10], "little")
    width = int.from_bytes(table[10:12], "little")
    spans, offset = [], 1
    for position in range(32, start - 1, 32):
        if table[position] == 0x0D:
            break
        length = table[position + 16]
        if table[position + 11 : position + 12] == b"C":
            spans.append((offset, offset + length))
        offset += length
    fields = []
    for row in range(start, len(table) - width + 1, max(width, 1)):
        for first, last in spans:
            field = table[row + first : row + last].rstrip(b" \x00")
            if not field.isascii():
                fields.append(field)
    return fields
