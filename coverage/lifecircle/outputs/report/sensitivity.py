"""The reports' chart and table of sensitivity: per assumption, a line per rule, a mark per setting."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.report_table import ReportTable
from lifecircle.outputs.words import titled
from lifecircle.outputs.workbook.scores import setting_word
from lifecircle.tables import Results

_WIDTH = 400.0
_ROW = 26.0
_MOST_ROWS = 24

__all__ = ["Mark", "Panel", "Track", "panels", "sensitivity_table"]


@dataclass(frozen=True)
class Mark:
    """One setting of one rule: where it lies on the axis of 0 to 100 %, and what it says."""

    x: float
    own: bool
    says: str


@dataclass(frozen=True)
class Track:
    """One rule under one assumption, from its least to its greatest share."""

    title: str
    y: float
    first: float
    last: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Panel:
    """All rules that one assumption concerns."""

    heading: str
    width: float
    height: float
    ticks: tuple[tuple[float, str], ...]
    tracks: tuple[Track, ...]


def panels(results: Results, lang: str) -> list[Panel]:
    """One panel per assumption that moves the share of any rule; the table lists those that move none."""
    table = results.sensitivity.dropna(subset=["met_share"])
    listed = []
    for varied, group in table.groupby("varied", sort=False):
        rules = list(group.groupby(["plan", "rule"], sort=False))
        tracks = tuple(
            _track(titled(results, str(plan), str(rule), lang), rows, (place + 0.5) * _ROW, lang)
            for place, ((plan, rule), rows) in enumerate(rules)
        )
        if all(track.first == track.last for track in tracks):
            continue
        ticks = tuple((_WIDTH * share / 100, f"{share}%") for share in (0, 25, 50, 75, 100))
        heading = text(f"scores.varied.{varied}", lang)
        listed.append(Panel(heading, _WIDTH, _ROW * len(tracks), ticks, tracks))
    return listed


def _track(title: str, rows: pd.DataFrame, y: float, lang: str) -> Track:
    """One rule's settings along the axis."""
    marks = tuple(
        Mark(
            x=round(_WIDTH * row.met_share / 100, 1),
            own=bool(row.own),
            says=f"{setting_word(row.setting, lang)}: {row.met_share:.1f}%",
        )
        for row in rows.itertuples()
    )
    places = [mark.x for mark in marks]
    return Track(title, y, min(places), max(places), marks)


def sensitivity_table(results: Results, lang: str) -> ReportTable:
    """Every circle rule under every assumption varied: the share met at each setting."""
    known = results.sensitivity.dropna(subset=["met_share"])
    rows: list[tuple[str, ...]] = []
    before: tuple[object, ...] = ()
    for (plan, rule, varied), group in known.groupby(["plan", "rule", "varied"], sort=False):
        shares = [
            text(
                "scores.report.setting-own" if row.own else "scores.report.setting",
                lang,
                setting=setting_word(row.setting, lang),
                share=f"{row.met_share:.0f}",
            )
            for row in group.itertuples()
        ]
        # A rule is named on the first of its lines.
        same_rule, before = (plan, rule) == before, (plan, rule)
        rows.append(
            (
                "" if same_rule else titled(results, str(plan), str(rule), lang),
                text(f"scores.varied.{varied}", lang),
                text("scores.report.settings", lang).join(shares),
                f"{group['met_share'].max() - group['met_share'].min():.0f}",
            )
        )
    heads = (
        text("report.rule", lang),
        text("scores.column.varied", lang),
        text("scores.column.met_share", lang),
        text("scores.report.swing", lang),
    )
    title = text("scores.report.sensitivity-table", lang)
    return ReportTable(title, heads, tuple(rows), (4.6, 3.2, 7.2, 2), figures_from=3).cut(_MOST_ROWS)
