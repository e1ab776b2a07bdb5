"""Marching squares: the outline of everything within a distance, as closed rings that nest.

Lorensen and Cline's method in the plane (1987). Corners of a square are a, b, c, d from the south-west
counter-clockwise; its sides are 0 south, 1 east, 2 north, 3 west. Rings keep the inside on their left,
so shells run counter-clockwise and holes clockwise. Where two opposite corners are inside, each is cut
off by itself: then what is inside is connected along the grid's lines only, rings never cross or
touch, and a larger field never joins what a smaller one kept apart without holding it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.vertex_blocks import NOWHERE, VertexBlocks, place_of

CLEARANCE = 1e-3
"""A ring crosses a grid line no nearer to a vertex than this share of a cell, so that rings never touch."""

EXIT = np.full((16, 4), -1, dtype=np.int8)
"""Side a ring leaves a square by; row: corners inside (bits a=1, b=2, c=4, d=8), column: side entered."""
for _code, _sides in {
    1: {0: 3}, 2: {1: 0}, 4: {2: 1}, 8: {3: 2},
    14: {3: 0}, 13: {0: 1}, 11: {1: 2}, 7: {2: 3},
    3: {1: 3}, 6: {2: 0}, 12: {3: 1}, 9: {0: 2},
    5: {0: 3, 2: 1}, 10: {1: 0, 3: 2},
}.items():  # fmt: skip
    for _side, _exit in _sides.items():
        EXIT[_code, _side] = _exit


class SquaredField(NamedTuple):
    """Squared distances at the vertices of a grid, and the distance at which the outline is drawn.

    Attributes
    ----------
    squared : float32, squared metres, by place in `blocks`; every vertex left out lies outside
    blocks : the vertices that are kept
    west, south : column and row of the first vertex, which lies at ``west * cell, south * cell``
    cell : metres between vertices
    distance : metres; vertices at or under it are inside
    """

    squared: NDArray[np.float32]
    blocks: VertexBlocks
    west: int
    south: int
    cell: float
    distance: float


@njit(cache=True, nogil=True)
def crossing(value, other, distance):
    """Share of the way between two vertices at which the distance is `distance`, by linear interpolation."""
    # linear between the distances, not their squares
    start = np.sqrt(np.float64(value))
    share = (distance - start) / (np.sqrt(np.float64(other)) - start)
    return min(1.0 - CLEARANCE, max(CLEARANCE, share))


@njit(cache=True, nogil=True)
def corners_of(blocks, j, i):
    """Places of the corners a, b, c, d of the square north-east of vertex (j, i)."""
    side = 1 << blocks.bits
    a = place_of(blocks, j, i)
    if (i & (side - 1)) < side - 1 and (j & (side - 1)) < side - 1:
        return a, a + 1, a + side + 1, a + side
    return a, place_of(blocks, j, i + 1), place_of(blocks, j + 1, i + 1), place_of(blocks, j + 1, i)


@njit(cache=True, nogil=True)
def square_code(field, blocks, limit, j, i):
    """Which corners of the square north-east of vertex (j, i) are inside, as bits a=1, b=2, c=4, d=8."""
    a, b, c, d = corners_of(blocks, j, i)
    code = 0
    if field[a] <= limit:
        code |= 1
    if field[b] <= limit:
        code |= 2
    if field[c] <= limit:
        code |= 4
    if field[d] <= limit:
        code |= 8
    return code


@njit(cache=True, nogil=True)
def changes(line, other, limit):
    """In how many places one of two equally long runs of values is inside and the other is not."""
    count = 0
    for k in range(len(line)):
        count += (line[k] <= limit) != (other[k] <= limit)
    return count


@njit(cache=True, nogil=True)
def count_crossings(field, blocks, limit):
    """Grid lines that the outline crosses: along each row of each block (slots × rows), and along columns."""
    bits = blocks.bits
    side = 1 << bits
    along_rows = np.zeros((len(blocks.corner), side), np.int32)
    along_columns = 0
    for slot in range(1, len(blocks.corner)):
        j, i = blocks.corner[slot, 0], blocks.corner[slot, 1]
        for r in range(side):
            p = (np.int64(slot) << (2 * bits)) + (r << bits)
            line = field[p : p + side]
            # along the row, the line to the next block's first vertex included
            along_rows[slot, r] = changes(line[: side - 1], line[1:], limit)
            if (i >> bits) + 1 < blocks.slot.shape[1]:
                east = field[place_of(blocks, j + r, i + side)]
                along_rows[slot, r] += (line[side - 1] <= limit) != (east <= limit)
            # to the row above, in this block or the next
            if r + 1 < side:
                along_columns += changes(line, field[p + side : p + 2 * side], limit)
            elif (j >> bits) + 1 < blocks.slot.shape[0]:
                q = place_of(blocks, j + side, i)
                along_columns += changes(line, field[q : q + side], limit)
    return along_rows, along_columns


@njit(cache=True, nogil=True)
def trace_rings(outlined):
    """Closed rings at a distance around what a field of squared distances was drawn from.

    Parameters
    ----------
    outlined
        The `SquaredField`.

    Returns
    -------
    points : float64, n × 2
        Metres, ring after ring, each ring's first point repeated at its end.
    first : int32, rings + 1
        Where each ring starts in `points`.
    shell : int32, rings
        The ring's shell: its own number for a shell, a smaller one for a hole.
    """
    field, blocks, west, south, cell, distance = outlined
    limit = np.float32(distance * distance)
    # a ring has a point at every grid line it crosses, and crosses at least two along rows
    crossed, along_columns = count_crossings(field, blocks, limit)
    along_rows = crossed.sum()
    points = np.empty((along_rows + along_columns + along_rows // 2, 2), np.float64)
    first = np.zeros(along_rows // 2 + 1, np.int32)
    shell = np.empty(along_rows // 2, np.int32)
    # number of the ring that crosses the line east of a vertex
    ring_at = np.full(len(field), -1, np.int32)
    rings = 0
    n = 0
    # row by row over the whole grid, whatever its blocks: rings are numbered alike
    bits = blocks.bits
    side = 1 << bits
    for row in range(blocks.slot.shape[0] << bits):
        for block in range(blocks.slot.shape[1]):
            slot = np.int64(blocks.slot[row >> bits, block])
            if slot == NOWHERE or crossed[slot, row & (side - 1)] == 0:
                continue
            begin = (slot << (2 * bits)) + ((row & (side - 1)) << bits)
            for c in range(side):
                # stage 1: scan for a crossing of a line along a row that no ring has yet
                column = (block << bits) + c
                p = begin + c
                inside = field[p] <= limit
                if c + 1 < side:
                    east = p + 1
                elif block + 1 < blocks.slot.shape[1]:
                    east = place_of(blocks, row, column + 1)
                else:
                    continue
                if inside == (field[east] <= limit) or ring_at[p] >= 0:
                    continue
                if inside:
                    # the first crossing of a hole in scan order is entered from its own shell's inside
                    k = column
                    while field[place_of(blocks, row, k - 1)] <= limit:
                        k -= 1
                    shell[rings] = shell[ring_at[place_of(blocks, row, k - 1)]]
                else:
                    shell[rings] = rings
                # stage 2: follow the ring from square (j, i) to square until it returns to that crossing
                j = row if inside else row - 1
                i = column
                edge = 0 if inside else 2
                while True:
                    if edge == 0 or edge == 2:
                        at = j if edge == 0 else j + 1
                        here = place_of(blocks, at, i)
                        if ring_at[here] >= 0:
                            break
                        ring_at[here] = rings
                        share = crossing(field[here], field[place_of(blocks, at, i + 1)], distance)
                        points[n, 0] = (west + i + share) * cell
                        points[n, 1] = (south + at) * cell
                    else:
                        at = i + 1 if edge == 1 else i
                        here = place_of(blocks, j, at)
                        share = crossing(field[here], field[place_of(blocks, j + 1, at)], distance)
                        points[n, 0] = (west + at) * cell
                        points[n, 1] = (south + j + share) * cell
                    n += 1
                    # leave the square, and enter its neighbour by the same side
                    edge = EXIT[square_code(field, blocks, limit, j, i), edge]
                    if edge == 0:
                        j -= 1
                        edge = 2
                    elif edge == 1:
                        i += 1
                        edge = 3
                    elif edge == 2:
                        j += 1
                        edge = 0
                    else:
                        i -= 1
                        edge = 1
                # stage 3: close the ring
                points[n, 0], points[n, 1] = points[first[rings], 0], points[first[rings], 1]
                n += 1
                rings += 1
                first[rings] = n
    return points[:n], first[: rings + 1], shell[:rings]


@njit(cache=True, nogil=True)
def inside_square(field, blocks, j, i, code, x, y, distance):
    """Whether a place of the square north-east of vertex (j, i) is inside the rings of `trace_rings`.

    `code` is the square's `square_code`; `x` and `y` are shares (0 to 1) of the cell from its south-west
    corner.
    """
    if code == 0:
        return False
    if code == 15:
        return True
    # where the outline crosses each side, as a share of it from the west or the south
    at_a, at_b, at_c, at_d = corners_of(blocks, j, i)
    a, b, c, d = field[at_a], field[at_b], field[at_c], field[at_d]
    south = crossing(a, b, distance) if (code & 1 != 0) != (code & 2 != 0) else 0.0
    east = crossing(b, c, distance) if (code & 2 != 0) != (code & 4 != 0) else 0.0
    north = crossing(d, c, distance) if (code & 4 != 0) != (code & 8 != 0) else 0.0
    west = crossing(a, d, distance) if (code & 1 != 0) != (code & 8 != 0) else 0.0
    # two neighbouring corners inside: one chord from side to side
    if code == 3 or code == 12:
        return (y <= west + (east - west) * x) == (code == 3)
    if code == 9 or code == 6:
        return (x <= south + (north - south) * y) == (code == 9)
    # else chords cut corners off; a place is in a cut-off corner where it lies beyond the chord
    off_a = (code == 1 or code == 5 or code == 14) and x / south + y / west <= 1.0
    off_b = (code == 2 or code == 10 or code == 13) and (1.0 - x) / (1.0 - south) + y / east <= 1.0
    off_c = (code == 4 or code == 5 or code == 11) and (1.0 - x) / (1.0 - north) + (1.0 - y) / (
        1.0 - east
    ) <= 1.0
    off_d = (code == 8 or code == 10 or code == 7) and x / north + (1.0 - y) / (1.0 - west) <= 1.0
    cut = off_a or off_b or off_c or off_d
    return cut == (code == 1 or code == 2 or code == 4 or code == 8 or code == 5 or code == 10)
