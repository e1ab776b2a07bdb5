"""Compiled loops of the volume algorithm: a bound from prices, and prices that raise it."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lifecircle.siting.kernels.filling import UNLIMITED, Limits, fill, oversupplied

__all__ = ["Asked", "Found", "climb", "evaluate", "nothing_found"]

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
_FLAT = 1e-12
"""Squared length of a subgradient taken for none."""


class Asked(NamedTuple):
    """A problem as the loops need it: pairs by row in ascending cost, the range of prices, what may open.

    `opening` is the cost of a site, `free` the positions of sites that may open, `new` how many of them do
    (-1: all that pay), `limits` the room of sites.
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
    limits: Limits = UNLIMITED


class Found(NamedTuple):
    """What prices lead to: each site's reduced cost, the sites that open, and the subgradient.

    Where room is limited, also each site's last gain per person, and the room left for those at it.
    """

    reduced: Floats
    chosen: Flags
    slope: Floats
    edge: Floats
    spare: Floats


@njit(cache=True, nogil=True)
def nothing_found(sites: int, rows: int) -> Found:
    """Somewhere to put what prices lead to."""
    return Found(np.empty(sites), np.empty(sites, np.bool_), np.empty(rows), np.empty(sites), np.empty(sites))


@njit(cache=True, nogil=True)
def _earn(asked: Asked, price: Floats, reduced: Floats) -> None:
    """Add to reduced costs the sum over rows of ``min(0, cost - price)``."""
    start, site, cost = asked.start, asked.site, asked.cost
    for i in range(len(price)):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            reduced[site[k]] += cost[k] - price[i]


@njit(cache=True, nogil=True)
def _oversupply(asked: Asked, price: Floats, chosen: Flags, slope: Floats) -> None:
    """Subtract from each row's `slope` the number of open sites cheaper than its price."""
    start, site, cost = asked.start, asked.site, asked.cost
    for i in range(len(price)):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            if chosen[site[k]]:
                slope[i] -= 1.0


@njit(cache=True, nogil=True)
def _blocked(price: float, towards: float, least: float, most: float) -> bool:
    """Whether a price is at the end of its range and would leave it."""
    return (price >= most and towards > 0.0) or (price <= least and towards < 0.0)


@njit(cache=True, nogil=True)
def evaluate(asked: Asked, price: Floats, found: Found) -> float:
    """The bound that prices give; fills what they lead to: the subgradient is 0 where a price is blocked."""
    limited = len(asked.limits.room) > 0
    found.reduced[:] = asked.opening
    if limited:
        fill(asked.limits, price, found.reduced, found.edge, found.spare)
    else:
        _earn(asked, price, found.reduced)
    found.chosen[:] = asked.fixed
    earned = found.reduced[asked.free]
    if asked.new < 0:
        found.chosen[asked.free] = earned < 0.0
    else:
        found.chosen[asked.free[np.argsort(earned, kind="mergesort")[: asked.new]]] = True
    found.slope[:] = 1.0
    if limited:
        oversupplied(asked.limits, price, found.chosen, found.edge, found.spare, found.slope)
    else:
        _oversupply(asked, price, found.chosen, found.slope)
    for i in range(len(price)):
        if _blocked(price[i], found.slope[i], asked.least[i], asked.most[i]):
            found.slope[i] = 0.0
    return price.sum() + found.reduced[found.chosen].sum()


@njit(cache=True, nogil=True)
def _stepped(asked: Asked, price: Floats, towards: Floats, step: float, tried: Floats) -> bool:
    """Fill `tried` with prices a step on; False where none can move."""
    least, most, length = asked.least, asked.most, 0.0
    for i in range(len(price)):
        if not _blocked(price[i], towards[i], least[i], most[i]):
            length += towards[i] * towards[i]
    if length <= _FLAT:
        return False
    for i in range(len(price)):
        tried[i] = min(max(price[i] + step / length * towards[i], least[i]), most[i])
    return True


@njit(cache=True, nogil=True)
def _average(found: Found, mean_slope: Floats, mean_open: Floats, most: float) -> float:
    """Draw the averages towards what was found, as far as makes the mean subgradient shortest, within limits.

    Returns whether the subgradient points the same way as their mean did: their product.
    """
    apart, towards, along = 0.0, 0.0, 0.0
    for i in range(len(mean_slope)):
        difference = found.slope[i] - mean_slope[i]
        apart += difference * difference
        towards -= mean_slope[i] * difference
        along += found.slope[i] * mean_slope[i]
    share = min(max(towards / apart, most / 10.0), most) if apart > 0.0 else most
    for i in range(len(mean_slope)):
        mean_slope[i] += share * (found.slope[i] - mean_slope[i])
    for j in range(len(mean_open)):
        mean_open[j] += share * (found.chosen[j] - mean_open[j])
    return along


@njit(cache=True, nogil=True)
def climb(  # noqa: PLR0917
    asked: Asked,
    upper: float,
    rounds: int,
    price: Floats,
    mean_slope: Floats,
    mean_open: Floats,
    state: Floats,
) -> None:
    """Some rounds of the volume algorithm, in place: best prices, mean subgradient, share each site is open.

    `upper` is the cost of the best sites known. `state` holds the bound, the length of a step, the greatest
    weight of a new subgradient, rounds without a better bound, rounds since the last review, the bound then.
    """
    tried = np.empty(len(price))
    found = nothing_found(len(mean_open), len(price))
    for _ in range(rounds):
        if not _stepped(asked, price, mean_slope, state[1] * (upper - state[0]), tried):
            break
        bound = evaluate(asked, tried, found)
        along = _average(found, mean_slope, mean_open, state[2])
        state[3] += 1.0
        if bound > state[0]:
            state[0], state[3] = bound, 0.0
            price[:] = tried
            if along > 0.0:
                state[1] = min(state[1] * 1.1, _LONGEST_STEP)
        elif state[3] >= _PATIENCE:
            state[1], state[3] = max(state[1] * 0.66, _SHORTEST_STEP), 0.0
        state[4] += 1.0
        if state[4] >= _REVIEW:
            if state[0] - state[5] < _SLOW * abs(state[5]):
                state[2] = max(state[2] * 0.5, _LEAST_SHARE)
            state[4], state[5] = 0.0, state[0]
