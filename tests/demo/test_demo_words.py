"""How the demo's Chinese outputs are set: one rule for figures, in every file and on the page."""

import html
import re
import zipfile
from pathlib import Path

import docx
import pytest
from chinese import spaced_figures

pytestmark = pytest.mark.slow


def _words_of_workbook(path: Path) -> list[str]:
    shared = zipfile.ZipFile(path).read("xl/sharedStrings.xml").decode("utf-8")
    return [html.unescape(words) for words in re.findall(r"<t[^>]*>([^<]*)</t>", shared)]


def _words_of_docx(path: Path) -> list[str]:
    body = docx.Document(str(path)).element.body
    paragraphs = body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    words = ["".join(part.text or "" for part in one.xpath(".//w:t")) for one in paragraphs]
    # captions are numbered as Word does it
    return [one for one in words if not re.match(r"[图表] \d+ ", one)]


def _words_of_page(path: Path) -> list[str]:
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", path.read_text(encoding="utf-8"))
    return [html.unescape(words) for words in re.findall(r">([^<>]+)<", page)]


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("deficits.xlsx", _words_of_workbook),
        ("monitoring.xlsx", _words_of_workbook),
        ("report.docx", _words_of_docx),
        ("report.html", _words_of_page),
        ("deficits.csv", lambda path: path.read_text(encoding="utf-8-sig").splitlines()),
    ],
)
def test_figures_stand_beside_chinese_without_a_blank(demo_run, file, read):
    words = read(demo_run.results / file)
    assert sum(bool(re.search(r"\d[\u3400-\u9fff]", one)) for one in words) > 50
    assert not [spaced for one in words for spaced in spaced_figures(one)]
