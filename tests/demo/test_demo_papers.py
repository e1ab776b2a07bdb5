"""The demo's papers as readers meet them: printed by LibreOffice, opened on a desk and on a phone."""

from __future__ import annotations

import re

import openpyxl
import paper_words
import pytest
import shown_figures
from printed_pages import printed_pages

from lifecircle.messages import text

pytestmark = pytest.mark.slow

LANGUAGES = ("zh", "en")
MOST_SCREENS = 20
MOST_PRINTED = 60


@pytest.fixture(scope="module")
def printed(papers, tmp_path_factory):
    """The text of each page of report and workbook, by language and file."""
    pages = {}
    for lang in LANGUAGES:
        files = [papers[lang] / name for name in ("report.docx", "deficits.xlsx")]
        told = printed_pages(tmp_path_factory.mktemp(f"printed_{lang}"), *files)
        pages |= {(lang, name): words for name, words in told.items()}
    return pages


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_two_pages_of_the_report_are_the_brief(printed, rerun, demo_run, lang):
    """Per headline target what is short and whom it concerns; the map; where to begin; what is uncertain."""
    brief = "\n".join(printed[lang, "report.docx"][:2])
    lines = shown_figures.headline_lines(rerun, demo_run.deficits(), lang)
    assert len(lines) >= 5
    for short, people, *_ in lines:
        # words wrap in a narrow cell, figures do not
        shown = [short] if re.search(r"\d", short) else short.split()
        assert all(part in brief for part in (*shown, people))
    for key in ("headlines", "deficit", "begin", "build-first", "uncertain"):
        assert text(f"report.{key}", lang) in re.sub(r"\s+", " ", brief), key
    figure = rf"{text('docx.figure', lang)}\s*1\s+{text('sheet.overview', lang)}"
    assert re.search(figure, brief), "the map"
    assert not re.search(figure, "\n".join(printed[lang, "report.docx"][2:3]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_heading_of_a_table_is_broken_inside_a_word(printed, lang):
    """LibreOffice sets them in wider letters than Word's, where the fonts of Word are not installed."""
    brief = "\n".join(printed[lang, "report.docx"][:2])
    heads = text("report.people-affected", lang)
    assert all(re.search(rf"\b{word}\b", brief) for word in heads.split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_prints_on_fewer_than_sixty_pages(printed, lang):
    pages = printed[lang, "deficits.xlsx"]
    assert 20 < len(pages) < MOST_PRINTED
    assert "###" not in "".join(pages), "no figure is wider than its column"
    assert text("report.headlines", lang) in pages[0]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_page_is_shorter_than_twenty_screens(papers, opened, lang, width, height):
    page = opened(papers[lang] / "report.html", width=width, height=height)
    assert page.evaluate("document.documentElement.scrollHeight") / height < MOST_SCREENS
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off at the side"


def test_a_phone_folds_what_is_long_and_a_desk_shows_it(papers, opened):
    seen = "[...document.querySelectorAll('.fold')].map(one => one.lastElementChild.checkVisibility())"
    desk = opened(papers["zh"] / "report.html", width=1366, height=768)
    assert set(desk.evaluate(seen)) == {True}
    assert not desk.locator(".fold > summary").first.is_visible()
    phone = opened(papers["zh"] / "report.html", width=390, height=844)
    assert set(phone.evaluate(seen)) == {False}
    first = phone.locator(".profile .fold > summary").first
    assert first.bounding_box()["height"] >= 44
    first.click()
    assert phone.locator(".profile .fold svg").first.is_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_sites_and_their_curve_are_the_same_on_the_map_in_the_workbook_and_in_both_reports(papers, lang):
    folder = papers[lang]
    data = paper_words.map_data(folder / "gap_map.html")
    told, themes = data["proposals"], data["themes"]
    # what several plans ask alike stands in the workbook once
    first_of = {
        themes[at]["rule"]: themes[one["theme"]]["rule"] for one in data["headlines"] for at in one["also"]
    }
    book = openpyxl.load_workbook(folder / "deficits.xlsx")
    sheet, curve = (
        shown_figures.records(book[text(f"workbook.sheet.{name}", lang)])
        for name in ("proposals", "coverage-curve")
    )

    def head(name):
        return text(f"workbook.column.{name}", lang)

    gain, rank, street = (text(f"report.{name}", lang) for name in ("gain", "rank", "street"))
    mapped = [
        (site["rule"], site["rank"], site["code"], site["name"], site["street"], round(site["gain"]))
        for site in told["sites"]
    ]
    listed = [
        (row[head("rule")], row[rank], row[head("code")], row[head("name")], row[street], round(row[gain]))
        for row in sheet
    ]
    once = [site for site in mapped if site[0] not in first_of]
    repeated = [(first_of[site[0]], *site[1:]) for site in mapped if site[0] in first_of]
    assert repeated
    assert set(repeated) <= set(once)
    assert sorted(once) == sorted(listed)
    assert len(once) > 15
    titles = {row[head("title")] for row in sheet if row[head("rule")] in first_of.values()}
    assert titles
    assert all(text("map.semicolon", lang) in title for title in titles)
    for line in told["curve"]:
        rule = first_of.get(line["rule"], line["rule"])
        rows = [row for row in curve if row[head("rule")] == rule]
        assert [row[head("covered")] for row in rows] == pytest.approx(line["covered"], abs=0.01)
        assert all(row[head("people")] == pytest.approx(line["people"], abs=0.01) for row in rows)
    # the reports show rules that share their sites once
    shown = {(name, f"{people:,}") for *_, name, _, people in mapped}
    for tables in (
        shown_figures.html_tables((folder / "report.html").read_text(encoding="utf-8")),
        shown_figures.docx_tables(folder / "report.docx"),
    ):
        [sites] = [table for table in tables if table[0][0] == text("report.for-what", lang)]
        assert gain in sites[0]
        place, people = sites[0].index(text("report.place-name", lang)), sites[0].index(gain)
        assert {(row[place].split(" ")[-1], row[people]) for row in sites[1:]} == shown
