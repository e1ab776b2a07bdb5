"""report.docx: what to build first with the findings' own figures, Word's own fields, inert text."""

import dataclasses
import html
import re
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings, with_scenarios

from lifecircle.messages import text
from lifecircle.outputs.print_maps.maps import MapSheet, write_static_maps
from lifecircle.outputs.report.building_tables import proposals_table, township_table
from lifecircle.outputs.report.chart import panel_png, picture_png
from lifecircle.outputs.report.docx import _shown_sheets, write_report_docx
from lifecircle.outputs.report.effects import changes
from lifecircle.outputs.report.figures import RuleScore, short_rules
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.report.needs import needs, township_rows
from lifecircle.outputs.report.sensitivity import panels, sensitivity_table
from lifecircle.outputs.report.tables import assumptions_table, community_table, largest_table, standing_table
from lifecircle.outputs.report.townships import profiles
from lifecircle.outputs.web_map.text import study_date
from lifecircle.study import Assumptions

SOFFICE = shutil.which("soffice")
HOSTILE = ["<w:t>&amp;", "\x00\x0b控\x1f制", "\u202eغلط\u2069", "=1+1", "长" * 20_000]


@pytest.fixture(scope="module")
def results():
    return results_by_hand(rows=5, columns=6)


@pytest.fixture(scope="module")
def maps(results, tmp_path_factory):
    return write_static_maps(results, tmp_path_factory.mktemp("docx") / "maps", lang="zh")


def words_of(path):
    report = docx.Document(path)
    cells = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in report.paragraphs), *cells]


def data_tables(path):
    """Tables of figures, without those that lay words beside a picture."""
    return [table for table in docx.Document(path).tables if table.style.name == "Table Grid"]


def test_needs_are_services_once_each_the_most_people_first(results):
    result = needs(results, "en")
    assert {need.service for need in result} == {"fitness-site", "market"}
    assert [need.people for need in result] == sorted((need.people for need in result), reverse=True)
    fitness = next(need for need in result if need.service == "fitness-site")
    own = results.priorities.query("service == 'fitness-site'")
    assert fitness.people == pytest.approx(own["people"].sum())
    assert fitness.areas == own["areas"].sum()
    short = results.findings.query("service == 'fitness-site' and status == 'short'")
    most = short.groupby("rule")["population_short"].sum().max()
    assert fitness.people == pytest.approx(most), "one township: the rule that concerns most people"


def test_townships_share_out_every_shortfall(results):
    wanted = needs(results, "zh")
    rows = township_rows(results, wanted)
    assert sum(row.communities for row in rows) == len(results.communities)
    assert sum(row.residents for row in rows) == results.communities["population"].sum()
    for place, need in enumerate(wanted):
        assert sum(row.shortfalls[place][0] for row in rows) == need.areas
        assert sum(row.shortfalls[place][1] for row in rows) == pytest.approx(need.people)


def test_communities_without_a_township_have_no_such_table(results):
    alone = dataclasses.replace(results, communities=results.communities.assign(township=""))
    assert township_rows(alone, needs(alone, "en")) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_says_what_to_build_first_and_where(results, maps, tmp_path, lang):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang=lang)
    words = "\n".join(words_of(tmp_path / "report.docx"))
    need = needs(results, lang)[0]
    own = results.findings.query("service == @need.service and rule == @need.rule")
    top = own[own["status"] == "short"].sort_values("deficit", ascending=False).iloc[0]
    assert need.title in words
    assert f"{need.people:,.0f}" in words
    assert top["name"] in words
    assert f"{top['deficit']:,.0f}" in words
    chapters = ("summary", "scorecard", "townships", "worst", "method", "assumptions", "quality", "sources")
    for chapter in chapters:
        assert text(f"report.{chapter}", lang) in words
    assert text("scores.report.sensitivity", lang) in words
    assert text("report.effects", lang) not in words


