"""Straight walks between points that are nearer to each other than the streets are to them.

By way of the streets two points walk straight twice: to the street, and from it. Where the way from one to
the other is not longer than the sum of these two walks, and no barrier lies between, they walk it. A point
that joined no street has none within the farthest walk allowed: it walks straight to whoever is no farther.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from lifecircle.network.graph import Network
from lifecircle.network.kernels.free_walks import free_walks, near_points
from lifecircle.network.nearest_edges import barrier_walls
from lifecircle.network.snapping import Snaps

_CLASSES_M: Final = (0.0, 16.0, 64.0, np.inf)
"""Points are looked for by how far they walk straight: a few far ones must not widen the search for all."""

_LEAST_CELL_M: Final = 25.0

_TRUE_WITHIN_M: Final = 100_000.0
"""Around streets no farther than this from the middle of a plane it is true for every point they serve."""

__all__ = ["StraightWalks", "straight_walks"]


class StraightWalks(NamedTuple):
    """Pairs that walk straight, whichever the way by the streets: ordered by origin, then target."""

    origin: NDArray[np.int64]
    target: NDArray[np.int64]
    mm: NDArray[np.int64]


def straight_walks(network: Network, origins: Snaps, targets: Snaps) -> StraightWalks:
    """Origins and targets between which the straight walk counts.

    A point that joined no street walks as far as ``max_snap_m``, to a point of either kind.

    Parameters
    ----------
    network
        The network both were joined to.
    origins, targets
        Joined points; the answer for the same two is kept.
    """
    known: WeakKeyDictionary[Snaps, WeakKeyDictionary[Snaps, StraightWalks]] = network.cache.get(
        "straight_walks", WeakKeyDictionary
    )
    held = known.setdefault(origins, WeakKeyDictionary())
    walks = held.get(targets)
    if walks is None:
        walks = held[targets] = _straight_walks(network, origins, targets)
    return walks


def _straight_walks(network: Network, origins: Snaps, targets: Snaps) -> StraightWalks:
    """`straight_walks`, computed: every origin in the plane that is true around it."""
    farthest_m = max(float(np.abs(axis).max()) for axis in (network.node_x, network.node_y))
    if farthest_m <= _TRUE_WITHIN_M:
        return _in_plane(network, origins, targets)
    places = gpd.GeoSeries(gpd.points_from_xy(origins.from_x, origins.from_y, crs=network.crs))
    parts = []
    for local, rows in network.planes(places):
        near = (origins.take(rows), targets)
        if local is not network:
            near = (near[0].moved_to(local, network.crs), targets.moved_to(local, network.crs))
        walks = _in_plane(local, *near)
        parts.append(walks._replace(origin=rows[walks.origin]))
    walks = StraightWalks(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    order = np.lexsort((walks.target, walks.origin))
    return StraightWalks(*(column[order] for column in walks))


def _in_plane(network: Network, origins: Snaps, targets: Snaps) -> StraightWalks:
    """The straight walks as the network's own plane measures them."""
    # stage 1: pairs no farther apart than the sum of both walks to the street
    from_walk_m, to_walk_m = _straight_walk_m(origins), _straight_walk_m(targets)
    parts = []
    for least, most in itertools.pairwise(_CLASSES_M):
        rows = np.flatnonzero((to_walk_m >= least) & (to_walk_m < most))
        if not len(rows):
            continue
        farthest = float(to_walk_m[rows].max())
        one, other = near_points(
            origins.from_x, origins.from_y, from_walk_m, targets.from_x[rows], targets.from_y[rows],
            to_walk_m[rows], farthest, max(farthest, _LEAST_CELL_M),
        )  # fmt: skip
        parts.append((one, rows[other]))
    if not parts:
        return StraightWalks(*(np.empty(0, np.int64) for _ in range(3)))
    origin, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    # stage 2: those that no barrier bars, in the order of origins and targets
    ends = (origins.from_x[origin], origins.from_y[origin], targets.from_x[target], targets.from_y[target])
    metres = np.hypot(ends[2] - ends[0], ends[3] - ends[1])
    # the straight walk of a point without a street is no longer than one to a street may be
    unjoined = ~(origins.reached[origin] & targets.reached[target])
    kept = ~unjoined | (metres <= min(origins.max_snap_m, targets.max_snap_m))
    walls = barrier_walls(network)
    if walls is not None:
        kept &= free_walks(*ends, walls)
    origin, target, metres = origin[kept], target[kept], metres[kept]
    order = np.lexsort((target, origin))
    return StraightWalks(origin[order], target[order], np.rint(metres[order] * 1000).astype(np.int64))


def _straight_walk_m(snaps: Snaps) -> NDArray[np.float64]:
    """How far each point walks straight to its street, at the farthest where it joined none.

    NaN where it has no place.
    """
    # whoever joined no street walks as far as a street may lie
    walk_m = np.where(snaps.reached, snaps.access_mm / 1000, snaps.max_snap_m)
    return np.where(np.isnan(snaps.from_x), np.nan, walk_m)
