"""All of a study's inputs, read in two strides: what the files hold, then where it lies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, NoReturn

import geopandas as gpd

from lifecircle.errors import ContractError, InputError, LifecircleError
from lifecircle.messages import text
from lifecircle.sources.areas import StudyArea, check_place, place_communities, study_area
from lifecircle.sources.barriers import close_barriers
from lifecircle.sources.buildings import dwelling_table
from lifecircle.sources.crossed_layers import large_shapes, refuse_crossed_layers, refuse_crossed_streets
from lifecircle.sources.data_edge import edge_flags, street_ground
from lifecircle.sources.datum_fit import Suspect, check_fits
from lifecircle.sources.entries import facility_entries
from lifecircle.sources.extract import (
    Extract,
    holds_streets_alone,
    read_extract,
    street_options,
    study_streets,
)
from lifecircle.sources.facilities import facilities_table, still_complete
from lifecircle.sources.files.raster import check_cells, people_raster
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.name_variants import read_names
from lifecircle.sources.population import Demand, Homes, demand_points
from lifecircle.sources.present import layers_present, remark_streets
from lifecircle.sources.spread import STREET_WEIGHTS
from lifecircle.sources.streets.cut import keep_within
from lifecircle.sources.streets.lines import LINE_SUFFIXES
from lifecircle.sources.streets.reader import read_streets
from lifecircle.sources.study_files import StudyFiles, read_study_files
from lifecircle.sources.units import units_table
from lifecircle.study import Study
from lifecircle.tables import Inputs, StreetTable, concat_nonempty
from lifecircle.tables.reprojection import reprojected

__all__ = ["read_inputs"]

_TRIED_BYTES = 100_000_000

_NO_NAMES: Final = frozenset({"boundary", "area", "outline", "polygon", "aoi"})
"""Names of files that name no place."""


def read_inputs(
    study: Study,
    *,
    cutoff_m: float,
    columns: Collection[str] | None = None,
    log: ReadingLog | None = None,
    services: Collection[str] = (),
) -> Inputs:
    """Read, check and place every input of a study.

    Files are opened first, all of them, then placed as far as that is possible, so that whatever is wrong
    with any is reported at once. Everything is brought to the study's coordinate system and limited to
    the boundary and one cutoff plus ``max_snap_m`` beyond it.

    Parameters
    ----------
    study
        Checked study.
    cutoff_m
        The longest distance, in metres, at which a rule of the study looks.
    columns
        ``layer.column`` names that its plans need: those that are not ours are read under their names.
        None where no plan was asked: such columns are then not read.
    log
        Takes remarks and faults, so that the caller has them also where the study is refused.
    services
        Services that its plans need: an OSM extract is asked for them beside the usual ones.

    Returns
    -------
    Inputs

    Raises
    ------
    InputError
        With every fault of every input.
    """
    log = ReadingLog() if log is None else log
    log.memory = study.memory
    with log.collecting(study.study.names):
        log.names = read_names(study.study.names, log)
    files = read_study_files(study, log, columns)
    reach_m = cutoff_m + study.assumptions.max_snap_m
    if log.faults and files.boundary is None and files.communities is None:
        _try_streets(study, log)
        _try_cells([files.people.raster, study.streets.elevation], log)
        _stop(log)
    area = study_area(files.boundary, files.communities, reach_m=reach_m, log=log)
    log.placed["boundary"] = area.boundary
    try:
        return _place(study, files, area, log, columns=columns, services=services)
    except (LifecircleError, LookupError, TypeError, ValueError) as error:
        # Rows that a fault above speaks of may break a table's contract: the fault is what is told.
        log.faults.extend(error.faults if isinstance(error, InputError) else ())
        _try_cells([study.streets.elevation], log)
        log.raise_if_any()
        raise


def _place(
    study: Study,
    files: StudyFiles,
    area: StudyArea,
    log: ReadingLog,
    *,
    columns: Collection[str] | None,
    services: Collection[str],
) -> Inputs:
    """Bring everything to the study's ground; what cannot be placed is reported together."""
    large = large_shapes(study, files)
    refuse_crossed_layers(large)
    communities: gpd.GeoDataFrame | None = None
    streets: StreetTable | None = None
    extract = Extract()
    unread = study.area.communities is not None and files.communities is None
    if not unread:
        with log.collecting(study.area.communities):
            communities = place_communities(files.communities, area, log, source=study.area)
            log.placed["communities"] = communities
    with log.collecting(study.streets.source):
        streets = study_streets(study, area, log)
    with log.collecting(study.streets.source):
        extract = read_extract(study, area, log, services=services)
    if communities is None or streets is None:
        _try_places(files, area, log)
        _stop(log)
    refuse_crossed_streets(large, streets, extract, file=study.streets.source)
    communities["edge"] = edge_flags(communities, street_ground(streets, area), reach_m=area.reach_m)
    streets = keep_within(streets, area.around_wgs84(area.reach_m))
    if files.barriers is not None:
        streets = close_barriers(streets, files.barriers, area, log)
    homes = _homes(study, files, extract, area, log)
    demand: Demand | None = None
    with log.collecting(files.people.file or study.area.communities):
        demand = demand_points(
            files.people,
            communities,
            homes,
            streets,
            area=area,
            # people stand in for a file that was refused: what became of them is no news
            log=ReadingLog() if _people_refused(study, files) else log,
            origin=study.assumptions.origin,
            street_weights={**STREET_WEIGHTS, **study.population.street_weights},
        )
    tagged = extract.tagged
    if demand is not None and holds_streets_alone(study, extract, demand.points, streets, area=area, log=log):
        tagged = None
    check_fits(
        _suspects(study, files),
        area,
        log,
        streets=streets,
        homes=None if homes is None else homes.buildings,
        street_file=_undated_streets(study),
    )
    facilities, astray = facilities_table(
        files.ledgers,
        tagged,
        communities,
        area,
        log,
        outlines_count=study.assumptions.site_area_from_outline,
        osm_merge_within_m=max(
            (source.merge_within_m for source in study.facilities if source.source == "streets"), default=0.0
        ),
    )
    complete_for = still_complete(
        files.ledgers, files.complete_for, log, astray=astray, facilities=facilities
    )
    if demand is None:
        _stop(log)
    communities["population"] = demand.population.to_numpy()
    communities["placement"] = demand.placement.to_numpy()
    known = demand.people_known
    units: gpd.GeoDataFrame | None = None
    with log.collecting(study.areas[0].source if study.areas else study.area.communities):
        units = units_table(
            communities,
            files.units,
            demand.points,
            area,
            people_known=known,
            ledgers=files.area_ledgers,
            columns=columns,
            log=log,
        )
    log.raise_if_any()
    if units is None:
        _stop(log)
    remark_streets(communities, streets, area, log)
    further = ["indicators"] if len(files.indicators) else []
    return Inputs(
        name=_name(study, area),
        crs=area.crs,
        boundary=area.boundary,
        communities=communities,
        units=units,
        demand=demand.points,
        facilities=facilities,
        entries=facility_entries(facilities, streets, extract.gates, area.crs),
        streets=streets,
        complete_for=complete_for,
        layers_present=layers_present(
            communities, units, demand.points, facilities, people_known=known, further=further
        ),
        water=_uncrossed(extract, files, area),
        indicators=files.indicators,
        quality=log.quality(),
        files=tuple(log.files),
        rows_lost_for=files.complete_for - complete_for,
    )


