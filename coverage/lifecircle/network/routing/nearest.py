"""The nearest target of every service, as arrays.

Paths run from resident to facility unless asked otherwise. Costs are the network's integers; results do
not depend on the order of rows, the number of threads, or which method was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import ContractError
from lifecircle.network.graph import Network
from lifecircle.network.kernels.bucket_search import SearchKeys, SearchWorkspace, search
from lifecircle.network.kernels.joins import (
    EdgeLegs,
    EdgeSeeds,
    NearestTable,
    join_along,
    join_lanes,
    join_walks,
    seed_lanes,
)
from lifecircle.network.keys import FAR, NARROW_LIMIT, OWNER_BITS, UNREACHED, WIDE_LIMIT
from lifecircle.network.routing.access_costs import AccessCosts
from lifecircle.network.routing.contraction import Contraction, contraction
from lifecircle.network.routing.junctions import JunctionGraph, junction_graph, stretch_legs
from lifecircle.network.routing.sides import arcs_of, bucket_bits, by_edge, places_of, search_workspace
from lifecircle.network.routing.straight_walks import StraightWalks, straight_walks
from lifecircle.network.snapping import Snaps
from lifecircle.network.threads import each, thread_count

Towards = Literal["targets", "origins"]

__all__ = ["UNREACHED", "Towards", "nearest", "require_codes"]

_MOST_LANES: Final = 16
"""Services that one sweep carries side by side, in the lanes of the processor's vectors."""

_SWEEP_FROM_SERVICES: Final = 8
"""With this many services one contraction and a sweep are cheaper than that many bounded searches."""


