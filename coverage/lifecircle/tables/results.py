"""What a run measured, judged and found: everything the outputs read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.content_store import Reused
from lifecircle.tables.findings import rows_by_rule, verdict_rows
from lifecircle.tables.inputs import Inputs
from lifecircle.tables.measured import MODES_BESIDE
from lifecircle.tables.monitoring import CHECKLIST, CIRCLE_SHEET, MONITORING, PROBLEMS
from lifecircle.tables.proposals import COVERAGE_CURVE
from lifecircle.tables.rasters import Raster
from lifecircle.tables.scenario import EFFECTS, GAINERS, SCENARIOS
from lifecircle.tables.summary import HEADLINES, PRIORITIES, SCORECARD, SENSITIVITY, SUMMARY

__all__ = ["Results", "TravelTimes"]

_TOLERANCE_MIN: Final = 1e-6
_LEAST_DELAY_MIN: Final = 1e-3


@dataclass(frozen=True)
class TravelTimes:
    """Distance of every demand point to the nearest facility of every service.

    Attributes
    ----------
    distance_m : DataFrame, demand id × service, float64, ``inf`` where none can be reached
    facility : DataFrame, demand id × service, id of that facility, ``""`` where none
    minutes : DataFrame, demand id × service, minutes at `speed_kmh`, ``inf`` where none can be reached
    speed_kmh : the speed `minutes` were measured at
    proven_min : Series by demand id, minutes at `speed_kmh` up to which the data that were read prove that
        there is no nearer facility or way; None where everything is proven
    profiles : walks of groups (``elderly``, ``wheelchair`` …), each at its own speed
    shortest_m : DataFrame, demand id × those services that a rule limits in metres: distance to the facility
        nearest in metres, which need not be the one nearest in minutes; None where no rule does
    one_speed : streets are walked at `speed_kmh` everywhere: what `minutes` hold beside the walk was lost
        at the entrance
    at_speeds : where time is lost at entrances, minutes as `minutes` for other speeds: nobody waits longer
        for walking slowly, so that another facility may be the nearest
    """

    distance_m: pd.DataFrame
    facility: pd.DataFrame
    minutes: pd.DataFrame
    speed_kmh: float
    proven_min: pd.Series | None = None
    profiles: Mapping[str, TravelTimes] = field(default_factory=dict)
    one_speed: bool = False
    shortest_m: pd.DataFrame | None = None
    at_speeds: Mapping[float, pd.DataFrame] = field(default_factory=dict)

    def __repr__(self) -> str:
        """One line: how many demand points and services, at which speed."""
        size = f"demand={len(self.minutes)} services={self.minutes.shape[1]}"
        return f"<{type(self).__name__} {size} speed_kmh={self.speed_kmh:g}>"

    @cached_property
    def nearest_m(self) -> pd.DataFrame:
        """Distance that a limit in metres is about, demand id × service.

        That to the facility nearest in metres where it was asked for, else `distance_m`.
        """
        if self.shortest_m is None or self.shortest_m.empty:
            return self.distance_m
        return self.distance_m.assign(**{str(name): column for name, column in self.shortest_m.items()})

    def minutes_at(self, speed_kmh: float) -> pd.DataFrame:
        """Minutes at another speed: time is inversely proportional to it, also on slopes.

        Time lost at an entrance is the same at any speed: for those of `at_speeds` that was routed. At any
        other the facility stays the same; where streets are not walked at one speed, the time lost is not
        told apart.
        """
        if speed_kmh in self.at_speeds:
            return self.at_speeds[speed_kmh]
        ratio = self.speed_kmh / speed_kmh
        minutes = self.minutes * ratio
        if not self.one_speed or ratio == 1:
            return minutes
        # minutes = metres x 60 / (1000 x km/h), and the delay; where nothing is reached it is no number
        walked = self.distance_m * (0.06 / self.speed_kmh)
        delay = self.minutes.sub(walked).where(np.isfinite(self.distance_m), 0.0)
        return minutes.where(delay < _LEAST_DELAY_MIN, walked * ratio + delay)

    def proven(self, minutes: pd.DataFrame, *, speed_kmh: float) -> pd.DataFrame:
        """Minutes as they may be published: ``inf`` beyond what the data prove.

        Parameters
        ----------
        minutes
            Minutes at `speed_kmh`, indexed by demand id.
        speed_kmh
            Their speed.
        """
        if self.proven_min is None:
            return minutes
        limit = self.proven_min.reindex(minutes.index) * (self.speed_kmh / speed_kmh) + _TOLERANCE_MIN
        return minutes.where(minutes.le(limit, axis=0), np.inf)

    def of_demand(self, demand: pd.Series | NDArray[np.generic]) -> TravelTimes:
        """The walks of some demand points, in their order.

        Parameters
        ----------
        demand
            Ids of the points.
        """
        return dataclasses.replace(
            self,
            distance_m=self.distance_m.loc[demand],
            facility=self.facility.loc[demand],
            minutes=self.minutes.loc[demand],
            proven_min=None if self.proven_min is None else self.proven_min.loc[demand],
            shortest_m=None if self.shortest_m is None else self.shortest_m.loc[demand],
            at_speeds={speed: minutes.loc[demand] for speed, minutes in self.at_speeds.items()},
            profiles={name: walks.of_demand(demand) for name, walks in self.profiles.items()},
        )

    @property
    def unproven(self) -> pd.DataFrame:
        """Which minutes are known but not proven, demand id × service."""
        blank = np.isinf(self.proven(self.minutes, speed_kmh=self.speed_kmh))
        return blank & np.isfinite(self.minutes)


@dataclass(frozen=True)
class Results:
    """One finished study: every table of it. It writes nothing; `analysis` hands it to `outputs`."""

    inputs: Inputs
    travel: TravelTimes
    snaps: pd.DataFrame
    """As `tables.SNAPS`."""
    findings: pd.DataFrame
    communities: gpd.GeoDataFrame
    """`Inputs.communities` with the figures of `tables.COMMUNITY_FIGURES`."""
    circles: gpd.GeoDataFrame
    isochrones: gpd.GeoDataFrame
    """As `tables.ISOCHRONES`."""
    catchments: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    """As `tables.GAPS`."""
    proposals: gpd.GeoDataFrame
    """As `tables.PROPOSALS`; no rows where none were made."""
    rasters: Mapping[str, Raster]
    plans: tuple[Mapping[str, Any], ...]
    """What outputs say of each plan: id, title {zh, en}, issued, and rules: a mapping of rule id to
    title {zh, en}, quote, clause, clause_words {zh, en}, kind, services, cutoff_min and cutoff_m."""
    services: Mapping[str, Mapping[str, str]]
    """Service id to {zh, en} name."""
    assumptions: Mapping[str, object]
    settings: Mapping[str, object]
    """The study as run: for the manifest."""
    timings: Mapping[str, float]
    reused: Mapping[str, Reused] = field(default_factory=dict, kw_only=True)
    """By stage, what was taken from the store of earlier runs; blank where nothing is kept."""
    scorecard: pd.DataFrame = field(default_factory=SCORECARD.empty, kw_only=True)
    """As `tables.SCORECARD`."""
    priorities: pd.DataFrame = field(default_factory=PRIORITIES.empty, kw_only=True)
    """As `tables.PRIORITIES`."""
    sensitivity: pd.DataFrame = field(default_factory=SENSITIVITY.empty, kw_only=True)
    """As `tables.SENSITIVITY`."""
    summary: pd.DataFrame = field(default_factory=SUMMARY.empty, kw_only=True)
    """As `tables.SUMMARY`: what every output counts by."""
    headlines: pd.DataFrame = field(default_factory=HEADLINES.empty, kw_only=True)
    """As `tables.HEADLINES`: the targets a reader sees first."""
    scenarios: pd.DataFrame = field(default_factory=SCENARIOS.empty, kw_only=True)
    """As `tables.SCENARIOS`: what was assessed beside the present state."""
    coverage_curve: pd.DataFrame = field(default_factory=COVERAGE_CURVE.empty, kw_only=True)
    """As `tables.COVERAGE_CURVE`: people in reach against the number of proposed sites."""
    effects: pd.DataFrame = field(default_factory=EFFECTS.empty, kw_only=True)
    """As `tables.EFFECTS`: what those scenarios change."""
    gainers: pd.DataFrame = field(default_factory=GAINERS.empty, kw_only=True)
    """As `tables.GAINERS`: who gains under them."""
    monitoring: pd.DataFrame = field(default_factory=MONITORING.empty, kw_only=True)
    """As `tables.MONITORING`: each provision as the yearly monitoring asks for it."""
    problems: pd.DataFrame = field(default_factory=PROBLEMS.empty, kw_only=True)
    """As `tables.PROBLEMS`: every binding shortfall of a place, and what would mend it."""
    checklist: pd.DataFrame = field(default_factory=CHECKLIST.empty, kw_only=True)
    """As `tables.CHECKLIST`: complete communities, item by item."""
    circle_sheet: pd.DataFrame = field(default_factory=CIRCLE_SHEET.empty, kw_only=True)
    """As `tables.CIRCLE_SHEET`: what stands in each convenience circle."""
    scenario_sites: gpd.GeoDataFrame | None = field(default=None, kw_only=True)
    """As `tables.SCENARIO_SITES`; None where there are no scenarios."""
    routes: gpd.GeoDataFrame | None = field(default=None, kw_only=True)
    """As `tables.ROUTES`; None where none were traced."""
    modes: pd.DataFrame = field(default_factory=MODES_BESIDE.empty, kw_only=True)
    """As `tables.MODES_BESIDE`; no rows where the study has one mode."""
    mode_effects: pd.DataFrame = field(default_factory=EFFECTS.empty, kw_only=True)
    """As `tables.EFFECTS`: findings of circles that are others in a further mode, which `scenario` names."""
    mode_summary: pd.DataFrame = field(default_factory=SUMMARY.empty, kw_only=True)
    """As `tables.SUMMARY`: what is counted in each further mode, which `scenario` names."""
    mode_communities: Mapping[str, pd.DataFrame] = field(default_factory=dict, kw_only=True)
    """By further mode, the figures of `tables.COMMUNITY_FIGURES` that its residents have at its speed."""
    mode_travel: Mapping[str, TravelTimes] = field(default_factory=dict, kw_only=True)
    """By further mode, from everybody to the nearest facility of every service."""

    @cached_property
    def verdicts_by_rule(self) -> Mapping[tuple[str, str], pd.DataFrame]:
        """The one finding that says how each unit stands, by plan and rule, as `rows_by_rule`."""
        return rows_by_rule(verdict_rows(self.findings))

    @cached_property
    def short_by_rule(self) -> Mapping[tuple[str, str], pd.DataFrame]:
        """Every finding that is short, of single services too, by plan and rule, as `rows_by_rule`."""
        return rows_by_rule(self.findings[self.findings["status"] == "short"])

    @property
    def rules_without_data(self) -> tuple[int, int]:
        """How many rules nobody could judge because their data are missing, and how many rules there are."""
        plans = self.scorecard[self.scorecard["subject"] == "plan"]
        return int(plans["no_data"].sum()), sum(len(plan["rules"]) for plan in self.plans)
