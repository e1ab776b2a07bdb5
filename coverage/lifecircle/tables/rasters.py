"""Minutes on a grid: one raster as a whole, or the rasters of all services block by block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["BlockedRasters", "Raster", "RasterBlock"]


@dataclass(frozen=True)
class Raster:
    """Minutes on a grid whose origin does not move with the study.

    Attributes
    ----------
    values : float32, rows × columns from the north-west, NaN where nothing is reached
    west, north, cell_m : edge of the first cell and cell size, metres in `crs`
    crs : EPSG code of a UTM zone, as ``EPSG:32649``
    """

    values: NDArray[np.float32]
    west: float
    north: float
    cell_m: float
    crs: str


@dataclass(frozen=True, eq=False)
class RasterBlock:
    """A part of a grid: rasters of several services over the same cells.

    Attributes
    ----------
    row, column : of the part's first cell in the whole grid, rows counted from the north
    values : by service, float32, rows × columns, NaN where nothing is reached
    """

    row: int
    column: int
    values: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class BlockedRasters(Mapping[str, Raster]):
    """Rasters of several services on one grid, computed block by block whenever they are asked for.

    Attributes
    ----------
    services : sorted
    west, north, cell_m, crs : as of `Raster`
    rows, columns : extent of the whole grid
    compute : yields, for some services, the blocks that hold a cell of the study
    content_keys : by service, key of all that its raster is made from; none where rasters are not kept

    Examples
    --------
    >>> corner = RasterBlock(0, 1, {"clinic": np.array([[4.0]], np.float32)})
    >>> rasters = BlockedRasters(
    ...     ("clinic",), 0.0, 200.0, 100.0, 2, 2, "EPSG:32649", compute=lambda services: iter([corner])
    ... )
    >>> rasters["clinic"].values.tolist()
    [[nan, 4.0], [nan, nan]]
    """

    services: tuple[str, ...]
    west: float
    north: float
    cell_m: float
    rows: int
    columns: int
    crs: str
    compute: Callable[[Collection[str]], Iterator[RasterBlock]]
    content_keys: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, service: str) -> Raster:
        """One service's raster as a whole."""
        if service not in self.services:
            raise KeyError(service)
        values = np.full((self.rows, self.columns), np.nan, np.float32)
        for block in self.compute((service,)):
            part = block.values[service]
            values[block.row : block.row + part.shape[0], block.column : block.column + part.shape[1]] = part
        return Raster(values, self.west, self.north, self.cell_m, self.crs)

    def __iter__(self) -> Iterator[str]:
        """The services."""
        return iter(self.services)

    def __len__(self) -> int:
        """How many services there are."""
        return len(self.services)
