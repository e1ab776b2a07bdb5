"""Demand points: where people live, so that every person of the source is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import Fault, InputError
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.fabric import require_habitable
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.people_counts import PeopleSource, counted_people
from lifecircle.sources.spread import (
    STREET_WEIGHTS,
    building_blocks,
    building_places,
    centroid_places,
    spread_people,
    street_places,
    well_mapped,
)
from lifecircle.tables import DEMAND, StreetTable, concat_nonempty, share_weights

__all__ = ["Demand", "demand_points"]

_DIFFERS_SHARE = 0.01
_COMMUNITY_DIFFERS_SHARE, _COMMUNITY_DIFFERS_PEOPLE = 0.1, 50.0


@dataclass(frozen=True)
class Demand:
    """Demand points and what they say about the communities.

    Attributes
    ----------
    points : GeoDataFrame
        ``DEMAND``.
    population : Series
        Residents by row of the communities, NaN where unknown.
    placement : Series
        What each community was placed on, by row: ``population``, ``building``, ``street``,
        ``centroid``, or ``""`` where nobody lives.
    people_known : bool
        Whether any community's residents are known.
    """

    points: gpd.GeoDataFrame
    population: pd.Series
    placement: pd.Series
    people_known: bool


@dataclass(frozen=True)
class Homes:
    """Residential buildings (``floor_area_m2``, ``dwellings``) in the study's system.

    Attributes
    ----------
    declared : bool
        The study names them: they are complete, and dwellings are counted beside people. Else they
        are what the street extract happens to hold, and serve to place people alone.
    """

    buildings: gpd.GeoDataFrame
    declared: bool


def demand_points(
    source: PeopleSource,
    communities: gpd.GeoDataFrame,
    homes: Homes | None,
    streets: StreetTable,
    *,
    area: StudyArea,
    log: ReadingLog,
    origin: str = "population",
    street_weights: Mapping[str, float] = STREET_WEIGHTS,
) -> Demand:
    """Where people live, from the best source there is.

    A raster or points are taken as they are. Where there are neither (or the study asks for another
    `origin`), each community's people are spread over its residential buildings by floor area (those
    that merely happen to be mapped only where they are mapped well enough), else over its streets by
    length and class, else put in its middle. Where nobody knows how many people there are, the same
    weights stand in for them, and the community's population stays unknown.

    Parameters
    ----------
    source
        From `read_population`.
    communities
        Placed, sorted by code; ``reported`` is the file's own population.
    homes
        Residential buildings, or None where none are known.
    streets
        For spreading.
    area, log
        The study's ground; takes the remarks.
    origin
        ``population``, ``buildings``, ``streets`` or ``centroid``.
    street_weights
        Weight of a metre of street by its class.

    Raises
    ------
    InputError
        If the source lies elsewhere or nobody lives in the communities judged.
    """
    counted = counted_people(source, communities, area, log)
    reported = communities["reported"]
    people_known = counted is not None or bool(reported.notna().any())
    if counted is not None and origin == "population":
        points = counted
        totals = _totals(points, len(communities))
        require_habitable(totals.to_numpy(), communities, log, file=source.file)
        _remark_difference(totals, reported, communities, log)
    else:
        totals = reported if counted is None else _totals(counted, len(communities))
        totals = totals.astype("float64").reset_index(drop=True)
        ground = _Ground(communities, streets, area, street_weights)
        points = spread_people(totals, _places(ground, homes, origin, log))
        if origin != "centroid":
            points = _without_empty_ground(points, log)
        if not people_known:
            log.remark("population", "no-population", severity="warning")
        _remark_spread(points, totals, log)
    if people_known and not totals[communities["inside"]].sum() > 0:
        raise InputError(Fault("zero-population", file=source.file, field="population"))
    if homes is not None and homes.declared and len(homes.buildings):
        points = _with_dwellings(points, homes.buildings, communities, totals)
    elif "dwellings" in points:
        points = points.drop(columns="dwellings")
    table = _demand_table(points, communities, area, source.cohorts)
    return Demand(table, totals, _placement(points, len(communities)), people_known)


def _without_empty_ground(points: pd.DataFrame, log: ReadingLog) -> pd.DataFrame:
    """Leave out places in the middle of ground without homes and streets, where nobody is known to live.

    A number of people that is known is kept whatever the ground; a cell of sea or forest has no such number.
    """
    empty = (points["origin"] == "centroid") & points["people"].isna()
    if empty.any():
        log.remark("population", "ground-empty", count=int(empty.sum()))
    return points[~empty].reset_index(drop=True)


def _placement(points: pd.DataFrame, communities: int) -> pd.Series:
    """What holds most of each community's people, or of the weights that stand in for them."""
    named = points.rename(columns={"people": "residents"})
    counted = pd.DataFrame(
        {"owner": points["owner"], "origin": points["origin"], "weight": share_weights(named)}
    )
    counted = counted[(counted["owner"] >= 0) & (counted["weight"] > 0)]
    sums = counted.groupby(["owner", "origin"], as_index=False)["weight"].sum()
    most = sums.sort_values(["owner", "weight", "origin"], ascending=[True, False, True])
    origin = most.drop_duplicates("owner").set_index("owner")["origin"]
    return origin.reindex(range(communities)).fillna("").astype("str")


def _totals(points: pd.DataFrame, communities: int) -> pd.Series:
    """Residents per row of the communities."""
    inside = points["owner"] >= 0
    owner, people = points.loc[inside, "owner"].to_numpy(), points.loc[inside, "people"].to_numpy()
    return pd.Series(np.bincount(owner, people, minlength=communities).astype("float64"))


