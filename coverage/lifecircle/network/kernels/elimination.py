"""Nodes eliminated one after another, fewest neighbours first, and sweeps over what is left.

Eliminating a node joins its remaining neighbours by shortcuts. Every shortest path then climbs the order
and descends again (customizable contraction hierarchies: Dibbelt, Strasser and Wagner, 2016), so one
sweep up and one down give the distance of every node to the nearest of any number of seeds, for many
sets of seeds ("lanes") at once and without a limit (PHAST: Delling et al., 2011).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["eliminate", "sweep"]

MOST_DEGREE = 4096
"""Nodes of this degree or more wait in one list: by then few are left, and their order matters little."""

NONE = np.int32(-1)


class NeighbourRows(NamedTuple):
    """What is left of the graph: each node's neighbours in one pool, with the cost to go there and back.

    Attributes
    ----------
    start : int64, per node where its row begins in the pool
    degree, room : int32, per node how many neighbours its row holds, and how many it has room for
    to : int32, the neighbours
    out, into : cost to go to the neighbour and to come from it, both in the dtype of the result
    """

    start: NDArray[np.int64]
    degree: NDArray[np.int32]
    room: NDArray[np.int32]
    to: NDArray[np.int32]
    out: NDArray[np.integer]
    into: NDArray[np.integer]


class DegreeLists(NamedTuple):
    """Nodes by degree in doubly linked lists, all int32.

    Attributes
    ----------
    first : per degree, the first node of its list
    following, preceding : per node, its neighbours in the list
    listed : per node, the degree it is listed under
    """

    first: NDArray[np.int32]
    following: NDArray[np.int32]
    preceding: NDArray[np.int32]
    listed: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _merged_rows(there, back, far):
    """The graph as `NeighbourRows`, `far` where a direction is closed, and the end of what the pool holds."""
    indptr, head, cost = there
    back_indptr, back_head, back_cost = back
    n = len(indptr) - 1
    # room for shortcuts: rows that outgrow it move to the end of the pool
    size = 4 * (len(head) + len(back_head)) + 4 * n + 16
    start = np.empty(n, np.int64)
    degree = np.empty(n, np.int32)
    to = np.empty(size, np.int32)
    out = np.empty(size, np.array([far]).dtype)
    into = np.empty(size, np.array([far]).dtype)
    # both adjacencies are sorted by neighbour: merge them, row by row
    end = 0
    for node in range(n):
        start[node] = end
        i, j = indptr[node], back_indptr[node]
        while i < indptr[node + 1] or j < back_indptr[node + 1]:
            to_next = head[i] if i < indptr[node + 1] else n + 1
            from_next = back_head[j] if j < back_indptr[node + 1] else n + 1
            to[end] = min(to_next, from_next)
            out[end] = into[end] = far
            if to_next <= from_next:
                out[end] = min(cost[i], far)
                i += 1
            if from_next <= to_next:
                into[end] = min(back_cost[j], far)
                j += 1
            end += 1
        degree[node] = end - start[node]
    return NeighbourRows(start, degree, degree.copy(), to, out, into), end


@njit(cache=True, nogil=True)
def _grown(pool, size, used):
    """A longer copy of a pool."""
    longer = np.empty(size, pool.dtype)
    for i in range(used):  # an assignment to a slice takes seconds to compile
        longer[i] = pool[i]
    return longer


@njit(cache=True, nogil=True)
def _with_room(rows, node, need, end):
    """Move a node's row to the end of the pool, with room for `need` neighbours: the rows, and their end."""
    start, degree, room, to, out, into = rows
    while end + need > len(to):
        size = 2 * len(to)
        to, out, into = _grown(to, size, end), _grown(out, size, end), _grown(into, size, end)
    old = start[node]
    for q in range(degree[node]):
        to[end + q], out[end + q], into[end + q] = to[old + q], out[old + q], into[old + q]
    start[node], room[node] = end, need
    return NeighbourRows(start, degree, room, to, out, into), end + need


@njit(cache=True, nogil=True)
def _move(node, old, new, lists):
    """Move a node from one degree's list to another's; `old` or `new` is -1 for none."""
    first, following, preceding, _ = lists
    # unlink from the old list
    if old >= 0:
        before, after = preceding[node], following[node]
        if before == NONE:
            first[old] = after
        else:
            following[before] = after
        if after != NONE:
            preceding[after] = before
    # link in at the head of the new one
    if new >= 0:
        after = first[new]
        following[node], preceding[node] = after, NONE
        if after != NONE:
            preceding[after] = node
        first[new] = node


@njit(cache=True, nogil=True)
def _listed_by_degree(degree):
    """All nodes in `DegreeLists`, of equal degree the smaller number first."""
    n = len(degree)
    lists = DegreeLists(
        np.full(MOST_DEGREE + 1, NONE, np.int32),
        np.full(n, NONE, np.int32),
        np.full(n, NONE, np.int32),
        np.empty(n, np.int32),
    )
    for node in range(n - 1, -1, -1):
        lists.listed[node] = min(degree[node], MOST_DEGREE)
        _move(node, -1, lists.listed[node], lists)
    return lists


