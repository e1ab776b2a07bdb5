"""What no straight walk between a point and its street gets through, as straight pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.sources.osm.file import NodePlaces

_M_PER_DEGREE: Final = 111_195.0

__all__ = ["BarrierChain", "barrier_pieces", "chain_pieces"]


@dataclass(frozen=True)
class BarrierChain:
    """A barrier of an OpenStreetMap file, or a part of its outline.

    Attributes
    ----------
    refs : ids of its nodes
    ground : it bounds an area, out of which whoever is inside is let
    body : what the parts of one outline share; 0 where the chain is all of it
    wall : a wall or a fence, which also parts the areas that people cross
    """

    refs: Sequence[int]
    ground: bool = False
    body: int = 0
    wall: bool = False


def chain_pieces(
    chains: Sequence[BarrierChain], places: NodePlaces, *, plot_m2: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Barriers of an OpenStreetMap file; see `barrier_pieces` for what is returned.

    Parameters
    ----------
    chains
        Lines and outlines. Pieces whose nodes the file lacks are left out.
    places
        Where the file's nodes lie.
    plot_m2
        Lines that close round less than this bar nobody: gardens and yards.
    """
    if not chains:
        return np.empty((0, 4)), np.empty(0, np.int32)
    # Places of all nodes, looked up once.
    sizes = np.array([len(chain.refs) for chain in chains])
    ids, at = np.unique(np.concatenate([np.asarray(c.refs, np.int64) for c in chains]), return_inverse=True)
    lon, lat = (values[at] for values in places.look_up(ids))
    of = np.repeat(np.arange(len(chains)), sizes)
    ground = np.array([chain.ground for chain in chains])
    shared = np.array([chain.body for chain in chains])
    # Parts of one relation bound one body; every other outline is a body of its own.
    body = np.where(shared > 0, shared, -1 - np.arange(len(chains)))
    body = np.where(ground, np.unique(body, return_inverse=True)[1], -1).astype(np.int32)
    # Neighbouring nodes of one chain make a piece, where both have a place.
    pair = np.flatnonzero((of[:-1] == of[1:]) & ~np.isnan(lon[:-1] + lon[1:]))
    # Yards: closed lines round less than `plot_m2` (shoelace formula, longitudes shrunk to the latitude).
    first = np.cumsum(sizes) - sizes
    closed = ids[at[first]] == ids[at[first + sizes - 1]]
    x = lon * np.cos(np.radians(lat))
    twice = np.bincount(of[pair], x[pair] * lat[pair + 1] - x[pair + 1] * lat[pair], minlength=len(chains))
    plot = ~ground & closed & (np.abs(twice) / 2 * _M_PER_DEGREE**2 < plot_m2)
    pair = pair[~plot[of[pair]]]
    return np.column_stack([lon[pair], lat[pair], lon[pair + 1], lat[pair + 1]]), body[of[pair]]


def barrier_pieces(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Barriers of a layer as straight pieces.

    Parameters
    ----------
    shapes
        Lines, polygons and collections of them, degrees.

    Returns
    -------
    pieces : float64, n × 4
        lon, lat, lon, lat.
    body : int32
        Number of the polygon that a piece bounds; -1 for a line.
    """
    # Lines, and rings of polygons with the number of the polygon.
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    flat = shapely.get_parts(shapely.get_parts(there))
    kind = shapely.get_type_id(flat)
    lines = flat[np.isin(kind, (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))]
    outlines, of_ground = shapely.get_rings(flat[kind == shapely.GeometryType.POLYGON], return_index=True)
    body = np.concatenate([np.full(len(lines), -1), of_ground]).astype(np.int32)
    # Neighbouring vertices of one line make a piece.
    xy, of = shapely.get_coordinates(np.concatenate([lines, outlines]), return_index=True)
    pair = of[:-1] == of[1:]
    return np.column_stack([xy[:-1][pair], xy[1:][pair]]).reshape(-1, 4), body[of[:-1][pair]]
