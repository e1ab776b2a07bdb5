"""The summary that every output counts by, against counts made one finding at a time."""

import dataclasses
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_scenarios

from lifecircle.assessment import headlines, summarise
from lifecircle.tables import HEADLINES, STUDY_AREA, verdict_rows


@pytest.fixture(scope="module")
def study():
    return results_by_hand(rows=6, columns=7, rules=3)


def _naive(findings, township, area):
    """Units per rule, service and mark, one finding after another."""
    counts = Counter()
    for row in findings.to_dict("records"):
        if row["level"] != "community" or (area != STUDY_AREA and township[row["code"]] != area):
            continue
        mark = row["status"].replace("-", "_")
        if row["status"] in ("met", "short"):
            mark += "_" + row["certainty"]
        counts[row["rule"], row["service"], mark] += 1
    return counts


@pytest.mark.parametrize("area", [STUDY_AREA, "first township"])
def test_counts_are_those_of_the_findings_one_by_one(study, area):
    communities = study.inputs.communities
    township = dict(zip(communities["code"], communities["township"], strict=True))
    area = area if area == STUDY_AREA else communities["township"].iloc[0]
    wanted = _naive(study.findings, township, area)
    rows = study.summary.query("scenario == '' and level == 'community' and area == @area and rule != ''")
    counted = {
        (row["rule"], row["service"], mark): row[mark]
        for row in rows.to_dict("records")
        for mark in row
        if mark.startswith(("met_", "short_", "no_", "not_", "report_", "context")) and row[mark] != 0
    }
    assert counted == dict(wanted)
    assert wanted


def test_people_deficits_and_targets_are_those_added_up_one_by_one(study):
    """With figures unknown here and there, deficits in two units, and targets that differ."""
    table, draw = study.findings.copy(), np.random.default_rng(3)
    for name in ("population_short", "deficit", "target"):
        table.loc[draw.random(len(table)) < 0.3, name] = np.nan
    table["deficit_unit"] = draw.choice(["persons", "places"], len(table), p=[0.95, 0.05])
    table.loc[draw.random(len(table)) < 0.02, "target"] = 7.0
    counted = (
        summarise(table, study.inputs).query("rule != ''").set_index(["rule", "service", "level", "area"])
    )
    township = dict(zip(study.inputs.communities["code"], study.inputs.communities["township"], strict=True))
    groups = {}
    for row in table.to_dict("records"):
        for area in (STUDY_AREA, township.get(row["code"], "")):
            key = (row["rule"], row["service"], row["level"], area)
            groups.setdefault(key, []).append(row) if area else None
    assert len(groups) > 3
    several = set()
    for key, rows in groups.items():
        if key not in counted.index:
            continue
        told, short = counted.loc[key], [row for row in rows if row["status"] == "short"]
        people = [row["population_short"] for row in rows if row["status"] in ("met", "short")]
        known = [one for one in people if not np.isnan(one)]
        assert told["people"] == pytest.approx(sum(known) if known else np.nan, nan_ok=True)
        units = {row["deficit_unit"] for row in short}
        several.add(len(units))
        missing = [row["deficit"] for row in short if not np.isnan(row["deficit"])]
        wanted = sum(missing) if missing and len(units) == 1 else np.nan
        assert told["deficit"] == pytest.approx(wanted, nan_ok=True)
        assert told["deficit_unit"] == (units.pop() if len(units) == 1 else "")
        targets = {row["target"] for row in rows if not np.isnan(row["target"])}
        assert told["target"] == pytest.approx(targets.pop() if len(targets) == 1 else np.nan, nan_ok=True)
    assert several >= {1, 2}


def test_townships_sum_to_the_study(study):
    rows = study.summary.query("scenario == '' and level == 'community'")
    keys = ["rule", "service"]
    whole = rows[rows["area"] == STUDY_AREA].set_index(keys)
    parts = rows[rows["area"] != STUDY_AREA].groupby(keys)
    for name in ("met_firm", "short_firm", "short_provisional", "no_data"):
        assert (parts[name].sum() == whole[name].reindex(parts[name].sum().index)).all(), name
    people = parts["people"].sum(min_count=1)
    assert np.allclose(people, whole["people"].reindex(people.index), equal_nan=True)


