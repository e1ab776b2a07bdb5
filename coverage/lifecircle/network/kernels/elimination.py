"""Nodes eliminated one after another, fewest neighbours first, and sweeps over what is left.

Eliminating a node joins its remaining neighbours by shortcuts. Every shortest path then climbs the order
and descends again (customizable contraction hierarchies: Dibbelt, Strasser and Wagner, 2016), so one
sweep up and one down give the distance of every node to the nearest of any number of seeds, for many
sets of seeds ("lanes") at once and without a limit (PHAST: Delling et al., 2011).
"""

import numpy as np
from numba import njit

__all__ = ["eliminate", "sweep"]

MOST_DEGREE = 4096
NONE = np.int32(-1)


@njit(cache=True, nogil=True)
def _grown(pool, size, used):
    """A longer copy of a pool."""
    longer = np.empty(size, pool.dtype)
    longer[:used] = pool[:used]
    return longer


@njit(cache=True, nogil=True)
def _merged_rows(
    indptr, head, cost, back_indptr, back_head, back_cost, start, degree, room, to, out, into, far
):
    """Neighbours of every node with the cost to go there and to come back; `far` where closed."""
    end = 0
    for node in range(len(indptr) - 1):
        start[node] = end
        i, j = indptr[node], back_indptr[node]
        while i < indptr[node + 1] or j < back_indptr[node + 1]:
            there = head[i] if i < indptr[node + 1] else len(indptr)
            back = back_head[j] if j < back_indptr[node + 1] else len(indptr)
            to[end] = min(there, back)
            out[end] = into[end] = far
            if there <= back:
                out[end] = min(cost[i], far)
                i += 1
            if back <= there:
                into[end] = min(back_cost[j], far)
                j += 1
            end += 1
        degree[node] = room[node] = end - start[node]
    return end


@njit(cache=True, nogil=True)
def _move(node, old, new, first, following, preceding):
    """Move a node from one degree's list to another's; `old` or `new` is -1 for none."""
    if old >= 0:
        before, after = preceding[node], following[node]
        if before == NONE:
            first[old] = after
        else:
            following[before] = after
        if after != NONE:
            preceding[after] = before
    if new >= 0:
        after = first[new]
        following[node], preceding[node] = after, NONE
        if after != NONE:
            preceding[after] = node
        first[new] = node


@njit(cache=True, nogil=True)
def _tree_positions(start, degree, to, rank, order):
    """Position of every node in a walk of the elimination tree that meets parents before children."""
    n = len(order)
    parent = np.full(n, NONE, np.int32)
    child = np.full(n, NONE, np.int32)
    sibling = np.full(n, NONE, np.int32)
    for node in range(n):
        for k in range(start[node], start[node] + degree[node]):
            if parent[node] == NONE or rank[to[k]] < rank[parent[node]]:
                parent[node] = to[k]
    for k in range(n):
        node = order[k]
        if parent[node] != NONE:
            sibling[node] = child[parent[node]]
            child[parent[node]] = node
    position = np.empty(n, np.int32)
    stack = np.empty(n, np.int32)
    count = 0
    for k in range(n - 1, -1, -1):
        if parent[order[k]] != NONE:
            continue
        stack[0] = order[k]
        depth = 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            position[node] = count
            count += 1
            below = child[node]
            while below != NONE:
                stack[depth] = below
                depth += 1
                below = sibling[below]
    return position


