"""Geometry and coordinate systems made trustworthy: repaired and counted, or refused."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84
from lifecircle.tables.datum import bd09_to_wgs84, gcj02_to_wgs84
from lifecircle.tables.shapes import AREAS, POINTS, of_kind

__all__ = ["Shape", "clean_shapes", "polygonal", "to_wgs84_datum", "trust_crs"]

Shape: TypeAlias = Literal["polygon", "point", "any"]
_USE_MARGIN_DEG: Final = 5.0


def trust_crs(layer: gpd.GeoDataFrame, *, file: str, name: str = "", datum: str = "wgs84") -> None:
    """Check that coordinates can be what their coordinate system says.

    Raises
    ------
    InputError
        If there is no coordinate system, or it is geographic and the coordinates are metres or latitude
        first, or it is projected and they are degrees, or they lie far outside the area it is made for
        (zone-prefixed eastings in a system without prefix).
    """
    west, south, east, north = _bounds(layer)
    values = {"x": f"{(west + east) / 2:.6g}", "y": f"{(south + north) / 2:.6g}"}
    if layer.crs is None:
        if datum != "wgs84":
            return
        raise InputError(Fault("no-crs", file=file, layer=name, values=values))
    crs = CRS(layer.crs)
    values["crs"] = crs.name
    fits_degrees = max(-west, east) <= 180.0 and max(-south, north) <= 90.0
    if crs.is_geographic and not fits_degrees:
        swapped = max(-west, east) <= 90.0 and max(-south, north) <= 180.0
        fault = "swapped-lonlat" if swapped else "metres-as-degrees"
        raise InputError(Fault(fault, file=file, layer=name, values=values))
    if not crs.is_geographic and fits_degrees and (west, south, east, north) != (0, 0, 0, 0):
        raise InputError(Fault("degrees-as-metres", file=file, layer=name, values=values))
    if not crs.is_geographic and not _within_use(crs, (west + east) / 2, (south + north) / 2):
        raise InputError(Fault("outside-crs", file=file, layer=name, values=values))


def _bounds(layer: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Bounds of the middle 98 % of the shapes: a single stray point does not condemn a layer."""
    boxes = shapely.bounds(layer.geometry.to_numpy())
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return 0.0, 0.0, 0.0, 0.0
    west, south = np.quantile(boxes[:, :2], 0.01, axis=0)
    east, north = np.quantile(boxes[:, 2:], 0.99, axis=0)
    return float(west), float(south), float(east), float(north)


def _within_use(crs: CRS, x: float, y: float) -> bool:
    """Whether a place lies in (or near) the area that a projected system is made for."""
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    use = crs.area_of_use
    if use is None or use.east < use.west:
        return True
    return bool(
        use.west - _USE_MARGIN_DEG <= lon <= use.east + _USE_MARGIN_DEG
        and use.south - _USE_MARGIN_DEG <= lat <= use.north + _USE_MARGIN_DEG
    )


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

    Null and empty shapes and those with coordinates that are not numbers are left out, Z is dropped,
    self-intersections are repaired (`shapely.make_valid`), parts of another dimension are cut off.

    Raises
    ------
    InputError
        If no row is left, or none has the shape needed.
    """
    if layer.empty:
        raise InputError(Fault("empty-layer", file=file, layer=name))
    shapes = layer.geometry.to_numpy().copy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    broken = ~blank & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    broken |= ~blank & _has_nan(shapes)
    for dropped, remark in ((blank, "null-geometry"), (broken, "nan-coordinates")):
        _count(log, layer, dropped, remark, of=(subject, file))
    layer, shapes = layer.loc[~(blank | broken)], shapes[~(blank | broken)]
    if layer.empty:
        raise InputError(Fault("no-geometry", file=file, layer=name))
    with_z = shapely.has_z(shapes)
    _count(log, layer, with_z, "z-dropped", of=(subject, file))
    shapes = shapely.force_2d(shapes)
    invalid = ~shapely.is_valid(shapes)
    _count(log, layer, invalid, "repaired-geometry", of=(subject, file))
    if invalid.any():
        shapes[invalid] = _polygonal_or_same(shapely.make_valid(shapes[invalid]))
    wrong = _wrong_shape(shapes, shape) | shapely.is_empty(shapes)
    if wrong.all():
        kinds = sorted(set(layer.geometry.geom_type))
        raise InputError(Fault(f"needs-{shape}s", file=file, layer=name, values={"found": ", ".join(kinds)}))
    _count(log, layer, wrong, "wrong-geometry", of=(subject, file))
    cleaned = layer.loc[~wrong].copy()
    return cleaned.set_geometry(gpd.GeoSeries(shapes[~wrong], index=cleaned.index, crs=layer.crs))


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


def _polygonal_or_same(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons of mixed collections; anything else unchanged."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    if mixed.any():
        shapes = shapes.copy()
        shapes[mixed] = polygonal(shapes[mixed])
    return shapes


def polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Only the polygonal part of every shape; an empty polygon where there is none."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    inner, inner_owner = shapely.get_parts(parts, return_index=True)
    owner, parts = owner[inner_owner], inner
    keep = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    answers = np.full(len(shapes), shapely.Polygon(), dtype=object)
    for number in np.unique(owner[keep]):
        answers[number] = shapely.union_all(parts[keep & (owner == number)])
    return answers


def _count(
    log: ReadingLog, layer: gpd.GeoDataFrame, which: NDArray[np.bool_], remark: str, *, of: tuple[str, str]
) -> None:
    """One remark on the rows concerned, if there are any; `of` is their subject and file."""
    if which.any():
        rows = preview(layer.index[which])
        subject, file = of
        severity = "info" if remark == "z-dropped" else "warning"
        log.remark(subject, remark, item=file, count=int(which.sum()), value=rows, severity=severity)
