"""A GeoJSON file before GDAL opens it: in UTF-8, naming no address, in a coordinate system that is known."""

from __future__ import annotations

import codecs
import mmap
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyproj import CRS
from pyproj.exceptions import ProjError

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.encodings import contradicted, decode_strictly, guess_encoding, require_encoding
from lifecircle.sources.files.opening import too_large

__all__ = ["BYTES_LIMIT", "CONVERTED_LIMIT", "in_utf8"]

BYTES_LIMIT: Final = 1_000_000_000
"""More than the vertices that a layer may have take at full precision."""
CONVERTED_LIMIT: Final = 300_000_000
"""A file in another encoding is held in memory as it is, decoded and encoded anew."""
_CHUNK: Final = 1 << 20


def _spelled(word: str) -> bytes:
    """A pattern for a word of a JSON text, each letter of which may be written as its number."""
    each = (f"(?:{sign}|\\\\u00(?:{ord(sign):02x}|{ord(sign.upper()):02x}))" for sign in word)
    return b'"' + "".join(each).encode("ascii") + b'"'


_CRS: Final = _spelled("crs") + rb"\s*:\s*\{[^{}]{0,400}"
_LINKED: Final = re.compile(
    _CRS + _spelled("type") + rb"\s*:\s*(?:" + _spelled("link") + b"|" + _spelled("url") + b")",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    _CRS + _spelled("properties") + rb"\s*:\s*\{\s*" + _spelled("name") + rb'\s*:\s*"([^"]{1,400})"',
    re.IGNORECASE,
)
_ESCAPED: Final = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


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
        if _LINKED.search(data):
            raise InputError(Fault("remote-path", file=str(path)))
        _refuse_unknown_system(_NAMED.search(data), path)
        marked = "utf-16" if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ""
        used = encoding or marked or "utf-8"
        plain = codecs.lookup(used).name in {"utf-8", "utf-8-sig"}
        if plain and not _is_utf8(data):
            values = {"guess": guess_encoding(data[:])}
            raise InputError(Fault("geojson-not-utf8", file=str(path), values=values))
    if plain:
        yield path, "utf-8"
        return
    if size > CONVERTED_LIMIT:
        raise too_large(path, "converted", CONVERTED_LIMIT)
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        copy = Path(folder) / "layer.geojson"
        copy.write_text(_text_of(path, used), encoding="utf-8")
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


def _refuse_unknown_system(named: re.Match[bytes] | None, path: Path) -> None:
    """Refuse a GeoJSON whose ``crs`` names a system nobody knows: GDAL would take it for WGS 84."""
    if named is None:
        return
    said = _ESCAPED.sub(lambda sign: bytes([int(sign[1], 16)]), named[1])
    name = said.decode("utf-8", errors="replace").strip()
    try:
        CRS.from_user_input(name)
    except ProjError:
        raise InputError(Fault("crs-unknown", file=str(path), values={"crs": name[:80]})) from None
