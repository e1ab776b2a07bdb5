"""Explaining a place: the way to its nearest facility, what was passed over, what the rules say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from lifecircle.analysis.baseline import StudyState
from lifecircle.analysis.beyond_limits import beyond_limit
from lifecircle.analysis.explanation import GroupWalk, Heights, RouteExplanation, Way
from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.analysis.profiles import profile_networks, profile_of, profiles_known
from lifecircle.errors import Fault, InputError, closest, preview
from lifecircle.network import (
    SNAP_STATUS,
    Explanation,
    Network,
    ODPoints,
    Snaps,
    central_points,
    explain_each,
    od_points,
    refused_edges,
    shut_places,
)
from lifecircle.plans import Rule, TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.services import catalogue, nearest, service_names
from lifecircle.sources import node_heights
from lifecircle.study import Assumptions, Study
from lifecircle.tables import WGS84

__all__ = ["explain_place"]

_GATES_WITHIN_M: Final = 200.0
_SLOPE_OVER_M: Final = 50.0
_STEP_M: Final = 10.0
_SAME_M: Final = 0.01


def explain_place(
    prepared: PreparedStudy,
    state: StudyState,
    origin: str | tuple[float, float],
    service: str,
    *,
    profile: str = "",
) -> RouteExplanation:
    """Explain the walk from a place to its nearest facility of a service.

    Parameters
    ----------
    prepared, state
        The study, and the state of it that is asked about.
    origin
        Code or name of a community, whose central demand point is taken; or longitude and latitude
        (WGS 84).
    service
        A service of the catalogue.
    profile
        Group that walks: built in (``elderly``, ``child``, ``wheelchair``) or of the study's own
        ``[profiles]``; everybody if blank.

    Raises
    ------
    InputError
        A code, name, service or place that the study does not know, or a name of several communities.
    """
    if service not in catalogue():
        values = {"found": service, "nearest": nearest(service, catalogue())}
        raise InputError(Fault("unknown-service", field="service", values=values))
    if profile:
        _require_group(prepared.study, profile)
    inputs, assumptions = state.inputs, prepared.study.assumptions
    start = None
    if isinstance(origin, str):
        origin = unit = _code(inputs.communities, origin)
        start = _central_row(state, unit)
        point = inputs.demand.geometry.iloc[start]
    else:
        point = _given(prepared, state, origin)
        unit = _unit_at(inputs.communities, point)
    network, speed = _walked_by(prepared, state, profile)
    own = network is state.network
    od = state.od if own and service in state.od.services else _asked(prepared, state, network, service)
    spot = gpd.GeoSeries([point], crs=inputs.crs)
    here = network.snap(spot, max_snap_m=assumptions.max_snap_m)
    home = None if start is None else int(inputs.demand["demand"].iloc[start])
    findings = _findings(prepared, state, unit, service, home)
    # rules are told of by their own measure: the way of fewest metres, where they limit those alone
    measures = _measures(findings, profile)
    pace = None if network.mode == "drive" else speed
    way, *others = (
        _way(prepared, state, point, network, od, here=here, service=service, speed_kmh=pace, by=measure)
        for measure in measures
    )
    place = shapely.get_coordinates(spot.to_crs(network.crs).to_numpy())[0]
    at = (float(place[0]), float(place[1]))
    gated = prepared.inputs.streets.counts.get("street-gates-closed", 0) > 0
    proven = prepared.proven_min(network, spot)
    return RouteExplanation(
        origin=origin if isinstance(origin, str) else _degrees(origin),
        service=service,
        service_name=service_names()[service],
        unit=unit,
        unit_name=str(inputs.communities.set_index("code")["name"].get(unit, "") or ""),
        way=way,
        measure=measures[0],
        offered=service in od.destinations.services,
        snap_status=SNAP_STATUS[int(here.status[0])],
        speed_kmh=speed,
        mode=assumptions.mode,
        profile=profile,
        refused=tuple(refused_edges(network, at, here)),
        gates=tuple(shut_places(network, at, _GATES_WITHIN_M)) if gated else (),
        groups=() if profile else _groups(prepared, state, spot, service, findings),
        proven_min=float(proven[0]) * network.speed_kmh / speed,
        findings=findings,
        shortest=next((one for one in others if _another(way, one)), None),
    )


def _measures(findings: pd.DataFrame, profile: str) -> list[str]:
    """What limits are in that a group is told of: ``min``, ``m``, or ``min`` and then ``m``."""
    limited = findings[findings["limit"].notna()]
    # a group that no rule names is told of all
    mine = limited[limited["walker"] == profile]
    units = {limit[0] for limit in (mine if len(mine) else limited)["limit"]}
    return sorted(units, reverse=True) or ["min"]


def _another(way: Way, shorter: Way) -> bool:
    """Whether what is nearest in metres is another facility, or lies on a shorter way."""
    if way.route is None or shorter.route is None:
        return False
    same = way.route.facility == shorter.route.facility
    return not (same and np.isclose(way.route.distance_m, shorter.route.distance_m, rtol=0, atol=_SAME_M))


def _way(
    prepared: PreparedStudy,
    state: StudyState,
    point: shapely.Point,
    network: Network,
    od: ODPoints,
    *,
    here: Snaps,
    service: str,
    speed_kmh: float | None,
    by: str,
) -> Way:
    """The way of fewest minutes (`by` is ``min``) or metres (``m``) from a place to a facility."""
    (route,) = explain_each(
        network, here, od.destinations, service=service, speed_kmh=speed_kmh, in_metres=by == "m"
    )
    if route is None:
        return Way()
    # the line runs from point to point, with the straight walks at both ends
    entrance, delay_s = _entrance(od, route, service)
    start = gpd.GeoSeries([point], crs=prepared.inputs.crs).to_crs(WGS84).iloc[0]
    line = shapely.LineString([(start.x, start.y), *route.geometry.coords, (entrance.x, entrance.y)])
    rows = state.inputs.facilities[state.inputs.facilities["facility"] == route.facility]
    name = str(rows["name"].iloc[0] or "") if len(rows) else ""
    return Way(route, name, line, _heights(prepared, line), delay_s / 60)


def _require_group(study: Study, profile: str) -> None:
    """Refuse a group that nobody knows, or any where people do not walk."""
    known, mode = profiles_known(study), study.assumptions.mode
    if profile not in known:
        values = {"found": profile, "known": ", ".join(known)}
        raise InputError(Fault("explain-unknown-profile", field="profile", values=values))
    if mode != "walk":
        values = {"found": profile, "mode": mode}
        raise InputError(Fault("profile-on-foot", field="profile", values=values))


def _walked_by(prepared: PreparedStudy, state: StudyState, profile: str) -> tuple[Network, float]:
    """The streets that a group can use in a state of the study, and its speed."""
    study = prepared.study
    if not profile:
        walked = study.assumptions.mode == "walk"
        return state.network, study.assumptions.walk_speed_kmh if walked else state.network.speed_kmh
    group = profile_of(study, profile)
    networks = state.profile_networks
    if profile not in prepared.profiles:
        # Nothing in the study names the group: its streets are built for this question alone.
        streets = state.inputs.streets if state.streets is None else state.streets.streets
        networks = profile_networks(study, {profile: group}, state.inputs, streets)
    return networks.get(profile, state.network), group.speed_kmh


def _asked(prepared: PreparedStudy, state: StudyState, network: Network, service: str) -> ODPoints:
    """Facilities of one service on a network that they have not been joined to."""
    return od_points(network, state.inputs, [service], max_snap_m=prepared.study.assumptions.max_snap_m)


def _groups(
    prepared: PreparedStudy,
    state: StudyState,
    spot: gpd.GeoSeries,
    service: str,
    findings: pd.DataFrame,
) -> tuple[GroupWalk, ...]:
    """The walk of every group with a profile from the same place to its nearest facility."""
    walks = []
    for name in sorted(prepared.profiles):
        network, speed = _walked_by(prepared, state, name)
        od = _asked(prepared, state, network, service)
        here = network.snap(spot, max_snap_m=prepared.study.assumptions.max_snap_m)
        in_metres = _measures(findings, name) == ["m"]
        (path,) = explain_each(
            network, here, od.destinations, service=service, speed_kmh=speed, in_metres=in_metres
        )
        metres, minutes = (np.nan, np.nan) if path is None else (path.distance_m, path.minutes)
        walks.append(GroupWalk(name, speed, metres, minutes))
    return tuple(walks)


def _code(communities: gpd.GeoDataFrame, said: str) -> str:
    """The code of the community that is called so, or has this code itself."""
    codes = communities["code"].astype(str)
    if (codes == said).any():
        return said
    names = communities["name"].fillna("").astype(str)
    called = sorted(codes[(names == said) & (said != "")])
    if len(called) > 1:
        values = {"found": said, "count": len(called), "codes": preview(called)}
        raise InputError(Fault("explain-name-twice", field="--from", values=values))
    if called:
        return called[0]
    raise _unknown_code(communities, said)


def _unknown_code(communities: gpd.GeoDataFrame, said: str) -> InputError:
    """The refusal of a code or name that no community has, with those that are like it."""
    known = sorted({*communities["code"]})
    names = sorted({name for name in communities["name"].fillna("").astype(str) if name})
    near = closest(said, [*known, *names], n=3, cutoff=0.5) or [preview(known)]
    values = {"found": said, "nearest": ", ".join(near)}
    return InputError(Fault("explain-unknown-code", field="--from", values=values))


def _central_row(state: StudyState, code: str) -> int:
    """Where the central demand point of a community stands among all."""
    inputs = state.inputs
    for usable in (state.od.demand.reached, np.ones(len(inputs.demand), bool)):
        rows = central_points(inputs, usable)
        codes = inputs.demand["community"].iloc[rows].tolist()
        if code in codes:
            return int(rows[codes.index(code)])
    raise _unknown_code(inputs.communities, code)


def _given(prepared: PreparedStudy, state: StudyState, origin: tuple[float, float]) -> shapely.Point:
    """A place in degrees, in the study's system."""
    inputs = state.inputs
    given = gpd.GeoSeries([shapely.Point(origin)], crs=WGS84)
    point = given.to_crs(inputs.crs).iloc[0]
    outline = inputs.boundary.geometry.iloc[0]
    if not (np.isfinite(point.x) and outline.distance(point) <= prepared.reach_m):
        values = {"found": _degrees(origin), "reach": f"{prepared.reach_m / 1000:g}"}
        raise InputError(Fault("explain-outside", field="--from", values=values))
    return point


