"""Compiled loops of the volume algorithm (Barahona and Anbil 2000): prices that raise a Lagrangean bound.

The relaxed rows are "everybody is served once". At given prices the subproblem falls apart by site: each
site earns what its rows' prices exceed their costs, and those open that reduce the bound most. The
subgradient of a row is 1 less the number of open sites that serve it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.siting.kernels.knapsack import (
    UNCAPACITATED,
    Knapsacks,
    fill_knapsacks,
    subtract_knapsack_supply,
)

__all__ = [
    "ALL_THAT_PAY",
    "LagrangeanProblem",
    "Subproblem",
    "VolumeState",
    "first_state",
    "new_subproblem",
    "solve_subproblem",
    "volume_rounds",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ALL_THAT_PAY = -1
"""`LagrangeanProblem.new` where every site opens whose earnings exceed its cost."""

# The paper's rules for the step: a green iteration that agrees with the mean subgradient lengthens it, a run
# of red iterations (no better bound) shortens it.
_FIRST_STEP = 0.1
_LONGER = 1.1
_SHORTER = 0.66
_LONGEST_STEP = 2.0
_SHORTEST_STEP = 1e-4
_PATIENCE = 20
"""Red iterations after which the step gets shorter."""

# The paper's rules for alpha, the greatest weight of a new solution in the averages: halved where the bound
# has hardly risen since the last review.
_FIRST_WEIGHT = 0.1
_REVIEW = 100
"""Iterations between reviews."""
_HARDLY = 1e-4
"""Relative rise of the bound between reviews taken for none."""
_HALF = 0.5
_LEAST_WEIGHT = 1e-5
_WEIGHT_RANGE = 10.0
"""How many times smaller than the greatest weight the weight of one solution may be."""

_FLAT = 1e-12
"""Squared length of a subgradient taken for none."""


class LagrangeanProblem(NamedTuple):
    """Pairs by row in ascending cost, the range of each row's price, and what may open.

    `opening` is the cost of a site, `free` the positions of sites that may open, `new` how many of them do
    (`ALL_THAT_PAY`: as many as earn more than their cost), `knapsacks` the capacity of sites.
    """

    start: Ints
    site: Ints
    cost: Floats
    least: Floats
    most: Floats
    opening: float
    fixed: Flags
    free: Ints
    new: int
    knapsacks: Knapsacks = UNCAPACITATED


class Subproblem(NamedTuple):
    """Solution of the subproblem at some prices: reduced cost and choice per site, subgradient per row.

    Where capacity is limited, also the break gain of each site, and the persons for whom it has room there.
    """

    reduced: Floats
    chosen: Flags
    slope: Floats
    break_gain: Floats
    spare: Floats


class VolumeState(NamedTuple):
    """Where the algorithm stands between iterations.

    `step` scales the next step, `weight` is the paper's alpha, `red` counts iterations since the bound last
    rose, `since_review` those since `weight` was reviewed, `reviewed_bound` is the bound of that review.
    """

    bound: float
    step: float
    weight: float
    red: int
    since_review: int
    reviewed_bound: float


@njit(cache=True, nogil=True)
def first_state(bound: float) -> VolumeState:
    """The state before the first iteration, at the bound of the first prices."""
    return VolumeState(bound, _FIRST_STEP, _FIRST_WEIGHT, 0, 0, bound)


@njit(cache=True, nogil=True)
def new_subproblem(sites: int, rows: int) -> Subproblem:
    """Arrays for the solution of a subproblem."""
    return Subproblem(
        np.empty(sites), np.empty(sites, np.bool_), np.empty(rows), np.empty(sites), np.empty(sites)
    )


@njit(cache=True, nogil=True)
def _subtract_earnings(problem: LagrangeanProblem, price: Floats, reduced: Floats) -> None:
    """Add to reduced costs the sum over rows of ``min(0, cost - price)``."""
    start, site, cost = problem.start, problem.site, problem.cost
    for i in range(len(price)):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            reduced[site[k]] += cost[k] - price[i]


@njit(cache=True, nogil=True)
def _subtract_supply(problem: LagrangeanProblem, price: Floats, chosen: Flags, slope: Floats) -> None:
    """Subtract from each row's `slope` the number of open sites cheaper than its price."""
    start, site, cost = problem.start, problem.site, problem.cost
    for i in range(len(price)):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            if chosen[site[k]]:
                slope[i] -= 1.0


@njit(cache=True, nogil=True)
def _is_blocked(price: float, towards: float, least: float, most: float) -> bool:
    """Whether a price is at the end of its range and would leave it."""
    return (price >= most and towards > 0.0) or (price <= least and towards < 0.0)


