"""Scorecards: how many rules stand how, what is missed by most people, and what to build first.

A rule counts once. Residents are counted within one rule and never summed across rules: one resident may
be short of several.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from lifecircle.assessment.rule_verdicts import deciding, speaking, widest
from lifecircle.tables import (
    CERTAINTY,
    COMMUNITY_LEVELS,
    PRIORITIES,
    SCORECARD,
    WIDE_LEVELS,
    Inputs,
    Shortfall,
    python_texts,
    verdict_rows,
)

__all__ = ["priorities", "scorecard"]

_LARGEST: Final = 3
_WHOLE: Final = "study"
"""Stands for a township where communities name none, as cells of a grid do not."""

_WIDEST_FIRST: Final = WIDE_LEVELS[::-1]
"""Levels at which a study or its larger parts are judged; all others are units of a rule."""

_COUNTED: Final = (
    "met",
    "short_firm",
    "short_assumed",
    "short_provisional",
    "no_data",
    "not_applicable",
    "report_only",
    "context",
)
_STANDINGS: Final = (
    "short_firm",
    "short_assumed",
    "short_provisional",
    "no_data",
    "met",
    "report_only",
    "not_applicable",
    "context",
)
"""What one rule may come to, the first of them deciding where several units of one level are judged."""


def scorecard(
    findings: pd.DataFrame, plans: Sequence[str], headlines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count how the rules of each plan, and those about each community, stand.

    A plan's rule stands as its widest verdict does: the study's as a whole where there is one, else the
    worst of its counties, its townships, its units. Where units fall short below a top that is met, it
    stands as they do (`rule_verdicts`). What is only reported gives no verdict where narrower units have one.

    Parameters
    ----------
    findings
        `tables.FINDINGS`.
    plans
        Ids of the plans judged, in order.
    headlines
        `tables.HEADLINES`: of the gaps of a community that concern as many people, theirs are told first.

    Returns
    -------
    DataFrame
        `tables.SCORECARD`: the plans, then the communities and villages sorted by code. The counts of a
        plan sum to its rules, those of a community to the rules that name it.
    """
    verdicts = python_texts(verdict_rows(findings))
    verdicts = verdicts.assign(standing=_standing(verdicts))
    own = verdicts[verdicts["level"].isin(COMMUNITY_LEVELS)]
    rows = [_plan_row(plan, verdicts[verdicts["plan"] == plan]) for plan in plans]
    rows += _community_rows(own, () if headlines is None else _keys(headlines))
    return SCORECARD.check(pd.DataFrame(rows)) if rows else SCORECARD.empty()


