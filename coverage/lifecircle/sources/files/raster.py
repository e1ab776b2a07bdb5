"""A population raster: opened with suspicion, and split over zones so that every person is kept."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import Interleaving
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.gdal_settings import ALONE, OFFLINE
from lifecircle.sources.files.naming import naming_its_file
from lifecircle.sources.files.opening import describe_file, local_file
from lifecircle.sources.files.shapes import placeable_crs, trust_datum
from lifecircle.sources.files.side_files import refuse_side_files
from lifecircle.sources.log import ReadingLog

__all__ = [
    "BLOCK_LIMIT",
    "CELL_LIMIT",
    "PeopleRaster",
    "check_cells",
    "check_raster",
    "opened_raster",
    "people_raster",
]

BLOCK_LIMIT = 300_000_000
"""Bytes of one block of a raster, which is unpacked whole."""
_CACHE_MB: Final = 128
"""What GDAL keeps of blocks that it has unpacked; left alone it takes a twentieth of the machine's memory."""
CELL_LIMIT = 60_000_000
_SENTINELS: Final[Mapping[str, tuple[float, ...]]] = {
    "uint8": (255.0,),
    "int16": (32_767.0,),
    "uint16": (65_535.0,),
    "int32": (2_147_483_647.0, 65_535.0),
    "uint32": (4_294_967_295.0, 65_535.0),
    "": (999_999.0, 99_999.0, 65_535.0, 9_999.0),
}
"""Values that programs write where a raster knows nothing, by type of cell; under "" those of any type."""
_PLATEAU_CELLS = 10
_NO_COUNT = 1e15
"""No cell holds so many people: 3.4e38 and its like mean that nothing is known."""
DENSEST_PER_KM2 = 1e7
"""A tower of 2,000 people on a cell of 30 m comes to 2 million per km2; no cell holds five times as many."""
_DEGREE_KM = 111.32
_DENSITY = re.compile(r"/\s*km|per\s*(sq|km|ha)|km-2|km\^-2|densit|密度|人/", re.IGNORECASE)


@dataclass(frozen=True)
class PeopleRaster:
    """Residents per cell over the study's ground; nobody (0) where the raster knows nothing.

    Attributes
    ----------
    people : ndarray, rows from the north
    west, north, cell_width, cell_height : float, in the units of `crs`, all cells alike
    crs : CRS
    """

    people: NDArray[np.float64]
    west: float
    north: float
    cell_width: float
    cell_height: float
    crs: CRS

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        rows, columns = self.people.shape
        return (
            self.west,
            self.north - rows * self.cell_height,
            self.west + columns * self.cell_width,
            self.north,
        )

    def same_cells(self, other: PeopleRaster) -> bool:
        """Whether another grid has the very same cells."""
        return (
            self.people.shape == other.people.shape
            and self.crs == other.crs
            and bool(np.allclose(self.bounds, other.bounds, rtol=0, atol=self.cell_width * 1e-3))
        )


def check_raster(path: Path, log: ReadingLog) -> None:
    """Open a raster's header and refuse what cannot be a population grid.

    Raises
    ------
    InputError
        If it is not a readable local GeoTIFF, has no coordinate system or one that lies nowhere, is
        rotated, or says that it holds densities.
    """
    local_file(path, suffixes=(".tif",))
    with opened_raster(path) as source:
        if source.crs is None:
            raise InputError(Fault("raster-no-crs", file=str(path)))
        turn = source.transform
        if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
            raise InputError(Fault("raster-rotated", file=str(path)))
        west, south, east, north = source.bounds
        trust_datum(
            placeable_crs(source.crs.to_wkt(), file=str(path))[0],
            log,
            subject="population",
            file=str(path),
            place=((west + east) / 2, (south + north) / 2),
        )
        said = " ".join(str(word) for word in (source.units[0], source.descriptions[0]) if word)
        if _DENSITY.search(said):
            raise InputError(Fault("raster-density", file=str(path), values={"found": said}))
        log.files.append(
            describe_file(path, rows=source.height, columns=source.width, crs=source.crs.to_string())
        )
        if source.count > 1:
            log.remark("population", "raster-bands", item=str(path), count=source.count)


@naming_its_file
def check_cells(path: Path) -> None:
    """Read every cell of a raster of at most `CELL_LIMIT`, for its faults alone.

    Raises
    ------
    InputError
        If they cannot be read: the file is cut short, or a block of it is damaged.
    """
    with opened_raster(path) as source:
        if source.width * source.height <= CELL_LIMIT:
            for _, window in source.block_windows(1):
                source.read(1, window=window)


