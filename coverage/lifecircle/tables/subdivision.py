"""Polygons of very many vertices cut into small pieces, so that what is asked of them takes bounded time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables.shapes import AREAS, MANY_VERTICES, POINTS, of_kind
from lifecircle.tables.validity import are_valid

__all__ = [
    "areas_within",
    "chains",
    "ground_within",
    "is_large",
    "pairs_meeting",
    "shared_areas",
    "shared_ground",
    "shared_middles",
    "subdivided",
]

_PIECE: Final = 512
"""Vertices of a piece."""
_GROWTH: Final = 0.1
"""A cut through more sides than this share of the vertices is not made: it may meet every tooth of a comb."""
_TOTAL_GROWTH: Final = 2
"""Cutting ends where all pieces together have so many times the vertices of the shape."""
_MOST_CROSSED: Final = 4_000
"""Sides that a cut may run through: clipping takes time with their square."""
_SAME_AREA: Final = 1e-12
"""Share of its area by which the two halves of a piece may differ from it."""
_SWEPT: Final = 100
"""Vertices of a cut beyond which a sweep finds it valid sooner than the library does."""
_ROUNDING: Final = 1e-7
"""How far a cut may move an outline, with much room."""

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Box = tuple[float, float, float, float]
Inside = Callable[[shapely.Geometry, Box], shapely.Geometry]


def subdivided(
    shapes: NDArray[np.object_], *, many: int = MANY_VERTICES, piece: int = _PIECE
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Polygons with many vertices as pieces that share no ground and together cover the same.

    A piece is halved at the median of its vertices, across the axis that cuts fewer of its sides, until it
    is small; cuts run along an axis at one exact coordinate, so that no gap opens between pieces.

    Parameters
    ----------
    shapes
        Any geometry, valid; lines, points and shapes of up to `many` vertices are returned as they are.
    many, piece
        Vertices above which a shape is cut, and at which cutting ends.

    Returns
    -------
    pieces : array of geometry
        In the order of `shapes`.
    owner : int
        The row of `shapes` that each is of.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> round_one = shapely.Point(0, 0).buffer(100.0, quad_segs=500)
    >>> pieces, owner = subdivided(np.array([round_one, shapely.box(0, 0, 1, 1)]), many=1000, piece=500)
    >>> len(pieces), owner.tolist(), bool(abs(shapely.area(pieces[:-1]).sum() / round_one.area - 1) < 1e-12)
    (9, [0, 0, 0, 0, 0, 0, 0, 0, 1], True)
    """
    large = np.flatnonzero(of_kind(shapes, AREAS) & (shapely.get_num_coordinates(shapes) > many))
    if not len(large):
        return shapes, np.arange(len(shapes))
    cut = {int(row): _pieces(shapes[row], piece) for row in large}
    parts = [cut.get(row, (shape,)) for row, shape in enumerate(shapes)]
    owner = np.repeat(np.arange(len(shapes)), [len(part) for part in parts])
    return np.array([one for part in parts for one in part], dtype=object), owner


def chains(lines: NDArray[np.object_], *, most: int = _PIECE) -> NDArray[np.object_]:
    """Lines as chains of at most so many sides, each beginning where the last one ended.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> line = shapely.LineString(np.column_stack([np.arange(6), np.zeros(6)]))
    >>> shapely.length(chains(np.array([line]), most=2)).tolist()
    [2.0, 2.0, 1.0]
    """
    parts = shapely.get_parts(lines)
    long = shapely.get_num_coordinates(parts) > most + 1
    cut = []
    for line in parts[long]:
        xy = shapely.get_coordinates(line)
        cut += [shapely.LineString(xy[at : at + most + 1]) for at in range(0, len(xy) - 1, most)]
    return np.array([*parts[~long], *cut], dtype=object)


@lru_cache(maxsize=16)
def _pieces(shape: shapely.Geometry, most: int) -> tuple[shapely.Geometry, ...]:
    """A polygon cut until no piece has more than so many vertices, or no cut makes it simpler."""
    pieces = _cut(shape, most, _clipped)
    # clipping is quick and may go wrong where rings touch a cut: an overlay does not
    same = abs(shapely.area(pieces).sum() - shape.area) <= _SAME_AREA * shape.area
    sound = same and are_valid(np.array(pieces, dtype=object), many=0).all()
    return tuple(pieces if sound else _cut(shape, most, _overlaid))


