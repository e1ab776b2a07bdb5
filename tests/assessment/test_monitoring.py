"""The officer's forms, row by row on the city that can be judged by hand."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from shapely.geometry import box

from lifecircle.assessment import assess, circle_sheet, complete_communities, monitoring_table, problem_ledger
from lifecircle.assessment.context import Context
from lifecircle.assessment.problems import township_of_places
from lifecircle.plans import plan
from lifecircle.study.assumptions import Assumptions

AS_OF = dt.date(2024, 6, 30)


def judged(made, plans):
    return assess(
        plans, made.inputs, made.travel, Assumptions(), as_of=AS_OF, jurisdiction="46", covers_whole=True
    )


def one_of(plan_id, *rule_ids):
    whole = plan(plan_id)
    return whole.model_copy(update={"rules": tuple(whole.rule(name) for name in rule_ids)})


def test_every_reported_year_stands_in_the_form_and_the_latest_is_the_present_value(city):
    """60 friendly communities by 2025, 15 in 2022: 40 in 2023 are 25 of 45 on the way."""
    rule = "hainan-elderly-friendly-communities"
    where = {"file": "/desk/年报.xlsx"}
    values = {2022: 15.0, 2023: 40.0, 2026: 70.0}
    made = city(
        indicators=[
            {"rule": rule, "code": "", "year": float(year), "value": value, **where, "row": at + 2}
            for at, (year, value) in enumerate(values.items())
        ]
    )
    plans = [one_of("hainan-2022", rule)]
    [row] = monitoring_table(judged(made, plans), made.inputs, plans, as_of=AS_OF).to_dict("records")
    assert row["reported"] == tuple(values.items())
    assert (row["value"], row["target"], row["status"], row["deficit"]) == (40.0, 60.0, "short", 20.0)
    assert (row["nature"], row["baseline"], row["baseline_year"]) == ("expected", 15.0, 2022.0)
    assert row["progress"] == pytest.approx(25 / 45)
    assert row["expected"] == pytest.approx(547 / 1096)  # days from the end of 2022 to that of 2025
    assert row["evidence"] == "年报.xlsx #3", "the row of the year that counts"


def test_a_provision_stands_once_by_its_widest_verdict_and_baselines_not_at_all(city):
    plans = [plan("hainan-2022"), plan("zhuhai-2021")]
    made = city()
    table = monitoring_table(judged(made, plans), made.inputs, plans, as_of=AS_OF)
    wanted = [(one.id, rule.id) for one in plans for rule in one.rules if rule.role != "baseline"]
    assert list(zip(table["plan"], table["rule"], strict=True)) == wanted
    responsible = table.set_index("rule")["responsible"]
    assert "市民政局" in responsible["zhuhai-self-service-coverage-urban"]


def test_problems_are_the_places_that_are_short_and_not_the_sum_of_them(city):
    """B has no terminal: one problem, and none for the city as a whole."""
    made = city(
        facilities=[{"facility": "t", "service": "self-service-terminal", "community": "A"}],
        complete_for=frozenset({"self-service-terminal"}),
    )
    plans = [one_of("zhuhai-2021", "zhuhai-self-service-coverage-urban")]
    [row] = problem_ledger(judged(made, plans), made.inputs, plans).to_dict("records")
    assert (row["level"], row["code"], row["deficit"], row["people"]) == ("community", "B", 1.0, 200.0)
    assert (row["action"], row["services"], row["township"]) == ("build", "self-service-terminal", "T1")
    assert row["missing"] == "self-service-terminal"
    assert row["clause"] == "三（一）1"


def test_a_whole_that_is_short_is_a_problem_of_the_whole(city):
    """A share of 95 % of villages and communities: nobody alone has to mend it."""
    made = city(
        facilities=[{"facility": "r", "service": "recycling-point", "community": "A"}],
        complete_for=frozenset({"recycling-point", "recycling-transfer-station"}),
    )
    plans = [one_of("hainan-2022", "hainan-recycling-point-coverage")]
    table = problem_ledger(judged(made, plans), made.inputs, plans)
    assert set(table["level"]) <= {"city", "province"}
    assert len(table) == 1


def test_a_community_lacks_its_own_tier_s_facility_and_a_township_its_own_machine(city):
    """Not what the other tiers and layers of the rule ask for; and no row that only sums them up."""
    made = city(
        facilities=[
            {"facility": "p", "service": "neighbourhood-centre", "community": "A"},
            {"facility": "t", "service": "self-service-terminal", "community": "A"},
        ],
        complete_for=frozenset(
            {
                "neighbourhood-centre",
                "neighbourhood-centre-street",
                "self-service-terminal",
                "self-service-terminal-township",
            }
        ),
    )
    plans = [
        one_of("wuhu-2021", "wuhu-two-level-centres"),
        one_of("zhuhai-2021", "zhuhai-yuezhizhu-full-coverage"),
    ]
    table = problem_ledger(judged(made, plans), made.inputs, plans)
    missing = table.set_index(["rule", "level", "code"])["missing"].to_dict()
    assert missing["wuhu-two-level-centres", "community", "B"] == "neighbourhood-centre"
    assert missing["zhuhai-yuezhizhu-full-coverage", "community", "B"] == "self-service-terminal"
    assert missing["zhuhai-yuezhizhu-full-coverage", "township", "T1"] == "self-service-terminal-township"
    assert not set(table["level"]) & {"city", "province"}


def test_a_station_that_the_clause_s_other_condition_lets_pass_is_no_problem(city):
    """25,000 people come to the one station, more than 20,000; its two committees are fewer than five."""
    everywhere = [5.0] * 7
    made = city(
        minutes={"health-station": everywhere},
        nearest={"health-station": ["h"] * 7},
        facilities=[{"facility": "h", "service": "health-station", "community": "A"}],
        complete_for=frozenset({"health-station"}),
        people=(6000.0, 6000.0, 6000.0, 7000.0, 0.0, 0.0, 0.0),
    )
    plans = [one_of("hainan-2022", "hainan-health-station-per-10-20k")]
    findings = judged(made, plans)
    of_h = findings[findings["code"] == "h"].set_index("service")["status"]
    assert of_h.to_dict() == {"by-people": "short", "by-committees": "met", "": "met"}
    assert problem_ledger(findings, made.inputs, plans).empty


def test_what_a_ledger_says_is_mended_by_its_columns(city):
    made = city(
        communities={code: {"police_officers": float(code != "B"), "auxiliary_police": 2.0} for code in "ABC"}
    )
    plans = [one_of("wuhu-2021", "wuhu-police-one-two-auxiliary")]
    [row] = problem_ledger(judged(made, plans), made.inputs, plans).to_dict("records")
    assert (row["code"], row["action"]) == ("B", "staff")
    assert row["columns"] == "police_officers|auxiliary_police"


def judged_as_of(made, plans, as_of=AS_OF, jurisdiction=""):
    return assess(plans, made.inputs, made.travel, Assumptions(), as_of=as_of, jurisdiction=jurisdiction)


def test_what_several_plans_ask_alike_of_one_place_is_one_row_with_every_clause(city):
    """Three plans ask for a terminal in every urban community; B has none, and one plan names departments."""
    made = city(
        facilities=[{"facility": "t", "service": "self-service-terminal", "community": "A"}],
        complete_for=frozenset({"self-service-terminal"}),
    )
    plans = [
        one_of("hainan-2022", "hainan-self-service-coverage-urban"),
        one_of("wuhu-2021", "wuhu-self-service-coverage-urban"),
        one_of("zhuhai-2021", "zhuhai-self-service-coverage-urban"),
    ]
    [row] = problem_ledger(judged_as_of(made, plans), made.inputs, plans).to_dict("records")
    assert (row["rule"], row["code"]) == ("hainan-self-service-coverage-urban", "B")
    assert row["also"] == (
        "wuhu-2021/wuhu-self-service-coverage-urban; zhuhai-2021/zhuhai-self-service-coverage-urban"
    )
    assert "市政务服务数据管理局" in row["responsible"]


def test_provisions_that_only_look_alike_keep_rows_of_their_own(city):
    """Ten minutes and fifteen leave the same people out of reach, and are two demands all the same."""
    made = city(
        minutes={"sports-ground": [3.0, 3.0, 20.0, 20.0, 3.0, 3.0, 3.0]},
        facilities=[{"facility": "g", "service": "sports-ground", "community": "A"}],
        complete_for=frozenset({"sports-ground"}),
    )
    plans = [
        one_of("hainan-2022", "hainan-fitness-circle-15min"),
        one_of("zhuhai-2021", "zhuhai-fitness-circle-10min"),
    ]
    table = problem_ledger(judged_as_of(made, plans), made.inputs, plans)
    assert sorted(table["rule"]) == ["hainan-fitness-circle-15min", "zhuhai-fitness-circle-10min"]
    assert set(table["also"]) == {""}
    first, second = table["people"]
    assert first == second, "the same people, under 10 minutes as under 15"


def test_places_are_named_once_and_lie_in_their_townships(city):
    """The whole is the city of the study under a province's plan too; a facility is in its township."""
    units = [
        {"level": "city", "code": "M", "name": "Own city", "geometry": box(0, 0, 3000, 1000)},
        {"level": "township", "code": "T1", "name": "First", "geometry": box(0, 0, 2000, 1000)},
        {"level": "township", "code": "T2", "name": "Second", "geometry": box(2000, 0, 3000, 1000)},
        {"level": "scenic", "code": "S", "name": "Lake", "geometry": box(2100, 100, 2200, 200)},
    ]
    made = city(
        units=units,
        facilities=[{"facility": "h", "service": "health-station", "community": "B"}],
        complete_for=frozenset({"visitor-service-point"}),
        indicators=[
            {"rule": rule, "code": "", "year": 2024.0, "value": value}
            for rule, value in (("hainan-police-community-time", 76.0), ("wuhu-exercise-participation", 1.0))
        ],
    )
    plans = [
        one_of("hainan-2022", "hainan-police-community-time"),
        one_of("wuhu-2021", "wuhu-exercise-participation"),
    ]
    findings = assess(
        plans,
        made.inputs,
        made.travel,
        Assumptions(),
        as_of=AS_OF,
        jurisdiction="Own city",
        covers_whole=True,
    )
    assert set(findings["level"]) == {"province", "city"}
    table = problem_ledger(findings, made.inputs, plans)
    assert len(table) == 2
    assert set(zip(table["level"], table["code"], table["name"], strict=True)) == {("city", "M", "Own city")}
    townships = township_of_places(made.inputs)
    assert (townships["h"], townships["S"], townships["C"], townships["T1"]) == (
        "First", "Second", "Second", "First",
    )  # fmt: skip


