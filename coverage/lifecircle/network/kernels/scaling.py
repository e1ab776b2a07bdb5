"""Costs to other units in one pass: results are millions of numbers, and memory is what takes time."""

import numpy as np
from numba import njit

__all__ = ["scale_in_place", "scale_reached"]

BLOCK = 2048


@njit(cache=True, nogil=True)
def scale_reached(cost, numerator, denominator, unreached, out):
    """Write ``cost * numerator / denominator`` to `out`, ``inf`` where the cost is `unreached`."""
    for i in range(len(cost)):
        out[i] = np.inf if cost[i] == unreached else cost[i] * numerator / denominator


@njit(cache=True, nogil=True)
def scale_in_place(cost, numerator, denominator, unreached):
    """The same over the costs themselves (int64), which hold float64 afterwards."""
    out = cost.view(np.float64)
    held = np.empty(BLOCK)
    for first in range(0, len(cost), BLOCK):
        block = cost[first : first + BLOCK]
        scale_reached(block, numerator, denominator, unreached, held)
        out[first : first + BLOCK] = held[: len(block)]
