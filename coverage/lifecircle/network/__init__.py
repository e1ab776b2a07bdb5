"""Streets to route on: the graph, where points join it, and what can be reached from where."""

from lifecircle.network.areas.cell_grid import (
    GridSpec,
    grid_blocks,
    grid_extent,
    grid_points,
    tiles_near,
)
from lifecircle.network.areas.competing import competing_catchments
from lifecircle.network.areas.grouped_circles import group_communities, grouped_circles
from lifecircle.network.areas.isochrones import isochrones, service_areas
from lifecircle.network.areas.life_circles import central_points, life_circles
from lifecircle.network.areas.rasters import minutes_rasters, to_raster
from lifecircle.network.areas.reached_lines import ReachedLines, reach
from lifecircle.network.build import build_network
from lifecircle.network.edge_table import edges_frame
from lifecircle.network.edits import JOINED_WITHIN_M, StreetChange, with_streets_changed
from lifecircle.network.graph import Network
from lifecircle.network.graph import snap_points as snap
from lifecircle.network.lengths import joined_to, length_network
from lifecircle.network.routing.explain import Explanation, explain, explain_each
from lifecircle.network.routing.nearest import UNREACHED, nearest
from lifecircle.network.routing.od import (
    ODPoints,
    od_points,
    resnap_destinations,
    travel_times,
    update_travel_times,
)
from lifecircle.network.routing.proof import GroundRead, minutes_of
from lifecircle.network.routing.refused import RefusedEdge, ShutPlace, refused_edges, shut_places
from lifecircle.network.routing.travel import nearest_facilities, nearest_times, travel_matrix
from lifecircle.network.routing.within import accumulate, pairs
from lifecircle.network.snapping import SNAP_STATUS, Snaps
from lifecircle.network.store import load_network, network_key, save_network, stored_network

__all__ = [
    "JOINED_WITHIN_M",
    "SNAP_STATUS",
    "UNREACHED",
    "Explanation",
    "GridSpec",
    "GroundRead",
    "Network",
    "ODPoints",
    "ReachedLines",
    "RefusedEdge",
    "ShutPlace",
    "Snaps",
    "StreetChange",
    "accumulate",
    "build_network",
    "central_points",
    "competing_catchments",
    "edges_frame",
    "explain",
    "explain_each",
    "grid_blocks",
    "grid_extent",
    "grid_points",
    "group_communities",
    "grouped_circles",
    "isochrones",
    "joined_to",
    "length_network",
    "life_circles",
    "load_network",
    "minutes_of",
    "minutes_rasters",
    "nearest",
    "nearest_facilities",
    "nearest_times",
    "network_key",
    "od_points",
    "pairs",
    "reach",
    "refused_edges",
    "resnap_destinations",
    "save_network",
    "service_areas",
    "shut_places",
    "snap",
    "stored_network",
    "tiles_near",
    "to_raster",
    "travel_matrix",
    "travel_times",
    "update_travel_times",
    "with_streets_changed",
]
