"""Time and distance circles over the hand-drawn city."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from lifecircle.errors import ContractError
from lifecircle.study.assumptions import Assumptions

INF = math.inf
SPORTS = {"facility": "s1", "service": "sports-ground"}
#        A: 60 at 5 min, 40 at 20; B: 150 at exactly 15, 50 unreached; C: 30 at 10, 30 at 16; X: at 1
WALKS = [5.0, 20.0, 15.0, INF, 10.0, 16.0, 1.0]


def ground(city, **fields):
    return city(minutes={"sports-ground": WALKS}, facilities=[SPORTS], **fields)


def test_three_communities_by_hand(city, judge):
    """A: 60 of 100; B: 150 of 200, at the limit; the deficit is what 90 % asks for beyond that."""
    findings = judge(ground(city), "travel-time-circle")
    a, b = findings.row("A", "sports-ground"), findings.row("B", "sports-ground")
    assert (a["status"], a["value"], a["unit"]) == ("short", 60.0, "%")
    assert math.isnan(a["target"])  # the plan says minutes, and no share of residents
    assert (a["comparator"], a["criterion"]) == ("", ">= 90 % of residents")
    assert (a["deficit"], a["deficit_unit"], a["population"], a["population_short"]) == (
        30.0,
        "persons",
        100.0,
        40.0,
    )
    assert (b["value"], b["deficit"], b["population_short"]) == (75.0, 30.0, 50.0)


def test_without_a_population_shares_stand_and_people_are_not_counted(city, judge):
    findings = judge(ground(city, layers=frozenset()), "travel-time-circle")
    row = findings.row("A", "sports-ground")
    assert (row["status"], row["value"]) == ("short", 60.0)
    assert all(math.isnan(row[name]) for name in ("deficit", "population", "population_short"))
    assert "people-unknown" in [note.key for note in row["note"]]


def test_a_rural_village_and_the_context_are_no_units_of_an_urban_rule(city, judge):
    assert set(judge(ground(city), "travel-time-circle").table["code"]) == {"A", "B", "study"}


def test_a_rule_for_both_scopes_judges_the_village_at_its_own_level(city, judge):
    findings = judge(ground(city), "travel-time-circle", units=["community", "village"], scope="both")
    village = findings.row("C", "sports-ground")
    assert (village["level"], village["value"], village["deficit"]) == ("village", 50.0, 24.0)


def test_exactly_the_covered_share_is_covered_and_its_remainder_still_counted(city, judge):
    """75 % of B are within 15 minutes; asked for 75 %, B is met and 50 people are still out of reach."""
    findings = judge(ground(city), "travel-time-circle", assumptions=Assumptions(covered_share=0.75))
    b = findings.row("B", "sports-ground")
    assert (b["status"], b["deficit"], b["population_short"], b["certainty"]) == ("met", 0.0, 50.0, "assumed")


@pytest.mark.parametrize(("noise", "status"), [(1e-13, "met"), (1e-3, "short")])
def test_a_walk_at_the_limit_is_covered_whatever_the_rounding(city, judge, noise, status):
    walks = [15.0 * (1 + noise)] * 7
    made = city(minutes={"sports-ground": walks}, facilities=[SPORTS])
    assert judge(made, "travel-time-circle").row("A", "sports-ground")["status"] == status


def test_a_failure_is_firm_only_where_the_ledger_is_complete(city, judge):
    open_list = judge(ground(city), "travel-time-circle")
    closed = judge(ground(city, complete_for=frozenset({"sports-ground"})), "travel-time-circle")
    assert open_list.row("A", "sports-ground")["certainty"] == "provisional"
    assert "sources-not-complete" in open_list.notes("A", "sports-ground")
    assert closed.row("A", "sports-ground")["certainty"] == "assumed"  # covered share and speed are ours
    assert closed.row("study", "sports-ground")["certainty"] == "assumed", "a share of such verdicts"


def test_a_failure_at_the_edge_of_the_streets_or_on_an_unconfirmed_figure_is_provisional(city, judge):
    complete = frozenset({"sports-ground"})
    edge = ground(city, complete_for=complete, communities={"A": {"edge": True}})
    findings = judge(edge, "travel-time-circle")
    assert findings.row("A", "sports-ground")["certainty"] == "provisional"
    assert findings.row("B", "sports-ground")["certainty"] == "assumed"
    unconfirmed = judge(ground(city, complete_for=complete), "travel-time-circle", certainty="unconfirmed")
    assert unconfirmed.row("B", "sports-ground")["certainty"] == "provisional"


def test_a_service_no_source_knows_is_no_data_and_not_short(city, judge):
    findings = judge(city(), "travel-time-circle")
    assert findings.row("A", "sports-ground")["status"] == "no-data"
    assert math.isnan(findings.row("A", "sports-ground")["deficit"])
    assert findings.notes("A", "sports-ground") == {"no-facilities"}
    assert findings.row("study", "sports-ground")["status"] == "no-data"


def test_a_complete_ledger_without_one_row_is_a_true_zero(city, judge):
    findings = judge(city(complete_for=frozenset({"sports-ground"})), "travel-time-circle")
    a = findings.row("A", "sports-ground")
    assert (a["status"], a["certainty"], a["value"], a["deficit"], a["population_short"]) == (
        "short",
        "assumed",
        0.0,
        90.0,
        100.0,
    )


def test_a_service_with_facilities_that_was_not_routed_is_a_fault_of_the_program(city, judge):
    with pytest.raises(ContractError, match="sports-ground"):
        judge(city(facilities=[SPORTS]), "travel-time-circle")


def test_a_community_where_nobody_lives_is_not_applicable_and_does_not_count(city, judge):
    empty = ground(city, people=(0, 0, 150, 50, 30, 30, 500))
    findings = judge(empty, "travel-time-circle", share_comparator="=", share_target_pct=100)
    assert findings.row("A", "sports-ground")["status"] == "not-applicable"
    study = findings.row("study", "sports-ground")
    assert (study["value"], study["deficit"], study["deficit_unit"]) == (0.0, 1.0, "communities")


def test_unknown_scope_is_no_data_in_a_community_and_judged_in_a_cell(city, judge):
    complete = frozenset({"sports-ground"})
    unknown = judge(ground(city, communities={"A": {"scope": ""}}), "travel-time-circle")
    assert unknown.row("A", "sports-ground")["status"] == "no-data"
    assert unknown.notes("A", "sports-ground") == {"scope-unknown"}
    cells = {code: {"kind": "cell", "scope": ""} for code in "ABC"}
    grid = judge(ground(city, communities=cells, complete_for=complete), "travel-time-circle")
    assert grid.row("A", "sports-ground")["status"] == "short"
    assert grid.row("A", "sports-ground")["certainty"] == "provisional"
    assert "scope-unknown-judged" in grid.notes("C", "sports-ground")


def test_the_study_is_judged_by_the_share_the_plan_asks_for(city, judge):
    findings = judge(
        ground(city),
        "travel-time-circle",
        assumptions=Assumptions(covered_share=0.7),
        share_comparator="=",
        share_target_pct=100,
        share_baseline_pct=20,
    )
    study = findings.row("study", "sports-ground")
    assert (study["level"], study["name"], study["status"]) == ("city", "Hand city", "short")
    assert (study["value"], study["target"], study["deficit"]) == (50.0, 100.0, 1.0)
    assert math.isnan(study["progress"]), "measured here, and no baseline of the plan's beside it"
    assert (study["population"], study["population_short"]) == (300.0, 90.0)


def test_without_a_share_in_the_plan_the_study_only_reports(city, judge):
    study = judge(ground(city), "travel-time-circle", assumptions=Assumptions(covered_share=0.7)).row(
        "study", "sports-ground"
    )
    assert (study["status"], study["value"], study["comparator"]) == ("report-only", 50.0, "")
    assert math.isnan(study["target"])
    assert math.isnan(study["deficit"])
    assert study["population_short"] == 90.0
    assert study["certainty"] == "provisional", "it sums up shortfalls that are"


@pytest.mark.parametrize(("target", "status"), [(33, "met"), (50, "no-data"), (100, "short")])
def test_the_interval_rule_of_a_share(city, judge, target, status):
    """A is short, B met, C unknown: between 1/3 and 2/3 pass."""
    made = ground(city, communities={"C": {"kind": ""}})
    findings = judge(
        made,
        "travel-time-circle",
        units=["community"],
        scope="both",
        assumptions=Assumptions(covered_share=0.7),
        share_comparator=">=",
        share_target_pct=target,
    )
    study = findings.row("study", "sports-ground")
    assert study["status"] == status
    assert "share-interval" in findings.notes("study", "sports-ground")
    assert math.isnan(study["value"]) == (status == "no-data")


def test_without_any_data_no_interval_is_told(city, judge):
    """Between 0 and 100 % pass: that is to say nothing."""
    unknown = {code: {"kind": ""} for code in "ABC"}
    findings = judge(
        ground(city, communities=unknown),
        "travel-time-circle",
        units=["community"],
        scope="both",
        share_comparator="=",
        share_target_pct=100,
    )
    assert findings.row("study", "sports-ground")["status"] == "no-data"
    assert findings.notes("study", "sports-ground") >= {"share-unknown"}
    assert "share-interval" not in findings.notes("study", "sports-ground")


def test_alternatives_report_singly_and_the_blank_service_is_the_verdict(city, judge):
    """A walks 20 minutes to a hall and 5 to a station: the station is enough."""
    made = city(
        minutes={
            "party-service-centre": [20.0] * 7,
            "community-service-station": [5.0, 5.0, 20.0, 20.0, 20.0, 20.0, 20.0],
        },
        facilities=[
            {"facility": "p", "service": "party-service-centre"},
            {"facility": "q", "service": "community-service-station"},
        ],
    )
    services = ["party-service-centre", "community-service-station"]
    findings = judge(made, "travel-time-circle", services=services)
    assert findings.row("A")["status"] == "met"
    assert findings.row("B")["status"] == "short"
    single = findings.row("A", "party-service-centre")
    assert (single["status"], single["value"]) == ("report-only", 0.0)
    # of the two communities neither reaches a hall, and one a station
    for service, share in zip(services, (0.0, 50.0), strict=True):
        whole = findings.row("study", service)
        assert (whole["status"], whole["value"]) == ("report-only", share)


def test_older_people_walk_slower_and_only_they_are_counted(city, judge):
    """At 3 km/h A's 12 minutes become 16; its 10 older people live at point 0 and 30 at point 1."""
    older = {"over60": [10, 30, 20, 20, 5, 5, 50]}
    made = city(
        minutes={"home-care": [12.0, 3.0, 12.0, 3.0, 3.0, 3.0, 3.0]},
        facilities=[{"facility": "h", "service": "home-care"}],
        cohorts=older,
    )
    rule = {"services": ["home-care"], "speed": "elderly_speed_kmh", "cohort": "over60"}
    a = judge(made, "travel-time-circle", **rule).row("A", "home-care")
    assert (a["value"], a["population"], a["population_short"], a["deficit"]) == (75.0, 40.0, 10.0, 6.0)
    assert "elderly_speed_kmh=3" in a["assumptions"]


