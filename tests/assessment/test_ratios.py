"""Ratios by hand: floor area and places per people, shares of floor area, figures of a ledger of areas."""

from __future__ import annotations

import math

import pytest

CENTRE = "community-service-facility"
COMPLETE = frozenset({CENTRE, "community-service-station", "childcare", "sports-ground"})
AREA = {"units": ["community", "village"], "scope": "both", "services": [CENTRE], "comparator": ">=",
        "target": 30, "unit": "m2/100hh", "binding": "unit"}  # fmt: skip
STATION = {**AREA, "services": ["community-service-station"], "target": 20,
           "least_area_m2": 300}  # fmt: skip


def homes(**households):
    return {code: {"households": float(count)} for code, count in households.items()}


def centre(name, community, **figures):
    return {"facility": name, "service": CENTRE, "community": community, **figures}


def test_floor_area_per_hundred_households_by_hand(city, judge):
    """A: 300 m2 for 1,000 households are 30; B: 100 + 50 for 1,000 are 15, 150 m2 short; C has nothing.

    Together: 450 m2 for 2,500 households are 18, and 750 are needed. Bringing B, or C, to 30 adds 150 m2, or
    6 m2 for every hundred of the 2,500.
    """
    made = city(
        facilities=[
            centre("a", "A", floor_area_m2=300.0),
            centre("b", "B", floor_area_m2=100.0),
            centre("c", "B", floor_area_m2=50.0),
        ],
        complete_for=COMPLETE,
        communities=homes(A=1000, B=1000, C=500),
    )
    each = judge(made, "area-per-100-households", **AREA, baseline=10.0)
    assert [each.row(code, CENTRE)["status"] for code in "ABC"] == ["met", "short", "short"]
    assert [each.row(code, CENTRE)["deficit"] for code in "ABC"] == [0.0, 150.0, 150.0]
    assert (each.row("B", CENTRE)["deficit_unit"], each.row("B", CENTRE)["population_short"]) == ("m2", 200.0)
    whole = judge(made, "area-per-100-households", **{**AREA, "binding": "whole"}, baseline=10.0)
    rows = {code: whole.row(code, CENTRE) for code in ("A", "B", "C", "study")}
    assert {code: row["status"] for code, row in rows.items()} == {
        "A": "context", "B": "context", "C": "context", "study": "short",
    }  # fmt: skip
    assert [rows[code]["value"] for code in ("A", "B", "C", "study")] == [30.0, 15.0, 0.0, 18.0]
    assert rows["study"]["deficit"] == 300.0
    assert all(math.isnan(rows[code][name]) for code in "ABC" for name in ("deficit", "population_short"))
    assert [rows[code]["contribution"] for code in "ABC"] == [0.0, 6.0, 6.0]
    assert math.isnan(rows["study"]["progress"]), "the plan counts its baseline by a definition of its own"
    assert rows["study"]["certainty"] == "firm"


@pytest.mark.parametrize(
    ("households", "floor_area_m2", "deficit"),
    [(800, 300, 0), (800, 299, 1), (1500, 300, 0), (1501, 300, 0.2), (2000, 300, 100), (2000, 400, 0)],
)
def test_shijiazhuang_needs_300_m2_up_to_1500_households_and_a_fifth_of_them_above(
    city, judge, households, floor_area_m2, deficit
):
    station = {"facility": "s", "service": "community-service-station", "community": "A",
               "floor_area_m2": float(floor_area_m2)}  # fmt: skip
    made = city(facilities=[station], complete_for=COMPLETE, communities=homes(A=households, B=1, C=1))
    row = judge(made, "area-per-100-households", **STATION).row("A", "community-service-station")
    assert row["deficit"] == pytest.approx(deficit)
    assert row["status"] == ("short" if deficit else "met")


def test_a_facility_that_does_not_say_its_area_leaves_open_only_what_it_could_change(city, judge):
    made = city(
        facilities=[centre("a", "A", floor_area_m2=300.0), centre("x", "A"), centre("b", "B")],
        complete_for=COMPLETE,
        communities=homes(A=1000, B=1000, C=1),
    )
    findings = judge(made, "area-per-100-households", **AREA)
    assert (findings.row("A", CENTRE)["status"], findings.row("B", CENTRE)["status"]) == ("met", "no-data")
    assert findings.notes("B", CENTRE) == {"missing-column"}
    assert (
        judge(made, "area-per-100-households", **{**AREA, "binding": "whole"}).row("study", CENTRE)["status"]
        == "no-data"
    )


def test_no_households_column_names_the_column_and_no_household_is_not_applicable(city, judge):
    made = city(
        facilities=[centre("a", "A", floor_area_m2=1.0)], complete_for=COMPLETE, communities=homes(A=0)
    )
    findings = judge(made, "area-per-100-households", **AREA)
    assert findings.row("A", CENTRE)["status"] == "not-applicable"
    blank = findings.row("B", CENTRE)
    assert blank["status"] == "no-data"
    assert [note.values["column"] for note in blank["note"]] == ["communities.households"]


