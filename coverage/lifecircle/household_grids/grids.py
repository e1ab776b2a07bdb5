"""Household grids: communities divided into grids of much the same number of households, street by street.

A grid is a set of demand points next to each other along the streets of one community (琼府办〔2022〕, 第三章
第四节（五）: about 500 households in towns, about 300 in the country, 1-3 full-time workers each).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from lifecircle.household_grids.kernels import evened, split
from lifecircle.household_grids.neighbours import Neighbours, StreetsOf, neighbours_of
from lifecircle.measures import grids_needed
from lifecircle.network import Network, Snaps
from lifecircle.tables import Inputs, share_weights

__all__ = ["GridProposal", "divide", "propose_grids"]

WORKERS: Final = (1, 3)
"""Full-time workers of each grid, least and most (每个网格配置1-3名专职网格员)."""

_SPREAD: Final = 0.1
"""Of the mean: how far the largest grid of a community may be above its smallest."""

_TRIES: Final = (8, 64)
"""Divisions tried: always, and at most while none is even enough."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GridProposal:
    """Proposed grids of a study.

    Attributes
    ----------
    grids : GeoDataFrame
        One row per grid: ``code, name, community, scope, households, residents, demand_points,
        street_parts`` (1: all its points are next to each other along streets), ``area_km2,
        workers_least, workers_most, geometry``. The grids of a community cover it and do not overlap.
    points : GeoDataFrame
        Every demand point of those communities: ``demand, community, grid, households, geometry``.
    communities : DataFrame
        Every community inside the boundary: ``code, name, scope, households, nominal, wanted, made``, the
        achieved ``mean, least, most`` (households per grid) and ``spread`` ((most - least) / mean),
        ``one_point`` (households of its largest demand point), ``even`` (the spread is at most a tenth
        or one demand point), ``workers_least, workers_most``, ``reason`` (key of the message that says
        why there are no or fewer grids; blank where all is well).
    """

    grids: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    communities: pd.DataFrame


def propose_grids(
    network: Network,
    inputs: Inputs,
    *,
    urban_households: float = 500.0,
    rural_households: float = 300.0,
    max_snap_m: float = 300.0,
) -> GridProposal:
    """Divide every community inside the boundary into household grids.

    A community of h households is divided into ``max(1, round(h / nominal))`` grids. Its households are
    spread over its demand points in proportion to their residents (evenly where nobody is known to live
    there). Communities whose households or scope are unknown get no grid, and the reason.

    Parameters
    ----------
    network
        The study's streets, in any CRS.
    inputs
        The study's communities and demand points.
    urban_households, rural_households
        Nominal sizes, > 0.
    max_snap_m
        Farthest walk from a point to its street.
    """
    homes = inputs.communities[inputs.communities["inside"]].sort_values("code").reset_index(drop=True)
    demand = inputs.demand[inputs.demand["community"].isin(homes["code"])]
    demand = demand.sort_values("demand").reset_index(drop=True)
    snaps = network.snap(demand.geometry, max_snap_m=max_snap_m)
    streets = StreetsOf(network, homes)
    nominal = homes["scope"].map({"urban": urban_households, "rural": rural_households}).astype("float64")
    homes = homes.assign(nominal=nominal, wanted=grids_needed(homes["households"], nominal=nominal))
    own_points = demand.groupby("community").indices
    made = [
        _community(network, streets, row, homes, _Points(demand, snaps, own_points.get(code, _NOBODY)))
        for row, code in enumerate(homes["code"])
    ]
    return GridProposal(
        grids=_joined([one.grids for one in made], _GRID_COLUMNS, inputs),
        points=_joined([one.points for one in made], _POINT_COLUMNS, inputs),
        communities=pd.DataFrame([one.summary for one in made], columns=list(_SUMMARY_COLUMNS)),
    )


