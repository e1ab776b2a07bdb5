"""Compiled loops of the volume algorithm: a bound from prices, and prices that raise it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["climb", "evaluate"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LONGEST_STEP = 2.0
_SHORTEST_STEP = 1e-4
_PATIENCE = 20
"""Rounds without a better bound after which steps get shorter."""
_REVIEW = 100
"""Rounds after which it is asked whether the average should follow more slowly."""
_SLOW = 1e-4
_LEAST_SHARE = 1e-5


@njit(cache=True, nogil=True)
def evaluate(  # noqa: PLR0917
    start: Ints, site: Ints, cost: Floats, price: Floats, opening: float, fixed: Flags, free: Ints, new: int,
    reduced: Floats, chosen: Flags, slope: Floats,
) -> float:  # fmt: skip
    """The bound that prices give; fills each site's reduced cost, the sites it opens, and the subgradient.

    The reduced cost is `opening` and the sum over rows of ``min(0, cost - price)``; the `new` free sites of
    least reduced cost open, or all below 0 where `new` is -1. The subgradient is one minus the number of
    open sites cheaper than the row's price.
    """
    reduced[:] = opening
    bound = 0.0
    for i in range(len(price)):
        bound += price[i]
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            reduced[site[k]] += cost[k] - price[i]
    chosen[:] = fixed
    if new < 0:
        chosen[free] = reduced[free] < 0.0
    else:
        chosen[free[np.argsort(reduced[free], kind="mergesort")[:new]]] = True
    for j in range(len(chosen)):
        if chosen[j]:
            bound += reduced[j]
    for i in range(len(price)):
        slope[i] = 1.0
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            if chosen[site[k]]:
                slope[i] -= 1.0
    return bound


@njit(cache=True, nogil=True)
def _blocked(price: float, towards: float, least: float, most: float) -> bool:
    """Whether a price is at the end of its range and would leave it."""
    return (price >= most and towards > 0.0) or (price <= least and towards < 0.0)


@njit(cache=True, nogil=True)
def climb(  # noqa: PLR0917
    start: Ints, site: Ints, cost: Floats, least: Floats, most: Floats, opening: float, fixed: Flags,
    free: Ints, new: int, upper: float, rounds: int, price: Floats, mean_slope: Floats, mean_open: Floats,
    state: Floats,
) -> None:  # fmt: skip
    """Some rounds of the volume algorithm, in place: best prices, average subgradient, share each site is open.

    `state` holds the bound, the length of a step, the weight of a new subgradient, rounds without a better
    bound, rounds since the last review, and the bound then.
    """
    tried, slope = np.empty(len(price)), np.empty(len(price))
    reduced, chosen = np.empty(len(fixed)), np.empty(len(fixed), np.bool_)
    for _ in range(rounds):
        length = 0.0
        for i in range(len(price)):
            if not _blocked(price[i], mean_slope[i], least[i], most[i]):
                length += mean_slope[i] * mean_slope[i]
        if length <= 1e-12:
            break
        step = state[1] * (upper - state[0]) / length
        for i in range(len(price)):
            tried[i] = min(max(price[i] + step * mean_slope[i], least[i]), most[i])
        bound = evaluate(start, site, cost, tried, opening, fixed, free, new, reduced, chosen, slope)
        apart, towards, along = 0.0, 0.0, 0.0
        for i in range(len(price)):
            if _blocked(tried[i], slope[i], least[i], most[i]):
                slope[i] = 0.0
            difference = slope[i] - mean_slope[i]
            apart += difference * difference
            towards -= mean_slope[i] * difference
            along += slope[i] * mean_slope[i]
        share = towards / apart if apart > 0.0 else state[2]
        share = min(max(share, state[2] / 10.0), state[2])
        for i in range(len(price)):
            mean_slope[i] += share * (slope[i] - mean_slope[i])
        for j in range(len(fixed)):
            mean_open[j] += share * (chosen[j] - mean_open[j])
        if bound > state[0]:
            state[0], state[3] = bound, 0.0
            price[:] = tried
            if along > 0.0:
                state[1] = min(state[1] * 1.1, _LONGEST_STEP)
        else:
            state[3] += 1.0
            if state[3] >= _PATIENCE:
                state[1], state[3] = max(state[1] * 0.66, _SHORTEST_STEP), 0.0
        state[4] += 1.0
        if state[4] >= _REVIEW:
            if state[0] - state[5] < _SLOW * abs(state[5]):
                state[2] = max(state[2] * 0.5, _LEAST_SHARE)
            state[4], state[5] = 0.0, state[0]
