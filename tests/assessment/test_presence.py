"""Facilities standing in areas: each unit, shares of units, several layers."""

from __future__ import annotations

import math

import numpy as np
import pytest

COMPLETE = frozenset({"library", "cultural-hall"})


def library(name, community, **fields):
    return {"facility": name, "service": "library", "community": community, **fields}


def test_one_per_community_by_hand(city, judge):
    """Two libraries in A, none in B: B is short of one, and all its people are concerned."""
    made = city(facilities=[library("l1", "A"), library("l2", "A")], complete_for=COMPLETE)
    findings = judge(made, "at-least-n-per-area")
    a, b, study = findings.row("A", "library"), findings.row("B", "library"), findings.row("study", "library")
    assert (a["status"], a["value"], a["deficit"], a["population_short"]) == ("met", 2.0, 0.0, 0.0)
    assert (b["status"], b["deficit"], b["deficit_unit"], b["population_short"]) == (
        "short",
        1.0,
        "facilities",
        200.0,
    )
    assert (study["status"], study["value"], study["deficit"], study["certainty"]) == (
        "short",
        50.0,
        1.0,
        "firm",
    )
    assert study["population_short"] == 200.0


@pytest.mark.parametrize(("comparator", "status", "deficit"), [(">=", "met", 0.0), (">", "short", 1.0)])
def test_more_than_two_is_not_two(city, judge, comparator, status, deficit):
    made = city(facilities=[library("l1", "A"), library("l2", "A")])
    row = judge(made, "at-least-n-per-area", comparator=comparator, target=2).row("A", "library")
    assert (row["status"], row["deficit"]) == (status, deficit)


def test_a_facility_counts_once_inside_and_open_to_the_public(city, judge):
    made = city(
        facilities=[
            library("out", "A", inside=False),
            library("shut", "A", public=False),
            library("both", "A"),
            {"facility": "both", "service": "cultural-hall", "community": "A"},
        ]
    )
    findings = judge(made, "at-least-n-per-area", services=["library", "cultural-hall"])
    assert findings.row("A")["value"] == 1.0


def test_each_service_is_needed_where_the_clause_says_each(city, judge):
    hall = {"facility": "h", "service": "cultural-hall", "community": "B"}
    made = city(facilities=[library("l", "A"), hall], complete_for=COMPLETE)
    services = ["library", "cultural-hall"]
    each = judge(made, "at-least-n-per-area", services=services, need="each")
    assert [each.row(code)["status"] for code in "AB"] == ["short", "short"]
    assert (each.row("A")["value"], each.row("A")["target"], each.row("A")["deficit"]) == (1.0, 2.0, 1.0)
    assert each.row("A", "library")["status"] == "met"
    any_one = judge(made, "at-least-n-per-area", services=services)
    assert [any_one.row(code)["status"] for code in "AB"] == ["met", "met"]
    assert any_one.row("A", "cultural-hall")["status"] == "report-only"
    whole = any_one.row("study", "cultural-hall")
    assert (whole["status"], whole["value"]) == ("report-only", 50.0)


def test_each_with_one_unknown_service_is_no_data_where_the_other_is_there(city, judge):
    services = ["library", "cultural-hall"]
    findings = judge(
        city(facilities=[library("l", "A")]), "at-least-n-per-area", services=services, need="each"
    )
    assert [findings.row(code)["status"] for code in "AB"] == ["no-data", "short"]


VILLAGES = {"units": ["village"], "scope": "rural", "services": ["village-clinic"]}


@pytest.mark.parametrize(
    ("residents", "status"), [(800.0, "not-applicable"), (800.0000001, "not-applicable"), (801.0, "short")]
)
def test_a_village_of_exactly_800_is_exempt(city, judge, residents, status):
    made = city(people=(60, 40, 150, 50, residents, 0, 0), complete_for=frozenset({"village-clinic"}))
    findings = judge(made, "at-least-n-per-area", condition={"population_over": 800}, **VILLAGES)
    assert findings.row("C", "village-clinic")["status"] == status


