"""Isochrones and service areas: what lies within some metres of the streets reached, as polygons.

The polygon is for display; its figures come from the reached lines. It holds everything within
`buffer_m` of them, to the resolution of a grid fixed to the network's CRS, less water and barriers that
are supplied. Bands of one origin nest.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, InputError
from lifecircle.network.areas.banded import BandedAreas
from lifecircle.network.areas.cutting import Minus, Solid, areas_only, cut_out, solid_of
from lifecircle.network.areas.field import (
    NO_RINGS,
    DistanceField,
    Rings,
    empty_field,
    polygons,
    require_resolution,
    rings,
)
from lifecircle.network.areas.reached_lines import (
    Pieces,
    ReachWorkspace,
    each_origin,
    reach_bands,
    segments_of,
    straight_edges,
)
from lifecircle.network.areas.thinning import thinned_bands
from lifecircle.network.graph import Network
from lifecircle.network.kernels.reach_gaps import length_of, unreached_inside
from lifecircle.network.nearest_edges import edge_index
from lifecircle.network.routing.origins import (
    Bands,
    Direction,
    Origins,
    bands_of,
    gather_origins,
    walks_within,
)
from lifecircle.network.routing.reasons import snap_counts, snap_reasons, warn_of_islands
from lifecircle.network.snapping import Snaps, snap
from lifecircle.tables import WGS84, ids_of
from lifecircle.tables.crs import transformer

__all__ = ["isochrones", "service_areas"]

_NEAR_180: Final = 179.0
_SLIVER_WIDTH_M: Final = 0.01

_MOST_POINTS: Final = 100_000
"""Outlines are made into polygons at the latest when they have so many points: rings take memory, too."""


@dataclass(frozen=True)
class _Area:
    """One band of one origin: its polygon and the street lengths that go with it."""

    shape: shapely.Geometry
    area_m2: float
    reached_mm: int
    unreached_mm: float


@dataclass(frozen=True)
class _Drawing:
    """How outlines are drawn: at which distance of the streets, on which grid, less what, how far thinned."""

    buffer_m: float
    grid_m: float
    solid: Solid | None
    thin_m: float | None = None


def isochrones(
    network: Network,
    points: gpd.GeoDataFrame | gpd.GeoSeries | Snaps,
    minutes: float | Sequence[float] = (5, 10, 15),
    *,
    speed_kmh: float | None = None,
    buffer_m: float = 30.0,
    grid_m: float = 10.0,
    minus: Minus | None = None,
    max_snap_m: float = 300.0,
    threads: int | None = None,
) -> gpd.GeoDataFrame:
    """The area within some minutes of each point.

    Parameters
    ----------
    network
        The streets.
    points
        Points in any CRS; or points joined to the network already, whose straight walk to the street
        then counts in time but is not drawn.
    minutes
        One band or several, each > 0; all from one search per point.
    speed_kmh
        The network's own speed if None.
    buffer_m, grid_m
        How far beyond the reached lines the polygon goes, and the grid its outline is drawn on, in
        metres; `grid_m` may not exceed `buffer_m`.
    minus
        Polygons cut out of the areas.
    max_snap_m
        Farthest walk to a street.
    threads
        Number of threads, the machine's if None; the result does not depend on it.

    Returns
    -------
    GeoDataFrame
        One row per point and band, by point in the order given, then minutes: ``point`` (its id: the index
        where it is named or not of numbers, else the column ``id``),
        ``minutes``, ``reached_m`` (street length reached), ``unreached_m`` (street length inside the
        polygon that was not reached), ``area_m2`` (measured where scale is true), ``reason`` (why nothing is
        reached: ``origin-`` and the status of its snap; ``""`` elsewhere), ``geometry`` (valid; empty where
        nothing is reached) in the CRS of the points, or of the network for `Snaps`. Areas across 180 degrees
        are parted there. ``attrs`` hold counts, ``streets`` and ``points``, as those of
        `nearest_facilities`. ``plot()`` and ``explore()`` draw narrower areas on top, coloured by minutes.

    Raises
    ------
    InputError
        Points, minutes or a speed that cannot be used (`snap`, `bands_of`); a buffer, grid or extent
        that cannot be drawn.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> middle = grid_places({"middle": (100.0, 100.0)})
    >>> areas = isochrones(grid_network(), middle, minutes=[0.75, 1.5])
    >>> areas[["point", "minutes", "reached_m"]]
        point  minutes  reached_m
    0  middle     0.75      200.0
    1  middle     1.50      400.0
    """
    bands = bands_of(network, minutes, speed_kmh)
    if not isinstance(points, Snaps):
        require("points", points=points)
    require("number", max_snap_m=max_snap_m)
    require("outline", optional=True, minus=minus)

    def around(local: Network, snaps: Snaps, places: NDArray[np.float64] | None) -> gpd.GeoDataFrame:
        """The areas of the points that are measured in one plane."""
        origins = gather_origins(local, snaps, places=places)
        drawing = _Drawing(buffer_m, grid_m, solid_of(minus, local.crs))
        areas = _areas(local, origins, bands, drawing, threads=threads)
        table = _table("point", local, origins, bands, areas)
        table.insert(5, "reason", np.repeat(snap_reasons(snaps), len(bands.minutes)))
        return table

    if isinstance(points, Snaps):
        table = BandedAreas(around(network, points, None))
        table.attrs = {"streets": dict(network.counts), "points": snap_counts(points)}
        return table
    joined: Counter[str] = Counter()
    tables, rows = [], []
    points = points.set_axis(ids_of(points, stacklevel=3))
    for local, mine in network.planes(points):
        here = points.iloc[mine]
        snaps = snap(local, here, max_snap_m=max_snap_m)
        joined.update(snap_counts(snaps))
        table = around(local, snaps, places_in(local, here))
        table["geometry"] = parted_at_180(table.geometry, local)
        tables.append(table if points.crs == local.crs else table.to_crs(points.crs))
        rows.append(np.repeat(mine, len(bands.minutes)))
    warn_of_islands(joined, "points", stacklevel=2)
    order = np.argsort(np.concatenate(rows), kind="stable")
    whole = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True).iloc[order]
    whole = BandedAreas(whole.reset_index(drop=True))
    whole.attrs = {"streets": dict(network.counts), "points": dict(joined)}
    return whole


def service_areas(
    network: Network,
    snaps: Snaps,
    facility: ArrayLike,
    minutes: Sequence[float],
    *,
    places: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    delay_s: ArrayLike | None = None,
    merge: bool = False,
    direction: Direction = "in",
    speed_kmh: float | None = None,
    buffer_m: float = 30.0,
    grid_m: float = 10.0,
    minus: Minus | None = None,
    thin_m: float | None = None,
    threads: int | None = None,
) -> gpd.GeoDataFrame:
    """From where facilities are reached within some minutes: one search per facility over all its entries.

    Parameters
    ----------
    network, snaps
        The network, and where each entry joins it.
    facility
        Id of the facility each entry belongs to; or of its service, for one area per service.
    minutes
        Bands, each > 0.
    places
        The entries themselves, in the order of `snaps`, any CRS: their walks to the street are drawn.
    delay_s
        Seconds to be added at each entry.
    merge
        One area around all entries; its ``facility`` is ``""``.
    direction
        ``"in"``: resident to facility; ``"out"``: the way back.
    speed_kmh, buffer_m, grid_m, minus, threads
        As `isochrones`.
    thin_m
        How far outlines may move, metres, so that they have fewer vertices (`thinned_bands`): bands still
        nest, and figures are those of the full outlines. None: not at all.

    Returns
    -------
    GeoDataFrame
        As `isochrones`, with ``facility`` instead of ``point``, sorted by it, in the network's CRS.

    Raises
    ------
    InputError
        As `isochrones`.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> gates = streets.snap(grid_places({"north": (0, 200), "south": (0, 0)}))
    >>> service_areas(streets, gates, ["park", "park"], [1.5])[["facility", "reached_m"]].values.tolist()
    [['park', 400.0]]
    """
    bands = bands_of(network, minutes, speed_kmh)
    origins = gather_origins(
        network,
        snaps,
        group=np.full(len(snaps), "") if merge else facility,
        places=None if places is None else places_in(network, places),
        delay_s=delay_s,
        speed_kmh=speed_kmh,
        direction=direction,
    )
    drawing = _Drawing(buffer_m, grid_m, solid_of(minus, network.crs), thin_m)
    return _table(
        "facility", network, origins, bands, _areas(network, origins, bands, drawing, threads=threads)
    )


def places_in(network: Network, points: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.float64]:
    """Points as n × 2 coordinates in the network's CRS; NaN for those without a place."""
    if points.crs is None:
        raise InputError(Fault("snap-no-crs"))
    shapes = gpd.GeoSeries(points.geometry).to_crs(network.crs).to_numpy()
    return np.stack([shapely.get_x(shapes), shapely.get_y(shapes)], axis=1)


