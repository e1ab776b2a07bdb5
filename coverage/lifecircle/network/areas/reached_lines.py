"""Reached lines: the streets within a time of an origin, every edge cut to the millimetre.

All figures about service areas come from these lines; polygons are drawn around them for display.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from lifecircle.network.graph import Network
from lifecircle.network.kernels.bucket_search import SearchKeys, search
from lifecircle.network.kernels.reach_gaps import EdgeMarks
from lifecircle.network.kernels.reach_lines import (
    DirectedEdges,
    EdgeSources,
    NodeEdges,
    NodeLabels,
    StraightEdges,
    cut_edges,
    edges_of_nodes,
    piece_segments,
)
from lifecircle.network.keys import NARROW_LIMIT
from lifecircle.network.routing.origins import (
    Bands,
    Direction,
    Origins,
    bands_of,
    gather_origins,
    walks_within,
)
from lifecircle.network.routing.sides import arcs_of, bucket_bits, search_workspace
from lifecircle.network.snapping import Snaps
from lifecircle.network.threads import each, thread_count

__all__ = [
    "Pieces",
    "ReachWorkspace",
    "ReachedLines",
    "directed_edges",
    "each_origin",
    "edges_at_nodes",
    "reach",
    "reach_bands",
    "segments_of",
    "straight_edges",
]

Pieces = NDArray[np.int32]
"""n × 5: edge, start and end in mm from its node u, owner, and whether the band before lacks a part of it."""

_NOBODY: Final = np.empty(0, np.int32)
"""Owners of nodes where all belong to one."""

_MOST_AT_ONCE: Final = 8
_TASKS_PER_THREAD: Final = 4
"""Neighbouring origins in one task at most, and tasks that each thread has at least if there are enough."""

PerOrigin = TypeVar("PerOrigin")


@dataclass(frozen=True, eq=False)
class ReachedLines:
    """Pieces of streets within each time of each origin; bands are cumulative.

    Attributes
    ----------
    ids, minutes : one per origin; one per band, ascending
    origin, band : int32, one per piece, positions in `ids` and `minutes`
    edge : int32, position in the network; pieces of one edge and band never overlap
    start_mm, end_mm : int32, along the edge from its node u, ``start < end``
    segments : float64, pieces × 4, the same as ``ax, ay, bx, by`` in the network's CRS
    walk_origin, walk_band, walk_segments : the straight walks to the street, as far as they are reached

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> lines = reach(streets, streets.snap(grid_places({"corner": (0, 0)})), [1.5])
    >>> lines.lines(streets)["length_m"].tolist()
    [100.0, 100.0]
    """

    ids: pd.Index
    minutes: tuple[float, ...]
    origin: NDArray[np.int32]
    band: NDArray[np.int32]
    edge: NDArray[np.int32]
    start_mm: NDArray[np.int32]
    end_mm: NDArray[np.int32]
    segments: NDArray[np.float64]
    walk_origin: NDArray[np.int32]
    walk_band: NDArray[np.int32]
    walk_segments: NDArray[np.float64]

    def length_m(self) -> pd.DataFrame:
        """Street length reached, in metres: origin × minutes. The walk to the street is no street."""
        # integers added up, so that the order of pieces does not matter
        entry = self.origin.astype(np.int64) * len(self.minutes) + self.band
        total = np.zeros(len(self.ids) * len(self.minutes), np.int64)
        np.add.at(total, entry, (self.end_mm - self.start_mm).astype(np.int64))
        return pd.DataFrame(
            total.reshape(len(self.ids), -1) / 1000,
            index=self.ids,
            columns=pd.Index(self.minutes, name="minutes"),
        )

    def lines(self, network: Network) -> gpd.GeoDataFrame:
        """One line per piece and per walk, in the network's CRS.

        Returns
        -------
        GeoDataFrame
            ``point``, ``minutes``, ``edge`` (position in the network, -1 for the walk to the street),
            ``length_m``, ``geometry``; by origin and band, walks after streets.
        """
        origin = np.concatenate([self.origin, self.walk_origin])
        band = np.concatenate([self.band, self.walk_band])
        ends = np.concatenate([self.segments, self.walk_segments])
        walked = np.hypot(*(self.walk_segments[:, 2:] - self.walk_segments[:, :2]).T)
        table = gpd.GeoDataFrame(
            {
                "point": self.ids.take(origin),
                "minutes": np.array(self.minutes)[band],
                "edge": np.concatenate([self.edge, np.full(len(self.walk_origin), -1, np.int32)]),
                "length_m": np.concatenate([(self.end_mm - self.start_mm) / 1000, walked]),
            },
            geometry=shapely.linestrings(ends.reshape(-1, 2, 2)),
            crs=network.crs,
        )
        return table.iloc[np.lexsort((band, origin))].reset_index(drop=True)


class ReachWorkspace:
    """Arrays one thread searches with; every search leaves them as they were."""

    def __init__(self, network: Network, limit: int) -> None:
        self.keys = SearchKeys(0, bucket_bits(network, limit), limit)
        self.search = search_workspace(network, wide=False, buckets=(limit >> self.keys.shift) + 1)
        self.marks = EdgeMarks(np.full(len(network), -1, np.int32), np.zeros(len(network), np.int32))
        self.stamped = 0

    def mark(self) -> int:
        """A stamp no edge carries yet."""
        self.stamped += 1
        return self.stamped


def edges_at_nodes(network: Network, *, outward: bool) -> NodeEdges:
    """Every edge at every node from which it is gone over, parallel ones too, derived once."""
    u, v = network.nodes_behind if outward else network.nodes_ahead
    name = f"edges_at_nodes_{outward and len(network.port_ends) > 0}"
    return network.cache.get(name, lambda: edges_of_nodes(network.n_nodes, u, v))


def directed_edges(network: Network, *, outward: bool) -> DirectedEdges:
    """The network's edges with their costs along the streets, or against them."""
    costs = (network.cost_forward, network.cost_backward)
    forward, backward = costs if outward else costs[::-1]
    u, v = network.nodes_behind if outward else network.nodes_ahead
    return DirectedEdges(u, v, network.length_mm, forward, backward)


