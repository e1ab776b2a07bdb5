"""Where searches start, and how far they go: origins with one or several sources, and bands of minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lifecircle.errors import Fault, NetworkError, require_type
from lifecircle.network.graph import Network
from lifecircle.network.keys import NARROW_LIMIT
from lifecircle.network.routing.access_costs import access_costs
from lifecircle.network.snapping import Snaps
from lifecircle.network.speed import cost_limit, require_travel, to_minutes

__all__ = ["Bands", "Direction", "Origins", "bands_of", "delay_as_walk", "gather_origins", "walks_within"]

Direction = Literal["out", "in"]
"""Time from the origin to the place, or from the place to the origin."""

_MAX_COST: Final = NARROW_LIMIT - 1


class Bands(NamedTuple):
    """The minutes asked for, ascending, and the cost each stands for."""

    minutes: tuple[float, ...]
    limits: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Origins:
    """Where searches start: one origin may join the network at several sources (entries of a park).

    Attributes
    ----------
    ids : one per origin
    first : int64, origins + 1; the sources of origin k are rows ``first[k]:first[k + 1]``, sorted by
        edge and offset
    edge, offset_mm : int32, where each source joined the network
    cost : int32, of the walk there and any delay
    seed_node, seed_cost : int32 and int64, sources × 2, the ends of its edge and the cost at them (`FAR`
        where its edge is closed that way)
    walk : float64, sources × 4, from the point to the place joined; NaN where the point is unknown
    walk_cost : float64, cost of that walk without the delay
    owner : int32, whose source it is
    direction : "out" | "in"
    """

    ids: pd.Index
    first: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int32]
    cost: NDArray[np.int32]
    seed_node: NDArray[np.int32]
    seed_cost: NDArray[np.int64]
    walk: NDArray[np.float64]
    walk_cost: NDArray[np.float64]
    owner: NDArray[np.int32]
    direction: Direction

    def __len__(self) -> int:
        return len(self.ids)

    def sources(self, origin: int) -> slice:
        """Rows of one origin's sources."""
        return slice(int(self.first[origin]), int(self.first[origin + 1]))


def bands_of(network: Network, minutes: float | Sequence[float], speed_kmh: float | None) -> Bands:
    """The cost within which places are reached, for every band asked for.

    Parameters
    ----------
    network
        Its costs are millimetres or milliseconds.
    minutes
        Any order, each > 0; doubles are asked once.
    speed_kmh
        Speed to go at; the network's own if None. On slopes all times change in inverse proportion.

    Raises
    ------
    InputError
        No minutes at all, minutes or a speed that are not positive numbers, another speed for driving,
        minutes beyond what a search can hold.
    """
    require_travel(network, None, speed_kmh)
    given: Any = [minutes] if np.isscalar(minutes) else minutes
    several = (list, tuple, set, frozenset, range, np.ndarray, pd.Series, pd.Index)
    require_type(given, several, field="minutes", wanted="numbers")
    for value in given:
        require_type(value, (int, float, np.number), field="minutes", wanted="numbers")
    wanted = sorted({float(value) for value in given})
    if not wanted or not all(np.isfinite(value) and value > 0 for value in wanted):
        raise NetworkError(Fault("minutes-list", field="minutes", values={"found": list(given)}))
    # the greatest integer cost within each band
    limits = tuple(_limit(network, value, speed_kmh) for value in wanted)
    if limits[-1] > _MAX_COST:
        most = int(to_minutes(network, np.array([_MAX_COST]), speed_kmh=speed_kmh)[0])
        raise NetworkError(
            Fault("minutes-too-many", field="minutes", values={"found": wanted[-1], "limit": most})
        )
    return Bands(tuple(wanted), limits)


def _limit(network: Network, minutes: float, speed_kmh: float | None) -> int:
    """Greatest cost within some minutes."""
    limit = cost_limit(network, minutes, speed_kmh=speed_kmh)
    assert limit is not None  # noqa: S101  only no minutes have no limit
    return limit


