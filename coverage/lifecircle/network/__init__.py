"""Streets to route on: the graph, where points join it, and what can be reached from where."""

from lifecircle.network.competing import competing_catchments
from lifecircle.network.graph import Network, build_network
from lifecircle.network.grid import GridSpec, grid_points, minutes_rasters, to_raster
from lifecircle.network.isochrones import isochrones, service_areas
from lifecircle.network.reach import ReachedLines, reach
from lifecircle.network.search import UNREACHED, nearest
from lifecircle.network.snapping import SNAP_STATUS, Snaps, snap
from lifecircle.network.within import accumulate, pairs

__all__ = [
    "SNAP_STATUS",
    "UNREACHED",
    "GridSpec",
    "Network",
    "ReachedLines",
    "Snaps",
    "accumulate",
    "build_network",
    "competing_catchments",
    "grid_points",
    "isochrones",
    "minutes_rasters",
    "nearest",
    "pairs",
    "reach",
    "service_areas",
    "snap",
    "to_raster",
]
