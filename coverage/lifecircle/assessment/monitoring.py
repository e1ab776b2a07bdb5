"""Tables of the officer's forms: indicators by year, checklists of communities and circles."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence
from pathlib import PurePath
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.assessment.circle_units import LIFE_CIRCLE, CircleUnits
from lifecircle.assessment.context import Context
from lifecircle.assessment.judge import assess
from lifecircle.assessment.problems import township_names
from lifecircle.assessment.rows import pace_of
from lifecircle.assessment.rule_verdicts import widest_verdict
from lifecircle.assessment.type_circles import basic_groups, quality_groups, tiers_of
from lifecircle.measures import expected_value
from lifecircle.plans import AnyRule, Plan, plan
from lifecircle.tables import (
    CHECKLIST,
    CIRCLE_SHEET,
    MONITORING,
    Inputs,
    concat_nonempty,
    rows_by_rule,
    verdict_rows,
)

__all__ = [
    "CHECKLIST_PLAN",
    "circle_sheet",
    "complete_communities",
    "monitoring_table",
]

CHECKLIST_PLAN: Final = "complete-community-2020"
"""The packaged plan whose provisions are the items of the checklist of complete communities."""


def monitoring_table(
    findings: pd.DataFrame, inputs: Inputs, plans: Sequence[Plan], *, as_of: dt.date
) -> pd.DataFrame:
    """Each target and standing provision of the plans as the yearly monitoring asks for it.

    A provision stands as its widest verdict does, the worst of them where several units share a level.

    Parameters
    ----------
    findings
        `tables.FINDINGS`.
    inputs
        Its reported values give every year of an indicator, its files the evidence.
    plans
        As they were judged.
    as_of
        The day of judgement: how much of the time to the deadline has passed by then.

    Returns
    -------
    DataFrame
        `tables.MONITORING`, in the order of the plans.
    """
    # baselines are facts the plan starts from, and no indicator
    by_rule = rows_by_rule(verdict_rows(findings))
    named = findings.groupby(["plan", "rule"], sort=False)["service"].agg(set).to_dict()
    rows = [
        _indicator(one, rule, by_rule[one.id, rule.id], inputs, as_of, services=named[one.id, rule.id])
        for one in plans
        for rule in one.rules
        if rule.role != "baseline" and (one.id, rule.id) in by_rule
    ]
    return MONITORING.check(pd.DataFrame(rows)) if rows else MONITORING.empty()


def complete_communities(findings: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """The checklist of complete communities, judged here where the study's own plans do not hold it.

    Returns
    -------
    DataFrame
        `tables.CHECKLIST`, in the order of the communities, then of the items.
    """
    own = findings[findings["plan"] == CHECKLIST_PLAN]
    if own.empty:
        own = assess([plan(CHECKLIST_PLAN)], ctx.inputs, ctx.travel, ctx.assumptions)
    rows = verdict_rows(own[own["level"] == "community"])
    if rows.empty:
        return CHECKLIST.empty()
    townships = township_names(ctx.inputs)
    table = rows[["code", "name", "rule", "status", "value"]].assign(
        township=[townships.get(str(code), "") for code in rows["code"]]
    )
    items = plan(CHECKLIST_PLAN).rules
    order = {rule.id: place for place, rule in enumerate(items)}
    titles = {rule.id: rule.title.model_dump() for rule in items}
    table = table.assign(order=table["rule"].map(order), item=table["rule"].map(titles))
    table = table.sort_values(["code", "order"], kind="stable")
    return CHECKLIST.check(table[[*CHECKLIST.columns]].reset_index(drop=True))


def circle_sheet(ctx: Context, circles: gpd.GeoDataFrame) -> pd.DataFrame:
    """What stands in each convenience circle: outlets by type, groups of types present, grade.

    Parameters
    ----------
    ctx
        The study.
    circles
        `tables.CIRCLES`: the communities' own, with the outlets within their minutes on the streets.

    Returns
    -------
    DataFrame
        `tables.CIRCLE_SHEET`: life circles of about 20 thousand people, where the study has them, with the
        outlets that lie in them; then each urban community's own.
    """
    basic = tuple(dict.fromkeys(basic_groups(ctx)))
    quality = quality_groups(ctx, basic)
    services = tuple(dict.fromkeys(name for group in (*basic, *quality) for name in group))
    # communities whose scope nobody tells are taken for urban: their circle is shown, not judged
    own = ctx.communities.loc[ctx.communities["scope"].isin({"urban", ""})]
    kept = circles[circles["code"].isin(own.index)]
    counts = pd.DataFrame({name: kept.get(f"n_{name}", pd.Series(0, kept.index)) for name in services})
    parts = [_circle_rows("community", kept, counts, basic=basic, quality=quality)]
    units = ctx.inputs.units
    grouped = units[units["level"] == LIFE_CIRCLE]
    if len(grouped):
        tier = tiers_of(CircleUnits().context(ctx), minutes=ctx.assumptions.circle_minutes)
        about = gpd.GeoDataFrame(
            {
                "code": grouped["code"],
                "name": grouped["name"],
                "residents": grouped["population"],
                "tier": grouped["code"].map(tier).fillna(""),
            }
        )
        inside = _outlets_in(ctx, grouped, services)
        parts.insert(0, _circle_rows(LIFE_CIRCLE, about, inside, basic=basic, quality=quality))
    filled = [part for part in parts if len(part)]
    return CIRCLE_SHEET.check(concat_nonempty(filled)) if filled else CIRCLE_SHEET.empty()


def _indicator(
    one: Plan,
    rule: AnyRule,
    verdicts: pd.DataFrame,
    inputs: Inputs,
    as_of: dt.date,
    *,
    services: Collection[str],
) -> dict[str, object]:
    """One row of the monitoring."""
    row = widest_verdict(verdicts)
    alone = int((verdicts["level"] == row["level"]).sum()) == 1
    reported, evidence = _reported(rule, inputs, as_of, code=str(row["code"]), known=alone)
    start, end = rule.baseline_year, rule.target_year
    # share of the straight line from 0 to 1 that is past; beside a baseline counted otherwise it says nothing
    passed = math.nan
    if start is not None and end is not None and rule.baseline_is_comparable:
        passed = expected_value(0.0, 1.0, baseline_year=start, target_year=end, as_of=as_of)
    return {
        "plan": one.id,
        "rule": rule.id,
        "clause": rule.clause,
        "nature": rule.nature or "",
        "baseline": row["baseline"],
        "baseline_year": math.nan if start is None else float(start),
        "reported": reported,
        **{name: row[name] for name in ("value", "unit", "comparator", "target")},
        "target_max": math.nan if rule.target_max is None else rule.target_max,
        **{name: row[name] for name in ("target_year", "progress")},
        "expected": passed,
        "deficit": row["deficit"],
        "deficit_unit": row["deficit_unit"],
        "responsible": row["responsible"],
        "evidence": evidence or _files_of(rule, inputs, services),
        "status": row["status"],
        "certainty": row["certainty"],
        "pace": pace_of(row["note"]),
    }


def _reported(
    rule: AnyRule, inputs: Inputs, as_of: dt.date, *, code: str, known: bool
) -> tuple[tuple[tuple[int, float], ...], str]:
    """Every year's reported value of the place, and the file and row of the latest that counts."""
    table = inputs.indicators
    if table.empty:
        return (), ""
    own = table[
        (table["rule"] == rule.id) & (table["code"].isin({"", code}) if known else table["code"] == code)
    ]
    # of one year the last row stands
    own = own[own["year"].notna()].sort_values("year", kind="stable").drop_duplicates("year", keep="last")
    years = tuple((int(year), float(value)) for year, value in zip(own["year"], own["value"], strict=True))
    counts = table[(table["rule"] == rule.id) & ~(table["year"] > as_of.year)]
    latest = counts.sort_values("year", kind="stable", na_position="first").tail(1)
    told = ""
    if len(latest) and "file" in latest and str(latest["file"].iloc[0]):
        told = f"{PurePath(str(latest['file'].iloc[0])).name} #{int(latest['row'].iloc[0])}"
    return years, told


