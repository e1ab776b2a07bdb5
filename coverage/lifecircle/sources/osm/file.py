"""Opening an OpenStreetMap file: every fault in the user's words, node locations in bulk."""

from __future__ import annotations

import errno
import gzip
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import osmium.index
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError, LifecircleError, MissingInputError
from lifecircle.sources.osm.sorting import CHANGE_SUFFIXES, plain_osm
from lifecircle.sources.osm.xml_faults import broken_objects

OSM_SUFFIXES: Final = (
    ".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osh", ".osh.gz", ".osh.bz2",
)  # fmt: skip
"""How the name of an OpenStreetMap file may end; history files (osh) are read as of their last versions."""

_OSMIUM_RAISES: Final = (
    RuntimeError, ValueError, IndexError, EOFError, OverflowError, gzip.BadGzipFile, zlib.error,
    osmium.InvalidLocationError,
)  # fmt: skip
"""Of a broken file: a wrong id is a ValueError, a sign cut short an IndexError."""
# osmium stores coordinates as integers of 1e-7 degree, the first value below as "nowhere".
_NOWHERE: Final = 2**31 - 1
_DEGREE: Final = 10_000_000
_FAR_WEST: Final = -90
# A record of osmium's sparse_file_array: the id and the location it was given.
_RECORD: Final = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])
_HANDLES: Final = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
"""Files that the process has open, by their numbers, where the system tells them."""

Box = tuple[float, float, float, float]

__all__ = [
    "OSM_SUFFIXES",
    "Box",
    "NodeIndex",
    "NodePlaces",
    "declared_box",
    "eastward",
    "is_osm_file",
    "node_index",
    "node_places",
    "opened_osm",
]


