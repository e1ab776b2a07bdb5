"""The two sides of a search, laid out for the kernels: points to search from, points to be reached."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.kernels.bucket_search import Arcs, SearchWorkspace
from lifecircle.network.kernels.joins import EdgePlaces
from lifecircle.network.kernels.order import grouped
from lifecircle.network.kernels.reached import Ends, Starts
from lifecircle.network.keys import FAR, NARROW_LIMIT, WIDE_LIMIT
from lifecircle.network.routing.access_costs import AccessCosts

__all__ = [
    "arcs_of",
    "bucket_bits",
    "by_edge",
    "ends_of",
    "local_order",
    "places_of",
    "search_workspace",
    "starts_of",
]


class Graph(Protocol):
    """What is searched: a `Network`, or its `JunctionGraph`; edges of the one are stretches of the other."""

    @property
    def n_nodes(self) -> int: ...
    @property
    def nodes_ahead(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]: ...
    @property
    def nodes_behind(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]: ...
    @property
    def length_mm(self) -> NDArray[np.int32]: ...
    @property
    def indptr(self) -> NDArray[np.int32]: ...
    @property
    def head(self) -> NDArray[np.int32]: ...
    @property
    def cost(self) -> NDArray[np.int32]: ...
    @property
    def back_indptr(self) -> NDArray[np.int32]: ...
    @property
    def back_head(self) -> NDArray[np.int32]: ...
    @property
    def back_cost(self) -> NDArray[np.int32]: ...
    @property
    def symmetric(self) -> bool: ...
    @property
    def cache(self) -> Any: ...
    def __len__(self) -> int: ...


_MOST_BUCKETS_BITS: Final = 20
_BUCKET_ARCS: Final = 0.7
"""A bucket spans this many arcs of average cost (a city: 8 m): not sensitive."""

_BUCKET_STRETCHES: Final = 0.2
"""The same between junctions (20 m).

Lines across squares are far shorter than that: in wide buckets their ends are searched again and again.
"""


def arcs_of(graph: Graph, *, outward: bool) -> Arcs:
    """Adjacency along the streets, or against them."""
    if outward:
        return Arcs(graph.indptr, graph.head, graph.cost)
    return Arcs(graph.back_indptr, graph.back_head, graph.back_cost)


def bucket_bits(graph: Graph, limit: int, *, between_junctions: bool = False) -> int:
    """Bits of cost that one bucket spans."""
    # some average arcs, more where the limit would need too many buckets
    average = float(graph.cost.mean()) if len(graph.cost) else 1.0
    span = (_BUCKET_STRETCHES if between_junctions else _BUCKET_ARCS) * average
    return max(0, round(np.log2(max(span, 1))), limit.bit_length() - _MOST_BUCKETS_BITS)


def by_edge(graph: Graph, edge: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points sorted by the edge they joined, the unreached left out, and where each edge's begin."""
    by_code: tuple[NDArray[np.int64], NDArray[np.int64]] = grouped(edge, len(graph))
    return by_code


def places_of(access: AccessCosts) -> EdgePlaces:
    """Where points joined the streets, as the kernels take it."""
    return EdgePlaces(access.edge, access.walk, access.offset_mm, access.forward, access.backward)


