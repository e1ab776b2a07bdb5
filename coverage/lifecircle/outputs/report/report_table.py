"""A table of a report as words, without the columns that hold nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lifecircle.messages import LANGUAGES, text

__all__ = ["MOST_ROWS", "ReportTable", "said_once", "table_of_words"]

_NOTHING = (
    {"", "0"},
    {"", *(text(key, lang) for key in ("status.unknown", "map.unknown") for lang in LANGUAGES)},
)
"""What the cells of a column say that tells nobody anything."""

MOST_ROWS = 24
"""Rows of a table that fit a page."""


@dataclass(frozen=True)
class ReportTable:
    """A table to show: its headings, its rows as words, how wide each column is.

    Attributes
    ----------
    title : what stands over it
    headings, rows : every row as long as the headings
    widths : in proportion
    figures_from, words_from : columns from the one up to the other (None: to the last) hold figures
    further : rows that are left to the workbook
    links : address of the gap map for each row; none where empty
    total : the last row sums up the others, and stays where those are cut
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    figures_from: int = 1
    further: int = 0
    links: tuple[str, ...] = ()
    words_from: int | None = None
    total: bool = False

    def holds_figures(self, place: int) -> bool:
        """Whether a column is set to the right, as figures are."""
        return self.figures_from <= place and (self.words_from is None or place < self.words_from)

    def cut(self, most: int) -> ReportTable:
        """The first rows, as many as fit a page, and how many there are beyond."""
        if len(self.rows) <= most:
            return self
        further = self.further + len(self.rows) - most
        first = most - self.total
        last = len(self.rows) - self.total
        rows = self.rows[:first] + self.rows[last:]
        return replace(self, rows=rows, links=self.links[:first] + self.links[last:], further=further)


def said_once(rows: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Rows whose first cell is blank where the row before has the same."""
    once: list[tuple[str, ...]] = []
    before = ""
    for row in rows:
        once.append((row[0] if row[0] != before else "", *row[1:]))
        before = row[0]
    return once


def table_of_words(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    figures_from: int = 1,
    words_from: int | None = None,
) -> ReportTable:
    """A table of words, without the columns that hold nothing but noughts, or nothing that is known.

    Headings begin with a capital, whatever list of words they come from.
    """
    lines = [tuple(row) for row in rows]
    kept = [
        place
        for place in range(len(headings))
        if place < figures_from or not any({row[place] for row in lines} <= nothing for nothing in _NOTHING)
    ]
    return ReportTable(
        title,
        tuple(headings[place][:1].upper() + headings[place][1:] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in lines),
        tuple(widths[place] for place in kept),
        figures_from,
        words_from=None if words_from is None else sum(place < words_from for place in kept),
    )