def test_both_reports_hold_the_same_tables(results, maps, tmp_path):
    told = with_scenarios(results)
    write_report_docx(told, tmp_path / "report.docx", maps=maps, lang="en")
    write_report_html(told, tmp_path / "report.html", lang="en")
    page = html.unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    shown = [
        [tuple(cell.text for cell in row.cells) for row in table.rows]
        for table in docx.Document(tmp_path / "report.docx").tables
    ]
    wanted = needs(told, "en")
    for table in (
        standing_table(told, "en"),
        largest_table(told, "en"),
        community_table(told, "en"),
        township_table(told, wanted[:4], "en"),
        sensitivity_table(told, "en"),
        proposals_table(told, "en"),
        *(change.by_rule for change in changes(told, "study", "en")),
    ):
        assert table.rows
        assert [table.headings, *table.rows] in shown
        for row in table.rows:
            assert all(cell in page for cell in row)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_profile_of_each_township_has_people_gaps_sites_and_a_map(results, lang):
    told = profiles(results, lang)
    short = short_rules(results)
    judged = results.communities.assign(short=short.reindex(results.communities["code"]).to_numpy() > 0)
    by_hand = judged[judged["short"]].groupby("township")["population"].sum().sort_values(ascending=False)
    assert len(told) == len(by_hand)
    for profile, (code, people) in zip(told, by_hand.items(), strict=True):
        own = judged[judged["township"] == code]
        for figure in (len(own), own["short"].sum(), people, own["population"].sum()):
            assert f"{figure:,.0f}" in profile.words
        assert len(profile.picture.shapes) == len(own)
        most = profile.worst.split("、" if lang == "zh" else ", ")
        assert len(profile.picture.numbers) == len(most) == min(3, own["short"].sum())
        assert [line[0] for line in most] == ["①", "②", "③"][: len(most)]
        assert profile.gaps
        assert f"township={code}" in profile.link
        assert picture_png(profile.picture).startswith(b"\x89PNG")


def test_no_table_is_longer_than_a_page_and_says_what_it_leaves_out():
    many = results_by_hand(rows=40, columns=30)
    table = township_table(many, needs(many, "en")[:4], "en")
    rows = len(township_rows(many, []))
    assert len(table.rows) + table.further == rows + 1, "and the whole study"
    cut = dataclasses.replace(table, rows=table.rows * 9, links=(), further=0).cut(24)
    assert (len(cut.rows), cut.further) == (24, 9 * len(table.rows) - 24)
    assert cut.rows[-1] == table.rows[-1]


def test_who_lives_beyond_a_limit_counts_in_a_township_that_meets_it(results):
    wanted = needs(results, "zh")
    met = [dataclasses.replace(need, places=need.places.iloc[:0]) for need in wanted]
    [row] = township_rows(results, met)
    assert row.shortfalls == tuple((0, pytest.approx(need.people)) for need in wanted)
    assert f"0 / {wanted[0].people:,.0f}" in township_table(results, met, "zh").rows[0]


