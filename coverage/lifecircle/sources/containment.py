"""Which community a place lies in, and communities cut so that no ground belongs to two."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables.subdivision import pairs_meeting, shared_areas

__all__ = ["disjoint", "owner_of"]

_SHARED_M2 = 1e-3


def owner_of(places: NDArray[np.object_], areas: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Row of the area that each point lies in, -1 outside every one.

    Parameters
    ----------
    places
        Points (use `shapely.point_on_surface` for polygons), in the areas' coordinate system.
    areas
        Polygons sorted by code: a point on a border or in an overlap goes to the smaller code.
    """
    owner = np.full(len(places), -1, dtype=np.int64)
    area, point = pairs_meeting(areas.geometry.to_numpy(), places)
    # Written from the last to the first, so that the smallest code stays.
    order = np.lexsort((area, point))[::-1]
    owner[point[order]] = area[order]
    return owner


def disjoint(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons with the ground they share left to the earlier one, so that nobody is counted twice."""
    # Pairs that share ground, the earlier first.
    first, second = pairs_meeting(shapes, shapes)
    first, second = first[first < second], second[first < second]
    cut = shapes.copy()
    shared = shared_areas(shapes, shapes, (first, second)) > _SHARED_M2
    # Every later one loses what any earlier one holds.
    for later in np.unique(second[shared]):
        earlier = first[shared & (second == later)]
        cut[later] = shapely.difference(shapes[later], shapely.union_all(shapes[earlier]))
    return cut
