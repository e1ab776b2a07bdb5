"""Reached lines: every edge that a bounded search touched, cut to the millimetre where the cost runs out.

A *place* on an edge can be left or entered along it from *anchors*: the edge's end nodes, as far as the
search settled them, and the sources that lie on the edge. Between two neighbouring anchors each reaches
some way towards the other; where both reach further than half-way they share the stretch at the
watershed, the place equally far from both.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = [
    "DirectedEdges",
    "EdgeSources",
    "NodeEdges",
    "NodeLabels",
    "StraightEdges",
    "cut_edges",
    "edges_of_nodes",
    "piece_segments",
]

CLOSED = -1
"""Cost of an edge in a direction in which nobody may go."""


class NodeEdges(NamedTuple):
    """All edges at each node, parallel ones too, as compressed rows sorted by edge.

    Attributes
    ----------
    first : int32, nodes + 1
    edge : int32, ``edge[first[n]:first[n + 1]]`` are the edges at node n
    """

    first: NDArray[np.int32]
    edge: NDArray[np.int32]


class DirectedEdges(NamedTuple):
    """Edges as a search goes over them, int32.

    Attributes
    ----------
    u, v : end nodes
    length : millimetres
    forward, backward : cost of the whole edge from u to v and from v to u in the direction of the search
        (swapped for a search towards the sources); `CLOSED` where nobody may go
    """

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length: NDArray[np.int32]
    forward: NDArray[np.int32]
    backward: NDArray[np.int32]


class StraightEdges(NamedTuple):
    """Edges as straight lines: end nodes and millimetres by edge, places in metres by node."""

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class NodeLabels(NamedTuple):
    """What a bounded search left at the nodes.

    Attributes
    ----------
    touched : int32, nodes the search settled
    cost : one per node, larger than any limit where not settled
    owner : int32, one per node, whose source reached it; empty if all belong to owner 0
    """

    touched: NDArray[np.int32]
    cost: NDArray[np.integer]
    owner: NDArray[np.int32]


class EdgeSources(NamedTuple):
    """Places on edges that a search started from, int32, sorted by edge and offset (mm from u)."""

    edge: NDArray[np.int32]
    offset: NDArray[np.int32]
    cost: NDArray[np.int32]
    owner: NDArray[np.int32]


class Anchor(NamedTuple):
    """A place of known cost from which an edge is entered."""

    cost: int
    owner: int


class Span(NamedTuple):
    """The part of an edge between two neighbouring anchors.

    Attributes
    ----------
    edge, at, span : the edge, where the part begins, how long it is (mm)
    length, rightward, leftward : length of the whole edge (mm), and its cost either way
    """

    edge: int
    at: int
    span: int
    length: int
    rightward: int
    leftward: int


@njit(cache=True, nogil=True)
def edges_of_nodes(n_nodes, u, v):
    """The `NodeEdges` of a graph whose edges run between nodes `u` and `v` (a counting sort)."""
    # how many edges meet each node, summed up to where its row begins
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
    return NodeEdges(first, edge)


@njit(cache=True, nogil=True)
def extent(cost, limit, rate, length, span):
    """Millimetres reached from an anchor along an edge of `length` that costs `rate` as a whole."""
    # nothing from an anchor out of reach or against a closed direction
    if rate == CLOSED or cost > limit:
        return np.int64(0)
    if rate == 0:
        return np.int64(span)
    # cost left x length / rate, cut down to whole millimetres
    return min(np.int64(span), (np.int64(limit) - cost) * np.int64(length) // rate)


@njit(cache=True, nogil=True)
def watershed(left_cost, right_cost, rightward, leftward, length, span, left, right):
    """Millimetres from the left anchor to the place equally far from both, given how far each reaches."""
    # Both costs are equal at x: left_cost + rightward x / length = right_cost + leftward (span - x) / length.
    least = span - right
    if rightward + leftward == 0:
        return left if left_cost <= right_cost else least
    ahead = (np.int64(right_cost) - left_cost) * length + np.int64(leftward) * span
    return max(least, min(left, ahead // (np.int64(rightward) + leftward)))


@njit(cache=True, nogil=True)
def put_piece(pieces, n, e, start, end, owner, fresh):
    """Add one piece, or lengthen the one before where they meet and have one owner. Returns the count."""
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
def put_span(pieces, n, part, left, right, limit, fresh):
    """Add what is reached of a `Span` between two neighbouring `Anchor`s. Returns the count."""
    e, at, span, length, rightward, leftward = part
    from_left = extent(left.cost, limit, rightward, length, span)
    from_right = extent(right.cost, limit, leftward, length, span)
    # the two remainders do not meet: unreached ground lies between
    if from_left + from_right < span:
        n = put_piece(pieces, n, e, at, at + from_left, left.owner, fresh)
        return put_piece(pieces, n, e, at + span - from_right, at + span, right.owner, fresh)
    # reached whole, and of one owner
    if left.owner == right.owner or from_left == 0 or from_right == 0:
        owner = left.owner if from_left > 0 else right.owner
        return put_piece(pieces, n, e, at, at + span, owner, fresh)
    # two owners share it at the watershed
    cut = watershed(left.cost, right.cost, rightward, leftward, length, span, from_left, from_right)
    n = put_piece(pieces, n, e, at, at + cut, left.owner, fresh)
    return put_piece(pieces, n, e, at + cut, at + span, right.owner, fresh)


@njit(cache=True, nogil=True)
def put_source_edge(pieces, n, e, edges, labels, sources, first_source, last_source, limit):
    """Add what is reached of an edge that sources ``first_source:last_source`` lie on. Returns the count."""
    length = np.int64(edges.length[e])
    rightward, leftward = np.int64(edges.forward[e]), np.int64(edges.backward[e])
    u, v = edges.u[e], edges.v[e]
    # stage 1: the anchors from u to v: the end nodes, and between them the sources
    anchors = last_source - first_source + 2
    place = np.empty(anchors, np.int64)
    cost = np.empty(anchors, np.int64)
    owner = np.zeros(anchors, np.int64)
    place[0], cost[0] = 0, labels.cost[u]
    place[anchors - 1], cost[anchors - 1] = length, labels.cost[v]
    if len(labels.owner) > 0:
        owner[0], owner[anchors - 1] = labels.owner[u], labels.owner[v]
    for k in range(1, anchors - 1):
        s = first_source + k - 1
        place[k], cost[k], owner[k] = sources.offset[s], sources.cost[s], sources.owner[s]
    # stage 2: an anchor may be cheaper by way of its neighbour: relax along the edge, then back
    if rightward != CLOSED:
        for k in range(1, anchors):
            through = cost[k - 1] + (place[k] - place[k - 1]) * rightward // max(1, length)
            if through < cost[k] or (through == cost[k] and owner[k - 1] < owner[k]):
                cost[k], owner[k] = through, owner[k - 1]
    if leftward != CLOSED:
        for k in range(anchors - 2, -1, -1):
            through = cost[k + 1] + (place[k + 1] - place[k]) * leftward // max(1, length)
            if through < cost[k] or (through == cost[k] and owner[k + 1] < owner[k]):
                cost[k], owner[k] = through, owner[k + 1]
    # stage 3: the spans between neighbouring anchors
    for k in range(anchors - 1):
        part = Span(e, place[k], place[k + 1] - place[k], length, rightward, leftward)
        left, right = Anchor(cost[k], owner[k]), Anchor(cost[k + 1], owner[k + 1])
        n = put_span(pieces, n, part, left, right, limit, np.int64(1))
    return n


@njit(cache=True, nogil=True)
def cut_edges(at_nodes, edges, labels, sources, limit, before):
    """Everything reached within `limit`, as pieces of edges.

    Parameters
    ----------
    at_nodes, edges
        The graph: `NodeEdges` and `DirectedEdges`.
    labels
        What the search left at the nodes, `NodeLabels`.
    sources
        Where it started, `EdgeSources`.
    limit, before : int
        Cost within which places are reached, and that of the band before (-1: none).

    Returns
    -------
    int32, n × 5
        edge, start and end in mm from u, owner, and whether it may hold more than in the band before.
        Pieces of one edge follow one another from u to v and never overlap.
    """
    first, edge = at_nodes
    u, v, length, forward, backward = edges
    touched, cost, owner = labels
    source_edge = sources.edge
    owned = len(owner) > 0
    # stage 1: room for two pieces per edge at a settled node, and two per source
    most = 0
    for k in range(len(touched)):
        if cost[touched[k]] <= limit:
            most += first[touched[k] + 1] - first[touched[k]]
    pieces = np.empty((2 * most + 2 * len(source_edge) + 2 * len(source_edge) + 2, 5), np.int32)
    # whole numbers of one width from here on: each mixture of widths would be compiled by itself
    limit, n = np.int64(limit), np.int64(0)
    # stage 2: edges without a source, each at the first of its ends that it can be entered from
    for k in range(len(touched)):
        node = touched[k]
        if cost[node] > limit:
            continue
        for row in range(first[node], first[node + 1]):
            e = np.int64(edge[row])
            left = np.int64(cost[u[e]])
            right = np.int64(cost[v[e]])
            from_u = left <= limit and forward[e] != CLOSED
            if node != u[e] and from_u:
                continue
            if node == u[e] and not from_u:
                continue
            if len(source_edge) > 0:
                at = np.searchsorted(source_edge, e)
                if at < len(source_edge) and source_edge[at] == e:
                    continue
            size = np.int64(length[e])
            ahead, back = np.int64(forward[e]), np.int64(backward[e])
            # what the band before reached as a whole has nothing new
            fresh = np.int64(1)
            if before >= 0 and (
                extent(left, before, ahead, size, size) + extent(right, before, back, size, size) >= size
            ):
                fresh = np.int64(0)
            part = Span(e, np.int64(0), size, size, ahead, back)
            at_u = Anchor(left, np.int64(owner[u[e]]) if owned else np.int64(0))
            at_v = Anchor(right, np.int64(owner[v[e]]) if owned else np.int64(0))
            n = put_span(pieces, n, part, at_u, at_v, limit, fresh)
    # stage 3: edges with sources, whose rows are neighbours
    k = np.int64(0)
    while k < len(source_edge):
        e = np.int64(source_edge[k])
        last = k
        while last < len(source_edge) and source_edge[last] == e:
            last += 1
        n = put_source_edge(pieces, n, e, edges, labels, sources, k, last, limit)
        k = last
    return pieces[:n].copy()


@njit(cache=True, nogil=True)
def piece_segments(pieces, streets, walks):
    """Pieces of `StraightEdges`, and the access walks after them, as ``ax, ay, bx, by`` in metres."""
    u, v, length, x, y = streets
    n = len(pieces)
    segments = np.empty((n + len(walks), 4), np.float64)
    for k in range(n):
        e = pieces[k, 0]
        ax, ay = x[u[e]], y[u[e]]
        dx, dy = x[v[e]] - ax, y[v[e]] - ay
        # edges are straight: a place is a share of the way
        start = pieces[k, 1] / length[e]
        end = pieces[k, 2] / length[e]
        segments[k, 0] = ax + start * dx
        segments[k, 1] = ay + start * dy
        segments[k, 2] = ax + end * dx
        segments[k, 3] = ay + end * dy
    for k in range(len(walks)):
        for i in range(4):
            segments[n + k, i] = walks[k, i]
    return segments
