"""Streets to route on: the graph, where points join it, and what can be reached from where."""

from lifecircle.network.areas import isochrones, service_areas
from lifecircle.network.circles import central_points, life_circles
from lifecircle.network.competing import competing_catchments
from lifecircle.network.edges import edges_frame
from lifecircle.network.explain import Explanation, explain
from lifecircle.network.graph import Network, build_network
from lifecircle.network.grid import GridSpec, grid_points, minutes_rasters, to_raster
from lifecircle.network.journeys import Journeys, journeys, journeys_again, travel_again, travel_times
from lifecircle.network.reach import ReachedLines, reach
from lifecircle.network.search import UNREACHED, nearest
from lifecircle.network.snapping import SNAP_STATUS, Snaps, snap
from lifecircle.network.store import load_network, save_network, stored_network
from lifecircle.network.street_changes import JOINED_WITHIN_M, StreetChange, with_streets_changed
from lifecircle.network.travel import nearest_facilities, nearest_times, travel_matrix
from lifecircle.network.within import accumulate, pairs

__all__ = [
    "JOINED_WITHIN_M",
    "SNAP_STATUS",
    "UNREACHED",
    "Explanation",
    "GridSpec",
    "Journeys",
    "Network",
    "ReachedLines",
    "Snaps",
    "StreetChange",
    "accumulate",
    "build_network",
    "central_points",
    "competing_catchments",
    "edges_frame",
    "explain",
    "grid_points",
    "isochrones",
    "journeys",
    "journeys_again",
    "life_circles",
    "load_network",
    "minutes_rasters",
    "nearest",
    "nearest_facilities",
    "nearest_times",
    "pairs",
    "reach",
    "save_network",
    "service_areas",
    "snap",
    "stored_network",
    "to_raster",
    "travel_again",
    "travel_matrix",
    "travel_times",
    "with_streets_changed",
]
