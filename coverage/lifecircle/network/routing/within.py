"""Everything within a limit: all pairs as arrays, or sums that never hold the pairs.

Searches start from whichever side has fewer points. Results do not depend on that, on the order of rows
or on the number of threads: sums are added up in the order of the targets' services and owners.
"""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import ContractError
from lifecircle.network.graph import Network
from lifecircle.network.kernels.bucket_search import SearchKeys
from lifecircle.network.kernels.marks import Marks
from lifecircle.network.kernels.order import ascending
from lifecircle.network.kernels.reached import (
    Decay,
    PairSearch,
    PairWorkspace,
    add_pairs,
    gather_pairs,
    sum_at_ends,
    sum_at_starts,
)
from lifecircle.network.keys import FAR, NARROW_LIMIT
from lifecircle.network.routing.access_costs import AccessCosts
from lifecircle.network.routing.junctions import JunctionGraph, junction_graph, stretch_legs
from lifecircle.network.routing.nearest import Towards, require_codes
from lifecircle.network.routing.pair_lists import (
    ListedEnds,
    PairLists,
    marks_below,
    most_met,
    pair_workspace,
)
from lifecircle.network.routing.sides import (
    arcs_of,
    bucket_bits,
    ends_of,
    local_order,
    search_workspace,
    starts_of,
)
from lifecircle.network.routing.straight_walks import straight_walks
from lifecircle.network.snapping import Snaps
from lifecircle.network.threads import each, thread_count

__all__ = ["accumulate", "pairs"]

_BLOCK: Final = 512
"""Most starts searched from as one task."""

_TASKS_PER_THREAD: Final = 4
"""Fewer starts are dealt out in smaller blocks, that no thread waits for long."""

_SUMS_PER_THREAD: Final = 2
"""Tasks into which services are dealt out where each has a column of its own."""


