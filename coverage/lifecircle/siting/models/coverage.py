"""Models of coverage: the fewest sites for everybody (lscp), the most people for so many sites (mclp)."""

from __future__ import annotations

import numpy as np

from lifecircle.siting.kernels.interchange import same_lists
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.models.p_median import solve
from lifecircle.siting.problem import Floats, Ints, Problem
from lifecircle.siting.task import Task, cover_of

__all__ = ["solve_lscp", "solve_mclp"]


def solve_lscp(task: Task) -> Location:
    """Location set covering: the fewest sites within reach of everybody who can be reached."""
    cover = cover_of(task)
    flows = nearest_flows(task, cover.is_open)
    return location_of(task, cover.is_open, flows, objective=float(cover.count), bound=float(cover.bound))


def solve_mclp(task: Task) -> Location:
    """Maximal covering (Church and ReVelle 1974): the most people within reach of `new` further sites."""
    start, site, people = _groups(task)
    problem = Problem(
        start, site, np.zeros(len(site)), people, fixed=task.fixed, free=task.free, new=task.new
    )
    solved = solve(problem, time_limit_s=task.time_limit_s)
    flows = nearest_flows(task, solved.is_open)
    covered = float(flows[1].sum())
    reachable = float(people.sum())
    bound = covered if solved.bound == solved.value else min(reachable - solved.bound, reachable)
    return location_of(task, solved.is_open, flows, objective=covered, bound=max(bound, covered))


def _groups(task: Task) -> tuple[Ints, Ints, Floats]:
    """People who are within reach of the same sites, together: start, site and people of each group."""
    costs = task.costs
    rows = task.inhabited[np.diff(costs.start)[task.inhabited] > 0]
    counts = np.diff(costs.start)[rows]
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    site = costs.site[np.repeat(costs.start[rows] - start[:-1], counts) + np.arange(start[-1])]
    group, first = same_lists(start, site, np.zeros_like(site))
    people = np.bincount(group, weights=costs.people[rows], minlength=len(first)).astype(np.float64)
    start, site, _ = task.lists(rows[first])
    return start, site, people