def _cut(shape: shapely.Geometry, most: int, inside: Inside) -> list[shapely.Geometry]:
    """Pieces of a polygon, each made by `inside` from a larger one."""
    room = (_TOTAL_GROWTH - 1) * int(shapely.get_num_coordinates(shape))
    small: list[shapely.Geometry] = []
    left = deque([shape])
    while left:
        # breadth first: where room ends, the pieces left are about alike
        one = left.popleft()
        vertices = int(shapely.get_num_coordinates(one))
        cut = _cut_at(one) if vertices > most and room > 0 else None
        if cut is None:
            small.append(one)
            continue
        halves = [inside(one, box) for box in _boxes(one.bounds, *cut)]
        room -= sum(int(shapely.get_num_coordinates(half)) for half in halves) - vertices
        left.extend(half for half in halves if not half.is_empty)
    return small


def _boxes(bounds: Box, axis: int, at: float) -> tuple[Box, Box]:
    """The two sides of a cut."""
    west, south, east, north = bounds
    if axis == 0:
        return (west, south, at, north), (at, south, east, north)
    return (west, south, east, at), (west, at, east, north)


def _cut_at(shape: shapely.Geometry) -> tuple[int, float] | None:
    """Axis and coordinate of the cut that leaves the smaller halves; None where it crosses too many sides."""
    places = shapely.get_coordinates(shape)
    cuts = []
    for axis in (0, 1):
        along = places[:, axis]
        # between two vertices where they differ, so that a cut seldom runs through any
        half = len(along) // 2
        low, high = np.partition(along, (half - 1, half))[half - 1 : half + 1]
        for at in ((low + high) / 2, (along.min() + along.max()) / 2):
            below = along < at
            crossed = int(np.count_nonzero(below[1:] != below[:-1]))
            cuts.append((max(below.sum(), len(along) - below.sum()) + crossed, crossed, axis, float(at)))
    larger, crossed, axis, at = min(cuts)
    few = crossed <= min(_GROWTH * len(places), _MOST_CROSSED)
    return (axis, at) if larger < len(places) and few else None


def _clipped(shape: shapely.Geometry, box: Box) -> shapely.Geometry:
    """The part of a polygon within a box, quickly."""
    try:
        return _areas(shapely.clip_by_rect(shape, *box))
    except shapely.errors.GEOSException:
        return shapely.Polygon()


def _overlaid(shape: shapely.Geometry, box: Box) -> shapely.Geometry:
    """The part of a polygon within a box, in every case."""
    return _areas(shapely.intersection(shape, shapely.box(*box)))


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.area(parts) > 0]) if len(parts) else shapely.Polygon()


