"""A GeoJSON file before GDAL opens it: in UTF-8, naming no address, in a coordinate system that is known."""

from __future__ import annotations

import codecs
import json
import mmap
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyproj.exceptions import ProjError

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.definitions import refuse_named_files
from lifecircle.sources.files.encodings import contradicted, decode_strictly, guess_encoding, require_encoding
from lifecircle.sources.files.opening import too_large
from lifecircle.tables.crs import known_crs

__all__ = ["BYTES_LIMIT", "CONVERTED_LIMIT", "in_utf8"]

BYTES_LIMIT: Final = 1_000_000_000
"""More than the vertices that a layer may have take at full precision."""
CONVERTED_LIMIT: Final = 300_000_000
"""A file in another encoding is held in memory as it is, decoded and encoded anew."""
_CHUNK: Final = 1 << 20
_GAP: Final = rb"(?:\s|/\*.{0,400}?\*/|//[^\n]{0,400}\n)*"
"""GDAL's reader passes over remarks, too."""


def _spelled(word: str) -> bytes:
    """A pattern for a word of a JSON text, each letter of which may be written as its number."""
    each = (f"(?:{sign}|\\\\u00(?:{ord(sign):02x}|{ord(sign.upper()):02x}))" for sign in word)
    return b"[\"']" + "".join(each).encode("ascii") + b"[\"']"


_SYSTEM: Final = re.compile(_spelled("crs") + _GAP + b":" + _GAP + rb"(?=\{)", re.IGNORECASE | re.DOTALL)
_LONGEST: Final = 10_000
"""Bytes in which the object of a coordinate system ends."""
_ADDRESSES: Final = frozenset({"link", "url"})
_NAMES: Final = {"name": "name", "epsg": "code", "ogc": "urn"}
"""Kinds of coordinate systems to the property that names them."""


@contextmanager
def in_utf8(path: Path, encoding: str) -> Iterator[tuple[Path, str]]:
    """A GeoJSON file in UTF-8: itself, or a copy where it is in another encoding.

    Parameters
    ----------
    path
        The file.
    encoding
        As the study declares it; blank: UTF-8, or UTF-16 where a mark says so.

    Yields
    ------
    Path, str
        The file to open, and the encoding of `path`.

    Raises
    ------
    InputError
        If it is too large, not in its encoding, or its coordinate system is an address or known to nobody.
    """
    if encoding:
        require_encoding(encoding, path)
    size = path.stat().st_size
    if size > BYTES_LIMIT:
        raise too_large(path, "bytes", BYTES_LIMIT)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        marked = "utf-16" if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ""
        used = encoding or marked or "utf-8"
        plain = codecs.lookup(used).name in {"utf-8", "utf-8-sig"}
        if plain and not _is_utf8(data):
            values = {"guess": guess_encoding(data[:])}
            raise InputError(Fault("geojson-not-utf8", file=str(path), values=values))
        if plain:
            _refuse_systems(data, path)
    if plain:
        yield path, "utf-8"
        return
    if size > CONVERTED_LIMIT:
        raise too_large(path, "converted", CONVERTED_LIMIT)
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        copy = Path(folder) / "layer.geojson"
        content = _text_of(path, used).encode("utf-8")
        _refuse_systems(content, path)
        copy.write_bytes(content)
        yield copy, used


def _text_of(path: Path, encoding: str) -> str:
    """The text of a file in an encoding that it does not contradict."""
    data = path.read_bytes()
    if contradicted(data, encoding):
        values = {"encoding": encoding, "guess": guess_encoding(data)}
        raise InputError(Fault("encoding-contradicted", file=str(path), values=values))
    return decode_strictly(data, encoding, path)


def _is_utf8(data: mmap.mmap) -> bool:
    """Whether a file is UTF-8 to its end, looked at piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _CHUNK):
            decoder.decode(data[at : at + _CHUNK], final=at + _CHUNK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _refuse_systems(data: mmap.mmap | bytes, path: Path) -> None:
    """Refuse a coordinate system that is an address, names a file or is known to nobody, wherever it stands.

    GDAL would fetch an address, and take what it does not know for WGS 84.

    Raises
    ------
    InputError
        For the first such system.
    """
    named = (_named(data[match.end() : match.end() + _LONGEST]) for match in _SYSTEM.finditer(data))
    for kind, name, said in dict.fromkeys(named):
        if kind in _ADDRESSES:
            raise InputError(Fault("remote-path", file=str(path)))
        refuse_named_files([name], path)
        try:
            known_crs(name)
        except ProjError:
            raise InputError(Fault("crs-unknown", file=str(path), values={"crs": said})) from None


def _named(words: bytes) -> tuple[str, str, str]:
    """Kind and name of the system whose object begins a text, and how it is said; blank where it has no name.

    Keys count in any case of letters, as they do for GDAL.
    """
    text = words.decode("utf-8", errors="replace")
    said = " ".join(text[:80].split())
    try:
        table, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return "", "", said
    system = {key.lower(): value for key, value in table.items()}
    kind, held = str(system.get("type", "")).lower(), system.get("properties")
    held = {key.lower(): value for key, value in held.items()} if isinstance(held, dict) else {}
    name = held.get(_NAMES.get(kind, ""))
    if not isinstance(name, str | int) or len(system) < len(table):
        return kind, "", said
    name = f"EPSG:{name}" if kind == "epsg" else str(name).strip()
    return kind, name, name[:80]
