"""The ground of areas that people cross: areas that touch are one, walls are walked round.

A square is often drawn as several areas side by side, and nobody walks round the line between them. A wall or
a fence on that line, on the outline or inside does stop walkers, but for its gates and the ways through it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lifecircle.sources.osm.file import NodePlaces
from lifecircle.sources.streets.cut import is_member
from lifecircle.sources.streets.square_outlines import OutlinePart, Rings
from lifecircle.sources.streets.square_sides import with_nodes_on_sides
from lifecircle.tables import StreetTable

WALL_M: Final = 0.15
"""Nobody walks nearer to a wall than this: more than the 0.1 m within which a straight walk may touch it."""

GAP_M: Final = 0.5
"""A wall is open this far to either side of a gate, and of a node of a way."""

MOST_CORNERS: Final = 900
"""Areas that together have more corners stay apart, joined at their common nodes."""

_M_PER_DEGREE: Final = 111_195.0
_LEAST_SHARED_M: Final = 0.1
_LEAST_GROUND_M2: Final = 0.05
_SAME_M: Final = 1e-3

__all__ = ["GAP_M", "MOST_CORNERS", "WALL_M", "Walls", "walked_grounds"]


@dataclasses.dataclass(frozen=True)
class Walls:
    """Walls and fences on the ground.

    Attributes
    ----------
    courses : ids of the nodes of each
    gates : ids of the gates that stand open
    closed : ids of the nodes that stop the mode
    """

    courses: Sequence[Sequence[int]]
    gates: NDArray[np.int64]
    closed: NDArray[np.int64]


def walked_grounds(
    streets: StreetTable,
    parts: Sequence[OutlinePart],
    rings: Rings,
    *,
    level: NDArray[np.int8],
    walls: Walls,
    places: NodePlaces,
) -> tuple[StreetTable, list[OutlinePart], Rings, Rings]:
    """Areas that touch each other as one, without the ground that walls take.

    Parameters
    ----------
    streets
        Streets, with the nodes of the outlines.
    parts, rings
        The areas, and their rings as numbers of nodes.
    level
        Per segment of `streets`.
    walls
        What parts areas on the ground.
    places
        Where the file's nodes lie.

    Returns
    -------
    streets
        With the nodes of new corners.
    parts, rings
        The areas as they are walked: outer rings counter-clockwise, holes clockwise.
    inner
        Per area, nodes of ways inside it at which the areas met, each a ring of one node.
    """
    lon, lat = float(np.median(streets.lon)), float(np.median(streets.lat))
    origin = _Origin(lon, lat, _M_PER_DEGREE * float(np.cos(np.radians(lat))))
    xy = _in_metres(streets.lon, streets.lat, origin)
    rings = with_nodes_on_sides(streets, parts, rings, level=level, xy=xy)
    grounds = np.array([shapely.Polygon(xy[ring[0]], [xy[hole] for hole in ring[1:]]) for ring in rings])
    on_ground = np.flatnonzero([part.outline.use.level == 0 for part in parts])
    on_way = np.zeros(len(streets.lon), bool)
    on_way[streets.u], on_way[streets.v] = True, True
    ways = streets.node_id[on_way]
    slits, at, slit = _walls_on(grounds[on_ground], walls, ways, places, origin)
    at = on_ground[at]
    group = _groups(parts, rings, grounds)
    changed = np.bincount(group)[group] > 1
    changed[at] = True
    # What touches neither another area nor a wall stays as it is.
    kept = np.flatnonzero(~changed).tolist()
    new_parts, new_rings = [parts[k] for k in kept], [rings[k] for k in kept]
    inner: Rings = [[] for _ in kept]
    corners = _Corners(xy, on_way)
    for name in np.unique(group[changed]).tolist():
        members = np.flatnonzero(group == name)
        ground = shapely.union_all(grounds[members])
        barred = np.unique(slit[np.isin(at, members)])
        if len(barred):
            ground = shapely.difference(ground, shapely.union_all(slits[barred]))
        held = np.unique(np.concatenate([loop for k in members for loop in rings[k]]))
        for piece in shapely.get_parts(ground):
            loops = corners.loops(piece, held)
            if not loops:
                continue
            beside = np.setdiff1d(held[on_way[held]], np.concatenate(loops))
            beside = beside[shapely.contains_xy(piece, xy[beside])]
            new_parts.append(parts[int(members[0])])
            new_rings.append(loops)
            inner.append([np.array([node], np.int64) for node in beside])
    return corners.grown(streets, origin), new_parts, new_rings, inner


class _Origin(NamedTuple):
    """A place in the middle of the streets, and the metres of a degree of longitude there."""

    lon: float
    lat: float
    per_degree: float


def _in_metres(lon: NDArray[np.float64], lat: NDArray[np.float64], origin: _Origin) -> NDArray[np.float64]:
    """Places in metres from the origin."""
    return np.column_stack([(lon - origin.lon) * origin.per_degree, (lat - origin.lat) * _M_PER_DEGREE])


def _groups(parts: Sequence[OutlinePart], rings: Rings, grounds: NDArray[np.object_]) -> NDArray[np.int32]:
    """Number of the group of areas, one after another side by side, that each belongs to."""
    one, other = shapely.STRtree(grounds).query(grounds, predicate="intersects")
    corners = np.array([sum(map(len, ring)) for ring in rings])
    # Two areas that stay apart each for its own corners are not cut with each other.
    asked = (one < other) & (np.minimum(corners[one], corners[other]) <= MOST_CORNERS)
    one, other = one[asked], other[asked]
    # Areas that only share a corner are joined by that; those of another level or kind are no one ground.
    uses = [
        dataclasses.replace(
            part.outline.use, highway="", steps=False, area=True, speed_kmh=0.0, speed_back_kmh=0.0
        )
        for part in parts
    ]
    alike = np.array([uses[a] == uses[b] for a, b in zip(one, other, strict=True)], bool)
    one, other = one[alike], other[alike]
    shared = shapely.length(shapely.intersection(grounds[one], grounds[other])) > _LEAST_SHARED_M
    links = coo_array((np.ones(shared.sum()), (one[shared], other[shared])), shape=(len(parts), len(parts)))
    group: NDArray[np.int32] = connected_components(links, directed=False)[1]
    size = np.bincount(group, weights=corners)
    apart = size[group] > MOST_CORNERS
    group[apart] = len(size) + np.flatnonzero(apart)
    return group


def _walls_on(
    grounds: NDArray[np.object_], walls: Walls, ways: NDArray[np.int64], places: NodePlaces, origin: _Origin
) -> tuple[NDArray[np.object_], NDArray[np.intp], NDArray[np.intp]]:
    """The ground that walls take, but for their gates; and pairs of areas and such pieces of ground.

    `ways` are the ids of the nodes of ways.
    """
    if not walls.courses:
        return np.empty(0, object), np.empty(0, np.intp), np.empty(0, np.intp)
    sizes = np.array([len(course) for course in walls.courses])
    ids = np.concatenate([np.asarray(course, np.int64) for course in walls.courses])
    xy = _in_metres(*places.look_up(ids), origin)
    # Neighbouring nodes of one wall make a piece, where both have a place.
    of = np.repeat(np.arange(len(sizes)), sizes)
    pair = np.flatnonzero((of[:-1] == of[1:]) & ~np.isnan(xy[:-1, 0] + xy[1:, 0]))
    lines = shapely.linestrings(np.stack([xy[pair], xy[pair + 1]], axis=1))
    line, area = shapely.STRtree(grounds).query(lines, predicate="dwithin", distance=WALL_M)
    met, piece = np.unique(line, return_inverse=True)
    lines = lines[met]
    # Open at gates, and where a way leads through that nothing closes.
    through = is_member(ids, ways) & ~np.isin(ids, walls.closed)
    is_open = (through | np.isin(ids, walls.gates)) & ~np.isnan(xy[:, 0])
    gates = shapely.points(xy[is_open])
    cut, gate = shapely.STRtree(gates).query(lines, predicate="dwithin", distance=GAP_M)
    for k in np.unique(cut):
        gaps = shapely.union_all(shapely.buffer(gates[gate[cut == k]], GAP_M))
        lines[k] = shapely.difference(lines[k], gaps)
    return shapely.buffer(lines, WALL_M, cap_style="square", join_style="mitre"), area, piece


class _Corners:
    """Corners of grounds as nodes: those that are there, and new ones."""

    def __init__(self, xy: NDArray[np.float64], on_way: NDArray[np.bool_]) -> None:
        self._xy, self._on_way = xy, on_way
        self._made: list[NDArray[np.float64]] = []
        self._count = len(xy)

    def loops(self, ground: shapely.Geometry, held: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Nodes of the rings of a polygon, the outer one first; nothing for slivers and other shapes."""
        if not isinstance(ground, shapely.Polygon) or ground.area < _LEAST_GROUND_M2:
            return []
        whole = shapely.geometry.polygon.orient(ground)
        # Of several nodes at one place that of a way counts.
        first = held[np.argsort(~self._on_way[held], kind="stable")]
        _, at = np.unique(np.rint(self._xy[first] / _SAME_M), axis=0, return_index=True)
        known = first[at]
        tree = cKDTree(self._xy[known])
        loops = []
        for ring in (whole.exterior, *whole.interiors):
            course = shapely.get_coordinates(ring)[:-1]
            away, near = tree.query(course, distance_upper_bound=_SAME_M)
            fresh = ~np.isfinite(away)
            node = np.where(fresh, 0, known[np.where(fresh, 0, near)])
            node[fresh] = self._count + np.arange(fresh.sum())
            node = node[node != np.roll(node, 1)]
            if len(node) < 3:  # fewer corners bound nothing
                continue
            self._made.append(course[fresh])
            self._count += int(fresh.sum())
            loops.append(node.astype(np.int64))
        return loops

    def grown(self, streets: StreetTable, origin: _Origin) -> StreetTable:
        """The streets with the new nodes, numbered downwards below every id that is there."""
        made = np.concatenate([*self._made, np.empty((0, 2))])
        lowest = min(int(streets.node_id.min(initial=0)), 0)
        return dataclasses.replace(
            streets,
            lon=np.append(streets.lon, made[:, 0] / origin.per_degree + origin.lon),
            lat=np.append(streets.lat, made[:, 1] / _M_PER_DEGREE + origin.lat),
            node_id=np.append(streets.node_id, lowest - 1 - np.arange(len(made))),
        )
