"""Compiled loops that share people out among open sites with limited room, at least cost.

Successive shortest paths (Ahuja, Magnanti and Orlin 1993), searched among the few sites and not among the
many people: a step from one site to another costs what the cheapest person there has to pay more. People
who are served nowhere are at one more place, behind the last site, where there is room for all.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "AllocationState",
    "Pairs",
    "allocate_greedily",
    "attract",
    "carried_over",
    "copied",
    "relieve",
    "room_prices",
    "spent",
    "two_best",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Pairs(NamedTuple):
    """A problem by site: pairs with the cost per person, persons per row and per site.

    `unserved` is the cost of a person who is not served, `tie` the difference of costs and `dust` the part
    of a person taken for none.
    """

    start: Ints
    row: Ints
    cost: Floats
    people: Floats
    room: Floats
    unserved: float
    tie: float
    dust: float


class AllocationState(NamedTuple):
    """Who goes where among open sites.

    Open pairs by row (`start`, `slot`, `cost`, `row`, `people` on each), where each slot's pairs stand there
    (`col_start`, `col_at`), `left` persons of each row unserved, `site`, `room` and `load` of each slot;
    `dearer` what one person pays more who moves from one slot to another, `able` how many can at that price;
    `stale` slots are those for which that is not known of the unserved.
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
    room: Floats
    load: Floats
    dearer: Floats
    able: Floats
    stale: Flags
    unserved: float
    tie: float
    dust: float


@njit(cache=True, nogil=True)
def _note(a: int, b: int, dearer: float, people: float, now: AllocationState) -> None:
    """People at one slot could move to another for so much."""
    if dearer < now.dearer[a, b] - now.tie:
        now.dearer[a, b] = dearer
        now.able[a, b] = people
    elif dearer <= now.dearer[a, b] + now.tie:
        now.able[a, b] += people


@njit(cache=True, nogil=True)
def _look_from_nowhere(now: AllocationState) -> None:
    """Find out what the unserved would pay at each slot for which that may have changed: they are many."""
    nowhere = len(now.room)
    for b in range(nowhere):
        if now.stale[b]:
            now.stale[b] = False
            now.dearer[nowhere, b], now.able[nowhere, b] = np.inf, 0.0
            for k in range(now.col_start[b], now.col_start[b + 1]):
                at = now.col_at[k]
                if now.left[now.row[at]] > now.dust:
                    _note(nowhere, b, now.cost[at] - now.unserved, now.left[now.row[at]], now)


@njit(cache=True, nogil=True)
def _mark(i: int, now: AllocationState) -> None:
    """Other people of a row are unserved now: its slots must be looked at."""
    for at in range(now.start[i], now.start[i + 1]):
        now.stale[now.slot[at]] = True


@njit(cache=True, nogil=True)
def _look(a: int, now: AllocationState) -> None:
    """Find out where the people of a slot could move, and for how much."""
    nowhere = len(now.room)
    if a == nowhere:
        _look_from_nowhere(now)
        return
    start, slot, cost, people = now.start, now.slot, now.cost, now.people
    now.dearer[a, :] = np.inf
    now.able[a, :] = 0.0
    for k in range(now.col_start[a], now.col_start[a + 1]):
        at = now.col_at[k]
        if people[at] > now.dust:
            i = now.row[at]
            for other in range(start[i], start[i + 1]):
                if other != at:
                    _note(a, slot[other], cost[other] - cost[at], people[at], now)
            _note(a, nowhere, now.unserved - cost[at], people[at], now)


@njit(cache=True, nogil=True)
def _spread(far: Floats, before: Ints, now: AllocationState) -> None:
    """Shortest paths among slots from those that have a distance (Bellman and Ford); in place."""
    changed, rounds, tie = True, 0, now.tie
    while changed and rounds <= len(far):
        changed, rounds = False, rounds + 1
        for a in range(len(far)):
            if far[a] < np.inf:
                for b in range(len(far)):
                    if far[a] + now.dearer[a, b] < far[b] - tie:
                        far[b] = far[a] + now.dearer[a, b]
                        before[b] = a
                        changed = True


