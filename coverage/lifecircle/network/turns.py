"""Turns a mode may take: nodes split into the edges one comes by and the edges one leaves by.

Where no turn is forbidden a node is one place: whoever comes to it may go on by any edge. A turn restriction
depends on the edge one comes by. So does a street that is open to its residents alone: it may be travelled
at the start of a journey and at its end, not between. Both are exact on a graph whose nodes are the ends of
edges, coming (in-ports) and going (out-ports), with a link of no cost for every turn that is open.

Streets open to residents alone exist twice: as the start of a journey (which leads on to all others) and as
its end (which leads nowhere else). U-turns are allowed only at dead ends.

An edge on the path of a restriction over ways exists once more for every state of `turn_paths.Memory` in
which it is driven. Who goes to a place on it arrives in any state, at a port that leads nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.turn_paths import Memory, Turns, memory_of

__all__ = ["Ports", "ports_of"]

_START, _THROUGH, _END = range(3)
"""Parts of a journey: on residents' streets at its start, on open streets, on residents' at its end."""

_PARTS: Final = 3

_NODE_ITSELF: Final = -1

_ARRIVED: Final = -1
"""In place of a state of memory: whoever ends his journey on the edge, whatever he remembers."""


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
    drives : int32, 3 × drives, further drives along edges between nodes that are fixed: the port each leaves,
        the port it comes to, and twice the edge, and 1 more where it is driven towards its node v
    """

    place: NDArray[np.int32]
    ends: NDArray[np.int32]
    links: NDArray[np.int32]
    fixed: NDArray[np.bool_]
    drives: NDArray[np.int32]


class _Side(NamedTuple):
    """In-ports or out-ports, int64, one per row.

    Attributes
    ----------
    half : twice the edge, and 1 more at its node v; beyond all edges, the node itself
    edge : the edge; `_NODE_ITSELF` for none
    node, part : where it lies, and its part of the journey
    state : of `Memory`, or `_ARRIVED`
    """

    half: NDArray[np.int64]
    edge: NDArray[np.int64]
    node: NDArray[np.int64]
    part: NDArray[np.int64]
    state: NDArray[np.int64]

    @property
    def code(self) -> NDArray[np.int64]:
        """One number per port that remembers nothing."""
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
    memory = memory_of(turns)
    if not len(turns.arriving) and len(memory.last) == 1 and not destination.any():
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
    # stage 2: edges on the path of a restriction over ways, once more for every state
    inward, outward = _remembering(inward, outward, memory, u, v, destination)
    # stage 3: every turn at a node, less those that are not open
    one, other = _pairs(inward.node, outward.node)
    is_open, forbidden = _open_turns(inward, outward, one, other, turns, memory, count=len(u))
    fixed = np.zeros(n_nodes, bool)
    fixed[inward.node[one[forbidden]]] = True
    meets = np.zeros((2, n_nodes), bool)
    for ends in (u, v):
        meets[destination.astype(int), ends] = True
        fixed[ends[memory.last[1:] >> 1]] = True
    fixed |= meets.all(axis=0)
    one, other = one[is_open], other[is_open]
    # stage 4: a port with one way on, which nobody else takes, is the port that it leads to
    alike = np.bincount(one, minlength=len(inward.half))[one] == 1
    alike &= np.bincount(other, minlength=len(outward.half))[other] == 1
    port = np.arange(len(inward.half) + len(outward.half))
    port[len(inward.half) + other[alike]] = one[alike]
    # stage 5: ports numbered on from the nodes, neighbours near each other
    used = np.unique(port)
    place = np.concatenate([inward.node, outward.node])[used]
    order = np.argsort(place, kind="stable")
    number = np.empty(len(port), np.int64)
    number[used[order]] = n_nodes + np.arange(len(used))
    in_port, out_port = np.split(number[port], [len(inward.half)])
    rows = np.concatenate(
        [
            _ends_of(inward, in_port, u, v, early),
            _ends_of(outward, out_port, u, v, late),
            _ends_of(outward, out_port, u, v, early),
            _ends_of(inward, in_port, u, v, late),
        ]
    )
    drives = _drives(inward, in_port, outward, out_port, rows)
    links = np.stack([in_port[one[~alike]], out_port[other[~alike]]])
    return Ports(
        place[order].astype(np.int32), rows.astype(np.int32), links.astype(np.int32), fixed,
        drives.astype(np.int32),
    )  # fmt: skip


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
        np.zeros(int(there.sum()) + len(itself), np.int64),
    )


