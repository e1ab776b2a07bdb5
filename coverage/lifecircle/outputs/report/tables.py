"""The tables of both reports, as words: made once, drawn by each in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.figures import RuleScore, worst
from lifecircle.outputs.report.needs import Need, township_rows
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
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    figures_from: int = 1


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
    return _table(text("report.most-short", lang), heads, rows, (3.6, 7, 2.4, 1.5, 2.2), figures_from=2)


def rules_table(results: Results, plan: str, scores: Iterable[RuleScore], lang: str) -> ReportTable:
    """How the units stand under each rule of a plan that gives a verdict."""
    rows = [
        (
            f"{title_of(results, score.plan, score.rule, lang)} ({display_name(score.clause)})",
            code_word(score.level, lang),
            *map(
                whole_words,
                (score.met, score.short_firm, score.short_assumed, score.short_provisional, score.no_data),
            ),
            known_words(score.people_short, lang) if score.short else whole_words(score.people_short),
        )
        for score in scores
    ]
    heads = (
        text("report.rule", lang),
        text("report.judged-per", lang),
        code_word("met", lang),
        text("report.short-firm", lang),
        text("report.short-assumed", lang),
        text("report.short-provisional", lang),
        code_word("no-data", lang),
        text("report.people-short", lang),
    )
    title = text("report.scorecard-of", lang, plan=plan_title(results, plan, lang))
    return _table(title, heads, _said_once(rows), (5.4, 1.9, 1.3, 1.5, 1.9, 1.7, 1.4, 2.1), figures_from=2)


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
    return _table(text("report.townships", lang), heads, rows, (2.6, 1.9, 1.9, 1.9, *[2.6] * len(wanted)))


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
    return _table(title, heads, rows, (3.4, 6, 2.2, 2.4, 3), figures_from=2)


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
    return _table(title, heads, rows, (4.1, 2.9, 2.6, 2.6, 2.5, 2.3))


def proposals_table(results: Results, lang: str) -> ReportTable:
    """Proposed sites in order of building: where each stands, whom it brings within reach, what it closes."""
    table = results.proposals
    known = [name for name in ("rule", "service", "rank") if name in table]
    rows = []
    for row in table.sort_values(known).to_dict("records"):
        spot = f"{row['x']:.5f}, {row['y']:.5f}" if "x" in row else ""
        turned = row.get("turned_met")
        rows.append(
            (
                service_name(results, row["service"], lang),
                whole_words(row["rank"]),
                display_name(row.get("name") or ""),
                display_name(row.get("street") or ""),
                spot,
                whole_words(row["gain"]),
                whole_words(turned),
            )
        )
    keys = ("rank", "place-name", "street", "coordinates", "gain", "closes")
    heads = (text("workbook.column.service_name", lang), *(text(f"report.{name}", lang) for name in keys))
    return _table(text("report.proposals", lang), heads, _said_once(rows), (3, 1.3, 3, 3, 3, 2, 1.7))


def assumptions_table(results: Results, lang: str) -> ReportTable:
    """Named assumptions and their values; services by name."""
    rows = [(name, _value_words(results, value, lang)) for name, value in results.assumptions.items()]
    heads = (text("workbook.column.assumption", lang), text("workbook.column.value", lang))
    return _table(text("report.assumptions", lang), heads, rows, (5, 12), figures_from=2)


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


def _value_words(results: Results, value: object, lang: str) -> str:
    """The value of an assumption; alternatives within a group parted by strokes."""
    if not isinstance(value, (tuple, list)):
        return service_name(results, str(value), lang)
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
