"""Geometry and coordinate systems made trustworthy: repaired and counted, or refused."""

from __future__ import annotations

import math
from functools import partial
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.files.tangles import refuse_tangles
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84, DatumShift, datum_shift
from lifecircle.tables.crs import known_crs, names_path, to_degrees
from lifecircle.tables.datum import bd09_to_wgs84, gcj02_to_wgs84
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.shapes import AREAS, POINTS, areas_of_mixed, of_kind
from lifecircle.tables.validity import are_valid

__all__ = [
    "Shape",
    "clean_shapes",
    "labelled",
    "placeable_crs",
    "placed_layer",
    "require_fitting_crs",
    "to_wgs84_datum",
    "trust_crs",
    "trust_datum",
]

Shape: TypeAlias = Literal["polygon", "point", "any"]
_FALSE_ORIGIN: Final = frozenset({"8806", "8807", "8816", "8817", "8826", "8827"})
"""EPSG's codes of false easting and northing, whatever origin they shift."""
_USE_MARGIN_DEG: Final = 5.0
_MOST: Final = 0.5
_FAR_DEG: Final = 5.0
_NEAR_DEG: Final = 2.0
_FAR_FROM_ORIGIN_M: Final = 50_000.0
_ROWS_NAMED: Final = 10
_LOSING: Final = frozenset(
    {
        "null-geometry",
        "nan-coordinates",
        "zero-coordinates",
        "swapped-rows",
        "not-degrees",
        "degrees-among-metres",
        "wrong-geometry",
    }
)


def trust_crs(
    layer: gpd.GeoDataFrame,
    log: ReadingLog,
    *,
    subject: str,
    file: str,
    name: str = "",
    datum: str = "wgs84",
    table: bool = False,
    key: bool = False,
) -> None:
    """Check that coordinates can be what their coordinate system says.

    Single rows that cannot be are left to `clean_shapes`, which names them; here the layer as a whole is
    judged. A system whose datum can only roughly be brought to WGS 84 is remarked upon.

    `table` says that the system is not the file's own word, `key` that the study's key ``crs`` can say it.

    Raises
    ------
    InputError
        If there is no coordinate system, or nobody can say where on Earth it lies; if it is geographic
        and most coordinates are metres or latitude first, or it is projected and they are degrees; or if
        they lie far outside the area it is made for (zone-prefixed eastings in a system without prefix).
    """
    west, south, east, north = _middle_bounds(_finite_bounds(layer))
    x, y = (west + east) / 2, (south + north) / 2
    if layer.crs is None:
        if datum != "wgs84":
            return
        values = {"x": f"{x:.6g}", "y": f"{y:.6g}"}
        raise InputError(Fault("no-crs", file=file, layer=name, values=values))
    crs = CRS(layer.crs)
    trust_datum(crs, log, subject=subject, file=file, layer=name, place=(x, y))
    require_fitting_crs(layer, crs, file=file, name=name, table=table, key=key)


def require_fitting_crs(
    layer: gpd.GeoDataFrame, crs: CRS, *, file: str, name: str = "", table: bool = False, key: bool = False
) -> None:
    """Refuse coordinates that most of a layer cannot have in its coordinate system.

    Raises
    ------
    InputError
        As `trust_crs`, whose check of the layer as a whole this is.
    """
    boxes = _finite_bounds(layer)
    west, south, east, north = _middle_bounds(boxes)
    x, y = (west + east) / 2, (south + north) / 2
    values = {"x": f"{x:.6g}", "y": f"{y:.6g}", "crs": crs.name}
    degrees = _fit_degrees(boxes)
    if crs.is_geographic and degrees.mean() < _MOST:
        turned = _fit_degrees(boxes[:, [1, 0, 3, 2]])
        fault = "swapped-lonlat" if turned.mean() >= _MOST else "metres-as-degrees"
        if table and fault == "metres-as-degrees":
            fault = "metres-in-table" if key else "metres-in-points"
        # Where some rows are sound, the others are named, with the coordinates of their own.
        odd = ~_fit_degrees(np.nan_to_num(shapely.bounds(layer.geometry.to_numpy())))
        rows = preview(labelled(layer, odd), _ROWS_NAMED) if degrees.any() else ""
        if rows:
            middle = np.median(boxes[~degrees], axis=0)
            values["x"], values["y"] = f"{middle[[0, 2]].mean():.6g}", f"{middle[[1, 3]].mean():.6g}"
        raise InputError(Fault(fault, file=file, layer=name, row=rows, values=values))
    somewhere = (west, south, east, north) != (0, 0, 0, 0)
    if not crs.is_geographic and degrees.mean() > 1 - _MOST and somewhere and not _made_for_origin(crs):
        fault = "degrees-in-table" if table else "degrees-as-metres"
        raise InputError(Fault(fault, file=file, layer=name, field="crs" if table else "", values=values))
    if not crs.is_geographic and not _within_use(crs, x, y):
        fault = "table-outside-crs" if table else "outside-crs"
        raise InputError(Fault(fault, file=file, layer=name, field="crs" if table else "", values=values))


