"""Reached lines: every edge that a bounded search touched, cut to the millimetre where the cost runs out.

A *place* on an edge can be left or entered along it from *anchors*: the edge's end nodes, as far as the
search settled them, and the sources that lie on the edge. Between two neighbouring anchors each reaches
some way towards the other; where both reach further than half-way they share the stretch at the
watershed, the place equally far from both.
"""

import numpy as np
from numba import njit

UNREACHED = np.iinfo(np.int32).max
CLOSED = -1


@njit(cache=True, nogil=True)
def edges_of_nodes(n_nodes, u, v):
    """All edges at each node, parallel ones too, as compressed rows sorted by edge.

    Returns
    -------
    first : int32, nodes + 1
    edge : int32, ``first[n]:first[n + 1]`` are the edges at node n
    """
    first = np.zeros(n_nodes + 1, np.int32)
    for e in range(len(u)):
        first[u[e] + 1] += 1
        first[v[e] + 1] += 1
    for n in range(n_nodes):
        first[n + 1] += first[n]
    fill = first[:-1].copy()
    edge = np.empty(2 * len(u), np.int32)
    for e in range(len(u)):
        edge[fill[u[e]]] = e
        fill[u[e]] += 1
        edge[fill[v[e]]] = e
        fill[v[e]] += 1
    return first, edge


