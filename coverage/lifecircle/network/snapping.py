"""Snapping: where each point joins the network. A table of its own, never a change to the points.

A point joins at the nearest place on the nearest edge, not at a node, and the straight walk there
counts. What happens to points on islands and to points farther than `max_snap_m`, `snap` says; their status
tells which they are.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, MismatchedIndexError, NetworkError
from lifecircle.network.nearest_edges import edge_index, nearest_edges, nearest_free_edges, places_on_edges
from lifecircle.network.spatial_graph import SpatialGraph
from lifecircle.tables import ids_of
from lifecircle.tables.crs import transformer

__all__ = [
    "BLOCKED",
    "FAR",
    "ISLAND",
    "LABELS",
    "MOVED_OFF_ISLAND",
    "NO_GEOMETRY",
    "OK",
    "SNAP_STATUS",
    "UNJOINABLE",
    "Snaps",
    "snap",
]

SNAP_STATUS: Final = ("ok", "moved_off_island", "far", "island", "no_geometry", "blocked", "unjoinable")
"""Names of the codes in `Snaps.status`."""
OK, MOVED_OFF_ISLAND, FAR, ISLAND, NO_GEOMETRY, BLOCKED, UNJOINABLE = range(len(SNAP_STATUS))

LABELS: Final = ("facility", "service", "delay_s", "entry")
"""Columns that are kept: facility a point is an entrance of, its service, time lost there, its number."""

_PER_POINT: Final = ("edge", "offset_mm", "access_mm", "x", "y", "component", "status", "from_x", "from_y")
_ELSEWHERE_M: Final = 100_000.0
_SKIP_BY_CODE: Final = np.array([1, 0, 2], np.uint8)
"""What the search for edges is told of each code of `lifecircle.tables.streets`: never, anywhere, on it."""


@dataclass(frozen=True, eq=False)
class Snaps:
    """Points joined to one network.

    Attributes
    ----------
    ids : the points by their ids (`lifecircle.tables.ids_of`), in their order
    edge : int32, edge joined; -1 where the point stays unreached
    offset_mm : int32, along the edge from its node u
    access_mm : int32, straight walk from the point to the street; -1 where unreached
    x, y : float64, place joined, in the network's CRS; NaN where unreached
    component : int32, of the edge joined; -1 where unreached
    status : int8, code into `SNAP_STATUS`
    from_x, from_y : float64, the point itself, in the network's CRS; NaN where it has no place
    network : digest of the network joined
    max_snap_m : farthest walk to a street that was allowed

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> snaps = grid_network().snap(grid_places({"a": (50, 10), "far": (5000, 0)}))
    >>> snaps.reached.tolist(), snaps.access_mm.tolist()
    ([True, False], [10000, -1])
    """

    ids: pd.Index
    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int32]
    access_mm: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    component: NDArray[np.int32]
    status: NDArray[np.int8]
    from_x: NDArray[np.float64]
    from_y: NDArray[np.float64]
    network: str
    max_snap_m: float
    labels: pd.DataFrame
    """Columns of the points that travel with them, those of `LABELS` that were there; indexed like them."""

    def __repr__(self) -> str:
        """One line: how many points, and how many of them joined a street."""
        return f"<{type(self).__name__} points={len(self.ids)} joined={int(self.reached.sum())}>"

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Points that joined the network."""
        return np.asarray(self.edge >= 0)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Snaps:
        """The points at the given positions, or under a mask, in the order given."""
        return Snaps(
            ids=self.ids[rows],
            **{name: getattr(self, name)[rows] for name in _PER_POINT},
            network=self.network,
            max_snap_m=self.max_snap_m,
            labels=self.labels.iloc[np.flatnonzero(rows) if np.asarray(rows).dtype == bool else rows],
        )

    def followed_by(self, other: Snaps) -> Snaps:
        """These points, then others that joined the same network under the same limit.

        Raises
        ------
        MismatchedIndexError
            If they did not.
        """
        if (self.network, self.max_snap_m) != (other.network, other.max_snap_m):
            raise MismatchedIndexError("points that joined different networks cannot stand in one table")
        return Snaps(
            ids=self.ids.append(other.ids),
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _PER_POINT},
            network=self.network,
            max_snap_m=self.max_snap_m,
            labels=pd.concat([self.labels, other.labels]),
        )

    def moved_to(self, network: SpatialGraph, crs: CRS) -> Snaps:
        """The same joins on the same streets in another plane; `crs` is the system of `x` and `y` here."""
        # the join stays the same: only the coordinates of both places change
        there = transformer(crs, network.crs)
        x, y = map(np.asarray, there.transform(self.x, self.y))
        from_x, from_y = map(np.asarray, there.transform(self.from_x, self.from_y))
        return dataclasses.replace(self, x=x, y=y, from_x=from_x, from_y=from_y, network=network.digest)

    def renamed(self, points: gpd.GeoSeries | gpd.GeoDataFrame) -> Snaps:
        """The same joins under the ids and labels of `points`, which are as many."""
        return dataclasses.replace(self, ids=ids_of(points), labels=_labels(points))

    def frame(self) -> pd.DataFrame:
        """The table of all cases.

        Returns
        -------
        DataFrame
            Indexed like the points: ``edge`` (position in the network, -1 for none), ``offset_m``,
            ``snap_distance_m`` (NaN where unreached), ``x``, ``y`` (m), ``component``, ``status``.
        """
        reached = self.reached
        return pd.DataFrame(
            {
                "edge": self.edge,
                "offset_m": np.where(reached, self.offset_mm / 1000, np.nan),
                "snap_distance_m": np.where(reached, self.access_mm / 1000, np.nan),
                "x": self.x,
                "y": self.y,
                "component": self.component,
                "status": np.array(SNAP_STATUS)[self.status],
            },
            index=self.labels.index,
        )


