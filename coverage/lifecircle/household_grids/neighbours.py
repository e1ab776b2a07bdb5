"""Which demand points are next to each other along the streets of their own community.

The streets inside a community are shared out among its demand points, each place to the nearest by street;
two points are neighbours where their shares touch. What is next to each other only across a street
outside the community is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from lifecircle.network import Network, Snaps
from lifecircle.tables.subdivision import is_large, pairs_meeting, subdivided
from lifecircle.tables.surroundings import within_distance

__all__ = ["Neighbours", "StreetsOf", "neighbours_of"]

_ON_THE_BORDER_M: Final = 30.0
"""Borders follow streets: a street this near is a community's own as much as its neighbour's."""

_LEAST_M: Final = 1e-3
"""Metres of a link at least: sparse matrices take a link of no length for none."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs of neighbouring points by position, each pair once; every point can be reached from any other.

    Attributes
    ----------
    first, second : positions of the two points
    metres : along streets from one to the other; straight where `along_street` is False
    along_street : False where no street of the community leads to the rest of its points
    """

    first: Ints
    second: Ints
    metres: NDArray[np.float64]
    along_street: NDArray[np.bool_]


class StreetsOf:
    """The streets that are each community's own, looked up once for all of them."""

    def __init__(self, network: Network, communities: gpd.GeoDataFrame) -> None:
        """Find the junctions in or on the border of every community (in the network's CRS)."""
        self._network = network
        places = shapely.points(network.node_x, network.node_y)
        homes = communities.geometry.to_crs(network.crs).to_numpy()
        area, node = _near(homes, places)
        order = np.argsort(area, kind="stable")
        self._nodes = node[order]
        self._start = np.searchsorted(area[order], np.arange(len(communities) + 1))
        self._by_u = np.argsort(network.u, kind="stable")
        self._first_of_u = np.searchsorted(network.u[self._by_u], np.arange(network.n_nodes + 1))
        self._mine = np.zeros(network.n_nodes, bool)

    def edges(self, row: int) -> tuple[Ints, Ints]:
        """Junctions of one community, and the edges with both ends among them."""
        nodes = self._nodes[self._start[row] : self._start[row + 1]]
        self._mine[nodes] = True
        starts, ends = self._first_of_u[nodes], self._first_of_u[nodes + 1]
        near = self._by_u[_ranges(starts, ends)]
        edges = near[self._mine[self._network.v[near]]]
        self._mine[nodes] = False
        return nodes.astype(np.int64), edges.astype(np.int64)


def neighbours_of(
    network: Network, streets: tuple[Ints, Ints], snaps: Snaps, x: NDArray[np.float64], y: NDArray[np.float64]
) -> Neighbours:
    """Neighbours among the demand points of one community.

    Parameters
    ----------
    network, streets
        The network, and the community's junctions and edges (`StreetsOf.edges`).
    snaps
        Where the points join the streets; those that do not are next to the nearest point.
    x, y
        Their own places, in the network's CRS.
    """
    first, second, metres = _touching(network, streets, snaps)
    along = np.ones(len(first), bool)
    # Join what streets leave apart, the smallest piece first, to its nearest other point.
    while True:
        parts, part = _parts(len(snaps), first, second)
        if parts <= 1:
            return Neighbours(first, second, metres, along)
        here = np.flatnonzero(part == np.argmin(np.bincount(part)))
        there = np.flatnonzero(part != part[here[0]])
        away, nearest = KDTree(np.column_stack([x[there], y[there]])).query(
            np.column_stack([x[here], y[here]])
        )
        best = int(np.argmin(away))
        first = np.append(first, here[best])
        second = np.append(second, there[nearest[best]])
        metres, along = np.append(metres, away[best]), np.append(along, False)


