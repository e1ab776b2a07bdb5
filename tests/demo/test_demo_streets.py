"""The demo's streets: size, gates, bridges and underpasses, told from the extract alone."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pytest


@pytest.fixture(scope="module")
def streets(extract):
    return extract.streets()


def test_about_sixty_thousand_nodes_all_joined(streets):
    assert 55_000 < len(streets) < 70_000
    assert nx.is_connected(streets)


def test_nodes_come_before_ways_and_ids_ascend(extract):
    kinds = [kind for kind, _ in extract.order]
    assert kinds == sorted(kinds)
    for kind in "nw":
        ids = [number for other, number in extract.order if other == kind]
        assert all(a < b for a, b in pairwise(ids))


def test_estates_have_one_to_three_gates_and_no_other_way_in(extract, streets):
    """With its gates taken out, no inner node of an estate reaches a node outside its walls."""
    gates = {node for node, tags in extract.node_tags.items() if tags.get("barrier") == "gate"}
    estates = extract.areas("landuse", "residential")
    assert len(estates) > 300
    points = extract.points(streets.nodes)
    closed = streets.copy()
    closed.remove_nodes_from(gates)
    component = {node: number for number, part in enumerate(nx.connected_components(closed)) for node in part}
    outside = {
        component[node] for nodes, tags in extract.ways if tags.get("highway") == "primary" for node in nodes
    }
    for nodes, inside in zip(estates["nodes"], _inside(estates, points), strict=True):
        assert 1 <= len(gates & set(nodes)) <= 3
        inner = [node for node in inside if node not in gates]
        assert inner
        assert not {component[node] for node in inner} & outside


def _inside(estates, points):
    """Street nodes within each estate's wall."""
    which, node = points.sindex.query(estates.geometry.buffer(-1.0), predicate="contains")
    return [points.index[node[which == number]].tolist() for number in range(len(estates))]


def test_the_gates_do_join_estates_to_the_street(extract, streets):
    gates = [node for node, tags in extract.node_tags.items() if tags.get("barrier") == "gate"]
    assert all(streets.degree(gate) >= 2 for gate in gates)


def test_the_river_is_crossed_by_seven_bridges_and_divides_the_city_without_them(extract, streets):
    bridges = [nodes for nodes, tags in extract.ways if tags.get("highway") and tags.get("bridge") == "yes"]
    assert len(bridges) == 7
    cut = streets.copy()
    for nodes in bridges:
        cut.remove_edges_from(pairwise(nodes))
    sizes = sorted((len(part) for part in nx.connected_components(cut)), reverse=True)
    assert sizes[1] > 10_000


def test_the_railway_is_passed_only_through_underpasses_in_the_city(extract):
    tunnels = [tags for _, tags in extract.ways if tags.get("tunnel") == "yes"]
    assert sum(tags["highway"] == "footway" for tags in tunnels) == 2
    assert sum(tags["highway"] == "secondary" for tags in tunnels) == 5
    rails = [node for nodes, tags in extract.ways if tags.get("railway") == "rail" for node in nodes]
    on_foot = {node for nodes, tags in extract.ways if "highway" in tags for node in nodes}
    assert not on_foot & set(rails)


def test_streets_run_on_beyond_the_boundary(extract, communities, streets):
    whole = communities.to_crs(32648).union_all()
    points = extract.points(streets.nodes)
    assert (points.distance(whole) > 1000).sum() > 300


def test_streets_run_to_the_edge_of_the_box_that_the_header_declares(raw, extract, streets):
    box = osmium.io.Reader(str(raw / "streets.osm.pbf")).header().box()
    declared = gpd.GeoSeries.from_xy(
        [box.bottom_left.lon, box.top_right.lon], [box.bottom_left.lat, box.top_right.lat], crs=4326
    ).to_crs(32648)
    gap_m = np.abs(declared.total_bounds - extract.points(streets.nodes).total_bounds)
    assert (gap_m < 1000).all()


def test_tags_are_those_that_readers_must_understand(extract):
    seen = {(key, value) for _, tags in extract.ways for key, value in tags.items()}
    assert {
        ("oneway", "yes"), ("tunnel", "yes"), ("bridge", "yes"), ("layer", "-1"), ("natural", "water"),
        ("waterway", "river"), ("railway", "rail"), ("leisure", "park"), ("leisure", "pitch"),
        ("building", "apartments"), ("building", "residential"), ("building", "house"),
        ("building", "school"), ("barrier", "wall"), ("highway", "living_street"), ("highway", "footway"),
    } <= seen  # fmt: skip
    mapped = {(key, value) for tags in extract.node_tags.values() for key, value in tags.items()}
    assert {("barrier", "gate"), ("shop", "convenience"), ("amenity", "pharmacy")} <= mapped


def test_dwellings_stand_in_every_urban_community(extract, communities):
    buildings = extract.areas("building")
    dwellings = buildings[[tags["building"] in {"apartments", "residential"} for tags in buildings["tags"]]]
    assert 4000 < len(dwellings) < 15_000
    assert dwellings.geometry.is_valid.all()
    urban = communities[communities["类型"] == "社区"].to_crs(32648)
    middles = dwellings.set_geometry(dwellings.centroid)
    assert set(middles.sjoin(urban, predicate="within")["代码"]) == set(urban["代码"])
