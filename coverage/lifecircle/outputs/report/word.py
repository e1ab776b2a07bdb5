"""A Word document's parts: styles with Chinese fonts, fields, captions, numbered tables, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lifecircle.outputs.report.report_table import MOST_ROWS
from lifecircle.outputs.report.table_layout import CELL_POINTS, TEXT_CM
from lifecircle.outputs.safe_text import plain_text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

__all__ = ["WordReport"]

_LATIN, _EAST = "Calibri", "Microsoft YaHei"
_ACCENT: Final = (0x14, 0x50, 0x6E)
_MILD: Final = (0x5C, 0x66, 0x70)
_HEADING_FILL: Final = "E6EEF2"
_WORD_ALONE: Final = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
    '<mc:Choice Requires="w15"/><mc:Fallback/></mc:AlternateContent>'
)
"""What only a reader takes up that knows the names of Word 2013."""

_NOTE_POINTS: Final = 9.0
"""Size of remarks below a table, as of captions."""

_KEPT_TOGETHER: Final = MOST_ROWS
"""Rows of a table that is not parted by the end of a page."""

_SIZES: Final = {
    "Title": 24,
    "Heading 1": 16,
    "Heading 2": 12.5,
    "Normal": 10.5,
    "Caption": 9,
    "List Number": 10.5,
}


class WordReport:
    """Builds one A4 document from top to bottom.

    Headings are kept for the table of contents, which is filled in when the document is saved; Word
    brings its page numbers up to date when the document is opened.
    """

    def __init__(self, *, lang: str, title: str, footer: str, date: str) -> None:
        import docx  # noqa: PLC0415  # only the report needs it

        self._document: Document = docx.Document()
        self._headings: list[tuple[int, str, str]] = []
        self._counts: dict[str, int] = {}
        self._contents: Paragraph | None = None
        self._set_up(lang, plain_text(title), plain_text(footer))
        properties = self._document.core_properties
        properties.created = properties.modified = datetime.fromisoformat(date)

    def title(self, words: str) -> None:
        """The document's title."""
        self._document.add_paragraph(plain_text(words), style="Title")

    def heading(self, words: str, level: int, *, new_page: bool = False) -> None:
        """A heading, which the table of contents will list."""
        paragraph = self._document.add_heading(plain_text(words), level)
        paragraph.paragraph_format.page_break_before = new_page
        mark = f"_Toc{70_000_000 + len(self._headings)}"
        start = _element("bookmarkStart", id=str(len(self._headings)), name=mark)
        paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)  # noqa: SLF001  # no other way
        paragraph._p.append(_element("bookmarkEnd", id=str(len(self._headings))))  # noqa: SLF001
        self._headings.append((level, plain_text(words), mark))

    def text(
        self, words: str, *, style: str = "Normal", mild: bool = False, strong: str = "", kept: bool = False
    ) -> None:
        """A paragraph; `strong` words go before it in bold; `kept` on the page of what follows it."""
        paragraph = self._document.add_paragraph(style=style)
        paragraph.paragraph_format.keep_with_next = kept or None
        if strong:
            paragraph.add_run(plain_text(strong)).bold = True
        _toned(paragraph.add_run(plain_text(words)), mild=mild, size=_NOTE_POINTS if mild else None)

    def contents(self, words: str) -> None:
        """Where the table of contents goes, on a page of its own, under its own heading."""
        heading = self._document.add_paragraph()
        heading.paragraph_format.page_break_before = True
        _toned(heading.add_run(plain_text(words)), size=14, accent=True).bold = True
        self._contents = self._document.add_paragraph()

    def table(
        self,
        caption: tuple[str, str],
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths_cm: Sequence[float],
        figures: Sequence[bool],
        links: Sequence[str] = (),
    ) -> None:
        """A numbered table: caption above, headings repeated on every page, rows never split.

        A short table stays on one page.

        Parameters
        ----------
        caption
            Label (as "Table") and words.
        headings, rows
            Text; every row as long as the headings.
        widths_cm
            One per column, together as wide as the page's text.
        figures
            Per column, whether its cells are figures, set to the right.
        links
            Per row, the address its first cell leads to, as seen from the document; none where empty.
        """
        body = list(rows)
        self._caption(*caption, above=True)
        table = self._document.add_table(rows=1 + len(body), cols=len(headings), style="Table Grid")
        table.autofit = False
        _set_grid(table, widths_cm)
        for number, (row, values) in enumerate(zip(table.rows, [headings, *body], strict=True)):
            properties = row._tr.get_or_add_trPr()  # noqa: SLF001  # python-docx has no name for these
            properties.append(_element("cantSplit"))
            if number == 0:
                properties.append(_element("tblHeader"))
            fill = "" if number else _HEADING_FILL
            for place, (cell, words) in enumerate(zip(row.cells, values, strict=True)):
                _fill_cell(cell, words, bold=number == 0, right=figures[place], fill=fill)
                kept = number < len(body) and (number == 0 or len(body) <= _KEPT_TOGETHER)
                cell.paragraphs[0].paragraph_format.keep_with_next = kept
            if number and links:
                _lead_to(row.cells[0].paragraphs[0], links[number - 1])
        self._document.add_paragraph().paragraph_format.space_after = 0

    def beside(
        self, lines: Sequence[tuple[str, str]], png: bytes, caption: tuple[str, str], *, width_cm: float
    ) -> None:
        """Lines (bold words and others) on the left, a numbered picture on the right, kept together."""
        from docx.shared import Cm  # noqa: PLC0415

        table = self._document.add_table(rows=1, cols=2)
        table.autofit = False
        left, right = table.rows[0].cells
        table.rows[0]._tr.get_or_add_trPr().append(_element("cantSplit"))  # noqa: SLF001
        for column, width in zip(table.columns, (TEXT_CM - width_cm - 0.6, width_cm + 0.6), strict=True):
            column.width = Cm(width)
        for number, (strong, words) in enumerate(lines):
            paragraph = left.add_paragraph(style="List Bullet") if number else left.paragraphs[0]
            paragraph.style = self._document.styles["List Bullet"]
            if strong:
                paragraph.add_run(plain_text(strong)).bold = True
            paragraph.add_run(plain_text(words))
        _add_picture(right.paragraphs[0], png, described=caption[1], width_cm=width_cm)
        self._caption(*caption, above=False, paragraph=right.add_paragraph())

    def picture(
        self, png: bytes, caption: tuple[str, str], *, described: str, width_cm: float = TEXT_CM
    ) -> None:
        """A numbered picture, its caption below, `described` for those who cannot see it."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415

        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        _add_picture(paragraph, png, described=described, width_cm=width_cm)
        self._caption(*caption, above=False)

    def save(self, path: Path) -> None:
        """Fill in the table of contents and write the file.

        Its parts carry no time of their making: two runs of one study write the same bytes.
        """
        if self._contents is not None:
            self._fill_contents(self._contents)
        packed = BytesIO()
        self._document.save(packed)
        with ZipFile(packed) as parts, ZipFile(path, "w", compression=ZIP_DEFLATED) as file:
            for name in parts.namelist():
                file.writestr(ZipInfo(name), parts.read(name), compress_type=ZIP_DEFLATED)

    def _set_up(self, lang: str, title: str, footer: str) -> None:
        """Paper, fonts, footer with page numbers, properties."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
        from docx.shared import Cm, Pt, RGBColor  # noqa: PLC0415

        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin, section.bottom_margin = Cm(2.0), Cm(1.8)
        for name, size in _SIZES.items():
            style: ParagraphStyle = self._document.styles[name]
            _set_fonts(style, lang)
            style.font.size = Pt(size)
            if name != "Normal":
                style.font.color.rgb = RGBColor(*(_MILD if name == "Caption" else _ACCENT))
        self._document.styles["List Number"].font.color.rgb = RGBColor(0x1D, 0x23, 0x29)
        self._document.styles["Normal"].paragraph_format.space_after = Pt(5)
        line = section.footer.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _toned(line.add_run(f"{footer}  ·  "), mild=True, size=8)
        _add_field(line, "PAGE", "1")
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = title[:255], "lifecircle", ""
        properties.language = "zh-CN" if lang == "zh" else "en"

    def _caption(self, label: str, words: str, *, above: bool, paragraph: Paragraph | None = None) -> None:
        """A caption that Word numbers itself."""
        number = self._counts[label] = self._counts.get(label, 0) + 1
        if paragraph is None:
            paragraph = self._document.add_paragraph()
        paragraph.style = self._document.styles["Caption"]
        paragraph.paragraph_format.keep_with_next = above
        paragraph.add_run(f"{label} ")
        _add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
        paragraph.add_run(f"  {plain_text(words)}")

    def _fill_contents(self, paragraph: Paragraph) -> None:
        """The entries of the contents, each with a field for its page, and around them Word's own field.

        Word fills its field anew on opening. Writers that do not know Word 2013's names (LibreOffice does
        not fill such a field) see the entries alone, whose page numbers they can tell.
        """
        from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER  # noqa: PLC0415
        from docx.shared import Cm, Pt  # noqa: PLC0415

        lines = [paragraph]
        for _ in self._headings[1:]:
            added = _element("p")
            lines[-1]._p.addnext(added)  # noqa: SLF001
            lines.append(type(paragraph)(added, paragraph._parent))  # noqa: SLF001
        _open_field(lines[0], 'TOC \\o "1-2" \\h \\z \\u', dirty=True)
        _for_word_alone(lines[0])
        for line, (level, words, mark) in zip(lines, self._headings, strict=True):
            line.paragraph_format.left_indent = Cm(0.7 * (level - 1))
            line.paragraph_format.space_after = Pt(3)
            line.paragraph_format.tab_stops.add_tab_stop(
                Cm(TEXT_CM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
            )
            link = _element("hyperlink", anchor=mark, history="1")
            first = len(line.runs)
            line.add_run(words)
            line.add_run("\t")
            _add_field(line, f"PAGEREF {mark} \\h", "")
            for run in line.runs[first:]:
                link.append(run._r)  # noqa: SLF001
            line._p.append(link)  # noqa: SLF001
        before = len(lines[-1].runs)
        _close_field(lines[-1])
        _for_word_alone(lines[-1], first=before)


def _element(tag: str, /, **attributes: str) -> Any:
    """An element of WordprocessingML."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    made = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _add_picture(paragraph: Paragraph, png: bytes, *, described: str, width_cm: float) -> None:
    """A picture in a line, `described` for those who cannot see it."""
    from docx.shared import Cm  # noqa: PLC0415

    shape = paragraph.add_run().add_picture(BytesIO(png), width=Cm(width_cm))
    shape._inline.docPr.set("descr", plain_text(described))  # noqa: SLF001


def _open_field(paragraph: Paragraph, code: str, *, dirty: bool = False) -> None:
    """The start of a field, up to what it shows."""
    marks = {"dirty": "true"} if dirty else {}
    paragraph.add_run()._r.append(_element("fldChar", fldCharType="begin", **marks))  # noqa: SLF001
    instruction = _element("instrText")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)  # noqa: SLF001
    paragraph.add_run()._r.append(_element("fldChar", fldCharType="separate"))  # noqa: SLF001


def _close_field(paragraph: Paragraph) -> None:
    """The end of a field."""
    paragraph.add_run()._r.append(_element("fldChar", fldCharType="end"))  # noqa: SLF001


def _for_word_alone(paragraph: Paragraph, *, first: int = 0) -> None:
    """Wrap a paragraph's runs, from one on, as markup that only Word 2013 and later takes up."""
    from docx.oxml import parse_xml  # noqa: PLC0415

    block = parse_xml(_WORD_ALONE)
    for run in paragraph.runs[first:]:
        block[0].append(run._r)  # noqa: SLF001
    paragraph._p.append(block)  # noqa: SLF001


def _add_field(paragraph: Paragraph, code: str, shown: str) -> None:
    """A whole field within one paragraph."""
    _open_field(paragraph, code)
    paragraph.add_run(shown)
    _close_field(paragraph)


def _set_fonts(style: ParagraphStyle, lang: str) -> None:
    """One Latin and one Chinese font, in place of the theme's."""
    from docx.oxml.ns import qn  # noqa: PLC0415

    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in [key for key in fonts.attrib if key.lower().endswith("theme")]:
        del fonts.attrib[name]
    for name, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", _EAST)):
        fonts.set(qn(f"w:{name}"), font)
    properties.append(_element("lang", val="en-US", eastAsia="zh-CN" if lang == "zh" else "en-US"))


def _toned(run: Run, *, mild: bool = False, accent: bool = False, size: float | None = None) -> Run:
    """A run in a milder or stronger colour and of a size."""
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    if mild or accent:
        run.font.color.rgb = RGBColor(*(_ACCENT if accent else _MILD))
    if size is not None:
        run.font.size = Pt(size)
    return run


def _fill_cell(cell: Any, words: str, *, bold: bool, right: bool, fill: str) -> None:
    """The text of a cell (whose class has no public name) in the size of tables."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(plain_text(words))
    run.font.size, run.font.bold = Pt(CELL_POINTS), bold
    if fill:
        shade = _element("shd", val="clear", color="auto", fill=fill)
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001


def _lead_to(paragraph: Paragraph, address: str) -> None:
    """Make a paragraph's words a link to another file."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    link = _element("hyperlink", history="1")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    for run in paragraph.runs:
        _toned(run, accent=True).underline = True
        link.append(run._r)  # noqa: SLF001
    paragraph._p.append(link)  # noqa: SLF001


def _set_grid(table: Table, widths_cm: Sequence[float]) -> None:
    """Widths of the columns (every cell repeats them, as Word wants) and light lines between cells."""
    from docx.shared import Cm  # noqa: PLC0415

    for column, width_cm in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width_cm)
    borders = _element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(side, val="single", sz="4", space="0", color="C8CED3"))
    table._tbl.tblPr.append(borders)  # noqa: SLF001
