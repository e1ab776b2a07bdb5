"""Where lines were drawn: the coordinates of their own file, in which each of them is straight.

A line that is straight in a projected file bows in degrees (a street of 3 km by up to 20 cm), and the other
way round. Where lines meet is therefore looked for in the file's coordinates, metres by the scale there.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.enums import TransformDirection

from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.crs import to_degrees

Places = NDArray[np.float64]

_STEP_DEGREE: Final = 1e-5
_HALF_TURN: Final = 180.0

__all__ = ["Drawn", "crosses_180", "drawn_places", "metres_per_degree", "places_in_degrees"]


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Where the nodes of streets were drawn.

    Attributes
    ----------
    xy : float64, n × 2, x and y of each node in `crs`; longitudes may go on past 180 degrees
    crs : the system of the file
    """

    xy: Places
    crs: CRS

    @classmethod
    def of(cls, streets: StreetTable, crs: CRS) -> Drawn:
        """Where the nodes of a table lie in a system.

        Streets about 180 degrees are taken in degrees, with longitudes that go on past it.
        """
        degrees = np.column_stack([streets.lon, streets.lat])
        if crosses_180(streets):
            degrees[degrees[:, 0] < 0, 0] += 2 * _HALF_TURN
            return cls(degrees, CRS.from_user_input(WGS84))
        return cls(drawn_places(degrees, crs), crs)

    def metres(self, nodes: NDArray[np.integer]) -> Places:
        """Metres that one unit of x and one of y measure on the ground, n × 2, at each of some nodes."""
        xy = self.xy[nodes]
        step = _STEP_DEGREE if self.crs.is_geographic else 1.0
        here = places_in_degrees(xy, self.crs)
        per_degree = metres_per_degree(here[:, 1])
        scale = np.empty_like(xy)
        for axis in (0, 1):
            onward = xy.copy()
            onward[:, axis] += step
            run = _turned(places_in_degrees(onward, self.crs) - here)
            scale[:, axis] = np.hypot(*(run * per_degree).T) / step
        return scale


def crosses_180(streets: StreetTable) -> bool:
    """Whether a segment runs across 180 degrees."""
    return bool((np.abs(streets.lon[streets.u] - streets.lon[streets.v]) > _HALF_TURN).any())


def places_in_degrees(xy: Places, crs: CRS) -> Places:
    """Longitude and latitude (WGS 84) of places in a system, n × 2."""
    lon, lat = to_degrees(crs).transform(xy[:, 0], xy[:, 1])
    return _turned(np.column_stack([lon, lat]))


def drawn_places(degrees: Places, crs: CRS) -> Places:
    """Places in a system, n × 2, of longitudes and latitudes (WGS 84)."""
    back = TransformDirection.INVERSE
    return np.column_stack(to_degrees(crs).transform(degrees[:, 0], degrees[:, 1], direction=back))


def metres_per_degree(lat: NDArray[np.float64]) -> Places:
    """Metres of a degree of longitude and of latitude on the WGS 84 ellipsoid, n × 2, right to 1e-5."""
    phi = np.radians(lat)
    east = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
    north = 111_132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
    return np.column_stack([east, north])


def _turned(degrees: Places) -> Places:
    """Longitudes (or differences of them) brought within 180 degrees; the rest as it is."""
    over = np.abs(degrees[:, 0]) > _HALF_TURN
    if over.any():
        degrees = degrees.copy()
        degrees[over, 0] -= np.sign(degrees[over, 0]) * 2 * _HALF_TURN
    return degrees
