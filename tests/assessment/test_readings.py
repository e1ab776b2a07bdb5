"""How clauses of the packaged plans are read: each corrected reading on a case worked out by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from tests.assessment.conftest import AssessedStudy

from lifecircle import plans
from lifecircle.assessment import assess
from lifecircle.study.assumptions import Assumptions


@pytest.fixture
def read():
    """Judges a city by one rule of a packaged plan."""

    def judged(city, plan_id, rule_id, **study):
        whole = plans.plan(plan_id)
        one = whole.model_copy(update={"rules": (whole.rule(rule_id),)})
        asked = {"jurisdiction": whole.jurisdiction.code, "as_of": dt.date(2024, 6, 30), **study}
        findings = assess([one], city.inputs, city.travel, Assumptions(), **asked)
        for notes in findings["note"]:
            assert all(note.render(lang) for note in notes for lang in ("zh", "en"))
        return AssessedStudy(findings)

    return judged


def at(service, community="A", **more):
    return {"facility": f"{service}-{community}", "service": service, "community": community, **more}


@pytest.mark.parametrize(
    ("staff", "status", "deficit"),
    [
        ((1, 2), "met", 0),
        ((2, 1), "short", 1),
        ((0, 5), "short", 1),
        ((3, 0), "short", 2),
        ((np.nan, 2), "no-data", None),
    ],
)
def test_two_auxiliaries_do_not_make_up_for_an_officer(city, read, staff, status, deficit):
    staffed = {"A": dict(zip(("police_officers", "auxiliary_police"), staff, strict=True))}
    row = read(city(communities=staffed), "wuhu-2021", "wuhu-police-one-two-auxiliary").row("A")
    assert row["status"] == status
    assert math.isnan(row["deficit"]) if deficit is None else row["deficit"] == deficit


@pytest.mark.parametrize(
    ("ground", "status"),
    [
        ({"sports_area_m2": 1080.0}, "met"),  # 360 people, three square metres each
        ({"sports_area_m2": 1000.0, "site_area_m2": 9000.0}, "short"),
        ({"site_area_m2": 9000.0}, "no-data"),  # the site may hold more than its grounds
        ({"site_area_m2": 1000.0}, "short"),  # not even all of the site would do
    ],
)
def test_the_site_is_an_upper_bound_of_the_ground_that_sport_is_played_on(city, read, ground, status):
    made = city(facilities=[at("sports-ground", **ground)], complete_for=frozenset({"sports-ground"}))
    findings = read(made, "zhuhai-2021", "zhuhai-sport-area-per-capita-3", jurisdiction="M")
    [row] = [row for _, row in findings.table.iterrows() if row["level"] == "city"]
    assert row["status"] == status
    assert (row["target"], row["comparator"]) == (3.0, ">=")


def test_a_charity_station_is_no_charity_shop_and_generally_is_no_test(city, read):
    made = city(
        facilities=[at("charity-station")], complete_for=frozenset({"charity-station", "charity-shop"})
    )
    findings = read(made, "shijiazhuang-2016", "shijiazhuang-charity-station-per-township")
    assert set(findings.table["status"]) == {"report-only"}
    assert [findings.row("T1", name)["value"] for name in ("charity-station", "charity-shop")] == [1.0, 0.0]
    assert (findings.row("T1")["value"], findings.row("T1")["target"]) == (1.0, 2.0)


def test_station_and_shop_have_staff_of_their_own(city, read):
    made = city(facilities=[at("charity-station", staff=2.0), at("charity-shop", staff=1.0)])
    findings = read(made, "shijiazhuang-2016", "shijiazhuang-charity-staff-2-3")
    by_code = findings.table.set_index("code")["status"].to_dict()
    assert (by_code["charity-station-A"], by_code["charity-shop-A"]) == ("met", "short")


@pytest.mark.parametrize(
    ("plan_id", "rule_id", "service"),
    [
        ("shijiazhuang-2016", "shijiazhuang-accessible-facility-network", "community-service-station"),
        ("zhuhai-2021", "zhuhai-accessible-platform-layout", "community-service-station"),
    ],
)
def test_accessible_without_a_number_is_reported_with_its_figure(city, read, plan_id, rule_id, service):
    made = city(minutes={service: [5.0, 20.0] * 3 + [1.0]}, facilities=[at(service)])
    findings = read(made, plan_id, rule_id)
    row = findings.row("A")
    assert (row["status"], row["value"]) == ("report-only", 60.0)
    assert math.isnan(row["target"])
    assert row["criterion"].startswith(">= 90 %")


def test_adjacent_without_a_number_is_reported_under_a_criterion_of_ours(city, read):
    both = [at("health-centre", "A"), {**at("elderly-institution", "A"), "facility": "health-centre-A"}]
    made = city(facilities=both)
    walks = pd.DataFrame({"origin": [], "facility": [], "service": [], "distance_m": [], "minutes": []})
    findings = read(made, "wuhu-2021", "wuhu-health-elderly-adjacency", jurisdiction="", neighbours=walks)
    row = findings.row("health-centre-A")
    assert (row["status"], row["value"], row["criterion"]) == ("report-only", 0.0, "<= 200 m")
    assert math.isnan(row["target"])


def test_errands_inside_the_village_are_generally_done_and_so_reported(city, read):
    made = city(complete_for=frozenset({"community-service-station"}))
    findings = read(made, "shijiazhuang-2016", "shijiazhuang-errands-inside-village")
    assert set(findings.table["status"]) == {"report-only"}


def test_without_the_number_of_older_people_no_verdict_on_them_is_firm(city, read):
    walks = {"home-care": [5.0] * 7}
    made = {"minutes": walks, "facilities": [at("home-care")], "complete_for": frozenset({"home-care"})}
    rule = "zhuhai-2021", "zhuhai-home-care-circle-15min"
    everybody = read(city(**made), *rule).row("A", "home-care")
    assert (everybody["status"], everybody["certainty"]) == ("met", "provisional")
    counted = read(city(**made, cohorts={"over60": [6.0, 4.0, 15, 5, 3, 3, 50]}), *rule).row("A", "home-care")
    assert (counted["population"], counted["certainty"]) == (10.0, "assumed")


def test_a_machine_in_a_community_is_none_of_its_street(city, read):
    """Each community has one, the street has its own, the town none: two shares, judged apart."""
    machines = [at("self-service-terminal", code) for code in "ABC"]
    machines.append(at("self-service-terminal-township", "A"))
    both = frozenset({"self-service-terminal", "self-service-terminal-township"})
    made = city(facilities=machines, complete_for=both)
    findings = read(made, "zhuhai-2021", "zhuhai-yuezhizhu-full-coverage")
    whole = {
        row.service: row.status for row in findings.table.itertuples() if row.code in {"study", "440400"}
    }
    assert whole == {"of-townships": "short", "of-communities": "met", "": "short"}


def test_a_station_that_is_missing_is_no_area_that_is_too_small(city, read):
    """A has a station of 300 m² for its thousand households, B none: B is the presence rule's."""
    made = city(
        facilities=[at("community-service-station", floor_area_m2=300.0)],
        communities={code: {"households": 1000.0} for code in "ABC"},
        complete_for=frozenset({"community-service-station"}),
    )
    area = read(made, "shijiazhuang-2016", "shijiazhuang-area-per-100-households")
    assert area.table.set_index("code").loc[["A", "B"], "status"].tolist() == ["met", "not-applicable"]
    there = read(made, "shijiazhuang-2016", "shijiazhuang-station-per-community")
    assert there.table.set_index("code").loc[["A", "B"], "status"].tolist() == ["met", "short"]


