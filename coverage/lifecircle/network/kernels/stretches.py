"""Chains of edges between junctions: where there is no choice, there is nothing to search."""

import numpy as np

from lifecircle.jit import njit

__all__ = ["stretches"]

LONGEST_MM = 1_000_000
"""A stretch that would grow longer is ended: points on one stretch are compared one by one."""

COSTLIEST = (1 << 30) - 1
"""The same for its cost, which must fit in 32 bits."""


@njit(cache=True, nogil=True)
def _passable(edge, node, u, forward, backward):
    """Whether an edge can be driven towards one of its nodes, and away from it."""
    # towards u the edge is driven backward
    if u[edge] == node:
        return backward[edge] >= 0, forward[edge] >= 0
    return forward[edge] >= 0, backward[edge] >= 0


@njit(cache=True, nogil=True)
def _junctions(first, at, u, forward, backward):
    """Nodes with a choice or an end: dead ends, crossings, and where a one-way begins or ends."""
    is_junction = np.ones(len(first) - 1, np.bool_)
    for node in range(len(is_junction)):
        if first[node + 1] - first[node] != 2:
            continue
        one, other = at[first[node]], at[first[node] + 1]
        one_in, one_out = _passable(one, node, u, forward, backward)
        other_in, other_out = _passable(other, node, u, forward, backward)
        # passing through is possible in both directions or in the same one, else one-way begins or ends here
        is_junction[node] = one_in != other_out or other_in != one_out
    return is_junction


@njit(cache=True, nogil=True)
def stretches(at_nodes, edges, fixed):
    """Chains of edges between junctions.

    Parameters
    ----------
    at_nodes, edges
        The graph: `reach_lines.NodeEdges` and `reach_lines.DirectedEdges`.
    fixed
        bool, nodes that are junctions whatever meets there; empty for none.

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
    outer : int32, stretches × 2
        First and last edge.
    """
    first, at = at_nodes
    u, v, length, forward, backward = edges
    n_nodes, n_edges = len(first) - 1, len(u)
    junction = _junctions(first, at, u, forward, backward)
    for node in range(len(fixed)):
        if fixed[node]:
            junction[node] = True
    stretch = np.full(n_edges, -1, np.int32)
    along = np.empty(n_edges, np.bool_)
    before = np.empty((n_edges, 3), np.int32)
    ends = np.empty((n_edges, 2), np.int32)
    totals = np.empty((n_edges, 3), np.int32)
    outer = np.empty((n_edges, 2), np.int32)
    count = 0
    left = n_edges
    while left > 0:
        # every stretch is traced once, from whichever of its junctions comes first
        traced = left
        for node in range(n_nodes):
            if not junction[node]:
                continue
            for k in range(first[node], first[node + 1]):
                edge = at[k]
                if stretch[edge] >= 0:
                    continue
                # follow the chain to the next junction, adding up millimetres and costs either way
                here = node
                mm, there, back = np.int64(0), np.int64(0), np.int64(0)
                outer[count, 0] = edge
                while True:
                    ahead = u[edge] == here
                    go = forward[edge] if ahead else backward[edge]
                    come = backward[edge] if ahead else forward[edge]
                    stretch[edge], along[edge] = count, ahead
                    before[edge, 0], before[edge, 1], before[edge, 2] = mm, there, back
                    mm += length[edge]
                    there += max(go, 0)
                    back += max(come, 0)
                    left -= 1
                    here = v[edge] if ahead else u[edge]
                    if junction[here]:
                        break
                    # the other edge at a node of two
                    following = at[first[here]]
                    if following == edge:
                        following = at[first[here] + 1]
                    # a stretch that would overflow, or grow too long to compare point by point, ends here
                    more = there + max(forward[following], backward[following])
                    less = back + max(forward[following], backward[following])
                    if max(more, less) > COSTLIEST or mm + length[following] > LONGEST_MM:
                        junction[here] = True
                        break
                    edge = following
                ends[count, 0], ends[count, 1] = node, here
                outer[count, 1] = edge
                totals[count, 0] = mm
                totals[count, 1] = there if go >= 0 else -1
                totals[count, 2] = back if come >= 0 else -1
                count += 1
        if left == traced:
            # what is left are rings without a junction: each gets one, and is traced from it
            for edge in range(n_edges):
                if stretch[edge] < 0:
                    junction[u[edge]] = True
                    break
    return (
        junction, stretch, along, before,
        ends[:count].copy(), totals[:count].copy(), outer[:count].copy(),
    )  # fmt: skip
