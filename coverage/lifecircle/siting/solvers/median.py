"""The p-median form solved: a good set of sites, a bound beside it, HiGHS for what they leave open.

The exact model is Elloumi's radius formulation (2010), cut down to what the bound leaves open: a row pays
its cheapest cost, and every further step of its list of costs as long as no site up to that step is open.
It is as tight as the classical one and far smaller; for maximal covering, whose lists have one step, it is
the classical one.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.problem import Flags, Floats, Ints, Problem
from lifecircle.siting.solvers.interchange import greedy_open, iterated_local_search, vertex_interchange
from lifecircle.siting.solvers.lagrangean import Relaxation, relax
from lifecircle.siting.solvers.milp import PROVEN, Answer, Rows, is_one, minimise

__all__ = ["MedianSolution", "solve_median"]

_LARGEST_CORE: Final = 500_000
"""Pairs beyond which HiGHS would spend the time and 4 GB on its first relaxation, whose bound is known here.

The core of a problem are the sites and pairs that the bound has not fixed.
"""
_SEARCH: Final = 0.5
"""Of the time, for bound and search; the rest is for HiGHS."""


@dataclass(frozen=True, eq=False)
class MedianSolution:
    """Open sites, what they cost, and what no set of as many costs less than."""

    is_open: Flags
    value: float
    bound: float


def solve_median(problem: Problem, *, budget: TimeBudget, start_from: Flags | None = None) -> MedianSolution:
    """The cheapest set of sites, proven where the time allows, else the best one met and a bound.

    Parameters
    ----------
    problem
        The problem.
    budget
        For the search and the proof; a first set is always made.
    start_from
        A set of sites that serves everybody who must be, where greedy may not make one.
    """
    # A first set: greedy, then interchange.
    is_open = vertex_interchange(problem, greedy_open(problem, budget=budget), budget=budget)
    if not np.isfinite(problem.value(is_open)) and start_from is not None:
        is_open = vertex_interchange(problem, start_from, budget=budget)
    if not np.isfinite(problem.value(is_open)):
        return MedianSolution(is_open, np.inf, -np.inf)
    # Bound and search, then HiGHS on what they leave open.
    relaxation, is_open, value = _bound_and_search(problem, is_open, budget=budget.part(_SEARCH))
    bound = relaxation.bound
    if value - bound > PROVEN * abs(value):
        answer, opened = _solve_core(problem, relaxation, limit=value, time_limit_s=budget.left_s)
        if opened is not None and problem.value(opened) < value:
            is_open, value = opened, problem.value(opened)
        if answer.bound == -np.inf:
            # Too large for HiGHS: what is left of the time goes into the bound.
            answer = Answer(None, relax(problem, is_open, budget=budget, begin=relaxation.price).bound)
        bound = max(bound, min(answer.bound, value))
    # A gap within the tolerance of HiGHS is none.
    closed = value - bound <= PROVEN * abs(value)
    return MedianSolution(is_open, value, value if closed else bound)


def _bound_and_search(
    problem: Problem, is_open: Flags, *, budget: TimeBudget
) -> tuple[Relaxation, Flags, float]:
    """A bound from below and sites from above, each on a thread of its own; then what the bound suggests."""
    # The search stops as soon as the bound proves the first set.
    done = threading.Event()
    with ThreadPoolExecutor(1) as other:
        search = other.submit(iterated_local_search, problem, is_open, budget=budget, stop=done)
        known = relax(problem, is_open, budget=budget)
        if problem.value(is_open) - known.bound <= PROVEN * abs(problem.value(is_open)):
            done.set()
        met = search.result()
    # The cheapest of the first set, the best met, and the one the relaxed solution suggests.
    sets = (is_open, met, vertex_interchange(problem, known.suggested(problem), budget=budget))
    values = [problem.value(one) for one in sets]
    best = int(np.argmin(values))
    return known, sets[best], values[best]


__all__ = ["_LARGEST_CORE", "_solve_core"]


class _Core(NamedTuple):
    """Pairs that a better solution may use, by row in ascending cost; `last`, what a row costs without."""

    row: Ints
    site: Ints
    cost: Floats
    last: Floats


def _solve_core(
    problem: Problem, known: Relaxation, *, limit: float, time_limit_s: float
) -> tuple[Answer, Flags | None]:
    """Look for a set of sites that costs less than `limit`.

    Parameters
    ----------
    problem
        The problem.
    known
        A bound: it decides sites, and limits how dear a row's site can be in any better solution.
    limit
        Cost of the best set known.
    time_limit_s
        When HiGHS is to stop.

    Returns
    -------
    Answer, open sites
        The bound holds for every set of sites cheaper than `limit`: ``inf`` where there is none.
        The sites are those of the solution; None without one.
    """
    # Reduced-cost fixing decides sites; what may still be used is the core.
    must, never = known.decided(problem, limit)
    core = _core(problem, known, must, never, limit)
    if core is None:
        return Answer(None, np.inf), None
    if len(core.row) > _LARGEST_CORE:
        return Answer(None, -np.inf), None
    # Too many sites must open, or too few are left: no set is cheaper than `limit`.
    undecided = np.flatnonzero(problem.free & ~must & ~never)
    to_open = problem.new - int((must & problem.free).sum())
    if to_open > len(undecided) or to_open < 0:
        return Answer(None, np.inf), None
    objective, rows, constant, upper = _model(core, undecided, to_open, len(problem.free))
    integer = np.zeros(len(objective), dtype=bool)
    integer[: len(undecided)] = True
    answer = minimise(objective, rows, integer=integer, upper=upper, time_limit_s=time_limit_s)
    if answer.x is None:
        return Answer(None, answer.bound + constant), None
    is_open = must.copy()
    is_open[undecided[is_one(answer.x[: len(undecided)])]] = True
    return Answer(answer.x, answer.bound + constant), is_open


def _core(problem: Problem, known: Relaxation, must: Flags, never: Flags, limit: float) -> _Core | None:
    """The pairs that are left; None if some row has none left, so that nothing is cheaper than `limit`."""
    rows = len(problem.unserved)
    # In a solution cheaper than `limit` no row costs more than its price and the gap together.
    row = np.repeat(np.arange(rows, dtype=np.int64), np.diff(problem.start))
    dearest = known.price + max(limit - known.bound, 0.0)
    last = np.where(problem.unserved <= dearest, problem.unserved, np.inf)
    # A site that is open anyhow ends a row's list: nothing dearer is used.
    sure = must[problem.site]
    np.minimum.at(last, row[sure], problem.cost[sure])
    kept = ~never[problem.site] & ~sure & (problem.cost <= dearest[row]) & (problem.cost < last[row])
    if (~np.isfinite(last) & (np.bincount(row[kept], minlength=rows) == 0)).any():
        return None
    return _Core(row[kept], problem.site[kept], problem.cost[kept], last)


def _model(core: _Core, undecided: Ints, to_open: int, sites: int) -> tuple[Floats, Rows, float, Floats]:
    """Elloumi's model: objective, rows, constant and upper bounds.

    Variables are y_j of every undecided site, then z_s of every step s of a row's ascending costs: 1 where no
    site up to that step is open. A row pays its first cost and, for each z_s, the rise to the next::

        sum_(j first reached at s) y_j + z_s >= z_(s-1)      z before the first step is 1
    """
    # Columns of y.
    column = np.full(sites, -1, dtype=np.int64)
    column[undecided] = np.arange(len(undecided))
    # Steps: runs of equal cost within a row; `head` is the first pair of each.
    first = np.ones(len(core.row), dtype=bool)
    first[1:] = core.row[1:] != core.row[:-1]
    new_step = first.copy()
    new_step[1:] |= core.cost[1:] != core.cost[:-1]
    step = np.cumsum(new_step) - 1
    head = np.flatnonzero(new_step)
    step_row, step_cost = core.row[head], core.cost[head]
    steps = len(head)
    # The rise to the next step of the row, to `last` after the final one; without either z must be 0.
    final = np.ones(steps, dtype=bool)
    final[:-1] = step_row[1:] != step_row[:-1]
    following = np.append(step_cost[1:], 0.0)[:steps]
    following[final] = core.last[step_row[final]]
    must_close = ~np.isfinite(following)
    rise = np.where(must_close, 0.0, following - step_cost)
    opening = first[head]
    # A row of the model per step, and one for the number of sites.
    rows = Rows()
    number = np.arange(steps)
    later = np.flatnonzero(~opening)
    rows.add(
        steps,
        (step, column[core.site], 1.0),
        (number, len(undecided) + number, 1.0),
        (later, len(undecided) + later - 1, -1.0),
        low=opening.astype(np.float64),
    )
    rows.add(
        1, (np.zeros(len(undecided), np.int64), np.arange(len(undecided)), 1.0), low=to_open, high=to_open
    )
    # A step behind which nothing is left must find an open site: its z is 0.
    upper = np.ones(len(undecided) + steps)
    upper[len(undecided) :][must_close] = 0.0
    # Rows pay their first step, or `last` where no pair is left.
    listed = np.zeros(len(core.last), dtype=bool)
    listed[step_row] = True
    constant = float(step_cost[opening].sum() + core.last[~listed].sum())
    return np.concatenate([np.zeros(len(undecided)), rise]), rows, constant, upper