def divide(neighbours: Neighbours, households: Floats, parts: int) -> Ints:
    """Divide points into connected parts of much the same number of households.

    The shortest tree along the streets is divided first; further trees, their lengths shaken with a fixed
    seed, follow until one is even enough. The most even division wins, of several within a tenth of the
    mean the most compact (fewest neighbours parted).

    Parameters
    ----------
    neighbours
        Which points are next to each other; they must hold together.
    households
        Per point, >= 0.
    parts
        1 to the number of points with households.

    Returns
    -------
    int64
        Part of each point, 0 to `parts` - 1.
    """
    size = len(households)
    if parts == 1:
        return np.zeros(size, np.int64)
    allowed = _SPREAD * households.sum() / parts
    shaken = np.random.default_rng(0)
    best, least = np.zeros(size, np.int64), (np.inf, np.inf)
    for number in range(_TRIES[1]):
        if number >= _TRIES[0] and least[0] <= 0:
            break
        factor = shaken.uniform(0.2, 5.0, len(neighbours.metres)) if number else 1.0
        indptr, head, length = _both_ways(neighbours, neighbours.metres * factor, size)
        label = evened(indptr, head, households, split(indptr, head, length, households, parts), parts)
        total = np.bincount(label, weights=households, minlength=parts)
        beyond = max(0.0, round(float(np.ptp(total)) - allowed, 6))
        score = (beyond, float((label[neighbours.first] != label[neighbours.second]).sum()))
        if score < least:
            best, least = label, score
    return best


_NOBODY: Final = np.empty(0, np.intp)
_GRID_COLUMNS: Final = (
    "code",
    "name",
    "community",
    "scope",
    "households",
    "residents",
    "demand_points",
    "street_parts",
    "area_km2",
    "workers_least",
    "workers_most",
)
_POINT_COLUMNS: Final = ("demand", "community", "grid", "households")
_SUMMARY_COLUMNS: Final = (
    "code",
    "name",
    "scope",
    "households",
    "nominal",
    "wanted",
    "made",
    "mean",
    "least",
    "most",
    "spread",
    "one_point",
    "even",
    "workers_least",
    "workers_most",
    "reason",
)


@dataclass(frozen=True)
class _Points:
    """The demand points of one community."""

    demand: gpd.GeoDataFrame
    snaps: Snaps
    rows: NDArray[np.intp]

    @property
    def own(self) -> gpd.GeoDataFrame:
        """Their rows."""
        return self.demand.iloc[self.rows]


@dataclass(frozen=True)
class _Divided:
    """One community, divided."""

    grids: gpd.GeoDataFrame | None
    points: gpd.GeoDataFrame | None
    summary: dict[str, object]


def _community(
    network: Network, streets: StreetsOf, row: int, homes: gpd.GeoDataFrame, points: _Points
) -> _Divided:
    """Divide one community, or say why not."""
    home = homes.iloc[row]
    known = {name: home[name] for name in ("code", "name", "scope", "households", "nominal", "wanted")}
    for name, reason in (("households", "no-households"), ("nominal", "no-scope")):
        if np.isnan(home[name]):
            return _Divided(None, None, {**known, "made": 0, "even": False, "reason": reason})
    own = points.own
    households = _spread(float(home["households"]), share_weights(own).to_numpy())
    parts = max(1, min(int(home["wanted"]), int((households > 0).sum())))
    x, y = own.geometry.x.to_numpy(), own.geometry.y.to_numpy()
    place, first = _places(x, y)
    snaps = points.snaps.take(points.rows[first])
    beside = neighbours_of(network, streets.edges(row), snaps, x[first], y[first])
    weight = np.bincount(place, weights=households, minlength=len(first)).astype(np.float64)
    parts = max(1, min(parts, int((weight > 0).sum())))
    part = _north_to_south(divide(beside, weight, parts), x[first], y[first])
    codes = np.array([f"{home['code']}-{number + 1:02d}" for number in range(parts)], dtype=object)
    shapes = _shapes(home.geometry, x[first], y[first], part, parts)
    part_of = part[place]
    total = (
        np.bincount(part_of, weights=households, minlength=parts).astype(np.float64)
        if len(own)
        else np.array([float(home["households"])])
    )
    grids = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": [f"{home['name']} {number + 1}".strip() for number in range(parts)],
            "community": home["code"],
            "scope": home["scope"],
            "households": total,
            "residents": np.bincount(part_of, weights=own["residents"], minlength=parts),
            "demand_points": np.bincount(part_of, minlength=parts),
            "street_parts": _street_parts(beside, part, parts),
            "area_km2": shapely.area(shapes) / 1e6,
            "workers_least": WORKERS[0],
            "workers_most": WORKERS[1],
        },
        geometry=shapes,
        crs=homes.crs,
    )
    listed = gpd.GeoDataFrame(
        {
            "demand": own["demand"].to_numpy(),
            "community": home["code"],
            "grid": codes[part_of],
            "households": households,
        },
        geometry=own.geometry.to_numpy(),
        crs=homes.crs,
    )
    return _Divided(grids, listed, {**known, **_achieved(total, weight, int(home["wanted"]))})


