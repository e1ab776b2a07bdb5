"""Thinned lines that meet, or pass a vertex of another too near: found cell by cell, and mended."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.line_thinning import Lines, halve, squared_distance, worst_between

_WIDEST_CELL_M: Final = 40.0
"""Widest cells in which lines are looked for that may meet; narrower where segments are short."""
_CELLS_A_SEGMENT: Final = 8
"""Cells that a segment may lie in, on the average: long ones among many short ones would lie in very many."""

__all__ = ["Segments", "segments_by_cell", "segments_of", "take_back", "too_near"]


class Segments(NamedTuple):
    """Segments between kept vertices.

    Attributes
    ----------
    begin, end : int64, vertices
    ring : int64
    thinned : bool, whether vertices between them were dropped
    fresh : bool, whether the segment is new since lines were last compared
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    ring: NDArray[np.int64]
    thinned: NDArray[np.bool_]
    fresh: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def segments_of(lines: Lines, kept: NDArray[np.bool_], fresh: NDArray[np.bool_]) -> Segments:
    """The segments between kept vertices; `fresh` where the one that begins at a vertex is new."""
    count = int(kept.sum())
    begin, end, of_ring = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    thinned, new = np.empty(count, np.bool_), np.empty(count, np.bool_)
    n = 0
    for ring in range(len(lines.first) - 1):
        low, high = lines.first[ring], lines.first[ring + 1]
        head = n
        for at in range(low, high):
            if kept[at]:
                begin[n], of_ring[n], new[n] = at, ring, fresh[at]
                if n > head:
                    end[n - 1] = at
                n += 1
        end[n - 1] = begin[head]
        for m in range(head, n):
            thinned[m] = (end[m] - begin[m]) % (high - low) != 1
    return Segments(begin, end, of_ring, thinned, new)


@njit(cache=True, nogil=True)
def segments_by_cell(lines: Lines, segments: Segments) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Segments by the cells around them, of cells that hold a fresh one: where each cell's begin, and which.

    Cells are kept by a hash, which takes room as the segments do and not as the map does; what else falls on
    the same number is only looked at in vain.
    """
    count = len(segments.begin)
    cell = _cell_width(lines, segments)
    buckets = 1
    while buckets < 2 * count:
        buckets *= 2
    asked = np.zeros(buckets, np.bool_)
    first = np.zeros(buckets + 1, np.int64)
    held = np.empty(0, np.int64)
    # stage 1: which cells are asked; stage 2: how many each holds; stage 3: they themselves
    for stage in range(3):
        for n in range(count):
            if stage == 0 and not segments.fresh[n]:
                continue
            low_x, high_x, low_y, high_y = _cells(lines, cell, segments.begin[n], segments.end[n])
            for row in range(low_y, high_y + 1):
                for column in range(low_x, high_x + 1):
                    bucket = (column * 73_856_093 ^ row * 19_349_663) & (buckets - 1)
                    if stage == 0:
                        asked[bucket] = True
                    elif asked[bucket] and stage == 1:
                        first[bucket] += 1
                    elif asked[bucket]:
                        first[bucket] -= 1
                        held[first[bucket]] = n
        if stage == 1:
            # each cell's end, from which it is filled backwards to its begin
            for bucket in range(buckets):
                first[bucket + 1] += first[bucket]
            held = np.empty(first[buckets], np.int64)
    return first, held


@njit(cache=True, nogil=True)
def too_near(
    lines: Lines, segments: Segments, first: NDArray[np.int64], held: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which segments meet another, lie on one of the same polygon, or pass a vertex too near."""
    wrong = np.zeros(len(segments.begin), np.bool_)
    for bucket in range(len(first) - 1):
        for i in range(first[bucket], first[bucket + 1]):
            n = held[i]
            for j in range(first[bucket], i):
                m = held[j]
                changed = segments.fresh[n] or segments.fresh[m]
                if m == n or not changed or not (segments.thinned[n] or segments.thinned[m]):
                    continue
                if _meet(lines, segments, n, m):
                    wrong[n] = wrong[m] = True
                wrong[n] |= _passes(lines, segments, n, segments.begin[m])
                wrong[m] |= _passes(lines, segments, m, segments.begin[n])
    return wrong


