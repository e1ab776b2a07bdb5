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
from lifecircle.sources.streets.drawn import Drawn, places_in_degrees
from lifecircle.tables import StreetTable, local_crs

NEARLY_M: Final = 1.0
"""Ends that stop this near a line, in metres, are told of."""

_MM: Final = 1000

__all__ = ["NEARLY_M", "ends_joined", "ends_that_fall_short"]


def ends_joined(streets: StreetTable, drawn: Drawn, tolerance_m: float) -> tuple[StreetTable, Drawn]:
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
        Where each node was drawn, before any rounding.
    tolerance_m
        Metres; 0 changes nothing.

    Returns
    -------
    StreetTable, Drawn
        ``counts["street-ends-joined"]`` is the number of loose ends that were moved.
    """
    degree = np.bincount(np.concatenate([streets.u, streets.v]), minlength=len(streets.lon))
    loose = np.flatnonzero(degree == 1)
    if tolerance_m <= 0 or not len(loose):
        return _tidied(streets, drawn, 0)
    xy = _metres(places_in_degrees(drawn.xy, drawn.crs))
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
    joined, drawn, met = _ends_on_segments(joined, drawn, tolerance_m)
    return _tidied(joined, drawn, moved + met)


def _tidied(streets: StreetTable, drawn: Drawn, joined: int) -> tuple[StreetTable, Drawn]:
    """Streets without the nodes that no segment needs any more, and the number of ends joined."""
    used = np.unique(np.concatenate([streets.u, streets.v]))
    told = dataclasses.replace(streets, counts={**streets.counts, "street-ends-joined": joined})
    return told.keep(np.ones(len(told), bool)), dataclasses.replace(drawn, xy=drawn.xy[used])


def ends_that_fall_short(streets: StreetTable, drawn: Drawn, tolerance_m: float) -> int:
    """How many loose ends stop within `NEARLY_M` of a line, or the tolerance if that is more, and meet none.

    Lines that the end's own segment meets at its other end do not count, nor bridges and tunnels.
    """
    node, _, _, _ = _ends_and_segments(streets, drawn, max(tolerance_m, NEARLY_M), beside_own_line=False)
    return len(node)


def _ends_on_segments(
    streets: StreetTable, drawn: Drawn, tolerance_m: float
) -> tuple[StreetTable, Drawn, int]:
    """The streets with loose ends moved onto the course of the nearest segment, and how many were."""
    node, at, share, _ = _ends_and_segments(streets, drawn, tolerance_m, beside_own_line=True)
    if not len(node):
        return streets, drawn, 0
    xy, lon, lat = drawn.xy.copy(), streets.lon.copy(), streets.lat.copy()
    start = drawn.xy[streets.u[at]]
    xy[node] = start + share[:, None] * (drawn.xy[streets.v[at]] - start)
    lon[node], lat[node] = places_in_degrees(xy[node], drawn.crs).T
    moved, drawn = dataclasses.replace(streets, lon=lon, lat=lat), dataclasses.replace(drawn, xy=xy)
    return cut_at_nodes(moved, drawn, at, node.astype(np.int32)), drawn, len(node)


def _ends_and_segments(
    streets: StreetTable, drawn: Drawn, within_m: float, *, beside_own_line: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Loose ends near the course of a segment: the end, the nearest segment, how far along it, and metres."""
    # stage 1: ends of one segment, and the segments on the ground that each is near, its own aside
    ends = np.concatenate([streets.u, streets.v])
    degree = np.bincount(ends, minlength=len(streets.lon))
    loose = np.flatnonzero(degree == 1)
    on_ground = np.flatnonzero(~streets.bridge)
    lines = shapely.linestrings(drawn.xy[np.stack([streets.u, streets.v], axis=1)[on_ground]])
    metres = drawn.metres(loose)
    end, at = shapely.STRtree(lines).query(
        shapely.points(drawn.xy[loose]), predicate="dwithin", distance=within_m / metres.min(axis=1)
    )
    node, at, metres = loose[end], on_ground[at], metres[end]
    a, b = streets.u[at], streets.v[at]
    other = (a != node) & (b != node)
    if not beside_own_line:
        own = np.empty(len(degree), np.intp)
        own[ends] = np.tile(np.arange(len(streets)), 2)
        beyond = streets.u[own[node]] + streets.v[own[node]] - node
        other &= (a != beyond) & (b != beyond) & (streets.way[at] != streets.way[own[node]])
    node, at, metres, a, b = node[other], at[other], metres[other], a[other], b[other]
    # stage 2: how far from each, by the scale at the end
    run, gone = (drawn.xy[b] - drawn.xy[a]) * metres, (drawn.xy[node] - drawn.xy[a]) * metres
    share = np.clip((gone * run).sum(axis=1) / (run**2).sum(axis=1), 0.0, 1.0)
    away = np.hypot(*(gone - share[:, None] * run).T)
    # stage 3: of several the nearest, of equally near ones the first
    order = np.lexsort((at, np.rint(away * _MM), node))
    order = order[away[order] <= within_m]
    order = order[np.append(True, node[order][1:] != node[order][:-1])[: len(order)]]
    return node[order], at[order], share[order], away[order]


def _metres(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in a metric system around the middle of them all."""
    lon, lat = places.T
    crs = local_crs((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2)
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat))