@njit(cache=True, nogil=True)
def _move(a: int, b: int, people: float, now: AllocationState) -> None:
    """Move people from one slot to another, those who pay least more."""
    nowhere, most = len(now.room), now.dearer[a, b] + now.tie
    through = b if a == nowhere else a
    for k in range(now.col_start[through], now.col_start[through + 1]):
        at = now.col_at[k]
        i = now.row[at]
        if a == nowhere:
            if now.left[i] > now.dust and now.cost[at] - now.unserved <= most:
                moved = min(now.left[i], people)
                now.left[i] -= moved
                now.people[at] += moved
                people -= moved
                _mark(i, now)
        elif now.people[at] > now.dust and b == nowhere:
            if now.unserved - now.cost[at] <= most:
                moved = min(now.people[at], people)
                now.people[at] -= moved
                now.left[i] += moved
                people -= moved
                _mark(i, now)
        elif now.people[at] > now.dust:
            for other in range(now.start[i], now.start[i + 1]):
                if now.slot[other] == b and now.cost[other] - now.cost[at] <= most:
                    moved = min(now.people[at], people)
                    now.people[at] -= moved
                    now.people[other] += moved
                    people -= moved
        if people <= 0.0:
            break


@njit(cache=True, nogil=True)
def _push(end: int, people: float, before: Ints, now: AllocationState) -> bool:
    """Send up to so many people along the path that ends at a slot; False if none can move."""
    nowhere, first, steps = len(now.room), end, 0
    while before[first] >= 0:
        people = min(people, now.able[before[first], first])
        first = before[first]
        steps += 1
        if steps > nowhere + 1:
            return False
    if steps == 0 or people <= now.dust:
        return False
    # From the end, so that whoever moves on was there before anybody arrived.
    b = end
    while before[b] >= 0:
        _move(before[b], b, people, now)
        b = before[b]
    if first != nowhere:
        now.load[first] -= people
    if end != nowhere:
        now.load[end] += people
    b = end
    while b >= 0:
        _look(b, now)
        b = before[b]
    return True


@njit(cache=True, nogil=True)
def relieve(a: int, room: float, now: AllocationState) -> None:
    """Send people away from a slot until so many are there, each time those whom it costs least; in place."""
    nowhere = len(now.room)
    while now.load[a] - room > now.dust:
        far, before = np.full(nowhere + 1, np.inf), np.full(nowhere + 1, -1)
        far[a] = 0.0
        _spread(far, before, now)
        end = nowhere
        for b in range(nowhere):
            if b != a and now.room[b] - now.load[b] > now.dust and far[b] < far[end]:
                end = b
        people = now.load[a] - room
        if end != nowhere:
            people = min(people, now.room[end] - now.load[end])
        if not _push(end, people, before, now):
            break


@njit(cache=True, nogil=True)
def attract(b: int, now: AllocationState) -> None:
    """Send people to a slot with room as long as that saves; in place."""
    nowhere = len(now.room)
    while now.room[b] - now.load[b] > now.dust:
        far, before = np.zeros(nowhere + 1), np.full(nowhere + 1, -1)
        _spread(far, before, now)
        if far[b] >= -now.tie or not _push(b, now.room[b] - now.load[b], before, now):
            break


@njit(cache=True, nogil=True)
def room_prices(now: AllocationState) -> Floats:
    """What one more place at each slot would save per person: the dual of its room."""
    far, before = np.zeros(len(now.room) + 1), np.full(len(now.room) + 1, -1)
    _spread(far, before, now)
    return -far[:-1]


@njit(cache=True, nogil=True)
def spent(now: AllocationState) -> float:
    """Cost of everybody, the unserved included."""
    total = 0.0
    for at in range(len(now.people)):
        total += now.people[at] * now.cost[at]
    for people in now.left:
        total += people * now.unserved
    return total