def _touching(
    network: Network, streets: tuple[Ints, Ints], snaps: Snaps
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Pairs of points whose shares of the streets touch, and how far apart they are along them."""
    # stage 1: the community's streets as a graph of junctions and points
    ends, others, metres, nodes = _links(network, streets, snaps)
    size = len(nodes) + len(snaps)
    if not len(ends):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    graph = _lightest(ends, others, np.maximum(metres, 1e-3), size)
    points = np.arange(len(nodes), size)
    # stage 2: each place of the streets to its nearest point; two shares touch across a piece of street
    away, _, owner = dijkstra(graph, directed=False, indices=points, min_only=True, return_predecessors=True)
    # stage 3: pieces of street between two owners; of several between a pair the shortest way counts
    one, other = owner[ends] - len(nodes), owner[others] - len(nodes)
    touch = (one != other) & (one >= 0) & (other >= 0)
    low, high = np.minimum(one, other)[touch], np.maximum(one, other)[touch]
    apart = (away[ends] + metres + away[others])[touch]
    pairs = _lightest(low, high, np.maximum(apart, 1e-3), len(snaps)).tocoo()
    return pairs.row.astype(np.int64), pairs.col.astype(np.int64), pairs.data


def _links(
    network: Network, streets: tuple[Ints, Ints], snaps: Snaps
) -> tuple[Ints, Ints, NDArray[np.float64], Ints]:
    """The community's streets, split where points join them: both ends of every piece, and its metres.

    Junctions are numbered by position in the array returned last, points after them.
    """
    # points in the order they stand along their edges
    own, edges = streets
    joined = np.flatnonzero(snaps.reached)
    order = joined[np.lexsort((joined, snaps.offset_mm[joined], snaps.edge[joined]))]
    on_edge, offset = snaps.edge[order].astype(np.int64), snaps.offset_mm[order].astype(np.int64)
    nodes = np.unique(own)
    # Pieces: whole edges; from a junction to the first point; between points; from the last to a junction.
    whole = np.setdiff1d(edges, on_edge)
    opens = np.append(True, on_edge[1:] != on_edge[:-1])[: len(order)]
    closes = np.append(on_edge[1:] != on_edge[:-1], True)[: len(order)]
    numbered = len(nodes) + order
    between = ~opens
    tail, tip = network.u[on_edge[opens]], network.v[on_edge[closes]]
    start = np.concatenate(
        [network.u[whole], tail, numbered[np.flatnonzero(between) - 1], numbered[closes]]
    ).astype(np.int64)
    end = np.concatenate([network.v[whole], numbered[opens], numbered[between], tip]).astype(np.int64)
    length_mm = np.concatenate(
        [
            network.length_mm[whole],
            offset[opens],
            offset[between] - offset[np.flatnonzero(between) - 1],
            network.length_mm[on_edge[closes]] - offset[closes],
        ]
    )
    groups = np.repeat(np.arange(4), [len(whole), opens.sum(), between.sum(), closes.sum()])
    from_node, to_node = np.isin(groups, (0, 1)), np.isin(groups, (0, 3))
    kept = np.isin(start, nodes) | ~from_node
    kept &= np.isin(end, nodes) | ~to_node
    # ends outside the community lead nowhere
    start = np.where(from_node, np.searchsorted(nodes, start), start)
    end = np.where(to_node, np.searchsorted(nodes, end), end)
    return start[kept], end[kept], length_mm[kept] / 1000, nodes


def _lightest(first: Ints, second: Ints, weight: NDArray[np.float64], size: int) -> scipy.sparse.csr_array:
    """A sparse matrix of pairs, of parallel ones the lightest."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((weight, high, low))
    low, high, weight = low[order], high[order], weight[order]
    new = np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[: len(low)]
    return scipy.sparse.csr_array((weight[new], (low[new], high[new])), shape=(size, size))


def _parts(size: int, first: Ints, second: Ints) -> tuple[int, NDArray[np.int32]]:
    """Connected parts of the points."""
    links = scipy.sparse.csr_array((np.ones(len(first)), (first, second)), shape=(size, size))
    parts: tuple[int, NDArray[np.int32]] = connected_components(links, directed=False)
    return parts


def _near(homes: NDArray[np.object_], places: NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Which places lie in each community or on its border; large ones are asked piece by piece."""
    large = np.array([is_large(home) for home in homes], dtype=bool)
    grounds = np.array([within_distance(home, _ON_THE_BORDER_M) for home in homes[~large]], dtype=object)
    small, of_small = pairs_meeting(grounds, places)
    pieces, owner = subdivided(homes[large])
    piece, of_large = shapely.STRtree(places).query(pieces, predicate="dwithin", distance=_ON_THE_BORDER_M)
    rows = np.flatnonzero(large)[owner[piece]]
    pairs = np.unique(np.column_stack([rows, of_large]), axis=0).reshape(-1, 2)
    return (
        np.concatenate([np.flatnonzero(~large)[small], pairs[:, 0]]).astype(np.int64),
        np.concatenate([of_small, pairs[:, 1]]).astype(np.int64),
    )


def _ranges(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> Ints:
    """The numbers of several ranges one after another."""
    sizes = ends - starts
    first = np.repeat(starts - np.append(0, np.cumsum(sizes)[:-1]), sizes)
    return (first + np.arange(int(sizes.sum()))).astype(np.int64)
