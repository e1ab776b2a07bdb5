"""Why a unit is short: the route from a place to its nearest facility, and what the rules say there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.analysis.baseline import StudyState
from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.errors import Fault, InputError, preview
from lifecircle.messages import has, text
from lifecircle.network import (
    SNAP_STATUS,
    Explanation,
    RefusedEdge,
    Snaps,
    central_points,
    explain,
    od_points,
    refused_edges,
)
from lifecircle.plans import Plan
from lifecircle.services import catalogue, nearest, service_names
from lifecircle.sources import node_heights
from lifecircle.tables import WGS84

__all__ = ["RouteExplanation", "explain_place"]

_MOST_REFUSED: Final = 5


@dataclass(frozen=True)
class RouteExplanation:
    """A place, its nearest facility of a service, the way there, and what the rules say of its community.

    Attributes
    ----------
    origin : code of the community, or ``x,y``
    service, service_name : id of the service; its name in zh and en
    unit, unit_name : community the place lies in; blank outside every one
    route : the path; None where no facility is reached
    facility_name : its name, blank where it has none
    offered : whether the data hold any facility of the service open to the public
    snap_status : how the place joined the streets, of `SNAP_STATUS`
    speed_kmh : speed of `minutes`
    mode : walk | bike | drive
    climb_m, descent_m : metres up and down along the path; NaN where the study has no heights
    refused : streets nearer than the one joined, nearest first
    proven_min : minutes up to which the data read prove that there is no nearer one
    findings : rows of `tables.FINDINGS` of the unit under rules about the service, with ``title``
    geometry : the whole way in WGS 84, from the place to the entrance; None where there is none
    """

    origin: str
    service: str
    service_name: Mapping[str, str]
    unit: str
    unit_name: str
    route: Explanation | None
    facility_name: str
    offered: bool
    snap_status: str
    speed_kmh: float
    mode: str
    climb_m: float
    descent_m: float
    refused: tuple[RefusedEdge, ...]
    proven_min: float
    findings: pd.DataFrame
    geometry: shapely.LineString | None

    def frame(self) -> gpd.GeoDataFrame:
        """The way as one line in WGS 84, its figures beside it; no row where there is no way.

        Returns
        -------
        GeoDataFrame
            ``origin, unit, service, facility, name, distance_m, minutes, access_m, egress_m, climb_m,
            descent_m, streets, geometry``.
        """
        columns = {
            "origin": self.origin, "unit": self.unit, "service": self.service,
            "facility": "" if self.route is None else str(self.route.facility), "name": self.facility_name,
            "distance_m": np.nan if self.route is None else round(self.route.distance_m, 3),
            "minutes": np.nan if self.route is None else round(self.route.minutes, 4),
            "access_m": np.nan if self.route is None else self.route.access_m,
            "egress_m": np.nan if self.route is None else self.route.egress_m,
            "climb_m": self.climb_m, "descent_m": self.descent_m, "streets": self._streets("zh"),
        }  # fmt: skip
        rows = [] if self.route is None else [columns]
        table = pd.DataFrame(rows, columns=list(columns))
        return gpd.GeoDataFrame(table, geometry=[self.geometry] * len(rows), crs=WGS84)

    def lines(self, lang: str) -> list[str]:
        """The explanation in words, a line for each thought."""
        return list(self._told(lang))

    def _told(self, lang: str) -> Iterator[str]:
        """Route, then what was passed over, then the rules."""
        place = f"{self.unit_name} ({self.unit})" if self.unit and self.origin == self.unit else self.origin
        name = self.service_name[lang]
        if self.route is None:
            why = "island" if self.snap_status == "ok" else self.snap_status.replace("_", "-")
            why = why if self.offered else "none"
            yield text(
                "explain.no-route", lang, place=place, service=name, why=text(f"explain.why.{why}", lang)
            )
        else:
            route = self.route
            goal = self.facility_name or str(route.facility)
            figures = {"metres": f"{route.distance_m:,.0f}", "minutes": f"{route.minutes:.1f}"}
            pace = text(f"cli.pace-{self.mode}", lang, speed=f"{self.speed_kmh:g}")
            yield text("explain.route", lang, place=place, service=name, facility=goal, pace=pace, **figures)
            walks = {"access": f"{route.access_m:,.0f}", "egress": f"{route.egress_m:,.0f}"}
            yield text("explain.streets", lang, streets=self._streets(lang) or "-", **walks)
            if not np.isnan(self.climb_m):
                yield text("explain.climb", lang, up=f"{self.climb_m:,.0f}", down=f"{self.descent_m:,.0f}")
            if route.minutes > self.proven_min:
                yield text("explain.unproven", lang, minutes=f"{self.proven_min:.0f}")
        for edge in self.refused[:_MOST_REFUSED]:
            said = {
                "edge": edge.edge,
                "name": edge.name or edge.highway or "-",
                "metres": f"{edge.away_m:.0f}",
            }
            yield text(f"explain.refused-{edge.reason}", lang, **said)
        if len(self.findings) == 0:
            yield text("explain.no-rule", lang, service=name)
        for row in self.findings.itertuples():
            unit = text(f"status.{row.unit}", lang) if has(f"status.{row.unit}") else row.unit
            said = {"title": row.title[lang], "rule": row.rule, "unit": unit}
            said |= {"status": text(f"status.{row.status}", lang), "value": _figure(row.value, 1)}
            said |= {"deficit": _figure(row.deficit), "people": _figure(row.population_short)}
            yield text("explain.rule-short" if row.status == "short" else "explain.rule", lang, **said)

    def _streets(self, lang: str) -> str:
        """``name length`` of every street, in order."""
        if self.route is None:
            return ""
        return "; ".join(
            f"{row.name or text('explain.unnamed', lang)} {row.length_m:,.0f} m"
            for row in self.route.streets.itertuples(index=False)
        )


def _figure(value: float, digits: int = 0) -> str:
    """A number for people; a dash where it is not known."""
    return "-" if np.isnan(value) else f"{value:,.{digits}f}"


def explain_place(
    prepared: PreparedStudy, state: StudyState, origin: str | tuple[float, float], service: str
) -> RouteExplanation:
    """Explain the walk from a place to its nearest facility of a service.

    Parameters
    ----------
    prepared, state
        The study, and the state of it that is asked about.
    origin
        Code of a community, whose central demand point is taken; or longitude and latitude (WGS 84).
    service
        A service of the catalogue.

    Raises
    ------
    InputError
        A code, service or place that the study does not know.
    """
    if service not in catalogue():
        values = {"found": service, "nearest": nearest(service, catalogue())}
        raise InputError(Fault("unknown-service", field="service", values=values))
    inputs, network, assumptions = state.inputs, state.network, prepared.study.assumptions
    od = state.od
    if service not in od.services:
        od = od_points(network, inputs, [service], max_snap_m=assumptions.max_snap_m)
    point, here = _start(prepared, state, origin)
    place = shapely.get_coordinates(gpd.GeoSeries([point], crs=inputs.crs).to_crs(network.crs).to_numpy())[0]
    walked = assumptions.mode == "walk"
    speed = assumptions.walk_speed_kmh if walked else network.speed_kmh
    try:
        route = explain(network, here, od.destinations, service=service, speed_kmh=speed if walked else None)
    except InputError as error:
        if [fault.key for fault in error.faults] != ["travel-unreached"]:
            raise
        route = None
    unit = _unit_at(inputs.communities, point) if isinstance(origin, tuple) else origin
    names = inputs.communities.set_index("code")["name"]
    line, facility_name = None, ""
    if route is not None:
        ends = _ends(prepared, od, point, route, service)
        line = shapely.LineString([ends[0], *route.geometry.coords, ends[1]])
        rows = inputs.facilities[inputs.facilities["facility"] == route.facility]
        facility_name = str(rows["name"].iloc[0] or "") if len(rows) else ""
    up, down = _climb(prepared, line)
    proven = prepared.proven_min(network, gpd.GeoSeries([point], crs=inputs.crs))
    return RouteExplanation(
        origin=origin if isinstance(origin, str) else f"{origin[0]:g},{origin[1]:g}",
        service=service,
        service_name=service_names()[service],
        unit=unit,
        unit_name=str(names.get(unit, "") or ""),
        route=route,
        facility_name=facility_name,
        offered=service in od.destinations.services,
        snap_status=SNAP_STATUS[int(here.status[0])],
        speed_kmh=speed,
        mode=assumptions.mode,
        climb_m=up,
        descent_m=down,
        refused=tuple(refused_edges(network, (float(place[0]), float(place[1])), here)),
        proven_min=float(proven[0]) * network.speed_kmh / speed,
        findings=_findings(prepared.plans, state, unit, service),
        geometry=line,
    )


def _start(
    prepared: PreparedStudy, state: StudyState, origin: str | tuple[float, float]
) -> tuple[shapely.Point, Snaps]:
    """The place asked about in the study's system, and how it joined the streets."""
    inputs = state.inputs
    if isinstance(origin, str):
        rows = central_points(inputs, state.od.demand.reached)
        if origin not in set(inputs.demand["community"].iloc[rows]):
            rows = central_points(inputs, np.ones(len(inputs.demand), bool))
        codes = inputs.demand["community"].iloc[rows].tolist()
        if origin not in codes:
            known = sorted(set(inputs.communities["code"]))
            near = difflib.get_close_matches(origin, known, n=3, cutoff=0.5) or [preview(known)]
            values = {"found": origin, "nearest": ", ".join(near)}
            raise InputError(Fault("explain-unknown-code", field="--from", values=values))
        row = rows[codes.index(origin)]
        return inputs.demand.geometry.iloc[row], state.od.demand.take(np.array([row]))
    given = gpd.GeoSeries([shapely.Point(origin)], crs=WGS84)
    point = given.to_crs(inputs.crs).iloc[0]
    outline = inputs.boundary.geometry.iloc[0]
    if not (np.isfinite(point.x) and outline.distance(point) <= prepared.reach_m):
        values = {"found": f"{origin[0]:g},{origin[1]:g}", "reach": f"{prepared.reach_m / 1000:g}"}
        raise InputError(Fault("explain-outside", field="--from", values=values))
    snaps = state.network.snap(given, max_snap_m=prepared.study.assumptions.max_snap_m)
    return point, snaps


