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


@dataclass(frozen=True)
class _Moved:
    """A rule under the settings of one assumption, and by how many percentage points its share moves."""

    plan: str
    rule: str
    varied: str
    group: pd.DataFrame
    swing: float

    @property
    def key(self) -> tuple[str, str]:
        """Plan and rule."""
        return self.plan, self.rule


__all__ = ["Mark", "Panel", "Track", "panels", "sensitivity_table", "unmoved_words"]


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
    """Rules about walks under each assumption that moves their share, headline targets first."""
    known = results.sensitivity.dropna(subset=["met_share"])
    moved = [
        _Moved(str(plan), str(rule), str(varied), group, float(shares.max() - shares.min()))
        for (plan, rule, varied), group in known.groupby(["plan", "rule", "varied"], sort=False)
        for shares in (group["met_share"],)
        if round(shares.max() - shares.min()) >= 1
    ]
    place = {key: at for at, key in enumerate(_headline_keys(results))}
    most: dict[tuple[str, str], float] = {}
    for one in moved:
        most[one.key] = max(one.swing, most.get(one.key, 0.0))
    moved.sort(key=lambda one: (place.get(one.key, len(place)), -most[one.key], one.key, -one.swing))
    rows: list[tuple[str, ...]] = []
    before: tuple[str, str] = ("", "")
    for one in moved:
        # a rule is named on the first of its lines
        title = "" if one.key == before else titled(results, *one.key, lang)
        before = one.key
        said = text("scores.report.settings", lang).join(
            _setting(row, lang) for row in one.group.itertuples()
        )
        rows.append((title, text(f"scores.varied.{one.varied}", lang), said, f"{one.swing:.0f}"))
    heads = (
        text("report.rule", lang),
        text("scores.column.varied", lang),
        text("scores.column.met_share", lang),
        text("scores.report.swing", lang),
    )
    title = text("scores.report.sensitivity-table", lang)
    return ReportTable(title, heads, tuple(rows), (4.6, 3.2, 7.2, 2), figures_from=3).cut(_MOST_ROWS)


def unmoved_words(results: Results, lang: str) -> str:
    """Headline targets that were tried and that no setting moves; blank where there is none."""
    known = results.sensitivity.dropna(subset=["met_share"])
    shares = known.groupby(["plan", "rule", "varied"])["met_share"]
    swing = (shares.max() - shares.min()).groupby(level=["plan", "rule"]).max()
    still = [key for key in _headline_keys(results) if key in swing.index and round(swing[key]) < 1]
    if not still:
        return ""
    named = text("report.comma", lang).join(titled(results, *key, lang) for key in still)
    return text("scores.report.unmoved", lang, names=named)


def _headline_keys(results: Results) -> list[tuple[str, str]]:
    """Plan and rule of the headline targets, in their order."""
    return list(zip(results.headlines["plan"], results.headlines["rule"], strict=True))


def _setting(row: object, lang: str) -> str:
    """One setting with the share that is met under it; the study's own is marked."""
    key = "scores.report.setting-own" if row.own else "scores.report.setting"  # type: ignore[attr-defined]
    setting = setting_word(row.setting, lang)  # type: ignore[attr-defined]
    return text(key, lang, setting=setting, share=f"{row.met_share:.0f}")  # type: ignore[attr-defined]
