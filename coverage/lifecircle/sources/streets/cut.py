"""Clip street tables, and number the segments of their ways."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables import StreetTable

__all__ = ["keep_within", "running_number"]


def keep_within(streets: StreetTable, bounds: shapely.Geometry | None) -> StreetTable:
    """The segments with at least one end inside a polygon (WGS 84), the rest counted; None keeps all."""
    if bounds is None:
        return streets
    shapely.prepare(bounds)
    inside = shapely.contains_xy(bounds, streets.lon, streets.lat)
    keep = inside[streets.u] | inside[streets.v]
    return streets.keep(keep, counted_as="street-segments-beyond-bounds")


def running_number(group: NDArray[np.integer]) -> NDArray[np.int32]:
    """Number of each item within its group, from 0; items of a group stand together."""
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    sizes = np.diff(np.append(starts, len(group)))
    return (np.arange(len(group)) - np.repeat(starts, sizes)).astype(np.int32)
