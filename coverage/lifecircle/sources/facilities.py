"""Facilities from every ``[[facilities]]`` source, in one table: one row per facility and service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import catalogue, nearest
from lifecircle.sources.areas import StudyArea, check_place
from lifecircle.sources.containment import owner_of
from lifecircle.sources.doubles import merge_sources, repeated_rows
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import LostRows, ReadingLog
from lifecircle.sources.named_communities import NAMED_COMMUNITY, check_named_communities, place_by_community
from lifecircle.sources.selected import complete_selected, remark_unmeasured, with_selected
from lifecircle.study.sections import FacilitySource
from lifecircle.tables import FACILITIES, FACILITY_DETAILS, FACILITY_FIGURES
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["Ledger", "complete_services", "facilities_table", "read_facilities", "still_complete"]

_STEP_M = 50_000.0
_NUMBERS = tuple(name for name, column in FACILITY_FIGURES.items() if column.kind == "number")


@dataclass(frozen=True)
class Ledger:
    """One source as read.

    Attributes
    ----------
    label : str
        What its ids begin with.
    file : str
    rows : GeoDataFrame
        From `read_ledger`.
    source : FacilitySource
        What the study says of it.
    lost : tuple of LostRows
        Rows of its file that reading left out.
    """

    label: str
    file: str
    rows: gpd.GeoDataFrame
    source: FacilitySource
    lost: tuple[LostRows, ...] = ()


def complete_services(sources: Iterable[FacilitySource]) -> frozenset[str]:
    """The services that some source declares to list completely.

    Raises
    ------
    InputError
        For services that are not in the catalogue, and for ``streets``, which is never complete.
    """
    faults: list[Fault] = []
    complete: set[str] = set()
    for number, source in enumerate(sources, 1):
        place = f"facilities[{number}].complete_for"
        if source.source == "streets" and source.complete_for:
            faults.append(Fault("osm-not-complete", field=place))
        for name in source.complete_for:
            if name not in catalogue():
                values = {"found": name, "nearest": nearest(name, catalogue())}
                faults.append(Fault("unknown-service", field=place, values=values))
        complete.update(source.complete_for)
    if faults:
        raise InputError(faults)
    return frozenset(complete)


def read_facilities(
    sources: Sequence[FacilitySource], log: ReadingLog, columns: Collection[str] | None = None
) -> list[Ledger]:
    """Read every ledger and layer; ``streets`` sources are read by the caller, who has the extract.

    Each source's faults are kept in the log, so that all of them are seen at once; `columns` are those
    that plans need (``layer.column``).
    """
    ledgers: list[Ledger] = []
    labels: set[str] = set()
    for source in sources:
        if source.source == "streets":
            continue
        path = Path(source.source)
        label = path.stem if path.stem not in labels else f"{path.stem}-{len(labels) + 1}"
        if source.source in log.memory:
            # the only table keeps its ids; of several each is told by its service
            label = "" if len(sources) == 1 else source.service or label.removeprefix("memory:")
        labels.add(label)
        with log.collecting(path):
            known = len(log.lost)
            rows = read_ledger(source, log, columns)
            ledgers.append(Ledger(label, str(path), rows, source, tuple(log.lost[known:])))
    return ledgers


def still_complete(
    ledgers: Iterable[Ledger],
    declared: frozenset[str],
    log: ReadingLog,
    *,
    astray: pd.DataFrame,
    facilities: pd.DataFrame,
) -> frozenset[str]:
    """Of the services declared complete, those for which no ledger lost a row; and what is selected of them.

    Parameters
    ----------
    ledgers
        From `read_facilities`, with the rows that reading left out.
    declared
        From `complete_services`.
    astray
        From `facilities_table`: ``source`` and ``service`` of rows too far off to be believed.
    facilities
        From `facilities_table`: a service selected by size is complete where all sizes are known.
    """
    broken: set[str] = set()
    for ledger in ledgers:
        promised = set(ledger.source.complete_for)
        services = {
            name for lost in ledger.lost for name in (promised if lost.services is None else lost.services)
        }
        strays = astray[astray["source"] == ledger.label]
        gone = promised & (services | set(strays["service"]))
        if gone:
            count = sum(len(lost.rows) for lost in ledger.lost) + len(strays)
            log.remark(
                "facilities",
                "not-complete",
                item=ledger.file,
                count=count or float("nan"),
                value=preview(sorted(gone), 10),
                severity="warning",
            )
        broken |= gone
    kept = declared - broken
    return kept | complete_selected(facilities, kept)


def facilities_table(
    ledgers: Sequence[Ledger],
    tagged: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame,
    area: StudyArea,
    log: ReadingLog,
    *,
    outlines_count: bool = True,
    osm_merge_within_m: float = 0.0,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
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
    osm_merge_within_m
        ``merge_within_m`` of the study's ``streets`` source.

    Returns
    -------
    tuple
        The table, and the rows astray (``source``, ``service``): so far from the boundary and from the
        rest of their ledger that their coordinates must be wrong.
    """
    tables, astray = [], [_no_strays()]
    for ledger in ledgers:
        with log.collecting(ledger.file):
            rows, placeless = place_by_community(ledger.rows, communities, log, file=ledger.file)
            if len(placeless):
                astray.append(placeless.assign(source=ledger.label)[["source", "service"]])
            if rows.empty:
                continue
            check_place(rows, area, file=ledger.file)
            away = _far_from_the_rest(rows, area)
            if away.any():
                astray.append(_told_astray(rows[away], ledger, area, log))
            if ledger.label:
                rows["facility"] = [f"{ledger.label}:{name}" for name in rows["facility"]]
            tables.append(rows[~away].assign(source=ledger.label))
    strays = pd.concat(astray, ignore_index=True)
    if tagged is not None and len(tagged):
        tables.append(_from_tags(tagged, log).to_crs(area.crs))
    if not tables:
        return _checked(_blank(), area), strays
    rows = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=area.crs)
    # What lies beyond reach is counted and left out.
    near = shapely.dwithin(area.outline, rows.geometry.to_numpy(), area.reach_m)
    _remark_sources(rows[~near], "facilities-beyond-reach", log)
    rows = rows[near].reset_index(drop=True)
    inner = shapely.point_on_surface(rows.geometry.to_numpy())
    rows["x"], rows["y"] = shapely.get_x(inner), shapely.get_y(inner)
    # The same place told twice by one source, then by several.
    double = repeated_rows(rows)
    _remark_sources(rows[double], "facilities-doubled", log)
    rows = rows[~double].reset_index(drop=True)
    merge_within_m = {ledger.label: ledger.source.merge_within_m for ledger in ledgers}
    merge_within_m["osm"] = osm_merge_within_m
    rows = merge_sources(rows, merge_within_m, log)
    if outlines_count:
        _measure_outlines(rows, log)
    remark_unmeasured(rows, log)
    rows = with_selected(rows)
    inner = shapely.points(rows["x"], rows["y"])
    # The community in which each lies; the last entry stands for none.
    owner = owner_of(inner, communities)
    rows["community"] = np.append(communities["code"].to_numpy(), "")[owner]
    check_named_communities(rows, {ledger.label: ledger.file for ledger in ledgers}, log)
    rows["inside"] = shapely.intersects(area.outline, inner)
    return _checked(rows, area), strays


