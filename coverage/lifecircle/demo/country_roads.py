"""Country roads: from village to village, into town and to the ends of the city's arterials."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from lifecircle.demo import ground as g
from lifecircle.demo.draft import Draft, Settlement
from lifecircle.demo.streets import Streets

_WAYS_OUT: Final = 8

__all__ = ["draw_country_roads", "draw_ways_out"]


def draw_country_roads(
    rng: np.random.Generator,
    ground: g.Ground,
    streets: Streets,
    settlements: tuple[Settlement, ...],
    *,
    draft: Draft,
    urban: shapely.Polygon,
    river: shapely.Polygon,
) -> None:
    """Draw roads between neighbours (Gabriel graph); they cross the river once on either side of the city.

    Parameters
    ----------
    rng, ground, streets, settlements
        The city so far; roads end at settlements' outer crossings and at the ends of arterials.
    draft
        Gains the roads.
    urban, river
        Areas, city metres: no road runs through the one, none but two bridges over the other.
    """
    exits = _exits(ground, streets)
    x, y = draft.x, draft.y
    places = np.array([(place.x, place.y) for place in settlements])
    points = np.vstack([places, np.column_stack([x[exits], y[exits]])])
    count = len(settlements)
    built_up = urban.buffer(-60.0)
    crossing: list[tuple[float, int, int, NDArray[np.float64]]] = []
    for a, b in _gabriel(points):
        if a >= count and b >= count:
            continue
        ends = [
            int(exits[end - count]) if end >= count else _edge_node(settlements[end], points[other], x, y)
            for end, other in ((a, b), (b, a))
        ]
        line = _winding_road(rng, x[ends], y[ends])
        shape = shapely.LineString(line)
        if shape.intersects(built_up):
            continue
        if shape.intersects(river):
            crossing.append((shape.length, *ends, line))
            continue
        town = any(end < count and settlements[end].kind == "town" for end in (a, b))
        _road(ends, line, {"highway": "secondary" if town else "tertiary"}, draft)
    for west in (True, False):
        side = [item for item in crossing if (item[3][0, 0] < 0) == west]
        for _, first, last, line in sorted(side, key=lambda item: item[:3])[:1]:
            tags = {
                "highway": "secondary",
                "bridge": "yes",
                "layer": "1",
                "name": "演水西桥" if west else "演水东桥",
            }
            _road([first, last], line, tags, draft)


def draw_ways_out(
    rng: np.random.Generator,
    settlements: tuple[Settlement, ...],
    box: tuple[float, float, float, float],
    draft: Draft,
) -> None:
    """Draw a highway from the outermost settlement of every quarter and half-quarter to the edge of the map.

    Parameters
    ----------
    rng, settlements
        The city so far.
    box
        West, south, east, north of the map, city metres: where an extract would cut the roads off.
    draft
        Gains the roads.
    """
    x, y = draft.x, draft.y
    places = np.array([(place.x, place.y) for place in settlements])
    edge = shapely.box(*box).exterior
    for angle in np.arange(_WAYS_OUT) * 2 * np.pi / _WAYS_OUT:
        ahead = np.array([np.cos(angle), np.sin(angle)])
        last = int((places @ ahead).argmax())
        ray = shapely.LineString([places[last], places[last] + 60_000.0 * ahead])
        end = shapely.get_coordinates(ray.intersection(edge))[0]
        start = _edge_node(settlements[last], end, x, y)
        line = _winding_road(rng, np.array([x[start], end[0]]), np.array([y[start], end[1]]))
        nodes = draft.add_nodes(line[1:, 0], line[1:, 1]).tolist()
        draft.add_way([start, *nodes], {"highway": "trunk", "ref": "G990"})


def _exits(ground: g.Ground, streets: Streets) -> NDArray[np.int64]:
    """Nodes where an arterial meets the edge of the built-up area."""
    lattice = np.full((len(g.COLUMNS) + 1, len(g.ROWS) + 1), False)
    lattice[1:-1, 1:-1] = ground.built
    around = lattice[:-1, :-1].astype(int) + lattice[1:, :-1] + lattice[:-1, 1:] + lattice[1:, 1:]
    edge = np.argwhere((around > 0) & (around < 4))
    waterside = np.isin(edge[:, 1], [g.RIVER_ROW, g.RIVER_ROW + 1])
    trackside = np.isin(edge[:, 0], [g.RAIL_COLUMN, g.RAIL_COLUMN + 1])
    at = edge[~waterside & ~trackside][::2]
    return np.asarray(streets.nodes[ground.column_at[at[:, 0]], ground.row_at[at[:, 1]]])


def _gabriel(points: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs whose circle on the line between them holds no other point (Gabriel and Sokal, 1969)."""
    triangles = Delaunay(points).simplices
    pairs = np.unique(
        np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0
    )
    middle = points[pairs].mean(axis=1)
    radius = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) / 2
    far = np.hypot(*(middle[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    empty = (far < radius[:, None] - 1e-6).sum(axis=1) == 0
    return [(int(a), int(b)) for a, b in pairs[empty]]


def _edge_node(
    place: Settlement, towards: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> int:
    """The outer crossing of a settlement that lies nearest to where a road comes from."""
    rim = np.unique(np.concatenate([place.nodes[0], place.nodes[-1], place.nodes[:, 0], place.nodes[:, -1]]))
    return int(rim[np.hypot(x[rim] - towards[0], y[rim] - towards[1]).argmin()])


def _winding_road(
    rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A road between two points with two gentle bends, a point about every 60 m."""
    along = np.array([x[1] - x[0], y[1] - y[0]])
    length = float(np.hypot(*along))
    t = np.linspace(0.0, 1.0, max(3, round(length / 60.0)))
    sway = rng.uniform(-0.07, 0.07) * np.sin(np.pi * t) + rng.uniform(-0.025, 0.025) * np.sin(2 * np.pi * t)
    across = np.array([-along[1], along[0]])
    return np.array([x[0], y[0]]) + t[:, None] * along + sway[:, None] * across


def _road(ends: list[int], line: NDArray[np.float64], tags: dict[str, str], draft: Draft) -> None:
    """A way between two nodes that are there, through new ones."""
    between = draft.add_nodes(line[1:-1, 0], line[1:-1, 1])
    draft.add_way([ends[0], *between.tolist(), ends[1]], tags)