def snap(
    network: SpatialGraph,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    max_snap_m: float = 300.0,
    anywhere: bool = False,
) -> Snaps:
    """Join points to the nearest place on the nearest edge that may be joined and freely reached.

    Edges that nobody stops at (tunnels, motorways: `SpatialGraph.joinable`) are joined by nobody, bridges
    only by points on them (`nearest_edges.ON_IT_M`). The straight walk to the street may not cross a
    barrier; the next nearest edge is tried instead. A point inside an area that bars (water) is let out
    of it.

    A point whose edge lies on an island (`Network.small_component`) goes to the nearest edge of a larger
    component within `max_snap_m`, else it stays unreached. So do points farther than `max_snap_m` from
    every street, points from which no street can be reached freely (``blocked``) and points near edges
    only that nobody joins (``unjoinable``). Distances are compared to the millimetre; ties go to the
    smaller edge id.

    Parameters
    ----------
    network
        The streets.
    points
        Points in any CRS. Null and empty geometries stay unreached with status ``no_geometry``.
    max_snap_m
        Farthest walk to a street, >= 0.
    anywhere
        Whether points more than 100 km from all streets stay unreached, as others far from a street do, in
        place of being refused. Those of a study lie within its own boundary: an island may have no street.

    Raises
    ------
    NetworkError
        Points without a CRS, geometries that are no points, a place more than 100 km from all streets
        (a swapped axis, another city) unless `anywhere`, `max_snap_m` negative or no number.
    """
    x, y = _coordinates(network, points, max_snap_m, anywhere=anywhere)
    index = edge_index(network)
    shut = _SKIP_BY_CODE[network.joinable]
    # stage 1: the nearest edge that may be joined and reached freely
    nearest, away_mm, barred = nearest_free_edges(network, x, y, limit_m=max_snap_m, skip=shut)
    status = np.where(nearest >= 0, OK, np.where(barred, BLOCKED, FAR)).astype(np.int8)
    status[np.isnan(x)] = NO_GEOMETRY
    # stage 2: points without an edge, told apart: near one that nobody joins, or near none
    far = np.flatnonzero(status == FAR)
    if shut.any() and len(far):
        none_shut = np.zeros(len(network), np.uint8)
        beside, _ = nearest_edges(index, x[far], y[far], limit_m=max_snap_m, skip=none_shut)
        status[far[beside >= 0]] = UNJOINABLE
    # stage 3: points on a small component move to the nearest edge of a larger one
    on_island = network.small_component[network.component[network.u]]
    stranded = np.flatnonzero((nearest >= 0) & on_island[nearest])
    if len(stranded):
        mainland = np.where(on_island, np.uint8(1), shut)
        other, other_mm, _ = nearest_free_edges(
            network, x[stranded], y[stranded], limit_m=max_snap_m, skip=mainland
        )
        moved = other >= 0
        nearest[stranded[moved]], away_mm[stranded[moved]] = other[moved], other_mm[moved]
        # without a larger network near, a point stays on the island and reaches what lies on it
        status[stranded] = np.where(moved, MOVED_OFF_ISLAND, ISLAND)
    # stage 4: the place on the edge
    offset_mm, joined_x, joined_y = places_on_edges(network, nearest, x, y)
    return Snaps(
        ids=ids_of(points, stacklevel=4),
        edge=nearest,
        offset_mm=offset_mm,
        access_mm=away_mm,
        x=joined_x,
        y=joined_y,
        component=np.where(nearest >= 0, network.component[network.u[nearest]], -1).astype(np.int32),
        status=status,
        from_x=x,
        from_y=y,
        network=network.digest,
        max_snap_m=float(max_snap_m),
        labels=_labels(points),
    )