def gather_origins(
    network: Network,
    snaps: Snaps,
    *,
    group: ArrayLike | None = None,
    owner: ArrayLike | None = None,
    places: NDArray[np.float64] | None = None,
    delay_s: ArrayLike | None = None,
    speed_kmh: float | None = None,
    direction: Direction = "out",
) -> Origins:
    """Snapped points as origins of searches.

    Parameters
    ----------
    network, snaps
        The network and where the points join it.
    group
        Id of the origin each point is an entry of; each point is its own origin if None. Origins are
        then sorted by id.
    owner
        Number (>= 0) of whoever owns each point, for `competing`; 0 if None.
    places
        n × 2, the points themselves in the network's CRS, for the walk to the street; left out of the
        lines if None.
    delay_s
        Seconds to be added at each point, >= 0.
    speed_kmh
        Speed to go at; the network's own if None.
    direction
        ``"out"``: from the origins; ``"in"``: towards them.
    """
    # stage 1: which origin each point is an entry of
    count = len(snaps)
    access = access_costs(network, snaps, delay_mm=delay_as_walk(network, delay_s, speed_kmh))
    if group is None:
        ids, number = snaps.ids, np.arange(count)
    else:
        labels, number = np.unique(np.asarray(group), return_inverse=True)
        ids = pd.Index(labels)
    # what costs more than any search goes is not there
    kept = np.flatnonzero(access.edge >= 0)
    kept = kept[access.walk[kept] <= _MAX_COST]
    kept = kept[np.lexsort((access.offset_mm[kept], access.edge[kept], number[kept]))]
    # stage 2: both ends of each point's edge are seeds of the search
    edge = access.edge[kept]
    to_u, to_v = (access.to_u, access.to_v) if direction == "out" else (access.from_u, access.from_v)
    ahead_u, ahead_v = network.nodes_ahead if direction == "out" else network.nodes_behind
    joined = np.stack([snaps.x[kept], snaps.y[kept]], axis=1)
    points = np.full((len(kept), 2), np.nan) if places is None else np.asarray(places, np.float64)[kept]
    return Origins(
        ids=ids,
        first=np.concatenate([[0], np.cumsum(np.bincount(number[kept], minlength=len(ids)))]),
        edge=edge,
        offset_mm=access.offset_mm[kept].astype(np.int32),
        cost=access.walk[kept].astype(np.int32),
        seed_node=np.stack([ahead_u[edge], ahead_v[edge]], axis=1).astype(np.int32),
        seed_cost=np.stack([to_u[kept], to_v[kept]], axis=1),
        walk=np.hstack([points, joined]),
        walk_cost=snaps.access_mm[kept].astype(np.float64) * network.cost_per_mm,
        owner=np.zeros(len(kept), np.int32) if owner is None else np.asarray(owner)[kept].astype(np.int32),
        direction=direction,
    )


def delay_as_walk(
    network: Network, delay_s: ArrayLike | None, speed_kmh: float | None
) -> NDArray[np.int64] | None:
    """Seconds lost at each point as the millimetres walked in them at the speed asked for."""
    if delay_s is None:
        return None
    # mm = s x km/h / 3.6e-3: the delay scales with the speed as a walk does
    speed = network.speed_kmh if speed_kmh is None else speed_kmh
    return np.rint(np.asarray(delay_s, np.float64) * speed / 3.6e-3).astype(np.int64)


def walks_within(origins: Origins, rows: slice, limit: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The walks between some sources and their streets, as far as the limit allows.

    Either way, time runs from the source's own end of the walk.

    Returns
    -------
    tuple of arrays
        Segments (n × 4, metres) and the source each belongs to; none where the point is unknown.
    """
    walk, cost = origins.walk[rows], origins.walk_cost[rows]
    # what the limit leaves for the walk itself, once the delay is paid
    left = limit - (origins.cost[rows] - cost)
    kept = np.flatnonzero((cost > 0) & (left > 0) & ~np.isnan(walk[:, 0]))
    start, end = walk[kept, :2], walk[kept, 2:]
    # as far along as the cost left allows
    share = np.minimum(left[kept] / cost[kept], 1)[:, None]
    return np.hstack([start, start + share * (end - start)]), kept + (rows.start or 0)
