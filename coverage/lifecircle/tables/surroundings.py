"""Everything within a distance of a shape, also of one with hundreds of thousands of vertices."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

__all__ = ["within_distance"]

_MANY: Final = 20_000
"""Vertices up to which GEOS draws the surroundings in one go; its memory grows with arcs at every one."""
_PIECE: Final = 12
"""Segments of an outline whose surroundings are drawn together: GEOS takes time with the square of them."""
_STRAIGHT_M: Final = 0.1
"""Vertices this near the straight line between their neighbours are passed over."""


def within_distance(shape: shapely.Geometry, distance_m: float) -> shapely.Geometry:
    """Everything within a distance of a shape.

    Parameters
    ----------
    shape
        In metres.
    distance_m
        0 or more.

    Returns
    -------
    Geometry
        As ``shape.buffer(distance_m)``. Where the shape has very many vertices its outline is drawn piece by
        piece and the pieces are united: what is near a union is the union of what is near its parts. It then
        reaches up to 0.1 m farther.

    Examples
    --------
    >>> import shapely
    >>> from lifecircle.tables.surroundings import within_distance
    >>> round(within_distance(shapely.box(0, 0, 10, 10), 1.0).area, 1)
    143.1
    """
    if shapely.get_num_coordinates(shape) <= _MANY:
        return shape.buffer(distance_m)
    parts = shapely.get_parts(shape)
    lines = [*parts[shapely.get_dimensions(parts) < 2], *shapely.get_rings(parts)]
    plain = shapely.simplify(lines, _STRAIGHT_M, preserve_topology=False)
    pieces = [piece for line in plain for piece in _pieces(shapely.get_coordinates(line))]
    return shapely.union_all([shape, shapely.union_all(shapely.buffer(pieces, distance_m + _STRAIGHT_M))])


def _pieces(vertices: np.ndarray) -> list[shapely.Geometry]:
    """A chain of vertices as chains of at most `_PIECE` segments; each begins where the last one ended."""
    if len(vertices) == 1:
        return [shapely.Point(vertices[0])]
    starts = range(0, len(vertices) - 1, _PIECE)
    return [shapely.LineString(vertices[start : start + _PIECE + 1]) for start in starts]
