"""Turn restrictions and streets for residents: what drivers and cyclists may not do, and walkers may.

Four arms of 300 m meet in the middle; a ring road joins their ends, in the west, north, east and south.
A quarter of the ring is 300 x root 2 = 424.3 m.
"""

import dataclasses

import geopandas as gpd
import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way
from shapely import LineString
from streets_in_metres import CRS, points

import lifecircle as lc
from lifecircle.network import build_network, pairs
from lifecircle.network.edits import with_streets_changed
from lifecircle.network.turn_paths import Turns, memory_of
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


def test_each_way_has_a_limit_of_its_own(town):
    # both arms are drawn from the middle: 100 m against the western at 18 km/h, 100 m along the eastern at 72
    path = town(west={"maxspeed:backward": "18"}, east={"maxspeed:forward": "72"})
    streets = lc.read_streets(path, mode="drive", min_component_m=0)
    west, east = streets.snap(points((-100, 0))), streets.snap(points((100, 0)))
    (there,), (back,) = (pairs(streets, *ends, max_cost=10**8)[2] for ends in ((west, east), (east, west)))
    assert there == pytest.approx(20_000 + 5_000, abs=20)
    assert back == pytest.approx(10_000 + 10_000, abs=20)
    # taken to pieces and put together again, as a scenario does, they keep them
    rebuilt = build_network(streets.street_table(), speed_kmh=streets.speed_kmh, min_component_m=0)
    assert rebuilt.cost_forward.tolist() == streets.cost_forward.tolist()
    assert rebuilt.cost_backward.tolist() == streets.cost_backward.tolist()


def test_without_restrictions_all_turns_are_open(town):
    assert metres(town())[1] == pytest.approx([200, 200, 200], abs=0.2)


def test_no_left_turn_leads_straight_on_and_back_by_the_ring(town):
    """Left is north: to the west end (200 m), a quarter of the ring, down the northern arm (200 m)."""
    path = town(turn("no_left_turn", WEST, NORTH))
    counts, driven_m = metres(path)
    assert driven_m == pytest.approx([200 + QUARTER_M + 200, 200, 200], abs=0.2)
    assert counts["street-turns"] == 1
    assert metres(path, "walk")[1] == pytest.approx([200, 200, 200], abs=0.2)
    assert metres(path, "bike")[1] == pytest.approx([200 + QUARTER_M + 200, 200, 200], abs=0.2)


def test_only_straight_on_forbids_both_other_turns(town):
    round_about = 200 + QUARTER_M + 200
    driven_m = metres(town(turn("only_straight_on", WEST, EAST)))[1]
    assert driven_m == pytest.approx([round_about, 200, round_about], abs=0.2)


def test_nobody_turns_round_in_the_street_to_get_about_a_restriction(town):
    """Without the ring drivers turn at the far end of another arm: 100 + 300 + 300 + 100."""
    path = town(turn("no_left_turn", WEST, NORTH), ring={"access": "no"})
    assert metres(path)[1] == pytest.approx([100 + 300 + 300 + 100, 200, 200], abs=0.2)


def test_who_must_turn_round_may(town):
    """From the ring 100 m south of the west end to 100 m north of it, where the left turn is forbidden.

    Through the middle it is 100 + 300 + 300 + 324. Who must turn round there drives 100 + 300 + 300 + 100.
    """
    side = 100 / 2**0.5
    no_left = ({"restriction": "no_left_turn"}, [("w", 24, "from"), ("n", WEST, "via"), ("w", 21, "to")])
    for restrictions, expected in (((), 1124.3 - 100), ((turn("only_u_turn", WEST, WEST),), 800)):
        streets = lc.read_streets(town(no_left, *restrictions), mode="drive", min_component_m=0)
        here, there = (streets.snap(points((-300 + side, y))) for y in (-side, side))
        _, _, cost = pairs(streets, here, there, max_cost=10**8)
        assert cost[0] / 100 == pytest.approx(expected, abs=0.3)


def test_a_restriction_with_the_exception_of_cars_binds_no_driver(town):
    assert metres(town(turn("no_left_turn", WEST, NORTH, **{"except": "psv;motorcar"})))[1][
        0
    ] == pytest.approx(200, abs=0.2)
    path = town(({"restriction:hgv": "no_left_turn"}, turn("", WEST, NORTH)[1]))
    assert metres(path)[1][0] == pytest.approx(200, abs=0.2)


