"""What a run measured, judged and found: everything the outputs read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.tables.inputs import Inputs
from lifecircle.tables.monitoring import CHECKLIST, CIRCLE_SHEET, MONITORING, PROBLEMS
from lifecircle.tables.proposals import COVERAGE_CURVE
from lifecircle.tables.scenario import EFFECTS, GAINERS, SCENARIOS
from lifecircle.tables.spec import Column, TableSpec
from lifecircle.tables.summary import HEADLINES, PRIORITIES, SCORECARD, SENSITIVITY, SUMMARY

__all__ = [
    "CATCHMENTS",
    "CIRCLES",
    "COMMUNITY_FIGURES",
    "COMMUNITY_VERDICTS",
    "GAPS",
    "ISOCHRONES",
    "MODES_BESIDE",
    "ROUTES",
    "SCENARIO_SITES",
    "SNAPS",
    "TRAVEL",
    "Raster",
    "Results",
    "TravelTimes",
]

_TOLERANCE_MIN: Final = 1e-6

TRAVEL: Final = TableSpec(
    "travel",
    {
        "origin": Column("object", "id of the origin"),
        "facility": Column("object", "id of the facility reached", nullable=True),
        "service": Column("id", "service it offers"),
        "distance_m": Column("number", "length along the path chosen", "m"),
        "minutes": Column("number", "walking time along it", "min"),
    },
    optional={"reason": Column("text", "why no facility is reached; '' where one is", nullable=True)},
)

CIRCLES: Final = TableSpec(
    "circles",
    {
        "code": Column("id", "code of the community"),
        "name": Column("text", "its name", nullable=True),
        "minutes": Column("number", "minutes of the circle", "min"),
        "reached_km": Column("number", "street length within the circle", "km"),
        "unreached_km": Column("number", "street length inside the polygon that was not reached", "km"),
        "area_km2": Column("number", "area of the polygon", "km2"),
        "residents": Column("number", "residents of the community", "persons", nullable=True),
        "tier": Column("text", "quality | basic | below | '' where not judged", nullable=True),
        "geometry": Column("geometry", "polygon, study CRS", nullable=True),
    },
    key=("code",),
    patterns={"n_<service>": Column("count", "facilities of the service inside the circle")},
)
"""Each community's own life circle."""

CATCHMENTS: Final = TableSpec(
    "catchments",
    {
        "service": Column("id", "service"),
        "facility": Column("id", "id of the facility"),
        "name": Column("text", "its name", nullable=True),
        "residents": Column("number", "residents whose nearest facility it is", "persons", nullable=True),
        "beyond_residents": Column(
            "number", "of them, beyond the time the plan names", "persons", nullable=True
        ),
        "communities": Column("number", "committees most of whose residents it serves", "communities"),
        "geometry": Column("geometry", "polygon or None, study CRS", nullable=True),
    },
    key=("service", "facility"),
)


COMMUNITY_FIGURES: Final = TableSpec(
    "community_figures",
    {
        "code": Column("id", "code of the community"),
        "tier": Column("text", "quality | basic | below | '' where not judged", nullable=True),
    },
    key=("code",),
    patterns={
        "min50_<service>": Column(
            "number", "minutes of the median resident; unknown where unreached", "min", nullable=True
        ),
        "min90_<service>": Column(
            "number",
            "minutes of the resident at the 90th percentile; unknown where unreached",
            "min",
            nullable=True,
        ),
        "unreached_<service>": Column("number", "residents that reach none", "share", nullable=True),
        "share_<service>": Column(
            "number", "residents within the minutes of a life circle", "share", nullable=True
        ),
        "dwellings_<service>": Column(
            "number", "dwellings within the minutes of a life circle", "share", nullable=True
        ),
    },
)
COMMUNITY_VERDICTS: Final = TableSpec(
    "community_verdicts",
    {
        "code": Column("id", "code of the community"),
        "rules_short": Column("number", "rules under which it is short", nullable=True),
    },
    key=("code",),
    patterns={
        "status_<rule>": Column(
            "text",
            "met | short | short-provisional | no-data | not-applicable | report-only | context; "
            "the plan's id stands before the rule's where two plans share that",
            nullable=True,
        ),
        "deficit_<rule>": Column("number", "what is missing, in the rule's own unit", nullable=True),
    },
)
"""What a GeoPackage's layer ``communities`` says of every rule, beside `COMMUNITY_FIGURES`."""
"""What a run measures for every community, beside the columns of `COMMUNITIES`."""

