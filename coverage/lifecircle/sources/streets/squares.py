"""Squares, platforms and other areas that people cross: edges on the shortest lines inside them.

Areas that touch are one, and walls part them (`square_ground`). Entries of an area are the nodes it shares
with ways or other areas, and the places where a way of the same level crosses its outline. Edges join entries
and reflex corners that see each other (`visibility`), so that the walk between two entries is the shortest
one inside the area. The sides of its outline are edges, too: whoever stands beside the area joins it there,
and walks along its outline to the next entry or corner.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.sources.osm.file import NodePlaces, eastward
from lifecircle.sources.streets.rings import Outline
from lifecircle.sources.streets.square_ground import Walls, walked_grounds
from lifecircle.sources.streets.square_outlines import (
    OutlinePart,
    cut_at_outlines,
    outline_parts,
    with_outline_nodes,
)
from lifecircle.sources.streets.visibility import ENTRY, REFLEX, reflex_corners, sight_lines
from lifecircle.sources.streets.way_use import use_columns
from lifecircle.tables import StreetTable
from lifecircle.tables.streets import AREA_CLASS

MOST_EDGES: Final = 3000
"""Edges across one area, its sides aside. An area with more keeps from every corner the nearest one seen in
each of `_CONES` directions: walks across it are then up to 1.27 times the shortest (a theta graph of 32
cones, Bose and van Renssen, 2019), nearly always less than 1.02 times."""

MOST_WORK: Final = 400_000_000
"""Pairs of corners times corners. An area beyond it is walked round along its outline only, and counted."""

_CONES: Final = 32
_M_PER_DEGREE: Final = 111_195.0
_HALF_TURN: Final = 180.0

__all__ = ["MOST_EDGES", "MOST_WORK", "crossed_areas"]


@dataclasses.dataclass(frozen=True)
class _Corners:
    """Corners of all areas, ring by ring: outer rings run counter-clockwise, holes clockwise.

    Attributes
    ----------
    node : number of the corner's node
    before, after : its neighbours on the ring
    start : areas + 1, where each area's corners begin
    """

    node: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    start: NDArray[np.int64]


def crossed_areas(
    streets: StreetTable,
    outlines: Sequence[Outline],
    *,
    places: NodePlaces,
    level: NDArray[np.int8],
    walls: Walls,
) -> StreetTable:
    """The streets with the lines on which people cross areas.

    Parameters
    ----------
    streets
        Streets on which the mode may go.
    outlines
        Areas that the mode may cross.
    places
        Where the file's nodes lie.
    level
        One per segment of `streets`: ``layer``, else 1 on bridges and -1 in tunnels.
    walls
        What parts areas on the ground.

    Returns
    -------
    StreetTable
        Edges across areas are of the class ``area``. Counts: ``street-areas-crossed``,
        ``street-areas-one-entry``, ``street-areas-broken``, ``street-areas-thinned``,
        ``street-areas-round``, ``street-areas-hatched``.
    """
    if not len(streets) or np.ptp(streets.lon) <= _HALF_TURN:
        return _crossed(streets, outlines, places=places, level=level, walls=walls)
    # streets on both sides of 180 degrees: east of it longitudes count on, so that areas on it are whole
    there = dataclasses.replace(streets, lon=eastward(streets.lon))
    there = _crossed(there, outlines, places=places.eastward(), level=level, walls=walls)
    lon = np.where(there.lon > _HALF_TURN, there.lon - 360.0, there.lon)
    lon[: len(streets.lon)] = streets.lon
    return dataclasses.replace(there, lon=lon)


def _crossed(
    streets: StreetTable,
    outlines: Sequence[Outline],
    *,
    places: NodePlaces,
    level: NDArray[np.int8],
    walls: Walls,
) -> StreetTable:
    """`crossed_areas` where longitudes make no jump."""
    usable, broken = outline_parts(outlines, places)
    counts = {"street-areas-broken": broken}
    if not usable:
        return dataclasses.replace(streets, counts={**streets.counts, **counts})
    grown, rings = with_outline_nodes(streets, usable, places)
    grown, usable, rings, inner = walked_grounds(
        grown, usable, rings, level=level, walls=walls, places=places
    )
    if not usable:
        return dataclasses.replace(streets, counts={**streets.counts, **counts})
    grown, rings, hatched = cut_at_outlines(grown, usable, rings, level)
    counts["street-areas-hatched"] = hatched
    rings = [[*ring, *lone] for ring, lone in zip(rings, inner, strict=True)]
    corners = _corners(rings)
    mark = _entries(corners, grown)
    of_area = np.repeat(np.arange(len(usable)), np.diff(corners.start))
    entries = np.bincount(of_area, weights=mark, minlength=len(usable))
    counts["street-areas-one-entry"] = int((entries < 2).sum())
    counts["street-areas-crossed"] = int((entries >= 2).sum())
    one, other, thinned, round_only = _lines(corners, mark, grown, entries >= 2)
    counts["street-areas-thinned"], counts["street-areas-round"] = thinned, round_only
    crossed = _with_edges(grown, usable, corners.node[one], corners.node[other], of_area[one])
    return dataclasses.replace(crossed, counts={**streets.counts, **counts})


def _corners(rings: list[list[NDArray[np.int64]]]) -> _Corners:
    """All rings laid out one after another."""
    sizes = np.array([len(ring) for area in rings for ring in area])
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    within = np.arange(sizes.sum()) - first
    size = np.repeat(sizes, sizes)
    per_area = [sum(map(len, area)) for area in rings]
    return _Corners(
        node=np.concatenate([ring for area in rings for ring in area]),
        before=first + (within - 1) % size,
        after=first + (within + 1) % size,
        start=np.concatenate([[0], np.cumsum(per_area)]).astype(np.int64),
    )


def _entries(corners: _Corners, streets: StreetTable) -> NDArray[np.bool_]:
    """Marks the corners that are nodes of a way, or of another area."""
    on_way = np.zeros(len(streets.lon), bool)
    on_way[streets.u], on_way[streets.v] = True, True
    area = np.repeat(np.arange(len(corners.start) - 1), np.diff(corners.start))
    pairs = np.unique(np.column_stack([corners.node, area]), axis=0)
    shared = np.bincount(pairs[:, 0], minlength=len(streets.lon)) > 1
    return np.asarray((on_way | shared)[corners.node])


def _lines(
    corners: _Corners, entry: NDArray[np.bool_], streets: StreetTable, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int]:
    """Pairs of corners to join, and how many areas were thinned or are walked round only."""
    sizes = np.diff(corners.start)
    area = np.repeat(np.arange(len(sizes)), sizes)
    lon, lat = streets.lon[corners.node], streets.lat[corners.node]
    lat_0, lon_0 = lat[corners.start[:-1]][area], lon[corners.start[:-1]][area]
    x = (lon - lon_0) * _M_PER_DEGREE * np.cos(np.radians(lat_0))
    y = (lat - lat_0) * _M_PER_DEGREE
    mark = entry * ENTRY + reflex_corners(x, y, corners.before, corners.after) * REFLEX
    mark[~wanted[area]] = 0
    marked = np.bincount(area, weights=mark > 0, minlength=len(sizes))
    too_much = wanted & (marked**2 * sizes / 2 > MOST_WORK)
    mark[too_much[area]] = 0
    one, other = sight_lines(corners.start, x, y, corners.before, corners.after, mark.astype(np.uint8))
    round_at = np.flatnonzero(too_much[area])
    one, other = np.append(one, round_at), np.append(other, corners.after[round_at])
    count = np.bincount(area[one], minlength=len(sizes))
    dense = (count > MOST_EDGES) & ~too_much
    kept = ~dense[area[one]]
    kept |= _nearest_in_cones(one, other, x, y, corners)
    one, other = _with_sides(one[kept], other[kept], corners, wanted[area])
    return one, other, int(dense.sum()), int(too_much.sum())


def _with_sides(
    one: NDArray[np.int64], other: NDArray[np.int64], corners: _Corners, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of corners, and those of the sides of outlines that are not among them."""
    side = np.flatnonzero(wanted & (corners.node != corners.node[corners.after]))
    ends = np.sort(np.column_stack([side, corners.after[side]]), axis=1)
    pairs = np.sort(np.column_stack([one, other]), axis=1)
    held = np.isin(ends @ [len(wanted), 1], pairs @ [len(wanted), 1])
    return np.append(one, ends[~held, 0]), np.append(other, ends[~held, 1])