def test_a_list_that_is_not_complete_makes_a_shortfall_provisional(city, judge):
    made = city(facilities=[centre("a", "A", floor_area_m2=10.0)], communities=homes(A=100, B=100, C=100))
    assert judge(made, "area-per-100-households", **AREA).row("A", CENTRE)["certainty"] == "provisional"


def test_facilities_nobody_lists_are_no_data(city, judge):
    row = judge(city(communities=homes(A=1, B=1, C=1)), "area-per-100-households", **AREA).row(
        "study", CENTRE
    )
    assert row["status"] == "no-data"


PLACES = {"units": ["county"], "scope": "both", "services": ["childcare"], "comparator": ">=",
          "target": 4.5, "unit": "places/1000", "binding": "unit"}  # fmt: skip


@pytest.mark.parametrize(("capacity", "deficit"), [(45, 0), (44, 1), (0, 45), (44.9, 1)])
def test_places_per_thousand_residents_are_whole_places(city, judge, capacity, deficit):
    """10,000 residents at 4.5 per 1,000 need 45 places."""
    nursery = {"facility": "n", "service": "childcare", "community": "A", "capacity": float(capacity)}
    county = {"level": "county", "code": "K", "population": 10_000.0}
    made = city(facilities=[nursery], complete_for=COMPLETE, units=[county])
    row = judge(made, "capacity-per-1000-population", **PLACES).row("K", "childcare")
    assert (row["deficit"], row["deficit_unit"]) == (deficit, "places")


def test_the_city_s_own_row_is_the_verdict_where_it_is_the_place_judged(city, judge):
    ground = {"facility": "g", "service": "sports-ground", "community": "B", "site_area_m2": 900.0}
    made = city(facilities=[ground], complete_for=COMPLETE)
    rule = {**PLACES, "services": ["sports-ground"], "units": ["city", "county"], "target": 3.0,
            "binding": "whole", "unit": "m2/person"}  # fmt: skip
    findings = judge(made, "area-per-person", study={"jurisdiction": "M"}, **rule)
    row = findings.row("M", "sports-ground")
    assert (row["value"], row["status"], row["deficit"]) == (2.5, "short", 180.0)
    assert set(findings.table["code"]) == {"M", "K"}


@pytest.mark.parametrize(
    ("comparator", "part", "status", "deficit"),
    [(">=", 1000, "met", 0), (">", 1000, "short", 1), (">", 1001, "met", 0), (">=", 940, "short", 60)],
)
def test_ten_per_cent_is_at_least_ten_but_not_more_than_ten(  # noqa: PLR0917 - two fixtures, four values
    city, judge, comparator, part, status, deficit
):
    ledger = {"commercial_service_area_m2": float(part), "total_floor_area_m2": 10_000.0}
    made = city(communities={"A": ledger})
    row = judge(
        made, "area-share", units=["community"], scope="urban", of="areas", comparator=comparator,
        part="commercial_service_area_m2", whole="total_floor_area_m2", target=10, unit="%", binding="unit",
    ).row("A")  # fmt: skip
    assert (row["status"], row["deficit"], row["deficit_unit"]) == (status, deficit, "m2")


ACTIVITY = {"units": ["community", "village"], "scope": "both", "of": "facilities", "services": [CENTRE],
            "part": "activity_area_m2", "whole": "floor_area_m2", "comparator": ">=", "target": 60,
            "unit": "%"}  # fmt: skip


def test_activity_area_is_a_share_of_all_floor_area_not_a_mean_of_shares(city, judge):
    """80 of 100 and 10 of 300: 90 of 400 are 22.5 %, though the mean of the shares is over 40 %."""
    made = city(
        facilities=[
            centre("a", "A", floor_area_m2=100.0, activity_area_m2=80.0),
            centre("b", "B", floor_area_m2=300.0, activity_area_m2=10.0),
        ],
        complete_for=COMPLETE,
    )
    findings = judge(made, "area-share", **ACTIVITY)
    assert findings.row("A", CENTRE)["value"] == pytest.approx(80.0)
    assert findings.row("study", CENTRE)["value"] == pytest.approx(22.5)
    assert findings.row("study", CENTRE)["deficit"] == pytest.approx(150.0)
    assert findings.row("C", CENTRE)["status"] == "not-applicable"


def test_a_share_of_140_per_cent_is_no_figure(city, judge):
    made = city(facilities=[centre("a", "A", floor_area_m2=100.0, activity_area_m2=140.0)])
    findings = judge(made, "area-share", **ACTIVITY)
    assert findings.row("A", CENTRE)["status"] == "no-data"
    assert math.isnan(findings.row("A", CENTRE)["value"])
    assert findings.notes("A", CENTRE) == {"impossible-share"}