@njit(cache=True, nogil=True)
def take_back(
    lines: Lines, segments: Segments, wrong: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Keep the farthest dropped vertex of every wrong segment, and what lies too far from its halves.

    Returns the vertices at which new segments begin.
    """
    fresh = np.zeros(len(kept), np.bool_)
    for n in np.flatnonzero(wrong & segments.thinned):
        low, high = lines.first[segments.ring[n]], lines.first[segments.ring[n] + 1]
        size = high - low
        one, other = segments.begin[n], segments.end[n]
        other = other if other > one else other + size
        middle, _ = worst_between(lines, low, high, (one, other))
        kept[low + (middle - low) % size] = True
        halve(lines, low, high, (one, middle), kept)
        halve(lines, low, high, (middle, other), kept)
        for step in range(one, other):
            at = low + (step - low) % size
            fresh[at] |= kept[at]
    return fresh


@njit(cache=True, nogil=True)
def _cell_width(lines: Lines, segments: Segments) -> float:
    """Width of cells, metres: as wide as segments are, so that a cell holds few of them however short."""
    xy, count = lines.xy, len(segments.begin)
    wide = 0.0
    for n in range(count):
        one, other = segments.begin[n], segments.end[n]
        wide += max(abs(xy[one, 0] - xy[other, 0]), abs(xy[one, 1] - xy[other, 1]))
    cell = max(wide / max(count, 1), 4.0 * lines.tolerance)
    while cell < _WIDEST_CELL_M:
        held = 0
        for n in range(count):
            low_x, high_x, low_y, high_y = _cells(lines, cell, segments.begin[n], segments.end[n])
            held += (high_x - low_x + 1) * (high_y - low_y + 1)
        if held <= _CELLS_A_SEGMENT * count:
            return cell
        cell *= 2.0
    return _WIDEST_CELL_M


@njit(cache=True, nogil=True)
def _cells(lines: Lines, cell: float, one: int, other: int) -> tuple[int, int, int, int]:
    """First and last column and row of the cells around a segment."""
    xy, margin = lines.xy, lines.tolerance
    return (
        int(np.floor((min(xy[one, 0], xy[other, 0]) - margin) / cell)),
        int(np.floor((max(xy[one, 0], xy[other, 0]) + margin) / cell)),
        int(np.floor((min(xy[one, 1], xy[other, 1]) - margin) / cell)),
        int(np.floor((max(xy[one, 1], xy[other, 1]) + margin) / cell)),
    )


@njit(cache=True, nogil=True)
def _same_ends(place: NDArray[np.int64], a: int, b: int, c: int, d: int) -> bool:
    """Whether two segments are one."""
    return bool(
        (place[a] == place[c] and place[b] == place[d]) or (place[a] == place[d] and place[b] == place[c])
    )


@njit(cache=True, nogil=True)
def _side(xy: NDArray[np.float64], a: int, b: int, c: int) -> float:
    """Above 0 where c lies left of the line from a to b, 0 on it."""
    return (xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (xy[c, 0] - xy[a, 0])


@njit(cache=True, nogil=True)
def _meet(lines: Lines, segments: Segments, n: int, m: int) -> bool:
    """Whether two segments have more in common than one end; polygons may share a whole one with others."""
    xy, place = lines.xy, lines.place
    a, b, c, d = segments.begin[n], segments.end[n], segments.begin[m], segments.end[m]
    if _same_ends(place, a, b, c, d):
        return bool(lines.band[segments.ring[n]] == lines.band[segments.ring[m]])
    if place[a] in (place[c], place[d]):
        return _runs_back(xy, a, b, d if place[a] == place[c] else c)
    if place[b] in (place[c], place[d]):
        return _runs_back(xy, b, a, d if place[b] == place[c] else c)
    for axis in range(2):
        apart = max(xy[a, axis], xy[b, axis]) < min(xy[c, axis], xy[d, axis])
        if apart or max(xy[c, axis], xy[d, axis]) < min(xy[a, axis], xy[b, axis]):
            return False
    crossed = _side(xy, a, b, c) * _side(xy, a, b, d) <= 0.0
    return bool(crossed and _side(xy, c, d, a) * _side(xy, c, d, b) <= 0.0)


@njit(cache=True, nogil=True)
def _runs_back(xy: NDArray[np.float64], hub: int, one: int, other: int) -> bool:
    """Whether two segments from one vertex lie on each other."""
    ahead = (xy[one, 0] - xy[hub, 0]) * (xy[other, 0] - xy[hub, 0])
    ahead += (xy[one, 1] - xy[hub, 1]) * (xy[other, 1] - xy[hub, 1])
    return bool(ahead > 0.0 and _side(xy, hub, one, other) == 0.0)


@njit(cache=True, nogil=True)
def _passes(lines: Lines, segments: Segments, n: int, at: int) -> bool:
    """Whether a thinned segment passes a vertex that is none of its ends nearer than a line may move."""
    one, other = segments.begin[n], segments.end[n]
    if not segments.thinned[n] or lines.place[at] in (lines.place[one], lines.place[other]):
        return False
    return bool(squared_distance(lines.xy, at, one, other) <= lines.tolerance * lines.tolerance)
