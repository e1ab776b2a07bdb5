"""What the page is told of a scenario: first who comes into reach, then every verdict and total."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.analysis.costs import scenario_cost
from lifecircle.analysis.results import Run
from lifecircle.analysis.session import Assessed, Routed, Session
from lifecircle.assessment import CountedFindings, cutoff_minutes
from lifecircle.errors import NetworkError
from lifecircle.measures import at_most, minutes_of_communities
from lifecircle.network import SNAP_STATUS, Network, isochrones
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.gap_map import LiveMap
from lifecircle.outputs.web_map.geometry import pack_shapes, rounded
from lifecircle.outputs.web_map.spots import facility_seats
from lifecircle.study.scenarios import DrawnStreet, MovedFacility, PlacedFacility, ScenarioChange
from lifecircle.tables import SUMMARY, WGS84, TravelTimes, share_weights

Circles: TypeAlias = Mapping[str, Mapping[str, object]]
"""Circles as the page is told of them, by facility."""

__all__ = ["Answers", "Circles", "Remark"]

_FIGURES: Final = {"p50": ("median_min", 2), "p90": ("p90_min", 1), "unreached": ("unreached_share", 3)}
"""As the page holds minutes: key, column of `minutes_of_communities`, decimals."""


@dataclass(frozen=True)
class Remark:
    """Something the page says beside the figures: a message of the catalogue and its values."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def to_page(self) -> dict[str, object]:
        """As the page is told."""
        return {"key": self.key, "values": {name: str(value) for name, value in self.values.items()}}


