"""Clip street tables, and number the segments of their ways."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.tables import StreetTable

__all__ = ["is_member", "keep_within", "running_number", "streets_elsewhere"]


def keep_within(streets: StreetTable, bounds: shapely.Geometry | None) -> StreetTable:
    """The segments that touch a polygon (WGS 84), the rest counted; None keeps all.

    A segment that crosses the polygon is kept, though both its ends lie outside.
    """
    if bounds is None:
        return streets
    shapely.prepare(bounds)
    inside = shapely.contains_xy(bounds, streets.lon, streets.lat)
    keep = inside[streets.u] | inside[streets.v]
    west, south, east, north = bounds.bounds
    lon, lat = (np.stack([axis[streets.u], axis[streets.v]]) for axis in (streets.lon, streets.lat))
    beside = (lon.min(axis=0) > east) | (lon.max(axis=0) < west)
    beside |= (lat.min(axis=0) > north) | (lat.max(axis=0) < south)
    perhaps = np.flatnonzero(~keep & ~beside)
    keep[perhaps] = shapely.intersects(bounds, streets.segments(perhaps))
    return streets.keep(keep, counted_as="street-segments-beyond-bounds")


def streets_elsewhere(streets: StreetTable, bounds: shapely.Geometry | None, *, file: str) -> InputError:
    """The fault of streets of which none touches a polygon (WGS 84): where they lie, and where it lies."""
    values: dict[str, object] = {"mode": streets.mode}
    ends = np.concatenate([streets.u, streets.v])
    values["x"] = f"{np.median(streets.lon[ends]):.6g}"
    values["y"] = f"{np.median(streets.lat[ends]):.6g}"
    middle = shapely.Point(np.nan, np.nan) if bounds is None else shapely.centroid(bounds)
    values["lon"], values["lat"] = f"{middle.x:.6g}", f"{middle.y:.6g}"
    return InputError(Fault("no-streets-within-bounds", file=file, values=values))


def is_member(few: NDArray[np.int64], many: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of a few numbers occur among many: `numpy.isin` without sorting the many."""
    if not len(few):
        return np.zeros(0, bool)
    names = np.unique(few)
    at = np.minimum(np.searchsorted(names, many), len(names) - 1)
    occurs = np.zeros(len(names), bool)
    occurs[at[names[at] == many]] = True
    return np.asarray(occurs[np.searchsorted(names, few)])


def running_number(group: NDArray[np.integer]) -> NDArray[np.int32]:
    """Number of each item within its group, from 0; items of a group stand together."""
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    sizes = np.diff(np.append(starts, len(group)))
    return (np.arange(len(group)) - np.repeat(starts, sizes)).astype(np.int32)
