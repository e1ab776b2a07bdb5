"""Points of two kinds that are near each other, by a uniform grid over one kind."""

import numpy as np
from numba import njit

__all__ = ["near_points"]


@njit(cache=True, nogil=True)
def near_points(px, py, preach, qx, qy, qreach, most, cell):
    """Pairs whose distance is not greater than the reach of both put together.

    Parameters
    ----------
    px, py, preach, qx, qy, qreach
        float64, points of either kind and how far each reaches; those that are no numbers are near nobody.
    most
        Greatest `qreach`.
    cell
        Size of the grid's cells, > 0.

    Returns
    -------
    one, other : int64
        Positions, by the first kind's.
    """
    one, other = np.empty(256, np.int64), np.empty(256, np.int64)
    n = 0
    usable = np.flatnonzero(~np.isnan(qx + qy + qreach))
    if not len(usable):
        return one[:0], other[:0]
    west, south = qx[usable].min(), qy[usable].min()
    wide, tall = qx[usable].max() - west, qy[usable].max() - south
    # a few cells per point do, however far apart the points lie
    size = max(cell, np.sqrt(wide * tall / (4.0 * len(usable))), max(wide, tall) / (4.0 * len(usable)))
    columns, rows = int(wide / size) + 1, int(tall / size) + 1
    start = np.zeros(columns * rows + 1, np.int64)
    at = np.empty(len(usable), np.int64)
    for k in range(len(usable)):
        q = usable[k]
        at[k] = int((qy[q] - south) / size) * columns + int((qx[q] - west) / size)
        start[at[k] + 1] += 1
    start = np.cumsum(start)
    held = usable[np.argsort(at, kind="mergesort")]
    for p in range(len(px)):
        reach = preach[p] + most
        if np.isnan(px[p] + py[p] + reach):
            continue
        low, high = (
            int(np.floor((py[p] - reach - south) / size)),
            int(np.floor((py[p] + reach - south) / size)),
        )
        left, right = (
            int(np.floor((px[p] - reach - west) / size)),
            int(np.floor((px[p] + reach - west) / size)),
        )
        for row in range(max(low, 0), min(high, rows - 1) + 1):
            for column in range(max(left, 0), min(right, columns - 1) + 1):
                for k in range(start[row * columns + column], start[row * columns + column + 1]):
                    q = held[k]
                    if np.hypot(px[p] - qx[q], py[p] - qy[q]) > preach[p] + qreach[q]:
                        continue
                    if n == len(one):
                        one = np.concatenate((one, np.empty_like(one)))
                        other = np.concatenate((other, np.empty_like(other)))
                    one[n], other[n] = p, q
                    n += 1
    return one[:n], other[:n]
