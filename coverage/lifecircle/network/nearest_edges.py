"""The street nearest to a point, and the nearest that a straight walk reaches without crossing a barrier."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.kernels.free_walks import Walls, free_walks, nearest_free_segments
from lifecircle.network.kernels.segment_index import IndexFrame, SegmentIndex, fill_index, nearest_segments
from lifecircle.network.spatial_graph import SpatialGraph
from lifecircle.network.threads import each
from lifecircle.network.zones import in_plane

__all__ = [
    "ON_IT_M",
    "barrier_walls",
    "edge_index",
    "nearest_edges",
    "nearest_free_edges",
    "places_on_edges",
]

_FARTHEST_SNAP_M: Final = 1_000_000.0
_LEAST_CELL_M: Final = 25.0
_BLOCK_POINTS: Final = 8192
_STRAY_SHARE: Final = 0.02
"""So small a share of the places at either end is looked at for whether it lies far from all others."""

ON_IT_M: Final = 1.0
"""A point this near to a bridge stands on it and may join it."""

_ON_IT_MM: Final = int(ON_IT_M * 1000)


def nearest_edges(
    index: SegmentIndex,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    limit_m: float,
    skip: NDArray[np.uint8],
    walls: Walls | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Nearest edge to each point within a limit (-1 for none), and how far it is in mm.

    With `walls` it is the nearest edge that no barrier lies before.
    """
    limit = min(limit_m, _FARTHEST_SNAP_M)

    def search(first: int, _: None) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Edge and distance of one block of points."""
        block = slice(first, first + _BLOCK_POINTS)
        edge: NDArray[np.int32]
        away_mm: NDArray[np.int32]
        if walls is None:
            edge, away_mm = nearest_segments(x[block], y[block], limit, index, skip, _ON_IT_MM)
        else:
            edge, away_mm = nearest_free_segments(x[block], y[block], limit, index, skip, _ON_IT_MM, walls)
        return edge, away_mm

    blocks = each(search, range(0, max(len(x), 1), _BLOCK_POINTS), tool=lambda: None)
    return np.concatenate([edge for edge, _ in blocks]), np.concatenate([mm for _, mm in blocks])


def edge_index(network: SpatialGraph) -> SegmentIndex:
    """The network's edges in a spatial index, built when first asked for.

    Each is drawn from its smaller to its larger node, so that both directions of a street project alike.
    """
    return network.cache.get("edge_index", lambda: _build_edge_index(network))


def _build_edge_index(network: SpatialGraph) -> SegmentIndex:
    """About two cells for every edge, so that a street map of any size takes little memory."""
    first, second = np.minimum(network.u, network.v), np.maximum(network.u, network.v)
    ends = (network.node_x[first], network.node_y[first], network.node_x[second], network.node_y[second])
    frame = _frame_over(_most_of(network.node_x), _most_of(network.node_y), len(network))
    return SegmentIndex(*ends, frame, *fill_index(*ends, frame))


def nearest_free_edges(
    network: SpatialGraph,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    limit_m: float,
    skip: NDArray[np.uint8],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Nearest edge that can be walked to freely, how far it is in mm, and who meets only barred ones."""
    index, walls = edge_index(network), barrier_walls(network)
    nearest, away_mm = nearest_edges(index, x, y, limit_m=limit_m, skip=skip)
    if walls is None:
        return nearest, away_mm, np.zeros(len(x), bool)
    # most walks cross nothing: only those that do are searched a second time, edge by edge
    _, joined_x, joined_y = places_on_edges(network, nearest, x, y)
    barred = np.flatnonzero(~free_walks(x, y, joined_x, joined_y, walls))
    if len(barred):
        nearest[barred], away_mm[barred] = nearest_edges(
            index, x[barred], y[barred], limit_m=limit_m, skip=skip, walls=walls
        )
    blocked = np.zeros(len(x), bool)
    blocked[barred] = nearest[barred] < 0
    return nearest, away_mm, blocked


def places_on_edges(
    network: SpatialGraph, edge: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Offset along the edge joined in mm from u, and the place itself."""
    # projection onto the edge, drawn from its smaller node: both directions give one place
    u, v = network.u[edge], network.v[edge]
    first, second = np.minimum(u, v), np.maximum(u, v)
    ax, ay = network.node_x[first], network.node_y[first]
    dx, dy = network.node_x[second] - ax, network.node_y[second] - ay
    square = dx * dx + dy * dy
    share = ((x - ax) * dx + (y - ay) * dy) / np.where(square > 0, square, 1)
    share = np.clip(np.where(edge >= 0, share, 0), 0, 1)
    # millimetres are exact integers, counted from u whichever way the edge was drawn
    from_first = np.rint(share * network.length_mm[edge]).astype(np.int32)
    offset = np.where(u == first, from_first, network.length_mm[edge] - from_first)
    reached = edge >= 0
    return (
        np.where(reached, offset, -1).astype(np.int32),
        np.where(reached, ax + share * dx, np.nan),
        np.where(reached, ay + share * dy, np.nan),
    )


def barrier_walls(network: SpatialGraph) -> Walls | None:
    """The network's barriers in a spatial index, built when first asked for; None where it has none."""
    return network.cache.get("barrier_walls", lambda: _build_walls(network))


def _build_walls(network: SpatialGraph) -> Walls | None:
    """Barriers in the network's plane."""
    if not len(network.barriers):
        return None
    lon, lat = network.barriers.reshape(-1, 2).T
    x, y = in_plane(lon, lat, network.crs)
    ax, ay, bx, by = (np.ascontiguousarray(axis) for axis in (x[::2], y[::2], x[1::2], y[1::2]))
    bounds = (float(x.min()), float(x.max())), (float(y.min()), float(y.max()))
    frame = _frame_over(*bounds, len(network.barrier_body))
    pieces = SegmentIndex(ax, ay, bx, by, frame, *fill_index(ax, ay, bx, by, frame))
    # pieces that bound one area, side by side
    bodies = int(network.barrier_body.max(initial=-1)) + 1
    in_body = np.flatnonzero(network.barrier_body >= 0)
    body_piece = in_body[np.argsort(network.barrier_body[in_body], kind="stable")]
    sizes = np.bincount(network.barrier_body[in_body], minlength=bodies)
    body_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Walls(pieces, network.barrier_body, body_start, body_piece)


def _most_of(axis: NDArray[np.float64]) -> tuple[float, float]:
    """Least and greatest coordinate, less a few far away: one stray street must not widen all cells."""
    low, high = np.quantile(axis, [_STRAY_SHARE, 1 - _STRAY_SHARE])
    beside = (high - low) / 2
    return float(max(axis.min(), low - beside)), float(min(axis.max(), high + beside))


def _frame_over(across: tuple[float, float], along: tuple[float, float], segments: int) -> IndexFrame:
    """The frame of an index from west to east and from south to north, with about two cells for a segment."""
    (west, east), (south, north) = across, along
    width, height = east - west, north - south
    # streets stand close in towns; along the longer side a quarter as many cells as segments at most
    cell = max(
        _LEAST_CELL_M, float(np.sqrt(width * height / (2 * segments))), 4 * max(width, height) / segments
    )
    return IndexFrame(west, south, cell, int(width // cell) + 1, int(height // cell) + 1)
