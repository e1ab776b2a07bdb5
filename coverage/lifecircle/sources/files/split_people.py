"""People of raster cells over zones, by the share of each cell that a zone covers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.raster import PeopleRaster
from lifecircle.sources.files.tangles import sides_of
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import shared_middles

__all__ = ["split_people"]

_PARTIAL = 1.0 - 1e-6
_MOST_BORDER_CELLS = 5_000_000
"""Cells that sides of zones lead through, one counted again for every side: each is cut."""


def split_people(raster: PeopleRaster, zones: gpd.GeoDataFrame, *, file: str = "") -> pd.DataFrame:
    """Every cell's people over the zones by the share of the cell that each zone covers.

    Parameters
    ----------
    raster
        Residents per cell.
    zones
        Polygons that do not overlap, in any coordinate system; brought to the grid's, never the other
        way round, so that no count is resampled.
    file
        The raster's, for a fault.

    Returns
    -------
    DataFrame
        One row per piece with people: ``zone`` (row of `zones`), ``cell`` (flat index into the grid),
        ``share`` (of the cell, 0 to 1), ``people``, and ``x``, ``y`` in the grid's system: the centre
        of the piece, or a place inside it where its centre falls out of it. Over one cell the shares
        sum to the part that the zones cover.

    Raises
    ------
    InputError
        ``cells-at-borders`` where borders lead through so many cells that they are hatching.
    """
    shapes = reprojected(zones.geometry, raster.crs)[0].to_numpy()
    _refuse_hatching(raster, shapes, file)
    west, south, east, north = raster.bounds
    # exactextract compares the two coordinate systems by text: one text serves both.
    wkt = raster.crs.to_wkt()
    source = NumPyRasterSource(raster.people, west, south, east, north, srs_wkt=wkt)
    listed = gpd.GeoDataFrame(geometry=shapes, crs=wkt)
    shares = exact_extract(source, listed, ["cell_id", "coverage"], output="pandas")
    counts = [len(ids) for ids in shares["cell_id"]]
    pieces = pd.DataFrame(
        {
            "zone": np.repeat(np.arange(len(zones)), counts),
            "cell": np.concatenate([*shares["cell_id"], []]).astype(np.int64),
            "share": np.concatenate([*shares["coverage"], []]).astype(np.float64),
        }
    )
    pieces["people"] = raster.people.ravel()[pieces["cell"]] * pieces["share"]
    pieces = pieces[pieces["people"] > 0].reset_index(drop=True)
    pieces["x"], pieces["y"] = _middles(raster, pieces, shapes)
    return pieces


def _refuse_hatching(raster: PeopleRaster, shapes: NDArray[np.object_], file: str) -> None:
    """Refuse zones whose sides lead through too many cells to cut each."""
    sides = sides_of(shapes)
    steps = np.abs(sides[:, 1] - sides[:, 0]) / [raster.cell_width, raster.cell_height]
    cells = len(sides) + steps.sum()
    if cells > _MOST_BORDER_CELLS:
        values = {"cells": f"{cells / 1e6:,.0f}", "most": f"{_MOST_BORDER_CELLS / 1e6:,.0f}"}
        raise InputError(Fault("cells-at-borders", file=file, values=values))


def _middles(
    raster: PeopleRaster, pieces: pd.DataFrame, shapes: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the people of each piece are put."""
    rows, columns = np.divmod(pieces["cell"].to_numpy(), raster.people.shape[1])
    west, north = raster.west + columns * raster.cell_width, raster.north - rows * raster.cell_height
    x, y = west + raster.cell_width / 2, north - raster.cell_height / 2
    part = np.flatnonzero(pieces["share"].to_numpy() < _PARTIAL)
    boxes = shapely.box(
        west[part], north[part] - raster.cell_height, west[part] + raster.cell_width, north[part]
    )
    centre = shared_middles(boxes, shapes, (np.arange(len(part)), pieces["zone"].to_numpy()[part]))
    there = ~shapely.is_empty(centre)
    x[part[there]], y[part[there]] = shapely.get_x(centre[there]), shapely.get_y(centre[there])
    return x, y
