"""The fewest sites that reach everybody (location set covering, Toregas et al. 1971)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse

from lifecircle.siting.kernels import implied_rows
from lifecircle.siting.problem import Flags, Floats, Ints, by_column
from lifecircle.siting.solver import Rows, minimise

__all__ = ["Cover", "fewest_sites"]

_ROUNDS: Final = 300
_ROUNDING: Final = 1e-6
_MOST_COMPARISONS: Final = 4e9
"""Of rows that share a site: some seconds."""


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
    already = fixed.copy()
    table = table[np.flatnonzero(table @ already == 0)]
    table = table[_telling_rows(table)]
    found = already | _lean(table, _greedy(table))
    count = int(found.sum())
    if enough is not None and count <= enough:
        return Cover(found, int(already.sum()))
    bound = int(already.sum()) + _lagrangean(table, count - int(already.sum()), deadline)
    if bound >= count or (enough is not None and bound > enough):
        return Cover(found, min(bound, count))
    used = np.flatnonzero(np.asarray(table.sum(axis=0)) > 0)
    rows = Rows()
    core = table[:, used].tocoo()
    rows.add(core.shape[0], (core.row, core.col, 1.0), low=1.0)
    whole = np.ones(len(used), dtype=bool)
    left_s = deadline - time.monotonic()
    answer = minimise(np.ones(len(used)), rows, integer=whole, upper=1.0, time_limit_s=left_s)
    if answer.x is not None and answer.x.sum() + already.sum() < count - 0.5:
        found = already.copy()
        found[used[answer.x > 0.5]] = True
    if np.isfinite(answer.bound):
        bound = max(bound, int(already.sum()) + math.ceil(answer.bound - _ROUNDING))
    return Cover(found, min(bound, int(found.sum())))


def _telling_rows(table: scipy.sparse.csr_array) -> Ints:
    """Rows that are left when those that another row implies are taken away, where that is worth its time."""
    reached = np.asarray((table != 0).sum(axis=0), dtype=np.float64)
    if float(reached @ reached) > _MOST_COMPARISONS:
        return np.arange(table.shape[0])
    start, site = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    columns = by_column(start, site, table.data, table.shape[1])
    order = np.argsort(np.diff(start), kind="stable")
    return np.flatnonzero(~implied_rows(start, site, columns[0], columns[1], order))


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


def _lagrangean(table: scipy.sparse.csr_array, upper: int, deadline: float) -> int:
    """A number that no cover is below, from prices that rows pay for being reached."""
    if not table.shape[0]:
        return 0
    sizes = np.asarray(table.sum(axis=0))
    price: Floats = 1.0 / np.asarray(table @ sizes) * np.diff(table.indptr)
    best, best_price, step, idle = 0.0, price, 1.0, 0
    turned = table.T.tocsr()
    for _ in range(_ROUNDS):
        reduced = 1.0 - turned @ price
        bound = float(price.sum() + np.minimum(reduced, 0.0).sum())
        if bound > best + 1e-6:
            best, best_price, idle = bound, price, 0
        else:
            idle += 1
            if idle >= 15:
                step, idle, price = step / 2.0, 0, best_price
                reduced = 1.0 - turned @ price
                bound = best
        slope = 1.0 - table @ (reduced < 0).astype(np.float64)
        length = float(slope @ slope)
        if length == 0.0 or math.ceil(best - _ROUNDING) >= upper or time.monotonic() > deadline:
            break
        price = np.maximum(price + step * max(upper - bound, 1e-3) / length * slope, 0.0)
    return math.ceil(best - _ROUNDING)
