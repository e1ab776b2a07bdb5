"""Compiled loops that allocate people to open sites of limited capacity at least cost.

Successive shortest paths (Ahuja, Magnanti and Orlin 1993) on the residual network, searched among the few
open sites and not among the many people: a step from one site to another costs what the cheapest person
there has to pay more. People who are served nowhere stand at one more node, behind the last site, where
capacity is unlimited.

An open site is called by its slot, its position among the open sites.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lifecircle.siting.kernels.interchange import Assignment

__all__ = [
    "AllocationState",
    "SitePairs",
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
Flags = NDArray[np.bool_]


class SitePairs(NamedTuple):
    """A problem by site: pairs with the cost per person, persons of each row, persons each site may serve.

    `unserved` is the cost of a person who is not served. Costs closer than `cost_tolerance` are equal, and
    fewer persons than `people_tolerance` are none.
    """

    start: Ints
    row: Ints
    cost: Floats
    people: Floats
    capacity: Floats
    unserved: float
    cost_tolerance: float
    people_tolerance: float


class AllocationState(NamedTuple):
    """Who goes where among open sites.

    Pairs of open sites by row (`start`, `slot`, `cost`, `row`, `people` on each) and, per slot, where its
    pairs stand there (`col_start`, `col_at`); `left`, the persons of each row who are unserved; `site`,
    `capacity` and `load` of each slot. `step_cost` is what one person pays more who moves from one slot to
    another (the last node: unserved), `step_people` how many can at that cost. `stale` slots are those whose
    steps from the unserved must be computed again.
    """

    start: Ints
    slot: Ints
    cost: Floats
    row: Ints
    people: Floats
    col_start: Ints
    col_at: Ints
    left: Floats
    site: Ints
    capacity: Floats
    load: Floats
    step_cost: Floats
    step_people: Floats
    stale: Flags
    unserved: float
    cost_tolerance: float
    people_tolerance: float


@njit(cache=True, nogil=True)
def _offer_step(a: int, b: int, cost: float, people: float, state: AllocationState) -> None:
    """People at node `a` can move to `b` at a cost: keep the cheapest step, adding up equals."""
    if cost < state.step_cost[a, b] - state.cost_tolerance:
        state.step_cost[a, b] = cost
        state.step_people[a, b] = people
    elif cost <= state.step_cost[a, b] + state.cost_tolerance:
        state.step_people[a, b] += people


@njit(cache=True, nogil=True)
def _update_steps_from_unserved(state: AllocationState) -> None:
    """Compute the steps from the unserved, who are many, to the slots for which they may have changed."""
    # Only rows with somebody unserved lead from there; a step costs what being served saves, negated.
    unserved = len(state.capacity)
    for b in range(unserved):
        if state.stale[b]:
            state.stale[b] = False
            state.step_cost[unserved, b], state.step_people[unserved, b] = np.inf, 0.0
            for k in range(state.col_start[b], state.col_start[b + 1]):
                at = state.col_at[k]
                if state.left[state.row[at]] > state.people_tolerance:
                    cost = state.cost[at] - state.unserved
                    _offer_step(unserved, b, cost, state.left[state.row[at]], state)


@njit(cache=True, nogil=True)
def _mark_stale(i: int, state: AllocationState) -> None:
    """The unserved of a row changed: the steps to all its slots are stale."""
    for at in range(state.start[i], state.start[i + 1]):
        state.stale[state.slot[at]] = True


@njit(cache=True, nogil=True)
def _update_steps(a: int, state: AllocationState) -> None:
    """Compute all steps from a node: where its people could move, and at what cost."""
    unserved = len(state.capacity)
    if a == unserved:
        _update_steps_from_unserved(state)
        return
    # Everybody in slot a may move to every other slot of their row, or stay unserved.
    start, slot, cost, people = state.start, state.slot, state.cost, state.people
    state.step_cost[a, :] = np.inf
    state.step_people[a, :] = 0.0
    for k in range(state.col_start[a], state.col_start[a + 1]):
        at = state.col_at[k]
        if people[at] > state.people_tolerance:
            i = state.row[at]
            for other in range(start[i], start[i + 1]):
                if other != at:
                    _offer_step(a, slot[other], cost[other] - cost[at], people[at], state)
            _offer_step(a, unserved, state.unserved - cost[at], people[at], state)


@njit(cache=True, nogil=True)
def _shortest_paths(distance: Floats, before: Ints, state: AllocationState) -> None:
    """Shortest paths among nodes from those with a finite distance (Bellman and Ford); in place.

    The residual network of a least-cost allocation has no negative cycle; the number of rounds is bounded
    all the same, because rounding could make one.
    """
    # Relax every step until a round changes nothing.
    changed, rounds, tolerance = True, 0, state.cost_tolerance
    while changed and rounds <= len(distance):
        changed, rounds = False, rounds + 1
        for a in range(len(distance)):
            if distance[a] < np.inf:
                for b in range(len(distance)):
                    if distance[a] + state.step_cost[a, b] < distance[b] - tolerance:
                        distance[b] = distance[a] + state.step_cost[a, b]
                        before[b] = a
                        changed = True


@njit(cache=True, nogil=True)
def _move_people(a: int, b: int, people: float, state: AllocationState) -> None:
    """Move people along one step, those for whom it is cheapest."""
    # Pairs of the one slot that the step leaves or enters; those dearer than the step stay.
    unserved, most = len(state.capacity), state.step_cost[a, b] + state.cost_tolerance
    through = b if a == unserved else a
    for k in range(state.col_start[through], state.col_start[through + 1]):
        at = state.col_at[k]
        i = state.row[at]
        if a == unserved:
            # From nowhere to slot b.
            if state.left[i] > state.people_tolerance and state.cost[at] - state.unserved <= most:
                moved = min(state.left[i], people)
                state.left[i] -= moved
                state.people[at] += moved
                people -= moved
                _mark_stale(i, state)
        elif state.people[at] > state.people_tolerance and b == unserved:
            # From slot a to nowhere.
            if state.unserved - state.cost[at] <= most:
                moved = min(state.people[at], people)
                state.people[at] -= moved
                state.left[i] += moved
                people -= moved
                _mark_stale(i, state)
        elif state.people[at] > state.people_tolerance:
            # From slot a to slot b.
            for other in range(state.start[i], state.start[i + 1]):
                if state.slot[other] == b and state.cost[other] - state.cost[at] <= most:
                    moved = min(state.people[at], people)
                    state.people[at] -= moved
                    state.people[other] += moved
                    people -= moved
        if people <= 0.0:
            break


@njit(cache=True, nogil=True)
def _augment(end: int, people: float, before: Ints, state: AllocationState) -> bool:
    """Send up to so many people along the path that ends at a node; False if none can move."""
    # The bottleneck of the path, and a guard against a cycle in it.
    unserved, first, steps = len(state.capacity), end, 0
    while before[first] >= 0:
        people = min(people, state.step_people[before[first], first])
        first = before[first]
        steps += 1
        if steps > unserved + 1:
            return False
    if steps == 0 or people <= state.people_tolerance:
        return False
    # From the end, so that whoever moves on was there before anybody arrived.
    b = end
    while before[b] >= 0:
        _move_people(before[b], b, people, state)
        b = before[b]
    # Loads change at the two ends alone.
    if first != unserved:
        state.load[first] -= people
    if end != unserved:
        state.load[end] += people
    # Steps have changed at the nodes of the path alone.
    b = end
    while b >= 0:
        _update_steps(b, state)
        b = before[b]
    return True


@njit(cache=True, nogil=True)
def unload_slot(a: int, capacity: float, state: AllocationState) -> None:
    """Send people away from a slot along cheapest paths until no more than `capacity` are left; in place."""
    unserved = len(state.capacity)
    while state.load[a] - capacity > state.people_tolerance:
        distance, before = np.full(unserved + 1, np.inf), np.full(unserved + 1, -1)
        distance[a] = 0.0
        _shortest_paths(distance, before, state)
        # The nearest node with spare capacity; being unserved always is one.
        end = unserved
        for b in range(unserved):
            spare = state.capacity[b] - state.load[b]
            if b != a and spare > state.people_tolerance and distance[b] < distance[end]:
                end = b
        people = state.load[a] - capacity
        if end != unserved:
            people = min(people, state.capacity[end] - state.load[end])
        if not _augment(end, people, before, state):
            break


@njit(cache=True, nogil=True)
def fill_slot(b: int, state: AllocationState) -> None:
    """Send people to a slot with spare capacity as long as that saves; in place."""
    unserved = len(state.capacity)
    while state.capacity[b] - state.load[b] > state.people_tolerance:
        # All nodes are sources: the path that saves most may begin anywhere.
        distance, before = np.zeros(unserved + 1), np.full(unserved + 1, -1)
        _shortest_paths(distance, before, state)
        spare = state.capacity[b] - state.load[b]
        if distance[b] >= -state.cost_tolerance or not _augment(b, spare, before, state):
            break


@njit(cache=True, nogil=True)
def capacity_duals(state: AllocationState) -> Floats:
    """Dual price of each slot's capacity: what room for one more person there would save."""
    distance, before = np.zeros(len(state.capacity) + 1), np.full(len(state.capacity) + 1, -1)
    _shortest_paths(distance, before, state)
    return -distance[:-1]


