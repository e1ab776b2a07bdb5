"""Points on edges joined to the costs that a search left at the nodes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.network.keys import FAR, UNREACHED

__all__ = [
    "EdgeLegs",
    "EdgePlaces",
    "EdgeSeeds",
    "NearestTable",
    "join_along",
    "join_lanes",
    "join_walks",
    "seed_lanes",
    "straight",
]


class EdgeLegs(NamedTuple):
    """Per point, the rows of its edge's end nodes and the cost of the legs to them."""

    row_u: NDArray[np.int32]
    row_v: NDArray[np.int32]
    leg_u: NDArray[np.int64]
    leg_v: NDArray[np.int64]


class EdgePlaces(NamedTuple):
    """Per point, its place on the edge it joined.

    Attributes
    ----------
    edge : the edge, -1 where unreached
    walk : cost between the point and the street
    offset : millimetres from u
    forward, backward : cost from u to the place along the edge, and back; `FAR` or more where closed
    """

    edge: NDArray[np.int32]
    walk: NDArray[np.int64]
    offset: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]


class EdgeSeeds(NamedTuple):
    """Seeds by the edge they joined: ``seed[start[e]:start[e + 1]]``, each with its lane, owner and place."""

    start: NDArray[np.int64]
    seed: NDArray[np.int64]
    lane: NDArray[np.int64]
    owner: NDArray[np.int64]
    places: EdgePlaces


class NearestTable(NamedTuple):
    """Result, point × all lanes: least cost, and whose it is; `owner` has no columns where not wanted."""

    cost: NDArray[np.int64]
    owner: NDArray[np.int32]


@njit(cache=True, nogil=True, inline="always")
def straight(offset, forward, backward, other_offset, other_forward, other_backward):
    """Cost straight along one edge from a place to another; `FAR` or more where not allowed."""
    # one place: no way at all
    if offset == other_offset:
        return np.int64(0)
    # ahead along the edge: the difference of both costs from u
    if offset < other_offset:
        if forward >= FAR or other_forward >= FAR:
            return np.int64(FAR)
        return other_forward - forward
    # behind: the difference of both costs back to u
    if backward >= FAR or other_backward >= FAR:
        return np.int64(FAR)
    return backward - other_backward


@njit(cache=True, nogil=True)
def join_lanes(lanes, first_lane, bits, most, legs, table):
    """From every point over either end of its edge to the nearest seed, several lanes at a time.

    Parameters
    ----------
    lanes, first_lane
        Row × lane: least keys at the nodes; number of the first lane here among all lanes.
    bits
        Bits of a key that hold the owner.
    most
        Greatest cost wanted, inclusive, below what unreached nodes hold.
    legs
        The points, `EdgeLegs`.
    table
        Result, a `NearestTable`: the columns of these lanes are written.
    """
    row_u, row_v, leg_u, leg_v = legs
    out_cost, out_owner = table
    width = lanes.shape[1]
    if out_owner.shape[1] == 0:
        # nothing but this in the loop, so that it is vectorised
        for i in range(len(row_u)):
            at_u, at_v = lanes[row_u[i]], lanes[row_v[i]]
            over_u, over_v = leg_u[i], leg_v[i]
            costs = out_cost[i, first_lane : first_lane + width]
            for k in range(width):
                cost = min(np.int64(at_u[k]) + over_u, np.int64(at_v[k]) + over_v)
                costs[k] = cost if cost <= most else UNREACHED
        return
    # the smaller key is the smaller cost and, of equal costs, the smaller owner
    mask = (np.int64(1) << bits) - 1
    for i in range(len(row_u)):
        at_u, at_v = lanes[row_u[i]], lanes[row_v[i]]
        over_u, over_v = leg_u[i] << bits, leg_v[i] << bits
        costs = out_cost[i, first_lane : first_lane + width]
        owners = out_owner[i, first_lane : first_lane + width]
        for k in range(width):
            best = min(at_u[k] + over_u, at_v[k] + over_v)
            cost = best >> bits
            costs[k] = cost if cost <= most else UNREACHED
            owners[k] = best & mask if cost <= most else -1


@njit(cache=True, nogil=True)
def join_along(points, seeds, outward, most, table):
    """From points straight along their edge to seeds on it, where that is nearer than over its ends.

    Parameters
    ----------
    points
        All points, `EdgePlaces`; those that are unreached, on edge -1, have no way along it.
    seeds
        `EdgeSeeds`.
    outward
        Paths lead from the points to the seeds; else the other way.
    most
        Greatest cost wanted, inclusive, below `FAR`.
    table
        Result, as `join_lanes` left it; lowered in place.
    """
    edge, walk, offset, forward, backward = points
    start, seed, lane, owner, (_, seed_walk, seed_offset, seed_forward, seed_backward) = seeds
    out_cost, out_owner = table
    owner_wanted = out_owner.shape[1] > 0
    for i in range(len(edge)):
        if edge[i] < 0:
            continue
        for at in range(start[edge[i]], start[edge[i] + 1]):
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
            # of equal costs the smaller owner
            if owner_wanted and (cost < out_cost[i, k] or owner[s] < out_owner[i, k]):
                out_owner[i, k] = owner[s]
            out_cost[i, k] = cost


@njit(cache=True, nogil=True)
def join_walks(walks, delay, cost_per_mm, column, owner, most, table):
    """From points straight over the ground, where that costs no more than the way by the streets.

    Parameters
    ----------
    walks
        Number of the point, number of the target and length in mm of each walk: three arrays.
    delay
        Per target, further mm there; empty where there are none.
    cost_per_mm
        What a mm walked costs.
    column, owner
        Per target, its lane and its owner.
    most
        Greatest cost wanted, inclusive.
    table
        Result, as the other joins left it; lowered in place.
    """
    one, other, mm = walks
    out_cost, out_owner = table
    owner_wanted = out_owner.shape[1] > 0
    for w in range(len(one)):
        i, s = one[w], other[w]
        length = mm[w] + (delay[s] if len(delay) else 0)
        cost, k = np.int64(np.rint(length * cost_per_mm)), column[s]
        if cost > most or cost > out_cost[i, k]:
            continue
        # of equal costs the smaller owner
        if owner_wanted and (cost < out_cost[i, k] or owner[s] < out_owner[i, k]):
            out_owner[i, k] = owner[s]
        out_cost[i, k] = cost


@njit(cache=True, nogil=True)
def seed_lanes(lanes, node, lane_of, key, first_lane):
    """Put seeds into lanes: the least key of every row and lane."""
    # seeds of other lanes are for other calls
    for i in range(len(node)):
        k = lane_of[i] - first_lane
        if 0 <= k < lanes.shape[1] and key[i] < lanes[node[i], k]:
            lanes[node[i], k] = key[i]