GAPS: Final = TableSpec(
    "gaps",
    {
        "demand": Column("count", "id of the demand point"),
        "community": Column("id", "code of its community"),
        "service": Column("id", "service that is out of reach"),
        "minutes": Column(
            "number", "walking time to the nearest; unknown where unreached", "min", nullable=True
        ),
        "residents": Column("number", "people of the demand point", "persons", nullable=True),
        "geometry": Column("geometry", "point, study CRS"),
    },
    key=("demand", "service"),
    optional={
        "weight": Column("number", "stands in for residents where they are unknown", nullable=True),
        "reason": Column(
            "text",
            "beyond-limit | beyond-proof | no-facility | why the point joined no street",
            nullable=True,
        ),
    },
)
"""People whom a service does not reach in the time that a rule gives."""

ISOCHRONES: Final = TableSpec(
    "isochrones",
    {
        "service": Column("id", "service"),
        "minutes": Column("number", "walking time; the bands of one service nest", "min"),
        "reached_m": Column("number", "street length reached", "m"),
        "unreached_m": Column("number", "street length inside the polygon that was not reached", "m"),
        "area_m2": Column("number", "area of the polygon", "m2"),
        "geometry": Column("geometry", "polygon, study CRS", nullable=True),
    },
    key=("service", "minutes"),
)
"""Service areas of all facilities of a service."""

MODES_BESIDE: Final = TableSpec(
    "modes",
    {
        "mode": Column("id", "walk | bike | drive"),
        "speed_kmh": Column(
            "number", "its speed; unknown where streets have their own", "km/h", nullable=True
        ),
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "level": Column("id", "level of the unit"),
        "code": Column("text", "code of the unit; blank for the study", nullable=True),
        "name": Column("text", "its name", nullable=True),
        "service": Column("text", "service; blank for the verdict over several", nullable=True),
        "value": Column("number", "what was measured, in unit", nullable=True),
        "unit": Column("text", "unit of value", nullable=True),
        "status": Column("id", "met | short | no-data | not-applicable | report-only | context"),
        "certainty": Column("text", "firm | assumed | provisional", nullable=True),
        "deficit": Column("number", "what is missing, in deficit_unit", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "population_short": Column("number", "residents beyond the limit", "persons", nullable=True),
    },
    key=("mode", "plan", "rule", "level", "code", "service"),
)
"""What circles find in each of several modes of one study."""

ROUTES: Final = TableSpec(
    "routes",
    {
        "code": Column("id", "code of a community that falls short of a circle"),
        "service": Column("id", "service that it lacks"),
        "facility": Column("id", "id of the facility nearest to its central demand point"),
        "distance_m": Column("number", "length of the way there", "m"),
        "minutes": Column("number", "time along it", "min"),
        "geometry": Column("geometry", "line from the demand point to the entrance, study CRS"),
    },
    key=("code", "service"),
)
"""Ways to the nearest facility of what communities lack."""

SCENARIO_SITES: Final = TableSpec(
    "scenario_sites",
    {
        "scenario": Column("id", "name of the scenario"),
        "change": Column("id", "added | closed | moved | street-opened | street-closed"),
        "id": Column("text", "id of the facility", nullable=True),
        "service": Column("text", "services it offers, side by side", nullable=True),
        "name": Column("text", "its name", nullable=True),
        "geometry": Column(
            "geometry", "point of a facility, line or polygon of a street, study CRS", nullable=True
        ),
    },
)
"""What scenarios change on the ground."""

SNAPS: Final = TableSpec(
    "snaps",
    {
        "kind": Column("id", "demand | facility"),
        "id": Column("id", "id of the demand point or facility"),
        "status": Column("id", "how it joined the streets, or why it did not"),
        "snap_distance_m": Column(
            "number", "straight walk to the street; unknown where it joins none", "m", nullable=True
        ),
        "x": Column("number", "easting of the point, study CRS", "m"),
        "y": Column("number", "northing of the point, study CRS", "m"),
    },
)
"""How each demand point and entry joined the streets."""


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
    """

    distance_m: pd.DataFrame
    facility: pd.DataFrame
    minutes: pd.DataFrame
    speed_kmh: float
    proven_min: pd.Series | None = None
    profiles: Mapping[str, TravelTimes] = field(default_factory=dict)

    def minutes_at(self, speed_kmh: float) -> pd.DataFrame:
        """Minutes at another speed: time is inversely proportional to it, also on slopes."""
        return self.minutes * (self.speed_kmh / speed_kmh)

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
    title {zh, en}, quote, clause, kind, services and cutoff_min."""
    services: Mapping[str, Mapping[str, str]]
    """Service id to {zh, en} name."""
    assumptions: Mapping[str, object]
    settings: Mapping[str, object]
    """The study as run: for the manifest."""
    timings: Mapping[str, float]
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


@dataclass(frozen=True)
class Raster:
    """Minutes on a grid whose origin does not move with the study.

    Attributes
    ----------
    values : float32, rows × columns from the north-west, NaN where nothing is reached
    west, north, cell_m : edge of the first cell and cell size, metres in `crs`
    crs : EPSG code of a UTM zone, as ``EPSG:32649``
    """

    values: NDArray[np.float32]
    west: float
    north: float
    cell_m: float
    crs: str
