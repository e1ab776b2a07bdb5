"""The study's street source: its streets, and what else an OpenStreetMap extract holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import nearest, osm_tests
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.files.opening import describe_file
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.osm.features import read_osm_places
from lifecircle.sources.osm.file import is_osm_file
from lifecircle.sources.streets.download import download_streets
from lifecircle.sources.streets.reader import read_streets
from lifecircle.study import Study
from lifecircle.tables import WGS84, StreetTable

__all__ = ["Extract", "check_street_source", "read_extract", "study_streets"]


def _no_layer() -> gpd.GeoDataFrame:
    """A layer of nothing."""
    return gpd.GeoDataFrame(geometry=[], crs=WGS84)


@dataclass(frozen=True)
class Extract:
    """What an OSM extract holds beside streets, in WGS 84; nothing for other street sources."""

    tagged: gpd.GeoDataFrame | None = None
    """Facilities: ``osm_id``, ``service``, ``name``, ``access``, ``geometry``."""
    buildings: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame = field(default_factory=_no_layer)
    gates: gpd.GeoDataFrame = field(default_factory=_no_layer)


def check_street_source(study: Study) -> None:
    """Refuse a street file that is not there, and tags asked of a source that has none.

    Raises
    ------
    InputError
        With one fault per place of the study that asks.
    """
    source = study.streets.source
    faults = []
    if source != "osm" and not Path(source).is_file():
        faults.append(Fault("no-file", file=source))
    asked = [number for number, facility in enumerate(study.facilities, 1) if facility.source == "streets"]
    if source == "osm" or not is_osm_file(source):
        places = [f"facilities[{number}].source" for number in asked]
        if study.buildings is not None and study.buildings.source == "streets":
            places.append("buildings.source")
        faults += [Fault("streets-without-tags", field=place, values={"source": source}) for place in places]
    for number in asked:
        for name in study.facilities[number - 1].services:
            if name not in osm_tests():
                values = {"found": name, "nearest": nearest(name, osm_tests())}
                faults.append(Fault("no-osm-tags", field=f"facilities[{number}].services", values=values))
    if faults:
        raise InputError(faults)


def study_streets(study: Study, area: StudyArea, log: ReadingLog) -> StreetTable:
    """Streets to twice the reach beyond the boundary, so that it shows where the data end.

    Raises
    ------
    InputError
        If the source cannot be read or holds no street there.
    """
    ground = area.around_wgs84(2 * area.reach_m)
    if study.streets.source == "osm":
        return download_streets(ground, mode=study.streets.mode)
    path = Path(study.streets.source)
    streets = read_streets(path, mode=study.streets.mode, bounds=ground)
    log.files.append(describe_file(path, rows=len(streets), mode=study.streets.mode))
    return streets


def read_extract(study: Study, area: StudyArea, log: ReadingLog) -> Extract:
    """Facilities, buildings, water and gates of an OSM extract within reach, from one pass over it.

    Raises
    ------
    InputError
        If the extract cannot be read.
    """
    if study.streets.source == "osm" or not is_osm_file(study.streets.source):
        return Extract()
    tests = osm_tests()
    tagging = [source for source in study.facilities if source.source == "streets"]
    wanted = {name for source in tagging for name in (source.services or tests)}
    tests = {name: alternatives for name, alternatives in tests.items() if name in wanted}
    places = read_osm_places(study.streets.source, tests, bounds=area.around_wgs84(area.reach_m))
    for service, ids in sorted(places.lost.items()):
        if ids:
            log.remark(
                "facilities",
                "osm-without-geometry",
                item=service,
                count=len(ids),
                value=preview(ids),
                severity="warning",
            )
    return Extract(
        tagged=places.features if tagging else None,
        buildings=places.layers.buildings,
        water=places.layers.water,
        gates=places.layers.gates,
    )