@njit(cache=True, nogil=True)
def _laid_out(pairs: Pairs, site: Ints) -> AllocationState:
    """Open sites with nobody in them."""
    rows, slots = len(pairs.people), len(site)
    start, size = np.zeros(rows + 1, np.int64), 0
    col_start = np.zeros(slots + 1, np.int64)
    for s in range(slots):
        for k in range(pairs.start[site[s]], pairs.start[site[s] + 1]):
            start[pairs.row[k] + 1] += 1
        size += pairs.start[site[s] + 1] - pairs.start[site[s]]
        col_start[s + 1] = size
    for i in range(rows):
        start[i + 1] += start[i]
    slot, cost = np.empty(size, np.int64), np.empty(size)
    row, col_at, end = np.empty(size, np.int64), np.empty(size, np.int64), start[:-1].copy()
    for s in range(slots):
        for k in range(pairs.start[site[s]], pairs.start[site[s] + 1]):
            i = pairs.row[k]
            at = end[i]
            end[i] += 1
            slot[at], cost[at], row[at] = s, pairs.cost[k], i
            col_at[col_start[s] + k - pairs.start[site[s]]] = at
    side = slots + 1
    return AllocationState(
        start, slot, cost, row, np.zeros(size), col_start, col_at, pairs.people.copy(), site,
        pairs.room[site], np.zeros(slots), np.full((side, side), np.inf), np.zeros((side, side)),
        np.ones(slots, np.bool_),
        pairs.unserved, pairs.tie, pairs.dust,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def allocate_greedily(pairs: Pairs, site: Ints) -> AllocationState:
    """Everybody to their cheapest open site, then as many on to others as each has too many."""
    now = _laid_out(pairs, site)
    for i in range(len(now.left)):
        best, least = -1, now.unserved
        for at in range(now.start[i], now.start[i + 1]):
            if now.cost[at] < least:
                best, least = at, now.cost[at]
        if best >= 0:
            now.people[best] = now.left[i]
            now.load[now.slot[best]] += now.left[i]
            now.left[i] = 0.0
    for a in range(len(site) + 1):
        _look(a, now)
    for a in range(len(site)):
        relieve(a, now.room[a], now)
    return now


@njit(cache=True, nogil=True)
def carried_over(pairs: Pairs, site: Ints, old: AllocationState, was: Ints) -> AllocationState:
    """Other open sites, each with the people of the slot it `was` (-1: none); who had another is unserved."""
    now = _laid_out(pairs, site)
    for s in range(len(site)):
        if was[s] >= 0:
            apart = old.col_start[was[s]] - now.col_start[s]
            for k in range(now.col_start[s], now.col_start[s + 1]):
                at = now.col_at[k]
                now.people[at] = old.people[old.col_at[k + apart]]
                now.left[now.row[at]] -= now.people[at]
                now.load[s] += now.people[at]
    for i in range(len(now.left)):
        now.left[i] = max(now.left[i], 0.0)
    for a in range(len(site) + 1):
        _look(a, now)
    return now


@njit(cache=True, nogil=True)
def copied(now: AllocationState) -> AllocationState:
    """The same people in arrays of their own."""
    return AllocationState(
        now.start, now.slot, now.cost, now.row, now.people.copy(), now.col_start, now.col_at, now.left.copy(),
        now.site, now.room.copy(), now.load.copy(), now.dearer.copy(), now.able.copy(), now.stale.copy(),
        now.unserved, now.tie, now.dust,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def two_best(now: AllocationState, price: Floats) -> tuple[Ints, Floats, Floats]:
    """Each row's cheapest site, its room paid (-1: better unserved), what it costs, and the next best."""
    rows = len(now.left)
    nearest, first, second = np.full(rows, -1), np.full(rows, now.unserved), np.full(rows, now.unserved)
    for i in range(rows):
        for at in range(now.start[i], now.start[i + 1]):
            dear = now.cost[at] + price[now.slot[at]]
            if dear < first[i]:
                nearest[i], first[i], second[i] = now.site[now.slot[at]], dear, first[i]
            elif dear < second[i]:
                second[i] = dear
    return nearest, first, second
