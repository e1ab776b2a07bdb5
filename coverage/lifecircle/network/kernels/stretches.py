"""Edges strung together between junctions: where there is no choice, there is nothing to search."""

import numpy as np
from numba import njit

__all__ = ["stretches"]

LONGEST_MM = 1_000_000
"""A stretch that would grow longer is ended: points on one stretch are compared one by one."""

COSTLIEST = (1 << 30) - 1
"""The same for its cost, which must fit in 32 bits."""


@njit(cache=True, nogil=True)
def _passable(edge, node, u, forward, backward):
    """Whether an edge can be driven towards one of its nodes, and away from it."""
    if u[edge] == node:
        return backward[edge] >= 0, forward[edge] >= 0
    return forward[edge] >= 0, backward[edge] >= 0


@njit(cache=True, nogil=True)
def _junctions(first, at, u, forward, backward):
    """Nodes that do not just pass on: ends, crossings, and where one-way begins or ends."""
    found = np.ones(len(first) - 1, np.bool_)
    for node in range(len(found)):
        if first[node + 1] - first[node] != 2:
            continue
        one, other = at[first[node]], at[first[node] + 1]
        one_in, one_out = _passable(one, node, u, forward, backward)
        other_in, other_out = _passable(other, node, u, forward, backward)
        found[node] = one_in != other_out or other_in != one_out
    return found


@njit(cache=True, nogil=True)
def stretches(first, at, u, v, length, forward, backward):
    """String edges together.

    Parameters
    ----------
    first, at
        Edges at every node (`reach_lines.edges_of_nodes`).
    u, v, length, forward, backward
        int32, one per edge; costs are -1 where closed.

    Returns
    -------
    junction : bool, one per node
    stretch : int32, one per edge
    along : bool, one per edge: whether it runs from u to v as its stretch does
    before : int32, edges × 3
        Of the stretch before the edge: millimetres, cost to drive it, cost to drive back over it (0 where
        that way is closed).
    ends : int32, stretches × 2
        Nodes it begins and ends at.
    totals : int32, stretches × 3
        Millimetres, cost there, cost back; costs are -1 where closed.
    """
    nodes, edges = len(first) - 1, len(u)
    junction = _junctions(first, at, u, forward, backward)
    stretch = np.full(edges, -1, np.int32)
    along = np.empty(edges, np.bool_)
    before = np.empty((edges, 3), np.int32)
    ends = np.empty((edges, 2), np.int32)
    totals = np.empty((edges, 3), np.int32)
    count = 0
    left = edges
    while left > 0:
        traced = left
        for node in range(nodes):
            if not junction[node]:
                continue
            for k in range(first[node], first[node + 1]):
                edge = at[k]
                if stretch[edge] >= 0:
                    continue
                here = node
                metres, there, back = np.int64(0), np.int64(0), np.int64(0)
                while True:
                    ahead = u[edge] == here
                    go = forward[edge] if ahead else backward[edge]
                    come = backward[edge] if ahead else forward[edge]
                    stretch[edge], along[edge] = count, ahead
                    before[edge, 0], before[edge, 1], before[edge, 2] = metres, there, back
                    metres += length[edge]
                    there += max(go, 0)
                    back += max(come, 0)
                    left -= 1
                    here = v[edge] if ahead else u[edge]
                    if junction[here]:
                        break
                    following = at[first[here]]
                    if following == edge:
                        following = at[first[here] + 1]
                    more = there + max(forward[following], backward[following])
                    less = back + max(forward[following], backward[following])
                    if max(more, less) > COSTLIEST or metres + length[following] > LONGEST_MM:
                        junction[here] = True
                        break
                    edge = following
                ends[count, 0], ends[count, 1] = node, here
                totals[count, 0] = metres
                totals[count, 1] = there if go >= 0 else -1
                totals[count, 2] = back if come >= 0 else -1
                count += 1
        if left == traced:
            # what is left are rings without a junction
            for edge in range(edges):
                if stretch[edge] < 0:
                    junction[u[edge]] = True
                    break
    return junction, stretch, along, before, ends[:count].copy(), totals[:count].copy()
