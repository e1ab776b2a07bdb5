"""Routes for the map: from each community that is short to the nearest facility of what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.network import Network, ODPoints, central_points, explain_each
from lifecircle.plans import Plan, TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.tables import COMMUNITY_LEVELS, ROUTES, Inputs, TravelTimes

__all__ = ["MOST_ROUTES", "nearest_routes"]

MOST_ROUTES: Final = 3000
"""Routes drawn at most: those of headline targets first, then of the most people beyond a limit."""


class _Wish(NamedTuple):
    """A community that lacks one of several services, and how many of its people are beyond the limit."""

    code: str
    services: tuple[str, ...]
    headline: bool
    people: float


def nearest_routes(
    network: Network,
    inputs: Inputs,
    od: ODPoints,
    travel: TravelTimes,
    *,
    findings: pd.DataFrame,
    plans: tuple[Plan, ...],
    headlines: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """The way from the middle of every community that falls short of a circle to what is nearest to it.

    Parameters
    ----------
    network, inputs, od, travel
        The study on its streets.
    findings
        `tables.FINDINGS`; communities that are short under time, distance and type circles are taken.
    plans
        Their rules.
    headlines
        `tables.HEADLINES`: their rules come first where there are more than `MOST_ROUTES`.

    Returns
    -------
    GeoDataFrame
        `tables.ROUTES`: one row per community and service, in the study's CRS. Of services that stand in for
        one another the nearest is taken. Walks start at the central demand point, as life circles do, and are
        those of everybody; walks beyond what the data read can prove are left out, and so is a facility at
        the very place, to which there is no way to draw.
    """
    rows = central_points(inputs, od.demand.reached)
    centre = dict(zip(inputs.demand["community"].iloc[rows], rows, strict=True))
    minutes = travel.proven(travel.minutes, speed_kmh=travel.speed_kmh)
    # minutes by row of the demand and place of the service, unknown ones as unreached
    order = minutes.index.get_indexer(inputs.demand["demand"])
    figures = np.where(np.isnan(minutes.to_numpy()), np.inf, minutes.to_numpy())
    column = {name: place for place, name in enumerate(minutes.columns)}
    asked: dict[tuple[str, str], int] = {}
    wishes = sorted(_wishes(findings, plans, headlines), key=lambda one: (not one.headline, -one.people))
    for wish in wishes:
        if wish.code not in centre or len(asked) >= MOST_ROUTES:
            continue
        row = centre[wish.code]
        known = [name for name in wish.services if name in column]
        walks = figures[order[row], [column[name] for name in known]]
        if known and np.isfinite(walks.min()):
            asked[wish.code, known[walks.argmin()]] = int(row)
    parts = [
        _of_service(
            network,
            inputs,
            od,
            service=service,
            pairs=pairs,
            farthest=_farthest(minutes, inputs, pairs, service),
        )
        for service, pairs in _by_service(asked)
    ]
    if not parts:
        return ROUTES.empty_layer(inputs.crs)
    table = pd.concat(parts, ignore_index=True)
    table = table[table.geometry.length > 0].sort_values(["code", "service"], ignore_index=True)
    return ROUTES.check(gpd.GeoDataFrame(table, geometry="geometry", crs=inputs.crs))


def _wishes(findings: pd.DataFrame, plans: tuple[Plan, ...], headlines: pd.DataFrame) -> Iterator[_Wish]:
    """What communities lack under the circles of the plans."""
    rules: Mapping[tuple[str, str], TravelTimeCircle | TravelDistanceCircle | TypeCircle] = {
        (plan.id, rule.id): rule
        for plan in plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle)
    }
    first = set(zip(headlines["plan"], headlines["rule"], strict=True))
    short = findings[(findings["status"] == "short") & findings["level"].isin(COMMUNITY_LEVELS)]
    for row in short[["plan", "rule", "code", "service", "population_short"]].itertuples(index=False):
        rule = rules.get((row.plan, row.rule))
        if rule is None:
            continue
        named = () if isinstance(rule, TypeCircle) else rule.services
        services = tuple(str(row.service).split("|")) if row.service else named
        people = 0.0 if pd.isna(row.population_short) else float(row.population_short)
        yield _Wish(str(row.code), services, (row.plan, row.rule) in first, people)


def _by_service(asked: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Communities and the rows of their central points, service by service."""
    for service in sorted({service for _, service in asked}):
        yield service, sorted((code, row) for (code, name), row in asked.items() if name == service)


def _farthest(minutes: pd.DataFrame, inputs: Inputs, pairs: list[tuple[str, int]], service: str) -> float:
    """Minutes of the longest of these walks, and a hair."""
    demand = inputs.demand["demand"].iloc[[row for _, row in pairs]]
    return float(minutes.loc[demand, service].max()) + 1e-3


def _of_service(
    network: Network,
    inputs: Inputs,
    od: ODPoints,
    *,
    service: str,
    pairs: list[tuple[str, int]],
    farthest: float,
) -> gpd.GeoDataFrame:
    """Routes of one service, from one search; both straight walks are part of the line."""
    start = od.demand.take(np.array([row for _, row in pairs]))
    paths = explain_each(network, start, od.destinations, service=service, max_minutes=farthest)
    entries = od.places.groupby(np.where(od.service == service, od.facility, "")).apply(list)
    table = []
    for (code, row), path in zip(pairs, paths, strict=True):
        if path is None:
            continue
        table.append((code, service, str(path.facility), path.distance_m, path.minutes, row, path.geometry))
    columns = ["code", "service", "facility", "distance_m", "minutes", "row", "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(table, columns=columns), geometry="geometry", crs=4326)
    frame = frame.to_crs(inputs.crs)
    homes = inputs.demand.geometry.to_numpy()[frame["row"].to_numpy(dtype=np.intp)]
    lines = []
    for home, line, facility in zip(homes, frame.geometry, frame["facility"], strict=True):
        last = shapely.Point(line.coords[-1])
        door = min(entries.get(facility, [last]), key=last.distance)
        lines.append(shapely.LineString([home.coords[0], *line.coords, door.coords[0]]))
    return frame.drop(columns="row").set_geometry(lines, crs=inputs.crs)
