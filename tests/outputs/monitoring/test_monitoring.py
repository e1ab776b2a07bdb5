"""monitoring.xlsx: the forms hold what the tables say, in both languages, and nothing in them computes."""

from __future__ import annotations

import dataclasses
import math

import openpyxl
import pandas as pd
import pytest
from results_by_hand import PLAN, results_by_hand

from lifecircle.messages import text
from lifecircle.outputs import write_monitoring, write_monitoring_years
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.monitoring.indicator_remarks import indicator_remarks
from lifecircle.outputs.monitoring.problem_sheet import people_told
from lifecircle.outputs.monitoring.write import conclusion
from lifecircle.outputs.words import clause_of, figure_words, plan_short
from lifecircle.tables import CHECKLIST, CIRCLE_SHEET, MONITORING, PROBLEMS, Note, verdict_rows

HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def results():
    """Two provisions with three reported years, one problem, two communities, one circle; hostile words."""
    row = {
        "plan": PLAN, "rule": "rule-0", "clause": HOSTILE, "nature": "expected", "baseline": 15.0,
        "baseline_year": 2022.0, "reported": ((2022, 15.0), (2024, 40.0)), "value": 40.0,
        "unit": "communities",
        "comparator": ">=", "target": 60.0, "target_max": math.nan,
        "target_year": 2025.0, "progress": 25 / 45, "expected": 0.5,
        "deficit": 20.0, "deficit_unit": "communities", "responsible": "+市民政局",
        "evidence": "年报.xlsx #3",
        "status": "short", "certainty": "firm", "pace": "on-track",
    }  # fmt: skip
    second = {**row, "rule": "rule-1", "nature": "", "reported": ((2023, 1.0),), "status": "no-data"}
    second |= {"value": math.nan, "target": math.nan, "deficit": math.nan, "pace": ""}
    problem = {
        "plan": PLAN, "rule": "rule-0", "clause": "一", "level": "community", "code": "1", "name": HOSTILE,
        "township": "@镇", "services": "market|health-station", "action": "build", "deficit": 2.0,
        "deficit_unit": "facilities", "people": 1234.0, "certainty": "firm", "responsible": "",
        "missing": "market|health-station, clinic", "columns": "", "pace": "overdue",
        "also": f"{PLAN}/rule-1",
    }  # fmt: skip
    item = {"zh": "幼儿园", "en": "Kindergarten"}
    checked = [
        {
            "code": code,
            "name": f"社区{code}",
            "township": "",
            "rule": "k",
            "item": item,
            "status": status,
            "value": 1.0,
        }
        for code, status in (("1", "met"), ("2", "short"))
    ]
    circle = {
        "kind": "life-circle", "code": "circle-1", "name": "-圈", "residents": 20_500.0, "basic": 9.0,
        "basic_asked": 11.0, "quality": 3.0, "outlets": 40.0, "tier": "below", "n_market": 2.0,
    }  # fmt: skip
    results = results_by_hand()
    (plan,) = results.plans
    named = {**plan["rules"]["rule-0"], "clause": HOSTILE, "clause_words": {"zh": HOSTILE, "en": HOSTILE}}
    return dataclasses.replace(
        results,
        plans=({**plan, "rules": {**plan["rules"], "rule-0": named}},),
        monitoring=MONITORING.check(pd.DataFrame([row, second])),
        problems=PROBLEMS.check(pd.DataFrame([problem])),
        checklist=CHECKLIST.check(pd.DataFrame(checked)),
        circle_sheet=CIRCLE_SHEET.check(pd.DataFrame([circle])),
    )


