"""Units at the level a plan counts them: joined by its own table where that is not what codes alone say.

Hainan's plan asks things of "every city and county" and means nineteen of them: Haikou is one, and its four
districts are parts of it.
"""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.assessment.context import Context, division_stem
from lifecircle.plans import Division, Plan, Rule, units_above
from lifecircle.tables import UNIT_FIGURES

__all__ = ["at_the_plan_s_levels", "counts_by_table"]

_SUMS = (
    "population",
    "households",
    *(name for name, column in UNIT_FIGURES.items() if column.kind == "number"),
)


def at_the_plan_s_levels(ctx: Context, plan: Plan) -> Context:
    """The study with its counties as the plan's own table has them; the same where it has none.

    Figures are added up and shapes joined; a figure is known only where it is known of every part. A unit
    of which districts are parts is whole only if the study covers the plan's jurisdiction or is that unit,
    since nothing else tells whether all districts are there. Units the table does not name stay as they are.
    """
    if not any(division.level == "county" for division in plan.divisions):
        return ctx
    units = ctx.inputs.units
    counties = units[units["level"] == "county"]
    # stage 1: counties that the table joins to another
    owner = counties["code"].map(lambda code: units_above(str(code), plan.divisions)["county"])
    # districts of which the table makes one unit; a unit that is its own owner stays
    parts = counties[(owner != "") & (owner != counties["code"])]
    if parts.empty:
        return ctx
    # stage 2: each group of them as one unit, in the place of its parts
    by_code = {division.code: division for division in plan.divisions}
    judged = division_stem(ctx.jurisdiction)
    units_of_table = [
        _unit_of_parts(group, by_code[str(code)], whole=ctx.covers_whole or code == judged)
        for code, group in parts.groupby(owner[parts.index], sort=True)
    ]
    table = pd.concat([units.drop(index=parts.index), pd.DataFrame(units_of_table)], ignore_index=True)
    placed = gpd.GeoDataFrame(table, geometry="geometry", crs=units.crs)
    placed["whole"] = placed["whole"].astype(bool)
    return ctx.with_units(placed)


def counts_by_table(rule: Rule) -> bool:
    """Whether a rule's counties are those of the table: one that names cities too means their districts."""
    return not {"city", "county"} <= set(rule.units)


def _unit_of_parts(parts: gpd.GeoDataFrame, division: Division, *, whole: bool) -> dict[str, object]:
    """One unit of the table from its parts."""
    scopes = set(parts["scope"])
    # a sum with one unknown part is unknown
    sums = {name: float(parts[name].sum(skipna=False)) for name in _SUMS if name in parts.columns}
    return {
        **{name: math.nan for name in parts.columns if name in UNIT_FIGURES},
        "level": "county",
        "code": division.code,
        "name": division.name.zh,
        "kind": "county",
        "scope": scopes.pop() if len(scopes) == 1 else "",
        **sums,
        "whole": whole and bool(parts["whole"].all()),
        "geometry": shapely.union_all(parts.geometry.to_numpy()),
    }