def trust_datum(
    crs: CRS,
    log: ReadingLog,
    *,
    subject: str,
    file: str,
    layer: str = "",
    place: tuple[float, float] = (math.nan, math.nan),
) -> None:
    """Refuse a system that lies nowhere on Earth; remark upon one whose datum is only roughly known.

    Parameters
    ----------
    crs
        The system of a layer, a raster or streets.
    place
        A place in it (easting or longitude first), which decides between regional transformations.

    Raises
    ------
    InputError
        If it is a local engineering system (``LOCAL_CS``), or PROJ cannot bring it to WGS 84.
    """
    crs, shift = placeable_crs(crs, file=file, layer=layer, place=place)
    if shift.rough:
        known = math.isfinite(shift.accuracy_m)
        log.remark(
            subject,
            "datum-rough" if known else "datum-unknown",
            item=file,
            value=f"{shift.datum}, {shift.accuracy_m:g} m" if known else shift.datum,
            severity="warning",
        )


def placeable_crs(
    said: object, *, file: str, layer: str = "", place: tuple[float, float] = (math.nan, math.nan)
) -> tuple[CRS, DatumShift]:
    """A coordinate system as a file names it, and how well its places can be brought to WGS 84.

    Raises
    ------
    InputError
        If nobody knows the system, or it lies nowhere on Earth.
    """
    name = said.name if isinstance(said, CRS) else " ".join(str(said).split())[:80]
    if names_path(said):
        raise InputError(Fault("crs-names-file", file=file, layer=layer, values={"crs": name}))
    try:
        crs = known_crs(said)
    except ProjError:
        raise InputError(Fault("crs-unknown", file=file, layer=layer, values={"crs": name})) from None
    shift = datum_shift(crs, *place)
    if not shift.placeable:
        raise InputError(Fault("crs-nowhere", file=file, layer=layer, values={"crs": crs.name}))
    return crs, shift


