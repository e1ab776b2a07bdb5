"""The two sides of a search, laid out for the kernels: points to search from, points to be found."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.kernels.order import grouped
from lifecircle.network.kernels.reached import BLOCK_BITS, NOT_FOUND, Arcs, Ends, Starts, Work
from lifecircle.network.keys import NARROW_LIMIT, WIDE_LIMIT
from lifecircle.network.routing.access_costs import AccessCosts

__all__ = ["arcs_of", "bucket_bits", "by_edge", "ends_of", "local_order", "starts_of", "workspace"]


class Graph(Protocol):
    """What is searched: a `Network`, or its `JunctionGraph`; edges of the one are stretches of the other."""

    @property
    def n_nodes(self) -> int: ...
    @property
    def u(self) -> NDArray[np.int32]: ...
    @property
    def v(self) -> NDArray[np.int32]: ...
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
"""A bucket spans this many arcs of average cost (a city: 8 m, between junctions 70 m): not sensitive."""


def arcs_of(graph: Graph, *, outward: bool) -> Arcs:
    """Adjacency along the streets, or against them."""
    if outward:
        return Arcs(graph.indptr, graph.head, graph.cost)
    return Arcs(graph.back_indptr, graph.back_head, graph.back_cost)


def bucket_bits(graph: Graph, limit: int) -> int:
    """Bits of cost that one bucket spans."""
    average = float(graph.cost.mean()) if len(graph.cost) else 1.0
    return max(0, round(np.log2(max(_BUCKET_ARCS * average, 1))), limit.bit_length() - _MOST_BUCKETS_BITS)


def by_edge(graph: Graph, edge: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points sorted by the edge they joined, the unreached left out, and where each edge's begin."""
    found: tuple[NDArray[np.int64], NDArray[np.int64]] = grouped(edge, len(graph))
    return found


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
    one, ends, cost = straight or (np.empty(0, np.int64),) * 3
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    by_place = np.argsort(place[one], kind="stable")
    walks = np.bincount(place[one], minlength=len(order))
    edge = access.edge[order]
    return Starts(
        start,
        graph.u[edge],
        graph.v[edge],
        (access.to_u if outward else access.from_u)[order],
        (access.to_v if outward else access.from_v)[order],
        edge,
        access.walk[order],
        access.offset_mm[order],
        access.forward[order],
        access.backward[order],
        np.concatenate([[0], np.cumsum(walks)]).astype(np.int64),
        ends[by_place],
        cost[by_place],
    )


def ends_of(
    graph: Graph, access: AccessCosts, group: NDArray[np.integer] | None = None, *, outward: bool
) -> Ends:
    """Points to be found when searching from the other side.

    Where each is a group of its own (no `group`), they are laid out once and kept as long as the legs.
    """
    if group is not None:
        return _ends(graph, access, group, outward=outward)
    # both directions are one where no street is one-way
    held: dict[bool, Ends] = graph.cache.of(access, dict)
    which = outward or graph.symmetric
    if which not in held:
        held[which] = _ends(graph, access, np.arange(len(access.edge)), outward=which)
    return held[which]


def _ends(graph: Graph, access: AccessCosts, group: NDArray[np.integer], *, outward: bool) -> Ends:
    """`ends_of`, laid out."""
    stretch_start, order = by_edge(graph, access.edge)
    inhabited = np.flatnonzero(np.diff(stretch_start) > 0).astype(np.int32)
    u, v = graph.u[inhabited], graph.v[inhabited]
    once = u != v  # a loop has its turn once
    node_start, along = grouped(np.concatenate([u, np.where(once, v, -1)]), graph.n_nodes)
    over = (access.from_u, access.from_v) if outward else (access.to_u, access.to_v)
    return Ends(
        node_start.astype(np.int32),
        np.tile(inhabited, 2)[along],
        np.stack([np.append(graph.u, -1), np.append(graph.v, -1), stretch_start], axis=1).astype(np.int32),
        group[order].astype(np.int32),
        np.stack([leg[order] for leg in over], axis=1),
        access.walk[order],
        access.offset_mm[order],
        access.forward[order],
        access.backward[order],
    )


def local_order(starts: Starts) -> NDArray[np.int64]:
    """Groups of starts in the order of their first nodes: neighbours are searched one after another."""
    first = np.minimum(starts.start[:-1], max(len(starts.node_u) - 1, 0))
    return np.argsort(starts.node_u[first], kind="stable") if len(starts.node_u) else first


def workspace(
    graph: Graph,
    *,
    wide: bool,
    buckets: int,
    seeds: int = 0,
    end_groups: int = 0,
) -> Work:
    """A thread's workspace: keys of 64 or 32 bits, and how much it must hold."""
    n = graph.n_nodes
    return Work(
        np.full(n, WIDE_LIMIT, np.int64) if wide else np.full(n, NARROW_LIMIT, np.int32),
        np.full(buckets, -1, np.int32),
        np.empty(n + len(graph.head), np.int32),
        np.empty(n + len(graph.head), np.int32),
        np.empty(n, np.int32),
        np.full(end_groups, NOT_FOUND, np.int64),
        np.empty(end_groups, np.int32),
        np.zeros((end_groups >> BLOCK_BITS) + 1, np.bool_),
        np.empty((end_groups >> BLOCK_BITS) + 1, np.int32),
        np.empty(seeds, np.int32),
        np.empty(seeds, np.int64),
    )
