"""Compiled loops of the search for sites with limited room: what an exchange may save, and what it does."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lifecircle.siting.kernels.allocation import (
    AllocationState,
    copied,
    relieve,
    room_prices,
    spent,
    two_best,
)
from lifecircle.siting.kernels.filling import Limits, fill
from lifecircle.siting.kernels.interchange import best_exchange

__all__ = ["best_swap", "most_saved_by_adding", "most_saved_by_swapping"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _losses(  # noqa: PLR0917
    people: Floats,
    nearest: Ints,
    first: Floats,
    second: Floats,
    now: AllocationState,
    price: Floats,
    sites: int,
) -> Floats:
    """What closing each open site costs at the least: all its people to their next best, its room unpaid."""
    loss = np.zeros(sites)
    for i in range(len(nearest)):
        if nearest[i] >= 0:
            loss[nearest[i]] += people[i] * (second[i] - first[i])
    for s in range(len(now.site)):
        loss[now.site[s]] += price[s] * now.room[s]
    return loss


@njit(cache=True, nogil=True)
def most_saved_by_adding(limits: Limits, now: AllocationState) -> tuple[Floats, Floats]:
    """What opening each site saves at the most, and the price of its room at which that holds.

    Weak duality: at the prices there are, a further site earns what those who gain most fill it with.
    """
    sites = len(limits.room)
    first = two_best(now, room_prices(now))[1]
    reduced, edge, spare = np.zeros(sites), np.empty(sites), np.empty(sites)
    fill(limits, first * limits.people, reduced, edge, spare)
    return -reduced, edge


@njit(cache=True, nogil=True)
def most_saved_by_swapping(limits: Limits, now: AllocationState, closed: Ints, movable: Ints) -> Floats:
    """What opening each closed site and closing any one that is open saves at the most."""
    price, edge = room_prices(now), most_saved_by_adding(limits, now)[1]
    nearest, first, second = two_best(now, price)
    people, sites = limits.people, len(limits.room)
    loss = _losses(people, nearest, first, second, now, price, sites)
    priced = limits.cost.copy()
    for j in closed:
        for k in range(limits.start[j], limits.start[j + 1]):
            priced[k] += edge[j] * people[limits.row[k]]
    first, second, extra = first * people, second * people, np.zeros(sites)
    saved = np.empty(len(closed))
    for at in range(len(closed)):
        j = closed[at]
        _, most = best_exchange(
            j, limits.start, limits.row, priced, nearest, first, second, loss, extra, movable
        )
        saved[at] = most + edge[j] * limits.room[j]
    return saved


@njit(cache=True, nogil=True)
def best_swap(
    grown: AllocationState, value: float, smallest: float, free: Flags, people: Floats
) -> tuple[int, AllocationState]:
    """The slot to close now that the last was opened, and who then goes where; -1 where that saves nothing.

    Slots are tried in the order of what closing them costs at the least, until that is too much.
    """
    slots, price = len(grown.site), room_prices(grown)
    nearest, first, second = two_best(grown, price)
    loss = _losses(people, nearest, first, second, grown, price, len(free))[grown.site]
    gained = value - spent(grown)
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
        tried = copied(grown)
        relieve(least, 0.0, tried)
        saved = value - spent(tried)
        if saved > most:
            out, kept, most = least, tried, saved
