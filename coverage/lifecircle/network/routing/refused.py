"""What was passed over where a point joined the streets: edges refused, gates that are closed."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.network.edge_table import edge_ids
from lifecircle.network.graph import Network
from lifecircle.network.kernels.free_walks import free_walks
from lifecircle.network.nearest_edges import barrier_walls
from lifecircle.network.snapping import ISLAND, Snaps
from lifecircle.tables.streets import JOIN_NEVER, JOIN_ON_IT

__all__ = ["RefusedEdge", "ShutPlace", "refused_edges", "shut_places"]

_NEARER_M: Final = 0.001


class RefusedEdge(NamedTuple):
    """A street nearer to a point than the one it joined, and why it was passed over.

    Examples
    --------
    >>> RefusedEdge("12-0", "Mill Lane", "footway", away_m=4.2, reason="island").reason
    'island'
    """

    edge: str
    name: str
    highway: str
    away_m: float
    reason: Literal["island", "unjoined", "bridge", "wall", "closed"]
    """``island``: on a piece too short to be believed; ``unjoined``: a tunnel, or of a class that nobody
    stops at; ``bridge``: only who stands on it joins it; ``wall``: a barrier lies between; ``closed``: any
    other."""


def refused_edges(streets: Network, place: tuple[float, float], here: Snaps) -> list[RefusedEdge]:
    """Streets nearer to a place than the one that it joined, nearest first.

    Parameters
    ----------
    streets
        The network.
    place
        x and y in the network's CRS.
    here
        How the place joined; where it stayed unreached, every street within ``max_snap_m`` is listed, and
        where it stayed on an island, those of larger networks, too.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> home = streets.snap(grid_places({"home": (50, 10)}))
    >>> refused_edges(streets, (home.from_x[0], home.from_y[0]), home)
    []
    """
    # streets nearer than the one joined, by more than rounding
    nearer_m = int(here.access_mm[0]) / 1000 - _NEARER_M if here.reached[0] else here.max_snap_m
    on_island = here.status[0] == ISLAND
    limit = here.max_snap_m if on_island else nearer_m
    # stage 1: edges whose bounds come within the limit
    rows = _edges_near(streets, place, limit)
    lines = _lines(streets, rows)
    spot = shapely.Point(place)
    # stage 2: those that do, nearest first
    away = shapely.distance(lines, spot)
    order = np.argsort(away, kind="stable")
    order = order[away[order] < limit]
    if on_island:
        small = streets.small_component[streets.component[streets.u[rows[order]]]]
        order = order[(away[order] < nearer_m) | ~small]
    nearer = rows[order]
    joined = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, spot))
    )
    # stage 3: why each was passed over
    walls = barrier_walls(streets)
    start = np.tile(np.asarray(place, np.float64), (len(order), 1))
    free = (
        np.ones(len(order), bool)
        if walls is None
        else free_walks(start[:, 0], start[:, 1], joined[order, 0], joined[order, 1], walls)
    )
    island = streets.small_component[streets.component[streets.u[nearer]]]
    join = streets.joinable[nearer]
    reason = np.select(
        [join == JOIN_NEVER, join == JOIN_ON_IT, ~free, island],
        ["unjoined", "bridge", "wall", "island"],
        "closed",
    )
    names, classes = (*streets.names, ""), (*streets.highways, "")
    return [
        RefusedEdge(edge, names[streets.name[row]], classes[streets.highway[row]], float(metres), why)
        for edge, row, metres, why in zip(
            edge_ids(streets, nearer).tolist(), nearer, away[order], reason.tolist(), strict=True
        )
    ]


class ShutPlace(NamedTuple):
    """A place where streets meet on the map and nobody passes: a closed gate.

    Examples
    --------
    >>> ShutPlace(113.5, 22.2, away_m=72.0, name="Mill Lane").name
    'Mill Lane'
    """

    lon: float
    lat: float
    away_m: float
    name: str
    """Of a street that it parts; '' where none has a name."""


def shut_places(streets: Network, place: tuple[float, float], within_m: float) -> list[ShutPlace]:
    """Places near a point at which several nodes lie and no street goes through, nearest first.

    A reader parts streets at closed gates: each side keeps a node of its own at the very place.

    Parameters
    ----------
    streets
        The network.
    place
        x and y in the network's CRS.
    within_m
        How far to look, metres.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> shut_places(grid_network(), (0.0, 0.0), 500.0)
    []
    """
    away = np.hypot(streets.node_x - place[0], streets.node_y - place[1])
    ends = np.zeros(streets.n_nodes, bool)
    ends[streets.u] = ends[streets.v] = True  # other nodes stand for turns that are forbidden
    near = np.flatnonzero(ends & (away <= within_m))
    spots = np.column_stack([streets.node_lon[near], streets.node_lat[near]])
    # nodes at one and the same place, which no edge joins
    _, of, size = np.unique(spots, axis=0, return_inverse=True, return_counts=True)
    of = of.ravel()
    shut = []
    for spot in np.flatnonzero(size > 1):
        nodes = near[of == spot]
        edges = np.flatnonzero(np.isin(streets.u, nodes) | np.isin(streets.v, nodes))
        names = [streets.names[code] for code in streets.name[edges] if code >= 0]
        lon, lat = float(streets.node_lon[nodes[0]]), float(streets.node_lat[nodes[0]])
        shut.append(ShutPlace(lon, lat, float(away[nodes[0]]), names[0] if names else ""))
    return sorted(shut, key=lambda one: (one.away_m, one.lon, one.lat))


def _edges_near(streets: Network, place: tuple[float, float], limit: float) -> NDArray[np.int64]:
    """Edges whose bounding box comes within a limit of a place."""
    x, y = streets.node_x, streets.node_y
    u, v = streets.u, streets.v
    box = (
        (np.minimum(x[u], x[v]) <= place[0] + limit)
        & (np.maximum(x[u], x[v]) >= place[0] - limit)
        & (np.minimum(y[u], y[v]) <= place[1] + limit)
        & (np.maximum(y[u], y[v]) >= place[1] - limit)
    )
    return np.flatnonzero(box)


def _lines(streets: Network, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """Edges as lines in the network's plane."""
    ends = np.stack(
        [
            np.column_stack([streets.node_x[node], streets.node_y[node]])
            for node in (streets.u[rows], streets.v[rows])
        ],
        axis=1,
    )
    lines: NDArray[np.object_] = shapely.linestrings(ends)
    return lines
