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
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lifecircle.network.kernels.line_crossings import segments_by_cell, segments_of, take_back, too_near
from lifecircle.network.kernels.line_thinning import Lines, thinned

_ROUNDS: Final = 40
_MOST_BANDS: Final = 62

_MOST_VERTICES: Final = 500_000
"""Vertices thinned at once: each takes some 150 bytes meanwhile."""

_APART: Final = 8.0
"""Polygons whose frames are farther apart than twice so many tolerances never meet when they are thinned."""

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
    parts, part_band = _parts_of(nest)
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
    result = _gathered(shapes, part_band, len(nest))
    return result if shapely.is_valid(result).all() else None


def thinned_bands(
    nest: NDArray[np.object_], tolerance_m: float, *, most_vertices: int = _MOST_VERTICES
) -> NDArray[np.object_]:
    """Polygons of which each lies in the next with fewer vertices (Douglas-Peucker), each still in the next.

    Parameters
    ----------
    nest, tolerance_m
        As of `thinned_nest`.
    most_vertices
        About as many are thinned at once, more only where they lie around each other. The result is the same.

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
    if shapely.is_missing(nest).any() or shapely.get_num_coordinates(nest).sum() <= most_vertices:
        return _thinned_together(nest, tolerance_m)
    # parts that are well apart know nothing of each other: as many at once as memory is meant to take
    parts, band = _parts_of(nest)
    group = _groups_apart(parts, _APART * tolerance_m)
    vertices = np.bincount(group, weights=shapely.get_num_coordinates(parts))
    batch = ((np.cumsum(vertices) - vertices) // most_vertices).astype(np.int64)[group]
    made, made_band = [], []
    for number in np.unique(batch):
        mine = batch == number
        few, few_band = _parts_of(
            _thinned_together(_gathered(parts[mine], band[mine], len(nest)), tolerance_m)
        )
        made.append(few)
        made_band.append(few_band)
    return _gathered(np.concatenate(made), np.concatenate(made_band), len(nest))


def _thinned_together(nest: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """All parts of a nest thinned at once."""
    thin = thinned_nest(nest, tolerance_m)
    if thin is not None:
        return thin
    # GEOS mends what this simplification makes invalid; a union per band costs as little as to ask for it
    thin = shapely.simplify(nest, tolerance_m, preserve_topology=False)
    for wide in range(1, len(thin)):
        thin[wide] = shapely.union(thin[wide], thin[wide - 1])
    return thin


def _parts_of(nest: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The polygons of a nest that hold anything, and the place of each one's own in the nest."""
    parts, band = shapely.get_parts(nest, return_index=True)
    there = ~shapely.is_empty(parts)
    return parts[there], band[there]


def _gathered(parts: NDArray[np.object_], band: NDArray[np.intp], count: int) -> NDArray[np.object_]:
    """Polygons put together again: one geometry per band, empty where a band has none."""
    result = np.full(count, shapely.Polygon(), dtype=object)
    single = np.bincount(band, minlength=count)[band] == 1
    result[band[single]] = parts[single]
    several, rank = np.unique(band[~single], return_inverse=True)
    if len(several):
        order = np.argsort(rank, kind="stable")
        result[several] = shapely.multipolygons(parts[~single][order], indices=rank[order])
    return result


def _groups_apart(parts: NDArray[np.object_], apart_m: float) -> NDArray[np.int64]:
    """Number of the group each polygon belongs to: frames of two groups are farther apart than a distance."""
    west, south, east, north = shapely.bounds(parts).T
    frames = shapely.box(west - apart_m, south - apart_m, east + apart_m, north + apart_m)
    one, other = shapely.STRtree(frames).query(frames)
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(parts), len(parts)))
    return connected_components(links, directed=False)[1].astype(np.int64)
