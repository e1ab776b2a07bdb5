"""Slope: by how much a street takes longer uphill, and down, than on the flat.

Time is length / speed × Tobler(0) / Tobler(slope), with Tobler's hiking function 6 exp(-3.5 |s + 0.05|)
km/h (Tobler, 1993): only its shape counts, the speed on the flat is the study's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from lifecircle.tables import StreetTable

__all__ = ["FASTEST", "Slopes", "slopes", "tobler_factor"]

SLOPE_OVER_M: Final = 50.0
"""Slopes are taken over at least this length: the noise of a 30 m height model hides shorter ones."""

FASTEST: Final = float(np.exp(-0.175))
"""Least factor on time, on a slope of -0.05: nobody walks faster than 1 / 0.84 of the speed on the flat."""

_BETWEEN_RUNS_M: Final = 1000.0


@dataclass(frozen=True, eq=False)
class Slopes:
    """Slope of every segment and what it does to time.

    Attributes
    ----------
    slope : float64, one per segment, rise over run from u to v; NaN where no height is known
    forward, backward : float64, factor on time from u to v and from v to u; 1 where unknown
    counts : segments without a height
    """

    slope: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    counts: Mapping[str, int]

    @property
    def time_factor(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What `build_network` takes."""
        return self.forward, self.backward


def tobler_factor(slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Time on a slope over time on the flat; least, 0.84, on a slope of -0.05."""
    # Tobler(0) / Tobler(s) = exp(3.5 (|s + 0.05| - 0.05))
    return np.exp(3.5 * (np.abs(slope + 0.05) - 0.05))


def slopes(streets: StreetTable, height_m: NDArray[np.float64]) -> Slopes:
    """Slope of every segment, taken over at least `SLOPE_OVER_M` of its way.

    Bridges and tunnels rise evenly between their ends, whatever the ground does below or above. A way
    shorter than `SLOPE_OVER_M` counts as level beyond its ends.

    Parameters
    ----------
    streets
        The segments.
    height_m
        Height of the ground at every node of `streets`; NaN where unknown.
    """
    length = _lengths_m(streets)
    height = _bridged(streets, length, np.asarray(height_m, np.float64))
    slope = _smoothed(streets, length, height)
    # where no height is known the street counts as level, and is counted
    unknown = np.isnan(slope)
    known = np.where(unknown, 0.0, slope)
    return Slopes(
        slope=slope,
        forward=np.where(unknown, 1.0, tobler_factor(known)),
        backward=np.where(unknown, 1.0, tobler_factor(-known)),
        counts={"slope-unknown": int(unknown.sum())},
    )


def _lengths_m(streets: StreetTable) -> NDArray[np.float64]:
    """Geodesic length of every segment."""
    ends = (streets.lon[streets.u], streets.lat[streets.u], streets.lon[streets.v], streets.lat[streets.v])
    return np.asarray(Geod(ellps="WGS84").inv(*ends)[2])


def _bridged(
    streets: StreetTable, length: NDArray[np.float64], height: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Heights with the nodes that only bridges meet interpolated between the nodes on the ground.

    Each is the mean of its neighbours weighted by 1 / length: linear along a bridge, and well defined
    where bridges fork.
    """
    # stage 1: nodes that only bridges meet, apart from their ends
    on_bridge, count = streets.bridge, len(height)
    grounded = np.zeros(count, bool)
    grounded[streets.u[~on_bridge]] = grounded[streets.v[~on_bridge]] = True
    held = np.zeros(count, bool)
    held[streets.u[on_bridge]] = held[streets.v[on_bridge]] = True
    degree = np.bincount(np.concatenate([streets.u, streets.v]), minlength=count)
    # an end of a bridge that leads nowhere (the edge of the data) stands on the ground
    inner = held & ~grounded & (degree > 1)
    # stage 2: bridges that touch the ground somewhere: elsewhere nothing can be interpolated
    u, v = streets.u[on_bridge], streets.v[on_bridge]
    links = coo_matrix((np.ones(len(u)), (u, v)), shape=(count, count))
    _, group = connected_components(links, directed=False)
    anchored = np.zeros(group.max(initial=0) + 1, bool)
    anchored[group[held & ~inner]] = True
    inner &= anchored[group]
    free = np.flatnonzero(inner)
    if not len(free):
        return height
    # stage 3: (D - W) h = W_fixed h_fixed, the discrete Laplace equation with weights 1 / length
    weight = 1 / np.maximum(length[on_bridge], 1e-3)
    both = coo_matrix(
        (np.tile(weight, 2), (np.concatenate([u, v]), np.concatenate([v, u]))), shape=(count, count)
    ).tocsr()
    total = np.asarray(both.sum(axis=1)).ravel()
    fixed = np.flatnonzero(~inner)
    system = csr_matrix((total[free], (np.arange(len(free)),) * 2)) - both[free][:, free]
    known = both[free][:, fixed] @ np.nan_to_num(height[fixed])
    result = height.copy()
    result[free] = spsolve(system.tocsc(), known)
    # a span that hangs on an unknown height is itself unknown
    doubtful = np.zeros(len(anchored), bool)
    doubtful[group[held & ~inner & np.isnan(height)]] = True
    result[free[doubtful[group[free]]]] = np.nan
    return result


def _smoothed(
    streets: StreetTable, length: NDArray[np.float64], height: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rise over run of every segment, over a stretch of its way around its middle."""
    # stage 1: runs of segments of one way that follow each other end to end
    order = np.lexsort((streets.segment, streets.way))
    u, v, way, segment = (getattr(streets, name)[order] for name in ("u", "v", "way", "segment"))
    new_run = np.ones(len(order), bool)
    # a way goes on behind a gate that parts it: its places tell, not its nodes
    place = np.column_stack([streets.lon, streets.lat])
    apart = (place[u[1:]] != place[v[:-1]]).any(axis=1)
    new_run[1:] = (way[1:] != way[:-1]) | (segment[1:] != segment[:-1] + 1) | apart
    # a segment of unknown height stands alone, so that its neighbours keep theirs
    unknown = np.isnan(height[u]) | np.isnan(height[v])
    new_run[1:] |= unknown[1:] | unknown[:-1]
    # stage 2: metres along all runs on one axis, with gaps between runs that no window bridges
    run = np.cumsum(new_run) - 1
    end = np.cumsum(length[order]) + run * _BETWEEN_RUNS_M
    start = end - length[order]
    first, last = start[new_run][run], end[np.append(new_run[1:], True)][run]
    # places along all runs, one after another: every run's first node, then the end of each segment
    at = np.sort(np.concatenate([start[new_run], end]), kind="stable")
    node = np.concatenate([u[new_run], v])[np.argsort(np.concatenate([start[new_run], end]), kind="stable")]
    # stage 3: a window of at least SLOPE_OVER_M around each segment, moved inward at the ends of its run
    middle, half = (start + end) / 2, np.maximum(length[order], SLOPE_OVER_M) / 2
    low = np.maximum(np.minimum(middle - half, last - 2 * half), first)
    high = np.minimum(np.maximum(middle + half, first + 2 * half), last)
    # stage 4: rise over run between the window's ends, heights interpolated linearly
    profile = height[node]
    rise = np.interp(high, at, profile) - np.interp(low, at, profile)
    slope = np.empty(len(order))
    slope[order] = rise / np.maximum(high - low, SLOPE_OVER_M)
    return slope
