"""Kinds of geometry by dimension, as `shapely.get_type_id` numbers them, and the areas of mixed ones."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["AREAS", "LINES", "MANY_VERTICES", "POINTS", "areas_of_mixed", "of_kind"]

POINTS: Final = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
LINES: Final = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
AREAS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

MANY_VERTICES: Final = 5_000
"""Vertices up to which a shape is taken whole: what is asked of it costs little, and nothing is rounded."""


def of_kind(shapes: NDArray[np.object_], kinds: tuple[shapely.GeometryType, ...]) -> NDArray[np.bool_]:
    """Which shapes are of one of these kinds; missing ones are of none.

    Examples
    --------
    >>> import shapely
    >>> of_kind(shapely.from_wkt(["POINT (0 0)", "LINESTRING (0 0, 1 0)"]), LINES).tolist()
    [False, True]
    """
    return np.asarray(np.isin(shapely.get_type_id(shapes), kinds))


def areas_of_mixed(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons of mixed collections, an empty polygon where there is none; anything else unchanged.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> repaired = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 1), (2, 2)])])
    >>> areas_of_mixed(np.array([repaired]))[0].geom_type
    'Polygon'
    """
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if not len(mixed):
        return shapes
    alone = shapes.copy()
    for row in mixed:
        # a collection may hold multipolygons: the parts of its parts
        parts = shapely.get_parts(shapely.get_parts(shapes[row]))
        areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        alone[row] = shapely.union_all(areas) if len(areas) else shapely.Polygon()
    return alone
