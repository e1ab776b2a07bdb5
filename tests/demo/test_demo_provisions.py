"""All 257 provisions on the demo city: each to its documented answer, each planted shortfall to the unit."""

from __future__ import annotations

import tomllib
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from lifecircle import messages, plans
from lifecircle.tables import FINDINGS

ANSWERS = Path(__file__).parent / "answers.toml"
PLANS = ("hainan-2022", "wuhu-2021", "shijiazhuang-2016", "zhuhai-2021")
WHOLE = ("province", "city")
WITHOUT_A_LEDGER = {
    "hainan-centre-child-growth",
    "hainan-centre-day-care",
    "hainan-centre-elderly-canteen",
    "hainan-centre-women-children-home",
    "hainan-centre-youth-home",
    "hainan-counselling-room",
    "hainan-disability-representative-per-village",
    "hainan-environment-property-committee",
    "hainan-facility-barrier-free",
    "hainan-facility-child-friendly",
    "hainan-facility-elderly-friendly",
    "hainan-micro-fire-station-coverage",
    "hainan-public-health-section-in-health-centres",
    "wuhu-micro-fire-station-coverage",
    "zhuhai-facility-barrier-free",
    "zhuhai-facility-child-friendly",
    "zhuhai-facility-elderly-friendly",
    "zhuhai-public-schools-open-grounds",
    "zhuhai-youth-volunteer-station-per-youth-home",
}
"""Further provisions of which no office of the demo city keeps a ledger."""


@pytest.fixture(scope="module")
def deficits(demo_run) -> pd.DataFrame:
    return demo_run.deficits()


@pytest.fixture(scope="module")
def verdicts(deficits) -> pd.DataFrame:
    """One row per rule: the jurisdiction's, or the last unit's where nothing is asked of the whole."""
    binding = deficits[deficits["status"] != "context"]
    last = binding.groupby("rule").tail(1)[["rule", "level", "code"]]
    there = deficits.merge(last, on=["rule", "level", "code"])
    there["over_all"] = there["service"] == ""
    return there.sort_values("over_all", kind="stable").drop_duplicates("rule", keep="last").set_index("rule")


@pytest.fixture(scope="module")
def shortfalls(demo_run) -> pd.DataFrame:
    planted = tomllib.loads((demo_run.folder / "raw" / "planted.toml").read_text(encoding="utf-8"))
    return pd.DataFrame(planted["figure"])


def answers() -> dict[str, dict[str, str]]:
    return tomllib.loads(ANSWERS.read_text(encoding="utf-8"))


def test_the_answers_name_each_of_the_257_provisions_once():
    ids = [rule.id for name in PLANS for rule in plans.plan(name).rules]
    assert len(ids) == len(set(ids)) == 257
    assert sorted(rule for listed in answers().values() for rule in listed) == sorted(ids)


@pytest.mark.parametrize("name", PLANS)
def test_every_provision_comes_to_its_documented_answer(verdicts, name):
    expected = answers()[name]
    result = verdicts.loc[list(expected), "status"].to_dict()
    assert result == expected


def test_what_stays_without_data_is_reported_values_or_said_to_be_so(verdicts):
    """Five regions belong to a province; the demo city keeps no ledger of what further clauses name."""
    kinds = {rule.id: rule.kind for name in PLANS for rule in plans.plan(name).rules}
    without = {rule for rule in verdicts.index[verdicts["status"] == "no-data"] if kinds[rule] != "indicator"}
    regions = {"hainan-agri-logistics-centres-five-regions", "hainan-emergency-depots-five-regions"}
    assert regions < without
    assert {rule for rule in without - regions if rule not in WITHOUT_A_LEDGER} == set()


def judged_as() -> dict[str, str]:
    """How each rule is judged: each unit, the whole, or not at all, as totals of other places."""
    return {
        rule.id: "reported"
        if rule.is_report_only
        else "elsewhere"
        if getattr(rule, "of_level", None)
        else rule.judged_as
        for name in PLANS
        for rule in plans.plan(name).rules
    }


def test_every_planted_shortfall_is_found_to_the_unit(deficits, shortfalls):
    """Where the plan judges each unit; under the rules set for a whole the unit is context."""
    told = shortfalls["rule"].map(judged_as())
    rows = deficits[~deficits["service"].str.startswith("of-") & (deficits["status"] == "short")]
    # A community without a station is short of the rule on stations, not of the area of those there are.
    without = deficits[
        deficits["rule"].eq("shijiazhuang-area-per-100-households") & deficits["status"].eq("not-applicable")
    ]
    owed_one = shortfalls["rule"].isin(without["rule"]) & shortfalls["code"].isin(without["code"])
    assert owed_one.any()
    of_whole = shortfalls["level"].isin(WHOLE) & (told == "whole")
    each = shortfalls[((told == "unit") & ~owed_one) | of_whole]
    result = each.merge(rows, on=["rule", "level", "code"], how="left", suffixes=("_planted", ""))
    result = result.drop_duplicates(["rule", "level", "code"])
    assert len(result) == len(each) > 190
    off = result[~((result["deficit"] - result["deficit_planted"]).abs() < 0.5)]
    assert off.empty, off[["rule", "code", "deficit_planted", "deficit", "status"]].to_string()
    assert (result["certainty"] == "firm").all()


