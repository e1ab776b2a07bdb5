"""The first pages: headline lines of one condition each, and what is uncertain, level by level."""

import dataclasses

import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings
from stations_by_hand import RULE, with_stations

from lifecircle.messages import text
from lifecircle.outputs.report.begin import begin_words
from lifecircle.outputs.report.brief import headline_table, headlines_how, uncertain_lines
from lifecircle.outputs.report.building_tables import joint_lines
from lifecircle.outputs.report.figures import rule_scores
from lifecircle.outputs.report.tables import rules_table
from lifecircle.outputs.stations import over_by_people_words, station_lines
from lifecircle.outputs.words import title_of

LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def stations():
    return with_stations()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_line_on_stations_tells_of_the_same_stations_in_every_cell(stations, lang):
    title = title_of(stations, "hand-2025", RULE, lang)
    (line,) = [row for row in headline_table(stations, lang).rows if row[0] == title]
    assert any(cell.startswith(text("report.of", lang, n="1", judged="3")) for cell in line)
    assert "7,000" in line
    assert not any("12,000" in cell or cell.startswith("3 ") for cell in line)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_of_rules_says_of_stations_whether_there_are_enough_and_not_that_the_whole_is_met(
    stations, lang
):
    title = title_of(stations, "hand-2025", RULE, lang)
    table = rules_table(stations, "hand-2025", rule_scores(stations), lang)
    (line,) = [row for row in table.rows if row[0].startswith(title)]
    assert text("report.number-enough", lang) in line
    assert text("status.met", lang) not in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rule_of_several_levels_is_told_at_the_level_that_falls_short(lang):
    """Townships all have their centre, 2 of the communities do not; the system as a whole is incomplete."""
    base = results_by_hand()
    own = base.findings.query("rule == 'rule-0' and level == 'community'").assign(status="met", deficit=0.0)
    short = own.index[:2]
    own = own.assign(population_short=0.0, service="site", certainty="firm")
    own.loc[short, ["status", "deficit", "population_short"]] = ["short", 1.0, 450.0]
    township = own.tail(1).assign(level="township", code="T1", service="centre")
    whole = own.head(1).assign(level="city", code="study", service="")
    study = with_findings(base, pd.concat([township, own, whole], ignore_index=True))
    ((_, level, number, *_, people, verdict),) = rules_table(
        study, "hand-2025", rule_scores(study), lang
    ).rows
    assert (level, people) == (text("status.community", lang), "900")
    assert number == text("report.of", lang, n="2", judged=str(len(own)))
    assert verdict == text("status.short", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_no_target_is_set_for_the_whole_the_table_says_so(lang):
    study, _ = _assumed(1, whole="")
    parts = with_findings(study, study.findings[study.findings["level"] == "community"])
    (line,) = rules_table(parts, "hand-2025", rule_scores(parts), lang).rows
    assert line[-1] == text("report.no-whole", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_is_not_set_behind_a_baseline_that_the_plan_counts_by_a_definition_of_its_own(lang):
    study, _ = _assumed(1, whole="")
    began = study.headlines.assign(baseline=[0.95] + [float("nan")] * (len(study.headlines) - 1))
    study = dataclasses.replace(study, headlines=began)
    table = headline_table(study, lang)
    now = table.headings.index(text("report.now", lang))
    assert "95%" not in table.rows[0][now]
    title = title_of(study, "hand-2025", began["rule"].iloc[0], lang)
    remark = text("report.baseline-own", lang, title=title, baseline="95%")
    assert [line for line in headlines_how(study, lang) if "95%" in line] == [remark]
    # what an office reports every year is counted as the baseline was
    (plan,) = study.plans
    rule = began["rule"].iloc[0]
    about = {**plan["rules"], rule: {**plan["rules"][rule], "comparable": True}}
    reported = dataclasses.replace(study, plans=({**plan, "rules": about},))
    assert not any("95%" in line for line in headlines_how(reported, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stations_have_one_story_the_number_in_all_and_what_each_lacks(stations, lang):
    [said] = station_lines(stations, lang)
    assert said in headlines_how(stations, lang)
    # by people one is missing in all, yet A and B are over it and need one each, and C has room: uneven
    one_too_few = text("report.stations-lacking", lang, n="1")
    enough = {"by_committees": text("report.stations-enough", lang), "by_people": one_too_few}
    needed = {"there": "3", "committees": "3", "people": "4", "uneven": text("report.stations-uneven", lang)}
    assert text("report.stations-in-all", lang, **needed, **enough) in said
    assert text("report.stations-over", lang, n="1", missing="1", still="") in said
    why = text("report.stations-why", lang, missing="1", room="1")
    more = text("report.stations-by-people", lang, n="1", all="2", why=why)
    assert more in said, "B is over by people alone"
    assert over_by_people_words(stations, "hand-2025", RULE, lang) == more
    assert not station_lines(_assumed(1, whole="")[0], lang)
    title = title_of(stations, "hand-2025", RULE, lang)
    (line,) = [row for row in headline_table(stations, lang).rows if row[0] == title]
    assert text("report.stations-missing", lang, n="1") in line, "the gap of the stations that fall short"
    named = text("report.station-adds", lang, name="Station A", n="1")
    assert line[-1] == text("report.begin-stations", lang, names=named)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stations_that_a_clause_judges_by_people_alone_have_no_word_on_committees(stations, lang):
    verdicts = stations.findings[~stations.findings["service"].isin(["by-people", "by-committees"])]
    [said] = station_lines(with_findings(stations, verdicts), lang)
    # three are needed and three are there, yet one catchment needs another: enough, but unevenly placed
    words = {
        "by_people": text("report.stations-enough", lang),
        "uneven": text("report.stations-uneven", lang),
    }
    assert text("report.stations-in-all-people", lang, there="3", people="3", **words) in said
    why = text("report.stations-why-enough", lang, room="2")
    assert text("report.stations-over-people", lang, n="1", missing="1", why=why) in said
    assert {"zh": "居委会", "en": "committee"}[lang] not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_headline_target_names_its_first_site_or_says_why_it_has_none(lang):
    study, _ = _assumed(1, whole="")
    first = study.headlines["rule"].iloc[0]
    (line,) = [
        row for row in headline_table(study, lang).rows if row[0] == title_of(study, "hand-2025", first, lang)
    ]
    sites = study.proposals[study.proposals["rule"] == first] if "rule" in study.proposals else []
    assert not len(sites)
    assert text("report.no-site.no-place", lang) in line[-1]
    site = {
        "plan": "hand-2025",
        "rule": first,
        "rank": 1,
        "name": "Here",
        "code": "1",
        "street": "High Street",
    }
    sited = dataclasses.replace(study, proposals=pd.DataFrame([site]))
    assert begin_words(sited, "hand-2025", first, "", lang) == "Here"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_other_plans_ask_alike_is_told_once_for_all_their_targets(lang):
    study = results_by_hand()
    assert len(study.headlines) > 1
    assert not any("Elsewhere" in line for line in headlines_how(study, lang))
    alike = study.headlines.assign(also="other/its-rule; other/another")
    place = {"id": "other", "title": {"zh": "Elsewhere", "en": "Elsewhere"}, "rules": {}}
    told = headlines_how(dataclasses.replace(study, headlines=alike, plans=(*study.plans, place)), lang)
    titles = [title_of(study, "hand-2025", rule, lang) for rule in alike["rule"]]
    title = text("report.comma", lang).join(titles)
    assert [line for line in told if "Elsewhere" in line] == [
        text("report.also-in", lang, title=title, plans="Elsewhere")
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sites_of_one_limit_tell_what_they_bring_under_the_other(lang):
    study = results_by_hand()
    about = {"plan": "hand-2025", "service": "fitness-site", "name": "", "street": ""}
    sites = [
        {**about, "rule": "rule-0", "rank": 1, "gain": 100.0, "joint_gains": "hand-2025/rule-1 7"},
        {**about, "rule": "rule-0", "rank": 2, "gain": 50.0, "joint_gains": "hand-2025/rule-1 5"},
        {**about, "rule": "rule-1", "rank": 1, "gain": 30.0, "joint_gains": ""},
    ]
    (line,) = joint_lines(dataclasses.replace(study, proposals=pd.DataFrame(sites)), lang)
    title = title_of(study, "hand-2025", "rule-1", lang)
    lead = line[: line.index(text("report.joint", lang, lead="", n="2", title=title, people="12", own="30"))]
    assert title_of(study, "hand-2025", "rule-0", lang) in lead


def _assumed(turning, *, whole):
    """Communities of a rule by a threshold of ours, the first few of which another one would turn."""
    base = results_by_hand()
    own = base.findings["rule"] == "rule-0"
    rows = base.findings[own & (base.findings["level"] == "community")]
    rows = rows.assign(status="short", certainty="assumed", turns_at="")
    rows.iloc[:turning, rows.columns.get_loc("turns_at")] = "mode=bike"
    city = rows.tail(1).assign(level="city", code="study", turns_at=whole)
    return with_findings(base, pd.concat([rows, city], ignore_index=True)), len(rows)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("whole", "key"), [("", "whole-holds"), ("mode=bike", "whole-turns")])
def test_what_would_turn_says_of_communities_and_of_the_whole_which_is_which(lang, whole, key):
    study, judged = _assumed(2, whole=whole)
    (line,) = uncertain_lines(study, lang)
    title = title_of(study, "hand-2025", "rule-0", lang)
    settings, said = text("map.setting.mode.bike", lang), text(f"report.{key}", lang)
    values = {"n": "2", "judged": str(judged), "settings": settings}
    words = text("report.would-turn-communities", lang, whole=said, **values)
    assert line == title + text("report.colon", lang) + words + text("report.full-stop", lang)
    assert {"zh": "个社区中有2个", "en": "2 of 80 communities"}[lang] in line
    assert {"zh": "全市整体", "en": "the city as a whole"}[lang] in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_would_turn_names_the_units_that_are_judged_and_no_others(lang):
    study, judged = _assumed(2, whole="")
    village = study.findings["code"] == study.findings["code"].iloc[0]
    both = with_findings(study, study.findings.assign(level=study.findings["level"].mask(village, "village")))
    (line,) = uncertain_lines(both, lang)
    assert {"zh": f"{judged}个社区（村）中有2个", "en": f"2 of {judged} communities"}[lang] in line
    cells = dataclasses.replace(study, communities=study.communities.assign(kind="cell"))
    (line,) = uncertain_lines(cells, lang)
    assert {"zh": f"{judged}个网格中有2个", "en": f"2 of {judged} grid cells"}[lang] in line
    assert {"zh": "评价范围整体", "en": "the study area as a whole"}[lang] in line
    assert {"zh": "社区", "en": "communit"}[lang] not in line.removeprefix(
        title_of(cells, "hand-2025", "rule-0", lang)
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_remark_on_the_whole_says_that_it_is_about_the_whole(lang):
    for key in ("holds-short", "holds-met"):
        assert text(f"notes.{key}", lang) != text(f"notes.{key}-whole", lang)
        assert {"zh": "整体", "en": "as a whole"}[lang] in text(f"notes.{key}-whole", lang)
