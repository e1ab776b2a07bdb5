"""The report: figures of the findings in words, nothing to fetch, nothing to run."""

import base64
import dataclasses
import hashlib
import html
import re

import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings

from lifecircle.outputs.report_figures import priorities, scorecard, short_rules, worst
from lifecircle.outputs.report_html import write_report_html


@pytest.fixture(scope="module")
def results():
    return results_by_hand()


def written(results, path, lang="en"):
    write_report_html(results, path / "report.html", lang=lang)
    return (path / "report.html").read_text(encoding="utf-8")


def test_the_scorecard_counts_every_finding_once(results):
    scores = scorecard(results)
    counted = sum(s.met + s.short + s.no_data + s.not_applicable + s.report_only for s in scores)
    assert counted == len(results.findings)
    for score in scores:
        own = results.findings.query(
            "rule == @score.rule and service == @score.service and status == 'short'"
        )
        assert score.short_provisional == (own["certainty"] == "provisional").sum()
        assert score.people_short in (None, pytest.approx(own["population_short"].sum()))


def test_priorities_are_single_services_the_most_people_first(results):
    first = priorities(results)
    people = [score.people_short for score in first]
    assert people == sorted(people, reverse=True)
    assert ("rule-1", "") not in {(score.rule, score.service) for score in first}
    assert {score.level for score in first} == {"community"}


def test_the_worst_units_are_those_with_the_largest_deficit(results):
    score = next(score for score in scorecard(results) if score.rule == "rule-0")
    own = results.findings.query("rule == 'rule-0' and status == 'short'")["deficit"]
    assert worst(results, score, listed=5)["deficit"].tolist() == sorted(own, reverse=True)[:5]


def test_a_rule_counts_once_for_a_community_however_many_services_are_short(results):
    by_hand = {}
    for row in results.findings.to_dict("records"):
        if row["status"] == "short" and row["level"] == "community":
            by_hand.setdefault(row["code"], set()).add(row["rule"])
    counts = short_rules(results)
    assert counts.to_dict() == {code: len(by_hand.get(code, ())) for code in results.communities["code"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_worst_figures_stand_in_the_page(results, tmp_path, lang):
    page = html.unescape(written(results, tmp_path, lang))
    score = priorities(results)[0]
    top = worst(results, score).iloc[0]
    assert top["name"] in page
    assert f"{top['deficit']:,.0f} " in page
    assert f"{score.people_short:,.0f}" in page


def test_nothing_is_fetched_and_nothing_runs(results, tmp_path):
    page = written(results, tmp_path)
    assert not re.findall(r"https?://", page)
    assert "<script" not in page
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    assert "script-src 'none'" in policy


def test_hostile_names_are_text(tmp_path):
    names = ["<img src=x onerror=alert(1)>", "</td><script>alert(1)</script>", "{{7*7}}", "长" * 10_000]
    page = written(results_by_hand(names=names), tmp_path)
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "长" * 121 not in page


def test_a_study_without_a_shortfall_says_so(results, tmp_path):
    met = results.findings.assign(status="met", certainty="firm", deficit=0.0, population_short=0.0)
    page = written(with_findings(results, met), tmp_path)
    assert "No community falls short" in page


def test_remarks_on_the_data_are_read_out(results, tmp_path):
    remark = {
        "subject": "streets",
        "item": "",
        "remark": "street-ways-closed",
        "count": 12.0,
        "value": "",
        "severity": "warning",
        "x": float("nan"),
        "y": float("nan"),
    }
    own = dataclasses.replace(
        results, inputs=dataclasses.replace(results.inputs, quality=pd.DataFrame([remark]))
    )
    assert "12 ways closed to this mode" in written(own, tmp_path)
