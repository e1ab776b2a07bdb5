"""Communities that stay together: each to one station or to none, a generalised assignment problem."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from lifecircle.siting.problem import Floats, Ints
from lifecircle.siting.solvers.milp import Rows, minimise
from lifecircle.tables import Costs

__all__ = ["share_out_whole"]


def share_out_whole(
    costs: Costs, room: Floats, community: pd.Series, *, time_limit_s: float
) -> tuple[Ints, Floats, float]:
    """Serve the most people, then at least cost, whole communities at a time.

    Parameters
    ----------
    costs
        Pairs within the cutoff.
    room
        People per site at most.
    community
        Community of each row.
    time_limit_s
        For both steps.

    Returns
    -------
    pair, people, bound
        Pairs that serve, people on each, and the most people that any way to do it serves.
    """
    deadline = time.monotonic() + time_limit_s
    codes, names = pd.factorize(community, use_na_sentinel=False)
    members = np.bincount(codes[costs.people > 0], minlength=len(names))
    people = np.bincount(codes, weights=costs.people, minlength=len(names)).astype(np.float64)
    lived = np.flatnonzero(costs.people[costs.row] > 0)
    key = codes[costs.row[lived]] * len(room) + costs.site[lived]
    found, group, count = np.unique(key, return_inverse=True, return_counts=True)
    spent = np.bincount(
        group, weights=costs.people[costs.row[lived]] * costs.cost[lived], minlength=len(found)
    )
    owner, site = found // len(room), found % len(room)
    able = (count == members[owner]) & (people[owner] <= room[site])
    owner, site, spent = owner[able], site[able], spent[able]
    rows = Rows()
    option = np.arange(len(owner))
    rows.add(len(names), (owner, option, 1.0), high=1.0)
    rows.add(len(room), (site, option, people[owner]), high=room)
    integer = np.ones(len(owner), dtype=bool)
    left_s = (deadline - time.monotonic()) / 2
    most = minimise(-people[owner], rows, integer=integer, upper=1.0, time_limit_s=left_s)
    bound = min(0.0 - most.bound, float(people.sum()))
    taken = np.zeros(len(owner), dtype=bool) if most.x is None else most.x > 0.5
    if taken.any():
        served = float(people[owner[taken]].sum())
        rows.add(1, (np.zeros(len(owner), np.int64), option, people[owner] / served), low=1.0 - 1e-9)
        left_s = deadline - time.monotonic()
        cheapest = minimise(spent, rows, integer=integer, upper=1.0, time_limit_s=left_s)
        taken = taken if cheapest.x is None else cheapest.x > 0.5
    station = np.full(len(names), -1, dtype=np.int64)
    station[owner[taken]] = site[taken]
    pair = np.flatnonzero(station[codes[costs.row]] == costs.site)
    pair = pair[costs.people[costs.row[pair]] > 0]
    shares = costs.people[costs.row[pair]]
    return pair, shares, max(bound, float(shares.sum()))
