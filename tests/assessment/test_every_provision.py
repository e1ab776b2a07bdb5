"""Every provision of every packaged plan gets an answer, and none is made up."""

from __future__ import annotations

import datetime as dt

import pytest

from lifecircle import plans
from lifecircle.assessment import KINDS, assess, needed_travel
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import STATUS


@pytest.fixture(params=[(False, ""), (True, "M"), (True, "460000")], ids=["part", "city", "province"])
def findings(city, request):
    """All plans before a city with people, streets and services, and no ledger at all."""
    covers_whole, jurisdiction = request.param
    every = [plans.plan(name) for name in plans.packaged_plans()]
    services = needed_travel(every, Assumptions()).services
    made = city(minutes={name: [5.0] * 7 for name in services})
    return assess(
        every,
        made.inputs,
        made.travel,
        Assumptions(),
        covers_whole=covers_whole,
        jurisdiction=jurisdiction,
        as_of=dt.date(2024, 6, 30),
    )


def every_rule():
    return {rule.id: rule for name in plans.packaged_plans() for rule in plans.plan(name).rules}


def test_every_kind_has_its_function():
    assert {rule.kind for rule in every_rule().values()} == set(KINDS)


def test_every_provision_is_answered_and_says_why(findings):
    assert set(findings["rule"]) == set(every_rule())
    assert set(findings["status"]) <= set(STATUS)
    silent = findings[(findings["status"] == "no-data") & (findings["note"].map(len) == 0)]
    over_layers = {rule.id for rule in every_rule().values() if len(rule.layers) > 1}
    assert set(silent["rule"]) <= over_layers  # there the verdict of each layer says why
    for notes in findings["note"]:
        for note in notes:
            assert note.render("en")
            assert note.render("zh")


def test_baselines_are_never_met_or_short(findings):
    baselines = findings[findings["role"] == "baseline"]
    assert baselines["rule"].nunique() == 50
    assert not baselines["status"].isin(["met", "short"]).any()


def test_baselines_without_data_are_reported_all_the_same_in_every_kind(findings):
    """Where the plan started is a fact; that nothing was measured stands in the note."""
    baselines = findings[findings["role"] == "baseline"]
    assert set(baselines["status"]) <= {"report-only", "not-applicable"}
    unmeasured = baselines[baselines["value"].isna() & (baselines["status"] == "report-only")]
    assert "missing-layer" in {note.key for notes in unmeasured["note"] for note in notes}


def test_nothing_is_met_or_short_without_its_data(findings):
    """No facility, ledger or report was given: what is short is 200 circles in a city of two communities."""
    judged = findings[findings["status"].isin(["met", "short"])]
    assert set(judged["rule"]) <= {"hainan-premium-convenience-circles"}


def test_totals_are_judged_only_for_the_very_place_that_the_plan_binds(findings, request):
    totals = {
        rule.id for rule in every_rule().values() if rule.kind == "count-target" and rule.role != "baseline"
    }
    result = findings[findings["rule"].isin(totals)]
    assert len(result) == len(totals) > 4
    judged = set(result.loc[result["status"] != "not-applicable", "plan"])
    # a study of the province that Hainan's plan binds is judged by its totals, and by no city's
    assert judged == ({"hainan-2022"} if request.node.callspec.id == "province" else set())
