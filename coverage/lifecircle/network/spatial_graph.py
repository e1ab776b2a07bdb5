"""The graph in the plane: nodes, edges and components, and whatever is derived from them once."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.content_store import content_key
from lifecircle.tables.streets import AREA_CLASS, JOIN_ANYWHERE

__all__ = ["Cache", "SpatialGraph"]

T = TypeVar("T")


class Cache:
    """Things derived from a network once, however many threads ask."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held: dict[str, Any] = {}
        self._of: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def get(self, name: str, make: Callable[[], T]) -> T:
        """What was derived under `name`, or what `make` derives now."""
        with self._lock:
            if name not in self._held:
                self._held[name] = make()
            held: T = self._held[name]
            return held

    def of(self, thing: object, make: Callable[[], T]) -> T:
        """What was derived from a thing, kept as long as the thing is."""
        with self._lock:
            if thing not in self._of:
                self._of[thing] = make()
            held: T = self._of[thing]
            return held

    def holds(self, name: str) -> bool:
        """Whether it was derived already."""
        return name in self._held

    def __reduce__(self) -> tuple[type[Cache], tuple[()]]:
        return Cache, ()


@dataclass(frozen=True, eq=False, kw_only=True)
class SpatialGraph:
    """Nodes with places and straight edges between them: all that joining a point needs to know.

    Edges are sorted by (way, segment), so that of two edges the smaller index is the smaller id. Nodes
    follow a Hilbert curve.

    Attributes
    ----------
    crs : CRS of `node_x`, `node_y`: metres
    mode : walk | bike | drive
    node_x, node_y, node_lon, node_lat : float64, one per node
    node_id : int64, one per node of the street table that the network was built from, in the order of the
        nodes: what its source calls them (OpenStreetMap, a graph), or a running number. Ports have none
    u, v : int32, one per edge, its end nodes
    length_mm : int32, one per edge, geodesic on WGS 84 (Karney, 2013), rounded
    way, segment : int64 and int32; ``f"{way}-{segment}"`` is the edge's stable id
    name, highway : int32 codes into `names`, `highways`; -1 for none
    component : int32, one per node, weakly connected component
    component_length_m : float64, one per component
    min_component_m : street length under which a component is an island
    joinable : uint8, one per edge, whether points may join it (codes of `lifecircle.tables.streets`)
    barriers : float64, straight pieces of what bars walks: lon, lat, lon, lat of each, one after another
    barrier_body : int32, one per piece, number of the area it bounds; -1 for a line
    """

    crs: CRS
    mode: str
    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_mm: NDArray[np.int32]
    way: NDArray[np.int64]
    segment: NDArray[np.int32]
    name: NDArray[np.int32]
    highway: NDArray[np.int32]
    names: tuple[str, ...]
    highways: tuple[str, ...]
    component: NDArray[np.int32]
    component_length_m: NDArray[np.float64]
    min_component_m: float = 5000.0
    joinable: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    barriers: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    barrier_body: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    node_id: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    cache: Cache = field(default_factory=Cache, repr=False)
    """Derived once when first needed: snapping index, contraction."""

    def __post_init__(self) -> None:
        if not len(self.joinable):
            object.__setattr__(self, "joinable", np.full(len(self.u), JOIN_ANYWHERE, np.uint8))

    def __len__(self) -> int:
        return len(self.u)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)

    @cached_property
    def street_mm(self) -> NDArray[np.int32]:
        """Length of each edge as street, millimetres: ways across a walkable area are no street."""
        across = np.array([name == AREA_CLASS for name in (*self.highways, "")])
        return np.where(across[self.highway], 0, self.length_mm).astype(np.int32)

    @cached_property
    def small_component(self) -> NDArray[np.bool_]:
        """One per component: an island, too short to believe that somebody's nearest street is on it."""
        # half of the longest where that is less: the streets of a village are no island
        limit = min(self.min_component_m, self.component_length_m.max() / 2)
        return np.asarray(self.component_length_m < limit)

    @cached_property
    def digest(self) -> str:
        """Hash of everything that decides a distance: equal graphs have equal digests."""
        # parts in a fixed order, text and arrays alike as bytes
        hashed = hashlib.blake2b(digest_size=16)
        for part in self._identity():
            hashed.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).data)
        return hashed.hexdigest()

    @cached_property
    def contents(self) -> str:
        """Key of all that any figure or shape of it depends on; `digest` tells only distances apart."""
        without = {"cache", "counts", "named"}
        fields = [field.name for field in dataclasses.fields(self) if field.name not in without]
        return content_key(type(self).__name__, **{name: getattr(self, name) for name in fields})

    def _identity(self) -> list[str | NDArray[Any]]:
        """What `digest` hashes."""
        columns = (
            self.node_lon, self.node_lat, self.u, self.v, self.way, self.segment,
            self.joinable, self.barriers, self.barrier_body,
        )  # fmt: skip
        return [f"{self.crs.to_wkt()}|{self.mode}|{self.min_component_m!r}", *columns]
