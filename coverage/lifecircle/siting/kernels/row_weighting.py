"""A search for small covers: a row that stays uncovered weighs more and more until a site is opened for it.

Local search by row weighting (Gao, Weise and Li 2015), for covers in which every site costs the same.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["CoverMatrix", "row_weighting_search"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class CoverMatrix(NamedTuple):
    """Which site reaches which row, by rows and by sites."""

    start: Ints
    site: Ints
    col_start: Ints
    col_row: Ints


class _SearchState(NamedTuple):
    """Where the search stands.

    `score` of a closed site is the weight of uncovered rows it would cover; of an open site, less than 0,
    the weight that closing it uncovers. `allowed` is the paper's configuration checking: a site that was
    closed may open again once a neighbour has changed. `last_moved` is the move at which a site last changed,
    `coverers` how many open sites reach a row. `uncovered` lists the uncovered rows, the first
    ``n_uncovered[0]`` entries; `position` says where each stands there, below 0 for covered rows.
    """

    is_open: Flags
    allowed: Flags
    last_moved: Ints
    score: Ints
    weight: Ints
    coverers: Ints
    uncovered: Ints
    position: Ints
    n_uncovered: Ints


@njit(cache=True, nogil=True)
def _open(j: int, matrix: CoverMatrix, state: _SearchState) -> None:
    """Open a site; scores of the other sites of its rows change where a row has one or two open sites."""
    state.is_open[j] = True
    state.score[j] = -state.score[j]
    for at in range(matrix.col_start[j], matrix.col_start[j + 1]):
        i = matrix.col_row[at]
        state.coverers[i] += 1
        # A row that was uncovered leaves the list; the last one takes its place there.
        if state.position[i] >= 0:
            state.n_uncovered[0] -= 1
            last = state.uncovered[state.n_uncovered[0]]
            state.uncovered[state.position[i]] = last
            state.position[last] = state.position[i]
            state.position[i] = -1
        # First coverer: no other site wins the row. Second: the first no longer loses it by closing.
        for k in range(matrix.start[i], matrix.start[i + 1]):
            other = matrix.site[k]
            state.allowed[other] = True
            if other != j and state.coverers[i] == 1:
                state.score[other] -= state.weight[i]
            elif other != j and state.coverers[i] == 2 and state.is_open[other]:
                state.score[other] += state.weight[i]


@njit(cache=True, nogil=True)
def _close(j: int, matrix: CoverMatrix, state: _SearchState) -> None:
    """Close a site: the reverse of `_open`. It may open again once a neighbour has changed."""
    state.is_open[j] = False
    state.score[j] = -state.score[j]
    for at in range(matrix.col_start[j], matrix.col_start[j + 1]):
        i = matrix.col_row[at]
        state.coverers[i] -= 1
        # A row without coverers joins the end of the list.
        if state.coverers[i] == 0:
            state.uncovered[state.n_uncovered[0]] = i
            state.position[i] = state.n_uncovered[0]
            state.n_uncovered[0] += 1
        # No coverer left: every other site may win the row. One left: that one now loses it by closing.
        for k in range(matrix.start[i], matrix.start[i + 1]):
            other = matrix.site[k]
            state.allowed[other] = True
            if other != j and state.coverers[i] == 0:
                state.score[other] += state.weight[i]
            elif other != j and state.coverers[i] == 1 and state.is_open[other]:
                state.score[other] -= state.weight[i]
    state.allowed[j] = False


@njit(cache=True, nogil=True)
def _is_better(one: int, other: int, score: Ints, last_moved: Ints) -> bool:
    """Whether a site scores more than another (-1: none), or the same and has not moved for longer."""
    if other < 0 or score[one] != score[other]:
        return other < 0 or score[one] > score[other]
    return bool(last_moved[one] < last_moved[other])


@njit(cache=True, nogil=True)
def _close_best(barred: int, move: int, matrix: CoverMatrix, state: _SearchState) -> None:
    """Close the open site that is missed least, save the one opened last."""
    # Arrays by name: a whole record handed over for every site costs more than the comparison.
    is_open, score, last_moved, out = state.is_open, state.score, state.last_moved, -1
    for j in range(len(is_open)):
        if is_open[j] and j != barred and _is_better(j, out, score, last_moved):
            out = j
    if out >= 0:
        _close(out, matrix, state)
        state.last_moved[out] = move


@njit(cache=True, nogil=True)
def _open_best_for(row: int, move: int, matrix: CoverMatrix, state: _SearchState) -> int:
    """Open the best allowed site of a row, or any of its sites; then raise the weight of uncovered rows."""
    allowed, score, last_moved, into = state.allowed, state.score, state.last_moved, -1
    for k in range(matrix.start[row], matrix.start[row + 1]):
        if allowed[matrix.site[k]] and _is_better(matrix.site[k], into, score, last_moved):
            into = matrix.site[k]
    if into < 0:
        into = matrix.site[np.random.randint(matrix.start[row], matrix.start[row + 1])]  # noqa: NPY002
    _open(into, matrix, state)
    state.last_moved[into] = move
    # Rows still uncovered weigh one more: the search is drawn to what it keeps failing to cover.
    for i in state.uncovered[: state.n_uncovered[0]]:
        state.weight[i] += 1
        for k in range(matrix.start[i], matrix.start[i + 1]):
            state.score[matrix.site[k]] += 1
    return into


@njit(cache=True, nogil=True)
def row_weighting_search(matrix: CoverMatrix, cover: Flags, enough: int, moves: int, seed: int) -> Flags:
    """The smallest cover met on the way.

    Parameters
    ----------
    matrix
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
    rows, sites = len(matrix.start) - 1, len(cover)
    # All sites closed, all rows uncovered and of weight 1: a site scores as many rows as it reaches.
    state = _SearchState(
        np.zeros(sites, np.bool_),
        np.ones(sites, np.bool_),
        np.zeros(sites, np.int64),
        np.diff(matrix.col_start),
        np.ones(rows, np.int64),
        np.zeros(rows, np.int64),
        np.arange(rows),
        np.arange(rows),
        np.full(1, rows),
    )
    for j in np.flatnonzero(cover):
        _open(j, matrix, state)
    best, last = cover.copy(), -1
    for move in range(1, moves + 1):
        if state.n_uncovered[0] == 0:
            best[:] = state.is_open
            if best.sum() <= enough or not best.any():
                break
            # Close one more than will be opened again: the search goes on with one site fewer.
            _close_best(last, move, matrix, state)
        _close_best(last, move, matrix, state)
        if state.n_uncovered[0] > 0:
            row = state.uncovered[np.random.randint(state.n_uncovered[0])]  # noqa: NPY002
            last = _open_best_for(row, move, matrix, state)
    return best
