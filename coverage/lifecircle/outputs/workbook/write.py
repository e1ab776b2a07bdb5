"""``deficits.xlsx``: the findings for people, one sheet per question."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from lifecircle.messages import text
from lifecircle.outputs.report.brief import without_data_words, worst_townships
from lifecircle.outputs.report.figures import community_totals, grid_words, rule_scores, short_words
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.web_map.topics import TOPICS
from lifecircle.outputs.words import sentences, study_name, whole_words
from lifecircle.outputs.workbook.cover import fill_cover
from lifecircle.outputs.workbook.effects import effect_sheets, mode_columns
from lifecircle.outputs.workbook.proposals import add_curve_chart, curve_columns, proposal_columns
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
from lifecircle.outputs.writing import plain_workbook
from lifecircle.tables import Results

_TABS: Final = {
    "overview": "#14506E",
    "communities": "#3585BF",
    "where-next": "#F7C325",
    "method": "#8A8A8A",
}
"""Colour of the tabs of each group of sheets; findings have a colour for each topic."""

_TOPIC_TABS: Final = (
    "#1B7837",
    "#A50F15",
    "#8C2D6F",
    "#E07B39",
    "#C9560D",
    "#7F2C04",
    "#00707A",
    "#0B3C5D",
    "#5E3C99",
    "#3F5F00",
    "#4D9221",
    "#6A6A6A",
)
"""In the order of `TOPICS`."""

_PRINTED_ROWS: Final = 60
"""Rows that a sheet of findings prints: the file has the rest."""

_PRINTED_COLUMNS: Final = 18
"""Columns that such a sheet prints: what follows is for filtering."""

_SUMMARY_COLUMNS: Final = 12
"""Columns that the summary prints: the clause and its words follow. Its rows are those with a verdict."""

__all__ = ["write_workbook"]


def write_workbook(results: Results, path: Path, *, lang: str) -> None:
    """Write cover, summary, communities, proposals, scores, one sheet per topic, assumptions, data quality.

    The rule sheets together hold every row of ``deficits.csv``, number by number. No text, wherever it
    comes from, can become a formula or a link.
    """
    title = plain_text(results.inputs.name)
    with plain_workbook(path, title=title, date=study_date(results)) as book:
        sheets = Sheets(book)
        cover, links = sheets.blank(_name("cover", lang)), []

        def add(
            name: str,
            columns: list[SheetColumn],
            group: str,
            *,
            frozen: int,
            colour: str = "",
            whole: bool = True,
            width: int | None = None,
            height: int | None = None,
        ) -> str:
            """One sheet, its tab in the colour of its group, its name for the cover."""
            made = sheets.add(
                name,
                columns,
                frozen_columns=frozen,
                colour=colour or _TABS[group],
                printed_rows=height or (None if whole else _PRINTED_ROWS),
                printed_columns=width or (None if whole else _PRINTED_COLUMNS),
                cut_note=text("workbook.printed-part", lang),
                legible=True,
            )
            links.append((made, text(f"workbook.group.{group}", lang), len(columns[0].values)))
            return made

        add(
            _name("summary", lang),
            summary_columns(results, lang),
            "overview",
            frozen=2,
            width=_SUMMARY_COLUMNS,
            height=sum(score.judged > 0 for score in rule_scores(results)),
        )
        add(_name("communities", lang), short_community_columns(results, lang), "communities", frozen=2)
        if len(results.proposals):
            add(_name("proposals", lang), proposal_columns(results, lang), "where-next", frozen=3)
        if len(results.coverage_curve):
            name = add(_name("coverage-curve", lang), curve_columns(results, lang), "where-next", frozen=3)
            add_curve_chart(book, name, results, lang)
        for key, columns in effect_sheets(results, lang).items():
            add(_name(key, lang), columns, "where-next", frozen=2, whole=key != "effects")
        if columns := mode_columns(results, lang):
            add(_name("modes", lang), columns, "communities", frozen=4, whole=False)
        for key, columns in _score_sheets(results, lang).items():
            add(_name(key, lang), columns, "overview", frozen=3, whole=key != "scorecard")
        for topic, columns in finding_sheets(results, lang):
            colour = _TOPIC_TABS[TOPICS.index(topic)]
            add(text(f"map.topic.{topic}", lang), columns, "rules", frozen=4, colour=colour, whole=False)
        add(
            _name("communities-wide", lang),
            community_columns(results, lang),
            "communities",
            frozen=2,
            whole=False,
        )
        add(_name("assumptions", lang), assumption_columns(results, lang), "method", frozen=0)
        add(_name("data-quality", lang), quality_columns(results, lang), "method", frozen=0, whole=False)
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
    """The name of a sheet."""
    return text(f"workbook.sheet.{key}", lang)


def _lead(results: Results, lang: str) -> list[str]:
    """What the reader must know before the figures."""
    totals = community_totals(results)
    date, communities = study_date(results), whole_words(totals.communities)
    said = {"date": date, "communities": communities}
    if math.isnan(totals.residents):
        judged = text("workbook.lead-alone", lang, **said)
    else:
        judged = text("workbook.lead", lang, residents=whole_words(totals.residents), **said)
    lines = [
        text("workbook.title", lang, name=study_name(plain_text(results.inputs.name)[:120], lang)),
        sentences([judged, *grid_words(results, lang), short_words(results, lang)], lang),
        sentences([*worst_townships(results, lang), *without_data_words(results, lang)], lang),
        text("workbook.lead-certainty", lang),
    ]
    return [line for line in lines if line]