def _degrees(place: tuple[float, float]) -> str:
    """Longitude and latitude as they are typed, to a decimetre."""
    return ",".join(f"{degrees:.6f}".rstrip("0").rstrip(".") for degrees in place)


def _unit_at(communities: gpd.GeoDataFrame, point: shapely.Point) -> str:
    """Code of the community that a place lies in; the smaller one on a border, blank outside all."""
    codes = communities.loc[communities.intersects(point), "code"]
    return str(min(codes)) if len(codes) else ""


def _entrance(od: ODPoints, route: Explanation, service: str) -> tuple[shapely.Point, float]:
    """The entrance that a way leads to, in WGS 84, and the seconds lost there."""
    mine = np.flatnonzero((od.facility == route.facility) & (od.service == service))
    entries = od.places.iloc[mine].to_crs(WGS84).to_numpy()
    at = int(np.argmin(shapely.distance(entries, shapely.Point(route.geometry.coords[-1]))))
    return entries[at], float(od.destinations.snaps.labels["delay_s"].iloc[mine[at]])


def _heights(prepared: PreparedStudy, line: shapely.LineString) -> Heights:
    """Metres up and down along a way in WGS 84 between its vertices, and its steepest 50 m."""
    elevation = prepared.study.streets.elevation
    if elevation is None:
        return Heights()
    lon, lat = np.array(line.coords).T[:2]
    height = node_heights(elevation, lon, lat)
    if np.isnan(height).any():
        return Heights()
    along = np.concatenate([[0.0], np.cumsum(Geod(ellps="WGS84").line_lengths(lon, lat))])
    step = np.diff(height)
    starts = np.arange(0.0, max(along[-1] - _SLOPE_OVER_M, 0.0) + _STEP_M, _STEP_M)
    ends = np.minimum(starts + _SLOPE_OVER_M, along[-1])
    rise = np.interp(ends, along, height) - np.interp(starts, along, height)
    run = np.where(ends - starts >= _SLOPE_OVER_M / 2, ends - starts, np.inf)
    return Heights(
        float(step[step > 0].sum()), float(-step[step < 0].sum()), float(np.abs(rise / run).max(initial=0.0))
    )