def _no_strays() -> pd.DataFrame:
    """No rows astray."""
    return pd.DataFrame({"source": [], "service": []}, dtype=object)


def _far_from_the_rest(rows: gpd.GeoDataFrame, area: StudyArea) -> NDArray[np.bool_]:
    """Rows of a ledger that neither the study's ground nor a chain of its other rows leads to.

    A ledger of a whole province goes on beyond the study in steps of some kilometres; a mistyped
    coordinate stands alone. Steps are counted in squares: two squares side by side, or with one between,
    are joined.
    """
    near = shapely.dwithin(area.outline, rows.geometry.to_numpy(), area.reach_m)
    boxes = shapely.bounds(rows.geometry.to_numpy())
    placed = np.isfinite(boxes).all(axis=1)
    squares = np.where(placed[:, None], np.floor(boxes[:, :2] / _STEP_M), 0).astype(np.int64)
    # Flooded from the squares near the study over those that hold a row.
    taken = {(int(east), int(north)) for east, north in squares[placed]}
    reached: set[tuple[int, int]] = set()
    queue = [(int(east), int(north)) for east, north in squares[near]]
    while queue:
        east, north = queue.pop()
        if (east, north) in reached:
            continue
        reached.add((east, north))
        queue += [
            (east + x, north + y)
            for x in range(-2, 3)
            for y in range(-2, 3)
            if (east + x, north + y) in taken and (east + x, north + y) not in reached
        ]
    joined = np.array([(int(east), int(north)) in reached for east, north in squares], dtype=bool)
    return ~near & ~(placed & joined)


