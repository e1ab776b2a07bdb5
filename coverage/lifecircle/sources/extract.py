"""The study's street source: its streets, and what else an OpenStreetMap extract holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import nearest, osm_tests, usual_services, with_origins
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.files.opening import describe_file
from lifecircle.sources.files.tangles import refuse_crossings
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.osm.download import date_of_data, download_extract
from lifecircle.sources.osm.features import read_osm_places
from lifecircle.sources.osm.file import is_osm_file
from lifecircle.sources.osm.places import SCHOOL, SCHOOL_LEVELS, merged_outlines, with_school_levels
from lifecircle.sources.streets.gates import Gates
from lifecircle.sources.streets.reader import read_streets, streets_in_memory
from lifecircle.sources.streets.rule_table import JoinRules
from lifecircle.study import Study
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.degrees import parted_degrees

__all__ = ["Extract", "check_street_source", "holds_streets_alone", "read_extract", "study_streets"]

_PEOPLE_PER_FACILITY: Final = 10_000.0
_KM_PER_FACILITY: Final = 50.0
"""Towns have ten to a hundred times as many places mapped: fewer than these are no map of places."""
_TOWN_PEOPLE: Final = 20_000.0
_TOWN_KM: Final = 200.0


def _no_layer() -> gpd.GeoDataFrame:
    """A layer of nothing."""
    return gpd.GeoDataFrame(geometry=[], crs=WGS84)


@dataclass(frozen=True)
class Extract:
    """What an OSM extract holds beside streets, in WGS 84; nothing for other street sources."""

    tagged: gpd.GeoDataFrame | None = None
    """Facilities: ``osm_id``, ``service``, ``name``, ``access``, ``geometry``."""
    mapped: int = 0
    """Objects within the boundary that offer any of the usual services, whichever are wanted."""
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
    if source != "osm" and source not in study.memory and not Path(source).is_file():
        faults.append(Fault("no-file", file=source))
    asked = [number for number, facility in enumerate(study.facilities, 1) if facility.source == "streets"]
    if source != "osm" and not is_osm_file(source):
        places = [f"facilities[{number}].source" for number in asked]
        if study.buildings is not None and study.buildings.source == "streets":
            places.append("buildings.source")
        key = "memory-without-tags" if source in study.memory else "streets-without-tags"
        faults += [Fault(key, field=place, values={"source": source}) for place in places]
    for number in asked:
        for name in study.facilities[number - 1].services:
            if not with_origins([name]) & osm_tests().keys():
                values = {"found": name, "nearest": nearest(name, osm_tests())}
                faults.append(Fault("no-osm-tags", field=f"facilities[{number}].services", values=values))
    if faults:
        raise InputError(faults)


def street_options(study: Study) -> dict[str, Any]:
    """How ``[streets]`` says that a file of streets is to be read, as `read_streets` takes it."""
    said = study.streets
    never = None if said.join.never is None else frozenset(said.join.never)
    return {
        "mode": said.mode,
        "gates": said.gates,
        "turns": said.turns,
        "tolerance_m": said.tolerance_m,
        "split_crossings": said.split_crossings,
        "datum": said.datum,
        "join": JoinRules(never, tunnels=said.join.tunnels, bridges=said.join.bridges),
    }


def study_streets(study: Study, area: StudyArea, log: ReadingLog) -> StreetTable:
    """Streets to twice the reach beyond the boundary, so that it shows where the data end.

    Raises
    ------
    InputError
        If the source cannot be read or holds no street there.
    """
    ground = area.around_wgs84(2 * area.reach_m)
    if (given := study.memory.get(study.streets.source)) is not None:
        streets = streets_in_memory(
            given, bounds=ground, source=study.streets.source, **street_options(study)
        )
        log.files.append({"path": study.streets.source, "rows": len(streets), "mode": study.streets.mode})
        return streets
    path = _street_file(study, area)
    streets = read_streets(path, bounds=ground, **street_options(study))
    if study.streets.source == "osm":
        log.remark("streets", "osm-downloaded", item=path.name, value=date_of_data(path))
    log.files.append(describe_file(path, rows=len(streets), mode=study.streets.mode))
    return streets


def _street_file(study: Study, area: StudyArea) -> Path:
    """The file that holds the streets: downloaded where the study says so, or kept from the last download."""
    if study.streets.source == "osm":
        return download_extract(area.around_wgs84(2 * area.reach_m))
    return Path(study.streets.source)


def read_extract(
    study: Study, area: StudyArea, log: ReadingLog, *, services: Collection[str] = ()
) -> Extract:
    """Facilities, buildings, water and gates of an OSM extract within reach, from one pass over it.

    A place mapped as a node and as an outline is one; schools are places of the levels that their tags,
    or else their names, tell.

    Parameters
    ----------
    services
        Services that the study's plans need: they are read beside the usual ones, where the study does not
        say which it wants.

    Raises
    ------
    InputError
        If the extract cannot be read, or holds areas too tangled to be cut.
    """
    path = Path() if study.streets.source in study.memory else _street_file(study, area)
    if not is_osm_file(path):
        return Extract()
    tests = osm_tests()
    usual = usual_services() | (with_origins(services) & tests.keys())
    tagging = [source for source in study.facilities if source.source == "streets"]
    asked = with_origins(name for source in tagging for name in (source.services or usual))
    wanted = set(asked & tests.keys())
    scanned = {*wanted, *(usual if tagging else ())}
    if wanted.intersection(SCHOOL_LEVELS.values()):
        scanned.add(SCHOOL)
    places = read_osm_places(
        path,
        {name: alternatives for name, alternatives in tests.items() if name in scanned},
        bounds=area.around_wgs84(area.reach_m),
    )
    for layer in (places.features, places.layers.buildings, places.layers.water):
        refuse_crossings(layer.geometry.to_numpy(), partial(_osm_ids, layer), file=str(path))
    for service, ids in sorted(places.lost.items()):
        if ids and service in wanted:
            log.remark(
                "facilities",
                "osm-without-geometry",
                item=service,
                count=len(ids),
                value=preview(ids),
                severity="warning",
            )
    return Extract(
        tagged=_told_apart(places.features, wanted, log) if tagging else None,
        mapped=_inside(places.features, area),
        buildings=places.layers.buildings,
        water=places.layers.water,
        gates=_gates(places.layers.gates, study.streets.gates),
    )


def _osm_ids(layer: gpd.GeoDataFrame, which: NDArray[np.bool_]) -> list[str]:
    """What some rows are in OpenStreetMap, each once."""
    return layer.loc[which, "osm_id"].drop_duplicates().tolist()


def _gates(gates: gpd.GeoDataFrame, taken: Gates) -> gpd.GeoDataFrame:
    """Gates and doors as the study takes them: where none closes a street, none closes a place."""
    return gates if taken == "as-mapped" else gates.assign(access="")


def _told_apart(features: gpd.GeoDataFrame, wanted: set[str], log: ReadingLog) -> gpd.GeoDataFrame:
    """Places of the services wanted, each once, schools by their levels; what was guessed is counted."""
    levelled, guessed, unknown = with_school_levels(features, wanted)
    if wanted.intersection(SCHOOL_LEVELS.values()):
        if guessed:
            log.remark("facilities", "school-levels-guessed", count=guessed)
        if unknown:
            log.remark("facilities", "school-levels-unknown", count=unknown, severity="warning")
    merged, count = merged_outlines(levelled)
    if count:
        log.remark("facilities", "osm-node-and-outline", count=count)
    return merged


def _inside(features: gpd.GeoDataFrame, area: StudyArea) -> int:
    """Objects of any service within the boundary."""
    outline = parted_degrees(area.boundary.geometry).iloc[0]
    shapely.prepare(outline)
    return int(features.loc[shapely.intersects(outline, features.geometry.to_numpy()), "osm_id"].nunique())


def holds_streets_alone(
    study: Study,
    extract: Extract,
    demand: gpd.GeoDataFrame,
    streets: StreetTable,
    *,
    area: StudyArea,
    log: ReadingLog,
) -> bool:
    """Whether an extract holds so few places that it must be one of streets alone, which is then said.

    Facilities per people, or per length of street where nobody knows how many people there are, are held
    against the sparsest towns. Villages are not judged: they may well have none.
    """
    insists = all(source.accept_sparse for source in study.facilities if source.source == "streets")
    if extract.tagged is None or insists:
        return False
    people = float(demand.loc[demand["inside"], "residents"].sum(min_count=1))
    if np.isnan(people):
        size, least, unit = _street_km(streets, area), _TOWN_KM, "km"
        expected = size / _KM_PER_FACILITY
    else:
        size, least, unit = people, _TOWN_PEOPLE, "people"
        expected = size / _PEOPLE_PER_FACILITY
    if size < least or extract.mapped >= expected:
        return False
    log.remark(
        "facilities",
        f"osm-streets-alone-{unit}",
        item=study.streets.source,
        count=extract.mapped,
        value=f"{size:,.0f}",
        severity="warning",
    )
    return True


def _street_km(streets: StreetTable, area: StudyArea) -> float:
    """Length of street within the boundary, by the middle of each segment."""
    x, y = Transformer.from_crs(WGS84, area.crs, always_xy=True).transform(streets.lon, streets.lat)
    x, y = np.asarray(x), np.asarray(y)
    u, v = streets.u, streets.v
    outline = area.outline
    shapely.prepare(outline)
    within = shapely.contains_xy(outline, (x[u] + x[v]) / 2, (y[u] + y[v]) / 2)
    return float(np.hypot(x[v] - x[u], y[v] - y[u])[within].sum() / 1000)
