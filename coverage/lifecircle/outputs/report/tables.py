"""The tables of both reports, as words: made once, drawn by each in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.report.figures import WHOLE, RuleScore, worst
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.needs import Need, township_rows
from lifecircle.outputs.report.places import closed_verdicts, townships_of
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import (
    code_word,
    figure_words,
    known_words,
    plan_title,
    service_name,
    title_of,
    whole_words,
)
from lifecircle.outputs.workbook.scores import shortfall_words, what_to_build
from lifecircle.tables import Results

_COUNTS = (
    "met",
    "short_firm",
    "short_assumed",
    "short_provisional",
    "no_data",
    "not_applicable",
    "report_only",
)
_MOST_ROWS = 24
"""Rows of a table that fit a page."""

_MOST_COMMUNITIES = 12
_TOWNSHIP_LINES = 3

__all__ = [
    "ReportTable",
    "assumptions_table",
    "build_table",
    "community_table",
    "largest_table",
    "proposals_table",
    "rules_table",
    "standing_table",
    "township_table",
    "worst_table",
]


@dataclass(frozen=True)
class ReportTable:
    """A table to show: its headings, its rows as words, how wide each column is.

    Attributes
    ----------
    title : what stands over it
    headings, rows : every row as long as the headings
    widths : in proportion
    figures_from : from this column on cells are figures
    further : rows that are left to the workbook
    links : address of the gap map for each row; none where empty
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    figures_from: int = 1
    further: int = 0
    links: tuple[str, ...] = ()

    def cut(self, most: int) -> ReportTable:
        """The first rows, as many as fit a page, and how many there are beyond."""
        if len(self.rows) <= most:
            return self
        further = self.further + len(self.rows) - most
        return replace(self, rows=self.rows[:most], links=self.links[:most], further=further)


def standing_table(results: Results, lang: str) -> ReportTable:
    """How many rules of each plan stand how: the plans of `Results.scorecard`."""
    rows = [
        (plan_title(results, row.code, lang), *(whole_words(getattr(row, name)) for name in _COUNTS))
        for row in results.scorecard.query("subject == 'plan'").itertuples()
    ]
    heads = (text("report.plan", lang), *_count_headings(lang))
    return _table(text("report.standing", lang), heads, rows, (4.6, 1.3, 1.6, 2, 1.9, 1.5, 2, 2.1))


def largest_table(results: Results, lang: str) -> ReportTable:
    """What most people lack under each plan."""
    rows = []
    for row in results.scorecard.query("subject == 'plan'").itertuples():
        for place, shortfall in enumerate(row.largest):
            name = "" if place else plan_title(results, row.code, lang)
            rows.append((name, shortfall_words(results, shortfall, lang)))
    heads = (text("report.plan", lang), text("report.largest", lang))
    return _table(text("report.largest", lang), heads, rows, (5, 12), figures_from=2)


def community_table(results: Results, lang: str) -> ReportTable:
    """The communities that fall short of most rules, and what most of their residents lack."""
    card = results.scorecard[results.scorecard["subject"] != "plan"]
    people = results.communities.set_index("code")["population"]
    card = card.assign(
        short=card[[name for name in card if name.startswith("short_")]].sum(axis=1),
        residents=card["code"].map(people),
    )
    card = card[card["short"] > 0].sort_values(["short", "residents"], ascending=False, kind="stable")
    rows = [
        (
            display_name(row.name) or row.code,
            shortfall_words(results, row.largest[0], lang) if row.largest else "",
            known_words(row.residents, lang),
            whole_words(row.met),
            whole_words(row.short),
        )
        for row in card.head(_MOST_COMMUNITIES).itertuples(index=False)
    ]
    heads = (
        code_word("community", lang),
        text("report.largest-one", lang),
        text("report.residents", lang),
        code_word("met", lang),
        text("report.rules-short", lang),
    )
    made = _table(text("report.most-short", lang), heads, rows, (3.6, 7, 2.4, 1.5, 2.2), figures_from=2)
    links = [map_link(results, lang, community=str(code)) for code in card["code"].head(_MOST_COMMUNITIES)]
    return replace(made, links=tuple(links))


