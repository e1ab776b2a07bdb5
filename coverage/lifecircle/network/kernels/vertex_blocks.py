"""A grid of vertices of which only the square blocks that hold something are kept.

The grid may span any extent: what is kept grows with what is drawn on it. A vertex has a row and a column,
counted from the grid's first vertex, and a place among the values kept. Blocks that are left out share the
first slot, whose values are never changed, so that any vertex can be read without a check.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["NOWHERE", "VertexBlocks", "bounds_of", "mark_blocks", "number_blocks", "place_of"]

NOWHERE = 0
"""The slot of every block that is left out."""


LONG = 4.0
"""A segment of more radii than this is worth the strip around its line, which cuts rows more narrowly."""

LEVEL_M = 1e-9
"""A segment that rises no more than this runs along its row."""


class VertexBlocks(NamedTuple):
    """Which blocks of a grid are kept, and where.

    Attributes
    ----------
    slot : int32, block rows × block columns, `NOWHERE` or 1 and more, row by row
    corner : int32, slots × 2, row and column of each kept block's first vertex
    bits : a block is ``2**bits`` vertices wide and high; its values follow one another, row by row
    """

    slot: NDArray[np.int32]
    corner: NDArray[np.int32]
    bits: int


@njit(cache=True, nogil=True, inline="always")
def place_of(blocks, row, column):
    """Where the values of a vertex are kept."""
    bits = blocks.bits
    low = (1 << bits) - 1
    slot = np.int64(blocks.slot[row >> bits, column >> bits])
    return (slot << (2 * bits)) + ((row & low) << bits) + (column & low)


@njit(cache=True, nogil=True)
def is_cut(dy, length, radius):
    """Whether a segment's rows have spans of their own: a long slanting one."""
    return length > LONG * radius and abs(dy) > LEVEL_M


@njit(cache=True, nogil=True)
def row_span(ax, dx, dy, length, radius, py):
    """Range of x that may lie within `radius` of a segment in the row `py` above its start."""
    low = min(ax, ax + dx) - radius
    high = max(ax, ax + dx) + radius
    # a long slanting segment: the strip of half-width `radius` around its line cuts the row more narrowly
    if is_cut(dy, length, radius):
        middle = ax + dx * py / dy
        half = radius * length / abs(dy)
        low = max(low, middle - half)
        high = min(high, middle + half)
    return low, high


@njit(cache=True, nogil=True)
def vertices_between(low, high, cell, origin, count):
    """First and last of `count` vertices, numbered from `origin` on, between `low` and `high` metres."""
    return max(0, int(np.ceil(low / cell)) - origin), min(count - 1, int(np.floor(high / cell)) - origin)


@njit(cache=True, nogil=True)
def bounds_of(segments):
    """Least x and y, and greatest x and y, of segments (n × 4: ax, ay, bx, by; n > 0)."""
    west, south = segments[0, 0], segments[0, 1]
    east, north = west, south
    for s in range(len(segments)):
        ax, ay, bx, by = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        west, south = min(west, ax, bx), min(south, ay, by)
        east, north = max(east, ax, bx), max(north, ay, by)
    return west, south, east, north


@njit(cache=True, nogil=True)
def mark_blocks(segments, west, south, cell, radius, slot, bits):
    """Mark, with 1 in `slot`, the blocks that have a vertex within `radius` of a segment.

    Arguments as of `field_distance.lower_field`; blocks that hold none may be marked too, none is missed.
    """
    rows, columns = slot.shape[0] << bits, slot.shape[1] << bits
    for s in range(len(segments)):
        ax, ay = segments[s, 0], segments[s, 1]
        dx, dy = segments[s, 2] - ax, segments[s, 3] - ay
        length = np.sqrt(dx * dx + dy * dy)
        low, high = min(ay, ay + dy) - radius, max(ay, ay + dy) + radius
        j, last = vertices_between(low, high, cell, south, rows)
        by_row = is_cut(dy, length, radius)
        while j <= last:
            left, right = row_span(ax, dx, dy, length, radius, (south + j) * cell - ay)
            begin, end = vertices_between(left, right, cell, west, columns)
            for block in range(begin >> bits, (end >> bits) + 1):
                slot[j >> bits, block] = 1
            # where every row has the same span, one row of each block tells
            j = j + 1 if by_row else ((j >> bits) + 1) << bits


@njit(cache=True, nogil=True)
def number_blocks(slot, bits):
    """Number the marked blocks from 1 on, row by row. Returns the `corner` of every slot."""
    kept = 0
    for row in range(slot.shape[0]):
        for column in range(slot.shape[1]):
            kept += slot[row, column] != NOWHERE
    corner = np.zeros((kept + 1, 2), np.int32)
    kept = 0
    for row in range(slot.shape[0]):
        for column in range(slot.shape[1]):
            if slot[row, column] != NOWHERE:
                kept += 1
                slot[row, column] = kept
                corner[kept, 0], corner[kept, 1] = row << bits, column << bits
    return corner
