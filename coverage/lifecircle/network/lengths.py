"""The same streets with their lengths for costs: what is nearest in metres may not be nearest in minutes."""

from __future__ import annotations

import dataclasses

import numpy as np

from lifecircle.network.arcs import PortArcs, arcs_both_ways
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
    ports = None
    if len(network.port_ends):
        ports = PortArcs(
            network.port_ends.reshape(8, -1),
            network.port_links.reshape(2, -1),
            network.port_drives.reshape(3, -1),
        )
    arcs = arcs_both_ways(network.n_nodes, (network.u, network.v), (forward, backward), ports)
    return dataclasses.replace(
        network, cost_unit="mm", cost_forward=forward, cost_backward=backward, **arcs, cache=Cache()
    )