def test_the_third_tier_of_youth_volunteers_is_a_station_in_every_youth_home(city, read):
    homes = [at("youth-home", "A"), at("youth-home", "B"), at("youth-volunteer-station", "A")]
    homes[2]["facility"] = homes[0]["facility"]  # one place under both services
    made = city(facilities=homes, complete_for=frozenset({"youth-home", "youth-volunteer-station"}))
    findings = read(made, "zhuhai-2021", "zhuhai-youth-volunteer-station-per-youth-home")
    by_code = findings.table.set_index("code")
    assert by_code["status"].to_dict()["youth-home-A"] == "met"
    assert by_code["status"].to_dict()["youth-home-B"] == "short"


def test_workers_are_counted_for_the_people_of_the_towns(city, read):
    """18 for 10,000 townspeople are enough, however many villagers there are."""
    county = {"level": "county", "code": "K", "kind": "county", "population": 30_000.0}
    units = [{**county, "population_urban": 10_000.0, "community_workers": 18.0}]
    findings = read(city(units=units), "zhuhai-2021", "zhuhai-community-workers-per-10k")
    assert findings.table["value"].max() == 18.0
    assert set(findings.table["status"]) <= {"met", "context"}
    assert findings.table["population_short"].isna().all(), "staff are missing, not people"


