"""Facilities from every ``[[facilities]]`` source, in one table: one row per facility and service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import catalogue, nearest
from lifecircle.sources.areas import StudyArea, check_place
from lifecircle.sources.containment import owner_of
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.study.config import FacilitySource
from lifecircle.tables import FACILITIES, FACILITY_DETAILS, FACILITY_FIGURES
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["Ledger", "complete_services", "facilities_table", "read_facilities"]

_SAME_PLACE_M = 1.0
_NUMBERS = tuple(name for name, column in FACILITY_FIGURES.items() if column.kind == "number")


@dataclass(frozen=True)
class Ledger:
    """One source as read, and the label its ids begin with."""

    label: str
    file: str
    rows: gpd.GeoDataFrame


def complete_services(sources: Iterable[FacilitySource]) -> frozenset[str]:
    """The services that some source declares to list completely.

    Raises
    ------
    InputError
        For services that are not in the catalogue, and for ``streets``, which is never complete.
    """
    faults: list[Fault] = []
    found: set[str] = set()
    for number, source in enumerate(sources, 1):
        place = f"facilities[{number}].complete_for"
        if source.source == "streets" and source.complete_for:
            faults.append(Fault("osm-not-complete", field=place))
        for name in source.complete_for:
            if name not in catalogue():
                values = {"found": name, "nearest": nearest(name, catalogue())}
                faults.append(Fault("unknown-service", field=place, values=values))
        found.update(source.complete_for)
    if faults:
        raise InputError(faults)
    return frozenset(found)


def read_facilities(
    sources: Sequence[FacilitySource], log: ReadingLog, columns: Collection[str] | None = None
) -> list[Ledger]:
    """Read every ledger and layer; ``streets`` sources are read by the caller, who has the extract.

    Each source's faults are kept in the log, so that all of them are seen at once; `columns` are those
    that plans need (``layer.column``).
    """
    found: list[Ledger] = []
    labels: set[str] = set()
    for source in sources:
        if source.source == "streets":
            continue
        path = Path(source.source)
        label = path.stem if path.stem not in labels else f"{path.stem}-{len(labels) + 1}"
        labels.add(label)
        with log.collecting():
            found.append(Ledger(label, str(path), read_ledger(source, log, columns)))
    return found


def facilities_table(
    ledgers: Sequence[Ledger],
    tagged: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame,
    area: StudyArea,
    log: ReadingLog,
    *,
    outlines_count: bool = True,
) -> gpd.GeoDataFrame:
    """The ``FACILITIES`` table: placed, told apart, and limited to the ground within reach.

    Parameters
    ----------
    ledgers
        From `read_facilities`.
    tagged
        Places of the OSM extract: ``osm_id``, ``service``, ``name``, ``access``, ``geometry``; or None.
    communities
        Placed, sorted by code. A facility belongs to the one its inner point lies in; on a border, to
        the smaller code.
    area, log
        The study's ground; takes the remarks.
    outlines_count
        Whether a facility's outline stands for the area of its site where no source says that.
    """
    tables = []
    for ledger in ledgers:
        with log.collecting():
            check_place(ledger.rows, area, file=ledger.file)
            rows = ledger.rows.to_crs(area.crs)
            rows["facility"] = [f"{ledger.label}:{name}" for name in rows["facility"]]
            tables.append(rows.assign(source=ledger.label))
    if tagged is not None and len(tagged):
        tables.append(_from_tags(tagged, log).to_crs(area.crs))
    if not tables:
        return _checked(_blank(), area)
    together = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=area.crs)
    inner = shapely.point_on_surface(together.geometry.to_numpy())
    near = shapely.dwithin(area.outline, together.geometry.to_numpy(), area.reach_m)
    _remark_sources(together[~near], "facilities-beyond-reach", log)
    together, inner = together[near].reset_index(drop=True), inner[near]
    together["x"], together["y"] = shapely.get_x(inner), shapely.get_y(inner)
    double = _doubles(together)
    _remark_sources(together[double], "facilities-doubled", log)
    together, inner = together[~double].reset_index(drop=True), inner[~double]
    if outlines_count:
        _measure_outlines(together, log)
    owner = owner_of(inner, communities)
    together["community"] = np.append(communities["code"].to_numpy(), "")[owner]
    together["inside"] = shapely.intersects(area.outline, inner)
    return _checked(together, area)


def _from_tags(tagged: gpd.GeoDataFrame, log: ReadingLog) -> gpd.GeoDataFrame:
    """OSM places as facilities; those tagged for a closed circle of users are not public."""
    closed = tagged["access"].isin(["private", "customers", "no"]).to_numpy()
    if closed.any():
        log.remark("facilities", "not-public", item="osm", count=int(closed.sum()))
    rows = gpd.GeoDataFrame(
        {
            "facility": [f"osm:{number}" for number in tagged["osm_id"]],
            "service": tagged["service"].astype(str).to_numpy(dtype=object),
            "name": tagged["name"].fillna("").astype(str).to_numpy(dtype=object),
            "public": ~closed,
            "source": "osm",
        },
        geometry=tagged.geometry.to_numpy(),
        crs=tagged.crs,
    )
    for name in _NUMBERS:
        rows[name] = np.nan
    rows["meets_standard"] = pd.Series([None] * len(rows), dtype=object)
    return rows


def _doubles(rows: gpd.GeoDataFrame) -> pd.Series:
    """Later rows of the same service and name within the same metre; a blank name equals every name.

    Two differently named facilities at one address are two facilities.
    """
    place = pd.DataFrame(
        {
            "service": rows["service"],
            "x": (rows["x"] / _SAME_PLACE_M).round(),
            "y": (rows["y"] / _SAME_PLACE_M).round(),
        }
    )
    double = place.assign(name=rows["name"]).duplicated()
    others = place.duplicated(keep=False)
    named = (rows["name"] != "").groupby([place[name] for name in place], sort=False).transform("any")
    blank_first = place[rows["name"] == ""].duplicated().reindex(rows.index, fill_value=False)
    return double | ((rows["name"] == "") & others & named) | blank_first


def _measure_outlines(rows: gpd.GeoDataFrame, log: ReadingLog) -> None:
    """Put the area of outlines where no source says how large a site is, in place; ground counts once.

    Of outlines of one service that overlap (a pitch within its sports ground), the larger has the ground.
    """
    outlined = of_kind(rows.geometry.to_numpy(), AREAS)
    measured = rows[outlined & rows["site_area_m2"].isna().to_numpy()]
    for _, group in rows[outlined].groupby("service", sort=False):
        blank = group.index.isin(measured.index)
        rows.loc[group.index[blank], "site_area_m2"] = _ground_of_its_own(group.geometry.to_numpy())[blank]
    _remark_sources(measured.drop_duplicates("facility"), "site-area-from-outline", log)


def _ground_of_its_own(shapes: np.ndarray) -> np.ndarray:
    """Area of each shape that lies in no larger one (of equals, in no earlier one), in m2."""
    size = shapely.area(shapes)
    own, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    larger = (size[other] > size[own]) | ((size[other] == size[own]) & (other < own))
    found = size.copy()
    for shape in np.unique(own[larger]):
        others = shapely.union_all(shapes[other[larger & (own == shape)]])
        found[shape] = shapely.area(shapely.difference(shapes[shape], others))
    return found


def _remark_sources(rows: pd.DataFrame, remark: str, log: ReadingLog) -> None:
    """One remark per source on rows that are left out."""
    for source, group in rows.groupby("source", sort=True):
        ids = preview(sorted(set(group["facility"])))
        log.remark("facilities", remark, item=str(source), count=len(group), value=ids)


def _blank() -> gpd.GeoDataFrame:
    """No facilities at all."""
    return gpd.GeoDataFrame(FACILITIES.empty(), geometry="geometry")


def _checked(rows: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """Columns in the published order, rows in the order of the key."""
    further = [name for name in rows.columns if name not in {*FACILITIES.columns, "x", "y"}]
    table = rows[[*FACILITIES.columns, *further]].sort_values(["facility", "service"], ignore_index=True)
    for name, column in {**FACILITY_FIGURES, **FACILITY_DETAILS}.items():
        if name in table and column.kind == "flag":
            table[name] = table[name].astype(object).where(table[name].notna(), None)
    if table.crs is None:
        table = table.set_crs(area.crs)
    return FACILITIES.check(table)
