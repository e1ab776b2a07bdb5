"""The capacitated problem solved: a good set of sites, a bound beside it, HiGHS for what they leave open.

The exact model is the classical one with a flow per pair of demand point and site (Current and Storbeck
1988), cut down to the sites that the bound leaves open.
"""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.allocation import allocation_cost, capacity_duals, two_nearest
from lifecircle.siting.kernels.volume import LagrangeanProblem
from lifecircle.siting.problem import Flags, Floats
from lifecircle.siting.solvers.capacitated_interchange import (
    capacitated_interchange,
    capacitated_local_search,
    greedy_open_capacitated,
)
from lifecircle.siting.solvers.capacitated_problem import Allocation, CapacitatedProblem, allocate
from lifecircle.siting.solvers.lagrangean import Relaxation, raise_bound
from lifecircle.siting.solvers.milp import PROVEN, Answer, Rows, is_one, minimise

__all__ = ["capacitated_relaxation", "solve_capacitated"]

_LARGEST_EXACT: Final = 400_000
"""Pairs up to which every pair is tied to its site: tighter, but slower to set up."""
_PAIRS_PER_S: Final = 2_000
"""Pairs beyond which HiGHS would not get through its first relaxation, which is known here, in that time."""
_SHARE: Final = 0.5
"""Of the time, for the search and its bound where HiGHS can say more."""
_FIRST: Final = 0.25
"""Of that, for a first set of sites, and again for its first interchange."""


class _Incumbent(NamedTuple):
    """The best sites so far, what they cost, and the bound."""

    is_open: Flags
    value: float
    prices: Relaxation


def solve_capacitated(
    problem: CapacitatedProblem, *, budget: TimeBudget, start_from: Flags | None = None
) -> Allocation | Literal["infeasible", "unknown"]:
    """The sites, and who goes to which, at least cost.

    Parameters
    ----------
    problem
        The problem.
    budget
        For the search and the proof; a first set of sites is always looked for.
    start_from
        A set of sites to begin with, beside the greedy one.

    Returns
    -------
    Allocation, or a word
        ``"infeasible"`` where it is proven that not everybody can be served, ``"unknown"`` where the
        time ran out without a solution.
    """
    time_limit_s = budget.left_s
    # Equal rows are one; people beyond reach cost the same whatever is open.
    merged, beyond = problem.merged()
    if beyond and not np.isfinite(problem.unserved):
        return "infeasible"
    # HiGHS gets its part of the time only where it would get through its first relaxation.
    hopeful = len(merged.row) <= _PAIRS_PER_S * (1.0 - _SHARE) * time_limit_s
    searching = budget.part(_SHARE) if hopeful else budget
    known = _bound_and_search(merged, start_from, budget=searching)
    best = allocate(problem, known.is_open)
    # What search and bound leave open.
    bound = known.prices.bound
    if known.value - bound > merged.tolerance or best is None:
        limit = np.inf if best is None else known.value
        answer, opened = _solve_core(merged, known.prices, limit=limit, time_limit_s=budget.left_s)
        if answer.infeasible and best is None:
            return "infeasible"
        other = None if opened is None else allocate(problem, opened)
        if other is not None and (best is None or other.value < best.value):
            best = other
        bound = max(bound, min(answer.bound, known.value))
    if best is None:
        return "unknown"
    # A gap within the tolerance of HiGHS is none.
    closed = best.value - bound - beyond <= merged.tolerance
    return dataclasses.replace(best, bound=best.value if closed else bound + beyond)


def capacitated_relaxation(
    problem: CapacitatedProblem, is_open: Flags, value: float, *, budget: TimeBudget
) -> Relaxation:
    """Raise the Lagrangean bound from the prices that a good set of sites suggests.

    Rows pay for being served, and every site is filled by who gains most: as strong as the linear relaxation
    with ``f_ij <= people_i y_j`` (Cornuejols, Sridharan and Thizy 1991), without its size.

    Parameters
    ----------
    problem
        The problem.
    is_open, value
        A set of sites, and what it costs.
    budget
        When to stop.
    """
    # Prices of whole rows lie between the cheapest pair and the cost of being unserved.
    state, people, start = problem.allocate_to(is_open), problem.people, problem.start
    most = people * problem.penalty
    cheapest = np.minimum.reduceat(problem.cost, start[:-1]) if len(people) else people
    relaxed = LagrangeanProblem(
        start=start, site=problem.site, cost=problem.cost * people[problem.row],
        least=np.minimum(cheapest * people, most), most=most, opening=0.0,
        fixed=problem.fixed, free=np.flatnonzero(problem.free), new=problem.new, knapsacks=problem.knapsacks,
    )  # fmt: skip
    # First prices: the cheapest site of each row, the dual of its capacity included.
    price = two_nearest(state, capacity_duals(state)).first * people
    enough = value - PROVEN * abs(value)
    prices = raise_bound(relaxed, price, upper=value, budget=budget, enough=enough)
    return Relaxation(prices.bound, prices.price, prices.reduced, prices.chosen, prices.share)