def test_restrictions_that_are_not_applied_are_counted_with_their_relations(town):
    path = town(
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, turn("", WEST, NORTH)[1]),
        ({"restriction": "no_left_turn"}, turn("", WEST, NORTH)[1][:2]),
        ({"restriction": "no_left_turn"}, [("w", 12, "from"), ("n", WEST, "via"), ("w", 14, "to")]),
        ({"restriction": "no_u_turn"}, [("w", 12, "from"), ("w", 22, "via"), ("w", 14, "to")]),
        ({"restriction": "no_left_turn"}, [("w", 12, "from"), ("w", 99, "via"), ("w", 14, "to")]),
        turn("no_left_turn_on_red", WEST, NORTH),
    )
    streets = lc.read_streets(path, mode="drive", min_component_m=0)
    assert metres(path)[1] == pytest.approx([200, 200, 200], abs=0.2)
    assert (streets.counts["street-turns"], streets.counts["street-turns-via-ways"]) == (0, 0)
    assert streets.named == {
        "street-turns-at-times": ("31",), "street-turns-broken": ("32",),
        "street-turns-apart": ("33", "34"), "street-turns-absent": ("35",),
    }  # fmt: skip


def test_restrictions_bind_cyclists_but_for_those_that_except_them(town):
    """The wiki's rule: all vehicles but those under `except`, unless the key names others."""
    free = [
        turn("no_left_turn", WEST, EAST, **{"except": "psv; bicycle"}),
        ({"restriction:hgv": "no_left_turn"}, turn("", WEST, EAST)[1]),
        ({"restriction:motorcar": "no_left_turn"}, turn("", WEST, EAST)[1]),
        turn("no_left_turn", WEST, EAST, **{"restriction:bicycle": "none"}),
    ]
    path = town(
        turn("no_left_turn", WEST, NORTH),
        ({"restriction:bicycle": "no_left_turn"}, turn("", WEST, SOUTH)[1]),
        *free,
    )
    round_about = 200 + QUARTER_M + 200
    counts, ridden_m = metres(path, "bike")
    assert ridden_m == pytest.approx([round_about, 200, round_about], abs=0.2)
    assert counts["street-turns"] == 2
    # drivers are bound by those that except cyclists, too, and not by those for cyclists
    counts, driven_m = metres(path)
    assert driven_m[:2] == pytest.approx([round_about, 100 + 300 + QUARTER_M + 200], abs=0.2)
    assert counts["street-turns"] == 4
    assert "street-turns" not in metres(path, "walk")[0] or metres(path, "walk")[0]["street-turns"] == 0
    # a study may leave them be
    streets = lc.read_streets(path, mode="bike", min_component_m=0, turns="open")
    assert streets.counts["street-turns-taken-as-open"] == 2
    assert not len(streets.port_place)


@pytest.fixture
def crossing(tmp_path):
    """Writes a divided road and a street across it, with restrictions over the way between its carriageways.

    Eastwards (y = 0) and westwards (y = 20) from x = -300 to 300, one-way; the street crosses at x = 0 from
    y = -200 to y = 220. Ways: 1, 2 eastwards before and after x = 0; 3, 4 westwards before and after; 5 the
    street south, 6 between the carriageways, 7 north. At x = 300 and x = -300 both carriageways meet (8, 9).
    """

    def write(*restrictions, changed=None, more=()):
        places = [(-300, 0), (0, 0), (300, 0), (300, 20), (0, 20), (-300, 20), (0, -200), (0, 220)]
        places += [(30, -30), (30, -60)]
        ways = [(1, 2), (2, 3), (4, 5), (5, 6), (7, 2), (2, 5), (5, 8), (3, 4), (6, 1), *more]
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.osm.pbf"
        degrees = gpd.GeoSeries(points(*places)).to_crs(4326)
        with osmium.SimpleWriter(str(path)) as writer:
            for number, place in enumerate(degrees, 1):
                writer.add_node(Node(id=number, location=(place.x, place.y), version=1))
            for number, nodes in enumerate(ways, 1):
                tags = {"highway": "residential", "maxspeed": "36", "oneway": "yes" if number < 5 else "no"}
                tags |= (changed or {}).get(number, {})
                writer.add_way(Way(id=number, nodes=nodes, tags=tags, version=1))
            for number, (kind, *members) in enumerate(restrictions, 31):
                roles = ["from", *["via"] * (len(members) - 2), "to"]
                named = [("w", way, role) for way, role in zip(members, roles, strict=True)]
                tags = {"type": "restriction", "restriction": kind}
                writer.add_relation(Relation(id=number, tags=tags, members=named, version=1))
        return path

    return write


