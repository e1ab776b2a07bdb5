"""The cover of the workbook: what it is, the headline targets, and a link to every sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lifecircle.messages import text
from lifecircle.outputs.first_places import first_block
from lifecircle.outputs.report.brief import headline_table, headlines_how, uncertain_lines
from lifecircle.outputs.report.report_table import ReportTable
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.words import code_word
from lifecircle.outputs.workbook.sheets import LINE_POINTS, wrapped_lines
from lifecircle.tables import Results

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["fill_cover"]

_PAGE_WIDTH: Final = 128.0
"""Digits side by side on a page of A4, lying, in letters of the usual size."""

_OTHER_WIDTHS: Final = (40, 24, 14)
"""Of the columns that list the sheets, where no table of headline targets is wider."""

_BOLD: Final = 1.2
"""How much wider bold letters are."""

_ROOMY_POINTS: Final = 17
"""Height of a line of the table: Chinese fonts that take the place of Excel's own are higher."""

_FIGURES_AT: Final = 21
"""Column of the chart's figures, far to the right of what is printed."""

_PAGE_POINTS: Final = 500.0
"""Height of what a lying page of A4 holds between its margins, less a little for fonts that are higher."""

_TITLE_POINTS: Final = 25
_CHART_ROWS: Final = 17
_ACCENT: Final = "#14506E"


