"""Streets inside a service area's outline that were not reached."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.contour_squares import inside_square, square_code
from lifecircle.network.kernels.segment_index import _clip
from lifecircle.network.kernels.vertex_blocks import NOWHERE

__all__ = ["EdgeMarks", "length_of", "unreached_inside"]

SAMPLES_PER_CELL = 4
M_PER_MM = 1e-3


class EdgeMarks(NamedTuple):
    """Workspace of one thread, one entry per edge.

    Attributes
    ----------
    first_piece : int32, where an edge's pieces begin; all -1 between calls
    stamp : int32, number of the last call that looked at an edge
    """

    first_piece: NDArray[np.int32]
    stamp: NDArray[np.int32]


@njit(cache=True, nogil=True)
def length_inside(line, start, end, squared, blocks, grid):
    """Millimetres of one edge between `start` and `end` (mm) that lie inside the rings of a field.

    `line` is x and y where the edge begins, how far it runs (metres) and its length (mm). The field comes in
    parts, `grid` being its west, south, cell and distance: arrays taken out of a tuple here would have their
    references counted for every edge.
    """
    x, y, dx, dy, length = line
    west, south, cell, distance = grid
    bits = blocks.bits
    rows, columns = blocks.slot.shape[0] << bits, blocks.slot.shape[1] << bits
    span = end - start
    # an edge that lies in one block, which nothing is near, is outside; so is one beside the grid
    left, right = np.int64(np.floor(x / cell)) - west, np.int64(np.floor((x + dx) / cell)) - west
    low, high = np.int64(np.floor(y / cell)) - south, np.int64(np.floor((y + dy) / cell)) - south
    left, right, low, high = min(left, right), max(left, right), min(low, high), max(low, high)
    if right < 0 or high < 0 or left >= columns or low >= rows:
        return 0.0
    in_one = left >> bits == right >> bits and low >> bits == high >> bits
    if in_one and blocks.slot[low >> bits, left >> bits] == NOWHERE:
        return 0.0
    steps = 1 + np.int64(span * M_PER_MM * SAMPLES_PER_CELL / cell)
    limit = np.float32(distance * distance)
    # several steps in a row lie in one square, which is looked at once
    at_row, at_column, code = -1, -1, 0
    inside = 0
    for k in range(steps):
        # the middle of each step, in cells from the field's first vertex
        share = (start + span * (k + 0.5) / steps) / length
        px = (x + share * dx) / cell - west
        py = (y + share * dy) / cell - south
        i = np.int64(np.floor(px))
        j = np.int64(np.floor(py))
        if i < 0 or j < 0 or i >= columns - 1 or j >= rows - 1:
            continue
        if j != at_row or i != at_column:
            at_row, at_column, code = j, i, square_code(squared, blocks, limit, j, i)
        inside += inside_square(squared, blocks, j, i, code, px - i, py - j, distance)
    return span * inside / steps


@njit(cache=True, nogil=True)
def length_of(pieces, length):
    """Millimetres of the pieces that lie on edges of some `length`."""
    total = np.int64(0)
    for k in range(len(pieces)):
        if length[pieces[k, 0]] > 0:
            total += pieces[k, 2] - pieces[k, 1]
    return total


@njit(cache=True, nogil=True)
def unreached_inside(pieces, streets, index, field, marks, mark):
    """Street length inside the rings of a field that no piece covers, in mm.

    The parts of edges between pieces are sampled at the middles of steps of at most a quarter of a
    cell, so a street that crosses the outline once is right to an eighth of a cell.

    Parameters
    ----------
    pieces
        Of `reach_lines.cut_edges`: n × 5, an edge's pieces in order and not overlapping.
    streets
        The edges, a `reach_lines.StraightEdges`; what has no length is no street.
    index
        The same edges by cell, a `segment_index.SegmentIndex`.
    field
        The `contour_squares.SquaredField` whose rings are meant.
    marks, mark
        The `EdgeMarks`, and a number that no edge is stamped with yet.
    """
    u, v, length, x, y = streets
    first_piece, stamp = marks
    segment, first_segment = index.segment, index.start
    squared, blocks = field.squared, field.blocks
    grid = (field.west, field.south, field.cell, field.distance)
    # stage 1: where each edge's pieces begin
    for k in range(len(pieces) - 1, -1, -1):
        first_piece[pieces[k, 0]] = k
    # stage 2: the cells of the index that the field covers
    bits = blocks.bits
    rows, columns = blocks.slot.shape[0] << bits, blocks.slot.shape[1] << bits
    west, south = field.west * field.cell, field.south * field.cell
    east, north = (field.west + columns) * field.cell, (field.south + rows) * field.cell
    frame = index.frame
    left = _clip(np.int64((west - frame.west) / frame.cell), frame.columns)
    right = _clip(np.int64((east - frame.west) / frame.cell), frame.columns)
    low = _clip(np.int64((south - frame.south) / frame.cell), frame.rows)
    high = _clip(np.int64((north - frame.south) / frame.cell), frame.rows)
    # stage 3: what lies between the pieces of every edge in them
    total = 0.0
    for row in range(low, high + 1):
        for column in range(left, right + 1):
            at = row * frame.columns + column
            for k in range(first_segment[at], first_segment[at + 1]):
                e = segment[k]
                if stamp[e] == mark:
                    continue
                stamp[e] = mark
                if length[e] == 0:
                    continue
                p = first_piece[e]
                if p >= 0 and pieces[p, 1] == 0 and pieces[p, 2] == length[e]:
                    continue
                ax, ay = x[u[e]], y[u[e]]
                line = (ax, ay, x[v[e]] - ax, y[v[e]] - ay, length[e])
                # invariant: everything before `done` lies in a piece or has been added
                done = np.int64(0)
                while p >= 0 and p < len(pieces) and pieces[p, 0] == e:
                    if pieces[p, 1] > done:
                        total += length_inside(line, done, np.int64(pieces[p, 1]), squared, blocks, grid)
                    done = np.int64(pieces[p, 2])
                    p += 1
                if done < length[e]:
                    total += length_inside(line, done, np.int64(length[e]), squared, blocks, grid)
    # stage 4: the workspace as it was
    for k in range(len(pieces)):
        first_piece[pieces[k, 0]] = -1
    return total
