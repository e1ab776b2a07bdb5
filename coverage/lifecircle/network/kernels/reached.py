"""One search after another, and what each reaches: as pairs, or summed at once without keeping pairs."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lifecircle.network.kernels.bucket_search import search
from lifecircle.network.kernels.joins import straight
from lifecircle.network.keys import FAR

__all__ = ["Arcs", "Ends", "Starts", "Work", "collect_pairs", "gather_pairs", "sum_at_ends", "sum_at_starts"]


class Arcs(NamedTuple):
    """Adjacency in the direction of the search."""

    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.int32]


class Starts(NamedTuple):
    """Points to search from, sorted by group: a group's points are searched from together."""

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


class Ends(NamedTuple):
    """Points to be found: their legs by node, and the points themselves by edge."""

    node_start: NDArray[np.int64]
    node_group: NDArray[np.int32]
    node_leg: NDArray[np.int64]
    edge_start: NDArray[np.int64]
    group: NDArray[np.int32]
    walk: NDArray[np.int64]
    offset: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]


class Work(NamedTuple):
    """Workspace of one thread; every search leaves it as it found it."""

    key: NDArray[np.integer]
    heads: NDArray[np.int32]
    following: NDArray[np.int32]
    queued: NDArray[np.int32]
    touched: NDArray[np.int32]
    best: NDArray[np.int64]
    found: NDArray[np.int32]
    seed_node: NDArray[np.int32]
    seed_key: NDArray[np.int64]


@njit(cache=True, nogil=True, inline="always")
def _offer(group, cost, best, found, count):
    """Keep a cost if it is the group's least so far; how many groups have been found."""
    if best[group] == np.iinfo(np.int64).max:
        found[count] = group
        count += 1
        best[group] = cost
    elif cost < best[group]:
        best[group] = cost
    return count


@njit(cache=True, nogil=True)
def _reach(group, arcs, starts, ends, work, outward, shift, limit):
    """Search from one group of starts; `work.found` lists the ends' groups, `work.best` their costs."""
    first, last = starts.start[group], starts.start[group + 1]
    seeds = 0
    for p in range(first, last):
        if starts.edge[p] >= 0:
            work.seed_node[seeds], work.seed_key[seeds] = starts.node_u[p], starts.leg_u[p]
            work.seed_node[seeds + 1], work.seed_key[seeds + 1] = starts.node_v[p], starts.leg_v[p]
            seeds += 2
    reached = search(
        arcs.indptr, arcs.head, arcs.cost, 0, shift, limit, work.seed_node[:seeds], work.seed_key[:seeds],
        work.key, work.heads, work.following, work.queued, work.touched,
    )  # fmt: skip
    unreached = np.iinfo(work.key.dtype).max // 2
    count = 0
    for i in range(reached):
        node = work.touched[i]
        base = np.int64(work.key[node])
        work.key[node] = unreached
        for at in range(ends.node_start[node], ends.node_start[node + 1]):
            cost = base + ends.node_leg[at]
            if cost <= limit:
                count = _offer(ends.node_group[at], cost, work.best, work.found, count)
    for p in range(first, last):
        edge = starts.edge[p]
        if edge < 0:
            continue
        for at in range(ends.edge_start[edge], ends.edge_start[edge + 1]):
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
            if cost <= limit and cost < FAR:
                count = _offer(ends.group[at], cost, work.best, work.found, count)
    return count


@njit(cache=True, nogil=True)
def collect_pairs(groups, arcs, starts, ends, work, outward, shift, limit):
    """All ends within the limit of some groups of starts.

    Parameters
    ----------
    groups
        Groups of starts, in the order to search.
    arcs, starts, ends, work
        The network, the points, the workspace.
    outward
        Paths lead from the starts to the ends; else the other way.
    shift, limit
        Bits that one bucket spans; greatest cost, inclusive.

    Returns
    -------
    tuple of arrays
        ``count`` of ends per group, then their groups (sorted within each) and costs, one after another.
    """
    counts = np.empty(len(groups), np.int64)
    end = np.empty(1024, np.int32)
    cost = np.empty(1024, np.int64)
    filled = 0
    for i in range(len(groups)):
        count = _reach(groups[i], arcs, starts, ends, work, outward, shift, limit)
        counts[i] = count
        if filled + count > len(end):
            size = max(2 * len(end), filled + count)
            longer_end = np.empty(size, np.int32)
            longer_cost = np.empty(size, np.int64)
            longer_end[:filled] = end[:filled]
            longer_cost[:filled] = cost[:filled]
            end, cost = longer_end, longer_cost
        found = work.found[:count]
        found.sort()
        for k in range(count):
            end[filled] = found[k]
            cost[filled] = work.best[found[k]]
            work.best[found[k]] = np.iinfo(np.int64).max
            filled += 1
    return counts, end[:filled], cost[:filled]


@njit(cache=True, nogil=True)
def gather_pairs(groups, counts, first, end, cost, out_start, out_end, out_cost):
    """Copy one block's pairs to their place: group `g`'s begin at ``first[g]``."""
    at = 0
    for i in range(len(groups)):
        to = first[groups[i]]
        for k in range(counts[i]):
            out_start[to + k] = groups[i]
            out_end[to + k] = end[at + k]
            out_cost[to + k] = cost[at + k]
        at += counts[i]


@njit(cache=True, nogil=True, inline="always")
def _weight(cost, cutoffs, weights):
    """Weight of the first cutoff that a cost does not exceed; the last cutoff is the limit."""
    step = 0
    while cost > cutoffs[step]:
        step += 1
    return weights[step]


@njit(cache=True, nogil=True)
def sum_at_starts(
    groups, arcs, starts, ends, work, outward, shift, cutoffs, weights, end_column, end_amount, out
):
    """Add up, for every group of starts, the weighted amounts of the ends it reaches.

    Parameters
    ----------
    groups, arcs, starts, ends, work, outward, shift
        As in `collect_pairs`.
    cutoffs, weights
        Ascending costs and the weight up to each, inclusive; beyond the last nothing counts.
    end_column, end_amount
        Per group of ends: column to add to, and what it weighs.
    out
        float64, group of starts × column; added to in the order of the ends' groups.
    """
    for g in groups:
        count = _reach(g, arcs, starts, ends, work, outward, shift, cutoffs[-1])
        found = work.found[:count]
        found.sort()
        for e in found:
            out[g, end_column[e]] += end_amount[e] * _weight(work.best[e], cutoffs, weights)
            work.best[e] = np.iinfo(np.int64).max


@njit(cache=True, nogil=True)
def sum_at_ends(
    groups, arcs, starts, ends, work, outward, shift, cutoffs, weights, start_column, start_amount, out
):
    """The same seen from the other side: every group of starts adds to the ends it reaches."""
    for g in groups:
        count = _reach(g, arcs, starts, ends, work, outward, shift, cutoffs[-1])
        for k in range(count):
            e = work.found[k]
            out[e, start_column[g]] += start_amount[g] * _weight(work.best[e], cutoffs, weights)
            work.best[e] = np.iinfo(np.int64).max
