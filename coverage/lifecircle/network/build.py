"""Street segments made into a routable network: nodes numbered for locality, integer costs, arcs by node."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from lifecircle.errors import Fault, Faults, NetworkError
from lifecircle.network.arcs import PortArcs, arcs_both_ways
from lifecircle.network.graph import MS_PER_MM_AT_1_KMH, Network
from lifecircle.network.kernels.order import hilbert_keys
from lifecircle.network.turn_paths import turns_of
from lifecircle.network.turns import ports_of
from lifecircle.network.zones import central_crs, in_plane
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.crs import transformer

__all__ = ["DRIVE_SPEED_KMH", "build_network"]

DRIVE_SPEED_KMH: Final = 30.0
"""Speed of a street open to cars whose own speed is unknown."""

_NO_PORTS: Final = np.empty(0, np.int32)
_MAX_COST: Final = np.iinfo(np.int32).max


def build_network(
    streets: StreetTable,
    *,
    crs: CRS | None = None,
    speed_kmh: float = 4.0,
    min_component_m: float = 5000.0,
    time_factor: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> Network:
    """Street segments into a network.

    Self-loops, segments closed both ways and nodes without a segment are left out and counted. The
    result does not depend on the order of the table's rows.

    Parameters
    ----------
    streets
        Segments in WGS 84.
    crs
        System of the node coordinates, in metres; if None, `tables.local_crs` at the middle of the
        streets, or where most of them are if they lie far apart.
    speed_kmh
        Walking or cycling speed. For driving the streets' own speeds hold (`DRIVE_SPEED_KMH` where
        unknown) and this is the speed of the walk between a point and its street.
    min_component_m
        Street length under which a component is an island (or half of the largest where that is less).
    time_factor
        Per segment of `streets`, by how much time grows from u to v and from v to u (slope, surface);
        costs are then milliseconds.

    Raises
    ------
    NetworkError
        No street at all, coordinates that are no numbers, a speed or factor that is not positive, a
        segment whose cost does not fit in 32 bits.

    Examples
    --------
    >>> from lifecircle.network import build_network
    >>> from lifecircle.network.examples import grid_streets
    >>> network = build_network(grid_streets(rows=2, columns=3), speed_kmh=4)
    >>> network.n_nodes, len(network), float(network.component_length_m[0])
    (6, 7, 700.0)
    """
    # stage 1: usable segments, in the order of their ids, whatever the order of the rows
    _require_sound(streets, speed_kmh, time_factor)
    kept, counts = _usable(streets)
    kept = kept[np.lexsort((streets.segment[kept], streets.way[kept]))]
    # stage 2: the nodes they meet, in one plane
    ends = np.concatenate([streets.u[kept], streets.v[kept]])
    used = np.zeros(len(streets.lon), bool)
    used[ends] = True
    counts["isolated_nodes"] = len(used) - int(used.sum())
    node = np.flatnonzero(used)
    if crs is None:
        crs = central_crs(streets.lon[node], streets.lat[node])
        x, y = in_plane(streets.lon[node], streets.lat[node], crs)
    else:
        x, y = _project(streets.lon[node], streets.lat[node], crs)
    # stage 3: nodes numbered along a Hilbert curve: neighbours on the ground are neighbours in memory
    side = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    order = np.lexsort((streets.node_id[node], hilbert_keys(x, y, x.min(), y.min(), side)))
    node, x, y = node[order], x[order], y[order]
    number = np.full(len(used), -1, np.int32)
    number[node] = np.arange(len(node), dtype=np.int32)
    u, v = number[streets.u[kept]], number[streets.v[kept]]
    lon, lat = streets.lon[node], streets.lat[node]
    # stage 4: lengths, costs, and what hangs together
    length_mm = _lengths_mm(lon, lat, u, v)
    cost_unit, forward, backward = _costs(streets, kept, length_mm, speed_kmh, time_factor)
    street_mm = np.where(streets.on_areas[kept], 0, length_mm)
    component, component_length_m = _components(len(node), u, v, street_mm)
    # stage 5: turns that are forbidden split nodes into ports
    turns = turns_of(streets, kept, node, (u, v))
    named = dict(streets.named)
    if turns.unclear:
        named["street-turns-unclear"] = tuple(map(str, sorted(set(turns.unclear))))
        counts["street-turns-unclear"] = len(named["street-turns-unclear"])
    resident = streets.destination[kept]
    ports = ports_of(len(node), u, v, forward >= 0, backward >= 0, resident, turns)
    # stage 6: arcs by node, along the streets and against them
    routed: PortArcs | None = None
    if ports is not None:
        at = np.concatenate([np.arange(len(node)), ports.place])
        x, y, lon, lat, component = x[at], y[at], lon[at], lat[at], component[at]
        routed = PortArcs(ports.ends, ports.links, ports.drives)
    arcs = arcs_both_ways(len(x), (u, v), (forward, backward), routed)
    return Network(
        crs=crs,
        mode=streets.mode,
        speed_kmh=float(speed_kmh),
        cost_unit=cost_unit,
        node_x=x,
        node_y=y,
        node_lon=lon,
        node_lat=lat,
        node_id=streets.node_id[node],
        u=u,
        v=v,
        length_mm=length_mm,
        cost_forward=forward,
        cost_backward=backward,
        way=streets.way[kept],
        segment=streets.segment[kept],
        name=streets.name[kept],
        highway=streets.highway[kept],
        names=streets.names,
        highways=streets.highways,
        **arcs,
        port_place=_NO_PORTS if ports is None else ports.place,
        port_ends=_NO_PORTS if ports is None else ports.ends.ravel(),
        port_links=_NO_PORTS if ports is None else ports.links.ravel(),
        port_fixed=np.empty(0, bool) if ports is None else ports.fixed,
        turns=turns.rows.ravel(),
        turn_relation=streets.turn_relation,
        destination=resident,
        port_drives=_NO_PORTS if ports is None else ports.drives.ravel(),
        component=component,
        component_length_m=component_length_m,
        min_component_m=float(min_component_m),
        joinable=streets.joinable[kept],
        barriers=np.ascontiguousarray(streets.barriers, np.float64).ravel(),
        barrier_body=streets.barrier_body,
        counts={**streets.counts, **counts},
        named=named,
    )


def _require_sound(
    streets: StreetTable,
    speed_kmh: float,
    time_factor: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> None:
    """Refuse what cannot be routed, everything at once."""
    faults = Faults()
    if len(streets) == 0:
        faults.add(Fault("network-empty", file=streets.source))
    unknown = ~(np.isfinite(streets.lon) & np.isfinite(streets.lat))
    bad = np.flatnonzero(unknown[streets.u] | unknown[streets.v])
    if len(bad):
        faults.add(
            Fault(
                "network-no-coordinates",
                file=streets.source,
                row=f"{streets.way[bad[0]]}-{streets.segment[bad[0]]}",
                values={"count": len(bad)},
            )
        )
    if not (np.isfinite(speed_kmh) and speed_kmh > 0):
        faults.add(Fault("network-speed", field="speed_kmh", values={"found": speed_kmh}))
    if streets.mode == "drive":
        least = np.fmin(streets.speed_kmh, streets.speed_back_kmh)
        slow = np.flatnonzero(least <= 0)
        if len(slow):
            faults.add(
                Fault(
                    "network-speed",
                    file=streets.source,
                    row=f"{streets.way[slow[0]]}-{streets.segment[slow[0]]}",
                    field="speed_kmh",
                    values={"found": float(least[slow[0]])},
                )
            )
    for factor in time_factor or ():
        wrong = np.flatnonzero(~(factor > 0))
        if len(wrong):
            faults.add(
                Fault(
                    "network-factor",
                    file=streets.source,
                    row=f"{streets.way[wrong[0]]}-{streets.segment[wrong[0]]}",
                    values={"found": float(factor[wrong[0]])},
                )
            )
    faults.raise_if_any(NetworkError)


def _usable(streets: StreetTable) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Rows that can be travelled, and how many cannot."""
    loop = streets.u == streets.v
    closed = ~(streets.forward | streets.backward) & ~loop
    kept = np.flatnonzero(~loop & ~closed)
    if not len(kept):
        raise NetworkError(Fault("network-empty", file=streets.source))
    return kept, {"self_loops": int(loop.sum()), "closed_segments": int(closed.sum())}


