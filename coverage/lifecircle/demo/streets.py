"""Streets of the built-up area: arterials, bridges and underpasses, old lanes, gated estates, parks.

Streets are edges of the lattice that carry a class; runs of one class and name become OSM ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.draft import Draft
from lifecircle.demo.naming import estate_names, road_names

PRIMARY, SECONDARY, TERTIARY, RESIDENTIAL, LANE, ONE_WAY, ALLEY, MALL, ESTATE, PATH = range(1, 11)

_TAGS: Final[Mapping[int, Mapping[str, str]]] = {
    PRIMARY: {"highway": "primary", "lanes": "6", "sidewalk": "both"},
    SECONDARY: {"highway": "secondary", "lanes": "4", "sidewalk": "both"},
    TERTIARY: {"highway": "tertiary", "lanes": "2"},
    RESIDENTIAL: {"highway": "residential"},
    LANE: {"highway": "living_street"},
    ONE_WAY: {"highway": "residential", "oneway": "yes"},
    ALLEY: {"highway": "footway"},
    MALL: {"highway": "pedestrian"},
    ESTATE: {"highway": "service", "access": "permissive"},
    PATH: {"highway": "footway", "surface": "paving_stones"},
}
_NAMED: Final = frozenset({PRIMARY, SECONDARY, TERTIARY})
_RING_COLUMNS: Final = {6: "一环西路", 13: "一环东路", 1: "二环西路", 19: "二环东路"}
_RING_ROWS: Final = {13: "一环北路", 6: "一环南路", 17: "二环北路", 1: "二环南路"}
_PARK_BLOCKS: Final = ((4, 14), (11, 12), (17, 9), (8, 2), (2, 8), (18, 12), (13, 15), (14, 3))
"""Blocks that are one park each, among them the old town's and two in the new district."""
_LEAF_STEPS: Final = 2

Rect = tuple[int, int, int, int]

__all__ = ["Estate", "OldPlot", "Park", "Streets", "draw_streets"]


@dataclass(frozen=True)
class Estate:
    """A gated estate: its lattice rectangle, the nodes of its gates, its inner lines."""

    name: str
    rect: Rect
    block: tuple[int, int]
    gates: tuple[int, ...]
    columns: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Park:
    """A park: its lattice rectangle and the nodes of its gates."""

    name: str
    rect: Rect
    block: tuple[int, int]
    gates: tuple[int, ...]


@dataclass(frozen=True)
class OldPlot:
    """A plot between old lanes."""

    rect: Rect
    block: tuple[int, int]


@dataclass
class Streets:
    """What was drawn: classes of the lattice's edges, its node numbers, and the plots between streets."""

    nodes: NDArray[np.int64]
    east: NDArray[np.int8]
    """Class of the edge from a lattice point to its eastern neighbour, 0 where there is none."""
    north: NDArray[np.int8]
    estates: list[Estate] = field(default_factory=list)
    parks: list[Park] = field(default_factory=list)
    old_plots: list[OldPlot] = field(default_factory=list)


def draw_streets(rng: np.random.Generator, ground: g.Ground, draft: Draft) -> Streets:
    """Draw every street of the built-up area into the draft."""
    columns, rows = ground.x.shape
    streets = Streets(
        nodes=draft.add_nodes(ground.x, ground.y),
        east=np.zeros((columns - 1, rows), dtype=np.int8),
        north=np.zeros((columns, rows - 1), dtype=np.int8),
    )
    _arterials(ground, streets)
    names = iter(estate_names(rng, 800))
    for a, b in np.argwhere(ground.built).tolist():
        if (a, b) in _PARK_BLOCKS:
            _park(ground.block(a, b), (a, b), streets, f"{next(names)[:2]}公园")
        elif ground.use[a, b] == "old":
            _old_quarter(rng, ground.block(a, b), (a, b), streets)
        else:
            for rect in _estate_rects(rng, ground, a, b, streets):
                _estate(rng, rect, (a, b), streets, next(names))
    _embankments(ground, streets)
    _ways(rng, ground, streets, draft)
    _crossings(ground, streets, draft)
    _walls(streets, draft)
    return streets


def _class_of_line(number: int, rings: Mapping[int, str]) -> int:
    """Rings and every third line are primary, the rest alternate."""
    if number in rings or number % 3 == 0:
        return PRIMARY
    return SECONDARY if number % 2 else TERTIARY


def _arterials(ground: g.Ground, streets: Streets) -> None:
    """Lines between blocks, wherever at least one side is built."""
    built = np.pad(ground.built, 1)
    for a in range(len(g.COLUMNS)):
        for b in range(len(g.ROWS) - 1):
            if built[a, b + 1] or built[a + 1, b + 1]:
                span = slice(ground.row_at[b], ground.row_at[b + 1])
                streets.north[ground.column_at[a], span] = _class_of_line(a, _RING_COLUMNS)
    for b in range(len(g.ROWS)):
        for a in range(len(g.COLUMNS) - 1):
            if built[a + 1, b] or built[a + 1, b + 1]:
                span = slice(ground.column_at[a], ground.column_at[a + 1])
                streets.east[span, ground.row_at[b]] = _class_of_line(b, _RING_ROWS)


