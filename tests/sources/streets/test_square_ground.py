"""Areas side by side are one ground; walls, and gates in them, part it: walks worked out by hand."""

import networkx as nx
import numpy as np
import osmium
import pytest
import shapely
from hard_shapes import overlapping_combs
from osmium.osm.mutable import Node, Relation, Way

from lifecircle.network import build_network
from lifecircle.sources.streets import square_outlines
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.square_ground import MOST_CORNERS

STEP = 1e-5
"""Degrees; 1.11 m each way near the equator."""

PLACES = {
    1: (-100, 50), 2: (0, 50), 3: (100, 50), 4: (200, 50),
    10: (0, 0), 11: (50, 0), 12: (100, 0), 13: (100, 100), 14: (50, 100), 15: (0, 100), 16: (50, 80),
    20: (50, 20), 21: (100, 20), 22: (100, 80), 23: (50, 80),
    30: (30, 30), 31: (70, 30), 32: (70, 70), 33: (30, 70),
}  # fmt: skip
"""Two lanes, 1-2 and 3-4, and what lies between their ends: 100 steps straight."""

SQUARE = {"highway": "pedestrian", "area": "yes"}
WALL = {"barrier": "wall"}
WEST, EAST = [10, 11, 14, 15, 2, 10], [11, 12, 3, 13, 14, 11]
OVER_THE_WALL = 2 * np.hypot(50, 30)


def walk(tmp_path, ways, *, nodes=None, relations=(), **options):
    """Steps from the end of one lane to that of the other; inf where there is no way."""
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (x, y) in PLACES.items():
            tags = (nodes or {}).get(number, {})
            writer.add_node(Node(id=number, location=(x * STEP, y * STEP), tags=tags, version=1))
        lanes = [([1, 2], {"highway": "residential"}), ([3, 4], {"highway": "residential"})]
        for number, (refs, tags) in enumerate([*lanes, *ways], 100):
            writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
        for number, (members, tags) in enumerate(relations, 1):
            writer.add_relation(Relation(id=number, members=members, tags=tags, version=1))
    streets = read_osm_streets(path, **options)
    build_network(streets)
    xy = np.column_stack([streets.lon, streets.lat]) / STEP
    graph = nx.Graph()
    for u, v in zip(streets.u.tolist(), streets.v.tolist(), strict=True):
        graph.add_edge(u, v, weight=float(np.hypot(*(xy[u] - xy[v]))))
    at = {int(number): row for row, number in enumerate(streets.node_id)}
    try:
        return nx.shortest_path_length(graph, at[2], at[3], weight="weight")
    except nx.NetworkXNoPath:
        return np.inf


@pytest.mark.parametrize(
    "east",
    [EAST, [20, 21, 3, 22, 23, 20], [30, 12, 3, 13, 33, 30]],
    ids=["with the corners of the side", "with corners between those", "over part of the other"],
)
def test_areas_side_by_side_are_crossed_as_one(tmp_path, east):
    """Round the common side's corners it would be 141 steps; with no corner in common, no way at all."""
    assert walk(tmp_path, [(WEST, SQUARE), (east, SQUARE)]) == pytest.approx(100, abs=0.1)


def test_an_area_that_fills_a_hole_is_crossed_with_the_one_around_it(tmp_path):
    members = [("w", 102, "outer"), ("w", 103, "inner")]
    square = (members, {"type": "multipolygon", "highway": "pedestrian"})
    ring, pool = [10, 12, 3, 13, 15, 2, 10], [30, 31, 32, 33, 30]
    assert walk(tmp_path, [(ring, {}), (pool, SQUARE)], relations=[square]) == pytest.approx(100, abs=0.1)
    # a hole stays one, also where the outer way carries the tags of the relation
    round_it = 2 * np.hypot(30, 20) + 40
    for tags in ({}, SQUARE):
        steps = walk(tmp_path, [(ring, tags), (pool, {})], relations=[square])
        assert steps == pytest.approx(round_it, abs=0.1)