class NodePlaces:
    """Where every node of a file lies, sorted by id: about 16 bytes a node."""

    def __init__(self, records: NDArray[np.void]) -> None:
        # Of several places of a node the last counts, as it does in osmium.
        order = np.argsort(records["id"], kind="stable")
        ids = records["id"][order]
        last = np.append(ids[1:] != ids[:-1], True) if len(ids) else np.zeros(0, bool)
        self.ids: NDArray[np.int64] = ids[last]
        self._x = records["x"][order][last]
        self._y = records["y"][order][last]

    @property
    def lon(self) -> NDArray[np.float64]:
        """Longitude of every node, degrees."""
        return self._x / _DEGREE

    @property
    def lat(self) -> NDArray[np.float64]:
        """Latitude of every node, degrees."""
        return self._y / _DEGREE

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions of nodes, by id; -1 where the file holds no such node."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, -1)

    def __len__(self) -> int:
        return len(self.ids)

    def eastward(self) -> NodePlaces:
        """The same nodes without the jump at 180 degrees: those far west lie beyond 180 degrees east."""
        records = np.empty(len(self), [("id", np.int64), ("x", np.int64), ("y", np.int32)])
        records["id"], records["x"], records["y"] = self.ids, self._x, self._y
        records["x"][self._x < _FAR_WEST * _DEGREE] += 360 * _DEGREE
        return NodePlaces(records)

    def look_up(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of nodes, degrees; NaN where the file holds no such node."""
        if not len(self.ids):
            return np.full(len(ids), np.nan), np.full(len(ids), np.nan)
        at = self.rows(ids)
        lon = np.where(at >= 0, self._x[at] / _DEGREE, np.nan)
        lat = np.where(at >= 0, self._y[at] / _DEGREE, np.nan)
        return lon, lat


def eastward(lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes without the jump at 180 degrees: those far west count on from it.

    Examples
    --------
    >>> import numpy as np
    >>> eastward(np.array([179.5, -179.5, 2.0, -2.0])).tolist()
    [179.5, 180.5, 2.0, -2.0]
    """
    return np.where(lon < _FAR_WEST, lon + 360.0, lon)


def is_osm_file(path: str | Path) -> bool:
    """Whether the file's name ends like one of OpenStreetMap's."""
    return Path(path).name.lower().endswith((*OSM_SUFFIXES, *CHANGE_SUFFIXES))


@contextmanager
def opened_osm(path: str | Path) -> Iterator[Path]:
    """The file to read for a file, sorted and without deletions; faults of osmium in the user's words.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If its name does not end like an OpenStreetMap file's, it lists changes to another file, or
        osmium cannot read it (truncated, empty, another format), or the folder of temporary files is full.
    """
    if not Path(path).is_file():
        raise MissingInputError(Fault("no-file", file=str(path)))
    if not is_osm_file(path):
        raise InputError(Fault("not-osm-name", file=str(path), values={"known": ", ".join(OSM_SUFFIXES)}))
    try:
        yield plain_osm(path)
    except LifecircleError:
        raise
    except (OSError, *_OSMIUM_RAISES) as error:
        # osmium writes what it sorts, indexes and picks to the folder of temporary files
        if os.strerror(errno.ENOSPC) in str(error):
            raise InputError(Fault("temporary-full", file=tempfile.gettempdir())) from error
        if isinstance(error, OSError):
            raise
        told = _broken(Path(path)) or [Fault("osm-unreadable", file=str(path), values={"why": error})]
        raise InputError(told) from error


def _broken(path: Path) -> list[Fault]:
    """Objects that are wrong in themselves; none where the file cannot even be looked through."""
    try:
        return broken_objects(path)
    except (OSError, EOFError, zlib.error):
        return []


def declared_box(path: str | Path) -> Box | None:
    """Bounding box in the file's header (west, south, east, north), degrees; None where it says none."""
    reader = osmium.io.Reader(str(path), osmium.osm.NOTHING)
    try:
        box = reader.header().box()
    finally:
        reader.close()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


def node_places(path: str | Path) -> NodePlaces:
    """Where every node lies, read by osmium alone.

    osmium writes its own location index, 16 bytes a node, which numpy reads as one array: no Python object is
    made per node.
    """
    with node_index() as index:
        handler = osmium.NodeLocationsForWays(osmium.index.create_map(index.storage))
        reader = osmium.io.Reader(str(path), osmium.osm.NODE)
        try:
            osmium.apply(reader, handler)
        finally:
            reader.close()
        places = index.places()
        # osmium lets go of its file before the folder goes, which Windows insists on.
        del handler
    return places


@dataclass(frozen=True)
class NodeIndex:
    """A location index that osmium fills while it reads, and numpy reads afterwards."""

    file: Path

    @property
    def storage(self) -> str:
        """What osmium calls it."""
        return f"sparse_file_array,{self.file}"

    def places(self) -> NodePlaces:
        """The nodes in it."""
        records = np.memmap(self.file, dtype=_RECORD, mode="r")
        return NodePlaces(np.asarray(records[records["x"] != _NOWHERE]))


@contextmanager
def node_index() -> Iterator[NodeIndex]:
    """A location index in memory; in a temporary folder where the system has no files in memory.

    osmium maps its file: on a disk that another program fills, the system would end the process.
    """
    with ExitStack() as opened:
        if hasattr(os, "memfd_create") and _HANDLES.is_dir():
            held = opened.enter_context(os.fdopen(os.memfd_create("lifecircle-nodes"), "rb+"))
            index = NodeIndex(_HANDLES / str(held.fileno()))
        else:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="lifecircle-"))
            index = NodeIndex(Path(folder) / "nodes")
        try:
            yield index
        finally:
            _let_go(index.file)


def _let_go(file: Path) -> None:
    """Give back what osmium keeps of an index that is no more: it never closes that file."""
    with suppress(OSError):
        own = file.stat()
        os.truncate(file, 0)
        for handle in list(_HANDLES.iterdir()):
            with suppress(OSError):
                if handle != file and os.path.samestat(handle.stat(), own):
                    os.close(int(handle.name))
