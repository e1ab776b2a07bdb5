"""Square cells over a boundary, whole or block by block, on grids whose origin does not move with the study.

Cells lie in the UTM zone of the boundary, their edges at multiples of the cell size, so that rasters of
neighbouring or later studies line up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import rasterize
from rasterio.transform import Affine

from lifecircle.errors import Fault, Faults, InputError
from lifecircle.network.graph import Network
from lifecircle.network.snapping import Snaps
from lifecircle.tables import WGS84, utm_crs
from lifecircle.tables.crs import transformer
from lifecircle.tables.degrees import degree_span, parted_degrees, wrapped
from lifecircle.tables.reprojection import reprojected

__all__ = [
    "TILE_CELLS",
    "GridExtent",
    "GridSpec",
    "grid_blocks",
    "grid_extent",
    "grid_points",
    "tiles_near",
]

MAX_CELLS: Final = 20_000_000
"""Cells inside a boundary beyond which a grid of points is refused."""

_Cells: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows and columns of cells."""

_MOST_CELL_M: Final = 100_000.0
"""Length of a cell beyond which it is a slip of the pen."""

TILE_CELLS: Final = 16
"""Cells along a side of a tile, which lies at multiples of it on the absolute grid."""

_NEAR_CELLS: Final = 4
"""The same of the tiles near streets: small ones, so that few cells are looked at from which nobody walks."""

_SAMPLE_M: Final = 50.0

_BLOCK_CELLS: Final = 1024
"""Cells along a side of a block; blocks lie at multiples of it on the absolute grid."""


@dataclass(frozen=True, eq=False)
class GridExtent:
    """Square cells over a boundary, none of them made yet.

    Attributes
    ----------
    crs : UTM zone of the boundary's middle
    polygons : the boundary in `crs`
    first, top : column of the first cell, and row beyond the last, counted from the zone's origin
    rows, columns : extent, rows counted from the north
    cell_m : size of a cell
    """

    crs: CRS
    polygons: gpd.GeoSeries
    first: int
    top: int
    rows: int
    columns: int
    cell_m: float


@dataclass(frozen=True, eq=False)
class GridSpec:
    """Square cells over a boundary.

    Attributes
    ----------
    crs : UTM zone
    west, north : outer edges of the first cell, metres, multiples of `cell_m`
    cell_m : size of a cell
    rows, columns : extent, rows counted from the north
    cell : int64, one per point, ``row * columns + column``, ascending
    points : centres of the cells inside the boundary, in `crs`, indexed by `cell`

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network.examples import grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> grid = grid_points(boundary, cell_m=100)
    >>> grid.west % 100, grid.cell.tolist()
    (0.0, [0, 1, 3, 4])
    """

    crs: CRS
    west: float
    north: float
    cell_m: float
    rows: int
    columns: int
    cell: NDArray[np.int64]
    points: gpd.GeoSeries


def grid_points(boundary: gpd.GeoDataFrame | gpd.GeoSeries, cell_m: float = 50.0) -> GridSpec:
    """Cells whose centres lie inside a boundary.

    Parameters
    ----------
    boundary
        One or more polygons in any CRS.
    cell_m
        Size of a cell in metres.

    Raises
    ------
    InputError
        A boundary without a CRS or without an area, a cell that is no positive number, more than
        `MAX_CELLS` cells inside.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network.examples import grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> grid = grid_points(boundary, cell_m=50)
    >>> grid.rows, grid.columns, len(grid.points), grid.crs.to_epsg()
    (4, 5, 16, 32649)
    """
    extent = grid_extent(boundary, cell_m)
    parts: list[_Cells] = []
    count = 0
    for row, column, burnt in _burnt_blocks(extent, _BLOCK_CELLS):
        inside_row, inside_column = np.nonzero(burnt)
        parts.append((inside_row + row, inside_column + column))
        count += len(inside_row)
        if count > MAX_CELLS:
            inside = math.ceil(shapely.area(extent.polygons.to_numpy()).sum() / cell_m**2)
            coarser = math.ceil(cell_m * math.sqrt(max(inside, count) / MAX_CELLS) * 1.01)
            values = {"cell": cell_m, "cells": max(inside, count), "limit": MAX_CELLS, "coarser": coarser}
            raise InputError(Fault("grid-too-large", field="cell_m", values=values))
    nothing = np.empty(0, np.int64)
    all_rows = np.concatenate([nothing, *(part for part, _ in parts)])
    all_columns = np.concatenate([nothing, *(part for _, part in parts)])
    order = np.argsort(all_rows * extent.columns + all_columns)
    shape = (extent.rows, extent.columns)
    return _spec(extent, (0, 0), shape, (all_rows[order], all_columns[order]))