def _bound_and_search(
    problem: CapacitatedProblem, start_from: Flags | None, *, budget: TimeBudget
) -> _Incumbent:
    """A bound from below and sites from above, each on a thread of its own; then what the bound suggests."""
    begin = greedy_open_capacitated(problem, budget=budget.part(_FIRST))
    if start_from is not None:
        begin = min((begin, start_from), key=lambda one: allocation_cost(problem.allocate_to(one)))
    done = threading.Event()
    with ThreadPoolExecutor(1) as other:
        search = other.submit(capacitated_local_search, problem, begin, seed=0, budget=budget, stop=done)
        # A fair set of sites is enough to begin a bound with.
        is_open, value = capacitated_interchange(problem, begin, budget=budget.part(_FIRST))
        prices = capacitated_relaxation(problem, is_open, value, budget=budget)
        if value - prices.bound <= problem.tolerance:
            done.set()
        suggested = prices.suggested(problem)
        met = capacitated_local_search(problem, suggested, seed=1, budget=budget, stop=done)
        is_open, value = min((is_open, value), met, search.result(), key=lambda one: one[1])
    return _Incumbent(is_open, value, prices)


def _solve_core(
    problem: CapacitatedProblem, known: Relaxation, *, limit: float, time_limit_s: float
) -> tuple[Answer, Flags | None]:
    """Look with HiGHS for sites that cost less than `limit`: its bound holds for all such sets."""
    # Reduced-cost fixing decides sites; the others make the core.
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
    opened = None if answer.x is None else _opened(core, answer.x)
    return Answer(answer.x, answer.bound + constant), opened


def _opened(problem: CapacitatedProblem, x: NDArray[np.float64]) -> Flags:
    """The sites a solution opens."""
    is_open = problem.fixed.copy()
    free = np.flatnonzero(problem.free)
    is_open[free[is_one(x[: len(free)])]] = True
    return is_open


def _model(problem: CapacitatedProblem) -> tuple[Floats, Rows, Floats, NDArray[np.bool_], float]:
    """Objective, rows, upper bounds, integrality, constant: a variable y per free site, then f per pair."""
    # Columns: y of every free site, then f of every pair.
    free = np.flatnonzero(problem.free)
    column = np.full(len(problem.free), -1, dtype=np.int64)
    column[free] = np.arange(len(free))
    pair = len(free) + np.arange(len(problem.row))
    n_rows, n_sites = len(problem.people), len(problem.capacity)
    # Being unserved is the constant; every person served saves the difference.
    penalty = np.isfinite(problem.unserved)
    constant = float(problem.people.sum()) * problem.unserved if penalty else 0.0
    saving = problem.cost - problem.unserved if penalty else problem.cost
    most = np.minimum(problem.people[problem.row], problem.capacity[problem.site])
    # People: each row is served up to its people, exactly so where everybody must be.
    rows = Rows()
    low = -np.inf if penalty else problem.people
    rows.add(n_rows, (problem.row, pair, 1.0), low=low, high=problem.people)
    # Capacity: load - capacity * y <= 0 at a free site, load <= capacity at a fixed one.
    capacity = np.where(problem.free, 0.0, np.where(problem.fixed, problem.capacity, 0.0))
    loads = (problem.site, pair, 1.0)
    rows.add(n_sites, loads, (free, column[free], -problem.capacity[free]), high=capacity)
    # The linking rows f <= people * y tighten the relaxation where there are not too many.
    tied = np.flatnonzero(problem.free[problem.site])
    if len(tied) <= _LARGEST_EXACT:
        number = np.arange(len(tied))
        rows.add(
            len(tied),
            (number, pair[tied], 1.0),
            (number, column[problem.site[tied]], -most[tied]),
            high=0.0,
        )
    # The number of new sites.
    opened = (np.zeros(len(free), np.int64), np.arange(len(free)), 1.0)
    rows.add(1, opened, low=problem.new, high=problem.new)
    integer = np.zeros(len(free) + len(pair), dtype=bool)
    integer[: len(free)] = True
    upper = np.concatenate([np.ones(len(free)), most])
    return np.concatenate([np.zeros(len(free)), saving]), rows, upper, integer, constant
