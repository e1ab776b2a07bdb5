"""Ends of lines that miss the line they were drawn to by less than anybody meant: moved onto it."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lifecircle.sources.streets.crossings import cut_at_nodes
from lifecircle.tables import StreetTable, local_crs

_MM: Final = 1000

__all__ = ["ends_joined"]


def ends_joined(streets: StreetTable, drawn: NDArray[np.float64], tolerance_m: float) -> StreetTable:
    """The streets with loose ends joined to the nodes within a tolerance.

    A loose end is a node of one segment. It and the nodes within `tolerance_m` of it, east or west and north
    or south, become one node, the one of them with most segments (of equal ones the smallest id). Segments
    that lose their length by it are left out. An end that is still loose, and within `tolerance_m` of the
    course of a segment, is moved onto it and parts it there; bridges and tunnels are met at their nodes only.

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
    joined = dataclasses.replace(streets, u=u, v=v)
    joined = dataclasses.replace(joined, **{k: c[u != v] for k, c in joined.per_segment.items()})
    joined, met = _ends_on_segments(joined, xy, tolerance_m)
    told = dataclasses.replace(joined, counts={**streets.counts, "street-ends-joined": moved + met})
    return told.keep(np.ones(len(told), bool))


def _ends_on_segments(
    streets: StreetTable, xy: NDArray[np.float64], tolerance_m: float
) -> tuple[StreetTable, int]:
    """The streets with loose ends moved onto the course of the nearest segment, and how many were."""
    # stage 1: ends of one segment, and the segments that each is near, its own aside
    ends = np.concatenate([streets.u, streets.v])
    degree = np.bincount(ends, minlength=len(xy))
    loose = np.flatnonzero(degree == 1)
    on_ground = np.flatnonzero(~streets.bridge)
    if not len(loose) or not len(on_ground):
        return streets, 0
    a, b = streets.u[on_ground], streets.v[on_ground]
    lines = shapely.linestrings(xy[np.stack([a, b], axis=1)])
    end, at = shapely.STRtree(lines).query(
        shapely.points(xy[loose]), predicate="dwithin", distance=tolerance_m
    )
    node = loose[end]
    other = (a[at] != node) & (b[at] != node)
    node, at = node[other], at[other]
    # stage 2: of several the nearest, of equally near ones the first
    away = shapely.distance(shapely.points(xy[node]), lines[at])
    order = np.lexsort((at, np.rint(away * _MM), node))
    first = np.append(True, node[order][1:] != node[order][:-1])[: len(order)]
    node, at = node[order][first], at[order][first]
    if not len(node):
        return streets, 0
    # stage 3: the end moves onto the segment, which is parted there
    run = xy[b[at]] - xy[a[at]]
    share = ((xy[node] - xy[a[at]]) * run).sum(axis=1) / (run**2).sum(axis=1)
    lon, lat = streets.lon.copy(), streets.lat.copy()
    lon[node] = lon[a[at]] + share * (lon[b[at]] - lon[a[at]])
    lat[node] = lat[a[at]] + share * (lat[b[at]] - lat[a[at]])
    moved = dataclasses.replace(streets, lon=lon, lat=lat)
    return cut_at_nodes(moved, on_ground[at], node.astype(np.int32)), len(node)


def _metres(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in a metric system around the middle of them all."""
    lon, lat = places.T
    crs = local_crs((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2)
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat))
