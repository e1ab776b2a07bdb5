"""The routable network: street segments numbered for locality, with exact integer costs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, InputError, require_type
from lifecircle.extras import require_extra
from lifecircle.network.network_file import read_network_file, write_network_file
from lifecircle.network.snapping import Snaps, snap
from lifecircle.network.spatial_graph import Cache, SpatialGraph
from lifecircle.network.zones import in_plane, own_plane, zone_centres
from lifecircle.tables import StreetTable, local_crs
from lifecircle.tables.crs import to_degrees

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MS_PER_MM_AT_1_KMH", "Network", "snap_points"]

MS_PER_MM_AT_1_KMH: Final = 3.6
"""Milliseconds that a millimetre takes at 1 km/h."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Network(SpatialGraph):
    """A street network ready to route on; never changed once made, safe to read from many threads.

    A cost is millimetres (``cost_unit == "mm"``) where speed is the same everywhere, else milliseconds.

    Attributes
    ----------
    speed_kmh : speed along streets where it is constant, and of the straight walk to the street
    cost_unit : "mm" | "ms"
    cost_forward, cost_backward : int32, one per edge, from u to v and from v to u; -1 where closed
    indptr, head, cost, arc_edge : int32, arcs by node they leave; of parallel edges the cheapest
    back_indptr, back_head, back_cost, back_edge : the same by node they enter (the very same arrays
        where the network is `symmetric`)
    port_place, port_ends, port_links, port_fixed, port_drives : where turns are forbidden or streets open to
        residents alone, the parts of `turns.Ports`, one row after another; else empty. Ports are the last
        nodes; no edge runs between them, and the arcs run between no other nodes. Links are arcs of edge -1
    turns, turn_relation : turn restrictions as of `StreetTable`, one row after another, with nodes in place
        of their ids
    destination : bool, one per edge, open only to those who start or end their journey there
    counts : what was left out on the way, by reason
    named : under some of these reasons the objects meant, as their source calls them

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> network = grid_network(rows=2, columns=2)
    >>> network.length_mm.tolist(), network.cost_unit
    ([100000, 100000, 100000, 100000], 'mm')
    """

    speed_kmh: float
    cost_unit: str
    cost_forward: NDArray[np.int32]
    cost_backward: NDArray[np.int32]
    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.int32]
    arc_edge: NDArray[np.int32]
    back_indptr: NDArray[np.int32]
    back_head: NDArray[np.int32]
    back_cost: NDArray[np.int32]
    back_edge: NDArray[np.int32]
    symmetric: bool
    port_place: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    port_ends: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    port_links: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    port_fixed: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    port_drives: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    turns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    turn_relation: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    destination: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    counts: dict[str, int] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        """One line: mode, speed, size."""
        km = float(self.street_mm.sum()) / 1e6
        size = f"{len(self):,} segments, {self.n_nodes:,} nodes, {km:,.1f} km"
        return f"<{type(self).__name__} {self.mode} {self.speed_kmh:g} km/h: {size}>"

    def _repr_html_(self) -> str:
        """A small table for notebooks."""
        km = float(self.street_mm.sum()) / 1e6
        rows = {
            "mode": self.mode, "speed": f"{self.speed_kmh:g} km/h", "segments": f"{len(self):,}",
            "nodes": f"{self.n_nodes:,}", "streets": f"{km:,.1f} km",
            "components": f"{len(self.component_length_m):,}",
        }  # fmt: skip
        lines = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows.items())
        return f"<table><caption>{type(self).__name__}</caption>{lines}</table>"

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Every edge as a row: see `edges_frame`."""
        from lifecircle.network.edge_table import edges_frame  # noqa: PLC0415  # it needs this class

        return edges_frame(self)

    def save(self, path: str | Path) -> None:
        """Write the network as one file, all of it or nothing: see `save_network`."""
        write_network_file(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Network:
        """Read a network that `save` wrote.

        Raises
        ------
        InputError
            If the file is absent, damaged or of another format.
        """
        read = read_network_file(path, cls)
        if read is None:
            raise InputError(Fault("network-file", file=str(path)))
        return read

    def plot(self, ax: Axes | None = None, *, color: str = "#4d4d4d", linewidth: float = 0.6) -> Axes:
        """The streets on matplotlib axes, in the network's metres.

        Parameters
        ----------
        ax
            Axes to draw on; new ones where None.
        color, linewidth
            Of the lines, as matplotlib takes them.

        Raises
        ------
        InputError
            If the extra ``report`` (matplotlib) is missing.
        """
        require_extra("report")
        from matplotlib import pyplot as plt  # noqa: PLC0415  # slow to import
        from matplotlib.collections import LineCollection  # noqa: PLC0415

        axes = plt.subplots(figsize=(8, 8))[1] if ax is None else ax
        ends = [np.column_stack([self.node_x[node], self.node_y[node]]) for node in (self.u, self.v)]
        lines = list(np.stack(ends, axis=1))
        axes.add_collection(LineCollection(lines, colors=color, linewidths=linewidth))
        axes.autoscale_view()
        axes.set_aspect("equal")
        axes.set_axis_off()
        return axes

    @property
    def minutes_per_cost(self) -> float:
        """Minutes of one unit of cost."""
        return 1 / 60_000 if self.cost_unit == "ms" else 60 / (self.speed_kmh * 1e6)

    @property
    def cost_per_mm(self) -> float:
        """Cost of one millimetre of the straight walk between a point and its street."""
        return MS_PER_MM_AT_1_KMH / self.speed_kmh if self.cost_unit == "ms" else 1.0

    @property
    def nodes_ahead(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Per edge, the nodes of the arcs one comes to from a place on it: over u, over v."""
        if not len(self.port_ends):
            return self.u, self.v
        over_u, over_v = self.port_ends.reshape(8, -1)[:2]
        return over_u, over_v

    @property
    def nodes_behind(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Per edge, the nodes of the arcs from which one comes to a place on it: over u, over v."""
        if not len(self.port_ends):
            return self.u, self.v
        over_u, over_v = self.port_ends.reshape(8, -1)[2:4]
        return over_u, over_v

    def _identity(self) -> list[str | NDArray[Any]]:
        """What `digest` hashes: costs count, too."""
        return [
            *super()._identity(), f"|{self.speed_kmh!r}|{self.cost_unit}",
            self.cost_forward, self.cost_backward, self.port_ends, self.port_links, self.port_drives,
        ]  # fmt: skip

    def snap(
        self, points: gpd.GeoSeries | gpd.GeoDataFrame, *, max_snap_m: float = 300.0, anywhere: bool = False
    ) -> Snaps:
        """Join points to the network: see `lifecircle.network.snapping.snap`.

        Points far from the network's centre are joined in a plane of their own (`zones`), so that a walk to
        the street is right wherever it is.
        """
        # each plane joins its own points; the results are one table in the order of the points
        parts = [
            (rows, local, snap(local, points.iloc[rows], max_snap_m=max_snap_m, anywhere=anywhere))
            for local, rows in self.planes(points)
        ]
        if len(parts) == 1 and parts[0][1] is self:
            return parts[0][2]
        joined = [snaps.moved_to(self, local.crs) for _, local, snaps in parts]
        rows = np.concatenate([part[0] for part in parts])
        return reduce(Snaps.followed_by, joined).take(np.argsort(rows, kind="stable"))

    def street_table(self) -> StreetTable:
        """The segments that the network is made of, in WGS 84.

        Raises
        ------
        InputError
            If its times hold slopes, which belong to a study's own ``elevation``.
        """
        if self.cost_unit == "ms" and self.mode != "drive":
            raise InputError(Fault("memory-network-slopes", field="streets"))
        # mm per ms times 3.6 is km/h
        speeds = np.full((2, len(self)), np.nan, np.float32)
        if self.mode == "drive":
            for speed, cost in zip(speeds, (self.cost_forward, self.cost_backward), strict=True):
                moving = cost > 0
                speed[moving] = MS_PER_MM_AT_1_KMH * self.length_mm[moving] / cost[moving]
        steps = np.array([*(name == "steps" for name in self.highways), False])
        # ports are made anew from the restrictions that made them
        places = self.n_nodes - len(self.port_place)
        return StreetTable(
            lon=self.node_lon[:places], lat=self.node_lat[:places],
            node_id=np.arange(places, dtype=np.int64),
            u=self.u, v=self.v, way=self.way, segment=self.segment,
            forward=self.cost_forward >= 0, backward=self.cost_backward >= 0,
            name=self.name, highway=self.highway, speed_kmh=speeds[0], speed_back_kmh=speeds[1],
            steps=steps[self.highway],
            bridge=np.zeros(len(self), bool), joinable=self.joinable,
            barriers=self.barriers.reshape(-1, 4), barrier_body=self.barrier_body,
            destination=self.destination, turns=self.turns.reshape(-1, 4), turn_relation=self.turn_relation,
            names=self.names, highways=self.highways, mode=self.mode, counts=dict(self.counts),
            named=dict(self.named),
        )  # fmt: skip

    def planes(self, points: gpd.GeoSeries | gpd.GeoDataFrame) -> list[tuple[Network, NDArray[np.int64]]]:
        """Rows of points by the plane they are measured in: this network's own, or one nearer to them."""
        everybody = np.arange(len(points))
        shapes = points.geometry.to_numpy()
        usable = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POINT)
        usable = usable[~shapely.is_empty(shapes[usable])]
        if points.crs is None or not len(usable):
            return [(self, everybody)]
        x, y = shapely.get_coordinates(shapes[usable]).T
        lon, lat = map(np.asarray, to_degrees(points.crs).transform(x, y))
        middle = self.cache.get(
            "middle", lambda: (float(np.median(self.node_x)), float(np.median(self.node_y)))
        )
        elsewhere = np.flatnonzero(~own_plane(self.crs, lon, lat, middle) & np.isfinite(lon + lat))
        if not len(elsewhere):
            return [(self, everybody)]
        # points that this plane serves stay; the others go by zone, one plane each
        zone = np.full(len(points), -1)
        centres, zone[usable[elsewhere]] = np.unique(
            zone_centres(lon[elsewhere], lat[elsewhere]), axis=0, return_inverse=True
        )
        own = [(self, np.flatnonzero(zone < 0))] if (zone < 0).any() else []
        return own + [
            (self._centred(*centre), np.flatnonzero(zone == k)) for k, centre in enumerate(centres.tolist())
        ]

    def _centred(self, lon: float, lat: float) -> Network:
        """The same streets in a plane centred elsewhere, made once."""

        def make() -> Network:
            """The network with other node coordinates and nothing derived yet."""
            # the same topology and lengths: only the plane for the walk to the street is another
            crs = local_crs(lon, lat)
            x, y = in_plane(self.node_lon, self.node_lat, crs)
            return dataclasses.replace(self, crs=crs, node_x=x, node_y=y, cache=Cache())

        return self.cache.get(f"plane_{lon}_{lat}", make)


def snap_points(
    network: Network, points: gpd.GeoSeries | gpd.GeoDataFrame, *, max_snap_m: float = 300.0
) -> Snaps:
    """Join points to the nearest place on the nearest street: `Network.snap` as a function.

    Parameters
    ----------
    network
        The streets.
    points
        Points in any CRS.
    max_snap_m
        Farthest walk to a street, metres.

    Raises
    ------
    NetworkError
        Points without a CRS, geometries that are no points, places far from all streets.

    Examples
    --------
    >>> from lifecircle.network import snap
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> homes = grid_places({"near": (50.0, 10.0), "far": (50.0, -900.0)})
    >>> snap(grid_network(), homes).frame()[["snap_distance_m", "status"]]
          snap_distance_m status
    id
    near             10.0     ok
    far               NaN    far
    """
    require_type(network, Network, field="network", wanted="network")
    require("points", points=points)
    return network.snap(points, max_snap_m=max_snap_m)
