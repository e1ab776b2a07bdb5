"""Bounded shortest paths with a bucket queue (Dial, 1969), label-correcting within a bucket.

An improved node is re-queued; its stale entry is skipped.

Keys are integers. A plain key is a cost; a key that carries an owner is ``cost << bits | owner``, so
that the smaller key is the smaller cost and, of equal costs, the smaller owner. One workspace serves any
number of searches: each undoes what it touched.
"""

import numpy as np
from numba import njit

__all__ = ["search", "search_ways"]

NONE = np.int32(-1)


@njit(cache=True, nogil=True)
def _longer(pool):
    """A pool of twice the length that begins as the old one."""
    made = np.empty(2 * len(pool) + 16, pool.dtype)
    made[: len(pool)] = pool
    return made


@njit(cache=True, nogil=True)
def search(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key, key, heads, following, queued, touched
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
    heads, following, queued, touched
        Workspace: int32; ``heads`` has ``(limit >> shift) + 1`` entries of -1, restored on return;
        `touched` one per node; `following` and `queued` any length, better enough for what waits.

    Returns
    -------
    int
        How many nodes were reached: they are listed at the front of `touched`.
    """
    return _search(
        indptr, head, cost, bits, shift, limit, seed_node, seed_key,
        key, heads, following, queued, touched, None,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def search_ways(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key,
    key, heads, following, queued, touched, via,
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
        key, heads, following, queued, touched, via,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _search(
    indptr, head, cost, bits, shift, limit, seed_node, seed_key,
    key, heads, following, queued, touched, via,
):  # fmt: skip
    """Both of them: numba leaves out what concerns `via` where it is None."""
    unreached = np.iinfo(key.dtype).max // 2
    # seeds into their buckets; a bucket is a linked list of entries in one pool
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
    # Invariant: keys in buckets before this one are final.
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