def rules_table(results: Results, plan: str, scores: Iterable[RuleScore], lang: str) -> ReportTable:
    """The rules of a plan that are missed, one line each, those that affect most people first.

    Units counted are those of the finest level that the rule judges; the verdict on the whole stands beside.
    """
    of_rule: dict[str, list[RuleScore]] = {}
    for score in scores:
        of_rule.setdefault(score.rule, []).append(score)
    missed = [own for own in of_rule.values() if any(score.short for score in own)]
    missed.sort(key=lambda own: -max((score.people_short or 0.0) for score in own))
    rows, links = [], []
    for own in missed:
        score = next((one for one in own if one.level not in WHOLE), own[0])
        whole = next((one for one in reversed(own) if one.level in WHOLE), None)
        unsure = score.short_provisional + score.short_assumed
        rows.append(
            (
                f"{title_of(results, score.plan, score.rule, lang)} ({display_name(score.clause)})",
                code_word(score.level, lang),
                text("report.of", lang, n=whole_words(score.short), judged=whole_words(score.judged)),
                whole_words(score.short_firm),
                whole_words(unsure),
                whole_words(score.no_data),
                known_words(score.people_short, lang) if score.short else whole_words(score.people_short),
                "" if whole is None else code_word("short" if whole.short else "met", lang),
            )
        )
        links.append(map_link(results, lang, plan=score.plan, rule=score.rule))
    heads = (
        text("report.rule", lang),
        text("report.judged-per", lang),
        text("report.not-met", lang),
        text("report.of-them-firm", lang),
        text("report.of-them-unsure", lang),
        code_word("no-data", lang),
        text("report.people-short", lang),
        text("report.on-the-whole", lang),
    )
    title = text("report.scorecard-of", lang, plan=plan_title(results, plan, lang))
    made = _table(title, heads, rows, (5.8, 1.8, 1.6, 1.4, 1.6, 1.4, 1.9, 1.7), figures_from=2)
    return replace(made, links=tuple(links)).cut(_MOST_ROWS)


def township_table(results: Results, wanted: Sequence[Need], lang: str) -> ReportTable:
    """How each township stands on what is needed most."""
    rows = [
        (
            row.name,
            whole_words(row.communities),
            known_words(row.residents, lang),
            whole_words(row.any_short),
            *(_shortfall(number, people) for number, people in row.shortfalls),
        )
        for row in township_rows(results, wanted)
    ]
    heads = (
        code_word("township", lang),
        text("report.communities", lang),
        text("report.residents", lang),
        text("report.any-short", lang),
        *(need.title for need in wanted),
    )
    made = _table(text("report.townships", lang), heads, rows, (2.6, 1.9, 1.9, 1.9, *[2.6] * len(wanted)))
    return made.cut(_MOST_ROWS)


def build_table(results: Results, lang: str) -> ReportTable:
    """The first few things that each township is to build, by `Results.priorities`."""
    rows = []
    for code, group in results.priorities.groupby("township", sort=False):
        for row in group.head(_TOWNSHIP_LINES).itertuples():
            name = display_name(group["name"].iloc[0]) or str(code) if row.rank == 1 else ""
            what = what_to_build(results, row.service, row.plan, row.rule, lang)
            missing = figure_words(row.deficit, row.deficit_unit, lang)
            rows.append(
                (name, f"{row.rank}. {what}", whole_words(row.areas), known_words(row.people, lang), missing)
            )
    heads = (
        code_word("township", lang),
        text("scores.column.what", lang),
        text("scores.column.areas", lang),
        text("scores.column.people", lang),
        text("report.deficit", lang),
    )
    title = text("scores.report.townships", lang)
    return _table(title, heads, rows, (3.4, 6, 2.2, 2.4, 3), figures_from=2).cut(_MOST_ROWS)


def worst_table(results: Results, short: pd.DataFrame, score: RuleScore, lang: str) -> ReportTable:
    """The units furthest from one rule's target, out of all `shortfalls`."""
    rows = [
        (
            display_name(row["name"]) or display_name(row["code"]),
            figure_words(row["value"], row["unit"], lang),
            figure_words(row["target"], row["unit"], lang),
            figure_words(row["deficit"], row["deficit_unit"], lang),
            whole_words(row["population_short"]),
            code_word(row["certainty"], lang),
        )
        for row in worst(short, score.plan, score.rule, level=score.level).to_dict("records")
    ]
    heads = (
        code_word(score.level, lang),
        text("report.value", lang),
        text("report.target", lang),
        text("report.deficit", lang),
        text("report.people-short", lang),
        text("report.certainty", lang),
    )
    title = f"{title_of(results, score.plan, score.rule, lang)} ({display_name(score.clause)})"
    codes = (
        worst(short, score.plan, score.rule, level=score.level)["code"] if score.level == "community" else ()
    )
    links = tuple(map_link(results, lang, plan=score.plan, rule=score.rule, community=code) for code in codes)
    return replace(_table(title, heads, rows, (4.1, 2.9, 2.6, 2.6, 2.5, 2.3)), links=links)


