"""What the report says in figures: the scorecard, where people fall short most, what to build first.

Figures are counted within one rule and service and never summed across rules: one resident may be short
of several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lifecircle.outputs.map_themes import about_rule
from lifecircle.tables import Results

_OWN_LEVELS = ("community", "village")
_LISTED_COMMUNITIES = 8
_COUNTED = ("met", "short_firm", "short_provisional", "no_data", "not_applicable", "report_only")

__all__ = ["RuleScore", "community_findings", "priorities", "rule_title", "scorecard", "short_rules", "worst"]


@dataclass(frozen=True)
class RuleScore:
    """How many units meet one rule, or one service of it.

    ``people_short`` is the residents concerned, summed over the communities of this one rule and service;
    None where the findings do not say.
    """

    plan: str
    rule: str
    service: str
    level: str
    clause: str
    met: int
    short_firm: int
    short_provisional: int
    no_data: int
    not_applicable: int
    report_only: int
    deficit: float | None
    deficit_unit: str
    people_short: float | None

    @property
    def short(self) -> int:
        """Units short, firm or provisional."""
        return self.short_firm + self.short_provisional

    @property
    def judged(self) -> int:
        """Units with a verdict."""
        return self.met + self.short


def community_findings(results: Results) -> pd.DataFrame:
    """Findings about communities and villages."""
    return results.findings[results.findings["level"].isin(_OWN_LEVELS)]


def scorecard(results: Results) -> list[RuleScore]:
    """One score per plan, rule, service and level, in the order of the findings."""
    table, short = results.findings, results.findings["status"] == "short"
    key = ["plan", "rule", "service", "level"]
    rows = table[["plan", "rule", "service", "clause"]].assign(
        level=table["level"].replace(dict.fromkeys(_OWN_LEVELS, "community")),
        met=table["status"] == "met",
        short_firm=short & (table["certainty"] != "provisional"),
        short_provisional=short & (table["certainty"] == "provisional"),
        no_data=table["status"] == "no-data",
        not_applicable=table["status"] == "not-applicable",
        report_only=table["status"] == "report-only",
    )
    amounts = (
        table[["deficit", "population_short"]]
        .where(short, axis=0)
        .assign(**{name: rows[name] for name in key})
    )
    counts = rows.groupby(key, sort=False).agg({"clause": "first", **dict.fromkeys(_COUNTED, "sum")})
    sums = amounts.groupby(key, sort=False).sum(min_count=1)
    units = rows[key].assign(unit=table["deficit_unit"])[short & (table["deficit_unit"] != "")]
    unit_of = units.drop_duplicates(key).set_index(key)["unit"]
    found = counts.join(sums).reset_index()
    units_found = [str(unit_of.get(name, "")) for name in counts.index]
    return [
        RuleScore(
            plan=str(row["plan"]),
            rule=str(row["rule"]),
            service=str(row["service"]),
            level=str(row["level"]),
            clause=str(row["clause"]),
            met=int(row["met"]),
            short_firm=int(row["short_firm"]),
            short_provisional=int(row["short_provisional"]),
            no_data=int(row["no_data"]),
            not_applicable=int(row["not_applicable"]),
            report_only=int(row["report_only"]),
            deficit=_known(row["deficit"]),
            deficit_unit=unit,
            people_short=_known(row["population_short"]),
        )
        for row, unit in zip(found.to_dict("records"), units_found, strict=True)
    ]


def priorities(results: Results) -> list[RuleScore]:
    """Scores of single services in communities, those concerning most people first: what to build.

    A rule with one verdict and no services counts as a whole. Where a rule is judged per service, its
    verdict over all of them says nothing about what to build and is left out.
    """
    scores = [score for score in scorecard(results) if score.level == "community" and score.short]
    by_service = {(score.plan, score.rule) for score in scores if score.service}
    single = [score for score in scores if score.service or (score.plan, score.rule) not in by_service]
    return sorted(single, key=lambda score: (-(score.people_short or 0.0), -score.short))


def worst(results: Results, score: RuleScore, *, listed: int = _LISTED_COMMUNITIES) -> pd.DataFrame:
    """Findings of the units furthest from one rule's target, the largest deficit first."""
    own = results.findings
    same = (own["plan"] == score.plan) & (own["rule"] == score.rule) & (own["service"] == score.service)
    short = own[same & (own["status"] == "short") & own["level"].isin(_levels(score.level))]
    return short.sort_values("deficit", ascending=False, na_position="last", kind="stable").head(listed)


def short_rules(results: Results) -> pd.Series:
    """Number of rules (not services of rules) that each community falls short of, by code."""
    short = community_findings(results)
    short = short[short["status"] == "short"].drop_duplicates(["plan", "rule", "code"])
    judged = results.communities.loc[results.communities["inside"], "code"]
    return short.groupby("code").size().reindex(judged).fillna(0).astype(int)


def rule_title(results: Results, score: RuleScore, lang: str) -> str:
    """The rule's title, and its service where it is about one."""
    titles = about_rule(results, score.plan, score.rule).get("title", {})
    title = titles.get(lang, score.rule) if isinstance(titles, Mapping) else score.rule
    service = results.services.get(score.service, {}).get(lang, score.service)
    return f"{title} · {service}" if service else title


def _levels(level: str) -> tuple[str, ...]:
    """The findings' levels behind a score's level."""
    return _OWN_LEVELS if level == "community" else (level,)


def _known(value: float) -> float | None:
    """A figure, or None where nothing is known."""
    return None if pd.isna(value) else float(value)