@njit(cache=True, nogil=True)
def allocation_cost(state: AllocationState) -> float:
    """Cost of everybody, the unserved included."""
    total = 0.0
    for at in range(len(state.people)):
        total += state.people[at] * state.cost[at]
    for people in state.left:
        total += people * state.unserved
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
    return AllocationState(
        start, slot, cost, row, np.zeros(size), col_start, col_at, pairs.people.copy(), site,
        pairs.capacity[site], np.zeros(slots), np.full((nodes, nodes), np.inf), np.zeros((nodes, nodes)),
        np.ones(slots, np.bool_),
        pairs.unserved, pairs.cost_tolerance, pairs.people_tolerance,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def allocate_greedily(pairs: SitePairs, site: Ints) -> AllocationState:
    """The least-cost allocation to open sites: everybody to their cheapest, then overfull sites unloaded.

    Without regard to capacity the cheapest site is optimal; each augmentation along a cheapest path keeps
    it optimal for the loads there are.
    """
    state = _empty_allocation(pairs, site)
    # Everybody to the cheapest open site, or nowhere where that is cheaper.
    for i in range(len(state.left)):
        best, least = -1, state.unserved
        for at in range(state.start[i], state.start[i + 1]):
            if state.cost[at] < least:
                best, least = at, state.cost[at]
        if best >= 0:
            state.people[best] = state.left[i]
            state.load[state.slot[best]] += state.left[i]
            state.left[i] = 0.0
    # Steps of all nodes, then overfull slots one after the other.
    for a in range(len(site) + 1):
        _update_steps(a, state)
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
            apart = old.col_start[old_slot[s]] - state.col_start[s]
            for k in range(state.col_start[s], state.col_start[s + 1]):
                at = state.col_at[k]
                state.people[at] = old.people[old.col_at[k + apart]]
                state.left[state.row[at]] -= state.people[at]
                state.load[s] += state.people[at]
    # Differences of fractions may round to a hair below 0.
    for i in range(len(state.left)):
        state.left[i] = max(state.left[i], 0.0)
    for a in range(len(site) + 1):
        _update_steps(a, state)
    return state


@njit(cache=True, nogil=True)
def copy_state(state: AllocationState) -> AllocationState:
    """The same allocation in arrays of its own."""
    return AllocationState(
        state.start, state.slot, state.cost, state.row, state.people.copy(), state.col_start, state.col_at,
        state.left.copy(), state.site, state.capacity.copy(), state.load.copy(), state.step_cost.copy(),
        state.step_people.copy(), state.stale.copy(),
        state.unserved, state.cost_tolerance, state.people_tolerance,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def two_nearest(state: AllocationState, price: Floats) -> Assignment:
    """Each row's cheapest site with the price of its capacity, what it costs, and the second-best cost."""
    rows = len(state.left)
    nearest, first, second = np.full(rows, -1), np.full(rows, state.unserved), np.full(rows, state.unserved)
    for i in range(rows):
        for at in range(state.start[i], state.start[i + 1]):
            priced = state.cost[at] + price[state.slot[at]]
            if priced < first[i]:
                nearest[i], first[i], second[i] = state.site[state.slot[at]], priced, first[i]
            elif priced < second[i]:
                second[i] = priced
    return Assignment(nearest, first, second)
