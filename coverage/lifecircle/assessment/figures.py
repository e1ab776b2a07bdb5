"""Figures for maps and tables: of communities, of catchments, and the people who are out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.assessment.circles import cutoff_of, threshold
from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff, Group
from lifecircle.assessment.needs import needed_travel
from lifecircle.assessment.station_loads import loads_of, stations_named
from lifecircle.assessment.type_circles import groups_of, tiers_of
from lifecircle.assessment.units import communities_of
from lifecircle.measures import at_most, covered_dwellings, covered_residents, minutes_of_communities
from lifecircle.plans import (
    AnyRule,
    Plan,
    PopulationPerFacility,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import CATCHMENTS, Inputs, TravelTimes

__all__ = ["catchments", "community_figures", "community_tiers", "gaps"]


def community_figures(
    inputs: Inputs, travel: TravelTimes, plans: Sequence[Plan], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """How far the people of every community walk to each service that the plans need.

    Parameters
    ----------
    inputs, travel, assumptions
        The study; minutes are at its walking speed.
    plans
        Their services are reported.

    Returns
    -------
    GeoDataFrame
        `Inputs.communities`, same index and rows, with ``tier`` and per service ``min50_<service>`` and
        ``min90_<service>`` (minutes; NaN where that resident is unreached, or farther than the data read can
        prove), ``unreached_<service>`` (share of such residents) and ``share_<service>`` (0 to 1, at
        `Assumptions.circle_minutes`), and ``dwellings_<service>`` where
        dwellings are known.
    """
    ctx = Context(inputs, travel, assumptions)
    columns: dict[str, pd.Series] = {"tier": community_tiers(inputs, travel, assumptions)}
    for service in needed_travel(plans, assumptions).services:
        if not ctx.knows((service,)):
            continue
        walk = ctx.cost((service,), Cutoff(assumptions.circle_minutes, "min", assumptions.walk_speed_kmh))
        # quantiles of minutes that the data read prove: beyond them a nearer facility may exist
        figures = minutes_of_communities(ctx.demand, ctx.proven(walk.to_frame()).iloc[:, 0], weight="counted")
        columns[f"min50_{service}"] = figures["median_min"]
        columns[f"min90_{service}"] = figures["p90_min"]
        columns[f"unreached_{service}"] = figures["unreached_share"]
        people = covered_residents(ctx.demand, walk, cutoff=assumptions.circle_minutes, weight="counted")
        columns[f"share_{service}"] = people["share"]
        if "dwellings" in ctx.demand.columns:
            homes = covered_dwellings(ctx.demand, walk, cutoff=assumptions.circle_minutes)
            columns[f"dwellings_{service}"] = homes["share"]
    codes = inputs.communities["code"]
    table = pd.DataFrame(
        {name: codes.map(values) for name, values in columns.items()}, index=inputs.communities.index
    )
    table["tier"] = table["tier"].fillna("")
    return inputs.communities.join(table)


def community_tiers(
    inputs: Inputs, travel: TravelTimes, assumptions: Assumptions, *, minutes: float | None = None
) -> pd.Series:
    """Tier of every community's convenience circle, whatever the plans ask.

    Parameters
    ----------
    inputs, travel, assumptions
        The study, its types and its walking speed.
    minutes
        Size of the circle; by default `Assumptions.circle_minutes`.

    Returns
    -------
    Series
        ``quality``, ``basic``, ``below`` or ``""`` (not told by the data, or nobody lives there), by code
        of the communities inside the boundary.
    """
    return tiers_of(
        Context(inputs, travel, assumptions),
        minutes=assumptions.circle_minutes if minutes is None else minutes,
    )


def gaps(
    inputs: Inputs, travel: TravelTimes, plans: Sequence[Plan], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """The people each service does not reach.

    A demand point is listed under a service if it lies in a community that a rule judges and beyond that
    rule's limit, from this service and from every one that may stand in for it. Where several rules name
    a service the strictest decides. Stations without a limit list those beyond `station_minutes`.

    Returns
    -------
    GeoDataFrame
        ``demand``, ``community``, ``service``, ``minutes`` (at the walking speed; NaN where unreached
        or farther than the data read can prove), ``residents`` (> 0; NaN where unknown), ``weight`` (what
        stands in for them there), ``reason`` (``beyond-limit``, ``beyond-proof``, ``no-facility`` in the data
        or ``unreached``), ``geometry``; sorted by service and demand, CRS of the study.
    """
    ctx = Context(inputs, travel, assumptions)
    out_of_reach: dict[str, pd.Series] = {}
    for plan in plans:
        for rule in plan.rules:
            if rule.is_report_only and not isinstance(rule, PopulationPerFacility):
                continue  # nobody is out of reach under a clause that sets no limit
            # stage 1: who is beyond the limit of a circle, from every service that may stand in
            judged = _judged_demand(ctx, rule)
            for group, cutoff in _circles(ctx, rule):
                if not ctx.knows(group):
                    continue
                beyond = judged & ~at_most(ctx.cost(group, cutoff), cutoff.limit)
                for service in group:
                    out_of_reach[service] = beyond | out_of_reach.get(service, False)
    # stage 2: one table per service, with the minutes that are proven
    routed = ctx.minutes_at(assumptions.walk_speed_kmh)
    minutes = ctx.proven(routed)
    tables = [
        _gap_table(ctx, service, beyond, minutes.get(service), routed.get(service))
        for service, beyond in sorted(out_of_reach.items())
    ]
    if not tables:
        none = pd.Series(False, index=ctx.demand.index)
        tables = [_gap_table(ctx, "", none, None, None)]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=inputs.crs)


def catchments(
    inputs: Inputs, travel: TravelTimes, plans: Sequence[Plan], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """Who is served by which facility, under the rules that give everybody a nearest one.

    Returns
    -------
    GeoDataFrame
        `tables.CATCHMENTS`: every open facility of those rules inside the boundary, and those beyond it
        that serve somebody; sorted, without shapes (the network draws them). Where two plans have such a
        rule for one service the first decides whose people count.
    """
    ctx = Context(inputs, travel, assumptions)
    counts = ("residents", "beyond_residents", "communities")
    by_service: dict[tuple[str, str], dict[str, object]] = {}
    for rule in (rule for plan in plans for rule in plan.rules if isinstance(rule, PopulationPerFacility)):
        loads = loads_of(ctx, rule).to_dict("index")
        table = inputs.facilities
        open_ones = table[table["public"] & table["service"].isin(stations_named(ctx, rule))]
        for row in open_ones[["service", "facility", "name", "inside"]].to_dict("records"):
            load = loads.get(row["facility"])
            # beyond the boundary only those that serve somebody
            if load is None and not row["inside"]:
                continue
            nobody = dict.fromkeys(counts, 0.0 if ctx.people_known else np.nan) | {"communities": 0.0}
            figures = {name: load[name] if load else nobody[name] for name in counts}
            by_service.setdefault((row["service"], row["facility"]), {**row, **figures})
    frame = pd.DataFrame([by_service[key] for key in sorted(by_service)], columns=[*CATCHMENTS.columns])
    frame = frame.astype(dict.fromkeys(counts, "float64"))
    shapes = gpd.GeoSeries([None] * len(frame), crs=inputs.crs)
    return CATCHMENTS.check(gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=inputs.crs))


def _judged_demand(ctx: Context, rule: AnyRule) -> pd.Series:
    """Demand points where somebody lives in a community that the rule judges."""
    codes = [unit.code for unit in communities_of(ctx, rule).units if not unit.status]
    return ctx.demand["community"].isin(codes) & (ctx.demand["counted"] > 0)


def _circles(ctx: Context, rule: AnyRule) -> Iterator[tuple[Group, Cutoff]]:
    """Every circle a rule draws: services that stand in for one another, and how far."""
    walk = ctx.assumptions.walk_speed_kmh
    if isinstance(rule, TravelTimeCircle | TravelDistanceCircle):
        yield tuple(rule.services), cutoff_of(ctx, rule)
    elif isinstance(rule, TypeCircle):
        cutoff = Cutoff(threshold(ctx, rule.minutes), "min", walk)
        yield from ((group, cutoff) for group in groups_of(ctx, rule))
    elif isinstance(rule, PopulationPerFacility):
        yield stations_named(ctx, rule), Cutoff(ctx.assumptions.station_minutes, "min", walk)


def _gap_table(
    ctx: Context, service: str, beyond: pd.Series, minutes: pd.Series | None, routed: pd.Series | None
) -> gpd.GeoDataFrame:
    """Rows of one service; `minutes` are those of `routed` that the data read can prove."""
    columns = [name for name in ("community", "residents", "weight", "geometry") if name in ctx.demand]
    table = ctx.demand.loc[beyond, columns].sort_index().reset_index()
    walk = np.full(len(table), np.nan) if minutes is None else minutes[table["demand"]].to_numpy()
    table["community"] = table["community"].astype("str")
    table["service"] = service
    table["minutes"] = np.where(np.isfinite(walk), walk, np.nan)
    if routed is None or service not in set(ctx.inputs.facilities["service"]):
        table["reason"] = "no-facility"
    else:
        # a walk that was found but not proven may be longer than the way to a facility that was not read
        unproven = np.where(np.isfinite(routed[table["demand"]].to_numpy()), "beyond-proof", "unreached")
        table["reason"] = np.where(table["minutes"].notna(), "beyond-limit", unproven)
    return table[["demand", "community", "service", "minutes", *columns[1:-1], "reason", "geometry"]]
