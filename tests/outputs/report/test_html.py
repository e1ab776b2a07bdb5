"""The report: figures of the findings in words, nothing to fetch, nothing to run."""

import base64
import dataclasses
import hashlib
import html
import math
import re
from urllib.parse import parse_qs

import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings, with_scenarios

from lifecircle.messages import text
from lifecircle.outputs.report.figures import rule_scores, short_rules, short_words, shortfalls, worst
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.report.needs import needs
from lifecircle.outputs.report.tables import worst_table
from lifecircle.tables import verdict_rows


def written(results, path, lang="en"):
    write_report_html(results, path / "report.html", lang=lang)
    return (path / "report.html").read_text(encoding="utf-8")


def test_scores_of_rules_count_every_verdict_once(results):
    verdicts = verdict_rows(results.findings)
    scores = rule_scores(results)
    counted = {status: (verdicts["status"] == status).sum() for status in ("met", "short", "no-data")}
    assert sum(score.met for score in scores) == counted["met"]
    assert sum(score.short for score in scores) == counted["short"]
    assert sum(score.no_data for score in scores) == counted["no-data"]
    for score in scores:
        own = verdicts.query("rule == @score.rule and level == @score.level and status == 'short'")
        assert score.short_provisional == (own["certainty"] == "provisional").sum()
        judged = verdicts.query(
            "rule == @score.rule and level == @score.level and status in ('met', 'short')"
        )
        assert score.people_short in (None, pytest.approx(judged["population_short"].sum()))


def test_the_studys_own_verdict_is_no_further_city(results):
    first = results.findings.iloc[[0]]
    city = first.assign(rule="rule-9", level="city", code="4601", status="short", population_short=900.0)
    units = pd.concat(
        [results.inputs.units, results.inputs.units.iloc[[0]].assign(level="city", code="4601")]
    )
    inputs = dataclasses.replace(results.inputs, units=units)
    alone = city.assign(rule="rule-8", code="the study")
    findings = pd.concat([city, city.assign(code="the study"), alone], ignore_index=True)
    result = rule_scores(with_findings(dataclasses.replace(results, inputs=inputs), findings))
    assert [(score.rule, score.short, score.people_short) for score in result] == [
        ("rule-9", 1, 900.0),
        ("rule-8", 1, 900.0),
    ]


def test_the_worst_units_are_those_with_the_largest_deficit(results):
    own = results.findings.query("rule == 'rule-0' and status == 'short'")["deficit"]
    result = worst(shortfalls(results), "hand-2025", "rule-0")
    assert result["deficit"].tolist() == sorted(own, reverse=True)[:5]
    market = results.findings.query("rule == 'rule-1' and service == 'market' and status == 'short'")
    result = worst(shortfalls(results, of_services=True), "hand-2025", "rule-1", service="market")
    assert result["deficit"].tolist() == sorted(market["deficit"], reverse=True)[:5]