class opened_raster:  # noqa: N801  # used like a function
    """A raster as a context, GDAL's and rasterio's complaints turned into faults; no other file is opened.

    Raises
    ------
    InputError
        If it cannot be read, or a file beside it says in part what its cells are or where they lie.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = ExitStack()

    def __enter__(self) -> DatasetReader:
        with ExitStack() as opening:
            opening.enter_context(rasterio.Env(**ALONE, **OFFLINE, GDAL_CACHEMAX=_CACHE_MB))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", NotGeoreferencedWarning)  # becomes raster-no-crs
                    source = opening.enter_context(rasterio.open(self._path, driver="GTiff"))
            except RasterioError as error:
                raise _unreadable(self._path, error) from None
            _refuse_large_blocks(source, self._path)
            refuse_side_files(self._path, placed=not source.transform.is_identity)
            self._open = opening.pop_all()
        return source

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._open.close()
        if isinstance(error, RasterioError):
            raise _unreadable(self._path, error) from None


def _refuse_large_blocks(source: DatasetReader, path: Path) -> None:
    """Refuse a raster that can only be unpacked in very large pieces: one cell costs its whole block."""
    rows, columns = np.max(source.block_shapes, axis=0).tolist()
    size = rows * columns * max(np.dtype(dtype).itemsize for dtype in source.dtypes)
    if source.interleaving == Interleaving.pixel:  # all bands lie in one block
        size *= source.count
    if size > BLOCK_LIMIT:
        values = {"megabytes": f"{size / 1e6:,.0f}", "limit": f"{BLOCK_LIMIT / 1e6:,.0f}"}
        raise InputError(Fault("raster-block-large", file=str(path), values=values))


def _unreadable(path: Path, error: Exception) -> InputError:
    """GDAL's words as ours."""
    cause = error.__cause__ or error
    return InputError(Fault("raster-unreadable", file=str(path), values={"why": str(cause)}))


@naming_its_file
def people_raster(
    path: Path, zone: shapely.Geometry, zone_crs: CRS, log: ReadingLog, *, nonnegative: bool = True
) -> PeopleRaster:
    """The part of a raster that covers a zone, with what is not a number of people taken as nobody.

    NaN, masked cells and the declared nodata value are nobody. Without a declared one, a single negative
    value that recurs (such as -99999), and a value that programs write for nothing (65535, 9999, 3.4e38)
    and that stands apart from all others, are taken for it and remarked upon; several different negative
    values are faults. Scale and offset of the band are applied.

    Parameters
    ----------
    path
        Checked by `check_raster`.
    zone, zone_crs
        The ground to be covered, in any coordinate system: it is brought to the raster's.

    Raises
    ------
    InputError
        If the raster lies elsewhere, is too fine for memory over the zone, cannot be read through, or
        holds more people in a cell than can live there.
    """
    with opened_raster(path) as source:
        crs = CRS.from_user_input(source.crs.to_wkt())
        # Rings alone: of polygons the library draws the ground anew, which takes long and moves no bound.
        rings = shapely.get_rings(shapely.get_parts(shapely.get_parts(zone)))
        ring = gpd.GeoSeries(shapely.segmentize(rings, 1000.0), crs=zone_crs).to_crs(crs)
        window = _window(source, ring.total_bounds, path)
        # changed in place from here on: a grid at the limit takes half a gigabyte
        values = source.read(1, window=window, out_dtype=np.float64)
        values[source.read_masks(1, window=window) == 0] = np.nan
        if source.nodata is not None and abs(source.nodata) >= _NO_COUNT:
            # A nodata of 3.4e38 is often written with fewer digits than the cells hold.
            values[np.sign(source.nodata) * values >= _NO_COUNT] = np.nan
        dtype = str(source.dtypes[0])
        values *= source.scales[0]
        values += source.offsets[0]
        declared = source.nodata is not None
        turn = source.transform
    if not declared and nonnegative:
        values = _without_sentinels(values, dtype, path, log)
        _remark_plateau(values, path, log)
    values = _known_people(values, path, log, declared=declared, nonnegative=nonnegative)
    if nonnegative:
        _check_believable(values, crs, window, turn, path)
    west, north = turn.c + window.col_off * turn.a, turn.f + window.row_off * turn.e
    return PeopleRaster(values, west, north, turn.a, -turn.e, crs)


def _window(source: DatasetReader, bounds: NDArray[np.float64], path: Path) -> Window:
    """Rows and columns over the bounds, within the raster."""
    west, south, east, north = bounds
    turn = source.transform
    # A zone far outside the raster's system comes out infinite: it lies elsewhere.
    with np.errstate(over="ignore", invalid="ignore"):
        columns = (np.array([west, east]) - turn.c) / turn.a
        rows = (np.array([north, south]) - turn.f) / turn.e
    if not (np.isfinite(columns).all() and np.isfinite(rows).all()):
        raise _elsewhere(source, path)
    first_column, first_row = max(0, int(np.floor(columns[0]))), max(0, int(np.floor(rows[0])))
    last_column, last_row = (
        min(source.width, int(np.ceil(columns[1]))),
        min(source.height, int(np.ceil(rows[1]))),
    )
    width, height = last_column - first_column, last_row - first_row
    if width <= 0 or height <= 0:
        raise _elsewhere(source, path)
    if width * height > CELL_LIMIT:
        values = {"cells": f"{width * height:,}", "limit": f"{CELL_LIMIT:,}"}
        raise InputError(Fault("raster-too-fine", file=str(path), values=values))
    return Window(first_column, first_row, width, height)


