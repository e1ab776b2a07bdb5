"""Compiled greedy for covers with a quota per community: enough people of each, not everybody."""

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["greedy_quota_cover"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_PERSON = 1e-6
"""Fewer persons than this are none."""


@njit(cache=True, nogil=True)
def _gain(  # noqa: PLR0917
    rows: Ints, people: Floats, code: Ints, left: Floats, waiting: Flags, reached: Floats
) -> float:
    """People a site newly brings into reach, of each community no more than are still missing.

    `reached` is scratch space per community, all zero before and after.
    """
    # Add up by community, then cut at what each is short of; the scratch space is emptied on the way.
    for i in rows:
        if waiting[i]:
            reached[code[i]] += people[i]
    gain = 0.0
    for i in rows:
        if waiting[i] and reached[code[i]] > 0.0:
            gain += min(reached[code[i]], left[code[i]])
            reached[code[i]] = 0.0
    return gain


@njit(cache=True, nogil=True)
def greedy_quota_cover(  # noqa: PLR0917
    col_start: Ints, col_row: Ints, people: Floats, code: Ints, target: Floats, waiting: Flags
) -> tuple[Flags, Floats]:
    """Open, each time, the site that brings most of the missing people into reach; ties to the smaller.

    The people in reach, counted up to each community's target, are a submodular function of the open sites:
    gains only fall. An old gain therefore bounds the new one, and only sites that lead by their old gain are
    computed again (Minoux 1978).

    Parameters
    ----------
    col_start, col_row
        Rows that each site reaches.
    people, code
        People and community of each row; code below 0 for none.
    target
        Per community, people who must come into reach.
    waiting
        Rows that count; emptied on the way.

    Returns
    -------
    Open sites, and the gain of each site alone
    """
    # The gain of each site alone.
    sites = len(col_start) - 1
    left, reached = target.copy(), np.zeros(len(target))
    first = np.empty(sites)
    for j in range(sites):
        first[j] = _gain(col_row[col_start[j] : col_start[j + 1]], people, code, left, waiting, reached)
    gains, is_open = first.copy(), np.zeros(sites, np.bool_)
    while sites > 0 and left.max() > _PERSON:
        # The leader by old gains; it stays the leader if its new gain is the old one.
        best = gains.argmax()
        if gains[best] <= 0.0:
            break
        rows = col_row[col_start[best] : col_start[best + 1]]
        gain = _gain(rows, people, code, left, waiting, reached)
        if gain < gains[best]:
            gains[best] = gain
            continue
        # Open it: its rows wait no longer, and their communities are short of less.
        is_open[best] = True
        gains[best] = 0.0
        for i in rows:
            if waiting[i]:
                waiting[i] = False
                left[code[i]] = max(left[code[i]] - people[i], 0.0)
    return is_open, first
