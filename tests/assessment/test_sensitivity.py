"""Sensitivity: the numbers by hand in a city of seven points, and equal to judging everything again."""

import dataclasses

import pandas as pd
import pytest

from lifecircle.assessment import assess, sensitivity
from lifecircle.assessment.context import Context
from lifecircle.assessment.variants import Variants
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import verdict_rows

SPORTS = [{"facility": "f", "service": "sports-ground"}]


def table(city, plan, assumptions, **options):
    swings = sensitivity([plan], city.inputs, city.travel, assumptions, **options)
    return swings.set_index(["varied", "setting"])


# Urban communities A (60 people at point 0, 40 at 1) and B (150 at 2, 50 at 3); the limit is 15 minutes.
# At 4 km/h the walks are 12, 16, 14 and 19 minutes; at 3 km/h 16, 21.3, 18.7, 25.3; at 4.8 km/h 10, 13.3,
# 11.7, 15.8.
WALKS = {"sports-ground": [12.0, 16.0, 14.0, 19.0, 1.0, 1.0, 1.0]}


@pytest.fixture
def circle(city, plan_of):
    return (
        city(minutes=WALKS, facilities=SPORTS),
        plan_of("travel-time-circle"),
        Assumptions(walk_speed_kmh=4.0),
    )


def test_faster_walkers_cover_more(circle):
    swings = table(*circle)
    assert swings.loc["walk-speed", ["met", "short"]].to_numpy().tolist() == [[0, 2], [0, 2], [1, 1]]
    assert swings.loc["walk-speed", "people_short"].tolist() == [300.0, 90.0, 50.0]
    assert swings.loc["walk-speed", "own"].tolist() == [False, True, False]


def test_a_lower_share_is_met_by_more(circle):
    # A: 60 of 100 within 15 minutes, B: 150 of 200.
    swings = table(*circle).loc["covered-share"]
    assert swings["met"].tolist() == [2, 0, 0, 0]
    assert swings["met_share"].tolist() == [100.0, 0.0, 0.0, 0.0]
    assert swings["people_short"].tolist() == [90.0] * 4


def test_a_central_point_stands_for_everybody(circle):
    # Points 0 and 2 are within 15 minutes: both communities are met, and nobody is short.
    swings = table(*circle, centres=[0, 2]).loc["origin"]
    assert swings.index.tolist() == ["population", "centroid"]
    assert swings["met"].tolist() == [0, 2]
    assert swings["people_short"].tolist() == [90.0, 0.0]


def test_dwellings_are_counted_where_there_are_any(circle):
    city, plan, assumptions = circle
    inputs = city.inputs
    homes = inputs.demand.assign(dwellings=[9.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    with_homes = dataclasses.replace(inputs, demand=homes)
    swings = sensitivity([plan], with_homes, city.travel, assumptions).set_index(["varied", "setting"])
    here = swings.loc[("origin", "dwellings")]
    assert here[["met", "short", "no_data"]].tolist() == [1, 0, 1]
    assert here["people_short"] != here["people_short"]


def test_stand_ins_help_only_where_the_plan_leaves_the_types_open(city, plan_of):
    near, far = [5.0] * 7, [30.0] * 7
    types = ("food-market", "fresh-food-shop")
    study = city(
        minutes={"food-market": near, "fresh-food-shop": far},
        facilities=[{"facility": name, "service": name} for name in types],
    )
    assumptions = Assumptions(basic_types=types)
    swings = table(study, plan_of("type-circle", types="basic_types"), assumptions)
    assert swings.loc["type-grouping", "met"].to_dict() == {"single": 0, "stand-ins": 2}
    fixed = plan_of("type-circle", types=[[name] for name in types])
    assert "type-grouping" not in table(study, fixed, assumptions).index


def test_minutes_of_a_ride_do_not_change_with_walking_speed(circle):
    city, plan, _ = circle
    swings = sensitivity([plan], city.inputs, city.travel, circle[2].model_copy(update={"mode": "bike"}))
    assert "walk-speed" not in set(swings["varied"])


def test_a_baseline_is_not_varied(city, plan_of):
    study = city(minutes=WALKS, facilities=SPORTS)
    baseline = plan_of("travel-time-circle", role="baseline")
    assert sensitivity([baseline], study.inputs, study.travel, Assumptions()).empty


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 1.0])
@pytest.mark.parametrize("speed", [3.0, 4.0, 4.8])
def test_every_setting_equals_a_study_judged_again(circle, share, speed):
    city, plan, assumptions = circle
    changed = assumptions.model_copy(update={"covered_share": share, "walk_speed_kmh": speed})
    reassessed = verdict_rows(assess([plan], city.inputs, city.travel, changed))
    own = reassessed[reassessed["level"] == "community"]
    swings = table(city, plan, changed)
    for varied, setting in (("covered-share", f"{share:g}"), ("walk-speed", f"{speed:g}")):
        line = swings.loc[(varied, setting)]
        assert line["own"]
        assert line["met"] == (own["status"] == "met").sum()
        assert line["short"] == (own["status"] == "short").sum()
        assert line["people_short"] == pytest.approx(own["population_short"].sum())


