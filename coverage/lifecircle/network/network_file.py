"""The file of a built network: one aligned binary file with a JSON header, memory-mapped when read.

Nothing is unpickled. A file is written beside its place and moved there in one step, so that a reader
sees all of it or none. Header and arrays carry checksums: a file that is cut short, changed or of another
format counts as absent.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import mmap
import os
import tempfile
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from pyproj import CRS

from lifecircle.arguments import require, require_method
from lifecircle.network.spatial_graph import SpatialGraph

__all__ = ["read_network_file", "write_network_file"]

GraphT = TypeVar("GraphT", bound=SpatialGraph)

_MAGIC: Final = b"lifecircle network 3\n"
_ALIGN: Final = 64
_CHECKSUM_CHARS: Final = 32
_BACK: Final = {
    "back_indptr": "indptr",
    "back_head": "head",
    "back_cost": "cost",
    "back_edge": "arc_edge",
}
"""Arrays that a symmetric network holds once, under the name of the others."""


def write_network_file(network: SpatialGraph, path: str | Path) -> None:
    """Write a network, all of it or nothing; a file that is there is replaced."""
    # stage 1: arrays apart from all else; what is derived (`cache`) is derived again
    require_method("digest", "network", network=network)
    require("path", path=path)
    symmetric = getattr(network, "symmetric", False)
    arrays, header = {}, {"crs": network.crs.to_wkt(), "digest": network.digest}
    for field in dataclasses.fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            if not (symmetric and field.name in _BACK):
                arrays[field.name] = np.ascontiguousarray(value)
        elif field.name not in {"crs", "cache"}:
            header[field.name] = value
    # stage 2: where each array will stand, aligned so that it can be mapped
    place, at = {}, 0
    for name, values in arrays.items():
        place[name] = (values.dtype.str, len(values), at, _checksum(values.data))
        at += -(-values.nbytes // _ALIGN) * _ALIGN
    words = json.dumps({"fields": header, "arrays": place, "bytes": at}, ensure_ascii=False).encode()
    # stage 3: written beside its place, then moved there in one step
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + len(words).to_bytes(8, "little") + _checksum(words).encode() + words)
            file.write(bytes(-file.tell() % _ALIGN))
            for values in arrays.values():
                file.write(values.data)
                file.write(bytes(-file.tell() % _ALIGN))
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read_network_file(path: str | Path, cls: type[GraphT]) -> GraphT | None:
    """Map a network of some class from disk; None where there is no whole file of this format."""
    require("path", path=path)
    try:
        with Path(path).open("rb") as file:
            # private pages: writable arrays, as the loops were compiled for, and a file that stays as it is
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (FileNotFoundError, ValueError):  # ValueError: the file is empty
        return None
    header, body = _header(whole)
    if header is None:
        return None
    values: dict[str, Any] = dict(header["fields"])
    for name, (dtype, count, at, checksum) in header["arrays"].items():
        values[name] = np.frombuffer(whole, np.dtype(dtype), count, body + at)
        if _checksum(values[name].data) != checksum:
            return None
    # what a symmetric network holds once serves both directions
    if values.get("symmetric"):
        values.update({back: values[front] for back, front in _BACK.items()})
    digest = values.pop("digest")
    values["crs"] = CRS.from_wkt(values["crs"])
    values["names"], values["highways"] = tuple(values["names"]), tuple(values["highways"])
    if "named" in values:
        values["named"] = {reason: tuple(names) for reason, names in values["named"].items()}
    network = cls(**values)
    vars(network)["digest"] = digest  # hashing it all again would read every page of the file
    return network


def _header(whole: mmap.mmap) -> tuple[dict[str, Any] | None, int]:
    """What the file says it holds, and where its arrays begin; None where it is no whole file of ours."""
    # magic, length and checksum of the header, the header, then the arrays from the next aligned byte
    start = len(_MAGIC) + 8 + _CHECKSUM_CHARS
    size = int.from_bytes(whole[len(_MAGIC) : len(_MAGIC) + 8], "little")
    body = -(-(start + size) // _ALIGN) * _ALIGN
    words = whole[start : start + size]
    if whole[: len(_MAGIC)] != _MAGIC or len(whole) < body:
        return None, body
    if _checksum(words).encode() != whole[start - _CHECKSUM_CHARS : start]:
        return None, body
    header: dict[str, Any] = json.loads(words)
    return (header if len(whole) == body + header["bytes"] else None), body


def _checksum(part: Any) -> str:
    """Checksum of bytes, in `_CHECKSUM_CHARS` characters."""
    return hashlib.blake2b(part, digest_size=_CHECKSUM_CHARS // 2).hexdigest()
