"""The reports' chart and table of sensitivity: per assumption, a line per rule, a mark per setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.report_table import ReportTable
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import titled
from lifecircle.outputs.workbook.scores import setting_word
from lifecircle.tables import Results

_WIDTH = 400.0
_ROW, _LINE = 26.0, 13.0
"""Height of a rule's row, which holds two lines of its title, and of each of more lines."""

_TITLE_LETTERS: Final = 50
"""That many Latin letters fit beside the axis; Chinese characters are two wide."""

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


__all__ = ["Mark", "Panel", "Track", "panels", "sensitivity_table", "title_lines", "unmoved_words"]


@dataclass(frozen=True)
class Mark:
    """One setting of one rule: where it lies on the axis of 0 to 100 %, and what it says."""

    x: float
    own: bool
    says: str


@dataclass(frozen=True)
class Track:
    """One rule under one assumption, from its least to its greatest share; `lines` are its title's."""

    title: str
    lines: tuple[str, ...]
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
        titles = [titled(results, str(plan), str(rule), lang) for (plan, rule), _ in rules]
        row = max(_ROW, _LINE * max(len(title_lines(title)) for title in titles))
        tracks = tuple(
            _track(title, rows, (place + 0.5) * row, lang)
            for place, (title, (_, rows)) in enumerate(zip(titles, rules, strict=True))
        )
        if all(track.first == track.last for track in tracks):
            continue
        ticks = tuple((_WIDTH * share / 100, f"{share}%") for share in (0, 25, 50, 75, 100))
        heading = text(f"scores.varied.{varied}", lang)
        listed.append(Panel(heading, _WIDTH, row * len(tracks), ticks, tracks))
    return listed


def title_lines(title: str, letters: int = _TITLE_LETTERS) -> tuple[str, ...]:
    """A title in the lines that it takes beside the axis: nothing of it is cut.

    Examples
    --------
    >>> title_lines("One health station per town", 14)
    ('One health', 'station per', 'town')
    >>> title_lines("社区卫生服务站", 8)
    ('社区卫生', '服务站')
    """
    lines, line = [], ""
    # Latin words stay whole, Chinese ones may part anywhere
    for part in re.findall(r"[ -~\u00a0-\u024f]+?(?: |$|(?=[^ -~\u00a0-\u024f]))|.", display_name(title)):
        if line and _letters(line + part.rstrip()) > letters:
            lines.append(line.rstrip())
            line = ""
        line += part
    return (*lines, line.rstrip())


def _letters(words: str) -> int:
    """How wide words are, in Latin letters."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in words)


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
    return Track(title, title_lines(title), y, min(places), max(places), marks)


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
