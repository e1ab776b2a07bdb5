"""Streets as they come from any source: every edge one straight segment between two nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import ContractError

MODES: Final = ("walk", "bike", "drive")

__all__ = ["MODES", "StreetTable"]


@dataclass(frozen=True)
class StreetTable:
    """Street segments in WGS 84, not yet a network.

    Curved streets are chains of segments, so a segment's length is the geodesic between its ends and a
    point can join it anywhere. Arrays are parallel; text is coded into `names` and `highways`.

    Attributes
    ----------
    lon, lat : float64, one per node, degrees
    node_id : int64, one per node, unique (OSM id, or a running number)
    u, v : int32, one per segment, index of its first and last node
    way, segment : int64 and int32; ``f"{way}-{segment}"`` is the edge's stable id, unique
    forward, backward : bool, open to the mode from `u` to `v`, from `v` to `u`
    name, highway : int32, code into `names` and `highways`; -1 where there is none
    speed_kmh : float32, legal or usual speed for driving; NaN where the mode's own speed holds
    steps, bridge : bool, a flight of steps; a bridge or tunnel (slope is interpolated between its ends)
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    node_id: NDArray[np.int64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    way: NDArray[np.int64]
    segment: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    name: NDArray[np.int32]
    highway: NDArray[np.int32]
    speed_kmh: NDArray[np.float32]
    steps: NDArray[np.bool_]
    bridge: NDArray[np.bool_]
    names: tuple[str, ...] = ()
    highways: tuple[str, ...] = ()
    mode: str = "walk"
    source: str = ""
    extent: tuple[float, float, float, float] | None = None
    """Bounding box the source declares it covers (west, south, east, north), where it can be believed."""
    counts: dict[str, int] = field(default_factory=dict)
    """What was left out or repaired while reading, by reason: for the run's log."""

    def __post_init__(self) -> None:
        nodes, edges = len(self.lon), len(self.u)
        per_node = {"lat": self.lat, "node_id": self.node_id}
        columns = [
            "v",
            "way",
            "segment",
            "forward",
            "backward",
            "name",
            "highway",
            "speed_kmh",
            "steps",
            "bridge",
        ]
        per_edge = {name: getattr(self, name) for name in columns}
        wrong = [name for name, values in per_node.items() if len(values) != nodes]
        wrong += [name for name, values in per_edge.items() if len(values) != edges]
        if wrong:
            raise ContractError(f"StreetTable: {', '.join(wrong)} differ in length from lon or u")
        if edges and max(int(self.u.max()), int(self.v.max())) >= nodes:
            raise ContractError("StreetTable: an edge names a node that is not there")

    def __len__(self) -> int:
        return len(self.u)