def proposals_table(results: Results, lang: str) -> ReportTable:
    """Proposed sites in order of building: where each stands, whom it brings within reach, what it closes.

    Rules that share their sites share a line.
    """
    table = pd.DataFrame(results.proposals)
    keys = [name for name in ("plan", "rule", "service") if name in table]
    shared: dict[tuple[object, ...], tuple[pd.DataFrame, list[str], str]] = {}
    for _, own in table.sort_values([*keys, "rank"], kind="stable").groupby(keys, sort=False):
        first = own.iloc[0]
        plan, rule = (str(first[name]) if name in own else "" for name in ("plan", "rule"))
        sites = tuple(own[["service", "proposal", "gain"]].itertuples(index=False, name=None))
        title = title_of(results, plan, rule, lang) if rule else ""
        link = map_link(results, lang, plan=plan, rule=rule) if rule else ""
        shared.setdefault(sites, (own, [], link))[1].append(title)
    rows, links = [], []
    townships = townships_of(results)
    for own, titles, link in shared.values():
        asked = text("report.comma", lang).join(dict.fromkeys(filter(None, titles)))
        what = service_name(results, str(own["service"].iloc[0]), lang)
        closed = closed_verdicts(results, own, lang)
        for row, closes in zip(own.to_dict("records"), closed, strict=True):
            names = (townships.get(str(row.get("code"))), row.get("name"))
            rows.append(
                (
                    what + (text("report.bracketed", lang, words=asked) if asked else ""),
                    whole_words(row["rank"]),
                    " ".join(display_name(str(name)) for name in names if name),
                    display_name(str(row.get("street") or "")),
                    f"{row['x']:.5f}, {row['y']:.5f}" if "x" in row else "",
                    whole_words(row["gain"]),
                    closes or "–",
                )
            )
            links.append(link)
    keys = ["rank", "place-name", "street", "coordinates", "gain", "closes"]
    heads = (text("report.for-what", lang), *(text(f"report.{name}", lang) for name in keys))
    made = _table(
        text("report.proposals", lang),
        heads,
        _said_once(rows),
        (4, 1.1, 2.9, 2.3, 2.8, 1.9, 2.6),
        figures_from=5,
    )
    return replace(made, links=tuple(links) if any(links) else ()).cut(_MOST_ROWS)


def assumptions_table(results: Results, lang: str) -> ReportTable:
    """Named assumptions in words, with their values; services by name."""
    rows = [
        (_assumption_words(name, lang), _value_words(results, name, value, lang))
        for name, value in results.assumptions.items()
    ]
    heads = (text("workbook.column.assumption", lang), text("workbook.column.value", lang))
    heads = (heads[0], text("report.assumed-value", lang))
    return _table(text("report.assumptions", lang), heads, rows, (7, 10), figures_from=2)


def _said_once(rows: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Rows whose first cell is blank where the row before has the same."""
    once: list[tuple[str, ...]] = []
    before = ""
    for row in rows:
        once.append((row[0] if row[0] != before else "", *row[1:]))
        before = row[0]
    return once


def _count_headings(lang: str) -> tuple[str, ...]:
    """Headings of the counts of a scorecard."""
    return (
        code_word("met", lang),
        text("report.short-firm", lang),
        text("report.short-assumed", lang),
        text("report.short-provisional", lang),
        *(code_word(name, lang) for name in ("no-data", "not-applicable", "report-only")),
    )


def _shortfall(areas: int, people: float) -> str:
    """Areas short and people concerned; a dash where there are none."""
    if not areas:
        return "–"
    return whole_words(areas) if pd.isna(people) else f"{areas} / {whole_words(people)}"


def _assumption_words(name: str, lang: str) -> str:
    """What an assumption is about; its name where the catalogue has no words for it."""
    return text(f"report.assumption.{name}", lang) if has(f"report.assumption.{name}") else name


def _value_words(results: Results, name: str, value: object, lang: str) -> str:
    """The value of an assumption: choices in words, shares in per cent, alternatives parted by strokes."""
    if isinstance(value, bool):
        return text(f"workbook.flag.{str(value).lower()}", lang)
    if isinstance(value, (int, float)):
        return f"{100 * value:g}%" if name == "covered_share" else f"{value:,g}"
    if not isinstance(value, (tuple, list)):
        key = f"report.choice.{value}"
        return text(key, lang) if has(key) else service_name(results, str(value), lang)
    if all(isinstance(one, (int, float)) for one in value):
        return " – ".join(f"{one:,g}" for one in value)
    groups = [group if isinstance(group, (tuple, list)) else (group,) for group in value]
    words = (" / ".join(service_name(results, str(one), lang) for one in group) for group in groups)
    return text("report.comma", lang).join(words)


def _table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    figures_from: int = 1,
) -> ReportTable:
    """A table of words, without the columns that hold nothing but noughts and blanks."""
    lines = [tuple(row) for row in rows]
    kept = [
        place
        for place in range(len(headings))
        if place < figures_from or any(row[place] not in {"", "0"} for row in lines)
    ]
    return ReportTable(
        title,
        tuple(headings[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in lines),
        tuple(widths[place] for place in kept),
        figures_from,
    )
