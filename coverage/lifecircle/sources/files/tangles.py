"""Shapes that no overlay gets through in time: refused before anything is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, Faults, InputError, preview

__all__ = [
    "CROSSINGS_LIMIT",
    "LAYER_VERTICES_LIMIT",
    "LINE_PAIRS_LIMIT",
    "NEAR_PAIRS_LIMIT",
    "SHAPE_VERTICES_LIMIT",
    "pairs_between",
    "refuse_crossings",
    "refuse_tangled_lines",
    "refuse_tangles",
    "sides_of",
]

Named = Callable[[NDArray[np.bool_]], list[str]]

SHAPE_VERTICES_LIMIT: Final = 1_000_000
LAYER_VERTICES_LIMIT: Final = 10_000_000
NEAR_PAIRS_LIMIT: Final = 1_000_000_000
"""Pairs of sides whose boxes overlap: GEOS looks at each of them, about a hundred million a second."""

LINE_PAIRS_LIMIT: Final = 200_000_000
"""The same of the segments of streets, of which each pair may be one that ought to share a node."""

CROSSINGS_LIMIT: Final = 2_000_000
"""Places where sides cross: each becomes a vertex of a repaired shape, and takes its share of memory."""

_MANY: Final = 5_000
"""Vertices up to which a shape cannot have too many pairs."""
_ASKED: Final = 500
_AT_ONCE: Final = 20
_TREE: Final = 20_000
"""Sides of the sample that are asked, at once and altogether, and of the one that answers."""
_LONG: Final = 0.01
"""Share of the sides asked that may be so long that they meet everything."""


def refuse_tangles(shapes: NDArray[np.object_], named: Named, *, file: str, name: str = "") -> None:
    """Refuse shapes of too many vertices, or whose sides lie across or along each other too often.

    What GEOS takes for the validity of a shape, for a union or an overlay grows with the pairs of sides
    whose boxes overlap. Their number is estimated from a sample, the same one every time.

    Parameters
    ----------
    shapes
        Geometry with finite coordinates, of one system.
    named
        What rows are called, given which they are.
    file, name
        Where they are from.

    Raises
    ------
    InputError
        With every fault: ``vertices-too-many`` for rows of more than `SHAPE_VERTICES_LIMIT` and for a layer
        of more than `LAYER_VERTICES_LIMIT`, else ``shape-tangled`` for rows, or all large rows together,
        of more than `NEAR_PAIRS_LIMIT` pairs or `CROSSINGS_LIMIT` crossings.
    """
    _refuse_vertices(shapes, named, file=file, name=name)
    refuse_crossings(shapes, named, file=file, name=name)


def refuse_crossings(shapes: NDArray[np.object_], named: Named, *, file: str, name: str = "") -> None:
    """Refuse shapes for their pairs of sides alone, as `refuse_tangles` does.

    Raises
    ------
    InputError
        ``shape-tangled``.
    """
    large = np.flatnonzero(shapely.get_num_coordinates(shapes) > _MANY)
    sides = [sides_of(shapes[row]) for row in large]
    tangled = np.zeros(len(shapes), dtype=bool)
    tangled[large] = [_is_tangle(one, NEAR_PAIRS_LIMIT) for one in sides]
    if len(large) > 1 and not tangled.any():
        tangled[large] = _is_tangle(np.concatenate(sides), NEAR_PAIRS_LIMIT)
    if tangled.any():
        rows = preview(named(tangled))
        values = _limits(NEAR_PAIRS_LIMIT)
        raise InputError(Fault("shape-tangled", file=file, layer=name, row=rows, values=values))


def refuse_tangled_lines(lines: NDArray[np.object_], named: Named, *, file: str, name: str = "") -> None:
    """Refuse streets of too many vertices, or that lie across or along each other too often.

    Parameters
    ----------
    lines
        Lines or anything else, of one system; coordinates that are no numbers are passed over.
    named, file, name
        As of `refuse_tangles`.

    Raises
    ------
    InputError
        ``vertices-too-many`` as by `refuse_tangles`; ``streets-tangled`` where all have more than
        `LINE_PAIRS_LIMIT` pairs of segments or `CROSSINGS_LIMIT` crossings, with the rows that have so
        many alone.
    """
    _refuse_vertices(lines, named, file=file, name=name)
    if _is_tangle(sides_of(lines), LINE_PAIRS_LIMIT):
        tangled = shapely.get_num_coordinates(lines) > _MANY
        tangled[tangled] = [_is_tangle(sides_of(one), LINE_PAIRS_LIMIT) for one in lines[tangled]]
        rows = preview(named(tangled)) if tangled.any() else ""
        values = _limits(LINE_PAIRS_LIMIT)
        raise InputError(Fault("streets-tangled", file=file, layer=name, row=rows, values=values))


def _refuse_vertices(shapes: NDArray[np.object_], named: Named, *, file: str, name: str) -> None:
    """Refuse shapes, and a layer, of too many vertices."""
    vertices = shapely.get_num_coordinates(shapes)
    faults = Faults()
    long = vertices > SHAPE_VERTICES_LIMIT
    if long.any():
        values = {"found": f"{vertices.max():,}", "limit": f"{SHAPE_VERTICES_LIMIT:,}"}
        rows = preview(named(long))
        faults.add(Fault("vertices-too-many", file=file, layer=name, row=rows, values=values))
    if vertices.sum() > LAYER_VERTICES_LIMIT:
        values = {"found": f"{vertices.sum():,}", "limit": f"{LAYER_VERTICES_LIMIT:,}"}
        faults.add(Fault("vertices-too-many", file=file, layer=name, values=values))
    faults.raise_if_any()


def _limits(pairs: int) -> dict[str, str]:
    """The limits of pairs and crossings in millions, as messages tell them."""
    return {"pairs": f"{pairs / 1e6:,.0f}", "crossings": f"{CROSSINGS_LIMIT / 1e6:,.0f}"}


def _is_tangle(sides: NDArray[np.float64], most_pairs: int) -> bool:
    """Whether too many sides overlap in their boxes, or cross."""
    near, crossings = pairs_of_sides(sides)
    return near > most_pairs or crossings > CROSSINGS_LIMIT


def pairs_of_sides(sides: NDArray[np.float64]) -> tuple[float, float]:
    """About how many pairs of sides (n × 2 × 2) overlap in their boxes, and how many of those cross."""
    near, crossings = pairs_between(sides, sides) if len(sides) > 1 else (0.0, 0.0)
    return near / 2, crossings / 2


def pairs_between(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """The same of pairs of a side of the one and a side of the other."""
    if not len(one) or not len(other):
        return 0.0, 0.0
    rng = np.random.default_rng(0)
    held = other if len(other) <= _TREE else other[rng.choice(len(other), _TREE, replace=False)]
    asked = one if len(one) <= _ASKED else one[rng.choice(len(one), _ASKED, replace=False)]
    tree = shapely.STRtree(shapely.linestrings(held))
    counts = []
    for start in range(0, len(asked), _AT_ONCE):
        batch = asked[start : start + _AT_ONCE]
        at, met = tree.query(shapely.linestrings(batch))
        cross = _cross(batch[at], held[met])
        counts.append([np.bincount(at, minlength=len(batch)), np.bincount(at, cross, minlength=len(batch))])
    near, crossings = np.sort(np.concatenate(counts, axis=1))
    # a few sides right across the ground meet everything, and are few
    usual = max(1, int(np.ceil(len(near) * (1 - _LONG))))
    pairs = len(other) / len(held) * len(one)
    return float(near[:usual].mean() * pairs), float(crossings[:usual].mean() * pairs)


def _cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which sides (n × 2 × 2) cross the others: the ends of either lie on both sides of the other."""

    def sign_of(line: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
        """On which side of a line each end lies, by the sign of the cross product."""
        along, to_end = (line[:, 1] - line[:, 0])[:, None], ends - line[:, :1]
        return along[..., 0] * to_end[..., 1] - along[..., 1] * to_end[..., 0]

    return np.asarray((sign_of(one, other).prod(axis=1) < 0) & (sign_of(other, one).prod(axis=1) < 0))


def sides_of(shapes: shapely.Geometry | NDArray[np.object_]) -> NDArray[np.float64]:
    """Both ends of the sides of lines and rings, n × 2 × 2; those that have a place."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lines = np.concatenate([parts[~areas], shapely.get_rings(parts[areas])])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    placed = np.isfinite(xy).all(axis=1)
    side = (line[1:] == line[:-1]) & placed[1:] & placed[:-1]
    return np.stack([xy[:-1][side], xy[1:][side]], axis=1)
