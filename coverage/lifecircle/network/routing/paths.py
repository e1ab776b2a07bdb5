"""The paths behind the costs: how long the chosen one is, and which streets it takes."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.network.graph import Network
from lifecircle.network.kernels.bucket_search import SearchKeys, search_ways, trace, way_lengths
from lifecircle.network.keys import FAR, OWNER_BITS, UNREACHED
from lifecircle.network.routing.access_costs import AccessCosts, access_costs
from lifecircle.network.routing.destinations import Destinations
from lifecircle.network.routing.sides import arcs_of, bucket_bits, search_workspace
from lifecircle.network.routing.straight_walks import straight_walks
from lifecircle.network.snapping import Snaps

__all__ = [
    "OVER_U",
    "STRAIGHT",
    "UNKNOWN",
    "TracedSearch",
    "along_edge",
    "chosen_lengths",
    "pair_lengths",
    "straight_row",
]

OVER_U, OVER_V, STRAIGHT, UNKNOWN = range(4)
_OWNERS: Final = (1 << OWNER_BITS) - 1


class TracedSearch:
    """A search back from the entrances of one service that remembers the way.

    Parameters
    ----------
    network
        The streets.
    destinations
        Facilities; `rows` of them are searched from.
    rows
        Positions of the entrances.
    limit
        Greatest cost to reach, inclusive.
    """

    def __init__(
        self, network: Network, destinations: Destinations, rows: NDArray[np.integer], limit: int
    ) -> None:
        self.network, self.destinations, self.rows = network, destinations, rows
        snaps = destinations.snaps.take(rows)
        self.access = access_costs(network, snaps, delay_mm=destinations.delay_mm[rows])
        self.arcs = arcs_of(network, outward=False)
        self.arc_edge = network.back_edge
        self.tail = np.repeat(np.arange(network.n_nodes, dtype=np.int32), np.diff(self.arcs.indptr))
        edge = self.access.edge
        leg = np.concatenate([self.access.from_u, self.access.from_v])
        from_end = np.concatenate([snaps.offset_mm, network.length_mm[edge] - snaps.offset_mm])
        self.seed_mm = from_end.astype(np.int64) + np.tile(snaps.access_mm, 2)
        owner = np.tile(destinations.owner[rows], 2)
        shift = bucket_bits(network, limit) + OWNER_BITS
        last_key = ((limit + 1) << OWNER_BITS) - 1
        work = search_workspace(network, wide=True, buckets=(last_key >> shift) + 1)
        self.via = np.full(network.n_nodes, -1, np.int32)
        behind_u, behind_v = network.nodes_behind
        seed_node = np.concatenate([behind_u[edge], behind_v[edge]])
        # an end that nobody may come from is a seed beyond the limit
        seed_key = np.where(leg < FAR, (np.minimum(leg, FAR) << OWNER_BITS) | owner, last_key + 1)
        keys = SearchKeys(OWNER_BITS, shift, last_key)
        self.reached = search_ways(self.arcs, keys, seed_node, seed_key, work, self.via)
        self.key, self.touched = work.key, work.touched

    def node_lengths_mm(self) -> NDArray[np.int64]:
        """Length of the way from every node to its entrance, the walk there included; -1 unreached."""
        # a turn from port to port has no length
        arc_mm = np.where(self.arc_edge >= 0, self.network.length_mm[self.arc_edge], 0).astype(np.int64)
        node_mm: NDArray[np.int64] = way_lengths(
            self.via, self.tail, arc_mm, self.seed_mm, self.touched, self.reached
        )
        return node_mm

    def choices(
        self, here: AccessCosts, cost: NDArray[np.int64], owner: NDArray[np.integer]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How each origin gets its cost: over an end of its edge or straight, and then to which row."""
        ahead_u, ahead_v = self.network.nodes_ahead
        u, v = ahead_u[here.edge], ahead_v[here.edge]
        choice = np.full(len(cost), UNKNOWN)
        row = np.full(len(cost), -1)
        # the key at the node plus the leg is the cost, and its owner the owner: that end is on the way
        for way, node, leg in ((OVER_V, v, here.to_v), (OVER_U, u, here.to_u)):
            key = self.key[node]
            mine = ((key >> OWNER_BITS) + leg == cost) & (key & _OWNERS == owner) & (leg < FAR)
            choice[mine & (cost != UNREACHED)] = way
        # who comes over neither end goes straight along a shared edge
        left = np.flatnonzero((choice == UNKNOWN) & (cost != UNREACHED))
        theirs = pd.DataFrame(
            {
                "edge": self.access.edge,
                "owner": self.destinations.owner[self.rows],
                "row": np.arange(len(self.rows)),
            }
        )
        mine_too = pd.DataFrame({"edge": here.edge[left], "owner": owner[left], "origin": left})
        match = mine_too.merge(theirs, on=["edge", "owner"])
        along = along_edge(here, match["origin"].to_numpy(), self.access, match["row"].to_numpy())
        match = match[along == cost[match["origin"]]].drop_duplicates("origin")
        choice[match["origin"]], row[match["origin"]] = STRAIGHT, match["row"]
        return choice, row

    def way_from(self, node: int) -> tuple[NDArray[np.int32], int, bool]:
        """Edges from a node in the order travelled, the entrance's row, whether over u of its edge."""
        # seeds are numbered over u of all entrances, then over v of all
        arcs, seed = trace(self.via, self.tail, np.int32(node))
        edges = self.arc_edge[arcs]
        return edges[edges >= 0], int(seed) % len(self.rows), bool(seed < len(self.rows))


