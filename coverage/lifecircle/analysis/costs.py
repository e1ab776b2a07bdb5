"""What a scenario costs, and what that is for everybody whom it brings into reach."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.assessment import cutoff_minutes
from lifecircle.errors import Fault, Faults
from lifecircle.measures import at_most
from lifecircle.plans import Plan
from lifecircle.services import catalogue, nearest
from lifecircle.study import Assumptions, Study
from lifecircle.study.sections import Costs
from lifecircle.tables import TravelTimes

__all__ = ["ScenarioCost", "check_costs", "people_reached", "scenario_cost"]


class ScenarioCost(NamedTuple):
    """What a scenario costs, in the currency of the study; NaN where `unknown` names anything.

    Attributes
    ----------
    cost : facilities added or moved and streets opened
    unknown : services, and ``street``, that the study gives no cost of
    """

    cost: float
    unknown: tuple[str, ...]


def check_costs(study: Study, faults: Faults) -> None:
    """Add a fault for every service that costs are given of and the catalogue lacks."""
    for name in study.costs.facilities:
        if name not in catalogue():
            values = {"found": name, "nearest": nearest(name, catalogue())}
            faults.add(
                Fault("unknown-service", file=str(study.path or ""), field="costs.facilities", values=values)
            )


def scenario_cost(costs: Costs, sites: gpd.GeoDataFrame, *, opened_m: float) -> ScenarioCost:
    """Add up what a scenario builds.

    Parameters
    ----------
    costs
        Of the study.
    sites
        `tables.SCENARIO_SITES` of the scenario. A facility of several services costs what they cost
        together; one that moves is built anew; closing costs nothing.
    opened_m
        Length of the streets it opens, metres.

    Examples
    --------
    >>> import geopandas as gpd
    >>> built = gpd.GeoDataFrame({"change": ["added", "closed"], "service": ["pharmacy", "library"]})
    >>> scenario_cost(Costs(facilities={"pharmacy": 200_000}), built, opened_m=0.0)
    ScenarioCost(cost=200000.0, unknown=())
    """
    # facilities by service: several services of one facility stand side by side
    built = sites.loc[sites["change"].isin(["added", "moved"]), "service"]
    services = [name for names in built for name in str(names).split("; ")]
    unknown = dict.fromkeys(name for name in services if name not in costs.facilities)
    total = sum(costs.facilities.get(name, 0.0) for name in services)
    # streets by the metre
    if opened_m > 0:
        if costs.street_m is None:
            unknown["street"] = None
        total += opened_m * (costs.street_m or 0.0)
    return ScenarioCost(math.nan if unknown else float(total), tuple(unknown))


def people_reached(
    before: TravelTimes,
    after: TravelTimes,
    services: Collection[str],
    residents: pd.Series,
    *,
    plans: Sequence[Plan],
    assumptions: Assumptions,
) -> float:
    """Residents who come into reach of at least one service that they could not reach before.

    Parameters
    ----------
    before, after
        Walks of the same demand points.
    services
        Those that the scenario changes.
    residents
        Residents of every demand point, in the order of the walks; points that are not counted have 0.
        NaN where nobody knows how many live there.
    plans, assumptions
        Within how many minutes a service is in reach (`assessment.cutoff_minutes`).
    """
    fresh = np.zeros(len(residents), dtype=bool)
    for name in sorted(set(services) & set(before.minutes.columns) & set(after.minutes.columns)):
        limit = cutoff_minutes(name, plans, assumptions)
        was, now = (at_most(walks.minutes[name].to_numpy(), limit) for walks in (before, after))
        fresh |= now & ~was
    # without anybody newly in reach nobody is, whether or not residents are known
    return float(residents.to_numpy(float)[fresh].sum())