def _name(study: Study, ground: StudyArea) -> str:
    """The study's name; where that is but its boundary's file, what the one area in it is called.

    An area without a name is called as the file reads: ``porto_alegre`` is Porto Alegre.
    """
    own, file = study.study.name, study.area.boundary
    if file is None or own != Path(file).stem:
        return own
    told = str(ground.boundary["name"].iloc[0] or "") if "name" in ground.boundary else ""
    return told or name_of_file(own, study.study.language)


def name_of_file(stem: str, lang: str) -> str:
    """What a study is called whose boundary's file has this name.

    Examples
    --------
    >>> name_of_file("porto_alegre", "en"), name_of_file("boundary", "en"), name_of_file("海口市", "zh")
    ('Porto Alegre', 'Study area', '海口市')
    """
    words = " ".join(re.split(r"[\s_-]+", stem)).strip()
    if words.casefold() in _NO_NAMES:
        return text("quality.study-area", lang)
    return words.title() if words.isascii() and words.islower() else words or stem


def _people_refused(study: Study, files: StudyFiles) -> bool:
    """Whether the study names a file of people and none could be used."""
    named = study.population.raster is not None or study.population.points is not None
    return named and files.people.raster is None and files.people.points is None


def _try_streets(study: Study, log: ReadingLog) -> None:
    """Read a street file for its faults alone, where there is no area to limit it to and it is not large."""
    path = Path(study.streets.source)
    if study.streets.source not in study.memory and path.is_file() and path.stat().st_size <= _TRIED_BYTES:
        with log.collecting(path):
            read_streets(path, **street_options(study))


