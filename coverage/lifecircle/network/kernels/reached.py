"""One search after another, and what each reaches: as pairs, or summed at once without keeping pairs.

Where an array is handed to a function, or taken out of a tuple, in an inner loop, its references are counted
every time, which threads then fight over: what such loops read is held in local names, and a few lines
are written out where they are needed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.kernels.bucket_search import Arcs, SearchKeys, SearchWorkspace, search
from lifecircle.network.kernels.joins import straight
from lifecircle.network.kernels.marks import Marks, put_ascending, write_ascending
from lifecircle.network.keys import UNREACHED

__all__ = [
    "Decay",
    "Ends",
    "PairSearch",
    "PairWorkspace",
    "Starts",
    "add_pairs",
    "collect_pairs",
    "gather_pairs",
    "sum_at_ends",
    "sum_at_starts",
]


_FEW_WALKS = 4
"""Straight walks of a start that are looked up one by one; more are merged with all that it meets."""


class Starts(NamedTuple):
    """Points to search from, sorted by group: one search starts from all points of a group."""

    start: NDArray[np.int64]
    node_u: NDArray[np.int32]
    node_v: NDArray[np.int32]
    leg_u: NDArray[np.int64]
    leg_v: NDArray[np.int64]
    edge: NDArray[np.int32]
    walk: NDArray[np.int64]
    offset: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]
    straight_start: NDArray[np.int64]
    """Per point, where its straight walks begin; one more at the end."""
    straight_group: NDArray[np.int64]
    """Group of ends at the end of each straight walk."""
    straight_cost: NDArray[np.int64]


class Ends(NamedTuple):
    """Points to be reached, sorted by the stretch they are on; by junction, the stretches that hold any.

    What a loop reads at once is stored side by side, legs in the 32 bits of a narrow search.
    """

    node_start: NDArray[np.int32]
    node_stretch: NDArray[np.int32]
    """Per junction and stretch there: its other junction, its first point and the one after its last, and
    which of its two junctions (0, 1) this one is."""
    stretch: NDArray[np.int32]
    """Per stretch its two junctions and its first point; one more row at the end."""
    point: NDArray[np.integer]
    """Per point its legs to the two junctions, and its group."""
    walk: NDArray[np.int64]
    offset: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]
    single: bool
    """Whether every point is a group of its own."""


class PairSearch(NamedTuple):
    """Searches from one side for the other.

    Attributes
    ----------
    arcs, starts, ends : the network, the points to search from, the points to be reached
    outward : paths lead from the starts to the ends; else the other way
    keys : plain costs, without owners
    """

    arcs: Arcs
    starts: Starts
    ends: Ends
    outward: bool
    keys: SearchKeys


class PairWorkspace(NamedTuple):
    """Workspace of one thread; every search leaves it as it was, but for what it lists.

    Attributes
    ----------
    search : the workspace of the search itself
    met, cost : groups of ends reached, and at what cost, in any order
    best : per group of ends its least cost, `UNREACHED` between searches; empty where no end can be met twice
    seed_node, seed_key : room for the seeds of one group of starts
    nodes : marks of the junctions
    """

    search: SearchWorkspace
    met: NDArray[np.int32]
    cost: NDArray[np.integer]
    best: NDArray[np.int64]
    seed_node: NDArray[np.int32]
    seed_key: NDArray[np.int64]
    nodes: Marks


class Decay(NamedTuple):
    """Ascending costs and the weight up to each, inclusive; beyond the last nothing counts."""

    cutoffs: NDArray[np.int64]
    weights: NDArray[np.float64]


@njit(cache=True, nogil=True)
def _search_from(group, pairs, work, filled):
    """Search from one group of starts; `work.met` and `work.cost` list what it meets from `filled` on.

    Where the list ends now is returned.
    """
    starts, ends, limit = pairs.starts, pairs.ends, pairs.keys.limit
    # stage 1: both ends of every start's stretch are seeds; what is reached is looked at as it lies in memory
    first, last = starts.start[group], starts.start[group + 1]
    seed_node, seed_key, start_edge = work.seed_node, work.seed_key, starts.edge
    seeds = 0
    for p in range(first, last):
        if start_edge[p] >= 0:
            seed_node[seeds], seed_key[seeds] = starts.node_u[p], starts.leg_u[p]
            seed_node[seeds + 1], seed_key[seeds + 1] = starts.node_v[p], starts.leg_v[p]
            seeds += 2
    key, touched = work.search.key, work.search.touched
    reached = search(pairs.arcs, pairs.keys, seed_node[:seeds], seed_key[:seeds], work.search)
    unreached = np.iinfo(key.dtype).max // 2
    put_ascending(work.nodes, touched, reached)
    # stage 2: whether many ends can be met twice; if not, those on the start's own stretch wait for stage 4
    straight_start, stretch = starts.straight_start, ends.stretch
    once = ends.single and last - first == 1 and straight_start[last] - straight_start[first] <= _FEW_WALKS
    own = np.int32(-1)
    if once and start_edge[first] >= 0:
        edge = start_edge[first]
        if stretch[edge, 2] < stretch[edge + 1, 2]:
            own = stretch[edge, 2]
    # stage 3: ends on the stretches at every junction reached, over either end of the stretch
    count = filled
    met, costs = work.met, work.cost
    node_start, node_stretch, point = ends.node_start, ends.node_stretch, ends.point
    for i in range(reached):
        node = touched[i]
        here = np.int64(key[node])
        for q in range(node_start[node], node_start[node + 1]):
            other, begin, side = node_stretch[q, 0], node_stretch[q, 1], node_stretch[q, 3]
            there = np.int64(key[other])
            # a stretch reached from both its ends has its turn at the smaller
            if (there < unreached and node > other) or begin == own:
                continue
            over_u, over_v = (there, here) if side else (here, there)
            for at in range(begin, node_stretch[q, 2]):
                cost = min(over_u + point[at, 0], over_v + point[at, 1])
                if cost <= limit:
                    met[count], costs[count] = point[at, 2], cost
                    count += 1
    # stage 4: ends on a start's own stretch, straight along it
    outward = pairs.outward
    for p in range(first, last):
        edge = start_edge[p]
        if edge < 0:
            continue
        over_u, over_v = np.int64(key[stretch[edge, 0]]), np.int64(key[stretch[edge, 1]])
        for at in range(stretch[edge, 2], stretch[edge + 1, 2]):
            if outward:
                cost = straight(
                    starts.offset[p], starts.forward[p], starts.backward[p],
                    ends.offset[at], ends.forward[at], ends.backward[at],
                )  # fmt: skip
            else:
                cost = straight(
                    ends.offset[at], ends.forward[at], ends.backward[at],
                    starts.offset[p], starts.forward[p], starts.backward[p],
                )  # fmt: skip
            cost += starts.walk[p] + ends.walk[at]
            if once:
                cost = min(cost, over_u + point[at, 0], over_v + point[at, 1])
            if cost <= limit:
                met[count], costs[count] = point[at, 2], cost
                count += 1
    # stage 5: ends nearer than the streets, straight over the ground; a few are looked up in the list
    straight_group, straight_cost = starts.straight_group, starts.straight_cost
    for at in range(straight_start[first], straight_start[last]):
        if straight_cost[at] > limit:
            continue
        end, place = straight_group[at], filled
        if once:
            while place < count and met[place] != end:
                place += 1
            if place < count:
                costs[place] = min(costs[place], straight_cost[at])
                continue
        met[count], costs[count] = end, straight_cost[at]
        count += 1
    # stage 6: the keys as they were
    for i in range(reached):
        key[touched[i]] = unreached
    return count if once else _merged(met, costs, work.best, filled, count)


@njit(cache=True, nogil=True)
def _merged(met, costs, best, begin, end):
    """Every group listed once, at its least cost: where the list ends then."""
    kept = begin
    for k in range(begin, end):
        group = met[k]
        if best[group] == UNREACHED:
            met[kept] = group
            kept += 1
        best[group] = min(best[group], costs[k])
    for k in range(begin, kept):
        costs[k] = best[met[k]]
        best[met[k]] = UNREACHED
    return kept


@njit(cache=True, nogil=True)
def collect_pairs(groups, pairs, work, most, filled, counts):
    """List all ends within the limit of each of several groups of starts, as far as there is room for them.

    Parameters
    ----------
    groups
        Groups of starts, in the order to search.
    pairs, work
        `PairSearch` and `PairWorkspace`, whose list holds the result: one group's ends after another's.
    most
        How many ends one search may list at most.
    filled
        How much of the list is taken already.
    counts
        Result, int64, one per group: how many ends it has.

    Returns
    -------
    done, filled : int64
        How many groups found room, and how much of the list is taken now.
    """
    room = len(work.met)
    for i in range(len(groups)):
        if filled + most > room:
            return i, filled
        stop = _search_from(groups[i], pairs, work, filled)
        counts[i] = stop - filled
        filled = stop
    return len(groups), filled


@njit(cache=True, nogil=True)
def gather_pairs(groups, counts, first, met, costs, marks, out_start, out_end, out_cost):
    """Write a stretch of the list to its place, sorted: group `g`'s pairs begin at ``first[g]``."""
    begin = 0
    for i in range(len(groups)):
        to, stop = first[groups[i]], begin + counts[i]
        for k in range(to, to + counts[i]):
            out_start[k] = groups[i]
        write_ascending(marks, met, costs, begin, stop, out_end, out_cost, to)
        begin = stop


