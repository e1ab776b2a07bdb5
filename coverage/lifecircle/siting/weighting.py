"""A search for small covers: a row that stays uncovered weighs more and more until somebody reaches it.

Local search by row weighting (Gao, Weise and Li 2015), for covers in which every site costs the same.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["lighten"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _open(  # noqa: PLR0917
    j: int, start: Ints, site: Ints, col_start: Ints, col_row: Ints, weight: Ints, times: Ints, score: Ints, is_open: Flags
) -> None:
    """Open a site. `score`: weight won by opening a closed site, less the weight lost by closing an open one."""
    is_open[j] = True
    score[j] = -score[j]
    for at in range(col_start[j], col_start[j + 1]):
        i = col_row[at]
        times[i] += 1
        if times[i] > 2:
            continue
        for k in range(start[i], start[i + 1]):
            other = site[k]
            if times[i] == 1 and other != j:
                score[other] -= weight[i]
            elif times[i] == 2 and other != j and is_open[other]:
                score[other] += weight[i]


@njit(cache=True, nogil=True)
def _close(  # noqa: PLR0917
    j: int, start: Ints, site: Ints, col_start: Ints, col_row: Ints, weight: Ints, times: Ints, score: Ints, is_open: Flags
) -> None:
    """Close a site: the reverse of `_open`."""
    is_open[j] = False
    score[j] = -score[j]
    for at in range(col_start[j], col_start[j + 1]):
        i = col_row[at]
        times[i] -= 1
        if times[i] > 1:
            continue
        for k in range(start[i], start[i + 1]):
            other = site[k]
            if times[i] == 0 and other != j:
                score[other] += weight[i]
            elif times[i] == 1 and other != j and is_open[other]:
                score[other] -= weight[i]


@njit(cache=True, nogil=True)
def _least_missed(is_open: Flags, score: Ints, moved: Ints, barred: int) -> int:
    """The open site whose closing loses least weight, of equals the one longest unmoved; -1 if there is none."""
    best = -1
    for j in range(len(is_open)):
        if not is_open[j] or j == barred:
            continue
        if best < 0 or score[j] > score[best] or (score[j] == score[best] and moved[j] < moved[best]):
            best = j
    return best


@njit(cache=True, nogil=True)
def lighten(  # noqa: PLR0917
    start: Ints, site: Ints, col_start: Ints, col_row: Ints, cover: Flags, enough: int, moves: int, seed: int
) -> Flags:
    """The smallest cover met on the way.

    Parameters
    ----------
    start, site, col_start, col_row
        Sites that reach each row, and rows that each site reaches.
    cover
        A set of sites that reaches every row.
    enough
        Stop at a cover of so few sites.
    moves
        How many exchanges to try.
    seed
        Of the random choice among uncovered rows: the same seed, the same answer.
    """
    np.random.seed(seed)  # noqa: NPY002  the one generator that compiled code has
    rows, sites = len(start) - 1, len(cover)
    weight, times = np.ones(rows, np.int64), np.zeros(rows, np.int64)
    score, moved = np.zeros(sites, np.int64), np.zeros(sites, np.int64)
    is_open, allowed = np.zeros(sites, np.bool_), np.ones(sites, np.bool_)
    for j in range(sites):
        score[j] = col_start[j + 1] - col_start[j]
    for j in range(sites):
        if cover[j]:
            _open(j, start, site, col_start, col_row, weight, times, score, is_open)
    best, size = cover.copy(), int(cover.sum())
    waiting, place, count = np.empty(rows, np.int64), np.full(rows, -1, np.int64), 0
    last = -1
    for move in range(1, moves + 1):
        if count == 0:
            best[:] = is_open
            size = int(is_open.sum())
            if size <= enough or size == 0:
                break
        # Two sites go where the cover is whole, so that what is searched has one site fewer.
        for _ in range(2 if count == 0 else 1):
            out = _least_missed(is_open, score, moved, last)
            if out < 0:
                continue
            _close(out, start, site, col_start, col_row, weight, times, score, is_open)
            moved[out], allowed[out] = move, False
            for at in range(col_start[out], col_start[out + 1]):
                i = col_row[at]
                if times[i] == 0:
                    waiting[count], place[i], count = i, count, count + 1
                for k in range(start[i], start[i + 1]):
                    allowed[site[k]] = site[k] != out
        if count == 0:
            continue
        row = waiting[np.random.randint(count)]  # noqa: NPY002
        into = -1
        for k in range(start[row], start[row + 1]):
            j = site[k]
            if allowed[j] and (
                into < 0 or score[j] > score[into] or (score[j] == score[into] and moved[j] < moved[into])
            ):
                into = j
        if into < 0:
            into = site[start[row] + np.random.randint(start[row + 1] - start[row])]  # noqa: NPY002
        _open(into, start, site, col_start, col_row, weight, times, score, is_open)
        moved[into], last = move, into
        for at in range(col_start[into], col_start[into + 1]):
            i = col_row[at]
            if place[i] >= 0:
                count -= 1
                waiting[place[i]] = waiting[count]
                place[waiting[count]] = place[i]
                place[i] = -1
            for k in range(start[i], start[i + 1]):
                allowed[site[k]] = True
        for at in range(count):
            weight[waiting[at]] += 1
            for k in range(start[waiting[at]], start[waiting[at] + 1]):
                score[site[k]] += 1
    return best