def test_what_is_on_schedule_says_so_and_stands_last(city):
    """50 of 60 is on schedule in mid-2024 (15 at the end of 2022, 37 by the line), and overdue in 2026."""
    rule = "hainan-elderly-friendly-communities"
    made = city(
        indicators=[
            {"rule": rule, "code": "", "year": 2024.0, "value": 50.0},
            {"rule": "wuhu-exercise-participation", "code": "", "year": 2024.0, "value": 1.0},
        ]
    )
    plans = [one_of("hainan-2022", rule), one_of("wuhu-2021", "wuhu-exercise-participation")]
    findings = judged(made, plans)
    table = problem_ledger(findings, made.inputs, plans)
    assert table["rule"].tolist() == ["wuhu-exercise-participation", rule]
    assert table["pace"].tolist() == ["", "on-track"]
    late = assess(
        plans, made.inputs, made.travel, Assumptions(),
        as_of=dt.date(2026, 6, 30), jurisdiction="46", covers_whole=True,
    )  # fmt: skip
    table = problem_ledger(late, made.inputs, plans)
    assert table.set_index("rule")["pace"][rule] == "overdue"
    forms = monitoring_table(findings, made.inputs, plans, as_of=AS_OF).set_index("rule")
    assert forms["pace"][rule] == "on-track"


