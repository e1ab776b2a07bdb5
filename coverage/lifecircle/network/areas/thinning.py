"""Polygons that lie in one another with fewer vertices, each still in the next.

Rings of all of them are thinned together. Where thinned lines would meet, or pass a vertex of another line,
dropped vertices are taken back until none does.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.network.kernels.line_crossings import segments_by_cell, segments_of, take_back, too_near
from lifecircle.network.kernels.line_thinning import Lines, thinned

_ROUNDS: Final = 40
_MOST_BANDS: Final = 62

__all__ = ["thinned_bands", "thinned_nest"]


def thinned_nest(nest: NDArray[np.object_], tolerance: float) -> NDArray[np.object_] | None:
    """Polygons of which each lies in the next, thinned so that each still does.

    Parameters
    ----------
    nest
        Valid polygons or multipolygons, the narrowest first, in a CRS whose unit is the metre.
    tolerance
        How far a line may move, metres.

    Returns
    -------
    object array or None
        As `nest`; None where no valid polygons come of it, as where one is missing.

    Examples
    --------
    >>> inner = shapely.Polygon([(0, 0), (5, 0.1), (10, 0), (10, 10), (0, 10)])
    >>> outer = shapely.Polygon([(0, 0), (5, 0.1), (10, 0), (10, 20), (0, 20)])
    >>> thin = thinned_nest(np.array([inner, outer]), 0.25)
    >>> shapely.get_num_coordinates(thin).tolist()
    [5, 5]
    >>> bool(thin[1].covers(thin[0]))
    True
    """
    parts, part_band = shapely.get_parts(nest, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    if not len(rings) or len(nest) > _MOST_BANDS or shapely.is_missing(nest).any():
        return None
    # stage 1: vertices without the repeated last of each ring; equal places and equal edges numbered
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True)
    xy, ring = np.ascontiguousarray(xy[~last]), ring[~last]
    first = np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.int64)
    place = pd.factorize(xy.view(np.complex128).ravel())[0].astype(np.int64)
    onward = np.arange(1, len(xy) + 1)
    onward[first[1:] - 1] = first[:-1]
    ends = np.sort(np.stack([place, place[onward]]), axis=0)
    edge, edges = pd.factorize(ends[0] * (place.max() + 1) + ends[1])
    sharing = np.zeros(len(edges), np.int64)
    band = part_band[ring_part].astype(np.int64)
    np.bitwise_or.at(sharing, edge, np.int64(1) << band[ring])
    lines = Lines(xy, first, place, band, sharing[edge], float(tolerance))
    # stage 2: thin, and take back what makes lines meet
    kept = thinned(lines)
    fresh = np.ones(len(xy), np.bool_)
    for _ in range(_ROUNDS):
        segments = segments_of(lines, kept, fresh)
        wrong = too_near(lines, segments, *segments_by_cell(lines, segments))
        fresh = take_back(lines, segments, wrong, kept)
        if not fresh.any():
            break
    else:
        return None
    # stage 3: rings, parts and polygons again
    where = np.flatnonzero(kept)
    made = shapely.linearrings(xy[where], indices=ring[where])
    shapes = shapely.polygons(made, indices=ring_part)
    result = np.full(len(nest), shapely.Polygon(), dtype=object)
    single = np.bincount(part_band, minlength=len(nest))[part_band] == 1
    result[part_band[single]] = shapes[single]
    several, rank = np.unique(part_band[~single], return_inverse=True)
    if len(several):
        result[several] = shapely.multipolygons(shapes[~single], indices=rank)
    return result if shapely.is_valid(result).all() else None


def thinned_bands(nest: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """Polygons of which each lies in the next with fewer vertices (Douglas-Peucker), each still in the next.

    Parameters
    ----------
    nest, tolerance_m
        As of `thinned_nest`.

    Returns
    -------
    object array
        What they share of their outlines they still share; where one would peep out of the next, vertices
        are taken back (`thinned_nest`), or the wide one is given the piece.

    Examples
    --------
    >>> hill = shapely.Point(0, 0).buffer(100, quad_segs=200)
    >>> (thin,) = thinned_bands(np.array([hill]), 0.25)
    >>> shapely.get_num_coordinates([hill, thin]).tolist()
    [801, 65]
    """
    thin = thinned_nest(nest, tolerance_m)
    if thin is not None:
        return thin
    # GEOS mends what this simplification makes invalid; a union per band costs as little as to ask for it
    thin = shapely.simplify(nest, tolerance_m, preserve_topology=False)
    for wide in range(1, len(thin)):
        thin[wide] = shapely.union(thin[wide], thin[wide - 1])
    return thin
