"""The Lagrangean bound where room is limited: prices for being served, each site filled by who gains most.

As strong as the linear relaxation in which nobody goes to a site by a larger share than it is open
(Cornuejols, Sridharan and Thizy 1991), without its size.
"""

from __future__ import annotations

import numpy as np

from lifecircle.siting.kernels.allocation import room_prices, two_best
from lifecircle.siting.problem import Flags
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem
from lifecircle.siting.solvers.lagrangean import Relaxation
from lifecircle.siting.solvers.milp import PROVEN
from lifecircle.siting.solvers.volume import Asked, raise_bound

__all__ = ["capacitated_relaxation"]


def capacitated_relaxation(
    problem: CapacitatedProblem, is_open: Flags, value: float, *, deadline: float
) -> Relaxation:
    """Raise the bound from the prices that a good set of sites suggests.

    Parameters
    ----------
    problem
        What is asked.
    is_open, value
        A set of sites, and what it costs.
    deadline
        `time.monotonic` at which to stop.
    """
    now, people, start = problem.shares(is_open), problem.people, problem.start
    most = people * problem.penalty
    cheapest = np.minimum.reduceat(problem.cost, start[:-1]) if len(people) else people
    asked = Asked(
        start=start, site=problem.site, cost=problem.cost * people[problem.row],
        least=np.minimum(cheapest * people, most), most=most, opening=0.0,
        fixed=problem.fixed, free=np.flatnonzero(problem.free), new=problem.new, limits=problem.limits,
    )  # fmt: skip
    price = two_best(now, room_prices(now))[1] * people
    found = raise_bound(asked, price, upper=value, deadline=deadline, enough=value - PROVEN * abs(value))
    return Relaxation(found.bound, found.price, found.reduced, found.chosen, found.share)
