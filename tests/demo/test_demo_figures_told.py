"""What the papers say beside a figure: whose it is, how sure, and that it does not read as its target."""

import re

import openpyxl
import pytest
import shown_figures

from lifecircle.messages import text
from lifecircle.outputs.words import figure_beside, figure_words

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning"),
]

LANGUAGES = ("zh", "en")
UNITS = ("community", "village", "township", "catchment", "facility", "county", "life-circle")


@pytest.fixture(scope="module")
def books(papers):
    return {lang: openpyxl.load_workbook(papers[lang] / "deficits.xlsx") for lang in LANGUAGES}


def topic_sheets(book, lang):
    """Sheets with a row for every finding."""
    head = text("workbook.column.certainty", lang)
    return [sheet for sheet in book.worksheets if head in [cell.value for cell in sheet[1]]]


def tables_of(papers, lang):
    """Tables of both reports."""
    page = (papers[lang] / "report.html").read_text(encoding="utf-8")
    return [
        *shown_figures.html_tables(page),
        *shown_figures.docx_tables(papers[lang] / "report.docx"),
    ]


def kind_of(results, plan, rule):
    return next(one for one in results.plans if one["id"] == plan)["rules"][rule]["kind"]


def test_what_is_met_concerns_nobody_but_those_beyond_a_circle(deficits, rerun):
    """Whoever adds up a column of the table gets the figure that every other output shows."""
    met = deficits[(deficits["status"] == "met") & (deficits["population_short"] > 0)]
    kinds = {kind_of(rerun, *key) for key in set(zip(met["plan"], met["rule"], strict=True))}
    assert len(met) > 100
    assert all("circle" in kind for kind in kinds), kinds


def test_people_above_the_limit_of_stations_are_one_number(deficits, rerun):
    own = deficits[(deficits["rule"] == "hainan-health-station-per-10-20k") & (deficits["service"] == "")]
    stations, whole = own[own["level"] == "catchment"], own[own["level"] == "province"]
    short = stations[stations["status"] == "short"]
    people = short["population_short"].sum()
    assert people > 0
    assert stations["population_short"].sum() == pytest.approx(people)
    assert whole["status"].tolist() == ["met"]
    assert whole["population_short"].tolist() == [0.0], "their number is met"
    (headline,) = rerun.headlines.query("rule == 'hainan-health-station-per-10-20k'").to_dict("records")
    assert headline["people"] == pytest.approx(people, abs=0.01)
    # what another setting would count is counted alike
    tried = rerun.sensitivity.query("rule == 'hainan-health-station-per-10-20k' and own")
    assert set(tried["verdict"]) == {"short"}
    assert tried["people_short"].tolist() == pytest.approx([people] * len(tried))
    # the note says why fewer stations are needed than by people alone
    for row in short.itertuples():
        alone = deficits[(deficits["code"] == row.code) & (deficits["service"] == "by-people")]
        assert len(alone) == 1
        needed = {int(row.deficit), int(alone["deficit"].iloc[0])}
        assert needed <= {int(one) for one in re.findall(r"\d+", row.note)}, row.note


def test_a_share_of_units_stands_on_what_their_verdicts_do(deficits):
    """Home care is provisional everywhere: the city's share of it is not firm."""
    own = deficits[deficits["rule"] == "zhuhai-home-care-circle-15min"]
    units, city = own[own["level"] == "community"], own[own["level"] == "city"]
    assert set(units.loc[units["status"] == "short", "certainty"]) == {"provisional"}
    assert city["status"].tolist() == ["report-only"]
    assert city["certainty"].tolist() == ["provisional"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_figure_that_misses_its_target_reads_as_the_target(deficits, papers, lang):
    short = deficits[(deficits["status"] == "short") & deficits["target"].notna() & deficits["value"].notna()]
    near = 0
    for value, target, unit in set(zip(short["value"], short["target"], short["unit"], strict=True)):
        shown = figure_beside(value, target, unit, lang)
        assert shown != figure_words(target, unit, lang), (value, target)
        near += shown != figure_words(value, unit, lang)
    heads = [text(f"report.{name}", lang) for name in ("value", "target")]
    tables = [table for table in tables_of(papers, lang) if table[0][1:3] == heads]
    assert len(short) > 300
    assert len(tables) > 5
    assert not [row for table in tables for row in table[1:] if row[1] == row[2]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_verdict_has_no_certainty_and_thresholds_are_in_words(books, lang):
    verdicts = {text(f"status.{name}", lang) for name in ("met", "short")}
    firm, seen = text("status.firm", lang), 0
    for sheet in topic_sheets(books[lang], lang):
        for row in shown_figures.records(sheet):
            if row[text("workbook.column.status", lang)] not in verdicts:
                assert row[text("workbook.column.certainty", lang)] != firm
            words = row[text("workbook.column.criterion", lang)]
            assert not words or not re.search("[<>]=", words), words
            seen += bool(words)
    assert seen > 1000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sheet_shows_ids_of_rules(books, deficits, lang):
    ids = set(deficits["rule"])
    hidden = 0
    for sheet in books[lang].worksheets:
        for column in sheet.iter_cols(min_row=1, max_row=40):
            letter = column[0].column_letter
            if any(str(cell.value) in ids for cell in column):
                assert sheet.column_dimensions[letter].hidden, (sheet.title, letter)
                hidden += 1
        assert not any(f"[{rule}]" in str(cell.value) for cell in sheet[1] for rule in ids), sheet.title
    assert hidden > 10


@pytest.mark.parametrize("lang", LANGUAGES)
def test_titles_of_several_plans_name_the_plan_where_it_stands_nowhere_else(books, rerun, lang):
    titles = {}
    for plan in rerun.plans:
        for about in plan["rules"].values():
            titles.setdefault(about["title"][lang], set()).add(plan["id"])
    shared = {title for title, plans in titles.items() if len(plans) > 1}
    assert len(shared) > 5
    name = text("workbook.column.title", lang)
    for sheet in ("township-priorities", "proposals", "sensitivity"):
        for row in shown_figures.records(books[lang][text(f"workbook.sheet.{sheet}", lang)]):
            assert row[name] not in shared, (sheet, row[name])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_cover_tells_what_is_uncertain_as_the_report_does(books, papers, lang):
    words = {str(row[0]) for row in books[lang].worksheets[0].iter_rows(values_only=True) if row[0]}
    page = (papers[lang] / "report.html").read_text(encoding="utf-8")
    uncertain = page.split(text("report.uncertain", lang))[1].split("</ul>")[0]
    lines = re.findall(r"<li>(.*?)</li>", uncertain, re.DOTALL)
    assert len(lines) >= 3
    assert not [line for line in lines if line.strip() not in words]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_level_of_a_rule_is_counted_on_its_own(books, deficits, lang):
    """Townships and communities that lack one thing are two rows, each with its own number."""
    verdicts = shown_figures.verdicts_of(deficits)
    short = verdicts[verdicts["status"].eq("short") & verdicts["level"].isin(UNITS)]
    levels = short.assign(level=short["level"].replace("village", "community")).groupby("rule")["level"]
    several = [rule for rule, count in levels.nunique().items() if count > 1]
    assert "zhuhai-yuezhizhu-full-coverage" in several
    sheet = shown_figures.records(books[lang][text("workbook.sheet.summary", lang)])
    for rule in several:
        rows = [row for row in sheet if row[text("workbook.column.rule", lang)] == rule]
        assert len({row[text("workbook.column.level", lang)] for row in rows}) == len(rows)
