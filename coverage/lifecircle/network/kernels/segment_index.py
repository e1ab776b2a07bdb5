"""Segments indexed by equal cells, and the segment nearest to a point by way of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["IndexFrame", "SegmentIndex", "fill_index", "nearest_segments", "project_on_segment"]

NO_SEGMENT = np.int32(-1)

MM_PER_M = 1000
MM2_PER_M2 = 1e6

ON_BORDER = 1e-9
"""Share of a cell within which a segment lies on the line between two cells, and belongs to both."""

NEVER_JOINED = 1
"""Code in `skip`: the segment is not considered."""

ONLY_ON_IT = 2
"""Code in `skip`: only points that stand on the segment may take it."""


class IndexFrame(NamedTuple):
    """Where an index of equal cells lies: its south-west corner, the side of its square cells, its counts.

    Cell ``row * columns + column`` is counted row by row from the south-west. The outermost cells hold what
    lies beyond them, too.
    """

    west: float
    south: float
    cell: float
    columns: int
    rows: int


class SegmentIndex(NamedTuple):
    """Straight segments, listed by the cells that they touch.

    Attributes
    ----------
    ax, ay, bx, by : ends of the segments, metres
    frame : the index
    start, segment : ``segment[start[c]:start[c + 1]]`` touch cell ``c``, in increasing order
    """

    ax: NDArray[np.float64]
    ay: NDArray[np.float64]
    bx: NDArray[np.float64]
    by: NDArray[np.float64]
    frame: IndexFrame
    start: NDArray[np.int64]
    segment: NDArray[np.int32]


@njit(cache=True, nogil=True, inline="always")
def _clip(value, limit):
    """A cell number forced into 0 .. limit - 1."""
    return min(max(value, 0), limit - 1)


@njit(cache=True, nogil=True, inline="always")
def _row_span(ax, ay, bx, by, low, high):
    """Least and greatest x of the part of a segment with low <= y <= high."""
    if ay == by:
        return min(ax, bx), max(ax, bx)
    # shares of the way from a to b at which the segment enters and leaves the strip
    t0 = (low - ay) / (by - ay)
    t1 = (high - ay) / (by - ay)
    t0, t1 = max(min(t0, t1), 0.0), min(max(t0, t1), 1.0)
    x0 = ax + t0 * (bx - ax)
    x1 = ax + t1 * (bx - ax)
    return min(x0, x1), max(x0, x1)


@njit(cache=True, nogil=True)
def fill_index(ax, ay, bx, by, frame):
    """Segments by the cell that they touch: a counting sort in two passes.

    Parameters
    ----------
    ax, ay, bx, by
        float64, ends of the segments.
    frame
        The `IndexFrame`. What lies beyond it is held by its outermost cells.

    Returns
    -------
    tuple of arrays
        ``start`` (int64, cells + 1) and ``segment`` (int32), as of `SegmentIndex`.
    """
    west, south, cell, columns, rows = frame
    margin = cell * ON_BORDER
    start = np.zeros(columns * rows + 1, np.int64)
    segment = np.empty(0, np.int32)
    for counting in (True, False):
        for i in range(len(ax)):
            low = _clip(int((min(ay[i], by[i]) - margin - south) / cell), rows)
            high = _clip(int((max(ay[i], by[i]) + margin - south) / cell), rows)
            for row in range(low, high + 1):
                # of each row only the cells between where the segment enters and leaves it; the outermost
                # rows and columns hold all that lies beyond them, too
                bottom = south + row * cell - margin
                top = bottom + cell + 2 * margin
                bottom = min(bottom, ay[i], by[i]) if row == 0 else bottom
                top = max(top, ay[i], by[i]) if row == rows - 1 else top
                left, right = _row_span(ax[i], ay[i], bx[i], by[i], bottom, top)
                first = _clip(int((left - margin - west) / cell), columns)
                last = _clip(int((right + margin - west) / cell), columns)
                for column in range(first, last + 1):
                    at = row * columns + column
                    if counting:
                        start[at + 1] += 1
                    else:
                        segment[start[at]] = i
                        start[at] += 1
        if counting:
            # counts into offsets
            for at in range(columns * rows):
                start[at + 1] += start[at]
            segment = np.empty(start[-1], np.int32)
    # the second pass moved every offset to the end of its cell: move them back
    for at in range(columns * rows, 0, -1):
        start[at] = start[at - 1]
    start[0] = 0
    return start, segment


@njit(cache=True, nogil=True, inline="always")
def project_on_segment(px, py, ax, ay, bx, by):
    """The nearest place to p on the segment from a to b; exact at the ends."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square == 0.0:
        return ax, ay
    t = ((px - ax) * dx + (py - ay) * dy) / square
    if t <= 0.0:
        return ax, ay
    if t >= 1.0:
        return bx, by
    return ax + t * dx, ay + t * dy


