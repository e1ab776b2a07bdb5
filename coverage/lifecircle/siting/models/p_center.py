"""Sites such that the worst-off has least far to go (p-centre), by a search over covers.

A limit can be kept with so many sites if and only if a cover needs no more of them, so the answer is the
least of the costs that occur for which a cover is small enough (Minieka 1970).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from lifecircle.siting.models.lscp import Cover, fewest_sites
from lifecircle.siting.problem import Flags, Floats, Ints

__all__ = ["Centre", "nearest_worst"]


@dataclass(frozen=True, eq=False)
class Centre:
    """Open sites, the cost of the worst-off row, and what no set of as many sites undercuts."""

    is_open: Flags
    value: float
    bound: float


def nearest_worst(
    start: Ints, site: Ints, cost: Floats, *, fixed: Flags, total: int, time_limit_s: float
) -> Centre | Cover:
    """Least greatest cost of any row with `total` sites open, those fixed among them.

    Parameters
    ----------
    start, site, cost
        Sites that reach each row, and how dear they are; no row may be empty.
    fixed, total
        Sites that are open anyhow, and how many are open in all.
    time_limit_s
        For the whole search.

    Returns
    -------
    Centre, or the Cover that shows that `total` sites do not reach every row at all
    """
    deadline = time.monotonic() + time_limit_s
    row = np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start))

    def cover(limit: float) -> Cover:
        """The fewest sites that keep a limit."""
        kept = cost <= limit
        counts = np.bincount(row[kept], minlength=len(start) - 1)
        begin = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        left_s = max(deadline - time.monotonic(), 0.5)
        return fewest_sites(begin, site[kept], fixed=fixed, time_limit_s=left_s, enough=total)

    least = float(np.minimum.reduceat(cost, start[:-1]).max())
    limits = np.unique(cost[cost >= least])
    everything = cover(float(limits[-1]))
    if everything.count > total:
        return everything
    low, high = 0, len(limits) - 1
    found, bound = everything.is_open, float(limits[0])
    while low < high:
        middle = (low + high) // 2
        tried = cover(float(limits[middle]))
        if tried.count <= total:
            high, found = middle, tried.is_open
        else:
            low = middle + 1
            # A cover that is not proven minimal says nothing about the limit.
            if tried.bound > total:
                bound = float(limits[low])
    return Centre(found, float(limits[high]), bound)
