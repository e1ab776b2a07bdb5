"""What is drawn of a state beside its findings: service areas, catchments, rasters of minutes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lifecircle.analysis.kept_areas import kept_areas, keys_of_services
from lifecircle.content_store import ContentStore, Reused
from lifecircle.network import (
    GridSpec,
    Network,
    ODPoints,
    competing_catchments,
    grid_blocks,
    grid_extent,
    minutes_rasters,
    service_areas,
    tiles_near,
    to_raster,
)
from lifecircle.network.areas.cell_grid import TILE_CELLS
from lifecircle.network.routing.proof import fastest_kmh
from lifecircle.network.snapping import Snaps
from lifecircle.study import Assumptions
from lifecircle.tables import CATCHMENTS, BlockedRasters, Inputs, Raster, RasterBlock

__all__ = ["AREAS_THINNED_M", "minute_rasters", "raster_keys", "service_isochrones", "with_catchment_areas"]

BANDS_MIN = (5.0, 10.0, 15.0)
"""Minutes of the service areas drawn on the map."""

AREAS_THINNED_M = 0.25
"""How far outlines of service areas may move: a fortieth of the 10 m grid they are drawn on. More would tell
in narrow ones (IoU below 0.999). They are thinned as soon as they are drawn: at full detail those of a
province would take gigabytes."""

CATCHMENT_GRID_M = 20.0
"""Grid on which catchments of a whole city are drawn: they tile on any grid."""


def service_isochrones(
    network: Network, inputs: Inputs, od: ODPoints, *, jobs: int | None, store: ContentStore | None = None
) -> tuple[gpd.GeoDataFrame, Reused]:
    """From where any facility of a service is reached in 5, 10 and 15 minutes: one area each.

    With a `store`, areas of services that it keeps are taken from there, the others are kept in it.
    """
    snaps, minus = od.destinations.snaps, inputs.water if len(inputs.water) else None

    def draw(services: NDArray[np.object_]) -> gpd.GeoDataFrame:
        """The areas of some services."""
        rows = np.flatnonzero(np.isin(od.service, services))
        mine = snaps.take(rows)
        return service_areas(
            network,
            mine,
            od.service[rows],
            BANDS_MIN,
            places=od.places.iloc[rows],
            delay_s=mine.labels["delay_s"],
            minus=minus,
            thin_m=AREAS_THINNED_M,
            threads=jobs,
        )

    if store is None:
        areas, reused = draw(od.service), Reused()
    else:
        shared = {"water": inputs.water.geometry, "bands_min": BANDS_MIN, "thin_m": AREAS_THINNED_M}
        keys = keys_of_services("service-areas", network, od, **shared)
        areas, reused = kept_areas(store, keys, draw, crs=network.crs)
    return areas.rename(columns={"facility": "service"}), reused


def with_catchment_areas(
    catchments: gpd.GeoDataFrame, network: Network, inputs: Inputs, od: ODPoints
) -> gpd.GeoDataFrame:
    """Catchments with their areas, which tile what each service reaches."""
    drawn = catchments.copy()
    for service in sorted(set(drawn["service"]) & set(od.destinations.services)):
        rows = np.flatnonzero(od.service == service)
        areas = competing_catchments(
            network,
            od.destinations.snaps.take(rows),
            od.facility[rows],
            delay_s=od.destinations.snaps.labels["delay_s"].iloc[rows],
            places=od.places.iloc[rows],
            grid_m=CATCHMENT_GRID_M,
            minus=inputs.water if len(inputs.water) else None,
        ).set_index("owner")
        own = drawn["service"] == service
        drawn.loc[own, "geometry"] = areas.geometry.reindex(drawn.loc[own, "facility"]).to_numpy()
    return CATCHMENTS.check(drawn)


def minute_rasters(
    network: Network,
    inputs: Inputs,
    od: ODPoints,
    *,
    assumptions: Assumptions,
    proven_min: Callable[[gpd.GeoSeries], NDArray[np.float64]],
    jobs: int | None,
    content_keys: Mapping[str, str] | None = None,
) -> Mapping[str, Raster]:
    """Minutes to the nearest facility of every service that has one, on one grid over the boundary.

    They are computed block by block whenever they are asked for: the grid of a province would hold gigabytes.
    Cells that are farther than `proven_min` of their centres, minutes, hold nothing. `content_keys`
    tell, by service, what a raster is made from, where rasters are kept (`raster_keys`).
    """
    if not len(od.destinations.services):
        return {}
    extent = grid_extent(inputs.boundary)

    def blocks(services: Collection[str]) -> Iterator[RasterBlock]:
        """Every block of the grid that holds a cell of the study, for some services."""
        rows = np.flatnonzero(np.isin(od.service, list(services)))
        targets = od.destinations.snaps.take(rows)
        tiles = tiles_near(network, targets, extent, reach_m=assumptions.max_snap_m)
        for row, column, grid in grid_blocks(extent, tiles=tiles):
            # stage 1: the cells from which anybody walks anywhere
            snaps = network.snap(grid.points, max_snap_m=assumptions.max_snap_m)
            walking = np.flatnonzero(snaps.reached | _beside(snaps, targets))
            if not len(walking):
                continue
            ground = dataclasses.replace(grid, cell=grid.cell[walking], points=grid.points.iloc[walking])
            # stage 2: their minutes, as far as they are proven
            rasters = minutes_rasters(
                network,
                (ground, snaps.take(walking)),
                targets,
                od.service[rows],
                delay_s=targets.labels["delay_s"],
                threads=jobs,
            )
            limit = to_raster(ground, _limits(network, ground, rasters, proven_min)).values
            proven = {
                service: np.where(raster.values <= limit, raster.values, np.float32(np.nan))
                for service, raster in rasters.items()
            }
            yield RasterBlock(row, column, proven)

    return BlockedRasters(
        services=tuple(sorted(set(od.service.astype(str)))),
        west=extent.first * extent.cell_m,
        north=extent.top * extent.cell_m,
        cell_m=extent.cell_m,
        rows=extent.rows,
        columns=extent.columns,
        crs=f"EPSG:{extent.crs.to_epsg()}",
        compute=blocks,
        content_keys=content_keys or {},
    )


def raster_keys(
    network: Network, inputs: Inputs, od: ODPoints, *, assumptions: Assumptions, reach_m: float
) -> Mapping[str, str]:
    """What each service's raster is made from; `reach_m` says how far beyond the boundary was read."""
    return keys_of_services(
        "minutes",
        network,
        od,
        boundary=inputs.boundary.geometry,
        walk_to_street_m=assumptions.max_snap_m,
        reach_m=reach_m,
    )


