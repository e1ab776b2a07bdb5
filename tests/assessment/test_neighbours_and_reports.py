"""Adjacent facilities, and catchments that are only reported."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lifecircle.assessment import assess
from lifecircle.study.assumptions import Assumptions

FACILITIES = [
    {"facility": "c1", "service": "health-centre"},
    {"facility": "c2", "service": "health-centre", "community": "B"},
    {"facility": "c3", "service": "health-centre", "community": "C"},
    {"facility": "c3", "service": "elderly-institution", "community": "C"},
    {"facility": "e1", "service": "elderly-institution"},
    {"facility": "e2", "service": "elderly-institution", "public": False},
]


def distances(*rows):
    columns = ["origin", "facility", "service", "distance_m", "minutes"]
    return pd.DataFrame([(a, b, "elderly-institution", d, d / 66.7) for a, b, d in rows], columns=columns)


def judged(city, plan_of, neighbours, **fields):
    made = city(facilities=FACILITIES, **fields)
    plan = plan_of("adjacency")
    table = assess([plan], made.inputs, made.travel, Assumptions(), neighbours=neighbours)
    return table.set_index("code")


def test_neighbours_at_the_limit_beyond_it_and_in_the_same_house(city, plan_of):
    """c1 is 200 m from e1, c2 500 m; c3 is itself an institution; e2 is not open to the public."""
    findings = judged(city, plan_of, distances(("c1", "e1", 200.0), ("c2", "e1", 500.0), ("c2", "e2", 10.0)))
    assert findings.loc[["c1", "c2", "c3"], "status"].tolist() == ["met", "short", "met"]
    assert findings.loc[["c1", "c2", "c3"], "value"].tolist() == [200.0, 500.0, 0.0]
    assert findings.loc["c2", "deficit"] == 300.0
    assert findings.loc["c2", "certainty"] == "provisional"
    assert findings.loc["study", "status"] == "report-only"
    assert findings.loc["study", "value"] == pytest.approx(200 / 3)


def test_a_facility_that_reaches_no_partner_is_short_of_an_unknown_distance(city, plan_of):
    findings = judged(
        city, plan_of, distances(("c1", "e1", 20.0)), complete_for=frozenset({"elderly-institution"})
    )
    assert (findings.loc["c2", "status"], findings.loc["c2", "certainty"]) == ("short", "firm")
    assert math.isnan(findings.loc["c2", "value"])
    assert "no-neighbour-reached" in {note.key for note in findings.loc["c2", "note"]}


def test_adjacent_without_a_number_is_reported_with_the_distance(city, judge):
    """The clause says adjacent, not how near: the metres stand there, and nobody is judged."""
    made = city(facilities=FACILITIES, complete_for=frozenset({"elderly-institution"}))
    findings = judge(
        made, "adjacency", target="adjacency_m", study={"neighbours": distances(("c1", "e1", 500.0))}
    )
    assert findings.row("c1")[["status", "value"]].tolist() == ["report-only", 500.0]
    assert not findings.table["status"].isin(["met", "short"]).any()


def test_without_the_walks_between_facilities_nothing_is_claimed(city, plan_of):
    findings = judged(city, plan_of, None)
    assert findings["status"].tolist() == ["no-data"]
    assert [note.key for note in findings.loc["study", "note"]] == ["no-neighbour-distances"]


def test_without_a_partner_in_any_source_it_is_no_data(city, judge):
    findings = judge(city(facilities=FACILITIES[:2]), "adjacency")
    assert findings.notes("study") == {"no-facilities"}


def test_a_report_counts_residents_within_reach_and_judges_nobody(city, judge):
    """3,000 m are 45 minutes at 4 km/h."""
    made = city(
        minutes={"small-firm": [45.0, 45.1, 1.0, math.inf, 1.0, 1.0, 1.0]},
        facilities=[{"facility": "w", "service": "small-firm"}],
    )
    findings = judge(made, "report")
    assert [findings.row(code, "small-firm")["value"] for code in ("A", "B", "study")] == [60.0, 150.0, 210.0]
    assert set(findings.table["status"]) == {"report-only"}
    assert (findings.row("A", "small-firm")["unit"], findings.row("A", "small-firm")["comparator"]) == (
        "persons",
        "",
    )


def test_a_report_on_an_unknown_service_is_no_data(city, judge):
    assert set(judge(city(), "report").table["status"]) == {"no-data"}
