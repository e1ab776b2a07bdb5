"""People counted by a raster or by points, with the communities they live in."""

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
from lifecircle.sources.files.cell_values import texts
from lifecircle.sources.files.columns import find_column, names_of
from lifecircle.sources.files.raster import PeopleRaster, check_raster, people_raster
from lifecircle.sources.files.split_people import split_people
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.study.sections import Population
from lifecircle.tables.remaining_ground import ground_outside
from lifecircle.tables.subdivision import is_large

__all__ = ["PeopleSource", "counted_people", "read_population"]

_MISSED_SHARE = 1e-3
"""Of the communities' ground: less than this beyond the raster is rounding of its edge."""
_DENSE_PER_KM2 = 100_000.0
"""Residents per km2 of all the ground beyond which no city is known."""
_AS_DENSITY_SHARE, _UNLIKE_COUNTS = 0.35, 3.0
"""How near to the areas' own figures densities come, and how many times off counts are, before cells count
as people per km2."""


@dataclass(frozen=True)
class PeopleSource:
    """What ``[population]`` gave: a raster that was checked, points that were read, or neither."""

    raster: Path | None = None
    points: gpd.GeoDataFrame | None = None
    cohorts: dict[str, str] = field(default_factory=dict)
    file: str = ""


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
    try:
        raw = read_vector(
            source.points,
            log,
            subject="population",
            shape="any",
            wanted={**wanted, "point": ("id",)},
            required=set(wanted),
            layer=source.layer,
            encoding=source.encoding,
            datum=source.datum,
            table_crs=source.crs or "",
        )
    except InputError as error:
        raise _told_of_codes(error) from None
    points = gpd.GeoDataFrame(geometry=shapely.point_on_surface(raw.geometry.to_numpy()), crs=raw.crs)
    if (raw.geom_type != "Point").any():
        log.remark("population", "areas-as-points", item=file, count=int((raw.geom_type != "Point").sum()))
    for name, columns in wanted.items():
        points[name] = figure(raw, name, log, file=file, field=columns[0], subject="population").to_numpy()
    if "point" in raw:
        points["point"] = texts(raw["point"]).to_numpy()
    unknown = points["residents"].isna()
    if unknown.any():
        log.remark("population", "residents-unknown", item=file, count=int(unknown.sum()), severity="warning")
    return PeopleSource(points=points[~unknown], cohorts=cohorts, file=file)


def _told_of_codes(error: InputError) -> InputError:
    """The refusal of a table that has codes in place of both coordinates, saying where such a table goes."""
    missing = {said["ours"]: said for said in _said_of_missing(error)}
    if not {"x", "y"} <= missing.keys():
        return error
    headings = str(missing["x"]["found"])
    if find_column(headings.split(", "), names_of("code")) is None:
        return error
    others = [fault for fault in error.faults if fault.key != "missing-column"]
    by_code = Fault("people-by-code", file=error.faults[0].file, values={"found": headings})
    return InputError([*others, by_code])


def _said_of_missing(error: InputError) -> list[Mapping[str, object]]:
    """What the faults about columns that are not there say."""
    return [fault.values for fault in error.faults if fault.key == "missing-column"]  # noqa: PD011  # a fault's


def counted_people(
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
    # Zones that share no ground: the communities, and the rest within reach (owner -1).
    path = Path(source.file)
    shapes = disjoint(communities.geometry.to_numpy())
    ground = shapes[0] if len(shapes) == 1 and is_large(shapes[0]) else shapely.union_all(shapes)
    beyond = ground_outside(area.zone, np.array([ground], dtype=object))
    owners = np.arange(len(shapes))
    if not shapely.is_empty(beyond):
        shapes, owners = np.append(shapes, beyond), np.append(owners, -1)
    zones = gpd.GeoDataFrame(geometry=shapes, crs=area.crs)
    # The raster over all of it, and how much of the communities it leaves out.
    whole = shapely.GeometryCollection([ground, area.zone])
    counts = people_raster(path, whole, area.crs, log)
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(*counts.bounds), counts.cell_width)], crs=counts.crs)
    covered = box.to_crs(area.crs).iloc[0]
    shapely.prepare(covered)
    left_out = not shapely.contains_properly(covered, ground)
    missed = shapely.difference(ground, covered).area / ground.area if left_out else 0.0
    if missed > _MISSED_SHARE:
        log.remark("population", "raster-misses", item=source.file, value=f"{missed:.1%}", severity="warning")
    # Each cell's people by the share of it that a zone covers; cohorts by the same shares.
    pieces = split_people(counts, zones, file=source.file)
    for name, raster in source.cohorts.items():
        cohort = people_raster(Path(raster), whole, area.crs, log)
        if not counts.same_cells(cohort):
            raise InputError(Fault("cohort-cells-differ", file=raster, values={"other": source.file}))
        pieces[name] = cohort.people.ravel()[pieces["cell"]] * pieces["share"]
    pieces["owner"] = owners[pieces["zone"].to_numpy()]
    to_study = Transformer.from_crs(counts.crs, area.crs, always_xy=True)
    pieces["x"], pieces["y"] = to_study.transform(pieces["x"].to_numpy(), pieces["y"].to_numpy())
    # What the cells sum to must be people, not people per km2.
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
    # Area of a cell in the middle of the raster.
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
    # The community of each point; those of none stay where their people compete for the same facilities.
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
