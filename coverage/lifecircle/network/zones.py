"""Zones of true scale: which plane the distances around a place are measured in.

A network's own plane is true near its centre. Places where its scale is off by more than `TRUE_SCALE`, or
that lie farther from its streets' middle than `PLANE_M`, are served by a plane of their own, centred on a
cell of `ZONE_DEG` degrees. A place's plane depends on nothing but the place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Proj

from lifecircle.tables import WGS84, local_crs
from lifecircle.tables.crs import transformer

__all__ = ["PLANE_M", "TRUE_SCALE", "central_crs", "in_plane", "own_plane", "unrolled", "zone_centres"]

TRUE_SCALE: Final = 5e-4
"""Largest error of scale at which a network's own plane serves: 200 km east or west of its centre."""

PLANE_M: Final = 1_000_000.0
"""Nodes farther than this from the centre of a plane are drawn at this distance: nobody joins them there."""

_MANY: Final = 1000
_SPAN_DEG: Final = 3.0
_LATTICE: Final = 9
"""Places by the thousand within a few degrees are looked at by a lattice of 9 by 9 around them."""

ZONE_DEG: Final = 2.0
_NEAR_MIDDLE_M: Final = 100_000.0


def unrolled(lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes without the jump at 180 degrees: each within half a turn of the first.

    Examples
    --------
    >>> import numpy as np
    >>> unrolled(np.array([179.9, -179.9])).round(1).tolist()
    [179.9, 180.1]
    """
    # modulo a turn, counted from the first longitude
    return lon if not len(lon) else (lon - lon[0] + 180.0) % 360.0 - 180.0 + lon[0]


def central_crs(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> CRS:
    """The local system of some nodes: at the middle of their bounds, or where most of them are.

    A stray node on the other side of the Earth moves the middle of the bounds, not the median.
    """
    eastward = unrolled(lon)
    low, high = (eastward.min(), lat.min()), (eastward.max(), lat.max())
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    # the middle of the bounds serves where no corner is far from it
    crs = _wrapped_crs(*middle)
    corners = transformer(WGS84, crs).transform(np.array([low[0], high[0]]), np.array([low[1], high[1]]))
    if np.hypot(*corners).max() <= _NEAR_MIDDLE_M:
        return crs
    return _wrapped_crs(float(np.median(eastward)), float(np.median(lat)))


def _wrapped_crs(lon: float, lat: float) -> CRS:
    """`local_crs` at a longitude that may have run past 180 degrees."""
    return local_crs((lon + 180.0) % 360.0 - 180.0, lat)


def in_plane(
    lon: NDArray[np.float64], lat: NDArray[np.float64], crs: CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees as metres of a local system; what lies beyond `PLANE_M` is drawn there, in its direction."""
    x, y = transformer(WGS84, crs).transform(lon, lat)
    # places off the plane keep their direction; those without an image go to its south
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    away = np.hypot(x, y)
    beyond = ~(away <= PLANE_M)
    if beyond.any():
        known = np.isfinite(away) & beyond
        x[known], y[known] = x[known] / away[known] * PLANE_M, y[known] / away[known] * PLANE_M
        lost = ~np.isfinite(away)
        x[lost], y[lost] = 0.0, -PLANE_M
    return x, y


def own_plane(
    crs: CRS, lon: NDArray[np.float64], lat: NDArray[np.float64], middle: tuple[float, float]
) -> NDArray[np.bool_]:
    """Which places a system serves well whose streets have their middle at some x, y."""
    # many places close together: where a lattice around them is served well by far, so are they
    if len(lon) > _MANY and np.ptp(lon) < _SPAN_DEG and np.ptp(lat) < _SPAN_DEG:
        east, north = np.meshgrid(
            np.linspace(lon.min(), lon.max(), _LATTICE), np.linspace(lat.min(), lat.max(), _LATTICE)
        )
        if _served(crs, east.ravel(), north.ravel(), middle, share=0.8).all():
            return np.ones(len(lon), np.bool_)
    return _served(crs, lon, lat, middle)


def _served(
    crs: CRS,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    middle: tuple[float, float],
    *,
    share: float = 1.0,
) -> NDArray[np.bool_]:
    """Which places keep to a share of the distance and of the error of scale that are allowed."""
    x, y = transformer(WGS84, crs).transform(lon, lat)
    near = np.hypot(np.asarray(x) - middle[0], np.asarray(y) - middle[1]) < share * 0.9 * PLANE_M
    # near the middle of the streets, and of true scale there
    factors = Proj(crs).get_factors(lon, lat, radians=False, errcheck=False)
    scale = np.asarray(factors.meridional_scale, np.float64)
    return np.asarray(near & (np.abs(scale - 1.0) <= share * TRUE_SCALE))


def zone_centres(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre of the zone of each place, n × 2 degrees."""
    # a fixed lattice of centres: the zone of a place depends on nothing but the place
    east, north = (np.round(value / ZONE_DEG) * ZONE_DEG for value in (lon, lat))
    return np.column_stack([(east + 180.0) % 360.0 - 180.0, np.clip(north, -88.0, 88.0)])
