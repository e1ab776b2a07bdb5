"""Streets inside a service area's outline that were not reached."""

import numpy as np
from numba import njit

from lifecircle.network.kernels.contour_squares import inside_square

SAMPLES_PER_CELL = 4


@njit(cache=True, nogil=True)
def length_inside(x, y, dx, dy, length, start, end, west, south, cell, distance, field):
    """Millimetres of one edge between `start` and `end` (mm) that lie inside the rings of a field."""
    rows, columns = field.shape
    span = end - start
    steps = 1 + np.int64(span * 1e-3 * SAMPLES_PER_CELL / cell)
    inside = 0
    for k in range(steps):
        share = (start + span * (k + 0.5) / steps) / length
        px = (x + share * dx) / cell - west
        py = (y + share * dy) / cell - south
        i = np.int64(np.floor(px))
        j = np.int64(np.floor(py))
        if i < 0 or j < 0 or i >= columns - 1 or j >= rows - 1:
            continue
        inside += inside_square(field, j, i, px - i, py - j, distance)
    return span * inside / steps


@njit(cache=True, nogil=True)
def unreached_inside(
    pieces, u, v, length, x, y,
    grid_west, grid_south, grid_cell, grid_columns, grid_rows, grid_start, grid_edge,
    west, south, cell, distance, field, first_piece, stamp, stamped,
):  # fmt: skip
    """Street length inside the rings of a field that no piece covers, in mm.

    The parts of edges between pieces are sampled at the middles of steps of at most a quarter of a
    cell, so a street that crosses the outline once is right to an eighth of a cell.

    Parameters
    ----------
    pieces, u, v, length, x, y
        As `reach_lines.cut_edges` and `reach_lines.piece_segments`.
    grid_*
        The edges by cell, as `segment_grid.fill_grid`.
    west, south, cell, distance, field
        As `contour_squares.trace_rings`.
    first_piece : int32, one per edge
        Workspace, all -1 before and after.
    stamp : int32, one per edge; stamped : int
        Workspace: edges seen under the mark `stamped` are not looked at again.
    """
    rows, columns = field.shape
    for k in range(len(pieces) - 1, -1, -1):
        first_piece[pieces[k, 0]] = k
    left = max(0, np.int64((west * cell - grid_west) / grid_cell))
    right = min(grid_columns - 1, np.int64(((west + columns) * cell - grid_west) / grid_cell))
    low = max(0, np.int64((south * cell - grid_south) / grid_cell))
    high = min(grid_rows - 1, np.int64(((south + rows) * cell - grid_south) / grid_cell))
    total = 0.0
    for row in range(low, high + 1):
        for column in range(left, right + 1):
            at = row * grid_columns + column
            for k in range(grid_start[at], grid_start[at + 1]):
                e = grid_edge[k]
                if stamp[e] == stamped:
                    continue
                stamp[e] = stamped
                done = 0
                p = first_piece[e]
                if p >= 0 and pieces[p, 1] == 0 and pieces[p, 2] == length[e]:
                    continue
                ax, ay = x[u[e]], y[u[e]]
                dx, dy = x[v[e]] - ax, y[v[e]] - ay
                while p >= 0 and p < len(pieces) and pieces[p, 0] == e:
                    if pieces[p, 1] > done:
                        total += length_inside(
                            ax, ay, dx, dy, length[e], done, pieces[p, 1], west, south, cell, distance, field
                        )
                    done = pieces[p, 2]
                    p += 1
                if done < length[e]:
                    total += length_inside(
                        ax, ay, dx, dy, length[e], done, length[e], west, south, cell, distance, field
                    )
    for k in range(len(pieces)):
        first_piece[pieces[k, 0]] = -1
    return total