def pairs(
    network: Network,
    origins: Snaps,
    targets: Snaps,
    *,
    max_cost: int,
    towards: Towards = "targets",
    delay_mm: NDArray[np.integer] | None = None,
    threads: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every origin and target within a limit of each other.

    Parameters
    ----------
    network
        The streets both were snapped to.
    origins, targets
        Snapped points.
    max_cost
        Greatest cost, inclusive, in the network's unit.
    towards
        Whether paths lead to the targets or from them to the origins.
    delay_mm
        Per target, further cost there in millimetres walked.
    threads
        Number of threads; the machine's if None.

    Returns
    -------
    origin, target, cost : int64, one per pair
        Positions and cost, sorted by origin, then target.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> homes = streets.snap(grid_places({"a": (0, 0), "b": (200, 100)}))
    >>> clinics = streets.snap(grid_places({"x": (100, 0), "y": (200, 200)}))
    >>> origin, target, cost = pairs(streets, homes, clinics, max_cost=250_000)
    >>> list(zip(origin.tolist(), target.tolist(), cost.tolist()))
    [(0, 0, 100000), (1, 0, 200000), (1, 1, 100000)]
    """
    # searches start from the side with fewer points; pairs are put back in the order of the origins
    sides = (stretch_legs(network, origins), stretch_legs(network, targets, delay_mm=delay_mm))
    from_origins = len(origins) <= len(targets)
    first, second = sides if from_origins else sides[::-1]
    one, other, walk = _straight(network, origins, targets, delay_mm)
    searches = SearchPass(
        junction_graph(network),
        first,
        second,
        outward=(towards == "targets") == from_origins,
        limit=max_cost,
        straight=(one, other, walk) if from_origins else (other, one, walk),
    )
    one, other, cost = searches.pairs(threads)
    if from_origins:
        return one, other, cost
    # stable: pairs of one origin keep the order of the targets
    order = np.argsort(other, kind="stable")
    return other[order], one[order], cost[order]


def accumulate(
    network: Network,
    origins: Snaps,
    targets: Snaps,
    *,
    service: NDArray[np.integer],
    owner: NDArray[np.integer],
    n_services: int,
    cutoffs: NDArray[np.integer] | list[int],
    weights: NDArray[np.floating] | list[float],
    amount: NDArray[np.floating] | None = None,
    delay_mm: NDArray[np.integer] | None = None,
    towards: Towards = "targets",
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Weighted sum over the facilities that each origin reaches, per service.

    With one cutoff of weight 1 these are counts; with several, the steps of a floating catchment.

    Parameters
    ----------
    network
        The streets both were snapped to.
    origins, targets
        Snapped points. Targets of one service and owner are entrances of one facility: it counts once,
        by its nearest.
    service, owner, n_services, delay_mm, towards, threads
        As in `nearest`; owners may be any codes >= 0.
    cutoffs
        Ascending costs, in the network's unit.
    weights
        Weight of a facility up to each cutoff, inclusive; beyond the last it does not count.
    amount
        Per target, what its facility weighs; 1 if None. Of several entrances the greatest holds.

    Returns
    -------
    float64, origins × services

    Examples
    --------
    >>> import numpy as np
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> homes = streets.snap(grid_places({"a": (0, 0), "b": (200, 100)}))
    >>> clinics = streets.snap(grid_places({"x": (100, 0), "y": (200, 200)}))
    >>> accumulate(
    ...     streets, homes, clinics, service=np.array([0, 0]), owner=np.array([0, 1]), n_services=1,
    ...     cutoffs=[150_000, 300_000], weights=[1.0, 0.5],
    ... ).tolist()
    [[1.0], [1.5]]
    """
    # stage 1: bands with a weight each, and codes the loops can index with
    steps, factors = np.asarray(cutoffs, np.int64), np.asarray(weights, np.float64)
    if not len(steps) or len(steps) != len(factors) or (np.diff(steps) <= 0).any():
        raise ContractError("cutoffs must ascend, with one weight each")
    require_codes("service", service, n_services, len(targets))
    require_codes("owner", owner, 1 << 31, len(targets))
    weight = np.ones(len(targets)) if amount is None else np.asarray(amount, np.float64)
    column, group = np.asarray(service, np.int64), None
    # several targets may be entrances of one facility, or out of order: one group per facility
    if not ascending(column, np.asarray(owner)):
        facility, group = np.unique((column << 31) | np.asarray(owner, np.int64), return_inverse=True)
        column = facility >> 31
        each_weight, weight = weight, np.full(len(facility), -np.inf)
        np.maximum.at(weight, group, each_weight)
    # stage 2: what is asked, on the network between its junctions
    here, there = stretch_legs(network, origins), stretch_legs(network, targets, delay_mm=delay_mm)
    # a service's sums are contiguous, as a search writes them
    out = np.zeros((n_services, len(origins))).T
    if not len(column) or not len(origins):
        return out
    sums = _Sums(Decay(steps, factors), column, weight, out)
    graph, outward, limit = junction_graph(network), towards == "targets", int(steps[-1])
    one, other, walk = _straight(network, origins, targets, delay_mm)
    # the side with fewer points is searched from
    if len(origins) <= len(column):
        ends = other if group is None else group[other].astype(np.int64)
        straight = (one, ends, walk)
        searches = SearchPass(
            graph, here, there, end_group=group, outward=outward, limit=limit, straight=straight
        )
        searches.sum_at_starts(sums, threads)
    else:
        straight = (other, one, walk)
        searches = SearchPass(
            graph, there, here, start_group=group, outward=not outward, limit=limit, straight=straight
        )
        searches.sum_at_ends(sums, threads)
    return out


def _straight(
    network: Network, origins: Snaps, targets: Snaps, delay_mm: NDArray[np.integer] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Origin, target and cost of the pairs that walk straight."""
    # a walk and its delay cost what millimetres of it cost
    walks = straight_walks(network, origins, targets)
    delay = 0 if delay_mm is None else np.asarray(delay_mm, np.int64)[walks.target]
    cost = np.rint((walks.mm + delay) * network.cost_per_mm).astype(np.int64)
    return walks.origin, walks.target, cost


class _Sums(NamedTuple):
    """What to add up, as the kernels take it."""

    decay: Decay
    column: NDArray[np.int64]
    weight: NDArray[np.float64]
    out: NDArray[np.float64]


class SearchPass:
    """Searches from one side for the other, ready to be run in blocks."""

    def __init__(
        self,
        graph: JunctionGraph,
        first: AccessCosts,
        second: AccessCosts,
        *,
        outward: bool,
        limit: int,
        start_group: NDArray[np.integer] | None = None,
        end_group: NDArray[np.integer] | None = None,
        straight: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        self.graph = graph
        self.outward = outward
        self.limit = min(int(limit), FAR - 1)
        start_group = np.arange(len(first.edge)) if start_group is None else start_group
        self.groups = int(start_group.max(initial=-1)) + 1
        self.end_groups = len(second.edge) if end_group is None else int(end_group.max(initial=-1)) + 1
        self.search = PairSearch(
            arcs_of(graph, outward=outward),
            starts_of(graph, first, start_group, self.groups, outward=outward, straight=straight),
            ends_of(graph, second, end_group, outward=outward, wide=self.limit >= NARROW_LIMIT),
            outward,
            SearchKeys(0, bucket_bits(graph, self.limit, between_junctions=True), self.limit),
        )
        self.most = most_met(self.search.starts, self.search.ends)

    def _tool(self, searches: int = 1) -> PairWorkspace:
        """A workspace for one thread, with room for what so many searches may list."""
        buckets = (self.limit >> self.search.keys.shift) + 1
        return pair_workspace(
            search_workspace(self.graph, wide=self.limit >= NARROW_LIMIT, buckets=buckets),
            self.search.starts,
            self.search.ends,
            end_groups=self.end_groups,
            searches=searches,
        )

    def _blocks(self, threads: int | None) -> list[NDArray[np.int64]]:
        """Groups of starts in local order, a block at a time."""
        order = local_order(self.search.starts)
        tasks = _TASKS_PER_THREAD * thread_count(threads, len(order))
        size = max(1, min(_BLOCK, -(-len(order) // tasks)))
        return [order[at : at + size] for at in range(0, len(order), size)]

    def pairs(self, threads: int | None) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Start, end and cost of every pair, sorted by start, then end."""
        if self.limit < 0:
            return (np.empty(0, np.int64),) * 3
        # stage 1: what every block meets
        by_block = each(
            lambda groups, lists: lists.collect(groups, self.search),
            self._blocks(threads),
            tool=lambda: PairLists(self._tool(self.groups), self.most),
            threads=threads,
        )
        parts = list(itertools.chain.from_iterable(by_block))
        # stage 2: where each start's pairs begin
        counts = np.zeros(self.groups + 1, np.int64)
        for part in parts:
            counts[part.groups + 1] = part.counts
        first = np.cumsum(counts)
        out = np.empty((3, first[-1]), np.int64)

        # stage 3: all in their places, sorted
        def gather(part: ListedEnds, marks: Marks) -> None:
            """Some pairs to their place."""
            gather_pairs(part.groups, part.counts, first, part.met, part.cost, marks, *out)

        each(gather, parts, tool=lambda: marks_below(self.end_groups), threads=threads)
        return out[0], out[1], out[2]

    def sum_at_starts(self, sums: _Sums, threads: int | None) -> None:
        """Add the ends' weights up where the searches start: blocks write to rows of their own."""

        def add(groups: NDArray[np.int64], held: tuple[PairWorkspace, Marks]) -> None:
            """One block."""
            sum_at_starts(groups, self.search, *held, *sums)

        each(
            add,
            self._blocks(threads),
            tool=lambda: (self._tool(), marks_below(self.end_groups)),
            threads=threads,
        )

    def sum_at_ends(self, sums: _Sums, threads: int | None) -> None:
        """Add the starts' weights up where they arrive: each service writes to a column of its own.

        Too few services would leave threads idle: their searches are shared out and added up afterwards.
        """
        if sums.out.shape[1] < thread_count(threads, self.groups):
            start, end, cost = self.pairs(threads)
            add_pairs(start, end, cost, *sums)
            return

        def add(groups: NDArray[np.int64], work: PairWorkspace) -> None:
            """The services of one task."""
            sum_at_ends(groups, self.search, work, *sums)

        # whole numbers add up to the same in any order, so that neighbours may follow one another: the more
        # services a task has, the nearer they are, and the more of what they read is still at hand
        whole = all((np.rint(part) == part).all() for part in (sums.weight, sums.decay.weights))
        order = local_order(self.search.starts) if whole else np.arange(self.groups)
        tasks = min(sums.out.shape[1], _SUMS_PER_THREAD * thread_count(threads, self.groups))
        task = sums.column[order] % tasks
        each(add, [order[task == k] for k in range(tasks)], tool=self._tool, threads=threads)
