"""Tables of both reports on verdicts and assumptions, as words: made once, drawn by each in its own way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.assumptions import assumptions_in_words
from lifecircle.outputs.gaps_in_words import gap_words
from lifecircle.outputs.report.figures import WHOLE, RuleScore, worst
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.report_table import MOST_ROWS, ReportTable, table_of_words
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.uncertainty import people_words, stands_on_words
from lifecircle.outputs.words import (
    clause_of,
    code_word,
    figure_beside,
    figure_words,
    known_words,
    level_word,
    plan_title,
    title_of,
    titled,
    whole_words,
)
from lifecircle.outputs.workbook.scores import shortfall_words
from lifecircle.tables import CATCHMENT, Results

_MOST_COMMUNITIES = 12

__all__ = [
    "assumptions_table",
    "community_table",
    "largest_table",
    "rules_table",
    "standing_table",
    "worst_table",
]


def standing_table(results: Results, lang: str) -> ReportTable:
    """How many rules of each plan stand how: the plans of `Results.scorecard`."""
    plans = results.scorecard.query("subject == 'plan'")
    # those by a threshold of ours and those on incomplete data are few: they share a column
    unsure = plans["short_assumed"] + plans["short_provisional"]
    counts = [plans["met"], plans["short_firm"], unsure]
    counts += [plans[name] for name in ("no_data", "not_applicable", "report_only")]
    rows = [
        (plan_title(results, code, lang), *map(whole_words, own))
        for code, *own in zip(plans["code"], *counts, strict=True)
    ]
    heads = (
        text("report.plan", lang),
        code_word("met", lang),
        text("report.short-firm", lang),
        text("report.short-unsure", lang),
        *(code_word(name, lang) for name in ("no-data", "not-applicable", "report-only")),
    )
    return table_of_words(text("report.standing", lang), heads, rows, (5.2, 1.3, 1.8, 2.6, 1.7, 2.2, 2.2))


def largest_table(results: Results, lang: str) -> ReportTable:
    """What most people lack under each plan."""
    rows = []
    for row in results.scorecard.query("subject == 'plan'").itertuples():
        for place, shortfall in enumerate(row.largest):
            name = "" if place else plan_title(results, row.code, lang)
            rows.append((name, shortfall_words(results, shortfall, lang)))
    heads = (text("report.plan", lang), text("report.largest-one", lang))
    return table_of_words(text("report.largest", lang), heads, rows, (5, 12), figures_from=2)


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
    made = table_of_words(
        text("report.most-short", lang), heads, rows, (3.6, 7, 2.4, 1.5, 2.2), figures_from=2
    )
    links = [map_link(results, lang, community=str(code)) for code in card["code"].head(_MOST_COMMUNITIES)]
    return replace(made, links=tuple(links))


def rules_table(results: Results, plan: str, scores: Iterable[RuleScore], lang: str) -> ReportTable:
    """The rules of a plan that are missed, one line each, those that affect most people first.

    Units counted are those of each level that falls short, most people first; of a rule that only the whole
    misses those of the level it judges first. The verdict on the whole stands beside.
    """
    of_rule: dict[str, list[RuleScore]] = {}
    for score in scores:
        of_rule.setdefault(score.rule, []).append(score)
    missed = [own for own in of_rule.values() if any(score.short for score in own)]
    missed.sort(key=lambda own: -max((score.people_short or 0.0) for score in own))
    rows, links = [], []
    for own in missed:
        judged = [one for one in own if one.judged]
        whole = next((one for one in reversed(judged) if one.level in WHOLE), None)
        units = [one for one in judged if one.level not in WHOLE]
        short = sorted((one for one in units if one.short), key=lambda one: -(one.people_short or 0.0))
        for score in short or units[:1] or judged[:1]:
            rows.append(_rule_row(results, score, whole, lang))
            links.append(map_link(results, lang, plan=score.plan, rule=score.rule))
    heads = (
        text("report.rule", lang),
        text("report.judged-per", lang),
        text("report.not-met", lang),
        text("report.certainty", lang),
        text("report.people-short", lang),
        text("report.on-the-whole", lang),
    )
    title = text("report.scorecard-of", lang, plan=plan_title(results, plan, lang))
    made = table_of_words(title, heads, rows, (5.8, 1.8, 1.7, 3.2, 2.1, 2.0), figures_from=2, words_from=5)
    return replace(made, links=tuple(links)).cut(MOST_ROWS)


def _rule_row(results: Results, score: RuleScore, whole: RuleScore | None, lang: str) -> tuple[str, ...]:
    """The units of one level under one rule, and the verdict on the whole."""
    return (
        _with_clause(results, score, lang),
        level_word(results, score.level, lang),
        text("report.of", lang, n=whole_words(score.short), judged=whole_words(score.judged)),
        _stands_on(score, lang),
        people_words(results, (score.plan, score.rule), score.people_short, lang)
        if score.short
        else whole_words(score.people_short),
        text("report.no-whole", lang) if whole is None else _on_the_whole(results, score, whole, lang),
    )


def _on_the_whole(results: Results, units: RuleScore, whole: RuleScore, lang: str) -> str:
    """The verdict on the whole; of stations only whether there are enough: each has a verdict of its own.

    What is met at the top while units below fall short is another thing judged: the level is named.
    """
    if units.level == CATCHMENT:
        return text("report.number-too-few" if whole.short else "report.number-enough", lang)
    if units.short and not whole.short:
        return text("report.level-met", lang, level=level_word(results, whole.level, lang))
    return code_word("short" if whole.short else "met", lang)


def worst_table(results: Results, short: pd.DataFrame, score: RuleScore, lang: str) -> ReportTable:
    """The units furthest from one rule's target, out of all `shortfalls`."""
    rows = [
        (
            display_name(row["name"]) or display_name(row["code"]),
            figure_beside(row["value"], row["target"], row["unit"], lang),
            figure_words(row["target"], row["unit"], lang),
            gap_words(row["deficit"], row["deficit_unit"], lang),
            whole_words(row["population_short"]),
            code_word(row["certainty"], lang),
        )
        for row in worst(short, score.plan, score.rule, level=score.level).to_dict("records")
    ]
    heads = (
        level_word(results, score.level, lang),
        text("report.value", lang),
        text("report.target", lang),
        text("report.deficit", lang),
        text("report.people-short", lang),
        text("report.certainty", lang),
    )
    title = _with_clause(results, score, lang, plan=True)
    codes = (
        worst(short, score.plan, score.rule, level=score.level)["code"] if score.level == "community" else ()
    )
    links = tuple(map_link(results, lang, plan=score.plan, rule=score.rule, community=code) for code in codes)
    made = table_of_words(title, heads, rows, (4.1, 2.9, 2.6, 2.6, 2.5, 2.3), words_from=5)
    return replace(made, links=links)


def assumptions_table(results: Results, lang: str) -> ReportTable:
    """Named assumptions in words, with their values; services by name."""
    rows = assumptions_in_words(results, lang)
    heads = (text("workbook.column.meaning", lang), text("report.assumed-value", lang))
    return table_of_words(text("report.assumptions", lang), heads, rows, (7, 10), figures_from=2)


def _stands_on(score: RuleScore, lang: str) -> str:
    """What the shortfalls stand on, counted where they differ; and of how many units there are no data."""
    said = stands_on_words((score.short_firm, score.short_assumed, score.short_provisional), lang)
    if score.no_data:
        said.append(text("report.without-data", lang, n=whole_words(score.no_data)))
    return text("report.comma", lang).join(said)


def _with_clause(results: Results, score: RuleScore, lang: str, *, plan: bool = False) -> str:
    """A rule's title and where it stands, its plan's place where asked for; no clause that is but its id."""
    say = titled if plan else title_of
    title = say(results, score.plan, score.rule, lang)
    clause = clause_of(results, score.plan, score.rule, lang)
    return f"{title} ({clause})" if clause else title