def _files_of(rule: AnyRule, inputs: Inputs, services: Collection[str]) -> str:
    """Names of the sources that list the rule's facilities; the columns of its ledger where it has none."""
    table = inputs.facilities
    asked = set(rule.all_services) or {name for group in services for name in group.split("|")}
    sources = sorted(set(table.loc[table["service"].isin(asked), "source"].astype(str)) - {""})
    files = {PurePath(str(file["path"])).stem: PurePath(str(file["path"])).name for file in inputs.files}
    if sources:
        return ", ".join(files.get(PurePath(one).stem, PurePath(one).name) for one in sources)
    return "" if rule.all_services else ", ".join(rule.needs_columns())


def _circle_rows(
    kind: str,
    about: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    basic: Sequence[tuple[str, ...]],
    quality: Sequence[tuple[str, ...]],
) -> pd.DataFrame:
    """Rows of one kind of circle; `counts` has a column for each service."""
    services = [str(name) for name in counts.columns]
    # a group is there where any of its services has an outlet
    figures = counts.to_numpy(dtype="float64").reshape(len(about), len(services))
    column = {name: figures[:, place] for place, name in enumerate(services)}

    def groups_offered(groups: Sequence[tuple[str, ...]]) -> np.ndarray:
        """Groups with an outlet of any of their services."""
        there = [np.any([column[name] > 0 for name in group], axis=0) for group in groups]
        return np.sum(there, axis=0, dtype="float64") if there else np.zeros(len(about))

    return pd.DataFrame(
        {
            "kind": kind,
            "code": about["code"].to_numpy(dtype=object),
            "name": about["name"].to_numpy(dtype=object),
            "residents": about["residents"].to_numpy(dtype="float64"),
            "basic": groups_offered(basic),
            "basic_asked": float(len(basic)),
            "quality": groups_offered(quality),
            "outlets": figures.sum(axis=1),
            "tier": about["tier"].to_numpy(dtype=object),
            **{f"n_{name}": column[name] for name in services},
        }
    )


def _outlets_in(ctx: Context, circles: gpd.GeoDataFrame, services: Sequence[str]) -> pd.DataFrame:
    """Outlets of each service that lie in each circle, in the order of the circles."""
    offered = gpd.GeoDataFrame(ctx.offering(services), geometry="geometry", crs=circles.crs)
    places = offered.assign(geometry=offered.geometry.representative_point())
    joined = gpd.sjoin(places[["facility", "service", "geometry"]], circles[["code", "geometry"]])
    # an outlet on the border of two circles lies in both
    joined = joined.drop_duplicates(["facility", "service", "code"])
    table = pd.crosstab(joined["code"], joined["service"])
    return table.reindex(index=circles["code"], columns=list(services), fill_value=0).reset_index(drop=True)
