"""Barriers: walls, railways, water or closed grounds that no street on the ground gets across."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.errors import Fault, NetworkError
from lifecircle.network.street_rows import without_segments
from lifecircle.tables import WGS84, StreetTable

__all__ = ["cut_by_barriers"]


def cut_by_barriers(
    streets: StreetTable, barriers: gpd.GeoDataFrame | gpd.GeoSeries, *, bridges_cross: bool = True
) -> StreetTable:
    """The streets without the segments that touch a barrier.

    Parameters
    ----------
    streets
        Segments in WGS 84.
    barriers
        Lines or polygons in any CRS; null and empty ones stop nobody.
    bridges_cross
        Whether bridges and tunnels get across.

    Returns
    -------
    StreetTable
        Segments cut are counted as ``barrier-segments``.

    Raises
    ------
    NetworkError
        Barriers without a CRS.
    """
    if barriers.crs is None:
        raise NetworkError(Fault("barriers-no-crs"))
    shapes = barriers.geometry.to_crs(WGS84).to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    ends = np.empty((len(streets), 2, 2))
    for k, node in enumerate((streets.u, streets.v)):
        ends[:, k, 0], ends[:, k, 1] = streets.lon[node], streets.lat[node]
    hit = shapely.STRtree(shapely.linestrings(ends)).query(shapes, predicate="intersects")[1]
    cut = np.zeros(len(streets), bool)
    cut[hit] = True
    if bridges_cross:
        cut &= ~streets.bridge
    return without_segments(streets, cut, counted_as="barrier-segments")
