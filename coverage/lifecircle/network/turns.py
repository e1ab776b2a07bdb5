"""Turns a mode may take: nodes split into the edges one comes by and the edges one leaves by.

Where no turn is forbidden a node is one place: whoever comes to it may go on by any edge. A turn restriction
depends on the edge one comes by. So does a street that is open to its residents alone: it may be travelled
at the start of a journey and at its end, not between. Both are exact on a graph whose nodes are the ends of
edges, coming (in-ports) and going (out-ports), with a link of no cost for every turn that is open.

Streets open to residents alone exist twice: as the start of a journey (which leads on to all others) and as
its end (which leads nowhere else). U-turns are allowed only at dead ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.tables import StreetTable

__all__ = ["Ports", "Turns", "ports_of", "turns_of"]

_START, _THROUGH, _END = range(3)
"""Parts of a journey: on residents' streets at its start, on open streets, on residents' at its end."""

_PARTS: Final = 3

_NODE_ITSELF: Final = -1


class Turns(NamedTuple):
    """Turn restrictions between edges of a network, int64, one per restriction.

    Attributes
    ----------
    arriving : twice the edge of arrival, and 1 more where it is left at its node v
    leaving : the edge of departure
    only : whether it is the only way on; else it is forbidden
    unclear : how many restrictions name ways whose meeting at the node is ambiguous
    """

    arriving: NDArray[np.int64]
    leaving: NDArray[np.int64]
    only: NDArray[np.bool_]
    unclear: int


@dataclass(frozen=True)
class Ports:
    """Ends of edges as nodes of a graph, numbered on from the nodes of the streets.

    Attributes
    ----------
    place : int32, one per port beyond the nodes: the node it lies at
    ends : int32, 8 × edges, in pairs, at node u and at node v: ports reached from a point on it (0, 1), ports
        from which a point on it is reached (2, 3); of the edge at the start of a journey the out-ports
        (4, 5), at its end the in-ports (6, 7)
    links : int32, 2 × links, ports joined by a turn of no cost
    fixed : bool, one per node of the streets: more than the course of the street is decided there
    """

    place: NDArray[np.int32]
    ends: NDArray[np.int32]
    links: NDArray[np.int32]
    fixed: NDArray[np.bool_]


def turns_of(
    streets: StreetTable,
    kept: NDArray[np.int64],
    node: NDArray[np.int64],
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> Turns:
    """The turn restrictions of a street table between the edges of its network.

    A restriction names ways, which a reader or a scenario may have parted since: the piece that meets the
    node counts. Restrictions of ways that are no longer there fall away.

    Parameters
    ----------
    streets
        The segments.
    kept
        Row of each edge in `streets`.
    node
        Node of `streets` of each node of the network.
    ends
        Nodes u and v of every edge.
    """
    u, v = ends
    if not len(streets.turns):
        return Turns(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool), 0)
    # stage 1: nodes and edges at which any restriction acts
    wanted = set(streets.turns[:, 1].tolist())
    number = {name: at for at, name in enumerate(streets.node_id[node].tolist()) if name in wanted}
    at_node: dict[tuple[int, int], list[int]] = {}
    via = set(number.values())
    touching = np.flatnonzero(np.isin(u, list(via)) | np.isin(v, list(via)))
    way = streets.way[kept[touching]]
    for edge, name in zip(touching.tolist(), way.tolist(), strict=True):
        for end in (int(u[edge]), int(v[edge])):
            if end in via:
                at_node.setdefault((name, end), []).append(edge)
    # stage 2: the one edge of each way that meets the node; several leave it unclear
    forward, backward = streets.forward[kept], streets.backward[kept]
    arriving, leaving, only, unclear = [], [], [], 0
    for from_way, name, to_way, alone in streets.turns.tolist():
        at = number.get(name, -1)
        comes = [2 * e + int(v[e] == at) for e in at_node.get((from_way, at), ())
                 if (forward[e] if v[e] == at else backward[e])]  # fmt: skip
        goes = [e for e in at_node.get((to_way, at), ()) if (forward[e] if u[e] == at else backward[e])]
        if not comes or not goes:
            continue
        if len(comes) > 1 or len(goes) > 1:
            unclear += 1
            continue
        arriving.append(comes[0])
        leaving.append(goes[0])
        only.append(bool(alone))
    return Turns(np.array(arriving, np.int64), np.array(leaving, np.int64), np.array(only, bool), unclear)


class _Side(NamedTuple):
    """In-ports or out-ports, int64, one per row.

    Attributes
    ----------
    half : twice the edge, and 1 more at its node v; beyond all edges, the node itself
    edge : the edge; `_NODE_ITSELF` for none
    node, part : where it lies, and its part of the journey
    """

    half: NDArray[np.int64]
    edge: NDArray[np.int64]
    node: NDArray[np.int64]
    part: NDArray[np.int64]

    @property
    def code(self) -> NDArray[np.int64]:
        """One number per port."""
        return self.half * _PARTS + self.part


def ports_of(  # noqa: PLR0917
    n_nodes: int,
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    destination: NDArray[np.bool_],
    turns: Turns,
) -> Ports | None:
    """The ports of a network, None where every node is one place.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    u, v, forward, backward, destination
        Per edge: its nodes, whether it is open either way, whether to residents alone.
    turns
        What is forbidden.
    """
    if not len(turns.arriving) and not destination.any():
        return None
    # stage 1: a port for every end of every edge, and one of the node itself where an edge is closed one way
    early = np.where(destination, _START, _THROUGH)
    late = np.where(destination, _END, _THROUGH)
    residents = np.flatnonzero(destination)
    edge = np.concatenate([np.arange(len(u)), residents])
    part = np.concatenate([early, np.full(len(residents), _END)])
    half = np.concatenate([2 * edge, 2 * edge + 1])
    node = np.concatenate([u[edge], v[edge]]).astype(np.int64)
    comes = np.concatenate([backward[edge], forward[edge]])
    goes = np.concatenate([forward[edge], backward[edge]])
    inward = _side(half, node, np.tile(part, 2), comes, wanted=early, count=len(u))
    outward = _side(half, node, np.tile(part, 2), goes, wanted=late, count=len(u))
    # stage 2: every turn at a node, less those that are not open
    one, other = _pairs(inward.node, outward.node)
    is_open, forbidden = _open_turns(inward, outward, one, other, turns, count=len(u))
    fixed = np.zeros(n_nodes, bool)
    fixed[inward.node[one[forbidden]]] = True
    meets = np.zeros((2, n_nodes), bool)
    for ends in (u, v):
        meets[destination.astype(int), ends] = True
    fixed |= meets.all(axis=0)
    one, other = one[is_open], other[is_open]
    # stage 3: a port with one way on, which nobody else takes, is the port that it leads to
    alike = np.bincount(one, minlength=len(inward.half))[one] == 1
    alike &= np.bincount(other, minlength=len(outward.half))[other] == 1
    port = np.arange(len(inward.half) + len(outward.half))
    port[len(inward.half) + other[alike]] = one[alike]
    # stage 4: ports numbered on from the nodes, neighbours near each other
    used = np.unique(port)
    place = np.concatenate([inward.node, outward.node])[used]
    order = np.argsort(place, kind="stable")
    number = np.empty(len(port), np.int64)
    number[used[order]] = n_nodes + np.arange(len(used))
    in_port, out_port = np.split(number[port], [len(inward.half)])
    ends = np.concatenate(
        [
            _ends_of(inward, in_port, u, v, early),
            _ends_of(outward, out_port, u, v, late),
            _ends_of(outward, out_port, u, v, early),
            _ends_of(inward, in_port, u, v, late),
        ]
    )
    links = np.stack([in_port[one[~alike]], out_port[other[~alike]]])
    return Ports(place[order].astype(np.int32), ends.astype(np.int32), links.astype(np.int32), fixed)


def _side(
    half: NDArray[np.int64],
    node: NDArray[np.int64],
    part: NDArray[np.int64],
    there: NDArray[np.bool_],
    *,
    wanted: NDArray[np.int64],
    count: int,
) -> _Side:
    """The ports that are there, and those of nodes where an edge has none in the part that is `wanted`."""
    # a node whose edge is closed one way has a port of its own: one may still begin or end there
    first = (half >> 1 < count) & (part == wanted[half >> 1])
    itself = np.unique(node[~there & first] * _PARTS + part[~there & first])
    return _Side(
        np.concatenate([half[there], 2 * count + itself // _PARTS]),
        np.concatenate([half[there] >> 1, np.full(len(itself), _NODE_ITSELF)]),
        np.concatenate([node[there], itself // _PARTS]),
        np.concatenate([part[there], itself % _PARTS]),
    )


def _pairs(one: NDArray[np.int64], other: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of all pairs of equal values."""
    # a join of two sorted columns: runs of equal values, every one with every other
    order = np.argsort(other, kind="stable")
    first, last = (np.searchsorted(other[order], one, side=side) for side in ("left", "right"))
    counts = last - first
    row = np.repeat(np.arange(len(one)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, order[np.repeat(first, counts) + within]


def _open_turns(
    inward: _Side,
    outward: _Side,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    turns: Turns,
    *,
    count: int,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the pairs of ports may be taken one after the other, and which a restriction forbids."""
    # residents' streets only at the start and the end: parts of a journey never go back
    before, after = inward.part[one], outward.part[other]
    in_order = (before == _START) | (after == _END) | ((before == _THROUGH) & (after == _THROUGH))
    by_edges = (inward.edge[one] >= 0) & (outward.edge[other] >= 0)
    # an "only" turn forbids all others from where one arrives
    turn = inward.half[one] * count + outward.edge[other]
    named = turns.arriving * count + turns.leaving
    alone = np.isin(inward.half[one], turns.arriving[turns.only])
    told = np.isin(turn, named[turns.only])
    forbidden = by_edges & (np.isin(turn, named[~turns.only]) | (alone & ~told))
    # turning back is open only where no other way leads on
    back = by_edges & (inward.edge[one] == outward.edge[other])
    onward = in_order & by_edges & ~back & ~forbidden
    ways_on = np.bincount(one[onward], minlength=len(inward.half))
    may_turn_back = (ways_on[one] == 0) | (alone & told)
    return in_order & ~forbidden & (~back | may_turn_back), forbidden


def _ends_of(
    side: _Side,
    port: NDArray[np.int64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    part: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Port of every edge at its node u and at its node v, in the part of the journey given.

    Where the edge has none the node's own; 0 where that has none, either: nobody asks for it.
    """
    order = np.argsort(side.code, kind="stable")
    code = side.code[order]
    rows = []
    for end, node in enumerate((u, v)):
        at_end = np.zeros(len(u), np.int64)
        # the port of the edge itself overrides that of the node
        for half in (2 * len(u) + node.astype(np.int64), 2 * np.arange(len(u)) + end):
            wanted = half * _PARTS + part
            at = np.minimum(np.searchsorted(code, wanted), len(code) - 1)
            at_end = np.where(code[at] == wanted, port[order[at]], at_end)
        rows.append(at_end)
    return np.stack(rows)
