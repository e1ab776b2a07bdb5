"""For the first pages of both reports: one line per headline target, and what is uncertain about them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.report.begin import begin_words
from lifecircle.outputs.report.figures import WHOLE
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.places import township_names
from lifecircle.outputs.report.report_table import ReportTable, table_of_words
from lifecircle.outputs.stations import station_lines
from lifecircle.outputs.uncertainty import people_words, stand_ins, uncertainties, uncertainty_words
from lifecircle.outputs.web_map.text import review_number, study_date
from lifecircle.outputs.words import (
    about_rule,
    code_word,
    figure_beside,
    figure_words,
    is_comparable,
    plan_short,
    titled,
    whole_words,
)
from lifecircle.tables import CATCHMENT, COMMUNITY_LEVELS, STUDY_AREA, Results, verdict_rows

_TOWNSHIPS, _FEWEST_TOWNSHIPS = 3, 2
"""Townships named as where most residents are affected, and how many there must be."""

_PACES = ("pace-on-track", "pace-behind")
__all__ = [
    "baseline_words",
    "counts_people",
    "front_words",
    "headline_table",
    "headlines_how",
    "uncertain_lines",
    "without_data_words",
    "worst_townships",
]


def headline_table(results: Results, lang: str) -> ReportTable:
    """One line per headline target: what is asked, how things stand, who is affected, where to begin."""
    counted = counts_people(results)
    rows = [
        (
            titled(results, row.plan, row.rule, lang),
            _target(results, row, lang),
            _now(results, row, lang),
            _short_of(row, lang) + _stands_on(row, lang),
            _missing(results, row, lang),
            people_words(results, (row.plan, row.rule), row.people, lang) if counted else "",
            begin_words(results, row.plan, row.rule, row.service, lang),
        )
        for row in results.headlines.itertuples(index=False)
    ]
    heads = (
        *("headline", "target", "now", "not-met"),
        *("deficit", "people-affected", "begin"),
    )
    links = [map_link(results, lang, plan=row.plan, rule=row.rule) for row in results.headlines.itertuples()]
    table = table_of_words(
        text("report.headlines", lang),
        [text(f"report.{name}", lang) for name in heads],
        rows,
        (3.2, 2.6, 1.8, 2.2, 1.9, 1.8, 3.5),
        words_from=6,
    )
    return replace(table, links=tuple(links))


def counts_people(results: Results) -> bool:
    """Whether residents are known under any headline target; else a column would say "unknown" throughout."""
    return bool(results.headlines["people"].notna().any())


def headlines_how(results: Results, lang: str) -> list[str]:
    """What the columns of the table count.

    And where the plan counted its baseline by a definition of its own, how stations are judged, and who
    stands in for whom, if any.
    """
    told = [text("report.headlines-how", lang)] if counts_people(results) else []
    told += _also_words(results, lang)
    told += [baseline_words(results, row, lang) for row in _with_baselines(results)]
    told += station_lines(results, lang)
    known = stand_ins(results, lang)
    keys = zip(results.headlines["plan"], results.headlines["rule"], strict=True)
    return told + [
        text("report.stand-in-of", lang, title=titled(results, *key, lang), words=known[key])
        for key in keys
        if key in known
    ]


def _also_words(results: Results, lang: str) -> list[str]:
    """Headline targets that other plans ask alike, one line per such plans."""
    comma = text("report.comma", lang)
    by_plans: dict[str, list[str]] = {}
    for row in results.headlines.itertuples(index=False):
        others = dict.fromkeys(one.partition("/")[0] for one in str(row.also or "").split("; ") if one)
        plans = comma.join(plan_short(results, plan, lang) for plan in others)
        by_plans.setdefault(plans, []).append(titled(results, row.plan, row.rule, lang))
    return [
        text("report.also-in", lang, title=comma.join(titles), plans=plans)
        for plans, titles in by_plans.items()
        if plans
    ]


def _with_baselines(results: Results) -> list[Any]:
    """Headline targets that the plan gives a baseline of, and this study a figure that no office reported."""
    table = results.headlines
    known = table[table["baseline"].notna() & table["value"].notna()]
    return [row for row in known.itertuples(index=False) if not is_comparable(results, row.plan, row.rule)]


def baseline_words(results: Results, row: Any, lang: str) -> str:
    """That a rule's baseline follows the plan's own definition, beside a figure measured here.

    Parameters
    ----------
    results
        The finished study.
    row
        With ``plan, rule, baseline, unit``.
    lang
        zh or en.
    """
    began = figure_words(row.baseline, row.unit, lang)
    return text("report.baseline-own", lang, title=titled(results, row.plan, row.rule, lang), baseline=began)


def _now(results: Results, row: object, lang: str) -> str:
    """The study's own figure and what is due by now; of a rule judged by unit, how many units meet it."""
    if not row.status:  # type: ignore[attr-defined]
        met, judged = row.met, row.met + row.short  # type: ignore[attr-defined]
        return text("report.of-met", lang, n=whole_words(met), judged=whole_words(judged))
    words = figure_beside(row.value, row.target, row.unit, lang)  # type: ignore[attr-defined]
    due = _due_by_now(results, str(row.plan), str(row.rule))  # type: ignore[attr-defined]
    return words + text("report.due-by-now", lang, expected=due) if due else words


