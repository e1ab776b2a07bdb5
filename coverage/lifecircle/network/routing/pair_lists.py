"""The lists in which a thread's searches leave what they meet, and what it works with besides."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.kernels.bucket_search import SearchWorkspace
from lifecircle.network.kernels.marks import WORD_BITS, Marks
from lifecircle.network.kernels.reached import Ends, PairSearch, PairWorkspace, Starts, collect_pairs
from lifecircle.network.keys import UNREACHED

__all__ = ["ListedEnds", "PairLists", "marks_below", "most_met", "pair_workspace"]

_ROOM: Final = 1 << 22
"""Ends for which a thread makes room at a time; of that memory the system gives what is written to."""


class ListedEnds(NamedTuple):
    """Ends that some groups of starts meet: one group's after another's, in any order."""

    groups: NDArray[np.int64]
    counts: NDArray[np.int64]
    met: NDArray[np.int32]
    cost: NDArray[np.integer]


class PairLists:
    """One thread's lists: few large arrays, for each new page of memory costs time."""

    def __init__(self, work: PairWorkspace, most: int) -> None:
        self._work, self._most = work, most
        self._filled = 0

    def collect(self, groups: NDArray[np.int64], search: PairSearch) -> list[ListedEnds]:
        """What some groups of starts meet."""
        parts = []
        while len(groups):
            counts, begin, work = np.empty(len(groups), np.int64), self._filled, self._work
            done, self._filled = collect_pairs(groups, search, work, self._most, begin, counts)
            listed = slice(begin, self._filled)
            parts.append(ListedEnds(groups[:done], counts[:done], work.met[listed], work.cost[listed]))
            groups = groups[done:]
            if len(groups):
                # what is listed already keeps the old list
                met, cost = _room_for(len(work.met), work.cost.dtype)
                self._work = work._replace(met=met, cost=cost)
                self._filled = 0
        return parts


def most_met(starts: Starts, ends: Ends) -> int:
    """How many ends one search may list, those counted twice that it can meet twice."""
    # ends on a start's own stretch, and at the end of its straight walks
    first, on = ends.stretch[:, 2], np.maximum(starts.edge, 0)
    met_twice = np.where(starts.edge >= 0, first[on + 1] - first[on], 0) + np.diff(starts.straight_start)
    by_group = np.diff(np.concatenate([[0], np.cumsum(met_twice)])[starts.start])
    return len(ends.point) + int(by_group.max(initial=0))


def pair_workspace(
    search: SearchWorkspace, starts: Starts, ends: Ends, *, end_groups: int, searches: int
) -> PairWorkspace:
    """A thread's workspace: that of the searches, and room for the seeds of one and what so many meet."""
    seeds = 2 * int(np.diff(starts.start).max(initial=0))
    most = most_met(starts, ends)
    met, cost = _room_for(max(most, min(_ROOM, searches * most)), search.key.dtype)
    merged = not ends.single or seeds > 2 or len(starts.straight_group) > 0
    return PairWorkspace(
        search=search,
        met=met,
        cost=cost,
        best=np.full(end_groups if merged else 0, UNREACHED, np.int64),
        seed_node=np.empty(seeds, np.int32),
        seed_key=np.empty(seeds, np.int64),
        nodes=marks_below(len(search.key)),
    )


def _room_for(room: int, kind: np.dtype[Any]) -> tuple[NDArray[np.int32], NDArray[np.integer]]:
    """Room for so many ends and their costs: one array, that large pages may hold it."""
    both = np.empty(room * (kind.itemsize + 4), np.uint8)
    return both[room * kind.itemsize :].view(np.int32), both[: room * kind.itemsize].view(kind)


def marks_below(numbers: int) -> Marks:
    """A thread's marks of the numbers below some other."""
    words = (numbers >> WORD_BITS) + 1
    return Marks(
        words=np.zeros(words, np.uint64),
        sums=np.zeros((words >> WORD_BITS) + 1, np.uint64),
        place=np.empty(words, np.int64),
    )
