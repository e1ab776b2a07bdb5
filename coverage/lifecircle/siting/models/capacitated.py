"""MCLP and p-median with capacity: no site serves more people than it has capacity for.

The formulation is that of `CapacitatedProblem`; people of one demand point may go to different sites.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from lifecircle.errors import Fault, InputError
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.location import Location, location_of
from lifecircle.siting.models.mclp import solve_mclp
from lifecircle.siting.problem import Flags, Floats, Problem
from lifecircle.siting.solvers.capacitated import solve_capacitated
from lifecircle.siting.solvers.capacitated_interchange import capacitated_interchange
from lifecircle.siting.solvers.capacitated_problem import Allocation, CapacitatedProblem, allocate
from lifecircle.siting.solvers.interchange import greedy_open, vertex_interchange
from lifecircle.siting.task import LocationTask

__all__ = ["solve_capacitated_mclp", "solve_capacitated_p_median"]

_UNCAPACITATED: Final = 1 / 6
"""Of the time of the capacitated MCLP, for the model without capacity, which bounds it."""
_SEARCH: Final = 4 / 5
"""Of what is then left, for the model itself; the rest shortens walks."""
_ROUNDING: Final = 1e-9
"""A share of all people within which sums are equal."""


def solve_capacitated_mclp(task: LocationTask, budget: TimeBudget) -> Location:
    """The most people within reach for whom there is capacity (Current and Storbeck 1988).

    Many sets of sites may serve as many people: sites are exchanged as long as that shortens their walks,
    and of all ways to allocate people to them one of least cost is given.
    """
    # With capacity for everybody no fewer would be served: a bound, and sites to start from.
    unlimited = solve_mclp(dataclasses.replace(task, capacity=None), budget.part(_UNCAPACITATED))
    start_from = task.costs.sites.isin(unlimited.sites)
    problem = _capacitated_problem(task, np.zeros(len(task.costs.site)), unserved=1.0)
    solved = solve_capacitated(problem, budget=budget.part(_SEARCH), start_from=start_from)
    best = solved if isinstance(solved, Allocation) else _nobody_served(task)
    # As many served, nearer: the bounds of capacity, reach and people hold for the number served.
    covered = task.total - best.value
    nearer = _shorter_walks(task, best, budget=budget)
    bound = min(task.total - best.bound, unlimited.bound, _most_capacity(task), task.total)
    pairs = np.arange(len(nearer.people))
    return location_of(
        task, nearer.is_open, (pairs, nearer.people), objective=covered, bound=max(covered, bound)
    )


def solve_capacitated_p_median(task: LocationTask, budget: TimeBudget) -> Location:
    """Everybody is served within capacity, and people times cost is least.

    Raises
    ------
    InputError
        If there is not enough capacity, with the number of people for whom it is missing.
    """
    if not np.isfinite(task.unserved):
        _require_capacity(task)
    problem = _capacitated_problem(task, task.costs.cost, unserved=task.unserved)
    solved = solve_capacitated(problem, budget=budget, start_from=_uncapacitated_sites(task, budget))
    if not isinstance(solved, Allocation):
        raise _no_capacity(task, budget, proven=solved == "infeasible")
    pairs = np.arange(len(solved.people))
    return location_of(
        task, solved.is_open, (pairs, solved.people), objective=solved.value, bound=solved.bound
    )


def _capacitated_problem(task: LocationTask, cost: Floats, *, unserved: float) -> CapacitatedProblem:
    """The task as a capacitated problem, at given costs per person of its pairs."""
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


def _shorter_walks(task: LocationTask, best: Allocation, *, budget: TimeBudget) -> Allocation:
    """As many people served by sites as near to them as exchanges bring about."""
    # Whoever is left out costs more than all the walks that serving somebody else instead could save.
    penalty = 1.0 + float(task.costs.cost.max(initial=0.0)) * (len(task.costs.sites) + 1)
    walked = _capacitated_problem(task, task.costs.cost, unserved=penalty)
    is_open, _ = capacitated_interchange(walked.merged()[0], best.is_open, budget=budget)
    for chosen in (is_open, best.is_open):
        allocation = allocate(walked, chosen)
        if allocation is not None and allocation.people.sum() >= best.people.sum() * (1.0 - _ROUNDING):
            return allocation
    return best


def _capacity(task: LocationTask) -> Floats:
    """Capacity of every site; a task that comes here has one."""
    return np.full(len(task.fixed), np.inf) if task.capacity is None else task.capacity


def _most_capacity(task: LocationTask) -> float:
    """Capacity of the fixed sites and of the largest that may open beside them."""
    capacity = _capacity(task)
    largest = np.sort(capacity[task.free])[::-1][: task.new]
    return float(capacity[task.fixed].sum() + largest.sum())


def _uncapacitated_sites(task: LocationTask, budget: TimeBudget) -> Flags:
    """Sites that would be good if their capacity were unlimited: somewhere to start."""
    rows = task.inhabited
    start, site, cost = task.sorted_pairs(rows)
    people = task.costs.people[rows]
    penalty = 1.0 + 2.0 * float(task.costs.cost.max(initial=0.0))
    problem = Problem(
        start, site, cost * np.repeat(people, np.diff(start)), people * penalty,
        fixed=task.fixed, free=task.free, new=task.new,
    )  # fmt: skip
    return vertex_interchange(problem, greedy_open(problem, budget=budget), budget=budget)


def _nobody_served(task: LocationTask) -> Allocation:
    """No site opened in time: nobody is served, which proves nothing."""
    return Allocation(task.fixed, np.zeros(len(task.costs.site)), task.total, -np.inf)


def _require_capacity(task: LocationTask) -> None:
    """The largest sites allowed have capacity for everybody."""
    capacity = _most_capacity(task)
    if capacity < task.total * (1.0 - _ROUNDING):
        values = {
            "room": f"{capacity:,.0f}",
            "people": f"{task.total:,.0f}",
            "missing": f"{task.total - capacity:,.0f}",
            "sites": int(task.fixed.sum()) + task.new,
        }
        raise InputError(Fault("site-no-room", field="capacity", values=values))


def _no_capacity(task: LocationTask, budget: TimeBudget, *, proven: bool) -> InputError:
    """The error of people for whom there is no capacity in reach: how many, with the best sites there are."""
    most = solve_capacitated_mclp(dataclasses.replace(task, model="mclp"), TimeBudget.of(budget.seconds))
    if most.served >= task.total * (1.0 - _ROUNDING) and not proven:
        return InputError(Fault("site-no-time", values={"seconds": f"{budget.seconds:g}"}))
    values = {
        "new": task.new,
        "served": f"{most.bound:,.0f}",
        "people": f"{task.total:,.0f}",
        "missing": f"{task.total - most.bound:,.0f}",
    }
    return InputError(Fault("site-no-room-in-reach", field="capacity", values=values))