def test_a_verdict_names_the_settings_under_which_it_turns(city, judge):
    """100 people walk 16 minutes: short at 4 km/h, met at 4.8 (13.3 minutes) and by bicycle."""
    made = city(
        minutes={"sports-ground": [16.0] * 7},
        facilities=[{"facility": "s", "service": "sports-ground", "community": "C"}],
        complete_for=frozenset({"sports-ground"}),
    )
    row = judge(made, "travel-time-circle").row("A", "sports-ground")
    assert (row["status"], row["certainty"]) == ("short", "assumed")
    assert row["turns_at"].split("; ")[:2] == ["walk_speed_kmh=4.8", "mode=bike"]
    [note] = [note for note in row["note"] if note.key == "turns-short"]
    assert note.render("zh") == "未达标；按4公里/小时判定，若按4.8公里/小时则达标"
    assert note.render("en") == "not met when judged at 4 km/h; met at 4.8 km/h"


def test_more_institutions_are_adjacent_the_more_metres_are_allowed_and_no_verdict_turns(city, plan_of):
    """c1 is 100 m from an institution, c2 500 m, c3 is one itself; "adjacent" is only reported."""
    institutions = [
        {"facility": "c1", "service": "health-centre"},
        {"facility": "c2", "service": "health-centre", "community": "B"},
        {"facility": "c3", "service": "health-centre", "community": "C"},
        {"facility": "c3", "service": "elderly-institution", "community": "C"},
        {"facility": "e1", "service": "elderly-institution"},
    ]
    walks = pd.DataFrame(
        [("c1", "e1", 100.0), ("c2", "e1", 500.0)], columns=["origin", "facility", "distance_m"]
    ).assign(service="elderly-institution", minutes=1.0)
    study = city(facilities=institutions, complete_for=frozenset({"elderly-institution"}))
    plan, inputs, travel = plan_of("adjacency", target="adjacency_m"), study.inputs, study.travel
    variants = Variants.of_study(Context(inputs, travel, Assumptions(), neighbours=walks))
    swings = sensitivity([plan], inputs, travel, Assumptions(), variants=variants)
    lines = swings.set_index(["varied", "setting"]).loc["adjacency"]
    assert lines["met"].to_dict() == {"100": 2, "200": 2, "500": 3}
    assert lines["short"].to_dict() == {"100": 1, "200": 1, "500": 0}
    assert lines["own"].to_dict() == {"100": False, "200": True, "500": False}
    findings = assess([plan], inputs, travel, Assumptions(), neighbours=walks)
    assert set(findings["status"]) == {"report-only"}
    assert set(findings["turns_at"]) == {""}


def test_a_site_that_only_the_map_measured_is_unknown_without_its_outline_and_turns_no_verdict(city, plan_of):
    """A's ground of 200 m2 is drawn on the map, B's of 100 m2 stands in a ledger; 150 are asked."""
    grounds = [
        {"facility": "a", "service": "park", "community": "A", "site_area_m2": 200.0},
        {"facility": "b", "service": "park", "community": "B", "site_area_m2": 100.0},
    ]
    study = city(
        facilities=[{**one, "site_from_outline": one["facility"] == "a"} for one in grounds],
        complete_for=frozenset({"park"}),
    )
    plan = plan_of("at-least-n-per-area", services=["park"], min_site_area_m2=150, units=["community"])
    lines = table(study, plan, Assumptions()).loc["site-area"]
    assert lines.loc["outline", ["met", "short", "no_data"]].tolist() == [1, 1, 0]
    assert lines.loc["ledger", ["met", "short", "no_data"]].tolist() == [0, 1, 1]
    assert lines["own"].to_dict() == {"outline": True, "ledger": False}
    findings = assess([plan], study.inputs, study.travel, Assumptions()).set_index("code")
    assert findings.loc[["A", "B"], "status"].tolist() == ["met", "short"]
    assert set(findings["turns_at"]) == {""}
