"""The table of rules, one hand-made way at a time."""

from __future__ import annotations

import math

import pytest

from lifecircle.errors import InputError
from lifecircle.sources.streets.rule_table import barrier_rules, street_rules
from lifecircle.sources.streets.rules import MPH_IN_KMH, speed_limit_kmh, tag_word

BOTH, ALONG, AGAINST, SHUT = (True, True), (True, False), (False, True), None


def directions(mode, **tags):
    """Open along and against the way, or None where the way is no street."""
    use = street_rules(mode).judge({key.replace("__", ":"): value for key, value in tags.items()})
    return None if use.left_out else (use.forward, use.backward)


@pytest.mark.parametrize(
    ("tags", "walk", "bike", "drive"),
    [
        ({"highway": "residential"}, BOTH, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes"}, BOTH, ALONG, ALONG),
        ({"highway": "residential", "oneway": "-1"}, BOTH, AGAINST, AGAINST),
        ({"highway": "residential", "oneway": "alternating"}, BOTH, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, BOTH, BOTH, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite_lane"}, BOTH, BOTH, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:left": "opposite"}, BOTH, BOTH, ALONG),
        ({"highway": "residential", "oneway": "-1", "cycleway": "opposite"}, BOTH, BOTH, AGAINST),
        ({"highway": "residential", "oneway": "yes", "cycleway": "lane"}, BOTH, ALONG, ALONG),
        ({"highway": "residential", "oneway": "yes", "oneway:motor_vehicle": "no"}, BOTH, ALONG, BOTH),
        ({"highway": "footway", "oneway:foot": "yes"}, ALONG, SHUT, SHUT),
        ({"highway": "footway", "oneway:foot": "-1"}, AGAINST, SHUT, SHUT),
        ({"highway": "secondary", "junction": "roundabout"}, BOTH, ALONG, ALONG),
        ({"highway": "secondary", "junction": "roundabout", "oneway": "no"}, BOTH, BOTH, BOTH),
        ({"highway": "secondary", "junction": "circular"}, BOTH, ALONG, ALONG),
        ({"highway": "motorway"}, SHUT, SHUT, ALONG),
        ({"highway": "motorway", "oneway": "no"}, SHUT, SHUT, BOTH),
        ({"highway": "motorway", "foot": "yes"}, BOTH, SHUT, ALONG),
        ({"highway": "motorway_link"}, SHUT, SHUT, BOTH),
        ({"highway": "trunk"}, BOTH, BOTH, BOTH),
        ({"highway": "trunk", "motorroad": "yes"}, SHUT, SHUT, BOTH),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, BOTH, SHUT, BOTH),
        ({"highway": "footway"}, BOTH, SHUT, SHUT),
        ({"highway": "footway", "bicycle": "yes"}, BOTH, BOTH, SHUT),
        ({"highway": "footway", "bicycle": "dismount"}, BOTH, SHUT, SHUT),
        ({"highway": "steps"}, BOTH, SHUT, SHUT),
        ({"highway": "pedestrian"}, BOTH, SHUT, SHUT),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, BOTH, SHUT, BOTH),
        ({"highway": "cycleway"}, BOTH, BOTH, SHUT),
        ({"highway": "cycleway", "foot": "no"}, SHUT, BOTH, SHUT),
        ({"highway": "primary", "foot": "use_sidepath"}, SHUT, BOTH, BOTH),
        ({"highway": "path"}, BOTH, BOTH, SHUT),
        ({"highway": "track"}, BOTH, BOTH, SHUT),
        ({"highway": "track", "motorcar": "yes"}, BOTH, BOTH, BOTH),
        ({"highway": "busway"}, SHUT, SHUT, SHUT),
        ({"highway": "service", "access": "private"}, SHUT, SHUT, SHUT),
        ({"highway": "service", "access": "private", "foot": "designated"}, BOTH, SHUT, SHUT),
        (
            {"highway": "service", "access": "no", "foot": "permissive", "bicycle": "permissive"},
            BOTH,
            BOTH,
            SHUT,
        ),
        ({"highway": "service", "access": "customers"}, BOTH, BOTH, BOTH),
        ({"highway": "residential", "vehicle": "no"}, BOTH, SHUT, SHUT),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, BOTH, BOTH, SHUT),
        ({"highway": "residential", "motor_vehicle": "private"}, BOTH, BOTH, SHUT),
        ({"highway": "residential", "foot": "no"}, SHUT, BOTH, BOTH),
        ({"highway": "construction"}, SHUT, SHUT, SHUT),
        ({"highway": "proposed"}, SHUT, SHUT, SHUT),
        ({"highway": "raceway", "foot": "yes"}, BOTH, SHUT, SHUT),
        ({"highway": "proposed", "foot": "yes"}, SHUT, SHUT, SHUT),
        ({"highway": "construction", "foot": "yes"}, BOTH, SHUT, SHUT),
        ({"highway": "corridor"}, BOTH, SHUT, SHUT),
        ({"highway": "platform"}, BOTH, SHUT, SHUT),
        ({"highway": "platform", "bicycle": "yes"}, BOTH, BOTH, SHUT),
        ({"highway": "busway", "foot": "yes"}, BOTH, SHUT, SHUT),
        ({"highway": "path", "access": "discouraged"}, BOTH, BOTH, SHUT),
        ({"highway": "service", "access": "permit"}, SHUT, SHUT, SHUT),
        ({"highway": "steps", "conveying": "forward"}, ALONG, SHUT, SHUT),
        ({"highway": "steps", "conveying": "backward"}, AGAINST, SHUT, SHUT),
        ({"highway": "steps", "conveying": "reversible"}, BOTH, SHUT, SHUT),
        ({"highway": "footway", "foot:backward": "no"}, ALONG, SHUT, SHUT),
        ({"highway": "footway", "foot:forward": "no"}, AGAINST, SHUT, SHUT),
        ({"highway": "residential", "foot": "no", "foot:forward": "yes"}, ALONG, BOTH, BOTH),
        ({"highway": "residential", "bicycle": "no", "bicycle:backward": "yes"}, BOTH, AGAINST, BOTH),
        ({"highway": "residential", "motorcar": "no", "motor_vehicle:forward": "yes"}, BOTH, BOTH, SHUT),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar:forward": "yes"}, BOTH, BOTH, ALONG),
        ({"highway": "motorway_link", "foot:forward": "yes"}, ALONG, SHUT, BOTH),
        ({"highway": "service", "access": "no", "foot:backward": "yes"}, AGAINST, SHUT, SHUT),
        ({"highway": "residential", "oneway": "yes", "cycleway:left:oneway": "-1"}, BOTH, BOTH, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:right:oneway": "no"}, BOTH, BOTH, ALONG),
        ({"highway": "residential", "oneway": "yes", "cycleway:right:oneway": "yes"}, BOTH, ALONG, ALONG),
        ({"highway": "residential", "oneway": "-1", "cycleway:left:oneway": "yes"}, BOTH, BOTH, AGAINST),
        ({"highway": "residential", "motor_vehicle": "destination"}, BOTH, BOTH, BOTH),
        ({"route": "ferry"}, SHUT, SHUT, SHUT),
    ],
)
def test_each_combination_of_tags_opens_what_its_row_says(tags, walk, bike, drive):
    for mode, expected in (("walk", walk), ("bike", bike), ("drive", drive)):
        assert directions(mode, **tags) == expected, mode


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "construction"}, "street-ways-of-other-classes"),
        ({"highway": "motorway"}, "street-ways-of-other-classes"),
        ({"highway": "service", "access": "private"}, "street-ways-closed"),
        ({"highway": "service", "access": "permit"}, "street-ways-closed"),
    ],
)
def test_what_is_left_out_says_why(tags, reason):
    assert street_rules("walk").judge(tags).left_out == reason