def _project(
    lon: NDArray[np.float64], lat: NDArray[np.float64], crs: CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees into metres of the local system."""
    x, y = transformer(WGS84, crs).transform(lon, lat)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _lengths_mm(
    lon: NDArray[np.float64], lat: NDArray[np.float64], u: NDArray[np.int32], v: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Geodesic length of every edge; at least 1 mm unless its ends are one place."""
    _, _, metres = Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])
    millimetres = np.rint(np.asarray(metres) * 1000)
    # two places less than half a millimetre apart are still two
    apart = (lon[u] != lon[v]) | (lat[u] != lat[v])
    millimetres = np.where(apart, np.maximum(millimetres, 1), 0)
    _require_int32(millimetres)
    return millimetres.astype(np.int32)


def _costs(
    streets: StreetTable,
    kept: NDArray[np.int64],
    length_mm: NDArray[np.int32],
    speed_kmh: float,
    time_factor: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """Unit and cost of every edge, forward and backward."""
    if streets.mode != "drive" and time_factor is None:
        cost_unit, both = "mm", (length_mm.astype(np.float64),) * 2
    else:
        # ms = mm × 3600 / (km/h × 1000), times the slope's factor
        cost_unit = "ms"
        usual = DRIVE_SPEED_KMH if streets.mode == "drive" else speed_kmh
        factors = (1.0, 1.0) if time_factor is None else tuple(factor[kept] for factor in time_factor)

        def milliseconds(
            own_kmh: NDArray[np.float32], factor: NDArray[np.float64] | float
        ) -> NDArray[np.float64]:
            """One way along every edge; a street never takes no time at all."""
            own = own_kmh[kept].astype(np.float64)
            speed = np.where(np.isnan(own) | (streets.mode != "drive"), usual, own)
            ms = length_mm * (MS_PER_MM_AT_1_KMH / speed) * factor
            return np.where(length_mm > 0, np.maximum(ms, 1), 0)

        both = (
            milliseconds(streets.speed_kmh, factors[0]),
            milliseconds(streets.speed_back_kmh, factors[1]),
        )
    # closed directions cost -1; all others fit in 32 bits
    costs = []
    for cost, is_open in zip(both, (streets.forward[kept], streets.backward[kept]), strict=True):
        _require_int32(cost)
        costs.append(np.where(is_open, np.rint(cost), -1).astype(np.int32))
    return cost_unit, costs[0], costs[1]


def _require_int32(cost: NDArray[np.float64]) -> None:
    """Refuse what the integer costs cannot hold."""
    if not np.isfinite(cost).all() or cost.max(initial=0) > _MAX_COST:
        worst = float(np.nanmax(np.where(np.isfinite(cost), cost, np.inf)))
        raise NetworkError(Fault("network-cost-range", values={"found": f"{worst:g}", "limit": _MAX_COST}))


def _components(
    n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32], length_mm: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Component of every node, and street length of every component."""
    # one-way streets hold nodes together in both directions
    links = coo_matrix((np.ones(len(u)), (u, v)), shape=(n_nodes, n_nodes))
    count, label = connected_components(links, directed=False)
    # length by the component of either end: both are one
    length_m = np.bincount(label[u], weights=length_mm / 1000, minlength=count)
    return label.astype(np.int32), np.asarray(length_m, np.float64)
