"""Outlines of areas that people cross: rings with holes, and common nodes where streets meet them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.sources.osm.file import NodePlaces
from lifecircle.sources.streets.rings import Outline
from lifecircle.sources.streets.visibility import outline_crossings
from lifecircle.tables import StreetTable
from lifecircle.tables.validity import are_valid

__all__ = ["MOST_CROSSINGS", "OutlinePart", "Rings", "cut_at_outlines", "outline_parts", "with_outline_nodes"]

MOST_CROSSINGS: Final = 10_000
"""Places where streets cross the outline of one area, beyond which it stays joined at common nodes only."""

_STEP: Final = 1e-7

Rings = list[list[NDArray[np.int64]]]
"""The rings of every area as numbers of nodes."""


@dataclasses.dataclass(frozen=True)
class OutlinePart:
    """One outer ring with its holes, as node ids, and the outline it belongs to."""

    outline: Outline
    rings: tuple[tuple[int, ...], ...]


def outline_parts(outlines: Sequence[Outline], places: NodePlaces) -> tuple[list[OutlinePart], int]:
    """Polygons of the outlines, and how many are none (cross themselves, lack nodes)."""
    rings = [np.array(ring, np.int64) for outline in outlines for ring in outline.rings]
    of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    ids = np.concatenate(rings)
    x, y = places.look_up(ids)
    first = np.append(True, of[1:] != of[:-1])
    previous = np.arange(len(of)) - 1
    previous[first] = np.flatnonzero(np.append(first[1:], True))
    twice = np.bincount(of, x[previous] * y - x * y[previous], minlength=len(rings))
    # Corners drawn twice over are one.
    new = (x != x[previous]) | (y != y[previous])
    sizes = np.bincount(of[new], minlength=len(rings))
    sound = ~np.isnan(twice) & (sizes >= 3)
    kept = new & sound[of]
    number = np.cumsum(sound) - 1
    polygons: NDArray[Any] = np.full(len(rings), None, object)
    polygons[sound] = shapely.polygons(
        shapely.linearrings(np.column_stack([x, y])[kept], indices=number[of[kept]])
    )
    sound &= are_valid(polygons)
    ends = np.cumsum(np.bincount(of, minlength=len(rings)))
    parts: list[OutlinePart] = []
    broken, ring = 0, 0
    for outline in outlines:
        mine = range(ring, ring + len(outline.rings))
        ring += len(outline.rings)
        if not sound[list(mine)].all():
            broken += 1
            continue
        # Counter-clockwise all, so that holes are the ones turned round.
        loops = {
            k: ids[ends[k] - len(rings[k]) : ends[k]][new[ends[k] - len(rings[k]) : ends[k]]] for k in mine
        }
        loops = {k: loop if twice[k] > 0 else loop[::-1] for k, loop in loops.items()}
        if len(mine) == 1:
            parts.append(OutlinePart(outline, (tuple(loops[ring - 1].tolist()),)))
            continue
        made = _nested(outline, loops, polygons)
        broken += made is None
        parts += made or []
    return parts, broken


def _nested(
    outline: Outline, loops: dict[int, NDArray[np.int64]], polygons: NDArray[Any]
) -> list[OutlinePart] | None:
    """Polygons with holes of rings in any order: a ring inside an odd number of others is a hole."""
    by_size = sorted(loops, key=lambda k: -float(shapely.area(polygons[k])))
    around = {k: [j for j in by_size[:at] if polygons[j].covers(polygons[k])] for at, k in enumerate(by_size)}
    parts = []
    for k in by_size:
        if len(around[k]) % 2:
            continue
        holes = [j for j in by_size if len(around[j]) % 2 and around[j][-1] == k]
        whole = shapely.Polygon(polygons[k].exterior, [polygons[j].exterior for j in holes])
        if not are_valid(np.array([whole]))[0]:
            return None
        rings = (tuple(loops[k].tolist()), *(tuple(loops[j][::-1].tolist()) for j in holes))
        parts.append(OutlinePart(outline, rings))
    return parts


def with_outline_nodes(
    streets: StreetTable, parts: Sequence[OutlinePart], places: NodePlaces
) -> tuple[StreetTable, Rings]:
    """The streets with the nodes of the outlines, and the rings as numbers of nodes."""
    ids = np.unique(np.array([node for part in parts for ring in part.rings for node in ring], np.int64))
    # Nodes that the streets have are found by id; the others are appended.
    order = np.argsort(streets.node_id)
    held = streets.node_id[order]
    at = np.minimum(np.searchsorted(held, ids), len(held) - 1)
    known = held[at] == ids
    number = np.where(known, order[at], 0)
    number[~known] = len(held) + np.arange((~known).sum())
    lon, lat = places.look_up(ids[~known])
    grown = dataclasses.replace(
        streets,
        lon=np.append(streets.lon, lon),
        lat=np.append(streets.lat, lat),
        node_id=np.append(streets.node_id, ids[~known]),
    )
    rings = [
        [number[np.searchsorted(ids, np.array(ring, np.int64))] for ring in part.rings] for part in parts
    ]
    return grown, rings


def cut_at_outlines(
    streets: StreetTable,
    parts: Sequence[OutlinePart],
    rings: Rings,
    level: NDArray[np.int8],
) -> tuple[StreetTable, Rings, int]:
    """Give segments and outlines that cross on one level a common node there.

    An outline that streets cross in more than `MOST_CROSSINGS` places is hatching, no square: it keeps the
    nodes that it shares with them. How many such there are is told.
    """
    side_u = np.concatenate([ring for area in rings for ring in area])
    side_v = np.concatenate([np.roll(ring, -1) for area in rings for ring in area])
    area_level = np.array([part.outline.use.level for part in parts])
    side_level = np.repeat(area_level, [sum(map(len, area)) for area in rings])
    first = np.concatenate([[0], np.cumsum([sum(map(len, area)) for area in rings])])
    segment, side = outline_crossings(
        first,
        *(axis[ends] for ends in (side_u, side_v) for axis in (streets.lon, streets.lat)),
        *(axis[ends] for ends in (streets.u, streets.v) for axis in (streets.lon, streets.lat)),
    )
    u, v = streets.u[segment], streets.v[segment]
    joined = (u == side_u[side]) | (u == side_v[side]) | (v == side_u[side]) | (v == side_v[side])
    keep = ~joined & (level[segment] == side_level[side])
    area = np.searchsorted(first, side, side="right") - 1
    often = np.bincount(area[keep], minlength=len(rings)) > MOST_CROSSINGS
    keep &= ~often[area]
    side, segment = side[keep], segment[keep]
    if not len(side):
        return streets, rings, int(often.sum())
    xy = np.column_stack([streets.lon, streets.lat])
    sides = shapely.linestrings(xy[np.stack([side_u[side], side_v[side]], axis=1)])
    segments = shapely.linestrings(xy[np.stack([u[keep], v[keep]], axis=1)])
    meet = shapely.intersection(sides, segments)
    # Lines that run along each other meet in a line: its first end is as good as any.
    empty = shapely.is_empty(meet)
    meet[empty] = shapely.get_point(shapely.shortest_line(sides[empty], segments[empty]), 0)
    meet_xy = np.array([shapely.get_coordinates(shape)[0] for shape in meet]).reshape(-1, 2)
    grown, node = _nodes_at(streets, meet_xy, segment)
    rings = _inserted(rings, side, node, grown)
    return _split(grown, segment, node), rings, int(often.sum())


def _nodes_at(
    streets: StreetTable,
    xy: NDArray[np.float64],
    segment: NDArray[np.intp],
) -> tuple[StreetTable, NDArray[np.int64]]:
    """A node at every crossing: an end of the segment where it is that, else a new one."""
    # Crossings in whole steps, so that two at one step are one node.
    steps = np.rint(xy / _STEP).astype(np.int64)
    place = steps * _STEP
    node = np.full(len(xy), -1, np.int64)
    for end in (streets.u[segment], streets.v[segment]):
        same = (np.abs(streets.lon[end] - place[:, 0]) < _STEP) & (
            np.abs(streets.lat[end] - place[:, 1]) < _STEP
        )
        node[same] = end[same]
    fresh = node < 0
    keys, first, at = np.unique(
        (steps[fresh, 0] << 32) + steps[fresh, 1], return_index=True, return_inverse=True
    )
    node[fresh] = len(streets.lon) + at
    made = place[fresh][first]
    # Nodes of our own are numbered downwards, below every id that is there.
    lowest = min(int(streets.node_id.min(initial=0)), 0)
    grown = dataclasses.replace(
        streets,
        lon=np.append(streets.lon, made[:, 0]),
        lat=np.append(streets.lat, made[:, 1]),
        node_id=np.append(streets.node_id, lowest - 1 - np.arange(len(keys))),
    )
    return grown, node


def _inserted(
    rings: Rings,
    side: NDArray[np.intp],
    node: NDArray[np.int64],
    streets: StreetTable,
) -> Rings:
    """The rings with the nodes of crossings on their sides."""
    on_side: dict[int, list[int]] = {}
    for s, n in zip(side.tolist(), node.tolist(), strict=True):
        on_side.setdefault(s, []).append(n)
    # Sides are numbered through all rings, in their order.
    number = 0
    on_way = np.zeros(len(streets.lon), bool)
    on_way[streets.u], on_way[streets.v] = True, True
    grown: Rings = []
    for area in rings:
        grown.append([])
        for ring in area:
            if not any(number + k in on_side for k in range(len(ring))):
                grown[-1].append(ring)
                number += len(ring)
                continue
            sides = {k: on_side[number + k] for k in range(len(ring)) if number + k in on_side}
            course = _with_crossings(ring.tolist(), sides, on_way, streets)
            grown[-1].append(np.array(course, np.int64))
            number += len(ring)
    return grown


def _with_crossings(
    ring: list[int], on_side: dict[int, list[int]], on_way: NDArray[np.bool_], streets: StreetTable
) -> list[int]:
    """One ring with the nodes of crossings on its sides, in order.

    A crossing at a corner takes its place: the two are one spot of the ground, unless the corner is itself
    the entry of a way.
    """
    course: list[int] = []
    for k, corner in enumerate(ring):
        away = {
            n: (streets.lon[n] - streets.lon[corner]) ** 2 + (streets.lat[n] - streets.lat[corner]) ** 2
            for n in on_side.get(k, ())
        }
        for n in (corner, *sorted(away, key=lambda n: (away[n], n))):
            if course and not on_way[course[-1]] and _same_spot(streets, course[-1], n):
                course[-1] = n
            elif not course or course[-1] != n:
                course.append(n)
    if course[0] == course[-1]:
        course.pop()
    if len(course) > 3 and not on_way[course[0]] and _same_spot(streets, course[0], course[-1]):
        course = course[1:]
    return course


def _same_spot(streets: StreetTable, one: int, other: int) -> bool:
    """Whether two nodes are nearer than OpenStreetMap's coordinates tell apart."""
    return bool(
        abs(streets.lon[one] - streets.lon[other]) < _STEP
        and abs(streets.lat[one] - streets.lat[other]) < _STEP
    )


