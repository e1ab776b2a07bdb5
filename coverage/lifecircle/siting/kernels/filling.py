"""Compiled loops over sites with limited room: who fills one when every row pays a price to be served.

A site takes those who gain most per person until it is full: a knapsack that may be cut anywhere.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["UNLIMITED", "Limits", "fill", "oversupplied"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Limits(NamedTuple):
    """Room of sites: pairs by site with the cost of the whole row, persons per row, persons per site."""

    start: Ints
    row: Ints
    cost: Floats
    people: Floats
    room: Floats


UNLIMITED = Limits(*(np.empty(0, kind) for kind in (np.int64, np.int64, float, float, float)))
"""Any number of people fits everywhere."""


@njit(cache=True, nogil=True)
def _last_gain(gain: Floats, people: Floats, room: float) -> tuple[float, float]:
    """The least gain per person for which there is room, and how much is left for those at it.

    Splits what is left in three at a pivot until the room ends among its equals: no sorting.
    """
    low, high = 0, len(gain)
    while low < high:
        one, two, three = gain[low], gain[(low + high) // 2], gain[high - 1]
        pivot = max(min(one, two), min(max(one, two), three))
        more, at, less = low, low, high
        above, equal = 0.0, 0.0
        while at < less:
            if gain[at] > pivot:
                above += people[at]
                gain[more], gain[at] = gain[at], gain[more]
                people[more], people[at] = people[at], people[more]
                more, at = more + 1, at + 1
            elif gain[at] < pivot:
                less -= 1
                gain[less], gain[at] = gain[at], gain[less]
                people[less], people[at] = people[at], people[less]
            else:
                equal += people[at]
                at += 1
        if above > room:
            high = more
        elif above + equal >= room:
            return pivot, room - above
        else:
            room -= above + equal
            low = less
    return 0.0, 0.0


@njit(cache=True, nogil=True)
def fill(limits: Limits, price: Floats, reduced: Floats, edge: Floats, spare: Floats) -> None:
    """Subtract from `reduced` what each site earns at most; note the last gain with room, and what it leaves.

    `price` is that of the whole row, `edge` per person, `spare` persons.
    """
    start, row, cost = limits.start, limits.row, limits.cost
    longest = 0
    for j in range(len(reduced)):
        longest = max(longest, start[j + 1] - start[j])
    gain, people = np.empty(longest), np.empty(longest)
    for j in range(len(reduced)):
        count = 0
        for k in range(start[j], start[j + 1]):
            i = row[k]
            if price[i] > cost[k]:
                gain[count], people[count] = (price[i] - cost[k]) / limits.people[i], limits.people[i]
                count += 1
        edge[j], spare[j] = _last_gain(gain[:count], people[:count], limits.room[j])
        earned = edge[j] * spare[j]
        for at in range(count):
            if gain[at] > edge[j]:
                earned += gain[at] * people[at]
        reduced[j] -= earned


@njit(cache=True, nogil=True)
def oversupplied(  # noqa: PLR0917
    limits: Limits, price: Floats, chosen: Flags, edge: Floats, spare: Floats, slope: Floats
) -> None:
    """Subtract from each row's `slope` the share of it that every chosen site takes; uses `spare` up."""
    start, row, cost = limits.start, limits.row, limits.cost
    for j in np.flatnonzero(chosen):
        for k in range(start[j], start[j + 1]):
            i = row[k]
            if price[i] > cost[k]:
                gain = (price[i] - cost[k]) / limits.people[i]
                if gain > edge[j]:
                    slope[i] -= 1.0
                elif gain == edge[j]:
                    taken = min(limits.people[i], spare[j])
                    slope[i] -= taken / limits.people[i]
                    spare[j] -= taken