@njit(cache=True, nogil=True)
def nearest_segments(px, py, limit, index, skip, on_it_mm):
    """The segment nearest to each point, distances compared to the millimetre.

    Cells are looked through ring by ring around the point's own, until no unseen cell can be nearer.

    Parameters
    ----------
    px, py
        float64, points; NaN has no nearest segment.
    limit
        Farthest distance that counts (inclusive), in the unit of the coordinates (metres).
    index
        The segments, a `SegmentIndex`.
    skip
        uint8, one per segment: `NEVER_JOINED`, `ONLY_ON_IT` (from at most `on_it_mm` away), else 0.
    on_it_mm
        How near a point must be to stand on a segment.

    Returns
    -------
    tuple of arrays
        ``nearest`` (int32, -1 for none; of equals the smaller), ``distance_mm`` (int32).
    """
    ax, ay, bx, by = index.ax, index.ay, index.bx, index.by
    west, south, cell, columns, rows = index.frame
    start, segment = index.start, index.segment
    count = len(px)
    nearest = np.full(count, NO_SEGMENT, np.int32)
    distance_mm = np.full(count, np.int32(-1), np.int32)
    limit_mm = np.int64(np.rint(limit * MM_PER_M))
    for i in range(count):
        if np.isnan(px[i]) or np.isnan(py[i]):
            continue
        # stage 1: the point's own cell; the outermost reach on and on
        column = _clip(np.int64(np.floor((px[i] - west) / cell)), columns)
        row = _clip(np.int64(np.floor((py[i] - south) / cell)), rows)
        # stage 2: rings of cells around it; invariant: `best` is the nearest of all segments seen
        best, best_mm = np.int64(-1), limit_mm + 1
        ring = np.int64(0)
        while True:
            low, high = row - ring, row + ring
            left, right = column - ring, column + ring
            for r in range(max(low, 0), min(high, rows - 1) + 1):
                whole_row = r == low or r == high
                above = 0.0
                if r > row:
                    above = max(south + r * cell - py[i], 0.0)
                elif r < row:
                    above = max(py[i] - (south + (r + 1) * cell), 0.0)
                for c in range(max(left, 0), min(right, columns - 1) + 1):
                    if not (whole_row or c == left or c == right):
                        continue
                    # a cell farther away than the best holds nothing nearer
                    beside = 0.0
                    if c > column:
                        beside = max(west + c * cell - px[i], 0.0)
                    elif c < column:
                        beside = max(px[i] - (west + (c + 1) * cell), 0.0)
                    if (beside * beside + above * above) * MM2_PER_M2 > (best_mm + 1.0) ** 2:
                        continue
                    at = r * columns + c
                    for k in range(start[at], start[at + 1]):
                        s = segment[k]
                        if skip[s] == NEVER_JOINED:
                            continue
                        qx, qy = project_on_segment(px[i], py[i], ax[s], ay[s], bx[s], by[s])
                        away = np.sqrt((px[i] - qx) ** 2 + (py[i] - qy) ** 2)
                        if away * MM_PER_M > best_mm + 1:
                            continue
                        mm = np.int64(np.rint(away * MM_PER_M))
                        if skip[s] == ONLY_ON_IT and mm > on_it_mm:
                            continue
                        if mm < best_mm or (mm == best_mm and s < best):
                            best, best_mm = s, mm
            # stage 3: everything nearer than the sides beyond which there are cells has been seen
            to_side = np.inf
            if left > 0:
                to_side = min(to_side, px[i] - (west + left * cell))
            if right < columns - 1:
                to_side = min(to_side, west + (right + 1) * cell - px[i])
            if low > 0:
                to_side = min(to_side, py[i] - (south + low * cell))
            if high < rows - 1:
                to_side = min(to_side, south + (high + 1) * cell - py[i])
            if to_side * MM_PER_M - 1 > min(best_mm, limit_mm):
                break
            ring += 1
        if best >= 0:
            nearest[i] = best
            distance_mm[i] = best_mm
    return nearest, distance_mm
