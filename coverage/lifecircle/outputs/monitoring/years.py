"""Several years' runs side by side: what stood in each, provision by provision."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import gap_words
from lifecircle.outputs.monitoring.write import asked_words, conclusion
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.words import unit_word
from lifecircle.outputs.workbook.sheets import SheetColumn, Sheets
from lifecircle.outputs.writing import plain_workbook

__all__ = ["write_monitoring_years"]


def write_monitoring_years(table: pd.DataFrame, path: Path, *, lang: str) -> None:
    """Write the provisions of several runs, one row each, the runs from left to right.

    Parameters
    ----------
    table
        ``plan, rule, clause, title, unit, comparator, target, target_max, target_year, responsible,
        years`` (labels of the runs in order, the same in every row; title, clause and responsible by
        language), and of each run ``value``,
        ``status``, ``certainty``, ``deficit`` and ``deficit_unit`` as tuples in that order.
    path
        A workbook.
    lang
        zh or en.
    """
    rows = list(table.itertuples(index=False))
    years = rows[0].years if rows else ()

    def heading(name: str) -> str:
        """The heading of a column."""
        return text(f"monitoring.column.{name}", lang)

    titles = [plain_text(row.title[lang]) for row in rows]
    clauses = [plain_text(row.clause[lang]) for row in rows]
    departments = [plain_text(row.responsible[lang]) for row in rows]
    columns = [
        SheetColumn(heading("indicator"), titles, wrapped=True, widest=28),
        SheetColumn(heading("clause"), clauses, wrapped=True, widest=16),
        SheetColumn(heading("unit"), [unit_word(row.unit, lang) for row in rows]),
        SheetColumn(
            heading("target"),
            [asked_words(row.comparator, row.target, row.target_max, lang) for row in rows],
        ),
        SheetColumn(heading("target_year"), [row.target_year for row in rows], "year"),
    ]
    for at, year in enumerate(years):
        columns += [
            SheetColumn(
                text("monitoring.column.value_in", lang, year=year),
                [row.value[at] for row in rows],
                "decimal",
            ),
            SheetColumn(
                text("monitoring.column.deficit_in", lang, year=year),
                [
                    gap_words(row.deficit[at], row.deficit_unit[at], lang)
                    if math.isfinite(row.deficit[at])
                    else ""
                    for row in rows
                ],
                wrapped=True,
                widest=13,
            ),
            SheetColumn(
                text("monitoring.column.conclusion_in", lang, year=year),
                [
                    conclusion(row.status[at], row.certainty[at], lang, whole=math.isfinite(row.target))
                    if row.status[at]
                    else ""
                    for row in rows
                ],
                fills=[row.status[at] for row in rows],
                wrapped=True,
                widest=14,
            ),
        ]
    columns.append(SheetColumn(heading("change"), [row.value[-1] - row.value[0] for row in rows], "decimal"))
    columns.append(SheetColumn(heading("responsible"), departments, wrapped=True, widest=20))
    columns.append(SheetColumn(heading("plan"), [row.plan for row in rows]))
    with plain_workbook(path) as book:
        lead = [text("monitoring.title-years", lang), text("monitoring.lead-years", lang)]
        Sheets(book).add(
            text("monitoring.sheet-years", lang),
            columns,
            lead=lead,
            frozen_columns=1,
            printed_columns=len(columns) - 1,
            cut_note=text("monitoring.printed-part", lang),
            paper=8,
        )
