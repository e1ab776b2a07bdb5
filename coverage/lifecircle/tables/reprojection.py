"""Shapes brought into another coordinate system, where they must be valid to be cut and measured."""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.tables.shapes import areas_of_mixed
from lifecircle.tables.subdivision import MANY_VERTICES

__all__ = ["are_valid", "reprojected"]


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


def are_valid(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes are valid; missing ones are not.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> are_valid(np.array([bow, shapely.box(0, 0, 1, 1)])).tolist()
    [False, True]
    """
    large = shapely.get_num_coordinates(shapes) > MANY_VERTICES
    valid = np.zeros(len(shapes), dtype=bool)
    valid[~large] = shapely.is_valid(shapes[~large])
    valid[large] = [_is_valid(shape) for shape in shapes[large]]
    return valid


@lru_cache(maxsize=16)
def _is_valid(shape: shapely.Geometry) -> bool:
    """Whether a shape of very many vertices is valid: it takes seconds, and one lake is asked often."""
    return bool(shapely.is_valid(shape))
