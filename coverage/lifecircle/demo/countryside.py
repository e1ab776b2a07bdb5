"""The land around: the city's boundary, towns, villages and hamlets beyond it, and the roads between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.country_roads import draw_country_roads, draw_ways_out
from lifecircle.demo.draft import Draft, Settlement
from lifecircle.demo.streets import Streets

VILLAGES, TOWNS, HAMLETS_BEYOND = 40, 6, 8
_BEYOND_M: Final = 2800.0
_MARGIN_M: Final = 3000.0
"""How far beyond the boundary's box the map goes on."""
_SPACING_M: Final = 1750.0
_TOWN_ANGLES: Final = (15.0, 75.0, 135.0, 195.0, 255.0, 315.0)
_TOWN_RADIUS_M: Final = 7900.0

__all__ = [
    "HAMLETS_BEYOND",
    "TOWNS",
    "VILLAGES",
    "Countryside",
    "draw_countryside",
    "river_area",
]


@dataclass(frozen=True)
class Countryside:
    """Everything outside the built-up area."""

    boundary: shapely.Polygon
    box: tuple[float, float, float, float]
    """West, south, east, north of the ground that is drawn, metres."""
    settlements: tuple[Settlement, ...]


def draw_countryside(
    rng: np.random.Generator, ground: g.Ground, streets: Streets, draft: Draft
) -> Countryside:
    """Draw river, railway, settlements and country roads into the draft."""
    urban = urban_area(ground)
    boundary = _boundary()
    river = river_area()
    railway = _railway()
    _draw_lines(river, railway, draft)
    west, south, east, north = boundary.bounds
    box = (west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    points = _sites(rng, boundary, urban, river, railway)
    towns = _nearest_to_seats(points, boundary)
    settlements = tuple(
        _settle(rng, points, number, seats=towns, boundary=boundary, draft=draft)
        for number in range(len(points))
    )
    draw_country_roads(rng, ground, streets, settlements, draft=draft, urban=urban, river=river)
    draw_ways_out(rng, settlements, box, draft)
    return Countryside(boundary=boundary, box=box, settlements=settlements)


def urban_area(ground: g.Ground) -> shapely.Polygon:
    """The built-up area: all blocks with river and railway between them."""
    blocks = [ground.outline(ground.block(a, b)) for a, b in np.argwhere(ground.use != "").tolist()]
    return shapely.coverage_union_all(blocks)


def river_area() -> shapely.Polygon:
    """The river from beyond one edge of the map to beyond the other."""
    along = np.linspace(-16000.0, 16000.0, 641)
    middle = (g.ROWS[g.RIVER_ROW] + g.ROWS[g.RIVER_ROW + 1]) / 2
    south = np.column_stack(g.bend(along, middle - g.RIVER_WIDTH_M / 2))
    north = np.column_stack(g.bend(along, middle + g.RIVER_WIDTH_M / 2))
    return shapely.Polygon(np.vstack([south, north[::-1]]))


def _boundary() -> shapely.Polygon:
    """The city's administrative boundary: an uneven oval about 23 km across."""
    angle = np.linspace(0.0, 2 * np.pi, 240, endpoint=False)
    radius = 11200.0 * (
        1 + 0.09 * np.sin(2 * angle + 1.0) + 0.05 * np.sin(3 * angle + 2.0) + 0.02 * np.sin(9 * angle)
        + 0.008 * np.sin(31 * angle)
    )  # fmt: skip
    return shapely.Polygon(np.column_stack([300 + radius * np.cos(angle), -200 + radius * np.sin(angle)]))


def _railway() -> shapely.LineString:
    """The railway from beyond one edge of the map to beyond the other."""
    along = np.linspace(-16000.0, 16000.0, 641)
    middle = (g.COLUMNS[g.RAIL_COLUMN] + g.COLUMNS[g.RAIL_COLUMN + 1]) / 2
    return shapely.LineString(np.column_stack(g.bend(middle, along)))


def _draw_lines(river: shapely.Polygon, railway: shapely.LineString, draft: Draft) -> None:
    """The river as an area with its middle line, and the railway with its bridge over it."""
    x, y = shapely.get_coordinates(river)[:-1].T
    draft.add_ring(x, y, {"natural": "water", "water": "river", "name": "演水河"})
    middle = (g.ROWS[g.RIVER_ROW] + g.ROWS[g.RIVER_ROW + 1]) / 2
    nodes = draft.add_nodes(*g.bend(np.linspace(-16000.0, 16000.0, 321), middle))
    draft.add_way(nodes, {"waterway": "river", "name": "演水河"})
    x, y = shapely.get_coordinates(railway).T
    nodes = draft.add_nodes(x, y)
    near = np.flatnonzero(shapely.dwithin(shapely.points(x, y), river, 60.0))
    rails = {"railway": "rail", "gauge": "1435", "name": "演陵铁路"}
    first, last = int(near[0]), int(near[-1])
    draft.add_way(nodes[: first + 1], rails)
    draft.add_way(nodes[first : last + 1], {**rails, "bridge": "yes", "layer": "2"})
    draft.add_way(nodes[last:], rails)


def _sites(
    rng: np.random.Generator,
    boundary: shapely.Polygon,
    urban: shapely.Polygon,
    river: shapely.Polygon,
    railway: shapely.LineString,
) -> NDArray[np.float64]:
    """Where settlements lie: dry, apart from each other, those inside the boundary first."""
    tries = rng.uniform(-15500.0, 15500.0, (60_000, 2))
    points = shapely.points(tries)
    shapely.prepare([river, railway, urban, boundary])
    dry = ~shapely.dwithin(points, river, 450.0) & ~shapely.dwithin(points, railway, 450.0)
    clear = dry & ~shapely.dwithin(points, urban, 800.0)
    inside = shapely.contains(boundary.buffer(-750.0), points)
    beyond = shapely.contains(boundary.buffer(_BEYOND_M), points) & ~shapely.dwithin(points, boundary, 900.0)
    chosen: list[NDArray[np.float64]] = []
    for eligible, count in ((clear & inside, VILLAGES + TOWNS), (clear & beyond, HAMLETS_BEYOND)):
        chosen = _apart(tries[eligible], chosen, len(chosen) + count)
    return np.array(chosen)


def _apart(
    candidates: NDArray[np.float64], chosen: list[NDArray[np.float64]], count: int
) -> list[NDArray[np.float64]]:
    """Take candidates in turn that keep their distance, until there are enough."""
    chosen = list(chosen)
    for candidate in candidates:
        if len(chosen) == count:
            break
        if all(np.hypot(*(candidate - other)) > _SPACING_M for other in chosen):
            chosen.append(candidate)
    return chosen


def _nearest_to_seats(points: NDArray[np.float64], boundary: shapely.Polygon) -> NDArray[np.int64]:
    """Index of the settlement that is the seat of each town."""
    inside = shapely.contains(boundary, shapely.points(points))
    seats: list[int] = []
    for angle in np.radians(_TOWN_ANGLES):
        wish = _TOWN_RADIUS_M * np.array([np.cos(angle), np.sin(angle)])
        far = np.hypot(*(points - wish).T)
        far[~inside] = np.inf
        far[seats] = np.inf
        seats.append(int(far.argmin()))
    return np.array(seats, dtype=np.int64)


def _settle(
    rng: np.random.Generator,
    points: NDArray[np.float64],
    number: int,
    *,
    seats: NDArray[np.int64],
    boundary: shapely.Polygon,
    draft: Draft,
) -> Settlement:
    """Lay a settlement's lanes out: a turned, ruffled grid, fuller in a town."""
    x, y = points[number]
    town = number in seats
    columns, rows = (16, 12) if town else (int(rng.integers(8, 12)), int(rng.integers(6, 9)))
    spacing = 52.0 if town else 40.0
    u, v = np.meshgrid(
        np.arange(columns) - (columns - 1) / 2, np.arange(rows) - (rows - 1) / 2, indexing="ij"
    )
    ruffle = 0.12 * rng.standard_normal((2, columns, rows))
    turn = rng.uniform(0.0, np.pi)
    east, north = (u + ruffle[0]) * spacing, (v + ruffle[1]) * spacing
    nodes = draft.add_nodes(
        x + east * np.cos(turn) - north * np.sin(turn), y + east * np.sin(turn) + north * np.cos(turn)
    )
    tags = {"highway": "residential"} if town else {"highway": "unclassified"}
    for row in range(rows):
        draft.add_way(nodes[:, row], tags)
    for column in range(columns):
        spine = column in {0, columns // 2, columns - 1}
        for row in range(rows - 1):
            if spine or rng.random() < (0.75 if town else 0.3):
                draft.add_way(nodes[column, row : row + 2], {"highway": "residential" if spine else "path"})
    inside = bool(shapely.contains_xy(boundary, x, y))
    nearest = int(np.hypot(*(points[seats] - points[number]).T).argmin())
    kind = "town" if town else "village" if inside else "beyond"
    return Settlement(kind, float(x), float(y), nearest, nodes)
