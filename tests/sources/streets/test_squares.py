"""Squares and other areas: the walk inside them is the shortest there is, against shapely and networkx."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way

from lifecircle.network import build_network, competing_catchments, isochrones, pairs
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.rings import closed_rings
from lifecircle.sources.streets.visibility import ENTRY, REFLEX, reflex_corners, sight_lines

STEP = 1e-5


def write(path, places, ways, relations=(), gates=()):
    """An OSM file; places in steps of 1e-5 degree near the equator, 1.11 m each way; gates are locked."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (x, y) in places.items():
            tags = {"barrier": "gate", "locked": "yes"} if number in gates else {}
            writer.add_node(Node(id=number, location=(x * STEP, y * STEP), tags=tags, version=1))
        for number, refs, tags in ways:
            writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
        for number, members, tags in relations:
            writer.add_relation(Relation(id=number, members=members, tags=tags, version=1))
    return path


def walk(streets, start, end):
    """Shortest walk between two OSM nodes in steps, by networkx; inf where there is none."""
    graph = nx.Graph()
    xy = np.column_stack([streets.lon, streets.lat]) / STEP
    for u, v in zip(streets.u.tolist(), streets.v.tolist(), strict=True):
        graph.add_edge(u, v, weight=float(np.hypot(*(xy[u] - xy[v]))))
    at = {int(number): row for row, number in enumerate(streets.node_id)}
    try:
        return nx.shortest_path_length(graph, at[start], at[end], weight="weight")
    except (nx.NetworkXNoPath, KeyError):
        return float("inf")


SQUARE = {
    1: (-50, 50),
    2: (0, 50),
    3: (0, 100),
    4: (100, 100),
    5: (100, 50),
    6: (150, 50),
    7: (100, 0),
    8: (0, 0),
}
LANES = [(10, [1, 2], {"highway": "residential"}), (11, [5, 6], {"highway": "residential"})]
RING = [2, 3, 4, 5, 7, 8, 2]


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "pedestrian", "area": "yes"},
        {"area:highway": "pedestrian"},
        {"place": "square"},
        {"railway": "platform"},
        {"amenity": "parking", "foot": "yes"},
    ],
)
def test_two_lanes_that_end_on_a_square_are_joined_across_it(tmp_path, tags):
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, (12, RING, tags)]))
    assert walk(streets, 1, 6) == pytest.approx(200, abs=0.01)
    assert streets.counts["street-areas-crossed"] == 1
    assert "area" in streets.highways


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "pedestrian", "area": "yes", "access": "no"},
        {"amenity": "parking"},
        {"leisure": "park"},
    ],
)
def test_ground_that_is_closed_or_not_said_to_be_open_is_not_crossed(tmp_path, tags):
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, (12, RING, tags)]))
    assert walk(streets, 1, 6) == float("inf")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"railway": "platform"}, 200),
        ({"public_transport": "platform", "railway": "platform"}, 200),
        ({"public_transport": "platform", "access": "private"}, float("inf")),
        ({"place": "square"}, float("inf")),
    ],
)
def test_a_platform_drawn_as_a_line_is_walked_along(tmp_path, tags, expected):
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, (12, [2, 5], tags)]))
    assert walk(streets, 1, 6) == pytest.approx(expected, abs=0.01)


def test_cars_do_not_cross_a_square(tmp_path):
    path = write(
        tmp_path / "a.osm.pbf", SQUARE, [*LANES, (12, RING, {"highway": "pedestrian", "area": "yes"})]
    )
    assert walk(read_osm_streets(path, mode="drive"), 1, 6) == float("inf")


def test_who_stands_beside_a_square_joins_it_and_walks_along_its_outline(tmp_path):
    """A home 5 steps south of the square; the street 20 steps south of it meets the lanes 500 steps away."""
    places = SQUARE | {11: (-500, 50), 12: (600, 50), 13: (-500, -25), 14: (600, -25)}
    lanes = [(10, [11, 1, 2], {"highway": "residential"}), (11, [5, 6, 12], {"highway": "residential"}),
             (13, [11, 13, 14, 12], {"highway": "residential"})]  # fmt: skip
    square = (12, RING, {"place": "square"})
    network = build_network(read_osm_streets(write(tmp_path / "a.osm.pbf", places, [*lanes, square])))
    home = network.snap(gpd.GeoSeries.from_xy([50 * STEP], [-5 * STEP], crs=4326))
    goal = network.snap(gpd.GeoSeries.from_xy([150 * STEP], [50 * STEP], crs=4326))
    assert home.access_mm[0] / 1000 == pytest.approx(5 * STEP * 110_574, abs=0.01)
    # 50 steps east along the outline and 50 north, 50 along the lane
    _, _, cost = pairs(network, home, goal, max_cost=10**7)
    expected = (5 + 50) * STEP * 110_574 + (50 + 50) * STEP * 111_319.5
    assert cost[0] / 1000 == pytest.approx(expected, abs=0.05)