def _areas(
    network: Network, origins: Origins, bands: Bands, drawing: _Drawing, *, threads: int | None
) -> list[list[_Area]]:
    """Outline and lengths of every band of every origin."""
    require_resolution(drawing.buffer_m, drawing.grid_m)
    edge_index(network)

    def drawn(origin: int, workspace: ReachWorkspace) -> Iterator[tuple[Rings, int, float]]:
        """Outline and street lengths, reached and not, of all bands of one origin."""
        pieces = reach_bands(network, origins, origin, bands, workspace)
        rows = origins.sources(origin)
        walks = [walks_within(origins, rows, limit)[0] for limit in bands.limits]
        widest = segments_of(network, pieces[-1], walks[-1])
        if not len(widest):
            yield from [(NO_RINGS, 0, 0.0)] * len(bands.limits)
            return
        # one field for all bands, lowered band by band: each outline holds the one before
        field = empty_field(widest, buffer_m=drawing.buffer_m, grid_m=drawing.grid_m)
        for reached, walked in zip(pieces, walks, strict=True):
            lines = widest if reached is pieces[-1] else segments_of(network, reached, walked)
            fresh = np.ones(len(lines), np.bool_)
            fresh[: len(reached)] = reached[:, 4] != 0
            field.draw(lines, fresh)
            yield rings(field), *_lengths(network, field, reached, workspace)

    def work(few: Sequence[int], workspace: ReachWorkspace) -> list[list[_Area]]:
        """All bands of a few origins, their polygons made at once where their outlines are short."""
        done: list[list[_Area]] = []
        areas: list[_Area] = []
        held: list[tuple[Rings, int, float]] = []
        for band in itertools.chain.from_iterable(drawn(origin, workspace) for origin in few):
            held.append(band)
            if sum(len(outline.points) for outline, _, _ in held) > _MOST_POINTS:
                areas += _areas_of(held, drawing.solid)
                held = []
                done += complete_origins(areas)
        areas += _areas_of(held, drawing.solid)
        return done + complete_origins(areas)

    def complete_origins(areas: list[_Area]) -> list[list[_Area]]:
        """Take the origins of which all bands are there, thinned at once: at full detail they are large."""
        whole = len(areas) // len(bands.limits) * len(bands.limits)
        grouped = [areas[at : at + len(bands.limits)] for at in range(0, whole, len(bands.limits))]
        del areas[:whole]
        return grouped if drawing.thin_m is None else [_thinned(own, drawing.thin_m) for own in grouped]

    return each_origin(network, origins, bands, work, threads)


