"""The network between its junctions: what searches run on, several times smaller than the network itself.

Streets drawn as curves are chains of nodes without a choice (four of five nodes in OpenStreetMap). A
stretch is such a chain, from junction to junction; costs along it are sums of the same integers, so every
distance is the same to the unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.arcs import arcs_between, arcs_between_ports
from lifecircle.network.graph import Network
from lifecircle.network.kernels.reach_lines import DirectedEdges, edges_of_nodes
from lifecircle.network.kernels.stretches import stretches
from lifecircle.network.keys import FAR
from lifecircle.network.routing.access_costs import AccessCosts, access_costs
from lifecircle.network.snapping import Snaps

__all__ = ["JunctionGraph", "junction_graph", "stretch_legs"]


@dataclass(frozen=True, eq=False)
class JunctionGraph:
    """Junctions, numbered in the order of their nodes, and the stretches between them.

    Attributes
    ----------
    node : int32, one per junction, its node in the network
    nodes_ahead : int32, one per stretch, junctions at its two ends (the same for a loop): those reached from
        a point on it
    nodes_behind : the same, those from which a point on it is reached: others only where turns are forbidden
    length_mm, cost_forward, cost_backward : int32, one per stretch; costs are -1 where closed
    indptr, head, cost, back_indptr, back_head, back_cost : arcs as of `Network`, by junction; only the
        cheapest of several stretches between two junctions, no loops
    symmetric : whether every stretch costs the same both ways
    stretch, along, before : one per edge of the network: the stretch it is part of, whether it runs in the
        stretch's direction, and millimetres of the stretch before it (`kernels.stretches`)
    cache : the network's own
    """

    node: NDArray[np.int32]
    nodes_ahead: tuple[NDArray[np.int32], NDArray[np.int32]]
    nodes_behind: tuple[NDArray[np.int32], NDArray[np.int32]]
    length_mm: NDArray[np.int32]
    cost_forward: NDArray[np.int32]
    cost_backward: NDArray[np.int32]
    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.int32]
    back_indptr: NDArray[np.int32]
    back_head: NDArray[np.int32]
    back_cost: NDArray[np.int32]
    symmetric: bool
    stretch: NDArray[np.int32]
    along: NDArray[np.bool_]
    before: NDArray[np.int32]
    cache: Any

    def __len__(self) -> int:
        return len(self.length_mm)

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.node)


def junction_graph(network: Network) -> JunctionGraph:
    """The network between its junctions, derived once."""
    return network.cache.get("junctions", lambda: _junction_graph(network))


def _junction_graph(network: Network) -> JunctionGraph:
    """`junction_graph`, derived."""
    # stage 1: chains of edges from junction to junction
    at_nodes = edges_of_nodes(network.n_nodes, network.u, network.v)
    edges = DirectedEdges(
        network.u, network.v, network.length_mm, network.cost_forward, network.cost_backward
    )
    junction, stretch, along, before, ends, totals, outer = stretches(at_nodes, edges, network.port_fixed)
    length, there, back = np.ascontiguousarray(totals.T)
    # stage 2: arcs between junctions, or between the ports of the outermost edges
    if len(network.port_ends):
        node, ahead, behind, arcs, back_arcs = _between_ports(network, junction, along, outer, there, back)
    else:
        node = np.flatnonzero(junction).astype(np.int32)
        number = np.full(network.n_nodes, -1, np.int32)
        number[node] = np.arange(len(node), dtype=np.int32)
        u, v = np.ascontiguousarray(number[ends].T)
        ahead = behind = (u, v)
        arcs = arcs_between(len(node), u, v, there, back)
        back_arcs = arcs if network.symmetric else arcs_between(len(node), v, u, there, back)
    return JunctionGraph(
        node=node,
        nodes_ahead=ahead,
        nodes_behind=behind,
        length_mm=length,
        cost_forward=there,
        cost_backward=back,
        indptr=arcs[0],
        head=arcs[1],
        cost=arcs[2],
        back_indptr=back_arcs[0],
        back_head=back_arcs[1],
        back_cost=back_arcs[2],
        symmetric=network.symmetric,
        stretch=stretch,
        along=along,
        before=before,
        cache=network.cache,
    )


_Nodes: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32]]
_Arcs: TypeAlias = tuple[NDArray[np.int32], ...]


def _between_ports(  # noqa: PLR0917
    network: Network,
    junction: NDArray[np.bool_],
    along: NDArray[np.bool_],
    outer: NDArray[np.int32],
    there: NDArray[np.int32],
    back: NDArray[np.int32],
) -> tuple[NDArray[np.int32], _Nodes, _Nodes, _Arcs, _Arcs]:
    """Nodes, ends of stretches and arcs where junctions have ports: those of the outermost edges.

    Parameters
    ----------
    junction, along, outer, there, back
        Of `kernels.stretches`: which nodes are junctions, how edges run, first and last edge of every
        stretch, and its costs.
    """
    # the ports of a stretch are those at the outer ends of its first and last edge
    by_edge = network.port_ends.reshape(4, 2, -1)
    first, last = outer.T
    begins, ends = np.where(along[first], 0, 1), np.where(along[last], 1, 0)
    ports = np.stack([by_edge[:, begins, first], by_edge[:, ends, last]], axis=1).reshape(8, -1)
    # turns within a stretch are none
    links = network.port_links.reshape(2, -1)
    at = network.port_place[links[0] - (network.n_nodes - len(network.port_place))]
    links = links[:, junction[at]]
    # further drives along an edge run between junctions, from port to port
    leave, come, directed = network.port_drives.reshape(3, -1)
    driven = np.where(directed & 1, network.cost_forward[directed >> 1], network.cost_backward[directed >> 1])
    node = np.unique(np.concatenate([ports.ravel(), links.ravel(), leave, come])).astype(np.int32)
    number = np.full(network.n_nodes, -1, np.int32)
    number[node] = np.arange(len(node), dtype=np.int32)
    ports = number[ports]
    drives = (number[leave], number[come], driven, np.full(len(leave), -1, np.int32))
    arcs, back_arcs = arcs_between_ports(len(node), ports, number[links], drives, (there, back))
    ahead, behind = (ports[0], ports[1]), (ports[2], ports[3])
    return node, ahead, behind, arcs, back_arcs


def stretch_legs(
    network: Network, snaps: Snaps, *, delay_mm: NDArray[np.integer] | None = None
) -> AccessCosts:
    """The legs of every snapped point to the two ends of its stretch: `access_costs`, one storey up.

    Raises
    ------
    MismatchedIndexError
        If the points were snapped to another network.
    """
    access = access_costs(network, snaps, delay_mm=delay_mm)
    return network.cache.of(access, lambda: _stretched(network, access))


def _stretched(network: Network, access: AccessCosts) -> AccessCosts:
    """`stretch_legs`, computed from the legs to the ends of the edge."""
    graph = junction_graph(network)
    # stage 1: the place of every point along its stretch
    reached = access.edge >= 0
    edge = np.where(reached, access.edge, 0)
    stretch, along = graph.stretch[edge], graph.along[edge]
    before_mm, before_there, before_back = graph.before[edge].astype(np.int64).T
    offset = before_mm + np.where(along, access.offset_mm, network.length_mm[edge] - access.offset_mm)
    at_start, at_end = offset == 0, offset == graph.length_mm[stretch]

    def driven(
        whole: NDArray[np.int32], before: NDArray[np.int64], ahead: NDArray[np.int64], rest: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """One way: over the start, over the end, and between start and place without the walk."""
        total = whole[stretch].astype(np.int64)
        is_open = reached & (total >= 0)
        part = before + np.where(along, ahead, rest)
        return (
            np.where(reached & at_start, access.walk, np.where(is_open, part + access.walk, FAR)),
            np.where(reached & at_end, access.walk, np.where(is_open, total - part + access.walk, FAR)),
            np.where(is_open, part, FAR),
        )

    # stage 2: costs to both ends, with the stretch and against it
    from_u, to_v, forward = driven(
        graph.cost_forward, before_there, access.forward, network.cost_backward[edge] - access.backward
    )
    to_u, from_v, backward = driven(
        graph.cost_backward, before_back, access.backward, network.cost_forward[edge] - access.forward
    )
    return AccessCosts(
        edge=np.where(reached, stretch, -1).astype(np.int32),
        to_u=to_u,
        to_v=to_v,
        from_u=from_u,
        from_v=from_v,
        walk=access.walk,
        forward=forward,
        backward=backward,
        offset_mm=offset,
    )
