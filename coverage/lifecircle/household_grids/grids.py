"""Household grids: communities divided along their streets into grids of much the same size.

A grid is a set of demand points next to each other along the streets of one community (琼府办〔2022〕, 第三章
第四节（五）: about 500 households in towns, about 300 in the country, 1-3 full-time workers each).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from lifecircle.errors import Fault, InputError
from lifecircle.household_grids.division import SPREAD, divide, north_to_south
from lifecircle.household_grids.neighbours import Neighbours, StreetsOf, neighbours_of
from lifecircle.measures import household_grids_needed
from lifecircle.network import Network, Snaps, build_network
from lifecircle.sources import read_inputs
from lifecircle.study import Study
from lifecircle.tables import Inputs, concat_nonempty, share_weights

__all__ = ["HouseholdGridProposal", "household_grids", "propose_household_grids"]

WORKERS: Final = (1, 3)
"""Full-time workers of each grid, least and most (每个网格配置1-3名专职网格员)."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HouseholdGridProposal:
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

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> proposal = household_grids(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> len(proposal.grids), proposal.communities["reason"].tolist()
    (0, ['no-households', 'no-households'])
    """

    grids: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    communities: pd.DataFrame


def household_grids(
    study: Study, *, urban_households: float = 500.0, rural_households: float = 300.0
) -> HouseholdGridProposal:
    """Divide a study's communities into household grids along its streets (`propose_household_grids`).

    Parameters
    ----------
    study
        The study; its communities need ``households``.
    urban_households, rural_households
        Nominal sizes, > 0.

    Raises
    ------
    InputError
        With every fault of the inputs; or if the study has cells in place of communities.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> path = lc.example_study(tempfile.mkdtemp())
    >>> layer = path.parent / "communities.geojson"
    >>> gpd.read_file(layer).assign(households=[500, 900]).to_file(layer)
    >>> proposal = household_grids(lc.Study.from_file(path))
    >>> proposal.communities[["households", "made", "even"]].values.tolist()
    [[500.0, 1, True], [900.0, 2, True]]
    """
    if study.area.grid is not None:
        raise InputError(
            Fault(
                "grids-of-cells",
                file=str(study.path or ""),
                field="area.grid",
                values={"found": study.area.grid},
            )
        )
    inputs = read_inputs(study, cutoff_m=0.0)
    network = build_network(inputs.streets, crs=inputs.crs, min_component_m=study.assumptions.min_component_m)
    return propose_household_grids(
        network,
        inputs,
        urban_households=urban_households,
        rural_households=rural_households,
        max_snap_m=study.assumptions.max_snap_m,
    )


def propose_household_grids(
    network: Network,
    inputs: Inputs,
    *,
    urban_households: float = 500.0,
    rural_households: float = 300.0,
    max_snap_m: float = 300.0,
) -> HouseholdGridProposal:
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

    Examples
    --------
    >>> import dataclasses
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> inputs = session.prepared.inputs
    >>> homes = inputs.communities.assign(households=[500.0, 900.0])
    >>> inputs = dataclasses.replace(inputs, communities=homes)
    >>> propose_household_grids(session.baseline.network, inputs).grids["community"].tolist()
    ['110101001001', '110101001002', '110101001002']
    """
    # stage 1: communities and their demand points, in the order of their codes
    homes = inputs.communities[inputs.communities["inside"]].sort_values("code").reset_index(drop=True)
    demand = inputs.demand[inputs.demand["community"].isin(homes["code"])]
    demand = demand.sort_values("demand").reset_index(drop=True)
    snaps = network.snap(demand.geometry, max_snap_m=max_snap_m)
    streets = StreetsOf(network, homes)
    # stage 2: how many grids each is to have
    nominal = homes["scope"].map({"urban": urban_households, "rural": rural_households}).astype("float64")
    homes = homes.assign(nominal=nominal, wanted=household_grids_needed(homes["households"], nominal=nominal))
    own_points = demand.groupby("community").indices
    # stage 3: each divided by itself
    made = [
        _community(network, streets, row, homes, _Points(demand, snaps, own_points.get(code, _NOBODY)))
        for row, code in enumerate(homes["code"])
    ]
    return HouseholdGridProposal(
        grids=_layer([one.grids for one in made], _GRID_COLUMNS, inputs),
        points=_layer([one.points for one in made], _POINT_COLUMNS, inputs),
        communities=pd.DataFrame([one.summary for one in made], columns=list(_SUMMARY_COLUMNS)),
    )


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
        "even": apart <= max(SPREAD * mean, one_point) + 1e-6,
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


def _layer(
    tables: Sequence[gpd.GeoDataFrame | None], columns: Sequence[str], inputs: Inputs
) -> gpd.GeoDataFrame:
    """The layers of all communities as one; an empty one with the right columns where none was divided."""
    made = [table for table in tables if table is not None]
    if not made:
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=inputs.crs)
    return gpd.GeoDataFrame(concat_nonempty(made), geometry="geometry", crs=inputs.crs)
