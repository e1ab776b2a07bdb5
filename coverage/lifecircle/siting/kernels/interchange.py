"""Compiled loops of greedy adding, vertex interchange and iterated local search over sparse cost lists.

A problem is held twice: by rows (demand points), each list in ascending cost, so that a scan may stop
early; and by columns (sites), so that the people of one site are next to each other. `unserved` is what a
row costs when no open site is cheaper: it acts as a site that is always open.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = [
    "Assignment",
    "Columns",
    "CostLists",
    "SwapSearch",
    "best_exchange",
    "greedy",
    "interchange",
    "iterated_interchange",
    "served_cost",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Columns(NamedTuple):
    """Pairs by site: the pairs of site j are ``start[j]:start[j + 1]``, each with its row and cost."""

    start: Ints
    row: Ints
    cost: Floats


class CostLists(NamedTuple):
    """Pairs by row in ascending cost (`start`, `site`, `cost`), the cost of staying unserved, and `columns`.

    Costs are those of the whole row: people times cost.
    """

    start: Ints
    site: Ints
    cost: Floats
    unserved: Floats
    columns: Columns


class Assignment(NamedTuple):
    """Per row: its nearest open site (-1: better unserved), its cost there, and its second-best cost."""

    nearest: Ints
    first: Floats
    second: Floats


class SwapSearch(NamedTuple):
    """When vertex interchange stops: at a gain that rounding could explain, or after so many exchanges."""

    smallest_gain: float
    most_swaps: int


@njit(cache=True, nogil=True)
def served_cost(start: Ints, site: Ints, cost: Floats, unserved: Floats, is_open: Flags) -> Floats:
    """Cost of every row at its nearest open site, or of staying unserved."""
    best = unserved.copy()
    # Lists ascend: the first open site is the nearest.
    for i in range(len(best)):
        for k in range(start[i], start[i + 1]):
            if is_open[site[k]]:
                best[i] = min(best[i], cost[k])
                break
    return best


@njit(cache=True, nogil=True)
def greedy(columns: Columns, best: Floats, is_open: Flags, free: Flags, new: int) -> None:
    """Open `new` further sites, each the one that saves most; ties to the smaller position. In place.

    `best` is the cost of every row with the sites open so far.
    """
    for _ in range(new):
        # The saving of each closed site: what its rows pay now above their cost there.
        chosen, most = -1, -1.0
        for j in range(len(is_open)):
            if free[j] and not is_open[j]:
                gain = 0.0
                for k in range(columns.start[j], columns.start[j + 1]):
                    gain += max(0.0, best[columns.row[k]] - columns.cost[k])
                if gain > most:
                    chosen, most = j, gain
        # Rows of the chosen site pay no more than their cost there.
        is_open[chosen] = True
        for k in range(columns.start[chosen], columns.start[chosen + 1]):
            best[columns.row[k]] = min(best[columns.row[k]], columns.cost[k])


@njit(cache=True, nogil=True)
def _two_nearest(i: int, lists: CostLists, is_open: Flags) -> tuple[int, float, float]:
    """Nearest open site of a row (-1: better unserved), its cost and the second-best cost."""
    unserved = lists.unserved[i]
    nearest, first = -1, unserved
    for k in range(lists.start[i], lists.start[i + 1]):
        if lists.cost[k] >= unserved:
            break
        if is_open[lists.site[k]]:
            if nearest >= 0:
                return nearest, first, lists.cost[k]
            nearest, first = lists.site[k], lists.cost[k]
    return nearest, first, unserved


@njit(cache=True, nogil=True)
def best_exchange(  # noqa: PLR0917
    j: int, columns: Columns, assigned: Assignment, loss: Floats, extra: Floats, movable: Ints
) -> tuple[int, float]:
    """The open site whose exchange for closed site `j` saves most, and how much (Whitaker 1983).

    `loss` is what closing each open site costs while `j` stays closed. `extra` is scratch space, all zero
    before and after: what `j` spares of that loss, because it is nearer than the second-best site.
    """
    nearest, first, second = assigned
    # One scan of the rows of j: what opening j gains, and what it spares of each closing.
    gain = 0.0
    for k in range(columns.start[j], columns.start[j + 1]):
        i, c = columns.row[k], columns.cost[k]
        if c < first[i]:
            gain += first[i] - c
            if nearest[i] >= 0:
                extra[nearest[i]] += second[i] - first[i]
        elif c < second[i] and nearest[i] >= 0:
            extra[nearest[i]] += second[i] - c
    # Close the site that is missed least once j is open.
    out, least = -1, np.inf
    for r in movable:
        if loss[r] - extra[r] < least:
            out, least = r, loss[r] - extra[r]
    # Leave the scratch space as it was.
    for k in range(columns.start[j], columns.start[j + 1]):
        if nearest[columns.row[k]] >= 0:
            extra[nearest[columns.row[k]]] = 0.0
    return out, gain - least


@njit(cache=True, nogil=True)
def interchange(lists: CostLists, is_open: Flags, free: Flags, search: SwapSearch) -> int:
    """Exchange an open site for a closed one as long as that saves; in place (Teitz and Bart 1968).

    Each exchange closes the best site to close for the closed site under trial. Returns their number.
    """
    rows, sites, columns = len(lists.unserved), len(is_open), lists.columns
    nearest, first, second = np.empty(rows, np.int64), np.empty(rows), np.empty(rows)
    assigned = Assignment(nearest, first, second)
    # Invariant: loss[r] is the sum of second - first over the rows whose nearest open site is r.
    loss, extra = np.zeros(sites), np.zeros(sites)
    for i in range(rows):
        nearest[i], first[i], second[i] = _two_nearest(i, lists, is_open)
        if nearest[i] >= 0:
            loss[nearest[i]] += second[i] - first[i]
    movable = np.flatnonzero(is_open & free)
    # Closed sites are tried in turn until a full round brings nothing.
    swaps, idle, j = 0, 0, 0
    while len(movable) and idle < sites and swaps < search.most_swaps:
        idle += 1
        if free[j] and not is_open[j]:
            out, saved = best_exchange(j, columns, assigned, loss, extra, movable)
            if saved > search.smallest_gain:
                is_open[j], is_open[out] = True, False
                movable[movable == out] = j
                # Only rows that reach one of the two sites can change their nearest sites.
                for moved in (out, j):
                    for k in range(columns.start[moved], columns.start[moved + 1]):
                        i = columns.row[k]
                        if nearest[i] >= 0:
                            loss[nearest[i]] -= second[i] - first[i]
                        nearest[i], first[i], second[i] = _two_nearest(i, lists, is_open)
                        if nearest[i] >= 0:
                            loss[nearest[i]] += second[i] - first[i]
                swaps, idle = swaps + 1, 0
        j = (j + 1) % sites
    return swaps


@njit(cache=True, nogil=True)
def iterated_interchange(  # noqa: PLR0917
    lists: CostLists,
    is_open: Flags,
    free: Flags,
    search: SwapSearch,
    rounds: int,
    most_moved: int,
    seed: int,
) -> float:
    """Move a few sites at random, interchange from there, and keep what is cheaper; in place.

    An iterated local search (Lourenço, Martin and Stützle 2003): one to `most_moved` sites go elsewhere in
    each round. The same seed gives the same sites. Returns their cost.
    """
    np.random.seed(seed)  # noqa: NPY002  the one generator that compiled code has
    least = served_cost(lists.start, lists.site, lists.cost, lists.unserved, is_open).sum()
    inside, outside = np.flatnonzero(is_open & free), np.flatnonzero(~is_open & free)
    if not len(inside) or not len(outside):
        return least
    for _ in range(rounds):
        # Perturb: as many open sites close as closed ones open.
        tried = is_open.copy()
        moved = 1 + np.random.randint(min(most_moved, len(inside), len(outside)))  # noqa: NPY002
        tried[np.random.choice(inside, moved, False)] = False  # noqa: NPY002
        tried[np.random.choice(outside, moved, False)] = True  # noqa: NPY002
        # Descend, and accept what improves on the best so far.
        interchange(lists, tried, free, search)
        cost = served_cost(lists.start, lists.site, lists.cost, lists.unserved, tried).sum()
        if cost < least - search.smallest_gain:
            least = cost
            is_open[:] = tried
            inside, outside = np.flatnonzero(is_open & free), np.flatnonzero(~is_open & free)
    return least
