"""How well a layer of parts divides areas: what lies in exactly one part, in none, in several."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["area_in_exactly_one"]


def area_in_exactly_one(areas: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> pd.Series:
    """Of each area, how much lies in exactly one part.

    Parameters
    ----------
    areas, parts
        Polygons in one projected CRS, metres.

    Returns
    -------
    Series
        m2, float64, indexed like `areas`: gaps between parts and places under several are left out.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> ground = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10)])
    >>> parts = gpd.GeoDataFrame(geometry=[box(0, 0, 6, 10), box(5, 0, 9, 10)])
    >>> area_in_exactly_one(ground, parts).tolist()
    [80.0]
    """
    shapes = parts.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    once = np.zeros(len(areas))
    for row, area in enumerate(areas.geometry.to_numpy()):
        pieces = shapely.intersection(shapes[tree.query(area, predicate="intersects")], area)
        first, second = np.triu_indices(len(pieces), k=1)
        shared = shapely.union_all(shapely.intersection(pieces[first], pieces[second]))
        # What lies in some part, less what lies in two or more.
        once[row] = shapely.union_all(pieces).area - shared.area
    return pd.Series(once, index=areas.index)
