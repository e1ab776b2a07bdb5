"""deficits.xlsx: equal to the findings number by number, inert, readable, and LibreOffice opens it."""

import dataclasses
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from results_by_hand import results_by_hand, with_findings, with_scenarios

from lifecircle.messages import LANGUAGES, has, text
from lifecircle.outputs.web_map.topics import TOPICS, topic_of
from lifecircle.outputs.words import plan_title
from lifecircle.outputs.workbook.cover import _Pages
from lifecircle.outputs.workbook.sheets import LINE_POINTS, MOST_TEXT, SheetColumn, Sheets, legible_page
from lifecircle.outputs.workbook.write import write_workbook
from lifecircle.plans import find_plans, packaged_plans
from lifecircle.tables import FINDINGS, verdict_rows

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "http://example.org/",
    "长" * 40_000,
    "\x00\x01控制\x1f",
    "\u202eغلط\u2069",
    "_x0041_",
    "😀" * 20_000,
]
KEY = ["plan", "rule", "level", "code", "service"]


@pytest.fixture(scope="module")
def results():
    return results_by_hand(rules=6)


def opened(results, folder, lang="zh"):
    write_workbook(results, folder / "deficits.xlsx", lang=lang)
    return openpyxl.load_workbook(folder / "deficits.xlsx")


def heading(name, lang):
    return text(f"workbook.column.{name}", lang)


def finding_rows(book, lang):
    """Rows of every sheet that holds findings, keyed by the English names of the columns."""
    names = {heading(name, lang): name for name in FINDINGS.columns}
    rows = []
    for sheet in book:
        head = [cell.value for cell in sheet[1]]
        if {heading(name, lang) for name in FINDINGS.columns} <= set(head):
            values = sheet.iter_rows(min_row=2, values_only=True)
            rows += [
                {names.get(key, key): value for key, value in zip(head, row, strict=True)} for row in values
            ]
    return rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rule_sheets_hold_every_finding_number_by_number(results, tmp_path, lang):
    figures = {}
    for row in finding_rows(opened(results, tmp_path, lang), lang):
        figures[tuple(row[name] or "" for name in KEY)] = row
    findings = results.findings.copy()
    words = {name: text(f"status.{name}", lang) for name in findings["level"].unique()}
    findings["level"] = findings["level"].map(words)
    findings["plan"] = [plan_title(results, plan, lang) for plan in findings["plan"]]
    assert len(figures) == len(findings)
    numbers = [name for name, column in FINDINGS.columns.items() if column.kind == "number"]
    for row in findings.to_dict("records"):
        own = figures[tuple(row[name] for name in KEY)]
        for name in numbers:
            assert (
                own[name] is None if np.isnan(row[name]) else own[name] == pytest.approx(row[name], abs=1e-9)
            )
        assert own["status"] == text(f"status.{row['status']}", lang)


