"""A Lagrangean bound for p-median and covering, and what it proves about single sites and pairs.

Everybody pays a price, sites earn what their people's price exceeds the cost, and the best `new` sites
open: whatever the prices, no set of sites costs less than that (Cornuejols, Fisher and Nemhauser 1977).
Prices follow the subgradient.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.kernels import oversupply, relaxed, served_cost
from lifecircle.siting.problem import Flags, Floats, Problem
from lifecircle.siting.solver import PROVEN

__all__ = ["Relaxation", "relax"]

_ROUNDS: Final = 1000
_PATIENCE: Final = 25
"""Rounds without a better bound after which the step is halved."""
_SHORTEST_STEP: Final = 1e-4


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best bound found, the prices that gave it, and the best sites met on the way.

    Attributes
    ----------
    bound : no set of sites costs less
    price : per row
    reduced : per site, what opening it adds to the bound's problem (<= 0)
    chosen : per site, whether the bound's problem opens it
    is_open, value : the cheapest set of sites met, and its cost
    """

    bound: float
    price: Floats
    reduced: Floats
    chosen: Flags
    is_open: Flags
    value: float

    def decided(self, problem: Problem, limit: float) -> tuple[Flags, Flags]:
        """Sites that are open, and sites that are closed, in every set that costs less than `limit`."""
        inside = np.flatnonzero(problem.free & self.chosen)
        outside = np.flatnonzero(problem.free & ~self.chosen)
        must, never = problem.fixed.copy(), ~(problem.free | problem.fixed)
        if len(inside) and len(outside):
            must[inside] = self.bound - self.reduced[inside] + self.reduced[outside].min() > limit
            never[outside] = self.bound + self.reduced[outside] - self.reduced[inside].max() > limit
        else:
            must[inside], never[outside] = True, True
        return must, never


def relax(problem: Problem, is_open: Flags, *, deadline: float) -> Relaxation:
    """Raise the bound by subgradient steps from the prices that a good set of sites suggests.

    Parameters
    ----------
    problem
        What is asked.
    is_open
        A feasible set of sites.
    deadline
        `time.monotonic` at which to stop.
    """
    start, site, cost = problem.start, problem.site, problem.cost
    most = problem.finite_unserved
    price = np.minimum(served_cost(start, site, cost, most, is_open) * 1.0001, most)
    lowest = np.where(np.diff(start) > 0, np.append(cost, 0.0)[start[:-1]], most)
    incumbent, value = is_open.copy(), problem.value(is_open)
    best = Relaxation(-np.inf, price, np.zeros(len(is_open)), is_open, incumbent, value)
    reduced = np.zeros(len(is_open))
    step, idle = 1.0, 0
    for _ in range(_ROUNDS):
        relaxed(start, site, cost, price, reduced)
        chosen = _cheapest(problem, reduced)
        bound = float(price.sum() + reduced[chosen].sum())
        if bound > best.bound + 1e-9 * abs(value):
            idle = 0
            met = problem.value(chosen)
            if met < value:
                incumbent, value = chosen, met
            best = Relaxation(bound, price, reduced.copy(), chosen, incumbent, value)
        else:
            idle += 1
            if idle >= _PATIENCE:
                step, idle, price = step / 2.0, 0, best.price
                relaxed(start, site, cost, price, reduced)
                chosen, bound = best.chosen, best.bound
        slope = oversupply(start, site, cost, price, chosen)
        slope[((price >= most) & (slope > 0)) | ((price <= lowest) & (slope < 0))] = 0.0
        length = float(slope @ slope)
        closed = value - best.bound <= PROVEN * abs(value)
        if closed or length == 0.0 or step < _SHORTEST_STEP or time.monotonic() > deadline:
            break
        reach = step * max(value - bound, 1e-6 * abs(value)) / length
        price = np.clip(price + reach * slope, np.minimum(lowest, most), most)
    return best


def _cheapest(problem: Problem, reduced: Floats) -> Flags:
    """The fixed sites and the `new` free ones of least reduced cost, ties to the smaller position."""
    chosen = problem.fixed.copy()
    free = np.flatnonzero(problem.free)
    chosen[free[np.argsort(reduced[free], kind="stable")[: problem.new]]] = True
    return chosen