@dataclass(frozen=True)
class _Ground:
    """What people can be placed on, and how its streets are weighed."""

    communities: gpd.GeoDataFrame
    streets: StreetTable
    area: StudyArea
    street_weights: Mapping[str, float]


def _places(ground: _Ground, homes: Homes | None, origin: str, log: ReadingLog) -> list[pd.DataFrame]:
    """The tables of places to spread over, most wanted first."""
    communities = ground.communities
    tables = []
    along = street_places(ground.streets, communities, ground.area.crs, ground.street_weights)
    if homes is not None and len(homes.buildings) and origin in {"population", "buildings"}:
        if homes.declared:
            tables.append(building_places(homes.buildings, communities))
        else:
            blocks = building_blocks(homes.buildings, communities)
            good = np.isin(blocks["owner"].to_numpy(), well_mapped(blocks, along))
            if sparse := blocks.loc[~good, "owner"].nunique():
                log.remark("population", "buildings-sparse", count=sparse)
            tables.append(blocks[good])
    if origin != "centroid":
        tables.append(along.drop(columns="residential_m"))
    return [*tables, centroid_places(communities)]


def _remark_spread(points: pd.DataFrame, totals: pd.Series, log: ReadingLog) -> None:
    """Say over what each community's people, or the weights that stand in for them, were spread."""
    known = points["people"].notna()
    for origin, used in points[known].groupby("origin", sort=True):
        value = f"{used['people'].sum():,.0f}"
        log.remark("population", f"spread-over-{origin}", count=used["owner"].nunique(), value=value)
    for origin, used in points[~known].groupby("origin", sort=True):
        log.remark("population", f"weighed-by-{origin}", count=used["owner"].nunique())
    unknown = int(totals.isna().sum())
    if unknown and totals.notna().any():
        log.remark("population", "population-unknown", count=unknown, severity="warning")


def _remark_difference(
    totals: pd.Series, reported: pd.Series, communities: gpd.GeoDataFrame, log: ReadingLog
) -> None:
    """The raster's or points' people beside the communities' own column, which is not used."""
    inside = communities["inside"].to_numpy() & reported.notna().to_numpy()
    column, published = float(reported[inside].sum()), float(totals[inside].sum())
    if column > 0:
        share = published / column - 1
        log.remark(
            "population",
            "column-differs" if round(share, 3) else "column-agrees",
            item=f"{column:,.0f}",
            value=f"{share:+.1%}" if round(share, 3) else "",
            severity="warning" if abs(share) > _DIFFERS_SHARE else "info",
        )
    off = (totals - reported).where(inside, 0.0)
    far = (off.abs() > _COMMUNITY_DIFFERS_SHARE * reported) & (off.abs() >= _COMMUNITY_DIFFERS_PEOPLE)
    for row in off.abs()[far].sort_values(ascending=False, kind="stable").index:
        centre = communities.geometry.loc[row].representative_point()
        own, counted = float(reported[row]), float(totals[row])
        log.remark(
            "population",
            "community-differs",
            item=str(communities["code"].loc[row]),
            count=off[row],
            value=f"{own:,.0f} → {counted:,.0f}",
            severity="warning",
            xy=(float(centre.x), float(centre.y)),
        )


def _with_dwellings(
    points: pd.DataFrame, buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, totals: pd.Series
) -> pd.DataFrame:
    """Every residential building as a demand point of its dwellings, beside the people.

    Where people were spread over buildings the points are the same; elsewhere buildings are added
    where nobody is placed.
    """
    places = building_places(buildings, communities)
    if "dwellings" in points:
        used = set(points.loc[points["origin"] == "building", "owner"])
        places = places[~places["owner"].isin(used)]
    else:
        points = points.assign(dwellings=0.0)
    unknown = places["owner"].map(totals).isna().to_numpy()
    added = places.assign(people=np.where(unknown, np.nan, 0.0), weight=np.where(unknown, 0.0, np.nan))
    joined = concat_nonempty([points, added])
    joined["dwellings"] = joined["dwellings"].fillna(0.0)
    return joined


def _demand_table(
    points: pd.DataFrame, communities: gpd.GeoDataFrame, area: StudyArea, cohorts: dict[str, str]
) -> gpd.GeoDataFrame:
    """The ``DEMAND`` table, sorted by community and place so that ids do not depend on row order."""
    owner = points["owner"].to_numpy()
    code = np.append(communities["code"].to_numpy(), "")
    judged = np.append(communities["inside"].to_numpy(), values=False)
    table = pd.DataFrame(
        {
            "community": code[owner],
            "residents": points["people"].to_numpy(dtype="float64"),
            "weight": points["weight"].to_numpy(dtype="float64") if "weight" in points else np.nan,
            "origin": points["origin"].to_numpy(),
            "inside": judged[owner].astype(bool),
            "x": points["x"].to_numpy(),
            "y": points["y"].to_numpy(),
        }
    )
    for name in ("dwellings", *cohorts):
        if name in points:
            table[name] = points[name].to_numpy(dtype="float64")
    order = ["community", "x", "y", "residents", "weight"]
    if "point" in points:
        table["point"] = points["point"].fillna("").to_numpy(dtype=object)
        order.append("point")
    table = table.sort_values(order, ignore_index=True)
    table.insert(0, "demand", np.arange(len(table), dtype=np.int64))
    places = shapely.points(table["x"], table["y"])
    return DEMAND.check(gpd.GeoDataFrame(table.drop(columns=["x", "y"]), geometry=places, crs=area.crs))