def _old_quarter(rng: np.random.Generator, rect: Rect, block: tuple[int, int], streets: Streets) -> None:
    """Split a block again and again by lanes, until plots are a few houses deep; some get a blind alley."""
    west, east, south, north = rect
    wide, high = east - west, north - south
    if max(wide, high) <= 2 * _LEAF_STEPS or (max(wide, high) <= 5 and rng.random() < 0.35):
        streets.old_plots.append(OldPlot(rect, block))
        if min(wide, high) >= 3 and rng.random() < 0.5:
            streets.east[west : west + wide // 2, (south + north) // 2] = ALLEY
        return
    kind = [LANE, ONE_WAY, ALLEY, LANE][rng.integers(4)] if max(wide, high) < 9 else RESIDENTIAL
    share = rng.uniform(0.35, 0.65)
    if wide >= high:
        cut = west + min(max(round(wide * share), _LEAF_STEPS), wide - _LEAF_STEPS)
        streets.north[cut, south:north] = kind
        halves = (west, cut, south, north), (cut, east, south, north)
    else:
        cut = south + min(max(round(high * share), _LEAF_STEPS), high - _LEAF_STEPS)
        streets.east[west:east, cut] = kind
        halves = (west, east, south, cut), (west, east, cut, north)
    for half in halves:
        _old_quarter(rng, half, block, streets)


def _estate_rects(rng: np.random.Generator, ground: g.Ground, a: int, b: int, streets: Streets) -> list[Rect]:
    """Estates of a superblock: one, two or four, divided by public streets."""
    west, east, south, north = ground.block(a, b)
    halves = [(west, east)]
    storeys = [(south, north)]
    if east - west >= 20 and rng.random() < (0.75 if ground.use[a, b] == "middle" else 0.35):
        cut = (west + east) // 2 + int(rng.integers(-2, 3))
        streets.north[cut, south:north] = RESIDENTIAL
        halves = [(west, cut), (cut, east)]
    if north - south >= 20 and rng.random() < (0.6 if ground.use[a, b] == "middle" else 0.3):
        cut = (south + north) // 2 + int(rng.integers(-2, 3))
        streets.east[west:east, cut] = RESIDENTIAL
        storeys = [(south, cut), (cut, north)]
    return [(*half, *storey) for half in halves for storey in storeys]


def _estate(
    rng: np.random.Generator, rect: Rect, block: tuple[int, int], streets: Streets, name: str
) -> None:
    """Inner drives every three steps, tied to the street at one to three gates and nowhere else."""
    west, east, south, north = rect
    columns = _inner_lines(west, east)
    rows = _inner_lines(south, north)
    for column in columns:
        streets.north[column, rows[0] : rows[-1]] = ESTATE
    for row in rows:
        for start, end in pairwise(columns):
            if row in {rows[0], rows[-1]} or rng.random() < 0.6:
                streets.east[start:end, row] = ESTATE
    size = (east - west) * (north - south)
    count = int(rng.integers(1, 3)) + (size > 300)
    gates = [_gate(rng, rect, (columns, rows), side, streets) for side in rng.permutation(4)[:count]]
    streets.estates.append(Estate(name, rect, block, tuple(gates), tuple(columns), tuple(rows)))


def _inner_lines(start: int, end: int) -> list[int]:
    """Lattice lines inside a rectangle, two steps off its sides and about three apart."""
    lines = list(range(start + 2, end - 1, 3))
    if lines[-1] != end - 2:
        lines.append(end - 2)
    return lines


def _gate(
    rng: np.random.Generator, rect: Rect, lines: tuple[list[int], list[int]], side: int, streets: Streets
) -> int:
    """Tie the outer drive to the street on one side; the gate is the point between them."""
    columns, rows = lines
    west, east, south, north = rect
    if side in (0, 1):
        column = columns[rng.integers(len(columns))]
        start, gate = (south, south + 1) if side == 0 else (north - 2, north - 1)
        streets.north[column, start : start + 2] = ESTATE
        return int(streets.nodes[column, gate])
    row = rows[rng.integers(len(rows))]
    start, gate = (west, west + 1) if side == 2 else (east - 2, east - 1)
    streets.east[start : start + 2, row] = ESTATE
    return int(streets.nodes[gate, row])


def _park(rect: Rect, block: tuple[int, int], streets: Streets, name: str) -> None:
    """A loop and a cross of paths, entered at the middle of each of its four sides."""
    west, east, south, north = rect
    column, row = (west + east) // 2, (south + north) // 2
    streets.north[column, south:north] = PATH
    streets.east[west:east, row] = PATH
    for line in (west + 3, east - 3):
        streets.north[line, south + 3 : north - 3] = PATH
    for line in (south + 3, north - 3):
        streets.east[west + 3 : east - 3, line] = PATH
    gates = [(column, south + 1), (column, north - 1), (west + 1, row), (east - 1, row)]
    streets.parks.append(Park(name, rect, block, tuple(int(streets.nodes[at]) for at in gates)))


def _embankments(ground: g.Ground, streets: Streets) -> None:
    """Riverside paths, tied to the bank roads every couple of hundred metres."""
    south, north = ground.row_at[g.RIVER_ROW], ground.row_at[g.RIVER_ROW + 1]
    for a in np.flatnonzero(ground.use[:, g.RIVER_ROW] == "river").tolist():
        if a == g.RAIL_COLUMN:
            continue
        span = slice(ground.column_at[a], ground.column_at[a + 1])
        for path, bank in ((south + 2, south), (north - 2, north - 2)):
            streets.east[span, path] = PATH
            for column in range(ground.column_at[a] + 4, ground.column_at[a + 1], 8):
                streets.north[column, bank : bank + 2] = PATH


def _ways(rng: np.random.Generator, ground: g.Ground, streets: Streets, draft: Draft) -> None:
    """Runs of lattice edges of one class become ways; arterials carry their line's name."""
    columns = dict(
        zip(ground.column_at.tolist(), _line_names(rng, len(g.COLUMNS), "路", _RING_COLUMNS), strict=True)
    )
    rows = dict(zip(ground.row_at.tolist(), _line_names(rng, len(g.ROWS), "大街", _RING_ROWS), strict=True))
    for column in range(streets.north.shape[0]):
        _runs(streets.north[column], streets.nodes[column], columns.get(column, ""), draft)
    for row in range(streets.east.shape[1]):
        _runs(streets.east[:, row], streets.nodes[:, row], rows.get(row, ""), draft)


def _line_names(rng: np.random.Generator, count: int, ending: str, rings: Mapping[int, str]) -> list[str]:
    """A name for every line, the rings theirs."""
    names = road_names(rng, count, ending)
    return [rings.get(number, name) for number, name in enumerate(names)]


def _runs(classes: NDArray[np.int8], nodes: NDArray[np.int64], name: str, draft: Draft) -> None:
    """Ways along one lattice line."""
    cuts = np.flatnonzero(np.diff(classes)) + 1
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(classes)], strict=True):
        kind = int(classes[start])
        if kind:
            tags = dict(_TAGS[kind])
            if name and kind in _NAMED:
                tags["name"] = name
            draft.add_way(nodes[start : end + 1].tolist(), tags)