def _beside(snaps: Snaps, targets: Snaps) -> NDArray[np.bool_]:
    """Which points that joined no street are near enough to a target to walk straight there."""
    beside = np.zeros(len(snaps), np.bool_)
    placed = np.isfinite(targets.from_x)
    lonely = np.flatnonzero(~snaps.reached & np.isfinite(snaps.from_x))
    if len(lonely) and placed.any():
        tree = cKDTree(np.column_stack([targets.from_x[placed], targets.from_y[placed]]))
        here = np.column_stack([snaps.from_x[lonely], snaps.from_y[lonely]])
        away, _ = tree.query(here, distance_upper_bound=snaps.max_snap_m + 1.0)
        beside[lonely] = np.isfinite(away)
    return beside


def _limits(
    network: Network,
    grid: GridSpec,
    rasters: Mapping[str, Raster],
    proven_min: Callable[[gpd.GeoSeries], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Minutes of each cell up to which walks are proven, exact where that decides anything.

    Elsewhere it is a lower bound that lies on the same side of every minute of the cell: proven minutes
    change no faster than one walks, so those of a tile's centre bound those of all its cells.
    """
    # stage 1: what is proven at the centres of tiles
    row, column = np.divmod(grid.cell, grid.columns)
    tile, of_tile = np.unique(row // TILE_CELLS * grid.columns + column // TILE_CELLS, return_inverse=True)
    tile_row, tile_column = np.divmod(tile, grid.columns)
    side_m = TILE_CELLS * grid.cell_m
    x, y = grid.west + (tile_column + 0.5) * side_m, grid.north - (tile_row + 0.5) * side_m
    at_centre = proven_min(gpd.GeoSeries(shapely.points(x, y), crs=grid.crs))[of_tile]
    # stage 2: how much less or more it can be at a cell, with room for the planes' different scales
    slack = (0.75 * side_m + 5.0) / (fastest_kmh(network) * 1000.0 / 60.0)
    limit = at_centre - slack
    # stage 3: measured exactly where a minute lies between the bounds
    unsure = np.zeros(len(grid.cell), np.bool_)
    for raster in rasters.values():
        minutes = raster.values.ravel()[grid.cell]
        unsure |= (minutes >= limit - 1e-3) & (minutes <= at_centre + slack + 1e-3)
    limit[unsure] = proven_min(grid.points[unsure])
    return limit