def test_hostile_text_is_text(results, tmp_path):
    findings = results.findings.copy()
    findings["name"] = [HOSTILE[at % len(HOSTILE)] for at in range(len(findings))]
    communities = results.communities.copy()
    communities["name"] = [HOSTILE[at % len(HOSTILE)] for at in range(len(communities))]
    hostile = dataclasses.replace(with_findings(results, findings), communities=communities)
    book = opened(hostile, tmp_path)
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert {link.location.split("!")[0].strip("'") for link in links} == set(book.sheetnames[1:])
    assert not [link.target for link in links if link.target], "the cover leads to sheets of this book alone"
    shown = {cell.value for cell in cells if isinstance(cell.value, str)}
    assert {"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "http://example.org/", "控制", "غلط"} <= shown
    assert max(len(words.encode("utf-16-le")) // 2 for words in shown) == MOST_TEXT


def test_headings_stay_and_columns_can_be_filtered(results, tmp_path):
    book = opened(results, tmp_path)
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        top = int(re.search(r"\d+", sheet.freeze_panes)[0]) - 1
        assert all(cell.value for cell in sheet[top])


def test_deficits_have_bars_on_one_scale_per_rule(results, tmp_path):
    book = opened(results, tmp_path)
    bars = {sheet.title: sheet.conditional_formatting for sheet in book}
    other = bars[text("map.topic.fitness", "zh")]
    assert {rule.type for area in other for rule in area.rules} == {"dataBar"}
    rows = book[text("map.topic.fitness", "zh")]
    place = [cell.value for cell in rows[1]].index(heading("rule", "zh"))
    rules = [row[place] for row in rows.iter_rows(min_row=2, values_only=True)]
    ranges = [bounds for area in other for bounds in area.sqref.ranges]
    spans = sorted((bounds.min_row, bounds.max_row) for bounds in ranges)
    for first, last in spans:
        assert len(set(rules[first - 2 : last - 1])) == 1
    assert sum(last - first + 1 for first, last in spans) == len(rules)


def test_the_summary_counts_verdicts_once(results, tmp_path):
    sheet = opened(results, tmp_path, "en")[text("workbook.sheet.summary", "en")]
    rows = list(sheet.iter_rows(values_only=True))
    head, body = rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert heading("title", "en") in head
    verdicts = verdict_rows(results.findings)
    short = verdicts[verdicts["status"] == "short"]
    firm, unsure = heading("n_short-firm", "en"), heading("n_short-provisional", "en")
    assert sum(row[firm] for row in body) == (short["certainty"] == "firm").sum()
    assert sum(row[unsure] for row in body) == (short["certainty"] == "provisional").sum()
    assert sum(row[heading("n_met", "en")] for row in body) == (verdicts["status"] == "met").sum()


def test_a_community_is_one_row_with_every_rule_and_service(results, tmp_path):
    sheet = opened(results, tmp_path)[text("workbook.sheet.communities-wide", "zh")]
    head = [cell.value for cell in sheet[1]]
    assert sheet.max_row == 1 + len(results.communities)
    assert len(head) == len(set(head))
    place = head.index(text("workbook.figure.min50", "zh", service="菜市场"))
    column = [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]
    np.testing.assert_allclose(column, results.communities["min50_market"])


def test_the_cover_tells_no_count_of_what_nobody_judged_or_counted(results, tmp_path):
    nobody = results.communities.assign(population=np.nan)
    blank = with_findings(results, results.findings.assign(status="no-data", certainty="provisional"))
    cover = opened(dataclasses.replace(blank, communities=nobody), tmp_path, "en").worksheets[0]
    assert cover["A2"].value.endswith(
        "80 communities; no number of residents was given. No requirement could be judged."
    )


def test_the_cover_has_every_headline_and_a_chart(results, tmp_path):
    book = opened(results, tmp_path, "en")
    cover = book.worksheets[0]
    words = {cell.value for row in cover for cell in row}
    for row in results.headlines.itertuples():
        wanted = f"{row.short} of {row.met + row.short}"
        if row.level != "community":
            wanted += f" · {text(f'status.{row.level}', 'en')}"
        wanted += f" ({text(f'status.{row.certainty}', 'en')})" if row.certainty else ""
        assert wanted in words
    assert len(cover._charts) == 1
    # a page wide in its own size, however high
    assert (cover.page_setup.orientation, cover.page_setup.fitToHeight) == ("landscape", 0)
    assert sum(one.width for one in cover.column_dimensions.values()) < 140
    assert book.worksheets[2].max_column <= 20, "the short sheet of communities"


def test_sheet_names_are_short_unlike_and_without_forbidden_signs(tmp_path):
    wanted = ["a/b:c*d?e[f]g\\h", "长" * 40, "长" * 40, "SUMMARY", "summary", "'quoted'", "\x00", ""]
    with xlsxwriter.Workbook(str(tmp_path / "names.xlsx")) as book:
        sheets = Sheets(book)
        for name in wanted:
            sheets.add(name, [SheetColumn("x", [1.0])])
    names = openpyxl.load_workbook(tmp_path / "names.xlsx").sheetnames
    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(0 < len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)


def test_rows_beyond_one_sheet_go_on_in_the_next(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "long.xlsx")) as book:
        column = SheetColumn("n", [float(at) for at in range(25)], bars=((5, 15),))
        Sheets(book).add("Rows", [column], most_rows=10)
    book = openpyxl.load_workbook(tmp_path / "long.xlsx")
    assert book.sheetnames == ["Rows", "Rows 2", "Rows 3"]
    values = [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == list(range(25))
    spans = [str(area.sqref) for sheet in book for area in sheet.conditional_formatting]
    assert spans == ["A7:A11", "A2:A6"]


def test_every_topic_of_the_packaged_plans_has_a_name_and_a_tab_of_its_own(results, tmp_path):
    topics = {
        topic_of(rule.id, rule.all_services) for plan in find_plans(packaged_plans()) for rule in plan.rules
    }
    assert topics <= set(TOPICS)
    assert not [topic for topic in TOPICS if not has(f"map.topic.{topic}")]
    book = opened(results, tmp_path)
    colours = {sheet.title: sheet.sheet_properties.tabColor.rgb for sheet in book.worksheets[1:]}
    assert colours["健身"] != colours["医疗"]
    assert colours[text("workbook.sheet.assumptions", "zh")] not in (colours["健身"], colours["医疗"])


def test_proposals_have_a_sheet_with_place_people_and_what_they_close(results, tmp_path):
    [code], [name] = results.communities[["code", "name"]].iloc[[7]].to_numpy().T.tolist()
    told = with_scenarios(results)
    closed = results.communities["code"].iloc[3]
    sites = told.proposals.assign(
        plan="hand-2025", rule="rule-0", code=code, name=name, street="手绘路", x=110.301, y=20.01,
        covered=250_000.0, people=400_000.0, bound=251_000.0, turned_met=1, closes=f"rule-0 {closed}",
    )  # fmt: skip
    curve = pd.DataFrame(
        {"plan": "hand-2025", "rule": "rule-0", "service": "fitness-site", "sites": [0, 1, 2],
         "covered": [240_000.0, 250_000.0, 255_000.0], "people": 400_000.0,
         "share": [0.6, 0.625, 0.6375], "bound": [240_000.0, 251_000.0, 256_000.0]}
    )  # fmt: skip
    book = opened(dataclasses.replace(told, proposals=sites, coverage_curve=curve), tmp_path, "en")
    sheet = book[text("workbook.sheet.proposals", "en")]
    head, first = list(sheet.iter_rows(values_only=True))[:2]
    row = dict(zip(head, first, strict=True))
    assert row[heading("code", "en")] == code
    assert row[heading("name", "en")] == name
    assert row[text("report.street", "en")] == "手绘路"
    assert row[heading("longitude", "en")] == 110.301
    assert row[heading("covered_share", "en")] == 0.625
    assert row[heading("closed", "en")] == results.communities["name"].iloc[3]
    assert row[heading("township_name", "en")]
    curve_sheet = book[text("workbook.sheet.coverage-curve", "en")]
    assert curve_sheet.max_row == 4
    assert len(curve_sheet._charts) == 1


def test_long_sheets_print_their_beginning(tmp_path):
    many = results_by_hand(rows=8, columns=10, rules=4)
    book = opened(many, tmp_path)
    for sheet in book.worksheets[1:]:
        if sheet.print_area:
            [area] = sheet.print_area.split(",")
            assert int(re.findall(r"\d+", area)[-1]) <= 61
    assert book["健身"].print_area


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_of_the_ledgers_are_headed_in_words_and_columns_of_ones_own_by_their_names(
    results, tmp_path, lang
):
    communities = results.communities.assign(certified_social_workers=3.0, own_count=1.0)
    communities = communities.assign(placement="population", own_place="population", child_director="False")
    book = opened(dataclasses.replace(results, communities=communities), tmp_path, lang)
    sheet = book[text("workbook.sheet.communities-wide", lang)]
    head = [cell.value for cell in sheet[1]]
    first = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert first[text("workbook.column.placement", lang)] == text("report.choice.population", lang)
    assert first["own_place"] == "population"
    assert first[text("plans.column.child_director", lang)] == text("workbook.flag.false", lang)
    assert text("plans.column.certified_social_workers", lang) in head
    assert "certified_social_workers" not in head
    assert "own_count" in head


def test_nothing_is_drawn_for_a_deficit_of_zero(results, tmp_path):
    """Bars of the first standard take a tenth of their cell at the least; the later one says how little."""
    write_workbook(results, tmp_path / "deficits.xlsx", lang="en")
    with zipfile.ZipFile(tmp_path / "deficits.xlsx") as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]
    bars = [bar for sheet in sheets for bar in re.findall(r"<x14:dataBar [^>]*>", sheet)]
    assert bars
    assert all('minLength="0"' in bar for bar in bars)


def test_a_row_of_headings_is_as_high_as_its_longest(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "high.xlsx")) as book:
        Sheets(book).add("short", [SheetColumn("n", [1.0])])
        Sheets(book).add("long", [SheetColumn("社区综合服务设施面积" * 12, [1.0])])
    book = openpyxl.load_workbook(tmp_path / "high.xlsx")
    short, long = (sheet.row_dimensions[1].height for sheet in book)
    assert short == 3 * LINE_POINTS
    assert long >= 6 * LINE_POINTS


