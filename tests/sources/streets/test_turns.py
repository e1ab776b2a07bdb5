"""Turn restrictions and streets for residents: what drivers may not do, and everybody else may.

Four arms of 300 m meet in the middle; a ring road joins their ends, in the west, north, east and south.
A quarter of the ring is 300 x root 2 = 424.3 m.
"""

import geopandas as gpd
import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way
from streets_in_metres import CRS, points

import lifecircle as lc
from lifecircle.network import build_network, pairs
from lifecircle.sources.streets.cut import is_member
from lifecircle.sources.streets.osm import read_osm_streets

MIDDLE, WEST, NORTH, EAST, SOUTH = range(1, 6)
ARM = {WEST: 12, NORTH: 13, EAST: 14, SOUTH: 15}
PLACE = {MIDDLE: (0, 0), WEST: (-300, 0), NORTH: (0, 300), EAST: (300, 0), SOUTH: (0, -300)}
QUARTER_M = 300 * 2**0.5


@pytest.fixture
def town(tmp_path):
    """Writes the town with restrictions (tags and members) and tags of arms; every street at 36 km/h."""

    def write(*restrictions, **arms):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.osm.pbf"
        degrees = gpd.GeoSeries(points(*PLACE.values())).to_crs(4326)
        street = {"highway": "residential", "maxspeed": "36"}
        with osmium.SimpleWriter(str(path)) as writer:
            for number, place in zip(PLACE, degrees, strict=True):
                writer.add_node(Node(id=number, location=(place.x, place.y), version=1))
            for number, way in ARM.items():
                tags = street | arms.get({12: "west", 13: "north", 14: "east", 15: "south"}[way], {})
                # some arms are drawn towards the middle, some from it
                nodes = [number, MIDDLE] if way % 2 else [MIDDLE, number]
                writer.add_way(Way(id=way, nodes=nodes, tags=tags, version=1))
            for way, ends in enumerate([(WEST, NORTH), (NORTH, EAST), (EAST, SOUTH), (SOUTH, WEST)], 21):
                writer.add_way(Way(id=way, nodes=list(ends), tags=street | arms.get("ring", {}), version=1))
            for number, (tags, members) in enumerate(restrictions, 31):
                writer.add_relation(
                    Relation(id=number, tags={"type": "restriction"} | tags, members=members, version=1)
                )
        return path

    return write


def turn(kind, one, other, **tags):
    """A restriction at the middle."""
    return {"restriction": kind} | tags, [
        ("w", ARM[one], "from"),
        ("n", MIDDLE, "via"),
        ("w", ARM[other], "to"),
    ]


def metres(path, mode="drive"):
    """From a place 100 m west of the middle to places 100 m north, east and south of it."""
    streets = lc.read_streets(path, mode=mode, min_component_m=0)
    here, there = (streets.snap(points(*places)) for places in ([(-100, 0)], [(0, 100), (100, 0), (0, -100)]))
    _, _, cost = pairs(streets, here, there, max_cost=10**8)
    per_metre = 100 if streets.cost_unit == "ms" else 1000  # 36 km/h are 10 m a second
    return streets.counts, (cost / per_metre).tolist()


def test_without_restrictions_all_turns_are_open(town):
    assert metres(town())[1] == pytest.approx([200, 200, 200], abs=0.2)


def test_no_left_turn_leads_straight_on_and_back_by_the_ring(town):
    """Left is north: to the west end (200 m), a quarter of the ring, down the northern arm (200 m)."""
    path = town(turn("no_left_turn", WEST, NORTH))
    counts, driven_m = metres(path)
    assert driven_m == pytest.approx([200 + QUARTER_M + 200, 200, 200], abs=0.2)
    assert counts["street-turns"] == 1
    assert metres(path, "walk")[1] == pytest.approx([200, 200, 200], abs=0.2)
    assert metres(path, "bike")[1] == pytest.approx([200, 200, 200], abs=0.2)


def test_only_straight_on_forbids_both_other_turns(town):
    round_about = 200 + QUARTER_M + 200
    driven_m = metres(town(turn("only_straight_on", WEST, EAST)))[1]
    assert driven_m == pytest.approx([round_about, 200, round_about], abs=0.2)


def test_nobody_turns_round_in_the_street_to_get_about_a_restriction(town):
    """Without the ring drivers turn at the far end of another arm: 100 + 300 + 300 + 100."""
    path = town(turn("no_left_turn", WEST, NORTH), ring={"access": "no"})
    assert metres(path)[1] == pytest.approx([100 + 300 + 300 + 100, 200, 200], abs=0.2)


