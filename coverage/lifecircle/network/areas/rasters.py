"""Rasters of walking minutes to the nearest facility of each service."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lifecircle.errors import ContractError
from lifecircle.network.areas.cell_grid import GridSpec
from lifecircle.network.graph import Network
from lifecircle.network.routing.nearest import nearest
from lifecircle.network.routing.origins import delay_as_walk
from lifecircle.network.snapping import Snaps
from lifecircle.network.speed import cost_limit, require_travel, to_minutes
from lifecircle.tables import Raster

__all__ = ["minutes_rasters", "to_raster"]


def to_raster(grid: GridSpec, minutes: ArrayLike) -> Raster:
    """Minutes of a grid's points as a raster; outside the boundary, and where infinite, NaN.

    Parameters
    ----------
    grid
        The cells.
    minutes
        Minutes of each point of the grid, in their order.

    Raises
    ------
    ContractError
        If there is not one value per point.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network import grid_points
    >>> from lifecircle.network.examples import grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> to_raster(grid_points(boundary, cell_m=100), [1, 2, 3, float("inf")]).values.tolist()
    [[1.0, 2.0, nan], [3.0, nan, nan]]
    """
    given = np.asarray(minutes, np.float64)
    if given.shape != grid.cell.shape:
        raise ContractError(f"{given.shape} minutes for {len(grid.cell)} cells")
    # cells outside the boundary, and those that reach nothing, are unknown
    values = np.full(grid.rows * grid.columns, np.nan, np.float32)
    values[grid.cell] = np.where(np.isfinite(given), given, np.nan)
    return Raster(
        values=values.reshape(grid.rows, grid.columns),
        west=grid.west,
        north=grid.north,
        cell_m=grid.cell_m,
        crs=f"EPSG:{grid.crs.to_epsg()}",
    )


def minutes_rasters(
    network: Network,
    grid: GridSpec | tuple[GridSpec, Snaps],
    targets: Snaps,
    service: ArrayLike,
    *,
    max_minutes: float | None = None,
    delay_s: ArrayLike | None = None,
    speed_kmh: float | None = None,
    max_snap_m: float = 300.0,
    threads: int | None = None,
) -> Mapping[str, Raster]:
    """Minutes from every cell to the nearest facility of each service.

    Parameters
    ----------
    network
        The streets.
    grid
        Where; with the snaps of its points if they are joined to the network already.
    targets
        Entries of facilities, joined to the network.
    service
        Service of each entry.
    max_minutes
        Farther cells stay NaN; no limit if None.
    delay_s
        Seconds to be added at each entry.
    speed_kmh
        The network's own speed if None.
    max_snap_m
        Farthest walk from a cell's centre to a street.
    threads
        Number of threads, the machine's if None; the result does not depend on it.

    Returns
    -------
    dict
        Raster by service, sorted.

    Raises
    ------
    InputError
        As `snap` and `speed.require_travel`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from lifecircle.network import grid_points
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    >>> boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    >>> streets = grid_network()
    >>> clinic = streets.snap(grid_places({"clinic": (100, 0)}))
    >>> rasters = minutes_rasters(streets, grid_points(boundary, cell_m=100), clinic, ["clinic"])
    >>> rasters["clinic"].values.round(1)
    array([[4.2, 2.7, nan],
           [2.7, 1.2, nan]], dtype=float32)
    """
    spec, origins = (
        grid if isinstance(grid, tuple) else (grid, network.snap(grid.points, max_snap_m=max_snap_m))
    )
    require_travel(network, max_minutes, speed_kmh)
    # every cell is an origin; owners do not matter, so keys hold costs alone
    names, code = np.unique(np.asarray(service).astype(str), return_inverse=True)
    cost, _ = nearest(
        network,
        origins,
        targets,
        service=code,
        owner=np.zeros(len(targets), np.int64),
        n_services=len(names),
        delay_mm=delay_as_walk(network, delay_s, speed_kmh),
        max_cost=cost_limit(network, max_minutes, speed_kmh=speed_kmh),
        want_owner=False,
        threads=threads,
    )
    minutes = to_minutes(network, cost, speed_kmh=speed_kmh)
    return {str(name): to_raster(spec, minutes[:, column]) for column, name in enumerate(names)}
