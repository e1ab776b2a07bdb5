"""The standards behind the plans: the figures of standards.md, in their own units, and how sure they are."""

from __future__ import annotations

import pytest

from lifecircle import plans

STANDARDS = (
    "city-checkup-2024",
    "complete-community-2020",
    "embedded-services-2023",
    "gb50180-2018",
    "mofcom-action-2023",
    "mofcom-circle-2021",
    "mofcom-grades-2025",
    "national-community-2021",
    "tdt1062-2021",
)

RADII_M = {
    "junior-middle-school": 1000,
    "primary-school": 500,
    "health-centre": 1000,
    "culture-activity-centre": 1000,
    "street-service-centre": 1000,
    "large-sports-ground": 1000,
    "medium-sports-ground": 500,
    "food-market": 500,
    "service-station": 300,
    "health-station": 300,
    "day-care-elderly": 300,
    "culture-activity-station": 500,
    "kindergarten": 300,
    "small-sports-ground": 300,
    "outdoor-fitness": 300,
    "fitness-centre": 1000,
    "department-store": 500,
    "nursery": 300,
}
"""Annex C: service radii, the 15- and 10-minute levels and then the 5-minute level."""

FLOORS_M2 = {
    "health-centre": 1700,
    "culture-activity-centre": 3000,
    "street-service-centre": 700,
    "food-market": 750,
    "service-station": 600,
    "health-station": 120,
    "day-care-elderly": 350,
    "culture-activity-station": 250,
}
MINUTES = {
    "convenience-store": 5,
    "small-supermarket": 5,
    "breakfast-shop": 8,
    "pharmacy": 8,
    "laundry": 8,
    "hairdresser": 8,
    "food-market": 8,
    "supermarket": 15,
    "service-platform": 15,
    "repair": 15,
    "leisure": 15,
    "fitness": 15,
}


def rules(name):
    return {rule.id: rule for rule in plans.plan(name).rules}


def test_annex_c_is_metres_along_streets_and_least_floor_areas():
    own = rules("gb50180-2018")
    radii = {f"gb50180-{name}-radius": metres for name, metres in RADII_M.items()}
    floors = {f"gb50180-{name}-floor": size for name, size in FLOORS_M2.items()}
    per_person = {
        "gb50180-facility-floor-per-1000": (1070, "m2/1000"),
        "gb50180-facility-floor-per-1000-15min": (1450, "m2/1000"),
        "gb50180-green-per-person-15min": (2.0, "m2/person"),
        "gb50180-green-per-person-5min": (1.0, "m2/person"),
    }
    assert set(own) == {*radii, *floors, *per_person}
    assert {name: (own[name].target, own[name].unit) for name in per_person} == per_person
    for name, metres in radii.items():
        rule = own[name]
        assert (rule.kind, rule.comparator, rule.target, rule.unit) == (
            "travel-distance-circle", "<=", metres, "m"
        )  # fmt: skip
        assert "walk_speed_kmh" not in rule.assumptions, "metres do not depend on how fast one walks"
    for name, size in floors.items():
        rule = own[name]
        assert (rule.kind, rule.comparator, rule.target, rule.unit) == (
            "minimum-facility-area", ">=", size, "m2"
        )  # fmt: skip


def test_the_ministrys_grades_are_minutes_on_foot():
    own = rules("mofcom-circle-2021")
    graded = {f"mofcom-circle-{name}-{minutes}min": minutes for name, minutes in MINUTES.items()}
    assert set(own) == {"mofcom-circle-basic-15min", *graded}
    for name, minutes in graded.items():
        assert (own[name].kind, own[name].target, own[name].unit) == ("travel-time-circle", minutes, "min")
        assert "walk_speed_kmh" in own[name].assumptions


def test_elderly_care_is_required_in_the_grades_of_2025():
    own = rules("mofcom-grades-2025")
    for tier in ("basic", "quality"):
        rule = own[f"mofcom-grades-{tier}"]
        assert (rule.tier, rule.types, rule.also, rule.target) == (tier, "basic_types", ("elderly-care",), 15)
    assert own["mofcom-grades-improved"].kind == "indicator", "its checklist was not found"


def test_a_health_station_is_300_m_away_by_one_standard_and_500_by_the_other():
    first, second = (rules(name) for name in ("gb50180-2018", "tdt1062-2021"))
    assert first["gb50180-health-station-radius"].target == 300
    assert second["tdt1062-health-station-radius"].target == 500
    assert second["tdt1062-health-station-floor"].target == 120


COMPLETE_M2 = {
    "service-station": 800,
    "kindergarten": 2200,
    "nursery": 200,
    "elderly-station": 350,
    "health-station": 120,
    "supermarket": 300,
    "post-express": 15,
}
"""Floor areas of a complete community; of its grounds the site counts."""


