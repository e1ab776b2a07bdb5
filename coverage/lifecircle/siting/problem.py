"""The one problem behind p-median and maximal covering: serve everybody at least cost from few sites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lifecircle.siting.kernels.interchange import Columns, CostLists, served_cost

__all__ = ["Choice", "Problem", "by_column", "expand_rows"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Choice(Protocol):
    """So many sites to open among others."""

    @property
    def fixed(self) -> Flags:
        """Sites that are open anyhow."""

    @property
    def free(self) -> Flags:
        """Sites that may be opened."""

    @property
    def new(self) -> int:
        """How many of them to open."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A location problem in p-median form (Hillsman 1984), of which maximal covering is a case.

    With x_ij the share of row i served by site j, z_i the share left unserved, y_j 1 where a site is open::

        minimise    sum_ij c_ij x_ij + sum_i u_i z_i
        subject to  sum_j x_ij + z_i = 1      every row i
                    x_ij <= y_j               every pair i, j
                    sum_(j free) y_j = new,  y_j = 1 where fixed,  y_j in {0, 1}

    In maximal covering whoever is within the cutoff costs nothing (c_ij = 0), and whoever is not costs as
    many as they are (u_i).

    Attributes
    ----------
    start, site, cost : pairs of row and site, by row in ascending cost; costs of the whole row
    unserved : per row, its cost where no open site is cheaper; ``inf`` where it must be served
    fixed, free : per site, whether it is open anyhow, whether it may be opened
    new : how many of the free to open
    """

    start: Ints
    site: Ints
    cost: Floats
    unserved: Floats
    fixed: Flags
    free: Flags
    new: int

    @cached_property
    def penalty(self) -> Floats:
        """`unserved` with a price in place of ``inf`` that no way to serve everybody can reach."""
        rows = np.flatnonzero(np.diff(self.start))
        dearest = np.zeros(len(self.unserved))
        dearest[rows] = self.cost[self.start[rows + 1] - 1]
        allowed = np.where(np.isfinite(self.unserved), self.unserved, dearest)
        return np.where(np.isfinite(self.unserved), self.unserved, 1.0 + 2.0 * allowed.sum())

    @cached_property
    def lists(self) -> CostLists:
        """The pairs as the kernels take them, with `penalty` for the unserved."""
        columns = Columns(*by_column(self.start, self.site, self.cost, len(self.free)))
        return CostLists(self.start, self.site, self.cost, self.penalty, columns)

    def value(self, is_open: Flags) -> float:
        """What a set of open sites costs; ``inf`` where somebody who must be served is not."""
        served = served_cost(self.start, self.site, self.cost, self.unserved, is_open)
        return float(served.sum())


def by_column(start: Ints, site: Ints, cost: Floats, sites: int) -> tuple[Ints, Ints, Floats]:
    """Pairs held by rows, held by columns: start, row, cost; rows ascending."""
    order = np.argsort(site, kind="stable")
    row = np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start))
    col_start = np.concatenate(([0], np.cumsum(np.bincount(site, minlength=sites)))).astype(np.int64)
    return col_start, row[order], cost[order]


def expand_rows(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Where the pairs of selected rows begin among themselves, and their positions among all pairs."""
    counts = np.diff(start)[rows]
    begin = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return begin, np.repeat(start[rows] - begin[:-1], counts) + np.arange(begin[-1])
