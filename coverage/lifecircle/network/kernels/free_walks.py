"""Straight walks: points near each other, walks that no barrier bars, the nearest street reached freely."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.segment_index import (
    MM_PER_M,
    NEVER_JOINED,
    ONLY_ON_IT,
    SegmentIndex,
    _clip,
    _row_span,
    project_on_segment,
)

__all__ = ["Walls", "free_walks", "near_points", "nearest_free_segments"]

END_M = 0.1
"""What touches a walk within this of either of its ends does not bar it: a door in a wall, a street on it."""

ROUNDING_M = 1e-6
"""A walk is looked for in cells a little beyond it, since its place in a row is rounded."""

SEGMENT_BITS = 32
SEGMENT_MASK = (1 << SEGMENT_BITS) - 1
"""Keys that sort by distance, then number: ``distance in mm << SEGMENT_BITS | segment``."""

FIRST_REACH_M = 40.0
REACH_GROWTH = 3.0
"""How far the nearest free segment is looked for first, and by how much farther each time there is none."""

CELLS_PER_POINT = 4.0
"""Points are looked up by at most so many cells for each of them, however far apart they lie."""


class Walls(NamedTuple):
    """Barriers: straight pieces in a spatial index, some of which bound an area (water, a building).

    Attributes
    ----------
    pieces : the pieces by cell
    body : number of the area that a piece bounds, -1 for a line
    body_start, body_piece : ``body_piece[body_start[b]:body_start[b + 1]]`` bound area ``b``
    """

    pieces: SegmentIndex
    body: NDArray[np.int32]
    body_start: NDArray[np.int64]
    body_piece: NDArray[np.int64]


@njit(cache=True, nogil=True, inline="always")
def _side(ax, ay, bx, by, cx, cy):
    """Positive where c lies left of the line from a to b."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True, nogil=True)
def _inside(x, y, body, walls):
    """Whether a place lies inside an area: a ray from it crosses the outline an odd number of times."""
    ax, ay, bx, by = walls.pieces.ax, walls.pieces.ay, walls.pieces.bx, walls.pieces.by
    inside = False
    for k in range(walls.body_start[body], walls.body_start[body + 1]):
        i = walls.body_piece[k]
        # the ray runs west to east: it crosses pieces with one end above it, east of the place
        if (ay[i] > y) != (by[i] > y) and x < ax[i] + (y - ay[i]) * (bx[i] - ax[i]) / (by[i] - ay[i]):
            inside = not inside
    return inside


@njit(cache=True, nogil=True)
def _is_free(px, py, qx, qy, walls):
    """Whether nothing bars the straight walk from p to q; who starts inside an area is let out of it."""
    length = np.hypot(qx - px, qy - py)
    if not length > 2 * END_M:
        return True
    # stage 1: the walk less a little at both ends, from u to v
    dx, dy = (qx - px) / length * END_M, (qy - py) / length * END_M
    ux, uy, vx, vy = px + dx, py + dy, qx - dx, qy - dy
    # stage 2: the cells it passes, row by row
    pieces = walls.pieces
    west, south, cell, columns, rows = pieces.frame
    low = int(np.floor((min(uy, vy) - south) / cell))
    high = int(np.floor((max(uy, vy) - south) / cell))
    let_out = -1
    for row in range(max(low, 0), min(high, rows - 1) + 1):
        bottom = south + row * cell
        left, right = _row_span(ux, uy, vx, vy, bottom - ROUNDING_M, bottom + cell + ROUNDING_M)
        first = int(np.floor((left - ROUNDING_M - west) / cell))
        last = int(np.floor((right + ROUNDING_M - west) / cell))
        for column in range(max(first, 0), min(last, columns - 1) + 1):
            at = row * columns + column
            for k in range(pieces.start[at], pieces.start[at + 1]):
                i = pieces.segment[k]
                ax, ay, bx, by = pieces.ax[i], pieces.ay[i], pieces.bx[i], pieces.by[i]
                # stage 3: two segments cross where each has its ends on both sides of the other
                if _side(ux, uy, vx, vy, ax, ay) * _side(ux, uy, vx, vy, bx, by) > 0:
                    continue
                if _side(ax, ay, bx, by, ux, uy) * _side(ax, ay, bx, by, vx, vy) > 0:
                    continue
                # segments on one line meet only where their bounds do
                if max(ax, bx) < min(ux, vx) or min(ax, bx) > max(ux, vx):
                    continue
                if max(ay, by) < min(uy, vy) or min(ay, by) > max(uy, vy):
                    continue
                # stage 4: the outline of the area that the walker stands in does not bar
                body = walls.body[i]
                if body >= 0 and body == let_out:
                    continue
                if body >= 0 and _inside(px, py, body, walls):
                    let_out = body
                    continue
                return False
    return True


@njit(cache=True, nogil=True)
def free_walks(px, py, qx, qy, walls):
    """Marks the straight walks that no barrier bars.

    Parameters
    ----------
    px, py, qx, qy
        float64, where each walk begins and ends. No number: no walk, and free.
    walls
        The barriers.
    """
    free = np.ones(len(px), np.bool_)
    for i in range(len(px)):
        if not np.isnan(px[i] + qx[i]):
            free[i] = _is_free(px[i], py[i], qx[i], qy[i], walls)
    return free


