"""Degrees about the meridian of 180: shapes parted there, and spans that go the shorter way round."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables.crs import WGS84
from lifecircle.tables.reprojection import reprojected

__all__ = ["degree_span", "parted_degrees", "straight_pieces", "wrapped"]

_HALF_TURN: Final = 180.0
_EAST: Final = shapely.box(0.0, -90.0, _HALF_TURN, 90.0)
_WEST: Final = shapely.box(_HALF_TURN, -90.0, 3 * _HALF_TURN, 90.0)


def parted_degrees(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes in WGS 84, parted along 180 degrees where they cross it.

    Parameters
    ----------
    shapes
        Shapes of a place (less than half the globe wide) in any CRS; those in degrees are taken to be parted
        already.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from lifecircle.tables import local_crs
    >>> square = gpd.GeoSeries([shapely.box(-1000, -1000, 1000, 1000)], crs=local_crs(180.0, 0.0))
    >>> len(parted_degrees(square).explode())
    2
    """
    degrees, _ = reprojected(shapes, WGS84)
    if shapes.crs is None or shapes.crs.is_geographic or not len(degrees):
        return degrees
    flat = degrees.to_numpy().copy()
    bounds = shapely.bounds(flat)
    across = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > _HALF_TURN)
    for row in across:
        onward = shapely.make_valid(shapely.transform(flat[row], _onward))
        west = shapely.transform(shapely.intersection(onward, _WEST), _back)
        flat[row] = shapely.union(shapely.intersection(onward, _EAST), west)
    return gpd.GeoSeries(flat, index=shapes.index, crs=WGS84)


def degree_span(shapes: NDArray[np.object_] | gpd.GeoSeries) -> tuple[float, float, float, float]:
    """West, south, east and north of shapes in degrees; where they lie about 180 degrees, east is beyond it.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> degree_span(np.array([shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)]))
    (179.0, -17.0, 181.0, -16.0)
    """
    bounds = shapely.bounds(shapely.get_parts(np.asarray(shapes, object)))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if len(bounds) and np.ptp(bounds[:, [0, 2]]) > _HALF_TURN:
        onward = bounds.copy()
        onward[bounds[:, 2] <= 0] += [2 * _HALF_TURN, 0, 2 * _HALF_TURN, 0]
        if np.ptp(onward[:, [0, 2]]) < np.ptp(bounds[:, [0, 2]]):
            bounds = onward
    if not len(bounds):
        return (np.nan,) * 4
    low, high = bounds.min(axis=0), bounds.max(axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def straight_pieces(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.object_]:
    """Straight lines between places (n × 2, degrees); those across 180 degrees in two parts.

    Examples
    --------
    >>> import numpy as np
    >>> straight_pieces(np.array([[179.0, 0.0]]), np.array([[-179.0, 2.0]]))[0].wkt
    'MULTILINESTRING ((179 0, 180 1), (-180 1, -179 2))'
    """
    lines: NDArray[np.object_] = shapely.linestrings(np.stack([start, end], axis=1))
    for row in np.flatnonzero(np.abs(end[:, 0] - start[:, 0]) > _HALF_TURN):
        a, b = start[row], end[row]
        side = np.copysign(_HALF_TURN, a[0])
        past = b[0] + 2 * side
        lat = a[1] + (b[1] - a[1]) * (side - a[0]) / (past - a[0]) if past != a[0] else a[1]
        lines[row] = shapely.MultiLineString([[a, (side, lat)], [(-side, lat), b]])
    return lines


def wrapped(lon: float) -> float:
    """A longitude between -180 and 180.

    Examples
    --------
    >>> wrapped(181.5)
    -178.5
    """
    return (lon + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN if abs(lon) > _HALF_TURN else lon


def _onward(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places with longitudes that go on past 180 degrees."""
    moved = places.copy()
    moved[places[:, 0] < 0, 0] += 2 * _HALF_TURN
    return moved


def _back(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places beyond 180 degrees as western longitudes."""
    moved = places.copy()
    moved[:, 0] -= 2 * _HALF_TURN
    return moved
