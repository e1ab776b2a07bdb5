"""Demand points: where people live, so that every person of the source is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from lifecircle.errors import Fault, InputError
from lifecircle.sources.areas import StudyArea, check_place
from lifecircle.sources.containment import disjoint, owner_of
from lifecircle.sources.figures import figure
from lifecircle.sources.files.raster import PeopleRaster, check_raster, people_raster, split_people
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.spread import (
    STREET_WEIGHTS,
    building_blocks,
    building_places,
    centroid_places,
    spread_people,
    street_places,
    well_mapped,
)
from lifecircle.study.config import Population
from lifecircle.tables import DEMAND, StreetTable, concat_nonempty, share_weights

__all__ = ["Demand", "PeopleSource", "demand_points", "read_population"]

_DENSE_PER_KM2 = 100_000.0
_DIFFERS_SHARE = 0.01
_COMMUNITY_DIFFERS_SHARE, _COMMUNITY_DIFFERS_PEOPLE = 0.1, 50.0
_AS_DENSITY_SHARE, _UNLIKE_COUNTS = 0.35, 3.0


@dataclass(frozen=True)
class PeopleSource:
    """What ``[population]`` gave: a raster that was checked, points that were read, or neither."""

    raster: Path | None = None
    points: gpd.GeoDataFrame | None = None
    cohorts: dict[str, str] = field(default_factory=dict)
    file: str = ""


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


def read_population(source: Population, log: ReadingLog) -> PeopleSource:
    """Read or check the files of ``[population]``.

    Raises
    ------
    InputError
        If a file cannot be used; wrong values become faults of the log.
    """
    cohorts: dict[str, str] = {str(name): column for name, column in source.cohorts.items()}
    if source.raster is not None:
        check_raster(source.raster, log)
        for raster in cohorts.values():
            check_raster(Path(raster), log)
        return PeopleSource(raster=source.raster, cohorts=cohorts, file=str(source.raster))
    if source.points is None:
        if cohorts:
            raise InputError(Fault("cohort-without-source", field="population.cohorts"))
        return PeopleSource()
    wanted: dict[str, tuple[str, ...]] = {
        "residents": (source.column,),
        **{name: (column,) for name, column in cohorts.items()},
    }
    file = str(source.points)
    raw = read_vector(
        source.points,
        log,
        subject="population",
        shape="any",
        wanted=wanted,
        required=set(wanted),
        layer=source.layer,
        encoding=source.encoding,
        datum=source.datum,
    )
    points = gpd.GeoDataFrame(geometry=shapely.point_on_surface(raw.geometry.to_numpy()), crs=raw.crs)
    if (raw.geom_type != "Point").any():
        log.remark("population", "areas-as-points", item=file, count=int((raw.geom_type != "Point").sum()))
    for name, columns in wanted.items():
        points[name] = figure(raw, name, log, file=file, field=columns[0], subject="population").to_numpy()
    unknown = points["residents"].isna()
    if unknown.any():
        log.remark("population", "residents-unknown", item=file, count=int(unknown.sum()), severity="warning")
    return PeopleSource(points=points[~unknown], cohorts=cohorts, file=file)


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
    counted = _counted(source, communities, area, log)
    reported = communities["reported"]
    people_known = counted is not None or bool(reported.notna().any())
    if counted is not None and origin == "population":
        points = counted
        totals = _totals(points, len(communities))
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


def _counted(
    source: PeopleSource, communities: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog
) -> pd.DataFrame | None:
    """People of a raster or of points with their communities, or None where there are neither."""
    if source.raster is not None:
        return _from_raster(source, communities, area, log)
    if source.points is not None:
        return _from_points(source, communities, area, log)
    return None


def _from_raster(
    source: PeopleSource, communities: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog
) -> pd.DataFrame:
    """Cells split over the communities, and over the rest of the ground within reach."""
    path = Path(source.file)
    shapes = disjoint(communities.geometry.to_numpy())
    ground = shapely.union_all(shapes)
    beyond = shapely.difference(area.zone, ground)
    owners = np.arange(len(shapes))
    if not shapely.is_empty(beyond):
        shapes, owners = np.append(shapes, beyond), np.append(owners, -1)
    zones = gpd.GeoDataFrame(geometry=shapes, crs=area.crs)
    whole = shapely.union_all([ground, area.zone])
    counts = people_raster(path, whole, area.crs, log)
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(*counts.bounds), counts.cell_width)], crs=counts.crs)
    missed = shapely.difference(ground, box.to_crs(area.crs).iloc[0]).area / ground.area
    if missed > 1e-3:
        log.remark("population", "raster-misses", item=source.file, value=f"{missed:.1%}", severity="warning")
    pieces = split_people(counts, zones)
    for name, raster in source.cohorts.items():
        cohort = people_raster(Path(raster), whole, area.crs, log)
        if not counts.same_cells(cohort):
            raise InputError(Fault("cohort-cells-differ", file=raster, values={"other": source.file}))
        pieces[name] = cohort.people.ravel()[pieces["cell"]] * pieces["share"]
    pieces["owner"] = owners[pieces["zone"].to_numpy()]
    to_study = Transformer.from_crs(counts.crs, area.crs, always_xy=True)
    pieces["x"], pieces["y"] = to_study.transform(pieces["x"].to_numpy(), pieces["y"].to_numpy())
    inside = pieces["owner"] >= 0
    people = float(pieces.loc[inside, "people"].sum())
    _refuse_densities(people, communities, counts, area, source.file)
    density = people / (ground.area / 1e6)
    log.remark("population", "raster-counts", item=source.file, value=f"{people:,.0f}")
    if density > _DENSE_PER_KM2:
        log.remark("population", "raster-dense", value=f"{density:,.0f}", severity="warning")
    _remark_outside(pieces, log)
    return pieces.drop(columns=["zone", "cell", "share"]).assign(origin="population")


def _refuse_densities(
    people: float, communities: gpd.GeoDataFrame, raster: PeopleRaster, area: StudyArea, file: str
) -> None:
    """Refuse a raster whose cells agree with the communities' own figures only as people per km2.

    Raises
    ------
    InputError
        If the sum of the cells is three times too large or too small, and right once each cell is
        multiplied by its area.
    """
    reported = float(communities["reported"].sum())
    if not (people > 0 and reported > 0 and communities["reported"].notna().all()):
        return
    west, south, east, north = raster.bounds
    x, y = (west + east) / 2, (south + north) / 2
    cell = shapely.box(x, y, x + raster.cell_width, y + raster.cell_height)
    km2 = float(gpd.GeoSeries([cell], crs=raster.crs).to_crs(area.crs).area.iloc[0]) / 1e6
    unlike = max(people / reported, reported / people) > _UNLIKE_COUNTS
    if unlike and abs(people * km2 / reported - 1) < _AS_DENSITY_SHARE:
        values = {
            "found": f"{people:,.0f}",
            "reported": f"{reported:,.0f}",
            "people": f"{people * km2:,.0f}",
            "cell_m": f"{np.sqrt(km2) * 1000:,.0f}",
        }
        raise InputError(Fault("raster-of-densities", file=file, values=values))


def _from_points(
    source: PeopleSource, communities: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog
) -> pd.DataFrame:
    """Points with people within reach, and the communities they lie in."""
    points = source.points
    if points is None or points.empty:
        raise InputError(Fault("zero-population", file=source.file, field="population"))
    check_place(points, area, file=source.file)
    placed = points.to_crs(area.crs)
    shapes = placed.geometry.to_numpy()
    owner = owner_of(shapes, communities)
    near = (owner >= 0) | shapely.dwithin(area.outline, shapes, area.reach_m)
    if (~near).any():
        log.remark(
            "population",
            "points-beyond-reach",
            item=source.file,
            count=int((~near).sum()),
            value=f"{placed.loc[~near, 'residents'].sum():,.0f}",
        )
    people = pd.DataFrame(placed.drop(columns="geometry")).rename(columns={"residents": "people"})
    people = people.assign(owner=owner, x=shapely.get_x(shapes), y=shapely.get_y(shapes), origin="population")
    people = people[near & (people["people"] > 0).to_numpy()].reset_index(drop=True)
    _remark_outside(people, log)
    return people


def _remark_outside(inhabited: pd.DataFrame, log: ReadingLog) -> None:
    """People within reach who live in no community: they compete, and are not judged."""
    outside = inhabited["owner"] < 0
    if outside.any():
        people = f"{inhabited.loc[outside, 'people'].sum():,.0f}"
        log.remark("population", "people-outside", count=int(outside.sum()), value=people)


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
            "column-differs",
            item=f"{column:,.0f}",
            value=f"{round(share, 3) + 0.0:+.1%}",
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
    table = table.sort_values(["community", "x", "y", "residents", "weight"], ignore_index=True)
    table.insert(0, "demand", np.arange(len(table), dtype=np.int64))
    places = shapely.points(table["x"], table["y"])
    return DEMAND.check(gpd.GeoDataFrame(table.drop(columns=["x", "y"]), geometry=places, crs=area.crs))
