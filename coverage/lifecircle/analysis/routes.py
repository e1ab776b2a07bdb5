"""Routes for the map: from each community that is short to the nearest facility of what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.assessment import Context, Cutoff, cutoff_of
from lifecircle.network import Network, ODPoints, central_points, explain_each, minutes_of, od_points
from lifecircle.network.routing.proof import fastest_kmh
from lifecircle.plans import Plan, TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.tables import COMMUNITY_LEVELS, ROUTES, Inputs

__all__ = ["MOST_ROUTES", "nearest_routes"]

MOST_ROUTES: Final = 3000
"""Routes drawn at most: those of headline targets first, then of the most people beyond a limit."""

_HAIR: Final = 1e-6


class _Walk(NamedTuple):
    """How a rule measures walks: in minutes or metres, whose, and at which speed."""

    unit: str
    profile: str
    speed_kmh: float


class _Wish(NamedTuple):
    """A community that lacks one of several services, and how many of its people are beyond the limit."""

    code: str
    services: tuple[str, ...]
    rule: str
    cutoff: Cutoff
    headline: bool
    people: float


class _Asked(NamedTuple):
    """A way to be drawn: where it starts, and the figure that it was judged by."""

    row: int
    figure: float
    rules: list[str]


def nearest_routes(
    network: Network,
    od: ODPoints,
    ctx: Context,
    *,
    findings: pd.DataFrame,
    plans: tuple[Plan, ...],
    headlines: pd.DataFrame,
    profile_networks: Mapping[str, Network],
) -> gpd.GeoDataFrame:
    """The way from the middle of every community that falls short of a circle to what is nearest to it.

    Parameters
    ----------
    network, od, ctx
        The study on its streets, as it was judged.
    findings
        `tables.FINDINGS`; communities that are short under time, distance and type circles are taken.
    plans
        Their rules.
    headlines
        `tables.HEADLINES`: their rules come first where there are more than `MOST_ROUTES`.
    profile_networks
        The streets of groups that cannot use all of them.

    Returns
    -------
    GeoDataFrame
        `tables.ROUTES`: one row per community, service and measure, in the study's CRS. A rule's way goes by
        its own measure: the fewest metres or minutes, of the group and at the speed that it names, and its
        figure is the one judged. Of services that stand in for one another the nearest is taken. Walks start
        at the central demand point, as life circles do; walks beyond what the data read can prove are left
        out, and so is a facility at the very place, to which there is no way to draw.
    """
    inputs = ctx.inputs
    rows = central_points(inputs, od.demand.reached)
    centre = dict(zip(inputs.demand["community"].iloc[rows], rows.tolist(), strict=True))
    figures = _Figures(ctx, network, profile_networks)
    asked: dict[tuple[_Walk, str, str], _Asked] = {}
    wishes = sorted(_wishes(findings, plans, headlines, ctx), key=lambda one: (not one.headline, -one.people))
    for wish in wishes:
        if wish.code not in centre:
            continue
        row = centre[wish.code]
        walk = figures.walk(wish.cutoff)
        nearest = min((figures.at(name, wish.cutoff)[row], name) for name in wish.services)
        key = (walk, nearest[1], wish.code)
        if key in asked:
            asked[key].rules.append(wish.rule)
        elif np.isfinite(nearest[0]) and len(asked) < MOST_ROUTES:
            asked[key] = _Asked(row, float(nearest[0]), [wish.rule])
    # groups who cannot use every street have joined their own only where they were routed
    joined = {}
    for profile, own in profile_networks.items():
        named = sorted({service for walk, service, _ in asked if walk.profile == profile})
        if named:
            joined[profile] = od_points(own, inputs, named, max_snap_m=od.demand.max_snap_m)
    parts = []
    for walk, service in sorted({key[:2] for key in asked}):
        own = profile_networks.get(walk.profile, network)
        mine = {code: way for (*about, code), way in sorted(asked.items()) if about == [walk, service]}
        there = joined.get(walk.profile, od)
        parts.append(_of_service(own, there, inputs, mine, walk=walk, service=service))
    if not parts:
        return ROUTES.empty_layer(inputs.crs)
    table = pd.concat(parts, ignore_index=True)
    table = table[table.geometry.length > 0].sort_values([*ROUTES.key], ignore_index=True)
    return ROUTES.check(gpd.GeoDataFrame(table, geometry="geometry", crs=inputs.crs))


class _Figures:
    """What the walks from every demand point came to where they were judged.

    Parameters
    ----------
    ctx
        The study as it was judged.
    network, profile_networks
        The streets of everybody, and of groups that cannot use all of them.
    """

    def __init__(self, ctx: Context, network: Network, profile_networks: Mapping[str, Network]) -> None:
        self._ctx, self._network, self._own = ctx, network, profile_networks
        self._demand = ctx.demand.index.get_indexer(ctx.inputs.demand["demand"])
        self._known: dict[tuple[str, Cutoff], NDArray[np.float64]] = {}
        proven = ctx.travel.proven_min
        self._read_m: NDArray[np.float64] | None = None
        if proven is not None:
            fastest_m = fastest_kmh(network) * 1000.0 / 60.0
            self._read_m = proven.reindex(ctx.inputs.demand["demand"]).to_numpy() * fastest_m

    def walk(self, cutoff: Cutoff) -> _Walk:
        """How a cutoff measures; off foot nobody goes at a walker's speed."""
        on_foot = self._ctx.assumptions.mode == "walk"
        speed = cutoff.speed_kmh if on_foot else self._ctx.travel.speed_kmh
        return _Walk(cutoff.limit_unit, cutoff.profile, speed)

    def at(self, service: str, cutoff: Cutoff) -> NDArray[np.float64]:
        """Minutes or metres of every demand point; ``inf`` where none is reached, or beyond proof."""
        if (service, cutoff) not in self._known:
            self._known[service, cutoff] = self._proven(service, cutoff)
        return self._known[service, cutoff]

    def _proven(self, service: str, cutoff: Cutoff) -> NDArray[np.float64]:
        """`at`, looked up."""
        figures = self._ctx.cost((service,), cutoff).to_numpy()[self._demand]
        if self._read_m is None:
            return np.asarray(figures)
        limit = self._read_m
        if cutoff.limit_unit == "min":
            own = self._own.get(cutoff.profile, self._network)
            limit = minutes_of(limit, own) * (own.speed_kmh / self.walk(cutoff).speed_kmh)
        return np.where(figures <= limit + _HAIR, figures, np.inf)


