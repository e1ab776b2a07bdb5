"""What an officer must know beside an indicator's figures: definitions, missing data, other units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.words import figure_words, sentences, whole_words
from lifecircle.tables import STUDY_AREA, WIDE_LEVELS, Results

__all__ = ["indicator_remarks"]

_SHORT = ["short_firm", "short_assumed", "short_provisional"]
_MET = ["met_firm", "met_assumed", "met_provisional"]


def indicator_remarks(results: Results, lang: str) -> list[str]:
    """One remark for each row of `tables.MONITORING`, blank where there is nothing to say.

    The plan's baseline where it follows another definition than the figure measured here; how many units are
    judged one by one and how many of them lack data; what all units lack together, in their own unit.
    """
    table = results.summary
    own = table[(table["scenario"] == "") & (table["area"] == STUDY_AREA) & table["verdict"]]
    units = own[~own["level"].isin(WIDE_LEVELS[1:])]
    by_rule = {key: rows.iloc[-1] for key, rows in units.groupby(["plan", "rule"], sort=False)}
    return [
        sentences(_said(results, row, by_rule.get((row.plan, row.rule)), lang), lang)
        for row in results.monitoring.itertuples(index=False)
    ]


def _said(results: Results, row: Any, units: pd.Series | None, lang: str) -> list[str]:
    """The sentences of one indicator; `units` is the row of the summary that counts its units."""
    told = []
    if pd.notna(row.baseline) and pd.notna(row.value) and not row.reported:
        began = figure_words(row.baseline, row.unit, lang)
        told.append(text("monitoring.baseline-own", lang, baseline=began))
    if units is None:
        return told
    short, judged = int(units[_SHORT].sum()), int(units[[*_SHORT, *_MET]].sum())
    if short and pd.isna(row.target):
        told.append(text("monitoring.each-of", lang, n=whole_words(short), judged=whole_words(judged)))
    if units["no_data"] and judged and row.status in {"met", "short"}:
        told.append(text("monitoring.without-data", lang, n=whole_words(units["no_data"])))
    lacking, unit = units["deficit"], str(units["deficit_unit"])
    # as many as there are places that fall short is no news
    if short and lacking > 0 and lacking != row.deficit:
        missing = missing_words(results, (row.plan, row.rule), lacking, unit, lang)
        told.append(text("monitoring.in-all", lang, missing=missing))
    return told
