"""Whether rings neither cross nor touch themselves or each other, by one sweep over their vertices.

Shamos and Hoey (1976): a line moves over the plane from west to east, and the sides it meets are kept in
their order from south to north. Two sides that cross are neighbours just before they do, so it is enough to
hold neighbours against each other whenever they become such: n log n steps, however the rings wind. The order
is kept in a treap whose nodes are also a list. Whatever rounding leaves in doubt counts as a touch.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["rings_are_apart"]

_DOUBT: Final = 3.3306690738754716e-16
"""Of the terms of a determinant: its sign is certain beyond (Shewchuk 1997, ccwerrboundA)."""
_NONE: Final = -1


@njit(cache=True, nogil=True)
def _side(x: NDArray[np.float64], y: NDArray[np.float64], start: int, end: int, at: int) -> int:
    """1 where a vertex lies left of the line between two others, -1 right of it, 0 where it is in doubt."""
    left = (x[start] - x[at]) * (y[end] - y[at])
    right = (y[start] - y[at]) * (x[end] - x[at])
    doubt = _DOUBT * (abs(left) + abs(right))
    if left - right > doubt:
        return 1
    if right - left > doubt:
        return -1
    return 0


@njit(cache=True, nogil=True)
def _are_apart(
    x: NDArray[np.float64], y: NDArray[np.float64], ends: NDArray[np.int64], one: int, other: int
) -> bool:
    """Whether two sides share no more than a vertex; also True where there is no such neighbour."""
    if one == _NONE or other == _NONE:
        return True
    a, b, c, d = ends[0, one], ends[1, one], ends[0, other], ends[1, other]
    if a == c:
        return _side(x, y, a, b, d) != 0
    if b == d:
        return _side(x, y, b, a, c) != 0
    if b == c or a == d:
        return False
    near, far = _side(x, y, a, b, c), _side(x, y, a, b, d)
    if near == far and near != 0:
        return True
    near, far = _side(x, y, c, d, a), _side(x, y, c, d, b)
    return near == far and near != 0


@njit(cache=True, nogil=True)
def _put_in_place_of(tree: NDArray[np.int64], root: int, old: int, new: int) -> int:
    """Hang a node, or none, where another hangs; the root afterwards."""
    parent = tree[2, old]
    if new != _NONE:
        tree[2, new] = parent
    if parent == _NONE:
        return new
    tree[0 if tree[0, parent] == old else 1, parent] = new
    return root


@njit(cache=True, nogil=True)
def _lifted(tree: NDArray[np.int64], root: int, node: int) -> int:
    """Turn a node with its parent, so that it is the higher one; the root afterwards."""
    parent = tree[2, node]
    side = 0 if tree[0, parent] == node else 1
    inner = tree[1 - side, node]
    root = _put_in_place_of(tree, root, parent, node)
    tree[side, parent] = inner
    if inner != _NONE:
        tree[2, inner] = parent
    tree[1 - side, node], tree[2, parent] = parent, node
    return root


@njit(cache=True, nogil=True)
def _inserted(tree: NDArray[np.int64], weight: NDArray[np.uint64], root: int, node: int, below: int) -> int:
    """Put a node next above another, or lowest of all; the root afterwards."""
    above = tree[4, below] if below != _NONE else _NONE
    if below == _NONE and root != _NONE:
        above = root
        while tree[0, above] != _NONE:
            above = tree[0, above]
    # one of two neighbours in order has room on the side of the other
    tree[0, node] = tree[1, node] = tree[2, node] = _NONE
    if below != _NONE and tree[1, below] == _NONE:
        tree[1, below], tree[2, node] = node, below
    elif above != _NONE:
        tree[0, above], tree[2, node] = node, above
    else:
        root = node
    tree[3, node], tree[4, node] = below, above
    if below != _NONE:
        tree[4, below] = node
    if above != _NONE:
        tree[3, above] = node
    while tree[2, node] != _NONE and weight[tree[2, node]] < weight[node]:
        root = _lifted(tree, root, node)
    return root


@njit(cache=True, nogil=True)
def _removed(tree: NDArray[np.int64], weight: NDArray[np.uint64], root: int, node: int) -> int:
    """Take a node out; the root afterwards."""
    while tree[0, node] != _NONE and tree[1, node] != _NONE:
        lower, upper = tree[0, node], tree[1, node]
        root = _lifted(tree, root, lower if weight[lower] > weight[upper] else upper)
    child = tree[0, node] if tree[0, node] != _NONE else tree[1, node]
    root = _put_in_place_of(tree, root, node, child)
    below, above = tree[3, node], tree[4, node]
    if below != _NONE:
        tree[4, below] = above
    if above != _NONE:
        tree[3, above] = below
    return root


@njit(cache=True, nogil=True)
def _exchanged(tree: NDArray[np.int64], weight: NDArray[np.uint64], root: int, old: int, new: int) -> int:
    """Put a side in the place of the one it goes on from; the root afterwards."""
    root = _put_in_place_of(tree, root, old, new)
    for row in range(5):
        if row != 2:
            tree[row, new] = tree[row, old]
    weight[new] = weight[old]
    for row in range(2):
        if tree[row, new] != _NONE:
            tree[2, tree[row, new]] = new
    below, above = tree[3, new], tree[4, new]
    if below != _NONE:
        tree[4, below] = new
    if above != _NONE:
        tree[3, above] = new
    return root


@njit(cache=True, nogil=True)
def rings_are_apart(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    onward: NDArray[np.int64],
    ring: NDArray[np.int64],
    hole: NDArray[np.bool_],
    polygon: NDArray[np.int64],
) -> bool:
    """Whether rings are certainly the outlines of valid polygons that lie apart.

    Parameters
    ----------
    x, y
        Vertices, each once: no ring repeats the first at its end.
    onward
        The vertex that follows each on its ring.
    ring
        The ring of each vertex.
    hole, polygon
        Of every ring: whether it is a hole, and the polygon that it is of.

    Returns
    -------
    bool
        True where no two sides meet but where one goes on from the other, every hole lies in the ground of
        its own polygon, and every other ring in none. False where any of this is not so, or in doubt.
    """
    # stage 1: vertices from west to east (from south to north of one meridian); no place twice
    count = len(x)
    order = np.argsort(y, kind="mergesort")
    order = order[np.argsort(x[order], kind="mergesort")]
    rank = np.empty(count, np.int64)
    for at in range(count):
        rank[order[at]] = at
        if at and x[order[at]] == x[order[at - 1]] and y[order[at]] == y[order[at - 1]]:
            return False
    # stage 2: sides, named by the vertex they begin at along the ring, from west to east
    back = np.empty(count, np.int64)
    ends = np.empty((2, count), np.int64)
    weight = np.empty(count, np.uint64)
    state = np.uint64(88172645463325252)
    for at in range(count):
        after = onward[at]
        back[after] = at
        first = rank[at] < rank[after]
        ends[0, at], ends[1, at] = (at, after) if first else (after, at)
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        weight[at] = state
    # rows: lower child, upper child, parent; next below, next above
    tree = np.full((5, count), _NONE, np.int64)
    solid_above = np.zeros(count, np.bool_)
    seen = np.zeros(len(hole), np.bool_)
    root = _NONE
    # stage 3: the sweep
    for at in range(count):
        vertex = order[at]
        one, other = back[vertex], vertex
        begins, goes_on = ends[0, one] == vertex, ends[0, other] == vertex
        if begins and goes_on:
            below, node = _NONE, root
            while node != _NONE:
                side = _side(x, y, ends[0, node], ends[1, node], vertex)
                if side == 0:
                    return False
                if side > 0:
                    below = node
                node = tree[1 if side > 0 else 0, node]
            solid = below != _NONE and solid_above[below]
            if not seen[ring[vertex]]:
                # its first vertex says what a ring lies in
                seen[ring[vertex]] = True
                if solid != hole[ring[vertex]]:
                    return False
                if solid and polygon[ring[below]] != polygon[ring[vertex]]:
                    return False
            side = _side(x, y, vertex, ends[1, one], ends[1, other])
            if side == 0:
                return False
            lower, upper = (one, other) if side > 0 else (other, one)
            solid_above[lower], solid_above[upper] = not solid, solid
            root = _inserted(tree, weight, root, lower, below)
            root = _inserted(tree, weight, root, upper, lower)
            if not (_are_apart(x, y, ends, below, lower) and _are_apart(x, y, ends, upper, tree[4, upper])):
                return False
        elif begins or goes_on:
            old, new = (other, one) if begins else (one, other)
            root = _exchanged(tree, weight, root, old, new)
            solid_above[new] = solid_above[old]
            if not (_are_apart(x, y, ends, tree[3, new], new) and _are_apart(x, y, ends, new, tree[4, new])):
                return False
        else:
            if tree[4, one] != other and tree[3, one] != other:
                return False
            root = _removed(tree, weight, root, one)
            below, above = tree[3, other], tree[4, other]
            root = _removed(tree, weight, root, other)
            if not _are_apart(x, y, ends, below, above):
                return False
    return True
