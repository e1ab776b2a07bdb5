"""The capacitated problem: sites of limited capacity, and the least cost of allocating people to open ones.

People at one demand point may go to different sites.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from lifecircle.siting.kernels.allocation import allocate_greedily
from lifecircle.siting.kernels.knapsack import Knapsacks
from lifecircle.siting.kernels.reductions import group_identical_rows
from lifecircle.siting.kernels.residual import AllocationRules, AllocationState, SitePairs
from lifecircle.siting.problem import Flags, Floats, Ints, expand_rows
from lifecircle.siting.solvers.milp import PROVEN

__all__ = ["Allocation", "CapacitatedProblem", "allocate"]

_COST_TOLERANCE: Final = 1e-11
"""Costs apart by so little of the dearest are one."""
_PEOPLE_TOLERANCE: Final = 1e-12
"""A share of all people taken for none."""
_TINY: Final = 1e-300
"""Keeps an empty site from being divided by."""
_SERVED: Final = 1e-9
"""A share of all people who may stay unserved by rounding."""


@dataclass(frozen=True, eq=False)
class CapacitatedProblem:
    """A location problem with capacities (Cornuejols, Sridharan and Thizy 1991).

    With f_ij the people of row i who go to site j, z_i those who stay unserved, y_j 1 where a site is open::

        minimise    sum_ij c_ij f_ij + u sum_i z_i
        subject to  sum_j f_ij + z_i = people_i          every row i
                    sum_i f_ij <= capacity_j y_j         every site j
                    f_ij <= people_i y_j                 every pair i, j
                    sum_(j free) y_j = new,  y_j = 1 where fixed,  y_j in {0, 1}

    Attributes
    ----------
    row, site, cost : pairs by row, cost per person
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

    @cached_property
    def penalty(self) -> float:
        """`unserved`, or a cost in its place that no served person causes, however many have to move on."""
        if np.isfinite(self.unserved):
            return self.unserved
        return (1.0 + float(self.cost.max(initial=0.0))) * (self.new + int(self.fixed.sum()) + 2)

    @property
    def tolerance(self) -> float:
        """Costs apart by so little are one: what HiGHS works to, of the largest figure there is."""
        largest = self.unserved if np.isfinite(self.unserved) else float(self.cost.max(initial=0.0))
        return PROVEN * float(self.people.sum()) * largest

    @cached_property
    def by_site(self) -> Ints:
        """The pairs in order of their sites, rows ascending."""
        return np.lexsort((self.row, self.site))

    @cached_property
    def pairs(self) -> SitePairs:
        """The pairs by site."""
        order = self.by_site
        counts = np.bincount(self.site, minlength=len(self.free))
        total = float(self.people.sum())
        return SitePairs(
            start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            row=self.row[order],
            cost=self.cost[order],
            people=self.people,
            capacity=np.minimum(self.capacity, total + 1.0),
            rules=AllocationRules(
                unserved=self.penalty,
                cost_tolerance=_COST_TOLERANCE
                * max(float(self.cost.max(initial=0.0)), min(self.penalty, 1.0)),
                people_tolerance=_PEOPLE_TOLERANCE * total,
            ),
        )

    @cached_property
    def knapsacks(self) -> Knapsacks:
        """The pairs by site with the cost of whole rows."""
        pairs = self.pairs
        cost = pairs.cost * pairs.people[pairs.row]
        return Knapsacks(pairs.start, pairs.row, cost, pairs.people, pairs.capacity)

    @cached_property
    def start(self) -> Ints:
        """Where the pairs of each row begin."""
        counts = np.bincount(self.row, minlength=len(self.people))
        return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)

    def merged(self) -> tuple[CapacitatedProblem, float]:
        """The problem with one row for all to whom all sites cost the same, and what those beyond reach cost.

        People whom no cost brings to a site rather than nowhere are beyond reach, too.
        """
        # Pairs worth using, and the rows they reach.
        useful = (self.cost < self.penalty) & (self.people[self.row] > 0)
        row, site, cost = self.row[useful], self.site[useful], self.cost[useful]
        reached = np.unique(row)
        start = np.append(np.searchsorted(row, reached), len(row)).astype(np.int64)
        # Rows with equal lists become one row with all their people.
        group, first = group_identical_rows(start, site, cost.view(np.int64))
        people = np.bincount(group, weights=self.people[reached], minlength=len(first)).astype(np.float64)
        begin, at = expand_rows(start, first)
        lost = float(self.people.sum() - self.people[reached].sum())
        merged = dataclasses.replace(
            self,
            row=np.repeat(np.arange(len(first)), np.diff(begin)),
            site=site[at],
            cost=cost[at],
            people=people,
        )
        return merged, lost * self.penalty if lost > _PEOPLE_TOLERANCE * float(self.people.sum()) else 0.0

    def allocate_to(self, is_open: Flags) -> AllocationState:
        """The least-cost allocation of everybody to open sites."""
        return allocate_greedily(self.pairs, np.flatnonzero(is_open))

    def serves_all(self, left: Floats) -> bool:
        """Whether so few are left that everybody is served who must be."""
        return bool(np.isfinite(self.unserved) or left.sum() <= _SERVED * self.people.sum())


@dataclass(frozen=True, eq=False)
class Allocation:
    """Open sites, persons on each pair, their cost with the unserved, and the bound on it."""

    is_open: Flags
    people: Floats
    value: float
    bound: float


def allocate(problem: CapacitatedProblem, is_open: Flags) -> Allocation | None:
    """The least-cost allocation of everybody to open sites; None if they do not all fit."""
    state = problem.allocate_to(is_open)
    if not problem.serves_all(state.left):
        return None
    # People on the pairs of open sites, in the order of the problem's pairs.
    people = np.zeros(len(problem.row))
    opened = np.flatnonzero(is_open[problem.site[problem.by_site]])
    people[problem.by_site[opened]] = state.people[state.pairs.col_at]
    # Sums of fractions may round to a hair above the capacity.
    load = np.bincount(problem.site, weights=people, minlength=len(problem.capacity))
    people *= np.minimum(1.0, problem.capacity / np.maximum(load, _TINY))[problem.site]
    unserved = problem.unserved * float(state.left.sum()) if np.isfinite(problem.unserved) else 0.0
    return Allocation(is_open, people, float((people * problem.cost).sum()) + unserved, -np.inf)
