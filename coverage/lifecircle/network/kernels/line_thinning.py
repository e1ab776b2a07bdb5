"""Rings thinned together: what two of them share is thinned alike (Douglas and Peucker, 1973)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["Lines", "halve", "squared_distance", "thinned", "worst_between"]


class Lines(NamedTuple):
    """Closed rings vertex by vertex, the first not repeated.

    Attributes
    ----------
    xy : float64, n × 2, metres
    first : int64, rings + 1, where each ring starts
    place : int64, n, number of each place: equal for equal coordinates
    band : int64, rings, the polygon each ring belongs to
    sharing : int64, n, of the edge that begins at each vertex: which polygons have it, a bit each
    tolerance : how far a line may move, metres
    """

    xy: NDArray[np.float64]
    first: NDArray[np.int64]
    place: NDArray[np.int64]
    band: NDArray[np.int64]
    sharing: NDArray[np.int64]
    tolerance: float


@njit(cache=True, nogil=True)
def thinned(lines: Lines) -> NDArray[np.bool_]:
    """Which vertices stay: those where sharing changes, and between them as Douglas and Peucker have it."""
    kept = np.zeros(len(lines.xy), np.bool_)
    for ring in range(len(lines.first) - 1):
        low, high = lines.first[ring], lines.first[ring + 1]
        _cut_ring(lines, low, high, kept)
        # between two cuts; `step` counts on from the first, past the ring's end
        start = low
        while not kept[start]:
            start += 1
        one = start
        for step in range(start + 1, start + high - low + 1):
            if kept[step if step < high else step - high + low]:
                halve(lines, low, high, (one, step), kept)
                one = step
        # a ring keeps its ground: three vertices at least
        if kept[low:high].sum() < 3:
            _third(lines, low, high, kept)
    return kept


@njit(cache=True, nogil=True)
def _cut_ring(lines: Lines, low: int, high: int, kept: NDArray[np.bool_]) -> None:
    """Keep the vertices of a ring where sharing begins and ends.

    A ring that is shared as a whole, or not at all, is cut at its westernmost vertex and at the one farthest
    from that, wherever its drawing began.
    """
    xy, sharing = lines.xy, lines.sharing
    cuts = 0
    for at in range(low, high):
        if sharing[high - 1 if at == low else at - 1] != sharing[at]:
            kept[at] = True
            cuts += 1
    if cuts > 1:
        return
    west = low
    for at in range(low + 1, high):
        if _before(xy, at, west):
            west = at
    far, most = west, -1.0
    for at in range(low, high):
        away = (xy[at, 0] - xy[west, 0]) ** 2 + (xy[at, 1] - xy[west, 1]) ** 2
        if away > most or (away == most and _before(xy, at, far)):
            far, most = at, away
    kept[west] = True
    kept[far] = True


@njit(cache=True, nogil=True)
def _before(xy: NDArray[np.float64], one: int, other: int) -> bool:
    """Whether a vertex lies west of another, or south of it where neither is farther west."""
    if xy[one, 0] != xy[other, 0]:
        return bool(xy[one, 0] < xy[other, 0])
    return bool(xy[one, 1] < xy[other, 1])


@njit(cache=True, nogil=True)
def squared_distance(xy: NDArray[np.float64], at: int, one: int, other: int) -> float:
    """Squared distance of a vertex from the segment between two others."""
    along_x, along_y = xy[other, 0] - xy[one, 0], xy[other, 1] - xy[one, 1]
    x, y = xy[at, 0] - xy[one, 0], xy[at, 1] - xy[one, 1]
    long2 = along_x * along_x + along_y * along_y
    share = 0.0 if long2 == 0.0 else min(1.0, max(0.0, (x * along_x + y * along_y) / long2))
    return (x - share * along_x) ** 2 + (y - share * along_y) ** 2


@njit(cache=True, nogil=True)
def worst_between(lines: Lines, low: int, high: int, between: tuple[int, int]) -> tuple[int, float]:
    """The vertex between two that is farthest from their segment, and its squared distance.

    Vertices are counted on past the ring's end. Of several the one nearest to the western end: the same
    whichever way the line was drawn.
    """
    xy, size = lines.xy, high - low
    one, other = between
    a, b = low + (one - low) % size, low + (other - low) % size
    forward = not _before(xy, b, a)
    west, east = (a, b) if forward else (b, a)
    outlier, most = -1, -1.0
    for step in range(one + 1, other):
        counted = step if forward else one + other - step
        away = squared_distance(xy, low + (counted - low) % size, west, east)
        if away > most:
            outlier, most = counted, away
    return outlier, most


@njit(cache=True, nogil=True)
def halve(lines: Lines, low: int, high: int, between: tuple[int, int], kept: NDArray[np.bool_]) -> None:
    """Keep what is too far from the segment between two vertices, from the farthest down."""
    stack = [between]
    while len(stack) > 0:
        a, b = stack.pop()
        if b - a < 2:
            continue
        middle, away = worst_between(lines, low, high, (a, b))
        if away > lines.tolerance * lines.tolerance:
            kept[low + (middle - low) % (high - low)] = True
            stack.append((a, middle))
            stack.append((middle, b))


@njit(cache=True, nogil=True)
def _third(lines: Lines, low: int, high: int, kept: NDArray[np.bool_]) -> None:
    """Keep a third vertex of a ring of which two are kept: the one farthest from their segment."""
    xy = lines.xy
    one = low
    while not kept[one]:
        one += 1
    other = one + 1
    while other < high - 1 and not kept[other]:
        other += 1
    outlier, most = -1, -1.0
    for at in range(low, high):
        if not kept[at]:
            away = squared_distance(xy, at, one, other)
            if away > most or (away == most and _before(xy, at, outlier)):
                outlier, most = at, away
    if outlier >= 0:
        kept[outlier] = True
