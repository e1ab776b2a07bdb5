"""What has to be routed, the figures of communities, and the people out of reach."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from lifecircle.assessment import KINDS, assess, community_figures, gaps, needed_travel
from lifecircle.assessment.judge import IN_PARTS
from lifecircle.errors import MismatchedIndexError
from lifecircle.plans import AnyRule, packaged_plans, plan
from lifecircle.study.assumptions import BASIC_TYPES, QUALITY_TYPES, Assumptions
from lifecircle.tables import FINDINGS, TravelTimes, verdict_rows

INF = math.inf


def test_needed_travel_of_one_circle_is_its_limit_at_its_own_speed(plan_of):
    rule = {"services": ["home-care"], "speed": "elderly_speed_kmh"}
    needed = needed_travel([plan_of("travel-time-circle", **rule)], Assumptions(circle_minutes=1))
    assert needed.services == ("home-care",)
    assert needed.cutoff_m == pytest.approx(750)


def test_without_a_circle_the_studys_own_sets_the_cutoff(plan_of):
    needed = needed_travel([plan_of("at-least-n-per-area")], Assumptions())
    assert needed.services == ()
    assert needed.cutoff_m == pytest.approx(1000)


def test_the_largest_limit_of_a_service_counts_and_stations_have_none(plan_of):
    plans = [plan_of("travel-time-circle", target=minutes) for minutes in (10, 15, 5)]
    needed = needed_travel([*plans, plan_of("population-per-facility"), plan_of("adjacency")], Assumptions())
    assert needed.cutoff_m_by_service["sports-ground"] == pytest.approx(1000)
    assert needed.unlimited == {"health-station"}
    assert needed.neighbours == ((("health-centre",), ("elderly-institution",), 200.0),)
    assert needed.services == ("health-station", "sports-ground")


def test_a_quality_circle_routes_to_every_assumed_type(plan_of):
    basic = needed_travel([plan_of("type-circle", types="basic_types")], Assumptions())
    quality = needed_travel([plan_of("type-circle", types="basic_types", tier="quality")], Assumptions())
    each = {name for group in BASIC_TYPES for name in ((group,) if isinstance(group, str) else group)}
    assert len(each) == 12
    assert basic.services == tuple(sorted(each))
    assert quality.services == tuple(sorted({*each, *QUALITY_TYPES}))


def test_every_kind_that_a_plan_can_hold_has_its_function():
    kinds = {get_args(rule.model_fields["kind"].annotation)[0] for rule in get_args(get_args(AnyRule)[0])}
    assert kinds == set(KINDS)
    assert set(IN_PARTS) < kinds


@pytest.mark.parametrize("name", packaged_plans())
def test_a_packaged_plan_runs_on_a_city_that_knows_nothing(city, name):
    """Without one facility every rule answers, and none claims to be met or short."""
    made = city()
    findings = FINDINGS.check(assess([plan(name)], made.inputs, made.travel, Assumptions()))
    assert set(findings["rule"]) == {rule.id for rule in plan(name).rules}
    assert set(findings["status"]) <= {"no-data", "not-applicable", "report-only"}
    assert all(note.render(lang) for notes in findings["note"] for note in notes for lang in ("zh", "en"))


@pytest.mark.parametrize("name", packaged_plans())
def test_a_packaged_plan_runs_on_a_city_with_everything_at_hand(city, name):
    """Every service one facility in A, everybody one minute away: no circle is short."""
    needed = needed_travel([plan(name)], Assumptions())
    named = {service for rule in plan(name).rules for service in rule.all_services}
    made = city(
        minutes={service: [1.0] * 7 for service in needed.services},
        facilities=[
            {"facility": service, "service": service} for service in sorted({*named, *needed.services})
        ],
    )
    findings = assess([plan(name)], made.inputs, made.travel, Assumptions())
    circles = {
        rule.id
        for rule in plan(name).rules
        if rule.kind.endswith("circle") and "life-circle" not in rule.units  # those are built of streets
    }
    assert set(findings.loc[findings["rule"].isin(circles), "status"]) <= {
        "met", "report-only", "not-applicable", "context",
    }  # fmt: skip
    assert all(note.render(lang) for notes in findings["note"] for note in notes for lang in ("zh", "en"))


def sporty(city, **fields):
    walks = [5.0, 20.0, 15.0, INF, 10.0, 16.0, 1.0]
    return city(
        minutes={"sports-ground": walks}, facilities=[{"facility": "s", "service": "sports-ground"}], **fields
    )


def test_figures_stand_beside_the_communities_in_their_order(city, plan_of):
    made = sporty(city, cohorts={"dwellings": [1.0, 3.0, 1, 1, 1, 1, 1]})
    figures = community_figures(made.inputs, made.travel, [plan_of("travel-time-circle")], Assumptions())
    assert figures.index.equals(made.inputs.communities.index)
    rows = figures.set_index("code")
    assert rows["min50_sports-ground"].tolist() == [5.0, 15.0, 10.0, 1.0]
    assert rows.loc["A", "min90_sports-ground"] == 20.0
    assert np.isnan(rows.loc["B", "min90_sports-ground"])
    assert rows["unreached_sports-ground"].tolist() == [0.0, 0.25, 0.0, 0.0]
    assert rows["share_sports-ground"].tolist() == [0.6, 0.75, 0.5, 1.0]
    assert rows.loc["A", "dwellings_sports-ground"] == 0.25


def test_gaps_list_those_beyond_the_strictest_limit_in_judged_communities(city, plan_of):
    made = sporty(city)
    both = [plan_of("travel-time-circle"), plan_of("travel-time-circle", target=10)]
    once = gaps(made.inputs, made.travel, both[:1], Assumptions())
    assert once["demand"].tolist() == [1, 3]
    assert once["residents"].tolist() == [40.0, 50.0]
    assert once["minutes"].iloc[0] == 20.0
    assert np.isnan(once["minutes"].iloc[1])
    assert gaps(made.inputs, made.travel, both, Assumptions())["demand"].tolist() == [1, 2, 3]
    assert once.crs == made.inputs.crs


def test_nobody_is_in_a_gap_of_a_service_that_another_stands_in_for(city, plan_of):
    walks = {"pharmacy": [1.0] * 7, "food-market": [30.0] * 7, "fresh-food-shop": [1.0] * 6 + [30.0]}
    made = city(minutes=walks, facilities=[{"facility": name, "service": name} for name in walks])
    assert gaps(made.inputs, made.travel, [plan_of("type-circle")], Assumptions()).empty


def test_walks_of_another_city_are_refused(city, plan_of):
    made = sporty(city)
    travel = made.travel
    other = TravelTimes(
        *(t.iloc[:5] for t in (travel.distance_m, travel.facility, travel.minutes)), speed_kmh=4.0
    )
    with pytest.raises(MismatchedIndexError, match=r"5.*7"):
        assess([plan_of("travel-time-circle")], made.inputs, other, Assumptions())


def test_the_order_of_the_walks_does_not_matter(city, plan_of):
    made = sporty(city)
    t = made.travel
    turned = TravelTimes(*(x.iloc[::-1] for x in (t.distance_m, t.facility, t.minutes)), speed_kmh=4.0)
    plans = [plan_of("travel-time-circle")]
    straight = assess(plans, made.inputs, t, Assumptions())
    assert straight.equals(assess(plans, made.inputs, turned, Assumptions()))


def test_every_unit_has_one_verdict_under_every_rule(city):
    """Single services are their own verdict; over several, only the blank one is."""
    made = sporty(city)
    findings = assess([plan("zhuhai-2021")], made.inputs, made.travel, Assumptions())
    verdicts = verdict_rows(findings)
    key = ["plan", "rule", "level", "code"]
    assert not verdicts.duplicated(key).any()
    assert set(map(tuple, verdicts[key].to_numpy())) == set(map(tuple, findings[key].to_numpy()))
    assert set(verdicts.loc[verdicts["rule"] == "zhuhai-fitness-circle-10min", "service"]) == {
        "sports-ground"
    }