def test_eighteen_workers_for_ten_thousand_of_the_towns(city, judge):
    """K: 30 for 20,000 townspeople are 15; 36 are needed. The 25,000 residents in all do not matter.

    The figure is an average: the county is context, and six more workers would add 3 for every 10,000.
    """
    county = {"level": "county", "code": "K", "population": 25_000.0, "population_urban": 20_000.0,
              "community_workers": 30.0}  # fmt: skip
    findings = judge(
        city(units=[county]), "staff-per-10000-population", units=["county"], scope="urban",
        column="community_workers", comparator=">=", target=18, unit="persons/10k",
    )  # fmt: skip
    row = findings.row("study")
    assert (row["value"], row["deficit"], row["deficit_unit"]) == (15.0, 6.0, "persons")
    assert (row["certainty"], row["population"]) == ("firm", 20_000.0)
    assert math.isnan(row["population_short"])  # staff are missing, nobody in particular is short of them
    assert findings.row("K")[["status", "value", "contribution"]].tolist() == ["context", 15.0, 3.0]


ORGANISATIONS = {"units": ["community"], "scope": "urban", "column": "social_organisations",
                 "comparator": ">=", "target": 12, "unit": "organisations"}  # fmt: skip


def test_twelve_organisations_in_every_community_and_the_share_that_has_them(city, judge):
    made = city(communities={"A": {"social_organisations": 12.0}, "B": {"social_organisations": 9.0}})
    findings = judge(made, "figure-per-area", **ORGANISATIONS)
    assert [findings.row(code)["deficit"] for code in "AB"] == [0.0, 3.0]
    study = findings.row("study")
    assert (study["value"], study["target"], study["unit"], study["deficit"]) == (50.0, 100.0, "%", 1.0)


def test_a_mean_over_areas_is_judged_together(city, judge):
    """Workers: 10 and 15 are 12.5 a community."""
    made = city(communities={"A": {"community_workers": 10.0}, "B": {"community_workers": 15.0}})
    rule = {**ORGANISATIONS, "column": "community_workers", "unit": "persons/community", "target": 11.2}
    row = judge(made, "figure-per-area", judged="together", **rule).row("study")
    assert (row["value"], row["status"]) == (12.5, "met")


@pytest.mark.parametrize(("persons", "deficit"), [(50, 0), (49, 1)])
def test_one_person_for_every_twenty_households(city, judge, persons, deficit):
    """1,000 households need 50."""
    made = city(communities={"A": {"households": 1000.0, "legal_literate_persons": float(persons)}})
    row = judge(
        made, "figure-per-area", units=["community"], scope="urban", column="legal_literate_persons",
        per="households", per_number=20, comparator=">=", target=1, unit="persons/20hh",
    ).row("A")  # fmt: skip
    assert row["deficit"] == deficit


@pytest.mark.parametrize(("staff", "status", "notes"), [
    (0, "short", set()), (1, "met", set()), (3, "met", set()), (4, "met", {"above-range"}),
])  # fmt: skip
def test_one_to_three_grid_workers(city, judge, staff, status, notes):
    grid = {"level": "grid", "code": "G1", "staff": float(staff)}
    findings = judge(
        city(units=[grid]), "figure-per-area", units=["grid"], scope="both", column="staff",
        comparator="range", target=1, target_max=3, unit="persons/grid",
    )  # fmt: skip
    assert findings.row("G1")["status"] == status
    assert findings.notes("G1") == notes


ADVISER = {"units": ["community", "village"], "scope": "both", "column": "legal_adviser", "comparator": "=",
           "target": 100, "unit": "%"}  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "status"),
    [((True, True, True), "met"), ((True, False, True), "short"), ((True, None, True), "no-data"),
     ((True, None, False), "short")],
)  # fmt: skip
def test_a_share_of_areas_that_bear_a_mark_follows_the_interval_rule(city, judge, marks, status):
    made = city(communities={code: {"legal_adviser": mark} for code, mark in zip("ABC", marks, strict=True)})
    assert judge(made, "attribute-share-of-areas", **ADVISER).row("study")["status"] == status


def test_a_number_counts_as_a_mark_where_there_is_one_of_them(city, judge):
    made = city(
        communities={"A": {"social_workers": 2.0}, "B": {"social_workers": 0.0}, "C": {"social_workers": 1.0}}
    )
    findings = judge(
        made, "attribute-share-of-areas", **{**ADVISER, "column": "social_workers", "target": 60}
    )
    assert findings.row("study")["value"] == pytest.approx(200 / 3)
    assert [findings.row(code)["value"] for code in "ABC"] == [1.0, 0.0, 1.0]
    assert {findings.row(code)["status"] for code in "ABC"} == {"context"}
