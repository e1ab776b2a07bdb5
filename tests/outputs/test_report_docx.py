"""report.docx: what to build first with the findings' own figures, Word's own fields, inert text."""

import dataclasses
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree as ET

import docx
import pytest
from results_by_hand import results_by_hand, with_findings

from lifecircle.messages import text
from lifecircle.outputs.report_docx import write_report_docx
from lifecircle.outputs.report_needs import needs, township_rows
from lifecircle.outputs.static_maps import write_static_maps

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


def test_needs_are_services_once_each_the_most_people_first(results):
    found = needs(results, "en")
    assert {need.score.service for need in found} == {"fitness-site", "market"}
    people = [need.score.people_short for need in found]
    assert people == sorted(people, reverse=True)
    first = next(need for need in found if need.score.service == "fitness-site")
    own = results.findings.query(
        "service == 'fitness-site' and status == 'short' and rule == @first.score.rule"
    )
    assert first.score.people_short == pytest.approx(own["population_short"].sum())
    assert set(first.rules) == {"15-minute fitness circle", "15-minute convenience circle"}


def test_townships_share_out_every_shortfall(results):
    wanted = needs(results, "zh")
    rows = township_rows(results, wanted)
    assert sum(row.communities for row in rows) == len(results.communities)
    assert sum(row.residents for row in rows) == results.communities["population"].sum()
    for place, need in enumerate(wanted):
        assert sum(row.shortfalls[place][0] for row in rows) == need.score.short
        assert sum(row.shortfalls[place][1] for row in rows) == pytest.approx(need.score.people_short)


def test_communities_without_a_township_have_no_such_table(results):
    alone = dataclasses.replace(results, communities=results.communities.assign(township=""))
    assert township_rows(alone, needs(alone, "en")) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_says_what_to_build_first_and_where(results, maps, tmp_path, lang):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang=lang)
    words = "\n".join(words_of(tmp_path / "report.docx"))
    need = needs(results, lang)[0]
    own = results.findings.query("service == @need.score.service and rule == @need.score.rule")
    top = own[own["status"] == "short"].sort_values("deficit", ascending=False).iloc[0]
    assert need.title in words
    assert f"{need.score.people_short:,.0f}" in words
    assert top["name"] in words
    assert f"{top['deficit']:,.0f}" in words
    for chapter in ("summary", "scorecard", "worst", "method", "assumptions", "quality", "sources"):
        assert text(f"report.{chapter}", lang) in words


def test_contents_captions_and_numbers_are_words_own_fields(results, maps, tmp_path):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang="zh")
    with zipfile.ZipFile(tmp_path / "report.docx") as package:
        body, footer = (package.read(f"word/{name}.xml").decode() for name in ("document", "footer1"))
    assert re.search(r'instrText[^>]*> TOC \\o "1-2"', body)
    assert body.count('w:fldCharType="begin"') == body.count('w:fldCharType="end"')
    assert " PAGE " in footer
    for label, count in (
        ("表", len(docx.Document(tmp_path / "report.docx").tables)),
        ("图", len(re.findall(r"<pic:pic\b", body))),
    ):
        assert body.count(f" SEQ {label} ") == count > 0
    anchors = set(re.findall(r'w:anchor="(_Toc\d+)"', body))
    assert anchors == set(re.findall(r'w:bookmarkStart [^>]*w:name="(_Toc\d+)"', body))
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', body)
    assert len(described) == len(re.findall(r"<pic:pic\b", body))


def test_headings_of_tables_repeat_and_rows_are_not_split(results, maps, tmp_path):
    write_report_docx(results, tmp_path / "report.docx", maps=maps, lang="en")
    for table in docx.Document(tmp_path / "report.docx").tables:
        assert table.rows[0]._tr.trPr.xpath("./w:tblHeader")
        assert all(row._tr.trPr.xpath("./w:cantSplit") for row in table.rows)


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
    assert text("report.none-short", "en") in words_of(tmp_path / "report.docx")


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on the path")
def test_libreoffice_makes_a_pdf_whose_summary_is_two_pages(results, maps, tmp_path):
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
    pages = subprocess.run([reader, tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True)
    texts = pages.stdout.split("\f")
    first = {
        key: next(
            at
            for at, page in enumerate(texts)
            if at and page.lstrip().startswith(text(f"report.{key}", "zh"))
        )
        for key in ("summary", "scorecard")
    }
    assert first["scorecard"] - first["summary"] <= 2
