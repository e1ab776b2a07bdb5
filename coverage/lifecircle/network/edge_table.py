"""The network's edges as a table, for people and for other programs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.errors import require_type
from lifecircle.network.graph import Network
from lifecircle.tables import WGS84
from lifecircle.tables.degrees import straight_pieces
from lifecircle.tables.streets import JOIN_ANYWHERE

__all__ = ["edge_ids", "edges_frame"]


def edge_ids(network: Network, edges: NDArray[np.integer] | None = None) -> NDArray[np.str_]:
    """Stable ids, way and segment, of some edges or of all."""
    rows = slice(None) if edges is None else edges
    way, segment = network.way[rows].astype(str), network.segment[rows].astype(str)
    return np.char.add(np.char.add(way, "-"), segment)


def edges_frame(network: Network) -> gpd.GeoDataFrame:
    """Every edge with its length, name and travel times.

    Parameters
    ----------
    network
        A network of any source.

    Returns
    -------
    GeoDataFrame
        In WGS 84, sorted by edge: ``edge`` (way and segment), ``u``, ``v`` (node numbers), ``length_m``,
        ``name``, ``highway`` ('' where there is none), ``time_fwd_s``, ``time_back_s`` (NaN where closed
        that way), ``component``, ``joinable`` (points may join anywhere along it), ``geometry``.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network
    >>> edges = lc.edges_frame(grid_network(rows=2, columns=2))
    >>> edges["edge"].tolist(), edges["length_m"].tolist()
    (['1-0', '2-0', '3-0', '4-0'], [100.0, 100.0, 100.0, 100.0])
    """
    require_type(network, Network, field="network", wanted="network")
    # straight lines between end nodes, in degrees
    lon, lat = network.node_lon, network.node_lat
    start, end = (np.column_stack([lon[node], lat[node]]) for node in (network.u, network.v))
    # seconds of one unit of cost; a closed direction has no time
    seconds = network.minutes_per_cost * 60
    there, back = network.cost_forward, network.cost_backward
    table = pd.DataFrame(
        {
            "edge": edge_ids(network),
            "u": network.u,
            "v": network.v,
            "length_m": network.length_mm / 1000,
            "name": np.array([*network.names, ""])[network.name],
            "highway": np.array([*network.highways, ""])[network.highway],
            "time_fwd_s": np.where(there >= 0, there * seconds, np.nan),
            "time_back_s": np.where(back >= 0, back * seconds, np.nan),
            "component": network.component[network.u],
            "joinable": network.joinable == JOIN_ANYWHERE,
        }
    )
    return gpd.GeoDataFrame(table, geometry=straight_pieces(start, end), crs=WGS84)
