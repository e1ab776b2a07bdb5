"""A built network on disk: one aligned binary file with a JSON header, memory-mapped when read.

Nothing is unpickled. A file is written beside its place and moved there in one step, so that a reader
sees all of it or none. Header and arrays carry checksums: a file that is cut short, changed or of another
format counts as absent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from pyproj import CRS

from lifecircle.network.graph import Network
from lifecircle.tables import StreetTable

__all__ = ["SUFFIX", "Stored", "load_network", "network_key", "save_network", "stored_network"]

SUFFIX: Final = ".network"
_MAGIC: Final = b"lifecircle network 2\n"
_ALIGN: Final = 64
_CHECKSUM_CHARS: Final = 32
_BACK: Final = {
    "back_indptr": "indptr",
    "back_head": "head",
    "back_cost": "cost",
    "back_edge": "arc_edge",
}


class Stored(NamedTuple):
    """A network from a store, and how it came."""

    network: Network
    came: Literal["read", "built", "rebuilt"]
    """Read from disk; built because none was kept; rebuilt because the one kept was damaged."""


def network_key(streets: StreetTable, **options: Any) -> str:
    """Hash of all that a network is made from: the streets, the options of `build_network`, the program.

    Parameters
    ----------
    streets
        The segments.
    **options
        What `build_network` is given: numbers, a CRS, arrays.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_streets
    >>> one, other = (network_key(grid_streets(), speed_kmh=speed) for speed in (4.0, 5.0))
    >>> len(one), one == other
    (32, False)
    """
    hashed = hashlib.blake2b(digest_size=16)
    hashed.update(
        f"{version('lifecircle')}|{sorted(field.name for field in dataclasses.fields(Network))}".encode()
    )
    for field in dataclasses.fields(streets):
        _hash(hashed, field.name, getattr(streets, field.name))
    for name in sorted(options):
        _hash(hashed, name, options[name])
    return hashed.hexdigest()


def _hash(hashed: Any, name: str, value: Any) -> None:
    """Feed one named value: arrays by their bytes, all else by its words."""
    if isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
        for number, part in enumerate(value):
            _hash(hashed, f"{name}{number}", part)
    elif isinstance(value, np.ndarray):
        hashed.update(f"|{name}:{value.dtype.str}:{value.shape}|".encode())
        hashed.update(np.ascontiguousarray(value).data)
    else:
        said = value.to_wkt() if isinstance(value, CRS) else repr(value)
        hashed.update(f"|{name}={said}".encode())


def stored_network(folder: Path, key: str, build: Callable[[], Network]) -> Stored:
    """The network kept under a key, or a new one, kept for the next time.

    Parameters
    ----------
    folder
        Where networks are kept; made if it is not there. A folder that cannot be written keeps nothing.
    key
        As `network_key`.
    build
        Makes the network.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from lifecircle.network.examples import grid_network
    >>> folder = Path(tempfile.mkdtemp())
    >>> [stored_network(folder, "town", grid_network).came for _ in range(2)]
    ['built', 'read']
    """
    path = Path(folder) / f"{key}{SUFFIX}"
    held = load_network(path)
    if held is not None:
        return Stored(held, "read")
    came: Literal["built", "rebuilt"] = "rebuilt" if path.exists() else "built"
    made = build()
    with contextlib.suppress(OSError):
        save_network(made, path)
    return Stored(made, came)


def save_network(network: Network, path: str | Path) -> None:
    """Write a network, all of it or nothing.

    Parameters
    ----------
    network
        The network.
    path
        The file; one that is there is replaced.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network
    >>> file = Path(tempfile.mkdtemp()) / "town.network"
    >>> lc.save_network(grid_network(), file)
    >>> len(lc.load_network(file))
    12
    """
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
        place[name] = (values.dtype.str, len(values), at, _checksum(values.data))
        at += -(-values.nbytes // _ALIGN) * _ALIGN
    words = json.dumps({"fields": header, "arrays": place, "bytes": at}, ensure_ascii=False).encode()
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


def load_network(path: str | Path) -> Network | None:
    """Map a network from disk; None where there is no whole one of this format.

    Parameters
    ----------
    path
        A file that `save_network` wrote.

    Returns
    -------
    Network or None
        The network, its arrays mapped into memory; None if the file is absent, damaged or of another format.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.load_network("nothing.network") is None
    True
    """
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
    if values["symmetric"]:
        values.update({back: values[front] for back, front in _BACK.items()})
    digest = values.pop("digest")
    values["crs"] = CRS.from_wkt(values["crs"])
    values["names"], values["highways"] = tuple(values["names"]), tuple(values["highways"])
    network = Network(**values)
    vars(network)["digest"] = digest  # hashing it all again would read every page of the file
    return network


def _header(whole: mmap.mmap) -> tuple[dict[str, Any] | None, int]:
    """What the file says it holds, and where its arrays begin; None where it is no whole file of ours."""
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
