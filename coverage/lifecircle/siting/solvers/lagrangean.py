"""A Lagrangean bound for p-median and covering, and what it proves about single sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lifecircle.siting.kernels.interchange import served_cost
from lifecircle.siting.problem import Choice, Flags, Floats, Problem
from lifecircle.siting.solvers.milp import PROVEN
from lifecircle.siting.solvers.volume import Asked, Prices, raise_bound

__all__ = ["Relaxation", "relax"]


@dataclass(frozen=True, eq=False)
class Relaxation(Prices):
    """A bound on a problem, and the prices it comes from."""

    def decided(self, problem: Choice, limit: float) -> tuple[Flags, Flags]:
        """Sites that are open, and sites that are closed, in every set that costs less than `limit`."""
        inside = np.flatnonzero(problem.free & self.chosen)
        outside = np.flatnonzero(problem.free & ~self.chosen)
        must, never = problem.fixed.copy(), ~(problem.free | problem.fixed)
        if len(inside) and len(outside):
            must[inside] = self.bound - self.reduced[inside] + self.reduced[outside].min() > limit
            never[outside] = self.bound + self.reduced[outside] - self.reduced[inside].max() > limit
        else:
            must[inside], never[outside] = True, True
        return must, never

    def suggested(self, problem: Choice) -> Flags:
        """The sites of which the relaxed solution opens most, as many as are asked for."""
        is_open = problem.fixed.copy()
        free = np.flatnonzero(problem.free)
        is_open[free[np.lexsort((self.reduced[free], -self.share[free]))[: problem.new]]] = True
        return is_open


def relax(problem: Problem, is_open: Flags, *, deadline: float, begin: Floats | None = None) -> Relaxation:
    """Raise the bound from some prices, or from those that a good set of sites suggests.

    Parameters
    ----------
    problem
        What is asked.
    is_open
        A feasible set of sites.
    deadline
        `time.monotonic` at which to stop.
    begin
        Prices to begin with.
    """
    start, site, cost = problem.start, problem.site, problem.cost
    most = problem.finite_unserved
    value = problem.value(is_open)
    price = (
        np.minimum(served_cost(start, site, cost, most, is_open) * 1.0001, most) if begin is None else begin
    )
    cheapest = np.where(np.diff(start) > 0, np.append(cost, 0.0)[start[:-1]], most)
    asked = Asked(
        start=start, site=site, cost=cost, least=np.minimum(cheapest, most), most=most, opening=0.0,
        fixed=problem.fixed, free=np.flatnonzero(problem.free), new=problem.new,
    )  # fmt: skip
    enough = value - PROVEN * abs(value)
    found = raise_bound(asked, price, upper=value, deadline=deadline, enough=enough)
    return Relaxation(found.bound, found.price, found.reduced, found.chosen, found.share)
