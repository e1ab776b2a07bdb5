"""Grid cells in place of communities: H3 hexagons, or squares whose origin does not move with the study."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lifecircle.errors import Fault, InputError
from lifecircle.tables import WGS84, utm_crs

__all__ = ["grid_cells"]

_CELL_LIMIT = 200_000
_SLIVER_M2 = 1.0


def grid_cells(grid: str, boundary: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Cells that touch the boundary's area, clipped to it.

    Parameters
    ----------
    grid
        ``h3:<resolution>`` or ``square:<size>m``. Squares are cut in the WGS 84 / UTM zone of the
        boundary's centre, counted from the zone's own origin, so that two studies of one city share cells.
    boundary
        One row, any coordinate system.
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
        If the grid would have more than 200,000 cells, or an H3 resolution over 15.
    """
    kind, _, size = grid.partition(":")
    cells = _hexagons(int(size), boundary) if kind == "h3" else _squares(int(size[:-1]), boundary, grid)
    cells = cells.to_crs(crs)
    outline = shapely.union_all(boundary.to_crs(crs).geometry.to_numpy())
    shapely.prepare(outline)
    shapes = cells.geometry.to_numpy().copy()
    crossing = ~shapely.contains(outline, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], outline)
    cells = cells.set_geometry(gpd.GeoSeries(shapes, index=cells.index, crs=crs))
    kept = cells[cells.area >= _SLIVER_M2]
    return kept.sort_values("code", ignore_index=True)


def _hexagons(resolution: int, boundary: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """H3 cells that overlap the boundary."""
    degrees = boundary.to_crs(WGS84)
    outline = shapely.union_all(degrees.geometry.to_numpy())
    area_km2 = float(boundary.to_crs(boundary.estimate_utm_crs()).area.sum()) / 1e6
    if resolution > 15:
        raise InputError(Fault("grid-resolution", field="area.grid", values={"found": f"h3:{resolution}"}))
    _require_few(area_km2 / h3.average_hexagon_area(resolution, unit="km^2"), f"h3:{resolution}")
    shape = h3.geo_to_h3shape(outline.__geo_interface__)
    codes = sorted(h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap"))
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(code)] for code in codes]
    shapes = [shapely.Polygon(ring) for ring in rings]
    return gpd.GeoDataFrame({"code": pd.Series(codes, dtype=object)}, geometry=shapes, crs=WGS84)


def _squares(size_m: int, boundary: gpd.GeoDataFrame, grid: str) -> gpd.GeoDataFrame:
    """Squares of the UTM zone that overlap the boundary."""
    if size_m <= 0:
        raise InputError(Fault("grid-resolution", field="area.grid", values={"found": grid}))
    west, south, east, north = boundary.to_crs(WGS84).total_bounds
    utm = utm_crs((west + east) / 2, (south + north) / 2)
    outline = shapely.union_all(boundary.to_crs(utm).geometry.to_numpy())
    west, south, east, north = np.array(outline.bounds) / size_m
    columns = np.arange(int(np.floor(west)), int(np.ceil(east)))
    rows = np.arange(int(np.floor(south)), int(np.ceil(north)))
    _require_few(float(len(columns) * len(rows)), grid)
    column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
    shapes = shapely.box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
    touching = shapely.intersects(shapes, outline)
    codes = [f"{size_m}mE{east}N{north}" for east, north in zip(column, row, strict=True)]
    cells = gpd.GeoDataFrame({"code": pd.Series(codes, dtype=object)}, geometry=shapes, crs=utm)
    return cells[touching]


def _require_few(cells: float, grid: str) -> None:
    """Refuse a grid that nobody could read."""
    if cells > _CELL_LIMIT:
        values = {"found": grid, "cells": f"{cells:,.0f}", "limit": f"{_CELL_LIMIT:,}"}
        raise InputError(Fault("grid-too-fine", field="area.grid", values=values))
