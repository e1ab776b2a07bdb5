"""AccessCosts: what it costs to come from a snapped point to the two ends of its edge, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import MismatchedIndexError
from lifecircle.network.graph import Network
from lifecircle.network.keys import FAR
from lifecircle.network.snapping import Snaps

__all__ = ["AccessCosts", "access_costs"]


@dataclass(frozen=True, eq=False)
class AccessCosts:
    """Costs between points and the ends of their edges, the straight walk to the street included.

    Attributes
    ----------
    edge : int32, edge joined; -1 where the point is unreached
    to_u, to_v, from_u, from_v : int64, `FAR` where the edge is closed that way
    walk : int64, straight walk between point and street, and any delay there
    forward, backward : int64, cost of the edge between its node u and the place joined, driven from u
        towards v and from v towards u; `FAR` where that direction is closed
    offset_mm : int64, place joined, from u
    """

    edge: NDArray[np.int32]
    to_u: NDArray[np.int64]
    to_v: NDArray[np.int64]
    from_u: NDArray[np.int64]
    from_v: NDArray[np.int64]
    walk: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]
    offset_mm: NDArray[np.int64]


def access_costs(
    network: Network, snaps: Snaps, *, delay_mm: NDArray[np.integer] | None = None
) -> AccessCosts:
    """The legs of every snapped point.

    A point at an end of its edge is at the node itself, whichever way the edge is open.

    Parameters
    ----------
    network
        The network the points were snapped to.
    snaps
        The points.
    delay_mm
        Further cost at each point, in millimetres walked (an entrance's delay).

    Raises
    ------
    MismatchedIndexError
        If the points were snapped to another network.
    """
    if snaps.network != network.digest:
        raise MismatchedIndexError(
            f"points snapped to network {snaps.network[:8]} cannot be routed on network {network.digest[:8]}"
        )
    if delay_mm is None or not np.any(delay_mm):
        return network.cache.of(snaps, lambda: _access_costs(network, snaps, 0))
    return _access_costs(network, snaps, delay_mm)


def _access_costs(network: Network, snaps: Snaps, delay_mm: NDArray[np.integer] | int) -> AccessCosts:
    """`access_costs`, computed."""
    # unreached points stand on edge 0, and are masked at the end
    reached = snaps.reached
    edge = np.where(reached, snaps.edge, 0)
    length = network.length_mm[edge].astype(np.int64)
    offset = np.where(reached, snaps.offset_mm, 0).astype(np.int64)
    walk_mm = snaps.access_mm.astype(np.int64) + delay_mm
    walk = np.rint(walk_mm * network.cost_per_mm).astype(np.int64)
    at_u, at_v = offset == 0, offset == length

    def access(cost: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Between u and the place, between the place and v, and the first again without the walk."""
        # cost × offset / length, rounded half up in integers; the ends cost exactly 0 and all of it
        whole = cost[edge].astype(np.int64)
        part = (2 * whole * offset + length) // np.maximum(2 * length, 1)
        near = np.where(at_u, 0, np.where(whole < 0, FAR, part))
        rest = np.where(at_v, 0, np.where(whole < 0, FAR, whole - part))
        return (
            np.where(reached, near + walk, FAR),
            np.where(reached, rest + walk, FAR),
            np.where(reached & (whole >= 0), part, FAR),
        )

    from_u, to_v, forward = access(network.cost_forward)
    to_u, from_v, backward = access(network.cost_backward)
    return AccessCosts(
        edge=np.where(reached, edge, -1).astype(np.int32),
        to_u=to_u,
        to_v=to_v,
        from_u=from_u,
        from_v=from_v,
        walk=np.where(reached, walk, FAR),
        forward=forward,
        backward=backward,
        offset_mm=offset,
    )