def _told_astray(rows: gpd.GeoDataFrame, ledger: Ledger, area: StudyArea, log: ReadingLog) -> pd.DataFrame:
    """Name the rows astray with their distance from the boundary; their source and services."""
    with np.errstate(invalid="ignore"):
        away_km = shapely.distance(area.outline, rows.geometry.to_numpy()) / 1000
    said = [
        f"{row} ({facility}, {distance:,.0f} km)" if np.isfinite(distance) else f"{row} ({facility})"
        for row, facility, distance in zip(rows["row"], rows["facility"], away_km, strict=True)
    ]
    log.remark(
        "facilities",
        "rows-astray",
        item=ledger.file,
        count=len(rows),
        value=preview(said, 10),
        severity="warning",
    )
    return pd.DataFrame({"source": ledger.label, "service": rows["service"].to_numpy(dtype=object)})


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


def _measure_outlines(rows: gpd.GeoDataFrame, log: ReadingLog) -> None:
    """Put the area of outlines where no source says how large a site is, in place; ground counts once.

    Of outlines of one service that overlap (a pitch within its sports ground), the larger has the ground.
    """
    rows["site_from_outline"] = False
    outlined = of_kind(rows.geometry.to_numpy(), AREAS)
    measured = rows[outlined & rows["site_area_m2"].isna().to_numpy()]
    for _, group in rows[outlined].groupby("service", sort=False):
        blank = group.index.isin(measured.index)
        rows.loc[group.index[blank], "site_area_m2"] = _ground_of_its_own(group.geometry.to_numpy())[blank]
        rows.loc[group.index[blank], "site_from_outline"] = True
    _remark_sources(measured.drop_duplicates("facility"), "site-area-from-outline", log)


def _ground_of_its_own(shapes: np.ndarray) -> np.ndarray:
    """Area of each shape that lies in no larger one (of equals, in no earlier one), in m2."""
    size = shapely.area(shapes)
    own, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    larger = (size[other] > size[own]) | ((size[other] == size[own]) & (other < own))
    ground = size.copy()
    for shape in np.unique(own[larger]):
        others = shapely.union_all(shapes[other[larger & (own == shape)]])
        ground[shape] = shapely.area(shapely.difference(shapes[shape], others))
    return ground


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
    further = [
        name for name in rows.columns if name not in {*FACILITIES.columns, "x", "y", "row", NAMED_COMMUNITY}
    ]
    table = rows[[*FACILITIES.columns, *further]].sort_values(["facility", "service"], ignore_index=True)
    for name, column in {**FACILITY_FIGURES, **FACILITY_DETAILS}.items():
        if name in table and column.kind == "flag":
            table[name] = table[name].astype(object).where(table[name].notna(), None)
    if table.crs is None:
        table = table.set_crs(area.crs)
    return FACILITIES.check(table)
