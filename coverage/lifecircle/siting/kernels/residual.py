"""The residual network of an allocation: which steps people may take from one open site to another.

Searched among the few open sites and not among the many people: a step from one site to another costs what
the cheapest person there has to pay more. People who are served nowhere stand at one more node, behind the
last site, where capacity is unlimited.

An open site is called by its slot, its position among the open sites.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = [
    "AllocationRules",
    "AllocationState",
    "OpenPairs",
    "SitePairs",
    "Steps",
    "augment",
    "shortest_paths",
    "update_steps",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class AllocationRules(NamedTuple):
    """What leaving a person unserved costs, and what is taken for rounding.

    Costs closer than `cost_tolerance` are equal, and fewer persons than `people_tolerance` are none.
    """

    unserved: float
    cost_tolerance: float
    people_tolerance: float


class SitePairs(NamedTuple):
    """A problem by site: pairs with the cost per person, persons of each row, persons each site may serve."""

    start: Ints
    row: Ints
    cost: Floats
    people: Floats
    capacity: Floats
    rules: AllocationRules


class OpenPairs(NamedTuple):
    """Pairs of open sites by row: ``start[i]:start[i + 1]`` are row i's, each with its slot, cost and row.

    Per slot, ``col_at[col_start[s]:col_start[s + 1]]`` are the places of its pairs in that order.
    """

    start: Ints
    slot: Ints
    cost: Floats
    row: Ints
    col_start: Ints
    col_at: Ints


class Steps(NamedTuple):
    """Steps of the residual network between slots; the last node stands for the unserved.

    `cost` is what one person pays more who moves from one node to another, `people` how many can at that
    cost. `stale` slots are those whose steps from the unserved must be computed again.
    """

    cost: Floats
    people: Floats
    stale: Flags


class AllocationState(NamedTuple):
    """Who goes where among open sites.

    `pairs` of open sites with the `people` on each, `left`, the persons of each row who are unserved, `site`,
    `capacity` and `load` of each slot, and the `steps` by which people may move.
    """

    pairs: OpenPairs
    people: Floats
    left: Floats
    site: Ints
    capacity: Floats
    load: Floats
    steps: Steps
    rules: AllocationRules


@njit(cache=True, nogil=True)
def _offer_step(a: int, b: int, cost: float, people: float, state: AllocationState) -> None:
    """People at node `a` can move to `b` at a cost: keep the cheapest step, adding up equals."""
    if cost < state.steps.cost[a, b] - state.rules.cost_tolerance:
        state.steps.cost[a, b] = cost
        state.steps.people[a, b] = people
    elif cost <= state.steps.cost[a, b] + state.rules.cost_tolerance:
        state.steps.people[a, b] += people


@njit(cache=True, nogil=True)
def _update_steps_from_unserved(state: AllocationState) -> None:
    """Compute the steps from the unserved, who are many, to the slots for which they may have changed."""
    pairs, rules = state.pairs, state.rules
    # Only rows with somebody unserved lead from there; a step costs what being served saves, negated.
    unserved = len(state.capacity)
    for b in range(unserved):
        if state.steps.stale[b]:
            state.steps.stale[b] = False
            state.steps.cost[unserved, b], state.steps.people[unserved, b] = np.inf, 0.0
            for k in range(pairs.col_start[b], pairs.col_start[b + 1]):
                at = pairs.col_at[k]
                if state.left[pairs.row[at]] > rules.people_tolerance:
                    cost = pairs.cost[at] - rules.unserved
                    _offer_step(unserved, b, cost, state.left[pairs.row[at]], state)


@njit(cache=True, nogil=True)
def _mark_stale(i: int, state: AllocationState) -> None:
    """The unserved of a row changed: the steps to all its slots are stale."""
    for at in range(state.pairs.start[i], state.pairs.start[i + 1]):
        state.steps.stale[state.pairs.slot[at]] = True


@njit(cache=True, nogil=True)
def update_steps(a: int, state: AllocationState) -> None:
    """Compute all steps from a node: where its people could move, and at what cost."""
    unserved = len(state.capacity)
    if a == unserved:
        _update_steps_from_unserved(state)
        return
    # Everybody in slot a may move to every other slot of their row, or stay unserved.
    pairs, people, rules = state.pairs, state.people, state.rules
    state.steps.cost[a, :] = np.inf
    state.steps.people[a, :] = 0.0
    for k in range(pairs.col_start[a], pairs.col_start[a + 1]):
        at = pairs.col_at[k]
        if people[at] > rules.people_tolerance:
            i = pairs.row[at]
            for other in range(pairs.start[i], pairs.start[i + 1]):
                if other != at:
                    _offer_step(a, pairs.slot[other], pairs.cost[other] - pairs.cost[at], people[at], state)
            _offer_step(a, unserved, rules.unserved - pairs.cost[at], people[at], state)


@njit(cache=True, nogil=True)
def shortest_paths(distance: Floats, before: Ints, state: AllocationState) -> None:
    """Shortest paths among nodes from those with a finite distance (Bellman and Ford); in place.

    The residual network of a least-cost allocation has no negative cycle; the number of rounds is bounded
    all the same, because rounding could make one.
    """
    # Relax every step until a round changes nothing.
    changed, rounds, tolerance = True, 0, state.rules.cost_tolerance
    while changed and rounds <= len(distance):
        changed, rounds = False, rounds + 1
        for a in range(len(distance)):
            if distance[a] < np.inf:
                for b in range(len(distance)):
                    if distance[a] + state.steps.cost[a, b] < distance[b] - tolerance:
                        distance[b] = distance[a] + state.steps.cost[a, b]
                        before[b] = a
                        changed = True


@njit(cache=True, nogil=True)
def _move_people(a: int, b: int, people: float, state: AllocationState) -> None:
    """Move people along one step, those for whom it is cheapest."""
    pairs, rules = state.pairs, state.rules
    # Pairs of the one slot that the step leaves or enters; those dearer than the step stay.
    unserved, most = len(state.capacity), state.steps.cost[a, b] + rules.cost_tolerance
    through = b if a == unserved else a
    for k in range(pairs.col_start[through], pairs.col_start[through + 1]):
        at = pairs.col_at[k]
        i = pairs.row[at]
        if a == unserved:
            # From nowhere to slot b.
            if state.left[i] > rules.people_tolerance and pairs.cost[at] - rules.unserved <= most:
                moved = min(state.left[i], people)
                state.left[i] -= moved
                state.people[at] += moved
                people -= moved
                _mark_stale(i, state)
        elif state.people[at] > rules.people_tolerance and b == unserved:
            # From slot a to nowhere.
            if rules.unserved - pairs.cost[at] <= most:
                moved = min(state.people[at], people)
                state.people[at] -= moved
                state.left[i] += moved
                people -= moved
                _mark_stale(i, state)
        elif state.people[at] > rules.people_tolerance:
            # From slot a to slot b.
            for other in range(pairs.start[i], pairs.start[i + 1]):
                if pairs.slot[other] == b and pairs.cost[other] - pairs.cost[at] <= most:
                    moved = min(state.people[at], people)
                    state.people[at] -= moved
                    state.people[other] += moved
                    people -= moved
        if people <= 0.0:
            break


@njit(cache=True, nogil=True)
def augment(end: int, people: float, before: Ints, state: AllocationState) -> bool:
    """Send up to so many people along the path that ends at a node; False if none can move."""
    # The bottleneck of the path, and a guard against a cycle in it.
    unserved, first, steps = len(state.capacity), end, 0
    while before[first] >= 0:
        people = min(people, state.steps.people[before[first], first])
        first = before[first]
        steps += 1
        if steps > unserved + 1:
            return False
    if steps == 0 or people <= state.rules.people_tolerance:
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
        update_steps(b, state)
        b = before[b]
    return True
