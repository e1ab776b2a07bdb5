"""The fewest sites that reach everybody (location set covering, Toregas et al. 1971)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse

from lifecircle.siting.kernels.interchange import implied_rows, same_lists
from lifecircle.siting.problem import Flags, Ints, by_column
from lifecircle.siting.solvers.milp import Rows, minimise
from lifecircle.siting.solvers.row_weighting import Table, lighten
from lifecircle.siting.solvers.volume import Asked, Prices, raise_bound

__all__ = ["Cover", "fewest_sites"]

_ROUNDING: Final = 1e-6
_MOST_COMPARISONS: Final = 4e9
"""Of rows that share a site: some seconds."""
_MOVES: Final = 20_000
"""Exchanges between looks at the clock."""
_BLOCKS: Final = 6


@dataclass(frozen=True, eq=False)
class Cover:
    """Open sites that together reach every row, and the number that no such set is below."""

    is_open: Flags
    bound: int

    @property
    def count(self) -> int:
        """How many sites are open."""
        return int(self.is_open.sum())


def fewest_sites(
    start: Ints, site: Ints, *, fixed: Flags, time_limit_s: float, enough: int | None = None
) -> Cover:
    """The fewest sites, those fixed included, such that every row has an open one.

    Parameters
    ----------
    start, site
        Sites that reach each row; no row may be empty.
    fixed
        Sites that are open anyhow.
    time_limit_s
        For the proof; a cover is always found.
    enough
        Stop as soon as it is known whether so many sites suffice.
    """
    deadline = time.monotonic() + time_limit_s
    table = scipy.sparse.csr_array((np.ones(len(site)), site, start), shape=(len(start) - 1, len(fixed)))
    table.sort_indices()
    already = int(fixed.sum())
    table = table[np.flatnonzero(table @ fixed == 0)]
    table = table[_telling_rows(table)]
    target = 0 if enough is None else max(enough - already, 0)
    found = _lean(table, _greedy(table))
    if found.sum() <= target:
        return Cover(fixed | found, already)
    prices = _prices(table, int(found.sum()), deadline)
    bound = math.ceil(prices.bound - _ROUNDING)
    if bound < found.sum() and (enough is None or bound <= target):
        found = _lighter(table, found, enough=max(bound, target), deadline=deadline)
    if bound < found.sum() and (enough is None or bound <= target < found.sum()):
        found, bound = _exactly(table, found, prices, bound, time_limit_s=deadline - time.monotonic())
    return Cover(fixed | found, already + min(bound, int(found.sum())))


def _telling_rows(table: scipy.sparse.csr_array) -> Ints:
    """Rows that are left when those that another row implies are taken away, where that is worth its time."""
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    first = same_lists(start, site, np.zeros_like(site))[1]
    table = table[first]
    reached = np.asarray((table != 0).sum(axis=0), dtype=np.float64)
    if float(reached @ reached) > _MOST_COMPARISONS:
        return first
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    columns = by_column(start, site, table.data, table.shape[1])
    order = np.argsort(np.diff(start), kind="stable")
    return first[~implied_rows(start, site, columns[0], columns[1], order)]


def _greedy(table: scipy.sparse.csr_array) -> Flags:
    """Again and again the site that reaches most of the rows still without one."""
    chosen = np.zeros(table.shape[1], dtype=bool)
    columns = table.tocsc()
    waiting = np.ones(table.shape[0])
    gain = np.asarray(columns.T @ waiting)
    while waiting.any():
        best = int(np.argmax(gain))
        chosen[best] = True
        rows = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
        rows = rows[waiting[rows] > 0]
        waiting[rows] = 0.0
        gain -= np.asarray(table[rows].sum(axis=0))
    return chosen


def _lean(table: scipy.sparse.csr_array, chosen: Flags) -> Flags:
    """Without the sites that the others make needless, those that reach least tried first."""
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


def _prices(table: scipy.sparse.csr_array, upper: int, deadline: float) -> Prices:
    """What rows pay for being reached, no site earning more than it costs: a bound on their number."""
    rows, sites = table.shape
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    asked = Asked(
        start=start, site=site, cost=np.zeros(table.nnz), least=np.zeros(rows), most=np.ones(rows),
        opening=1.0, fixed=np.zeros(sites, dtype=bool), free=np.arange(sites), new=-1,
    )  # fmt: skip
    price = np.diff(start) / np.asarray(table @ np.asarray(table.sum(axis=0)))
    enough = upper - 1.0 + _ROUNDING
    return raise_bound(asked, price, upper=float(upper), deadline=deadline, enough=enough)


def _lighter(table: scipy.sparse.csr_array, cover: Flags, *, enough: int, deadline: float) -> Flags:
    """A smaller cover by local search, no smaller than is enough."""
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    col_start, col_row, _ = by_column(start, site, table.data, table.shape[1])
    best = cover
    for block in range(_BLOCKS):
        if best.sum() <= enough or time.monotonic() > deadline:
            break
        best = lighten(Table(start, site, col_start, col_row), best, enough, _MOVES, block)
    return best


def _exactly(
    table: scipy.sparse.csr_array, cover: Flags, prices: Prices, bound: int, *, time_limit_s: float
) -> tuple[Flags, int]:
    """What HiGHS finds with the sites that a smaller cover may use, and what is proven then."""
    size = int(cover.sum())
    useful = np.flatnonzero(prices.bound + np.maximum(prices.reduced, 0.0) <= size - 1.0 + _ROUNDING)
    core = table[:, useful].tocoo()
    if (np.bincount(core.row, minlength=table.shape[0]) == 0).any():
        return cover, size
    rows = Rows()
    rows.add(core.shape[0], (core.row, core.col, 1.0), low=1.0)
    whole = np.ones(len(useful), dtype=bool)
    answer = minimise(np.ones(len(useful)), rows, integer=whole, upper=1.0, time_limit_s=time_limit_s)
    if answer.x is not None and answer.x.sum() < size - 0.5:
        cover = np.zeros(table.shape[1], dtype=bool)
        cover[useful[answer.x > 0.5]] = True
    proven = math.ceil(min(answer.bound, size) - _ROUNDING) if answer.bound > -np.inf else bound
    return cover, max(bound, proven)