def starts_of(
    graph: Graph,
    access: AccessCosts,
    group: NDArray[np.integer],
    groups: int,
    *,
    outward: bool,
    straight: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Starts:
    """Points to search from, by group; `straight` holds start, group of ends and cost of straight walks."""
    start, order = grouped(group, groups)
    # straight walks follow their points into the new order
    one, ends, cost = straight or (np.empty(0, np.int64),) * 3
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    by_place = np.argsort(place[one], kind="stable")
    walks = np.bincount(place[one], minlength=len(order))
    edge = access.edge[order]
    u, v = graph.nodes_ahead if outward else graph.nodes_behind
    return Starts(
        start=start,
        node_u=u[edge],
        node_v=v[edge],
        leg_u=(access.to_u if outward else access.from_u)[order],
        leg_v=(access.to_v if outward else access.from_v)[order],
        edge=edge,
        walk=access.walk[order],
        offset=access.offset_mm[order],
        forward=access.forward[order],
        backward=access.backward[order],
        straight_start=np.concatenate([[0], np.cumsum(walks)]).astype(np.int64),
        straight_group=ends[by_place],
        straight_cost=cost[by_place],
    )


def ends_of(
    graph: Graph,
    access: AccessCosts,
    group: NDArray[np.integer] | None = None,
    *,
    outward: bool,
    wide: bool,
) -> Ends:
    """Points to be reached when searching from the other side, for keys of 64 or 32 bits.

    Where each is a group of its own (no `group`), they are laid out once and kept as long as the legs.
    """
    if group is not None:
        return _ends(graph, access, group, outward=outward, wide=wide)
    # both directions are one where no street is one-way
    held: dict[Any, Ends] = graph.cache.of(access, dict)
    which = (outward or graph.symmetric, wide)
    if which not in held:
        held[which] = _ends(graph, access, None, outward=which[0], wide=wide)
    return held[which]


def _ends(
    graph: Graph, access: AccessCosts, group: NDArray[np.integer] | None, *, outward: bool, wide: bool
) -> Ends:
    """`ends_of`, laid out."""
    # stage 1: the stretches that hold a point, listed at both of their junctions
    stretch_start, order = by_edge(graph, access.edge)
    inhabited = np.flatnonzero(np.diff(stretch_start) > 0)
    all_u, all_v = graph.nodes_behind if outward else graph.nodes_ahead
    u, v = all_u[inhabited], all_v[inhabited]
    once = u != v  # a loop has its turn once
    node_start, along = grouped(np.concatenate([u, np.where(once, v, -1)]), graph.n_nodes)
    side = np.repeat([0, 1], len(inhabited))
    begins, stops = np.tile(stretch_start[inhabited], 2), np.tile(stretch_start[inhabited + 1], 2)
    at_node = np.stack([np.concatenate([v, u]), begins, stops, side], axis=1).astype(np.int32)
    # stage 2: the points in the order of their stretches
    over = (access.from_u, access.from_v) if outward else (access.to_u, access.to_v)
    kind, most = (np.int64, FAR) if wide else (np.int32, NARROW_LIMIT)
    point = np.empty((len(order), 3), kind)
    for side_of, leg in enumerate(over):
        point[:, side_of] = np.minimum(leg[order], most)
    point[:, 2] = order if group is None else group[order]
    junctions = (np.append(all_u, -1), np.append(all_v, -1))
    return Ends(
        node_start=node_start.astype(np.int32),
        node_stretch=at_node[along],
        stretch=np.stack([*junctions, stretch_start], axis=1).astype(np.int32),
        point=point,
        walk=access.walk[order],
        offset=access.offset_mm[order],
        forward=access.forward[order],
        backward=access.backward[order],
        single=group is None,
    )


def local_order(starts: Starts) -> NDArray[np.int64]:
    """Groups of starts in the order of their first nodes: neighbours are searched one after another."""
    # a group without a start may stand anywhere: it finds nothing
    first = np.minimum(starts.start[:-1], max(len(starts.node_u) - 1, 0))
    return np.argsort(starts.node_u[first], kind="stable") if len(starts.node_u) else first


def search_workspace(graph: Graph, *, wide: bool, buckets: int) -> SearchWorkspace:
    """A thread's workspace for one search after another: keys of 64 or 32 bits, and so many buckets."""
    n = graph.n_nodes
    return SearchWorkspace(
        key=np.full(n, WIDE_LIMIT, np.int64) if wide else np.full(n, NARROW_LIMIT, np.int32),
        heads=np.full(buckets, -1, np.int32),
        following=np.empty(n + len(graph.head), np.int32),
        queued=np.empty(n + len(graph.head), np.int32),
        touched=np.empty(n, np.int32),
    )
