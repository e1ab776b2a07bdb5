"""Compiled loops of interchange with capacity: what an exchange may save at most, and what it does save."""

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.siting.kernels.allocation import (
    allocation_cost,
    capacity_duals,
    copy_state,
    two_nearest,
    unload_slot,
)
from lifecircle.siting.kernels.interchange import Assignment, Columns, best_exchange
from lifecircle.siting.kernels.knapsack import Knapsacks, fill_knapsacks
from lifecircle.siting.kernels.residual import AllocationState

__all__ = ["best_swap", "most_saved_by_opening", "most_saved_by_swapping"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _closing_losses(
    people: Floats, assigned: Assignment, state: AllocationState, price: Floats, sites: int
) -> Floats:
    """What closing each open site costs at least: its people to their second best, its capacity unpaid."""
    nearest, first, second = assigned
    loss = np.zeros(sites)
    for i in range(len(nearest)):
        if nearest[i] >= 0:
            loss[nearest[i]] += people[i] * (second[i] - first[i])
    for s in range(len(state.site)):
        loss[state.site[s]] += price[s] * state.capacity[s]
    return loss


@njit(cache=True, nogil=True)
def most_saved_by_opening(knapsacks: Knapsacks, state: AllocationState) -> tuple[Floats, Floats]:
    """What opening each site saves at most, and the price of its capacity at which that holds.

    Weak duality: at the duals of the current allocation, a further site earns what those who gain most fill
    it with.
    """
    # What every person pays now, the price of capacity included, is what a further site may earn.
    sites = len(knapsacks.capacity)
    current = two_nearest(state, capacity_duals(state)).first
    reduced, break_gain, spare = np.zeros(sites), np.empty(sites), np.empty(sites)
    fill_knapsacks(knapsacks, current * knapsacks.people, reduced, break_gain, spare)
    return -reduced, break_gain


@njit(cache=True, nogil=True)
def most_saved_by_swapping(
    knapsacks: Knapsacks, state: AllocationState, closed: Ints, movable: Ints
) -> Floats:
    """What opening each closed site and closing any one that is open saves at most."""
    price, break_gain = capacity_duals(state), most_saved_by_opening(knapsacks, state)[1]
    assigned = two_nearest(state, price)
    people, sites = knapsacks.people, len(knapsacks.capacity)
    loss = _closing_losses(people, assigned, state, price, sites)
    # A closed site charges its break gain for capacity, so that capacity never binds.
    priced = knapsacks.cost.copy()
    for j in closed:
        for k in range(knapsacks.start[j], knapsacks.start[j + 1]):
            priced[k] += break_gain[j] * people[knapsacks.row[k]]
    # The best exchange without capacity then bounds the exchange with it.
    columns = Columns(knapsacks.start, knapsacks.row, priced)
    whole = Assignment(assigned.nearest, assigned.first * people, assigned.second * people)
    extra, saved = np.zeros(sites), np.empty(len(closed))
    for at in range(len(closed)):
        j = closed[at]
        _, most = best_exchange(j, columns, whole, loss, extra, movable)
        saved[at] = most + break_gain[j] * knapsacks.capacity[j]
    return saved


@njit(cache=True, nogil=True)
def best_swap(
    grown: AllocationState, value: float, smallest: float, free: Flags, people: Floats
) -> tuple[int, AllocationState]:
    """The slot to close now that the last was opened, and the allocation then; -1 where that saves nothing.

    Slots are tried in the order of what closing them costs at least, until that is too much to beat the
    best exchange so far.
    """
    # What closing each slot costs at least, and what opening the last has gained.
    slots, price = len(grown.site), capacity_duals(grown)
    loss = _closing_losses(people, two_nearest(grown, price), grown, price, len(free))[grown.site]
    gained = value - allocation_cost(grown)
    # Neither the site just opened nor a fixed one may close.
    loss[slots - 1] = np.inf
    for s in range(slots):
        if not free[grown.site[s]]:
            loss[s] = np.inf
    out, kept, most = -1, grown, smallest
    while True:
        least = loss.argmin()
        if gained - loss[least] <= most:
            return out, kept
        loss[least] = np.inf
        # The exact saving: everybody in the slot moves on along cheapest paths.
        tried = copy_state(grown)
        unload_slot(least, 0.0, tried)
        saved = value - allocation_cost(tried)
        if saved > most:
            out, kept, most = least, tried, saved