def test_a_township_that_reaches_ten_thousand_is_concerned(city, judge):
    units = [
        {"level": "township", "code": "T1", "kind": "town", "population": 10000.0},
        {"level": "township", "code": "T2", "kind": "town", "population": 9999.0},
        {"level": "township", "code": "T3", "kind": "town", "population": math.nan},
    ]
    findings = judge(
        city(units=units, complete_for=COMPLETE),
        "at-least-n-per-area",
        units=["township"],
        scope="both",
        condition={"population_at_least": 10000},
    )
    assert [findings.row(code, "library")["status"] for code in ("T1", "T2", "T3")] == [
        "short",
        "not-applicable",
        "no-data",
    ]


def test_units_exempt_by_name_do_not_count(city, judge):
    findings = judge(
        city(facilities=[library("l", "A")], complete_for=COMPLETE),
        "at-least-n-per-area",
        condition={"names_excluded": ["Community B"]},
    )
    assert findings.row("B", "library")["status"] == "not-applicable"
    assert findings.row("study", "library")["value"] == 100.0


def test_streets_and_towns_are_told_apart_and_facilities_fall_into_them(city, judge):
    made = city(facilities=[library("l", "B")], complete_for=COMPLETE)
    streets = judge(made, "at-least-n-per-area", units=["street"])
    assert streets.row("T1", "library")["status"] == "met"
    assert "T2" not in set(streets.table["code"])
    towns = judge(made, "at-least-n-per-area", units=["township"], scope="both")
    assert towns.row("T2", "library")["status"] == "short"


def test_the_only_unit_of_the_studys_own_level_is_its_own_verdict(city, judge):
    made = city(facilities=[library("l", "B")])
    findings = judge(made, "at-least-n-per-area", units=["city"], scope="both", study={"jurisdiction": "M"})
    assert len(findings.table) == 1
    assert findings.row("M", "library")["status"] == "met"


@pytest.mark.parametrize("said", ["9901", "990100", "Town"])
def test_the_place_judged_is_told_by_code_with_or_without_zeros_or_by_name(city, judge, said):
    units = [{"level": "city", "code": "9901", "name": "Town"}]
    made = city(facilities=[library("l", "B")], units=units)
    findings = judge(made, "at-least-n-per-area", units=["city"], scope="both", study={"jurisdiction": said})
    assert findings.table[["code", "name", "status"]].to_numpy().tolist() == [["9901", "Town", "met"]]


def test_a_name_that_two_cities_share_is_no_unit_s(city, judge):
    units = [{"level": "city", "code": code, "name": "Town"} for code in ("M", "N")]
    made = city(facilities=[library("l", "B")], units=units)
    findings = judge(
        made, "at-least-n-per-area", units=["city"], scope="both", study={"jurisdiction": "Town"}
    )
    assert findings.row("Town", "library")["value"] == 50.0


def test_one_of_several_cities_may_bear_the_studys_code(city, judge):
    units = [{"level": "city", "code": code} for code in ("M", "N")]
    made = city(facilities=[library("l", "B")], units=units)
    findings = judge(made, "at-least-n-per-area", units=["city"], scope="both", study={"jurisdiction": "M"})
    assert findings.row("M", "library")["unit"] == "facilities"
    assert findings.row("study", "library")["value"] == 50.0


def test_a_missing_layer_is_no_data_and_a_layer_without_such_units_not_applicable(city, judge):
    made = city(facilities=[library("l", "B")])
    none = judge(made, "at-least-n-per-area", units=["scenic"], scope="both")
    assert none.row("study", "library")["status"] == "no-data"
    assert none.notes("study", "library") == {"missing-layer"}
    towns = city(facilities=[library("l", "B")], units=[{"level": "township", "code": "T2", "kind": "town"}])
    findings = judge(towns, "at-least-n-per-area", units=["street"], scope="both")
    assert findings.row("study", "library")["status"] == "not-applicable"