def test_steps_bridges_and_tunnels_are_marked():
    judge = street_rules("walk").judge
    assert judge({"highway": "steps"}).steps
    assert not judge({"highway": "footway"}).steps
    assert judge({"highway": "footway", "bridge": "yes"}).bridge
    assert judge({"highway": "footway", "tunnel": "building_passage"}).bridge
    assert not judge({"highway": "footway", "bridge": "no", "tunnel": "no"}).bridge


@pytest.mark.parametrize(
    ("written", "kmh"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 30 * MPH_IN_KMH),
        ("30mph", 30 * MPH_IN_KMH),
        ("CN:urban", 50),
        ("DE:rural", 70),
        ("DE:zone:30", 30),
        ("DE:zone30", 30),
        ("walk", 7),
        ("60;40", 40),
        ("none", None),
        ("signals", None),
        ("fast", None),
        ("0", None),
        ("", None),
    ],
)
def test_speed_limits_are_read_as_written(written, kmh):
    assert speed_limit_kmh(written, street_rules("drive").zone_kmh) == (kmh and pytest.approx(kmh))


def test_driving_takes_the_limit_else_the_class_and_walking_has_no_speed_of_its_own():
    drive, walk = street_rules("drive"), street_rules("walk")
    assert drive.judge({"highway": "primary", "maxspeed": "70"}).speed_kmh == 70
    assert drive.judge({"highway": "primary"}).speed_kmh == drive.speed_kmh["primary"]
    assert drive.judge({"highway": "primary", "maxspeed": "signals"}).speed_kmh == drive.speed_kmh["primary"]
    assert drive.judge({"highway": "primary", "maxspeed:type": "CN:urban"}).speed_kmh == 50
    assert drive.judge({"highway": "some_new_class"}).speed_kmh == drive.speed_kmh["other"]
    assert math.isnan(walk.judge({"highway": "primary", "maxspeed": "70"}).speed_kmh)


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"maxspeed": "50", "maxspeed:forward": "70"}, (70, 50)),
        ({"maxspeed": "50", "maxspeed:backward": "30 mph"}, (50, pytest.approx(48.28032))),
        ({"maxspeed:forward": "70", "maxspeed:backward": "40"}, (70, 40)),
        ({"maxspeed:backward": "DE:zone:30"}, (60, 30)),
        ({"maxspeed": "50", "maxspeed:forward": "signals"}, (50, 50)),
        ({"maxspeed:type": "CN:urban", "maxspeed:backward": "none"}, (50, 50)),
    ],
)
def test_a_limit_for_one_direction_beats_that_of_the_way(tags, kmh):
    use = street_rules("drive").judge({"highway": "primary"} | tags)
    assert (use.speed_kmh, use.speed_back_kmh) == kmh
    walked = street_rules("walk").judge({"highway": "primary"} | tags)
    assert math.isnan(walked.speed_kmh)
    assert math.isnan(walked.speed_back_kmh)


