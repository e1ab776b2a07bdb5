"""One community divided into household grids: its households at its points, its ground shared out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from lifecircle.household_grids.division import SPREAD, divide, north_to_south
from lifecircle.household_grids.neighbours import Neighbours, StreetsOf, neighbours_of
from lifecircle.network import Network, Snaps
from lifecircle.tables import share_weights

__all__ = ["NOBODY", "CommunityPoints", "DividedCommunity", "divide_community"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WORKERS: Final = (1, 3)
"""Full-time workers of each grid, least and most (每个网格配置1-3名专职网格员)."""


NOBODY: Final = np.empty(0, np.intp)


@dataclass(frozen=True)
class CommunityPoints:
    """The demand points of one community."""

    demand: gpd.GeoDataFrame
    snaps: Snaps
    rows: NDArray[np.intp]

    @property
    def own(self) -> gpd.GeoDataFrame:
        """Their rows."""
        return self.demand.iloc[self.rows]


@dataclass(frozen=True)
class DividedCommunity:
    """One community, divided."""

    grids: gpd.GeoDataFrame | None
    points: gpd.GeoDataFrame | None
    summary: dict[str, object]


def divide_community(
    network: Network, streets: StreetsOf, row: int, homes: gpd.GeoDataFrame, points: CommunityPoints
) -> DividedCommunity:
    """Divide one community, or say why not."""
    home = homes.iloc[row]
    known = {name: home[name] for name in ("code", "name", "scope", "households", "nominal", "wanted")}
    for name, reason in (("households", "no-households"), ("nominal", "no-scope")):
        if np.isnan(home[name]):
            return DividedCommunity(None, None, {**known, "made": 0, "even": False, "reason": reason})
    # stage 1: households at its points, points of one place being one
    own = points.own
    households = _spread(float(home["households"]), share_weights(own).to_numpy())
    parts = max(1, min(int(home["wanted"]), int((households > 0).sum())))
    x, y = own.geometry.x.to_numpy(), own.geometry.y.to_numpy()
    place, first = _places(x, y)
    snaps = points.snaps.take(points.rows[first])
    # stage 2: divided along its streets, numbered from north to south
    beside = neighbours_of(network, streets.edges(row), snaps, x[first], y[first])
    weight = np.bincount(place, weights=households, minlength=len(first)).astype(np.float64)
    parts = max(1, min(parts, int((weight > 0).sum())))
    part = north_to_south(divide(beside, weight, parts), x[first], y[first])
    # stage 3: the ground of each grid, and what it holds
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
    return DividedCommunity(grids, listed, {**known, **_achieved(total, weight, int(home["wanted"]))})


def _achieved(total: Floats, weight: Floats, wanted: int) -> dict[str, object]:
    """What a division came to."""
    # even: no farther apart than a tenth of the mean, or than one place that cannot be divided
    mean, apart = float(total.mean()), float(np.ptp(total))
    one_point = float(weight.max(initial=0.0))
    return {
        "made": len(total),
        "mean": mean,
        "least": float(total.min()),
        "most": float(total.max()),
        "spread": apart / mean if mean > 0 else 0.0,
        "one_point": one_point,
        "even": apart <= max(SPREAD * mean, one_point) + 1e-6,
        "workers_least": WORKERS[0] * len(total),
        "workers_most": WORKERS[1] * len(total),
        "reason": "few-points" if len(total) < wanted else "",
    }


def _spread(households: float, residents: Floats) -> Floats:
    """A community's households over its points, by residents; evenly where none is known."""
    # in proportion to residents; where none is known every point counts the same
    share = residents if residents.sum() > 0 else np.ones(len(residents))
    return households * share / share.sum() if len(share) else share


def _places(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Points at one place are one: the place of each, and the first point at each place."""
    # to the millimetre, numbered in the order in which places first occur
    where = np.column_stack([np.rint(x * 1000), np.rint(y * 1000)])
    _, first, place = np.unique(where, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[place.ravel()], first[order].astype(np.int64)


def _street_parts(neighbours: Neighbours, part: Ints, parts: int) -> Ints:
    """Into how many pieces the streets of the community leave each part."""
    # links along streets within a part; pieces of points that they connect
    kept = neighbours.along_street & (part[neighbours.first] == part[neighbours.second])
    links = scipy.sparse.csr_array(
        (np.ones(int(kept.sum())), (neighbours.first[kept], neighbours.second[kept])),
        shape=(len(part), len(part)),
    )
    if not len(part):
        return np.zeros(parts, np.int64)
    _, piece = connected_components(links, directed=False)
    pieces = np.unique(np.column_stack([part, piece]), axis=0)
    return np.bincount(pieces[:, 0], minlength=parts).astype(np.int64)


def _shapes(ground: shapely.Geometry, x: Floats, y: Floats, part: Ints, parts: int) -> NDArray[np.object_]:
    """The ground shared out, each place to the part of the point nearest to it."""
    if parts == 1:
        return np.array([ground], dtype=object)
    # the points' Voronoi regions, merged by part and cut at the community's border
    regions = shapely.voronoi_polygons(
        shapely.MultiPoint(np.column_stack([x, y])), extend_to=ground, ordered=True
    )
    own = shapely.get_parts(regions)
    whole = [shapely.coverage_union_all(own[part == number]) for number in range(parts)]
    return np.asarray(shapely.intersection(whole, ground), dtype=object)
