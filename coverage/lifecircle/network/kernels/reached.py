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
from lifecircle.network.keys import FAR, UNREACHED

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

BLOCK_BITS = 5
"""Groups are sorted by blocks of 2 to this power."""

FIRST_ROOM = 1024
"""Pairs that the first array holds; it doubles whenever it is full."""


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
    """Points to be reached, sorted by the stretch they are on; by junction, the stretches that hold any."""

    node_start: NDArray[np.int32]
    node_stretch: NDArray[np.int32]
    stretch: NDArray[np.int32]
    """Per stretch its two junctions and its first point; one more row at the end."""
    group: NDArray[np.int32]
    leg: NDArray[np.int64]
    """Point × 2: between either junction and the point. What a loop reads at once is stored side by side."""
    walk: NDArray[np.int64]
    offset: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]


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
    """Workspace of one thread; every search leaves it as it was.

    Attributes
    ----------
    search : the workspace of the search itself
    best : per group of ends its least cost, `UNREACHED` between searches
    met : groups of ends reached, at its front
    in_block, block : whether a block of groups holds one that was reached; the blocks that do
    seed_node, seed_key : room for the seeds of one group of starts
    """

    search: SearchWorkspace
    best: NDArray[np.int64]
    met: NDArray[np.int32]
    in_block: NDArray[np.bool_]
    block: NDArray[np.int32]
    seed_node: NDArray[np.int32]
    seed_key: NDArray[np.int64]


class Decay(NamedTuple):
    """Ascending costs and the weight up to each, inclusive; beyond the last nothing counts."""

    cutoffs: NDArray[np.int64]
    weights: NDArray[np.float64]


@njit(cache=True, nogil=True)
def _search_from(group, pairs, work):
    """Search from one group of starts; `work.met` lists the ends' groups, `work.best` their costs."""
    starts, ends, limit = pairs.starts, pairs.ends, pairs.keys.limit
    # stage 1: both ends of every start's stretch are seeds
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
    # stage 2: ends on the stretches at every junction reached, over either end of the stretch
    count = 0
    best, met = work.best, work.met
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
                if best[other] == UNREACHED:
                    met[count] = other
                    count += 1
                best[other] = min(best[other], cost)
    # stage 3: the keys as they were
    for i in range(reached):
        key[touched[i]] = unreached
    # stage 4: ends on a start's own stretch, straight along it
    outward = pairs.outward
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
            if best[other] == UNREACHED:
                met[count] = other
                count += 1
            best[other] = min(best[other], cost)
    # stage 5: ends nearer than the streets, straight over the ground
    straight_start, straight_group, straight_cost = (
        starts.straight_start, starts.straight_group, starts.straight_cost,
    )  # fmt: skip
    for p in range(first, last):
        for at in range(straight_start[p], straight_start[p + 1]):
            if straight_cost[at] > limit:
                continue
            other = straight_group[at]
            if best[other] == UNREACHED:
                met[count] = other
                count += 1
            best[other] = min(best[other], straight_cost[at])
    return count


@njit(cache=True, nogil=True)
def _sort_met(work, count):
    """Sort the groups met: blocks of neighbouring numbers are sorted, then each is looked through."""
    best, met, in_block, listed = work.best, work.met, work.in_block, work.block
    blocks = 0
    for k in range(count):
        block = met[k] >> BLOCK_BITS
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
            if best[group] != UNREACHED:
                met[n] = group
                n += 1


@njit(cache=True, nogil=True)
def collect_pairs(groups, pairs, work):
    """All ends within the limit of each of several groups of starts.

    Parameters
    ----------
    groups
        Groups of starts, in the order to search.
    pairs, work
        `PairSearch` and `PairWorkspace`.

    Returns
    -------
    tuple of arrays
        ``count`` of ends per group, then their groups (sorted within each) and costs, one after another.
    """
    best, met = work.best, work.met
    counts = np.empty(len(groups), np.int64)
    end = np.empty(FIRST_ROOM, np.int32)
    cost = np.empty(FIRST_ROOM, np.int64)
    filled = 0
    for i in range(len(groups)):
        count = _search_from(groups[i], pairs, work)
        counts[i] = count
        # twice the room, so that copying stays linear in the number of pairs
        if filled + count > len(end):
            size = max(2 * len(end), filled + count)
            longer_end = np.empty(size, np.int32)
            longer_cost = np.empty(size, np.int64)
            for k in range(filled):
                longer_end[k], longer_cost[k] = end[k], cost[k]
            end, cost = longer_end, longer_cost
        _sort_met(work, count)
        for k in range(count):
            end[filled] = met[k]
            cost[filled] = best[met[k]]
            best[met[k]] = UNREACHED
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
def sum_at_starts(groups, pairs, work, decay, end_column, end_amount, out):
    """Add up, for every group of starts, the weighted amounts of the ends it reaches.

    Parameters
    ----------
    groups, pairs, work
        As in `collect_pairs`; the limit is the last cutoff.
    decay
        `Decay`.
    end_column, end_amount
        Per group of ends: column to add to, and what it weighs.
    out
        float64, group of starts × column; added to in the order of the ends' groups.
    """
    best, met = work.best, work.met
    cutoffs, weights = decay
    for g in groups:
        count = _search_from(g, pairs, work)
        _sort_met(work, count)
        for k in range(count):
            e = met[k]
            # the first cutoff that holds the cost; the limit is the last of them
            step = 0
            while best[e] > cutoffs[step]:
                step += 1
            out[g, end_column[e]] += end_amount[e] * weights[step]
            best[e] = UNREACHED


@njit(cache=True, nogil=True)
def sum_at_ends(groups, pairs, work, decay, start_column, start_amount, out):
    """The same seen from the other side: every group of starts adds to the ends it reaches."""
    best, met = work.best, work.met
    cutoffs, weights = decay
    for g in groups:
        count = _search_from(g, pairs, work)
        column, amount = start_column[g], start_amount[g]
        for k in range(count):
            e = met[k]
            step = 0
            while best[e] > cutoffs[step]:
                step += 1
            out[e, column] += amount * weights[step]
            best[e] = UNREACHED


@njit(cache=True, nogil=True)
def add_pairs(start, end, cost, decay, start_column, start_amount, out):
    """As `sum_at_ends`, of pairs collected before, in their order."""
    cutoffs, weights = decay
    for i in range(len(start)):
        step = 0
        while cost[i] > cutoffs[step]:
            step += 1
        out[end[i], start_column[start[i]]] += start_amount[start[i]] * weights[step]
