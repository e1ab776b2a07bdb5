"""The two sides of a search, laid out for the kernels: points to search from, points to be found."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.graph import Network
from lifecircle.network.kernels.order import grouped
from lifecircle.network.kernels.reached import Arcs, Ends, Starts, Work
from lifecircle.network.keys import FAR, NARROW_LIMIT, WIDE_LIMIT
from lifecircle.network.legs import Legs

__all__ = ["arcs_of", "bucket_bits", "by_edge", "ends_of", "local_order", "starts_of", "workspace"]

_MOST_BUCKETS_BITS: Final = 20
_BUCKET_ARCS: Final = 0.7
"""A bucket spans this many arcs of average cost (about 8 m of street): measured, and not sensitive."""


def arcs_of(network: Network, *, outward: bool) -> Arcs:
    """Adjacency along the streets, or against them."""
    if outward:
        return Arcs(network.indptr, network.head, network.cost)
    return Arcs(network.back_indptr, network.back_head, network.back_cost)


def bucket_bits(network: Network, limit: int) -> int:
    """Bits of cost that one bucket spans."""
    average = float(network.cost.mean()) if len(network.cost) else 1.0
    return max(0, round(np.log2(max(_BUCKET_ARCS * average, 1))), limit.bit_length() - _MOST_BUCKETS_BITS)


def by_edge(network: Network, edge: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points sorted by the edge they joined, the unreached left out, and where each edge's begin."""
    found: tuple[NDArray[np.int64], NDArray[np.int64]] = grouped(edge, len(network))
    return found


def starts_of(
    network: Network, legs: Legs, group: NDArray[np.integer], groups: int, *, outward: bool
) -> Starts:
    """Points to search from, by group."""
    start, order = grouped(group, groups)
    edge = legs.edge[order]
    return Starts(
        start,
        network.u[edge],
        network.v[edge],
        (legs.to_u if outward else legs.from_u)[order],
        (legs.to_v if outward else legs.from_v)[order],
        edge,
        legs.walk[order],
        legs.offset_mm[order],
        legs.forward[order],
        legs.backward[order],
    )


def ends_of(network: Network, legs: Legs, group: NDArray[np.integer] | None = None, *, outward: bool) -> Ends:
    """Points to be found when searching from the other side.

    Where each is a group of its own (no `group`), they are laid out once and kept as long as the legs.
    """
    if group is not None:
        return _ends(network, legs, group, outward=outward)
    # both directions are one where no street is one-way
    held: dict[bool, Ends] = network.cache.of(legs, dict)
    which = outward or network.symmetric
    if which not in held:
        held[which] = _ends(network, legs, np.arange(len(legs.edge)), outward=which)
    return held[which]


def _ends(network: Network, legs: Legs, group: NDArray[np.integer], *, outward: bool) -> Ends:
    """`ends_of`, laid out."""
    edge_start, order = by_edge(network, legs.edge)
    edge, offset = legs.edge[order], legs.offset_mm[order]
    node = np.concatenate([network.u[edge], network.v[edge]])
    leg = np.concatenate(
        [
            (legs.from_u if outward else legs.to_u)[order],
            (legs.from_v if outward else legs.to_v)[order],
        ]
    )
    # whoever is at a node is found there: over the far end of the edge it is never nearer
    length = network.length_mm[edge]
    needed = (leg < FAR) & ~np.concatenate([(offset == length) & (length > 0), (offset == 0) & (length > 0)])
    member = np.tile(group[order], 2)
    node, leg, member = node[needed], leg[needed], member[needed]
    node_start, along = grouped(node, network.n_nodes)
    return Ends(
        node_start,
        member[along].astype(np.int32),
        leg[along],
        edge_start,
        group[order].astype(np.int32),
        legs.walk[order],
        offset,
        legs.forward[order],
        legs.backward[order],
    )


def local_order(starts: Starts) -> NDArray[np.int64]:
    """Groups of starts in the order of their first nodes: neighbours are searched one after another."""
    first = np.minimum(starts.start[:-1], max(len(starts.node_u) - 1, 0))
    return np.argsort(starts.node_u[first], kind="stable") if len(starts.node_u) else first


def workspace(
    network: Network,
    *,
    wide: bool,
    buckets: int,
    seeds: int = 0,
    end_groups: int = 0,
) -> Work:
    """A thread's workspace: keys of 64 or 32 bits, and how much it must hold."""
    n = network.n_nodes
    return Work(
        np.full(n, WIDE_LIMIT, np.int64) if wide else np.full(n, NARROW_LIMIT, np.int32),
        np.full(buckets, -1, np.int32),
        np.empty(n + len(network.head), np.int32),
        np.empty(n + len(network.head), np.int32),
        np.empty(n, np.int32),
        np.full(end_groups, np.iinfo(np.int64).max, np.int64),
        np.empty(end_groups, np.int32),
        np.empty(seeds, np.int32),
        np.empty(seeds, np.int64),
    )
