"""Good sets of sites with limited room: greedy, interchange with exact flows, again from sets shaken up.

An exchange is worth what the flow of people then costs. Prices of room, the duals of the flow there is,
say what it can be worth at the most: only exchanges that may save are tried.
"""

from __future__ import annotations

import threading
import time
from typing import Final

import numpy as np

from lifecircle.siting.kernels.allocation import AllocationState, attract, carried_over, spent
from lifecircle.siting.kernels.capacitated_interchange import (
    best_swap,
    most_saved_by_adding,
    most_saved_by_swapping,
)
from lifecircle.siting.problem import Flags
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem

__all__ = ["greedy_open_capacitated", "improved_with_room", "wandered_with_room"]

_MOVED: Final = (2, 4, 8)
"""How many sites are moved at the most, by turns."""
_ROUNDS: Final = 100
_LOOKED_AT: Final = 4
"""How many sites, of those that promise most, greedy looks at before it opens one."""


def greedy_open_capacitated(problem: CapacitatedProblem, *, deadline: float) -> Flags:
    """Open one site after the other, of those that promise most the one that saves most.

    When time is up, those that promise most are opened together.
    """
    now = problem.shares(problem.fixed)
    for opened in range(problem.new):
        value, (promised, _) = spent(now), most_saved_by_adding(problem.limits, now)
        is_open = _open(problem, now)
        closed = np.flatnonzero(problem.free & ~is_open)
        order = closed[np.argsort(-promised[closed], kind="stable")]
        if time.monotonic() > deadline:
            is_open[order[: problem.new - opened]] = True
            return is_open
        best, most = now, -np.inf
        for j in order[:_LOOKED_AT]:
            if promised[j] <= most:
                break
            grown = _with(problem, now, j)
            if value - spent(grown) > most:
                best, most = grown, value - spent(grown)
        now = best
    return _open(problem, now)


def improved_with_room(
    problem: CapacitatedProblem, is_open: Flags, *, deadline: float, stop: threading.Event | None = None
) -> tuple[Flags, float]:
    """A set of sites that no exchange of one site makes cheaper, as far as time allows, and what it costs."""
    now = problem.shares(is_open)
    value = spent(now)
    smallest = 1e-9 * abs(value)
    found: AllocationState | None = now
    while found is not None:
        now = found
        found = _exchanged(problem, now, smallest, deadline, stop)
    return _open(problem, now), spent(now)


def wandered_with_room(
    problem: CapacitatedProblem, is_open: Flags, *, seed: int, deadline: float, stop: threading.Event
) -> tuple[Flags, float]:
    """The cheapest set of sites met when some are moved at random and all exchanged again, many times.

    The same problem and seed give the same sites, unless the time runs out before the rounds do.
    """
    is_open, value = improved_with_room(problem, is_open, deadline=deadline, stop=stop)
    draw = np.random.default_rng(seed)
    closed = int(problem.free.sum()) - problem.new
    for turn in range(min(_ROUNDS, problem.new * closed)):
        if stop.is_set() or time.monotonic() > deadline:
            break
        inside, outside = np.flatnonzero(is_open & problem.free), np.flatnonzero(~is_open & problem.free)
        fewest = min(_MOVED[turn % len(_MOVED)], problem.new, closed)
        moved, tried = int(draw.integers(1, fewest + 1)), is_open.copy()
        tried[draw.choice(inside, moved, replace=False)] = False
        tried[draw.choice(outside, moved, replace=False)] = True
        tried, cost = improved_with_room(problem, tried, deadline=deadline, stop=stop)
        if cost < value - 1e-9 * abs(value):
            is_open, value = tried, cost
    return is_open, value


def _exchanged(
    problem: CapacitatedProblem,
    now: AllocationState,
    smallest: float,
    deadline: float,
    stop: threading.Event | None,
) -> AllocationState | None:
    """The people after an exchange that saves more than so much; None if there is none, or no time."""
    is_open = _open(problem, now)
    movable = np.flatnonzero(is_open & problem.free)
    closed = np.flatnonzero(problem.free & ~is_open)
    if not len(movable) or not len(closed):
        return None
    promised = most_saved_by_swapping(problem.limits, now, closed, movable)
    for at in np.argsort(-promised, kind="stable"):
        if promised[at] <= smallest or time.monotonic() > deadline or (stop is not None and stop.is_set()):
            return None
        grown = _with(problem, now, closed[at])
        out, tried = best_swap(grown, spent(now), smallest, problem.free, problem.people)
        if out >= 0:
            kept = np.delete(np.arange(len(tried.site)), out)
            return carried_over(problem.pairs, tried.site[kept], tried, kept)
    return None


def _with(problem: CapacitatedProblem, now: AllocationState, j: int) -> AllocationState:
    """People shared out among one more site."""
    was = np.append(np.arange(len(now.site)), -1)
    grown = carried_over(problem.pairs, np.append(now.site, j), now, was)
    attract(len(now.site), grown)
    return grown


def _open(problem: CapacitatedProblem, now: AllocationState) -> Flags:
    """Which sites are open."""
    is_open = np.zeros(len(problem.free), dtype=np.bool_)
    is_open[now.site] = True
    return is_open
