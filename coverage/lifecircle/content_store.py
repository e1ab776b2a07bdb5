"""What is kept from one run to the next: arrays under a key of all that they are made from.

Nothing is looked up by name or date, so nothing kept can be out of date: other inputs, settings, packages or
sources of this package make another key. What is kept carries checksums; what is damaged counts as absent, is
told and made anew. Runs that keep the same thing at the same time write the same bytes, each at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.array_file import read_arrays, write_arrays
from lifecircle.folders import made_private

__all__ = [
    "LIMIT_MB",
    "NETWORK_SUFFIX",
    "SUFFIXES",
    "ContentStore",
    "Reused",
    "Taken",
    "content_key",
    "least_used",
    "make_room",
]

NETWORK_SUFFIX: Final = ".network"
_SUFFIX: Final = ".kept"
SUFFIXES: Final = (NETWORK_SUFFIX, _SUFFIX)
"""Endings of what is kept in one folder and shares its room."""

LIMIT_MB: Final = 20_000.0
"""Room of what is kept in one folder, unless ``LIFECIRCLE_CACHE_MB`` says otherwise."""

_MAGIC: Final = b"lifecircle kept 1\n"
_KEY_BYTES: Final = 16
_PACKAGES: Final = (
    "lifecircle",
    "geopandas",
    "numba",
    "numpy",
    "pandas",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)

_LOG: Final = logging.getLogger("lifecircle")


class Reused(NamedTuple):
    """What a stage took from the store, and what it computed, by name."""

    taken: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    """Those of `computed` that were kept, and damaged."""


class Taken(NamedTuple):
    """What was found in the store: arrays by the name of the thing, and which things were not."""

    arrays: Mapping[str, Mapping[str, NDArray[Any]]]
    reused: Reused


class ContentStore:
    """One folder in which arrays are kept under keys.

    Parameters
    ----------
    folder
        Where; made if it is not there. See `opened`.

    Examples
    --------
    >>> import tempfile
    >>> store = ContentStore.opened(Path(tempfile.mkdtemp()))
    >>> keys = {"pharmacy": content_key("minutes", speed_kmh=4.0)}
    >>> store.take(keys).reused
    Reused(taken=(), computed=('pharmacy',), damaged=())
    >>> store.keep(keys["pharmacy"], {"minutes": np.array([1.5, 2.0])})
    >>> store.take(keys).arrays["pharmacy"]["minutes"].tolist()
    [1.5, 2.0]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def opened(cls, folder: Path) -> ContentStore | None:
        """A folder's store; None where it cannot be made, or others than the user can write into it."""
        with contextlib.suppress(OSError):
            if made_private(folder):
                return cls(folder)
        return None

    def take(self, keys: Mapping[str, str]) -> Taken:
        """What is kept under some keys, by the names that they stand for."""
        arrays: dict[str, Mapping[str, NDArray[Any]]] = {}
        damaged = []
        for name, key in keys.items():
            path = self._path(key)
            held = None
            with contextlib.suppress(OSError):  # a bad disk, a folder of that name: nothing can be read
                held = read_arrays(path, _MAGIC)
            if held is not None:
                arrays[name] = held[1]
                with contextlib.suppress(OSError):
                    os.utime(path)  # what is used longest ago goes first
            elif path.exists():
                _LOG.warning("damaged: %s", path)
                damaged.append(name)
        computed = tuple(name for name in keys if name not in arrays)
        return Taken(arrays, Reused(tuple(arrays), computed, tuple(damaged)))

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays, each of one dimension; where that cannot be done the run goes on without."""
        path = self._path(key)
        with contextlib.suppress(OSError):
            write_arrays(path, _MAGIC, {}, arrays)
            make_room(path)

    def _path(self, key: str) -> Path:
        """The file of a key."""
        return self.folder / f"{key}{_SUFFIX}"


def content_key(kind: str, **made_of: Any) -> str:
    """Hash of all that something is made from, of the program that makes it among them.

    Parameters
    ----------
    kind
        What it is.
    **made_of
        Text, numbers, arrays, geometries with their CRS, and tuples, mappings and dataclasses of these.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    TypeError
        Of something else: what cannot be told apart makes no key.

    Examples
    --------
    >>> one, other = (content_key("minutes", speed_kmh=speed) for speed in (4.0, 5.0))
    >>> len(one), one == other
    (32, False)
    """
    hashed = hashlib.blake2b(digest_size=_KEY_BYTES)
    _feed(hashed, kind, _program())
    for name in sorted(made_of):
        _feed(hashed, name, made_of[name])
    return hashed.hexdigest()


@cache
def _program() -> str:
    """The sources of this package, the packages that figures depend on, and the machine."""
    root = Path(__file__).parent
    hashed = hashlib.blake2b(digest_size=_KEY_BYTES)
    for source in sorted(root.rglob("*.py")) + sorted(root.rglob("*.toml")):
        hashed.update(f"|{source.relative_to(root).as_posix()}|".encode())
        hashed.update(hashlib.blake2b(source.read_bytes()).digest())
    told = [f"{name}={version(name)}" for name in _PACKAGES]
    libraries = [shapely.geos_version_string, pyproj.proj_version_str]
    return "|".join([hashed.hexdigest(), *told, *libraries, sys.version, platform.machine()])


def _feed(hashed: Any, name: str, value: Any) -> None:
    """Feed one named value: its type and size, then its content, so that no two values read alike."""
    match value:
        case np.ndarray() if value.dtype.kind in "biuf":
            hashed.update(f"|{name}:{value.dtype.str}:{value.shape}|".encode())
            hashed.update(np.ascontiguousarray(value).data)
        case gpd.GeoSeries():
            _feed(hashed, f"{name}.crs", value.crs)
            binary = [b"" if one is None else one for one in shapely.to_wkb(value.to_numpy())]
            _feed(hashed, f"{name}.sizes", np.array([len(one) for one in binary], np.int64))
            hashed.update(b"".join(binary))
        case CRS():
            _feed(hashed, f"{name}.crs", value.to_wkt())
        case None | bool() | int() | float() | str():
            said = repr(value)
            hashed.update(
                f"|{name}:{type(value).__name__}:{len(said)}|{said}".encode("utf-8", "surrogatepass")
            )
        case tuple() | list():
            hashed.update(f"|{name}:{len(value)}|".encode())
            for number, part in enumerate(value):
                _feed(hashed, str(number), part)
        case Mapping():
            hashed.update(b"|mapping")
            _feed(hashed, name, tuple(sorted(map(str, value))))
            for part in sorted(value, key=str):
                _feed(hashed, str(part), value[part])
        case _ if dataclasses.is_dataclass(value):
            hashed.update(f"|{type(value).__name__}".encode())
            fields = dataclasses.fields(value)
            _feed(hashed, name, {field.name: getattr(value, field.name) for field in fields})
        case _:
            raise TypeError(f"{name}: no key is made of {type(value).__name__}")


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


def make_room(kept: Path) -> None:
    """Remove what was used longest ago beside a file just kept, where all of it passes the room there is."""
    files = (file for suffix in SUFFIXES for file in kept.parent.glob(f"*{suffix}"))
    for old in least_used(files, keep_mb=_limit_mb()):
        if old != kept:
            old.unlink(missing_ok=True)


def _limit_mb() -> float:
    """The room for what is kept, megabytes."""
    try:
        return float(os.environ["LIFECIRCLE_CACHE_MB"])
    except (KeyError, ValueError):
        return LIMIT_MB