def _unit_at(communities: gpd.GeoDataFrame, point: shapely.Point) -> str:
    """Code of the community that a place lies in; the smaller one on a border, blank outside all."""
    codes = communities.loc[communities.intersects(point), "code"]
    return str(min(codes)) if len(codes) else ""


def _ends(
    prepared: PreparedStudy, od: Any, point: shapely.Point, route: Explanation, service: str
) -> list[tuple[float, float]]:
    """Longitude and latitude of the place itself, and of the entrance that the way leads to."""
    crs = prepared.inputs.crs
    mine = (od.facility == route.facility) & (od.service == service)
    entries = od.places[mine].to_crs(WGS84).to_numpy()
    last = shapely.Point(route.geometry.coords[-1])
    entrance = entries[int(np.argmin(shapely.distance(entries, last)))]
    start = gpd.GeoSeries([point], crs=crs).to_crs(WGS84).iloc[0]
    return [(start.x, start.y), (entrance.x, entrance.y)]


def _climb(prepared: PreparedStudy, line: shapely.LineString | None) -> tuple[float, float]:
    """Metres up and down along a way in WGS 84, between its vertices; NaN without heights."""
    elevation = prepared.study.streets.elevation
    if elevation is None or line is None:
        return np.nan, np.nan
    lon, lat = np.array(line.coords).T[:2]
    steps = np.diff(node_heights(elevation, lon, lat))
    return float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())


def _findings(plans: Sequence[Plan], state: StudyState, unit: str, service: str) -> pd.DataFrame:
    """What the rules about a service find in a unit: rows of the service, and verdicts over several."""
    rules = {
        (plan.id, rule.id): rule for plan in plans for rule in plan.rules if service in rule.all_services
    }
    findings = state.judgements.findings
    mine = findings[(findings["code"] == unit) & findings["service"].isin([service, ""])]
    keys = list(zip(mine["plan"], mine["rule"], strict=True))
    mine = mine[[key in rules for key in keys]]
    titles = [rules[key].title for key in keys if key in rules]
    return mine.assign(title=titles)