@njit(cache=True, nogil=True)
def nearest_free_segments(px, py, limit, index, skip, on_it_mm, walls):
    """The nearest segment that each point can walk to freely: `segment_index.nearest_segments` with walls.

    All segments within reach are sorted by distance, then number, and tried one after another; where none is
    free, reach grows up to the limit.

    Parameters
    ----------
    px, py, limit, index, skip, on_it_mm
        As of `segment_index.nearest_segments`.
    walls
        The barriers.

    Returns
    -------
    tuple of arrays
        ``nearest`` (int32, -1 for none), ``distance_mm`` (int32).
    """
    ax, ay, bx, by = index.ax, index.ay, index.bx, index.by
    west, south, cell, columns, rows = index.frame
    start, segment = index.start, index.segment
    count = len(px)
    nearest = np.full(count, np.int32(-1), np.int32)
    distance_mm = np.full(count, np.int32(-1), np.int32)
    limit_mm = np.int64(np.rint(limit * MM_PER_M))
    # per segment the last look that met it: a segment touches several cells
    seen = np.full(len(ax), -1, np.int64)
    look = -1
    candidates = np.empty(64, np.int64)
    for i in range(count):
        if np.isnan(px[i]) or np.isnan(py[i]):
            continue
        reach = min(FIRST_REACH_M, limit)
        while True:
            # stage 1: all segments within reach, as keys that sort by distance
            look += 1
            reach_mm = limit_mm if reach == limit else np.int64(reach * MM_PER_M)
            n = 0
            low = _clip(int(np.floor((py[i] - reach - south) / cell)), rows)
            high = _clip(int(np.floor((py[i] + reach - south) / cell)), rows)
            left = _clip(int(np.floor((px[i] - reach - west) / cell)), columns)
            right = _clip(int(np.floor((px[i] + reach - west) / cell)), columns)
            for row in range(low, high + 1):
                for column in range(left, right + 1):
                    at = row * columns + column
                    for k in range(start[at], start[at + 1]):
                        s = segment[k]
                        if skip[s] == NEVER_JOINED or seen[s] == look:
                            continue
                        seen[s] = look
                        qx, qy = project_on_segment(px[i], py[i], ax[s], ay[s], bx[s], by[s])
                        mm = np.int64(np.rint(np.hypot(px[i] - qx, py[i] - qy) * MM_PER_M))
                        if mm > reach_mm or (skip[s] == ONLY_ON_IT and mm > on_it_mm):
                            continue
                        if n == len(candidates):
                            candidates = np.concatenate((candidates, np.empty_like(candidates)))
                        candidates[n] = (mm << SEGMENT_BITS) | s
                        n += 1
            # stage 2: nearest first, the first that nothing bars is taken
            ordered = np.sort(candidates[:n])
            for k in range(n):
                s = ordered[k] & SEGMENT_MASK
                qx, qy = project_on_segment(px[i], py[i], ax[s], ay[s], bx[s], by[s])
                if _is_free(px[i], py[i], qx, qy, walls):
                    nearest[i] = s
                    distance_mm[i] = ordered[k] >> SEGMENT_BITS
                    break
            # stage 3: whatever lies beyond reach is farther than what is free within it
            if nearest[i] >= 0 or reach == limit:
                break
            reach = min(reach * REACH_GROWTH, limit)
    return nearest, distance_mm


@njit(cache=True, nogil=True)
def near_points(px, py, p_radius, qx, qy, q_radius, most, cell):
    """Pairs of points whose distance does not exceed the sum of both their radii.

    Parameters
    ----------
    px, py, p_radius, qx, qy, q_radius
        float64, points of either kind and the radius of each; those that are no numbers are near nobody.
    most
        Greatest `q_radius`.
    cell
        Least side of the cells by which points are looked up, > 0.

    Returns
    -------
    one, other : int64
        Positions, by the first kind's.
    """
    one, other = np.empty(256, np.int64), np.empty(256, np.int64)
    n = 0
    usable = np.flatnonzero(~np.isnan(qx + qy + q_radius))
    if not len(usable):
        return one[:0], other[:0]
    west, south = qx[usable].min(), qy[usable].min()
    wide, tall = qx[usable].max() - west, qy[usable].max() - south
    most_cells = CELLS_PER_POINT * len(usable)
    size = max(cell, np.sqrt(wide * tall / most_cells), max(wide, tall) / most_cells)
    columns, rows = int(wide / size) + 1, int(tall / size) + 1
    # stage 1: the second kind by cell
    start = np.zeros(columns * rows + 1, np.int64)
    at = np.empty(len(usable), np.int64)
    for k in range(len(usable)):
        q = usable[k]
        at[k] = int((qy[q] - south) / size) * columns + int((qx[q] - west) / size)
        start[at[k] + 1] += 1
    start = np.cumsum(start)
    held = usable[np.argsort(at, kind="mergesort")]
    # stage 2: the cells within both radii of each point of the first kind
    for p in range(len(px)):
        radius = p_radius[p] + most
        if np.isnan(px[p] + py[p] + radius):
            continue
        low, high = (
            int(np.floor((py[p] - radius - south) / size)),
            int(np.floor((py[p] + radius - south) / size)),
        )
        left, right = (
            int(np.floor((px[p] - radius - west) / size)),
            int(np.floor((px[p] + radius - west) / size)),
        )
        for row in range(max(low, 0), min(high, rows - 1) + 1):
            for column in range(max(left, 0), min(right, columns - 1) + 1):
                for k in range(start[row * columns + column], start[row * columns + column + 1]):
                    q = held[k]
                    if np.hypot(px[p] - qx[q], py[p] - qy[q]) > p_radius[p] + q_radius[q]:
                        continue
                    if n == len(one):
                        one = np.concatenate((one, np.empty_like(one)))
                        other = np.concatenate((other, np.empty_like(other)))
                    one[n], other[n] = p, q
                    n += 1
    return one[:n], other[:n]
