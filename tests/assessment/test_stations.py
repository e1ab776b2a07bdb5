"""Health stations: three verdicts per catchment and for the study."""

from __future__ import annotations

import math

import pytest

from lifecircle.assessment import catchments
from lifecircle.study.assumptions import Assumptions

S1 = {"facility": "s1", "service": "health-station", "name": "First station"}
S2 = {"facility": "s2", "service": "health-station", "community": "B"}
COMPLETE = frozenset({"health-station"})
# A and the first of B walk to s1, the second of B and X to s2; C is rural and walks to s2 as well.
NEAREST = ["s1", "s1", "s1", "s2", "s2", "s2", "s2"]


def stations(city, people, *, nearest=NEAREST, minutes=None, facilities=(S1, S2), **fields):
    return city(
        minutes={"health-station": minutes or [5.0] * 7},
        nearest={"health-station": nearest},
        facilities=list(facilities),
        people=people,
        **fields,
    )


def test_fifty_five_thousand_people_need_three_stations_and_five_are_useful(city, judge):
    """Fact hn-station-bounds-55000: [3, 5]."""
    made = stations(city, (15000, 15000, 15000, 10000, 900, 900, 0), complete_for=COMPLETE)
    findings = judge(made, "population-per-facility")
    whole = findings.row("study", "by-people")
    assert (whole["value"], whole["target"], whole["status"], whole["deficit"]) == (2.0, 3.0, "short", 1.0)
    assert (whole["certainty"], whole["population"], whole["unit"]) == ("firm", 55000.0, "facilities")
    note = next(n for n in whole["note"] if n.key == "stations-useful")
    assert note.values == {"needed": 3, "useful": 5}


def test_an_overloaded_catchment_is_short_of_whole_stations_and_counts_people_above_capacity(city, judge):
    """45,000 people at one station: two more are needed, 25,000 are above its 20,000."""
    made = stations(city, (15000, 15000, 15000, 10000, 900, 900, 0))
    row = judge(made, "population-per-facility").row("s1", "by-people", level="catchment")
    assert (row["status"], row["value"], row["target"]) == ("short", 45000.0, 20000.0)
    assert (row["deficit"], row["deficit_unit"], row["population_short"]) == (2.0, "facilities", 25000.0)
    assert (row["name"], row["certainty"]) == ("First station", "provisional")


def test_a_small_catchment_is_met_and_noted(city, judge):
    findings = judge(stations(city, (9000, 500, 500, 5000, 0, 0, 0)), "population-per-facility")
    assert findings.row("s2")["status"] == "met"
    assert "station-under" in findings.notes("s2")
    assert "station-under" not in findings.notes("s1", "by-people")


def test_people_beyond_the_boundary_compete_and_villagers_do_not(city, judge):
    findings = judge(stations(city, (100, 0, 100, 5000, 7000, 7000, 18000)), "population-per-facility")
    assert findings.row("s2", "by-people")["value"] == 23000.0
    assert findings.row("study")["population"] == 5200.0


def test_the_scope_of_people_is_tested_alike_on_both_sides_of_the_boundary(city, judge):
    """18,000 people beyond the boundary, of unknown scope, may be villagers: they possibly compete."""
    made = stations(
        city, (100, 0, 100, 5000, 0, 0, 18000), communities={"X": {"scope": ""}}, complete_for=COMPLETE
    )
    by_people = judge(made, "population-per-facility").row("s2", "by-people")
    assert (by_people["status"], by_people["value"]) == ("no-data", 5000.0)


def test_committees_and_people_can_disagree_and_either_is_enough(city, judge):
    """30,000 people of two committees at one station: too many people, not too many committees."""
    made = stations(city, (15000, 0, 15000, 0, 0, 0, 0), complete_for=COMPLETE)
    findings = judge(made, "population-per-facility")
    assert findings.row("s1", "by-people")["status"] == "short"
    committees = findings.row("s1", "by-committees")
    assert (committees["status"], committees["value"], committees["target"]) == ("met", 2.0, 5.0)
    assert committees["unit"] == "communities"
    assert findings.row("s1")["status"] == "met"  # the headline is the clause's "or"
    assert findings.row("s1")["population_short"] == 0.0, "the clause is met: nobody is above its limit"
    assert findings.row("s1", "by-people")["population_short"] == 10_000.0
    assert "people-short-under-either" in findings.notes("s1")


def test_few_people_in_many_committees_pass_by_people_only(city, judge):
    """Two committees where the clause allows one: by people met, by committees short of one station."""
    made = stations(city, (1000, 0, 1000, 0, 0, 0, 0), complete_for=COMPLETE, nearest=["s1"] * 7)
    findings = judge(made, "population-per-facility", committees_min=1, committees_max=1)
    assert findings.row("s1", "by-people")["status"] == "met"
    assert findings.row("s1", "by-committees")["deficit"] == 1.0
    assert findings.row("s1")["status"] == "met"
    assert "people-short-under-either" not in findings.notes("s1")


def test_both_short_is_short_by_the_smaller_number(city, judge):
    made = stations(city, (35000, 0, 30000, 0, 0, 0, 0), complete_for=COMPLETE, nearest=["s1"] * 7)
    findings = judge(made, "population-per-facility", committees_min=1, committees_max=1)
    either = findings.row("s1")
    assert (either["status"], either["deficit"], either["unit"]) == ("short", 1.0, "communities")
    told = next(note for note in either["note"] if note.key == "needed-by-either")
    assert told.values == {"people": 3, "committees": 1}
    assert "1 more by committees, 3 more by people" in told.render("en")


