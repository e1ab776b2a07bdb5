"""Streets handed over in Python: what of them is not taken as it was given is said."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString

import lifecircle as lc
from lifecircle.network.examples import grid_network


def test_a_length_that_is_not_that_of_the_shape_is_warned_of():
    graph = lc.to_networkx(grid_network(rows=2, columns=2))
    lc.from_networkx(graph)  # as long as they are drawn: nothing is said, or the test would fail
    for _, _, arc in graph.edges(data=True):
        arc["length"] *= 3
    with pytest.warns(lc.LifecircleWarning, match=r"4 graph edges state a length over 1 %"):
        longer = lc.from_networkx(graph)
    assert longer.length_mm.tolist() == lc.from_networkx(lc.to_networkx(longer)).length_mm.tolist()


def test_heights_of_another_place_are_refused(tmp_path):
    path = tmp_path / "elsewhere.tif"
    cells = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32", "crs": 4326}
    with rasterio.open(path, "w", transform=from_origin(-70, -30, 0.1, 0.1), **cells) as raster:
        raster.write(np.ones((1, 2, 2), np.float32))
    graph = lc.to_networkx(grid_network(rows=2, columns=2))
    with pytest.raises(lc.InputError, match=r"elsewhere\.tif.*no height at any of the streets"):
        lc.from_networkx(graph, elevation=path)


def test_lines_that_do_not_meet_are_warned_of_once_with_what_lets_them(tmp_path):
    path, plane = tmp_path / "lines.gpkg", 32632
    shapes = [[(0, 0), (300, 0)], [(100, -100), (100, 100)], [(200, 0.5), (200, 100)]]
    lines = [LineString(np.add(shape, (500_000, 5_000_000))) for shape in shapes]
    gpd.GeoDataFrame(geometry=lines, crs=plane).to_file(path)
    with pytest.warns(lc.LifecircleWarning) as told:
        lc.read_streets(path)
    crossing, short = (str(one.message) for one in told)
    assert crossing.startswith("1 crossing of lines without a shared vertex")
    assert "split_crossings=True" in crossing
    assert short.startswith("1 end of a line stops within a metre")
    assert "tolerance_m" in short
    assert all(one.filename == __file__ for one in told)
    # as they say: nothing is left to tell, or the test would fail
    assert len(lc.read_streets(path, split_crossings=True, tolerance_m=1)) == 6


def test_points_on_a_street_that_leads_nowhere_are_warned_of():
    shapes = [[(0, 0), (400, 0)], [(0, 2000), (100, 2000)]]
    lines = gpd.GeoSeries([LineString(np.add(shape, (500_000, 5_000_000))) for shape in shapes], crs=32632)
    graph = nx.MultiDiGraph(crs="EPSG:32632")
    for at, line in enumerate(lines):
        for end, (x, y) in enumerate(line.coords):
            graph.add_node(2 * at + end, x=x, y=y)
        graph.add_edge(2 * at, 2 * at + 1)
    streets = lc.from_networkx(graph, min_component_m=200)
    points = lines.interpolate(0.5, normalized=True).set_axis(["town", "stray"])
    told = r": 1 of 2 join a street that leads nowhere else"
    with pytest.warns(lc.LifecircleWarning, match="points" + told) as one:
        lc.isochrones(streets, points, minutes=[1])
    assert [each.filename for each in one] == [__file__]
    with pytest.warns(lc.LifecircleWarning, match="origins" + told) as one:
        lc.nearest_times(streets, points, points.iloc[:1])
    assert [each.filename for each in one] == [__file__]
    # who has joined the points has their status already
    lc.nearest_times(streets, streets.snap(points), points.iloc[:1])


def test_a_graph_gets_its_own_nodes_back(tmp_path):
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    places = {900: (8.70, 49.40), 17: (8.71, 49.40), 5_000_000_001: (8.71, 49.41)}
    for label, (x, y) in places.items():
        graph.add_node(label, x=x, y=y)
    bent = LineString([places[900], (8.705, 49.401), places[17]])
    graph.add_edge(900, 17, geometry=bent, name="Bow Lane", oneway=True)
    graph.add_edge(17, 5_000_000_001)
    graph.add_edge(5_000_000_001, 17)
    streets = lc.from_networkx(graph, mode="bike")
    streets.save(tmp_path / "town.network")
    for network in (streets, lc.Network.load(tmp_path / "town.network")):
        back = lc.to_networkx(network)
        own = {label: (data["x"], data["y"]) for label, data in back.nodes(data=True) if label > 0}
        assert {label: pytest.approx(place) for label, place in own.items()} == places
        assert nx.has_path(back, 900, 5_000_000_001)
        assert not nx.has_path(back, 17, 900)
        # their numbers are those of the table of edges
        table = network.to_gdf().set_index("edge")
        for start, end, key in back.edges(keys=True):
            ends = {back.nodes[start]["node"], back.nodes[end]["node"]}
            assert ends == {table.at[key, "u"], table.at[key, "v"]}
    # directions hold for the mode that wrote them, on foot too
    assert {data["oneway"] for *_, data in back.edges(data=True) if data.get("name")} == {True}
    rebuilt = lc.from_networkx(back, mode="bike")
    assert sorted(rebuilt.node_id) == sorted(streets.node_id)


@pytest.mark.parametrize("labels", [["b", "a"], [(0, 0), (0, 1)], ["1", "01"]])
def test_other_labels_are_numbered_as_the_graph_lists_them(labels):
    graph = nx.Graph(crs="EPSG:4326")
    for at, label in enumerate(labels):
        graph.add_node(label, x=8.7 + at / 1000, y=49.4)
    graph.add_edge(*labels)
    back = lc.to_networkx(lc.from_networkx(graph))
    assert {at: back.nodes[at]["x"] for at in back} == {
        at: pytest.approx(graph.nodes[label]["x"]) for at, label in enumerate(graph)
    }
