"""What a scenario brings is told with the same figures on the map, in the workbook and in both reports."""

import docx
import openpyxl
import pytest
import shown_figures
from results_by_hand import results_by_hand, with_scenarios

from lifecircle.messages import text
from lifecircle.outputs.report.docx import write_report_docx
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.gap_map import map_data
from lifecircle.outputs.words import title_of, whole_words
from lifecircle.outputs.workbook.write import write_workbook

MARKS = dict.fromkeys("mnq", "met") | dict.fromkeys("stp", "short")
"""Firm, by an assumed threshold, provisional."""


@pytest.fixture(scope="module")
def told():
    return with_scenarios(results_by_hand(rows=5, columns=6))


@pytest.fixture(scope="module", params=["zh", "en"])
def written(told, request, tmp_path_factory):
    folder, lang = tmp_path_factory.mktemp("after"), request.param
    write_workbook(told, folder / "deficits.xlsx", lang=lang)
    write_report_html(told, folder / "report.html", lang=lang)
    write_report_docx(told, folder / "report.docx", maps=[], lang=lang)
    return folder, lang


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_status_deficit_and_people_afterwards_are_those_of_the_effects(told, written):
    folder, lang = written
    book = openpyxl.load_workbook(folder / "deficits.xlsx")
    sheet = shown_figures.records(book[text("workbook.sheet.effects", lang)])
    data = map_data(told, lang=lang)
    codes = data["communities"]["code"]
    compared = 0
    for scenario in data["scenarios"]:
        own = [row for row in sheet if row[text("effects.column.scenario", lang)] == scenario["name"]]
        for entry in scenario["themes"]:
            theme = data["themes"][entry["theme"]]
            for row, mark, deficit, people in zip(
                entry["row"], entry["status"], entry["deficit"], entry["people"], strict=True
            ):
                [line] = [
                    one
                    for one in own
                    if one[text("effects.column.rule", lang)] == theme["rule"]
                    and one[text("effects.column.code", lang)] == codes[row]
                    and (one[text("effects.column.service", lang)] or "") == theme["service"]
                ]
                assert line[text("effects.column.status_after", lang)] == text(f"status.{MARKS[mark]}", lang)
                assert line[text("effects.column.deficit_after", lang)] == pytest.approx(deficit, abs=0.01)
                assert line[text("effects.column.people_after", lang)] == pytest.approx(people, abs=0.01)
                compared += 1
    assert compared == 2 * 3, "two scenarios, three verdicts on communities each"


def test_people_newly_reached_under_a_rule_are_the_same_in_both_reports_and_on_the_map(told, written):
    folder, lang = written
    data = map_data(told, lang=lang)
    [first, _] = data["scenarios"]
    reached = {
        data["themes"][entry["theme"]]["rule"]: entry["newly_reached"]
        for entry in first["themes"]
        if entry["newly_reached"]
    }
    page = (folder / "report.html").read_text(encoding="utf-8")
    for tables in (shown_figures.html_tables(page), shown_figures.docx_tables(folder / "report.docx")):
        for rule, people in reached.items():
            title = title_of(told, told.plans[0]["id"], rule, lang)
            lines = [row for table in tables for row in table if row[0] == title]
            assert any(whole_words(people) in line for line in lines), (rule, people)
    words = "\n".join(one.text for one in docx.Document(folder / "report.docx").paragraphs)
    assert first["name"] in words
    assert set(reached) == {"rule-0", "rule-1"}