def pairs_meeting(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> Pairs:
    """Which shapes meet which others (they may touch), each pair once.

    The areas ask and the points are the tree: shapely prepares what asks, and areas are worth it.

    Parameters
    ----------
    shapes, others
        Any geometry, valid, in one system. Polygons of very many vertices are subdivided.

    Returns
    -------
    shape, other : int
        Rows.

    Examples
    --------
    >>> import shapely
    >>> pairs_meeting(shapely.box([0, 1], 0, [1, 2], 1), shapely.points([(0.5, 0.5), (1, 0.5)]))
    (array([0, 0, 1]), array([0, 1, 1]))
    """
    first, second = subdivided(shapes), subdivided(others)
    one, other = shapely.STRtree(second[0]).query(first[0], predicate="intersects")
    if len(first[0]) == len(shapes) and len(second[0]) == len(others):
        return one, other
    keys = np.unique(first[1][one] * len(others) + second[1][other])
    # a point on an outline may lie beside it where a cut has rounded it: the whole shape tells
    doubtful = _on_outlines(*first, others)
    shape, other = np.divmod(doubtful, max(len(others), 1))
    shapely.prepare(shapes[np.unique(shape)])
    meets = shapely.intersects(shapes[shape], others[other])
    keys = np.union1d(np.setdiff1d(keys, doubtful, assume_unique=True), doubtful[meets])
    return np.divmod(keys, max(len(others), 1))


def _on_outlines(
    pieces: NDArray[np.object_], owner: NDArray[np.intp], others: NDArray[np.object_]
) -> NDArray[np.intp]:
    """Pairs of a cut shape and a point on the outline of its pieces, as one number each."""
    pieces_of = np.bincount(owner)[owner]
    of_cut, point = np.flatnonzero(pieces_of > 1), np.flatnonzero(of_kind(others, POINTS))
    tree = shapely.STRtree(others[point])
    near, at = tree.query(shapely.boundary(pieces[of_cut]), predicate="dwithin", distance=_ROUNDING)
    return np.unique(owner[of_cut[near]] * len(others) + point[at])


def shared_ground(
    shapes: NDArray[np.object_], others: NDArray[np.object_], pairs: Pairs
) -> NDArray[np.object_]:
    """What is in both shapes of each pair.

    Parameters
    ----------
    shapes, others
        Valid geometry in one system.
    pairs
        Rows of `shapes` and of `others`.

    Returns
    -------
    array of geometry
        As ``shapely.intersection``, in the order of `pairs`. Where a polygon has very many vertices the
        pieces that meet are cut and the cuts united.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> both = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)])
    >>> shapely.area(shared_ground(both, both, (np.array([0]), np.array([1])))).tolist()
    [2.0]
    """
    one, other = pairs
    first, second = subdivided(shapes), subdivided(others)
    if len(first[0]) == len(shapes) and len(second[0]) == len(others):
        return np.asarray(shapely.intersection(shapes[one], others[other]), dtype=object)
    pair, cuts = _cuts(first, second, pairs)
    # a pair of one cut keeps it; the others' cuts are united
    shared = np.full(len(one), shapely.Polygon(), dtype=object)
    order = np.argsort(pair, kind="stable")
    rows, start = np.unique(pair[order], return_index=True)
    for row, at, end in zip(rows, start, np.append(start, len(pair))[1:], strict=True):
        shared[row] = cuts[order[at]] if end == at + 1 else shapely.union_all(cuts[order[at:end]])
    return shared


def shared_areas(
    shapes: NDArray[np.object_], others: NDArray[np.object_], pairs: Pairs
) -> NDArray[np.float64]:
    """Area that both shapes of each pair hold: as the area of `shared_ground`, without drawing it.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> both = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)])
    >>> shared_areas(both, both, (np.array([0]), np.array([1]))).tolist()
    [2.0]
    """
    one, other = pairs
    first, second = subdivided(shapes), subdivided(others)
    if len(first[0]) == len(shapes) and len(second[0]) == len(others):
        return np.asarray(shapely.area(shapely.intersection(shapes[one], others[other])))
    pair, cuts = _cuts(first, second, pairs)
    return np.asarray(np.bincount(pair, shapely.area(cuts), minlength=len(one)), dtype=np.float64)


def shared_middles(
    shapes: NDArray[np.object_], others: NDArray[np.object_], pairs: Pairs
) -> NDArray[np.object_]:
    """The middle of what both shapes of each pair hold, or a place inside it where its middle is not.

    Parameters
    ----------
    shapes, others, pairs
        As of `shared_ground`.

    Returns
    -------
    array of Point
        Empty where both hold nothing.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> both = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)])
    >>> shared_middles(both, both, (np.array([0]), np.array([1])))[0].wkt
    'POINT (1.5 1)'
    """
    one, other = pairs
    first, second = subdivided(shapes), subdivided(others)
    if len(first[0]) == len(shapes) and len(second[0]) == len(others):
        shared = shapely.intersection(shapes[one], others[other])
        middle = shapely.centroid(shared)
        return np.where(shapely.intersects(shared, middle), middle, shapely.point_on_surface(shared))
    # the middle of a union is the mean of its parts' middles, by their areas
    pair, cuts = _cuts(first, second, pairs, inside=_within_boxes)
    size = shapely.area(cuts)
    order = np.lexsort((size, pair))
    order = order[size[order] > 0]
    pair, cuts, size = pair[order], cuts[order], size[order]
    held = np.unique(pair)
    centres = shapely.get_coordinates(shapely.centroid(cuts))
    total = np.bincount(pair, size, minlength=len(one))
    sums = [np.bincount(pair, size * along, minlength=len(one)) for along in centres.T]
    middles = np.full(len(one), shapely.Point(), dtype=object)
    middles[held] = shapely.points(*(each[held] / total[held] for each in sums))
    inside = np.zeros(len(one), dtype=bool)
    inside[pair[shapely.intersects(cuts, middles[pair])]] = True
    largest = cuts[np.searchsorted(pair, held, side="right") - 1]
    middles[held] = np.where(inside[held], middles[held], shapely.point_on_surface(largest))
    return middles


def areas_within(shapes: NDArray[np.object_], ground: shapely.Geometry) -> NDArray[np.float64]:
    """Area of each shape that lies within one ground.

    Examples
    --------
    >>> import shapely
    >>> areas_within(shapely.box([0, 1], 0, [2, 5], 1), shapely.box(0, 0, 3, 1)).tolist()
    [2.0, 2.0]
    """
    every = np.arange(len(shapes))
    return shared_areas(shapes, np.array([ground], dtype=object), (every, np.zeros_like(every)))


def ground_within(shapes: NDArray[np.object_], ground: shapely.Geometry) -> NDArray[np.object_]:
    """What of each shape lies within one ground.

    Examples
    --------
    >>> import shapely
    >>> shapely.area(ground_within(shapely.box([0, 1], 0, [2, 5], 1), shapely.box(0, 0, 3, 1))).tolist()
    [2.0, 2.0]
    """
    every = np.arange(len(shapes))
    return shared_ground(shapes, np.array([ground], dtype=object), (every, np.zeros_like(every)))


def is_large(shape: shapely.Geometry) -> bool:
    """Whether a shape has very many vertices."""
    return bool(shapely.get_num_coordinates(shape) > MANY_VERTICES)


def _cuts(
    first: tuple[NDArray[np.object_], NDArray[np.intp]],
    second: tuple[NDArray[np.object_], NDArray[np.intp]],
    pairs: Pairs,
    *,
    inside: Callable[[NDArray[np.object_], NDArray[np.object_]], NDArray[np.object_]] = shapely.intersection,
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """What is in both of every two pieces that meet, and the number of the pair that they belong to."""
    one, other = shapely.STRtree(second[0]).query(first[0], predicate="intersects")
    width = int(second[1].max(initial=0)) + 1
    keys, asked = first[1][one] * width + second[1][other], pairs[0] * width + pairs[1]
    # each pair of pieces under its pair of shapes; pairs not asked for fall away
    order = np.argsort(asked, kind="stable")
    at = np.minimum(np.searchsorted(asked[order], keys), max(len(asked) - 1, 0))
    among = asked[order][at] == keys if len(asked) else np.zeros(len(keys), dtype=bool)
    mine, its = first[0][one[among]], second[0][other[among]]
    # a piece that lies within another is the cut; the others are overlaid
    shapely.prepare(first[0])
    shapely.prepare(second[0])
    holds, held = shapely.contains_properly(mine, its), shapely.contains_properly(its, mine)
    cuts = np.where(holds, its, mine)
    across = ~(holds | held)
    cuts[across] = inside(mine[across], its[across])
    return order[at[among]], cuts


def _within_boxes(boxes: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of each shape lies in its box, clipped where both allow it: an overlay takes far longer."""
    bounds = shapely.bounds(boxes)
    sizes = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    square = (shapely.get_num_coordinates(boxes) == 5) & np.isclose(shapely.area(boxes), sizes, rtol=1e-12)
    cuts = np.full(len(boxes), shapely.Polygon(), dtype=object)
    for row in np.flatnonzero(square):
        cuts[row] = _clipped(shapes[row], tuple(bounds[row]))
    doubtful = ~square | shapely.is_empty(cuts) | ~are_valid(cuts, many=_SWEPT)
    cuts[doubtful] = shapely.intersection(boxes[doubtful], shapes[doubtful])
    return cuts
