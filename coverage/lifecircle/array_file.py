"""A file of arrays: one aligned binary file with a JSON header, memory-mapped when read.

Nothing is unpickled. A file is written beside its place and moved there in one step, so that a reader
sees all of it or none. Header and arrays carry checksums: a file that is cut short, changed or of another
format counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_arrays", "write_arrays"]

_ALIGN: Final = 64
_CHECKSUM_CHARS: Final = 32


def write_arrays(
    path: Path, magic: bytes, fields: Mapping[str, object], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write arrays and what belongs to them, all of it or nothing; a file that is there is replaced.

    Parameters
    ----------
    path
        The file; its folder is made if it is not there.
    magic
        What the file begins with: its format.
    fields
        Whatever JSON can hold.
    arrays
        Of one dimension and a fixed size per item.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_arrays(folder / "a.arrays", b"example 1", {"unit": "m"}, {"x": np.arange(3)})
    >>> fields, arrays = read_arrays(folder / "a.arrays", b"example 1")
    >>> fields, arrays["x"].tolist()
    ({'unit': 'm'}, [0, 1, 2])
    """
    # stage 1: where each array will stand, aligned so that it can be mapped
    held = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    place, at = {}, 0
    for name, values in held.items():
        place[name] = (values.dtype.str, len(values), at, _checksum(values.data))
        at += -(-values.nbytes // _ALIGN) * _ALIGN
    words = json.dumps({"fields": fields, "arrays": place, "bytes": at}, ensure_ascii=False).encode()
    # stage 2: written beside its place, then moved there in one step
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(magic + len(words).to_bytes(8, "little") + _checksum(words).encode() + words)
            file.write(bytes(-file.tell() % _ALIGN))
            for values in held.values():
                file.write(values.data)
                file.write(bytes(-file.tell() % _ALIGN))
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read_arrays(path: Path, magic: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """What `write_arrays` wrote, its arrays mapped into memory; None where there is no whole file of it.

    Raises
    ------
    OSError
        If the file is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            # private pages: writable arrays, as the loops were compiled for, and a file that stays as it is
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (FileNotFoundError, ValueError):  # ValueError: the file is empty
        return None
    header, body = _header(whole, magic)
    if header is None:
        return None
    arrays = {}
    for name, (dtype, count, at, checksum) in header["arrays"].items():
        arrays[name] = np.frombuffer(whole, np.dtype(dtype), count, body + at)
        if _checksum(arrays[name].data) != checksum:
            return None
    return header["fields"], arrays


def _header(whole: mmap.mmap, magic: bytes) -> tuple[dict[str, Any] | None, int]:
    """What the file says it holds, and where its arrays begin; None where it is no whole file of ours."""
    # magic, length and checksum of the header, the header, then the arrays from the next aligned byte
    start = len(magic) + 8 + _CHECKSUM_CHARS
    size = int.from_bytes(whole[len(magic) : len(magic) + 8], "little")
    body = -(-(start + size) // _ALIGN) * _ALIGN
    words = whole[start : start + size]
    if whole[: len(magic)] != magic or len(whole) < body:
        return None, body
    if _checksum(words).encode() != whole[start - _CHECKSUM_CHARS : start]:
        return None, body
    header: dict[str, Any] = json.loads(words)
    return (header if len(whole) == body + header["bytes"] else None), body


def _checksum(part: Any) -> str:
    """Checksum of bytes, in `_CHECKSUM_CHARS` characters."""
    return hashlib.blake2b(part, digest_size=_CHECKSUM_CHARS // 2).hexdigest()
