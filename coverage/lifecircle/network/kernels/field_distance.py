"""Distance field: how far each vertex of a grid is from the nearest of many segments."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["NearestTwo", "lower_field", "lower_labelled_field"]


class NearestTwo(NamedTuple):
    """Whose segment is nearest to each vertex, and the nearest of any other owner.

    Attributes
    ----------
    nearest, second : float32, squared metres
    label, second_label : int32, their owners, -1 for none
    """

    nearest: NDArray[np.float32]
    label: NDArray[np.int32]
    second: NDArray[np.float32]
    second_label: NDArray[np.int32]


@njit(cache=True, nogil=True)
def row_span(ax, dx, dy, length, radius, py):
    """Range of x that may lie within `radius` of a segment in the row `py` above its start."""
    low = min(ax, ax + dx) - radius
    high = max(ax, ax + dx) + radius
    # a long slanting segment: the strip of half-width `radius` around its line cuts the row more narrowly
    if length > 4.0 * radius and abs(dy) > 1e-9:
        middle = ax + dx * py / dy
        half = radius * length / abs(dy)
        low = max(low, middle - half)
        high = min(high, middle + half)
    return low, high


@njit(cache=True, nogil=True)
def _segment(ends):
    """Start of a segment, its way, its length, and the inverse of its square (0: a point)."""
    ax, ay = ends[0], ends[1]
    dx, dy = ends[2] - ax, ends[3] - ay
    squared = dx * dx + dy * dy
    return ax, ay, dx, dy, np.sqrt(squared), 1.0 / squared if squared > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _vertices(low, high, cell, origin, count):
    """First and last of `count` vertices, numbered from `origin` on, between `low` and `high` metres."""
    return max(0, int(np.ceil(low / cell)) - origin), min(count - 1, int(np.floor(high / cell)) - origin)


@njit(cache=True, nogil=True)
def _squared_m2(px, py, dx, dy, inverse):
    """Squared distance from a segment of a place, both seen from the segment's start."""
    t = min(1.0, max(0.0, (px * dx + py * dy) * inverse))
    ex, ey = px - t * dx, py - t * dy
    return np.float32(ex * ex + ey * ey)


@njit(cache=True, nogil=True)
def lower_field(segments, drawn, west, south, cell, radius, field):
    """Lower a field of squared distances to the nearest of `segments`, in place.

    Parameters
    ----------
    segments : float64, n × 4
        ``ax, ay, bx, by`` in metres.
    drawn : bool, n
        False for segments that the field already holds.
    west, south : int
        Column and row of the field's first vertex; vertex (row, column) lies at ``column * cell,
        row * cell``, so that a value never depends on what else the field covers.
    cell, radius : float
        Metres. Vertices farther than `radius` from a segment are left as they are.
    field : float32, rows × columns
        Squared metres.
    """
    rows, columns = field.shape
    for s in range(len(segments)):
        if not drawn[s]:
            continue
        ax, ay, dx, dy, length, inverse = _segment(segments[s])
        first, last = _vertices(min(ay, ay + dy) - radius, max(ay, ay + dy) + radius, cell, south, rows)
        for j in range(first, last + 1):
            py = (south + j) * cell - ay
            low, high = row_span(ax, dx, dy, length, radius, py)
            left, right = _vertices(low, high, cell, west, columns)
            line = field[j]
            for i in range(left, right + 1):
                value = _squared_m2((west + i) * cell - ax, py, dx, dy, inverse)
                line[i] = min(line[i], value)


@njit(cache=True, nogil=True)
def lower_labelled_field(segments, labels, west, south, cell, radius, field):
    """Lower a field that also keeps whose segment is nearest, and the nearest of anyone else's.

    As `lower_field`, with `labels` (int32, n, >= 0) naming each segment's owner, and `field` a
    `NearestTwo`. Ties go to the smaller label.
    """
    nearest, label, second, second_label = field
    rows, columns = nearest.shape
    for s in range(len(segments)):
        ax, ay, dx, dy, length, inverse = _segment(segments[s])
        mine = labels[s]
        first, last = _vertices(min(ay, ay + dy) - radius, max(ay, ay + dy) + radius, cell, south, rows)
        for j in range(first, last + 1):
            py = (south + j) * cell - ay
            low, high = row_span(ax, dx, dy, length, radius, py)
            left, right = _vertices(low, high, cell, west, columns)
            for i in range(left, right + 1):
                value = _squared_m2((west + i) * cell - ax, py, dx, dy, inverse)
                # invariant: (nearest, label) and (second, second_label) are the least two of different owners
                if label[j, i] == mine:
                    nearest[j, i] = min(nearest[j, i], value)
                elif value < nearest[j, i] or (value == nearest[j, i] and mine < label[j, i]):
                    second[j, i] = nearest[j, i]
                    second_label[j, i] = label[j, i]
                    nearest[j, i] = value
                    label[j, i] = mine
                elif value < second[j, i] or (value == second[j, i] and mine < second_label[j, i]):
                    second[j, i] = value
                    second_label[j, i] = mine
