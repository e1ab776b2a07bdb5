"""Few sites at least cost: a good set by greedy and interchange, then the proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.kernels import greedy, interchange, served_cost
from lifecircle.siting.problem import Flags, Problem
from lifecircle.siting.radius import LARGEST_CORE, solve_core
from lifecircle.siting.relaxation import relax
from lifecircle.siting.solver import PROVEN

__all__ = ["Solved", "improve", "solve"]

_MOST_SWAPS: Final = 100_000


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
    is_open = _first(problem)
    if not np.isfinite(problem.value(is_open)) and start_from is not None:
        is_open = improve(problem, start_from)
    value = problem.value(is_open)
    if not np.isfinite(value):
        return Solved(is_open, value, -np.inf)
    # Where HiGHS may have no say, all the time goes into the bound.
    halfway = time.monotonic() + (deadline - time.monotonic()) / 2
    known = relax(problem, is_open, deadline=halfway if len(problem.site) <= 4 * LARGEST_CORE else deadline)
    candidate = improve(problem, known.is_open)
    if problem.value(candidate) < value:
        is_open, value = candidate, problem.value(candidate)
    bound = known.bound
    if value - bound > PROVEN * abs(value):
        answer, found = solve_core(problem, known, limit=value, time_limit_s=deadline - time.monotonic())
        if answer.x is not None and problem.value(found) < value:
            is_open, value = found, problem.value(found)
        bound = max(bound, min(answer.bound, value))
    closed = value - bound <= PROVEN * abs(value)
    return Solved(is_open, value, value if closed else bound)


def improve(problem: Problem, is_open: Flags) -> Flags:
    """A set of sites that no exchange of one site makes cheaper."""
    better = is_open.copy()
    most = problem.finite_unserved
    scale = float(np.abs(served_cost(problem.start, problem.site, problem.cost, most, better)).sum())
    interchange(
        problem.start, problem.site, problem.cost, most, *problem.columns, better, problem.free,
        1e-9 * scale / max(len(most), 1) + 1e-12 * scale, _MOST_SWAPS,
    )  # fmt: skip
    return better


def _first(problem: Problem) -> Flags:
    """Greedy, then interchange."""
    is_open = problem.fixed.copy()
    best = served_cost(problem.start, problem.site, problem.cost, problem.finite_unserved, is_open)
    greedy(*problem.columns, best, is_open, problem.free, problem.new)
    return improve(problem, is_open)
