"""A Lagrangean bound for p-median and covering, and what it proves about single sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.interchange import served_cost
from lifecircle.siting.kernels.volume import LagrangeanProblem
from lifecircle.siting.problem import Choice, Flags, Floats, Problem
from lifecircle.siting.solvers.milp import PROVEN
from lifecircle.siting.solvers.volume import Prices, raise_bound

__all__ = ["Relaxation", "relax"]

_ABOVE: Final = 1.0001
"""First prices lie a little above what rows pay now, so that their nearest sites earn something."""


@dataclass(frozen=True, eq=False)
class Relaxation(Prices):
    """A bound on a problem, and the prices it comes from."""

    def decided(self, problem: Choice, limit: float) -> tuple[Flags, Flags]:
        """Sites that are open, and sites that are closed, in every set that costs less than `limit`.

        Reduced-cost fixing: exchanging a chosen site for the best of the others, or another one for the
        worst of the chosen, raises the bound by the difference of their reduced costs.
        """
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


def relax(problem: Problem, is_open: Flags, *, budget: TimeBudget, begin: Floats | None = None) -> Relaxation:
    """Raise the Lagrangean bound of a problem.

    Parameters
    ----------
    problem
        The problem.
    is_open
        A feasible set of sites; its costs are the first prices.
    budget
        When to stop.
    begin
        Prices to begin with instead.
    """
    start, site, cost = problem.start, problem.site, problem.cost
    most = problem.penalty
    value = problem.value(is_open)
    price = (
        np.minimum(served_cost(start, site, cost, most, is_open) * _ABOVE, most) if begin is None else begin
    )
    # No price below the cheapest pair (nobody would serve the row) nor above the penalty can be optimal.
    cheapest = np.where(np.diff(start) > 0, np.append(cost, 0.0)[start[:-1]], most)
    relaxed = LagrangeanProblem(
        start=start, site=site, cost=cost, least=np.minimum(cheapest, most), most=most, opening=0.0,
        fixed=problem.fixed, free=np.flatnonzero(problem.free), new=problem.new,
    )  # fmt: skip
    enough = value - PROVEN * abs(value)
    prices = raise_bound(relaxed, price, upper=value, budget=budget, enough=enough)
    return Relaxation(prices.bound, prices.price, prices.reduced, prices.chosen, prices.share)