def _try_cells(rasters: Iterable[Path | None], log: ReadingLog) -> None:
    """Read the cells of rasters that nothing else looks at once there is a fault."""
    told = {fault.file for fault in log.faults}
    for path in rasters:
        if path is not None and str(path) not in told:
            with log.collecting(path):
                check_cells(path)


def _try_places(files: StudyFiles, area: StudyArea, log: ReadingLog) -> None:
    """Place what can be placed without communities or streets, for its faults alone."""
    for ledger in files.ledgers:
        with log.collecting(ledger.file):
            check_place(ledger.rows, area, file=ledger.file)
    if files.people.points is not None and len(files.people.points):
        with log.collecting(files.people.file):
            check_place(files.people.points, area, file=files.people.file)
    if files.people.raster is not None:
        with log.collecting(files.people.raster):
            people_raster(files.people.raster, area.zone, area.crs, log)


def _suspects(study: Study, files: StudyFiles) -> list[Suspect]:
    """Layers with a datum, and whether the study says it."""
    said = study.area.model_fields_set
    suspects = [
        Suspect(
            ledger.file,
            "datum",
            ledger.rows,
            said="datum" in ledger.source.model_fields_set or ledger.source.crs is not None,
        )
        for ledger in files.ledgers
    ]
    boundary = files.boundary if study.area.boundary is not None else None
    areas = [
        ("communities", "area.datum", files.communities, boundary, "datum" in said),
        ("boundary", "area.boundary_datum", boundary, files.communities, said & {"datum", "boundary_datum"}),
    ]
    suspects += [
        Suspect(str(getattr(study.area, name)), field, shapes, outlines=True, beside=beside, said=bool(known))
        for name, field, shapes, beside, known in areas
        if shapes is not None
    ]
    suspects += [
        Suspect(
            str(layer.source),
            "areas.datum",
            units.units,
            outlines=True,
            beside=boundary,
            said="datum" in layer.model_fields_set,
        )
        for layer, units in zip(study.areas, files.units, strict=False)
        if len(files.units) == len(study.areas)
    ]
    people = study.population
    if files.people.points is not None:
        known = "datum" in people.model_fields_set or people.crs is not None
        suspects.append(Suspect(files.people.file, "population.datum", files.people.points, said=known))
    homes = study.buildings
    if files.buildings is not None and homes is not None:
        known = "datum" in homes.model_fields_set
        suspects.append(Suspect(homes.source, "buildings.datum", files.buildings, said=known))
    return suspects


def _undated_streets(study: Study) -> str:
    """The line layer of the streets where the study does not say its datum; blank for all other streets."""
    lines = Path(study.streets.source).suffix.lower() in LINE_SUFFIXES
    return study.streets.source if lines and "datum" not in study.streets.model_fields_set else ""


def _stop(log: ReadingLog) -> NoReturn:
    """End a reading that lacks something: whoever did not give it has left a fault."""
    log.raise_if_any()
    raise ContractError("a reader gave nothing and left no fault")


def _homes(
    study: Study, files: StudyFiles, extract: Extract, area: StudyArea, log: ReadingLog
) -> Homes | None:
    """Residential buildings within reach, from the study's own file or the extract, or None.

    Those of an extract that the study does not name serve to place people alone.
    """
    buildings, declared = files.buildings, study.buildings is not None
    if buildings is None:
        if extract.buildings is None:
            return None
        buildings = extract.buildings.assign(dwellings=float("nan"))
    homes = dwelling_table(
        buildings,
        area.crs,
        log if declared else ReadingLog(),
        dwelling_floor_m2=study.assumptions.dwelling_floor_m2,
    )
    return Homes(homes[homes.intersects(area.zone)].reset_index(drop=True), declared)


def _uncrossed(extract: Extract, files: StudyFiles, area: StudyArea) -> gpd.GeoDataFrame:
    """Water of the extract and supplied barriers, to be cut out of displayed areas, in the study's system."""
    layers = [extract.water[["geometry"]]]
    if files.barriers is not None:
        layers.append(files.barriers[["geometry"]])
    placed = [layer.set_geometry(reprojected(layer.geometry, area.crs)[0]) for layer in layers]
    uncrossed = gpd.GeoDataFrame(concat_nonempty(placed), crs=area.crs)
    return uncrossed[uncrossed.intersects(area.zone)].reset_index(drop=True)