def _areas_of(drawn: list[tuple[Rings, int, float]], solid: Solid | None) -> list[_Area]:
    """Outlines into polygons, less what is solid, beside the lengths that go with them."""
    shapes = cut_out(polygons([outline for outline, _, _ in drawn]), solid, threads=1)
    return [
        _Area(shape, area_m2, reached_mm, unreached_mm)
        for shape, area_m2, (_, reached_mm, unreached_mm) in zip(
            shapes, shapely.area(shapes).tolist(), drawn, strict=True
        )
    ]


def _thinned(bands: list[_Area], thin_m: float) -> list[_Area]:
    """The bands of one origin with fewer vertices and the figures of all."""
    shapes = np.empty(len(bands), dtype=object)
    shapes[:] = [band.shape for band in bands]
    return [
        replace(band, shape=shape) for band, shape in zip(bands, thinned_bands(shapes, thin_m), strict=True)
    ]


def _lengths(
    network: Network, field: DistanceField, pieces: Pieces, workspace: ReachWorkspace
) -> tuple[int, float]:
    """Street lengths (mm) reached, and in the outline of a field as drawn so far but not reached."""
    # lines across squares are walked on, but they are no streets: they count no length
    streets, index = straight_edges(network, network.street_mm), edge_index(network)
    unreached = unreached_inside(pieces, streets, index, field.outlined, workspace.marks, workspace.mark())
    return length_of(pieces, streets.length), unreached


def _table(
    what: str, network: Network, origins: Origins, bands: Bands, areas: list[list[_Area]]
) -> gpd.GeoDataFrame:
    """Areas as a table in the network's CRS."""
    # origin by origin, band by band
    flat = [area for per_origin in areas for area in per_origin]
    shapes = np.empty(len(flat), dtype=object)
    shapes[:] = [area.shape for area in flat]
    row = np.repeat(np.arange(len(origins)), len(bands.minutes))
    return gpd.GeoDataFrame(
        {
            what: origins.ids.take(row),
            "minutes": np.tile(np.array(bands.minutes, np.float64), len(origins)),
            "reached_m": np.array([area.reached_mm for area in flat], np.float64) / 1000,
            "unreached_m": np.array([area.unreached_mm for area in flat], np.float64) / 1000,
            "area_m2": np.array([area.area_m2 for area in flat], np.float64),
        },
        geometry=shapes,
        crs=network.crs,
    )


def parted_at_180(shapes: gpd.GeoSeries, network: Network) -> NDArray[np.object_]:
    """Shapes less a hair's breadth along 180 degrees, so that none runs around the globe in degrees."""
    # only outlines near 180 degrees that hold anything can cross it
    flat = shapes.to_numpy()
    if not (np.abs(network.node_lon) > _NEAR_180).any() or shapely.is_empty(flat).all():
        return flat
    # the meridian in the plane, a vertex every hundredth of a degree
    latitudes = np.arange(network.node_lat.min() - 1.0, network.node_lat.max() + 1.0, 0.01)
    to_plane = transformer(WGS84, network.crs)
    x, y = to_plane.transform(np.full(len(latitudes), 180.0), np.clip(latitudes, -90.0, 90.0))
    hair = shapely.buffer(shapely.linestrings(np.column_stack([x, y])), _SLIVER_WIDTH_M, cap_style="flat")
    met = shapely.intersects(flat, hair)
    flat[met] = [areas_only(shape) for shape in shapely.difference(flat[met], hair)]
    return flat
