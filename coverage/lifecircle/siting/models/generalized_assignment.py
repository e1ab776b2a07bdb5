"""Generalised assignment problem (Ross and Soland 1975): whole communities to stations with capacity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.problem import Floats, Ints
from lifecircle.siting.solvers.milp import Rows, is_one, minimise
from lifecircle.tables import Costs

__all__ = ["assign_whole_communities"]


def assign_whole_communities(
    costs: Costs, capacity: Floats, community: pd.Series, *, budget: TimeBudget
) -> tuple[Ints, Floats, float]:
    """Serve the most people, then at least cost, every community by one station or by none.

    With w_c people of community c, d_cs the cost of bringing them all to station s, x_cs 1 where it goes
    there::

        maximise    sum_cs w_c x_cs           then minimise sum_cs d_cs x_cs at that number
        subject to  sum_s x_cs <= 1                   every community c
                    sum_c w_c x_cs <= capacity_s      every station s
                    x_cs in {0, 1}, 0 where s is not within the cutoff of all inhabited points of c

    Parameters
    ----------
    costs
        Pairs within the cutoff.
    capacity
        People per station at most.
    community
        Community of each row.
    budget
        For both steps.

    Returns
    -------
    pair, people, bound
        Pairs that serve, people on each, and the most people that any assignment serves.
    """
    # People and inhabited points of each community.
    codes, names = pd.factorize(community, use_na_sentinel=False)
    members = np.bincount(codes[costs.people > 0], minlength=len(names))
    people = np.bincount(codes, weights=costs.people, minlength=len(names)).astype(np.float64)
    # Options: a community and a station that all its inhabited points reach and that holds it.
    inhabited = np.flatnonzero(costs.people[costs.row] > 0)
    key = codes[costs.row[inhabited]] * len(capacity) + costs.site[inhabited]
    option_key, group, count = np.unique(key, return_inverse=True, return_counts=True)
    spent = np.bincount(
        group, weights=costs.people[costs.row[inhabited]] * costs.cost[inhabited], minlength=len(option_key)
    )
    owner, site = option_key // len(capacity), option_key % len(capacity)
    able = (count == members[owner]) & (people[owner] <= capacity[site])
    owner, site, spent = owner[able], site[able], spent[able]
    # First the most people, then the least cost that serves as many.
    rows = Rows()
    option = np.arange(len(owner))
    rows.add(len(names), (owner, option, 1.0), high=1.0)
    rows.add(len(capacity), (site, option, people[owner]), high=capacity)
    integer = np.ones(len(owner), dtype=bool)
    left_s = budget.left_s / 2
    most = minimise(-people[owner], rows, integer=integer, upper=1.0, time_limit_s=left_s)
    bound = min(0.0 - most.bound, float(people.sum()))
    taken = np.zeros(len(owner), dtype=bool) if most.x is None else is_one(most.x)
    if taken.any():
        served = float(people[owner[taken]].sum())
        rows.add(1, (np.zeros(len(owner), np.int64), option, people[owner] / served), low=1.0 - 1e-9)
        left_s = budget.left_s
        cheapest = minimise(spent, rows, integer=integer, upper=1.0, time_limit_s=left_s)
        taken = taken if cheapest.x is None else is_one(cheapest.x)
    # Back to pairs of demand point and station.
    station = np.full(len(names), -1, dtype=np.int64)
    station[owner[taken]] = site[taken]
    pair = np.flatnonzero(station[codes[costs.row]] == costs.site)
    pair = pair[costs.people[costs.row[pair]] > 0]
    shares = costs.people[costs.row[pair]]
    return pair, shares, max(bound, float(shares.sum()))