def test_three_functions_under_one_roof(city, read):
    made = city(facilities=[at("embedded-service-complex", functions=2.0, floor_area_m2=600.0)])
    two = read(made, "embedded-services-2023", "embedded-services-complex-functions").table
    row = two[two["code"] == "embedded-service-complex-A"].iloc[0]
    assert (row["status"], row["deficit"], row["deficit_unit"]) == ("short", 1.0, "functions")
    assert row["certainty"] == "provisional", "from a secondary source"


def test_a_complete_community_lacks_what_is_too_small(city, read):
    """A kindergarten of 2,199 m² is none; the deficit of the whole counts the communities without."""
    made = city(
        facilities=[
            at("kindergarten", "A", floor_area_m2=2199.0),
            at("kindergarten", "B", floor_area_m2=2200.0),
        ],
        complete_for=frozenset({"kindergarten"}),
    )
    for plan_id, rule_id in (
        ("complete-community-2020", "complete-community-kindergarten"),
        ("city-checkup-2024", "city-checkup-kindergarten"),
    ):
        findings = read(made, plan_id, rule_id, jurisdiction="")
        assert [findings.row(code, "kindergarten")["status"] for code in "AB"] == ["short", "met"]
        whole = findings.row("study", "kindergarten")
        assert (whole["deficit"], whole["deficit_unit"], whole["certainty"]) == (
            1.0,
            "communities",
            "provisional",
        )


def test_facility_floor_for_a_thousand_people(city, read):
    """B's 200 people are owed 214 m²."""
    floors = {"A": {"supporting_floor_area_m2": 107.0}, "B": {"supporting_floor_area_m2": 200.0}}
    findings = read(
        city(communities=floors), "gb50180-2018", "gb50180-facility-floor-per-1000", jurisdiction=""
    )
    rows = findings.table.set_index("code")
    assert rows.loc[["A", "B"], "status"].tolist() == ["met", "short"]
    assert (rows.loc["B", "deficit"], rows.loc["B", "deficit_unit"]) == (14.0, "m2")


def test_people_concerned_are_one_number_in_every_row_of_a_rule(city, read):
    """Forty of A and fifty of B live beyond 15 minutes: the study's row says ninety."""
    walks = {"sports-ground": [5.0, 20.0, 5.0, 20.0, 5.0, 5.0, 5.0]}
    made = city(minutes=walks, facilities=[at("sports-ground")], complete_for=frozenset({"sports-ground"}))
    findings = read(made, "hainan-2022", "hainan-fitness-circle-15min", jurisdiction="")
    units = findings.table[findings.table["level"] == "community"]
    whole = findings.row("study", "sports-ground")
    assert units["population_short"].sum() == whole["population_short"] == 90.0
    assert "C" not in set(units["code"]), "nobody outside the rule's scope"


def test_a_supplied_life_circle_is_what_the_two_hundred_are_counted_in(city, read):
    rule = plans.plan("hainan-2022").rule("hainan-premium-convenience-circles")
    assert (rule.units, rule.judged_as, rule.target) == (("life-circle",), "whole", 200)
    one = [{"level": "life-circle", "code": "O", "geometry": box(0, 0, 2000, 1000)}]
    findings = read(city(units=one), "hainan-2022", rule.id, covers_whole=True)
    assert "life_circle_people=20000" in findings.table["assumptions"].iloc[0]
    assert findings.row("O")["level"] == "life-circle"
