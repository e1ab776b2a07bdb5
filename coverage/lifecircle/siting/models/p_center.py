"""P-center problem (Hakimi 1964), by bisection over set covers (Minieka 1970)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.models.lscp import too_few_sites
from lifecircle.siting.problem import Flags, Floats, Ints
from lifecircle.siting.solvers.set_cover import Cover, minimum_cover
from lifecircle.siting.task import LocationTask

__all__ = ["solve_p_center"]


def solve_p_center(task: LocationTask, budget: TimeBudget) -> Location:
    """`new` further sites such that the greatest cost of anybody is least.

    With d_ij the cost from demand point i to site j, x_ij 1 where j serves i and y_j 1 where a site is open::

        minimise    W
        subject to  sum_j d_ij x_ij <= W      every inhabited i
                    sum_j x_ij = 1            every inhabited i
                    x_ij <= y_j               every i, j
                    sum_(j free) y_j = new,  y_j = 1 where fixed,  x_ij, y_j in {0, 1}

    Somebody unserved counts as the penalty away. Points where nobody lives do not count.

    Raises
    ------
    InputError
        If so few sites cannot reach everybody, and nobody may stay unserved.
    """
    served = _with_unserved_site(task) if np.isfinite(task.unserved) else task
    rows = served.inhabited
    if not len(rows):
        is_open = task.opened_in_order(task.fixed)
        return location_of(task, is_open, nearest_flows(task, task.fixed), objective=0.0, bound=0.0)
    start, site, cost = served.sorted_pairs(rows)
    total = int(served.fixed.sum()) + served.new
    solved = _least_radius(start, site, cost, fixed=served.fixed, total=total, budget=budget)
    if isinstance(solved, Cover):
        raise too_few_sites(task, solved)
    is_open = task.opened_in_order(solved.is_open[: len(task.fixed)])
    flows = nearest_flows(task, is_open, limit=task.unserved)
    return location_of(task, is_open, flows, objective=solved.radius, bound=solved.bound)


@dataclass(frozen=True, eq=False)
class _Center:
    """Open sites, the greatest cost of any row, and what no set of as many sites undercuts."""

    is_open: Flags
    radius: float
    bound: float


def _least_radius(
    start: Ints, site: Ints, cost: Floats, *, fixed: Flags, total: int, budget: TimeBudget
) -> _Center | Cover:
    """Least greatest cost of any row with `total` sites open, those fixed among them.

    A radius can be kept with so many sites if and only if a minimum cover within it needs no more of them:
    the answer is the least of the costs that occur for which a cover is small enough.

    Returns
    -------
    _Center, or the Cover that shows that `total` sites do not reach every row at all
    """
    row = np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start))

    def cover_within(radius: float) -> Cover:
        """The fewest sites that keep a radius."""
        kept = cost <= radius
        counts = np.bincount(row[kept], minlength=len(start) - 1)
        begin = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return minimum_cover(begin, site[kept], fixed=fixed, budget=budget, enough=total)

    # No radius is below the cheapest site of the row whose cheapest is dearest.
    least = float(np.minimum.reduceat(cost, start[:-1]).max())
    radii = np.unique(cost[cost >= least])
    widest = cover_within(float(radii[-1]))
    if widest.count > total:
        return widest
    # Invariant: radii[high] is kept by `is_open`; no radius below `bound` can be kept.
    low, high = 0, len(radii) - 1
    is_open, bound = widest.is_open, float(radii[0])
    while low < high and not budget.expired:
        middle = (low + high) // 2
        cover = cover_within(float(radii[middle]))
        if cover.count <= total:
            high, is_open = middle, cover.is_open
        else:
            low = middle + 1
            # A cover that is not proven minimal says nothing about the radius.
            if cover.bound > total:
                bound = float(radii[low])
    return _Center(is_open, float(radii[high]), bound)


def _with_unserved_site(task: LocationTask) -> LocationTask:
    """The task with one more site, open anyhow, that everybody reaches at the cost of being unserved."""
    costs = task.costs
    end = costs.start[1:]
    grown = dataclasses.replace(
        costs,
        sites=pd.RangeIndex(len(costs.sites) + 1),
        start=costs.start + np.arange(len(costs.start)),
        site=np.insert(costs.site, end, len(costs.sites)),
        cost=np.insert(costs.cost, end, task.unserved),
    )
    return dataclasses.replace(
        task, costs=grown, fixed=np.append(task.fixed, True), free=np.append(task.free, False)
    )
