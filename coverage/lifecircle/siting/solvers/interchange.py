"""Good sets of sites: greedy, vertex interchange, and interchange again from sets shaken up at random."""

from __future__ import annotations

import threading
import time
from typing import Final

import numpy as np

from lifecircle.siting.kernels.interchange import greedy, interchange, served_cost, shake
from lifecircle.siting.problem import Flags, Problem

__all__ = ["greedy_open", "iterated_local_search", "vertex_interchange"]

_MOST_SWAPS: Final = 100_000
_MOVED: Final = (2, 4, 8)
"""How many sites are moved at the most, by turns."""
_ROUNDS: Final = 10
"""Rounds between looks at the clock."""
_WORK: Final = 2e8
"""Pairs to look at: some ten to twenty seconds."""
_FEWEST, _MOST = 6, 30


def greedy_open(problem: Problem) -> Flags:
    """Open one site after the other, each the one that saves most."""
    is_open = problem.fixed.copy()
    best = served_cost(problem.start, problem.site, problem.cost, problem.finite_unserved, is_open)
    greedy(*problem.columns, best, is_open, problem.free, problem.new)
    return is_open


def vertex_interchange(problem: Problem, is_open: Flags) -> Flags:
    """A set of sites that no exchange of one site makes cheaper (Teitz and Bart 1968)."""
    better = is_open.copy()
    interchange(
        problem.start, problem.site, problem.cost, problem.finite_unserved, *problem.columns, better,
        problem.free, _smallest_gain(problem, better), _MOST_SWAPS,
    )  # fmt: skip
    return better


def iterated_local_search(
    problem: Problem, is_open: Flags, *, deadline: float, stop: threading.Event
) -> Flags:
    """The cheapest set of sites met when some are moved at random and all exchanged again, many times.

    The same problem gives the same sites, unless the time runs out before the rounds do.

    Parameters
    ----------
    problem
        What is asked.
    is_open
        A set of sites to begin with.
    deadline
        `time.monotonic` at which to stop.
    stop
        Set by others when there is nothing left to find.
    """
    best, gain = is_open.copy(), _smallest_gain(problem, is_open)
    blocks = int(np.clip(_WORK / _ROUNDS / max(len(problem.site), 1), _FEWEST, _MOST))
    for block in range(blocks):
        if stop.is_set() or time.monotonic() > deadline:
            break
        shake(
            problem.start, problem.site, problem.cost, problem.finite_unserved, *problem.columns, best,
            problem.free, gain, _MOST_SWAPS, _ROUNDS, _MOVED[block % len(_MOVED)], block,
        )  # fmt: skip
    return best


def _smallest_gain(problem: Problem, is_open: Flags) -> float:
    """What an exchange must save, so that rounding does not make sites change places for ever."""
    most = problem.finite_unserved
    scale = float(np.abs(served_cost(problem.start, problem.site, problem.cost, most, is_open)).sum())
    return 1e-9 * scale / max(len(most), 1) + 1e-12 * scale
