"""Outlines of distance fields: compiled marching squares into polygons with their holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.network.areas.field import DistanceField
from lifecircle.network.kernels.contour_squares import trace_rings

__all__ = ["Rings", "polygons", "rings"]


class Rings(NamedTuple):
    """Closed rings of one outline, the inside on their left.

    Attributes
    ----------
    points : float64, n × 2, metres, ring after ring, the first point of each repeated at its end
    first : int32, rings + 1, where each ring starts in `points`
    shell : int32, rings, the ring each lies in: its own number for a shell, a smaller one for a hole
    """

    points: NDArray[np.float64]
    first: NDArray[np.int32]
    shell: NDArray[np.int32]


def rings(field: DistanceField) -> Rings:
    """The outline of everything within ``field.buffer_m``.

    Distances are interpolated linearly along the grid's lines (marching squares; Lorensen and Cline,
    1987). Of two fields on one grid of which one is nowhere higher, its outline holds the other's.
    """
    return Rings(*trace_rings(field.outlined))


def polygons(outlines: Sequence[Rings]) -> NDArray[np.object_]:
    """Outlines into one valid geometry each: a polygon, a multipolygon, or an empty polygon.

    Parameters
    ----------
    outlines
        As `rings` gives them.

    Returns
    -------
    object array of shapely geometries, one per outline
    """
    shapes = np.full(len(outlines), shapely.Polygon(), dtype=object)
    counts = np.array([len(outline.shell) for outline in outlines], np.int64)
    if not counts.sum():
        return shapes
    start = np.concatenate([[0], np.cumsum(counts)])
    sizes = np.concatenate([np.diff(outline.first) for outline in outlines])
    shell = np.concatenate([outline.shell + at for outline, at in zip(outlines, start[:-1], strict=True)])
    points = np.concatenate([outline.points for outline in outlines])
    made = shapely.linearrings(points, indices=np.repeat(np.arange(len(sizes)), sizes))
    order = np.argsort(shell, kind="stable")
    shells, part = np.unique(shell[order], return_inverse=True)
    parts = shapely.polygons(made[order], indices=part)
    outline_of_part = np.searchsorted(start, shells, side="right") - 1
    parts_of = np.bincount(outline_of_part, minlength=len(outlines))
    single = parts_of[outline_of_part] == 1
    shapes[outline_of_part[single]] = parts[single]
    several, rank = np.unique(outline_of_part[~single], return_inverse=True)
    if len(several):
        shapes[several] = shapely.multipolygons(parts[~single], indices=rank)
    return shapes