def _wishes(
    findings: pd.DataFrame, plans: tuple[Plan, ...], headlines: pd.DataFrame, ctx: Context
) -> Iterator[_Wish]:
    """What communities lack under the circles of the plans."""
    rules: Mapping[tuple[str, str], TravelTimeCircle | TravelDistanceCircle | TypeCircle] = {
        (plan.id, rule.id): rule
        for plan in plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle)
    }
    cutoffs = {key: cutoff_of(ctx, rule) for key, rule in rules.items()}
    first = set(zip(headlines["plan"], headlines["rule"], strict=True))
    short = findings[(findings["status"] == "short") & findings["level"].isin(COMMUNITY_LEVELS)]
    for row in short[["plan", "rule", "code", "service", "population_short"]].itertuples(index=False):
        key = (row.plan, row.rule)
        rule = rules.get(key)
        if rule is None:
            continue
        named = () if isinstance(rule, TypeCircle) else rule.services
        services = tuple(str(row.service).split("|")) if row.service else named
        known = tuple(name for name in services if name in ctx.travel.minutes.columns)
        people = 0.0 if pd.isna(row.population_short) else float(row.population_short)
        if known:
            yield _Wish(str(row.code), known, "/".join(key), cutoffs[key], key in first, people)


def _of_service(
    network: Network,
    od: ODPoints,
    inputs: Inputs,
    ways: Mapping[str, _Asked],
    *,
    walk: _Walk,
    service: str,
) -> gpd.GeoDataFrame:
    """Routes of one service and measure, from one search; both straight walks are part of the line."""
    in_metres = walk.unit == "m"
    start = od.demand.take(np.array([way.row for way in ways.values()]))
    paths = explain_each(
        network,
        start,
        od.destinations,
        service=service,
        speed_kmh=walk.speed_kmh,
        max_minutes=None if in_metres else max(way.figure for way in ways.values()) + 1e-3,
        in_metres=in_metres,
    )
    entries = od.places.groupby(np.where(od.service == service, od.facility, "")).apply(list)
    table = []
    for (code, way), path in zip(ways.items(), paths, strict=True):
        if path is None:
            continue
        # the figure itself, of which the path is a sum in another order
        metres, minutes = (way.figure, path.minutes) if in_metres else (path.distance_m, way.figure)
        said = (*walk, "; ".join(sorted({*way.rules})))
        table.append((code, service, str(path.facility), metres, minutes, *said, way.row, path.geometry))
    columns = ["code", "service", "facility", "distance_m", "minutes", *_Walk._fields, "rules", "row"]
    told = pd.DataFrame(table, columns=[*columns, "geometry"])
    frame = gpd.GeoDataFrame(told, geometry="geometry", crs=4326)
    frame = frame.to_crs(inputs.crs)
    homes = inputs.demand.geometry.to_numpy()[frame["row"].to_numpy(dtype=np.intp)]
    lines = []
    for home, line, facility in zip(homes, frame.geometry, frame["facility"], strict=True):
        last = shapely.Point(line.coords[-1])
        door = min(entries.get(facility, [last]), key=last.distance)
        lines.append(shapely.LineString([home.coords[0], *line.coords, door.coords[0]]))
    return frame.drop(columns="row").set_geometry(lines, crs=inputs.crs)
