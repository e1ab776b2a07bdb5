"""Nodes that close a way: both sides stay, and nothing passes."""

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from lifecircle.network import build_network
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.rules import street_rules


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
