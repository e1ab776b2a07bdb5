"""A search for small covers: a row that stays uncovered weighs more and more until a site is opened for it.

Local search by row weighting (Gao, Weise and Li 2015), for covers in which every site costs the same.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Table", "lighten"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Table(NamedTuple):
    """Which site reaches which row, by rows and by sites."""

    start: Ints
    site: Ints
    col_start: Ints
    col_row: Ints


class _Search(NamedTuple):
    """Where the search stands.

    `score` is the weight that opening a closed site wins, and less than 0 the weight that closing an open one
    loses; `times` how many open sites reach a row; `waiting` the uncovered rows, `place` where each stands
    there, `left` how many they are.
    """

    is_open: Flags
    allowed: Flags
    moved: Ints
    score: Ints
    weight: Ints
    times: Ints
    waiting: Ints
    place: Ints
    left: Ints


@njit(cache=True, nogil=True)
def _open(j: int, table: Table, now: _Search) -> None:
    """Open a site: what its rows' other sites win or lose changes where a row has one or two open sites."""
    now.is_open[j] = True
    now.score[j] = -now.score[j]
    for at in range(table.col_start[j], table.col_start[j + 1]):
        i = table.col_row[at]
        now.times[i] += 1
        if now.place[i] >= 0:
            now.left[0] -= 1
            last = now.waiting[now.left[0]]
            now.waiting[now.place[i]] = last
            now.place[last] = now.place[i]
            now.place[i] = -1
        for k in range(table.start[i], table.start[i + 1]):
            other = table.site[k]
            now.allowed[other] = True
            if other != j and now.times[i] == 1:
                now.score[other] -= now.weight[i]
            elif other != j and now.times[i] == 2 and now.is_open[other]:
                now.score[other] += now.weight[i]


@njit(cache=True, nogil=True)
def _close(j: int, table: Table, now: _Search) -> None:
    """Close a site: the reverse of `_open`. It may open again once a neighbour has changed."""
    now.is_open[j] = False
    now.score[j] = -now.score[j]
    for at in range(table.col_start[j], table.col_start[j + 1]):
        i = table.col_row[at]
        now.times[i] -= 1
        if now.times[i] == 0:
            now.waiting[now.left[0]] = i
            now.place[i] = now.left[0]
            now.left[0] += 1
        for k in range(table.start[i], table.start[i + 1]):
            other = table.site[k]
            now.allowed[other] = True
            if other != j and now.times[i] == 0:
                now.score[other] += now.weight[i]
            elif other != j and now.times[i] == 1 and now.is_open[other]:
                now.score[other] -= now.weight[i]
    now.allowed[j] = False


@njit(cache=True, nogil=True)
def _better(one: int, other: int, score: Ints, moved: Ints) -> bool:
    """Whether a site scores more than another (-1: none), or the same and has not moved for longer."""
    if other < 0 or score[one] != score[other]:
        return other < 0 or score[one] > score[other]
    return bool(moved[one] < moved[other])


@njit(cache=True, nogil=True)
def _drop(barred: int, move: int, table: Table, now: _Search) -> None:
    """Close the open site that is missed least, save the one opened last."""
    # Arrays by name: a whole record handed over for every site costs more than the comparison.
    is_open, score, moved, out = now.is_open, now.score, now.moved, -1
    for j in range(len(is_open)):
        if is_open[j] and j != barred and _better(j, out, score, moved):
            out = j
    if out >= 0:
        _close(out, table, now)
        now.moved[out] = move


@njit(cache=True, nogil=True)
def _reach(row: int, move: int, table: Table, now: _Search) -> int:
    """Open the best allowed site for a row, or any of its sites; all uncovered rows weigh more then."""
    allowed, score, moved, into = now.allowed, now.score, now.moved, -1
    for k in range(table.start[row], table.start[row + 1]):
        if allowed[table.site[k]] and _better(table.site[k], into, score, moved):
            into = table.site[k]
    if into < 0:
        into = table.site[np.random.randint(table.start[row], table.start[row + 1])]  # noqa: NPY002
    _open(into, table, now)
    now.moved[into] = move
    for i in now.waiting[: now.left[0]]:
        now.weight[i] += 1
        for k in range(table.start[i], table.start[i + 1]):
            now.score[table.site[k]] += 1
    return into


@njit(cache=True, nogil=True)
def lighten(table: Table, cover: Flags, enough: int, moves: int, seed: int) -> Flags:
    """The smallest cover met on the way.

    Parameters
    ----------
    table
        Sites that reach each row.
    cover
        A set of sites that reaches every row.
    enough
        Stop at a cover of so few sites.
    moves
        How many exchanges to try.
    seed
        Of the random choice among uncovered rows: the same seed, the same answer.
    """
    np.random.seed(seed)  # noqa: NPY002  the one generator that compiled code has
    rows, sites = len(table.start) - 1, len(cover)
    now = _Search(
        np.zeros(sites, np.bool_),
        np.ones(sites, np.bool_),
        np.zeros(sites, np.int64),
        np.diff(table.col_start),
        np.ones(rows, np.int64),
        np.zeros(rows, np.int64),
        np.arange(rows),
        np.arange(rows),
        np.full(1, rows),
    )
    for j in np.flatnonzero(cover):
        _open(j, table, now)
    best, last = cover.copy(), -1
    for move in range(1, moves + 1):
        if now.left[0] == 0:
            best[:] = now.is_open
            if best.sum() <= enough or not best.any():
                break
            # One more than will be opened again: what is searched then has one site fewer.
            _drop(last, move, table, now)
        _drop(last, move, table, now)
        if now.left[0] > 0:
            last = _reach(now.waiting[np.random.randint(now.left[0])], move, table, now)  # noqa: NPY002
    return best