@pytest.mark.parametrize(("unit", "look"), [("persons", "#,##0"), ("m²", "#,##0.00")])
def test_deficits_under_one_rule_have_one_number_of_decimals_and_people_none(results, tmp_path, unit, look):
    deficit = results.findings["deficit"]
    deficit = deficit.mask(deficit == deficit.max(), deficit.max() + 0.5)
    findings = results.findings.assign(deficit=deficit, deficit_unit=unit)
    sheet = opened(with_findings(results, findings), tmp_path, "en")[text("workbook.sheet.communities", "en")]
    missing = [cell.column for cell in sheet[1] if "shortfall (" in str(cell.value)]
    formats = [
        {row[0].number_format for row in sheet.iter_rows(2, None, column, column) if row[0].value is not None}
        for column in missing
    ]
    assert missing
    assert all(len(result) == 1 for result in formats)
    assert {look} in formats


@pytest.mark.parametrize(("lang", "speed"), [("zh", "步行速度"), ("en", "Walking speed")])
def test_assumptions_are_told_in_words_beside_their_keys(results, tmp_path, lang, speed):
    known = {"walk_speed_kmh": 4.0, "basic_types": (("food-market", "fresh-food-shop"), "pharmacy")}
    sheet = opened(dataclasses.replace(results, assumptions=known), tmp_path, lang)[
        text("workbook.sheet.assumptions", lang)
    ]
    rows = {row[2]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert set(rows) == set(known)
    assert rows["walk_speed_kmh"][0].startswith(speed)
    assert rows["walk_speed_kmh"][3] == "4.0"
    assert rows["basic_types"][3] == "food-market|fresh-food-shop, pharmacy"
    assert "(" not in rows["basic_types"][1]


def test_a_sheet_prints_on_the_paper_that_keeps_its_letters_legible():
    """A lying A4 holds 128 digits of 11 points, 176 of 8 points; A3 181 and 248; a column at most 46."""

    def columns(count):
        return [SheetColumn("x", ["9" * 60]) for _ in range(count)]

    assert legible_page(columns(3)) == (9, 3)  # 138
    assert legible_page(columns(4)) == (8, 4)  # 184: too narrow on A4
    assert legible_page(columns(5)) == (8, 5)  # 230
    assert legible_page(columns(6)) == (8, 5), "276 do not fit A3 either: the last column is left out"
    hidden = [*columns(3), SheetColumn("x", ["9" * 60], hidden=True)]
    assert legible_page(hidden) == (9, 4), "what is hidden takes no room"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_communities_print_in_eight_points_or_more(results, tmp_path, lang):
    book = opened(results, tmp_path, lang)
    sheet = book[text("workbook.sheet.communities", lang)]
    widths = [column.width for column in sheet.column_dimensions.values() if not column.hidden]
    across = {"9": 128, "8": 181}[str(sheet.page_setup.paperSize)]
    assert 11 * min(1, across / sum(widths)) >= 8


def test_no_heading_of_the_cover_stands_alone_at_the_foot_of_a_page(tmp_path):
    """Rows of 15 points fill a page of 500: row 33 would be its last, and goes to the next with its list."""
    with xlsxwriter.Workbook(tmp_path / "c.xlsx") as book:
        pages = _Pages(book.add_worksheet())
        assert pages.breaks(60) == [], "plain rows part wherever the page ends"
        pages.keep(32, 3)
        assert pages.breaks(60) == [32]
        pages.keep(32, 1)
        pages.set_height(5, 30)
        pages.keep(31, 2)
        assert pages.breaks(60) == [31], "a higher row ends the page earlier"
        pages.forced.append(10)
        assert pages.breaks(60) == [10], "and further up on a page that begins with row 10"


def test_what_leads_the_cover_runs_over_lines_and_is_not_cut_at_the_edge(results, tmp_path):
    sheet = opened(results, tmp_path, "en")[text("workbook.sheet.cover", "en")]
    merged = {area.min_row for area in sheet.merged_cells.ranges if area.min_col == 1}
    assert {2, 3} <= merged
    assert all(sheet.cell(row, 1).alignment.wrap_text for row in (2, 3))
