"""Competing catchments: the reached area shared out among facilities, each place to the nearest by network.

Streets are split at their watersheds (the place equally far from two facilities), each part labelled
with its owner, and a grid remembers whose street is nearest to each of its vertices. Outlines follow the
labels by marching squares in which neighbours share every vertex of their border: the catchments tile
exactly the area that one outline around all of them would enclose, and never overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from lifecircle.arguments import require, require_method
from lifecircle.errors import MismatchedIndexError
from lifecircle.network.areas.cutting import Minus, cut_out, solid_of
from lifecircle.network.areas.field import (
    LabelledField,
    Rings,
    labelled_field,
    polygons,
    require_resolution,
)
from lifecircle.network.areas.isochrones import places_in
from lifecircle.network.areas.reached_lines import Pieces, directed_edges, edges_at_nodes, segments_of
from lifecircle.network.graph import Network
from lifecircle.network.kernels.bucket_search import SearchKeys, search
from lifecircle.network.kernels.contour_labels import chain_rings, label_strokes
from lifecircle.network.kernels.reach_lines import EdgeSources, NodeLabels, cut_edges
from lifecircle.network.keys import FAR, OWNER_BITS
from lifecircle.network.routing.origins import Direction, Origins, bands_of, gather_origins, walks_within
from lifecircle.network.routing.sides import arcs_of, bucket_bits, search_workspace
from lifecircle.network.snapping import Snaps

__all__ = ["competing_catchments"]

_WHOLE: Final = slice(None)


def competing_catchments(
    network: Network,
    targets: Snaps,
    owner: ArrayLike,
    *,
    max_minutes: float | None = None,
    direction: Direction = "in",
    places: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    delay_s: ArrayLike | None = None,
    speed_kmh: float | None = None,
    buffer_m: float = 30.0,
    grid_m: float = 10.0,
    minus: Minus | None = None,
) -> gpd.GeoDataFrame:
    """Each facility's share of the area from which any facility is reached.

    Parameters
    ----------
    network, targets
        The network, and where each entry of a facility joins it.
    owner
        Id of the facility each entry belongs to. Of two equally near the smaller id has the place.
    max_minutes
        Limit of the walk; None for everything that can be reached.
    direction
        ``"in"``: resident to facility; ``"out"``: the way back.
    places
        The entries themselves, any CRS: their walks to the street are drawn too.
    delay_s
        Seconds to be added at each entry.
    speed_kmh
        The network's own speed if None.
    buffer_m, grid_m, minus
        As `isochrones`. Coarser grids make borders coarser, never gaps.

    Returns
    -------
    GeoDataFrame
        One row per facility, sorted by id: ``owner``, ``reached_m`` (street length nearest to it),
        ``area_m2``, ``geometry`` (empty where it is nearest to nothing), in the network's CRS.

    Raises
    ------
    InputError
        As `isochrones`.
    MismatchedIndexError
        If `owner` is not as long as `targets`.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> clinics = streets.snap(grid_places({"west": (0.0, 0.0), "east": (200.0, 0.0)}))
    >>> shares = lc.competing_catchments(streets, clinics, ["west", "east"])
    >>> shares[["owner", "reached_m"]].values.tolist()
    [['east', 700.0], ['west', 500.0]]
    """
    require_resolution(buffer_m, grid_m)
    require_method("digest", "network", network=network)
    require_method("edge", "snaps", targets=targets)
    require("ids", owner=owner)
    require("text", direction=direction)
    require("outline", optional=True, places=places, minus=minus)
    require("numbers", optional=True, delay_s=delay_s)
    if delay_s is not None and np.ndim(delay_s) and np.size(delay_s) != len(targets):
        raise MismatchedIndexError(f"{np.size(delay_s)} delays for {len(targets)} snapped points")
    if places is not None and len(places) != len(targets):
        raise MismatchedIndexError(f"{len(places)} places for {len(targets)} snapped points")
    labels = np.asarray(owner)
    if labels.dtype == object:  # ids of several types have an order only as texts
        labels = labels.astype(str)
    ids, rank = np.unique(labels, return_inverse=True)
    if len(rank) != len(targets):
        raise MismatchedIndexError(f"{len(rank)} owners for {len(targets)} snapped points")
    # stage 1: all entries are seeds of one search, each with its owner's rank
    origins = gather_origins(
        network,
        targets,
        group=np.zeros(len(targets), np.int64),
        owner=rank,
        places=None if places is None else places_in(network, places),
        delay_s=delay_s,
        speed_kmh=speed_kmh,
        direction=direction,
    )
    limit = FAR - 1 if max_minutes is None else bands_of(network, [max_minutes], speed_kmh).limits[0]
    # stage 2: streets split at the watersheds, and the walks to them
    pieces = _owned_pieces(network, origins, limit)
    walks, walkers = walks_within(origins, _WHOLE, limit)
    segments = segments_of(network, pieces, walks)
    label = np.concatenate([pieces[:, 3], origins.owner[walkers]])
    shapes = np.full(len(ids), shapely.Polygon(), dtype=object)
    # stage 3: their field of labels outlined
    if len(segments):
        field = labelled_field(segments, label, buffer_m=buffer_m, grid_m=grid_m)
        shapes = cut_out(polygons(_label_rings(field, len(ids))), solid_of(minus, network.crs))
    # stage 4: street length by owner
    pieces = pieces[network.street_mm[pieces[:, 0]] > 0]
    length_mm = np.bincount(pieces[:, 3], weights=pieces[:, 2] - pieces[:, 1], minlength=len(ids))
    return gpd.GeoDataFrame(
        {"owner": pd.Index(ids), "reached_m": length_mm / 1000, "area_m2": shapely.area(shapes)},
        geometry=shapes,
        crs=network.crs,
    )


def _owned_pieces(network: Network, origins: Origins, limit: int) -> Pieces:
    """Every street within the limit, split at the watersheds, with the rank of its owner."""
    outward = origins.direction == "out"
    # stage 1: one search from all entries, whose keys carry the owner's rank
    bound = min(limit, _farthest(network, origins))
    bits = OWNER_BITS
    shift = bucket_bits(network, bound) + bits
    keys = SearchKeys(bits, shift, ((bound + 1) << bits) - 1)
    work = search_workspace(network, wide=True, buckets=(((bound + 1) << bits) >> shift) + 1)
    seed_key = (origins.seed_cost << bits) | origins.owner[:, None]
    seed_node = origins.seed_node.ravel()
    reached = search(arcs_of(network, outward=outward), keys, seed_node, seed_key.ravel(), work)
    # stage 2: keys taken apart into cost and owner, edges cut where one owner's ground meets another's
    owner = (work.key & ((1 << bits) - 1)).astype(np.int32)
    labels = NodeLabels(work.touched[:reached], work.key >> bits, owner)
    sources = EdgeSources(origins.edge, origins.offset_mm, origins.cost, origins.owner)
    edges = directed_edges(network, outward=outward)
    pieces: Pieces = cut_edges(edges_at_nodes(network, outward=outward), edges, labels, sources, bound, -1)
    return pieces


def _farthest(network: Network, origins: Origins) -> int:
    """No place costs more to reach than every street one after another."""
    # a bound, not a distance: it only sets the number of buckets
    open_cost = np.maximum(np.maximum(network.cost_forward, network.cost_backward), 0)
    return int(open_cost.sum(dtype=np.int64)) + int(origins.cost.max(initial=0))


def _label_rings(field: LabelledField, count: int) -> Sequence[Rings]:
    """The outline of every label, 0 to `count` - 1."""
    nearest, two = field.nearest, field.nearest_two
    # stage 1: borders of all labels, chained into rings
    strokes, junctions, parent = label_strokes(two, nearest.blocks, nearest.buffer_m)
    rows, columns = (size << nearest.blocks.bits for size in nearest.blocks.slot.shape)
    following = _following(strokes, 3 * rows * columns)
    points, first, owner, part, area = chain_rings(
        strokes, following, junctions, parent, two, nearest.blocks, nearest.buffer_m
    )
    points = (points + np.array([nearest.west, nearest.south])) * nearest.cell_m
    # by owner and part; a part's shell comes first, so that its holes can name it
    order = np.lexsort((area < 0, part, owner))
    start = np.searchsorted(owner[order], np.arange(count + 1))
    # stage 2: the rings of each label, each part's shell before its holes
    outlines = []
    for label in range(count):
        mine = order[start[label] : start[label + 1]]
        sizes = first[mine + 1] - first[mine]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        taken = np.arange(starts[-1]) + np.repeat(first[mine] - starts[:-1], sizes)
        shell = np.searchsorted(part[mine], part[mine], side="left")
        outlines.append(Rings(points[taken], starts, shell.astype(np.int32)))
    return outlines


def _following(strokes: NDArray[np.int64], points: int) -> NDArray[np.int64]:
    """For each stroke the one of the same label that starts where it ends."""
    # one number per label and point: a stroke ends where exactly one of its label starts
    start = strokes[:, 0] * points + strokes[:, 1]
    order = np.argsort(start)
    end = strokes[:, 0] * points + strokes[:, 2]
    following: NDArray[np.int64] = order[np.searchsorted(start[order], end)]
    return following