def nearest(
    network: Network,
    origins: Snaps,
    targets: Snaps,
    *,
    service: NDArray[np.integer],
    owner: NDArray[np.integer],
    n_services: int,
    delay_mm: NDArray[np.integer] | None = None,
    max_cost: int | None = None,
    want_owner: bool = True,
    towards: Towards = "targets",
    threads: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Cost of every origin to the nearest target of every service, and who owns that target.

    Parameters
    ----------
    network
        The streets both were snapped to.
    origins, targets
        Snapped points. Several targets of one owner are entrances of one facility: the nearest counts.
    service
        Per target, code of its service, 0 to ``n_services - 1``.
    owner
        Per target, rank of its facility, 0 to 2**24 - 1; of equal costs the smaller wins.
    n_services
        Number of services: columns of the result.
    delay_mm
        Per target, further cost there in millimetres walked.
    max_cost
        Greatest cost wanted, inclusive, in the network's unit; None for no limit.
    want_owner
        Whether to say who owns the nearest.
    towards
        Whether paths lead to the targets or from them to the origins.
    threads
        Number of threads; the machine's if None.

    Returns
    -------
    cost : int64, origins × services
        In the network's unit; `UNREACHED` where none is reached.
    owner : int32, origins × services
        -1 where none is reached; no columns unless wanted.

    Raises
    ------
    MismatchedIndexError
        If points were snapped to another network.

    Examples
    --------
    >>> import numpy as np
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> streets = grid_network()
    >>> homes = streets.snap(grid_places({"a": (0, 0), "b": (200, 100)}))
    >>> clinics = streets.snap(grid_places({"x": (100, 0), "y": (200, 200)}))
    >>> cost, owner = nearest(
    ...     streets, homes, clinics, service=np.array([0, 0]), owner=np.array([0, 1]), n_services=1
    ... )
    >>> cost.ravel().tolist(), owner.ravel().tolist()
    ([100000, 100000], [0, 1])
    """
    require_codes("service", service, n_services, len(targets))
    require_codes("owner", owner, 1 << OWNER_BITS, len(targets))
    outward = towards == "targets"
    limit = FAR - 1 if max_cost is None else min(int(max_cost), FAR - 1)
    # stage 1: what is asked, on the network between its junctions
    here, there = stretch_legs(network, origins), stretch_legs(network, targets, delay_mm=delay_mm)
    by_sweep = max_cost is None or n_services >= _SWEEP_FROM_SERVICES or network.cache.holds("contraction")
    held = contraction(network) if by_sweep else None
    ask = _Question(
        graph=junction_graph(network),
        here=here,
        there=there,
        service=np.asarray(service, np.int64),
        owner=np.asarray(owner, np.int64),
        outward=outward,
        limit=limit,
        bits=OWNER_BITS if want_owner else 0,
        narrow=not want_owner and _fits_narrow(held, (here, there), limit),
        table=NearestTable(
            cost=np.empty((len(origins), n_services), np.int64),
            owner=np.empty((len(origins), n_services if want_owner else 0), np.int32),
        ),
    )
    # stage 2: over the ends of the origin's stretch
    if held is not None:
        ask.by_sweep(held, threads)
    else:
        ask.by_search(threads)
    # stage 3: where that is nearer, along the stretch itself, or straight over the ground
    ask.along_edges()
    ask.straight(network, straight_walks(network, origins, targets), delay_mm)
    return ask.table.cost, ask.table.owner


def require_codes(what: str, code: NDArray[np.integer], limit: int, rows: int) -> None:
    """Refuse codes that the compiled loops could not index with.

    Raises
    ------
    ContractError
        If there is not one code per row, or one is negative or not below `limit`.
    """
    if len(code) != rows or (rows and (int(code.min()) < 0 or int(code.max()) >= limit)):
        raise ContractError(f"{what} must hold one code from 0 to {limit - 1} for each of {rows} targets")


def _fits_narrow(held: Contraction | None, sides: tuple[AccessCosts, AccessCosts], limit: int) -> bool:
    """Whether every cost that can matter fits in 32 bits."""
    if held is not None and held.out.dtype != np.int32:
        return False
    if limit < NARROW_LIMIT:
        return True
    # no sum is longer than the longest way up and down the contraction, with the access at both sides
    access = 0
    for side in sides:
        costs = np.stack([side.to_u, side.to_v, side.from_u, side.from_v])
        access += int(costs.max(initial=0, where=costs < FAR))
    return held is not None and 2 * held.farthest + access < NARROW_LIMIT


@dataclass(frozen=True, eq=False)
class _Question:
    """One call of `nearest`, ready to be answered lane by lane into `table`."""

    graph: JunctionGraph
    here: AccessCosts
    there: AccessCosts
    service: NDArray[np.int64]
    owner: NDArray[np.int64]
    outward: bool
    limit: int
    bits: int
    narrow: bool
    table: NearestTable

    @property
    def _empty(self) -> np.int32 | np.int64:
        """What an unreached node holds."""
        return np.int32(NARROW_LIMIT) if self.narrow else np.int64(WIDE_LIMIT)

    def by_sweep(self, held: Contraction, threads: int | None) -> None:
        """All services through the contraction, several lanes at a time."""
        # enough lanes to fill the vector units, not so many that a thread is left idle
        services = self.table.cost.shape[1]
        width = min(_MOST_LANES, -(-services // thread_count(threads, services))) if services else 1
        node, lane, key = self._seeds()
        row = held.position[node]
        join = self._joiner(held.position)

        def fill(first: int, _: None) -> None:
            """The columns from `first` on."""
            lanes = np.full((self.graph.n_nodes, min(width, services - first)), self._empty)
            seed_lanes(lanes, row, lane, key, first)
            held.sweep(lanes, bits=self.bits, towards_seeds=self.outward)
            join(lanes, first)

        each(fill, range(0, services, width), tool=lambda: None, threads=threads)

    def by_search(self, threads: int | None) -> None:
        """Every service by a bounded search from its targets."""
        node, lane, key = self._seeds()
        arcs = arcs_of(self.graph, outward=not self.outward)
        shift = bucket_bits(self.graph, self.limit, between_junctions=True) + self.bits
        # the greatest key of the limit: all owner bits set
        last_key = ((self.limit + 1) << self.bits) - 1
        keys = SearchKeys(self.bits, shift, last_key)
        join = self._joiner(np.arange(self.graph.n_nodes, dtype=np.int32))

        def fill(column: int, work: SearchWorkspace) -> None:
            """One column."""
            mine = lane == column
            reached = search(arcs, keys, node[mine], key[mine], work)
            join(work.key[:, None], column)
            work.key[work.touched[:reached]] = self._empty

        def tool() -> SearchWorkspace:
            """A workspace with keys as wide as they must be."""
            return search_workspace(self.graph, wide=not self.narrow, buckets=(last_key >> shift) + 1)

        each(fill, range(self.table.cost.shape[1]), tool=tool, threads=threads)

    def _seeds(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """Nodes that the targets hang on, with lane and key, those beyond the limit left out."""
        there, edge = self.there, self.there.edge
        # paths towards targets are searched backwards: a seed costs the leg from its node to the target
        access = (there.from_u, there.from_v) if self.outward else (there.to_u, there.to_v)
        u, v = self.graph.nodes_behind if self.outward else self.graph.nodes_ahead
        node = np.concatenate([u[edge], v[edge]])
        leg = np.concatenate(access)
        within = leg <= (min(self.limit, NARROW_LIMIT - 1) if self.narrow else self.limit)
        key = (leg << self.bits) | (np.tile(self.owner, 2) if self.bits else 0)
        return node[within], np.tile(self.service, 2)[within], key[within]

    def _joiner(self, row: NDArray[np.int32]) -> Callable[[NDArray[np.integer], int], None]:
        """What joins lanes, whose rows are numbered by `row`, to the origins: columns from a number on."""
        row_u, row_v = self._rows(row)
        # those that are unreached have no edge, but legs that are as long
        access = (self.here.to_u, self.here.to_v) if self.outward else (self.here.from_u, self.here.from_v)
        legs = EdgeLegs(row_u, row_v, *access)
        most = min(self.limit, (NARROW_LIMIT if self.narrow else FAR) - 1)

        def join(lanes: NDArray[np.integer], first: int) -> None:
            """Fill the columns from `first` on."""
            join_lanes(lanes, first, self.bits, most, legs, self.table)

        return join

    def _rows(self, row: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Rows of both nodes of every origin's stretch, kept as long as the origins' legs."""
        held: dict[Any, Any] = self.graph.cache.of(self.here, dict)
        which = ("rows", self.outward)
        numbered, rows = held.get(which, (None, None))
        if numbered is not row:
            edge = self.here.edge
            u, v = self.graph.nodes_ahead if self.outward else self.graph.nodes_behind
            rows = row[u[edge]], row[v[edge]]
            held[which] = row, rows
        return rows

    def along_edges(self) -> None:
        """Origins with a target on their own edge: perhaps straight along it."""
        here, there = self.here, self.there
        # ends of the edge are not on the way between two places of one edge
        edge_start, seed = by_edge(self.graph, there.edge)
        seeds = EdgeSeeds(edge_start, seed, self.service, self.owner, places_of(there))
        join_along(places_of(here), seeds, self.outward, self.limit, self.table)

    def straight(self, network: Network, walks: StraightWalks, delay_mm: NDArray[np.integer] | None) -> None:
        """Origins that are nearer to a target than either is to its street: straight there."""
        delay = np.empty(0, np.int64) if delay_mm is None else np.asarray(delay_mm, np.int64)
        cost_per_mm = float(network.cost_per_mm)
        join_walks(tuple(walks), delay, cost_per_mm, self.service, self.owner, self.limit, self.table)
