"""Shapefiles: the parts that must be there, and text whose encoding nobody wrote down."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.sources.files.encodings import decode_field, guess_encoding, known_encoding

__all__ = ["check_sidecars", "decode_shapefile", "shapefile_encoding"]


def check_sidecars(path: Path, inner: str, members: tuple[str, ...]) -> None:
    """Refuse a shapefile without its ``.shx`` and ``.dbf``.

    Parameters
    ----------
    path
        The ``.shp``, or the archive it lies in.
    inner, members
        Its name in the archive and all names there; blank for a shapefile in a folder.

    Raises
    ------
    MissingInputError
        With one fault per missing part.
    """
    there = {name.lower() for name in members or (file.name for file in path.parent.iterdir())}
    stem = (inner or path.name)[: -len(".shp")]
    missing = [suffix for suffix in (".shx", ".dbf") if f"{stem}{suffix}".lower() not in there]
    if missing:
        raise MissingInputError(
            [Fault("missing-part", file=str(path), values={"part": f"{stem}{part}"}) for part in missing]
        )


def shapefile_encoding(path: Path, inner: str, declared: str) -> tuple[str, bool]:
    """The encoding of a shapefile's text, and whether someone declared it.

    The study's word wins, then a ``.cpg`` that its text does not contradict, then what the bytes show.

    Raises
    ------
    InputError
        If the declared encoding does not exist.
    """
    if declared:
        if not known_encoding(declared):
            raise InputError(Fault("unknown-encoding", file=str(path), values={"encoding": declared}))
        return declared, True
    fields = b"\n".join(_text_fields(_part(path, inner, ".dbf")))
    label = _part(path, inner, ".cpg").decode("ascii", errors="ignore").strip()
    label = f"cp{label}" if label.isdigit() else label
    guess = guess_encoding(fields)
    proven = guess == "utf-8" and not fields.isascii()
    if label and known_encoding(label) and not proven and _decodes(fields, label):
        return label, True
    return guess, bool(label) and not proven and fields.isascii()


def decode_shapefile(raw: gpd.GeoDataFrame, encoding: str) -> gpd.GeoDataFrame:
    """Text that was read byte for byte (as Latin-1) in its real encoding, headings too."""
    decoded = raw.copy()
    for name in decoded.columns:
        values = decoded[name]
        if name != "geometry" and (values.dtype == object or str(values.dtype).startswith("str")):
            decoded[name] = values.astype(object).map(
                lambda value: _decode(value, encoding) if isinstance(value, str) else value
            )
    return decoded.rename(columns={name: _decode(name, encoding) for name in raw.columns})


def _decode(text: str, encoding: str) -> str:
    """One Latin-1 reading undone."""
    return decode_field(text.encode("latin-1"), encoding)


def _decodes(fields: bytes, encoding: str) -> bool:
    """Whether every field could be in the encoding its label names."""
    return not any("\ufffd" in decode_field(field, encoding) for field in fields.split(b"\n"))


def _part(path: Path, inner: str, suffix: str) -> bytes:
    """The bytes of one part of a shapefile, in a folder or in an archive; nothing where it is absent."""
    if inner:
        wanted = f"{inner[: -len('.shp')]}{suffix}".lower()
        with zipfile.ZipFile(path) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            return archive.read(names[wanted]) if wanted in names else b""
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
