"""What the reports count in the findings: how the units of each rule stand, and where most is missing.

Figures are counted within one rule and never summed across rules: one resident may be short of several.
How plans and communities stand, and what to build first, are the study's own tables (`tables.SCORECARD`,
`tables.PRIORITIES`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lifecircle.tables import COMMUNITY_LEVELS, WIDE_LEVELS, Results, verdict_rows

_LISTED_UNITS = 5

__all__ = ["RuleScore", "rule_scores", "short_rules", "shortfalls", "worst"]


@dataclass(frozen=True)
class RuleScore:
    """How many units of one level meet one rule.

    ``people_short`` is the residents concerned, summed over the units of this one rule; None where the
    findings do not say.
    """

    plan: str
    rule: str
    level: str
    clause: str
    met: int
    short_firm: int
    short_provisional: int
    no_data: int
    people_short: float | None

    @property
    def short(self) -> int:
        """Units short, firm or provisional."""
        return self.short_firm + self.short_provisional

    @property
    def judged(self) -> int:
        """Units with a verdict."""
        return self.met + self.short


def rule_scores(results: Results) -> list[RuleScore]:
    """One score per plan, rule and level, in the order of the findings; villages count as communities.

    The study's own verdict is no further unit beside the city, or the counties, that it sums up.
    """
    table = _units_alone(results, verdict_rows(results.findings))
    short = table["status"] == "short"
    provisional = table["certainty"] == "provisional"
    rows = pd.DataFrame(
        {
            "plan": table["plan"],
            "rule": table["rule"],
            "level": table["level"].replace(dict.fromkeys(COMMUNITY_LEVELS, "community")),
            "clause": table["clause"],
            "met": table["status"] == "met",
            "short_firm": short & ~provisional,
            "short_provisional": short & provisional,
            "no_data": table["status"] == "no-data",
            "people": table["population_short"].where(short),
        }
    )
    groups = rows.groupby(["plan", "rule", "level"], sort=False)
    counts = groups[["met", "short_firm", "short_provisional", "no_data"]].sum()
    counts["clause"] = groups["clause"].first()
    counts["people"] = groups["people"].sum(min_count=1)
    return [
        RuleScore(
            plan=str(row.plan),
            rule=str(row.rule),
            level=str(row.level),
            clause=str(row.clause),
            met=int(row.met),
            short_firm=int(row.short_firm),
            short_provisional=int(row.short_provisional),
            no_data=int(row.no_data),
            people_short=None if pd.isna(row.people) else float(row.people),
        )
        for row in counts.reset_index().itertuples(index=False)
    ]


def _units_alone(results: Results, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Verdicts without the study's own where units of the same level stand under the same rule."""
    units = results.inputs.units
    of_study = ~verdicts["code"].isin(units["code"]) & verdicts["level"].isin(WIDE_LEVELS)
    beside = verdicts.groupby(["plan", "rule", "level"])["code"].transform("size") > 1
    return verdicts[~(of_study & beside)]


def shortfalls(results: Results, *, of_services: bool = False) -> pd.DataFrame:
    """Findings that are short: the verdicts of rules, or what they say of single services."""
    found = results.findings if of_services else verdict_rows(results.findings)
    return found[found["status"] == "short"]


def worst(
    short: pd.DataFrame, plan: str, rule: str, *, service: str | None = None, level: str = "community"
) -> pd.DataFrame:
    """Findings of the units furthest from one rule's target, the largest deficit first.

    Parameters
    ----------
    short
        `shortfalls`: of services if one is asked for.
    plan, rule, level
        As a `RuleScore` names them.
    service
        One service of the rule; None for the verdicts over all of them.
    """
    found = short[(short["plan"] == plan) & (short["rule"] == rule)]
    same = found["level"].isin(COMMUNITY_LEVELS if level == "community" else (level,))
    if service is not None:
        same &= found["service"] == service
    ranked = found[same].sort_values("deficit", ascending=False, na_position="last", kind="stable")
    return ranked.head(_LISTED_UNITS)


def short_rules(results: Results) -> pd.Series:
    """Number of rules (not services of rules) that each community falls short of, by code."""
    own = results.findings[results.findings["level"].isin(COMMUNITY_LEVELS)]
    short = own[own["status"] == "short"].drop_duplicates(["plan", "rule", "code"])
    judged = results.communities.loc[results.communities["inside"], "code"]
    return short.groupby("code").size().reindex(judged).fillna(0).astype(int)
