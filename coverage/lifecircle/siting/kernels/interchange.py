"""Compiled loops over sparse cost lists: greedy, interchange, and interchange from many beginnings.

A problem is held twice: by rows (demand points), each list in ascending cost, so that a scan may stop
early; and by columns (sites), so that a site's own people are found at once. ``unserved`` is what a row
costs when no open site is better: it acts as a site that is always open.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["best_exchange", "greedy", "implied_rows", "interchange", "same_lists", "served_cost", "shake"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def served_cost(start: Ints, site: Ints, cost: Floats, unserved: Floats, is_open: Flags) -> Floats:
    """Cost of every row to its nearest open site, or of staying unserved."""
    best = unserved.copy()
    for i in range(len(best)):
        for k in range(start[i], start[i + 1]):
            if is_open[site[k]]:
                best[i] = min(best[i], cost[k])
                break
    return best


@njit(cache=True, nogil=True)
def greedy(  # noqa: PLR0917
    col_start: Ints, col_row: Ints, col_cost: Floats, best: Floats, is_open: Flags, free: Flags, new: int
) -> None:
    """Open `new` further sites, each the one that saves most; ties to the smaller position. In place."""
    for _ in range(new):
        chosen, most = -1, -1.0
        for j in range(len(is_open)):
            if free[j] and not is_open[j]:
                gain = 0.0
                for k in range(col_start[j], col_start[j + 1]):
                    gain += max(0.0, best[col_row[k]] - col_cost[k])
                if gain > most:
                    chosen, most = j, gain
        is_open[chosen] = True
        for k in range(col_start[chosen], col_start[chosen + 1]):
            best[col_row[k]] = min(best[col_row[k]], col_cost[k])


@njit(cache=True, nogil=True)
def _two_nearest(  # noqa: PLR0917
    i: int, start: Ints, site: Ints, cost: Floats, unserved: Floats, is_open: Flags
) -> tuple[int, float, float]:
    """Nearest open site of a row (-1: better unserved), its cost and that of the next best."""
    nearest, first = -1, unserved[i]
    for k in range(start[i], start[i + 1]):
        if cost[k] >= unserved[i]:
            break
        if is_open[site[k]]:
            if nearest >= 0:
                return nearest, first, cost[k]
            nearest, first = site[k], cost[k]
    return nearest, first, unserved[i]


@njit(cache=True, nogil=True)
def best_exchange(  # noqa: PLR0917
    j: int,
    col_start: Ints,
    col_row: Ints,
    col_cost: Floats,
    nearest: Ints,
    first: Floats,
    second: Floats,
    loss: Floats,
    extra: Floats,
    movable: Ints,
) -> tuple[int, float]:
    """The site whose exchange for `j` saves most, and how much (Whitaker 1983)."""
    gain = 0.0
    for k in range(col_start[j], col_start[j + 1]):
        i, c = col_row[k], col_cost[k]
        if c < first[i]:
            gain += first[i] - c
            if nearest[i] >= 0:
                extra[nearest[i]] += second[i] - first[i]
        elif c < second[i] and nearest[i] >= 0:
            extra[nearest[i]] += second[i] - c
    out, least = -1, np.inf
    for r in movable:
        if loss[r] - extra[r] < least:
            out, least = r, loss[r] - extra[r]
    for k in range(col_start[j], col_start[j + 1]):
        if nearest[col_row[k]] >= 0:
            extra[nearest[col_row[k]]] = 0.0
    return out, gain - least


@njit(cache=True, nogil=True)
def interchange(  # noqa: PLR0917
    start: Ints,
    site: Ints,
    cost: Floats,
    unserved: Floats,
    col_start: Ints,
    col_row: Ints,
    col_cost: Floats,
    is_open: Flags,
    free: Flags,
    smallest_gain: float,
    most_swaps: int,
) -> int:
    """Exchange an open site for a closed one as long as that saves; in place (Teitz and Bart 1968).

    Returns the number of exchanges. Each takes the best site to close for the site that is tried.
    """
    rows, sites = len(unserved), len(is_open)
    nearest, first, second = np.empty(rows, np.int64), np.empty(rows), np.empty(rows)
    loss, extra = np.zeros(sites), np.zeros(sites)
    for i in range(rows):
        nearest[i], first[i], second[i] = _two_nearest(i, start, site, cost, unserved, is_open)
        if nearest[i] >= 0:
            loss[nearest[i]] += second[i] - first[i]
    movable = np.flatnonzero(is_open & free)
    swaps, idle, j = 0, 0, 0
    while len(movable) and idle < sites and swaps < most_swaps:
        idle += 1
        if free[j] and not is_open[j]:
            out, saved = best_exchange(
                j, col_start, col_row, col_cost, nearest, first, second, loss, extra, movable
            )
            if saved > smallest_gain:
                is_open[j], is_open[out] = True, False
                movable[movable == out] = j
                for moved in (out, j):
                    for k in range(col_start[moved], col_start[moved + 1]):
                        i = col_row[k]
                        if nearest[i] >= 0:
                            loss[nearest[i]] -= second[i] - first[i]
                        nearest[i], first[i], second[i] = _two_nearest(
                            i, start, site, cost, unserved, is_open
                        )
                        if nearest[i] >= 0:
                            loss[nearest[i]] += second[i] - first[i]
                swaps, idle = swaps + 1, 0
        j = (j + 1) % sites
    return swaps


@njit(cache=True, nogil=True)
def shake(  # noqa: PLR0917
    start: Ints,
    site: Ints,
    cost: Floats,
    unserved: Floats,
    col_start: Ints,
    col_row: Ints,
    col_cost: Floats,
    is_open: Flags,
    free: Flags,
    smallest_gain: float,
    most_swaps: int,
    rounds: int,
    most_moved: int,
    seed: int,
) -> float:
    """Move a few sites at random, interchange from there, and keep what is cheaper; in place.

    An iterated local search: one to `most_moved` sites go elsewhere in each round. The same seed gives the
    same sites. Returns their cost.
    """
    np.random.seed(seed)  # noqa: NPY002  the one generator that compiled code has
    least = served_cost(start, site, cost, unserved, is_open).sum()
    inside, outside = np.flatnonzero(is_open & free), np.flatnonzero(~is_open & free)
    if not len(inside) or not len(outside):
        return least
    for _ in range(rounds):
        tried = is_open.copy()
        moved = 1 + np.random.randint(min(most_moved, len(inside), len(outside)))  # noqa: NPY002
        tried[np.random.choice(inside, moved, False)] = False  # noqa: NPY002
        tried[np.random.choice(outside, moved, False)] = True  # noqa: NPY002
        interchange(
            start, site, cost, unserved, col_start, col_row, col_cost, tried, free, smallest_gain, most_swaps
        )
        found = served_cost(start, site, cost, unserved, tried).sum()
        if found < least - smallest_gain:
            least = found
            is_open[:] = tried
            inside, outside = np.flatnonzero(is_open & free), np.flatnonzero(~is_open & free)
    return least


@njit(cache=True, nogil=True)
def implied_rows(start: Ints, site: Ints, col_start: Ints, col_row: Ints, order: Ints) -> Flags:
    """Rows that hold all sites of another row: whoever covers that one covers them.

    `order` holds the rows by ascending length; of equal rows the first is kept.
    """
    implied = np.zeros(len(start) - 1, np.bool_)
    shared = np.zeros(len(start) - 1, np.int64)
    for i in order:
        if implied[i]:
            continue
        needed = start[i + 1] - start[i]
        for k in range(start[i], start[i + 1]):
            for at in range(col_start[site[k]], col_start[site[k] + 1]):
                shared[col_row[at]] += 1
        for k in range(start[i], start[i + 1]):
            for at in range(col_start[site[k]], col_start[site[k] + 1]):
                other = col_row[at]
                if shared[other] == needed and other != i:
                    implied[other] = True
                shared[other] = 0
    return implied


@njit(cache=True, nogil=True)
def same_lists(start: Ints, site: Ints, detail: Ints) -> tuple[Ints, Ints]:
    """Number rows by what they hold: equal lists of sites and details have one number.

    Returns the number of each row, and the first row of each number, in order of first appearance.
    """
    rows = len(start) - 1
    size = 1
    while size < 2 * rows + 2:
        size *= 2
    slot, group = np.full(size, -1, np.int64), np.empty(rows, np.int64)
    first, count = np.empty(rows, np.int64), 0
    for i in range(rows):
        mixed = np.uint64(start[i + 1] - start[i])
        for k in range(start[i], start[i + 1]):
            for word in (np.uint64(site[k]), np.uint64(detail[k])):
                mixed = (mixed ^ word) * np.uint64(0x9E3779B97F4A7C15)
                mixed ^= mixed >> np.uint64(29)
        at = np.int64(mixed & np.uint64(size - 1))
        while slot[at] >= 0:
            other = first[slot[at]]
            same = start[other + 1] - start[other] == start[i + 1] - start[i]
            apart = start[i] - start[other]
            for k in range(start[other], start[other + 1]):
                if not same:
                    break
                same = site[k] == site[k + apart] and detail[k] == detail[k + apart]
            if same:
                break
            at = (at + 1) & (size - 1)
        if slot[at] < 0:
            slot[at], first[count] = count, i
            count += 1
        group[i] = slot[at]
    return group, first[:count].copy()