def _split(streets: StreetTable, segment: NDArray[np.intp], node: NDArray[np.int64]) -> StreetTable:
    """Part segments at nodes on them: the first piece keeps its number, the others follow the way's last."""
    rows, extra, ends = [], [], []
    last: dict[int, int] = {}
    cuts: dict[int, set[int]] = {}
    # Nodes on each segment; its own ends cut nothing.
    for s, n in zip(segment.tolist(), node.tolist(), strict=True):
        if n not in (int(streets.u[s]), int(streets.v[s])):
            cuts.setdefault(s, set()).add(n)
    if not cuts:
        return streets
    # The highest number among the pieces of each way that is cut.
    touched = np.isin(streets.way, streets.way[list(cuts)])
    for way, number in zip(streets.way[touched].tolist(), streets.segment[touched].tolist(), strict=True):
        last[way] = max(last.get(way, -1), number)
    u, v = streets.u.copy(), streets.v.copy()
    for s in sorted(cuts):
        start, way = int(streets.u[s]), int(streets.way[s])
        away = {
            n: (streets.lon[n] - streets.lon[start]) ** 2 + (streets.lat[n] - streets.lat[start]) ** 2
            for n in cuts[s]
        }
        # A segment is straight: its nodes follow by their distance from its start.
        course = [*sorted(away, key=lambda n: (away[n], n)), int(streets.v[s])]
        v[s] = course[0]
        for a, b in itertools.pairwise(course):
            last[way] += 1
            rows.append(s)
            extra.append(last[way])
            ends.append((a, b))
    # New pieces inherit every column of the segment they were cut from.
    first, second = np.array(ends, np.int32).reshape(-1, 2).T
    of = np.append(np.arange(len(streets)), np.array(rows, np.int64))
    number = np.append(streets.segment, np.array(extra, np.int32)).astype(np.int32)
    columns: dict[str, Any] = {name: column[of] for name, column in streets.per_segment.items()}
    columns |= {"u": np.append(u, first), "v": np.append(v, second), "segment": number}
    return dataclasses.replace(streets, **columns)
