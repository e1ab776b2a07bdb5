"""Ends of lines that miss the line they were drawn to by less than anybody meant: moved onto it."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lifecircle.tables import StreetTable, local_crs

__all__ = ["ends_joined"]


def ends_joined(streets: StreetTable, drawn: NDArray[np.float64], tolerance_m: float) -> StreetTable:
    """The streets with loose ends joined to the nodes within a tolerance.

    A loose end is a node of one segment. It and the nodes within `tolerance_m` of it, east or west and north
    or south, become one node, the one
    of them with most segments (of equal ones the smallest id). Segments that lose their length by it
    are left out.

    Parameters
    ----------
    streets
        Streets of a line layer.
    drawn
        n × 2, where each node was drawn: longitude and latitude before any rounding.
    tolerance_m
        Metres; 0 changes nothing.

    Returns
    -------
    StreetTable
        ``counts["street-ends-joined"]`` is the number of loose ends that were moved.
    """
    degree = np.bincount(np.concatenate([streets.u, streets.v]), minlength=len(streets.lon))
    loose = np.flatnonzero(degree == 1)
    if tolerance_m <= 0 or not len(loose):
        kept = streets.keep(np.ones(len(streets), bool))
        return dataclasses.replace(kept, counts={**streets.counts, "street-ends-joined": 0})
    xy = _metres(drawn)
    near = cKDTree(xy[loose]).query_ball_tree(cKDTree(xy), tolerance_m, p=np.inf)
    start = np.repeat(loose, [len(nodes) for nodes in near])
    end = np.array([node for nodes in near for node in nodes], np.int64)
    links = coo_matrix((np.ones(len(start)), (start, end)), shape=(len(xy), len(xy)))
    _, group = connected_components(links, directed=False)
    order = np.lexsort((streets.node_id, -degree, group))
    first = np.append(True, group[order][1:] != group[order][:-1])
    chosen = np.empty(len(xy), np.int32)
    chosen[order] = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    u, v = chosen[streets.u], chosen[streets.v]
    moved = int((chosen[loose] != loose).sum())
    joined = dataclasses.replace(streets, u=u, v=v, counts={**streets.counts, "street-ends-joined": moved})
    return joined.keep(u != v)


def _metres(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in a metric system around the middle of them all."""
    lon, lat = places.T
    crs = local_crs((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2)
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat))
