"""Good sets of sites: greedy adding, vertex interchange, iterated local search."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.interchange import (
    SwapSearch,
    greedy,
    interchange,
    iterated_interchange,
    served_cost,
)
from lifecircle.siting.problem import Flags, Problem

__all__ = ["greedy_open", "iterated_local_search", "vertex_interchange"]

_MOST_SWAPS: Final = 100_000
_SWAPS: Final = 1_000
"""Exchanges between looks at the clock."""
_OPENED: Final = 50
"""Sites that greedy opens between looks at the clock."""
_MOVED: Final = (2, 4, 8)
"""How many sites are moved at most, by turns."""
_ROUNDS: Final = 10
"""Rounds between looks at the clock."""
_WORK: Final = 2e8
"""Pairs to look at: some ten to twenty seconds."""
_FEWEST_BLOCKS, _MOST_BLOCKS = 6, 30
_OF_A_ROW, _OF_THE_SUM = 1e-9, 1e-12
"""Shares of the cost of a mean row, and of all rows, that an exchange must save."""


def greedy_open(problem: Problem, *, budget: TimeBudget | None = None) -> Flags:
    """Open one site after the other, each the one that saves most (Kuehn and Hamburger 1963).

    When time is up, those that are missing open by what each alone would save then.
    """
    is_open = problem.fixed.copy()
    best = served_cost(problem.start, problem.site, problem.cost, problem.penalty, is_open)
    columns, missing = problem.lists.columns, problem.new
    while missing > 0 and not (budget is not None and budget.expired and missing < problem.new):
        opened = min(missing, _OPENED)
        greedy(columns, best, is_open, problem.free, opened)
        missing -= opened
    # Time is up: the gain of each alone, sites that share rows counted twice.
    if missing > 0:
        site = np.repeat(np.arange(len(is_open)), np.diff(columns.start))
        saved = np.maximum(best[columns.row] - columns.cost, 0.0)
        gain = np.bincount(site, weights=saved, minlength=len(is_open))
        closed = np.flatnonzero(problem.free & ~is_open)
        is_open[closed[np.argsort(-gain[closed], kind="stable")[:missing]]] = True
    return is_open


def vertex_interchange(problem: Problem, is_open: Flags, *, budget: TimeBudget | None = None) -> Flags:
    """Sites that no exchange of one of them makes cheaper, or the best in time (Teitz and Bart 1968)."""
    better = is_open.copy()
    search = SwapSearch(_smallest_gain(problem, better), _SWAPS)
    for _ in range(_MOST_SWAPS // _SWAPS):
        swaps = interchange(problem.lists, better, problem.free, search)
        if swaps < _SWAPS or (budget is not None and budget.expired):
            break
    return better


def iterated_local_search(
    problem: Problem, is_open: Flags, *, budget: TimeBudget, stop: threading.Event
) -> Flags:
    """The cheapest set of sites met by interchange from sets moved at random, many times.

    The same problem gives the same sites, unless the time runs out before the rounds do.

    Parameters
    ----------
    problem
        The problem.
    is_open
        A set of sites to begin with.
    budget
        When to stop.
    stop
        Set by others when nothing is left to be gained.
    """
    best, search = is_open.copy(), SwapSearch(_smallest_gain(problem, is_open), _MOST_SWAPS)
    blocks = int(np.clip(_WORK / _ROUNDS / max(len(problem.site), 1), _FEWEST_BLOCKS, _MOST_BLOCKS))
    for block in range(blocks):
        if stop.is_set() or budget.expired:
            break
        # Small moves and large ones by turns: the one to refine, the other to leave a basin.
        most_moved = _MOVED[block % len(_MOVED)]
        iterated_interchange(problem.lists, best, problem.free, search, _ROUNDS, most_moved, block)
    return best


def _smallest_gain(problem: Problem, is_open: Flags) -> float:
    """What an exchange must save, so that rounding does not make sites change places for ever."""
    # A share of the mean cost of a row, and of the rounding of their sum.
    most = problem.penalty
    scale = float(np.abs(served_cost(problem.start, problem.site, problem.cost, most, is_open)).sum())
    return _OF_A_ROW * scale / max(len(most), 1) + _OF_THE_SUM * scale