def test_the_rules_read_every_key_they_name():
    keys = street_rules("bike").keys
    assert keys[0] == "highway"
    assert {"bicycle", "vehicle", "access", "oneway:bicycle", "cycleway:both", "motorroad"} <= set(keys)
    assert "maxspeed" not in keys
    assert {"maxspeed", "maxspeed:forward", "maxspeed:backward"} <= set(street_rules("drive").keys)


def test_an_unknown_mode_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="walk, bike, drive"):
        street_rules("fly")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, ""),
        (float("nan"), ""),
        ("  a ", "a"),
        (["b", "c"], "b"),
        ("['b', 'c']", "b"),
        ("[12, 13]", "12"),
        ([], ""),
        (True, "True"),
        (30, "30"),
    ],
)
def test_cells_become_words(value, word):
    assert tag_word(value) == word


@pytest.mark.parametrize(
    ("tags", "bars"),
    [
        ({"railway": "rail"}, True),
        ({"railway": "rail", "layer": "0"}, True),
        ({"railway": "subway", "layer": "-2"}, False),
        ({"railway": "subway", "location": "underground"}, False),
        ({"railway": "rail", "layer": "1"}, False),
        ({"railway": "rail", "tunnel": "yes"}, False),
        ({"railway": "tram"}, False),
        # rivers are drawn a layer below the bridges over them
        ({"waterway": "river", "layer": "-1"}, True),
        ({"waterway": "river", "tunnel": "culvert"}, False),
        ({"barrier": "wall", "railway": "rail", "layer": "-1"}, True),
        ({"barrier": "hedge"}, False),
    ],
)
def test_what_bars_a_straight_walk(tags, bars):
    assert barrier_rules().holds(tags) is bars


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "busway", "foot": "yes;designated"}, BOTH),
        ({"highway": "service", "access": "private;customers"}, BOTH),
        ({"highway": "service", "access": "residents"}, SHUT),
        ({"highway": "residential", "access": "no", "foot": "unknown"}, SHUT),
        ({"highway": "residential", "access": "no", "foot": "discouraged"}, BOTH),
        ({"highway": "steps", "conveying": "yes"}, BOTH),
        ({"highway": "steps", "conveying": "yes", "oneway": "yes"}, ALONG),
        ({"highway": "steps", "conveying": "yes", "oneway": "-1"}, AGAINST),
        ({"highway": "steps", "oneway": "yes"}, BOTH),
    ],
)
def test_words_of_access_keys_are_taken_for_what_they_say(tags, expected):
    """Several words in one value, words that say nothing, escalators that name no direction of their own."""
    use = street_rules("walk").judge(tags)
    assert (None if use.left_out else (use.forward, use.backward)) == expected