def grid_extent(boundary: gpd.GeoDataFrame | gpd.GeoSeries, cell_m: float = 50.0) -> GridExtent:
    """Where the cells over a boundary lie.

    Parameters
    ----------
    boundary, cell_m
        As `grid_points`.

    Raises
    ------
    InputError
        A boundary without a CRS or without an area, a cell that is no positive number.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network.examples import grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> extent = grid_extent(boundary, cell_m=50)
    >>> extent.rows, extent.columns
    (4, 5)
    """
    faults = Faults()
    if not 0 < cell_m <= _MOST_CELL_M:
        faults.add(
            Fault("area-not-positive", field="cell_m", values={"found": cell_m, "most": f"{_MOST_CELL_M:g}"})
        )
    if boundary.crs is None:
        faults.add(Fault("grid-no-crs", field="boundary"))
    elif not (shapely.area(boundary.geometry.to_numpy()) > 0).any():
        faults.add(Fault("grid-no-area", field="boundary"))
    faults.raise_if_any()
    # stage 1: the UTM zone of the boundary's middle
    west, south, east, north = degree_span(parted_degrees(boundary.geometry))
    crs = utm_crs(wrapped((west + east) / 2), (south + north) / 2)
    polygons, _ = reprojected(boundary.geometry, crs)
    west, south, east, north = polygons.total_bounds
    # stage 2: cells at multiples of their size, so that any two grids of one zone line up
    first, last = math.floor(west / cell_m), math.ceil(east / cell_m)
    bottom, top = math.floor(south / cell_m), math.ceil(north / cell_m)
    solid = polygons[~(polygons.isna() | polygons.is_empty)]
    return GridExtent(crs, solid, first, top, top - bottom, last - first, float(cell_m))


def grid_blocks(
    extent: GridExtent, *, side: int = _BLOCK_CELLS, tiles: NDArray[np.int64] | None = None
) -> Iterator[tuple[int, int, GridSpec]]:
    """The cells whose centres lie inside a boundary, block by block: only blocks that hold any.

    Parameters
    ----------
    extent
        Where the cells lie.
    side
        Cells along a side of a block, whose edges lie at multiples of so many cells.
    tiles
        From `tiles_near`: cells of other tiles are left out; none is where None.

    Yields
    ------
    int, int, GridSpec
        Row and column in `extent` of the block's first cell, and the block.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network.examples import grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> sum(len(block.points) for _, _, block in grid_blocks(grid_extent(boundary), side=2))
    16
    """
    for row, column, burnt in _burnt_blocks(extent, side):
        if tiles is not None:
            of_row = (extent.top - row - 1 - np.arange(burnt.shape[0])) // _NEAR_CELLS
            of_column = (extent.first + column + np.arange(burnt.shape[1])) // _NEAR_CELLS
            rows, row_at = np.unique(of_row, return_inverse=True)
            columns, column_at = np.unique(of_column, return_inverse=True)
            near = np.isin(_tile_keys(rows[:, None], columns), tiles)
            burnt[~near[row_at][:, column_at]] = 0
        inside_row, inside_column = np.nonzero(burnt)
        if not len(inside_row):
            continue
        yield (
            row,
            column,
            _spec(extent, (row, column), (burnt.shape[0], burnt.shape[1]), (inside_row, inside_column)),
        )


