"""Lagrangean bounds: prices raised by the volume algorithm, and what they prove about single sites.

Every row pays a price to be served and every site earns what its rows' prices exceed their costs: whatever
the prices, no set of sites costs less than all prices together less what the best sites earn (Cornuejols,
Fisher and Nemhauser 1977). The volume algorithm (Barahona and Anbil 2000) moves prices along an average of
the subgradients; the average of the solutions, by the same weights, comes near the solution of the linear
relaxation, of which the bound is the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.interchange import served_cost
from lifecircle.siting.kernels.volume import (
    LagrangeanProblem,
    first_state,
    new_subproblem,
    solve_subproblem,
    volume_rounds,
)
from lifecircle.siting.problem import Choice, Flags, Floats, Problem
from lifecircle.siting.solvers.milp import PROVEN

__all__ = ["Prices", "Relaxation", "raise_bound", "relax"]

_BLOCK: Final = 50
"""Iterations between looks at the clock."""
_BLOCKS: Final = 60
_STALLED: Final = 8
"""Blocks over which the bound must come nearer, by a share of what is left."""
_NEARER: Final = 0.005
"""Share of the gap that those blocks must close; below it the bound has stalled."""
_ABOVE: Final = 1.0001
"""First prices lie a little above what rows pay now, so that their nearest sites earn something."""


@dataclass(frozen=True, eq=False)
class Prices:
    """The best prices and what they say.

    Attributes
    ----------
    bound : no set of sites costs less
    price : per row
    reduced : per site, what opening it adds to the bound's problem
    chosen : per site, whether the bound's problem opens it
    share : per site, how much of it the relaxed solution opens, 0 to 1
    """

    bound: float
    price: Floats
    reduced: Floats
    chosen: Flags
    share: Floats


def raise_bound(
    problem: LagrangeanProblem, price: Floats, *, upper: float, budget: TimeBudget, enough: float
) -> Prices:
    """Raise the Lagrangean bound from given prices.

    Parameters
    ----------
    problem
        The problem.
    price
        Prices to begin with.
    upper
        Cost of the best set known.
    budget
        When to stop.
    enough
        Stop at a bound of so much.
    """
    # The bound at the first prices.
    price, sites = np.clip(price, problem.least, problem.most), len(problem.fixed)
    solution = new_subproblem(sites, len(price))
    bounds = [solve_subproblem(problem, price, solution)]
    # The averages begin at the first subproblem's solution.
    mean_slope, mean_open = solution.slope.copy(), solution.chosen.astype(np.float64)
    state = first_state(bounds[0])
    # Blocks of iterations until the bound is enough, has stalled, or time is up.
    for _ in range(_BLOCKS):
        before = bounds[-1 - _STALLED] if len(bounds) > _STALLED else -np.inf
        stalled = bounds[-1] - before < _NEARER * (upper - bounds[-1])
        if bounds[-1] >= enough or stalled or budget.expired:
            break
        state = volume_rounds(problem, upper, _BLOCK, price, mean_slope, mean_open, state)
        bounds.append(float(state.bound))
    # Reduced costs and choice belong to the best prices, not to the last ones tried.
    bound = solve_subproblem(problem, price, solution)
    return Prices(bound, price, solution.reduced, solution.chosen, mean_open)


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
    # First prices: what every row pays at a good set of sites (an estimate of its dual).
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
