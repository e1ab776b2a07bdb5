"""Turn restrictions as paths of edges, and what a driver must remember of his way to keep to them.

A restriction over a node forbids one edge after another, and where one comes by tells. A restriction over
ways depends on more of the way: on the street by which one entered the first of them. Who is on such a path
is in a state of his own, the longest end of his way that begins a restriction (as in the automaton of Aho and
Corasick, 1975). Everywhere else there is nothing to remember.

Edges are directed here: twice the edge, and 1 more where it is driven towards its node v.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.tables import StreetTable

__all__ = ["Memory", "Turns", "memory_of", "turns_of"]


class Turns(NamedTuple):
    """Turn restrictions between edges of a network.

    Attributes
    ----------
    arriving : int64, one per turn over a node: the directed edge one comes by
    leaving : int64, the edge one goes on by
    only : whether it is the only way on; else it is forbidden
    paths : restrictions over ways: directed edges in the order driven, three at least
    paths_only : of each path, whether the last edge is the only way on from the others; else it is forbidden
    unclear : relations whose ways run through their junction, so that the turn is not clear
    rows : int64, n × 4, `StreetTable.turns` with nodes of the network in place of their ids; -1 for one that
        is not there
    """

    arriving: NDArray[np.int64]
    leaving: NDArray[np.int64]
    only: NDArray[np.bool_]
    paths: tuple[tuple[int, ...], ...] = ()
    paths_only: tuple[bool, ...] = ()
    unclear: tuple[int, ...] = ()
    rows: NDArray[np.int64] = np.empty((0, 4), np.int64)


class Memory(NamedTuple):
    """States of drivers on a path of a restriction over ways, numbered from 1; 0 remembers nothing.

    Attributes
    ----------
    last : int64, one per state, directed edge driven in it; -1 of state 0
    moves : (directed edge in state 0, or minus the state; directed edge next) to the state that follows
    closed : (state, directed edge next) that a restriction forbids
    alone : by state, the directed edges that may follow, where restrictions leave no others
    """

    last: NDArray[np.int64]
    moves: Mapping[tuple[int, int], int]
    closed: frozenset[tuple[int, int]]
    alone: Mapping[int, frozenset[int]]


class _Ways(NamedTuple):
    """Directed edges of the ways that restrictions name, open ones alone.

    Attributes
    ----------
    leaving, arriving : by way and node, directed edges and the node at their other end
    """

    leaving: dict[tuple[int, int], list[tuple[int, int]]]
    arriving: dict[tuple[int, int], list[tuple[int, int]]]

    def between(self, way: int, start: int, end: int) -> list[tuple[int, ...]]:
        """The ways along a way from one node to another, two at most: more than one is not clear."""
        complete: list[tuple[int, ...]] = []
        ahead: list[tuple[int, tuple[int, ...], frozenset[int]]] = [(start, (), frozenset((start,)))]
        while ahead and len(complete) < 2:
            here, trail, seen = ahead.pop()
            for edge, node in self.leaving.get((way, here), ()):
                if node == end:
                    complete.append((*trail, edge))
                elif node not in seen:
                    ahead.append((node, (*trail, edge), seen | {node}))
        return complete


def turns_of(
    streets: StreetTable,
    kept: NDArray[np.int64],
    node: NDArray[np.int64],
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> Turns:
    """The turn restrictions of a street table between the edges of its network.

    A restriction names ways, which a reader or a scenario may have parted since: the pieces between its nodes
    count. Restrictions of ways that are no longer there, or closed that way, fall away.

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
    if not len(streets.turns):
        return Turns(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))
    # stage 1: nodes and edges at which any restriction acts
    wanted = set(streets.turns[:, 2].tolist())
    number = {name: at for at, name in enumerate(streets.node_id[node].tolist()) if name in wanted}
    ways = _ways_named(streets, kept, ends)
    # stage 2: every restriction as directed edges; where several are meant it is unclear
    short: list[tuple[int, int, bool]] = []
    paths: dict[tuple[int, ...], bool] = {}
    unclear: list[int] = []
    turns = streets.turns.copy()
    turns[:, 2] = [number.get(name, -1) for name in streets.turns[:, 2].tolist()]
    begins = np.flatnonzero(np.diff(turns[:, 0], prepend=-1))
    for rows in np.split(turns, begins[1:]):
        alone = bool(rows[0, 3])
        path = _path(ways, rows[:, 1].tolist(), rows[:-1, 2].tolist())
        if path is None:
            unclear.append(int(streets.turn_relation[rows[0, 0]]))
        elif len(path) == 2:
            short.append((path[0], path[1] >> 1, alone))
        elif path:
            paths[path] = alone
            # who must go all of a path must begin it
            if alone:
                short.append((path[0], path[1] >> 1, True))
    arriving, leaving, only = zip(*short, strict=True) if short else ((), (), ())
    return Turns(
        np.array(arriving, np.int64), np.array(leaving, np.int64), np.array(only, bool),
        tuple(paths), tuple(paths.values()), tuple(unclear), turns,
    )  # fmt: skip


