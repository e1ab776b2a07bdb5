"""Parts of an Excel workbook that its cells point into: sheets, shared texts, number formats."""

from __future__ import annotations

import datetime as dt
import posixpath
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import escape
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from lifecircle.sources.files.opening import too_large

__all__ = ["TAGS_LIMIT", "TEXT_LIMIT", "Styles", "TextReader", "WorkbookParts", "XmlReader"]

TEXT_LIMIT: Final = 100_000_000
"""Characters that the texts of a workbook may hold in all."""
TAGS_LIMIT: Final = 20_000_000
"""Elements of all parts of a workbook that are read: cells, blank ones too, and what is in them."""
_FEW_TAGS: Final = 1_000_000
"""Elements of a part that says what there is: sheets, formats, relations."""
_TAG_BYTES_LIMIT: Final = 10_000_000
"""Bytes of one element's start with all its attributes: the parser keeps them until it ends."""
_PIECE_BYTES: Final = 1 << 16

_PARTS: Final = "xl/workbook.xml"


@dataclass(frozen=True)
class Styles:
    """What number formats make of numbers, by style: ``date``, ``%``, ``0…0`` (leading zeros) or blank."""

    formats: tuple[str, ...] = ()
    epoch: dt.datetime = CALENDAR_WINDOWS_1900


class WorkbookParts:
    """Where a workbook's parts lie in its archive."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self.reader = XmlReader(path)
        book = next(iter(self._targets("", "/officeDocument").values()), _PARTS)
        self.sheets: list[tuple[str, bool, str]] = []
        self._mac = False
        worksheets = self._targets(book, "/worksheet")
        self._texts = self._targets(book, "/sharedStrings")
        self._styles = self._targets(book, "/styles")

        def start(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                part = worksheets.get(next((given[key] for key in given if key.endswith(":id")), ""))
                if part is not None:
                    hidden = given.get("state", "visible") != "visible"
                    self.sheets.append((given.get("name", ""), hidden, part))
            elif name == "workbookPr":
                self._mac = given.get("date1904", "0") in {"1", "true"}

        with archive.open(book) as stream:
            self.reader.read(stream, start, most=_FEW_TAGS)

    def _targets(self, part: str, kind: str) -> dict[str, str]:
        """Relations of a part of one kind: id to the part that it leads to."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        targets: dict[str, str] = {}

        def start(element: str, given: Mapping[str, str]) -> None:
            if element == "Relationship" and given.get("Type", "").endswith(kind):
                target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
                targets[given.get("Id", "")] = target.lstrip("/")

        if relations in self._archive.namelist():
            with self._archive.open(relations) as stream:
                self.reader.read(stream, start, most=_FEW_TAGS)
        return targets

    def shared_texts(self) -> list[str]:
        """The table of texts that cells point into."""
        texts: list[str] = []
        text = TextReader(texts.append, "si", self.reader)
        for part in self._texts.values():
            with self._archive.open(part) as stream:
                self.reader.read(stream, text.start, text.end, text.text)
        return texts

    def styles(self) -> Styles:
        """What the cell styles make of numbers."""
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        kinds: list[str] = []
        inside: list[str] = []

        def start(name: str, given: Mapping[str, str]) -> None:
            inside.append(name)
            if name == "numFmt":
                codes[int(given.get("numFmtId", 0))] = given.get("formatCode", "")
            elif name == "xf" and inside[-2:-1] == ["cellXfs"]:
                kinds.append(_kind_of_format(codes.get(int(given.get("numFmtId", 0)), "")))

        for part in self._styles.values():
            with self._archive.open(part) as stream:
                self.reader.read(stream, start, lambda _: inside.pop(), most=_FEW_TAGS)
        return Styles(tuple(kinds), CALENDAR_MAC_1904 if self._mac else CALENDAR_WINDOWS_1900)


def _kind_of_format(code: str) -> str:
    """What a number format does to the reading of a number."""
    first = code.partition(";")[0]
    if "%" in first.replace('"%"', "").replace("\\%", ""):
        return "%"
    if len(first) > 1 and not first.strip("0"):
        return first
    return "date" if is_date_format(code) else ""


class TextReader:
    """Collects the text of ``<t>`` elements of one owner, phonetics left out."""

    def __init__(self, keep: Callable[[str], object], owner: str, reader: XmlReader) -> None:
        self._keep, self._owner, self._reader = keep, owner, reader
        self._pieces: list[str] = []
        self._reads = self._phonetic = False

    def start(self, name: str, _given: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "rPh":
            self._phonetic = True
        self._reads = name == "t" and not self._phonetic

    def text(self, piece: str) -> None:
        """Characters of an element."""
        if self._reads:
            self._pieces.append(piece)
            self._reader.count_text(piece)

    def end(self, name: str) -> None:
        """An element ends; its owner's text is complete."""
        self._reads = False
        if name == "rPh":
            self._phonetic = False
        elif name == self._owner:
            self._keep(escape.unescape("".join(self._pieces)))
            self._pieces.clear()


class XmlReader:
    """Walks parts of one workbook, and counts what all of them hold."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tags = self._characters = 0

    def count_text(self, piece: str) -> None:
        """Count text that is kept.

        Raises
        ------
        InputError
            If the workbook holds more than `TEXT_LIMIT` characters.
        """
        self._characters += len(piece)
        if self._characters > TEXT_LIMIT:
            raise too_large(self.path, "characters", TEXT_LIMIT)

    def read(
        self,
        stream: IO[bytes],
        start: Callable[[str, Mapping[str, str]], object],
        end: Callable[[str], object] | None = None,
        text: Callable[[str], object] | None = None,
        *,
        most: int | None = None,
    ) -> None:
        """Walk an XML part; handlers get names without their namespace prefix.

        Raises
        ------
        InputError
            If the part has more than `most` elements, the workbook more than `TAGS_LIMIT`, or an element
            starts with a text without end.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise ValueError("a workbook's parts have no document type")

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = lambda name, given: start(name.rpartition(":")[2], given)
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        tags = size = 0
        while piece := stream.read(_PIECE_BYTES):
            # Counted in the bytes, before anything is called for each: ends begin with "</".
            new = piece.count(b"<") - piece.count(b"</")
            tags, size = tags + new, size + len(piece)
            self._tags += new
            if self._tags > TAGS_LIMIT or tags > (most or TAGS_LIMIT):
                raise too_large(self.path, "tags", most or TAGS_LIMIT)
            parser.Parse(piece, False)
            if size - parser.CurrentByteIndex > _TAG_BYTES_LIMIT:
                raise too_large(self.path, "tag-bytes", _TAG_BYTES_LIMIT)
        parser.Parse(b"", True)
