"""What an officer must know beside an indicator's figures: definitions, missing data, other units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.words import figure_words, is_comparable, sentences, whole_words
from lifecircle.tables import STUDY_AREA, WIDE_LEVELS, Note, Results, verdict_rows

__all__ = ["indicator_remarks"]

_OF_ELSEWHERE = frozenset({"total-of-elsewhere", "total-of-province", "another-jurisdiction"})
"""Remarks on totals that are set for another place than the one judged."""

_SHORT = ["short_firm", "short_assumed", "short_provisional"]
_MET = ["met_firm", "met_assumed", "met_provisional"]


def indicator_remarks(results: Results, lang: str) -> list[str]:
    """One remark for each row of `tables.MONITORING`, blank where there is nothing to say.

    That a total is set for another place; the plan's baseline where it follows another definition than the
    figure measured here; how many units are judged one by one and how many of them lack data; what all units
    lack together, in their own unit.
    """
    table = results.summary
    own = table[(table["scenario"] == "") & (table["area"] == STUDY_AREA) & table["verdict"]]
    units = own[~own["level"].isin(WIDE_LEVELS[1:])]
    elsewhere = _totals_of_elsewhere(results)
    by_rule = {key: rows.iloc[-1] for key, rows in units.groupby(["plan", "rule"], sort=False)}
    stop = text("report.full-stop", lang)
    told = []
    for row in results.monitoring.itertuples(index=False):
        key = (row.plan, row.rule)
        notes = elsewhere.get(key, []) if row.status == "not-applicable" else []
        words = [note.render(lang) + stop for note in notes]
        words = [one[:1].upper() + one[1:] for one in words]
        told.append(sentences([*words, *_said(results, row, by_rule.get(key), lang)], lang))
    return told


def _totals_of_elsewhere(results: Results) -> dict[tuple[str, str], list[Note]]:
    """Why a total is not asked of the place judged, by plan and rule."""
    rows = verdict_rows(results.findings)
    rows = rows[rows["status"] == "not-applicable"]
    told: dict[tuple[str, str], list[Note]] = {}
    for plan, rule, notes in zip(rows["plan"], rows["rule"], rows["note"], strict=True):
        told.setdefault((plan, rule), []).extend(one for one in notes if one.key in _OF_ELSEWHERE)
    return {key: list(dict.fromkeys(notes)) for key, notes in told.items()}


def _said(results: Results, row: Any, units: pd.Series | None, lang: str) -> list[str]:
    """The sentences of one indicator; `units` is the row of the summary that counts its units."""
    told = []
    if pd.notna(row.baseline) and pd.notna(row.value) and not is_comparable(results, row.plan, row.rule):
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