def _ways_named(
    streets: StreetTable, kept: NDArray[np.int64], ends: tuple[NDArray[np.int32], NDArray[np.int32]]
) -> _Ways:
    """The directed edges of the ways that restrictions name."""
    rows = np.flatnonzero(np.isin(streets.way[kept], streets.turns[:, 1]))
    ways = _Ways({}, {})
    columns = (streets.way[kept[rows]], ends[0][rows], ends[1][rows],
               streets.forward[kept[rows]], streets.backward[kept[rows]])  # fmt: skip
    for edge, way, u, v, forth, back in zip(
        rows.tolist(), *(column.tolist() for column in columns), strict=True
    ):
        for directed, start, end, is_open in ((2 * edge + 1, u, v, forth), (2 * edge, v, u, back)):
            if is_open:
                ways.leaving.setdefault((way, start), []).append((directed, end))
                ways.arriving.setdefault((way, end), []).append((directed, start))
    return ways


def _path(ways: _Ways, names: Sequence[int], nodes: Sequence[int]) -> tuple[int, ...] | None:
    """A restriction as directed edges; empty where its ways cannot be driven so, None where it is unclear."""
    parts: list[list[tuple[int, ...]]] = [
        [(edge,) for edge, _ in ways.arriving.get((names[0], nodes[0]), ())]
    ]
    for way, start, end in zip(names[1:-1], nodes[:-1], nodes[1:], strict=True):
        parts.append(ways.between(way, start, end) if start != end else [])
    parts.append([(edge,) for edge, _ in ways.leaving.get((names[-1], nodes[-1]), ())])
    if not all(parts):
        return ()
    if any(len(part) > 1 for part in parts):
        return None
    return tuple(edge for part in parts for edge in part[0])


def memory_of(turns: Turns) -> Memory:
    """What must be remembered to keep to the restrictions over ways.

    Examples
    --------
    >>> import numpy as np
    >>> nothing = np.empty(0, np.int64)
    >>> turns = Turns(nothing, nothing, nothing.astype(bool), ((1, 3, 5),), (False,))
    >>> memory = memory_of(turns)
    >>> memory.last.tolist(), memory.moves, sorted(memory.closed)
    ([-1, 3], {(1, 3): 1}, [(1, 5)])
    """
    # stage 1: beginnings of two edges and more are states; by beginning, what may follow and what may not
    state: dict[tuple[int, ...], int] = {}
    onward: dict[tuple[int, ...], set[int]] = {}
    forbidden: dict[tuple[int, ...], set[int]] = {}
    told: dict[tuple[int, ...], set[int]] = {}
    for path, alone in zip(turns.paths, turns.paths_only, strict=True):
        for size in range(2, len(path)):
            state.setdefault(path[:size], len(state) + 1)
            onward.setdefault(path[: size - 1], set()).add(path[size - 1])
            if alone:
                told.setdefault(path[:size], set()).add(path[size])
        if not alone:
            forbidden.setdefault(path[:-1], set()).add(path[-1])
    # stage 2: from every state by every edge on: the longest end of the way that is itself a beginning
    moves = {(way[0], edge): state[*way, edge] for way in onward if len(way) == 1 for edge in onward[way]}
    closed: set[tuple[int, int]] = set()
    allowed: dict[int, frozenset[int]] = {}
    for way, number in state.items():
        for first in range(len(way)):
            end = way[first:]
            for edge in onward.get(end, ()):
                moves.setdefault((-number, edge), state[*end, edge])
            closed |= {(number, edge) for edge in forbidden.get(end, ())}
            if end in told:
                allowed[number] = allowed.get(number, frozenset(told[end])) & told[end]
    last = np.array([-1, *(way[-1] for way in state)], np.int64)
    return Memory(last, moves, frozenset(closed), allowed)
