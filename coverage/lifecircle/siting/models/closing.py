"""The fewest sites that close the deficits of communities: so many more people of each in reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle.siting.problem import Flags, Floats, by_column
from lifecircle.siting.solvers.milp import Rows, minimise
from lifecircle.tables import Costs

__all__ = ["Closing", "close_deficits"]

_PERSON = 1e-6
_SLACK = 1e-7


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


def close_deficits(costs: Costs, community: pd.Series, deficit: pd.Series, *, time_limit_s: float) -> Closing:
    """Choose the fewest sites after which no community is short, as far as sites can help.

    Parameters
    ----------
    costs
        Pairs within the limit of the rule; only people who are not yet in reach.
    community
        Community of each row.
    deficit
        People of each short community who must come into reach, > 0.
    time_limit_s
        For the proof; a set that closes the deficits is always found.
    """
    helped = np.diff(costs.start) > 0
    people = np.where(helped, costs.people, 0.0)
    most = pd.Series(people).groupby(community.to_numpy()).sum().reindex(deficit.index, fill_value=0.0)
    beyond = (deficit - most).clip(lower=0.0)
    wanted = deficit - beyond
    code = pd.Index(deficit.index).get_indexer(community)
    useful = np.flatnonzero(helped & (costs.people > 0) & (code >= 0))
    useful = useful[wanted.to_numpy()[code[useful]] > 0]
    chosen = _greedy(costs, useful, code, wanted.to_numpy(dtype=np.float64))
    number = np.full(len(costs.demand), -1, dtype=np.int64)
    number[useful] = np.arange(len(useful))
    row = number[costs.row]
    pair = np.flatnonzero(row >= 0)
    sites, rows = len(costs.sites), Rows()
    reached = sites + np.arange(len(useful))
    rows.add(
        len(useful),
        (row[pair], costs.site[pair], 1.0),
        (np.arange(len(useful)), reached, -1.0),
        low=0.0,
    )
    # As shares of what is wanted: HiGHS works to a fixed tolerance, which thousands of people overstrain.
    share = costs.people[useful] / wanted.to_numpy(dtype=np.float64)[code[useful]]
    rows.add(len(wanted), (code[useful], reached, share), low=np.where(wanted > 0, 1.0 - _SLACK, 0.0))
    objective = np.concatenate([np.ones(sites), np.zeros(len(useful))])
    integer = objective > 0
    answer = minimise(objective, rows, integer=integer, upper=1.0, time_limit_s=time_limit_s)
    if answer.x is not None and np.rint(answer.x[:sites]).sum() < chosen.sum():
        chosen = answer.x[:sites] > 0.5
    bound = math.ceil(answer.bound - _PERSON) if np.isfinite(answer.bound) else 0
    return Closing(chosen, min(bound, int(chosen.sum())), beyond[beyond > _PERSON])


def _greedy(costs: Costs, useful: np.ndarray, code: np.ndarray, wanted: Floats) -> Flags:
    """Again and again the site that brings most of the missing people into reach."""
    start, rows, _ = by_column(costs.start, costs.site, costs.cost, len(costs.sites))
    chosen, left = np.zeros(len(costs.sites), dtype=bool), wanted.copy()
    waiting = np.zeros(len(costs.demand), dtype=bool)
    waiting[useful] = True
    while (left > _PERSON).any():
        best, most = -1, 0.0
        for j in np.flatnonzero(~chosen):
            there = rows[start[j] : start[j + 1]]
            there = there[waiting[there]]
            gained = np.bincount(code[there], weights=costs.people[there], minlength=len(left))
            gain = float(np.minimum(gained, left).sum())
            if gain > most:
                best, most = int(j), gain
        if best < 0:
            break
        chosen[best] = True
        there = rows[start[best] : start[best + 1]]
        there = there[waiting[there]]
        came = np.bincount(code[there], weights=costs.people[there], minlength=len(left))
        left = np.maximum(left - came, 0.0)
        waiting[there] = False
    return chosen
