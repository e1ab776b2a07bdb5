"""``deficits.xlsx``: the findings for people, one sheet per question."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import xlsxwriter

from lifecircle.messages import has, text
from lifecircle.outputs.report.figures import community_totals
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import known_words, whole_words
from lifecircle.outputs.workbook.cover import fill_cover
from lifecircle.outputs.workbook.effects import effect_sheets
from lifecircle.outputs.workbook.scores import priority_columns, scorecard_columns, sensitivity_columns
from lifecircle.outputs.workbook.sheets import SheetColumn, Sheets
from lifecircle.outputs.workbook.tables import (
    assumption_columns,
    community_columns,
    finding_sheets,
    quality_columns,
    short_community_columns,
    summary_columns,
)
from lifecircle.tables import Results

_TEXT_STAYS_TEXT: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

_TABS: Final = {"overview": "#14506E", "communities": "#3585BF", "rules": "#C9560D", "method": "#8A8A8A"}
"""Colour of the tabs of each group of sheets."""

__all__ = ["write_workbook"]


def write_workbook(results: Results, path: Path, *, lang: str) -> None:
    """Write summary, communities, one sheet per kind of rule, scores, assumptions and data quality.

    The rule sheets together hold every row of ``deficits.csv``, number by number. No text, wherever it
    comes from, can become a formula or a link.
    """
    with xlsxwriter.Workbook(str(path), _TEXT_STAYS_TEXT) as book:
        book.set_properties({"title": plain_text(results.inputs.name)[:255], "comments": "lifecircle"})
        sheets = Sheets(book)
        cover, links = sheets.blank(_name("cover", lang)), []

        def add(
            key: str, columns: list[SheetColumn], group: str, *, frozen: int, fitted: bool = True
        ) -> None:
            """One sheet, its tab in the colour of its group, its name for the cover."""
            name = sheets.add(
                _name(key, lang), columns, frozen_columns=frozen, fitted=fitted, colour=_TABS[group]
            )
            links.append((name, text(f"workbook.group.{group}", lang)))

        add("summary", summary_columns(results, lang), "overview", frozen=2)
        add("communities", short_community_columns(results, lang), "communities", frozen=2)
        for key, columns in effect_sheets(results, lang).items():
            add(key, columns, "overview", frozen=2)
        for key, columns in _score_sheets(results, lang).items():
            add(key, columns, "overview", frozen=3)
        add("communities-wide", community_columns(results, lang), "communities", frozen=2, fitted=False)
        for kind, columns in finding_sheets(results, lang):
            add(kind, columns, "rules", frozen=4)
        add("assumptions", assumption_columns(results, lang), "method", frozen=0)
        add("data-quality", quality_columns(results, lang), "method", frozen=0)
        fill_cover(book, cover, results, lead=_lead(results, lang), links=links, lang=lang)


def _score_sheets(results: Results, lang: str) -> dict[str, list[SheetColumn]]:
    """Sheets on scores, those that the run has figures for."""
    sheets = {
        "scorecard": (results.scorecard, scorecard_columns),
        "township-priorities": (results.priorities, priority_columns),
        "sensitivity": (results.sensitivity, sensitivity_columns),
    }
    return {key: columns(results, lang) for key, (table, columns) in sheets.items() if len(table)}


def _name(key: str, lang: str) -> str:
    """The name of a sheet; kinds of rules that have none of their own share one."""
    known = key if has(f"workbook.sheet.{key}") else "other"
    return text(f"workbook.sheet.{known}", lang)


def _lead(results: Results, lang: str) -> list[str]:
    """What the reader must know before the figures."""
    totals = community_totals(results)
    return [
        text("workbook.title", lang, name=plain_text(results.inputs.name)[:120]),
        text(
            "workbook.lead",
            lang,
            date=study_date(results),
            communities=whole_words(totals.communities),
            residents=known_words(totals.residents, lang),
            short=whole_words(totals.short),
        ),
        text("workbook.lead-certainty", lang),
    ]
