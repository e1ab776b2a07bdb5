"""Who is served by which health station: everybody by the nearest, people of unknown scope perhaps."""

from __future__ import annotations

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Group
from lifecircle.assessment.judgement import UNKNOWN
from lifecircle.measures import at_most, catchment_loads, committees_served
from lifecircle.plans import PopulationPerFacility

__all__ = ["loads_of", "people_of_scope", "stations_named"]


def stations_named(ctx: Context, rule: PopulationPerFacility) -> Group:
    """Services whose facilities serve the rule; health centres too where the study counts them."""
    centres = ("health-centre",) if ctx.assumptions.centre_counts_as_station else ()
    wanted = centres if "health-station" in rule.services else ()
    return tuple(dict.fromkeys((*rule.services, *wanted)))


def loads_of(ctx: Context, rule: PopulationPerFacility) -> pd.DataFrame:
    """Who is served by which facility.

    Returns
    -------
    DataFrame
        Indexed by facility, those nobody has nearest left out: as `measures.catchment_loads`, and
        ``residents_high``: the same with the people of communities of unknown scope.
    """
    # High: everybody who may be of the rule's scope.
    nearest = ctx.nearest(stations_named(ctx, rule))
    sure, possible = people_of_scope(ctx, rule)
    demand = ctx.demand
    loads = catchment_loads(
        demand[possible],
        nearest.loc[possible, "facility"],
        nearest.loc[possible, "minutes"],
        beyond_min=ctx.assumptions.station_minutes,
    ).rename(columns={"residents": "residents_high"})
    if not ctx.people_known:
        return loads.assign(
            residents=UNKNOWN, beyond_residents=UNKNOWN, communities_high=loads["communities"]
        )
    # Low: those who surely are, those of them too far away, and their committees.
    served = demand["residents"].where(sure, 0.0).groupby(nearest["facility"]).sum()
    beyond = sure & ~at_most(nearest["minutes"], ctx.assumptions.station_minutes)
    far = demand["residents"].where(beyond, 0.0).groupby(nearest["facility"]).sum()
    committees = committees_served(demand[sure], nearest.loc[sure, "facility"]).value_counts()
    loads["residents"] = served.reindex(loads.index, fill_value=0.0)
    loads["beyond_residents"] = far.reindex(loads.index, fill_value=0.0)
    loads["communities_high"] = loads["communities"]
    loads["communities"] = committees.reindex(loads.index, fill_value=0).astype("int64")
    return loads


def people_of_scope(ctx: Context, rule: PopulationPerFacility) -> tuple[pd.Series, pd.Series]:
    """Demand points that surely, and that possibly, are people of the rule's scope."""
    return ctx.remember(("people-of-scope", rule.scope), (), lambda: _people_of(ctx, rule.scope))


def _people_of(ctx: Context, asked: str) -> tuple[pd.Series, pd.Series]:
    """`people_of_scope`, looked up."""
    table = ctx.inputs.communities.set_index("code")
    scope = ctx.demand["community"].astype("object").map(table["scope"]).fillna("")
    kind = ctx.demand["community"].astype("object").map(table["kind"]).fillna("")
    everybody = pd.Series(asked == "both", index=ctx.demand.index)
    # One test on both sides of the boundary: people of unknown scope possibly compete, wherever they live.
    sure = everybody | (scope == asked) | (kind == "cell") | ctx.is_regular
    return sure, sure | (scope == "")
