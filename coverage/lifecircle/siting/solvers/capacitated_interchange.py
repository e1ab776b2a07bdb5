"""Good sets of sites of limited capacity: greedy adding, interchange, iterated local search.

An exchange is worth what the least-cost allocation then costs. The duals of the current allocation bound that
worth: only exchanges that may save are tried.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.allocation import allocation_cost, carry_over, fill_slot
from lifecircle.siting.kernels.capacitated_interchange import (
    best_swap,
    most_saved_by_opening,
    most_saved_by_swapping,
)
from lifecircle.siting.kernels.residual import AllocationState
from lifecircle.siting.problem import Flags
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem

__all__ = ["capacitated_interchange", "capacitated_local_search", "greedy_open_capacitated"]

_MOVED: Final = (2, 4, 8)
"""How many sites are moved at most, by turns."""
_ROUNDS: Final = 100
_SMALLEST_GAIN: Final = 1e-9
"""Of the cost: an exchange that saves less could be one of rounding."""
_LOOKED_AT: Final = 4
"""How many sites greedy evaluates before it opens one, those with the greatest bound first."""


def greedy_open_capacitated(problem: CapacitatedProblem, *, budget: TimeBudget) -> Flags:
    """Open one site after the other: of those with the greatest bound on their saving, the best.

    When time is up, all that are missing are opened by their bounds.
    """
    # Invariant: `state` is a least-cost allocation to the fixed sites and those opened so far.
    state = problem.allocate_to(problem.fixed)
    for opened in range(problem.new):
        value, (bound, _) = allocation_cost(state), most_saved_by_opening(problem.knapsacks, state)
        is_open = _open(problem, state)
        closed = np.flatnonzero(problem.free & ~is_open)
        order = closed[np.argsort(-bound[closed], kind="stable")]
        if budget.expired:
            is_open[order[: problem.new - opened]] = True
            return is_open
        # The bound of a site caps its true saving: the rest of the order cannot beat the best one met.
        best, most = state, -np.inf
        for j in order[:_LOOKED_AT]:
            if bound[j] <= most:
                break
            grown = _with(problem, state, j)
            if value - allocation_cost(grown) > most:
                best, most = grown, value - allocation_cost(grown)
        state = best
    return _open(problem, state)


def capacitated_interchange(
    problem: CapacitatedProblem, is_open: Flags, *, budget: TimeBudget, stop: threading.Event | None = None
) -> tuple[Flags, float]:
    """A set of sites that no exchange of one site makes cheaper, as far as time allows, and what it costs."""
    state = problem.allocate_to(is_open)
    value = allocation_cost(state)
    smallest = _SMALLEST_GAIN * abs(value)
    improved: AllocationState | None = state
    while improved is not None:
        state = improved
        improved = _best_exchange(problem, state, smallest, budget, stop)
    return _open(problem, state), allocation_cost(state)


def capacitated_local_search(
    problem: CapacitatedProblem, is_open: Flags, *, seed: int, budget: TimeBudget, stop: threading.Event
) -> tuple[Flags, float]:
    """The cheapest set of sites met by interchange from sets moved at random, many times.

    The same problem and seed give the same sites, unless the time runs out before the rounds do.
    """
    is_open, value = capacitated_interchange(problem, is_open, budget=budget, stop=stop)
    draw = np.random.default_rng(seed)
    closed = int(problem.free.sum()) - problem.new
    for turn in range(min(_ROUNDS, problem.new * closed)):
        if stop.is_set() or budget.expired:
            break
        # Perturb: as many open sites close as closed ones open.
        inside, outside = np.flatnonzero(is_open & problem.free), np.flatnonzero(~is_open & problem.free)
        fewest = min(_MOVED[turn % len(_MOVED)], problem.new, closed)
        moved, tried = int(draw.integers(1, fewest + 1)), is_open.copy()
        tried[draw.choice(inside, moved, replace=False)] = False
        tried[draw.choice(outside, moved, replace=False)] = True
        # Descend, and accept what improves on the best so far.
        tried, cost = capacitated_interchange(problem, tried, budget=budget, stop=stop)
        if cost < value - _SMALLEST_GAIN * abs(value):
            is_open, value = tried, cost
    return is_open, value


def _best_exchange(
    problem: CapacitatedProblem,
    state: AllocationState,
    smallest: float,
    budget: TimeBudget,
    stop: threading.Event | None,
) -> AllocationState | None:
    """The allocation after an exchange that saves more than `smallest`; None if there is none, or no time."""
    is_open = _open(problem, state)
    movable = np.flatnonzero(is_open & problem.free)
    closed = np.flatnonzero(problem.free & ~is_open)
    if not len(movable) or not len(closed):
        return None
    # Closed sites in the order of what opening them can save at most.
    bound = most_saved_by_swapping(problem.knapsacks, state, closed, movable)
    for at in np.argsort(-bound, kind="stable"):
        if bound[at] <= smallest or budget.expired or (stop is not None and stop.is_set()):
            return None
        grown = _with(problem, state, closed[at])
        out, tried = best_swap(grown, allocation_cost(state), smallest, problem.free, problem.people)
        if out >= 0:
            # The slot that closes is empty by now: all others carry their people over.
            kept = np.delete(np.arange(len(tried.site)), out)
            return carry_over(problem.pairs, tried.site[kept], tried, kept)
    return None


def _with(problem: CapacitatedProblem, state: AllocationState, j: int) -> AllocationState:
    """The allocation with one more site open."""
    old_slot = np.append(np.arange(len(state.site)), -1)
    grown = carry_over(problem.pairs, np.append(state.site, j), state, old_slot)
    fill_slot(len(state.site), grown)
    return grown


def _open(problem: CapacitatedProblem, state: AllocationState) -> Flags:
    """Which sites are open."""
    is_open = np.zeros(len(problem.free), dtype=np.bool_)
    is_open[state.site] = True
    return is_open