def test_without_the_cohort_all_residents_stand_in_and_the_finding_says_so(city, judge):
    made = city(minutes={"home-care": [3.0] * 7}, facilities=[{"facility": "h", "service": "home-care"}])
    rule = {"services": ["home-care"], "speed": "elderly_speed_kmh", "cohort": "over60"}
    findings = judge(made, "travel-time-circle", **rule)
    assert findings.row("A", "home-care")["population"] == 100.0
    assert "cohort-missing" in findings.notes("A", "home-care")


def test_a_distance_circle_is_measured_in_metres_whatever_the_speed(city, judge):
    """45 minutes at 4 km/h are 3,000 m: inside. 45.1 are not."""
    made = city(
        minutes={"employment-service": [45.0, 45.0, 45.1, 45.1, 1, 1, 1]},
        facilities=[{"facility": "e", "service": "employment-service"}],
    )
    findings = judge(made, "travel-distance-circle", assumptions=Assumptions(walk_speed_kmh=3.0))
    assert findings.row("A", "employment-service")["status"] == "met"
    assert findings.row("B", "employment-service")["status"] == "short"


def test_a_clause_without_a_number_only_reports_under_the_named_assumption(city, judge):
    findings = judge(
        ground(city),
        "travel-time-circle",
        target="accessible_minutes",
        assumptions=Assumptions(accessible_minutes=20),
    )
    row = findings.row("A", "sports-ground")
    assert (row["status"], row["value"]) == ("report-only", 100.0)  # "accessible" is no number to test
    assert "accessible_minutes=20" in findings.row("A", "sports-ground")["assumptions"]


def test_dwellings_are_published_beside_people(city, judge):
    made = ground(city, cohorts={"dwellings": [10, 30, 1, 1, 1, 1, 1]})
    findings = judge(made, "travel-time-circle")
    note = next(n for n in findings.row("A", "sports-ground")["note"] if n.key == "dwellings-covered")
    assert note.values["share"] == 0.25


def test_a_shortfall_past_its_deadline_says_so(city, judge):
    findings = judge(
        ground(city),
        "travel-time-circle",
        target_year=2022,
        role="target",
        study={"as_of": dt.date(2023, 1, 10)},
    )
    assert "deadline-passed" in findings.notes("A", "sports-ground")


def test_a_baseline_is_reported_and_never_judged(city, judge):
    row = judge(ground(city), "travel-time-circle", role="baseline").row("A", "sports-ground")
    assert (row["status"], row["value"], row["certainty"]) == ("report-only", 60.0, "firm")
    assert np.isnan(row["deficit"])