def test_a_unit_partly_beyond_the_boundary_may_have_its_facility_there(city, judge):
    units = [{"level": "county", "code": "K", "kind": "county", "whole": False}]
    made = city(units=units, complete_for=COMPLETE)
    findings = judge(made, "at-least-n-per-area", units=["county"], scope="both")
    assert findings.row("K", "library")["status"] == "no-data"
    assert findings.notes("K", "library") == {"unit-not-whole"}


def test_a_grid_has_no_communities_to_stand_in(city, judge):
    cells = {code: {"kind": "cell", "scope": ""} for code in "ABC"}
    findings = judge(city(facilities=[library("l", "A")], communities=cells), "at-least-n-per-area")
    assert findings.row("study", "library")["status"] == "not-applicable"
    assert findings.notes("study", "library") == {"cells-are-no-units"}


@pytest.mark.parametrize(("area_m2", "status"), [(500.0, "met"), (499.9, "short"), (np.nan, "no-data")])
def test_a_facility_too_small_does_not_count_and_an_unknown_one_leaves_it_open(city, judge, area_m2, status):
    made = city(facilities=[library("l", "A", floor_area_m2=area_m2)])
    findings = judge(made, "at-least-n-per-area", min_floor_area_m2=500)
    assert findings.row("A", "library")["status"] == status


@pytest.mark.parametrize(("area_m2", "status"), [(4000.0, "met"), (3999.0, "short"), (np.nan, "no-data")])
def test_ground_counts_by_its_site(city, judge, area_m2, status):
    made = city(facilities=[library("l", "A", site_area_m2=area_m2, floor_area_m2=1.0)])
    findings = judge(made, "at-least-n-per-area", min_site_area_m2=4000)
    assert findings.row("A", "library")["status"] == status
    if status == "no-data":
        [note] = findings.row("A", "library")["note"]
        assert note.values == {"column": "facilities.site_area_m2"}


@pytest.mark.parametrize(("declared", "status"), [(True, "met"), (False, "short"), (None, "no-data")])
def test_only_facilities_that_meet_their_standard_count(city, judge, declared, status):
    made = city(facilities=[library("l", "A", meets_standard=declared)])
    findings = judge(made, "coverage-share-of-areas", meets_standard=True, target=100)
    assert findings.row("A", "library")["status"] == status


def test_a_share_of_communities_and_villages(city, judge):
    """Two of three have one; 80 % of three are three, so one is missing."""
    made = city(facilities=[library("l1", "A"), library("l2", "C")], complete_for=COMPLETE)
    study = judge(made, "coverage-share-of-areas", baseline=50).row("study", "library")
    assert study["value"] == pytest.approx(200 / 3)
    assert (study["status"], study["deficit"], study["deficit_unit"]) == ("short", 1.0, "units")
    assert math.isnan(study["progress"])
    findings = judge(made, "coverage-share-of-areas", baseline=50)
    assert {findings.row(code, "library")["status"] for code in "ABC"} == {"context"}
    steps = [findings.row(code, "library")["contribution"] for code in "ABC"]
    assert steps == [0.0, pytest.approx(100 / 3), 0.0]  # one of three more would have one


@pytest.mark.parametrize(("comparator", "status"), [(">=", "met"), (">", "short"), ("=", "met")])
def test_half_is_not_more_than_half(city, judge, comparator, status):
    made = city(facilities=[library("l1", "A")])
    fields = {"units": ["community"], "scope": "urban", "comparator": comparator, "target": 50}
    assert judge(made, "coverage-share-of-areas", **fields).row("study", "library")["status"] == status


