"""The same streets with their lengths for costs: what is nearest in metres may not be nearest in minutes."""

from __future__ import annotations

import dataclasses

import numpy as np

from lifecircle.network.build import arcs_between, arcs_between_ports
from lifecircle.network.graph import Network
from lifecircle.network.snapping import Snaps
from lifecircle.network.spatial_graph import Cache

__all__ = ["joined_to", "length_network"]


def length_network(network: Network) -> Network:
    """The streets with millimetres for costs, open the same ways and for the same turns; made once.

    The network itself where its costs are lengths already.

    Parameters
    ----------
    network
        Streets whose costs are milliseconds: slopes, or speeds of their own.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> network = grid_network()
    >>> length_network(network) is network
    True
    """
    if network.cost_unit == "mm":
        return network
    return network.cache.get("lengths", lambda: _with_lengths(network))


def joined_to(network: Network, snaps: Snaps) -> Snaps:
    """Points that joined a network, on the same streets with other costs: they join the same places.

    Parameters
    ----------
    network
        The same edges, in the same order, as those that the points joined.
    snaps
        Where points joined them.

    Returns
    -------
    Snaps
        The same places on `network`; the very same object where nothing differs.

    Examples
    --------
    >>> from lifecircle.network import snap
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> network = grid_network()
    >>> snaps = snap(network, grid_places({"a": (10, 0)}))
    >>> joined_to(length_network(network), snaps) is snaps
    True
    """
    if snaps.network == network.digest:
        return snaps
    return dataclasses.replace(snaps, network=network.digest)


def _with_lengths(network: Network) -> Network:
    """`length_network`, made."""
    # stage 1: every open direction of an edge costs its length
    forward, backward = (
        np.where(cost >= 0, network.length_mm, -1).astype(np.int32)
        for cost in (network.cost_forward, network.cost_backward)
    )
    # stage 2: arcs anew: of parallel edges the shortest counts, which need not be the fastest
    places = network.n_nodes - len(network.port_place)
    if not len(network.port_ends):
        arcs = arcs_between(places, network.u, network.v, forward, backward)
        symmetric = bool(np.array_equal(forward, backward))
        back = arcs if symmetric else arcs_between(places, network.v, network.u, forward, backward)
    else:
        tail, head, code = network.port_drives.reshape(3, -1)
        edge = code >> 1
        cost = np.where(code & 1, forward[edge], backward[edge])
        arcs, back = arcs_between_ports(
            network.n_nodes,
            network.port_ends.reshape(8, -1),
            network.port_links.reshape(2, -1),
            (tail, head, cost, edge),
            (forward, backward),
        )
        symmetric = False
    return dataclasses.replace(
        network,
        cost_unit="mm",
        cost_forward=forward,
        cost_backward=backward,
        indptr=arcs[0],
        head=arcs[1],
        cost=arcs[2],
        arc_edge=arcs[3],
        back_indptr=back[0],
        back_head=back[1],
        back_cost=back[2],
        back_edge=back[3],
        symmetric=symmetric,
        cache=Cache(),
    )