@njit(cache=True, nogil=True)
def solve_subproblem(problem: LagrangeanProblem, price: Floats, solution: Subproblem) -> float:
    """The bound at some prices; fills the solution, whose subgradient is 0 where a price is blocked."""
    limited = len(problem.knapsacks.capacity) > 0
    # Reduced costs: what opening each site adds to the bound.
    solution.reduced[:] = problem.opening
    if limited:
        fill_knapsacks(problem.knapsacks, price, solution.reduced, solution.break_gain, solution.spare)
    else:
        _subtract_earnings(problem, price, solution.reduced)
    # The cheapest choice: all fixed sites, and the free ones of least reduced cost.
    solution.chosen[:] = problem.fixed
    reduced = solution.reduced[problem.free]
    if problem.new == ALL_THAT_PAY:
        solution.chosen[problem.free] = reduced < 0.0
    else:
        solution.chosen[problem.free[np.argsort(reduced, kind="mergesort")[: problem.new]]] = True
    # Subgradient: 1 less how often each row is served.
    solution.slope[:] = 1.0
    if limited:
        subtract_knapsack_supply(
            problem.knapsacks, price, solution.chosen, solution.break_gain, solution.spare, solution.slope
        )
    else:
        _subtract_supply(problem, price, solution.chosen, solution.slope)
    for i in range(len(price)):
        if _is_blocked(price[i], solution.slope[i], problem.least[i], problem.most[i]):
            solution.slope[i] = 0.0
    # Weak duality: no set of sites costs less than all prices and the reduced costs of the choice.
    return price.sum() + solution.reduced[solution.chosen].sum()


@njit(cache=True, nogil=True)
def _step_along(
    problem: LagrangeanProblem, price: Floats, towards: Floats, step: float, tried: Floats
) -> bool:
    """Fill `tried` with prices a step along a direction, within their range; False where none can move."""
    least, most, length = problem.least, problem.most, 0.0
    for i in range(len(price)):
        if not _is_blocked(price[i], towards[i], least[i], most[i]):
            length += towards[i] * towards[i]
    if length <= _FLAT:
        return False
    for i in range(len(price)):
        tried[i] = min(max(price[i] + step / length * towards[i], least[i]), most[i])
    return True


@njit(cache=True, nogil=True)
def _update_averages(solution: Subproblem, mean_slope: Floats, mean_open: Floats, weight: float) -> float:
    """Draw the averages towards a new solution, by the weight that makes the mean subgradient shortest.

    The weight is at most `weight` and at least a tenth of it. Returns the product of the new subgradient
    with the mean before: above 0 where they point the same way.
    """
    # Minimise |mean + w * (slope - mean)|: w = -mean . (slope - mean) / |slope - mean|^2.
    apart, towards, along = 0.0, 0.0, 0.0
    for i in range(len(mean_slope)):
        difference = solution.slope[i] - mean_slope[i]
        apart += difference * difference
        towards -= mean_slope[i] * difference
        along += solution.slope[i] * mean_slope[i]
    best = min(max(towards / apart, weight / _WEIGHT_RANGE), weight) if apart > 0.0 else weight
    for i in range(len(mean_slope)):
        mean_slope[i] += best * (solution.slope[i] - mean_slope[i])
    for j in range(len(mean_open)):
        mean_open[j] += best * (solution.chosen[j] - mean_open[j])
    return along


@njit(cache=True, nogil=True)
def volume_rounds(  # noqa: PLR0917
    problem: LagrangeanProblem,
    upper: float,
    rounds: int,
    price: Floats,
    mean_slope: Floats,
    mean_open: Floats,
    state: VolumeState,
) -> VolumeState:
    """Iterations of the volume algorithm: best prices and averages in place, the state returned.

    `upper` is the cost of the best sites known, `mean_open` the share of each site in the averaged (primal)
    solution.
    """
    bound, step, weight, red, since_review, reviewed_bound = state
    tried = np.empty(len(price))
    solution = new_subproblem(len(mean_open), len(price))
    for _ in range(rounds):
        # A Polyak step from the best prices along the mean subgradient.
        if not _step_along(problem, price, mean_slope, step * (upper - bound), tried):
            break
        tried_bound = solve_subproblem(problem, tried, solution)
        along = _update_averages(solution, mean_slope, mean_open, weight)
        # Green: a better bound moves the prices. Red: it does not, and patience runs out.
        red += 1
        if tried_bound > bound:
            bound, red = tried_bound, 0
            price[:] = tried
            if along > 0.0:
                step = min(step * _LONGER, _LONGEST_STEP)
        elif red >= _PATIENCE:
            step, red = max(step * _SHORTER, _SHORTEST_STEP), 0
        # Review: averages follow more slowly once the bound hardly rises.
        since_review += 1
        if since_review >= _REVIEW:
            if bound - reviewed_bound < _HARDLY * abs(reviewed_bound):
                weight = max(weight * _HALF, _LEAST_WEIGHT)
            since_review, reviewed_bound = 0, bound
    return VolumeState(bound, step, weight, red, since_review, reviewed_bound)