def test_layers_are_judged_apart_and_all_must_pass(city, judge):
    """Streets and towns: one of two. Communities and villages: one of three."""
    made = city(facilities=[library("l", "B")], complete_for=COMPLETE)
    findings = judge(
        made,
        "coverage-share-of-areas",
        units=["township", "street", "community", "village"],
        target=50,
    )
    townships, communities = findings.row("study", "of-townships"), findings.row("study", "of-communities")
    assert (townships["status"], townships["value"]) == ("met", 50.0)
    assert (communities["status"], communities["deficit"]) == ("short", 1.0)
    whole = findings.row("study")
    assert (whole["status"], whole["deficit"], whole["certainty"]) == ("short", 1.0, "firm")
    assert whole["value"] == pytest.approx(100 / 3)


def test_a_layer_without_data_leaves_the_whole_open(city, judge):
    made = city(facilities=[library("l", c) for c in "A"] + [library(f"l{c}", c) for c in "BC"], units=[])
    findings = judge(made, "coverage-share-of-areas", units=["township", "street", "community", "village"])
    assert findings.row("study", "of-communities")["status"] == "met"
    assert findings.row("study", "of-townships")["status"] == "no-data"
    assert "missing-layer" in findings.notes("study", "of-townships")
    assert findings.row("study")["status"] == "no-data"


def test_a_clause_without_a_share_reports_it(city, judge):
    made = city(facilities=[library("l", "A")])
    findings = judge(made, "coverage-share-of-areas", comparator="none", target=None)
    assert findings.row("study", "library")["status"] == "report-only"
    assert findings.row("study", "library")["value"] == pytest.approx(100 / 3)
    assert findings.row("B", "library")["status"] == "report-only"


def test_a_facility_across_the_street_does_not_stand_in_the_unit(city, judge):
    """One library of X lies beyond the boundary: it serves circles, never this rule."""
    made = city(facilities=[library("l", "X", inside=False)])
    assert judge(made, "at-least-n-per-area").row("B", "library")["value"] == 0.0


TIERS = {
    "units": ["county", "community"],
    "target": 2,
    "tiers": [
        {"units": ["county"], "services": ["party-service-centre-county"]},
        {"units": ["community"], "services": ["party-service-centre"]},
    ],
    "scope": "urban",
}


def centre(name, community, tier=""):
    return {"facility": name, "service": f"party-service-centre{tier}", "community": community}


def test_a_system_of_tiers_counts_the_complete_ones(city, judge):
    complete = frozenset({"party-service-centre", "party-service-centre-county"})
    made = city(facilities=[centre("k", "A", "-county"), centre("a", "A")], complete_for=complete)
    findings = judge(made, "tiers", **TIERS)
    whole = findings.row("study")
    assert (whole["status"], whole["value"], whole["deficit"], whole["certainty"]) == (
        "short",
        1.0,
        1.0,
        "firm",
    )
    assert findings.row("B", "party-service-centre")["status"] == "short"
    assert whole["population_short"] == findings.row("B", "party-service-centre")["population_short"] > 0
    note = next(n for n in whole["note"] if n.key == "tier-incomplete")
    assert note.values == {"level": "community", "units": 1}
    done = city(facilities=[centre("k", "A", "-county"), centre("a", "A"), centre("b", "B")])
    assert judge(done, "tiers", **TIERS).row("study")["status"] == "met"


def test_who_lacks_two_tiers_counts_once(city, judge):
    """The county has no centre, nor has B: the county's own communities A, B and C hold everybody."""
    complete = frozenset({"party-service-centre", "party-service-centre-county"})
    findings = judge(city(facilities=[centre("a", "A")], complete_for=complete), "tiers", **TIERS)
    whole = findings.row("study")
    assert (whole["status"], whole["value"], whole["deficit"]) == ("short", 0.0, 2.0)
    assert whole["population_short"] == city().inputs.communities.query("inside")["population"].sum()


def test_a_tier_no_source_knows_leaves_the_system_open(city, judge):
    made = city(facilities=[centre("a", "A"), centre("b", "B")])
    findings = judge(made, "tiers", **TIERS)
    assert findings.row("study")["status"] == "no-data"
    assert "no-facilities" in findings.notes("study")
