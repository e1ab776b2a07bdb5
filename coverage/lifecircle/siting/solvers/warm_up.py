"""Compiles the solvers' loops before the clock of a question starts."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.quota import greedy_quota_cover
from lifecircle.siting.kernels.reductions import group_identical_rows
from lifecircle.siting.kernels.row_weighting import CoverMatrix, row_weighting_search
from lifecircle.siting.problem import Problem, by_column
from lifecircle.siting.solvers.capacitated import capacitated_relaxation
from lifecircle.siting.solvers.capacitated_interchange import capacitated_local_search
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem, allocate
from lifecircle.siting.solvers.interchange import greedy_open, iterated_local_search, vertex_interchange
from lifecircle.siting.solvers.lagrangean import relax
from lifecircle.siting.solvers.set_cover import minimum_cover

__all__ = ["compile_kernels"]

_SIDE = 4


@cache
def compile_kernels(*, capacitated: bool) -> None:
    """Run every compiled loop once on four points and four sites; compiled code is kept on disk by numba.

    A time limit then bounds solving alone: the first question after an installation compiles for a minute,
    every later one loads what was compiled.
    """
    budget, stop = TimeBudget.of(np.inf), threading.Event()
    row, site = np.repeat(np.arange(_SIDE), _SIDE), np.tile(np.arange(_SIDE), _SIDE)
    cost = np.abs(row - site).astype(np.float64)
    order = np.lexsort((site, cost, row))
    start = np.arange(0, _SIDE * _SIDE + 1, _SIDE)
    none, every = np.zeros(_SIDE, np.bool_), np.ones(_SIDE, np.bool_)
    people = np.ones(_SIDE)
    if capacitated:
        problem = CapacitatedProblem(row, site, cost, people, 2.0 * people, none, every, 2, 9.0)
        is_open = np.arange(_SIDE) < 2
        allocate(problem.merged()[0], is_open)
        is_open, value = capacitated_local_search(problem, is_open, seed=0, budget=budget, stop=stop)
        capacitated_relaxation(problem, is_open, value, budget=budget)
        return
    median = Problem(start, site[order], cost[order], 9.0 * people, fixed=none, free=every, new=2)
    is_open = vertex_interchange(median, greedy_open(median))
    iterated_local_search(median, is_open, budget=budget, stop=stop)
    relax(median, is_open, budget=budget)
    # Points that two neighbouring sites reach, one of them each: a cover that is not trivial.
    near = cost <= 1.0
    begin = np.concatenate(([0], np.cumsum(np.bincount(row[near], minlength=_SIDE)))).astype(np.int64)
    minimum_cover(begin, site[near], fixed=none, budget=budget)
    group_identical_rows(begin, site[near], site[near])
    col_start, col_row, _ = by_column(begin, site[near], cost[near], _SIDE)
    row_weighting_search(CoverMatrix(begin, site[near], col_start, col_row), every, 1, 2, 0)
    greedy_quota_cover(col_start, col_row, people, np.arange(_SIDE), people, every.copy())