def _achieved(total: Floats, weight: Floats, wanted: int) -> dict[str, object]:
    """What a division came to."""
    mean, apart = float(total.mean()), float(np.ptp(total))
    one_point = float(weight.max(initial=0.0))
    return {
        "made": len(total),
        "mean": mean,
        "least": float(total.min()),
        "most": float(total.max()),
        "spread": apart / mean if mean > 0 else 0.0,
        "one_point": one_point,
        "even": apart <= max(_SPREAD * mean, one_point) + 1e-6,
        "workers_least": WORKERS[0] * len(total),
        "workers_most": WORKERS[1] * len(total),
        "reason": "few-points" if len(total) < wanted else "",
    }


def _spread(households: float, residents: Floats) -> Floats:
    """A community's households over its points, by residents; evenly where none is known."""
    share = residents if residents.sum() > 0 else np.ones(len(residents))
    return households * share / share.sum() if len(share) else share


def _places(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Points at one place are one: the place of each, and the first point at each place."""
    where = np.column_stack([np.rint(x * 1000), np.rint(y * 1000)])
    _, first, place = np.unique(where, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[place.ravel()], first[order].astype(np.int64)


def _both_ways(neighbours: Neighbours, length: Floats, size: int) -> tuple[Ints, Ints, Floats]:
    """The graph of neighbours with both directions of every link."""
    start = np.concatenate([neighbours.first, neighbours.second])
    end = np.concatenate([neighbours.second, neighbours.first])
    order = np.lexsort((end, start))
    indptr = np.searchsorted(start[order], np.arange(size + 1)).astype(np.int64)
    return indptr, end[order], np.concatenate([length, length])[order]


def _north_to_south(part: Ints, x: Floats, y: Floats) -> Ints:
    """Parts renumbered from north to south, of equals from west to east."""
    if not len(part):
        return part
    count = np.bincount(part)
    order = np.lexsort((np.bincount(part, weights=x) / count, -np.bincount(part, weights=y) / count))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[part]


def _street_parts(neighbours: Neighbours, part: Ints, parts: int) -> Ints:
    """Into how many pieces the streets of the community leave each part."""
    kept = neighbours.along_street & (part[neighbours.first] == part[neighbours.second])
    links = scipy.sparse.csr_array(
        (np.ones(int(kept.sum())), (neighbours.first[kept], neighbours.second[kept])),
        shape=(len(part), len(part)),
    )
    if not len(part):
        return np.zeros(parts, np.int64)
    _, piece = connected_components(links, directed=False)
    found = np.unique(np.column_stack([part, piece]), axis=0)
    return np.bincount(found[:, 0], minlength=parts).astype(np.int64)


def _shapes(ground: shapely.Geometry, x: Floats, y: Floats, part: Ints, parts: int) -> NDArray[np.object_]:
    """The ground shared out, each place to the part of the point nearest to it."""
    if parts == 1:
        return np.array([ground], dtype=object)
    cells = shapely.voronoi_polygons(
        shapely.MultiPoint(np.column_stack([x, y])), extend_to=ground, ordered=True
    )
    own = shapely.get_parts(cells)
    whole = [shapely.coverage_union_all(own[part == number]) for number in range(parts)]
    return np.asarray(shapely.intersection(whole, ground), dtype=object)


def _joined(
    tables: list[gpd.GeoDataFrame | None], columns: tuple[str, ...], inputs: Inputs
) -> gpd.GeoDataFrame:
    """The tables of all communities; an empty one with the right columns where none was divided."""
    there = list(_given(tables))
    if not there:
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=inputs.crs)
    return gpd.GeoDataFrame(pd.concat(there, ignore_index=True), geometry="geometry", crs=inputs.crs)


def _given(tables: list[gpd.GeoDataFrame | None]) -> Iterator[gpd.GeoDataFrame]:
    """Those that are there."""
    yield from (table for table in tables if table is not None)