def _nearest_in_cones(
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    corners: _Corners,
) -> NDArray[np.bool_]:
    """Marks the lines that are the shortest from one of their ends in a cone, and the sides of outlines."""
    length = np.hypot(x[other] - x[one], y[other] - y[one])
    kept = (corners.after[one] == other) | (corners.before[one] == other)
    for start, end in ((one, other), (other, one)):
        angle = np.arctan2(y[end] - y[start], x[end] - x[start])
        cone = np.floor((angle + np.pi) / (2 * np.pi) * _CONES).astype(np.int64) % _CONES
        order = np.lexsort((length, cone, start))
        first = np.append(True, (np.diff(start[order]) != 0) | (np.diff(cone[order]) != 0))[: len(order)]
        kept[order[first]] = True
    return kept


def _with_edges(
    streets: StreetTable,
    parts: Sequence[OutlinePart],
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    area: NDArray[np.int64],
) -> StreetTable:
    """The streets with the lines across areas, each a segment of its area's way."""
    uses = [dataclasses.replace(part.outline.use, highway=AREA_CLASS) for part in parts]
    columns: dict[str, Any] = use_columns(uses, area)
    way = np.array([part.outline.way for part in parts], np.int64)[area]
    order = np.lexsort((v, u, way))
    first = np.append(True, np.diff(way[order]) != 0)[: len(order)]
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    segment = np.empty(len(order), np.int64)
    segment[order] = rank
    # A way may be a street beside the area it bounds: numbers go on after the street's.
    held = np.flatnonzero(np.isin(streets.way, way))
    for name in np.unique(streets.way[held]):
        segment[way == name] += int(streets.segment[held][streets.way[held] == name].max()) + 1
    columns["name"] = np.array([part.outline.name for part in parts], np.int32)[area]
    columns["highway"] = np.full(len(area), len(streets.highways), np.int32)
    del columns["highways"]
    columns |= {"u": u, "v": v, "way": way, "segment": segment}
    grown: dict[str, Any] = {
        name: np.concatenate([getattr(streets, name), values.astype(getattr(streets, name).dtype)])
        for name, values in columns.items()
    }
    return dataclasses.replace(streets, **grown, highways=(*streets.highways, AREA_CLASS))