def test_planted_shortfalls_of_what_is_only_reported_are_measured_and_nobody_s(deficits, shortfalls):
    """A village without the shelter that basically every village shall have falls short of nothing."""
    reported = shortfalls[shortfalls["rule"].map(judged_as()) == "reported"]
    rows = deficits.merge(reported[["rule", "level", "code"]], on=["rule", "level", "code"])
    assert {"hainan-opening-8-hours", "wuhu-rural-shelter-coverage"} <= set(rows["rule"])
    assert set(rows["status"]) == {"report-only"}
    assert rows["deficit"].isna().all()


def test_planted_units_under_a_rule_for_the_whole_are_context_and_add_to_it_where_it_is_short(
    deficits, shortfalls
):
    of_whole = shortfalls["rule"].map(judged_as()) == "whole"
    planted = shortfalls[of_whole & ~shortfalls["level"].isin(WHOLE)]
    rows = deficits.merge(planted[["rule", "level", "code"]].drop_duplicates(), on=["rule", "level", "code"])
    assert len(planted) > 50
    assert set(rows["status"]) == {"context"}
    assert rows["deficit"].isna().all()
    assert rows["population_short"].isna().all()
    whole = deficits[deficits["level"].isin(WHOLE)].groupby("rule")["status"].agg(set)
    missed = rows["rule"].map(whole).map(lambda statuses: "short" in statuses)
    assert (rows.loc[missed, "contribution"] > 0).all()
    assert rows.loc[~missed, "contribution"].isna().all()


def test_nothing_else_falls_short_of_the_rules_that_were_planted(deficits, shortfalls):
    units = deficits[deficits["rule"].isin(shortfalls["rule"]) & ~deficits["level"].isin(WHOLE)]
    short = units[(units["status"] == "short") & ~units["service"].str.startswith("of-")]
    keys = ["rule", "level", "code"]
    extra = set(short[keys].itertuples(index=False, name=None)) - set(
        shortfalls[keys].itertuples(index=False, name=None)
    )
    assert not extra


def test_counties_are_context_under_the_city_s_average_of_sports_area(deficits, demo_run):
    """People are counted on a grid, so that some near a border change county: by what the run counted."""
    planted = tomllib.loads((demo_run.folder / "raw" / "planted.toml").read_text(encoding="utf-8"))
    rows = deficits[deficits["rule"].eq("zhuhai-sport-area-per-capita-3") & deficits["level"].eq("county")]
    counties = rows.set_index("code")
    assert set(counties["status"]) == {"context"}
    for row in planted["too_small"]:
        result = counties.loc[row["code"]]
        assert result["value"] == pytest.approx(row["site_area_m2"] / result["population"], abs=1e-6)
        assert result["value"] < 3.0


def test_every_kind_of_rule_has_an_answer_on_the_demo_city(verdicts):
    kinds = {rule.id: rule.kind for name in PLANS for rule in plans.plan(name).rules}
    judged = {
        kinds[rule] for rule in verdicts.index[verdicts["status"].isin(["met", "short", "report-only"])]
    }
    assert set(kinds.values()) == judged


def test_baselines_are_never_judged_whatever_is_known(deficits):
    baselines = {rule.id for name in PLANS for rule in plans.plan(name).rules if rule.role == "baseline"}
    assert set(deficits.loc[deficits["rule"].isin(baselines), "status"]) <= {"report-only", "not-applicable"}


def test_the_workbook_equals_the_csv_number_by_number(demo_run):
    """Every row of deficits.csv stands in a sheet of deficits.xlsx, and no other, with the same figures."""
    table = pd.read_csv(
        demo_run.results / "deficits.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False
    )
    numbers = [name for name, column in FINDINGS.columns.items() if column.kind == "number"]
    heading = {messages.text(f"workbook.column.{name}", "zh"): name for name in FINDINGS.columns}
    rows = []
    with closing(openpyxl.load_workbook(demo_run.results / "deficits.xlsx", read_only=True)) as book:
        for sheet in book:
            lines = sheet.iter_rows(values_only=True)
            head = [heading.get(cell) for cell in next(lines, ())]
            if set(FINDINGS.columns) <= set(head):
                rows += [dict(zip(head, line, strict=True)) for line in lines]
    keys = ["plan", "rule", "code", "service", "level"]
    levels = {code: messages.text(f"status.{code}", "zh") for code in table["level"].unique()}
    levels["province"] = messages.text("map.whole-city", "zh")
    titles = {name: plans.plan(name).title.zh for name in table["plan"].unique()}
    told = table.assign(level=table["level"].map(levels), plan=table["plan"].map(titles))
    told = told.set_index(keys)[numbers]
    result = pd.DataFrame(rows).fillna(dict.fromkeys(keys, "")).astype(dict.fromkeys(keys, "str"))
    result = result.set_index(keys)[numbers].astype("float64")
    assert len(result) == len(told) > 10_000
    assert set(result.index) == set(told.index)
    expected = told.replace("", "nan").astype("float64").reindex(result.index)
    pd.testing.assert_frame_equal(result, expected, check_exact=False, rtol=0, atol=1e-6)