@njit(cache=True, nogil=True)
def eliminate(indptr, head, cost, back_indptr, back_head, back_cost, far):
    """Order the nodes by elimination and keep, for each, its arcs to nodes eliminated later.

    Parameters
    ----------
    indptr, head, cost, back_indptr, back_head, back_cost
        Adjacency by node left and by node entered, rows sorted by head.
    far
        A cost that stands for "no way"; its dtype (int32 or int64) is that of the result. Longer costs
        are held at `far`.

    Returns
    -------
    tuple of arrays
        ``position`` of every node (int32; a node's later neighbours have smaller positions), and by
        position ``indptr`` (int64), ``head`` (int32, a position), ``out`` (cost to the head) and
        ``into`` (cost from it).
    """
    n = len(indptr) - 1
    size = 4 * (len(head) + len(back_head)) + 4 * n + 16
    to = np.empty(size, np.int32)
    out = np.empty(size, np.array([far]).dtype)
    into = np.empty(size, np.array([far]).dtype)
    start = np.empty(n, np.int64)
    degree = np.empty(n, np.int32)
    room = np.empty(n, np.int32)
    end = _merged_rows(
        indptr, head, cost, back_indptr, back_head, back_cost, start, degree, room, to, out, into, far
    )
    first = np.full(MOST_DEGREE + 1, NONE, np.int32)
    following = np.full(n, NONE, np.int32)
    preceding = np.full(n, NONE, np.int32)
    listed = np.empty(n, np.int32)
    for node in range(n - 1, -1, -1):
        listed[node] = min(degree[node], MOST_DEGREE)
        _move(node, -1, listed[node], first, following, preceding)
    order = np.empty(n, np.int32)
    rank = np.empty(n, np.int32)
    slot = np.full(n, np.int64(-1), np.int64)
    total = 0
    least = 0
    for k in range(n):
        while first[least] == NONE:
            least += 1
        v = first[least]
        _move(v, listed[v], -1, first, following, preceding)
        order[k], rank[v] = v, k
        base, count = start[v], degree[v]
        total += count
        for i in range(count):
            x = to[base + i]
            row = start[x]
            for q in range(row, row + degree[x]):
                if to[q] == v:
                    last = row + degree[x] - 1
                    to[q], out[q], into[q] = to[last], out[last], into[last]
                    degree[x] -= 1
                    break
            if degree[x] + count - 1 > room[x]:
                need = 2 * max(room[x], count)
                while end + need > len(to):
                    size = 2 * len(to)
                    to, out, into = _grown(to, size, end), _grown(out, size, end), _grown(into, size, end)
                for q in range(degree[x]):
                    to[end + q], out[end + q], into[end + q] = to[row + q], out[row + q], into[row + q]
                start[x], room[x] = end, need
                row = end
                end += need
            for q in range(row, row + degree[x]):
                slot[to[q]] = q
            there_v, v_there = into[base + i], out[base + i]
            for j in range(count):
                if i == j:
                    continue
                y = to[base + j]
                forth = min(np.int64(there_v) + out[base + j], np.int64(far))
                back = min(np.int64(into[base + j]) + v_there, np.int64(far))
                q = slot[y]
                if q >= 0:
                    out[q] = min(out[q], forth)
                    into[q] = min(into[q], back)
                else:
                    q = row + degree[x]
                    to[q], out[q], into[q] = y, forth, back
                    degree[x] += 1
            for q in range(row, row + degree[x]):
                slot[to[q]] = -1
            new = min(degree[x], MOST_DEGREE)
            if new != listed[x]:
                _move(x, listed[x], new, first, following, preceding)
                listed[x] = new
                least = min(least, new)
    position = _tree_positions(start, degree, to, rank, order)
    at = np.empty(n, np.int32)
    for node in range(n):
        at[position[node]] = node
    up_indptr = np.zeros(n + 1, np.int64)
    up_head = np.empty(total, np.int32)
    up_out = np.empty(total, out.dtype)
    up_into = np.empty(total, out.dtype)
    filled = 0
    for i in range(n):
        node = at[i]
        for q in range(start[node], start[node] + degree[node]):
            up_head[filled] = position[to[q]]
            up_out[filled], up_into[filled] = out[q], into[q]
            filled += 1
        up_indptr[i + 1] = filled
    return position, up_indptr, up_head, up_out, up_into


@njit(cache=True, nogil=True)
def sweep(indptr, head, climb, descend, bits, lanes):
    """Least key of every node over all seeds, for every lane.

    Parameters
    ----------
    indptr, head
        Arcs to later nodes, by position, of `eliminate`.
    climb, descend
        Cost of every arc on the way up and on the way down.
    bits
        Bits of a key below the cost (an owner).
    lanes
        position × lane, int32 or int64: keys of the seeds, elsewhere at most half the dtype's maximum;
        changed in place.
    """
    n, width = lanes.shape
    empty = lanes.dtype.type(np.iinfo(lanes.dtype).max // 2)
    seeded = np.zeros(n, np.bool_)
    for i in range(n):
        for k in range(width):
            if lanes[i, k] < empty:
                seeded[i] = True
    for i in range(n - 1, -1, -1):
        if not seeded[i]:
            continue
        for arc in range(indptr[i], indptr[i + 1]):
            u = head[arc]
            weight = lanes.dtype.type(climb[arc] << bits)
            seeded[u] = True
            for k in range(width):
                new = lanes.dtype.type(lanes[i, k] + weight)
                lanes[u, k] = min(lanes[u, k], new)
    for i in range(n):
        for arc in range(indptr[i], indptr[i + 1]):
            u = head[arc]
            weight = lanes.dtype.type(descend[arc] << bits)
            for k in range(width):
                new = lanes.dtype.type(lanes[u, k] + weight)
                lanes[i, k] = min(lanes[i, k], new)