def test_lines_across_a_square_are_walked_and_are_no_length_of_street(tmp_path):
    """Two lanes of 50 steps and a square of 100 between them: 200 steps to walk, 100 of them on streets."""
    square = (12, RING, {"place": "square"})
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, square]))
    network = build_network(streets, min_component_m=0)
    lanes_m = 100 * STEP * 111_319.5
    assert network.component_length_m.tolist() == pytest.approx([lanes_m], abs=0.01)
    assert f"{lanes_m / 1000:,.1f} km" in repr(network)
    start = gpd.GeoSeries.from_xy([-50 * STEP], [50 * STEP], crs=4326)
    area = isochrones(network, start, minutes=10)
    assert area["reached_m"].tolist() == pytest.approx([lanes_m], abs=0.2)
    assert area["unreached_m"].tolist() == pytest.approx([0], abs=0.2)
    catchment = competing_catchments(network, network.snap(start), [0], max_minutes=10)
    assert catchment["reached_m"].tolist() == pytest.approx([lanes_m], abs=0.2)


def test_a_hole_is_walked_round(tmp_path):
    """A pool of 40 x 40 in the middle: 50 to a corner's height of 20, twice, and 40 along its side."""
    places = SQUARE | {20: (30, 30), 21: (70, 30), 22: (70, 70), 23: (30, 70)}
    ways = [*LANES, (12, RING, {}), (13, [20, 21, 22, 23, 20], {})]
    square = (14, [("w", 12, "outer"), ("w", 13, "inner")], {"type": "multipolygon", "highway": "pedestrian"})
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", places, ways, [square]))
    assert walk(streets, 1, 6) == pytest.approx(50 + 2 * np.hypot(30, 20) + 40 + 50, abs=0.01)


def test_who_is_inside_goes_round_the_corner_where_a_closed_gate_stands(tmp_path):
    """A square like an L; the gate shuts the lane at its inner corner, which both other lanes walk round."""
    places = {1: (0, 0), 2: (100, 0), 3: (100, 20), 4: (100, 40), 5: (40, 40), 6: (40, 100), 7: (20, 100),
              8: (0, 100), 9: (150, 20), 10: (20, 150), 11: (70, 70)}  # fmt: skip
    ways = [(20, [9, 3], {"highway": "footway"}), (21, [10, 7], {"highway": "footway"}),
            (22, [11, 5], {"highway": "footway"}),
            (23, [1, 2, 3, 4, 5, 6, 7, 8, 1], {"place": "square"})]  # fmt: skip
    round_the_corner = 50 + 2 * np.hypot(60, 20) + 50
    for gates, from_the_lane in (((), np.hypot(30, 30) + np.hypot(60, 20) + 50), ((5,), np.inf)):
        streets = read_osm_streets(write(tmp_path / "a.osm.pbf", places, ways, gates=gates))
        assert walk(streets, 9, 10) == pytest.approx(round_the_corner, abs=0.01)
        assert walk(streets, 11, 10) == pytest.approx(from_the_lane, abs=0.01)


def test_a_way_that_crosses_an_outline_without_a_node_enters_there(tmp_path):
    places = SQUARE | {30: (60, 150), 31: (60, 80)}
    ring = (12, RING, {"highway": "pedestrian", "area": "yes"})
    lane = (13, [30, 31], {"highway": "footway"})
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", places, [*LANES, ring, lane]))
    assert walk(streets, 30, 1) == pytest.approx(50 + np.hypot(60, 50) + 50, abs=0.01)
    above = (13, [30, 31], {"highway": "footway", "bridge": "yes", "layer": "1"})
    streets = read_osm_streets(write(tmp_path / "b.osm.pbf", places, [*LANES, ring, above]))
    assert walk(streets, 30, 1) == float("inf")


def test_a_way_that_passes_over_a_corner_leaves_its_entry_to_the_way_that_ends_there(tmp_path):
    """Lane 10 ends at corner 2; lane 13 runs over that corner without sharing the node."""
    ring = (12, RING, {"highway": "pedestrian", "area": "yes"})
    streets = read_osm_streets(
        write(
            tmp_path / "a.osm.pbf",
            SQUARE | {30: (-50, 100), 31: (50, 0)},
            [(10, [1, 2], {"highway": "residential"}), ring, (13, [30, 31], {"highway": "footway"})],
        )
    )
    # straight on from corner 2 along the lane over it, and across the square to its other entry
    assert walk(streets, 2, 31) == pytest.approx(np.hypot(50, 50), abs=0.01)
    assert walk(streets, 1, 30) == pytest.approx(50 + np.hypot(50, 50), abs=0.01)


