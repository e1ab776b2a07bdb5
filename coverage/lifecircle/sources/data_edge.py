"""Which communities lie so near to the end of the street data that their figures are provisional."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.sources.areas import StudyArea
from lifecircle.tables import WGS84, StreetTable

__all__ = ["edge_flags", "street_ground"]

_STEP_DEG = 0.01


def street_ground(streets: StreetTable, area: StudyArea) -> shapely.Geometry:
    """The ground that the street data cover, in the study's system.

    The bounding box that the source declares, where it can be believed, else the convex hull of the
    street nodes. `streets` must reach well beyond the study's zone, else the hull is that of the zone.
    """
    if streets.extent is not None:
        box = shapely.segmentize(shapely.box(*streets.extent), _STEP_DEG)
        return gpd.GeoSeries([box], crs=WGS84).to_crs(area.crs).iloc[0]
    places = np.column_stack([streets.lon, streets.lat])
    # a line through all nodes has their hull, and is made without a point for each
    nodes = shapely.linestrings(places) if len(places) > 1 else shapely.multipoints(places)
    return gpd.GeoSeries([shapely.convex_hull(nodes)], crs=WGS84).to_crs(area.crs).iloc[0]


def edge_flags(
    communities: gpd.GeoDataFrame, ground: shapely.Geometry, *, reach_m: float
) -> NDArray[np.bool_]:
    """Communities whose surroundings (everything within `reach_m`) leave the ground that streets cover."""
    shapes = communities.geometry.to_numpy()
    outer = shapely.boundary(ground)
    shapely.prepare(outer)
    return ~shapely.within(shapes, ground) | shapely.dwithin(shapes, outer, reach_m)