def test_a_complete_community_is_a_checklist_of_least_areas():
    own = rules("complete-community-2020")
    floors = {f"complete-community-{name}": size for name, size in COMPLETE_M2.items()}
    sites = {"complete-community-activity-ground": 150, "complete-community-garden": 4000}
    assert {name: own[name].min_floor_area_m2 for name in floors} == floors
    assert {name: own[name].min_site_area_m2 for name in sites} == sites
    assert all(own[name].kind == "at-least-n-per-area" for name in (*floors, *sites))
    size = own["complete-community-size"]
    assert (size.target, size.target_max, size.is_report_only) == (5000, 12000, True)


def test_the_nations_own_plan_has_six_indicators():
    indicators = {
        name.removeprefix("national-community-"): (rule.target, rule.unit, rule.judged_as)
        for name, rule in rules("national-community-2021").items()
    }
    assert indicators == {
        "facility-coverage-rural": (80, "%", "whole"),
        "commercial-service-area-share": (10, "%", "whole"),
        "facility-area-per-100-households": (30, "m2/100hh", "whole"),
        "activity-area-share": (60, "%", "whole"),
        "self-service-coverage-urban": (100, "%", "unit"),
        "workers-per-10k": (18, "persons/10k", "whole"),
    }


def test_the_three_grades_are_named_since_2023_and_six_ones_are_one_circle():
    own = rules("mofcom-action-2023")
    grades = [rule for rule in own.values() if "grade" in rule.id]
    assert {rule.clause for rule in grades} == {"2023年9月6日通知"}
    six = own["mofcom-action-six-ones-15min"]
    assert len(six.types) == 6
    assert ("food-market", "fresh-food-shop") in six.types
    assert own["mofcom-action-door-10min"].target == 10
    assert own["mofcom-action-around-15min"].is_report_only, "as local conditions allow"


def test_a_check_up_counts_communities_below_the_standard():
    own = rules("city-checkup-2024")
    below = {rule.id: rule.levels for rule in own.values() if rule.kind == "at-least-n-per-area"}
    assert sorted(below.values()) == [("community",)] * 4 + [("township",)] * 2
    metres = {rule.target for rule in own.values() if rule.kind == "travel-distance-circle"}
    assert metres == {500, 1000}


def test_an_embedded_complex_has_600_m2_and_three_functions():
    own = rules("embedded-services-2023")
    assert own["embedded-services-complex-floor"].target == 600
    assert own["embedded-services-complex-functions"].target == 3
    assert own["embedded-services-complex-floor-800"].is_report_only, "where conditions allow"


@pytest.mark.parametrize("name", STANDARDS)
def test_only_what_was_read_in_its_primary_text_is_confirmed(name):
    own = plans.plan(name).rules
    confirmed = {rule.id for rule in own if rule.certainty == "confirmed"}
    assert confirmed <= {"mofcom-circle-basic-15min"}
    assert {rule.mark for rule in own} <= {"P", "S", "K"}, "every figure of a standard has its mark"
    assert all(rule.cited for rule in own if rule.mark != "K")


def test_the_plans_of_no_country_are_judged_on_foot_and_say_what_the_literature_says():
    circle, walkable = plans.plan("circle-15min"), plans.plan("walkable-500m")
    assert {one.jurisdiction.country for one in (circle, walkable)} == {"any"}
    assert {(rule.target, rule.unit) for rule in circle.rules} == {(15, "min")}
    assert {(rule.target, rule.unit) for rule in walkable.rules} == {(500, "m")}
    assert len(walkable.rules) == 3
    judged = {service for rule in circle.rules for service in rule.all_services}
    assert {"food-shop", "pharmacy", "primary-school", "kindergarten", "primary-care", "park"} <= judged
    assert {"public-transport-stop", "playground", "library"} <= judged


ONE_LANGUAGE = """
[plan]
id = "own"
title = "Monaco walks"
issued = 2026-01-01
period = [2026, 2030]
level = "city"
jurisdiction = { code = "MC-01", country = "MC", name = "Monaco" }
source = "by hand"

[[rule]]
id = "own-park"
kind = "travel-time-circle"
clause = "1"
role = "standing"
title.en = "Park within 10 minutes"
quote = "10 minutes"
units = ["community"]
scope = "both"
binding = "unit"
services = ["park"]
comparator = "<="
target = 10
unit = "min"
"""


def test_a_plan_of_one_language_and_of_another_country_says_its_words_once(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(ONE_LANGUAGE, encoding="utf-8")
    own = plans.load_plan(path)
    assert own.title["zh"] == own.title["en"] == "Monaco walks"
    assert own.rules[0].title["zh"] == "Park within 10 minutes"
    assert (own.jurisdiction.code, own.jurisdiction.country) == ("MC-01", "MC")
