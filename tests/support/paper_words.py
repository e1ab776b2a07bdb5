"""The words of what a run writes, as a reader meets them: line by line, without markup."""

import html
import json
import re
import zipfile

import docx

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def of_workbook(path):
    """Every text of a workbook's cells."""
    shared = zipfile.ZipFile(path).read("xl/sharedStrings.xml").decode("utf-8")
    return [html.unescape(words) for words in re.findall(r"<t[^>]*>([^<]*)</t>", shared)]


def of_docx(path):
    """Every paragraph of a document, those in tables too; not what Word numbers itself."""
    body = docx.Document(str(path)).element.body
    words = ["".join(part.text or "" for part in one.xpath(".//w:t")) for one in body.iter(f"{_WORD}p")]
    return [one for one in words if not re.match(r"[图表] \d+ ", one)]


def of_page(path):
    """Every text of a page, as it stands before any script runs."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", path.read_text(encoding="utf-8"))
    return [html.unescape(words) for words in re.findall(r">([^<>]+)<", page)]


def of_table(path):
    """Every line of a CSV file."""
    return path.read_text(encoding="utf-8-sig").splitlines()


def map_data(path):
    """What a gap map holds."""
    page = path.read_text(encoding="utf-8")
    [data] = re.findall(r'(?s)<script[^>]*type="application/json"[^>]*>(.*?)</script>', page)
    return json.loads(data)


def of_map(path, lang):
    """The words of a gap map in one language: its own, and the remarks on its findings."""
    data = map_data(path)
    return [*_texts(data["words"][lang]), *(note[lang] for note in data["notes"])]


def _texts(words):
    """Texts at the ends of nested words."""
    if isinstance(words, str):
        return [words]
    return [one for part in (words.values() if isinstance(words, dict) else words) for one in _texts(part)]
