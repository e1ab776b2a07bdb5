"""Straight lines inside areas with holes: the visibility graph on which shortest walks across them run.

The shortest path between two places of a polygon bends at reflex corners only, and is taut there
(Lozano-Pérez and Wesley, 1979): its pieces join entries and reflex corners that see each other.
"""

import numpy as np

from lifecircle.jit import njit

_MOST_CELLS = 250_000.0

__all__ = ["ENTRY", "REFLEX", "outline_crossings", "reflex_corners", "sight_lines"]

ENTRY = np.uint8(1)
"""Mark of a corner where walks begin and end."""

REFLEX = np.uint8(2)
"""Mark of a corner where walks may bend: the area's angle there is 180 degrees or more."""

_ON_LINE_M = 1e-4
"""A corner this near to a line lies on it; OpenStreetMap's coordinates are whole centimetres."""


@njit(cache=True, nogil=True, inline="always")
def _turn(ax, ay, bx, by, cx, cy):
    """Twice the area of the triangle a, b, c: positive where c lies left of the line from a to b."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True, nogil=True)
def reflex_corners(x, y, before, after):
    """Marks the corners at which the area's angle is at least 180 degrees.

    Parameters
    ----------
    x, y
        float64, corners in metres; outer rings run counter-clockwise, holes clockwise.
    before, after
        int64, the neighbours of every corner on its ring.
    """
    reflex = np.zeros(len(x), np.bool_)
    for i in range(len(x)):
        p, q = before[i], after[i]
        base = np.hypot(x[q] - x[p], y[q] - y[p])
        reflex[i] = _turn(x[p], y[p], x[i], y[i], x[q], y[q]) <= _ON_LINE_M * max(base, _ON_LINE_M)
    return reflex


@njit(cache=True, nogil=True)
def _taut(i, j, mark, x, y, before, after):
    """Whether a shortest walk can come from corner i and bend at corner j."""
    if mark[j] & ENTRY:
        return True
    p, q = before[j], after[j]
    one = _turn(x[i], y[i], x[j], y[j], x[p], y[p])
    other = _turn(x[i], y[i], x[j], y[j], x[q], y[q])
    slack = _ON_LINE_M * np.hypot(x[j] - x[i], y[j] - y[i])
    return not ((one > slack and other < -slack) or (one < -slack and other > slack))


@njit(cache=True, nogil=True)
def _visible(i, j, first, last, x, y, after):
    """Whether the straight line between two corners stays inside the area."""
    if after[i] == j or after[j] == i:
        return True
    ax, ay, bx, by = x[i], y[i], x[j], y[j]
    length = np.hypot(bx - ax, by - ay)
    slack = _ON_LINE_M * length
    mx, my = (ax + bx) / 2, (ay + by) / 2
    inside = False
    for p in range(first, last):
        q = after[p]
        side_p = _turn(ax, ay, bx, by, x[p], y[p])
        if p != i and p != j and abs(side_p) <= slack:
            along = (x[p] - ax) * (bx - ax) + (y[p] - ay) * (by - ay)
            # a corner on the line parts it: its two halves are lines of their own
            if 0 < along < length * length:
                return False
        if p != i and p != j and q != i and q != j:
            side_q = _turn(ax, ay, bx, by, x[q], y[q])
            if (side_p > 0) != (side_q > 0):
                side_a = _turn(x[p], y[p], x[q], y[q], ax, ay)
                side_b = _turn(x[p], y[p], x[q], y[q], bx, by)
                if (side_a > 0) != (side_b > 0):
                    return False
        # no outline is crossed: the middle tells whether the whole line is inside
        if (y[p] > my) != (y[q] > my) and mx < x[p] + (my - y[p]) * (x[q] - x[p]) / (y[q] - y[p]):
            inside = not inside
    return inside


@njit(cache=True, nogil=True)
def sight_lines(start, x, y, before, after, mark):
    """Pairs of marked corners that see each other and between which a shortest walk may run.

    Parameters
    ----------
    start
        int64, areas + 1: corners of area ``a`` are ``start[a]`` to ``start[a + 1] - 1``.
    x, y, before, after
        As in `reflex_corners`.
    mark
        uint8, `ENTRY` and `REFLEX` per corner.

    Returns
    -------
    tuple of int64 arrays
        Corners of each pair, the smaller first, by area.
    """
    one, other = np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    for area in range(len(start) - 1):
        first, last = start[area], start[area + 1]
        marked = np.flatnonzero(mark[first:last]) + first
        for a in range(len(marked)):
            for b in range(a + 1, len(marked)):
                i, j = marked[a], marked[b]
                # A shortest walk turns only round corners: both ends must be taut, which is cheaper to ask.
                if not _taut(i, j, mark, x, y, before, after) or not _taut(j, i, mark, x, y, before, after):
                    continue
                if not _visible(i, j, first, last, x, y, after):
                    continue
                if count == len(one):
                    one = np.concatenate((one, np.empty_like(one)))
                    other = np.concatenate((other, np.empty_like(other)))
                one[count], other[count] = i, j
                count += 1
    return one[:count], other[:count]


@njit(cache=True, nogil=True, inline="always")
def _touch(ux, uy, vx, vy, ax, ay, bx, by):
    """Whether two straight pieces have a place in common."""
    if max(ax, bx) < min(ux, vx) or min(ax, bx) > max(ux, vx):
        return False
    if max(ay, by) < min(uy, vy) or min(ay, by) > max(uy, vy):
        return False
    if _turn(ux, uy, vx, vy, ax, ay) * _turn(ux, uy, vx, vy, bx, by) > 0:
        return False
    return _turn(ax, ay, bx, by, ux, uy) * _turn(ax, ay, bx, by, vx, vy) <= 0


@njit(cache=True, nogil=True)
def outline_crossings(start, ax, ay, bx, by, ux, uy, vx, vy):
    """Segments and sides of areas that touch or cross.

    Parameters
    ----------
    start
        int64, areas + 1: the sides of area ``a`` are ``start[a]`` to ``start[a + 1] - 1``.
    ax, ay, bx, by
        float64, ends of the sides.
    ux, uy, vx, vy
        float64, ends of the segments.

    Returns
    -------
    tuple of int64 arrays
        Segment and side of each pair, by segment.
    """
    areas = len(start) - 1
    west, east, south, north = np.empty(areas), np.empty(areas), np.empty(areas), np.empty(areas)
    for a in range(areas):
        sides = slice(start[a], start[a + 1])
        west[a], east[a] = ax[sides].min(), ax[sides].max()
        south[a], north[a] = ay[sides].min(), ay[sides].max()
    # an index: square buckets, each with the areas whose boxes touch it
    x0, y0 = west.min(), south.min()
    wide, tall = east.max() - x0, north.max() - y0
    cell = max(np.sqrt(wide * tall / _MOST_CELLS), max(wide, tall) / _MOST_CELLS, 1e-9)
    columns, rows = int(wide / cell) + 1, int(tall / cell) + 1
    in_cell = np.zeros(columns * rows + 1, np.int64)
    held = np.empty(0, np.int64)
    for counting in (True, False):
        for a in range(areas):
            for r in range(int((south[a] - y0) / cell), int((north[a] - y0) / cell) + 1):
                for c in range(int((west[a] - x0) / cell), int((east[a] - x0) / cell) + 1):
                    at = r * columns + c
                    if counting:
                        in_cell[at + 1] += 1
                    else:
                        held[in_cell[at]] = a
                        in_cell[at] += 1
        if counting:
            in_cell = np.cumsum(in_cell)
            held = np.empty(in_cell[-1], np.int64)
    in_cell = np.concatenate((np.zeros(1, np.int64), in_cell[:-1]))
    seen = np.full(areas, -1, np.int64)
    one, other = np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    for s in range(len(ux)):
        left, right = min(ux[s], vx[s]), max(ux[s], vx[s])
        low, high = min(uy[s], vy[s]), max(uy[s], vy[s])
        if right < x0 or left > x0 + wide or high < y0 or low > y0 + tall:
            continue
        for r in range(max(int((low - y0) / cell), 0), min(int((high - y0) / cell), rows - 1) + 1):
            for c in range(max(int((left - x0) / cell), 0), min(int((right - x0) / cell), columns - 1) + 1):
                for k in range(in_cell[r * columns + c], in_cell[r * columns + c + 1]):
                    a = held[k]
                    if seen[a] == s:
                        continue
                    seen[a] = s
                    if east[a] < left or west[a] > right or south[a] > high or north[a] < low:
                        continue
                    for p in range(start[a], start[a + 1]):
                        if not _touch(ux[s], uy[s], vx[s], vy[s], ax[p], ay[p], bx[p], by[p]):
                            continue
                        if count == len(one):
                            one = np.concatenate((one, np.empty_like(one)))
                            other = np.concatenate((other, np.empty_like(other)))
                        one[count], other[count] = s, p
                        count += 1
    return one[:count], other[:count]
