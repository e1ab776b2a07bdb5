"""Why a place is so many minutes from a facility: the path, as a line with its streets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import LineString

from lifecircle.errors import Fault, InputError
from lifecircle.network.graph import Network
from lifecircle.network.keys import UNREACHED
from lifecircle.network.routing.access_costs import access_costs
from lifecircle.network.routing.destinations import Points, snap_destinations, snapped
from lifecircle.network.routing.nearest import nearest
from lifecircle.network.routing.paths import OVER_U, STRAIGHT, TracedSearch
from lifecircle.network.speed import require_travel, to_minutes
from lifecircle.tables import WGS84

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """A path from an origin to the nearest facility of a service.

    Attributes
    ----------
    facility : id of the facility
    geometry : LineString in WGS 84, from where the origin joins the street to where the facility does
    distance_m : length of the path, both walks between point and street included
    minutes : time along it, any delay at the entrance included
    streets : DataFrame, in order: ``name`` ('' where there is none) and ``length_m``, neighbouring edges of
        one name put together
    access_m, egress_m : the straight walks at both ends
    """

    facility: object
    geometry: LineString
    distance_m: float
    minutes: float
    streets: pd.DataFrame
    access_m: float
    egress_m: float


def explain(
    streets: Network,
    origin: Points,
    facilities: Points,
    *,
    service: str,
    speed_kmh: float | None = None,
) -> Explanation:
    """The path from one origin to its nearest facility of a service.

    Parameters
    ----------
    streets
        The network.
    origin
        One point; of several the first counts.
    facilities
        As in `nearest_times`.
    service
        Which service.
    speed_kmh
        Speed on the flat; the network's own if None.

    Raises
    ------
    InputError
        As in `nearest_times`; no facility of the service can be reached.
    """
    require_travel(streets, None, speed_kmh)
    here, destinations = snapped(streets, origin).take(np.array([0])), snap_destinations(streets, facilities)
    rows = np.flatnonzero(destinations.services[destinations.service] == service)
    cost, owner = nearest(
        streets,
        here,
        destinations.snaps.take(rows),
        service=np.zeros(len(rows), np.int64),
        owner=destinations.owner[rows],
        n_services=1,
        delay_mm=destinations.delay_mm[rows],
    )
    if cost[0, 0] == UNREACHED:
        raise InputError(Fault("travel-unreached", row=str(here.ids[0]), values={"service": service}))
    traced = TracedSearch(streets, destinations, rows, int(cost[0, 0]))
    choice, row = traced.choices(access_costs(streets, here), cost[:, 0], owner[:, 0])
    edge, offset = int(here.edge[0]), int(here.offset_mm[0])
    nodes: list[int] = []
    if choice[0] == STRAIGHT:
        entrance = int(row[0])
        parts = [(edge, abs(offset - int(destinations.snaps.offset_mm[rows[entrance]])))]
    else:
        over_u = choice[0] == OVER_U
        node = int(streets.u[edge] if over_u else streets.v[edge])
        between, entrance, ends_over_u = traced.way_from(node)
        last = int(destinations.snaps.edge[rows[entrance]])
        nodes = _nodes_along(streets, node, between)
        end = int(destinations.snaps.offset_mm[rows[entrance]])
        parts = [(edge, offset if over_u else int(streets.length_mm[edge]) - offset)]
        parts += [(int(e), int(streets.length_mm[e])) for e in between]
        parts += [(last, end if ends_over_u else int(streets.length_mm[last]) - end)]
    target = destinations.snaps.take(rows[[entrance]])
    access, egress = int(here.access_mm[0]) / 1000, int(target.access_mm[0]) / 1000
    lon, lat = Transformer.from_crs(streets.crs, WGS84, always_xy=True).transform(
        [here.x[0], target.x[0]], [here.y[0], target.y[0]]
    )
    middle = [(streets.node_lon[n], streets.node_lat[n]) for n in nodes]
    return Explanation(
        facility=destinations.facilities[owner[0, 0]],
        geometry=LineString([(lon[0], lat[0]), *middle, (lon[1], lat[1])]),
        distance_m=sum(mm for _, mm in parts) / 1000 + access + egress,
        minutes=float(to_minutes(streets, cost[:, 0], speed_kmh=speed_kmh)[0]),
        streets=_by_name(streets, parts),
        access_m=access,
        egress_m=egress,
    )


def _nodes_along(network: Network, node: int, edges: NDArray[np.int32]) -> list[int]:
    """Nodes met when following edges from a node."""
    nodes = [node]
    for edge in edges:
        u, v = int(network.u[edge]), int(network.v[edge])
        nodes.append(v if nodes[-1] == u else u)
    return nodes


def _by_name(network: Network, parts: list[tuple[int, int]]) -> pd.DataFrame:
    """Lengths by street, neighbouring parts of one name together, parts of no length left out."""
    named = [((*network.names, "")[network.name[edge]], mm) for edge, mm in parts if mm > 0]
    rows = [
        (name, sum(mm for _, mm in together) / 1000)
        for name, together in groupby(named, key=lambda part: part[0])
    ]
    return pd.DataFrame(rows, columns=["name", "length_m"])
