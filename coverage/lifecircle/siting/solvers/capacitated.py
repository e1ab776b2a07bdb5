"""Few sites with room for so many at least cost: a good set, a bound beside it, what they leave open solved.

The exact model is the classical one with a flow per pair of demand point and site (Current and Storbeck
1988), cut down to the sites that the bound leaves open.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.siting.kernels.allocation import spent
from lifecircle.siting.problem import Flags, Floats
from lifecircle.siting.solvers.capacitated_interchange import (
    greedy_open_capacitated,
    improved_with_room,
    wandered_with_room,
)
from lifecircle.siting.solvers.capacitated_lagrangean import capacitated_relaxation
from lifecircle.siting.solvers.capacitated_problem import Allocation, CapacitatedProblem, allocate
from lifecircle.siting.solvers.lagrangean import Relaxation
from lifecircle.siting.solvers.milp import Answer, Rows, minimise

__all__ = ["best_rooms"]

_LARGEST_EXACT: Final = 400_000
"""Pairs up to which every pair is tied to its site: tighter, but slower to set up."""
_PAIRS_PER_S: Final = 2_000
"""Pairs beyond which HiGHS would not get through its first relaxation, which is known here, in that time."""
_SHARE: Final = 0.5
"""Of the time, for the search and its bound where HiGHS can say more."""


class _Known(NamedTuple):
    """The best sites so far, what they cost, and the bound."""

    is_open: Flags
    value: float
    prices: Relaxation


def best_rooms(
    problem: CapacitatedProblem, *, time_limit_s: float, start_from: Flags | None = None
) -> Allocation | Literal["infeasible", "unknown"]:
    """The sites, and who goes to which, at least cost.

    Parameters
    ----------
    problem
        What is asked.
    time_limit_s
        For the search and the proof; a first set of sites is always looked for.
    start_from
        A set of sites to begin with, beside the greedy one.

    Returns
    -------
    Flow, or a word
        ``"infeasible"`` where it is proven that not everybody can be served, ``"unknown"`` where the
        time ran out without a solution.
    """
    began = time.monotonic()
    merged, beyond = problem.merged()
    if beyond and not np.isfinite(problem.unserved):
        return "infeasible"
    hopeful = len(merged.row) <= _PAIRS_PER_S * (1.0 - _SHARE) * time_limit_s
    known = _closed_in(merged, start_from, deadline=began + (_SHARE if hopeful else 1.0) * time_limit_s)
    best = allocate(problem, known.is_open)
    bound = known.prices.bound
    if known.value - bound > merged.tolerance or best is None:
        limit = np.inf if best is None else known.value
        left_s = began + time_limit_s - time.monotonic()
        answer, found = _solved(merged, known.prices, limit=limit, time_limit_s=left_s)
        if answer.infeasible and best is None:
            return "infeasible"
        other = None if found is None else allocate(problem, found)
        if other is not None and (best is None or other.value < best.value):
            best = other
        bound = max(bound, min(answer.bound, known.value))
    if best is None:
        return "unknown"
    closed = best.value - bound - beyond <= merged.tolerance
    return dataclasses.replace(best, bound=best.value if closed else bound + beyond)


def _closed_in(problem: CapacitatedProblem, start_from: Flags | None, *, deadline: float) -> _Known:
    """A bound from below and sites from above, each on a thread of its own; then what the bound suggests."""
    soon = time.monotonic() + (deadline - time.monotonic()) / 4
    begin = greedy_open_capacitated(problem, deadline=soon)
    if start_from is not None:
        begin = min((begin, start_from), key=lambda one: spent(problem.shares(one)))
    done = threading.Event()
    with ThreadPoolExecutor(1) as other:
        search = other.submit(wandered_with_room, problem, begin, seed=0, deadline=deadline, stop=done)
        # A fair set of sites is enough to begin a bound with.
        soon = time.monotonic() + (deadline - time.monotonic()) / 4
        is_open, value = improved_with_room(problem, begin, deadline=soon)
        prices = capacitated_relaxation(problem, is_open, value, deadline=deadline)
        if value - prices.bound <= problem.tolerance:
            done.set()
        met = wandered_with_room(problem, prices.suggested(problem), seed=1, deadline=deadline, stop=done)
        is_open, value = min((is_open, value), met, search.result(), key=lambda one: one[1])
    return _Known(is_open, value, prices)


def _solved(
    problem: CapacitatedProblem, known: Relaxation, *, limit: float, time_limit_s: float
) -> tuple[Answer, Flags | None]:
    """Look with HiGHS for sites that cost less than `limit`: its bound holds for all such sets."""
    must, never = known.decided(problem, limit)
    undecided = np.flatnonzero(problem.free & ~must & ~never)
    to_open = problem.new - int((must & problem.free).sum())
    if to_open > len(undecided) or to_open < 0:
        return Answer(None, np.inf), None
    kept = ~never[problem.site]
    core = dataclasses.replace(
        problem, row=problem.row[kept], site=problem.site[kept], cost=problem.cost[kept],
        fixed=must, free=problem.free & ~must & ~never, new=to_open,
    )  # fmt: skip
    if len(core.row) > _PAIRS_PER_S * time_limit_s:
        return Answer(None, -np.inf), None
    objective, rows, upper, integer, constant = _model(core)
    answer = minimise(objective, rows, integer=integer, upper=upper, time_limit_s=time_limit_s)
    found = None if answer.x is None else _opened(core, answer.x)
    return Answer(answer.x, answer.bound + constant), found


def _opened(problem: CapacitatedProblem, x: NDArray[np.float64]) -> Flags:
    """The sites a solution opens."""
    is_open = problem.fixed.copy()
    free = np.flatnonzero(problem.free)
    is_open[free[x[: len(free)] > 0.5]] = True
    return is_open


def _model(problem: CapacitatedProblem) -> tuple[Floats, Rows, Floats, NDArray[np.bool_], float]:
    """Objective, rows, upper bounds, whole variables, constant: a variable per free site, then per pair."""
    free = np.flatnonzero(problem.free)
    column = np.full(len(problem.free), -1, dtype=np.int64)
    column[free] = np.arange(len(free))
    pair = len(free) + np.arange(len(problem.row))
    n_rows, n_sites = len(problem.people), len(problem.capacity)
    penalty = np.isfinite(problem.unserved)
    constant = float(problem.people.sum()) * problem.unserved if penalty else 0.0
    saving = problem.cost - problem.unserved if penalty else problem.cost
    most = np.minimum(problem.people[problem.row], problem.capacity[problem.site])
    rows = Rows()
    low = -np.inf if penalty else problem.people
    rows.add(n_rows, (problem.row, pair, 1.0), low=low, high=problem.people)
    room = np.where(problem.free, 0.0, np.where(problem.fixed, problem.capacity, 0.0))
    rows.add(n_sites, (problem.site, pair, 1.0), (free, column[free], -problem.capacity[free]), high=room)
    tied = np.flatnonzero(problem.free[problem.site])
    if len(tied) <= _LARGEST_EXACT:
        number = np.arange(len(tied))
        rows.add(
            len(tied),
            (number, pair[tied], 1.0),
            (number, column[problem.site[tied]], -most[tied]),
            high=0.0,
        )
    rows.add(1, (np.zeros(len(free), np.int64), np.arange(len(free)), 1.0), low=problem.new, high=problem.new)
    integer = np.zeros(len(free) + len(pair), dtype=bool)
    integer[: len(free)] = True
    upper = np.concatenate([np.ones(len(free)), most])
    return np.concatenate([np.zeros(len(free)), saving]), rows, upper, integer, constant
