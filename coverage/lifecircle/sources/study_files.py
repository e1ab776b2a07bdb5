"""What the files of a study hold, before any of it is placed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from lifecircle.sources.area_figures import AreaLedger
from lifecircle.sources.areas import read_boundary, read_communities
from lifecircle.sources.barriers import read_barriers
from lifecircle.sources.buildings import read_buildings
from lifecircle.sources.elevation import check_elevation
from lifecircle.sources.extract import check_street_source
from lifecircle.sources.facilities import Ledger, complete_services, read_facilities
from lifecircle.sources.files.workbooks import read_workbook
from lifecircle.sources.indicators import INDICATORS, read_indicators
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.people_counts import PeopleSource, read_population
from lifecircle.sources.population_columns import remark_likely_population
from lifecircle.sources.units import SuppliedUnits, read_units
from lifecircle.study import Study
from lifecircle.tables import concat_nonempty

__all__ = ["StudyFiles", "read_study_files"]


@dataclass
class StudyFiles:
    """What the study's files hold, before any of it is placed."""

    boundary: gpd.GeoDataFrame | None = None
    communities: gpd.GeoDataFrame | None = None
    units: list[SuppliedUnits] = field(default_factory=list)
    people: PeopleSource = field(default_factory=PeopleSource)
    buildings: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    ledgers: list[Ledger] = field(default_factory=list)
    complete_for: frozenset[str] = frozenset()
    indicators: pd.DataFrame = field(default_factory=INDICATORS.copy)
    area_ledgers: list[AreaLedger] = field(default_factory=list)


def read_study_files(study: Study, log: ReadingLog, columns: Collection[str] | None) -> StudyFiles:
    """Open every file of the study, and collect what is wrong with each."""
    files = StudyFiles()
    books = []
    for book in study.ledgers:
        with log.collecting(book.source):
            books.append(read_workbook(book, log, columns))
    files.area_ledgers = [ledger for book in books for ledger in book.areas]
    with log.collecting(study.area.boundary or study.area.place):
        files.boundary = read_boundary(study.area, log)
    with log.collecting(study.area.communities):
        files.communities = read_communities(study.area, log, files.area_ledgers, columns)
    for layer in study.areas:
        with log.collecting(layer.source):
            files.units.append(read_units(layer, log, columns))
    with log.collecting(study.population.raster or study.population.points):
        files.people = read_population(study.population, log)
    if not log.faults:
        remark_likely_population(files.communities, files.people, log, file=str(study.area.communities))
    if study.buildings is not None and study.buildings.source != "streets":
        with log.collecting(study.buildings.source):
            files.buildings = read_buildings(study.buildings, log)
    if study.streets.barriers is not None:
        with log.collecting(study.streets.barriers):
            files.barriers = read_barriers(study.streets.barriers, log, datum=study.streets.barriers_datum)
    if study.streets.elevation is not None:
        with log.collecting(study.streets.elevation):
            check_elevation(study.streets.elevation, log)
    reported = [sheet for book in books for sheet in book.indicators]
    for source in (*((study.indicators,) if study.indicators else ()), *reported):
        with log.collecting(source.source):
            files.indicators = concat_nonempty([files.indicators, read_indicators(source, log)])
    facilities = (*study.facilities, *(sheet for book in books for sheet in book.facilities))
    files.ledgers = read_facilities(facilities, log, columns)
    with log.collecting():
        files.complete_for = complete_services(facilities)
    with log.collecting(study.streets.source):
        check_street_source(study)
    return files
