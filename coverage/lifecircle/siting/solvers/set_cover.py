"""Set covering with equal costs: the fewest sites such that every row has an open one.

Greedy, pruned, gives a first cover; the volume algorithm a bound; row weighting a smaller cover; HiGHS what
the three leave open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.reductions import dominated_rows, group_identical_rows
from lifecircle.siting.kernels.row_weighting import CoverMatrix, row_weighting_search
from lifecircle.siting.kernels.volume import ALL_THAT_PAY, LagrangeanProblem
from lifecircle.siting.problem import Flags, Ints, by_column
from lifecircle.siting.solvers.lagrangean import Prices, raise_bound
from lifecircle.siting.solvers.milp import Rows, is_one, minimise

__all__ = ["Cover", "minimum_cover"]

_ROUNDING: Final = 1e-6
"""Part of a site by which a bound may be off."""
_MOST_COMPARISONS: Final = 4e9
"""Of rows that share a site: a few seconds."""
_MOVES: Final = 20_000
_WORK: Final = 2e9
"""Most exchanges between looks at the clock, and the rows and sites they may touch: a few seconds."""
_BLOCKS: Final = 6


@dataclass(frozen=True, eq=False)
class Cover:
    """Open sites that reach every row, and the number that no such set is below."""

    is_open: Flags
    bound: int

    @property
    def count(self) -> int:
        """How many sites are open."""
        return int(self.is_open.sum())


def minimum_cover(
    start: Ints, site: Ints, *, fixed: Flags, budget: TimeBudget, enough: int | None = None
) -> Cover:
    """The fewest sites, those fixed included, such that every row has an open one.

    Parameters
    ----------
    start, site
        Sites that reach each row; no row may be empty.
    fixed
        Sites that are open anyhow.
    budget
        For the proof; a cover is always made.
    enough
        Stop as soon as it is known whether so many sites suffice.
    """
    # Rows that no fixed site reaches, without those that another row implies.
    table = scipy.sparse.csr_array((np.ones(len(site)), site, start), shape=(len(start) - 1, len(fixed)))
    table.sort_indices()
    already = int(fixed.sum())
    table = table[np.flatnonzero(table @ fixed == 0)]
    table = table[_undominated_rows(table)]
    target = 0 if enough is None else max(enough - already, 0)
    cover = _without_redundant(table, _greedy(table))
    if cover.sum() <= target:
        return Cover(fixed | cover, already)
    # A bound; where it leaves room, a smaller cover; where that leaves room, HiGHS.
    prices = _volume_bound(table, int(cover.sum()), budget)
    bound = math.ceil(prices.bound - _ROUNDING)
    if bound < cover.sum() and (enough is None or bound <= target):
        cover = _row_weighting(table, cover, enough=max(bound, target), budget=budget)
    if bound < cover.sum() and (enough is None or bound <= target < cover.sum()):
        cover, bound = _exact(table, cover, prices, bound, time_limit_s=budget.left_s)
    return Cover(fixed | cover, already + min(bound, int(cover.sum())))


def _undominated_rows(table: scipy.sparse.csr_array) -> Ints:
    """Rows that no other row implies; where too many share sites, only one of each set of equal rows."""
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    first = group_identical_rows(start, site, np.zeros_like(site))[1]
    table = table[first]
    reached = np.asarray((table != 0).sum(axis=0), dtype=np.float64)
    if float(reached @ reached) > _MOST_COMPARISONS:
        return first
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    columns = by_column(start, site, table.data, table.shape[1])
    order = np.argsort(np.diff(start), kind="stable")
    return first[~dominated_rows(start, site, columns[0], columns[1], order)]


def _greedy(table: scipy.sparse.csr_array) -> Flags:
    """A cover by opening, each time, the site that reaches most uncovered rows (Chvátal 1979)."""
    chosen = np.zeros(table.shape[1], dtype=bool)
    # Invariant: gain[j] is the number of uncovered rows that site j reaches.
    columns = table.tocsc()
    uncovered = np.ones(table.shape[0])
    gain = np.asarray(columns.T @ uncovered)
    while uncovered.any():
        best = int(np.argmax(gain))
        chosen[best] = True
        rows = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
        rows = rows[uncovered[rows] > 0]
        uncovered[rows] = 0.0
        gain -= np.asarray(table[rows].sum(axis=0))
    return chosen


def _without_redundant(table: scipy.sparse.csr_array, chosen: Flags) -> Flags:
    """The cover without sites that the others make redundant, those that reach least tried first."""
    # Invariant: reached[i] is how many kept sites reach row i; a site whose rows all have two may go.
    kept = chosen.copy()
    columns = table.tocsc()
    reached = table @ kept.astype(np.float64)
    sizes = np.diff(columns.indptr)
    for j in sorted(np.flatnonzero(chosen), key=lambda j: (sizes[j], j)):
        rows = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        if (reached[rows] > 1).all():
            kept[j] = False
            reached[rows] -= 1
    return kept


def _volume_bound(table: scipy.sparse.csr_array, upper: int, budget: TimeBudget) -> Prices:
    """A bound on the number of sites: prices that rows pay for being reached (dual of the relaxation)."""
    rows, sites = table.shape
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    problem = LagrangeanProblem(
        start=start, site=site, cost=np.zeros(table.nnz), least=np.zeros(rows), most=np.ones(rows),
        opening=1.0, fixed=np.zeros(sites, dtype=bool), free=np.arange(sites), new=ALL_THAT_PAY,
    )  # fmt: skip
    # A row pays a site the share it makes of the rows that the site reaches, on average.
    price = np.diff(start) / np.asarray(table @ np.asarray(table.sum(axis=0)))
    enough = upper - 1.0 + _ROUNDING
    return raise_bound(problem, price, upper=float(upper), budget=budget, enough=enough)


def _row_weighting(table: scipy.sparse.csr_array, cover: Flags, *, enough: int, budget: TimeBudget) -> Flags:
    """A smaller cover by local search, no smaller than is enough."""
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    col_start, col_row, _ = by_column(start, site, table.data, table.shape[1])
    matrix, best = CoverMatrix(start, site, col_start, col_row), cover
    # An exchange touches the sites of the rows of two sites.
    touched = table.nnz / max(table.shape[0], 1) * table.nnz / max(table.shape[1], 1)
    moves = int(np.clip(_WORK / max(touched, 1.0), 1, _MOVES))
    for block in range(_BLOCKS):
        if best.sum() <= enough or budget.expired:
            break
        best = row_weighting_search(matrix, best, enough, moves, block)
    return best


def _exact(
    table: scipy.sparse.csr_array, cover: Flags, prices: Prices, bound: int, *, time_limit_s: float
) -> tuple[Flags, int]:
    """A smaller cover by HiGHS among the sites that one may use, if there is any, and what is proven then."""
    size = int(cover.sum())
    # Reduced-cost fixing: other sites are in no cover smaller than this one.
    useful = np.flatnonzero(prices.bound + np.maximum(prices.reduced, 0.0) <= size - 1.0 + _ROUNDING)
    core = table[:, useful].tocoo()
    if (np.bincount(core.row, minlength=table.shape[0]) == 0).any():
        return cover, size
    rows = Rows()
    rows.add(core.shape[0], (core.row, core.col, 1.0), low=1.0)
    whole = np.ones(len(useful), dtype=bool)
    answer = minimise(np.ones(len(useful)), rows, integer=whole, upper=1.0, time_limit_s=time_limit_s)
    # A smaller cover is taken; a bound is rounded up, because sites are whole.
    if answer.x is not None and is_one(answer.x).sum() < size:
        cover = np.zeros(table.shape[1], dtype=bool)
        cover[useful[is_one(answer.x)]] = True
    proven = math.ceil(min(answer.bound, size) - _ROUNDING) if answer.bound > -np.inf else bound
    return cover, max(bound, proven)