def tiles_near(network: Network, targets: Snaps, extent: GridExtent, *, reach_m: float) -> NDArray[np.int64]:
    """Tiles of 4 by 4 cells that hold all places within a distance of a street or of a target.

    Parameters
    ----------
    network
        The streets.
    targets
        Places joined to them.
    extent
        Where the cells lie.
    reach_m
        The distance, metres.

    Returns
    -------
    int64, one number per tile, ascending, as `grid_blocks` takes them
        Further tiles may be among them.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (5000, 200)}).geometry
    >>> extent = grid_extent(gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs), cell_m=50)
    >>> targets = streets.snap(grid_places({"A": (100, 100)}))
    >>> near = tiles_near(streets, targets, extent, reach_m=100)
    >>> [sum(len(block.points) for *_, block in grid_blocks(extent, tiles=of)) for of in (None, near)]
    [400, 40]
    """
    # stage 1: places along every street, no gap of which is wider than twice `_SAMPLE_M`
    u, v = network.u, network.v
    pieces = np.maximum(1, np.ceil(network.length_mm / (2000 * _SAMPLE_M)).astype(np.int64))
    edge = np.repeat(np.arange(len(u)), pieces - 1)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1) + 1) / pieces[
        edge
    ]
    start, way = np.stack([network.node_lon, network.node_lat]), u[edge]
    onward = start[:, v[edge]] - start[:, way]
    onward[0] = (onward[0] + 180.0) % 360.0 - 180.0  # the shorter way round the globe
    lon, lat = np.concatenate([start, start[:, way] + onward * share], axis=1)
    placed = np.isfinite(targets.from_x)
    to_grid = transformer(network.crs, extent.crs)
    beside = to_grid.transform(targets.from_x[placed], targets.from_y[placed])
    along = transformer(WGS84, extent.crs).transform(lon, lat)
    x, y = (np.concatenate(pair) for pair in zip(along, beside, strict=True))
    # stage 2: their tiles, and those around as far as the distance goes, with room for bends of projections
    side_m = _NEAR_CELLS * extent.cell_m
    kept = np.isfinite(x) & np.isfinite(y)
    held = np.unique(
        _tile_keys(np.floor(y[kept] / side_m).astype(np.int64), np.floor(x[kept] / side_m).astype(np.int64))
    )
    around = np.arange(-(ring := math.ceil((reach_m + 2 * _SAMPLE_M) / side_m)), ring + 1)
    beside_rows = np.unique((held[:, None] + _tile_keys(around, 0)).ravel())
    return np.unique((beside_rows[:, None] + _tile_keys(0, around)).ravel())


def _tile_keys(row: NDArray[np.int64] | int, column: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """One number for each row and column of tiles: numbers add up as rows and columns do."""
    keys: NDArray[np.int64] = np.asarray(row, np.int64) * (1 << 32) + np.asarray(column, np.int64)
    return keys


def _burnt_blocks(extent: GridExtent, side: int) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    """Row and column of each block that holds a cell, from the north-west, and 1 where cells are inside."""
    shapes = extent.polygons.to_numpy()
    tree = shapely.STRtree(shapes)
    cell_m = extent.cell_m
    # blocks are cut where the absolute grid has a multiple of their side
    for row in _cuts(-extent.top, extent.rows, side):
        for column in _cuts(extent.first, extent.columns, side):
            north = (extent.top - row.start) * cell_m
            west = (extent.first + column.start) * cell_m
            frame = shapely.box(west, north - len(row) * cell_m, west + len(column) * cell_m, north)
            met = np.sort(tree.query(frame, predicate="intersects"))
            if not len(met):
                continue
            burnt = rasterize(
                list(shapes[met]),
                out_shape=(len(row), len(column)),
                transform=Affine(cell_m, 0, west, 0, -cell_m, north),
                dtype="uint8",
            )
            if burnt.any():
                yield row.start, column.start, burnt


def _cuts(first: int, count: int, side: int) -> list[range]:
    """The numbers 0 to `count` - 1, cut where number plus `first` is a multiple of `side`."""
    cuts = [0, *range(-first % side or side, count, side), count]
    return [range(one, other) for one, other in pairwise(cuts)]


def _spec(extent: GridExtent, place: tuple[int, int], shape: tuple[int, int], inside: _Cells) -> GridSpec:
    """A part of an extent as a grid of its own: its first cell, its shape, its cells that lie inside."""
    (row, column), (rows, columns) = place, shape
    inside_row, inside_column = inside
    cell_m, first, top = extent.cell_m, extent.first + column, extent.top - row
    cell = inside_row * columns + inside_column
    centres = shapely.points((first + inside_column + 0.5) * cell_m, (top - inside_row - 0.5) * cell_m)
    return GridSpec(
        crs=extent.crs,
        west=first * cell_m,
        north=top * cell_m,
        cell_m=cell_m,
        rows=rows,
        columns=columns,
        cell=cell,
        points=gpd.GeoSeries(centres, index=cell, crs=extent.crs),
    )