@pytest.mark.parametrize("shift", [0, 18_000_000 - 50])
def test_a_square_on_180_degrees_is_like_any_other(tmp_path, shift):
    """A hole of 40 steps in the middle of the square; a street without a node crosses its southern side."""
    places = SQUARE | {11: (30, 30), 12: (70, 30), 13: (70, 70), 14: (30, 70), 15: (10, -50), 16: (10, 20)}
    places = {
        number: ((x + shift + 18_000_000) % 36_000_000 - 18_000_000, y) for number, (x, y) in places.items()
    }
    ways = [*LANES, (12, RING, {}), (13, [11, 12, 13, 14, 11], {}), (14, [15, 16], {"highway": "footway"})]
    square = [
        (20, [("w", 12, "outer"), ("w", 13, "inner")], {"type": "multipolygon", "highway": "pedestrian"})
    ]
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", places, ways, square))
    network = build_network(streets, min_component_m=0)
    lon, lat = np.array([places[number] for number in (1, 6, 15)]).T * STEP
    ends = network.snap(gpd.GeoSeries.from_xy(lon, lat, crs=4326))
    _, _, cost = pairs(network, ends.take([0]), ends.take([1, 2]), max_cost=10**7)
    # 50 steps of lane at either end; round the hole by two of its corners, or 50 steps and to (10, 0)
    east, north = STEP * 111_319.5, STEP * 110_574
    round_m = 100 * east + 2 * np.hypot(30 * east, 20 * north) + 40 * east
    across_m = 50 * east + np.hypot(10 * east, 50 * north) + 50 * north
    assert (cost / 1000).tolist() == pytest.approx([round_m, across_m], abs=0.05)


def test_an_outline_that_does_not_close_is_walked_along(tmp_path):
    course = (12, RING[:-1], {"highway": "pedestrian", "area": "yes"})
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, course]))
    assert walk(streets, 1, 6) == pytest.approx(50 + 50 + 100 + 50 + 50, abs=0.01)
    assert not streets.counts.get("street-areas-broken")


def test_an_outline_that_crosses_itself_is_counted(tmp_path):
    ring = (12, [2, 4, 7, 3, 2], {"highway": "pedestrian", "area": "yes"})
    streets = read_osm_streets(write(tmp_path / "a.osm.pbf", SQUARE, [*LANES, ring]))
    assert streets.counts["street-areas-broken"] == 1


def test_rings_are_put_together_of_pieces_in_any_order_and_direction():
    assert [sorted(ring) for ring in closed_rings([[3, 2, 1], [3, 4, 5], [1, 6, 5]])] == [[1, 2, 3, 4, 5, 6]]
    assert closed_rings([[1, 2, 3], [3, 4]]) == ()


@st.composite
def stars(draw):
    """A polygon that sees its middle, of 4 to 12 corners, and perhaps a triangular hole round the middle."""
    count = draw(st.integers(4, 12))
    radius = np.array(draw(st.lists(st.integers(30, 200), min_size=count, max_size=count)))
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    outer = np.round(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), 2)
    hole = np.array([[-5.0, -4.0], [0.0, 6.0], [5.0, -4.0]]) if draw(st.booleans()) else np.empty((0, 2))
    return outer, hole


@settings(deadline=None, max_examples=60)
@given(stars())
def test_walks_equal_a_naive_visibility_graph(shape):
    outer, hole = shape
    area = shapely.Polygon(outer, [hole] if len(hole) else [])
    if not area.is_valid:
        return
    xy = np.concatenate([outer, hole])
    n, m = len(outer), len(hole)
    before = np.concatenate([(np.arange(n) - 1) % n, n + (np.arange(m) - 1) % max(m, 1)]).astype(np.int64)
    after = np.concatenate([(np.arange(n) + 1) % n, n + (np.arange(m) + 1) % max(m, 1)]).astype(np.int64)
    entries = np.arange(n + m) < n
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    mark = (entries * ENTRY + reflex_corners(x, y, before, after) * REFLEX).astype(np.uint8)
    one, other = sight_lines(np.array([0, n + m]), x, y, before, after, mark)
    ours, naive, outline = nx.Graph(), nx.Graph(), nx.Graph()
    ours.add_weighted_edges_from((i, j, np.hypot(*(xy[i] - xy[j]))) for i, j in zip(one, other, strict=True))
    ground = area.buffer(1e-6)
    for i, j in itertools.combinations(range(n + m), 2):
        if ground.covers(shapely.LineString([xy[i], xy[j]])):
            naive.add_edge(i, j, weight=np.hypot(*(xy[i] - xy[j])))
    outline.add_weighted_edges_from((i, (i + 1) % n, np.hypot(*(xy[i] - xy[(i + 1) % n]))) for i in range(n))
    for i, j in itertools.combinations(range(n), 2):
        walked = nx.shortest_path_length(ours, i, j, weight="weight")
        assert walked == pytest.approx(nx.shortest_path_length(naive, i, j, weight="weight"), abs=1e-3)
        assert walked >= np.hypot(*(xy[i] - xy[j])) - 1e-9
        assert walked <= nx.shortest_path_length(outline, i, j, weight="weight") + 1e-9
