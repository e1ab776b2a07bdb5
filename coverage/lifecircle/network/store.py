"""A built network on disk: one aligned binary file with a JSON header, memory-mapped when read.

Nothing is unpickled. A file is written beside its place and moved there in one step, so that a reader
sees all of it or none; a file that is cut short or of another format counts as absent.
"""

from __future__ import annotations

import dataclasses
import json
import mmap
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyproj import CRS

from lifecircle.network.graph import Network

__all__ = ["load_network", "save_network", "stored_network"]

_MAGIC: Final = b"lifecircle network 1\n"
_ALIGN: Final = 64
_BACK: Final = {
    "back_indptr": "indptr",
    "back_head": "head",
    "back_cost": "cost",
    "back_edge": "arc_edge",
}


def stored_network(folder: Path, key: str, build: Callable[[], Network]) -> Network:
    """The network kept under a key, or a new one, kept for the next time.

    Parameters
    ----------
    folder
        Where networks are kept; made if it is not there.
    key
        Hash of everything the network is made from: the bytes of the source, the mode, the speed.
    build
        Makes the network.
    """
    path = Path(folder) / f"{key}.network"
    found = load_network(path)
    if found is None:
        found = build()
        save_network(found, path)
    return found


def save_network(network: Network, path: Path) -> None:
    """Write a network, all of it or nothing."""
    arrays, header = {}, {"crs": network.crs.to_wkt(), "digest": network.digest}
    for field in dataclasses.fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            if not (network.symmetric and field.name in _BACK):
                arrays[field.name] = np.ascontiguousarray(value)
        elif field.name not in {"crs", "cache"}:
            header[field.name] = value
    place, at = {}, 0
    for name, values in arrays.items():
        place[name] = (values.dtype.str, len(values), at)
        at += -(-values.nbytes // _ALIGN) * _ALIGN
    words = json.dumps({"fields": header, "arrays": place, "bytes": at}, ensure_ascii=False).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + len(words).to_bytes(8, "little") + words)
            file.write(bytes(-file.tell() % _ALIGN))
            for values in arrays.values():
                file.write(values.data)
                file.write(bytes(-file.tell() % _ALIGN))
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def load_network(path: Path) -> Network | None:
    """Map a network from disk; None where there is no whole one of this format."""
    try:
        with path.open("rb") as file:
            # private pages: writable arrays, as the loops were compiled for, and a file that stays as it is
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (FileNotFoundError, ValueError):  # ValueError: the file is empty
        return None
    start = len(_MAGIC) + 8
    if whole[: len(_MAGIC)] != _MAGIC or len(whole) < start:
        return None
    size = int.from_bytes(whole[len(_MAGIC) : start], "little")
    body = -(-(start + size) // _ALIGN) * _ALIGN
    if len(whole) < body:
        return None
    header = json.loads(whole[start : start + size])
    if len(whole) != body + header["bytes"]:
        return None
    values: dict[str, Any] = dict(header["fields"])
    for name, (dtype, count, at) in header["arrays"].items():
        values[name] = np.frombuffer(whole, np.dtype(dtype), count, body + at)
    if values["symmetric"]:
        values.update({back: values[front] for back, front in _BACK.items()})
    digest = values.pop("digest")
    values["crs"] = CRS.from_wkt(values["crs"])
    values["names"], values["highways"] = tuple(values["names"]), tuple(values["highways"])
    network = Network(**values)
    vars(network)["digest"] = digest  # hashing it all again would read every page of the file
    return network
