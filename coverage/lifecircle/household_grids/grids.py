"""Household grids: communities divided along their streets into grids of much the same size.

A grid is a set of demand points next to each other along the streets of one community (琼府办〔2022〕, 第三章
第四节（五）: about 500 households in towns, about 300 in the country, 1-3 full-time workers each).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault, InputError
from lifecircle.household_grids.community import NOBODY, CommunityPoints, divide_community
from lifecircle.household_grids.neighbours import StreetsOf
from lifecircle.measures import household_grids_needed
from lifecircle.network import Network, build_network
from lifecircle.plans import services_of
from lifecircle.sources import read_inputs
from lifecircle.study import Study
from lifecircle.tables import Inputs, concat_nonempty

__all__ = ["HouseholdGridProposal", "household_grids", "propose_household_grids"]


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
    with services_of(study):
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
    snaps = network.snap(demand.geometry, max_snap_m=max_snap_m, anywhere=True)
    streets = StreetsOf(network, homes)
    # stage 2: how many grids each is to have
    nominal = homes["scope"].map({"urban": urban_households, "rural": rural_households}).astype("float64")
    homes = homes.assign(nominal=nominal, wanted=household_grids_needed(homes["households"], nominal=nominal))
    own_points = demand.groupby("community").indices
    # stage 3: each divided by itself
    made = [
        divide_community(
            network, streets, row, homes, CommunityPoints(demand, snaps, own_points.get(code, NOBODY))
        )
        for row, code in enumerate(homes["code"])
    ]
    return HouseholdGridProposal(
        grids=_layer([one.grids for one in made], _GRID_COLUMNS, inputs),
        points=_layer([one.points for one in made], _POINT_COLUMNS, inputs),
        communities=pd.DataFrame([one.summary for one in made], columns=list(_SUMMARY_COLUMNS)),
    )


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


def _layer(
    tables: Sequence[gpd.GeoDataFrame | None], columns: Sequence[str], inputs: Inputs
) -> gpd.GeoDataFrame:
    """The layers of all communities as one; an empty one with the right columns where none was divided."""
    made = [table for table in tables if table is not None]
    if not made:
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=inputs.crs)
    return gpd.GeoDataFrame(concat_nonempty(made), geometry="geometry", crs=inputs.crs)
