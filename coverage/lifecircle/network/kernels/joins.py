"""Points on edges joined to what a search found at the nodes."""

import numpy as np
from numba import njit

from lifecircle.network.keys import FAR

__all__ = ["join_along", "join_lanes", "seed_lanes", "straight"]


@njit(cache=True, nogil=True, inline="always")
def straight(offset, forward, backward, other_offset, other_forward, other_backward):
    """Cost straight along one edge from a place to another; `FAR` or more where not allowed."""
    if offset == other_offset:
        return np.int64(0)
    if offset < other_offset:
        if forward >= FAR or other_forward >= FAR:
            return np.int64(FAR)
        return other_forward - forward
    if backward >= FAR or other_backward >= FAR:
        return np.int64(FAR)
    return backward - other_backward


@njit(cache=True, nogil=True)
def join_lanes(
    lanes, bits, far, first_lane, row_u, row_v, leg_u, leg_v, limit, unreached, out_cost, out_owner
):
    """From every point over either end of its edge to the nearest seed, some lanes at a time.

    Parameters
    ----------
    lanes, bits
        Row × lane: least keys at the nodes, with `bits` bits of owner.
    far
        Costs from here on stand for unreached.
    first_lane
        Number of the first lane here among all lanes.
    row_u, row_v, leg_u, leg_v
        The points: rows of their edge's ends, and cost of the legs.
    limit, unreached
        Greatest cost wanted (inclusive), and what to write beyond it.
    out_cost, out_owner
        Result: point × all lanes; `out_owner` has no columns where owners are not wanted.
    """
    width = lanes.shape[1]
    most = min(np.int64(limit), np.int64(far) - 1)
    if out_owner.shape[1] == 0:
        # nothing but this in the loop, so that it is vectorised
        for i in range(len(row_u)):
            at_u, at_v = lanes[row_u[i]], lanes[row_v[i]]
            over_u, over_v = leg_u[i], leg_v[i]
            costs = out_cost[i, first_lane : first_lane + width]
            for k in range(width):
                cost = min(np.int64(at_u[k]) + over_u, np.int64(at_v[k]) + over_v)
                costs[k] = cost if cost <= most else unreached
        return
    mask = (np.int64(1) << bits) - 1
    for i in range(len(row_u)):
        at_u, at_v = lanes[row_u[i]], lanes[row_v[i]]
        over_u, over_v = leg_u[i] << bits, leg_v[i] << bits
        costs = out_cost[i, first_lane : first_lane + width]
        owners = out_owner[i, first_lane : first_lane + width]
        for k in range(width):
            best = min(at_u[k] + over_u, at_v[k] + over_v)
            cost = best >> bits
            costs[k] = cost if cost <= most else unreached
            owners[k] = best & mask if cost <= most else -1


@njit(cache=True, nogil=True)
def join_along(
    points, edge, walk, offset, forward, backward,
    edge_start, seed, lane, owner, seed_walk, seed_offset, seed_forward, seed_backward,
    outward, most, out_cost, out_owner,
):  # fmt: skip
    """From points straight along their edge to seeds on it, where that is nearer than over its ends.

    Parameters
    ----------
    points
        Which of the points have a seed on their edge.
    edge, walk, offset, forward, backward
        All points: their place on the edge.
    edge_start, seed
        Seeds by edge joined: ``seed[edge_start[e]:edge_start[e + 1]]``.
    lane, owner, seed_walk, seed_offset, seed_forward, seed_backward
        The seeds: lane among all lanes, owner, place on the edge.
    outward
        Paths lead from the points to the seeds; else the other way.
    most
        Greatest cost wanted, inclusive, below `FAR`.
    out_cost, out_owner
        Result, as `join_lanes` left it; lowered in place.
    """
    wanted = out_owner.shape[1] > 0
    for i in points:
        for at in range(edge_start[edge[i]], edge_start[edge[i] + 1]):
            s = seed[at]
            if outward:
                along = straight(
                    offset[i], forward[i], backward[i], seed_offset[s], seed_forward[s], seed_backward[s]
                )
            else:
                along = straight(
                    seed_offset[s], seed_forward[s], seed_backward[s], offset[i], forward[i], backward[i]
                )
            cost = along + walk[i] + seed_walk[s]
            k = lane[s]
            if cost > most or cost > out_cost[i, k]:
                continue
            if wanted and (cost < out_cost[i, k] or owner[s] < out_owner[i, k]):
                out_owner[i, k] = owner[s]
            out_cost[i, k] = cost


@njit(cache=True, nogil=True)
def seed_lanes(lanes, node, lane_of, key, first_lane):
    """Put seeds into lanes: the least key of every row and lane."""
    for i in range(len(node)):
        k = lane_of[i] - first_lane
        if 0 <= k < lanes.shape[1] and key[i] < lanes[node[i], k]:
            lanes[node[i], k] = key[i]