def sheets(path):
    """Each sheet as a table under its headings."""
    tables = {}
    for sheet in openpyxl.load_workbook(path).worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head = next(at for at, row in enumerate(rows) if not any(row)) + 1
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        tables[sheet.title] = pd.DataFrame(rows[head + 1 :], columns=rows[head])
    return tables


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_forms_hold_every_year_and_say_type_pace_and_conclusion(results, tmp_path, lang):
    write_monitoring(results, tmp_path / "m.xlsx", lang=lang)
    book = sheets(tmp_path / "m.xlsx")
    assert list(book) == [
        text(f"monitoring.sheet-{key}", lang) for key in ("indicators", "problems", "complete", "circles")
    ]
    table = book[text("monitoring.sheet-indicators", lang)]

    def of(name, **values):
        """A column of the form."""
        return table[text(f"monitoring.column.{name}", lang, **values)].tolist()

    assert of("nature") == [text("monitoring.nature-expected", lang), text("monitoring.nature-unsaid", lang)]
    assert of("reported", year=2022)[0] == 15
    assert of("reported", year=2024)[0] == 40
    assert of("reported", year=2023)[1] == 1
    assert of("expected")[0] == 0.5
    assert of("deficit")[0] == 20
    assert of("target")[0] == "≥ 60"
    first, second = of("conclusion")
    short = text(
        "monitoring.conclusion", lang, verdict=text("status.short", lang), certainty=text("status.firm", lang)
    )
    paced = text("monitoring.pace-on-track", lang)
    assert first == text("monitoring.conclusion-paced", lang, conclusion=short, pace=paced)
    assert second == text("status.no-data", lang)
    assert of("clause")[0] == HOSTILE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_indicator_says_whose_baseline_it_has_and_how_its_units_stand(results, lang):
    """Measured here, the baseline is of another definition; without a target for the whole, units count."""
    table = results.monitoring.assign(reported=[((2022, 15.0),), ()], value=40.0, target=[60.0, math.nan])
    table = table.assign(status="short", deficit=1.0)
    # the one question that decides: whether the plan's baseline is counted as the present figure is
    (plan,) = results.plans
    rules = {**plan["rules"], "rule-0": {**plan["rules"]["rule-0"], "comparable": True}}
    judged = dataclasses.replace(results, monitoring=table, plans=({**plan, "rules": rules},))
    reported, measured = indicator_remarks(judged, lang)
    began = text("monitoring.baseline-own", lang, baseline=figure_words(15.0, "communities", lang))
    assert began not in reported
    assert measured.startswith(began)
    own = verdict_rows(results.findings).query("rule == 'rule-1' and level == 'community'")
    n, number = (own["status"] == "short").sum(), own["status"].isin(["met", "short"]).sum()
    assert text("monitoring.each-of", lang, n=str(n), judged=str(number)) in measured
    lacking = (own["status"] == "no-data").sum()
    assert lacking
    assert text("monitoring.without-data", lang, n=str(lacking)) in measured
    deficit = own["deficit"].sum()
    missing = missing_words(results, (PLAN, "rule-1"), deficit, own["deficit_unit"].iloc[0], lang)
    assert measured.endswith(text("monitoring.in-all", lang, missing=missing))
    assert conclusion("short", "firm", lang, whole=False) != conclusion("short", "firm", lang)


def test_evidence_names_files_as_they_are_and_columns_by_their_headings(results, tmp_path):
    told = ("osm, ledgers.xlsx #3", "communities.scope, communities.legal_adviser")
    results = dataclasses.replace(results, monitoring=results.monitoring.assign(evidence=told))
    write_monitoring(results, tmp_path / "m.xlsx", lang="zh")
    table = sheets(tmp_path / "m.xlsx")["年度监测"]
    assert table["佐证"].tolist() == ["OpenStreetMap、ledgers.xlsx第3行", "社区和行政村台账“法律顾问”列"]


def test_a_problem_says_where_how_much_and_what_to_do(results, tmp_path):
    write_monitoring(results, tmp_path / "m.xlsx", lang="zh")
    [row] = sheets(tmp_path / "m.xlsx")["体检问题台账"].to_dict("records")
    assert row["名称"] == HOSTILE
    assert row["涉及居民（人）"] == 1234
    assert row["建议措施"] == "新建或增设菜市场/社区卫生服务站、clinic（2个设施）"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_problem_names_every_clause_who_answers_for_it_and_how_it_stands_in_time(results, tmp_path, lang):
    write_monitoring(results, tmp_path / "m.xlsx", lang=lang)
    [row] = sheets(tmp_path / "m.xlsx")[text("monitoring.sheet-problems", lang)].to_dict("records")

    def of(name):
        """A cell of the row."""
        return row[text(f"monitoring.column.{name}", lang)]

    second = clause_of(results, PLAN, "rule-1", lang)
    assert of("clause") == text("map.semicolon", lang).join([HOSTILE, second])
    assert of("pace") == text("monitoring.pace-overdue", lang)
    assert of("responsible") == text("monitoring.responsible-unsaid", lang)
    # departments that a plan names are told in the reader's language, each once
    (plan,) = results.plans
    office = {"zh": "市民政局", "en": "Civil Affairs"}
    rules = {rule: {**about, "responsible": ("市民政局",)} for rule, about in plan["rules"].items()}
    named = dataclasses.replace(results, plans=({**plan, "departments": [office], "rules": rules},))
    write_monitoring(named, tmp_path / "d.xlsx", lang=lang)
    [row] = sheets(tmp_path / "d.xlsx")[text("monitoring.sheet-problems", lang)].to_dict("records")
    assert of("responsible") == office[lang]
    several = dataclasses.replace(results, plans=(*results.plans, {**results.plans[0], "id": "other"}))
    write_monitoring(several, tmp_path / "n.xlsx", lang=lang)
    [row] = sheets(tmp_path / "n.xlsx")[text("monitoring.sheet-problems", lang)].to_dict("records")
    title = plan_short(several, PLAN, lang)
    assert of("clause").startswith(text("monitoring.clause-of", lang, plan=title, clause=HOSTILE))


