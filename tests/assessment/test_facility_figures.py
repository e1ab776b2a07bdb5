"""What facilities are, by hand: area, hours, staff, marks; and totals, grids and reported figures."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from shapely.geometry import box

STATION = "community-service-station"
AREA = {"units": ["facility"], "scope": "both", "services": [STATION], "comparator": ">=", "target": 300,
        "unit": "m2"}  # fmt: skip


def station(name, community="A", **figures):
    return {"facility": name, "service": STATION, "community": community, **figures}


def test_the_least_floor_area_of_every_facility(city, judge):
    made = city(
        facilities=[station("a", floor_area_m2=300.0), station("b", floor_area_m2=250.0), station("c")]
    )
    findings = judge(made, "minimum-facility-area", **AREA)
    assert [findings.row(code, STATION)["status"] for code in "abc"] == ["met", "short", "no-data"]
    assert (findings.row("b", STATION)["deficit"], findings.row("b", STATION)["level"]) == (50.0, "facility")
    study = findings.row("study", STATION)
    assert (study["status"], study["deficit"], study["certainty"]) == ("short", 1.0, "firm")


def test_the_site_is_not_the_floor(city, judge):
    made = city(facilities=[station("a", floor_area_m2=100.0, site_area_m2=300.0)])
    assert judge(made, "minimum-facility-area", area="site", **AREA).row("a", STATION)["status"] == "met"


def test_a_mean_is_no_minimum(city, judge):
    """100 and 520 m2 are 310 on average: the mean passes, though one facility is small."""
    made = city(facilities=[station("a", "C", floor_area_m2=100.0), station("b", "C", floor_area_m2=520.0),
                            station("u", "A", floor_area_m2=1.0)])  # fmt: skip
    rule = {**AREA, "units": ["city"], "scope": "rural", "comparator": ">", "judged": "together"}
    findings = judge(made, "minimum-facility-area", **rule)
    assert (findings.row("study", STATION)["value"], findings.row("study", STATION)["status"]) == (
        310.0,
        "met",
    )
    assert findings.row("a", STATION)["status"] == "context"
    assert "u" not in set(findings.table["code"])


def test_what_was_built_before_the_plan_is_not_judged(city, judge):
    made = city(facilities=[station("old", floor_area_m2=1.0, built_year=2010.0),
                            station("new", floor_area_m2=1.0, built_year=2022.0),
                            station("who", floor_area_m2=1.0)])  # fmt: skip
    findings = judge(made, "minimum-facility-area", built_since=2022, **AREA)
    statuses = [findings.row(code, STATION)["status"] for code in ("old", "new", "who")]
    assert statuses == ["not-applicable", "short", "no-data"]


def test_hours_a_day_and_days_a_week(city, judge):
    made = city(facilities=[station("a", open_hours_per_day=7.5, open_days_per_week=6.0)])
    hours = judge(made, "opening-hours", **{**AREA, "target": 8, "unit": "h/day"}).row("a", STATION)
    days = judge(made, "opening-hours", **{**AREA, "target": 7, "unit": "days/week"}).row("a", STATION)
    assert (hours["value"], hours["deficit"]) == (7.5, 0.5)
    assert (days["value"], days["deficit"]) == (6.0, 1.0)


def test_hours_are_reported_where_the_clause_names_none(city, judge):
    rule = {**AREA, "comparator": "none", "target": None, "unit": "h/day"}
    findings = judge(city(facilities=[station("a", open_hours_per_day=9.0)]), "opening-hours", **rule)
    assert (findings.row("a", STATION)["status"], findings.row("a", STATION)["value"]) == ("report-only", 9.0)


@pytest.mark.parametrize(("staff", "status", "deficit"), [(1, "short", 1), (2, "met", 0), (5, "met", 0)])
def test_two_to_three_staff(city, judge, staff, status, deficit):
    rule = {**AREA, "comparator": "range", "target": 2, "target_max": 3, "unit": "persons/facility"}
    made = city(facilities=[station("a", staff=float(staff))])
    row = judge(made, "figure-per-facility", column="staff", **rule).row("a", STATION)
    assert (row["status"], row["deficit"]) == (status, deficit)


MARK = {**AREA, "column": "volunteer_station", "listed_as": ["volunteer-station"], "target": 80, "unit": "%"}


def test_a_share_of_facilities_counts_facilities_not_communities(city, judge):
    """Four in A are marked, one in B is not: 4 of 5 facilities are 80 %, 1 of 2 communities would be 50."""
    rows = [station(f"a{n}", "A", volunteer_station=True) for n in range(4)]
    made = city(facilities=[*rows, station("b", "B", volunteer_station=False)])
    findings = judge(made, "share-of-facilities", **MARK)
    assert (findings.row("study", STATION)["value"], findings.row("study", STATION)["status"]) == (
        80.0,
        "met",
    )
    strict = judge(made, "share-of-facilities", **{**MARK, "comparator": ">"}).row("study", STATION)
    assert (strict["status"], strict["deficit"], strict["deficit_unit"]) == ("short", 1.0, "facilities")


def test_a_listing_is_a_mark_and_a_complete_list_without_it_is_none(city, judge):
    rows = [station("a"), {"facility": "a", "service": "volunteer-station", "community": "A"}, station("b")]
    unknown = judge(city(facilities=rows), "share-of-facilities", **MARK)
    assert [unknown.row(code, STATION)["status"] for code in "ab"] == ["context", "no-data"]
    complete = city(facilities=rows, complete_for=frozenset({"volunteer-station"}))
    assert judge(complete, "share-of-facilities", **MARK).row("b", STATION)[["status", "value"]].tolist() == [
        "context", 0.0,
    ]  # fmt: skip


COUNT = {"units": ["community"], "scope": "both", "services": [STATION], "counts": "facilities",
         "of_level": "city", "comparator": "=", "target": 2, "unit": "facilities"}  # fmt: skip
WHOLE = {"covers_whole": True}


def test_a_total_of_another_jurisdiction_is_not_applicable_and_counted(city, judge):
    row = judge(city(facilities=[station("a")]), "count-target", **COUNT).row("study", STATION)
    assert (row["status"], row["value"]) == ("not-applicable", 1.0)


def test_additions_are_counted_on_top_of_the_baseline(city, judge):
    """1 + 2 added are 3; two are there."""
    made = city(facilities=[station("a"), station("b", "B")], complete_for=frozenset({STATION}))
    rule = {**COUNT, "adds": True, "baseline": 1.0}
    row = judge(made, "count-target", study=WHOLE, **rule).row("study", STATION)
    assert (row["target"], row["value"], row["deficit"], row["certainty"]) == (3.0, 2.0, 1.0, "firm")


def test_where_the_plan_does_not_say_how_many_there_were_the_year_of_building_tells(city, judge):
    made = city(facilities=[station("a", built_year=2015.0), station("b", built_year=2016.0), station("c")])
    rule = {**COUNT, "adds": True, "built_since": 2016}
    row = judge(made, "count-target", study=WHOLE, **rule).row("study", STATION)
    assert row["status"] == "no-data"
    enough = judge(made, "count-target", study=WHOLE, **{**rule, "target": 1}).row("study", STATION)
    assert (enough["status"], enough["value"]) == ("met", 1.0)


def test_only_stations_of_the_countryside_are_rural_stations(city, judge):
    made = city(facilities=[station("a", "A"), station("c", "C")])
    rule = {**COUNT, "units": ["village"], "scope": "rural", "target": 1}
    assert judge(made, "count-target", study=WHOLE, **rule).row("study", STATION)["value"] == 1.0


@pytest.mark.parametrize(("counts", "value"), [("units-with", 1.0), ("units-without", 1.0)])
def test_communities_at_and_below_300_m2(city, judge, counts, value):
    made = city(
        facilities=[station("a", "A", floor_area_m2=300.0), station("b", "B", floor_area_m2=299.0)],
        complete_for=frozenset({STATION}),
    )
    rule = {**COUNT, "counts": counts, "scope": "urban", "unit": "communities", "min_floor_area_m2": 300}
    assert judge(made, "count-target", study=WHOLE, **rule).row("study", STATION)["value"] == value


def test_units_and_people_are_counted_too(city, judge):
    made = city(communities={code: {"community_workers": 5.0} for code in "ABC"})
    rule = {**COUNT, "services": [], "units": ["community", "village"]}
    units = judge(made, "count-target", study=WHOLE, **{**rule, "counts": "units", "unit": "units"})
    assert units.row("study")["value"] == 3.0
    people = {**rule, "counts": "column", "column": "community_workers", "unit": "persons"}
    assert judge(made, "count-target", study=WHOLE, **people).row("study")["value"] == 15.0
    blank = city(communities={"A": {"community_workers": 5.0}})
    assert (
        judge(blank, "count-target", study=WHOLE, **{**people, "target": 9}).row("study")["status"]
        == "no-data"
    )


def test_a_baseline_is_reported_whatever_is_counted(city, judge):
    rule = {**COUNT, "role": "baseline"}
    for study in ({}, WHOLE):
        row = judge(city(facilities=[station("a")]), "count-target", study=study, **rule).row(
            "study", STATION
        )
        assert row["status"] == "report-only"


SIZE = {"units": ["grid"], "scope": "urban", "comparator": "~", "target": 500, "unit": "households/grid"}


def grid(code, west, east):
    return {"level": "grid", "code": code, "geometry": box(west, 0, east, 1000)}


@pytest.mark.parametrize(
    ("households", "status", "deficit"),
    [(1200, "met", 0), (1249, "met", 0), (1250, "short", 1), (10, "met", 0)],
)
def test_a_nominal_size_asks_for_the_rounded_number_of_grids(city, judge, households, status, deficit):
    """1,200 households at 500 are 2 grids of 600; 1,250 are 2.5, rounded to 3."""
    made = city(
        communities={"A": {"households": float(households)}, "B": {"households": 100.0}},
        units=[grid("g1", 0, 500), grid("g2", 500, 1000), grid("g3", 1000, 2000)],
    )
    row = judge(made, "household-grid-partition", **SIZE).row("A")
    assert (row["status"], row["deficit"], row["deficit_unit"]) == (status, deficit, "grids")
    assert row["value"] == households / 2


def test_without_a_layer_of_grids_there_is_no_data(city, judge):
    findings = judge(city(), "household-grid-partition", **SIZE)
    assert findings.row("study")["status"] == "no-data"
    assert findings.notes("study") == {"missing-layer"}


COVERAGE = {"units": ["community", "village"], "scope": "both", "comparator": "=", "target": 100, "unit": "%"}


def test_a_gap_and_an_overlap_both_miss_full_coverage(city, judge):
    """A is halved; B has a gap of 100 m by 1 km; in C two grids share 200 m by 1 km."""
    units = [grid("a1", 0, 500), grid("a2", 500, 1000), grid("b", 1100, 2000), grid("c1", 2000, 2600),
             grid("c2", 2400, 3000)]  # fmt: skip
    findings = judge(city(units=units), "grid-coverage", **COVERAGE)
    assert [findings.row(code)["value"] for code in "ABC"] == pytest.approx([100.0, 90.0, 80.0])
    assert [findings.row(code)["deficit"] for code in "ABC"] == pytest.approx([0.0, 100_000.0, 200_000.0])
    assert findings.row("study")["deficit"] == 2.0


def test_borders_drawn_twice_are_not_a_gap(city, judge):
    units = [grid("a", 0.3, 1000), grid("b", 1000, 2000), grid("c", 2000, 3000)]
    assert judge(city(units=units), "grid-coverage", **COVERAGE).row("A")["status"] == "met"


METRIC = {"units": ["city"], "scope": "both", "comparator": ">=", "target": 85, "unit": "%"}


def reported(value, *, code="", year=math.nan, rule="r"):
    return {"rule": rule, "code": code, "year": float(year), "value": float(value)}


def test_a_programme_metric_is_known_from_reports_only(city, judge):
    assert judge(city(), "indicator", **METRIC).row("study")["status"] == "no-data"
    other = city(indicators=[reported(99, rule="another")])
    assert judge(other, "indicator", **METRIC).row("study")["status"] == "no-data"
    row = judge(city(indicators=[reported(80)]), "indicator", **METRIC).row("study")
    assert (row["status"], row["value"], row["deficit"]) == ("short", 80.0, 5.0)


def test_the_latest_year_that_has_come_counts(city, judge):
    made = city(indicators=[reported(70, year=2023), reported(90, year=2024), reported(10, year=2025)])
    row = judge(made, "indicator", study={"as_of": dt.date(2024, 12, 31)}, **METRIC).row("study")
    assert (row["value"], row["status"]) == (90.0, "met")


def test_values_of_other_places_stand_beside_the_study_s(city, judge):
    made = city(indicators=[reported(90, code="440400"), reported(70, code="K")])
    findings = judge(made, "indicator", study={"jurisdiction": "440400"}, **METRIC)
    assert (findings.row("440400")["status"], findings.row("K")["status"], findings.row("K")["level"]) == (
        "met", "context", "county",
    )  # fmt: skip


def test_values_of_the_city_judged_by_its_name_are_the_study_s_also_under_its_code(city, judge):
    made = city(
        units=[{"level": "city", "code": "9901", "name": "Town"}],
        indicators=[reported(90, year=2024, code="9901"), reported(70, year=2023)],
    )
    findings = judge(made, "indicator", study={"jurisdiction": "Town"}, **METRIC)
    assert findings.table[["level", "code", "value"]].to_numpy().tolist() == [["city", "9901", 90.0]]


def test_a_total_of_the_province_is_not_the_city_s_to_reach(city, judge):
    made = city(indicators=[reported(3)])
    rule = {**METRIC, "target": 130, "unit": "organisations", "of_level": "province"}
    assert judge(made, "indicator", **rule).row("study")["status"] == "not-applicable"
    row = judge(made, "indicator", study=WHOLE, **rule).row("study")
    assert (row["status"], row["deficit"]) == ("short", 127.0)


def test_a_baseline_metric_is_a_fact_of_the_plan(city, judge):
    assert judge(city(), "indicator", role="baseline", **METRIC).row("study")["status"] == "report-only"


@pytest.mark.parametrize(
    ("value", "pace"), [(60, "pace-behind"), (70, "pace-on-track"), (84, "pace-on-track")]
)
def test_pace_is_read_off_the_straight_line(city, judge, value, pace):
    """From 55 at the end of 2022 to 85 at the end of 2025; half way at mid-2024 they would be at 70."""
    made = city(indicators=[reported(value)])
    findings = judge(
        made, "indicator", baseline=55.0, baseline_year=2022, target_year=2025,
        study={"as_of": dt.date(2024, 6, 30)}, **METRIC,
    )  # fmt: skip
    assert pace in findings.notes("study")


def test_a_pace_is_told_in_one_phrase_and_no_figure_reads_as_its_target(city, judge):
    """84.996 of 85 is not met: with one decimal it would read as if it were."""
    made = city(indicators=[reported(84.996)])
    figures = {"baseline": 55.0, "baseline_year": 2022, "target_year": 2025}
    row = judge(made, "indicator", study={"as_of": dt.date(2024, 6, 30)}, **figures, **METRIC).row("study")
    [note] = [one for one in row["note"] if one.key.startswith("pace-")]
    assert (note.values["value"], note.values["target"]) == ("84.996%", "85%")
    assert note.render("zh").startswith("尚未达标，但进度正常")
    assert note.render("en").startswith("not met yet, but on schedule")


@pytest.mark.parametrize("as_of", [dt.date(2024, 6, 30), None])
def test_progress_is_told_only_where_baseline_and_present_figure_are_counted_alike(city, judge, as_of):
    """55 of 85 at the beginning, 70 now: halfway, by a report; by a count of ours nobody can tell."""
    figures = {"baseline": 55.0, "baseline_year": 2022, "target_year": 2025}
    study = {"as_of": as_of}
    reports = city(indicators=[reported(70)])
    row = judge(reports, "indicator", study=study, **figures, **METRIC).row("study")
    assert row["progress"] == pytest.approx(15 / 30)
    assert "pace-unknown" not in {note.key for note in row["note"]}
    counted = city(facilities=[{"facility": "t", "service": "library", "community": "A"}],
                   complete_for=frozenset({"library"}))  # fmt: skip
    rule = {"services": ["library"], "comparator": ">=", "target": 85.0, "unit": "%", "binding": "whole"}
    row = judge(counted, "coverage-share-of-areas", study=study, **figures, **rule).row("study", "library")
    assert (row["status"], row["value"]) == ("short", pytest.approx(100 / 3))
    assert (row["baseline"], math.isnan(row["progress"])) == (55.0, True)
    assert not {note.key for note in row["note"]} & {"pace-on-track", "pace-behind"}
    # below the baseline there is no way either: that too would set one count against another
    assert "pace-unknown" in {note.key for note in row["note"]}


def test_a_deadline_before_the_day_of_issue_is_judged_as_of_then(city, judge):
    """The plan is of 1 January 2022."""
    made = city(indicators=[reported(1)])
    findings = judge(made, "indicator", target_year=2021, study={"as_of": dt.date(2022, 1, 1)}, **METRIC)
    assert "deadline-before-issue" in findings.notes("study")