def priorities(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """What to build first in each township.

    A shortfall of a community counts in its township (in the study as a whole where it names none), one of
    a township in itself; where both fall short people count once. People are those of `tables.SUMMARY`: of a
    circle also the few beyond it in communities that are met. Where a rule is judged per service each service
    stands for itself, else the rule as a whole. Of several rules that miss one service the one that concerns
    most people in the study stands for it wherever it is missed, so that figures of townships add up under
    one clause. Facilities and catchments are not listed: they say what to enlarge, not where to build.

    Parameters
    ----------
    findings
        `tables.FINDINGS`.
    inputs
        Its communities say which township each lies in, its units what that is called.

    Returns
    -------
    DataFrame
        `tables.PRIORITIES`, sorted by township and rank: most people concerned first, then most areas,
        then the order of the plans.
    """
    judged = _what_is_judged(findings, inputs.communities)
    short = judged[judged["status"] == "short"]
    if short.empty:
        return PRIORITIES.empty()
    # One row per township, rule and service: areas, how certain they are, what is missing, whom it concerns.
    keys = ["township", "plan", "rule", "service"]
    ranked = short.groupby(keys, sort=False).agg(
        areas=("code", "size"),
        areas_firm=("certainty", lambda certainty: int((certainty == "firm").sum())),
        areas_assumed=("certainty", lambda certainty: int((certainty == "assumed").sum())),
        deficit=("deficit", _known_sum),
        deficit_unit=("deficit_unit", "first"),
    )
    # a township and the villages in it may both fall short: whoever lives there is concerned once
    whole = judged["level"].eq("township").rename("whole")
    within = judged.groupby([*keys, whole], sort=False)["population_short"].agg(_known_sum)
    ranked["people"] = within.groupby(keys, sort=False).max().reindex(ranked.index)
    ranked = ranked.reset_index()
    # Rules that ask for one service are one thing to build: one stands for all, and says how many.
    ranked["order"] = range(len(ranked))
    named = ranked["service"] != ""
    ranked["target"] = ranked["service"].where(named, ranked["plan"] + "\n" + ranked["rule"])
    of_rule = ranked.groupby(["target", "plan", "rule"], sort=False)
    ranked["of_study"] = of_rule["people"].transform(_known_sum)
    ranked["areas_of_study"] = of_rule["areas"].transform("sum")
    first = ["of_study", "areas_of_study", "order"]
    ranked = ranked.sort_values(first, ascending=[False, False, True], na_position="last")
    ranked["rules"] = ranked.groupby(["township", "target"])["rule"].transform("size")
    ranked = ranked.drop_duplicates(["township", "target"])
    # Most people first; ties by areas, then by the order of the plans.
    ranked = ranked.sort_values(
        ["township", "people", "areas", "order"], ascending=[True, False, False, True], na_position="last"
    )
    ranked["rank"] = ranked.groupby("township").cumcount() + 1
    townships = inputs.units[inputs.units["level"] == "township"].set_index("code")["name"].to_dict()
    ranked["name"] = ranked["township"].map({**townships, _WHOLE: inputs.name}).fillna("")
    counts = {name: "int64" for name, column in PRIORITIES.columns.items() if column.kind == "count"}
    return PRIORITIES.check(ranked[[*PRIORITIES.columns]].astype(counts).reset_index(drop=True))


def _plan_row(plan: str, verdicts: pd.DataFrame) -> dict[str, object]:
    """One plan: the standing of each of its rules, and the rules that concern most people."""
    rules = [group for _, group in verdicts.groupby("rule", sort=False)]
    standings = [_rule_standing(group) for group in rules]
    short = [
        _rule_shortfall(group)
        for group, standing in zip(rules, standings, strict=True)
        if standing.startswith("short")
    ]
    return {"subject": "plan", "code": plan, "name": "", **_counts(standings), "largest": _largest(short)}


def _community_rows(verdicts: pd.DataFrame, first: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Every community: each rule about it is one verdict; of equal gaps those under `first` lead."""
    # How often each standing occurs, and the shortfalls that concern most people.
    about = verdicts.drop_duplicates("code").sort_values("code")
    counts = pd.crosstab(verdicts["code"], verdicts["standing"]).reindex(columns=_COUNTED, fill_value=0)
    short = _gaps_ranked(verdicts[verdicts["status"] == "short"], first)
    largest: dict[str, list[Shortfall]] = {}
    for row in short.groupby("code").head(_LARGEST).itertuples():
        one = Shortfall(row.plan, row.rule, row.population_short, row.deficit, row.deficit_unit)
        largest.setdefault(row.code, []).append(one)
    return [
        {
            "subject": row.level,
            "code": row.code,
            "name": row.name,
            **counts.loc[row.code].to_dict(),
            "largest": tuple(largest.get(row.code, ())),
        }
        for row in about[["level", "code", "name"]].itertuples(index=False)
    ]


def _gaps_ranked(short: pd.DataFrame, first: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Gaps by people; of those that concern as many: the rules `first`, then the firm, then the wider gap."""
    place = {key: at for at, key in enumerate(first)}
    keys = _keys(short)
    # how much of what is asked for is missing: of a figure, or of the people where each one counts
    of_people = short["deficit"].where(short["deficit_unit"] == "persons") / short["population"]
    gap = (1.0 - short["value"] / short["target"].where(short["target"] > 0)).fillna(of_people)
    ranked = short.assign(
        whole_people=short["population_short"].round(),
        headline=[place.get(key, len(place)) for key in keys],
        firmness=short["certainty"].map(CERTAINTY.index).astype("int64"),
        gap=gap.fillna(0.0),
    )
    ranked = ranked.sort_values(
        ["whole_people", "headline", "firmness", "gap"],
        ascending=[False, True, True, False],
        na_position="last",
        kind="stable",
    )
    return ranked[short.columns]


def _keys(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Plan and rule of each row."""
    return list(zip(rows["plan"], rows["rule"], strict=True))


def _standing(verdicts: pd.DataFrame) -> pd.Series:
    """The status of each row, failures told apart by certainty."""
    status = verdicts["status"].str.replace("-", "_")
    return status.mask(status == "short", "short_" + verdicts["certainty"])


def _rule_standing(rows: pd.DataFrame) -> str:
    """What one rule comes to: the worst where it is decided, or of all where nothing has a verdict."""
    there = speaking(rows)
    # where nothing has a verdict it is told that something is reported, at whatever level
    judged = there["status"].isin(["met", "short", "no-data"]).any()
    standings = set((deciding(there) if judged else there)["standing"])
    return next(name for name in _STANDINGS if name in standings)


def _rule_shortfall(rows: pd.DataFrame) -> tuple[Shortfall, float]:
    """What one rule lacks, over its narrowest units that are short; and the largest relative gap.

    People are those of the widest verdict, which counts every resident concerned once, as the summary does.
    """
    # What is missing is counted in the narrowest units, people in the widest verdict.
    short = rows[rows["status"] == "short"]
    narrow = short[~short["level"].isin(_WIDEST_FIRST)]
    wide = _without_its_parts(widest(short), rows)
    counted = narrow if len(narrow) else wide
    first = short.iloc[0]
    # Deficits of different units do not add up.
    kinds = counted["deficit_unit"].unique()
    deficit = _known_sum(counted["deficit"]) if len(kinds) == 1 else float("nan")
    deficit_unit = str(kinds[0]) if len(kinds) == 1 else ""
    people = _known_sum(_affected(wide, rows)["population_short"])
    if math.isnan(people):
        people = _known_sum(counted["population_short"])
    # Gap: how much of its target the widest verdict lacks, 0 to 1.
    gap = float((1.0 - wide["value"] / wide["target"].where(wide["target"] > 0)).max())
    return Shortfall(first["plan"], first["rule"], people, deficit, deficit_unit), gap


def _affected(wide: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose residents count: beside communities that are short those that are met, of which a few are.

    Stations that are met by one measure lend no residents to those that are short.
    """
    units = wide["level"].isin(COMMUNITY_LEVELS)
    if not units.any():
        return wide
    return rows[rows["level"].isin(COMMUNITY_LEVELS) & rows["status"].isin(["met", "short"])]


def _without_its_parts(short: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Failures of one level; only the study's own where it is one: the units it sums up come before it."""
    # the study's own verdict closes the rule, at a level above the communities; most rules of units have none
    last = rows.iloc[-1]
    own = last["level"] in _WIDEST_FIRST and last["level"] == short["level"].iloc[0]
    return rows.tail(1) if own and last["status"] == "short" else short


def _counts(standings: Sequence[str]) -> Mapping[str, int]:
    """How often each standing occurs."""
    return {name: standings.count(name) for name in _COUNTED}


def _largest(short: Sequence[tuple[Shortfall, float]]) -> tuple[Shortfall, ...]:
    """Those that concern most people, then those about nobody in particular by their relative gap."""

    # unknown sorts below 0, and 0 below every number of people
    def weight(one: tuple[Shortfall, float]) -> tuple[float, float]:
        """Fewer people later, unknown numbers last; smaller gaps later."""
        shortfall, gap = one
        people = -1.0 if math.isnan(shortfall.people) else shortfall.people
        return people, -1.0 if math.isnan(gap) else gap

    return tuple(shortfall for shortfall, _ in sorted(short, key=weight, reverse=True)[:_LARGEST])


def _what_is_judged(findings: pd.DataFrame, communities: pd.DataFrame) -> pd.DataFrame:
    """Verdicts in townships: per service where a rule has failures per service, else its own."""
    # Where a failure belongs: a community in its township, a township in itself, else in the whole.
    township = dict(zip(communities["code"], communities["township"], strict=True))
    own = findings["level"].isin(COMMUNITY_LEVELS)
    place = findings["code"].map(township).where(own, findings["code"])
    verdict = findings["status"].isin(["met", "short"])
    wanted = verdict & (own | (findings["level"] == "township")) & place.notna()
    place = place.where(place != "", _WHOLE)
    judged = findings[wanted].assign(township=place[wanted])
    # A rule with failures per service stands by its services, not by its verdict as well.
    rules = pd.Series(_keys(judged), index=judged.index, dtype="object")
    per_service = set(rules[(judged["service"] != "") & (judged["status"] == "short")])
    return judged[(judged["service"] != "") | ~rules.isin(per_service)]


def _known_sum(values: pd.Series) -> float:
    """Sum of what is known; NaN if nothing is."""
    return float(values.sum(min_count=1))