def _elsewhere(source: DatasetReader, path: Path) -> InputError:
    """The refusal of a raster that does not cover the study."""
    values = {"crs": source.crs.to_string(), "bounds": ", ".join(f"{edge:.6g}" for edge in source.bounds)}
    return InputError(Fault("raster-elsewhere", file=str(path), values=values))


def _known_people(
    values: NDArray[np.float64], path: Path, log: ReadingLog, *, declared: bool, nonnegative: bool
) -> NDArray[np.float64]:
    """Cells as numbers of people, 0 where unknown."""
    if np.isinf(values).any():
        raise InputError(
            Fault("raster-infinite", file=str(path), values={"count": int(np.isinf(values).sum())})
        )
    below = values < 0
    if below.any() and nonnegative:
        distinct = np.unique(values[below])
        if len(distinct) > 1 or declared:
            example, count = f"{distinct[0]:g}", int(below.sum())
            fault = Fault("raster-negative", file=str(path), values={"found": example, "count": count})
            raise InputError(fault)
        _remark_nodata(log, path, below, float(distinct[0]))
        values[below] = np.nan
    return np.nan_to_num(values, nan=0.0, copy=False)


def _without_sentinels(
    values: NDArray[np.float64], dtype: str, path: Path, log: ReadingLog
) -> NDArray[np.float64]:
    """Cells, changed in place, without the values that mean nothing is known and stand apart from counts."""
    great = values[(values >= _NO_COUNT) & np.isfinite(values)]
    marks = sorted({float(value) for value in np.unique(great)}, reverse=True)
    if dtype.startswith("float") and len(marks) > 1:
        return values  # several absurd values are no mark: they are refused as people
    known = sorted({*_SENTINELS.get(dtype, ()), *_SENTINELS[""]}, reverse=True)
    for mark in [*marks, *known]:
        at = values == mark
        if not at.any():
            continue
        rest = values[np.isfinite(values) & ~at]
        if len(rest) and rest.max() * 2 > mark:
            continue
        _remark_nodata(log, path, at, mark)
        values[at] = np.nan
    return values


def _remark_plateau(values: NDArray[np.float64], path: Path, log: ReadingLog) -> None:
    """Say that the greatest value recurs and stands apart, as a mark would that no list knows."""
    most = np.nanmax(values, initial=0.0)
    at = values == most
    others = np.nanmax(values, initial=0.0, where=~at)
    if most > 0 and np.count_nonzero(at) >= _PLATEAU_CELLS and most > 2 * others > 0:
        count, value = int(at.sum()), f"{most:.10g}"
        log.remark(
            "population", "raster-plateau", item=str(path), count=count, value=value, severity="warning"
        )


def _remark_nodata(log: ReadingLog, path: Path, cells: NDArray[np.bool_], mark: float) -> None:
    """Say that some cells hold a value that was taken for unknown though the raster declares none."""
    log.remark(
        "population",
        "raster-nodata-guessed",
        item=str(path),
        count=int(cells.sum()),
        value=f"{mark:.10g}",
        severity="warning",
    )


def _check_believable(people: NDArray[np.float64], crs: CRS, window: Window, turn: Any, path: Path) -> None:
    """Refuse cells with more people than can live there.

    Raises
    ------
    InputError
        With the greatest number, its row and column, and how many cells are like it.
    """
    if not people.size:
        return
    at = int(np.argmax(people))
    row, column = divmod(at, people.shape[1])
    cell_area = turn.a * -turn.e
    # A degree of longitude shrinks with the latitude of the cell.
    if crs.is_geographic:
        latitude = turn.f + (window.row_off + row) * turn.e
        km2 = cell_area * _DEGREE_KM**2 * max(0.01, float(np.cos(np.radians(latitude))))
    else:
        metre = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
        km2 = cell_area * metre**2 / 1e6
    limit = DENSEST_PER_KM2 * km2
    count = int((people > limit).sum())
    if count:
        values = {
            "found": f"{people.flat[at]:,.6g}",
            "count": count,
            "row": int(window.row_off) + row + 1,
            "column": int(window.col_off) + column + 1,
            "cell_m": f"{np.sqrt(km2) * 1000:,.0f}",
        }
        raise InputError(Fault("raster-unbelievable", file=str(path), values=values))
