"""Nodes that close a way: both sides stay, and nothing passes."""

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from lifecircle.network import build_network
from lifecircle.sources.streets.gates import parted_at
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.rule_table import street_rules


@pytest.mark.parametrize(
    ("tags", "walk", "bike", "drive"),
    [
        ({"barrier": "gate"}, True, True, True),
        ({"barrier": "lift_gate"}, True, True, True),
        ({"barrier": "gate", "access": "private"}, False, False, False),
        ({"barrier": "gate", "access": "permit"}, False, False, False),
        ({"barrier": "gate", "access": "customers"}, True, True, True),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, True, False, False),
        ({"barrier": "gate", "locked": "yes"}, False, False, False),
        ({"barrier": "gate", "locked": "yes", "foot": "yes"}, True, False, False),
        ({"barrier": "gate", "motor_vehicle": "private"}, True, True, False),
        ({"barrier": "swing_gate", "bicycle": "no"}, True, False, True),
        ({"barrier": "bollard"}, True, True, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True, True, True),
        ({"barrier": "sump_buster"}, True, True, False),
        ({"barrier": "kent_carriage_gap"}, True, True, False),
        ({"barrier": "wall"}, True, True, False),
        ({"barrier": "gate", "access": "no", "foot": "designated", "bicycle": "no"}, True, False, False),
        ({"barrier": "gate", "access": "private", "bicycle": "yes"}, False, True, False),
        ({"barrier": "gate", "foot": "no", "access": "yes"}, False, True, True),
        ({"barrier": "toll_booth"}, True, True, True),
        ({"barrier": "kissing_gate"}, True, False, False),
        ({"barrier": "turnstile"}, True, False, False),
        ({"entrance": "yes", "access": "private"}, False, False, False),
    ],
)
def test_each_gate_closes_what_its_row_says(tags, walk, bike, drive):
    for mode, expected in (("walk", walk), ("bike", bike), ("drive", drive)):
        assert street_rules(mode).gate_closed(tags) is not expected, mode


@pytest.fixture
def gated(tmp_path):
    """A street with a closed gate in its middle, where a lane meets it."""
    places = {1: (0.0, 0.0), 2: (0.001, 0.0), 3: (0.002, 0.0), 4: (0.001, 0.001)}
    with osmium.SimpleWriter(str(tmp_path / "gate.osm.pbf")) as writer:
        for number, place in places.items():
            tags = {"barrier": "gate", "access": "private"} if number == 2 else {}
            writer.add_node(Node(id=number, location=place, tags=tags, version=1))
        writer.add_way(Way(id=10, nodes=[1, 2, 3], tags={"highway": "residential"}, version=1))
        writer.add_way(Way(id=11, nodes=[2, 4], tags={"highway": "footway"}, version=1))
    return tmp_path / "gate.osm.pbf"


def test_a_closed_gate_parts_all_ways_that_meet_there(gated):
    streets = read_osm_streets(gated)
    assert len(streets) == 3
    assert len(build_network(streets).component_length_m) == 3
    assert streets.counts["street-gates-closed"] == 1
    assert len(set(streets.node_id.tolist())) == len(streets.node_id)


def test_a_study_may_take_all_gates_as_open(gated):
    streets = read_osm_streets(gated, gates="open")
    assert len(build_network(streets).component_length_m) == 1
    assert streets.counts["street-gates-taken-as-open"] == 1


@pytest.mark.parametrize(
    ("tags", "wheels"),
    [
        ({"barrier": "kerb", "kerb": "raised"}, False),
        ({"kerb": "rolled"}, False),
        ({"kerb": "lowered"}, True),
        ({"kerb": "flush"}, True),
        ({"barrier": "kerb"}, True),
        ({"kerb": "raised", "wheelchair": "yes"}, True),
        ({"kerb": "lowered", "wheelchair": "no"}, False),
    ],
)
def test_kerbs_stop_wheelchairs_and_nobody_else(tags, wheels, tmp_path):
    path = tmp_path / "kerb.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, x in enumerate((0.0, 0.001, 0.002), 1):
            writer.add_node(Node(id=number, location=(x, 0.0), tags=tags if number == 2 else {}, version=1))
        writer.add_way(Way(id=10, nodes=[1, 2, 3], tags={"highway": "footway"}, version=1))
    streets = read_osm_streets(path)
    assert len(build_network(streets).component_length_m) == 1
    assert streets.kerbs.tolist() == ([] if wheels else [2])
    # parted there, either side keeps its own
    assert len(build_network(parted_at(streets, streets.kerbs)[0]).component_length_m) == (1 if wheels else 2)


@pytest.mark.parametrize(
    ("tags", "steps", "no_wheels"),
    [
        ({"highway": "steps"}, True, False),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, False, False),
        ({"highway": "footway", "wheelchair": "no"}, False, True),
        ({"highway": "footway", "kerb": "raised"}, False, True),
        ({"highway": "footway", "wheelchair": "limited"}, False, False),
    ],
)
def test_ways_say_whether_wheels_pass(tags, steps, no_wheels):
    use = street_rules("walk").judge(tags)
    assert (use.steps, use.no_wheels) == (steps, no_wheels)
    assert not street_rules("bike").judge({**tags, "bicycle": "yes"}).no_wheels


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"access": "no"}, False),
        ({"highway": "gate", "access": "private"}, False),
        ({"door": "yes", "locked": "yes"}, False),
        ({"access": "no", "foot": "yes"}, True),
        ({"highway": "bus_stop", "access": "no"}, True),
        ({"amenity": "parking_entrance", "access": "private"}, True),
    ],
)
def test_access_keys_that_stand_alone_close_a_node_and_those_of_other_things_do_not(tags, passes, tmp_path):
    path = tmp_path / "node.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, x in enumerate((0.0, 0.001, 0.002), 1):
            writer.add_node(Node(id=number, location=(x, 0.0), tags=tags if number == 2 else {}, version=1))
        writer.add_way(Way(id=10, nodes=[1, 2, 3], tags={"highway": "residential"}, version=1))
    streets = read_osm_streets(path)
    assert len(build_network(streets).component_length_m) == (1 if passes else 2)
