"""The p-median form solved: a good set of sites, a bound beside it, HiGHS for what they leave open."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.problem import Flags, Problem
from lifecircle.siting.solvers.interchange import greedy_open, iterated_local_search, vertex_interchange
from lifecircle.siting.solvers.lagrangean import Relaxation, relax
from lifecircle.siting.solvers.milp import PROVEN, Answer
from lifecircle.siting.solvers.reduced_model import solve_core

__all__ = ["MedianSolution", "solve_median"]


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
    # Half of the time for bound and search, the rest for HiGHS on what they leave open.
    known, is_open, value = _bound_and_search(problem, is_open, budget=budget.part(0.5))
    bound = known.bound
    if value - bound > PROVEN * abs(value):
        answer, opened = solve_core(problem, known, limit=value, time_limit_s=budget.left_s)
        if opened is not None and problem.value(opened) < value:
            is_open, value = opened, problem.value(opened)
        if answer.bound == -np.inf:
            # Too large for HiGHS: what is left of the time goes into the bound.
            answer = Answer(None, relax(problem, is_open, budget=budget, begin=known.price).bound)
        bound = max(bound, min(answer.bound, value))
    closed = value - bound <= PROVEN * abs(value)
    return MedianSolution(is_open, value, value if closed else bound)


def _bound_and_search(
    problem: Problem, is_open: Flags, *, budget: TimeBudget
) -> tuple[Relaxation, Flags, float]:
    """A bound from below and sites from above, each on a thread of its own; then what the bound suggests."""
    done = threading.Event()
    with ThreadPoolExecutor(1) as other:
        search = other.submit(iterated_local_search, problem, is_open, budget=budget, stop=done)
        known = relax(problem, is_open, budget=budget)
        if problem.value(is_open) - known.bound <= PROVEN * abs(problem.value(is_open)):
            done.set()
        met = search.result()
    sets = (is_open, met, vertex_interchange(problem, known.suggested(problem), budget=budget))
    values = [problem.value(one) for one in sets]
    best = int(np.argmin(values))
    return known, sets[best], values[best]