def test_the_last_row_of_the_townships_is_what_the_others_come_to(results):
    table = township_table(results, needs(results, "zh"), "zh")
    *rows, total = table.rows
    assert total[0] == text("report.total", "zh")
    for column in range(1, len(total)):
        cells = [row[column].split(" / ") for row in rows if row[column] != "–"]
        for part, whole in enumerate(total[column].split(" / ")):
            told = sum(int(cell[part].replace(",", "")) for cell in cells)
            assert told == pytest.approx(int(whole.replace(",", "")), abs=len(rows) / 2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_assumptions_are_said_in_words(results, lang):
    values = Assumptions().model_dump()
    table = assumptions_table(dataclasses.replace(results, assumptions=values), lang)
    shown = [cell for row in table.rows for cell in row]
    assert len(table.rows) == len(values)
    assert not [cell for cell in shown if cell in values]
    assert not [cell for cell in shown if re.search(r"[a-z]_[a-z]|True|False", cell)]
    assert "90%" in shown


def test_no_path_of_the_computer_is_in_a_report(results, maps, tmp_path):
    remark = {
        "subject": "population", "item": "/home/somebody/secret/people.tif",
        "remark": "raster-nodata-guessed",
        "count": 3.0, "value": "C:\\Users\\somebody\\secret\\x.tif", "severity": "warning",
        "x": float("nan"), "y": float("nan"),
    }  # fmt: skip
    inputs = dataclasses.replace(results.inputs, quality=pd.DataFrame([remark]))
    own = dataclasses.replace(results, inputs=inputs)
    write_report_docx(own, tmp_path / "report.docx", maps=maps[:1], lang="en")
    write_report_html(own, tmp_path / "report.html", lang="en")
    words = "\n".join(words_of(tmp_path / "report.docx"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "people.tif" in words
    assert "people.tif" in page
    assert "secret" not in words + page


def test_a_scenario_is_told_by_rules_and_by_the_places_whose_verdict_turns(results):
    [change] = changes(with_scenarios(results), "study", "en")
    assert change.name == "Two new fitness sites"
    by_rule = {row[0]: row[1:] for row in change.by_rule.rows}
    assert by_rule["15-minute fitness circle"] == ("1", "0", "1,234", "not met")
    assert by_rule["15-minute convenience circle"] == ("0", "0", "77", ""), "no service beside the verdict"
    [row] = change.by_area.rows
    first = results.findings.query("rule == 'rule-0' and status == 'short'").iloc[0]
    assert row[0] == first["name"]
    assert row[2:] == ("not met → met", f"{first['deficit']:,.0f} → 0 people", "1,234")
    assert change.further == 0
    assert [one.name for one in changes(with_scenarios(results), "proposal", "en")] == ["Sites proposed"]


def test_the_chart_of_an_assumption_is_a_picture_of_its_panel(results):
    [panel] = panels(results, "en")
    png = panel_png(panel)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert width > 2 * height


def test_contents_captions_and_numbers_are_words_own_fields(results, maps, tmp_path):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang="zh")
    with zipfile.ZipFile(tmp_path / "report.docx") as package:
        body, footer = (package.read(f"word/{name}.xml").decode() for name in ("document", "footer1"))
        # the file tells the study's day and nothing of the clock
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert study_date(results) in package.read("docProps/core.xml").decode()
    assert re.search(r'instrText[^>]*> TOC \\o "1-2"', body)
    assert body.count('w:fldCharType="begin"') == body.count('w:fldCharType="end"')
    assert " PAGE " in footer
    for label, count in (
        ("表", len(data_tables(tmp_path / "report.docx"))),
        ("图", len(re.findall(r"<pic:pic\b", body))),
    ):
        assert body.count(f" SEQ {label} ") == count > 0
    anchors = set(re.findall(r'w:anchor="(_Toc\d+)"', body))
    assert anchors == set(re.findall(r'w:bookmarkStart [^>]*w:name="(_Toc\d+)"', body))
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', body)
    assert len(described) == len(re.findall(r"<pic:pic\b", body))


def test_headings_of_tables_repeat_and_rows_are_not_split(results, maps, tmp_path):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang="en")
    for table in data_tables(tmp_path / "report.docx"):
        assert table.rows[0]._tr.trPr.xpath("./w:tblHeader")
    for table in docx.Document(tmp_path / "report.docx").tables:
        assert all(row._tr.trPr.xpath("./w:cantSplit") for row in table.rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_style_that_is_used_names_fonts_of_word_and_wps(results, maps, tmp_path, lang):
    """Western letters and Chinese characters each have a font of their own, never the theme's Japanese."""
    write_report_docx(results, tmp_path / "report.docx", maps=maps[:2], lang=lang)
    with zipfile.ZipFile(tmp_path / "report.docx") as package:
        parts = {
            name: package.read(f"word/{name}.xml").decode() for name in ("styles", "document", "footer1")
        }
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    styles = {one.get(f"{word}styleId"): one for one in ET.fromstring(parts["styles"]).iter(f"{word}style")}  # noqa: S314

    def fonts_of(style):
        """Fonts by kind of letter, those of the styles it is based on where it names none."""
        based = styles[style].find(f"{word}basedOn")
        named = fonts_of(based.get(f"{word}val")) if based is not None else {}
        own = styles[style].find(f"{word}rPr/{word}rFonts")
        return {
            **named,
            **({} if own is None else {key.removeprefix(word): font for key, font in own.items()}),
        }

    used = {"Normal", *re.findall(r'<w:pStyle w:val="([^"]+)"', parts["document"] + parts["footer1"])}
    assert len(used) >= 7
    for style in used:
        assert fonts_of(style) == {
            "ascii": "Calibri", "hAnsi": "Calibri", "cs": "Calibri", "eastAsia": "Microsoft YaHei"
        }, style  # fmt: skip
    assert "w:rFonts" not in parts["document"], "no run has a font of its own"


def test_hostile_names_are_text_and_the_file_stays_whole(maps, tmp_path):
    hostile = results_by_hand(rows=5, columns=6, names=HOSTILE)
    inputs = dataclasses.replace(hostile.inputs, name="\x07<b>市\ud800")
    write_report_docx(
        dataclasses.replace(hostile, inputs=inputs), tmp_path / "report.docx", maps=maps, lang="zh"
    )
    with zipfile.ZipFile(tmp_path / "report.docx") as package:
        for part in package.namelist():
            if part.endswith(".xml"):
                ET.fromstring(package.read(part))  # noqa: S314  # our own file
        body = package.read("word/document.xml").decode()
    assert "<b>市" in "\n".join(words_of(tmp_path / "report.docx"))
    assert "\u202e" not in body
    assert "长" * 121 not in body


def test_a_study_without_a_shortfall_says_so(results, maps, tmp_path):
    met = results.findings.assign(status="met", certainty="firm", deficit=0.0, population_short=0.0)
    write_report_docx(with_findings(results, met), tmp_path / "report.docx", maps=maps[:1], lang="en")
    words = words_of(tmp_path / "report.docx")
    assert any("All 30 communities meet every requirement that could be judged." in line for line in words)
    assert text("report.build-first", "en") not in words


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on the path")
def test_the_contents_tell_the_pages_in_libreoffice_and_the_summary_is_two(results, maps, tmp_path):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang="zh")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    done = subprocess.run(
        [
            SOFFICE,
            profile,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            tmp_path,
            tmp_path / "report.docx",
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert "Error" not in done.stderr
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext (poppler-utils) is not on the path: the pages cannot be read back")
    pdf = tmp_path / "report.pdf"
    pages = subprocess.run([reader, "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    texts = pages.stdout.split("\f")
    contents = dict(re.findall(r"^\s*(\S.*?)\s*\.{3,}\s*(\d+)$", "\n".join(texts[:4]), re.MULTILINE))
    headings = {
        text(key, "zh")
        for key in ("report.summary", "report.scorecard", "scores.report.sensitivity", "report.method")
    }
    assert headings <= set(contents)
    for heading in headings:
        assert heading in texts[int(contents[heading]) - 1]
    first = {heading: int(contents[heading]) for heading in headings}
    assert first[text("report.summary", "zh")] == 1, "the brief comes first"
    for key in ("report.headlines", "report.build-first", "sheet.overview"):
        assert text(key, "zh") in texts[0] + texts[1], key


def _missed(rule, people, short, *, level="community"):
    return RuleScore("p", rule, level, 1, short, 0, 0, 0, people)


def test_the_maps_of_a_report_are_of_the_rules_that_concern_most_residents_and_no_picture_comes_twice():
    """Six sheets at most: d tells what b does, the whole of e is no unit on a map."""
    numbers = {"a": 100, "b": 900, "c": 300, "d": 900, "e": 5, "f": 40, "g": 30, "h": 20}
    scores = [_missed(rule, float(people), 2 if rule != "e" else 1) for rule, people in numbers.items()]
    scores.append(_missed("e", 9_999.0, 1, level="city"))
    sheets = [MapSheet(rule, "p", rule, Path(rule)) for rule in numbers]
    assert [sheet.key for sheet in _shown_sheets(sheets, scores)] == ["b", "c", "a", "f", "g", "h"]
