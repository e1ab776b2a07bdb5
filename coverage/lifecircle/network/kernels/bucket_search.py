"""Bounded shortest paths with a bucket queue (Dial, 1969), label-correcting within a bucket.

Keys are integers. A plain key is a cost; a key that carries an owner is ``cost << bits | owner``, so
that the smaller key is the smaller cost and, of equal costs, the smaller owner. One workspace serves any
number of searches: each undoes what it touched.
"""

import numpy as np
from numba import njit

__all__ = ["search", "search_ways"]

QUEUED_NOT = np.int32(-2)
NONE = np.int32(-1)


@njit(cache=True, nogil=True, inline="always")
def _unlink(node, bucket, heads, following, preceding):
    """Take a node out of its bucket."""
    before, after = preceding[node], following[node]
    if before == NONE:
        heads[bucket] = after
    else:
        following[before] = after
    if after != NONE:
        preceding[after] = before


@njit(cache=True, nogil=True, inline="always")
def _link(node, bucket, heads, following, preceding):
    """Put a node at the head of a bucket."""
    after = heads[bucket]
    following[node] = after
    preceding[node] = NONE
    if after != NONE:
        preceding[after] = node
    heads[bucket] = node


@njit(cache=True, nogil=True)
def search(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key, key, heads, following, preceding, touched
):
    """Least key of every node that can be reached within a limit.

    Parameters
    ----------
    indptr, head, cost
        int32 adjacency: arcs in the direction of the search.
    bits, shift
        Bits of a key that hold the owner (0 for none), and bits that one bucket spans, owner included.
    limit
        Greatest key to reach, inclusive; below half the maximum of the dtype of `key`.
    seed_node, seed_key
        Where to start and with which key; a node may come more than once.
    key
        Workspace and result, one per node: all at half its dtype's maximum before; afterwards the least keys.
    heads, following, preceding, touched
        Workspace: int32; ``heads`` has ``(limit >> shift) + 1`` entries of -1, ``preceding`` is -2, all
        restored on return.

    Returns
    -------
    int
        How many nodes were reached: they are listed at the front of `touched`.
    """
    return _search(
        indptr, head, cost, bits, shift, limit, seed_node, seed_key,
        key, heads, following, preceding, touched, None,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def search_ways(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key,
    key, heads, following, preceding, touched, via,
):  # fmt: skip
    """As `search`, and by which arc every node was reached.

    Parameters
    ----------
    via
        Result, int32, one per node: the arc by which a node was reached, or ``-2 - i`` for seed ``i``.

    Raises
    ------
    ValueError
        If `via` does not hold one entry per node.
    """
    if len(via) != len(key):
        raise ValueError("via must hold one entry per node")
    return _search(
        indptr, head, cost, bits, shift, limit, seed_node, seed_key,
        key, heads, following, preceding, touched, via,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _search(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key,
    key, heads, following, preceding, touched, via,
):  # fmt: skip
    """Both of them: numba leaves out what concerns `via` where it is None."""
    unreached = np.iinfo(key.dtype).max // 2
    reached = 0
    waiting = 0
    for i in range(len(seed_node)):
        node, new = seed_node[i], seed_key[i]
        old = key[node]
        if new > limit or new >= old:
            continue
        if old == unreached:
            touched[reached] = node
            reached += 1
            waiting += 1
        else:
            _unlink(node, old >> shift, heads, following, preceding)
        key[node] = new
        if via is not None:
            via[node] = -2 - i
        _link(node, new >> shift, heads, following, preceding)
    bucket = 0
    while waiting > 0:
        node = heads[bucket]
        if node == NONE:
            bucket += 1
            continue
        _unlink(node, bucket, heads, following, preceding)
        preceding[node] = QUEUED_NOT
        waiting -= 1
        base = np.int64(key[node])
        for arc in range(indptr[node], indptr[node + 1]):
            new = base + (np.int64(cost[arc]) << bits)
            other = head[arc]
            old = np.int64(key[other])
            if new > limit or new >= old:
                continue
            key[other] = new
            if via is not None:
                via[other] = arc
            target = new >> shift
            if old == unreached:
                touched[reached] = other
                reached += 1
            elif preceding[other] != QUEUED_NOT:
                if old >> shift == target:
                    continue
                _unlink(other, old >> shift, heads, following, preceding)
                waiting -= 1
            _link(other, target, heads, following, preceding)
            waiting += 1
    return reached
