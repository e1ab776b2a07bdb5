"""How far walks are proven: beyond the ground read there may be a nearer facility or a shorter way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.network.graph import Network
from lifecircle.tables.surroundings import within_distance

__all__ = ["GroundRead", "fastest_kmh", "minutes_of"]

_METRES_PER_KMH_MINUTE: Final = 1000.0 / 60.0


def fastest_kmh(network: Network) -> float:
    """Greatest speed anybody makes along any edge: downhill, or where drivers may go fastest.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> fastest_kmh(grid_network(speed_kmh=4.0))
    4.0
    """
    if network.cost_unit == "mm":
        return network.speed_kmh
    # km/h = 3.6 x mm / ms, over both directions
    cost = np.concatenate([network.cost_forward, network.cost_backward]).astype(np.float64)
    length = np.tile(network.length_mm, 2)
    # an edge of some millimetres costs a whole millisecond or none: its speed says nothing
    usable = (cost > 0) & (length >= 1000)
    along = 3.6 * length[usable] / cost[usable]
    return float(max(along.max(initial=0.0), network.speed_kmh))


def _ring_of(ground: shapely.Geometry) -> NDArray[np.int64]:
    """Number of the ring that each vertex of an outline belongs to."""
    lines = shapely.get_parts(shapely.boundary(ground))
    return np.repeat(np.arange(len(lines)), shapely.get_num_coordinates(lines))


def minutes_of(metres: NDArray[np.float64], network: Network) -> NDArray[np.float64]:
    """Minutes in which nobody gets farther than some metres: in a straight line at the fastest speed.

    Parameters
    ----------
    metres
        float64, >= 0, any number.
    network
        Its fastest speed counts (`fastest_kmh`).

    Returns
    -------
    float64
        Minutes, one per distance.

    Examples
    --------
    >>> import numpy as np
    >>> from lifecircle.network.examples import grid_network
    >>> minutes_of(np.array([1500.0, 1000.0]), grid_network(speed_kmh=4.0)).round(2).tolist()
    [22.5, 15.0]
    """
    return np.asarray(metres / (fastest_kmh(network) * _METRES_PER_KMH_MINUTE))


@dataclass(frozen=True)
class GroundRead:
    """The ground around a study from which streets and facilities were read.

    What was not read is at least as far as the edge of that ground, less one walk to the street, as the crow
    flies. Within the boundary one cutoff (``margin_m - max_snap_m``) is proven by what is read.

    Attributes
    ----------
    boundary : polygonal, the study's, in a CRS whose unit is the metre
    ground : polygonal, what lies within `margin_m` of it
    rim : its outline, side by side
    margin_m, max_snap_m : how far around the boundary was read, and the longest walk to a street, metres

    Examples
    --------
    >>> import shapely
    >>> read = GroundRead.around(shapely.box(0, 0, 1000, 1000), margin_m=1300, max_snap_m=300)
    >>> read.proven_metres(shapely.points([(500, 500), (0, 0), (9000, 0)])).round().tolist()
    [1500.0, 1000.0, 0.0]
    """

    boundary: shapely.Geometry
    ground: shapely.Geometry
    rim: shapely.STRtree
    margin_m: float
    max_snap_m: float

    @classmethod
    def around(cls, boundary: shapely.Geometry, *, margin_m: float, max_snap_m: float) -> GroundRead:
        """The ground within `margin_m` of a boundary in metres; both are prepared for many questions."""
        ground = within_distance(boundary, margin_m)
        shapely.prepare(ground)
        shapely.prepare(boundary)
        corners, ring = shapely.get_coordinates(shapely.boundary(ground)), _ring_of(ground)
        sides = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)[ring[:-1] == ring[1:]])
        return cls(boundary, ground, shapely.STRtree(sides), margin_m, max_snap_m)

    def proven_metres(self, points: NDArray[np.object_]) -> NDArray[np.float64]:
        """Metres up to which the nearest facility of a point is known to be the nearest there is.

        Parameters
        ----------
        points
            Points in the CRS of the boundary.

        Returns
        -------
        float64, one per point
            0 where nothing is proven.
        """
        # stage 1: the straight way to the rim, less one walk to the street
        (row, _), away = self.rim.query_nearest(points, return_distance=True, all_matches=False)
        straight = np.zeros(len(points))
        straight[row] = away - self.max_snap_m
        straight[~shapely.contains(self.ground, points)] = 0.0
        # stage 2: inside the boundary at least one cutoff is proven
        within = shapely.intersects(self.boundary, points)
        return np.maximum(straight, np.where(within, self.margin_m - self.max_snap_m, 0.0))
