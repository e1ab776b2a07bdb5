"""Location set covering problem (LSCP; Toregas, Swain, ReVelle and Bergman 1971)."""

from __future__ import annotations

import numpy as np

from lifecircle.errors import Fault, InputError
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.solvers.set_cover import Cover, minimum_cover
from lifecircle.siting.task import LocationTask

__all__ = ["cover_of_task", "solve_lscp", "too_few_sites"]


def solve_lscp(task: LocationTask, budget: TimeBudget) -> Location:
    """The fewest sites within reach of everybody who can be reached.

    With y_j 1 where site j is open and N_i the sites within the cutoff of demand point i::

        minimise    sum_j y_j
        subject to  sum_(j in N_i) y_j >= 1     every inhabited i with a site in reach
                    y_j = 1 where fixed,  y_j in {0, 1}
    """
    cover = cover_of_task(task, budget)
    flows = nearest_flows(task, cover.is_open)
    return location_of(task, cover.is_open, flows, objective=float(cover.count), bound=float(cover.bound))


def cover_of_task(task: LocationTask, budget: TimeBudget) -> Cover:
    """The fewest sites that reach everybody who can be reached."""
    rows = task.inhabited[np.diff(task.costs.start)[task.inhabited] > 0]
    start, site, _ = task.sorted_pairs(rows)
    return minimum_cover(start, site, fixed=task.fixed, budget=budget)


def too_few_sites(task: LocationTask, cover: Cover) -> InputError:
    """The error of a number of sites that cannot reach everybody, with the number that is needed."""
    existing = int(task.fixed.sum())
    values = {
        "new": task.new,
        "needed": max(cover.bound, existing + task.new + 1) - existing,
        "enough": cover.count - existing,
    }
    key = "site-too-few" if cover.bound > existing + task.new else "site-too-few-found"
    return InputError(Fault(key, field="new", values=values))