def test_a_rule_counts_once_for_a_community_however_many_services_are_short(results):
    by_hand = {}
    for row in results.findings.to_dict("records"):
        if row["status"] == "short" and row["level"] == "community":
            by_hand.setdefault(row["code"], set()).add(row["rule"])
    counts = short_rules(results)
    assert counts.to_dict() == {code: len(by_hand.get(code, ())) for code in results.communities["code"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_what_to_build_first_and_where(results, tmp_path, lang):
    page = html.unescape(written(results, tmp_path, lang))
    need = needs(results, lang)[0]
    top = worst(shortfalls(results, of_services=True), need.plan, need.rule, service=need.service).iloc[0]
    township = results.priorities.query("service == @need.service").nlargest(1, "people").iloc[0]
    for words in (
        need.title,
        f"{need.people:,.0f}",
        top["name"],
        f"{top['deficit']:,.0f}" + ("" if lang == "zh" else " "),
        township["name"],
    ):
        assert words in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_what_the_studys_own_tables_say(results, tmp_path, lang):
    page = written(results, tmp_path, lang)
    plan = results.scorecard.query("subject == 'plan'").iloc[0]
    score = page[page.index('id="scorecard"') : page.index('id="worst"')]
    counts = [f"{plan[name]:,.0f}" for name in ("met", "short_firm", "short_provisional", "no_data")]
    known = [count for count in counts if count != "0"]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", score)
    assert cells[: len(known)] == known, "columns of noughts are left out"
    summary = page[page.index('id="summary"') : page.index('id="picture"')]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", summary)
    for row in results.headlines.itertuples():
        wanted = text("report.of", lang, n=row.short, judged=row.met + row.short)
        if row.level != "community":
            level = text(f"status.{row.level}", lang)
            wanted += f" · {level}"
        certainty = text("report.bracketed", lang, words=text(f"status.{row.certainty}", lang))
        assert wanted + (certainty if row.certainty else "") in cells
    first = results.priorities.query("rank == 1")
    townships = page[page.index('id="townships"') : page.index('id="scorecard"')]
    for row in first.itertuples():
        assert row.name in townships
        assert f"{row.people:,.0f}" in townships
    sensitivity = page[page.index('id="sensitivity"') :]
    for row in results.sensitivity.itertuples():
        assert f"{row.met_share:.0f}%" in sensitivity
    assert sensitivity.count("[4") == 1, "the study's own setting is marked"


def test_titles_and_places_open_the_gap_map_at_themselves(results, tmp_path):
    """Every address is the map's own: a rule, a community or a township that the study has."""
    page = html.unescape(written(results, tmp_path))
    links = [parse_qs(link) for link in re.findall(r'href="gap_map\.html#([^"]*)"', page)]
    services = results.findings.groupby("rule")["service"].agg(set)
    rules = {link["rule"][0] for link in links if "rule" in link}
    assert rules
    for one in rules:
        plan, rule, service = one.split("/")
        assert plan == results.plans[0]["id"]
        assert service in services[rule]
        assert service == "" or "" not in services[rule], (
            "the verdict over several services, where there is one"
        )
    codes = {link["community"][0] for link in links if "community" in link}
    assert codes
    assert codes <= set(results.communities["code"])
    towns = {link["township"][0] for link in links if "township" in link}
    assert towns == set(results.communities["township"]) & towns != set()


def test_contents_lead_to_every_chapter(results, tmp_path):
    page = written(results, tmp_path)
    contents = page[page.index('class="contents"') : page.index("</nav>")]
    anchors = re.findall(r'href="#([a-z]+)"', contents)
    assert len(anchors) >= 8
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_scenarios_and_proposals_have_their_chapters_only_where_there_are_any(results, tmp_path):
    assert 'id="effects"' not in written(results, tmp_path)
    told = with_scenarios(results)
    page = html.unescape(written(told, tmp_path, "en"))
    effects = page[page.index('id="effects"') :]
    proposals = page[page.index('id="proposals"') : page.index('id="effects"')]
    assert "Two new fitness sites" in effects
    assert "Sites proposed" in proposals
    assert "Verdicts that turn from not met to met: 1." in effects
    assert "from met to not met" not in effects
    assert "1,234" in effects


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
    assert "All 80 communities meet every requirement that could be judged." in page
    assert text("report.build-first", "en") not in page


def test_each_way_that_communities_may_stand_has_its_sentence(results):
    """All short, the one there is short, none judged: never "1 of the 1" or "0 of the 80"."""
    verdicts = results.findings.assign(status="short", certainty="firm")
    only = results.communities.head(1)
    alone = dataclasses.replace(results, communities=only)
    own = verdicts[verdicts["code"].isin(only["code"])]
    said = [
        short_words(with_findings(results, verdicts), "en"),
        short_words(with_findings(alone, own), "en"),
        short_words(with_findings(results, verdicts.assign(status="no-data")), "en"),
    ]
    assert said == [
        "All 80 communities fall short of at least one requirement.",
        "The community falls short of at least one requirement.",
        "No requirement could be judged.",
    ]


def test_communities_without_a_verdict_have_no_picture_of_rules_missed(results, tmp_path):
    nothing = with_findings(results, results.findings.assign(status="no-data", certainty="provisional"))
    assert 'id="picture"' not in written(nothing, tmp_path)


def test_a_community_without_a_verdict_is_not_shown_as_meeting_everything(results, tmp_path):
    rows = results.findings[results.findings["level"] == "community"]
    judged = rows.loc[rows["status"].isin(["met", "short"]), "code"].nunique()
    page = written(results, tmp_path)
    legend = page[page.index('id="picture"') :]
    legend = legend[legend.index('class="legend"') : legend.index("</ul>")]
    assert 0 < judged < len(results.communities)
    assert f"not judged ({len(results.communities) - judged})" in legend
    assert page.count('<path class="shade--1"') >= len(results.communities) - judged


def test_where_nobody_knows_how_many_live_there_no_number_is_made_up(results, tmp_path):
    """Neither a dash in brackets nor a column that says "unknown" throughout."""
    blank = results.findings.assign(deficit=math.nan, population_short=math.nan)
    page = written(with_findings(results, blank), tmp_path)
    summary = page[page.index('id="summary"') : page.index('id="picture"')]
    assert "–)" not in html.unescape(summary)
    assert text("report.people-affected", "en") not in summary
    assert text("report.people-affected", "en") in written(results, tmp_path)


def test_a_rule_whose_clause_is_but_its_id_is_told_by_its_title_alone(results):
    one = next(score for score in rule_scores(results) if score.short)
    short = shortfalls(results)
    plain = worst_table(with_clause(results, one.rule), short, one, "en").title
    assert worst_table(results, short, one, "en").title == f"{plain} (第三章第二节)"


def test_a_clause_that_is_a_word_is_told_in_the_readers_language(results):
    """The public plans of no country name the function that a rule is about: 商业, Commerce."""
    one = next(score for score in rule_scores(results) if score.short)
    named = with_clause(results, "Commerce", {"zh": "商业", "en": "Commerce"})
    short = shortfalls(named)
    assert worst_table(named, short, one, "zh").title.endswith(" (商业)")
    assert worst_table(named, short, one, "en").title.endswith(" (Commerce)")


def with_clause(results, clause, words=None):
    """Every rule under one clause."""
    own = {"clause": clause, "clause_words": words or dict.fromkeys(("zh", "en"), clause)}
    plans = [
        {**plan, "rules": {rule: {**about, **own} for rule, about in plan["rules"].items()}}
        for plan in results.plans
    ]
    return dataclasses.replace(results, plans=tuple(plans))


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
