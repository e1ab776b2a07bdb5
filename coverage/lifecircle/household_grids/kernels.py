"""Compiled loops that divide a connected graph into connected parts of much the same weight.

A part is split along a spanning tree: cutting one branch leaves two connected parts. Moving single points
between neighbouring parts then evens them out, and never breaks one.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["balance_parts", "split_tree"]

_NO_GAIN = 1e-9
"""A move that evens out no more than this is one of rounding, and could be made forever."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def split_tree(indptr: Ints, head: Ints, length: Floats, weight: Floats, parts: int) -> Ints:
    """Part of every point, 0 to `parts` - 1: recursively, at the branch that divides the weight best.

    Parameters
    ----------
    indptr, head, length : the connected graph, both directions of every link
    weight : >= 0; at least `parts` points weigh more than 0
    parts : number of parts, each of which gets a point that weighs something
    """
    label = np.zeros(len(weight), np.int64)
    wanted = np.zeros(parts, np.int64)
    wanted[0] = parts
    made, undone = 1, [0]
    # Halve parts at their best branch until each is one.
    while undone:
        part = undone.pop()
        if wanted[part] == 1:
            continue
        # a branch of the part's spanning tree becomes a part of its own, as does the rest
        order, parent = _tree(indptr, head, length, label, part)
        branch, share = _best_branch(order, parent, weight, wanted[part])
        inside = np.zeros(len(weight), np.bool_)
        for point in order:
            inside[point] = point == branch or (parent[point] >= 0 and inside[parent[point]])
            if inside[point]:
                label[point] = made
        wanted[part] -= share
        wanted[made] = share
        undone.append(part)
        undone.append(made)
        made += 1
    return label


@njit(cache=True, nogil=True)
def _tree(indptr: Ints, head: Ints, length: Floats, label: Ints, part: int) -> tuple[Ints, Ints]:
    """The shortest spanning tree of one part (Prim, 1957): its points in order of joining, their parents."""
    parent = np.full(len(label), -1, np.int64)
    joined = np.zeros(len(label), np.bool_)
    order = np.empty(len(label), np.int64)
    first = np.flatnonzero(label == part)[0]
    heap = [(0.0, first, -1)]
    count = 0
    while heap:
        _, point, above = heapq.heappop(heap)
        # a point that joined by a shorter link
        if joined[point]:
            continue
        joined[point] = True
        parent[point] = above
        order[count] = point
        count += 1
        for arc in range(indptr[point], indptr[point + 1]):
            other = head[arc]
            if label[other] == part and not joined[other]:
                heapq.heappush(heap, (length[arc], other, point))
    return order[:count], parent


@njit(cache=True, nogil=True)
def _best_branch(order: Ints, parent: Ints, weight: Floats, parts: int) -> tuple[int, int]:
    """The branch to cut off and the number of parts it is to become, so that parts weigh much the same."""
    # Weight and peopled points of the branch below each point, from the leaves up.
    below = weight.copy()
    peopled = (weight > 0).astype(np.int64)
    for at in range(len(order) - 1, 0, -1):
        point = order[at]
        below[parent[point]] += below[point]
        peopled[parent[point]] += peopled[point]
    # Cut where both sides come nearest to the mean of the parts they are to become.
    whole, everybody = below[order[0]], peopled[order[0]]
    mean = whole / parts
    branch, share, least = -1, 0, np.inf
    for at in range(1, len(order)):
        point = order[at]
        near = int(below[point] / mean)
        for count in (near, near + 1):
            bounded = min(max(count, 1), parts - 1)
            if peopled[point] < bounded or everybody - peopled[point] < parts - bounded:
                bounded = min(max(peopled[point], 1), parts - 1)
                if peopled[point] < bounded or everybody - peopled[point] < parts - bounded:
                    continue
            apart = max(
                abs(below[point] / bounded - mean), abs((whole - below[point]) / (parts - bounded) - mean)
            )
            if apart < least:
                branch, share, least = point, bounded, apart
    return branch, share


@njit(cache=True, nogil=True)
def balance_parts(indptr: Ints, head: Ints, weight: Floats, label: Ints, parts: int) -> Ints:
    """The parts after points have moved to lighter neighbouring parts, for as long as that evens them out.

    Every move lowers the sum of the squared weights, so it ends; a part stays connected and never loses
    its last point that weighs something.
    """
    label = label.copy()
    total = np.zeros(parts)
    peopled = np.zeros(parts, np.int64)
    for point in range(len(weight)):
        total[label[point]] += weight[point]
        peopled[label[point]] += weight[point] > 0
    moved = True
    while moved:
        moved = False
        for point in range(len(weight)):
            if weight[point] <= 0:
                continue
            # the move that gains most: the two parts' squared weights fall by 2 w (home - goal - w)
            home, goal, most = label[point], -1, _NO_GAIN
            for arc in range(indptr[point], indptr[point + 1]):
                other = label[head[arc]]
                gain = total[home] - total[other] - weight[point]
                if other != home and gain > most:
                    goal, most = other, gain
            if goal >= 0 and peopled[home] > 1 and _holds_without(indptr, head, label, point):
                label[point] = goal
                total[home] -= weight[point]
                total[goal] += weight[point]
                peopled[home] -= 1
                peopled[goal] += 1
                moved = True
    return label


@njit(cache=True, nogil=True)
def _holds_without(indptr: Ints, head: Ints, label: Ints, point: int) -> bool:
    """Whether a part stays connected when one of its points leaves."""
    home = label[point]
    # Search from one neighbour without the point: all its neighbours of the part must be met.
    seen = np.zeros(len(label), np.bool_)
    seen[point] = True
    waiting = [point]
    waiting.pop()
    neighbours = 0
    for arc in range(indptr[point], indptr[point + 1]):
        if label[head[arc]] == home and head[arc] != point:
            neighbours += 1
            if len(waiting) == 0:
                waiting.append(head[arc])
                seen[head[arc]] = True
    # a point without a neighbour in its part would leave it empty; with one it is a leaf
    if neighbours < 2:
        return neighbours == 1
    while waiting:
        at = waiting.pop()
        for arc in range(indptr[at], indptr[at + 1]):
            other = head[arc]
            if label[other] == home and not seen[other]:
                seen[other] = True
                waiting.append(other)
    for arc in range(indptr[point], indptr[point + 1]):
        if label[head[arc]] == home and not seen[head[arc]]:
            return False
    return True
