"""Why a place is so many minutes from a facility: the path, as a line with its streets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry import LineString

from lifecircle.arguments import require
from lifecircle.errors import Fault, InputError
from lifecircle.network.graph import Network
from lifecircle.network.keys import UNREACHED
from lifecircle.network.routing.access_costs import access_costs
from lifecircle.network.routing.destinations import Destinations, Points, snap_destinations, snapped
from lifecircle.network.routing.nearest import nearest
from lifecircle.network.routing.paths import OVER_U, STRAIGHT, UNKNOWN, TracedSearch, straight_row
from lifecircle.network.snapping import Snaps
from lifecircle.network.speed import cost_limit, require_travel, to_minutes
from lifecircle.tables.crs import to_degrees

__all__ = ["Explanation", "explain", "explain_each"]


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
    access_m, egress_m : the straight walks at both ends; 0 where all of the path is one straight walk, which
        is listed as a street of no name

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> home = grid_places({"home": (50.0, 10.0)})
    >>> clinic = grid_places({"clinic": (200.0, 200.0)}, service="clinic")
    >>> path = explain(grid_network(), home, clinic, service="clinic")
    >>> path.streets.round(1).values.tolist(), round(path.access_m, 1)
    ([['Street 1', 150.0], ['Street 6', 200.0]], 10.0)
    """

    facility: object
    geometry: LineString
    distance_m: float
    minutes: float
    streets: pd.DataFrame
    access_m: float
    egress_m: float

    def __repr__(self) -> str:
        """One line: the facility, and how far it is."""
        far = f"{self.distance_m:.0f} m {self.minutes:.1f} min"
        return f"<{type(self).__name__} to {self.facility!r} {far} streets={len(self.streets)}>"