class _Pages:
    """Rows of the cover as they are printed: their heights, and which of them stay with those that follow."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self._points: dict[int, float] = {}
        self._kept: dict[int, int] = {}
        self.forced: list[int] = []

    def set_height(self, row: int, points: float) -> None:
        """A row that is higher than the others."""
        self.sheet.set_row(row, points)
        self._points[row] = points

    def keep(self, row: int, rows: int) -> None:
        """A row that stays on one page with the next ones, `rows` together."""
        self._kept[row] = rows

    def breaks(self, rows: int) -> list[int]:
        """Rows before which a page ends by order, so that none of those kept together is parted.

        Where nothing is kept the program that prints ends its pages by itself.
        """
        ends, used = list(self.forced), 0.0
        for row in range(rows):
            group = self._kept.get(row, 1)
            needed = sum(self._points.get(one, LINE_POINTS) for one in range(row, row + group))
            if row in self.forced:
                used = 0.0
            elif used and used + needed > _PAGE_POINTS:
                used = 0.0
                ends += [row] * (group > 1)
            used += self._points.get(row, LINE_POINTS)
        return sorted(set(ends))


def fill_cover(
    book: Workbook,
    sheet: Worksheet,
    results: Results,
    *,
    lead: Sequence[str],
    links: Sequence[tuple[str, str, int]],
    lang: str,
) -> None:
    """Write the cover into the first sheet, once all others have their names.

    Parameters
    ----------
    book, sheet
        The workbook and its first sheet, still empty.
    results
        The finished study.
    lead
        Lines above the table, the first as a title.
    links
        Name of every other sheet, its group, and how many rows it has.
    lang
        zh or en.
    """
    table = headline_table(results, lang)
    title = book.add_format({"bold": True, "font_size": 18, "font_color": _ACCENT})
    head = book.add_format(
        {"bold": True, "bg_color": _ACCENT, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"}
    )
    cell = book.add_format({"text_wrap": True, "valign": "top", "bottom": 1, "bottom_color": "#D8DCE0"})
    part = book.add_format({"bold": True, "font_size": 13, "font_color": _ACCENT})
    whole = book.add_format({"num_format": "#,##0"})
    link = book.add_format({"font_color": "#0563C1", "underline": 1})
    widths = _widths(table)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    pages = _Pages(sheet)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, words in enumerate(lead):
        if row and len(widths) > 1:
            _across(pages, row, words, widths, wrapped)
        else:
            sheet.write_string(row, 0, plain_text(words), title)
    pages.set_height(0, _TITLE_POINTS)
    row = len(lead) + 1
    if table.rows:
        row = _headlines(pages, row, table, widths, {"head": head, "cell": cell, "part": part})
        row = _told_below(book, pages, results, row, widths, part=part, lang=lang)
        if _chart(book, sheet, results, row + 1, names=[cells[0] for cells in table.rows], lang=lang):
            pages.keep(row + 1, _CHART_ROWS - 1)
            row += _CHART_ROWS
        pages.forced.append(row)  # the list of sheets is a page of its own
        sheet.set_h_pagebreaks(pages.breaks(row))
    sheet.write_string(row, 0, text("workbook.all-sheets", lang), part)
    heads = (text("workbook.sheet-name", lang), text("workbook.group", lang), text("workbook.rows", lang))
    for place, words in enumerate(heads):
        sheet.write_string(row + 1, place, words, head)
    for line, (name, words, rows) in enumerate(links, row + 2):
        quoted = name.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{quoted}'!A1", link, string=name)
        sheet.write_string(line, 1, plain_text(words))
        sheet.write_number(line, 2, rows, whole)
    sheet.print_area(0, 0, row + len(links) + 1, len(widths) - 1)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&R&P / &N")
    sheet.fit_to_pages(1, 0)


def _widths(table: ReportTable) -> tuple[float, ...]:
    """How wide each column of the cover is: all together a page, so that it prints in its own size."""
    if not table.rows:
        return _OTHER_WIDTHS
    return tuple(_PAGE_WIDTH * width / sum(table.widths) for width in table.widths)


def _headlines(
    pages: _Pages, row: int, table: ReportTable, widths: Sequence[float], looks: Mapping[str, Format]
) -> int:
    """The table of headline targets from `row` on; the row below it."""
    pages.sheet.write_string(row, 0, plain_text(table.title), looks["part"])
    for place, words in enumerate(table.headings):
        pages.sheet.write_string(row + 1, place, plain_text(words), looks["head"])
    heads = zip(table.headings, widths, strict=True)
    lines = max(wrapped_lines(words, width / _BOLD) for words, width in heads)
    pages.set_height(row + 1, LINE_POINTS * lines)
    pages.keep(row, 3)
    for line, cells in enumerate(table.rows, row + 2):
        for place, words in enumerate(cells):
            pages.sheet.write_string(line, place, plain_text(words), looks["cell"])
        lines = max(wrapped_lines(words, width) for words, width in zip(cells, widths, strict=True))
        pages.set_height(line, _ROOMY_POINTS * lines)
    return row + 2 + len(table.rows)


def _told_below(
    book: Workbook,
    pages: _Pages,
    results: Results,
    row: int,
    widths: Sequence[float],
    *,
    part: Format,
    lang: str,
) -> int:
    """What the table counts, where to build first and what is uncertain, from `row` on; the row below it."""
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    mild = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#5B6670"})
    for words in headlines_how(results, lang):
        row = _across(pages, row, words, widths, mild)
    chapters = {
        "build-first": first_block(results, lang),
        "uncertain": uncertain_lines(results, lang),
    }
    for name, lines in chapters.items():
        if lines:
            pages.sheet.write_string(row + 1, 0, text(f"report.{name}", lang), part)
            if not pages.forced:
                pages.forced.append(row + 1)  # the table and what it counts are a page
            # a heading stands with the first of its lines, and what leads to a list with its first entry
            pages.keep(row + 1, min(3, 1 + len(lines)))
            pages.keep(row + 2, min(2, len(lines)))
            row += 2
        for words in lines:
            row = _across(pages, row, words, widths, plain)
    return row


def _across(pages: _Pages, row: int, words: str, widths: Sequence[float], look: Format) -> int:
    """One paragraph over the whole width of the cover; the row below it."""
    pages.sheet.merge_range(row, 0, row, len(widths) - 1, plain_text(words), look)
    pages.set_height(row, LINE_POINTS * wrapped_lines(words, sum(widths)))
    return row + 1


def _chart(
    book: Workbook, sheet: Worksheet, results: Results, row: int, *, names: Sequence[str], lang: str
) -> bool:
    """Units met and not met per headline target, figures far to the right; whether there is anything to draw.

    A target that is met or missed as a whole has no units to compare: it stands in the table alone.
    """
    far = _FIGURES_AT
    told = zip(names, results.headlines["met"], results.headlines["short"], strict=True)
    lines = [(name, met, short) for name, met, short in told if met + short > 1]
    if not lines:
        return False
    for line, (name, *figures) in enumerate(lines):
        sheet.write_string(row + line, far, plain_text(name))
        for place, value in enumerate(figures, 1):
            sheet.write_number(row + line, far + place, value)
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for place, (status, colour) in enumerate((("met", "#6AAED6"), ("short", "#C9560D")), 1):
        chart.add_series(
            {
                "name": code_word(status, lang),
                "categories": [sheet.get_name(), row, far, row + len(lines) - 1, far],
                "values": [sheet.get_name(), row, far + place, row + len(lines) - 1, far + place],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "interval_unit": 1})
    chart.set_size({"width": 900, "height": 300})
    sheet.insert_chart(row, 0, chart)
    return True
