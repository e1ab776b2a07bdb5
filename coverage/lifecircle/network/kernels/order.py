"""Numbering for locality: neighbours on the ground become neighbours in memory."""

import numpy as np

from lifecircle.jit import njit

__all__ = ["adjacency", "ascending", "grouped", "hilbert_keys"]

HALF_SIDE = 32768
LAST_CELL = 65535
"""Of the square that the Hilbert curve runs through: half its side, and its last cell, in cells."""


@njit(cache=True, nogil=True)
def hilbert_keys(x, y, west, south, side):
    """Position of each place along a Hilbert curve of 65536 x 65536 cells over a square.

    Parameters
    ----------
    x, y
        float64, places.
    west, south, side
        The square's corner and side, in the same unit; `side` > 0.

    Returns
    -------
    int64 array
        Position along the curve.
    """
    keys = np.empty(len(x), np.int64)
    scale = LAST_CELL / side
    for i in range(len(x)):
        cx = np.int64((x[i] - west) * scale)
        cy = np.int64((y[i] - south) * scale)
        key = np.int64(0)
        half = np.int64(HALF_SIDE)
        # from the coarsest quadrant to the finest; within each the curve is turned or mirrored
        while half > 0:
            rx = np.int64(1) if cx & half else np.int64(0)
            ry = np.int64(1) if cy & half else np.int64(0)
            key += half * half * ((3 * rx) ^ ry)
            if ry == 0:
                if rx == 1:
                    cx = LAST_CELL - cx
                    cy = LAST_CELL - cy
                cx, cy = cy, cx
            half >>= 1
        keys[i] = key
    return keys


@njit(cache=True, nogil=True)
def adjacency(n_nodes, tail, head, cost, edge):
    """Arcs as compressed rows; of parallel arcs the cheapest stays, of equal ones the smaller edge.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    tail, head, cost, edge
        int32, one per arc; no self-loops. `edge` may repeat.

    Returns
    -------
    tuple of int32 arrays
        ``indptr`` (n_nodes + 1), ``head``, ``cost``, ``edge``; within a row sorted by head.
    """
    # stage 1: arcs by the node they leave (a counting sort)
    start = np.zeros(n_nodes + 1, np.int32)
    for i in range(len(tail)):
        start[tail[i] + 1] += 1
    for i in range(n_nodes):
        start[i + 1] += start[i]
    fill = start[:-1].copy()
    row = np.empty(len(tail), np.int32)
    for i in range(len(tail)):
        row[fill[tail[i]]] = i
        fill[tail[i]] += 1
    # stage 2: each row sorted by head through insertion, for rows are short
    indptr = np.zeros(n_nodes + 1, np.int32)
    out_head = np.empty(len(tail), np.int32)
    out_cost = np.empty(len(tail), np.int32)
    out_edge = np.empty(len(tail), np.int32)
    end = 0
    for node in range(n_nodes):
        first = end
        for k in range(start[node], start[node + 1]):
            arc = row[k]
            at = end
            while at > first and out_head[at - 1] > head[arc]:
                at -= 1
            # a parallel arc: the cheaper one stays, of equal ones the smaller edge
            if at > first and out_head[at - 1] == head[arc]:
                better = cost[arc] < out_cost[at - 1]
                if better or (cost[arc] == out_cost[at - 1] and edge[arc] < out_edge[at - 1]):
                    out_cost[at - 1] = cost[arc]
                    out_edge[at - 1] = edge[arc]
                continue
            for shift in range(end, at, -1):
                out_head[shift] = out_head[shift - 1]
                out_cost[shift] = out_cost[shift - 1]
                out_edge[shift] = out_edge[shift - 1]
            out_head[at] = head[arc]
            out_cost[at] = cost[arc]
            out_edge[at] = edge[arc]
            end += 1
        indptr[node + 1] = end
    return indptr, out_head[:end].copy(), out_cost[:end].copy(), out_edge[:end].copy()


@njit(cache=True, nogil=True)
def grouped(code, groups):
    """Positions sorted by a code, equal ones in their order (a counting sort).

    Parameters
    ----------
    code
        Integers below `groups`; negative ones are left out.
    groups
        Number of codes.

    Returns
    -------
    start, order : int64
        ``order[start[c]:start[c + 1]]`` are the positions of code ``c``.
    """
    # how many of each code, summed up to where each begins
    start = np.zeros(groups + 1, np.int64)
    for i in range(len(code)):
        if code[i] >= 0:
            start[code[i] + 1] += 1
    for c in range(groups):
        start[c + 1] += start[c]
    # positions into their places, in their order
    fill = start[:-1].copy()
    order = np.empty(start[groups], np.int64)
    for i in range(len(code)):
        if code[i] >= 0:
            order[fill[code[i]]] = i
            fill[code[i]] += 1
    return start, order


@njit(cache=True, nogil=True)
def ascending(first, second):
    """Whether pairs of codes ascend strictly, by the first and then by the second."""
    for i in range(1, len(first)):
        if first[i] < first[i - 1] or (first[i] == first[i - 1] and second[i] <= second[i - 1]):
            return False
    return True