def test_each_community_counts_once_over_all_rules(study):
    verdicts = verdict_rows(study.findings).query("level == 'community'")
    short = verdicts.loc[verdicts["status"] == "short", "code"].unique()
    row = study.summary.query("rule == '' and area == @STUDY_AREA").iloc[0]
    assert row["short_firm"] + row["short_assumed"] + row["short_provisional"] == len(short)
    population = study.inputs.communities.set_index("code")["population"]
    assert row["people"] == pytest.approx(population[list(short)].sum())


def test_a_scenario_counts_its_after_state():
    study = with_scenarios(results_by_hand(rows=6, columns=7, rules=3))
    table = summarise(study.findings, study.inputs, study.effects)
    name = study.effects["scenario"].iloc[0]
    turned = study.effects.query(
        "scenario == @name and rule == 'rule-0' and level == 'community'"
        " and status_before == 'short' and status_after == 'met'"
    )
    assert len(turned)
    rows = table.query("rule == 'rule-0' and area == @STUDY_AREA and level == 'community'")
    short = [name for name in rows if name.startswith("short_")]
    before = rows[rows["scenario"] == ""][short].to_numpy().sum()
    after = rows[rows["scenario"] == name][short].to_numpy().sum()
    assert before - after == len(turned)


def test_facilities_that_a_scenario_opens_and_closes_are_counted_as_it_leaves_them():
    """Three stations, two of them over their people: one of these is closed, a new one is met."""
    base = results_by_hand()
    (county,) = base.findings.query("rule == 'rule-2'").to_dict("records")
    stations = [("s1", "short"), ("s2", "short"), ("s3", "met")]
    rows = [
        {**county, "level": "catchment", "code": code, "status": status, "deficit": 1.0 * (status == "short")}
        for code, status in stations
    ]
    findings = pd.concat([base.findings, pd.DataFrame(rows)], ignore_index=True)
    blank = {
        "scenario": "x",
        "plan": county["plan"],
        "rule": "rule-2",
        "level": "catchment",
        "service": county["service"],
    }
    numbers = dict.fromkeys(
        (f"{name}_{side}" for name in ("value", "deficit", "people") for side in ("before", "after")), np.nan
    )
    effects = pd.DataFrame(
        [
            {**blank, **numbers, "code": "s1", "name": "", "status_before": "short", "status_after": ""},
            {**blank, **numbers, "code": "s4", "name": "New", "status_before": "", "status_after": "met"},
        ]
    )
    table = summarise(findings, base.inputs, effects).query("rule == 'rule-2' and level == 'catchment'")
    counts = table.set_index("scenario")[["short_firm", "met_firm"]]
    assert counts.loc[""].tolist() == [2, 1]
    assert counts.loc["x"].tolist() == [1, 2]


def test_headlines_are_the_rules_that_a_plan_marks(study):
    plan = study.plans[0]
    marked = {**plan["rules"], "rule-1": {**plan["rules"]["rule-1"], "headline": True}}
    table = headlines(study.summary, study.findings, [{**plan, "rules": marked}])
    assert list(table["rule"]) == ["rule-1"]
    assert table["short"].iloc[0] > 0


def test_what_the_study_surely_misses_as_a_whole_follows_the_rules_about_walks(study):
    """Firmly short as a whole, a rule of another kind is a headline after the circles; assumed it is not."""
    plan, findings = study.plans[0], study.findings[study.findings["rule"] != "rule-2"]
    kinds = {"rule-0": "travel-time-circle", "rule-1": "capacity-per-1000-population"}
    rules = {name: {**about, "kind": kinds.get(name, "indicator")} for name, about in plan["rules"].items()}
    own = findings[(findings["rule"] == "rule-1") & (findings["level"] == "community")].tail(1)
    whole = own.assign(level="city", code="study", status="short", certainty="firm", value=4.2, service="")
    for certainty, told in (("firm", ["rule-0", "rule-1"]), ("assumed", ["rule-0"])):
        rows = findings[(findings["rule"] != "rule-1") | (findings["level"] == "community")]
        rows = pd.concat([rows, whole.assign(certainty=certainty)], ignore_index=True)
        table = headlines(summarise(rows, study.inputs), rows, [{**plan, "rules": rules}])
        assert list(table["rule"]) == told