@pytest.mark.parametrize(
    ("level", "unit", "action"),
    [
        ("facility", "facilities", "按条文落实“政府办”"),
        ("city", "facilities", "社区卫生服务站：另有2个设施须落实“政府办”"),
        ("city", "villages", "按条文落实“政府办”（2个村）"),
    ],
)
def test_what_a_column_says_is_put_in_place_and_not_counted_as_a_thing(
    results, tmp_path, level, unit, action
):
    told = {"action": "equip", "columns": "government_run", "level": level, "deficit_unit": unit}
    named = "health-station" if unit == "facilities" else ""
    table = results.problems.assign(**told, missing=named)
    write_monitoring(dataclasses.replace(results, problems=table), tmp_path / "m.xlsx", lang="zh")
    [row] = sheets(tmp_path / "m.xlsx")["体检问题台账"].to_dict("records")
    assert row["建议措施"] == action


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_total_of_another_place_is_told_for_information(results, lang):
    note = Note("total-of-province", {"count": 19, "total": 200})
    findings = results.findings
    own = (findings["rule"] == "rule-0") & findings.index.isin(verdict_rows(findings).index)
    notes = [(note,) if here else notes for here, notes in zip(own, findings["note"], strict=True)]
    findings = findings.assign(note=notes, status=findings["status"].mask(own, "not-applicable"))
    table = results.monitoring.assign(status=["not-applicable", "no-data"])
    remark, other = indicator_remarks(dataclasses.replace(results, findings=findings, monitoring=table), lang)
    assert remark.casefold().startswith(note.render(lang).casefold())
    assert "200" not in other


def test_the_ledger_says_why_its_people_are_fewer_than_the_headline_s(results):
    """1,234 people in the ledger and those beyond the limit where the target is met are the headline's."""
    rows = verdict_rows(results.findings)
    met = rows[(rows["rule"] == "rule-0") & (rows["status"] == "met") & (rows["level"] == "community")]
    beyond = met["population_short"].sum()
    head = results.headlines.assign(plan=PLAN).query("rule == 'rule-0'").head(1)
    told = dataclasses.replace(results, headlines=head.assign(people=1234.0 + beyond))
    assert [(one.ledger, one.elsewhere, one.headline) for one in people_told(told)] == (
        [(1234.0, beyond, 1234.0 + beyond)] if beyond >= 0.5 else []
    )
    # sums that something else sets apart are not explained by this
    other = dataclasses.replace(results, headlines=head.assign(people=9_999_999.0))
    assert people_told(other) == []


def test_a_community_has_a_mark_for_every_item_and_a_circle_its_outlets(results, tmp_path):
    write_monitoring(results, tmp_path / "m.xlsx", lang="en")
    book = sheets(tmp_path / "m.xlsx")
    checked = book["Complete communities"]
    assert checked["Kindergarten"].tolist() == ["✓", "✗"]
    assert checked["items met"].tolist() == [1, 0]
    assert checked["items judged"].tolist() == [1, 1]
    [circle] = book["Convenience circles"].to_dict("records")
    assert (circle["grade"], circle["Fresh-food market"], circle["place"]) == ("below basic", 2, "-圈")


def test_a_study_without_any_of_it_still_has_its_four_sheets(tmp_path):
    write_monitoring(results_by_hand(), tmp_path / "m.xlsx", lang="zh")
    assert len(openpyxl.load_workbook(tmp_path / "m.xlsx").worksheets) == 4


def test_years_without_a_provision_stay_blank(tmp_path):
    row = {
        "plan": PLAN, "rule": "r", "clause": {"zh": "一", "en": HOSTILE}, "unit": "%",
        "title": {"zh": "=标题", "en": "=title"}, "responsible": {"zh": "市民政局", "en": "Civil Affairs"},
        "comparator": ">=", "target": 80.0, "target_max": math.nan, "target_year": 2025.0,
        "years": ("2023", "2024"),
        "value": (math.nan, 70.0), "status": ("", "short"), "certainty": ("", "firm"),
        "deficit": (math.nan, 1.0), "deficit_unit": ("", "units"),
    }  # fmt: skip
    write_monitoring_years(pd.DataFrame([row]), tmp_path / "y.xlsx", lang="en")
    [table] = sheets(tmp_path / "y.xlsx").values()
    [said] = table.to_dict("records")
    assert said["indicator"] == "=title"
    assert said["clause"] == HOSTILE
    assert "Civil Affairs" in said.values()
    assert "市民政局" not in said.values()
    assert said["value, 2023"] is None
    assert said["value, 2024"] == 70
    assert said["conclusion, 2024"].startswith("not met")