class Answers:
    """What the page knows of one study, and what it is told of scenarios.

    Attributes
    ----------
    session : the study
    page : data of the page
    """

    def __init__(self, session: Session, run: Run) -> None:
        self.session = session
        self._run = run
        self._map = LiveMap(run, lang=session.study.study.language)
        self.page = self._map.data
        seats = facility_seats(run)
        self._facility_at = dict(
            zip(zip(seats["service"], seats["row"], strict=True), seats["facility"], strict=True)
        )
        self.facilities = run.inputs.facility_ids
        single = run.inputs.facilities.drop_duplicates("facility")
        self._service_of = dict(zip(single["facility"], single["service"], strict=True))
        self._before = session.baseline.travel
        self._counts = CountedFindings(run.findings, run.inputs)
        self._people = share_weights(run.inputs.demand).to_numpy(dtype=np.float64)
        inside = run.inputs.demand["inside"].to_numpy(dtype=bool)
        self._counted = np.where(inside, self._people, 0.0)
        demand = pd.DataFrame({"community": run.inputs.demand["community"], "people": self._people})
        self._demand = demand.set_index(run.inputs.demand["demand"])
        self._community = pd.Index(self._map.codes).get_indexer(run.inputs.demand["community"])

    @property
    def results(self) -> Run:
        """The study as it is, as the page shows it."""
        return self._run

    def limits(self) -> dict[str, float]:
        """Minutes that count as in reach, by service."""
        return {name: self.limit_min(name) for name in sorted(self.judged_services)}

    def facility_at(self, service: str, row: int) -> str | None:
        """Id of the facility that the page draws as one of a service; None where it draws none."""
        return self._facility_at.get((service, row))

    @cached_property
    def judged_services(self) -> frozenset[str]:
        """Services that a rule of the plans is about."""
        return frozenset(
            name
            for plan in self._run.plans
            for rule in plan["rules"].values()
            for name in rule.get("services", ())
        )

    def limit_min(self, service: str) -> float:
        """Minutes that count as in reach: the shortest time circle about a service, else the study's."""
        study = self.session.study
        return float(cutoff_minutes(service, self.session.prepared.plans, study.assumptions))

    def circles_ahead(self, change: ScenarioChange, places: Sequence[str]) -> Circles | None:
        """Circles of the facilities touched last, which need no walks; None where streets change.

        Parameters
        ----------
        change
            The scenario as the page keeps it.
        places
            Ids of the facilities touched last.
        """
        if change.open_streets or change.close_streets:
            return None
        placed: dict[str, PlacedFacility | MovedFacility] = {}
        for part in (change.add, change.move):
            placed |= {one.facility: one for one in (part if isinstance(part, tuple) else ())}
        try:
            return {name: self._circle_ahead(name, placed.get(name)) for name in places}
        except NetworkError:  # a place that the walks will refuse, and say why
            return None

    def _circle_ahead(
        self, facility: str, placed: PlacedFacility | MovedFacility | None
    ) -> dict[str, object]:
        """The circle of a facility, where it is placed or as things are, on the streets as they are."""
        baseline = self.session.baseline
        if placed is None:
            rows, entries = (
                table[table["facility"] == facility]
                for table in (baseline.inputs.facilities, baseline.inputs.entries)
            )
            return self._circle(baseline.network, rows, entries, facility)
        own = placed.service if isinstance(placed, PlacedFacility) else ""
        service = own or self._service_of[facility]
        told = self.circle_around(placed.lon, placed.lat, service)
        return {"facility": facility, "service": service, **told}

    def first(
        self,
        routed: Routed,
        change: ScenarioChange,
        places: Sequence[str],
        circles: Circles | None = None,
    ) -> dict[str, object]:
        """Who comes into reach of the services that change, and the circle of what was touched last.

        Parameters
        ----------
        routed
            The scenario's walks.
        change
            The scenario as the page keeps it.
        places
            Ids of the facilities touched last.
        circles
            From `circles_ahead`; else they are drawn now.
        """
        state = routed.state
        if circles is None:
            circles = {name: self._circle(state.network, *state.places(name), name) for name in places}
        services = sorted(set(state.services) & set(self._before.minutes.columns))
        return {
            "services": {name: self._reach(state.travel, name) for name in services},
            "circles": [circles[name] for name in places],
            "remarks": [one.to_page() for one in self._remarks(routed, change, places)],
        }

    def full(self, assessed: Assessed) -> dict[str, object]:
        """Every verdict that changes, totals, and who gains."""
        effects = assessed.effects
        summary = SUMMARY.empty()
        if len(effects):
            summary = self._counts.under(effects)
        told = self._map.under(
            dataclasses.replace(
                self._run,
                effects=effects,
                scenarios=assessed.summary,
                scenario_sites=assessed.sites,
                summary=summary,
            )
        )
        services = sorted(set(assessed.state.services) & set(self._before.minutes.columns))
        return {
            **told,
            "cost": self._cost(assessed),
            "minutes": {name: self._minutes(assessed.travel, name) for name in services},
            "gainers": [
                {
                    name: value if isinstance(value, str) else rounded([value])[0]
                    for name, value in row.items()
                }
                for row in assessed.gainers.to_dict("records")
            ],
            "changed": len(effects),
        }

    def _cost(self, assessed: Assessed) -> dict[str, object] | None:
        """What the scenario costs, altogether and for each newly reached person; None without costs."""
        costs = self.session.study.costs
        if not costs.facilities and costs.street_m is None:
            return None
        row = assessed.summary.iloc[0]
        told = scenario_cost(costs, assessed.sites, opened_m=float(row["streets_opened_m"]))
        figures = {name: rounded([row[name]])[0] for name in ("cost", "people_reached", "cost_per_person")}
        return {**figures, "unknown": list(told.unknown), "currency": costs.currency}

    def _reach(self, travel: TravelTimes, service: str) -> dict[str, object]:
        """People in reach of a service before and after, and the communities where more or fewer are."""
        limit = self.limit_min(service)
        was = at_most(self._before.minutes[service].to_numpy(), limit)
        now = at_most(travel.minutes[service].to_numpy(), limit)
        # only points that come into reach or leave it count; those beyond the communities drawn do not
        rows = np.flatnonzero((was != now) & (self._community >= 0))
        shift = np.where(now[rows], self._people[rows], -self._people[rows])
        moved = np.bincount(self._community[rows], weights=shift, minlength=len(self._map.codes))
        known = self._run.inputs.people_known
        return {
            "limit": limit,
            "before": round(float(self._counted[was].sum())) if known else None,
            "after": round(float(self._counted[now].sum())) if known else None,
            "more": np.flatnonzero(moved > 0).tolist(),
            "fewer": np.flatnonzero(moved < 0).tolist(),
        }

    def _minutes(self, travel: TravelTimes, service: str) -> dict[str, object]:
        """Minutes of every community to a service, as the page holds them."""
        minutes = travel.proven(travel.minutes[[service]], speed_kmh=travel.speed_kmh)[service]
        table = minutes_of_communities(self._demand, minutes, weight="people").reindex(self._map.codes)
        return {
            name: [None if value is None else round(value, digits) for value in rounded(table[column])]
            for name, (column, digits) in _FIGURES.items()
        }

    def circle(self, network: Network, places: gpd.GeoSeries, minutes: float) -> str:
        """The area within some minutes of a place, packed as the page reads it."""
        areas = isochrones(network, places, [minutes], max_snap_m=self._max_snap_m, threads=1)
        return pack_shapes(areas.geometry, self._map.origin)[0]

    def circle_around(self, lon: float, lat: float, service: str) -> dict[str, object]:
        """The circle that a facility of a service would have at a place, on the streets as they are."""
        places = gpd.GeoSeries([shapely.Point(lon, lat)], crs=WGS84).to_crs(self._run.inputs.crs)
        minutes = self.limit_min(service)
        return {"minutes": minutes, "shape": self.circle(self.session.baseline.network, places, minutes)}

    @property
    def _max_snap_m(self) -> float:
        """Farthest walk to a street."""
        return float(self.session.study.assumptions.max_snap_m)

    def _circle(
        self, network: Network, rows: gpd.GeoDataFrame, entries: gpd.GeoDataFrame, facility: str
    ) -> dict[str, object]:
        """The circle of a facility of the scenario; without a shape where it is gone."""
        if rows.empty:
            return {"facility": facility, "shape": ""}
        service = str(rows["service"].iloc[0])
        minutes = self.limit_min(service)
        shape = self.circle(network, entries.geometry.head(1), minutes) if len(entries) else ""
        return {"facility": facility, "service": service, "minutes": minutes, "shape": shape}

    def _remarks(self, routed: Routed, change: ScenarioChange, places: Sequence[str]) -> list[Remark]:
        """What one should know of a change that can be made and does not do what it seems to."""
        network = routed.state.network
        remarks: list[Remark] = []
        offered: set[str] = set()
        for place in places:
            rows, entries = routed.state.places(place)
            offered |= set(rows["service"])
            joined = partial(network.snap, max_snap_m=self._max_snap_m, anywhere=True)
            snaps = joined(entries.geometry) if len(entries) else None
            for status in () if snaps is None else snaps.status:
                said = SNAP_STATUS[status]
                if said != "ok":
                    remarks.append(Remark(f"live.remark.{said.replace('_', '-')}", self._named(rows)))
        idle = sorted(offered - self.judged_services)
        remarks += [Remark("live.remark.no-rule", {"service": service}) for service in idle]
        walls = self._crossed(change.open_streets)
        if walls:
            remarks.append(Remark("live.remark.through-wall", {"n": walls}))
        return remarks

    @staticmethod
    def _named(rows: gpd.GeoDataFrame) -> dict[str, object]:
        """A facility by its name, where it has one, and by its service."""
        name = display_name(next((name for name in rows["name"] if name), ""))
        return {"name": name, "service": rows["service"].iloc[0]}

    def _crossed(self, drawn: object) -> int:
        """How many lines of new streets go through a wall, water or railway."""
        lines = [
            shapely.LineString(one.line)
            for one in (drawn if isinstance(drawn, tuple) else ())
            if isinstance(one, DrawnStreet)
        ]
        if not lines:
            return 0
        line, _ = self._walls.query(np.array(lines, dtype=object), predicate="intersects")
        return len(np.unique(line))

    @cached_property
    def _walls(self) -> shapely.STRtree:
        """What no straight walk passes, in degrees."""
        pieces: NDArray[np.float64] = np.asarray(self._run.inputs.streets.barriers).reshape(-1, 2, 2)
        water = self._run.inputs.water.to_crs(WGS84).geometry.to_numpy()
        return shapely.STRtree(np.concatenate([shapely.linestrings(pieces), water]))
