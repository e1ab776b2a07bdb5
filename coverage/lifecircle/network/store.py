"""Built networks kept on disk: saved and loaded by path, or kept under a hash of all they are made from."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from pyproj import CRS

from lifecircle.folders import made_private
from lifecircle.network.graph import Network
from lifecircle.network.network_file import read_network_file, write_network_file
from lifecircle.tables import StreetTable

__all__ = [
    "LIMIT_MB",
    "SUFFIX",
    "Stored",
    "least_used",
    "load_network",
    "network_key",
    "save_network",
    "stored_network",
]

SUFFIX: Final = ".network"
LIMIT_MB: Final = 20_000.0
"""Room of the networks kept in one folder, unless ``LIFECIRCLE_CACHE_MB`` says otherwise."""


class Stored(NamedTuple):
    """A network from a store, and how it came."""

    network: Network
    came: Literal["read", "built", "rebuilt", "distrusted"]
    """Read from disk; built because none was kept; rebuilt because the one kept was damaged; built because
    others can write into the folder, in which nothing is believed or kept."""


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
    # the version and the fields of `Network` belong to the key: a new release builds anew
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
        Where networks are kept; made if it is not there. A folder that cannot be written keeps nothing, and
        of one that others than the user can write into nothing is read.
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
    with contextlib.suppress(OSError):
        if not made_private(Path(folder)):
            return Stored(build(), "distrusted")
    if not os.path.isdir(folder):  # noqa: PTH112  # Path.is_dir raises for names that are too long
        return Stored(build(), "built")
    held = None
    with contextlib.suppress(OSError):  # a bad disk, a folder of that name: nothing that can be read is kept
        held = load_network(path)
    if held is not None:
        with contextlib.suppress(OSError):
            os.utime(path)  # what is used longest ago goes first
        return Stored(held, "read")
    came: Literal["built", "rebuilt"] = "rebuilt" if path.exists() else "built"
    # a folder that cannot be written keeps nothing, and the run goes on
    made = build()
    with contextlib.suppress(OSError):
        save_network(made, path)
        for old in least_used(Path(folder).glob(f"*{SUFFIX}"), keep_mb=_limit_mb()):
            if old != path:
                old.unlink(missing_ok=True)
    return Stored(made, came)


def least_used(files: Iterable[Path], *, keep_mb: float) -> list[Path]:
    """The files used longest ago, without which the others take no more than some room.

    Parameters
    ----------
    files
        Files whose times say when they were used; those that are gone meanwhile count for nothing.
    keep_mb
        The room, megabytes.

    Examples
    --------
    >>> least_used([], keep_mb=1.0)
    []
    """
    seen = []
    for file in files:
        with contextlib.suppress(OSError):
            told = file.stat()
            seen.append((told.st_mtime_ns, file, told.st_size))
    room, old = keep_mb * 1e6, []
    for _, file, size in sorted(seen, reverse=True):
        room -= size
        if room < 0:
            old.append(file)
    return old


def _limit_mb() -> float:
    """The room for networks, megabytes."""
    try:
        return float(os.environ["LIFECIRCLE_CACHE_MB"])
    except (KeyError, ValueError):
        return LIMIT_MB


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
    write_network_file(network, path)


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
    return read_network_file(path, Network)
