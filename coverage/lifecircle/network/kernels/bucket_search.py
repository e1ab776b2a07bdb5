"""Bounded shortest paths with a bucket queue (Dial, 1969), label-correcting within a bucket; the ways back.

An improved node is re-queued; its stale entry is skipped.

Keys are integers. A plain key is a cost; a key that carries an owner is ``cost << bits | owner``, so
that the smaller key is the smaller cost and, of equal costs, the smaller owner. One workspace serves any
number of searches: each undoes what it touched.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["Arcs", "SearchKeys", "SearchWorkspace", "search", "search_ways", "trace", "way_lengths"]

NONE = np.int32(-1)


class Arcs(NamedTuple):
    """Adjacency in the direction of the search: node n's arcs are ``indptr[n]:indptr[n + 1]``, int32."""

    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.int32]


class SearchKeys(NamedTuple):
    """How keys are made up and how far a search goes.

    Attributes
    ----------
    bits : bits of a key that hold the owner, 0 for none
    shift : bits of a key that one bucket spans, owner included
    limit : greatest key to reach, inclusive; below half the maximum of the keys' dtype
    """

    bits: int
    shift: int
    limit: int


class SearchWorkspace(NamedTuple):
    """Arrays that searches share, one after another.

    Attributes
    ----------
    key : one per node, int32 or int64: half its dtype's maximum before a search, the least keys afterwards
    heads : int32, -1 between searches: first entry of each of the ``(limit >> shift) + 1`` buckets
    following, queued : int32, linked lists of entries: next in the bucket, and node; they grow
    touched : int32, one per node: the nodes reached, at its front
    """

    key: NDArray[np.integer]
    heads: NDArray[np.int32]
    following: NDArray[np.int32]
    queued: NDArray[np.int32]
    touched: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _longer(pool):
    """A pool of twice the length that begins as the old one."""
    made = np.empty(2 * len(pool) + 16, pool.dtype)
    for i in range(len(pool)):  # an assignment to a slice takes seconds to compile
        made[i] = pool[i]
    return made


@njit(cache=True, nogil=True)
def search(arcs, keys, seed_node, seed_key, work):
    """Least key of every node that can be reached within a limit.

    Parameters
    ----------
    arcs
        The graph, `Arcs`.
    keys
        `SearchKeys`.
    seed_node, seed_key
        Where to start and with which key; a node may come more than once.
    work
        `SearchWorkspace`; its `key` holds the result.

    Returns
    -------
    int
        How many nodes were reached: they are listed at the front of ``work.touched``.
    """
    return _search(arcs, keys, seed_node, seed_key, work, None)


@njit(cache=True, nogil=True)
def search_ways(arcs, keys, seed_node, seed_key, work, via):
    """As `search`, and by which arc every node was reached.

    Parameters
    ----------
    arcs, keys, seed_node, seed_key, work
        As of `search`.
    via
        Result, int32, one per node: the arc by which a node was reached, or ``-2 - i`` for seed ``i``.

    Raises
    ------
    ValueError
        If `via` does not hold one entry per node.
    """
    if len(via) != len(work.key):
        raise ValueError("via must hold one entry per node")
    return _search(arcs, keys, seed_node, seed_key, work, via)


@njit(cache=True, nogil=True)
def _search(arcs, keys, seed_node, seed_key, work, via):
    """Both of them: numba leaves out what concerns `via` where it is None."""
    indptr, head, cost = arcs
    bits, shift, limit = keys
    key, heads, following, queued, touched = work
    unreached = np.iinfo(key.dtype).max // 2
    # stage 1: seeds into their buckets; a bucket is a linked list of entries in one pool
    reached = 0
    used = 0
    waiting = 0
    for i in range(len(seed_node)):
        node, new = seed_node[i], seed_key[i]
        old = key[node]
        if new > limit or new >= old:
            continue
        if old == unreached:
            touched[reached] = node
            reached += 1
        key[node] = new
        if via is not None:
            via[node] = -2 - i
        if used == len(queued):
            following, queued = _longer(following), _longer(queued)
        queued[used], following[used] = node, heads[new >> shift]
        heads[new >> shift] = used
        used += 1
        waiting += 1
    # stage 2: bucket after bucket; invariant: keys in buckets before this one are final
    bucket = 0
    while waiting > 0:
        entry = heads[bucket]
        if entry == NONE:
            bucket += 1
            continue
        heads[bucket] = following[entry]
        waiting -= 1
        node = queued[entry]
        base = np.int64(key[node])
        # a stale entry: the node was improved and settled from an earlier bucket
        if base >> shift != bucket:
            continue
        # relax the arcs of the node
        for arc in range(indptr[node], indptr[node + 1]):
            new = base + (np.int64(cost[arc]) << bits)
            if new > limit:
                continue
            other = head[arc]
            old = np.int64(key[other])
            if new >= old:
                continue
            key[other] = new
            if via is not None:
                via[other] = arc
            target = new >> shift
            if old == unreached:
                touched[reached] = other
                reached += 1
            elif old >> shift == target and target != bucket:
                continue  # its entry in that bucket serves
            if used == len(queued):
                following, queued = _longer(following), _longer(queued)
            queued[used], following[used] = other, heads[target]
            heads[target] = used
            used += 1
            waiting += 1
    return reached


@njit(cache=True, nogil=True)
def way_lengths(via, tail, arc_length, seed_length, touched, reached):
    """Length of the way from every reached node to its seed.

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
    # the arcs of all nodes form a forest rooted at the seeds: each length is computed once
    stack = np.empty(reached + 1, np.int32)
    for i in range(reached):
        depth = 0
        node = touched[i]
        # down to the seed, or to a node whose length is known
        while length[node] < 0:
            stack[depth] = node
            depth += 1
            if via[node] <= -2:
                break
            node = tail[via[node]]
        # and back up, adding arc by arc
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
    # once to count the arcs, once to write them down
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
