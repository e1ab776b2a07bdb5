"""The boundary judged and the communities in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.area_figures import AreaLedger, area_columns, area_figures, columns_of, laid_over
from lifecircle.sources.fabric import remark_fabric, require_habitable
from lifecircle.sources.figures import code_column, named_codes
from lifecircle.sources.files.cell_values import texts
from lifecircle.sources.files.columns import UNREAD, unread_headings
from lifecircle.sources.files.shapes import placed_layer
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.osm.download import find_place
from lifecircle.sources.place_names import (
    committee_scope,
    declared_kind,
    declared_scope,
    name_scope,
    parent_code,
)
from lifecircle.sources.regular_grids import grid_cells
from lifecircle.study.area import Area
from lifecircle.tables import COMMUNITIES, PARENT_LEVELS, WGS84, local_crs
from lifecircle.tables.datum import in_china
from lifecircle.tables.degrees import degree_span, parted_degrees, wrapped
from lifecircle.tables.subdivision import areas_within, is_large
from lifecircle.tables.surroundings import within_distance

__all__ = [
    "StudyArea",
    "check_place",
    "place_communities",
    "read_boundary",
    "read_communities",
    "study_area",
]

_INSIDE_SHARE = 0.5
_STEP_M = 1000.0
_GRID = "h3:8"
_TEXTS = ("scope", "scope_source", *PARENT_LEVELS, *(f"{level}_name" for level in PARENT_LEVELS))


@dataclass(frozen=True)
class StudyArea:
    """The boundary, the study's coordinate system, and how far beyond the boundary is read.

    Attributes
    ----------
    boundary : GeoDataFrame
        One row, ``name`` and ``geometry``, in `crs`.
    crs : CRS
        Local transverse Mercator, metres.
    reach_m : float
        One cutoff plus the longest snap.
    of_communities : bool
        Whether the boundary is the communities' own union.
    """

    boundary: gpd.GeoDataFrame
    crs: CRS
    reach_m: float
    of_communities: bool = False

    @property
    def outline(self) -> shapely.Geometry:
        """The boundary's polygon."""
        return self.boundary.geometry.iloc[0]

    @cached_property
    def zone(self) -> shapely.Geometry:
        """Everything within reach of the boundary."""
        return within_distance(self.outline, self.reach_m)

    def around_wgs84(self, distance_m: float) -> shapely.Geometry:
        """Everything within a distance of the boundary, as a polygon in WGS 84 degrees."""
        around = shapely.segmentize(
            self.zone if distance_m == self.reach_m else within_distance(self.outline, distance_m), _STEP_M
        )
        return parted_degrees(gpd.GeoSeries([around], crs=self.crs)).iloc[0]

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the zone in WGS 84 degrees."""
        back = Transformer.from_crs(self.crs, WGS84, always_xy=True)
        west, south, east, north = back.transform_bounds(*self.zone.bounds)
        return float(west), float(south), float(east), float(north)


def read_boundary(area: Area, log: ReadingLog) -> gpd.GeoDataFrame | None:
    """The boundary as one row in WGS 84, or None where the communities' union is to serve.

    ``place`` asks OpenStreetMap's Nominatim (`find_place`), the one source here that needs a network.

    Raises
    ------
    InputError
        If the file cannot be used or the place is unknown.
    """
    if area.boundary is not None:
        if area.boundary_datum is None and area.datum != "wgs84" and area.communities is not None:
            log.remark("area", "datum-of-both", item=str(area.boundary), value=area.datum)
        boundary = read_vector(
            area.boundary,
            log,
            subject="area",
            shape="polygon",
            wanted={"name": (area.columns.name,)},
            layer=area.layer_of_boundary,
            encoding=area.encoding_of_boundary,
            datum=area.boundary_datum or area.datum,
        )
        boundary = boundary.set_geometry(parted_degrees(boundary.geometry))
    elif area.place:
        boundary = find_place(area.place)
    else:
        return None
    shapes = boundary.geometry.to_numpy()
    outline = shapes[0] if len(shapes) == 1 and is_large(shapes[0]) else shapely.union_all(shapes)
    name = texts(boundary["name"]).iloc[0] if len(boundary) == 1 and "name" in boundary else area.place
    return gpd.GeoDataFrame({"name": [name]}, geometry=[outline], crs=WGS84)


def read_communities(
    area: Area, log: ReadingLog, ledgers: Sequence[AreaLedger] = (), columns: Collection[str] | None = None
) -> gpd.GeoDataFrame | None:
    """The communities as the file has them, columns parsed, in the file's coordinate system.

    Parameters
    ----------
    area, log
        The study's table; takes remarks and faults.
    ledgers
        Ledgers of areas: what those of communities say is laid over what the file says.
    columns
        ``layer.column`` names that plans need; a plan's own are read under their names.

    Returns
    -------
    GeoDataFrame or None
        The text and number columns of ``COMMUNITIES`` (``population`` is the file's own column,
        ``UNIT_FIGURES`` where there are any), and the names of the units above. None for a study on a grid.

    Raises
    ------
    InputError
        If the file cannot be used; wrong values become faults of the log.
    """
    if area.communities is None:
        return None
    own = columns_of("communities", columns)
    wanted, named = area_columns(area.columns, own, place="area.columns")
    file = str(area.communities)
    raw = read_vector(
        area.communities,
        log,
        subject="communities",
        shape="polygon",
        wanted=wanted,
        required={"code", *named},
        layer=area.layer,
        encoding=area.encoding,
        datum=area.datum,
    )
    table = gpd.GeoDataFrame(geometry=raw.geometry, crs=raw.crs)
    table.attrs[UNREAD] = unread_headings(raw)
    table["code"] = named_codes(raw, "code", log, subject="communities", file=file, field=area.columns.code)
    for name in ("name", "kind", "scope"):
        table[name] = texts(raw[name]) if name in raw else ""
    for name in PARENT_LEVELS:
        field = str(getattr(area.columns, name))
        table[name] = code_column(raw, name, log, subject="communities", file=file, field=field)
        table[f"{name}_name"] = texts(raw[f"{name}_name"]) if f"{name}_name" in raw else ""
    figures = area_figures(raw, log, file=file, fields=area.columns.model_dump(), own=own)
    for name in ("population", "population_urban", "households"):
        table[name] = figures.get(name, np.nan)
    for name in figures.columns:
        table[name] = figures[name]
    laid_over(table, "communities", ledgers, log)
    _add_parents(table, log)
    _add_scope(table, log, file)
    _add_kind(table, log, file)
    return table


def _add_parents(table: gpd.GeoDataFrame, log: ReadingLog) -> None:
    """Township, county and city from the code where no column says them."""
    for level in PARENT_LEVELS:
        missing = table[level] == ""
        guessed = [parent_code(code, level) for code in table.loc[missing, "code"]]
        table.loc[missing, level] = guessed
        if count := sum(map(bool, guessed)):
            log.remark("communities", "parents-from-code", item=level, count=count)


def _add_scope(table: gpd.GeoDataFrame, log: ReadingLog, file: str) -> None:
    """Urban or rural: the column, else the committee part of the code, else the name."""
    declared = [declared_scope(value) for value in table["scope"]]
    unknown = sorted({value for value, scope in zip(table["scope"], declared, strict=True) if scope is None})
    if unknown:
        log.remark("communities", "unknown-scope", item=file, value=preview(unknown), severity="warning")
    by_code = [committee_scope(code) for code in table["code"]]
    by_name = [name_scope(name) for name in table["name"]]
    scopes, origins = [], []
    for column, code, name in zip(declared, by_code, by_name, strict=True):
        scopes.append(column or code or name)
        origins.append("column" if column else "code" if code else "name" if name else "")
    disagree = [
        row
        for row, column, code, name in zip(table["code"], declared, by_code, by_name, strict=True)
        if not column and code and name and code != name
    ]
    if disagree:
        log.remark(
            "communities",
            "scope-disagrees",
            item=file,
            count=len(disagree),
            value=preview(disagree),
            severity="warning",
        )
    for origin in ("code", "name", ""):
        if count := origins.count(origin):
            log.remark("communities", f"scope-from-{origin or 'nothing'}", count=count)
    table["scope"], table["scope_source"] = scopes, origins


def _add_kind(table: gpd.GeoDataFrame, log: ReadingLog, file: str) -> None:
    """Community or village: the column, else what the scope suggests."""
    declared = [declared_kind(value) for value in table["kind"]]
    unknown = sorted({value for value, kind in zip(table["kind"], declared, strict=True) if kind is None})
    if unknown:
        log.remark("communities", "unknown-kind", item=file, value=preview(unknown), severity="warning")
    table["kind"] = [
        kind or ("village" if scope == "rural" else "community")
        for kind, scope in zip(declared, table["scope"], strict=True)
    ]


def study_area(
    boundary: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame | None,
    *,
    reach_m: float,
    log: ReadingLog | None = None,
) -> StudyArea:
    """The study's coordinate system, centred on the boundary (the communities' union where there is none)."""
    of_communities = boundary is None
    if boundary is None:
        if communities is None:
            raise InputError(Fault("no-area", field="area"))
        shapes = parted_degrees(communities.geometry).to_numpy()
        outline = shapes[0] if len(shapes) == 1 and is_large(shapes[0]) else shapely.union_all(shapes)
        boundary = gpd.GeoDataFrame({"name": [""]}, geometry=[outline], crs=WGS84)
    west, south, east, north = degree_span(boundary.geometry)
    crs = local_crs(wrapped((west + east) / 2), (south + north) / 2)
    projected = placed_layer(boundary, crs, log or ReadingLog(), subject="area", file="area.boundary")
    area = StudyArea(projected, crs, reach_m, of_communities)
    shapely.prepare(area.outline)  # every layer is asked whether it lies in it
    return area


def check_place(layer: gpd.GeoDataFrame, area: StudyArea, *, file: str) -> None:
    """Refuse a layer that lies nowhere near the boundary.

    Raises
    ------
    InputError
        ``swapped-lonlat`` where it would lie there with longitude and latitude exchanged, else
        ``elsewhere`` with the distance.
    """
    projected = layer.to_crs(area.crs)
    zone = area.zone
    if shapely.intersects(zone, projected.geometry.to_numpy()).any():
        return
    west, south, east, north = layer.to_crs(WGS84).total_bounds
    values = {"x": f"{(west + east) / 2:.6g}", "y": f"{(south + north) / 2:.6g}", "crs": CRS(WGS84).name}
    exchanged = shapely.transform(layer.to_crs(WGS84).geometry.to_numpy(), lambda place: place[:, ::-1])
    possible = np.abs(shapely.bounds(exchanged)[:, [1, 3]]).max(axis=1) <= 90.0
    swapped = gpd.GeoSeries(exchanged[possible], crs=WGS84).to_crs(area.crs)
    if len(swapped) and shapely.intersects(zone, swapped.to_numpy()).any():
        raise InputError(Fault("swapped-lonlat", file=file, values=values))
    distance_km = float(np.nanmin(shapely.distance(area.outline, projected.geometry.to_numpy()))) / 1000
    raise InputError(Fault("elsewhere", file=file, values={**values, "distance_km": f"{distance_km:,.0f}"}))


def place_communities(
    communities: gpd.GeoDataFrame | None, area: StudyArea, log: ReadingLog, *, source: Area
) -> gpd.GeoDataFrame:
    """The ``COMMUNITIES`` table: in the study's system, inside or context, ``population`` still unknown.

    A community belongs to the boundary when more than half of its area lies within it; others within
    reach are context (``inside`` False). Further columns: ``reported`` (the file's own population) and
    the names of the units above.

    Raises
    ------
    InputError
        If the layer lies elsewhere or none of it within the boundary, or the grid is too fine.
    """
    file = str(source.communities or "")
    if communities is None:
        cells = grid_cells(source.grid or _GRID, area.boundary, area.crs)
        placed = cells.assign(name=cells["code"], kind="cell", **dict.fromkeys(_TEXTS, ""))
        placed = placed.assign(**dict.fromkeys(("reported", "population_urban", "households"), np.nan))
        placed["inside"] = True
    else:
        check_place(communities, area, file=file)
        placed = placed_layer(communities, area.crs, log, subject="communities", file=file)
        placed = placed.rename(columns={"population": "reported"})
        _remark_eleven(placed, area, log, file)
        shapes = placed.geometry.to_numpy()
        near = shapely.dwithin(area.outline, shapes, area.reach_m)
        if (~near).any():
            codes = preview(placed.loc[~near, "code"], 10)
            log.remark("communities", "beyond-reach", count=int((~near).sum()), value=codes)
        placed = placed.loc[near].copy()
        if area.of_communities:
            placed["inside"] = True
        else:
            share = _share_within(placed.geometry.to_numpy(), area.outline)
            placed["inside"] = share > _INSIDE_SHARE
            _remark_straddling(placed, share, log)
        if not placed["inside"].any():
            raise InputError(Fault("no-community-inside", file=file))
    placed = placed.sort_values("code", ignore_index=True)
    placed["population"] = np.nan
    placed["edge"] = False
    remark_fabric(placed, None if area.of_communities else area.outline, log)
    people = placed["reported"].to_numpy(dtype="float64")
    require_habitable(people, placed, log, file=file, field=source.columns.population or "population")
    return COMMUNITIES.check(placed)


def _remark_eleven(placed: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog, file: str) -> None:
    """Say that codes of communities in China have 11 digits, where statistical codes have 12."""
    codes = placed["code"]
    short = codes[codes.str.fullmatch(r"[1-9]\d{10}").astype(bool)]
    middle = gpd.GeoSeries([area.outline.centroid], crs=area.crs).to_crs(WGS84)
    if 2 * len(short) > len(codes) and in_china(middle.x.to_numpy(), middle.y.to_numpy()).all():
        value = preview(short.tolist())
        log.remark(
            "communities", "codes-eleven", item=file, count=len(short), value=value, severity="warning"
        )


def _share_within(shapes: np.ndarray, outline: shapely.Geometry) -> np.ndarray:
    """Share of each shape's area that lies within the outline."""
    shapely.prepare(outline)
    whole = shapely.contains_properly(outline, shapes)
    inner = np.where(whole, shapely.area(shapes), 0.0)
    inner[~whole] = areas_within(shapes[~whole], outline)
    return inner / np.maximum(shapely.area(shapes), 1e-9)


def _remark_straddling(placed: gpd.GeoDataFrame, share: np.ndarray, log: ReadingLog) -> None:
    """Communities that the boundary cuts in two."""
    cut = (share > 0.01) & (share < 0.99)
    if cut.any():
        log.remark(
            "communities",
            "straddles-boundary",
            count=int(cut.sum()),
            value=preview(placed.loc[cut, "code"]),
            severity="warning",
        )