def explain(
    streets: Network,
    origin: Points,
    facilities: Points | Destinations,
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
        As in `nearest_times`, or what `snap_destinations` made of them.
    service
        Which service.
    speed_kmh
        Speed on the flat; the network's own if None.

    Raises
    ------
    InputError
        As in `nearest_times`; no facility of the service can be reached.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> home = grid_places({"home": (50.0, 10.0)})
    >>> clinic = grid_places({"clinic": (200.0, 200.0)}, service="clinic")
    >>> path = explain(grid_network(), home, clinic, service="clinic")
    >>> path.facility, round(path.distance_m, 1), round(path.minutes, 2)
    ('clinic', 360.0, 5.4)
    """
    require("text", service=service)
    # stage 1: the nearest facility and its cost
    require_travel(streets, None, speed_kmh)
    joined = snapped(streets, origin)
    if not len(joined):
        raise InputError(Fault("explain-no-origin", field="origin"))
    here = joined.take(np.array([0]))
    destinations = (
        facilities if isinstance(facilities, Destinations) else snap_destinations(streets, facilities)
    )
    (path,) = explain_each(streets, here, destinations, service=service, speed_kmh=speed_kmh)
    if path is None:
        raise InputError(Fault("travel-unreached", row=str(here.ids[0]), values={"service": service}))
    return path


def explain_each(
    streets: Network,
    here: Snaps,
    destinations: Destinations,
    *,
    service: str,
    speed_kmh: float | None = None,
    max_minutes: float | None = None,
) -> list[Explanation | None]:
    """The path of every origin to its nearest facility of a service, from one search.

    Parameters
    ----------
    streets
        The network.
    here
        Origins joined to it.
    destinations
        What `snap_destinations` made of the facilities.
    service, speed_kmh
        As in `explain`.
    max_minutes
        How far to look at that speed; any distance if None.

    Returns
    -------
    list
        Along the origins; None where no facility is reached.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> from lifecircle.network.routing.destinations import snap_destinations
    >>> streets = grid_network()
    >>> homes = streets.snap(grid_places({"a": (50, 10), "b": (200, 0)}))
    >>> clinic = snap_destinations(streets, grid_places({"clinic": (200, 200)}, service="clinic"))
    >>> [round(path.distance_m, 1) for path in explain_each(streets, homes, clinic, service="clinic")]
    [360.0, 200.0]
    """
    rows = np.flatnonzero(destinations.services[destinations.service] == service)
    if not len(rows):
        return [None] * len(here)
    destinations = destinations.at_speed(streets, speed_kmh)
    # stage 1: the nearest facility of each origin, and its cost
    cost, owner = nearest(
        streets,
        here,
        destinations.snaps.take(rows),
        service=np.zeros(len(rows), np.int64),
        owner=destinations.owner[rows],
        n_services=1,
        delay_mm=destinations.delay_mm[rows],
        max_cost=cost_limit(streets, max_minutes, speed_kmh=speed_kmh),
    )
    paths: list[Explanation | None] = [None] * len(here)
    reached = np.flatnonzero(cost[:, 0] != UNREACHED)
    if not len(reached):
        return paths
    # stage 2: how those costs come about: over an end of the edge, along it, or over the ground
    traced = TracedSearch(streets, destinations, rows, int(cost[reached, 0].max()))
    reaching = here.take(reached)
    choice, row = traced.choices(access_costs(streets, reaching), cost[reached, 0], owner[reached, 0])
    for at, origin in enumerate(reached.tolist()):
        own = here.take(np.array([origin]))
        paths[origin] = _path(
            traced,
            own,
            choice=int(choice[at]),
            row=int(row[at]),
            cost=cost[[origin], 0],
            owner=owner[[origin], 0],
            speed_kmh=speed_kmh,
        )
    return paths


def _path(
    traced: TracedSearch,
    here: Snaps,
    *,
    choice: int,
    row: int,
    cost: NDArray[np.int64],
    owner: NDArray[np.int32],
    speed_kmh: float | None,
) -> Explanation:
    """The path of one origin, whose choice a traced search has told."""
    streets, destinations, rows = traced.network, traced.destinations, traced.rows
    edge, offset = int(here.edge[0]), int(here.offset_mm[0])
    nodes: list[int] = []
    if choice == UNKNOWN:
        door, mm = straight_row(streets, here, destinations, rows, owner=owner, cost=cost)
        return _straight_walk(
            streets, here, destinations.snaps.take(rows[door]), mm=int(mm[0]), cost=cost,
            facility=destinations.facilities[owner[0]], speed_kmh=speed_kmh,
        )  # fmt: skip
    if choice == STRAIGHT:
        entrance = row
        parts = [(edge, abs(offset - int(destinations.snaps.offset_mm[rows[entrance]])))]
    else:
        over_u = choice == OVER_U
        node = int((streets.u if over_u else streets.v)[edge])
        start = int(streets.nodes_ahead[0 if over_u else 1][edge])
        between, entrance, ends_over_u = traced.way_from(start)
        last = int(destinations.snaps.edge[rows[entrance]])
        nodes = _nodes_along(streets, node, between)
        end = int(destinations.snaps.offset_mm[rows[entrance]])
        parts = [(edge, offset if over_u else int(streets.length_mm[edge]) - offset)]
        parts += [(int(e), int(streets.length_mm[e])) for e in between]
        parts += [(last, end if ends_over_u else int(streets.length_mm[last]) - end)]
    # stage 3: the parts of the path as a line in WGS 84
    target = destinations.snaps.take(rows[[entrance]])
    access, egress = int(here.access_mm[0]) / 1000, int(target.access_mm[0]) / 1000
    lon, lat = to_degrees(streets.crs).transform([here.x[0], target.x[0]], [here.y[0], target.y[0]])
    middle = [(streets.node_lon[n], streets.node_lat[n]) for n in nodes]
    return Explanation(
        facility=destinations.facilities[owner[0]],
        geometry=LineString([(lon[0], lat[0]), *middle, (lon[1], lat[1])]),
        distance_m=sum(mm for _, mm in parts) / 1000 + access + egress,
        minutes=float(to_minutes(streets, cost, speed_kmh=speed_kmh)[0]),
        streets=_by_name(streets, parts),
        access_m=access,
        egress_m=egress,
    )


def _straight_walk(
    network: Network,
    here: Snaps,
    target: Snaps,
    *,
    mm: int,
    cost: NDArray[np.int64],
    facility: object,
    speed_kmh: float | None,
) -> Explanation:
    """The way of an origin that is nearer to the facility than either is to its street."""
    lon, lat = to_degrees(network.crs).transform(
        [here.from_x[0], target.from_x[0]], [here.from_y[0], target.from_y[0]]
    )
    return Explanation(
        facility=facility,
        geometry=LineString(zip(lon, lat, strict=True)),
        distance_m=mm / 1000,
        minutes=float(to_minutes(network, cost, speed_kmh=speed_kmh)[0]),
        streets=pd.DataFrame([("", mm / 1000)] if mm else [], columns=["name", "length_m"]),
        access_m=0.0,
        egress_m=0.0,
    )


def _nodes_along(network: Network, node: int, edges: NDArray[np.int32]) -> list[int]:
    """Nodes met when following edges from a node."""
    nodes = [node]
    # the other end of each edge
    for edge in edges:
        u, v = int(network.u[edge]), int(network.v[edge])
        nodes.append(v if nodes[-1] == u else u)
    return nodes


def _by_name(network: Network, parts: list[tuple[int, int]]) -> pd.DataFrame:
    """Lengths by street, neighbouring parts of one name summed, parts of no length left out."""
    # neighbouring edges of one name are one street
    named = [((*network.names, "")[network.name[edge]], mm) for edge, mm in parts if mm > 0]
    rows = [
        (name, sum(mm for _, mm in parts) / 1000) for name, parts in groupby(named, key=lambda part: part[0])
    ]
    return pd.DataFrame(rows, columns=["name", "length_m"])