@njit(cache=True, nogil=True)
def _tree_positions(rows, rank, order):
    """Position of every node in a walk of the elimination tree that meets parents before children."""
    start, degree, to = rows.start, rows.degree, rows.to
    n = len(order)
    # stage 1: a node's parent is the first of its later neighbours to be eliminated
    parent = np.full(n, NONE, np.int32)
    child = np.full(n, NONE, np.int32)
    sibling = np.full(n, NONE, np.int32)
    for node in range(n):
        for k in range(start[node], start[node] + degree[node]):
            if parent[node] == NONE or rank[to[k]] < rank[parent[node]]:
                parent[node] = to[k]
    # stage 2: children of one parent in a linked list
    for k in range(n):
        node = order[k]
        if parent[node] != NONE:
            sibling[node] = child[parent[node]]
            child[parent[node]] = node
    # stage 3: depth first from each root: what a sweep needs next lies near in memory
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
def _drop(node, gone, rows):
    """Take a neighbour out of a node's row; the last of the row takes its place."""
    start, degree, _, to, out, into = rows
    row = start[node]
    for q in range(row, row + degree[node]):
        if to[q] == gone:
            last = row + degree[node] - 1
            to[q], out[q], into[q] = to[last], out[last], into[last]
            degree[node] -= 1
            break


@njit(cache=True, nogil=True)
def _join_over(node, base, count, own, rows, slot, far):
    """Join a node to all other neighbours of the one eliminated, whose row of `count` begins at `base`.

    `own` is the node's place in that row; `slot`, one per node, is -1 before and after.
    """
    start, degree, _, to, out, into = rows
    row = start[node]
    # where the node's row holds whom
    for q in range(row, row + degree[node]):
        slot[to[q]] = q
    # the shortcut to each costs the way to the eliminated node and on from it; the cheaper arc stays
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
def _packed(rows, position):
    """Rows renumbered by `position` and laid one after another: ``indptr, head, out, into``."""
    start, degree, _, to, out, into = rows
    n = len(position)
    # nodes by position; each row becomes the arcs to smaller positions
    at = np.empty(n, np.int32)
    total = 0
    for node in range(n):
        at[position[node]] = node
        total += degree[node]
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
    return up_indptr, up_head, up_out, up_into


@njit(cache=True, nogil=True)
def eliminate(there, back, far):
    """Order the nodes by elimination and keep, for each, its arcs to nodes eliminated later.

    Parameters
    ----------
    there, back
        Adjacency by node left and by node entered, both `bucket_search.Arcs` with rows sorted by head.
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
    n = len(there.indptr) - 1
    # stage 1: the graph as rows of neighbours in one pool, which grow as shortcuts are added
    rows, end = _merged_rows(there, back, far)
    # stage 2: nodes by degree, so that the least is at hand
    lists = _listed_by_degree(rows.degree)
    first, listed = lists.first, lists.listed
    # stage 3: eliminate the node of least degree, joining its neighbours by shortcuts (minimum degree).
    # Invariant: rows hold nodes not yet eliminated, at the length of shortest paths over eliminated ones.
    order = np.empty(n, np.int32)
    rank = np.empty(n, np.int32)
    slot = np.full(n, np.int64(-1), np.int64)
    least = 0
    for k in range(n):
        while first[least] == NONE:
            least += 1
        gone = first[least]
        _move(gone, listed[gone], -1, lists)
        order[k], rank[gone] = gone, k
        base, count = rows.start[gone], rows.degree[gone]
        for i in range(count):
            neighbour = rows.to[base + i]
            _drop(neighbour, gone, rows)
            # a row without room for the shortcuts moves to the end of the pool
            if rows.degree[neighbour] + count - 1 > rows.room[neighbour]:
                rows, end = _with_room(rows, neighbour, 2 * max(rows.room[neighbour], count), end)
            _join_over(neighbour, base, count, i, rows, slot, far)
            new = min(rows.degree[neighbour], MOST_DEGREE)
            if new != listed[neighbour]:
                _move(neighbour, listed[neighbour], new, lists)
                listed[neighbour] = new
                least = min(least, new)
    # stage 4: renumber by the elimination tree, and pack the rows, which hold later nodes only
    position = _tree_positions(rows, rank, order)
    up_indptr, up_head, up_out, up_into = _packed(rows, position)
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
    # stage 1, up: every node that a seed's climb can meet hands its keys to its later neighbours
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
    # stage 2, down: a node's later neighbours are final by now, and one of them lies on its shortest path
    for i in range(n):
        for arc in range(indptr[i], indptr[i + 1]):
            u = head[arc]
            weight = lanes.dtype.type(descend[arc] << bits)
            for k in range(width):
                new = lanes.dtype.type(lanes[u, k] + weight)
                lanes[i, k] = min(lanes[i, k], new)
