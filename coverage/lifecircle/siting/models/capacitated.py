"""Models with capacity: the most people, or the least cost, when no site may take more than it holds."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from lifecircle.errors import Fault, InputError
from lifecircle.siting.location import Location, location_of
from lifecircle.siting.models.coverage import solve_mclp
from lifecircle.siting.problem import Flags, Floats, Problem
from lifecircle.siting.solvers.capacitated import best_rooms
from lifecircle.siting.solvers.capacitated_interchange import improved_with_room
from lifecircle.siting.solvers.capacitated_problem import Allocation, CapacitatedProblem, allocate
from lifecircle.siting.solvers.interchange import greedy_open, vertex_interchange
from lifecircle.siting.task import Task

__all__ = ["cover_most_with_room", "least_cost_with_room"]


def cover_most_with_room(task: Task) -> Location:
    """Capacitated maximal covering: the most people within reach who find room.

    Many sets of sites may serve as many people: sites are exchanged as long as that shortens their walks,
    and of all ways to share them out one of least cost is given.
    """
    began = time.monotonic()
    # With room for everybody no fewer would be served: a bound, and sites to start from.
    roomy = solve_mclp(dataclasses.replace(task, capacity=None, time_limit_s=task.time_limit_s / 6))
    start_from = task.costs.sites.isin(roomy.sites)
    problem = _rooms(task, np.zeros(len(task.costs.site)), unserved=1.0)
    found = best_rooms(problem, time_limit_s=task.time_limit_s * 2 / 3, start_from=start_from)
    best = found if isinstance(found, Allocation) else _nobody(task)
    covered = task.total - best.value
    shared = _nearer(task, best, deadline=began + task.time_limit_s)
    room = float(
        _capacity(task)[task.fixed].sum() + np.sort(_capacity(task)[task.free])[::-1][: task.new].sum()
    )
    bound = min(task.total - best.bound, roomy.bound, room, task.total)
    pairs = np.arange(len(shared.people))
    return location_of(
        task,
        shared.is_open,
        (pairs, shared.people),
        objective=covered,
        bound=max(covered, bound),
    )


def least_cost_with_room(task: Task) -> Location:
    """Capacitated p-median: everybody finds room, and people times cost is least.

    Raises
    ------
    InputError
        If there is not enough room, saying how much is missing.
    """
    if not np.isfinite(task.unserved):
        _require_room(task)
    problem = _rooms(task, task.costs.cost, unserved=task.unserved)
    found = best_rooms(problem, time_limit_s=task.time_limit_s, start_from=_uncapacitated(task))
    if not isinstance(found, Allocation):
        raise _no_room(task, proven=found == "infeasible")
    pairs = np.arange(len(found.people))
    return location_of(task, found.is_open, (pairs, found.people), objective=found.value, bound=found.bound)


def _rooms(task: Task, cost: Floats, *, unserved: float) -> CapacitatedProblem:
    """The task as a capacitated problem."""
    costs = task.costs
    return CapacitatedProblem(
        row=costs.row,
        site=costs.site,
        cost=cost,
        people=costs.people,
        capacity=_capacity(task),
        fixed=task.fixed,
        free=task.free,
        new=task.new,
        unserved=unserved,
    )


def _nearer(task: Task, best: Allocation, *, deadline: float) -> Allocation:
    """As many people served by sites as near to them as exchanges find."""
    # Whoever is left out costs more than all the walks that serving somebody else instead could save.
    dear = 1.0 + float(task.costs.cost.max(initial=0.0)) * (len(task.costs.sites) + 1)
    walked = _rooms(task, task.costs.cost, unserved=dear)
    is_open, _ = improved_with_room(walked.merged()[0], best.is_open, deadline=deadline)
    for chosen in (is_open, best.is_open):
        shared = allocate(walked, chosen)
        if shared is not None and shared.people.sum() >= best.people.sum() * (1.0 - 1e-9):
            return shared
    return best


def _capacity(task: Task) -> Floats:
    """Capacity of every site; a task that comes here has one."""
    return np.full(len(task.fixed), np.inf) if task.capacity is None else task.capacity


def _uncapacitated(task: Task) -> Flags:
    """Sites that would be best if they held everybody: somewhere to start."""
    rows = task.inhabited
    start, site, cost = task.lists(rows)
    people = task.costs.people[rows]
    dear = 1.0 + 2.0 * float(task.costs.cost.max(initial=0.0))
    problem = Problem(
        start, site, cost * np.repeat(people, np.diff(start)), people * dear,
        fixed=task.fixed, free=task.free, new=task.new,
    )  # fmt: skip
    return vertex_interchange(problem, greedy_open(problem))


def _nobody(task: Task) -> Allocation:
    """No site opened in time: nobody is served, which proves nothing."""
    return Allocation(task.fixed, np.zeros(len(task.costs.site)), task.total, -np.inf)


def _require_room(task: Task) -> None:
    """The largest sites allowed hold everybody."""
    capacity = _capacity(task)
    largest = np.sort(capacity[task.free])[::-1][: task.new]
    room = float(capacity[task.fixed].sum() + largest.sum())
    if room < task.total * (1.0 - 1e-9):
        values = {
            "room": f"{room:,.0f}",
            "people": f"{task.total:,.0f}",
            "missing": f"{task.total - room:,.0f}",
            "sites": int(task.fixed.sum()) + task.new,
        }
        raise InputError(Fault("site-no-room", field="capacity", values=values))


def _no_room(task: Task, *, proven: bool) -> InputError:
    """The error of people who do not find room: how many, with the best sites there are."""
    most = cover_most_with_room(dataclasses.replace(task, model="mclp"))
    if most.served >= task.total * (1.0 - 1e-9) and not proven:
        return InputError(Fault("site-no-time", values={"seconds": f"{task.time_limit_s:g}"}))
    values = {
        "new": task.new,
        "served": f"{most.bound:,.0f}",
        "people": f"{task.total:,.0f}",
        "missing": f"{task.total - most.bound:,.0f}",
    }
    return InputError(Fault("site-no-room-in-reach", field="capacity", values=values))