def test_those_far_from_their_station_and_those_without_are_listed(city, judge):
    minutes = [5.0, 20.0, 15.0, math.inf, 5.0, 5.0, 5.0]
    nearest = ["s1", "s1", "s1", "", "s2", "s2", "s2"]
    findings = judge(
        stations(city, (60, 40, 150, 50, 30, 30, 0), minutes=minutes, nearest=nearest),
        "population-per-facility",
    )
    far = next(n for n in findings.row("s1")["note"] if n.key == "beyond-minutes")
    assert far.values["residents"] == 40.0
    assert "unreached" in findings.notes("study")
    assert findings.row("study")["population_short"] == 0.0, "there are enough stations; the note names them"


def test_a_station_that_is_nobodys_nearest_is_not_applicable(city, judge):
    made = stations(city, (60, 40, 150, 50, 30, 30, 0), nearest=["s1"] * 7)
    assert judge(made, "population-per-facility").row("s2")["status"] == "not-applicable"


def test_no_ledger_is_no_data_and_an_empty_complete_one_is_short(city, judge):
    assert judge(city(), "population-per-facility").row("study")["status"] == "no-data"
    row = judge(city(complete_for=COMPLETE), "population-per-facility").row("study")
    assert (row["status"], row["deficit"], row["population_short"]) == ("short", 1.0, 300.0)


def test_stations_outside_the_boundary_serve_but_do_not_count(city, judge):
    outside = {**S2, "inside": False, "community": "X"}
    made = stations(city, (15000, 5000, 15000, 15000, 0, 0, 0), facilities=(S1, outside))
    findings = judge(made, "population-per-facility")
    assert findings.row("study")["value"] == 1.0
    assert findings.row("s1", "by-people")["value"] == 35000.0
    assert "s2" not in set(findings.table["code"])


def test_a_health_centre_counts_as_a_station_where_the_study_says_so(city, judge):
    made = city(
        minutes={"health-station": [9.0] * 7, "health-centre": [5.0] * 3 + [30.0] * 4},
        nearest={"health-station": ["s1"] * 7, "health-centre": ["c"] * 7},
        facilities=[S1, {"facility": "c", "service": "health-centre"}],
    )
    assumed = Assumptions(centre_counts_as_station=True)
    findings = judge(made, "population-per-facility", assumptions=assumed)
    assert findings.row("study")["value"] == 2.0
    assert findings.row("c")["value"] == 250.0
    assert "c" not in set(judge(made, "population-per-facility").table["code"])


def test_the_studys_own_numbers_replace_the_clauses(city, judge):
    made = stations(city, (60, 40, 150, 50, 30, 30, 0))
    findings = judge(made, "population-per-facility", assumptions=Assumptions(station_people=(50, 100)))
    assert findings.row("study", "by-people")["target"] == 3.0
    assert "station_people=50,100" in findings.row("study")["assumptions"]


@pytest.mark.parametrize(("unknown", "status"), [(100.0, "met"), (15000.0, "no-data")])
def test_people_of_unknown_scope_leave_open_what_they_would_change(city, judge, unknown, status):
    """30,000 people need both stations; with B's 15,000 of unknown scope they would need a third."""
    made = stations(city, (30000, 0, unknown, 0, 0, 0, 0), communities={"B": {"scope": ""}})
    assert judge(made, "population-per-facility").row("study", "by-people")["status"] == status


def test_cells_of_a_grid_are_no_committees(city, judge):
    cells = {code: {"kind": "cell", "scope": ""} for code in "ABC"}
    findings = judge(
        stations(city, (60, 40, 150, 50, 30, 30, 0), communities=cells), "population-per-facility"
    )
    assert findings.row("study")["population"] == 360.0
    assert findings.row("study", "by-committees")["status"] == "not-applicable"
    assert findings.row("study")["status"] == "met"


def test_an_own_plan_may_name_only_the_most_people(city, judge):
    made = stations(city, (60, 40, 150, 50, 30, 30, 0), complete_for=COMPLETE)
    fields = {
        "comparator": "<=",
        "target": 120,
        "target_max": None,
        "committees_min": None,
        "committees_max": None,
    }
    findings = judge(made, "population-per-facility", **fields)
    assert set(findings.table["service"]) == {""}
    assert findings.row("study")["target"] == 3.0


def test_the_catchment_table_lists_every_open_station_inside_and_those_outside_that_serve(city, plan_of):
    outside = [{**S2, "facility": name, "inside": False} for name in ("s2", "s3")]
    idle, shut = {**S1, "facility": "s4"}, {**S1, "facility": "s5", "public": False}
    made = stations(city, (60, 40, 150, 50, 30, 30, 500), facilities=(S1, *outside, idle, shut))
    catchment_table = catchments(
        made.inputs, made.travel, [plan_of("population-per-facility")], Assumptions()
    )
    assert catchment_table["facility"].tolist() == ["s1", "s2", "s4"]
    assert catchment_table["residents"].tolist() == [250.0, 550.0, 0.0]
    assert catchment_table["communities"].tolist() == [2.0, 1.0, 0.0]
    assert catchments(made.inputs, made.travel, [], Assumptions()).empty
