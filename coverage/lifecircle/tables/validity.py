"""Whether shapes are valid; of very many vertices found by a sweep, since the library may take minutes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables.shapes import AREAS, MANY_VERTICES

__all__ = ["are_valid", "is_certainly_valid"]


def are_valid(shapes: NDArray[np.object_], *, many: int = MANY_VERTICES) -> NDArray[np.bool_]:
    """Which shapes are valid; missing ones are not.

    Parameters
    ----------
    shapes
        Any geometry.
    many
        Vertices above which a sweep is tried before the library.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> are_valid(np.array([bow, shapely.box(0, 0, 1, 1)])).tolist()
    [False, True]
    """
    vertices = shapely.get_num_coordinates(shapes)
    swept = vertices > many
    valid = np.zeros(len(shapes), dtype=bool)
    valid[~swept] = shapely.is_valid(shapes[~swept])
    valid[swept] = [
        _is_valid_kept(shape) if size > MANY_VERTICES else _is_valid(shape)
        for shape, size in zip(shapes[swept], vertices[swept], strict=True)
    ]
    return valid


def _is_valid(shape: shapely.Geometry) -> bool:
    """Whether a shape is valid, by a sweep where that is certain."""
    return is_certainly_valid(shape) or bool(shapely.is_valid(shape))


_is_valid_kept = lru_cache(maxsize=16)(_is_valid)
"""Of very many vertices: one lake is asked often."""


def is_certainly_valid(shape: shapely.Geometry) -> bool:
    """Whether a sweep over the vertices of an area finds it valid.

    False where it is not, where rings touch, as they may in a point, and where rounding leaves any doubt:
    `shapely.is_valid` knows then.

    Examples
    --------
    >>> import shapely
    >>> is_certainly_valid(shapely.box(0, 0, 1, 1)), is_certainly_valid(shapely.MultiPolygon())
    (True, False)
    """
    from lifecircle.tables.ring_sweep import rings_are_apart  # noqa: PLC0415  # compiled where it is needed

    if shapely.get_type_id(shape) not in AREAS:
        return False
    rings, polygon = shapely.get_rings(shapely.get_parts([shape]), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(xy) or not np.isfinite(xy).all():
        return False
    # vertices that differ from the one before them on the ring: its last is its first
    first = np.append(True, ring[1:] != ring[:-1])
    kept = ~first & np.append(False, (xy[1:] != xy[:-1]).any(axis=1))
    sizes = np.bincount(ring[kept], minlength=len(rings))
    if (sizes < 3).any():
        return False
    xy, ring = xy[kept], ring[kept]
    start = np.cumsum(sizes) - sizes
    onward = np.arange(1, len(xy) + 1)
    onward[start + sizes - 1] = start
    hole = np.append(False, polygon[1:] == polygon[:-1])
    x, y = np.ascontiguousarray(xy.T)
    return bool(rings_are_apart(x, y, onward, ring.astype(np.int64), hole, polygon.astype(np.int64)))
