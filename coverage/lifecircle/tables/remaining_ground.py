"""What of a shape lies in none of others, in bounded time where they have very many vertices."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables.subdivision import is_large, subdivided
from lifecircle.tables.validity import are_valid

__all__ = ["ground_outside"]

_MOST_PIECES: Final = 32
"""Pieces of one shape that are united; uniting hundreds takes far longer than an overlay with the whole."""


def ground_outside(shape: shapely.Geometry, others: NDArray[np.object_]) -> shapely.Geometry:
    """What of a shape lies in none of the others.

    Parameters
    ----------
    shape, others
        Valid polygons in one system.

    Returns
    -------
    Geometry
        As ``shapely.difference(shape, shapely.union_all(others))``.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> ground_outside(shapely.box(0, 0, 3, 1), np.array([shapely.box(0, 0, 1, 1)])).area
    2.0
    """
    if not is_large(shape) and not any(map(is_large, others)):
        return shapely.difference(shape, others[0] if len(others) == 1 else shapely.union_all(others))
    holed = _holed(shape, others[0]) if len(others) == 1 else None
    if holed is not None:
        return holed
    pieces, _ = subdivided(np.array([shape], dtype=object))
    covers, owner = subdivided(others)
    one, other = shapely.STRtree(covers).query(pieces, predicate="intersects")
    order = np.argsort(one, kind="stable")
    one, other = one[order], other[order]
    shapely.prepare(covers)
    whole = np.zeros(len(pieces), dtype=bool)
    whole[one[shapely.contains_properly(covers[other], pieces[one])]] = True
    start = np.searchsorted(one, np.arange(len(pieces) + 1))
    left = [
        shapely.difference(piece, shapely.union_all(_cover(others, covers, owner, other[at:end])))
        for piece, is_whole, at, end in zip(pieces, whole, start, start[1:], strict=False)
        if not is_whole
    ]
    return shapely.union_all([piece for piece in left if not piece.is_empty])


def _holed(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry | None:
    """A polygon without one that lies inside it, which is its hole then; None where it is not as simple."""
    if not (shape.geom_type == other.geom_type == "Polygon"):
        return None
    shapely.prepare(shape)
    if not shapely.contains_properly(shape, other):
        return None
    around = shapely.Polygon(shape.exterior, [*shape.interiors, other.exterior])
    filled = [shapely.Polygon(ring) for ring in other.interiors]
    left = shapely.MultiPolygon([around, *filled]) if filled else around
    return left if are_valid(np.array([left], dtype=object)).all() else None


def _cover(
    others: NDArray[np.object_],
    covers: NDArray[np.object_],
    owner: NDArray[np.intp],
    met: NDArray[np.intp],
) -> NDArray[np.object_]:
    """What is taken away from a piece that meets these pieces of others: of many pieces their whole."""
    counts = np.bincount(owner[met], minlength=len(others))
    whole = counts > _MOST_PIECES
    return np.concatenate([covers[met[~whole[owner[met]]]], others[whole]])
