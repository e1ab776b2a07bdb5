"""The fewest sites that close the deficits of communities: a set multi-cover with a quota per community."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.quota import greedy_quota_cover
from lifecircle.siting.problem import Flags, Floats, Ints, by_column
from lifecircle.siting.solvers.milp import Rows, is_one, minimise
from lifecircle.tables import Costs

__all__ = ["Closing", "close_deficits"]

_PERSON: Final = 1e-6
"""Fewer persons than this are none."""
_SLACK: Final = 1e-7
"""Of a deficit: what HiGHS's tolerance may leave open."""
_LARGEST_MODEL: Final = 1_000_000
"""Pairs beyond which HiGHS is not asked: its first relaxation alone would take minutes and gigabytes."""


@dataclass(frozen=True, eq=False)
class Closing:
    """Sites that close deficits.

    Attributes
    ----------
    is_open : per site
    bound : no fewer sites close as much
    beyond : community to the people who stay missing even with every site open; these cannot be closed
    """

    is_open: Flags
    bound: int
    beyond: pd.Series


def close_deficits(
    costs: Costs, community: pd.Series, deficit: pd.Series, *, time_limit_s: float | TimeBudget
) -> Closing:
    """Choose the fewest sites after which no community is short, as far as sites can help.

    With y_j 1 where site j opens, N_i the sites within the limit of demand point i, z_i 1 where one of them
    is open, w_i its people and D_c the deficit of community c, or what all sites can close of it::

        minimise    sum_j y_j
        subject to  sum_(j in N_i) y_j >= z_i           every demand point i
                    sum_(i in c) w_i z_i >= D_c         every community c
                    y_j in {0, 1},  0 <= z_i <= 1

    Parameters
    ----------
    costs
        Pairs within the limit of the rule; only people who are not yet in reach.
    community
        Community of each row.
    deficit
        People of each short community who must come into reach, > 0.
    time_limit_s
        For the proof; a set that closes the deficits is always made.
    """
    budget = time_limit_s if isinstance(time_limit_s, TimeBudget) else TimeBudget.of(time_limit_s)
    # What all sites together can close; the rest is beyond them.
    helped = np.diff(costs.start) > 0
    people = np.where(helped, costs.people, 0.0)
    most = pd.Series(people).groupby(community.to_numpy()).sum().reindex(deficit.index, fill_value=0.0)
    beyond = (deficit - most).clip(lower=0.0)
    target = (deficit - beyond).to_numpy(dtype=np.float64)
    # Rows that count: people of a community with a target whom some site reaches.
    code = pd.Index(deficit.index).get_indexer(community)
    useful = np.flatnonzero(helped & (costs.people > 0) & (code >= 0))
    useful = useful[target[code[useful]] > 0]
    waiting = np.zeros(len(costs.demand), dtype=np.bool_)
    waiting[useful] = True
    col_start, col_row, _ = by_column(costs.start, costs.site, costs.cost, len(costs.sites))
    chosen, gains = greedy_quota_cover(col_start, col_row, costs.people, code, target, waiting)
    # Bounds by counting and by HiGHS; the smaller closing of the two.
    least = _counting_bound(gains, float(target.sum()))
    smaller, proven = _solve_exactly(costs, useful, code, target, budget)
    if smaller is not None and smaller.sum() < chosen.sum():
        chosen = smaller
    bound = min(max(least, proven), int(chosen.sum()))
    return Closing(chosen, bound, beyond[beyond > _PERSON])


def _counting_bound(gains: Floats, target: float) -> int:
    """A number of sites that no closing is below: with fewer, even the largest gains do not add up to it.

    `gains` are those of each site alone; sites that share people bring no more than their sum.
    """
    total = np.cumsum(np.sort(gains)[::-1])
    return int(np.searchsorted(total, target - _PERSON)) + 1 if target > _PERSON else 0


def _solve_exactly(
    costs: Costs, useful: Ints, code: Ints, target: Floats, budget: TimeBudget
) -> tuple[Flags | None, int]:
    """Sites by HiGHS, None where it has none in time, and the number that no closing is below."""
    # Columns: y of every site, then z of every demand point that counts.
    number = np.full(len(costs.demand), -1, dtype=np.int64)
    number[useful] = np.arange(len(useful))
    row = number[costs.row]
    pair = np.flatnonzero(row >= 0)
    if len(pair) > _LARGEST_MODEL:
        return None, 0
    # A point is in reach only of open sites.
    sites, rows = len(costs.sites), Rows()
    reached = sites + np.arange(len(useful))
    rows.add(
        len(useful),
        (row[pair], costs.site[pair], 1.0),
        (np.arange(len(useful)), reached, -1.0),
        low=0.0,
    )
    # As shares of the target: HiGHS works to a fixed tolerance, which thousands of people overstrain.
    share = costs.people[useful] / target[code[useful]]
    rows.add(len(target), (code[useful], reached, share), low=np.where(target > 0, 1.0 - _SLACK, 0.0))
    objective = np.concatenate([np.ones(sites), np.zeros(len(useful))])
    answer = minimise(objective, rows, integer=objective > 0, upper=1.0, time_limit_s=budget.left_s)
    # A bound is rounded up, because sites are whole.
    chosen = None if answer.x is None else is_one(answer.x[:sites])
    return chosen, math.ceil(answer.bound - _PERSON) if np.isfinite(answer.bound) else 0
