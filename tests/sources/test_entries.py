"""Where facilities are entered: a little plan drawn in metres, and real parks."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shared_data import DATA

from lifecircle.errors import InputError
from lifecircle.sources import entry_crossings
from lifecircle.sources.changes import touched_areas
from lifecircle.sources.entries import assumed_walks, facility_entries
from lifecircle.sources.osm.features import read_osm_places
from lifecircle.sources.streets.lines import line_streets
from lifecircle.sources.streets.reader import read_streets
from lifecircle.tables import ENTRIES, local_crs

CRS = local_crs(113.5, 22.3)

PARK = box(0, 0, 100, 100)


def streets(*lines):
    """Streets drawn in metres of the study."""
    drawn = gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=CRS)
    return line_streets(drawn.to_crs(4326))


def gates(*places, access=None):
    """Gates drawn in metres of the study, stored in degrees."""
    table = gpd.GeoDataFrame(
        {"access": access or [""] * len(places)}, geometry=[Point(at) for at in places], crs=CRS
    )
    return table.to_crs(4326)


def entries(shapes, lines, gate_table=None):
    """Entries as (facility, how, x, y), whole metres."""
    facilities = gpd.GeoDataFrame(
        {"facility": [f"f{at}" for at in range(len(shapes))]}, geometry=shapes, crs=CRS
    )
    table = facility_entries(facilities, streets(*lines), gates() if gate_table is None else gate_table, CRS)
    assert table.crs == CRS
    ENTRIES.check(table)
    rounded = zip(
        table["facility"], table["how"], table.geometry.x.round(), table.geometry.y.round(), strict=True
    )
    return [(facility, how, x + 0.0, y + 0.0) for facility, how, x, y in rounded]


ACROSS = [(-50, 50), (50, 50), (150, 50)]
FAR = [(-500, -500), (-400, -500)]


def test_a_point_is_its_own_entry():
    assert entries([Point(3, 4)], [ACROSS]) == [("f0", "point", 3, 4)]


def test_a_park_is_entered_where_a_way_crosses_its_outline():
    assert entries([PARK], [ACROSS, FAR]) == [("f0", "crossing", 0, 50), ("f0", "crossing", 100, 50)]


def test_minutes_lost_at_the_entrance_are_those_of_the_ledger():
    table = gpd.GeoDataFrame(
        {"facility": ["tower", "shop", "park"], "entry_delay_min": [2.5, np.nan, 1.0]},
        geometry=[Point(3, 4), Point(9, 9), PARK],
        crs=CRS,
    )
    result = facility_entries(table, streets(ACROSS), gates(), CRS).groupby("facility")["delay_s"].agg(set)
    assert result.to_dict() == {"tower": {150.0}, "shop": {0.0}, "park": {60.0}}


def test_mapped_gates_come_before_crossings():
    assert entries([PARK], [ACROSS], gates((30, 0))) == [("f0", "gate", 30, 0)]


@pytest.mark.parametrize(("off_m", "how"), [(2.9, "gate"), (3.1, "crossing")])
def test_a_gate_is_a_parks_own_within_three_metres_of_its_outline(off_m, how):
    for y in (100 + off_m, 100 - off_m):
        assert {result for _, result, _, _ in entries([PARK], [ACROSS], gates((30, y)))} == {how}


@pytest.mark.parametrize("access", ["private", "no", "permit", "no;private"])
def test_closed_gates_are_no_entries(access):
    table = gates((30, 0), (60, 0), access=[access, "yes"])
    assert entries([PARK], [ACROSS], table) == [("f0", "gate", 60, 0)]
    only = gates((30, 0), access=[access])
    assert {how for _, how, _, _ in entries([PARK], [ACROSS], only)} == {"crossing"}


def test_a_gate_between_two_parks_serves_both():
    result = entries([PARK, box(101, 0, 200, 100)], [ACROSS], gates((100.5, 20)))
    assert [(facility, how) for facility, how, _, _ in result] == [("f0", "gate"), ("f1", "gate")]


@pytest.mark.parametrize(("apart_m", "count"), [(4, 1), (6, 2)])
def test_crossings_within_five_metres_are_one(apart_m, count):
    lines = [[(-50, 50), (50, 50)], [(-50, 50 + apart_m), (50, 50 + apart_m)]]
    assert len(entries([PARK], lines)) == count


def test_of_crossings_that_are_one_the_western_counts_whatever_the_order():
    ways = [[(52, -50), (52, 50)], [(48, -50), (48, 50)]]
    for ordered in (ways, ways[::-1]):
        assert entries([PARK], ordered) == [("f0", "crossing", 48, 0)]


def test_crossings_of_two_parks_at_one_place_are_kept_apart():
    result = entries([PARK, box(100, 0, 200, 100)], [[(50, 50), (150, 50)]])
    assert result == [("f0", "crossing", 100, 50), ("f1", "crossing", 100, 50)]


def test_a_path_that_ends_on_the_outline_is_an_entry_from_within_and_from_without():
    assert entries([PARK], [[(50, 50), (50, 0)], FAR]) == [("f0", "crossing", 50, 0)]
    assert entries([PARK], [[(50, -50), (50, 0)]]) == [("f0", "crossing", 50, 0)]


def test_a_shop_with_a_footway_to_each_of_its_sides_has_four_entries():
    ways = [[(50, -50), (50, 0)], [(150, 50), (100, 50)], [(50, 150), (50, 100)], [(-50, 50), (0, 50)]]
    listed = [(x, y) for _, how, x, y in entries([PARK], ways) if how == "crossing"]
    assert sorted(listed) == [(0, 50), (50, 0), (50, 100), (100, 50)]


def test_a_way_that_touches_an_outline_on_its_way_past_does_not_lead_in():
    assert entries([PARK], [[(20, -50), (50, 0), (80, -50)]])[0][1] == "assumed_entry"


def test_a_square_beside_a_shop_leaves_the_entry_to_the_path_that_ends_between_them():
    table = streets([(50, -500), (50, 0)], [(0, 0), (50, 0), (100, 0)], [(50, 0), (300, -400)], FAR)
    of_square = np.isin(table.way, np.unique(table.way)[1:3])
    square = dataclasses.replace(
        table, highways=("area",), highway=np.where(of_square, 0, -1).astype(np.int32)
    )
    shop = gpd.GeoDataFrame({"facility": ["s"]}, geometry=[PARK], crs=CRS)
    for ways, how in ((table, "assumed_entry"), (square, "crossing")):
        assert facility_entries(shop, ways, gates(), CRS)["how"].tolist() == [how]


def test_a_way_that_comes_along_the_outline_and_ends_on_it_does_not_lead_in():
    assert entries([PARK], [[(-50, 0), (50, 0)]])[0][1] == "assumed_entry"


@pytest.mark.parametrize("kind", ["bridge", "tunnel"])
def test_a_way_over_or_under_an_outline_does_not_lead_in(kind):
    layer = gpd.GeoDataFrame(
        {"highway": ["footway"] * 2, kind: ["yes", "no"]},
        geometry=[LineString([(-50, 50), (150, 50)]), LineString([(50, -50), (50, 50)])],
        crs=CRS,
    )
    parks = gpd.GeoDataFrame({"facility": ["p"]}, geometry=[PARK], crs=CRS)
    table = facility_entries(parks, line_streets(layer.to_crs(4326)), gates(), CRS)
    assert [(round(point.x), round(point.y)) for point in table.geometry] == [(50, 0)]


# --- doors


def doors(*places, entrance):
    """Doors drawn in metres of the study, of the kinds given."""
    return gates(*places).assign(entrance=list(entrance))


@pytest.mark.parametrize("kind", ["main", "yes", "shop", "", "main;exit"])
def test_doors_that_people_come_in_by_are_entries(kind):
    table = doors((30, 0), (60, 0), entrance=[kind, "emergency"])
    assert entries([PARK], [ACROSS], table) == [("f0", "gate", 30, 0)]


@pytest.mark.parametrize("kind", ["emergency", "exit", "service", "garage", "fire_exit", "exit;emergency"])
def test_doors_that_nobody_comes_in_by_are_none(kind):
    assert entries([PARK], [ACROSS], doors((30, 0), entrance=[kind])) == [
        ("f0", "crossing", 0, 50),
        ("f0", "crossing", 100, 50),
    ]


def test_a_path_that_leads_to_a_door_for_goods_is_no_entry():
    ways = [[(50, -50), (50, 0)], [(30, 150), (30, 100)]]
    assert entries([PARK], ways, doors((50, 0), entrance=["service"])) == [("f0", "crossing", 30, 100)]


# --- nothing else that was read changes a facility's entries


def test_a_neighbour_does_not_change_where_a_park_is_entered():
    """A path shut up in the park next door is the nearest street whether that park was read or not."""
    lines = [[(130, 40), (130, 60)], [(-60, 20), (-60, 40)]]
    alone = entries([PARK], lines)
    beside = entries([PARK, box(110, 0, 200, 100)], lines)
    assert [result for result in beside if result[0] == "f0"] == alone


def test_of_streets_equally_near_the_western_counts_whatever_the_order():
    lines = [[(120, 40), (120, 60)], [(-20, 40), (-20, 60)]]
    result = entries([PARK], lines)
    assert result == entries([PARK], lines[::-1])
    assert result[0][:3] == ("f0", "assumed_entry", 0)


def test_adding_streets_and_facilities_far_off_changes_nothing():
    rng = np.random.default_rng(8)
    lines = [ACROSS, [(240, -20), (240, 20)], [(20, 90), (20, 120)]]
    far = [(5000 + rng.uniform(0, 500, (2, 2))).tolist() for _ in range(20)]
    shapes = [PARK, box(200, 0, 260, 80), box(300, 0, 340, 40)]
    more = entries([*shapes, box(5000, 5000, 5100, 5100)], [*far, *lines])
    assert [result for result in more if result[0] != "f3"] == entries(shapes, lines)


def test_a_street_along_the_outline_is_not_a_way_in():
    assert entries([PARK], [[(-50, 0), (50, 0), (150, 0)]])[0][1] == "assumed_entry"


def test_a_park_no_way_enters_is_assumed_entered_nearest_to_a_street():
    assert entries([PARK], [[(120, -50), (120, 30)], FAR])[0][:3] == ("f0", "assumed_entry", 100)


def test_streets_shut_up_inside_do_not_lead_in():
    inside = [(90, 50), (95, 50)]
    result = entries([PARK], [inside, [(-30, 20), (-30, 40)]])
    assert [(facility, how, x) for facility, how, x, _ in result] == [("f0", "assumed_entry", 0)]
    assert 20 <= result[0][3] <= 40


def test_with_streets_inside_only_the_nearest_of_them_counts():
    assert entries([PARK], [[(90, 50), (95, 50)]]) == [("f0", "assumed_entry", 100, 50)]


def test_a_hole_is_part_of_the_outline():
    ring = PARK - box(40, 40, 60, 60)
    assert entries([ring], [[(50, 50), (80, 50)], FAR]) == [("f0", "crossing", 60, 50)]


def test_a_multipolygon_is_entered_at_each_part():
    parts = shapely.union(PARK, box(300, 0, 400, 100))
    result = entries([parts], [[(-50, 50), (50, 50)], [(350, 50), (450, 50)]])
    assert result == [("f0", "crossing", 0, 50), ("f0", "crossing", 400, 50)]


def test_a_facility_of_several_services_has_its_entries_once():
    twice = gpd.GeoDataFrame({"facility": ["a", "a", "b"]}, geometry=[PARK, PARK, Point(1, 1)], crs=CRS)
    table = facility_entries(twice, streets(ACROSS), gates(), CRS)
    assert table["facility"].tolist() == ["a", "a", "b"]
    assert table["entry"].tolist() == [0, 1, 0]
    assert (table["delay_s"] == 0).all()


def test_entries_do_not_depend_on_the_order_of_streets_and_gates():
    shapes, lines = (
        [PARK, box(200, 0, 260, 80)],
        [ACROSS, [(240, -20), (240, 20)], [(20, 90), (20, 120)], FAR],
    )
    places = [(200, 30), (200, 60), (230, 80)]
    assert entries(shapes, lines, gates(*places)) == entries(shapes, lines[::-1], gates(*places[::-1]))


def test_every_facility_without_geometry_is_named():
    lost = gpd.GeoDataFrame(
        {"facility": ["a", "b", "c"]}, geometry=[None, shapely.Polygon(), Point(0, 0)], crs=CRS
    )
    with pytest.raises(InputError) as caught:
        facility_entries(lost, streets(ACROSS), gates(), CRS)
    assert [fault.row for fault in caught.value.faults] == ["a", "b"]


def test_random_squares_agree_with_a_loop():
    rng = np.random.default_rng(3)
    corners = rng.uniform(0, 2000, (40, 2))
    shapes = [box(x, y, x + 150, y + 150) for x, y in corners]
    lines = [rng.uniform(0, 2200, (2, 2)).tolist() for _ in range(25)]
    result = entries(shapes, lines)
    for at, shape in enumerate(shapes):
        hows = {how for facility, how, _, _ in result if facility == f"f{at}"}
        crossed = [LineString(line) for line in lines if shape.boundary.intersects(LineString(line))]
        assert hows == ({"crossing"} if crossed else {"assumed_entry"})
        places = [Point(x, y) for facility, _, x, y in result if facility == f"f{at}"]
        assert all(shape.boundary.distance(place) < 1.0 for place in places)


def test_zhuhai_schools_and_grounds_all_have_an_entry():
    path = DATA / "zhuhai" / "zhuhai.osm"
    if not path.is_file():
        pytest.skip(f"zhuhai.osm is not at {path.parent}: real extracts are not part of the project")
    tests = {"school": [{"amenity": ["school"]}], "ground": [{"leisure": ["pitch", "park"]}]}
    places = read_osm_places(path, tests)
    facilities = places.features.rename(columns={"osm_id": "facility"}).to_crs(CRS)
    table = facility_entries(facilities, read_streets(path), places.layers.gates, pyproj.CRS(CRS))
    assert set(table["facility"]) == set(facilities["facility"])
    assert {"crossing", "assumed_entry"} <= set(table["how"])
    outline = facilities.drop_duplicates("facility").set_index("facility").boundary
    areas = table[table["how"] != "point"]
    assert (areas.distance(outline.loc[areas["facility"]].set_axis(areas.index)) < 1e-6).all()


def test_streets_drawn_near_the_outlines_alone_give_the_entries_of_all_streets(monkeypatch):
    shapes = [PARK, box(300, 0, 400, 100), box(3000, 3000, 3100, 3100), box(-900, -900, 4000, 4000)]
    ways = [ACROSS, FAR, [(350, 200), (500, 200)], [(3000, 3400), (3200, 3400)], [(310, 10), (320, 20)]]
    # the third is 300 m from its street, the last holds every street there is
    whole = entries(shapes, ways)
    assert {"crossing", "assumed_entry"} <= {how for _, how, _, _ in whole}
    for drawn_m in (0.0, 150.0):
        for module in ("entry_crossings", "assumed_entries"):
            monkeypatch.setattr(f"lifecircle.sources.{module}.DRAWN_M", drawn_m)
        assert entries(shapes, ways) == whole


@given(st.data())
def test_areas_untouched_by_a_changed_street_keep_the_entries_they_would_get(data):
    place = st.integers(-40, 40).map(lambda at: 10.0 * at)
    line = st.tuples(st.tuples(place, place), st.tuples(place, place)).filter(lambda ends: ends[0] != ends[1])
    ways = data.draw(st.lists(line, min_size=2, max_size=6, unique=True))
    fresh, gone = data.draw(line), ways[0]
    corners = data.draw(st.lists(st.tuples(place, place), min_size=1, max_size=4, unique=True))
    facilities = gpd.GeoDataFrame(
        {"facility": [f"f{at}" for at in range(len(corners))]},
        geometry=[box(x, y, x + 55, y + 35) for x, y in corners],
        crs=CRS,
    )
    before, after = streets(*ways), streets(*ways[1:], fresh)
    entered = facility_entries(facilities, before, gates(), CRS)
    walks = assumed_walks(facilities, entered, before, CRS)
    inputs = SimpleNamespace(facilities=facilities, entries=entered)
    touched = touched_areas(inputs, np.array([LineString(fresh), LineString(gone)]), walks)
    kept = ~entered["facility"].isin(touched)
    wanted = facility_entries(facilities, after, gates(), CRS)
    wanted = wanted[~wanted["facility"].isin(touched)]
    assert entered[kept].reset_index(drop=True).equals(wanted.reset_index(drop=True))


@pytest.mark.parametrize("seed", range(3))
def test_shapes_of_very_many_vertices_are_entered_where_others_are(monkeypatch, seed):
    chance = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    # in and out by far more than the width of a door, with a court inside
    shapes = [
        shapely.Polygon(ring * chance.uniform(150, 250, (60, 1)) + middle, [ring[::-1] * 100 + middle])
        for middle in ([0, 0], [700, 0])
    ]
    ways = [[tuple(end) for end in chance.uniform([-300, -300], [1000, 300], (2, 2))] for _ in range(40)]
    expected = entries(shapes, ways)
    assert len(expected) > 30
    monkeypatch.setattr(entry_crossings, "_MANY", 10)
    assert entries(shapes, ways) == expected
