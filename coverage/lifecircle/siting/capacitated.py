"""Sites with room for so many people: whom they serve is part of the choice.

People at one demand point may go to different sites. The model is the classical one with a flow per pair
of demand point and site; HiGHS solves it as far as the time allows, and its bound holds in any case.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.optimize import linprog

from lifecircle.siting.problem import Flags, Floats, Ints
from lifecircle.siting.solver import PROVEN, Rows, minimise

__all__ = ["Flow", "Rooms", "best_rooms", "flow_to"]

_LARGEST_EXACT: Final = 400_000
"""Pairs up to which every pair is tied to its site: tighter, but slower to set up."""


@dataclass(frozen=True, eq=False)
class Rooms:
    """A capacitated problem.

    Attributes
    ----------
    row, site, cost : pairs, cost per person
    people : per row
    capacity : per site, persons
    fixed, free, new : as in `Problem`
    unserved : cost of a person who is not served; ``inf`` where everybody must be
    """

    row: Ints
    site: Ints
    cost: Floats
    people: Floats
    capacity: Floats
    fixed: Flags
    free: Flags
    new: int
    unserved: float


@dataclass(frozen=True, eq=False)
class Flow:
    """Open sites, persons on each pair, their cost with the unserved, and the bound on it."""

    is_open: Flags
    people: Floats
    value: float
    bound: float


def flow_to(problem: Rooms, is_open: Flags) -> Flow | None:
    """The cheapest way to share everybody out among open sites; None if they do not all fit."""
    used = np.flatnonzero(is_open[problem.site])
    row, site = problem.row[used], problem.site[used]
    penalty = np.isfinite(problem.unserved)
    saving = problem.cost[used] - (problem.unserved if penalty else 0.0)
    matrix, high = _shares(row, site, problem)
    served = np.unique(problem.row[problem.people[problem.row] > 0])
    if not penalty and (problem.people[np.setdiff1d(np.flatnonzero(problem.people > 0), served)] > 0).any():
        return None
    if not len(used):
        lost = float(problem.people.sum()) * problem.unserved if problem.people.any() else 0.0
        return Flow(is_open, np.zeros(len(problem.row)), lost, -np.inf) if np.isfinite(lost) else None
    rows = len(problem.people)
    equal = {} if penalty else {"A_eq": matrix[:rows], "b_eq": high[:rows]}
    capped = (matrix, high) if penalty else (matrix[rows:], high[rows:])
    found = linprog(saving, A_ub=capped[0], b_ub=capped[1], bounds=(0, None), method="highs", **equal)
    if found.status != 0:
        return None
    people = np.zeros(len(problem.row))
    people[used] = found.x
    constant = float(problem.people.sum()) * problem.unserved if penalty else 0.0
    return Flow(is_open, people, float(found.fun) + constant, -np.inf)


def _shares(row: Ints, site: Ints, problem: Rooms) -> tuple[scipy.sparse.csr_array, Floats]:
    """Rows that keep people and capacity: everybody goes once, no site is above its capacity."""
    rows, sites, pair = len(problem.people), len(problem.capacity), np.arange(len(row))
    where = (np.concatenate([row, rows + site]), np.concatenate([pair, pair]))
    ones = np.ones(2 * len(row))
    matrix = scipy.sparse.csr_array((ones, where), shape=(rows + sites, len(row)))
    return matrix, np.concatenate([problem.people, problem.capacity])


def best_rooms(
    problem: Rooms, *, time_limit_s: float, start_from: Flags | None = None
) -> Flow | Literal["infeasible", "unknown"]:
    """The sites, and who goes to which, at least cost.

    Parameters
    ----------
    problem
        What is asked.
    time_limit_s
        When HiGHS is to stop.
    start_from
        A set of sites to fall back on where HiGHS finds nothing better in time.

    Returns
    -------
    Flow, or a word
        ``"infeasible"`` where it is proven that not everybody can be served, ``"unknown"`` where the
        time ran out without a solution.
    """
    deadline = time.monotonic() + time_limit_s
    objective, rows, upper, integer, constant = _model(problem)
    answer = minimise(objective, rows, integer=integer, upper=upper, time_limit_s=deadline - time.monotonic())
    if answer.infeasible:
        return "infeasible"
    bound = answer.bound + constant
    sets = [start_from] if start_from is not None else []
    if answer.x is not None:
        sets.append(_opened(problem, answer.x))
    flows = [flow for chosen in sets if (flow := flow_to(problem, chosen)) is not None]
    if not flows:
        return "unknown"
    best = min(flows, key=lambda flow: flow.value)
    # The bound is known to HiGHS's tolerance of the largest figure in the model, not of what is left.
    closed = best.value - bound <= PROVEN * max(abs(best.value), abs(constant))
    return Flow(best.is_open, best.people, best.value, best.value if closed else bound)


def _opened(problem: Rooms, x: NDArray[np.float64]) -> Flags:
    """The sites a solution opens."""
    is_open = problem.fixed.copy()
    free = np.flatnonzero(problem.free)
    is_open[free[x[: len(free)] > 0.5]] = True
    return is_open


def _model(problem: Rooms) -> tuple[Floats, Rows, Floats, NDArray[np.bool_], float]:
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