def driven(path, start, *goals, **options):
    """Metres from a place to others."""
    streets = lc.read_streets(path, mode="drive", min_component_m=0, **options)
    _, _, cost = pairs(streets, streets.snap(points(start)), streets.snap(points(*goals)), max_cost=10**8)
    return [cost.tolist()[k] / 100 for k in range(len(goals))]


def test_no_u_turn_over_the_way_between_carriageways(crossing):
    """From x = -100 eastwards to x = -100 westwards: 100 + 20 + 100.

    Instead north, round at the dead end and right: 100 + 20 + 200 + 200 + 100, less than by x = 300.
    """
    here, back = (-100, 0), (-100, 20)
    assert driven(crossing(), here, back) == pytest.approx([220], abs=0.3)
    path = crossing(("no_u_turn", 1, 6, 4))
    assert driven(path, here, back) == pytest.approx([620], abs=0.3)
    # from the street south of it the same left turn is free, and so is the street north from the road
    assert driven(path, (0, -100), back) == pytest.approx([100 + 20 + 100], abs=0.3)
    assert driven(path, here, (0, 120)) == pytest.approx([100 + 20 + 100], abs=0.3)
    # a place on the way between is reached as ever, and left as ever
    assert driven(path, here, (0, 10)) == pytest.approx([110], abs=0.3)
    assert driven(path, (0, 10), back) == pytest.approx([10 + 100], abs=0.3)


def test_a_loop_in_the_middle_is_driven_from_no_place_to_another(crossing):
    """The loop leaves and meets the street at one node: a restriction over it is not clear, and told."""
    loop = {"changed": {10: {"oneway": "yes"}}, "more": [(2, 9, 10, 2)]}
    path = crossing(("no_straight_on", 1, 10, 6), ("no_straight_on", 1, 10, 10, 6), **loop)
    streets = lc.read_streets(path, mode="drive", min_component_m=0)
    assert (streets.counts["street-turns"], streets.counts["street-turns-via-ways"]) == (0, 0)
    assert streets.named["street-turns-apart"] == ("31", "32")
    assert driven(path, (-100, 0), (0, 10)) == pytest.approx([110], abs=0.2)


def test_a_table_that_leads_over_a_loop_forbids_nothing(crossing):
    table = read_osm_streets(crossing(changed={10: {"oneway": "yes"}}, more=[(2, 9, 10, 2)]), mode="drive")
    turns = np.array([[0, 1, 2, 0], [0, 10, 2, 0], [0, 6, 0, 0]])
    network = build_network(dataclasses.replace(table, turns=turns, turn_relation=np.array([31])))
    assert not len(network.port_place)
    assert network.counts.get("street-turns-unclear", 0) == 0


def test_only_straight_on_over_a_way_binds_from_its_beginning(crossing):
    """From the street south only the street north is open: not the road eastwards, and not westwards."""
    path = crossing(("only_straight_on", 5, 6, 7))
    here = (0, -100)
    assert driven(path, here, (0, 120)) == pytest.approx([100 + 20 + 100], abs=0.3)
    # turning round at the north end: 300 to it, 200 back, then left over the way between or right
    turned = 100 + 20 + 200 + 200
    east_and_west = [turned + 20 + 100, turned + 100]
    assert driven(path, here, (100, 0), (-100, 20)) == pytest.approx(east_and_west, abs=0.3)
    # who comes from the road eastwards is free
    assert driven(path, (-100, 0), (-100, 20), (0, 120)) == pytest.approx([220, 220], abs=0.3)


def test_a_restriction_over_several_ways_in_any_order(crossing):
    """No way round by the east end: over ways 2, 8, 3, as the relation holds them or not."""
    for via in ((2, 8, 3), (8, 3, 2)):
        path = crossing(("no_u_turn", 1, *via, 4), ("no_left_turn", 1, 6, 4))
        # northwards, round at the dead end and then right: 100 + 20 + 200 + 200 + 100
        assert driven(path, (-100, 0), (-100, 20)) == pytest.approx([620], abs=0.3)
        # who starts on one of its ways has not come by the first
        assert driven(path, (100, 0), (-100, 20)) == pytest.approx([200 + 20 + 300 + 100], abs=0.3)


