"""Streets to route on: the graph, where points join it, and what can be reached from where."""

from lifecircle.network.graph import Network, build_network
from lifecircle.network.snapping import SNAP_STATUS, Snaps, snap

__all__ = ["SNAP_STATUS", "Network", "Snaps", "build_network", "snap"]
