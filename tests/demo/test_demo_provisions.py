"""All 237 provisions on the demo city: each to its documented answer, each planted shortfall to the unit."""

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


@pytest.fixture(scope="module")
def deficits(demo_run) -> pd.DataFrame:
    return demo_run.deficits()


@pytest.fixture(scope="module")
def verdicts(deficits) -> pd.DataFrame:
    """One row per rule: the jurisdiction's, or the last unit's where nothing is asked of the whole."""
    last = deficits.groupby("rule").tail(1)[["rule", "level", "code"]]
    there = deficits.merge(last, on=["rule", "level", "code"])
    there["over_all"] = there["service"] == ""
    return there.sort_values("over_all", kind="stable").drop_duplicates("rule", keep="last").set_index("rule")


@pytest.fixture(scope="module")
def shortfalls(demo_run) -> pd.DataFrame:
    planted = tomllib.loads((demo_run.folder / "raw" / "planted.toml").read_text(encoding="utf-8"))
    return pd.DataFrame(planted["figure"])


def answers() -> dict[str, dict[str, str]]:
    return tomllib.loads(ANSWERS.read_text(encoding="utf-8"))


def test_the_answers_name_each_of_the_237_provisions_once():
    ids = [rule.id for name in PLANS for rule in plans.plan(name).rules]
    assert len(ids) == len(set(ids)) == 237
    assert sorted(rule for listed in answers().values() for rule in listed) == sorted(ids)


@pytest.mark.parametrize("name", PLANS)
def test_every_provision_comes_to_its_documented_answer(verdicts, name):
    expected = answers()[name]
    found = verdicts.loc[list(expected), "status"].to_dict()
    assert found == expected


def test_what_stays_without_data_is_reported_values_or_said_to_be_so(verdicts):
    """Five regions belong to a province."""
    kinds = {rule.id: rule.kind for name in PLANS for rule in plans.plan(name).rules}
    without = {rule for rule in verdicts.index[verdicts["status"] == "no-data"] if kinds[rule] != "indicator"}
    assert without == {
        "hainan-agri-logistics-centres-five-regions",
        "hainan-emergency-depots-five-regions",
    }


def test_every_planted_shortfall_is_found_to_the_unit(deficits, shortfalls):
    rows = deficits[~deficits["service"].str.startswith("of-") & (deficits["status"] == "short")]
    found = shortfalls.merge(rows, on=["rule", "level", "code"], how="left", suffixes=("_planted", ""))
    found = found.drop_duplicates(["rule", "level", "code"])
    assert len(found) == len(shortfalls) > 400
    off = found[~((found["deficit"] - found["deficit_planted"]).abs() < 0.5)]
    assert off.empty, off[["rule", "code", "deficit_planted", "deficit", "status"]].to_string()
    assert (found["certainty"] == "firm").all()


def test_nothing_else_falls_short_of_the_rules_that_were_planted(deficits, shortfalls):
    units = deficits[deficits["rule"].isin(shortfalls["rule"]) & ~deficits["level"].isin(WHOLE)]
    short = units[(units["status"] == "short") & ~units["service"].str.startswith("of-")]
    keys = ["rule", "level", "code"]
    extra = set(short[keys].itertuples(index=False, name=None)) - set(
        shortfalls[keys].itertuples(index=False, name=None)
    )
    assert not extra


def test_counties_lack_what_their_squares_are_too_small_for(deficits, demo_run):
    """People are counted on a grid, so that some near a border change county: by what the run counted."""
    planted = tomllib.loads((demo_run.folder / "raw" / "planted.toml").read_text(encoding="utf-8"))
    rows = deficits[deficits["rule"].eq("zhuhai-sport-area-per-capita-3") & deficits["level"].eq("county")]
    short = rows[rows["status"] == "short"].set_index("code")
    assert list(short.index) == [row["code"] for row in planted["too_small"]]
    for row in planted["too_small"]:
        found = short.loc[row["code"]]
        assert found["deficit"] == pytest.approx(3.0 * found["population"] - row["site_area_m2"], abs=0.01)
        assert found["deficit"] == pytest.approx(row["missing"], rel=1e-3)
        assert "site_area_from_outline" in found["assumptions"]


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
    told = table.assign(level=table["level"].map(levels)).set_index(keys)[numbers]
    found = pd.DataFrame(rows).fillna(dict.fromkeys(keys, "")).astype(dict.fromkeys(keys, "str"))
    found = found.set_index(keys)[numbers].astype("float64")
    assert len(found) == len(told) > 10_000
    assert set(found.index) == set(told.index)
    expected = told.replace("", "nan").astype("float64").reindex(found.index)
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=0, atol=1e-6)
