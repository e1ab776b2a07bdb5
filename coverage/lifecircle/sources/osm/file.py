"""Opening an OpenStreetMap file: every fault in the user's words, node locations in bulk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import osmium.index
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError, MissingInputError

OSM_SUFFIXES: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")

# osmium stores coordinates as integers of 1e-7 degree, the first value below as "nowhere".
_NOWHERE: Final = 2**31 - 1
_DEGREE: Final = 10_000_000
# A record of osmium's sparse_file_array: the id and the location it was given.
_RECORD: Final = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])

Box = tuple[float, float, float, float]

__all__ = [
    "OSM_SUFFIXES",
    "Box",
    "NodePlaces",
    "declared_box",
    "drawn_places",
    "is_osm_file",
    "node_places",
    "osm_faults",
]


class NodePlaces:
    """Where every node of a file lies, sorted by id: about 16 bytes a node."""

    def __init__(self, records: NDArray[np.void]) -> None:
        # The last of several versions of a node counts, as it does in osmium.
        order = np.argsort(records["id"], kind="stable")
        ids = records["id"][order]
        last = np.append(ids[1:] != ids[:-1], True) if len(ids) else np.zeros(0, bool)
        self.ids: NDArray[np.int64] = ids[last]
        self._x = records["x"][order][last]
        self._y = records["y"][order][last]

    def __len__(self) -> int:
        return len(self.ids)

    def look_up(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of nodes, degrees; NaN where the file holds no such node."""
        if not len(self.ids):
            return np.full(len(ids), np.nan), np.full(len(ids), np.nan)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        found = self.ids[at] == ids
        lon = np.where(found, self._x[at] / _DEGREE, np.nan)
        lat = np.where(found, self._y[at] / _DEGREE, np.nan)
        return lon, lat


def is_osm_file(path: str | Path) -> bool:
    """Whether the file's name ends like one of OpenStreetMap's."""
    return Path(path).name.lower().endswith(OSM_SUFFIXES)


@contextmanager
def osm_faults(path: str | Path) -> Iterator[None]:
    """Turn what osmium says about a file into the user's words.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If its name does not end like an OpenStreetMap file's, or osmium cannot read it (truncated,
        empty, another format).
    """
    if not Path(path).is_file():
        raise MissingInputError(Fault("no-file", file=str(path)))
    if not is_osm_file(path):
        raise InputError(Fault("not-osm-name", file=str(path), values={"known": ", ".join(OSM_SUFFIXES)}))
    try:
        yield
    except RuntimeError as error:
        raise InputError(Fault("osm-unreadable", file=str(path), values={"why": error})) from error


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

    osmium writes its own location index to a temporary file of 16 bytes a node, which numpy reads as
    one array: no Python object is made per node.
    """
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        file = Path(folder) / "nodes"
        index = osmium.index.create_map(f"sparse_file_array,{file}")
        handler = osmium.NodeLocationsForWays(index)
        reader = osmium.io.Reader(str(path), osmium.osm.NODE)
        try:
            osmium.apply(reader, handler)
        finally:
            reader.close()
        records = np.fromfile(file, dtype=_RECORD)
        # osmium lets go of its file before the folder goes, which Windows insists on.
        del handler, index
    return NodePlaces(records[records["x"] != _NOWHERE])


def drawn_places(path: str | Path) -> NodePlaces:
    """Where nodes with negative ids lie: drawn in an editor, not uploaded; osmium's index skips them."""
    drawn = [
        (node.id, node.location.x, node.location.y)
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if node.id < 0 and node.location.valid()
    ]
    return NodePlaces(np.array(drawn, dtype=_RECORD))
