"""One verdict per rule: enough stations in number, and one of them with too many people."""

import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings
from stations_by_hand import with_stations

from lifecircle.assessment import headlines, widest_verdict
from lifecircle.assessment.rule_verdicts import deciding, speaking
from lifecircle.tables import verdict_rows

KIND = {"rule-2": "population-per-facility"}


@pytest.fixture(scope="module")
def study():
    return with_stations()


def test_people_count_and_gap_of_a_headline_are_those_of_the_same_stations(study):
    plans = [
        {
            **plan,
            "rules": {
                name: {**about, "kind": KIND.get(name, "indicator")} for name, about in plan["rules"].items()
            },
        }
        for plan in study.plans
    ]
    (row,) = headlines(study.summary, study.findings, plans).query("rule == 'rule-2'").to_dict("records")
    told = [row[name] for name in ("level", "met", "short", "people", "deficit", "status", "unit")]
    assert told == ["catchment", 2, 1, 7_000.0, 1.0, "", "%"]
    assert row["value"] == pytest.approx(200 / 3)
    assert pd.isna(row["target"]), "3 stations needed for the city is not what each station is judged by"


def test_the_summary_counts_those_above_the_limit_where_the_station_is_short(study):
    rows = study.summary.query("rule == 'rule-2' and level == 'catchment'").set_index("service")["people"]
    assert rows["by-people"] == 12_000.0
    assert rows[""] == 7_000.0


def test_the_rule_stands_as_its_stations_do_everywhere(study):
    plan = study.scorecard.query("subject == 'plan' ").iloc[0]
    assert plan["short_firm"] >= 1
    largest = {one.rule: one for one in plan["largest"]}
    assert largest["rule-2"].people == 7_000.0
    verdict = widest_verdict(verdict_rows(study.findings.query("rule == 'rule-2'")))
    told = verdict[["level", "code", "status", "unit", "deficit", "deficit_unit"]].tolist()
    assert told == ["city", "study", "short", "%", 1.0, "facilities"]
    assert verdict["value"] == pytest.approx(200 / 3)


def test_a_number_that_is_only_reported_leaves_the_verdict_to_the_units_that_are_judged(study):
    rows = study.findings.query("rule == 'rule-2'")
    rows = rows.assign(status=rows["level"].map({"city": "report-only"}).fillna("met"))
    verdict = widest_verdict(verdict_rows(rows))
    assert verdict[["level", "code", "status", "value", "unit"]].tolist() == [
        "city",
        "study",
        "met",
        100.0,
        "%",
    ]
    assert pd.isna(verdict["target"])


STANDS = {
    "judged units speak before a number that is reported": ("met report-only", "met"),
    "units without data stay beside units that are judged": ("no-data met report-only", "no-data"),
    "a total of another place is none": ("no-data context not-applicable", "not-applicable"),
    "unless its units are judged": ("short not-applicable", "short"),
    "a rule without any verdict is what it is": ("context report-only", "report-only"),
}


@pytest.mark.parametrize(("statuses", "stands"), STANDS.values(), ids=STANDS.keys())
def test_rows_without_a_verdict_speak_only_where_there_are_no_others(statuses, stands):
    *units, whole = statuses.split()
    rows = pd.DataFrame({"level": [*["community"] * len(units), "city"], "status": [*units, whole]})
    assert stands in set(deciding(speaking(rows))["status"])
    assert set(deciding(speaking(rows))["status"]) <= {stands, "met"}


def test_stations_that_all_keep_to_the_clause_leave_the_verdict_to_their_number(study):
    met = study.findings.query("rule == 'rule-2'").assign(status="met", deficit=0.0)
    verdict = widest_verdict(verdict_rows(met))
    assert verdict[["level", "status", "value", "target"]].tolist() == ["city", "met", 3.0, 3.0]


def test_scorecard_and_summary_count_the_same_residents_under_a_rule_about_walks():
    """A few live beyond the limit in communities that meet it: 30 beside the 500 of those that do not."""
    base = results_by_hand()
    rows = base.findings.query("rule == 'rule-0' and level == 'community'").head(2)
    rows = rows.assign(status=["short", "met"], certainty="firm", population_short=[500.0, 30.0])
    study = with_findings(base, rows.reset_index(drop=True))
    (largest,) = study.scorecard.query("subject == 'plan'")["largest"].iloc[0]
    counted = study.summary.query("rule == 'rule-0' and area == 'study'")["people"].iloc[0]
    assert largest.people == counted == 530.0


def test_a_post_filled_in_the_city_and_lacking_in_a_community_is_not_met():
    """Four tiers, each judged by its own units: what is met at the top is not the verdict on the rule."""
    base = results_by_hand()
    rows = base.findings.query("rule == 'rule-0' and level == 'community'").head(4)
    rows = rows.assign(status=["short", "met", "met", "met"], certainty="firm", deficit=[1.0, 0, 0, 0])
    city = rows.tail(1).assign(level="city", code="9901", status="met", value=1.0, unit="posts")
    study = with_findings(base, pd.concat([rows, city], ignore_index=True))
    plan = study.scorecard.query("subject == 'plan'").iloc[0]
    assert (plan["met"], plan["short_firm"]) == (0, 1)
    verdict = widest_verdict(verdict_rows(study.findings))
    assert verdict[["level", "code", "status", "value", "unit", "deficit"]].tolist() == [
        "city",
        "9901",
        "short",
        75.0,
        "%",
        1.0,
    ]
    (headline,) = study.headlines.to_dict("records")
    told = [headline[name] for name in ("met", "short", "status", "value", "unit", "deficit")]
    assert told == [3, 1, "", 75.0, "%", 1.0]


def test_a_number_of_stations_that_is_met_affects_nobody(study):
    rows = study.summary.query("rule == 'rule-2' and level == 'city'").set_index("service")
    assert rows.loc["", ["status", "people"]].tolist() == ["met", 0.0]
    assert rows.loc["by-people", ["status", "people"]].tolist() == ["short", 12_000.0]
