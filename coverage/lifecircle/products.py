"""What a run makes beside its findings: areas, catchments, rasters, remarks on how points joined."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from lifecircle.assessment import sensitivity
from lifecircle.network import (
    Journeys,
    Network,
    central_points,
    competing_catchments,
    grid_points,
    minutes_rasters,
    nearest_facilities,
    service_areas,
)
from lifecircle.plans import Adjacency, Plan
from lifecircle.services import catalogue
from lifecircle.study import Assumptions
from lifecircle.tables import CATCHMENTS, QUALITY, Inputs, Raster, TravelTimes

__all__ = [
    "about",
    "minute_rasters",
    "neighbours",
    "no_proposals",
    "sensitivity_of",
    "service_isochrones",
    "service_names",
    "with_catchment_areas",
    "with_snap_remarks",
    "with_tiers",
]

BANDS_MIN = (5.0, 10.0, 15.0)
"""Minutes of the service areas drawn on the map."""

CATCHMENT_GRID_M = 20.0
"""Grid on which catchments of a whole city are drawn: they tile on any grid."""


def with_snap_remarks(inputs: Inputs, walks: Journeys) -> Inputs:
    """The inputs, their remarks grown by every point that did not simply join the nearest street."""
    table = walks.frame()
    people = dict(zip(inputs.demand["demand"].astype(str), inputs.demand["residents"], strict=True))
    odd = table[table["status"] != "ok"]
    places = {
        "demand": inputs.demand.set_index(inputs.demand["demand"].astype(str)).geometry,
        "facility": inputs.entries.drop_duplicates("facility").set_index("facility").geometry,
    }
    rows = []
    for row in odd.itertuples():
        place = places[row.kind].get(row.id)
        rows.append(
            {
                "subject": "snapping",
                "item": f"{row.kind} {row.id}",
                "remark": f"snap-{row.status.replace('_', '-')}",
                "count": people.get(row.id, np.nan) if row.kind == "demand" else np.nan,
                "value": "",
                "severity": "info" if row.status == "moved_off_island" else "warning",
                "x": np.nan if place is None else place.x,
                "y": np.nan if place is None else place.y,
            }
        )
    if not rows:
        return inputs
    grown = pd.concat([inputs.quality, pd.DataFrame(rows)], ignore_index=True)
    return dataclasses.replace(inputs, quality=QUALITY.check(grown))


def neighbours(
    network: Network, inputs: Inputs, plans: Sequence[Plan], assumptions: Assumptions
) -> pd.DataFrame | None:
    """Walks from every facility of an adjacency rule to its nearest partner of each service."""
    rules = [rule for plan in plans for rule in plan.rules if isinstance(rule, Adjacency)]
    if not rules:
        return None
    start = {name for rule in rules for name in rule.services}
    goal = {name for rule in rules for name in rule.partners}
    first = inputs.entries.drop_duplicates("facility").set_index("facility")
    public = inputs.facilities[inputs.facilities["public"]]
    origins = first.loc[first.index.isin(public.loc[public["service"].isin(start), "facility"])]
    partners = public.loc[public["service"].isin(goal), ["facility", "service"]]
    targets = inputs.entries.merge(partners, on="facility").set_index("facility")
    if origins.empty or targets.empty:
        return None
    targets = gpd.GeoDataFrame(targets, geometry="geometry", crs=inputs.crs)
    return nearest_facilities(
        network,
        network.snap(origins, max_snap_m=assumptions.max_snap_m),
        targets,
        max_minutes=None,
        speed_kmh=network.speed_kmh,
    )


def sensitivity_of(
    plans: Sequence[Plan], inputs: Inputs, walks: Journeys, travel: TravelTimes, assumptions: Assumptions
) -> pd.DataFrame:
    """How the verdicts of circles move with the assumptions; central points are those of the life circles."""
    centres = inputs.demand["demand"].iloc[central_points(inputs, walks.demand.reached)]
    return sensitivity(plans, inputs, travel, assumptions, centres=centres.tolist())


def with_tiers(circles: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Circles with the tier of each community's convenience circle."""
    tiers = communities.set_index("code")["tier"]
    return circles.assign(tier=circles["code"].map(tiers).fillna(""))


def service_isochrones(
    network: Network, inputs: Inputs, walks: Journeys, *, jobs: int | None
) -> gpd.GeoDataFrame:
    """From where any facility of a service is reached in 5, 10 and 15 minutes: one area each."""
    areas = service_areas(
        network,
        walks.offer.snaps,
        walks.service,
        BANDS_MIN,
        places=walks.places,
        delay_s=walks.offer.snaps.labels["delay_s"],
        minus=inputs.water if len(inputs.water) else None,
        threads=jobs,
    )
    return areas.rename(columns={"facility": "service"})


def with_catchment_areas(
    catchments: gpd.GeoDataFrame, network: Network, inputs: Inputs, walks: Journeys
) -> gpd.GeoDataFrame:
    """Catchments with their areas, which tile what each service reaches."""
    found = catchments.copy()
    for service in sorted(set(found["service"]) & set(walks.offer.services)):
        rows = np.flatnonzero(walks.service == service)
        areas = competing_catchments(
            network,
            walks.offer.snaps.take(rows),
            walks.facility[rows],
            delay_s=walks.offer.snaps.labels["delay_s"].iloc[rows],
            places=walks.places.iloc[rows],
            grid_m=CATCHMENT_GRID_M,
            minus=inputs.water if len(inputs.water) else None,
        ).set_index("owner")
        own = found["service"] == service
        found.loc[own, "geometry"] = areas.geometry.reindex(found.loc[own, "facility"]).to_numpy()
    return CATCHMENTS.check(found)


def minute_rasters(
    network: Network, inputs: Inputs, walks: Journeys, *, assumptions: Assumptions, jobs: int | None
) -> Mapping[str, Raster]:
    """Minutes to the nearest facility of every service that has one, on one grid over the boundary."""
    if not len(walks.offer.services):
        return {}
    return minutes_rasters(
        network,
        grid_points(inputs.boundary),
        walks.offer.snaps,
        walks.service,
        delay_s=walks.offer.snaps.labels["delay_s"],
        max_snap_m=assumptions.max_snap_m,
        threads=jobs,
    )


def no_proposals(crs: CRS) -> gpd.GeoDataFrame:
    """The layer of proposed sites of a run that proposes none."""
    columns = {
        "proposal": "object",
        "service": "object",
        "rank": "int64",
        "gain": "float64",
        "turned_met": "int64",
        "closes": "object",
    }
    empty = {name: pd.Series([], dtype=kind) for name, kind in columns.items()}
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def service_names() -> Mapping[str, Mapping[str, str]]:
    """Service id to its names."""
    return {name: {"zh": service.zh, "en": service.en} for name, service in catalogue().items()}


def about(plan: Plan, assumptions: Assumptions) -> Mapping[str, object]:
    """What maps and reports say of a plan and its rules."""
    return {
        "id": plan.id,
        "title": plan.title.model_dump(),
        "issued": str(plan.issued),
        "rules": {
            rule.id: {
                "title": rule.title.model_dump(),
                "quote": rule.quote,
                "clause": rule.clause,
                "kind": rule.kind,
                "services": rule.all_services,
                "cutoff_min": _minutes(rule, assumptions),
            }
            for rule in plan.rules
        },
    }


def _minutes(rule: object, assumptions: Assumptions) -> float | None:
    """The minutes of a time circle; None for other kinds."""
    limit = getattr(rule, "minutes", None)
    return float(getattr(assumptions, limit)) if isinstance(limit, str) else limit