def straight_edges(network: Network, length_mm: NDArray[np.int32]) -> StraightEdges:
    """The network's edges as lines of so many millimetres."""
    return StraightEdges(network.u, network.v, length_mm, network.node_x, network.node_y)


def reach_bands(
    network: Network, origins: Origins, origin: int, bands: Bands, workspace: ReachWorkspace
) -> list[Pieces]:
    """What one search reaches, as pieces of edges, for every band."""
    rows = origins.sources(origin)
    outward = origins.direction == "out"
    # stage 1: one search up to the widest band
    work = workspace.search
    seed_node, seed_cost = origins.seed_node[rows].ravel(), origins.seed_cost[rows].ravel()
    reached = search(arcs_of(network, outward=outward), workspace.keys, seed_node, seed_cost, work)
    # stage 2: its edges, cut where each band runs out
    at_nodes, edges = edges_at_nodes(network, outward=outward), directed_edges(network, outward=outward)
    labels = NodeLabels(work.touched[:reached], work.key, _NOBODY)
    sources = EdgeSources(
        origins.edge[rows], origins.offset_mm[rows], origins.cost[rows], origins.owner[rows]
    )
    by_band = []
    before = -1
    for limit in bands.limits:
        by_band.append(cut_edges(at_nodes, edges, labels, sources, limit, before))
        before = limit
    # stage 3: the workspace as it was
    work.key[work.touched[:reached]] = NARROW_LIMIT
    return by_band


