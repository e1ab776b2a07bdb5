"""Sheets and report sections on scores say what the tables say, in both languages."""

import dataclasses

import openpyxl
import pandas as pd
import pytest
from results_by_hand import PLAN, results_by_hand

from lifecircle.outputs import write_report_html, write_workbook
from lifecircle.outputs.report.chart import panel_png
from lifecircle.outputs.report.sensitivity import panels
from lifecircle.tables import PRIORITIES, SCORECARD, SENSITIVITY, Shortfall


@pytest.fixture(scope="module")
def results():
    counts = {
        "met": 3,
        "short_firm": 2,
        "short_assumed": 7,
        "short_provisional": 1,
        "no_data": 4,
        "not_applicable": 0,
    }
    largest = (Shortfall(PLAN, "rule-0", 4321.0, 7.0, "persons"),)
    card = pd.DataFrame(
        [
            {
                "subject": "plan",
                "code": PLAN,
                "name": "",
                **counts,
                "report_only": 5,
                "context": 8,
                "largest": largest,
            },
            {
                "subject": "village",
                "code": "C1",
                "name": "=1+1",
                **counts,
                "report_only": 6,
                "context": 9,
                "largest": (),
            },
        ]
    )
    first = pd.DataFrame(
        [
            {
                "township": "T1", "name": "<b>街</b>", "rank": 1, "service": "market", "plan": PLAN,
                "rule": "rule-1", "rules": 2, "areas": 8, "areas_firm": 5, "areas_assumed": 0,
                "deficit": 40.0, "deficit_unit": "persons", "people": 6543.0,
            }
        ]
    )  # fmt: skip
    moved = pd.DataFrame(
        [
            {
                "plan": PLAN, "rule": "rule-0", "varied": "walk-speed", "setting": setting, "own": own,
                "met": met, "short": 4 - met, "no_data": 0, "not_applicable": 0, "met_share": 25.0 * met,
                "verdict": "short", "people_short": 100.0,
            }
            for setting, own, met in (("3", False, 1), ("4", True, 2), ("4.8", False, 4))
        ]
    )  # fmt: skip
    return dataclasses.replace(
        results_by_hand(rows=2, columns=2),
        scorecard=SCORECARD.check(card),
        priorities=PRIORITIES.check(first),
        sensitivity=SENSITIVITY.check(moved),
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_three_sheets_hold_every_figure(results, tmp_path, lang):
    write_workbook(results, tmp_path / "w.xlsx", lang=lang)
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    names = {"zh": ["条款评价表", "乡镇（街道）优先布局", "敏感性"]}.get(
        lang, ["Scorecard", "Township priorities", "Sensitivity"]
    )
    card, first, moved = (list(book[name].iter_rows(values_only=True)) for name in names)
    assert [row[3:11] for row in card[1:]] == [(3, 2, 7, 1, 4, 0, 5, 8), (3, 2, 7, 1, 4, 0, 6, 9)]
    assert "4,321" in card[1][11]
    assert card[2][2] == "=1+1"
    assert first[1][1] == 1
    assert {6543, 8, 5, 40, 2} <= set(first[1])
    assert [row[4] for row in moved[1:]] == [25, 50, 100]
    assert [bool(row[3]) for row in moved[1:]] == [False, True, False]


def test_a_run_without_scores_has_no_such_sheets(tmp_path):
    bare = {
        "scorecard": SCORECARD.empty(),
        "priorities": PRIORITIES.empty(),
        "sensitivity": SENSITIVITY.empty(),
    }
    results = dataclasses.replace(results_by_hand(rows=2, columns=2), **bare)
    write_workbook(results, tmp_path / "w.xlsx", lang="en")
    names = openpyxl.load_workbook(tmp_path / "w.xlsx").sheetnames
    assert not {"Scorecard", "Township priorities", "Sensitivity"} & set(names)
    write_report_html(results, tmp_path / "r.html", lang="en")
    assert 'id="sensitivity"' not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_marks_lie_where_their_shares_are(results):
    (panel,) = panels(results, "en")
    (track,) = panel.tracks
    assert [mark.x / panel.width for mark in track.marks] == [0.25, 0.5, 1.0]
    assert (track.first, track.last) == (100.0, 400.0)
    assert [mark.own for mark in track.marks] == [False, True, False]


def test_no_title_beside_the_chart_is_cut(results, tmp_path):
    long = "Every street has a grid of 300-500 households; and a community service hall (station) within it"
    plan = results.plans[0]
    rules = {name: {**about, "title": {"zh": "居" * 60, "en": long}} for name, about in plan["rules"].items()}
    named = dataclasses.replace(results, plans=({**plan, "rules": rules},))
    (panel,) = panels(named, "en")
    assert " ".join(panel.tracks[0].lines) == long
    assert all(len(line) <= 50 for line in panel.tracks[0].lines)
    (zh,) = panels(named, "zh")
    assert [len(line) for line in zh.tracks[0].lines] == [25, 25, 10]
    assert zh.height == 39 * len(zh.tracks) > panel.height, "three lines need a higher row than two"
    write_report_html(named, tmp_path / "r.html", lang="en")
    drawn = (
        (tmp_path / "r.html").read_text(encoding="utf-8").split('class="track-label"')[1].split("</text>")[0]
    )
    assert all(f">{line}</tspan>" in drawn for line in panel.tracks[0].lines)
    assert panel_png(zh).startswith(b"\x89PNG")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_draws_each_rule_and_escapes_names(results, tmp_path, lang):
    write_report_html(results, tmp_path / "r.html", lang=lang)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count('class="mark') == 3
    assert page.count('class="mark own"') == 1
    assert "<b>街" not in page
