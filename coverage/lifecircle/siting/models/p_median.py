"""Few sites at least cost: a good set, a bound beside it, and what they leave open solved exactly."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from lifecircle.siting.problem import Flags, Problem
from lifecircle.siting.solvers.interchange import greedy_open, iterated_local_search, vertex_interchange
from lifecircle.siting.solvers.lagrangean import Relaxation, relax
from lifecircle.siting.solvers.milp import PROVEN, Answer
from lifecircle.siting.solvers.reduced_model import solve_core

__all__ = ["Solved", "solve"]


@dataclass(frozen=True, eq=False)
class Solved:
    """Open sites, what they cost, and what no set of as many costs less than."""

    is_open: Flags
    value: float
    bound: float


def solve(problem: Problem, *, time_limit_s: float, start_from: Flags | None = None) -> Solved:
    """The cheapest set of sites, proven where the time allows, else the best found and a bound.

    Parameters
    ----------
    problem
        What is asked.
    time_limit_s
        For the proof; a first set is always found.
    start_from
        A set of sites that serves everybody who must be, where greedy may not find one.
    """
    deadline = time.monotonic() + time_limit_s
    is_open = vertex_interchange(problem, greedy_open(problem))
    if not np.isfinite(problem.value(is_open)) and start_from is not None:
        is_open = vertex_interchange(problem, start_from)
    if not np.isfinite(problem.value(is_open)):
        return Solved(is_open, np.inf, -np.inf)
    halfway = time.monotonic() + (deadline - time.monotonic()) / 2
    known, is_open, value = _closed_in(problem, is_open, deadline=halfway)
    bound = known.bound
    if value - bound > PROVEN * abs(value):
        answer, found = solve_core(problem, known, limit=value, time_limit_s=deadline - time.monotonic())
        if found is not None and problem.value(found) < value:
            is_open, value = found, problem.value(found)
        if answer.bound == -np.inf:
            # Too large for HiGHS: what is left of the time goes into the bound.
            answer = Answer(None, relax(problem, is_open, deadline=deadline, begin=known.price).bound)
        bound = max(bound, min(answer.bound, value))
    closed = value - bound <= PROVEN * abs(value)
    return Solved(is_open, value, value if closed else bound)


def _closed_in(problem: Problem, is_open: Flags, *, deadline: float) -> tuple[Relaxation, Flags, float]:
    """A bound from below and sites from above, each on a thread of its own; then what the bound suggests."""
    done = threading.Event()
    with ThreadPoolExecutor(1) as other:
        search = other.submit(iterated_local_search, problem, is_open, deadline=deadline, stop=done)
        known = relax(problem, is_open, deadline=deadline)
        if problem.value(is_open) - known.bound <= PROVEN * abs(problem.value(is_open)):
            done.set()
        met = search.result()
    sets = (is_open, met, vertex_interchange(problem, known.suggested(problem)))
    values = [problem.value(one) for one in sets]
    best = int(np.argmin(values))
    return known, sets[best], values[best]
