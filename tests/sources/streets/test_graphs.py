"""Graphs of osmnx and networkx, both ways."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pyproj
import pytest
import shapely
from shapely import LineString

from lifecircle.errors import InputError, MissingInputError
from lifecircle.sources.streets.graphs import from_networkx, to_networkx
from lifecircle.sources.streets.lines import line_streets
from lifecircle.sources.streets.reader import read_streets

GEOD = pyproj.Geod(ellps="WGS84")


def lengths(streets):
    """Geodesic length of every segment, m."""
    lon, lat, u, v = streets.lon, streets.lat, streets.u, streets.v
    return np.asarray(GEOD.inv(lon[u], lat[u], lon[v], lat[v])[2])


def graph(*edges, crs="epsg:4326", kind=nx.MultiDiGraph, step=0.001):
    """A graph of three nodes in a row and one above the middle, with the edges given."""
    made = kind(crs=crs)
    for node, (x, y) in {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1)}.items():
        made.add_node(node, x=x * step, y=y * step)
    for u, v, data in edges:
        made.add_edge(u, v, **data)
    return made


def grid():
    """A walkable table: a 5 by 5 grid of streets with a one-way lane and a diagonal."""
    lines = [LineString([(x / 1000, y / 1000) for x in range(5)]) for y in range(5)]
    lines += [LineString([(x / 1000, y / 1000) for y in range(5)]) for x in range(5)]
    lines += [LineString([(0, 0), (0.001, 0.001)])]
    table = gpd.GeoDataFrame(
        {
            "highway": ["residential"] * 10 + ["service"],
            "oneway": ["no"] * 10 + ["yes"],
            "name": [f"第{number}街" for number in range(10)] + [""],
        },
        geometry=lines,
        crs=4326,
    )
    return line_streets(table, mode="drive")


def test_the_two_edges_of_a_two_way_street_are_one():
    two = graph((1, 2, {"osmid": 7}), (2, 1, {"osmid": 7, "reversed": True}), (2, 3, {"osmid": 8}))
    streets = from_networkx(two, mode="drive")
    assert len(streets) == 2
    assert list(zip(streets.forward, streets.backward, strict=True)) == [(True, True), (True, False)]
    assert from_networkx(two).backward.all()


def test_each_edge_of_a_two_way_street_has_its_own_speed():
    there, back = {"osmid": 7, "speed_kph": 60}, {"osmid": 7, "reversed": True, "speed_kph": 30}
    streets = from_networkx(graph((1, 2, there), (2, 1, back), (2, 3, {"maxspeed": "20"})), mode="drive")
    assert streets.speed_kmh.tolist() == [60, 20]
    assert streets.speed_back_kmh.tolist() == [30, 20]
    # and has it in the graph that is written of them
    written = from_networkx(to_networkx(streets), mode="drive")
    assert sorted(zip(written.speed_kmh, written.speed_back_kmh, strict=True))[1] == (60, 30)


def test_a_curved_edge_becomes_a_chain_and_its_return_joins_it():
    there = LineString([(0, 0), (0.0005, 0.0005), (0.001, 0)])
    curved = graph(
        (1, 2, {"geometry": there, "osmid": [7, 8]}),
        (2, 1, {"geometry": there.reverse(), "osmid": [8, 7]}),
    )
    streets = from_networkx(curved, mode="drive")
    assert len(streets) == 2
    assert streets.backward.all()
    assert streets.node_id.tolist() == [1, 2, -1]
    assert streets.segment.tolist() == [0, 1]


def test_a_long_edge_of_a_projected_graph_keeps_to_its_straight_line():
    long = nx.MultiDiGraph(crs="EPSG:32632")
    long.add_nodes_from([(1, {"x": 5e5, "y": 5e6}), (2, {"x": 503_000, "y": 5e6})])
    long.add_edge(1, 2)
    streets = from_networkx(long)
    to_metres = pyproj.Transformer.from_crs(4326, 32632, always_xy=True)
    middle = [(at[streets.u] + at[streets.v]) / 2 for at in (streets.lon, streets.lat)]
    assert np.abs(to_metres.transform(*middle)[1] - 5e6).max() < 0.01
    assert np.abs(to_metres.transform(streets.lon, streets.lat)[1] - 5e6).max() < 1e-4
    assert streets.segment.tolist() == list(range(len(streets)))
    assert (streets.v[:-1] == streets.u[1:]).all()
    assert len(np.unique(streets.node_id)) == len(streets.lon)


def test_parallel_edges_of_different_shape_stay_two():
    bent = LineString([(0, 0), (0.0005, 0.0005), (0.001, 0)])
    streets = from_networkx(graph((1, 2, {"osmid": 1}), (1, 2, {"osmid": 2, "geometry": bent})))
    assert len(np.unique(streets.way)) == 2


def test_an_undirected_graph_is_open_both_ways_whichever_end_its_geometry_starts_at():
    shape = LineString([(0.001, 0), (0.0002, 0.0005), (0, 0)])
    streets = from_networkx(graph((1, 2, {"geometry": shape}), kind=nx.Graph), mode="drive")
    assert streets.backward.all()
    straight = np.hypot(*np.diff(shapely.get_coordinates(shape), axis=0).T).sum()
    assert np.hypot(
        streets.lon[streets.u] - streets.lon[streets.v], streets.lat[streets.u] - streets.lat[streets.v]
    ).sum() == pytest.approx(straight)


def test_labels_that_are_no_numbers_are_numbered():
    named = nx.MultiGraph(crs="epsg:4326")
    named.add_node("a", x=0, y=0)
    named.add_node("b", x=0.001, y=0)
    named.add_edge(
        "a", "b", name="中山路", highway=["residential", "service"], maxspeed="30 mph", bridge="yes"
    )
    streets = from_networkx(named, mode="drive")
    assert streets.node_id.tolist() == [0, 1]
    assert streets.names == ("中山路",)
    assert streets.highways == ("residential",)
    assert streets.speed_kmh[0] == pytest.approx(48.28, abs=0.01)
    assert streets.bridge.all()


def test_a_stated_length_that_disagrees_is_counted_and_the_geometry_counts():
    odd = graph((1, 2, {"length": 111.3}), (2, 3, {"length": 400.0}))
    streets = from_networkx(odd)
    assert streets.counts["street-lengths-differ"] == 1
    assert lengths(streets) == pytest.approx([111.32, 111.32], abs=0.01)


def test_a_graph_without_crs_coordinates_or_edges_is_refused():
    with pytest.raises(InputError, match="no coordinate system"):
        from_networkx(graph((1, 2, {}), crs=None))
    blank = graph((1, 2, {}))
    del blank.nodes[2]["x"]
    blank.nodes[3]["y"] = float("nan")
    with pytest.raises(InputError, match=r"2 nodes have no finite x and y \(first: 2\)"):
        from_networkx(blank)
    with pytest.raises(InputError, match="no edge that can serve"):
        from_networkx(graph())
    with pytest.raises(InputError, match="wrong coordinate system"):
        from_networkx(graph((1, 2, {}), step=1000.0))
    with pytest.raises(InputError, match="within the study area"):
        from_networkx(graph((1, 2, {})), bounds=shapely.box(10, 10, 11, 11))


def test_a_round_trip_keeps_every_segment():
    table = grid()
    back = from_networkx(to_networkx(table), mode="drive")

    def told(streets):
        """Every segment as its ends, directions, name, class and length."""
        names = [streets.names[code] if code >= 0 else "" for code in streets.name]
        classes = [streets.highways[code] for code in streets.highway]
        ends = np.stack([streets.node_id[streets.u], streets.node_id[streets.v]], axis=1).tolist()
        rows = zip(
            ends, streets.forward, streets.backward, names, classes, lengths(streets).round(6), strict=True
        )
        return sorted(map(str, rows))

    assert told(back) == told(table)


def test_a_walking_graph_keeps_a_direction_closed_to_walkers():
    table = grid()
    walking = to_networkx(table)
    walking.graph["lifecircle_mode"] = "walk"
    assert (~from_networkx(walking).backward).sum() == 1
    del walking.graph["lifecircle_mode"]
    assert from_networkx(walking).backward.all()


def node_at(result, x, y):
    """The node at a place."""
    return next(node for node, at in result.nodes(data=True) if np.allclose((at["x"], at["y"]), (x, y)))


def test_osmnx_simplifies_projects_saves_and_routes_what_we_hand_it(tmp_path):
    table = grid()
    ours = to_networkx(table)
    simple = ox.simplify_graph(ours)
    total = lengths(table).sum()
    path = tmp_path / "grid.graphml"
    ox.save_graphml(simple, path)
    for rebuilt in (
        from_networkx(simple, mode="drive"),
        from_networkx(ox.project_graph(simple), mode="drive"),
        read_streets(path, mode="drive"),
    ):
        assert lengths(rebuilt).sum() == pytest.approx(total, abs=1e-3)
        assert (~rebuilt.backward).sum() == 1
        assert rebuilt.counts["street-lengths-differ"] == 0
    corners = [node_at(ours, x, y) for x, y in ((0, 0), (0.004, 0.003))]
    there, back = (
        nx.path_weight(ours, ox.routing.shortest_path(ours, *pair), "length")
        for pair in (corners, corners[::-1])
    )
    # 4 by 3 blocks, or the one-way diagonal and 3 by 2 blocks.
    east, north = GEOD.inv(0, 0, 0.001, 0)[2], GEOD.inv(0, 0, 0, 0.001)[2]
    assert there == pytest.approx(3 * east + 2 * north + GEOD.inv(0, 0, 0.001, 0.001)[2], abs=0.01)
    assert back == pytest.approx(4 * east + 3 * north, abs=0.01)


def test_graphml_of_plain_networkx_is_read(tmp_path):
    path = tmp_path / "plain.graphml"
    plain = graph((1, 2, {"highway": "steps"}), kind=nx.Graph)
    plain.graph["crs"] = "epsg:4326"
    nx.write_graphml(plain, path)
    streets = read_streets(path)
    assert streets.steps.all()
    assert streets.node_id.tolist() == [1, 2]


def test_a_damaged_graphml_is_refused(tmp_path):
    path = tmp_path / "cut.graphml"
    ox.save_graphml(to_networkx(grid()), path)
    whole = path.read_bytes()
    for damaged in (whole[:3000], whole.replace(b"utf-8", b"uuuutf-8", 1)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="cannot be read as GraphML"):
            read_streets(path)
    with pytest.raises(MissingInputError):
        read_streets(tmp_path / "none.graphml")