def test_where_no_unit_is_short_but_the_whole_is_the_headline_tells_of_the_whole(study):
    """Three stations, none overloaded, two too few for the city: 54,000 people are concerned, not none."""
    plan, own = study.plans[0], study.findings[study.findings["rule"] == "rule-0"]
    units = own[own["level"] == "community"].head(3).assign(level="catchment", status="met", deficit=0.0)
    units = units.assign(population_short=0.0, certainty="firm", service="")
    whole = units.tail(1).assign(
        level="city", code="study", status="short", value=3.0, deficit=2.0, deficit_unit="facilities"
    )
    rows = pd.concat([units, whole.assign(population_short=54_000.0, certainty="assumed")], ignore_index=True)
    table = headlines(summarise(rows, study.inputs), rows, [plan])
    told = table[["met", "short", "people", "deficit", "deficit_unit", "certainty"]].to_dict("records")
    assert told == [
        {
            "met": 3,
            "short": 0,
            "people": 54_000,
            "deficit": 2,
            "deficit_unit": "facilities",
            "certainty": "assumed",
        }
    ]


def test_without_rules_about_walks_what_is_missed_comes_before_what_is_met(study):
    """Nobody knows whom the missing stations concern; they come before a rule that is met all the same."""
    plan, own = study.plans[0], study.findings[study.findings["level"] == "community"].tail(1)
    rules = {name: {**about, "kind": "indicator"} for name, about in plan["rules"].items()}
    city = own.assign(level="city", code="study", certainty="firm", value=4.2, service="", deficit=0.0)
    met = city.assign(rule="rule-0", status="met", population_short=6_130.0)
    short = city.assign(rule="rule-1", status="short", population_short=np.nan, deficit=897.0)
    rows = pd.concat([met, short], ignore_index=True)
    table = headlines(summarise(rows, study.inputs), rows, [{**plan, "rules": rules}])
    assert list(table["rule"]) == ["rule-1", "rule-0"]


def test_what_two_plans_ask_alike_is_one_headline_that_names_both(study):
    """Under other titles, but of one kind and time and with the same finding for every unit."""
    plan, own = study.plans[0], study.findings[study.findings["rule"] == "rule-0"]
    alike = {**plan["rules"]["rule-0"], "title": {"zh": "另一条", "en": "another one"}}
    plans = [plan, {**plan, "id": "other", "rules": {"rule-9": alike}}]
    rows = pd.concat([own, own.assign(plan="other", rule="rule-9")], ignore_index=True)
    (told,) = headlines(summarise(rows, study.inputs), rows, plans).to_dict("records")
    assert (told["plan"], told["rule"], told["also"]) == (plan["id"], "rule-0", "other/rule-9")
    # one unit that stands otherwise makes two targets of them
    rows.loc[rows.index[-1], "value"] += 1.0
    assert headlines(summarise(rows, study.inputs), rows, plans)["also"].tolist() == ["", ""]


def test_one_provisional_unit_makes_no_provisional_failure(study):
    """The clause is missed by the others, whatever becomes of that one; alone it leaves the failure open."""
    plan, own = study.plans[0], study.findings[study.findings["rule"] == "rule-0"]
    short = own[own["level"] == "community"].head(3).assign(status="short", certainty="assumed", service="")
    short.iloc[0, short.columns.get_loc("certainty")] = "provisional"
    for rows, told in ((short, "assumed"), (short.head(1), "provisional")):
        table = headlines(summarise(rows, study.inputs), rows, [plan])
        assert table["certainty"].tolist() == [told]


def test_no_findings_make_no_headlines(study):
    empty = dataclasses.replace(study, findings=study.findings.iloc[:0])
    table = summarise(empty.findings, empty.inputs)
    assert len(headlines(table, empty.findings, empty.plans)) == 0
    assert list(headlines(table, empty.findings, empty.plans)) == list(HEADLINES.columns)