@pytest.mark.parametrize(
    ("only", "closed", "alone"),
    [
        ((False, False), [(2, 7), (2, 9), (3, 9)], {}),
        ((False, True), [(2, 7)], {2: {9}, 3: {9}}),
        # no way on is on both paths: who drives the longer one may go nowhere behind it
        ((True, True), [], {1: {5}, 2: set(), 3: {9}}),
    ],
)
def test_who_drives_the_path_of_one_restriction_is_on_that_of_another_that_begins_there(only, closed, alone):
    """Paths 1, 3, 5 to 7 and 3, 5 to 9. States: 1 drove 1, 3; 2 drove 1, 3, 5; 3 drove 3, 5 alone."""
    nothing = np.empty(0, np.int64)
    turns = Turns(nothing, nothing, nothing.astype(bool), ((1, 3, 5, 7), (3, 5, 9)), only)
    memory = memory_of(turns)
    assert memory.last.tolist() == [-1, 3, 5, 5]
    assert memory.moves == {(1, 3): 1, (3, 5): 3, (-1, 5): 2}
    assert sorted(memory.closed) == closed
    assert memory.alone == alone


def test_a_restriction_over_a_way_that_is_closed_or_driven_the_other_way_forbids_nothing(crossing):
    rule = ("no_u_turn", 1, 6, 4)
    for tags in ({"access": "no"}, {"oneway": "-1"}):
        path = crossing(rule, changed={6: tags})
        assert driven(path, (-100, 0), (-100, 20)) == pytest.approx([820], abs=0.3)
    streets = lc.read_streets(crossing(rule, changed={6: {"oneway": "-1"}}), mode="drive", min_component_m=0)
    assert not streets.port_drives.size


def test_scenarios_and_saved_networks_keep_restrictions_over_ways(crossing, tmp_path):
    """A new street that parts the way between leaves the restriction; one that closes it ends it."""
    table = read_osm_streets(crossing(("no_u_turn", 1, 6, 4)), mode="drive")
    lane = gpd.GeoDataFrame(geometry=[LineString([(0, 10), (60, 100)])], crs=CRS)
    opened = with_streets_changed(table, lc.Scenario(open_streets=lane), crs=CRS).streets
    streets = build_network(opened, min_component_m=0)
    assert streets.port_drives.size  # both halves of the way

    def back(network):
        """From eastwards to westwards, metres."""
        here, there = (network.snap(points(place)) for place in ((-100, 0), (-100, 20)))
        return pairs(network, here, there, max_cost=10**8)[2].tolist()

    # into the lane and round at its end is a way back: 220 m at 36 km/h, twice the root of 60² + 90² at 30
    assert back(streets) == pytest.approx([22_000 + 2 * 108.17 * 120], abs=30)
    closed = with_streets_changed(table, lc.Scenario(close_streets=["6-0"]), crs=CRS).streets
    assert back(build_network(closed, min_component_m=0)) == pytest.approx([82_000], abs=30)
    # kept on disk, and given to a study as it is in memory
    lc.save_network(streets, tmp_path / "town.network")
    reloaded = lc.load_network(tmp_path / "town.network")
    assert back(reloaded) == back(streets)
    assert back(build_network(reloaded.street_table(), min_component_m=0)) == back(streets)


def test_a_route_is_explained_round_a_restriction_over_a_way(crossing):
    streets = lc.read_streets(crossing(("no_u_turn", 1, 6, 4)), mode="drive", min_component_m=0)
    home = points((-100, 0))
    clinic = gpd.GeoDataFrame({"service": ["clinic"]}, geometry=points((-100, 20)).geometry)
    way = lc.explain(streets, home, clinic, service="clinic")
    assert way.distance_m == pytest.approx(620, abs=0.3)
    # to the road, over the way between, to the north end, back, and along the road
    assert len(way.geometry.coords) == 6


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
    assert table.turns.tolist() == [[0, ARM[WEST], MIDDLE, 0], [0, ARM[NORTH], 0, 0]]
    assert np.count_nonzero(build_network(table).port_fixed) == 1


@given(few=st.lists(st.integers(-5, 5), max_size=6), many=st.lists(st.integers(-5, 5), max_size=20))
def test_numbers_are_looked_up_among_many_as_numpy_does(few, many):
    few, many = np.array(few, np.int64), np.array(many, np.int64)
    assert is_member(few, many).tolist() == np.isin(few, many).tolist()
