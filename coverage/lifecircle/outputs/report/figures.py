"""What the reports count in the findings: how the units of each rule stand, and where most is missing.

Figures are counted within one rule and never summed across rules: one resident may be short of several.
How plans and communities stand, and what to build first, are the study's own tables (`tables.SCORECARD`,
`tables.PRIORITIES`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import of_cells, whole_words
from lifecircle.tables import (
    COMMUNITY_LEVELS,
    STUDY_AREA,
    WHOLE_LEVELS,
    Results,
    communities_judged,
    verdict_rows,
)

_LISTED_UNITS = 5
_LISTED_RULES = 12

WHOLE: Final = WHOLE_LEVELS

__all__ = [
    "WHOLE",
    "RuleScore",
    "Totals",
    "community_totals",
    "grid_words",
    "most_missed",
    "rule_scores",
    "scope_words",
    "short_rules",
    "short_rules_judged",
    "short_words",
    "shortfalls",
    "worst",
]


@dataclass(frozen=True)
class RuleScore:
    """How many units of one level meet one rule: a row of `tables.SUMMARY`.

    ``people_short`` is the residents affected under this one rule; None where nobody knows.
    """

    plan: str
    rule: str
    level: str
    met: int
    short_firm: int
    short_assumed: int
    short_provisional: int
    no_data: int
    people_short: float | None

    @property
    def short(self) -> int:
        """Units short, whatever they stand on."""
        return self.short_firm + self.short_assumed + self.short_provisional

    @property
    def judged(self) -> int:
        """Units with a verdict."""
        return self.met + self.short


def rule_scores(results: Results) -> list[RuleScore]:
    """One score per plan, rule and level, in the order of the findings; villages count as communities."""
    table = results.summary
    rows = table[
        (table["scenario"] == "") & (table["area"] == STUDY_AREA) & table["verdict"] & (table["rule"] != "")
    ]
    return [
        RuleScore(
            plan=row.plan,
            rule=row.rule,
            level=row.level,
            met=row.met_firm + row.met_assumed + row.met_provisional,
            short_firm=row.short_firm,
            short_assumed=row.short_assumed,
            short_provisional=row.short_provisional,
            no_data=row.no_data,
            people_short=None if pd.isna(row.people) else float(row.people),
        )
        for row in rows.itertuples(index=False)
    ]


def most_missed(scores: Iterable[RuleScore]) -> list[RuleScore]:
    """Rules and levels whose worst units a report lists, those that affect most people first.

    Levels that the study judges as a whole have no worst units.
    """
    missed = [score for score in scores if score.short and score.level not in WHOLE]
    return sorted(missed, key=lambda score: -(score.people_short or 0.0))[:_LISTED_RULES]


@dataclass(frozen=True)
class Totals:
    """The study in five figures; people are NaN where nobody knows them."""

    communities: int
    residents: float
    judged: int
    """Communities with a verdict."""
    short: int
    people_short: float


def shortfalls(results: Results, *, of_services: bool = False) -> pd.DataFrame:
    """Findings that are short: the verdicts of rules, or what they say of single services."""
    findings = results.findings if of_services else verdict_rows(results.findings)
    return findings[findings["status"] == "short"]


def worst(
    short: pd.DataFrame, plan: str, rule: str, *, service: str | None = None, level: str = "community"
) -> pd.DataFrame:
    """Findings of the units furthest from one rule's target, largest deficits first, then most residents.

    Parameters
    ----------
    short
        `shortfalls`: of services if one is asked for.
    plan, rule, level
        As a `RuleScore` names them.
    service
        One service of the rule; None for the verdicts over all of them.
    """
    of_rule = short[(short["plan"] == plan) & (short["rule"] == rule)]
    same = of_rule["level"].isin(COMMUNITY_LEVELS if level == "community" else (level,))
    if service is not None:
        same &= of_rule["service"] == service
    order = ["deficit", "population_short"]
    ranked = of_rule[same].sort_values(order, ascending=False, na_position="last", kind="stable")
    return ranked.head(_LISTED_UNITS)


def short_rules(results: Results) -> pd.Series:
    """Number of rules (not services of rules) that each community falls short of, by code."""
    card = results.scorecard[results.scorecard["subject"].isin(COMMUNITY_LEVELS)].set_index("code")
    short = card[[name for name in card if name.startswith("short_")]].sum(axis=1)
    judged = results.communities.loc[results.communities["inside"], "code"]
    return short.reindex(judged).fillna(0).astype(int)


def short_rules_judged(results: Results) -> pd.Series:
    """`short_rules` of the communities that meet or miss any rule; what the others lack nobody knows."""
    rows = verdict_rows(results.findings)
    own = rows["level"].isin(COMMUNITY_LEVELS) & rows["status"].isin(("met", "short"))
    counts = short_rules(results)
    return counts[counts.index.isin(rows.loc[own, "code"])]


def scope_words(totals: Totals, scores: Sequence[RuleScore], lang: str) -> str:
    """What was judged, by how many rules, and how many of them give a verdict."""
    rules = {(score.plan, score.rule) for score in scores}
    judged = {(score.plan, score.rule) for score in scores if score.judged}
    said = {"communities": whole_words(totals.communities), "rules": len(rules), "judged": len(judged)}
    if math.isnan(totals.residents):
        return text("report.summary-scope-alone", lang, **said)
    return text("report.summary-scope", lang, residents=whole_words(totals.residents), **said)


def grid_words(results: Results, lang: str) -> list[str]:
    """A sentence that communities are cells of a grid; none where they are not."""
    return [text("report.summary-cells", lang)] if of_cells(results) else []


def short_words(results: Results, lang: str) -> str:
    """How many communities fall short of anything; of those with a verdict where not all have one."""
    totals = community_totals(results)
    n, communities = whole_words(totals.short), whole_words(totals.communities)
    if not totals.judged:
        return text("report.summary-whole" if len(results.headlines) else "report.summary-unknown", lang)
    if totals.judged == totals.communities:
        if totals.short in {0, totals.communities}:
            form = "every" if totals.short else "none"
            form = "only-" + ("short" if totals.short else "met") if totals.communities == 1 else form
            return text(f"report.summary-{form}", lang, communities=communities)
        return text("report.summary-short", lang, n=n, communities=communities)
    judged = whole_words(totals.judged)
    return text("report.summary-partly", lang, n=n, judged=judged, communities=communities)


def community_totals(results: Results, *, scenario: str = "") -> Totals:
    """How many communities there are, and how many fall short of any binding rule."""
    table = results.summary
    rows = table[(table["scenario"] == scenario) & (table["area"] == STUDY_AREA) & (table["rule"] == "")]
    judged = results.communities[results.communities["inside"]]
    short = rows[["short_firm", "short_assumed", "short_provisional"]].to_numpy().sum()
    return Totals(
        communities=len(judged),
        residents=float(judged["population"].sum(min_count=1)),
        judged=communities_judged(table, scenario=scenario),
        short=int(short),
        people_short=float(rows["people"].sum(min_count=1)),
    )
