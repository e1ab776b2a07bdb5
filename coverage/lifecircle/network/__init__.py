"""Streets to route on: the graph, where points join it, and what can be reached from where."""

from lifecircle.network.graph import Network, build_network
from lifecircle.network.search import UNREACHED, nearest
from lifecircle.network.snapping import SNAP_STATUS, Snaps, snap
from lifecircle.network.within import accumulate, pairs

__all__ = [
    "SNAP_STATUS",
    "UNREACHED",
    "Network",
    "Snaps",
    "accumulate",
    "build_network",
    "nearest",
    "pairs",
    "snap",
]
