"""What is drawn of a state beside its findings: service areas, catchments, rasters of minutes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from lifecircle.network import (
    Network,
    ODPoints,
    competing_catchments,
    grid_blocks,
    grid_extent,
    minutes_rasters,
    service_areas,
    to_raster,
)
from lifecircle.study import Assumptions
from lifecircle.tables import CATCHMENTS, BlockedRasters, Inputs, Raster, RasterBlock

__all__ = ["minute_rasters", "service_isochrones", "with_catchment_areas"]

BANDS_MIN = (5.0, 10.0, 15.0)
"""Minutes of the service areas drawn on the map."""

CATCHMENT_GRID_M = 20.0
"""Grid on which catchments of a whole city are drawn: they tile on any grid."""


def service_isochrones(
    network: Network, inputs: Inputs, od: ODPoints, *, jobs: int | None
) -> gpd.GeoDataFrame:
    """From where any facility of a service is reached in 5, 10 and 15 minutes: one area each."""
    areas = service_areas(
        network,
        od.destinations.snaps,
        od.service,
        BANDS_MIN,
        places=od.places,
        delay_s=od.destinations.snaps.labels["delay_s"],
        minus=inputs.water if len(inputs.water) else None,
        threads=jobs,
    )
    return areas.rename(columns={"facility": "service"})


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
) -> Mapping[str, Raster]:
    """Minutes to the nearest facility of every service that has one, on one grid over the boundary.

    They are computed block by block whenever they are asked for: the grid of a province would hold gigabytes.
    Cells that are farther than `proven_min` of their centres, minutes, hold nothing.
    """
    if not len(od.destinations.services):
        return {}
    extent = grid_extent(inputs.boundary)

    def blocks(services: Collection[str]) -> Iterator[RasterBlock]:
        """Every block of the grid that holds a cell of the study, for some services."""
        rows = np.flatnonzero(np.isin(od.service, list(services)))
        targets = od.destinations.snaps.take(rows)
        for row, column, grid in grid_blocks(extent):
            rasters = minutes_rasters(
                network,
                grid,
                targets,
                od.service[rows],
                delay_s=targets.labels["delay_s"],
                max_snap_m=assumptions.max_snap_m,
                threads=jobs,
            )
            limit = to_raster(grid, proven_min(grid.points)).values
            yield RasterBlock(
                row,
                column,
                {
                    service: np.where(raster.values <= limit, raster.values, np.float32(np.nan))
                    for service, raster in rasters.items()
                },
            )

    return BlockedRasters(
        services=tuple(sorted(set(od.service.astype(str)))),
        west=extent.first * extent.cell_m,
        north=extent.top * extent.cell_m,
        cell_m=extent.cell_m,
        rows=extent.rows,
        columns=extent.columns,
        crs=f"EPSG:{extent.crs.to_epsg()}",
        compute=blocks,
    )
