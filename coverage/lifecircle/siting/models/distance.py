"""Models of distance: least in all (p-median), least for the worst-off (p-centre)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.models.lscp import Cover
from lifecircle.siting.models.p_center import nearest_worst
from lifecircle.siting.models.p_median import solve
from lifecircle.siting.problem import Flags, Problem
from lifecircle.siting.task import Task, cover_of, too_few_sites

__all__ = ["solve_p_center", "solve_p_median"]


def solve_p_median(task: Task) -> Location:
    """P-median (Hakimi 1964): `new` further sites such that people times cost is least.

    Raises
    ------
    InputError
        If so few sites cannot reach everybody, and nobody may stay unserved.
    """
    rows = task.inhabited
    start, site, cost = task.lists(rows)
    people = task.costs.people[rows]
    unserved = people * task.unserved
    weighted = cost * np.repeat(people, np.diff(start))
    problem = Problem(start, site, weighted, unserved, fixed=task.fixed, free=task.free, new=task.new)
    solved = solve(problem, time_limit_s=task.time_limit_s)
    if not np.isfinite(solved.value):
        cover = cover_of(task)
        if cover.count > task.new + task.fixed.sum():
            raise too_few_sites(task, cover)
        filled = _filled(task, cover.is_open)
        solved = solve(problem, time_limit_s=task.time_limit_s, start_from=filled)
    flows = nearest_flows(task, solved.is_open, limit=task.unserved)
    return location_of(task, solved.is_open, flows, objective=solved.value, bound=solved.bound)


def solve_p_center(task: Task) -> Location:
    """P-centre (Hakimi 1964): `new` further sites such that the greatest cost of anybody is least.

    Somebody unserved counts as the penalty away. Points where nobody lives do not count.

    Raises
    ------
    InputError
        If so few sites cannot reach everybody, and nobody may stay unserved.
    """
    asked = _with_refuge(task) if np.isfinite(task.unserved) else task
    rows = asked.inhabited
    if not len(rows):
        return location_of(
            task, _filled(task, task.fixed), nearest_flows(task, task.fixed), objective=0.0, bound=0.0
        )
    start, site, cost = asked.lists(rows)
    total = int(asked.fixed.sum()) + asked.new
    found = nearest_worst(start, site, cost, fixed=asked.fixed, total=total, time_limit_s=task.time_limit_s)
    if isinstance(found, Cover):
        raise too_few_sites(task, found)
    is_open = _filled(task, found.is_open[: len(task.fixed)])
    flows = nearest_flows(task, is_open, limit=task.unserved)
    return location_of(task, is_open, flows, objective=found.value, bound=found.bound)


def _with_refuge(task: Task) -> Task:
    """The same with one more site, open anyhow, that everybody reaches at the cost of being unserved."""
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


def _filled(task: Task, is_open: Flags) -> Flags:
    """Further sites opened, in order, until there are as many as were asked for."""
    filled = is_open.copy()
    spare = np.flatnonzero(task.free & ~filled)
    filled[spare[: task.new - int((filled & task.free).sum())]] = True
    return filled