def _crossings(ground: g.Ground, streets: Streets, draft: Draft) -> None:
    """Bridges over the river and underpasses of the railway: straight ways that touch nothing between."""
    south, north = ground.row_at[g.RIVER_ROW], ground.row_at[g.RIVER_ROW + 1]
    for number, a in enumerate(g.BRIDGE_COLUMNS, 1):
        at = ground.column_at[a]
        tags = {**_TAGS[PRIMARY], "name": f"{'一二三四五'[number - 1]}号大桥", "bridge": "yes", "layer": "1"}
        draft.add_way([streets.nodes[at, south], streets.nodes[at, north]], tags)
    west, east = ground.column_at[g.RAIL_COLUMN], ground.column_at[g.RAIL_COLUMN + 1]
    tunnel = {"tunnel": "yes", "layer": "-1"}
    for b in g.UNDERPASS_ROWS:
        at = ground.row_at[b]
        draft.add_way([streets.nodes[west, at], streets.nodes[east, at]], {**_TAGS[SECONDARY], **tunnel})
    for b in g.FOOT_UNDERPASS_ROWS:
        at = ground.row_at[b]
        draft.add_way([streets.nodes[west, at], streets.nodes[east, at]], {**_TAGS[PATH], **tunnel})


def _walls(streets: Streets, draft: Draft) -> None:
    """Estates and parks as areas whose outline runs through their gates."""
    for estate in streets.estates:
        ring = _outline(estate.rect, estate.gates, streets.nodes)
        draft.add_way(ring, {"landuse": "residential", "name": estate.name, "barrier": "wall"})
        for gate in estate.gates:
            draft.tag_node(gate, barrier="gate", access="permissive")
    for park in streets.parks:
        ring = _outline(park.rect, park.gates, streets.nodes)
        draft.add_way(ring, {"leisure": "park", "name": park.name, "barrier": "fence"})
        for gate in park.gates:
            draft.tag_node(gate, barrier="gate", foot="yes")


def _outline(rect: Rect, gates: tuple[int, ...], nodes: NDArray[np.int64]) -> list[int]:
    """Closed outline one step inside a rectangle: its four corners, and the gates where they lie on it."""
    west, east, south, north = rect[0] + 1, rect[1] - 1, rect[2] + 1, rect[3] - 1
    sides = (
        nodes[west:east, south], nodes[east, south:north],
        nodes[east:west:-1, north], nodes[west, north:south:-1],
    )  # fmt: skip
    wanted = set(gates) | {int(side[0]) for side in sides}
    ring = [int(node) for side in sides for node in side if int(node) in wanted]
    return [*ring, ring[0]]