def segments_of(network: Network, pieces: Pieces, walks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pieces as straight segments in metres, and any walks after them."""
    segments: NDArray[np.float64] = piece_segments(pieces, straight_edges(network, network.length_mm), walks)
    return segments


def each_origin(
    network: Network,
    origins: Origins,
    bands: Bands,
    work: Callable[[Sequence[int], ReachWorkspace], list[PerOrigin]],
    threads: int | None = None,
) -> list[PerOrigin]:
    """Do something for every origin, neighbours one after another, on several threads.

    Parameters
    ----------
    work
        Called with the positions of a few neighbouring origins, and a workspace nobody else uses meanwhile.
    threads
        Number of threads; the machine's if None.

    Returns
    -------
    list
        By origin; the same whatever `threads` is.
    """
    edges_at_nodes(network, outward=origins.direction == "out")
    # stage 1: origins in the order of the node they join: neighbours touch the same memory
    has_source = np.diff(origins.first) > 0
    place = np.zeros(len(origins), np.int32)
    place[has_source] = network.u[origins.edge[origins.first[:-1][has_source]]]
    order = np.argsort(place, kind="stable").tolist()
    # stage 2: a few at a time, and enough such tasks that no thread waits long for another
    tasks = thread_count(threads, len(order)) * _TASKS_PER_THREAD
    size = max(1, min(_MOST_AT_ONCE, len(order) // tasks))
    few = [order[at : at + size] for at in range(0, len(order), size)]
    results = each(work, few, tool=lambda: ReachWorkspace(network, bands.limits[-1]), threads=threads)
    # stage 3: results back in the order of the origins
    by_origin = dict(zip(order, itertools.chain.from_iterable(results), strict=True))
    return [by_origin[origin] for origin in range(len(order))]


def reach(
    network: Network,
    snaps: Snaps,
    minutes: Sequence[float],
    *,
    direction: Direction = "out",
    group: ArrayLike | None = None,
    places: NDArray[np.float64] | None = None,
    delay_s: ArrayLike | None = None,
    speed_kmh: float | None = None,
    threads: int | None = None,
) -> ReachedLines:
    """The streets within some minutes of every origin, from one search each.

    Edges are cut where the time runs out, from both ends; an edge whose two remainders do not meet
    gives two pieces.

    Parameters
    ----------
    network, snaps
        The network and where the points join it; unreached points reach nothing.
    minutes
        Bands, each > 0.
    direction
        ``"out"``: time from the origin; ``"in"``: time to it.
    group, places, delay_s
        As `gather_origins`: several points may be entries of one origin.
    speed_kmh
        As `bands_of`.
    threads
        Number of threads, the machine's if None; the result does not depend on it.

    Raises
    ------
    InputError
        As `bands_of`.
    MismatchedIndexError
        If the points were snapped to another network.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> lines = reach(streets, streets.snap(grid_places({"corner": (0, 0)})), [1.5, 3])
    >>> lines.length_m().loc["corner"].tolist()
    [200.0, 600.0]
    """
    bands = bands_of(network, minutes, speed_kmh)
    origins = gather_origins(
        network,
        snaps,
        group=group,
        places=places,
        delay_s=delay_s,
        speed_kmh=speed_kmh,
        direction=direction,
    )
    # stage 1: the pieces of every band of every origin
    by_origin = each_origin(
        network,
        origins,
        bands,
        lambda rows, space: [reach_bands(network, origins, row, bands, space) for row in rows],
        threads,
    )
    by_band = [pieces for bands_reached in by_origin for pieces in bands_reached]
    pieces = np.concatenate([np.empty((0, 5), np.int32), *by_band])
    walks = [
        walks_within(origins, origins.sources(row), limit)[0]
        for row in range(len(origins))
        for limit in bands.limits
    ]
    # stage 2: which origin and band each piece and walk belongs to
    here = np.repeat(np.arange(len(by_band), dtype=np.int32), [len(part) for part in by_band])
    walking = np.repeat(np.arange(len(walks), dtype=np.int32), [len(part) for part in walks])
    return ReachedLines(
        ids=origins.ids,
        minutes=bands.minutes,
        origin=here // len(bands.limits),
        band=here % len(bands.limits),
        edge=pieces[:, 0].copy(),
        start_mm=pieces[:, 1].copy(),
        end_mm=pieces[:, 2].copy(),
        segments=segments_of(network, pieces, np.empty((0, 4))),
        walk_origin=walking // len(bands.limits),
        walk_band=walking % len(bands.limits),
        walk_segments=np.concatenate([np.empty((0, 4)), *walks]),
    )
