"""The volume algorithm (Barahona and Anbil 2000): a bound on the cost of few sites, and where they would be.

Every row pays a price to be served and every site earns what its rows' prices exceed their costs: whatever
the prices, no set of sites costs less than all prices together less what the best sites earn (Cornuejols,
Fisher and Nemhauser 1977). Prices follow an average of the subgradients; the average of the solutions, by
the same weights, comes near the solution of the linear relaxation, of which the bound is the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.volume import (
    LagrangeanProblem,
    first_state,
    new_subproblem,
    solve_subproblem,
    volume_rounds,
)
from lifecircle.siting.problem import Flags, Floats

__all__ = ["Prices", "raise_bound"]

_BLOCK: Final = 50
"""Iterations between looks at the clock."""
_BLOCKS: Final = 60
_STALLED: Final = 8
"""Blocks over which the bound must come nearer, by a share of what is left."""
_NEARER: Final = 0.005


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
    price, sites = np.clip(price, problem.least, problem.most), len(problem.fixed)
    solution = new_subproblem(sites, len(price))
    bounds = [solve_subproblem(problem, price, solution)]
    # The averages begin at the first subproblem's solution.
    mean_slope, mean_open = solution.slope.copy(), solution.chosen.astype(np.float64)
    state = first_state(bounds[0])
    for _ in range(_BLOCKS):
        before = bounds[-1 - _STALLED] if len(bounds) > _STALLED else -np.inf
        stalled = bounds[-1] - before < _NEARER * (upper - bounds[-1])
        if bounds[-1] >= enough or stalled or budget.expired:
            break
        state = volume_rounds(problem, upper, _BLOCK, price, mean_slope, mean_open, state)
        bounds.append(float(state.bound))
    bound = solve_subproblem(problem, price, solution)
    return Prices(bound, price, solution.reduced, solution.chosen, mean_open)