@njit(cache=True, nogil=True)
def extent(cost, limit, rate, length, span):
    """Millimetres reached from an anchor along an edge of `length` that costs `rate` as a whole."""
    if rate == CLOSED or cost > limit:
        return np.int64(0)
    if rate == 0:
        return np.int64(span)
    return min(np.int64(span), (np.int64(limit) - cost) * np.int64(length) // rate)


@njit(cache=True, nogil=True)
def watershed(left_cost, right_cost, rightward, leftward, length, span, left, right):
    """Millimetres from the left anchor to the place equally far from both, given how far each reaches."""
    least = span - right
    if rightward + leftward == 0:
        return left if left_cost <= right_cost else least
    ahead = (np.int64(right_cost) - left_cost) * length + np.int64(leftward) * span
    return max(least, min(left, ahead // (np.int64(rightward) + leftward)))


@njit(cache=True, nogil=True)
def put_piece(pieces, n, e, start, end, owner, fresh):
    """Add one piece, or lengthen the one before where they meet and belong together. Returns the count."""
    if end <= start:
        return n
    if n > 0 and pieces[n - 1, 0] == e and pieces[n - 1, 2] == start and pieces[n - 1, 3] == owner:
        pieces[n - 1, 2] = end
        return n
    pieces[n, 0] = e
    pieces[n, 1] = start
    pieces[n, 2] = end
    pieces[n, 3] = owner
    pieces[n, 4] = fresh
    return n + 1


@njit(cache=True, nogil=True)
def put_span(
    pieces, n, e, at, span, length,
    left_cost, left_owner, right_cost, right_owner, rightward, leftward, limit, fresh,
):  # fmt: skip
    """Add what is reached between two neighbouring anchors. Returns the count."""
    left = extent(left_cost, limit, rightward, length, span)
    right = extent(right_cost, limit, leftward, length, span)
    if left + right < span:
        n = put_piece(pieces, n, e, at, at + left, left_owner, fresh)
        return put_piece(pieces, n, e, at + span - right, at + span, right_owner, fresh)
    if left_owner == right_owner or left == 0 or right == 0:
        owner = left_owner if left > 0 else right_owner
        return put_piece(pieces, n, e, at, at + span, owner, fresh)
    cut = watershed(left_cost, right_cost, rightward, leftward, length, span, left, right)
    n = put_piece(pieces, n, e, at, at + cut, left_owner, fresh)
    return put_piece(pieces, n, e, at + cut, at + span, right_owner, fresh)


@njit(cache=True, nogil=True)
def put_source_edge(
    pieces, n, e, length, ends_cost, ends_owner, offset, cost, owner, rightward, leftward, limit
):  # fmt: skip
    """Add what is reached of an edge that sources lie on. Returns the count.

    `ends_cost` and `ends_owner` are those of nodes u and v; `offset`, `cost` and `owner` of the
    sources, sorted by offset.
    """
    many = len(offset) + 2
    place = np.empty(many, np.int64)
    far = np.empty(many, np.int64)
    whose = np.empty(many, np.int64)
    place[0], far[0], whose[0] = 0, ends_cost[0], ends_owner[0]
    place[many - 1], far[many - 1], whose[many - 1] = length, ends_cost[1], ends_owner[1]
    for k in range(len(offset)):
        place[k + 1], far[k + 1], whose[k + 1] = offset[k], cost[k], owner[k]
    if rightward != CLOSED:
        for k in range(1, many):
            through = far[k - 1] + (place[k] - place[k - 1]) * rightward // max(1, length)
            if through < far[k] or (through == far[k] and whose[k - 1] < whose[k]):
                far[k], whose[k] = through, whose[k - 1]
    if leftward != CLOSED:
        for k in range(many - 2, -1, -1):
            through = far[k + 1] + (place[k + 1] - place[k]) * leftward // max(1, length)
            if through < far[k] or (through == far[k] and whose[k + 1] < whose[k]):
                far[k], whose[k] = through, whose[k + 1]
    for k in range(many - 1):
        n = put_span(
            pieces, n, e, place[k], place[k + 1] - place[k], length,
            far[k], whose[k], far[k + 1], whose[k + 1], rightward, leftward, limit, 1,
        )  # fmt: skip
    return n


@njit(cache=True, nogil=True)
def cut_edges(
    first, edge, u, v, length, forward, backward, touched, distance, owner,
    source_edge, source_offset, source_cost, source_owner, limit, before,
):  # fmt: skip
    """Everything reached within `limit`, as pieces of edges.

    Parameters
    ----------
    first, edge
        `edges_of_nodes`.
    u, v, length : int32, one per edge
    forward, backward : int32, one per edge
        Cost of the whole edge from u to v and from v to u in the direction of the search (swapped for
        a search towards the sources); -1 where closed.
    touched : int32
        Nodes the search settled.
    distance : int32, one per node
        Their cost; larger than any limit elsewhere.
    owner : int32, one per node, or empty
        Which source's owner each node belongs to; empty if all belong to owner 0.
    source_edge, source_offset, source_cost, source_owner : int32
        Sources, sorted by edge and offset.
    limit, before : int
        Cost within which places are reached, and that of the band before (-1: none).

    Returns
    -------
    int32, n × 5
        edge, start and end in mm from u, owner, and whether it may hold more than in the band before.
        Pieces of one edge follow one another from u to v and never overlap.
    """
    owned = len(owner) > 0
    most = 0
    for k in range(len(touched)):
        if distance[touched[k]] <= limit:
            most += first[touched[k] + 1] - first[touched[k]]
    pieces = np.empty((2 * most + 2 * len(source_edge) + 2 * len(source_edge) + 2, 5), np.int32)
    n = 0
    for k in range(len(touched)):
        node = touched[k]
        if distance[node] > limit:
            continue
        for row in range(first[node], first[node + 1]):
            e = edge[row]
            left = distance[u[e]]
            right = distance[v[e]]
            from_u = left <= limit and forward[e] != CLOSED
            if node != u[e] and from_u:
                continue
            if node == u[e] and not from_u:
                continue
            if len(source_edge) > 0:
                at = np.searchsorted(source_edge, e)
                if at < len(source_edge) and source_edge[at] == e:
                    continue
            size = length[e]
            fresh = 1
            if before >= 0 and (
                extent(left, before, forward[e], size, size) + extent(right, before, backward[e], size, size)
                >= size
            ):
                fresh = 0
            n = put_span(
                pieces, n, e, 0, size, size, left, owner[u[e]] if owned else 0,
                right, owner[v[e]] if owned else 0, forward[e], backward[e], limit, fresh,
            )  # fmt: skip
    ends_cost = np.empty(2, np.int64)
    ends_owner = np.zeros(2, np.int64)
    k = 0
    while k < len(source_edge):
        e = source_edge[k]
        last = k
        while last < len(source_edge) and source_edge[last] == e:
            last += 1
        ends_cost[0] = distance[u[e]]
        ends_cost[1] = distance[v[e]]
        if owned:
            ends_owner[0] = owner[u[e]]
            ends_owner[1] = owner[v[e]]
        n = put_source_edge(
            pieces, n, e, length[e], ends_cost, ends_owner,
            source_offset[k:last], source_cost[k:last], source_owner[k:last],
            forward[e], backward[e], limit,
        )  # fmt: skip
        k = last
    return pieces[:n].copy()


@njit(cache=True, nogil=True)
def piece_segments(pieces, u, v, length, x, y, od):
    """Pieces of straight edges, and the access walks after them, as ``ax, ay, bx, by`` in metres."""
    n = len(pieces)
    segments = np.empty((n + len(od), 4), np.float64)
    for k in range(n):
        e = pieces[k, 0]
        ax, ay = x[u[e]], y[u[e]]
        dx, dy = x[v[e]] - ax, y[v[e]] - ay
        start = pieces[k, 1] / length[e]
        end = pieces[k, 2] / length[e]
        segments[k, 0] = ax + start * dx
        segments[k, 1] = ay + start * dy
        segments[k, 2] = ax + end * dx
        segments[k, 3] = ay + end * dy
    segments[n:] = od
    return segments
