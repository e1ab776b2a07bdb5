"""Ways back to the seeds of a traced search: how long they are, and the nodes and edges on them."""

import numpy as np
from numba import njit

__all__ = ["trace", "way_lengths"]


@njit(cache=True, nogil=True)
def way_lengths(via, tail, arc_length, seed_length, touched, reached):
    """Length of the way found from every reached node to its seed.

    Parameters
    ----------
    via
        Of `bucket_search.search`.
    tail
        int32, node each arc of the search leaves.
    arc_length, seed_length
        int64, length of every arc, and between every seed's node and its point.
    touched, reached
        The nodes reached are ``touched[:reached]``.

    Returns
    -------
    int64 array, one per node
        -1 where not reached.
    """
    length = np.full(len(via), np.int64(-1), np.int64)
    stack = np.empty(reached + 1, np.int32)
    for i in range(reached):
        depth = 0
        node = touched[i]
        while length[node] < 0:
            stack[depth] = node
            depth += 1
            if via[node] <= -2:
                break
            node = tail[via[node]]
        for k in range(depth - 1, -1, -1):
            node = stack[k]
            if via[node] <= -2:
                length[node] = seed_length[-2 - via[node]]
            else:
                length[node] = length[tail[via[node]]] + arc_length[via[node]]
    return length


@njit(cache=True, nogil=True)
def trace(via, tail, node):
    """Arcs from a node back to its seed, nearest first, and the number of that seed."""
    count = 0
    at = node
    while via[at] > -2:
        at = tail[via[at]]
        count += 1
    arcs = np.empty(count, np.int32)
    at = node
    for k in range(count):
        arcs[k] = via[at]
        at = tail[via[at]]
    return arcs, -2 - via[at]