def _finite_bounds(layer: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """West, south, east, north of every shape that has a place; rows of zeros count as none."""
    boxes = shapely.bounds(layer.geometry.to_numpy())
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    placed = boxes[(boxes != 0).any(axis=1)]
    return placed if len(placed) else np.zeros((1, 4))


def _middle_bounds(boxes: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Bounds of the middle half of the shapes: rows with another's mistake do not move them."""
    west, south = np.quantile(boxes[:, :2], 0.25, axis=0)
    east, north = np.quantile(boxes[:, 2:], 0.75, axis=0)
    return float(west), float(south), float(east), float(north)


def _fit_degrees(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which shapes have coordinates that may be longitude and latitude."""
    west, south, east, north = boxes.T
    return (np.maximum(-west, east) <= 180.0) & (np.maximum(-south, north) <= 90.0)


def _within_use(crs: CRS, x: float, y: float) -> bool:
    """Whether a place lies in (or near) the area that a projected system is made for."""
    lon, lat = to_degrees(crs).transform(x, y)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    use = crs.area_of_use
    if use is None or use.east < use.west:
        return True
    return bool(
        use.west - _USE_MARGIN_DEG <= lon <= use.east + _USE_MARGIN_DEG
        and use.south - _USE_MARGIN_DEG <= lat <= use.north + _USE_MARGIN_DEG
    )


def _made_for_origin(crs: CRS) -> bool:
    """Whether a projected system was made for places around its own origin: then metres there are small."""
    parameters = crs.coordinate_operation.params if crs.coordinate_operation else []
    shifted = any(one.value for one in parameters if one.code in _FALSE_ORIGIN)
    return crs.area_of_use is None and not shifted


def to_wgs84_datum(layer: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """Take a layer out of GCJ-02 or BD-09, into WGS 84 degrees; others are returned as they are."""
    if datum == "wgs84":
        return layer
    degrees = layer if layer.crs is None or layer.crs.is_geographic else layer.to_crs(WGS84)
    undo = gcj02_to_wgs84 if datum == "gcj02" else bd09_to_wgs84

    def convert(places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Both columns at once, as shapely hands them over."""
        return np.column_stack(undo(places[:, 0], places[:, 1]))

    converted = degrees.copy()
    shapes = shapely.transform(shapely.force_2d(degrees.geometry.to_numpy()), convert)
    return converted.set_geometry(gpd.GeoSeries(shapes, index=converted.index, crs=WGS84))


def clean_shapes(
    layer: gpd.GeoDataFrame,
    log: ReadingLog,
    *,
    subject: str,
    shape: Shape,
    file: str,
    name: str = "",
) -> gpd.GeoDataFrame:
    """Shapes that can be measured; what was repaired or left out is counted in the log.

    Null and empty shapes, those with coordinates that are not numbers, that stand at 0, 0, whose longitude
    and latitude changed places, or that cannot be of the layer's system are left out, each row named, and
    kept as `LostRows`. Z and M are dropped, self-intersections are repaired (`shapely.make_valid`), parts
    of another dimension are cut off.

    Raises
    ------
    InputError
        If no row is left, none has the shape needed, or shapes are too large or tangled to be cut.
    """
    if layer.empty:
        raise InputError(Fault("empty-layer", file=file, layer=name))
    shapes = layer.geometry.to_numpy().copy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    broken = ~blank & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    broken |= ~blank & _has_nan(shapes)
    odd = _odd_rows(shapes, CRS(layer.crs) if layer.crs is not None else WGS84, ~(blank | broken))
    dropped = blank | broken
    for rows, remark in ((blank, "null-geometry"), (broken, "nan-coordinates"), *odd):
        _count(log, layer, rows, remark, of=(subject, file))
        dropped = dropped | rows
    layer, shapes = layer.loc[~dropped], shapes[~dropped]
    if layer.empty:
        raise InputError(Fault("no-geometry", file=file, layer=name))
    refuse_tangles(shapes, partial(labelled, layer), file=file, name=name)
    with_z = shapely.has_z(shapes) | shapely.has_m(shapes)
    _count(log, layer, with_z, "z-dropped", of=(subject, file))
    shapes = shapely.force_2d(shapes)
    invalid = ~are_valid(shapes)
    _count(log, layer, invalid, "repaired-geometry", of=(subject, file))
    if invalid.any():
        shapes[invalid] = areas_of_mixed(shapely.make_valid(shapes[invalid]))
    wrong = _wrong_shape(shapes, shape) | shapely.is_empty(shapes)
    if wrong.all():
        kinds = sorted(set(layer.geometry.geom_type))
        raise InputError(Fault(f"needs-{shape}s", file=file, layer=name, values={"found": ", ".join(kinds)}))
    _count(log, layer, wrong, "wrong-geometry", of=(subject, file))
    cleaned = layer.loc[~wrong].copy()
    return cleaned.set_geometry(gpd.GeoSeries(shapes[~wrong], index=cleaned.index, crs=layer.crs))


def placed_layer(
    layer: gpd.GeoDataFrame, crs: CRS, log: ReadingLog, *, subject: str, file: str
) -> gpd.GeoDataFrame:
    """A cleaned layer in the study's system; polygons that the change broke are repaired, and counted."""
    shapes, broken = reprojected(layer.geometry, crs)
    _count(log, layer, broken, "repaired-geometry", of=(subject, file))
    return layer.set_geometry(shapes)


def _odd_rows(
    shapes: NDArray[np.object_], crs: CRS, usable: NDArray[np.bool_]
) -> list[tuple[NDArray[np.bool_], str]]:
    """Rows that cannot lie where they say, by reason, judged against where most of the layer lies.

    Parameters
    ----------
    shapes
        Any geometry, in `crs`.
    usable
        Rows with a shape and finite coordinates; the others are no concern here.
    """
    boxes = np.where(usable[:, None], shapely.bounds(shapes), np.nan)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    zero = usable & (boxes == 0).all(axis=1)
    others = middle[usable & ~zero]
    far = _FAR_DEG if crs.is_geographic else _FAR_FROM_ORIGIN_M
    # A system may have its origin in the middle of the study: there, 0, 0 is a place like others.
    zero &= not len(others) or bool(np.hypot(*others.T).min() > far)
    with np.errstate(invalid="ignore"):
        degrees = _fit_degrees(boxes)
        if not crs.is_geographic:
            stray = np.zeros(len(shapes), dtype=bool) if _near_origin(others) else usable & ~zero & degrees
            return [(zero, "zero-coordinates"), (stray, "degrees-among-metres")]
        placed = others[_fit_degrees(np.hstack([others, others]))]
        home = np.median(placed, axis=0) if len(placed) else np.full(2, np.nan)
        away = np.abs(middle - home).max(axis=1) > _FAR_DEG
        swapped = usable & ~zero & away & (np.abs(middle[:, ::-1] - home).max(axis=1) < _NEAR_DEG)
    wrong = usable & ~zero & ~swapped & ~degrees
    return [(zero, "zero-coordinates"), (swapped, "swapped-rows"), (wrong, "not-degrees")]


def _near_origin(middle: NDArray[np.float64]) -> bool:
    """Whether a projected layer lies around its system's origin, where metres look like degrees."""
    return not len(middle) or bool(np.hypot(*np.median(middle, axis=0)) < _FAR_FROM_ORIGIN_M)


def _has_nan(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes hold a coordinate that is not a finite number."""
    places, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[owner[~np.isfinite(places).all(axis=1)]] = True
    return bad


def _wrong_shape(shapes: NDArray[np.object_], shape: Shape) -> NDArray[np.bool_]:
    """Which shapes are not of the dimension needed."""
    if shape == "polygon":
        return ~of_kind(shapes, AREAS)
    if shape == "point":
        return ~of_kind(shapes, AREAS + POINTS)
    return np.zeros(len(shapes), dtype=bool)


def labelled(layer: pd.DataFrame, which: NDArray[np.bool_]) -> list[str]:
    """Rows as a reader looks for them: the row's number, and its id, code or name in brackets."""
    rows = layer.loc[which]
    known = next((name for name in ("id", "code", "name") if name in rows), None)
    if known is None:
        return [str(row) for row in rows.index]
    # GeoJSON may hold a list where an id is looked for
    blank = [pd.api.types.is_scalar(value) and pd.isna(value) for value in rows[known]]
    said = ["" if none else str(value).strip() for none, value in zip(blank, rows[known], strict=True)]
    return [f"{row} ({word})" if word else str(row) for row, word in zip(rows.index, said, strict=True)]


def _count(
    log: ReadingLog, layer: gpd.GeoDataFrame, which: NDArray[np.bool_], remark: str, *, of: tuple[str, str]
) -> None:
    """One remark on the rows concerned, if there are any; `of` is their subject and file."""
    if not which.any():
        return
    subject, file = of
    severity = "info" if remark == "z-dropped" else "warning"
    rows = preview(labelled(layer, which), _ROWS_NAMED)
    log.remark(subject, remark, item=file, count=int(which.sum()), value=rows, severity=severity)
    if remark in _LOSING:
        log.lose(file, remark, pd.DataFrame(layer.loc[which].drop(columns="geometry")))
