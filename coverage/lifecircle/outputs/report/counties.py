"""For both reports of a study of several counties: how each stands, and the ways to its own pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from lifecircle.messages import text
from lifecircle.outputs.report.report_table import ReportTable, table_of_words
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.county_pages import CountyPage, worst_first
from lifecircle.outputs.words import code_word, known_words, titled, whole_words
from lifecircle.tables import Results

_MOST_TARGETS = 3
"""Headline targets with a column of their own."""

__all__ = ["county_maps", "county_table"]


def county_table(results: Results, counties: Sequence[CountyPage], lang: str) -> ReportTable:
    """Per county: its people, its communities that fall short, and what most of its residents lack.

    Parameters
    ----------
    results
        The study as a whole.
    counties
        Those that have pages of their own; a table without rows where there are none.
    lang
        zh or en.

    Returns
    -------
    ReportTable
        In the order of the map's list, each row with the address of the county's report. Columns of headline
        targets add up to the headline's own number of communities.
    """
    targets = [
        (str(row.plan), str(row.rule))
        for row in results.headlines.itertuples(index=False)
        if row.level == "community" and row.short
    ][:_MOST_TARGETS]
    listed = worst_first(counties)
    rows = [
        (
            display_name(one.name) or one.code,
            whole_words(one.communities),
            known_words(one.residents, lang),
            whole_words(one.short),
            *(whole_words(one.short_of[target]) if target in one.short_of else "–" for target in targets),
            one.largest,
        )
        for one in listed
    ]
    heads = (
        code_word("county", lang),
        text("report.communities", lang),
        text("report.residents", lang),
        text("report.any-short", lang),
        *(titled(results, *target, lang) for target in targets),
        text("report.largest-one", lang),
    )
    widths = (2.4, 1.7, 1.9, 1.7, *[2.0] * len(targets), 4.2)
    made = table_of_words(text("report.counties", lang), heads, rows, widths, words_from=4 + len(targets))
    return replace(made, links=tuple(quote(one.report_address) for one in listed))


def county_maps(counties: Sequence[CountyPage], lang: str) -> list[str]:
    """The address of each county's map, along the rows of `county_table`."""
    return [f"{quote(one.map_address)}#lang={lang}" for one in worst_first(counties)]