def _labels(points: gpd.GeoSeries | gpd.GeoDataFrame) -> pd.DataFrame:
    """What of the points' columns says whose they are."""
    kept = [name for name in LABELS if name in getattr(points, "columns", ())]
    return pd.DataFrame({name: points[name] for name in kept}, index=points.index)


def _coordinates(
    network: SpatialGraph, points: gpd.GeoSeries | gpd.GeoDataFrame, max_snap_m: float, *, anywhere: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points in the network's CRS; NaN for those without a place. All faults are raised at once."""
    require("number", max_snap_m=max_snap_m)
    require("points", points=points)
    faults = Faults()
    if not max_snap_m >= 0:
        faults.add(Fault("snap-limit", field="max_snap_m", values={"found": max_snap_m}))
    if points.crs is None:
        faults.add(Fault("snap-no-crs"))
    shapes = points.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wrong = np.flatnonzero(there & (kinds != shapely.GeometryType.POINT))
    if len(wrong):
        row = wrong[0]
        kind = shapely.GeometryType(kinds[row]).name.lower()
        faults.add(
            Fault("snap-not-a-point", row=str(points.index[row]), values={"found": kind, "count": len(wrong)})
        )
    faults.raise_if_any(NetworkError)
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    # only points with a place are projected; an image that is no number is no place
    places = shapely.get_coordinates(shapes[there]).T
    if points.crs != network.crs:
        places = transformer(points.crs, network.crs).transform(*places)
    x[there], y[there] = places
    if not anywhere:
        _require_near(network, points, x, y)
    lost = ~(np.isfinite(x) & np.isfinite(y))
    x[lost] = y[lost] = np.nan
    return x, y


def _require_near(
    network: SpatialGraph,
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> None:
    """Refuse places that cannot belong to these streets."""
    # how far outside the bounds of the streets, 0 within them
    beyond_x = np.maximum(network.node_x.min() - x, x - network.node_x.max())
    beyond_y = np.maximum(network.node_y.min() - y, y - network.node_y.max())
    away = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0))
    elsewhere = np.flatnonzero(away > _ELSEWHERE_M)
    if not len(elsewhere):
        return
    row = elsewhere[0]
    shape = points.geometry.iloc[row]
    raise NetworkError(
        Fault(
            "snap-elsewhere",
            row=str(points.index[row]),
            values={
                "x": f"{shape.x:g}",
                "y": f"{shape.y:g}",
                "crs": points.crs.to_string(),
                "count": len(elsewhere),
                "lon": f"{np.median(network.node_lon):.3f}",
                "lat": f"{np.median(network.node_lat):.3f}",
            },
        )
    )
