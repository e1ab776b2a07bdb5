"""Shapes brought into another coordinate system, where they must be valid to be cut and measured."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.tables.shapes import areas_of_mixed
from lifecircle.tables.validity import are_valid

__all__ = ["reprojected"]


def reprojected(shapes: gpd.GeoSeries, crs: CRS) -> tuple[gpd.GeoSeries, NDArray[np.bool_]]:
    """Shapes in another system, all valid, and which of them had to be repaired.

    Corners are moved and rounded one by one: a valid polygon with a very thin neck may cross itself
    afterwards, and neighbours that shared a border no longer quite do.

    Parameters
    ----------
    shapes
        Any geometry with a system; missing ones stay missing.
    crs
        Where to.

    Returns
    -------
    GeoSeries, array of bool

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from pyproj import CRS
    >>> neck = shapely.Polygon([(0, 0), (1, 1), (2, 0), (2, 2), (1, 1 + 1e-15), (0, 2)])
    >>> placed, repaired = reprojected(gpd.GeoSeries([neck], crs=4326), CRS.from_epsg(3857))
    >>> placed.is_valid.tolist()
    [True]
    """
    moved = shapes.to_crs(crs)
    flat = moved.to_numpy()
    broken = ~shapely.is_missing(flat) & ~are_valid(flat)
    if not broken.any():
        return moved, broken
    flat = flat.copy()
    flat[broken] = areas_of_mixed(shapely.make_valid(flat[broken]))
    return gpd.GeoSeries(flat, index=moved.index, crs=moved.crs), broken