@njit(cache=True, nogil=True)
def sum_at_starts(groups, pairs, work, marks, decay, end_column, end_amount, out):
    """Add up, for every group of starts, the weighted amounts of the ends it reaches.

    Parameters
    ----------
    groups, pairs, work, marks
        As in `collect_pairs` and `gather_pairs`; the limit is the last cutoff.
    decay
        `Decay`.
    end_column, end_amount
        Per group of ends: column to add to, and what it weighs.
    out
        float64, group of starts × column; added to in the order of the ends' groups.
    """
    met, costs = work.met, work.cost
    end, cost = np.empty(len(met), met.dtype), np.empty(len(costs), costs.dtype)
    cutoffs, weights = decay
    for g in groups:
        count = _search_from(g, pairs, work, 0)
        write_ascending(marks, met, costs, 0, count, end, cost, 0)
        for k in range(count):
            # the first cutoff that holds the cost; the limit is the last of them
            step = 0
            while cost[k] > cutoffs[step]:
                step += 1
            out[g, end_column[end[k]]] += end_amount[end[k]] * weights[step]


@njit(cache=True, nogil=True)
def sum_at_ends(groups, pairs, work, decay, start_column, start_amount, out):
    """The same seen from the other side: every group of starts adds to the ends it reaches."""
    met, cost = work.met, work.cost
    cutoffs, weights = decay
    for g in groups:
        count = _search_from(g, pairs, work, 0)
        column, amount = start_column[g], start_amount[g]
        for k in range(count):
            step = 0
            while cost[k] > cutoffs[step]:
                step += 1
            out[met[k], column] += amount * weights[step]


@njit(cache=True, nogil=True)
def add_pairs(start, end, cost, decay, start_column, start_amount, out):
    """As `sum_at_ends`, of pairs collected before, in their order."""
    cutoffs, weights = decay
    for i in range(len(start)):
        step = 0
        while cost[i] > cutoffs[step]:
            step += 1
        out[end[i], start_column[start[i]]] += start_amount[start[i]] * weights[step]
