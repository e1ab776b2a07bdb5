"""Everything within a distance of a shape, also of one with hundreds of thousands of vertices."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["within_distance"]

_MANY: Final = 20_000
"""Vertices up to which GEOS draws the surroundings in one go; its memory grows with arcs at every one."""
_SOME: Final = 500
"""The same of an outline that winds."""
_WINDING: Final = 10.0
"""An outline so many times as long as that of its hull winds."""
_NARROW_M: Final = 1.0
_NARROW_SHARE: Final = 0.005
"""A piece that fills no broader strip, in metres or as a share of the distance, is drawn as its hull."""
_PIECE: Final = 12
"""Segments of an outline whose surroundings are drawn together: GEOS takes time with the square of them."""
_LONGEST: Final = 3_072
"""The same of an outline that stays within a narrow strip, however often it turns there."""
_LEAST_RING: Final = 4
_MAY_CROSS: Final = 200
"""Vertices of a coarse outline up to which its crossings are sought; their number grows with the square."""
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
        reaches up to 1.1 m, or a two-hundredth of the distance, farther.

    Examples
    --------
    >>> import shapely
    >>> from lifecircle.tables.surroundings import within_distance
    >>> round(within_distance(shapely.box(0, 0, 10, 10), 1.0).area, 1)
    143.1
    """
    if not _is_wild(shape):
        return shape.buffer(distance_m)
    parts = shapely.get_parts(shape)
    lines = [*parts[shapely.get_dimensions(parts) < 2], *shapely.get_rings(parts)]
    plain = shapely.simplify(lines, _STRAIGHT_M, preserve_topology=False)
    chains = [piece for line in plain for piece in _pieces(shapely.get_coordinates(line), _LONGEST)]
    narrow_m = max(_NARROW_M, _NARROW_SHARE * distance_m)
    drawn: list[shapely.Geometry] = []
    size = _LONGEST
    while chains:
        hulls = shapely.convex_hull(chains)
        # no point of a hull is farther from its chain than the hull is wide: at most 4 x area / perimeter
        narrow = 4.0 * shapely.area(hulls) <= narrow_m * shapely.length(hulls)
        drawn += list(hulls[narrow])
        broad = [chain for chain, is_narrow in zip(chains, narrow, strict=True) if not is_narrow]
        if size <= _PIECE:
            drawn += broad
            break
        # what fills a broader strip is drawn in shorter chains
        size = max(size // 4, _PIECE)
        chains = [piece for chain in broad for piece in _pieces(shapely.get_coordinates(chain), size)]
    parts_near = shapely.buffer(drawn, distance_m + _STRAIGHT_M)
    return shapely.union_all([*_inside(parts, distance_m), shapely.union_all(parts_near)])


def _inside(parts: NDArray[np.object_], distance_m: float) -> list[shapely.Geometry]:
    """What of polygons lies far from their outlines, drawn coarsely: the surroundings of these hold the rest.

    An outline that moves by less than the distance keeps every place farther from it on its side.
    """
    if distance_m < _STRAIGHT_M:
        return list(parts)
    coarse = []
    for part in parts[shapely.get_dimensions(parts) == 2]:
        rings = shapely.simplify(shapely.get_rings(part), distance_m / 4, preserve_topology=False)
        left = [ring for ring in rings if shapely.get_num_coordinates(ring) >= _LEAST_RING]
        if shapely.get_num_coordinates(left).sum() > _MAY_CROSS:
            # what winds that often would cross itself at very many places: it stays as it is
            coarse.append(part)
        elif left:
            # rings may cross now: what an odd number of them is round lies inside
            coarse.append(shapely.make_valid(shapely.Polygon(left[0], left[1:]), method="linework"))
    return coarse


def _is_wild(shape: shapely.Geometry) -> bool:
    """Whether GEOS would be long at the surroundings of a shape: too many vertices, or a long zigzag."""
    vertices = shapely.get_num_coordinates(shape)
    zigzag = shapely.length(shape) > _WINDING * shapely.length(shapely.convex_hull(shape))
    return bool(vertices > _MANY or (vertices > _SOME and zigzag))


def _pieces(vertices: np.ndarray, most: int) -> list[shapely.Geometry]:
    """A chain of vertices as chains of at most so many segments; each begins where the last one ended."""
    if len(vertices) == 1:
        return [shapely.Point(vertices[0])]
    starts = range(0, len(vertices) - 1, most)
    return [shapely.LineString(vertices[start : start + most + 1]) for start in starts]
