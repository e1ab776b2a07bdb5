"""Arcs of a network by node: along its edges and against them, and over ports where turns are forbidden."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.kernels.order import adjacency

__all__ = ["PortArcs", "arcs_between", "arcs_between_ports", "arcs_both_ways"]


class PortArcs(NamedTuple):
    """Where edges lead where turns are forbidden: ``ends``, ``links`` and ``drives`` of `turns.Ports`."""

    ends: NDArray[np.int32]
    links: NDArray[np.int32]
    drives: NDArray[np.int32]


def arcs_both_ways(
    n_nodes: int,
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
    costs: tuple[NDArray[np.int32], NDArray[np.int32]],
    ports: PortArcs | None = None,
) -> dict[str, Any]:
    """The fields of `Network` that hold its arcs, by the node they leave and by the node they enter.

    Parameters
    ----------
    n_nodes
        Number of nodes, ports included.
    ends
        Nodes u and v of every edge.
    costs
        Of every edge, forward and backward; -1 where closed.
    ports
        Where turns are forbidden; None where none is.
    """
    (u, v), (forward, backward) = ends, costs
    symmetric = ports is None and bool(np.array_equal(forward, backward))
    if ports is None:
        arcs = arcs_between(n_nodes, u, v, forward, backward)
        back = arcs if symmetric else arcs_between(n_nodes, v, u, forward, backward)
    else:
        tail, head, code = ports.drives
        edge = code >> 1
        drives = (tail, head, np.where(code & 1, forward[edge], backward[edge]), edge)
        arcs, back = arcs_between_ports(n_nodes, ports.ends, ports.links, drives, costs)
    return {
        **dict(zip(("indptr", "head", "cost", "arc_edge"), arcs, strict=True)),
        **dict(zip(("back_indptr", "back_head", "back_cost", "back_edge"), back, strict=True)),
        "symmetric": symmetric,
    }


def arcs_between(
    n_nodes: int,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    there: NDArray[np.int32],
    back: NDArray[np.int32],
) -> tuple[NDArray[np.int32], ...]:
    """Arcs by node: `there` from tail to head, `back` from head to tail, where open; loops lead nowhere.

    Returns
    -------
    indptr, head, cost, edge : int32, as of `Network`; of parallel edges the cheapest
    """
    # an arc each way that is open
    edge = np.arange(len(tail), dtype=np.int32)
    goes, comes = (there >= 0) & (tail != head), (back >= 0) & (tail != head)
    arcs: tuple[NDArray[np.int32], ...] = adjacency(
        n_nodes,
        np.concatenate([tail[goes], head[comes]]),
        np.concatenate([head[goes], tail[comes]]),
        np.concatenate([there[goes], back[comes]]),
        np.concatenate([edge[goes], edge[comes]]),
    )
    return arcs


def arcs_between_ports(
    n_nodes: int,
    ends: NDArray[np.int32],
    links: NDArray[np.int32],
    drives: tuple[NDArray[np.int32], ...],
    costs: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> tuple[tuple[NDArray[np.int32], ...], tuple[NDArray[np.int32], ...]]:
    """Arcs along edges from port to port and over the links, and the same by the node they enter.

    Parameters
    ----------
    n_nodes
        Number of nodes, ports included.
    ends, links
        As of `turns.Ports`.
    drives
        Further arcs along edges: tail, head, cost, edge.
    costs
        Of every edge, forward and backward; -1 where closed.

    Returns
    -------
    tuple of two
        Each as of `arcs_between`; the edge of a link is -1.
    """
    forward, backward = costs
    edge = np.arange(len(forward), dtype=np.int32)
    no_edge, no_cost = np.full(links.shape[1], -1, np.int32), np.zeros(links.shape[1], np.int32)
    # of edges open to residents alone the start of a journey, then its end; of others twice the same
    tail = np.concatenate([ends[4], ends[5], ends[2], ends[3], links[0], drives[0]])
    head = np.concatenate([ends[1], ends[0], ends[7], ends[6], links[1], drives[1]])
    cost = np.concatenate([forward, backward, forward, backward, no_cost, drives[2]])
    by_edge = np.concatenate([edge, edge, edge, edge, no_edge, drives[3]])
    is_open = (cost >= 0) & (tail != head)
    tail, head, cost, by_edge = tail[is_open], head[is_open], cost[is_open], by_edge[is_open]
    return adjacency(n_nodes, tail, head, cost, by_edge), adjacency(n_nodes, head, tail, cost, by_edge)
