"""Compiled loops that make a problem smaller before it is solved: equal rows, dominated rows."""

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["dominated_rows", "group_identical_rows"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2 to the 64 over the golden ratio: multiplying by it spreads keys (Knuth 1973)."""
_FOLD = np.uint64(29)
"""High bits are folded onto low ones, by which the table is addressed."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def dominated_rows(start: Ints, site: Ints, col_start: Ints, col_row: Ints, order: Ints) -> Flags:
    """Flag rows whose sites include all sites of another row: whoever covers that one covers them.

    Row dominance of set covering (Toregas and ReVelle 1973). `order` holds the rows by ascending length;
    of equal rows the first is kept.
    """
    dominated = np.zeros(len(start) - 1, np.bool_)
    shared = np.zeros(len(start) - 1, np.int64)
    for i in order:
        if dominated[i]:
            continue
        size = start[i + 1] - start[i]
        # Count, for every row, the sites it has in common with row i.
        for k in range(start[i], start[i + 1]):
            for at in range(col_start[site[k]], col_start[site[k] + 1]):
                shared[col_row[at]] += 1
        # A row that has all of them is dominated; the counts are reset on the way.
        for k in range(start[i], start[i + 1]):
            for at in range(col_start[site[k]], col_start[site[k] + 1]):
                other = col_row[at]
                if shared[other] == size and other != i:
                    dominated[other] = True
                shared[other] = 0
    return dominated


@njit(cache=True, nogil=True)
def group_identical_rows(start: Ints, site: Ints, detail: Ints) -> tuple[Ints, Ints]:
    """Number rows by what they hold: rows with equal lists of sites and details share a number.

    Returns the number of each row, and the first row of each number, in order of first appearance.
    """
    rows = len(start) - 1
    # An open-addressing hash table at most half full; its size is a power of two.
    size = 1
    while size < 2 * rows + 2:
        size *= 2
    slot, group = np.full(size, -1, np.int64), np.empty(rows, np.int64)
    first, count = np.empty(rows, np.int64), 0
    for i in range(rows):
        # Hash the list, its length first.
        mixed = np.uint64(start[i + 1] - start[i])
        for k in range(start[i], start[i + 1]):
            for word in (np.uint64(site[k]), np.uint64(detail[k])):
                mixed = (mixed ^ word) * _GOLDEN
                mixed ^= mixed >> _FOLD
        at = np.int64(mixed & np.uint64(size - 1))
        # Probe until an equal list or an empty slot is met.
        while slot[at] >= 0:
            other = first[slot[at]]
            same = start[other + 1] - start[other] == start[i + 1] - start[i]
            apart = start[i] - start[other]
            for k in range(start[other], start[other + 1]):
                if not same:
                    break
                same = site[k] == site[k + apart] and detail[k] == detail[k + apart]
            if same:
                break
            at = (at + 1) & (size - 1)
        if slot[at] < 0:
            slot[at], first[count] = count, i
            count += 1
        group[i] = slot[at]
    return group, first[:count].copy()
