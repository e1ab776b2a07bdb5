"""Compiled loops that allocate people to open sites of limited capacity at least cost.

Successive shortest paths (Ahuja, Magnanti and Orlin 1993) on the residual network of `residual`.
"""

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit
from lifecircle.siting.kernels.interchange import Assignment
from lifecircle.siting.kernels.residual import (
    AllocationState,
    OpenPairs,
    SitePairs,
    Steps,
    augment,
    shortest_paths,
    update_steps,
)

__all__ = [
    "allocate_greedily",
    "allocation_cost",
    "capacity_duals",
    "carry_over",
    "copy_state",
    "fill_slot",
    "two_nearest",
    "unload_slot",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def unload_slot(a: int, capacity: float, state: AllocationState) -> None:
    """Send people away from a slot along cheapest paths until no more than `capacity` are left; in place."""
    unserved = len(state.capacity)
    while state.load[a] - capacity > state.rules.people_tolerance:
        distance, before = np.full(unserved + 1, np.inf), np.full(unserved + 1, -1)
        distance[a] = 0.0
        shortest_paths(distance, before, state)
        # The nearest node with spare capacity; being unserved always is one.
        end = unserved
        for b in range(unserved):
            spare = state.capacity[b] - state.load[b]
            if b != a and spare > state.rules.people_tolerance and distance[b] < distance[end]:
                end = b
        people = state.load[a] - capacity
        if end != unserved:
            people = min(people, state.capacity[end] - state.load[end])
        if not augment(end, people, before, state):
            break


@njit(cache=True, nogil=True)
def fill_slot(b: int, state: AllocationState) -> None:
    """Send people to a slot with spare capacity as long as that saves; in place."""
    unserved = len(state.capacity)
    while state.capacity[b] - state.load[b] > state.rules.people_tolerance:
        # All nodes are sources: the path that saves most may begin anywhere.
        distance, before = np.zeros(unserved + 1), np.full(unserved + 1, -1)
        shortest_paths(distance, before, state)
        spare = state.capacity[b] - state.load[b]
        if distance[b] >= -state.rules.cost_tolerance or not augment(b, spare, before, state):
            break


@njit(cache=True, nogil=True)
def capacity_duals(state: AllocationState) -> Floats:
    """Dual price of each slot's capacity: what room for one more person there would save."""
    distance, before = np.zeros(len(state.capacity) + 1), np.full(len(state.capacity) + 1, -1)
    shortest_paths(distance, before, state)
    return -distance[:-1]


@njit(cache=True, nogil=True)
def allocation_cost(state: AllocationState) -> float:
    """Cost of everybody, the unserved included."""
    total = 0.0
    for at in range(len(state.people)):
        total += state.people[at] * state.pairs.cost[at]
    for people in state.left:
        total += people * state.rules.unserved
    return total


@njit(cache=True, nogil=True)
def _empty_allocation(pairs: SitePairs, site: Ints) -> AllocationState:
    """Open sites with nobody in them."""
    rows, slots = len(pairs.people), len(site)
    # Count the pairs of each row and slot.
    start, size = np.zeros(rows + 1, np.int64), 0
    col_start = np.zeros(slots + 1, np.int64)
    for s in range(slots):
        for k in range(pairs.start[site[s]], pairs.start[site[s] + 1]):
            start[pairs.row[k] + 1] += 1
        size += pairs.start[site[s] + 1] - pairs.start[site[s]]
        col_start[s + 1] = size
    for i in range(rows):
        start[i + 1] += start[i]
    # Transpose: pairs by row, slots ascending within each.
    slot, cost = np.empty(size, np.int64), np.empty(size)
    row, col_at, end = np.empty(size, np.int64), np.empty(size, np.int64), start[:-1].copy()
    for s in range(slots):
        for k in range(pairs.start[site[s]], pairs.start[site[s] + 1]):
            i = pairs.row[k]
            at = end[i]
            end[i] += 1
            slot[at], cost[at], row[at] = s, pairs.cost[k], i
            col_at[col_start[s] + k - pairs.start[site[s]]] = at
    nodes = slots + 1
    open_pairs = OpenPairs(start, slot, cost, row, col_start, col_at)
    steps = Steps(np.full((nodes, nodes), np.inf), np.zeros((nodes, nodes)), np.ones(slots, np.bool_))
    load = np.zeros(slots)
    return AllocationState(
        open_pairs, np.zeros(size), pairs.people.copy(), site, pairs.capacity[site], load, steps, pairs.rules
    )


@njit(cache=True, nogil=True)
def allocate_greedily(pairs: SitePairs, site: Ints) -> AllocationState:
    """The least-cost allocation to open sites: everybody to their cheapest, then overfull sites unloaded.

    Without regard to capacity the cheapest site is optimal; each augmentation along a cheapest path keeps
    it optimal for the loads there are.
    """
    state = _empty_allocation(pairs, site)
    # Everybody to the cheapest open site, or nowhere where that is cheaper.
    for i in range(len(state.left)):
        best, least = -1, state.rules.unserved
        for at in range(state.pairs.start[i], state.pairs.start[i + 1]):
            if state.pairs.cost[at] < least:
                best, least = at, state.pairs.cost[at]
        if best >= 0:
            state.people[best] = state.left[i]
            state.load[state.pairs.slot[best]] += state.left[i]
            state.left[i] = 0.0
    # Steps of all nodes, then overfull slots one after the other.
    for a in range(len(site) + 1):
        update_steps(a, state)
    for a in range(len(site)):
        unload_slot(a, state.capacity[a], state)
    return state


@njit(cache=True, nogil=True)
def carry_over(pairs: SitePairs, site: Ints, old: AllocationState, old_slot: Ints) -> AllocationState:
    """Other open sites, each with the people of its `old_slot` (-1: none); all others are unserved."""
    # The pairs of a slot stand in the same order in both allocations, at a fixed distance.
    state = _empty_allocation(pairs, site)
    for s in range(len(site)):
        if old_slot[s] >= 0:
            apart = old.pairs.col_start[old_slot[s]] - state.pairs.col_start[s]
            for k in range(state.pairs.col_start[s], state.pairs.col_start[s + 1]):
                at = state.pairs.col_at[k]
                state.people[at] = old.people[old.pairs.col_at[k + apart]]
                state.left[state.pairs.row[at]] -= state.people[at]
                state.load[s] += state.people[at]
    # Differences of fractions may round to a hair below 0.
    for i in range(len(state.left)):
        state.left[i] = max(state.left[i], 0.0)
    for a in range(len(site) + 1):
        update_steps(a, state)
    return state


@njit(cache=True, nogil=True)
def copy_state(state: AllocationState) -> AllocationState:
    """The same allocation in arrays of its own; the pairs of open sites are shared."""
    steps = Steps(state.steps.cost.copy(), state.steps.people.copy(), state.steps.stale.copy())
    return AllocationState(
        state.pairs, state.people.copy(), state.left.copy(), state.site, state.capacity.copy(),
        state.load.copy(), steps, state.rules,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def two_nearest(state: AllocationState, price: Floats) -> Assignment:
    """Each row's cheapest site with the price of its capacity, what it costs, and the second-best cost."""
    pairs, rules = state.pairs, state.rules
    rows = len(state.left)
    nearest = np.full(rows, -1)
    first, second = np.full(rows, rules.unserved), np.full(rows, rules.unserved)
    for i in range(rows):
        for at in range(pairs.start[i], pairs.start[i + 1]):
            priced = pairs.cost[at] + price[pairs.slot[at]]
            if priced < first[i]:
                nearest[i], first[i], second[i] = state.site[pairs.slot[at]], priced, first[i]
            elif priced < second[i]:
                second[i] = priced
    return Assignment(nearest, first, second)