@pytest.mark.parametrize(
    ("nodes", "options", "expected"),
    [
        ({}, {}, np.inf),
        ({16: {"barrier": "gate"}}, {}, OVER_THE_WALL),
        ({16: {"barrier": "gate", "access": "private"}}, {}, np.inf),
        ({16: {"barrier": "gate", "access": "private"}}, {"gates": "open"}, OVER_THE_WALL),
    ],
    ids=["no gate", "open gate", "closed gate", "all gates taken as open"],
)
def test_a_wall_on_the_side_that_areas_share_is_passed_at_its_gates(tmp_path, nodes, options, expected):
    west, east = [10, 11, 16, 14, 15, 2, 10], [11, 12, 3, 13, 14, 16, 11]
    ways = [(west, SQUARE), (east, SQUARE), ([11, 16, 14], WALL)]
    assert walk(tmp_path, ways, nodes=nodes, **options) == pytest.approx(expected, abs=1)


def test_walls_inside_an_area_are_walked_round(tmp_path):
    square = ([10, 11, 12, 3, 13, 14, 15, 2, 10], SQUARE)
    assert walk(tmp_path, [square, ([11, 16], WALL)]) == pytest.approx(OVER_THE_WALL, abs=1)
    assert walk(tmp_path, [square, ([11, 16, 14], {"barrier": "fence"})]) == np.inf
    # a path leads through the fence at a common node; what lies underground stops nobody
    path = ([33, 16, 32], {"highway": "footway"})
    through = walk(tmp_path, [square, ([11, 16, 14], {"barrier": "fence"}), path])
    assert through == pytest.approx(OVER_THE_WALL, abs=1)
    below = ([11, 16, 14], {"barrier": "wall", "location": "underground"})
    assert walk(tmp_path, [square, below]) == pytest.approx(100, abs=0.1)


def test_a_walled_square_is_entered_where_ways_end_at_its_wall(tmp_path):
    ring = [10, 12, 3, 13, 15, 2, 10]
    assert walk(tmp_path, [(ring, SQUARE | {"barrier": "fence"})]) == pytest.approx(100, abs=1)


def test_inside_people_go_on_round_the_corner_where_a_gate_is_shut(tmp_path):
    """An L whose inner corner is 16; a path outside ends there at a locked gate."""
    corner = [10, 12, 3, 13, 14, 16, 33, 2, 10]
    path = ([15, 16], {"highway": "footway"})
    steps = walk(tmp_path, [(corner, SQUARE), path], nodes={16: {"barrier": "gate", "locked": "yes"}})
    assert steps == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("most", [100, 300])
def test_an_area_that_streets_cross_like_hatching_is_not_cut_by_them(tmp_path, monkeypatch, most):
    path = tmp_path / "comb.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        ring = shapely.get_coordinates(overlapping_combs(200)[0])[:-1] * STEP
        xy = [(-0.001, 0.005), (0.03, 0.005), *ring.tolist()]
        for number, place in enumerate(xy, 1):
            writer.add_node(Node(id=number, location=tuple(place), version=1))
        writer.add_way(Way(id=1, nodes=[1, 2], tags={"highway": "residential"}, version=1))
        writer.add_way(Way(id=2, nodes=[*range(3, len(xy) + 1), 3], tags=SQUARE, version=1))
    monkeypatch.setattr(square_outlines, "MOST_CROSSINGS", most)
    streets = read_osm_streets(path)
    lane = (streets.way == 1).sum()
    assert (lane, streets.counts["street-areas-hatched"]) == ((1, 1) if most == 100 else (201, 0))


def test_areas_too_large_to_be_one_ground_are_not_cut_with_each_other(tmp_path, monkeypatch):
    path = tmp_path / "combs.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        rings = [shapely.get_coordinates(comb)[:-1] * STEP for comb in overlapping_combs(MOST_CORNERS)]
        lane = np.array([(-100.0, 50.0), (-50.0, 50.0)]) * STEP
        xy, first = np.concatenate([lane, *rings]), 3
        for number, place in enumerate(xy.tolist(), 1):
            writer.add_node(Node(id=number, location=tuple(place), version=1))
        writer.add_way(Way(id=1, nodes=[1, 2], tags={"highway": "residential"}, version=1))
        for number, ring in enumerate(rings, 2):
            refs = [*range(first, first + len(ring)), first]
            writer.add_way(Way(id=number, nodes=refs, tags=SQUARE, version=1))
            first += len(ring)
    cut, own = [], shapely.intersection

    def counted(one, other, **options):
        cut.extend(np.minimum(*map(shapely.get_num_coordinates, (one, other))).tolist())
        return own(one, other, **options)

    monkeypatch.setattr(shapely, "intersection", counted)
    assert len(read_osm_streets(path)) > len(rings[0])
    assert max(cut, default=0) <= MOST_CORNERS
