"""Why a place is so many minutes from a facility: the path, as a line with its streets."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry import LineString

from lifecircle.arguments import require
from lifecircle.errors import Fault, InputError
from lifecircle.network.graph import Network
from lifecircle.network.keys import UNREACHED
from lifecircle.network.lengths import joined_to, length_network
from lifecircle.network.routing.access_costs import access_costs
from lifecircle.network.routing.destinations import Destinations, Points, snap_destinations, snapped
from lifecircle.network.routing.nearest import nearest
from lifecircle.network.routing.paths import OVER_U, STRAIGHT, UNKNOWN, TracedSearch, along_edge, straight_row
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
    in_metres: bool = False,
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
    in_metres
        The shortest path to the facility nearest in metres, however long it takes, with the minutes along
        it, in place of the one of fewest minutes; `max_minutes` is then not heeded.

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
    there = timed = destinations.at_speed(streets, speed_kmh)
    walked = streets
    limit = cost_limit(streets, max_minutes, speed_kmh=speed_kmh)
    if in_metres:
        # the same joins on the same streets, with lengths for costs and nobody waiting at an entrance
        walked, limit = length_network(streets), None
        here = joined_to(walked, here)
        there = dataclasses.replace(
            timed, snaps=joined_to(walked, timed.snaps), delay_mm=np.zeros_like(timed.delay_mm)
        )
    # stage 1: the nearest facility of each origin, and its cost
    cost, owner = nearest(
        walked,
        here,
        there.snaps.take(rows),
        service=np.zeros(len(rows), np.int64),
        owner=there.owner[rows],
        n_services=1,
        delay_mm=there.delay_mm[rows],
        max_cost=limit,
    )
    paths: list[Explanation | None] = [None] * len(here)
    reached = np.flatnonzero(cost[:, 0] != UNREACHED)
    if not len(reached):
        return paths
    # stage 2: how those costs come about: over an end of the edge, along it, or over the ground
    traced = TracedSearch(walked, there, rows, int(cost[reached, 0].max()))
    reaching = here.take(reached)
    choice, row = traced.choices(access_costs(walked, reaching), cost[reached, 0], owner[reached, 0])
    for at, origin in enumerate(reached.tolist()):
        own = here.take(np.array([origin]))
        path, course = _path(
            traced,
            own,
            choice=int(choice[at]),
            row=int(row[at]),
            cost=cost[[origin], 0],
            owner=owner[[origin], 0],
        )
        time = _time_along(streets, own, timed, course) if in_metres else int(cost[origin, 0])
        minutes = float(to_minutes(streets, np.array([time]), speed_kmh=speed_kmh)[0])
        paths[origin] = dataclasses.replace(path, minutes=minutes)
    return paths


@dataclass(frozen=True)
class _Course:
    """How a path runs: over which ends of its first and last edge, along which edges and nodes between.

    Attributes
    ----------
    row : entrance, among all rows of the destinations
    straight_mm : length where it is one straight walk over the ground; -1 elsewhere
    over_u, ends_over_u : whether it leaves the first edge, and comes to the last, over their node u; no node
        is met where both ends lie on one edge
    edges, nodes : those between, in order, one node more than edges; no node where both lie on one edge
    """

    row: int
    straight_mm: int = -1
    over_u: bool = False
    ends_over_u: bool = False
    edges: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    nodes: Sequence[int] = ()


def _time_along(streets: Network, here: Snaps, destinations: Destinations, course: _Course) -> int:
    """What a path costs on the streets that it was not searched on, the wait at its entrance included."""
    delay = destinations.delay_mm[[course.row]]
    if course.straight_mm >= 0:
        return int(np.rint((course.straight_mm + delay[0]) * streets.cost_per_mm))
    start = access_costs(streets, joined_to(streets, here))
    end = access_costs(
        streets, joined_to(streets, destinations.snaps.take(np.array([course.row]))), delay_mm=delay
    )
    if not course.nodes:
        only = np.zeros(1, np.intp)
        return int(along_edge(start, only, end, only)[0])
    cost = int((start.to_u if course.over_u else start.to_v)[0])
    for edge, node in zip(course.edges, course.nodes[:-1], strict=True):
        cost += int((streets.cost_forward if streets.u[edge] == node else streets.cost_backward)[edge])
    return cost + int((end.from_u if course.ends_over_u else end.from_v)[0])


def _path(
    traced: TracedSearch,
    here: Snaps,
    *,
    choice: int,
    row: int,
    cost: NDArray[np.int64],
    owner: NDArray[np.int32],
) -> tuple[Explanation, _Course]:
    """The path of one origin, whose choice a traced search has told; its minutes are yet to be counted."""
    streets, destinations, rows = traced.network, traced.destinations, traced.rows
    edge, offset = int(here.edge[0]), int(here.offset_mm[0])
    facility = destinations.facilities[owner[0]]
    if choice == UNKNOWN:
        door, mm = straight_row(streets, here, destinations, rows, owner=owner, cost=cost)
        own = _straight_walk(streets, here, destinations.snaps.take(rows[door]), int(mm[0]), facility)
        return own, _Course(int(rows[door[0]]), straight_mm=int(mm[0]))
    if choice == STRAIGHT:
        course = _Course(int(rows[row]))
        parts = [(edge, abs(offset - int(destinations.snaps.offset_mm[course.row])))]
    else:
        over_u = choice == OVER_U
        node = int((streets.u if over_u else streets.v)[edge])
        start = int(streets.nodes_ahead[0 if over_u else 1][edge])
        between, entrance, ends_over_u = traced.way_from(start)
        nodes = _nodes_along(streets, node, between)
        course = _Course(int(rows[entrance]), -1, over_u, ends_over_u, between, nodes)
        last = int(destinations.snaps.edge[course.row])
        end = int(destinations.snaps.offset_mm[course.row])
        parts = [(edge, offset if over_u else int(streets.length_mm[edge]) - offset)]
        parts += [(int(e), int(streets.length_mm[e])) for e in between]
        parts += [(last, end if ends_over_u else int(streets.length_mm[last]) - end)]
    # the parts of the path as a line in WGS 84
    target = destinations.snaps.take(np.array([course.row]))
    access, egress = int(here.access_mm[0]) / 1000, int(target.access_mm[0]) / 1000
    lon, lat = to_degrees(streets.crs).transform([here.x[0], target.x[0]], [here.y[0], target.y[0]])
    middle = [(streets.node_lon[n], streets.node_lat[n]) for n in course.nodes]
    path = Explanation(
        facility=facility,
        geometry=LineString([(lon[0], lat[0]), *middle, (lon[1], lat[1])]),
        distance_m=sum(mm for _, mm in parts) / 1000 + access + egress,
        minutes=np.nan,
        streets=_by_name(streets, parts),
        access_m=access,
        egress_m=egress,
    )
    return path, course


def _straight_walk(network: Network, here: Snaps, target: Snaps, mm: int, facility: object) -> Explanation:
    """The way of an origin that is nearer to the facility than either is to its street."""
    lon, lat = to_degrees(network.crs).transform(
        [here.from_x[0], target.from_x[0]], [here.from_y[0], target.from_y[0]]
    )
    return Explanation(
        facility=facility,
        geometry=LineString(zip(lon, lat, strict=True)),
        distance_m=mm / 1000,
        minutes=np.nan,
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