def _remembering(  # noqa: PLR0917
    inward: _Side,
    outward: _Side,
    memory: Memory,
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    destination: NDArray[np.bool_],
) -> tuple[_Side, _Side]:
    """Both sides with the ports of edges on the path of a restriction over ways.

    After the others stand, in one order on either side, a port for each state and part of the journey; on the
    outward side last a port for each directed edge by which one arrives on it.
    """
    # residents' streets are driven at the start and at the end, all others between
    state = np.arange(1, len(memory.last))
    home = destination[memory.last[1:] >> 1]
    part = np.concatenate([np.where(home, _START, _THROUGH), np.full(int(home.sum()), _END)])
    state = np.concatenate([state, state[home]])
    ends = np.stack([u, v]).astype(np.int64)

    def further(
        directed: NDArray[np.int64], part: NDArray[np.int64], state: NDArray[np.int64], *, out: bool
    ) -> _Side:
        """Ports at the beginning of directed edges, or at their end."""
        half = directed ^ 1 if out else directed
        return _Side(half, half >> 1, ends[half & 1, half >> 1], part, state)

    last = memory.last[state]
    arrived = np.unique(memory.last[1:])
    there = further(
        arrived,
        np.where(destination[arrived >> 1], _END, _THROUGH),
        np.full(len(arrived), _ARRIVED),
        out=True,
    )
    return (
        _Side(*map(np.concatenate, zip(inward, further(last, part, state, out=False), strict=True))),
        _Side(*map(np.concatenate, zip(outward, further(last, part, state, out=True), there, strict=True))),
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


def _open_turns(  # noqa: PLR0917
    inward: _Side,
    outward: _Side,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    turns: Turns,
    memory: Memory,
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
    # the same of what is remembered, which must be what the port beyond the turn stands for
    remembered = inward.state[one]
    onward = outward.half[other] ^ 1
    step = _steps(np.where(remembered > 0, -remembered, inward.half[one]), onward, count)
    follows = np.zeros(len(one), np.int64)
    if memory.moves:
        keys = np.array(list(memory.moves), np.int64)
        steps = _steps(keys[:, 0], keys[:, 1], count)
        order = np.argsort(steps)
        at = np.minimum(np.searchsorted(steps[order], step), len(order) - 1)
        states = np.array(list(memory.moves.values()), np.int64)[order]
        follows = np.where(by_edges & (steps[order][at] == step), states[at], 0)
        closed = np.array([*memory.closed], np.int64).reshape(-1, 2)
        forbidden |= by_edges & np.isin(step, _steps(-closed[:, 0], closed[:, 1], count))
        kept = by_edges & np.isin(remembered, list(memory.alone))
        ways_on = [(-state, edge) for state, edges in memory.alone.items() for edge in edges]
        allowed = np.array(ways_on, np.int64).reshape(-1, 2)
        mandated = np.isin(step, _steps(allowed[:, 0], allowed[:, 1], count))
        forbidden |= kept & ~mandated
        alone, told = alone | kept, (told | ~alone) & (mandated | ~kept)
    arrives = outward.state[other] == _ARRIVED
    fits = arrives | (outward.state[other] == follows)
    # turning back is open only where no other way leads on
    back = by_edges & (inward.edge[one] == outward.edge[other])
    ahead = in_order & fits & by_edges & ~back & ~forbidden & ~arrives
    ways_ahead = np.bincount(one[ahead], minlength=len(inward.half))
    may_turn_back = (ways_ahead[one] == 0) | (alone & told)
    return in_order & fits & ~forbidden & (~back | may_turn_back), forbidden


def _steps(before: NDArray[np.int64], after: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """One number for each pair of what one comes by or remembers, and the directed edge next."""
    return before * (2 * count) + after


def _drives(
    inward: _Side,
    in_port: NDArray[np.int64],
    outward: _Side,
    out_port: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The drives of `Ports`; `ends` are changed so that one arrives on these edges from every state."""
    # in every state an edge is driven from its port to its port
    comes, goes = np.flatnonzero(inward.state > 0), np.flatnonzero(outward.state > 0)
    drives = [np.stack([out_port[goes], in_port[comes], inward.half[comes]])]
    # who arrives on an edge arrives whatever he remembers; the edge itself is driven besides
    at = np.flatnonzero(outward.state == _ARRIVED)
    edge, start = outward.edge[at], outward.half[at] & 1
    drives.append(np.stack([ends[2 + start, edge], ends[7 - start, edge], outward.half[at] ^ 1]))
    ends[2 + start, edge] = ends[7 - start, edge] = out_port[at]
    return np.concatenate(drives, axis=1)


def _ends_of(
    side: _Side,
    port: NDArray[np.int64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    part: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Port of every edge at its node u and at its node v, in the part of the journey given.

    They remember nothing. Where the edge has none the node's own; 0 where that has none, either: nobody asks
    for it.
    """
    plain = np.flatnonzero(side.state == 0)
    order = plain[np.argsort(side.code[plain], kind="stable")]
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
