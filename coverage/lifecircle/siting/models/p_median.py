"""P-median problem (Hakimi 1964; ReVelle and Swain 1970)."""

from __future__ import annotations

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.models.lscp import cover_of_task, too_few_sites
from lifecircle.siting.problem import Problem
from lifecircle.siting.solvers.median import solve_median
from lifecircle.siting.task import LocationTask

__all__ = ["solve_p_median"]


def solve_p_median(task: LocationTask, budget: TimeBudget) -> Location:
    """`new` further sites such that people times cost is least.

    With w_i people at demand point i, d_ij the cost from there to site j, u the cost of a person who is not
    served, x_ij the share of i served by j, z_i the share unserved and y_j 1 where a site is open::

        minimise    sum_ij w_i d_ij x_ij + sum_i w_i u z_i
        subject to  sum_j x_ij + z_i = 1      every i
                    x_ij <= y_j               every i, j
                    sum_(j free) y_j = new,  y_j = 1 where fixed,  y_j in {0, 1}

    Raises
    ------
    InputError
        If so few sites cannot reach everybody, and nobody may stay unserved.
    """
    # Costs of whole rows: people times cost.
    rows = task.inhabited
    start, site, cost = task.sorted_pairs(rows)
    people = task.costs.people[rows]
    weighted = cost * np.repeat(people, np.diff(start))
    unserved = people * task.unserved
    problem = Problem(start, site, weighted, unserved, fixed=task.fixed, free=task.free, new=task.new)
    solved = solve_median(problem, budget=budget)
    if not np.isfinite(solved.value):
        # Greedy leaves somebody unserved: begin from a cover, or prove that there is none so small.
        cover = cover_of_task(task, budget)
        if cover.count > task.new + task.fixed.sum():
            raise too_few_sites(task, cover)
        solved = solve_median(problem, budget=budget, start_from=task.opened_in_order(cover.is_open))
    flows = nearest_flows(task, solved.is_open, limit=task.unserved)
    return location_of(task, solved.is_open, flows, objective=solved.value, bound=solved.bound)
