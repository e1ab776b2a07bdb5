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
"""Nodes of this degree or more wait in one list: by then few are left, and their order matters little."""

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
    # both adjacencies are sorted by neighbour: merge them, row by row
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
    # a node's parent is the first of its later neighbours to be eliminated
    parent = np.full(n, NONE, np.int32)
    child = np.full(n, NONE, np.int32)
    sibling = np.full(n, NONE, np.int32)
    for node in range(n):
        for k in range(start[node], start[node] + degree[node]):
            if parent[node] == NONE or rank[to[k]] < rank[parent[node]]:
                parent[node] = to[k]
    # children of one parent in a linked list
    for k in range(n):
        node = order[k]
        if parent[node] != NONE:
            sibling[node] = child[parent[node]]
            child[parent[node]] = node
    # depth first from each root: what a sweep needs next lies near in memory
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
def _drop(node, gone, start, degree, to, out, into):
    """Take a neighbour out of a node's row; the last of the row takes its place."""
    row = start[node]
    for q in range(row, row + degree[node]):
        if to[q] == gone:
            last = row + degree[node] - 1
            to[q], out[q], into[q] = to[last], out[last], into[last]
            degree[node] -= 1
            break


@njit(cache=True, nogil=True)
def _join_over(node, base, count, own, start, degree, to, out, into, slot, far):
    """Join a node to all other neighbours of the one eliminated, whose row begins at `base`.

    `own` is the node's place in that row; `slot`, one per node, is -1 before and after.
    """
    row = start[node]
    for q in range(row, row + degree[node]):
        slot[to[q]] = q
    to_gone, from_gone = into[base + own], out[base + own]
    for j in range(count):
        if j == own:
            continue
        other = to[base + j]
        forth = min(np.int64(to_gone) + out[base + j], np.int64(far))
        back = min(np.int64(into[base + j]) + from_gone, np.int64(far))
        q = slot[other]
        if q >= 0:
            out[q] = min(out[q], forth)
            into[q] = min(into[q], back)
        else:
            q = row + degree[node]
            to[q], out[q], into[q] = other, forth, back
            degree[node] += 1
    for q in range(row, row + degree[node]):
        slot[to[q]] = -1


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
    # stage 1: the graph as rows of neighbours in one pool, each row with room to grow
    end = _merged_rows(
        indptr, head, cost, back_indptr, back_head, back_cost, start, degree, room, to, out, into, far
    )
    # stage 2: nodes by degree in doubly linked lists, so that the least is at hand
    first = np.full(MOST_DEGREE + 1, NONE, np.int32)
    following = np.full(n, NONE, np.int32)
    preceding = np.full(n, NONE, np.int32)
    listed = np.empty(n, np.int32)
    for node in range(n - 1, -1, -1):
        listed[node] = min(degree[node], MOST_DEGREE)
        _move(node, -1, listed[node], first, following, preceding)
    # stage 3: eliminate the node of least degree, joining its neighbours by shortcuts (minimum degree).
    # Invariant: rows hold nodes not yet eliminated, at the length of shortest paths over eliminated ones.
    order = np.empty(n, np.int32)
    rank = np.empty(n, np.int32)
    slot = np.full(n, np.int64(-1), np.int64)
    total = 0
    least = 0
    for k in range(n):
        while first[least] == NONE:
            least += 1
        gone = first[least]
        _move(gone, listed[gone], -1, first, following, preceding)
        order[k], rank[gone] = gone, k
        base, count = start[gone], degree[gone]
        total += count
        for i in range(count):
            neighbour = to[base + i]
            _drop(neighbour, gone, start, degree, to, out, into)
            # a row without room for the shortcuts moves to the end of the pool
            if degree[neighbour] + count - 1 > room[neighbour]:
                need = 2 * max(room[neighbour], count)
                while end + need > len(to):
                    size = 2 * len(to)
                    to, out, into = _grown(to, size, end), _grown(out, size, end), _grown(into, size, end)
                row = start[neighbour]
                for q in range(degree[neighbour]):
                    to[end + q], out[end + q], into[end + q] = to[row + q], out[row + q], into[row + q]
                start[neighbour], room[neighbour] = end, need
                end += need
            _join_over(neighbour, base, count, i, start, degree, to, out, into, slot, far)
            new = min(degree[neighbour], MOST_DEGREE)
            if new != listed[neighbour]:
                _move(neighbour, listed[neighbour], new, first, following, preceding)
                listed[neighbour] = new
                least = min(least, new)
    # stage 4: renumber by the elimination tree, and pack the rows, which hold later nodes only
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
    # up: every node that a seed's climb can meet hands its keys to its later neighbours
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
    # down: a node's later neighbours are final by now, and one of them lies on its shortest path
    for i in range(n):
        for arc in range(indptr[i], indptr[i + 1]):
            u = head[arc]
            weight = lanes.dtype.type(descend[arc] << bits)
            for k in range(width):
                new = lanes.dtype.type(lanes[u, k] + weight)
                lanes[i, k] = min(lanes[i, k], new)
