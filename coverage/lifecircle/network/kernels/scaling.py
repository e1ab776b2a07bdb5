"""Costs to other units in one pass: results are millions of numbers, and memory is what takes time."""

import numpy as np
from numba import njit

__all__ = ["scale_reached"]


@njit(cache=True, nogil=True)
def scale_reached(cost, numerator, denominator, unreached, out):
    """Write ``cost * numerator / denominator`` to `out`, ``inf`` where the cost is `unreached`."""
    for i in range(len(cost)):
        out[i] = np.inf if cost[i] == unreached else cost[i] * numerator / denominator
