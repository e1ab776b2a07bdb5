"""One search after another, and what each reaches: as pairs, or summed at once without keeping pairs.

Where an array is handed to a function, or taken out of a tuple, in an inner loop, its references are counted
every time, which threads then fight over: what such loops read is held in local names, and a few lines
are written out where they are needed.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lifecircle.network.kernels.bucket_search import search
from lifecircle.network.kernels.joins import straight
from lifecircle.network.keys import FAR

__all__ = [
    "Arcs",
    "Ends",
    "Starts",
    "Work",
    "add_pairs",
    "collect_pairs",
    "gather_pairs",
    "sum_at_ends",
    "sum_at_starts",
]


NOT_FOUND = np.iinfo(np.int64).max
"""Cost of a group of ends that has not been found."""

BLOCK_BITS = 5
"""Groups are sorted by blocks of so many."""


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
    straight_start: NDArray[np.int64]
    """Per point, where its straight walks begin; one more at the end."""
    straight_group: NDArray[np.int64]
    """Group of ends at the end of each straight walk."""
    straight_cost: NDArray[np.int64]


class Ends(NamedTuple):
    """Points to be found, sorted by the stretch they are on, and at every junction the stretches with any."""

    node_start: NDArray[np.int32]
    node_stretch: NDArray[np.int32]
    stretch: NDArray[np.int32]
    """Per stretch its two junctions and its first point; one more row at the end."""
    group: NDArray[np.int32]
    leg: NDArray[np.int64]
    """Between either junction and the point. What is read together lies together, here and above."""
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
    in_block: NDArray[np.bool_]
    block: NDArray[np.int32]
    seed_node: NDArray[np.int32]
    seed_key: NDArray[np.int64]


@njit(cache=True, nogil=True)
def _reach(group, arcs, starts, ends, work, outward, shift, limit):
    """Search from one group of starts; `work.found` lists the ends' groups, `work.best` their costs."""
    first, last = starts.start[group], starts.start[group + 1]
    seed_node, seed_key, start_edge = work.seed_node, work.seed_key, starts.edge
    seeds = 0
    for p in range(first, last):
        if start_edge[p] >= 0:
            seed_node[seeds], seed_key[seeds] = starts.node_u[p], starts.leg_u[p]
            seed_node[seeds + 1], seed_key[seeds + 1] = starts.node_v[p], starts.leg_v[p]
            seeds += 2
    key, touched = work.key, work.touched
    reached = search(
        arcs.indptr, arcs.head, arcs.cost, 0, shift, limit, seed_node[:seeds], seed_key[:seeds],
        key, work.heads, work.following, work.queued, touched,
    )  # fmt: skip
    unreached = np.iinfo(key.dtype).max // 2
    count = 0
    best, found = work.best, work.found
    node_start, node_stretch, stretch = ends.node_start, ends.node_stretch, ends.stretch
    leg, group_of = ends.leg, ends.group
    for i in range(reached):
        node = touched[i]
        for q in range(node_start[node], node_start[node + 1]):
            on = node_stretch[q]
            u, v = stretch[on, 0], stretch[on, 1]
            over_u, over_v = np.int64(key[u]), np.int64(key[v])
            # a stretch reached from both its ends has its turn at the smaller
            if over_u < unreached and over_v < unreached and node != min(u, v):
                continue
            for at in range(stretch[on, 2], stretch[on + 1, 2]):
                cost = min(over_u + leg[at, 0], over_v + leg[at, 1])
                if cost > limit:
                    continue
                other = group_of[at]
                if best[other] == NOT_FOUND:
                    found[count] = other
                    count += 1
                best[other] = min(best[other], cost)
    for i in range(reached):
        key[touched[i]] = unreached
    for p in range(first, last):
        edge = start_edge[p]
        if edge < 0:
            continue
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
            if cost > limit or cost >= FAR:
                continue
            other = group_of[at]
            if best[other] == NOT_FOUND:
                found[count] = other
                count += 1
            best[other] = min(best[other], cost)
    straight_start, straight_group, straight_cost = (
        starts.straight_start, starts.straight_group, starts.straight_cost,
    )  # fmt: skip
    for p in range(first, last):
        for at in range(straight_start[p], straight_start[p + 1]):
            if straight_cost[at] > limit:
                continue
            other = straight_group[at]
            if best[other] == NOT_FOUND:
                found[count] = other
                count += 1
            best[other] = min(best[other], straight_cost[at])
    return count


@njit(cache=True, nogil=True)
def _sort_found(work, count):
    """Sort the groups found: only blocks of neighbouring numbers are sorted, each is then looked through."""
    best, found, in_block, listed = work.best, work.found, work.in_block, work.block
    blocks = 0
    for k in range(count):
        block = found[k] >> BLOCK_BITS
        if not in_block[block]:
            in_block[block] = True
            listed[blocks] = block
            blocks += 1
    listed[:blocks].sort()
    n = 0
    for b in range(blocks):
        block = listed[b]
        in_block[block] = False
        for group in range(block << BLOCK_BITS, min((block + 1) << BLOCK_BITS, len(best))):
            if best[group] != NOT_FOUND:
                found[n] = group
                n += 1


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
    best, found = work.best, work.found
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
        _sort_found(work, count)
        for k in range(count):
            end[filled] = found[k]
            cost[filled] = best[found[k]]
            best[found[k]] = NOT_FOUND
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
    best, found = work.best, work.found
    for g in groups:
        count = _reach(g, arcs, starts, ends, work, outward, shift, cutoffs[-1])
        _sort_found(work, count)
        for k in range(count):
            e = found[k]
            step = 0
            while best[e] > cutoffs[step]:
                step += 1
            out[g, end_column[e]] += end_amount[e] * weights[step]
            best[e] = NOT_FOUND


@njit(cache=True, nogil=True)
def sum_at_ends(
    groups, arcs, starts, ends, work, outward, shift, cutoffs, weights, start_column, start_amount, out
):
    """The same seen from the other side: every group of starts adds to the ends it reaches."""
    best, found = work.best, work.found
    for g in groups:
        count = _reach(g, arcs, starts, ends, work, outward, shift, cutoffs[-1])
        column, amount = start_column[g], start_amount[g]
        for k in range(count):
            e = found[k]
            step = 0
            while best[e] > cutoffs[step]:
                step += 1
            out[e, column] += amount * weights[step]
            best[e] = NOT_FOUND


@njit(cache=True, nogil=True)
def add_pairs(start, end, cost, cutoffs, weights, start_column, start_amount, out):
    """As `sum_at_ends`, of pairs found already, in their order."""
    for i in range(len(start)):
        step = 0
        while cost[i] > cutoffs[step]:
            step += 1
        out[end[i], start_column[start[i]]] += start_amount[start[i]] * weights[step]
