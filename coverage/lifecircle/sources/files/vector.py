"""One reader for every layer and ledger: .gpkg .geojson .json .shp .zip .fgb .parquet .csv .xlsx."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.libraries import library_faults
from lifecircle.sources.files.archives import SHEETS, VECTORS, layer_file
from lifecircle.sources.files.cell_values import texts
from lifecircle.sources.files.columns import (
    LATITUDE,
    LONGITUDE,
    Wanted,
    choose_columns,
    with_distinct_columns,
)
from lifecircle.sources.files.definitions import read_geoparquet, with_whole_text
from lifecircle.sources.files.encodings import mojibake
from lifecircle.sources.files.layers import read_layer
from lifecircle.sources.files.naming import naming_its_file
from lifecircle.sources.files.opening import describe_file, local_file
from lifecircle.sources.files.parquet_sizes import refuse_large_parquet
from lifecircle.sources.files.shapes import Shape, clean_shapes, to_wgs84_datum, trust_crs
from lifecircle.sources.files.sheets import Sheet, read_sheet
from lifecircle.sources.files.table_points import table_points
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import flat_ids, ids_of
from lifecircle.tables.crs import known_crs
from lifecircle.tables.ids import is_labelled

__all__ = ["read_table", "read_vector"]


@dataclass(frozen=True)
class _Read:
    """What a file holds, before its columns are ours."""

    frame: gpd.GeoDataFrame
    layer: str = ""
    encoding: str = "utf-8"
    is_table: bool = False


@naming_its_file
def read_vector(
    path: Path,
    log: ReadingLog,
    *,
    subject: str,
    shape: Shape,
    wanted: Wanted,
    required: Collection[str] = (),
    layer: str = "",
    encoding: str = "",
    datum: str = "wgs84",
    table_crs: str | None = None,
    placed_by: str = "",
) -> gpd.GeoDataFrame:
    """Read, check and clean one layer.

    Parameters
    ----------
    path
        A local file. Shapefiles may lie in a ``.zip``, which is read in place. Tables (.csv, .xlsx)
        give points by their columns ``x`` and ``y`` in degrees.
    log
        Takes the remarks, the file's description and the faults that leave the rest readable.
    subject
        Subject of the remarks, see ``QUALITY``.
    shape
        ``polygon``; ``point`` (polygons stay polygons); or ``any``.
    wanted, required
        Our columns, the names they may have, and those that must be there.
    layer
        Layer or sheet; needed where a file holds several layers.
    encoding
        Of .csv and .shp; blank: ``.cpg`` or detected.
    datum
        ``gcj02`` or ``bd09``: coordinates are converted to WGS 84.
    table_crs
        System of ``x`` and ``y`` of a table, which a layer's own must equal; blank: degrees. None where
        the study has no key ``crs`` for the file.
    placed_by
        Column of ours that says where a row without coordinates lies (the code of its community): such
        rows are kept, last, without geometry.

    Returns
    -------
    GeoDataFrame
        Our columns that were found, as read, and ``geometry``; in the file's own coordinate system, or
        WGS 84 where the datum was converted. Indexed by row label (text): a table's row number, else
        the number of the feature from 1.

    Raises
    ------
    MissingInputError
        If the file or the layer is not there.
    InputError
        If it cannot be read, lacks a required column, has no usable coordinate system or no usable row.
    """
    file = str(path)
    plan = {"x": LONGITUDE, "y": LATITUDE, **wanted}
    if file in log.memory:
        read = _Read(_from_memory(log.memory[file], subject=subject), encoding="")
    else:
        local_file(path, suffixes=VECTORS)
        with layer_file(path, layer, log, subject) as (source, layer_there):
            read = _read(
                source,
                layer_there,
                encoding,
                log,
                subject=subject,
                file=file,
                plan=plan,
                required=required,
                crs=table_crs or "",
            )
    raw, name, is_table = read.frame, read.layer, read.is_table
    if raw.empty:
        raise InputError(Fault("empty-layer", file=file, layer=name))
    if not isinstance(raw, gpd.GeoDataFrame) or "geometry" not in raw.columns:
        is_table = True
        raw = table_points(
            raw, plan, log, subject=subject, file=file, layer=name, required=required, crs=table_crs or ""
        )
    elif table_crs and raw.crs is not None and raw.crs != known_crs(table_crs):
        values = {"crs": raw.crs.name, "said": table_crs}
        raise InputError(Fault("crs-of-a-layer", file=file, layer=name, field="crs", values=values))
    chosen = choose_columns(raw, wanted, required=required, file=file, layer=name, log=log, subject=subject)
    _remark_mojibake(chosen, log, subject, file)
    table = gpd.GeoDataFrame(chosen, geometry=raw.geometry.to_numpy(), crs=raw.crs)
    aside = table.geometry.isna() & (texts(table[placed_by]) != "") if placed_by in table else None
    placeless = table[aside] if aside is not None else table[:0]
    cleaned = table[~aside] if aside is not None and aside.any() else table
    if len(cleaned):
        key = table_crs is not None and is_table
        trust_crs(cleaned, log, subject=subject, file=file, name=name, datum=datum, table=is_table, key=key)
        cleaned = clean_shapes(cleaned, log, subject=subject, shape=shape, file=file, name=name)
    crs = cleaned.crs.to_string() if cleaned.crs is not None else datum
    facts = {"rows": len(raw), "encoding": read.encoding, "crs": crs, "datum": datum}
    log.files.append({"path": file, **facts} if file in log.memory else describe_file(path, **facts))
    placed = to_wgs84_datum(cleaned, datum) if len(cleaned) else cleaned
    if len(placeless):
        parts = [one for one in (placed, placeless.to_crs(placed.crs)) if len(one)]
        placed = gpd.GeoDataFrame(pd.concat(parts), crs=placed.crs)
    placed.attrs = dict(chosen.attrs)
    return placed


def _read(
    path: Path,
    layer: str,
    encoding: str,
    log: ReadingLog,
    *,
    subject: str,
    file: str,
    plan: Wanted,
    required: Collection[str],
    crs: str,
) -> _Read:
    """A file of any kind but an archive; tables are points already where they must be."""
    suffix = path.suffix.lower()
    if suffix in SHEETS:
        sheet = read_sheet(
            path,
            layer=layer,
            encoding=encoding,
            headings=_headings(plan, required, "xy"),
            further=list(plan.values()),
        )
        _remark_sheet(log, subject, file, sheet, encoding)
        if sheet.frame.empty:
            raise InputError(Fault("empty-layer", file=file, layer=sheet.layer))
        points = table_points(
            sheet.frame, plan, log, subject=subject, file=file, layer=sheet.layer, required=required, crs=crs
        )
        return _Read(points, sheet.layer, sheet.encoding, is_table=True)
    if encoding and suffix in {".gpkg", ".fgb", ".parquet"} and not encoding.lower().startswith("utf"):
        log.remark(subject, "encoding-ignored", item=file, value=f"{encoding}, {suffix}", severity="warning")
    if suffix == ".parquet":
        return _Read(_numbered(with_distinct_columns(_parquet(path))))
    opened = read_layer(path, layer, encoding)
    if opened.guessed:
        log.remark(subject, "encoding-guessed", item=file, value=opened.encoding)
    if opened.deleted:
        log.remark(subject, "rows-deleted", item=file, count=opened.deleted)
    if opened.curves:
        log.remark(subject, "curves-straightened", item=file, count=opened.curves)
    if opened.unread:
        log.remark(
            subject, "layers-unread", item=file, count=len(opened.unread), value=preview(opened.unread)
        )
    return _Read(_numbered(opened.frame), opened.name, opened.encoding)


@naming_its_file
def read_table(
    path: Path,
    log: ReadingLog,
    *,
    subject: str,
    wanted: Wanted,
    required: Collection[str] = (),
    layer: str = "",
    encoding: str = "",
) -> pd.DataFrame:
    """Read a table without places: .csv or .xlsx, every cell as text, indexed by row number.

    Raises
    ------
    InputError
        As `read_vector`.
    """
    if str(path) in log.memory:
        given = _from_memory(log.memory[str(path)])
        log.files.append({"path": str(path), "rows": len(given)})
        return choose_columns(
            given, wanted, required=required, file=str(path), layer="", log=log, subject=subject
        )
    local_file(path, suffixes=SHEETS)
    sheet = read_sheet(
        path,
        layer=layer,
        encoding=encoding,
        headings=_headings(wanted, required, ""),
        further=list(wanted.values()),
    )
    _remark_sheet(log, subject, str(path), sheet, encoding)
    if sheet.frame.empty:
        raise InputError(Fault("empty-layer", file=str(path), layer=sheet.layer))
    log.files.append(describe_file(path, rows=len(sheet.frame), encoding=sheet.encoding))
    chosen = choose_columns(
        sheet.frame, wanted, required=required, file=str(path), layer=sheet.layer, log=log, subject=subject
    )
    _remark_mojibake(chosen, log, subject, str(path))
    return chosen


def _headings(plan: Wanted, required: Collection[str], also: str) -> list[tuple[str, ...]]:
    """The columns by which a heading row is known: those required, else all."""
    needed = [names for ours, names in plan.items() if ours in required or ours in also]
    return needed or list(plan.values())


def _remark_sheet(log: ReadingLog, subject: str, file: str, sheet: Sheet, declared: str) -> None:
    """Say what was guessed about a table."""
    if not declared and sheet.encoding not in {"utf-8", "utf-8-sig", "xlsx"}:
        log.remark(subject, "encoding-guessed", item=file, value=sheet.encoding)
    if declared and sheet.encoding == "xlsx" and not declared.lower().startswith("utf"):
        log.remark(subject, "encoding-ignored", item=file, value=f"{declared}, .xlsx", severity="warning")
    for said in sheet.remarks:
        log.remark(
            subject,
            said.remark,
            item=file,
            count=said.count or float("nan"),
            value=said.value,
            severity=said.severity,
        )


def _remark_mojibake(chosen: pd.DataFrame, log: ReadingLog, subject: str, file: str) -> None:
    """Texts that an earlier program read in the wrong encoding, which no reader can see from the bytes."""
    garbled: list[tuple[str, str]] = []
    for name in chosen.columns:
        cells = [cell for cell in chosen[name] if isinstance(cell, str) and not cell.isascii()]
        meant = {cell: mojibake(cell) for cell in dict.fromkeys(cells)}
        garbled.extend((cell, meant[cell]) for cell in cells if meant[cell])
    if garbled:
        shown = preview([f"{cell} = {meant}" for cell, meant in dict.fromkeys(garbled)], 3)
        log.remark(subject, "mojibake", item=file, count=len(garbled), value=shown, severity="warning")


def _parquet(path: Path) -> pd.DataFrame:
    """GeoParquet, or a plain parquet table."""
    with library_faults(path), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # coordinates that are NaN: counted later
        refuse_large_parquet(path)
        try:
            layer = read_geoparquet(path)
        except InputError:
            raise
        except ValueError:
            return with_whole_text(pd.read_parquet(path))
        return layer.rename_geometry("geometry") if layer.geometry.name != "geometry" else layer


def _from_memory(given: pd.DataFrame, *, subject: str = "") -> pd.DataFrame:
    """A table in memory as a file would hold it: a named index is a column, the place is ``geometry``.

    Facilities have their index as ``id`` where it is named or not of numbers, people's homes in any case,
    unless they have such a column.
    """
    frame = with_distinct_columns(given.copy(deep=False))
    ids = None
    if is_labelled(frame.index) if subject == "facilities" else subject == "population":
        ids = flat_ids(ids_of(frame))
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    frame = frame.reset_index(level=named) if named else frame
    if ids is not None:
        frame = frame.assign(id=ids.to_numpy())
    if isinstance(frame, gpd.GeoDataFrame):
        others = [name for name in frame.columns[frame.dtypes == "geometry"] if name != frame.geometry.name]
        frame = frame.drop(columns=others)
        frame = frame if frame.geometry.name == "geometry" else frame.rename_geometry("geometry")
    return _numbered(frame)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows labelled by the number of the feature, from 1."""
    frame.index = pd.Index([str(number) for number in range(1, len(frame) + 1)], dtype=object)
    return frame
