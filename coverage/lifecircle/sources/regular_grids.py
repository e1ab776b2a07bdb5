"""Grid cells in place of communities: H3 hexagons, or squares whose origin does not move with the study."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.errors import Fault, InputError
from lifecircle.tables import WGS84, utm_crs
from lifecircle.tables.degrees import degree_span, parted_degrees, wrapped
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import ground_within

__all__ = ["area_parts", "grid_cells"]

CELL_LIMIT = 200_000
_SLIVER_M2 = 1.0
_STEP_M = 1000.0
_HALF_TURN = 180.0


def grid_cells(spec: str, boundary: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Cells that touch the boundary's area, clipped to it.

    Parameters
    ----------
    spec
        ``h3:<resolution>`` or ``square:<size>m``. Squares are cut in the WGS 84 / UTM zone of the
        boundary's centre, counted from the zone's own origin, so that two studies of one city share cells.
    boundary
        Any coordinate system; parts, holes, islands and touching parts as they may be.
    crs
        The study's.

    Returns
    -------
    GeoDataFrame
        ``code`` (H3 id, or ``<size>mE<column>N<row>``) and ``geometry`` in `crs`, sorted by code. Slivers
        under 1 m2 are left out.

    Raises
    ------
    InputError
        If the grid would have more than 200,000 cells, an H3 resolution over 15, or no cell at all
        because the boundary encloses less than 1 m2.
    """
    kind, _, size = spec.partition(":")
    outline = area_parts(shapely.union_all(reprojected(boundary.geometry, crs)[0].to_numpy()))
    cells = _hexagons(int(size), outline, crs) if kind == "h3" else _squares(int(size[:-1]), outline, crs)
    cells = cells.to_crs(crs)
    shapely.prepare(outline)
    shapes = cells.geometry.to_numpy().copy()
    crossing = ~shapely.contains(outline, shapes)
    shapes[crossing] = [area_parts(shape) for shape in ground_within(shapes[crossing], outline)]
    cells = cells.set_geometry(gpd.GeoSeries(shapes, index=cells.index, crs=crs))
    kept = cells[cells.area >= _SLIVER_M2]
    if kept.empty:
        values = {"found": spec, "area_m2": f"{outline.area:.3g}"}
        raise InputError(Fault("grid-empty", field="area.boundary", values=values))
    return kept.sort_values("code", ignore_index=True)


def area_parts(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape as a polygon or a multipolygon; lines and points that came with them are left.

    Examples
    --------
    >>> touching = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 1), (2, 2)])])
    >>> area_parts(touching).geom_type
    'Polygon'
    """
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _hexagons(resolution: int, outline: shapely.Geometry, crs: CRS) -> gpd.GeoDataFrame:
    """H3 cells that overlap the boundary, each once however many of its parts it meets."""
    if resolution > 15:
        raise InputError(Fault("grid-resolution", field="area.grid", values={"found": f"h3:{resolution}"}))
    spec, cell_km2 = f"h3:{resolution}", h3.average_hexagon_area(resolution, unit="km^2")
    _require_few(outline.area / 1e6 / cell_km2, spec)
    # A long edge is straight in the study's system and bent in degrees: cut up, it is the same in both.
    fine = shapely.segmentize(outline, _STEP_M)
    degrees = parted_degrees(gpd.GeoSeries([fine], crs=crs)).iloc[0]
    codes = {
        code
        for part in shapely.get_parts(degrees)
        for code in h3.h3shape_to_cells_experimental(
            h3.geo_to_h3shape(part.__geo_interface__), resolution, contain="overlap"
        )
    }
    # A part that lies within a single cell, or a sliver of no width in degrees, overlaps by its corners.
    codes |= {h3.latlng_to_cell(lat, lon, resolution) for lon, lat in shapely.get_coordinates(degrees)}
    _require_few(len(codes), spec)
    names = sorted(codes)
    shapes = [shapely.Polygon(_ring(code)) for code in names]
    return gpd.GeoDataFrame({"code": pd.Series(names, dtype=object)}, geometry=shapes, crs=WGS84)


def _ring(code: str) -> list[tuple[float, float]]:
    """Corners of an H3 cell, longitude first; a cell on the meridian of 180 degrees goes on past it."""
    ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(code)]
    longitudes = [lon for lon, _ in ring]
    if max(longitudes) - min(longitudes) > _HALF_TURN:
        return [(lon + 2 * _HALF_TURN if lon < 0 else lon, lat) for lon, lat in ring]
    return ring


def _squares(size_m: int, outline: shapely.Geometry, crs: CRS) -> gpd.GeoDataFrame:
    """Squares of the UTM zone that overlap the boundary."""
    spec = f"square:{size_m}m"
    if size_m <= 0:
        raise InputError(Fault("grid-resolution", field="area.grid", values={"found": spec}))
    _require_few(outline.area / size_m**2, spec)
    whole = gpd.GeoSeries([shapely.segmentize(outline, _STEP_M)], crs=crs)
    west, south, east, north = degree_span(parted_degrees(whole))
    utm = utm_crs(wrapped((west + east) / 2), (south + north) / 2)
    ground = reprojected(whole, utm)[0].iloc[0]
    column, row = _overlapped(ground, size_m, spec)
    shapes = shapely.box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
    codes = [f"{size_m}mE{east}N{north}" for east, north in zip(column, row, strict=True)]
    return gpd.GeoDataFrame({"code": pd.Series(codes, dtype=object)}, geometry=shapes, crs=utm)


def _overlapped(
    ground: shapely.Geometry, size_m: int, spec: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of every square that touches the ground.

    Blocks of squares are halved, and those that touch nothing dropped, until each is one square: islands
    far apart cost what they cover and not the sea between them.
    """
    shapely.prepare(ground)
    west, south, east, north = np.floor(np.array(ground.bounds) / size_m).astype(np.int64)
    step = 1 << int(max(east - west, north - south)).bit_length()
    column, row = np.array([west]), np.array([south])
    while True:
        boxes = shapely.box(column * size_m, row * size_m, (column + step) * size_m, (row + step) * size_m)
        touching = shapely.intersects(ground, boxes)
        column, row = column[touching], row[touching]
        # No block is dropped later: each that touches holds a square that does.
        _require_few(len(column), spec)
        if step == 1:
            return column, row
        step //= 2
        column = np.concatenate([column, column + step, column, column + step])
        row = np.concatenate([row, row, row + step, row + step])


def _require_few(cells: float, spec: str) -> None:
    """Refuse a grid that nobody could read."""
    if cells > CELL_LIMIT:
        values = {"found": spec, "cells": f"{cells:,.0f}", "limit": f"{CELL_LIMIT:,}"}
        raise InputError(Fault("grid-too-fine", field="area.grid", values=values))
