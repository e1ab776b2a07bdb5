"""Compiled loops of the continuous knapsack: who fills a site of limited capacity at given prices.

When every row pays a price to be served, a site takes those who gain most per person until it is full; the
last row may be cut anywhere (Dantzig 1957).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["UNCAPACITATED", "Knapsacks", "fill_knapsacks", "subtract_knapsack_supply"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Knapsacks(NamedTuple):
    """Pairs by site with the cost of the whole row, persons of each row, persons each site may serve."""

    start: Ints
    row: Ints
    cost: Floats
    people: Floats
    capacity: Floats


UNCAPACITATED = Knapsacks(*(np.empty(0, kind) for kind in (np.int64, np.int64, float, float, float)))
"""Any number of people fits everywhere."""


@njit(cache=True, nogil=True)
def _break_gain(gain: Floats, people: Floats, capacity: float) -> tuple[float, float]:
    """The break item of a knapsack: the least gain per person that still fits, and what is left for it.

    Three-way partition at a pivot until the capacity ends among the pivot's equals: linear time on average,
    no sorting (Balas and Zemel 1980).
    """
    low, high = 0, len(gain)
    while low < high:
        # The median of three is the pivot.
        one, two, three = gain[low], gain[(low + high) // 2], gain[high - 1]
        pivot = max(min(one, two), min(max(one, two), three))
        # Partition into greater, equal, less; add up the people of the first two.
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
        # Continue in the part where the capacity runs out.
        if above > capacity:
            high = more
        elif above + equal >= capacity:
            return pivot, capacity - above
        else:
            capacity -= above + equal
            low = less
    return 0.0, 0.0


@njit(cache=True, nogil=True)
def fill_knapsacks(
    knapsacks: Knapsacks, price: Floats, reduced: Floats, break_gain: Floats, spare: Floats
) -> None:
    """Subtract from `reduced` what each site earns at most at the prices of whole rows.

    Fills `break_gain` (per person) and `spare`, the persons for whom there is room at just that gain.
    """
    # Scratch space for the longest list.
    start, row, cost = knapsacks.start, knapsacks.row, knapsacks.cost
    longest = 0
    for j in range(len(reduced)):
        longest = max(longest, start[j + 1] - start[j])
    gain, people = np.empty(longest), np.empty(longest)
    for j in range(len(reduced)):
        # Candidates: rows that pay more than they cost.
        count = 0
        for k in range(start[j], start[j + 1]):
            i = row[k]
            if price[i] > cost[k]:
                gain[count] = (price[i] - cost[k]) / knapsacks.people[i]
                people[count] = knapsacks.people[i]
                count += 1
        break_gain[j], spare[j] = _break_gain(gain[:count], people[:count], knapsacks.capacity[j])
        # All above the break item are in whole, the break item in part.
        earned = break_gain[j] * spare[j]
        for at in range(count):
            if gain[at] > break_gain[j]:
                earned += gain[at] * people[at]
        reduced[j] -= earned


@njit(cache=True, nogil=True)
def subtract_knapsack_supply(  # noqa: PLR0917
    knapsacks: Knapsacks, price: Floats, chosen: Flags, break_gain: Floats, spare: Floats, slope: Floats
) -> None:
    """Subtract from each row's `slope` the share of it that every chosen site takes; uses `spare` up."""
    # Rows above the break gain go in whole; those at it share what is left, in the order of the list.
    start, row, cost = knapsacks.start, knapsacks.row, knapsacks.cost
    for j in np.flatnonzero(chosen):
        for k in range(start[j], start[j + 1]):
            i = row[k]
            if price[i] > cost[k]:
                gain = (price[i] - cost[k]) / knapsacks.people[i]
                if gain > break_gain[j]:
                    slope[i] -= 1.0
                elif gain == break_gain[j]:
                    taken = min(knapsacks.people[i], spare[j])
                    slope[i] -= taken / knapsacks.people[i]
                    spare[j] -= taken