def test_beside_a_baseline_counted_otherwise_no_time_and_no_progress_is_told(city):
    """Terminals are counted here, the plan's 86 % by the plan: neither the share done nor the time passed."""
    made = city(
        facilities=[{"facility": "t", "service": "self-service-terminal", "community": "A"}],
        complete_for=frozenset({"self-service-terminal"}),
    )
    plans = [one_of("hainan-2022", "hainan-self-service-coverage-urban")]
    [row] = monitoring_table(judged_as_of(made, plans), made.inputs, plans, as_of=AS_OF).to_dict("records")
    assert (row["baseline"], row["value"], row["status"]) == (86.0, 50.0, "short")
    assert math.isnan(row["progress"])
    assert math.isnan(row["expected"])
    assert row["pace"] == "unknown"


def test_the_checklist_of_complete_communities_is_judged_whatever_the_plans(city):
    made = city(
        facilities=[
            {"facility": "k", "service": "kindergarten", "community": "A", "floor_area_m2": 2200.0},
            {"facility": "g", "service": "park", "community": "B", "site_area_m2": 4000.0},
        ],
        complete_for=frozenset({"kindergarten", "park", "green-space"}),
    )
    plans = [one_of("zhuhai-2021", "zhuhai-self-service-coverage-urban")]
    ctx = Context(made.inputs, made.travel, Assumptions())
    table = complete_communities(judged(made, plans), ctx).set_index(["code", "rule"])
    status = table["status"].to_dict()
    assert status["A", "complete-community-kindergarten"] == "met"
    assert status["B", "complete-community-kindergarten"] == "short"
    assert status["B", "complete-community-garden"] == "met"
    assert status["A", "complete-community-nursery"] == "no-data"
    assert set(table.index.get_level_values("code")) == {"A", "B"}, "towns only"
    assert table["item"].iloc[0]["zh"].startswith("社区综合服务站")


def test_a_circle_lists_the_types_that_are_there(city):
    """Two pharmacies and a market in A's own circle: two groups of eleven, three outlets."""
    made = city()
    ctx = Context(made.inputs, made.travel, Assumptions())
    own = pd.DataFrame(
        {
            "code": ["A", "B", "C"],
            "name": ["a", "b", "c"],
            "residents": [100.0, 200.0, 60.0],
            "tier": ["below", "", ""],
            "n_pharmacy": [2, 0, 5],
            "n_food-market": [1, 0, 5],
            "n_cafe": [9, 9, 9],
        }
    )
    table = circle_sheet(ctx, own).set_index("code")
    assert list(table.index) == ["A", "B"]
    a = table.loc["A"]
    assert (a["basic"], a["basic_asked"], a["quality"], a["outlets"], a["tier"]) == (
        2.0,
        11.0,
        0.0,
        3.0,
        "below",
    )
    assert table.loc["B", "outlets"] == 0.0
