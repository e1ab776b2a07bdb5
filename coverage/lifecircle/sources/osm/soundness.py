"""PBF files looked over before osmium reads them: what would end the whole process is refused.

osmium keeps texts with a NUL behind each. A tag whose text holds a NUL of its own makes it read past the end
of its memory, which no caller can catch. The format allows such a text, no editor writes one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["require_sound_pbf"]

_HEADER_LIMIT: Final = 64 * 1024
_BLOB_LIMIT: Final = 32 * 1024**2
"""Bounds of the format, on a blob's header and on its content."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_RAW, _ZLIB = 1, 3
_PACKINGS: Final = {4: "lzma", 5: "bzip2", 6: "lz4", 7: "zstd"}
_EMPTY_FIRST: Final = b"\x0a\x00"
"""A table of texts begins with the blank one."""


def require_sound_pbf(path: Path) -> None:
    """Refuse a PBF file with a NUL inside a text, or with blobs that break the format's bounds.

    Every blob is unpacked once, which takes about a tenth of a second for 10 MB.

    Raises
    ------
    RuntimeError
        With the number of the blob, as osmium itself reports what it cannot read.
    """
    with path.open("rb") as stream:
        for number, (kind, content) in enumerate(_blobs(stream), 1):
            if kind == b"OSMData" and _holds_nul(content):
                raise RuntimeError(f"blob {number}: a text holds a NUL character")


def _blobs(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Kind and unpacked content of every blob."""
    number = 0
    while size_bytes := stream.read(4):
        number += 1
        size = int.from_bytes(size_bytes, "big")
        if len(size_bytes) < 4 or size > _HEADER_LIMIT:
            raise RuntimeError(f"blob {number}: no size of a header")
        header = dict(_fields(_exactly(stream, size, number)))
        kind, held = header.get(1, b""), header.get(3, 0)
        if not isinstance(kind, bytes) or not isinstance(held, int) or held > _BLOB_LIMIT:
            raise RuntimeError(f"blob {number}: larger than the format allows")
        yield kind, _unpacked(_exactly(stream, held, number), number)


def _exactly(stream: BinaryIO, size: int, number: int) -> bytes:
    """So many bytes, no fewer."""
    data = stream.read(size)
    if len(data) < size:
        raise RuntimeError(f"blob {number}: the file ends in its middle")
    return data


def _unpacked(blob: bytes, number: int) -> bytes:
    """The content of a blob, which may not exceed the format's bound."""
    fields = dict(_fields(blob))
    if isinstance(raw := fields.get(_RAW), bytes):
        return raw
    packed = fields.get(_ZLIB)
    if not isinstance(packed, bytes):
        packing = next((name for field, name in _PACKINGS.items() if field in fields), "unknown")
        raise RuntimeError(f"blob {number}: packed as {packing}; zlib is read")  # noqa: TRY004  # no type of ours
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, _BLOB_LIMIT)
    if unpacker.unconsumed_tail:
        raise RuntimeError(f"blob {number}: unpacks to more than the format allows")
    return content


def _holds_nul(block: bytes) -> bool:
    """Whether a text of a block's table holds a NUL."""
    for field, table in _fields(block):
        if field != 1 or not isinstance(table, bytes):
            continue
        # Nearly always the length of the blank text is the only NUL, and no text must be looked at.
        if not table.removeprefix(_EMPTY_FIRST).count(0):
            continue
        if any(isinstance(text, bytes) and 0 in text for _, text in _fields(table)):
            return True
    return False


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field of a protobuf message.

    Raises
    ------
    RuntimeError
        If the message is no such message.
    """
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        wire = tag & 7
        value: int | bytes
        if wire == _VARINT:
            value, at = _varint(message, at)
        elif wire in {_BYTES, _FIXED64, _FIXED32}:
            size, at = _varint(message, at) if wire == _BYTES else ({_FIXED64: 8, _FIXED32: 4}[wire], at)
            if size > end - at:
                raise RuntimeError("a field is longer than what holds it")
            value, at = message[at : at + size], at + size
        else:
            raise RuntimeError(f"unknown kind of field ({wire})")
        yield tag >> 3, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where the next value begins."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise RuntimeError("a number that does not end")
