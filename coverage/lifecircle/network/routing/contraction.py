"""Distances of a whole city at once: the network contracted, then swept up and down for all services."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.graph import Network
from lifecircle.network.kernels.elimination import eliminate, sweep
from lifecircle.network.keys import FAR, NARROW_LIMIT, WIDE_LIMIT
from lifecircle.network.routing.junctions import JunctionGraph, junction_graph
from lifecircle.network.routing.sides import arcs_of

__all__ = ["Contraction", "contraction"]


@dataclass(frozen=True, eq=False)
class Contraction:
    """Junctions in elimination order.

    Attributes
    ----------
    position : int32, one per junction: its row in the sweeps
    indptr, head : arcs of every row to rows that were eliminated later
    out, into : cost along each arc, and against it (the same array where the network is symmetric)
    farthest : no path in the network costs more; -1 where that is not known
    """

    position: NDArray[np.int32]
    indptr: NDArray[np.int64]
    head: NDArray[np.int32]
    out: NDArray[np.integer]
    into: NDArray[np.integer]
    farthest: int

    def sweep(self, lanes: NDArray[np.integer], *, bits: int, towards_seeds: bool = True) -> None:
        """Fill `lanes` (row × lane, seeds set) with every row's least key, in place.

        Parameters
        ----------
        lanes
            int32 or int64; unreached is `NARROW_LIMIT` or `WIDE_LIMIT`.
        bits
            Bits of the key below the cost.
        towards_seeds
            Paths lead to the seeds; else from them.
        """
        climb, descend = (self.into, self.out) if towards_seeds else (self.out, self.into)
        sweep(self.indptr, self.head, climb, descend, bits, lanes)


def contraction(network: Network) -> Contraction:
    """The contraction of the network's junctions, made when first asked for."""
    return network.cache.get("contraction", lambda: _contract(network))


def _contract(network: Network) -> Contraction:
    """Contract with 32-bit costs where every path fits in them, else with 64."""
    graph = junction_graph(network)
    component = network.component[graph.node]
    # twice the farthest node bounds every path: below the limit 32 bits hold all of them
    if network.symmetric:
        narrow = _eliminated(graph, component, np.int32(NARROW_LIMIT))
        if narrow.farthest < NARROW_LIMIT:
            return narrow
    return _eliminated(graph, component, np.int64(FAR))


def _eliminated(graph: JunctionGraph, component: NDArray[np.int32], far: np.int32 | np.int64) -> Contraction:
    """Eliminate, and bound the longest path by twice the reach of one node per component."""
    there, back = arcs_of(graph, outward=True), arcs_of(graph, outward=False)
    position, indptr, head, out, into = eliminate(there, back, far)
    made = Contraction(position, indptr, head, out, out if graph.symmetric else into, -1)
    if not graph.symmetric:
        return made
    # no path is longer than from its start to the component's node and on to its end
    _, one_each = np.unique(component, return_index=True)
    lane = np.full((graph.n_nodes, 1), WIDE_LIMIT, np.int64)
    lane[position[one_each], 0] = 0
    made.sweep(lane, bits=0)
    return Contraction(position, indptr, head, out, made.into, 2 * int(lane.max()))
