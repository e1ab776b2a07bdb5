"""One reader for every layer and ledger: .gpkg .geojson .json .shp .zip .fgb .parquet .csv .xlsx."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyarrow.lib import ArrowException
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import CRSError

from lifecircle.errors import Fault, InputError, MissingInputError, preview
from lifecircle.sources.files.cell_values import numbers, texts
from lifecircle.sources.files.columns import LATITUDE, LONGITUDE, Wanted, choose_columns
from lifecircle.sources.files.encodings import mojibake
from lifecircle.sources.files.opening import describe_file, local_file, zip_members
from lifecircle.sources.files.shapefile import check_sidecars, decode_shapefile, shapefile_encoding
from lifecircle.sources.files.shapes import Shape, clean_shapes, to_wgs84_datum, trust_crs
from lifecircle.sources.files.sheets import Sheet, read_sheet
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84

__all__ = ["SHEETS", "VECTORS", "read_table", "read_vector"]

SHEETS: Final = (".csv", ".xlsx")
VECTORS: Final = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".fgb", ".parquet", *SHEETS)


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
    local_file(path, suffixes=VECTORS)
    suffix = path.suffix.lower()
    file = str(path)
    used = encoding
    if suffix in SHEETS:
        plan = {"x": LONGITUDE, "y": LATITUDE, **wanted}
        sheet = read_sheet(path, layer=layer, encoding=encoding, headings=_headings(plan, required, "xy"))
        _remark_sheet(log, subject, file, sheet, encoding)
        layer, used = sheet.layer, sheet.encoding
        raw = _points(sheet.frame, plan, log, file=file, layer=layer, required=required)
    elif suffix == ".parquet":
        raw = _parquet(path, wanted, log, required)
    else:
        raw, layer, used = _ogr(path, layer, encoding, log, subject)
    if "geometry" not in raw.columns:
        plan = {"x": LONGITUDE, "y": LATITUDE, **wanted}
        raw = _points(raw, plan, log, file=file, layer=layer, required=required)
    if raw.empty:
        raise InputError(Fault("empty-layer", file=file, layer=layer))
    chosen = choose_columns(raw, wanted, required=required, file=file, layer=layer)
    _remark_mojibake(chosen, log, subject, file)
    found = gpd.GeoDataFrame(chosen, geometry=raw.geometry.to_numpy(), crs=raw.crs)
    trust_crs(found, log, subject=subject, file=file, name=layer, datum=datum)
    cleaned = clean_shapes(found, log, subject=subject, shape=shape, file=file, name=layer)
    crs = cleaned.crs.to_string() if cleaned.crs is not None else datum
    log.files.append(describe_file(path, rows=len(raw), encoding=used, crs=crs, datum=datum))
    return to_wgs84_datum(cleaned, datum)


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
    local_file(path, suffixes=SHEETS)
    sheet = read_sheet(path, layer=layer, encoding=encoding, headings=_headings(wanted, required, ""))
    _remark_sheet(log, subject, str(path), sheet, encoding)
    if sheet.frame.empty:
        raise InputError(Fault("empty-layer", file=str(path), layer=sheet.layer))
    log.files.append(describe_file(path, rows=len(sheet.frame), encoding=sheet.encoding))
    return choose_columns(sheet.frame, wanted, required=required, file=str(path), layer=sheet.layer)


def _headings(plan: Wanted, required: Collection[str], also: str) -> list[tuple[str, ...]]:
    """The columns by which a heading row is known: those required, else all."""
    needed = [names for ours, names in plan.items() if ours in required or ours in also]
    return needed or list(plan.values())


def _remark_sheet(log: ReadingLog, subject: str, file: str, sheet: Sheet, declared: str) -> None:
    """Say what was guessed about a table."""
    if not declared and sheet.encoding not in {"utf-8", "utf-8-sig", "xlsx"}:
        log.remark(subject, "encoding-guessed", item=file, value=sheet.encoding)
    if sheet.contradicted:
        log.remark(subject, "encoding-mislabelled", item=file, value=declared, severity="warning")
    if sheet.totals:
        log.remark(subject, "total-rows", item=file, count=sheet.totals)


def _remark_mojibake(chosen: pd.DataFrame, log: ReadingLog, subject: str, file: str) -> None:
    """Names that an earlier program read in the wrong encoding, which no reader can see from the bytes."""
    if "name" not in chosen:
        return
    broken = {text: mojibake(text) for text in texts(chosen["name"]).unique()}
    found = [f"{text} = {meant}" for text, meant in broken.items() if meant]
    if found:
        log.remark(
            subject, "mojibake", item=file, count=len(found), value=preview(found, 3), severity="warning"
        )


def _points(
    frame: pd.DataFrame, plan: Wanted, log: ReadingLog, *, file: str, layer: str, required: Collection[str]
) -> gpd.GeoDataFrame:
    """A table with longitude and latitude as points in WGS 84 degrees, its other columns kept."""
    needed = {*required, "x", "y"}
    chosen = choose_columns(frame, plan, required=needed, file=file, layer=layer)
    places = {}
    for axis in ("x", "y"):
        places[axis], wrong = numbers(chosen[axis])
        if wrong.any():
            rows, found = preview(frame.index[wrong]), preview(chosen.loc[wrong, axis])
            log.fault("not-a-number", place=(file, layer, rows, plan[axis][0]), found=found)
    shapes = shapely.points(places["x"].to_numpy(), places["y"].to_numpy())
    shapes[np.isnan(places["x"]) | np.isnan(places["y"])] = None
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=WGS84)


def _parquet(path: Path, wanted: Wanted, log: ReadingLog, required: Collection[str]) -> gpd.GeoDataFrame:
    """GeoParquet, or a plain parquet table with longitude and latitude."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # coordinates that are NaN: counted later
            layer = gpd.read_parquet(path)
    except ValueError:
        plan = {"x": LONGITUDE, "y": LATITUDE, **wanted}
        try:
            plain = pd.read_parquet(path)
        except (ArrowException, OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        return _points(_numbered(plain), plan, log, file=str(path), layer="", required=required)
    except (ArrowException, OSError) as error:
        raise _unreadable(path, error) from None
    return _numbered(layer.rename_geometry("geometry") if layer.geometry.name != "geometry" else layer)


def _ogr(
    path: Path, layer: str, encoding: str, log: ReadingLog, subject: str
) -> tuple[gpd.GeoDataFrame, str, str]:
    """One layer through GDAL, the layer's name, and the encoding of its text."""
    inner = ""
    members: tuple[str, ...] = ()
    if path.suffix.lower() == ".zip":
        members = tuple(zip_members(path))
        inner, layer = _shapefile_in(path, members, layer), ""
    member = f"/vsizip/{path}/{inner}" if inner else str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on field widths; contents are checked here
            if member.lower().endswith(".shp"):
                check_sidecars(path, inner, members)
                used, declared = shapefile_encoding(path, inner, encoding)
                raw = pyogrio.read_dataframe(member, encoding="ISO-8859-1")
                found, name = decode_shapefile(raw, used), Path(member).stem
                if not declared and used != "utf-8":
                    log.remark(subject, "encoding-guessed", item=str(path), value=used)
            else:
                name, used = _layer_name(path, layer), "utf-8"
                found = pyogrio.read_dataframe(member, layer=name)
    except (
        CRSError,
        DataSourceError,
        DataLayerError,
        UnicodeDecodeError,
        shapely.errors.GEOSException,
    ) as error:
        raise _unreadable(path, error) from None
    return _numbered(found), name, used


def _shapefile_in(path: Path, members: tuple[str, ...], layer: str) -> str:
    """Name of the one shapefile in an archive, or of the one asked for."""
    shapefiles = [name for name in members if name.lower().endswith(".shp") and "__MACOSX" not in name]
    chosen = [name for name in shapefiles if not layer or Path(name).stem == layer]
    if len(chosen) != 1:
        values = {"found": ", ".join(Path(name).stem for name in shapefiles) or "—"}
        key = "no-layer" if layer or not shapefiles else "several-layers"
        raise MissingInputError(Fault(key, file=str(path), layer=layer, values=values))
    return chosen[0]


def _layer_name(path: Path, layer: str) -> str:
    """The layer asked for, or the only one."""
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if layer in names:
        return layer
    if layer or len(names) != 1:
        key = "no-layer" if layer or not names else "several-layers"
        values = {"found": ", ".join(names) or "—"}
        raise MissingInputError(Fault(key, file=str(path), layer=layer, values=values))
    return names[0]


def _numbered(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows labelled by the number of the feature, from 1."""
    frame.index = pd.Index([str(number) for number in range(1, len(frame) + 1)], dtype=object)
    return frame


def _unreadable(path: Path, error: Exception) -> InputError:
    """GDAL's or Arrow's words, as ours."""
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(Fault("unreadable", file=str(path), values={"why": why}))