def chosen_lengths(
    network: Network,
    origins: Snaps,
    destinations: Destinations,
    cost: NDArray[np.int64],
    owner: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Length in metres of the paths behind the costs of `nearest`.

    Parameters
    ----------
    network, origins, destinations
        What was asked.
    cost, owner
        What `nearest` answered: origins × services.

    Returns
    -------
    float64, origins × services
        ``inf`` where none is reached.
    """
    metres = np.full(cost.shape, np.inf)
    for k in range(cost.shape[1]):
        reached = np.flatnonzero(cost[:, k] != UNREACHED)
        if len(reached):
            rows = np.flatnonzero(destinations.service == k)
            block = origins.take(reached)
            metres[reached, k] = _lengths(
                network, block, destinations, rows, cost=cost[reached, k], owner=owner[reached, k]
            )
    return metres


def _lengths(
    network: Network,
    origins: Snaps,
    destinations: Destinations,
    rows: NDArray[np.integer],
    *,
    cost: NDArray[np.int64],
    owner: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Length in metres of the path from each origin, all reached, to the facility that owns its cost."""
    # stage 1: the search back from the entrances, remembering the way
    here = access_costs(network, origins)
    traced = TracedSearch(network, destinations, rows, int(cost.max()))
    choice, row = traced.choices(here, cost, owner)
    edge, offset = here.edge, here.offset_mm
    # stage 2: millimetres over either end of the edge, or straight along it
    node_mm = traced.node_lengths_mm()
    ahead_u, ahead_v = network.nodes_ahead
    over_u = offset + node_mm[ahead_u[edge]]
    over_v = network.length_mm[edge] - offset + node_mm[ahead_v[edge]]
    along = np.abs(offset - traced.access.offset_mm[row]) + destinations.snaps.access_mm[traced.rows[row]]
    by_street = np.choose(choice, [over_u, over_v, along, along]) + origins.access_mm
    # stage 3: origins that none of these explains walk straight over the ground
    _, straight_mm = straight_row(network, origins, destinations, rows, owner=owner, cost=cost)
    return np.where(choice == UNKNOWN, straight_mm, by_street) / 1000


def straight_row(
    network: Network,
    origins: Snaps,
    destinations: Destinations,
    rows: NDArray[np.integer],
    *,
    owner: NDArray[np.integer],
    cost: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Entrance (among `rows`, -1 for none) and length in mm of the straight walk behind each cost."""
    targets = destinations.snaps.take(rows)
    walks = straight_walks(network, origins, targets)
    delay = destinations.delay_mm[rows][walks.target]
    costs = np.rint((walks.mm + delay) * network.cost_per_mm).astype(np.int64)
    mine = (costs == cost[walks.origin]) & (destinations.owner[rows][walks.target] == owner[walks.origin])
    row, mm = np.full(len(cost), -1), np.zeros(len(cost), np.int64)
    # written backwards, so that of several entrances the first stays
    row[walks.origin[mine][::-1]] = walks.target[mine][::-1]
    mm[walks.origin[mine][::-1]] = walks.mm[mine][::-1]
    return row, mm


def pair_lengths(
    network: Network,
    origins: Snaps,
    destinations: Destinations,
    *,
    service: NDArray[np.integer],
    owner: NDArray[np.integer],
    cost: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Length in metres of the paths behind pairs of an origin and a facility, one of each per pair.

    Where cost is time, each facility is searched from once.
    """
    if network.cost_unit == "mm" and not destinations.delay_mm.any():
        return cost / 1000
    # a key per facility, as searches pack it
    metres = np.empty(len(cost))
    key = service.astype(np.int64) << OWNER_BITS | owner
    offered = destinations.service << OWNER_BITS | destinations.owner
    # pairs of one facility follow each other: one search serves them all
    order = np.argsort(key, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        if not len(mine):
            continue
        rows = np.flatnonzero(offered == key[mine[0]])
        metres[mine] = _lengths(
            network, origins.take(mine), destinations, rows, cost=cost[mine], owner=owner[mine]
        )
    return metres


def along_edge(
    here: AccessCosts, one: NDArray[np.integer], there: AccessCosts, other: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Cost straight along a shared edge, walks included."""
    # differences of the costs from u, whichever way lies ahead
    forth = here.offset_mm[one] <= there.offset_mm[other]
    along = np.where(
        forth, there.forward[other] - here.forward[one], here.backward[one] - there.backward[other]
    )
    along[here.offset_mm[one] == there.offset_mm[other]] = 0
    return along + here.walk[one] + there.walk[other]
