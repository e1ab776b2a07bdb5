"""Division of points along streets into connected parts of nearly equal numbers of households."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.household_grids.kernels import balance_parts, split_tree
from lifecircle.household_grids.neighbours import Neighbours

__all__ = ["SPREAD", "divide", "north_to_south"]

SPREAD: Final = 0.1
"""Of the mean: how far the largest grid of a community may be above its smallest."""

_TRIES: Final = (8, 64)
"""Divisions tried: always, and at most while none is balanced enough."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def divide(neighbours: Neighbours, households: Floats, parts: int) -> Ints:
    """Divide points into connected parts of much the same number of households.

    The shortest tree along the streets is divided first; further trees, their lengths shaken with a fixed
    seed, follow until one is balanced enough. The most even division wins, of several within a tenth of the
    mean the most compact (fewest neighbours parted).

    Parameters
    ----------
    neighbours
        Which points are next to each other; they must form one connected graph.
    households
        Per point, >= 0.
    parts
        1 to the number of points with households.

    Returns
    -------
    int64
        Part of each point, 0 to `parts` - 1.

    Examples
    --------
    Four points in a row, 100 m apart, with 30, 10, 20 and 20 households: two and two.

    >>> row = Neighbours(
    ...     np.arange(3), np.arange(1, 4), np.full(3, 100.0), np.ones(3, bool)
    ... )
    >>> part = divide(row, np.array([30.0, 10.0, 20.0, 20.0]), 2)
    >>> bool(part[0] == part[1] != part[2] == part[3])
    True
    """
    size = len(households)
    if parts == 1:
        return np.zeros(size, np.int64)
    allowed = SPREAD * households.sum() / parts
    shaken = np.random.default_rng(0)
    best, least = np.zeros(size, np.int64), (np.inf, np.inf)
    for number in range(_TRIES[1]):
        if number >= _TRIES[0] and least[0] <= 0:
            break
        # The first tree follows the streets' lengths, later ones lengths shaken at random.
        factor = shaken.uniform(0.2, 5.0, len(neighbours.metres)) if number else 1.0
        indptr, head, length = _both_ways(neighbours, neighbours.metres * factor, size)
        label = balance_parts(
            indptr, head, households, split_tree(indptr, head, length, households, parts), parts
        )
        # Even enough counts first, then the fewest neighbours parted.
        total = np.bincount(label, weights=households, minlength=parts)
        beyond = max(0.0, round(float(np.ptp(total)) - allowed, 6))
        score = (beyond, float((label[neighbours.first] != label[neighbours.second]).sum()))
        if score < least:
            best, least = label, score
    return best


def north_to_south(part: Ints, x: Floats, y: Floats) -> Ints:
    """Parts renumbered from north to south, of equals from west to east."""
    if not len(part):
        return part
    # by the mean place of each part
    count = np.bincount(part)
    order = np.lexsort((np.bincount(part, weights=x) / count, -np.bincount(part, weights=y) / count))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[part]


def _both_ways(neighbours: Neighbours, length: Floats, size: int) -> tuple[Ints, Ints, Floats]:
    """The graph of neighbours with both directions of every link."""
    start = np.concatenate([neighbours.first, neighbours.second])
    end = np.concatenate([neighbours.second, neighbours.first])
    order = np.lexsort((end, start))
    indptr = np.searchsorted(start[order], np.arange(size + 1)).astype(np.int64)
    return indptr, end[order], np.concatenate([length, length])[order]
