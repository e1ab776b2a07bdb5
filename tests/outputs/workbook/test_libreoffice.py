"""LibreOffice opens what a run writes: pages come out, and hostile names stay names."""

import dataclasses
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from results_by_hand import results_by_hand, with_findings

from lifecircle.messages import text
from lifecircle.outputs.report.docx import write_report_docx
from lifecircle.outputs.workbook.deficits import write_deficits_csv
from lifecircle.outputs.workbook.write import write_workbook

SOFFICE = shutil.which("soffice")
PDFTOTEXT = shutil.which("pdftotext")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not on the path"),
]
OPENED = ("workbook_zh", "workbook_en", "report_zh", "report_en", "workbook_hostile", "report_hostile")


def _hostile_names(canary):
    """Names that would write a file, call out, or break a file's grammar, were they more than names."""
    return [
        f"=cmd|'/C touch {canary}'!A0",
        f'=WEBSERVICE("file://{canary}")',
        f'=HYPERLINK("file://{canary}")',
        f'=DDE("soffice";"{canary}";"A1")',
        "+1+1",
        "-2+3",
        "@SUM(1;2)",
        "\t=3+4",
        "\r=5+6",
        "a\n=7+8",
        "＝9+10",
        "https://example.org/",
        "长" * 10_000,
        "\x00\x01控制\x1f",
        "\u202eغلط\u2069",
        "<w:t>&amp;</w:t>]]>",
        "_x0041_",
        '","=11+12","',
    ]


def _convert(files, kind, folder):
    """All files with one start of the program; what it said."""
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    done = subprocess.run(
        [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", folder, *files],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A plain study in two languages and one of hostile names, as pages; its tables read and written back."""
    folder = tmp_path_factory.mktemp("libreoffice")
    canary = folder / "canary"
    plain = results_by_hand(rows=4, columns=5)
    names = _hostile_names(canary)
    hostile = results_by_hand(rows=4, columns=5, names=names, facility_names=names[:8])
    findings = hostile.findings
    findings["name"] = [names[at % len(names)] for at in range(len(findings))]
    hostile = with_findings(hostile, findings)
    hostile = dataclasses.replace(hostile, inputs=dataclasses.replace(hostile.inputs, name=names[0]))
    for kind, results, lang in (("zh", plain, "zh"), ("en", plain, "en"), ("hostile", hostile, "zh")):
        write_workbook(results, folder / f"workbook_{kind}.xlsx", lang=lang)
        write_report_docx(results, folder / f"report_{kind}.docx", maps=[], lang=lang)
    write_deficits_csv(hostile, folder / "findings_hostile.csv", lang="zh")
    documents = [next(folder.glob(f"{name}.*")) for name in OPENED]
    said = _convert(documents, "pdf", folder / "pdf")
    tables = [folder / "workbook_hostile.xlsx", folder / "findings_hostile.csv"]
    said += _convert(tables, "xlsx", folder / "read")
    return folder, said, canary


def _words(opened, name):
    """The text of a document's pages."""
    if PDFTOTEXT is None:
        pytest.skip("pdftotext (poppler-utils) is not on the path: the pages cannot be read back")
    pages = subprocess.run(
        [PDFTOTEXT, opened[0] / "pdf" / f"{name}.pdf", "-"], capture_output=True, text=True, check=True
    )
    return pages.stdout


def _cells(path):
    """Every cell of every sheet that holds something."""
    rows = (row for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows())
    return [cell for row in rows for cell in row if cell.value is not None]


def test_every_file_becomes_pages_without_an_error(opened, artefacts):
    folder, said, _ = opened
    assert "Error" not in said
    for name in OPENED:
        pages = folder / "pdf" / f"{name}.pdf"
        assert pages.read_bytes().startswith(b"%PDF"), name
        shutil.copy(pages, artefacts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_of_a_workbook_hold_headings_and_names(opened, lang):
    words = "".join(_words(opened, f"workbook_{lang}").split())
    for key in ("workbook.column.status", "workbook.column.deficit", "status.short"):
        assert "".join(text(key, lang).split()) in words
    assert "#REF" not in words
    assert "###" not in words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_of_a_report_hold_its_chapters(opened, lang):
    words = "".join(_words(opened, f"report_{lang}").split())
    for key in ("summary", "scorecard", "method", "assumptions", "quality", "sources"):
        assert "".join(text(f"report.{key}", lang).split()) in words


@pytest.mark.parametrize("name", ["workbook_hostile", "findings_hostile"])
def test_no_hostile_name_became_a_formula_or_a_link(opened, name):
    folder = opened[0]
    with zipfile.ZipFile(folder / "read" / f"{name}.xlsx") as package:
        assert not [part for part in package.namelist() if "externalLink" in part]
    cells = _cells(folder / "read" / f"{name}.xlsx")
    assert cells
    assert not [cell.value for cell in cells if cell.data_type in {"f", "e"}]
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert not [link.target for link in links if link.target and not link.target.startswith("#")]


def test_hostile_names_are_read_as_they_were_written(opened):
    """The workbook shows them as they are, the table with the apostrophe that makes them inert anywhere."""
    folder, _, canary = opened

    shown, table = (
        {cell.value for cell in _cells(folder / "read" / f"{name}.xlsx") if isinstance(cell.value, str)}
        for name in ("workbook_hostile", "findings_hostile")
    )
    live = f"=cmd|'/C touch {canary}'!A0"
    assert {live, "+1+1", "-2+3", "@SUM(1;2)", "<w:t>&amp;</w:t>]]>", '","=11+12","'} <= shown
    assert {"'" + live, "'+1+1", "'-2+3", "'@SUM(1;2)", '","=11+12","'} <= table
    assert max(map(len, shown)) >= 10_000


def test_nothing_ran(opened):
    assert not opened[2].exists()


def test_a_report_of_hostile_names_has_all_its_chapters(opened):
    words = _words(opened, "report_hostile")
    assert "=cmd|" in words
    assert text("report.sources", "zh") in words
    assert "长" * 121 not in "".join(words.split())
