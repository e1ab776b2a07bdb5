"""Kinds of geometry by dimension, as `shapely.get_type_id` numbers them."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["AREAS", "LINES", "POINTS", "of_kind"]

POINTS: Final = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
LINES: Final = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
AREAS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def of_kind(shapes: NDArray[np.object_], kinds: tuple[shapely.GeometryType, ...]) -> NDArray[np.bool_]:
    """Which shapes are of one of these kinds; missing ones are of none.

    Examples
    --------
    >>> import shapely
    >>> of_kind(shapely.from_wkt(["POINT (0 0)", "LINESTRING (0 0, 1 0)"]), LINES).tolist()
    [False, True]
    """
    return np.asarray(np.isin(shapely.get_type_id(shapes), kinds))
