"""Keep some segments of a street table and the nodes they need."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables import StreetTable

_PER_NODE = ("lon", "lat", "node_id")
_PER_SEGMENT = ("way", "segment", "forward", "backward", "name", "highway", "speed_kmh", "steps", "bridge")

__all__ = ["keep_segments", "keep_within", "running_number"]


def keep_segments(streets: StreetTable, keep: NDArray[np.bool_]) -> StreetTable:
    """The segments that `keep` marks, without the nodes that only the others used; order is kept."""
    used = np.zeros(len(streets.lon), bool)
    used[streets.u[keep]] = True
    used[streets.v[keep]] = True
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return dataclasses.replace(
        streets,
        u=number[streets.u[keep]],
        v=number[streets.v[keep]],
        **{name: getattr(streets, name)[used] for name in _PER_NODE},
        **{name: getattr(streets, name)[keep] for name in _PER_SEGMENT},
    )


def keep_within(streets: StreetTable, bounds: shapely.Geometry | None) -> StreetTable:
    """The segments with at least one end inside a polygon (WGS 84), the rest counted; None keeps all."""
    if bounds is None:
        return streets
    shapely.prepare(bounds)
    inside = shapely.contains_xy(bounds, streets.lon, streets.lat)
    keep = inside[streets.u] | inside[streets.v]
    cut = keep_segments(streets, keep)
    return dataclasses.replace(
        cut, counts={**streets.counts, "street-segments-beyond-bounds": int(len(keep) - keep.sum())}
    )


def running_number(group: NDArray[np.integer]) -> NDArray[np.int32]:
    """Number of each item within its group, from 0; items of a group stand together."""
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    sizes = np.diff(np.append(starts, len(group)))
    return (np.arange(len(group)) - np.repeat(starts, sizes)).astype(np.int32)