def _findings(
    prepared: PreparedStudy, state: StudyState, unit: str, service: str, start: int | None
) -> pd.DataFrame:
    """What the rules about a service find in a unit: rows of the service, and verdicts over several.

    A row may be of services any of which counts; a rule of types is about those that its findings name.
    """
    rules = {(plan.id, rule.id): rule for plan in prepared.plans for rule in plan.rules}
    findings = state.judgements.findings
    mine = findings[findings["code"] == unit]
    keys = pd.Series(list(zip(mine["plan"], mine["rule"], strict=True)), index=mine.index, dtype=object)
    named = np.array([service in of.split("|") for of in mine["service"]], bool)
    about = {key for key, rule in rules.items() if service in rule.all_services} | set(keys[named])
    kept = keys.isin(about & rules.keys()) & (named | (mine["service"] == "").to_numpy())
    mine, own = mine[kept], [rules[key] for key in keys[kept]]
    titles = pd.Series([rule.title for rule in own], index=mine.index, dtype=object)
    limits = [_limit(rule, prepared.study.assumptions) for rule in own]
    # a group that walks as everybody does has no profile of its own
    walkers = [str(getattr(rule, "walker", "")) for rule in own]
    walkers = [name if name in prepared.profiles else "" for name in walkers]
    ctx = state.judgements.context
    beyond = [
        beyond_limit(ctx, rule, unit, of, start=start) if status == "short" else None
        for rule, of, status in zip(own, mine["service"], mine["status"], strict=True)
    ]
    told = {"limit": limits, "beyond": beyond}
    columns = {name: pd.Series(said, index=mine.index, dtype=object) for name, said in told.items()}
    return mine.assign(title=titles, walker=walkers, **columns)


def _limit(rule: Rule, assumptions: Assumptions) -> tuple[str, Mapping[str, str]] | None:
    """Unit and figures of the limit of a circle; None for other rules."""
    if isinstance(rule, TravelDistanceCircle):
        return "m", {"limit": f"{_number(rule.metres, assumptions):,.0f}"}
    if isinstance(rule, TravelTimeCircle | TypeCircle):
        return "min", {"limit": f"{_number(rule.minutes, assumptions):g}"}
    return None


def _number(limit: float | str, assumptions: Assumptions) -> float:
    """A figure of the clause, or the assumption that stands in for it."""
    return float(getattr(assumptions, limit)) if isinstance(limit, str) else float(limit)
