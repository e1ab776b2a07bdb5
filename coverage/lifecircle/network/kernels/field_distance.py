"""Distance field: how far each vertex of a grid is from the nearest of many segments."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.vertex_blocks import NOWHERE, row_span, vertices_between

__all__ = ["NearestTwo", "lower_field", "lower_labelled_field"]

RUN_BITS = 4
RUN = 1 << RUN_BITS


class NearestTwo(NamedTuple):
    """Whose segment is nearest to each vertex, and the nearest of any other owner.

    Attributes
    ----------
    nearest, second : float32, squared metres, by place in the grid's `VertexBlocks`
    label, second_label : int32, their owners, -1 for none
    """

    nearest: NDArray[np.float32]
    label: NDArray[np.int32]
    second: NDArray[np.float32]
    second_label: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _segment(ends):
    """Start of a segment, its way, its length, and the inverse of its square (0: a point)."""
    ax, ay = ends[0], ends[1]
    dx, dy = ends[2] - ax, ends[3] - ay
    squared = dx * dx + dy * dy
    return ax, ay, dx, dy, np.sqrt(squared), 1.0 / squared if squared > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _squared_m2(px, py, dx, dy, along, inverse):
    """Squared distance from a segment of a place, both seen from the segment's start; `along` is py × dy."""
    # the nearest place of the segment, as a share of its way
    t = min(1.0, max(0.0, (px * dx + along) * inverse))
    ex, ey = px - t * dx, py - t * dy
    return np.float32(ex * ex + ey * ey)


@njit(cache=True, nogil=True)
def lower_field(segments, drawn, west, south, cell, radius, blocks, field):
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
        Metres. Vertices farther than `radius` from a segment may be left as they are.
    blocks
        Which vertices are kept, a `vertex_blocks.VertexBlocks`.
    field : float32
        Squared metres, by place in `blocks`; nowhere over the square of `radius`.
    """
    slot, bits = blocks.slot, blocks.bits
    low_bits = (1 << bits) - 1
    rows, columns = slot.shape[0] << bits, slot.shape[1] << bits
    # a row is lowered by runs of vertices that lie in one block: of RUN where blocks are as wide
    run_bits = min(bits, RUN_BITS)
    for s in range(len(segments)):
        if not drawn[s]:
            continue
        ax, ay, dx, dy, length, inverse = _segment(segments[s])
        first, last = vertices_between(
            min(ay, ay + dy) - radius, max(ay, ay + dy) + radius, cell, south, rows
        )
        for j in range(first, last + 1):
            # runs of the row with a vertex that may be within the radius
            py = (south + j) * cell - ay
            low, high = row_span(ax, dx, dy, length, radius, py)
            left, right = vertices_between(low, high, cell, west, columns)
            along = py * dy
            for run in range(left >> run_bits, (right >> run_bits) + 1):
                held = np.int64(slot[j >> bits, run >> (bits - run_bits)])
                if held == NOWHERE:
                    continue
                begin = run << run_bits
                # unsigned, or each place would be looked at for being negative
                place = np.uint64((held << (2 * bits)) + ((j & low_bits) << bits) + (begin & low_bits))
                start = np.float64(west + begin)
                if run_bits == RUN_BITS:
                    # a number of turns that the compiler knows: several vertices at once
                    for i in range(RUN):
                        value = _squared_m2((start + i) * cell - ax, py, dx, dy, along, inverse)
                        field[place + np.uint64(i)] = min(field[place + np.uint64(i)], value)
                else:
                    for i in range(1 << run_bits):
                        value = _squared_m2((start + i) * cell - ax, py, dx, dy, along, inverse)
                        field[place + np.uint64(i)] = min(field[place + np.uint64(i)], value)


@njit(cache=True, nogil=True)
def lower_labelled_field(segments, labels, west, south, cell, radius, blocks, field):
    """Lower a field that also keeps whose segment is nearest, and the nearest of anyone else's.

    As `lower_field`, with `labels` (int32, n, >= 0) naming each segment's owner, and `field` a
    `NearestTwo`. Ties go to the smaller label.
    """
    nearest, label, second, second_label = field
    slot, bits = blocks.slot, blocks.bits
    low_bits = (1 << bits) - 1
    rows, columns = slot.shape[0] << bits, slot.shape[1] << bits
    for s in range(len(segments)):
        ax, ay, dx, dy, length, inverse = _segment(segments[s])
        mine = labels[s]
        first, last = vertices_between(
            min(ay, ay + dy) - radius, max(ay, ay + dy) + radius, cell, south, rows
        )
        for j in range(first, last + 1):
            py = (south + j) * cell - ay
            low, high = row_span(ax, dx, dy, length, radius, py)
            left, right = vertices_between(low, high, cell, west, columns)
            for block in range(left >> bits, (right >> bits) + 1):
                if slot[j >> bits, block] == NOWHERE:
                    continue
                begin = (np.int64(slot[j >> bits, block]) << (2 * bits)) + ((j & low_bits) << bits)
                start = block << bits
                for i in range(max(left, start), min(right, start + low_bits) + 1):
                    value = _squared_m2((west + i) * cell - ax, py, dx, dy, py * dy, inverse)
                    p = begin + i - start
                    # invariant: nearest and second are the least two distances of different owners
                    if label[p] == mine:
                        nearest[p] = min(nearest[p], value)
                    elif value < nearest[p] or (value == nearest[p] and mine < label[p]):
                        second[p] = nearest[p]
                        second_label[p] = label[p]
                        nearest[p] = value
                        label[p] = mine
                    elif value < second[p] or (value == second[p] and mine < second_label[p]):
                        second[p] = value
                        second_label[p] = mine
