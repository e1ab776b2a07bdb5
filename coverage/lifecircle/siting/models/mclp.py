"""Maximal covering location problem (MCLP; Church and ReVelle 1974)."""

from __future__ import annotations

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.reductions import group_identical_rows
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.problem import Floats, Ints, Problem, expand_rows
from lifecircle.siting.solvers.median import solve_median
from lifecircle.siting.task import LocationTask

__all__ = ["solve_mclp"]


def solve_mclp(task: LocationTask, budget: TimeBudget) -> Location:
    """The most people within reach of `new` further sites.

    With y_j 1 where site j is open, w_i the people of demand point i, z_i 1 where nobody reaches them and
    N_i the sites within the cutoff of i::

        minimise    sum_i w_i z_i
        subject to  sum_(j in N_i) y_j + z_i >= 1     every i
                    sum_(j free) y_j = new,  y_j = 1 where fixed,  y_j in {0, 1}

    That is the p-median form with cost 0 within the cutoff and w_i for the unserved.
    """
    start, site, people = _people_by_reach(task)
    problem = Problem(
        start, site, np.zeros(len(site)), people, fixed=task.fixed, free=task.free, new=task.new
    )
    solved = solve_median(problem, budget=budget)
    # Covered people are those reachable less those the model leaves unserved.
    flows = nearest_flows(task, solved.is_open)
    covered = float(flows[1].sum())
    reachable = float(people.sum())
    bound = covered if solved.bound == solved.value else min(reachable - solved.bound, reachable)
    return location_of(task, solved.is_open, flows, objective=covered, bound=max(bound, covered))


def _people_by_reach(task: LocationTask) -> tuple[Ints, Ints, Floats]:
    """Start, sites and people of each set of demand points within reach of the same sites."""
    # Demand points with the same sites within the cutoff are one row with all their people.
    costs = task.costs
    rows = task.inhabited[np.diff(costs.start)[task.inhabited] > 0]
    start, at = expand_rows(costs.start, rows)
    site = costs.site[at]
    group, first = group_identical_rows(start, site, np.zeros_like(site))
    people = np.bincount(group, weights=costs.people[rows], minlength=len(first)).astype(np.float64)
    start, site, _ = task.sorted_pairs(rows[first])
    return start, site, people
