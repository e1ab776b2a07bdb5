"""What is best: most people in reach, least walking, most people served within capacity; each as a model."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.siting.locate import Model, solve
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.request import AssessedStudy, SitingRequest
from lifecircle.siting.task import LocationTask, read_task
from lifecircle.siting.walk_pairs import (
    WalkPairs,
    costs_with_existing,
    improving_walks,
    minutes_to_nearest,
    walks_within,
)
from lifecircle.tables import Costs

__all__ = ["EXISTING", "FARTHEST", "least_distance", "most_covered", "most_room", "offering_facilities"]

EXISTING: Final = "existing"


FARTHEST: Final = 4.0
"""Cutoffs beyond which walking farther is not told apart: people count as so far away."""


def _task(
    request: SitingRequest, costs: Costs, model: Model, new: int, *, cutoff: float | None, unserved: float
) -> LocationTask:
    """The model's task, the existing facilities and forced candidates open anyhow."""
    fixed = [EXISTING, *request.forced]
    return read_task(
        costs, model=model, new=new - len(request.forced), fixed=fixed, unserved=unserved, cutoff=cutoff
    )


def most_covered(request: SitingRequest, new: int, *, time_limit_s: float) -> Location:
    """The most people within the cutoff, existing facilities counted."""
    walks, _ = improving_walks(request, request.limit_min)
    costs = costs_with_existing(request, walks, request.limit_min, existing=EXISTING)
    task = _task(request, costs, "mclp", new, cutoff=request.limit_min, unserved=request.limit_min)
    return solve(task, seconds=time_limit_s)


def least_distance(request: SitingRequest, new: int, farthest_min: float, *, time_limit_s: float) -> Location:
    """The p-median of people who count as `farthest_min` away where they are farther.

    Where there are more walks than the solver takes, only the shorter ones are held. Whoever has none left
    counts as that near at least, so that the model's bound is one for all walks; the objective is measured
    with the walks to the chosen sites.
    """
    walks, held_min = improving_walks(request, farthest_min, may_shorten=True)
    costs = costs_with_existing(request, walks, held_min, existing=EXISTING)
    location = solve(
        _task(request, costs, "p-median", new, cutoff=None, unserved=held_min), seconds=time_limit_s
    )
    if held_min == farthest_min:
        return location
    # The true objective of those sites: everybody's walk to the nearest of old and new.
    opened = np.flatnonzero(request.places.index.isin(location.sites))
    minutes, site = minutes_to_nearest(request, opened)
    near = np.minimum(farthest_min, request.before.to_numpy(dtype=np.float64))
    better = np.flatnonzero(minutes < near)
    walks = WalkPairs(better, site[better], minutes[better])
    costs = costs_with_existing(request, walks, farthest_min, existing=EXISTING)
    task = _task(request, costs, "p-median", new, cutoff=None, unserved=farthest_min)
    # Site 0 is the existing facility: candidates stand one place further on.
    is_open = task.fixed.copy()
    is_open[opened + 1] = True
    objective = float((np.minimum(near, minutes) * request.people.to_numpy(dtype=np.float64)).sum())
    flows = nearest_flows(task, is_open, limit=farthest_min)
    return location_of(task, is_open, flows, objective=objective, bound=min(location.bound, objective))


def most_room(request: SitingRequest, new: int, *, capacity: float, time_limit_s: float) -> Location:
    """The most people who find a place, existing facilities filled as well as new ones."""
    inputs = request.assessed.inputs
    offering = offering_facilities(request.assessed, request.service)
    entries = inputs.entries[inputs.entries["facility"].isin(offering["facility"])]
    existing, names = pd.factorize(entries["facility"], sort=False)
    entered = request.network.snap(
        gpd.GeoSeries(entries.geometry),
        max_snap_m=request.assessed.study.assumptions.max_snap_m,
        anywhere=True,
    )
    # Existing facilities stand before the candidates; the nearest of several entries counts.
    old = walks_within(request, entered, request.limit_min)
    near = walks_within(request, request.targets, request.limit_min)
    row = np.concatenate([old.row, near.row])
    site = np.concatenate([existing[old.site], near.site + len(names)])
    minutes = np.concatenate([old.minutes, near.minutes])
    order = np.lexsort((minutes, site, row))
    row, site, minutes = row[order], site[order], minutes[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (site[1:] != site[:-1])
    start = np.concatenate(([0], np.cumsum(np.bincount(row[first], minlength=len(request.people)))))
    costs = Costs(
        demand=request.people.index,
        sites=pd.Index([*names, *request.places.index], dtype=object),
        start=start.astype(np.int64),
        site=site[first],
        cost=minutes[first],
        people=request.people.to_numpy(dtype=np.float64),
    )
    fixed = [*names, *request.forced]
    new_sites = new - len(request.forced)
    task = read_task(
        costs,
        model="mclp",
        new=new_sites,
        fixed=fixed,
        unserved="error",
        capacity=capacity,
        cutoff=request.limit_min,
    )
    return solve(task, seconds=time_limit_s)


def offering_facilities(assessed: AssessedStudy, service: str) -> gpd.GeoDataFrame:
    """Facilities open to the public that offer a service."""
    table = assessed.inputs.facilities
    return table[table["public"] & (table["service"] == service)]
