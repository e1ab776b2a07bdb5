"""Heights of the ground: a raster of metres, read where the streets' nodes lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.io import DatasetReader
from rasterio.windows import Window
from scipy.ndimage import map_coordinates

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.naming import naming_its_file
from lifecircle.sources.files.opening import describe_file, local_file
from lifecircle.sources.files.raster import opened_raster
from lifecircle.sources.files.shapes import placeable_crs
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84

__all__ = ["check_elevation", "node_heights"]

_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
_SIDE = 4096
"""Rows and columns read at once where the ground has more cells than a square of these."""


def check_elevation(dem: Path, log: ReadingLog) -> None:
    """Open a raster of heights and refuse what is none.

    Raises
    ------
    InputError
        If it is not a readable local GeoTIFF, or has no coordinate system, or one that lies nowhere.
    """
    local_file(dem, suffixes=(".tif",))
    with opened_raster(dem) as raster:
        _placed(raster, dem)
        rows = raster.height
    log.files.append(describe_file(dem, rows=rows))


def _placed(raster: DatasetReader, dem: Path) -> CRS:
    """The system of heights; those that lie nowhere are refused."""
    if raster.crs is None:
        raise InputError(Fault("slope-no-crs", file=str(dem)))
    return placeable_crs(raster.crs.to_wkt(), file=str(dem))[0]


@naming_its_file
def node_heights(dem: Path, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights in metres, bilinear between cell centres; NaN outside, at nodata and where absurd.

    Parameters
    ----------
    dem
        A raster of heights in any CRS; its first band is read.
    lon, lat
        Places in WGS 84.

    Raises
    ------
    InputError
        As `check_elevation`.
    """
    local_file(dem, suffixes=(".tif",))
    with opened_raster(dem) as raster:
        to_raster = Transformer.from_crs(WGS84, _placed(raster, dem), always_xy=True)
        x, y = to_raster.transform(lon, lat)
        to_cell, x, y = ~raster.transform, np.asarray(x), np.asarray(y)
        column = to_cell.a * x + to_cell.b * y + to_cell.c - 0.5
        row = to_cell.d * x + to_cell.e * y + to_cell.f - 0.5
        inside = (column > -1) & (row > -1) & (column < raster.width) & (row < raster.height)
        height = np.full(len(lon), np.nan)
        if not inside.any():
            return height
        at = np.flatnonzero(inside)
        for part in _squares(row[at], column[at]):
            height[at[part]] = _between_centres(raster, row[at[part]], column[at[part]])
    return height


def _squares(row: NDArray[np.float64], column: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Places of one square each, or all of them where they lie close: what is read at once stays small."""
    if (np.ptp(row) + 2) * (np.ptp(column) + 2) <= _SIDE * _SIDE:
        return [np.arange(len(row))]
    squares = np.floor(np.column_stack([row, column])) // _SIDE
    _, square = np.unique(squares, axis=0, return_inverse=True)
    order = np.argsort(square.ravel(), kind="stable")
    return np.split(order, np.flatnonzero(np.diff(square.ravel()[order])) + 1)


def _between_centres(
    raster: DatasetReader, row: NDArray[np.float64], column: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Heights at places among the cells around them, read in one piece."""
    left, top = max(int(np.floor(column.min())), 0), max(int(np.floor(row.min())), 0)
    right, bottom = min(int(column.max()) + 2, raster.width), min(int(row.max()) + 2, raster.height)
    window = Window(left, top, right - left, bottom - top)
    heights = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    heights[~((heights >= _LOWEST_M) & (heights <= _HIGHEST_M))] = np.nan
    # linear between the centres of cells; a place in the outer half of an edge cell has that cell's height
    return map_coordinates(heights, [row - top, column - left], order=1, mode="nearest")