def _short_of(row: object, lang: str) -> str:
    """How many of the units judged fall short, and which units where they are not communities."""
    short, level = row.short, str(row.level)  # type: ignore[attr-defined]
    alone = level in WHOLE and short + row.met == 1  # type: ignore[attr-defined]
    if row.status == "short" and (not short or alone):  # type: ignore[attr-defined]
        return text("map.whole-city", lang)
    judged = whole_words(short + row.met)  # type: ignore[attr-defined]
    words = text("report.of", lang, n=whole_words(short), judged=judged)
    return words if level in {"community", *COMMUNITY_LEVELS} else f"{words} · {code_word(level, lang)}"


def _stands_on(row: Any, lang: str) -> str:
    """What those shortfalls stand on, in brackets."""
    return text("report.bracketed", lang, words=code_word(row.certainty, lang)) if row.certainty else ""


def _missing(results: Results, row: object, lang: str) -> str:
    """What is missing to the target: residents to reach, or its own unit; at least, where units lack data."""
    deficit, unit = row.deficit, str(row.deficit_unit)  # type: ignore[attr-defined]
    if pd.isna(deficit) or not deficit > 0:
        return ""
    if row.level == CATCHMENT:  # type: ignore[attr-defined]
        return text("report.stations-missing", lang, n=whole_words(deficit))
    words = missing_words(results, (row.plan, row.rule), deficit, unit, lang)  # type: ignore[attr-defined]
    if unit == "types" and row.short > 1:  # type: ignore[attr-defined]
        return text("report.missing-in-all", lang, missing=words)
    if row.status != "short":  # type: ignore[attr-defined]
        return words
    rows = verdict_rows(results.findings)
    own = rows[(rows["plan"] == row.plan) & (rows["rule"] == row.rule)]  # type: ignore[attr-defined]
    open_units = int((~own["level"].isin(WHOLE) & (own["status"] == "no-data")).sum())
    if not open_units:
        return words
    return text("report.at-least-missing", lang, missing=words, n=whole_words(open_units))


def without_data_words(results: Results, lang: str) -> list[str]:
    """A sentence on the rules that nobody could judge; none where all were."""
    lacking, rules = results.rules_without_data
    if not lacking:
        return []
    return [text("map.head.no-data", lang, n=whole_words(lacking), number=whole_words(rules)).strip()]


def worst_townships(results: Results, lang: str) -> list[str]:
    """A sentence on the townships where most residents live in communities that fall short; none of one."""
    table = results.summary
    rows = table[(table["scenario"] == "") & (table["rule"] == "") & (table["area"] != STUDY_AREA)]
    rows = rows[rows["people"] > 0].sort_values("people", ascending=False, kind="stable")
    if len(rows) < _FEWEST_TOWNSHIPS:
        return []
    names = township_names(results)
    first = rows.head(_TOWNSHIPS)
    told = [
        text("report.place-people", lang, name=names.get(str(code), str(code)), people=whole_words(people))
        for code, people in zip(first["area"], first["people"], strict=True)
    ]
    return [text("report.worst-townships", lang, names=text("report.comma", lang).join(told))]


def front_words(results: Results, lang: str) -> list[str]:
    """The date that the study speaks for, and the map review number or that there is none."""
    number, date = review_number(results), study_date(results)
    if number is None:
        return [date]
    review = text("map.review-number", lang, number=number) if number else text("map.no-review-number", lang)
    return [date, review]


def uncertain_lines(results: Results, lang: str) -> list[str]:
    """Per headline target on a threshold of ours: how many communities another one would judge otherwise."""
    known, lines, stop = uncertainties(results), [], text("report.full-stop", lang)
    for row in results.headlines.itertuples(index=False):
        about = known.get((row.plan, row.rule))
        if about and (said := uncertainty_words(about, lang)):
            title = titled(results, row.plan, row.rule, lang)
            lines.append(f"{title}{text('report.colon', lang)}{said}{stop}")
    return lines


def _target(results: Results, row: object, lang: str) -> str:
    """What the plan asks of the study, by when, whether it binds, and where the plan began."""
    target, year, baseline = (getattr(row, name) for name in ("target", "target_year", "baseline"))
    unit = str(row.unit)  # type: ignore[attr-defined]
    if pd.isna(target):
        return text("report.each-one", lang)
    words = figure_words(target, unit, lang)
    if not math.isnan(year):
        nature = about_rule(results, row.plan, row.rule).get("nature")  # type: ignore[attr-defined]
        key = "report.by-year-nature" if nature else "report.by-year"
        said = text(f"monitoring.nature-{nature or 'unsaid'}", lang)
        words = text(key, lang, target=words, year=int(year), nature=said)
    if not math.isnan(baseline):
        words = text("report.from-baseline", lang, baseline=figure_words(baseline, unit, lang), target=words)
    return words


def _due_by_now(results: Results, plan: str, rule: str) -> str:
    """What the straight line from the plan's beginning to its target asks for by now; blank where unknown."""
    verdicts = verdict_rows(results.findings)
    own = verdicts[(verdicts["plan"] == plan) & (verdicts["rule"] == rule)]
    paces = (one for notes in own["note"] for one in notes if one.key in _PACES)
    return next((str(one.values["expected"]) for one in paces), "")  # noqa: PD011  # a note's, not a table's