def test_a_restriction_with_the_exception_of_cars_binds_no_driver(town):
    assert metres(town(turn("no_left_turn", WEST, NORTH, **{"except": "psv;motorcar"})))[1][
        0
    ] == pytest.approx(200, abs=0.2)
    path = town(({"restriction:hgv": "no_left_turn"}, turn("", WEST, NORTH)[1]))
    assert metres(path)[1][0] == pytest.approx(200, abs=0.2)


def test_restrictions_that_are_not_applied_are_counted(town):
    by_ways = [("w", ARM[WEST], "from"), ("w", ARM[EAST], "via"), ("w", 22, "to")]
    counts, driven_m = metres(
        town(
            ({"restriction": "no_u_turn"}, by_ways),
            ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, turn("", WEST, NORTH)[1]),
            ({"restriction": "no_left_turn"}, turn("", WEST, NORTH)[1][:2]),
        )
    )
    assert driven_m == pytest.approx([200, 200, 200], abs=0.2)
    assert [counts[f"street-turns{what}"] for what in ("", "-over-ways", "-at-times", "-broken")] == [
        0,
        1,
        1,
        1,
    ]


def test_restrictions_that_bind_cyclists_are_counted_and_those_that_except_them_are_not(town):
    path = town(
        turn("no_left_turn", WEST, NORTH),
        turn("no_left_turn", WEST, EAST, **{"except": "bicycle"}),
        turn("no_left_turn", WEST, SOUTH, **{"except": "psv; bicycle"}),
        ({"restriction:bicycle": "no_left_turn"}, turn("", WEST, NORTH)[1]),
        ({"restriction:hgv": "no_left_turn"}, turn("", WEST, NORTH)[1]),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, turn("", WEST, NORTH)[1]),
    )
    counts, ridden_m = metres(path, "bike")
    assert ridden_m == pytest.approx([200, 200, 200], abs=0.2)
    assert counts["street-turns-not-read"] == 3
    assert "street-turns-not-read" not in metres(path, "walk")[0]
    # drivers are bound by those that except cyclists alone
    counts, _ = metres(path)
    assert (counts["street-turns"], counts["street-turns-at-times"]) == (3, 1)


def test_a_street_for_residents_is_driven_at_the_start_or_the_end_alone(town):
    """The northern arm is for residents: nobody drives over it, who goes there does."""
    path = town(north={"motor_vehicle": "destination"}, west={"access": "no"}, south={"access": "no"})
    streets = lc.read_streets(path, mode="drive", min_component_m=0)
    here = streets.snap(points((100, 0), (0, 200)))
    north_end = gpd.GeoSeries(points((-150, 150)), crs=CRS)  # half-way along the ring, north-west
    there = streets.snap(north_end)
    _, _, cost = pairs(streets, here, there, max_cost=10**8)
    # from the east arm: out to the east end (200), a quarter, half a quarter; not 100 + 300 + half a quarter
    assert cost[0] / 100 == pytest.approx(200 + 1.5 * QUARTER_M, abs=0.2)
    # who lives in the northern arm drives straight out of it
    assert cost[1] / 100 == pytest.approx(100 + QUARTER_M / 2, abs=0.2)
    _, _, back = pairs(streets, there, here, max_cost=10**8)
    assert back[1] / 100 == pytest.approx(100 + QUARTER_M / 2, abs=0.2)
    assert streets.counts["street-destination-only"] == 1
    walked = lc.read_streets(path, mode="walk", min_component_m=0)
    assert walked.counts["street-destination-only"] == 0


def test_a_restriction_holds_where_a_gate_or_a_boundary_parts_its_streets(town):
    path = town(turn("no_left_turn", WEST, NORTH))
    near = gpd.GeoSeries(points((0, 0)), crs=CRS).buffer(50).to_crs(4326).union_all()
    table = read_osm_streets(path, mode="drive", bounds=near)
    assert sorted(set(table.way.tolist())) == sorted(ARM.values())
    assert table.turns.tolist() == [[ARM[WEST], MIDDLE, ARM[NORTH], 0]]
    assert np.count_nonzero(build_network(table).port_fixed) == 1


@given(few=st.lists(st.integers(-5, 5), max_size=6), many=st.lists(st.integers(-5, 5), max_size=20))
def test_numbers_are_looked_up_among_many_as_numpy_does(few, many):
    few, many = np.array(few, np.int64), np.array(many, np.int64)
    assert is_member(few, many).tolist() == np.isin(few, many).tolist()
