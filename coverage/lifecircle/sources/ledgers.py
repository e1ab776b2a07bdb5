"""One ledger or layer of facilities: its columns, its ids, and one place a row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import nearest
from lifecircle.sources.figures import check_parts, code_column, figure, figure_or_mark, mark
from lifecircle.sources.files.cell_values import NO_CODE, codes, key, texts
from lifecircle.sources.files.columns import LATITUDE, LONGITUDE, Wanted, heading_of, names_of
from lifecircle.sources.files.shapes import labelled
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.ledger_services import say_services_lost, services_of_rows
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.named_communities import NAMED_COMMUNITY
from lifecircle.study.sections import FacilitySource
from lifecircle.tables import FACILITY_DETAILS, FACILITY_FIGURES, Column
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["read_ledger"]

_FIGURES: Final[Mapping[str, Column]] = {**FACILITY_FIGURES, **FACILITY_DETAILS}
_OURS: Final[Wanted] = {
    "id": (*names_of("id"), "序号", "poi_id"),
    "name": (*names_of("name"), "设施名称", "机构名称", "单位名称"),
    "x": LONGITUDE,
    "y": LATITUDE,
    "public": (*names_of("public"), "是否开放"),
    "access": ("access",),
    "community": names_of("community"),
    **{name: names_of(name) for name in _FIGURES},
}
_SERIAL: Final = frozenset({"序号", "no", "no.", "num", "fid", "objectid"})
"""Headings of running numbers, which begin anew on every page."""
_CLOSED: Final = frozenset({"private", "customers", "no"})
_QUERY_CAPS: Final = (200, 400, 900)
"""Rows at which the place searches of AMap (200, later 900) and Baidu (400) end, whatever there is."""
_ONE_PLACE_M: Final = 50.0
"""Rows of one id this near to each other are one place listed twice."""
_DEGREE_M: Final = 111_320.0
_TYPECODE: Final = re.compile(r"\d{6}(\|\d{6})*")
_SHIFTED_HEADINGS: Final = (
    ("bd09", re.compile(r"bd[-_ ]?0?9|baidu|百度|^bd[-_]|[-_]bd$", re.IGNORECASE)),
    ("gcj02", re.compile(r"gcj|amap|gaode|高德|火星|tencent|腾讯|autonavi", re.IGNORECASE)),
)


def read_ledger(
    source: FacilitySource, log: ReadingLog, columns: Collection[str] | None = ()
) -> gpd.GeoDataFrame:
    """Read one source with a file.

    Parameters
    ----------
    source
        Its ``columns`` map ours (id, name, x, y, public, access, community, the figures of
        ``FACILITY_FIGURES`` and ``FACILITY_DETAILS``, and a plan's own) to the file's; columns that it
        does not map are known by our names and by a template's headings. `service_column` may hold ids,
        Chinese or English names of the catalogue, several in one cell parted by ``;``, ``、``, ``|``,
        ``,`` or ``/``; `amap_column` codes parted in the same way. A row without coordinates may lie in
        the community it names.
    log
        Takes remarks, and faults that leave the rest readable.
    columns
        ``facilities.column`` names that plans of the user's own add to ours; None where no plan was asked:
        names in ``columns`` that are not ours are then left unread.

    Returns
    -------
    GeoDataFrame
        One row per facility and service: ``facility`` (the file's id, else the row number), ``service``,
        ``name``, ``public``, the figures, and those details that the file has, in the file's system; and
        ``row``, its label in the file. Rows that reading left out are in the log's ``lost``.

    Raises
    ------
    InputError
        If the file cannot be used or names services that the catalogue does not know.
    """
    path = Path(source.source)
    file = str(path)
    own = _own_columns(columns)
    wanted = _wanted(source, file, own)
    field = source.service_column or source.amap_column
    if field:
        wanted = {**wanted, "service": names_of(field) if field == "service" else (field,)}
    wanted["typecode"] = ("typecode",)
    known_losses = len(log.lost)
    required = {*(source.columns.keys() & wanted), *(["service"] if field else [])} - {"x", "y"}
    try:
        raw = read_vector(
            path,
            log,
            subject="facilities",
            shape="any",
            wanted=wanted,
            required=required,
            layer=source.layer,
            encoding=source.encoding,
            datum=source.datum,
            table_crs=source.crs or "",
            placed_by="community",
        )
    except InputError as error:
        setting = "service_column" if source.service_column else "amap_column"
        raise type(error)([_set_by(fault, setting) for fault in error.faults]) from None
    raw = _one_place_a_row(raw, [*_FIGURES, *(own or ())], log, file)
    rows = gpd.GeoDataFrame(geometry=_points_or_polygons(raw), index=raw.index, crs=raw.crs)
    rows["facility"] = _ids(raw, log, file, guessed="id" not in source.columns)
    rows[NAMED_COMMUNITY] = code_column(raw, "community", log, subject="facilities", file=file)
    rows["name"] = texts(raw["name"]) if "name" in raw else ""
    rows["public"] = _public(raw, log, file, wanted)
    fields = {name: wanted[name][0] for name in _FIGURES}
    for name, column in _FIGURES.items():
        if name in FACILITY_FIGURES or name in raw:
            read = figure if column.kind == "number" else mark
            rows[name] = read(raw, name, log, file=file, field=fields[name], subject="facilities")
    for name in own or ():
        if name in raw:
            rows[name] = figure_or_mark(
                raw, name, log, file=file, field=wanted[name][0], subject="facilities"
            )
    check_parts(rows, log, file=file, fields=fields)
    rows["service"] = services_of_rows(source, raw, log, file)
    rows["row"] = raw.index.astype(str)
    say_services_lost(source, log, since=known_losses)
    _check_declared_datum(source, raw, log, file)
    _remark_caps(raw, file, log)
    listed = rows.explode("service")
    listed = listed[listed["service"].notna()].reset_index(drop=True)
    return _without_repeated_ids(listed, log, file)


def _own_columns(columns: Collection[str] | None) -> list[str] | None:
    """Columns of facilities that only a plan of the user's own knows; None where no plan was asked."""
    if columns is None:
        return None
    named = {name.removeprefix("facilities.") for name in columns if name.startswith("facilities.")}
    return sorted(named - set(_OURS))


def _wanted(source: FacilitySource, file: str, own: Iterable[str] | None) -> dict[str, tuple[str, ...]]:
    """Our columns, a plan's own, and the names to look for: the study's word alone where it gives one."""
    known = {**_OURS, **{name: (name,) for name in own or ()}}
    unknown = [name for name in source.columns if name not in known]
    if unknown and own is not None:
        raise InputError(
            [
                Fault(
                    "unknown-key",
                    file=file,
                    field=f"columns.{name}",
                    values={"nearest": nearest(name, known)},
                )
                for name in unknown
            ]
        )
    return {
        ours: (source.columns[ours],) if ours in source.columns else names for ours, names in known.items()
    }


def _points_or_polygons(raw: gpd.GeoDataFrame) -> np.ndarray:
    """Points and polygons as they are, single-part collections opened, lines as their middle."""
    shapes = raw.geometry.to_numpy().copy()
    multiple = (shapely.GeometryType.MULTIPOINT, shapely.GeometryType.MULTIPOLYGON)
    single = of_kind(shapes, multiple) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    loose = ~of_kind(shapes, (shapely.GeometryType.POINT, *AREAS))
    shapes[loose] = shapely.point_on_surface(shapes[loose])
    return shapes


def _set_by(fault: Fault, setting: str) -> Fault:
    """A fault about the column of services names the setting that chose it, which is none of ``columns``."""
    said = dict(fault.values)
    if fault.key != "missing-column" or said["ours"] != "service":
        return fault
    return dataclasses.replace(fault, values=said | {"setting": setting})


def _one_place_a_row(
    raw: gpd.GeoDataFrame, figures: Iterable[str], log: ReadingLog, file: str
) -> gpd.GeoDataFrame:
    """Every place of a multipoint in a row of its own; its figures stay with the first and count once."""
    shapes = raw.geometry.to_numpy()
    several = of_kind(shapes, (shapely.GeometryType.MULTIPOINT,)) & (shapely.get_num_geometries(shapes) > 1)
    if not several.any():
        return raw
    rows = preview(labelled(raw, several))
    count = int(several.sum())
    log.remark("facilities", "multipoint-split", item=file, count=count, value=rows, severity="warning")
    parts = raw[several].explode(index_parts=False)
    number = parts.groupby(level=0, sort=False).cumcount() + 1
    later = (number > 1).to_numpy()
    for name in figures:
        if name in parts:
            parts[name] = parts[name].astype(object).where(~later, None)
    if "id" in parts:
        names = [f"{code}#{place}" for code, place in zip(codes(parts["id"])[0], number, strict=True)]
        parts["id"] = parts["id"].astype(object).where(~later, names)
    parts.index = pd.Index(
        [f"{row}#{place}" if place > 1 else row for row, place in zip(parts.index, number, strict=True)]
    )
    split = gpd.GeoDataFrame(
        pd.concat([one for one in (raw[~several], parts) if len(one)]), geometry="geometry", crs=raw.crs
    )
    split.attrs = dict(raw.attrs)
    return split


def _ids(raw: gpd.GeoDataFrame, log: ReadingLog, file: str, *, guessed: bool) -> list[str]:
    """The file's ids, row numbers where it has none; one id at two places is a fault.

    Running numbers that nobody asked for as ids (`guessed`) are none where they repeat.
    """
    if "id" not in raw:
        return [str(row) for row in raw.index]
    heading = heading_of(raw, "id")
    ids, restored, lost = codes(raw["id"])
    if restored:
        log.remark("facilities", "codes-restored", item=file, count=restored)
    if lost.any():
        log.fault(
            "code-lost-digits",
            place=(file, "", preview(raw.index[lost]), heading),
            found=preview(ids[lost]),
            count=int(lost.sum()),
        )
    blank = ids.map(lambda name: name == "" or name.casefold() in NO_CODE).astype(bool)
    named = ids.where(~blank, pd.Series(raw.index, index=raw.index))
    torn = _torn_ids(raw, named)
    if torn and guessed and key(heading) in _SERIAL:
        log.remark(
            "facilities", "serial-not-id", item=file, count=len(raw), value=heading, severity="warning"
        )
        return [str(row) for row in raw.index]
    if torn:
        rows = preview(raw.index[named.isin(torn)])
        log.fault("duplicate-id", place=(file, "", rows, heading), found=preview(torn), count=len(torn))
    return named.tolist()


def _torn_ids(raw: gpd.GeoDataFrame, ids: pd.Series) -> list[str]:
    """Ids whose rows lie too far apart to be one place listed twice."""
    inner = shapely.point_on_surface(raw.geometry.to_numpy())
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    if raw.crs is None or raw.crs.is_geographic:
        x, y = x * _DEGREE_M * np.cos(np.radians(y)), y * _DEGREE_M
    by_id = pd.DataFrame({"id": ids.to_numpy(), "x": x, "y": y}).groupby("id")[["x", "y"]]
    spread = by_id.max() - by_id.min()
    return sorted(spread.index[np.hypot(spread["x"], spread["y"]) > _ONE_PLACE_M])


def _without_repeated_ids(listed: gpd.GeoDataFrame, log: ReadingLog, file: str) -> gpd.GeoDataFrame:
    """One row per id and service: of one place listed twice under one id, the first row."""
    repeated = listed.duplicated(["facility", "service"]).to_numpy()
    # places far apart under one id are a fault, told as such
    repeated = repeated & ~listed["facility"].isin(_torn_ids(listed, listed["facility"])).to_numpy()
    if not repeated.any():
        return listed
    log.remark(
        "facilities",
        "ids-doubled",
        item=file,
        count=int(repeated.sum()),
        value=preview(labelled(listed.set_index("row").rename(columns={"facility": "id"}), repeated), 10),
        severity="warning",
    )
    return listed[~repeated].reset_index(drop=True)


def _check_declared_datum(source: FacilitySource, raw: gpd.GeoDataFrame, log: ReadingLog, file: str) -> None:
    """Refuse places that look like a Chinese web map's where the study does not say their datum."""
    evidence = _signs_of_shift(source, raw)
    if not evidence:
        return
    datum, sign = evidence
    if "datum" not in source.model_fields_set and source.crs is None:
        log.fault("datum-undeclared", place=(file, "", "", "datum"), found=sign, datum=datum)
    elif source.datum == "wgs84":
        log.remark("facilities", "datum-doubtful", item=file, value=sign, severity="warning")


def _signs_of_shift(source: FacilitySource, raw: gpd.GeoDataFrame) -> tuple[str, str] | None:
    """The shifted datum that headings or codes point to, and the sign itself; None where nothing does."""
    for axis in ("x", "y"):
        heading = source.columns.get(axis, "")
        for datum, pattern in _SHIFTED_HEADINGS:
            if pattern.search(heading):
                return datum, heading
    if source.amap_column:
        return "gcj02", f"amap_column = {source.amap_column}"
    if "typecode" in raw:
        said = texts(raw["typecode"])
        said = said[said != ""]
        if len(said) and said.map(lambda code: _TYPECODE.fullmatch(code) is not None).all():
            return "gcj02", "typecode"
    return None


def _public(
    raw: gpd.GeoDataFrame, log: ReadingLog, file: str, wanted: Mapping[str, tuple[str, ...]]
) -> pd.Series:
    """Open to the public: a column of yes and no, else OSM's ``access``, else yes."""
    answers = mark(raw, "public", log, file=file, field=wanted["public"][0], subject="facilities")
    if "access" in raw:
        closed = texts(raw["access"]).map(key).isin(_CLOSED)
        answers = answers.where(answers.notna(), ~closed)
    public = answers.map(lambda answer: answer is not False and bool(answer is None or answer)).astype(bool)
    if (~public).any():
        log.remark("facilities", "not-public", item=file, count=int((~public).sum()))
    return public


def _remark_caps(raw: gpd.GeoDataFrame, file: str, log: ReadingLog) -> None:
    """Counts at which a web map's search ends, in all and per category: what lies beyond is missing."""
    if _is_capped(len(raw)):
        log.remark("facilities", "capped", item=file, count=len(raw), value=len(raw), severity="warning")
    elif "service" in raw:
        sizes = texts(raw["service"]).value_counts()
        capped = sizes[[_is_capped(size) for size in sizes]]
        if len(capped):
            log.remark(
                "facilities",
                "capped",
                item=file,
                count=int(capped.sum()),
                value=preview(sorted(capped.index)),
                severity="warning",
            )


def _is_capped(rows: int) -> bool:
    """Whether a number of rows is one (or a multiple of the smallest) at which searches end."""
    return rows > 0 and (rows in _QUERY_CAPS or rows % _QUERY_CAPS[0] == 0)
