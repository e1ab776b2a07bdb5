"""Walks between demand points and candidates, in bounded memory: only those that could change an answer."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from lifecircle.errors import Fault, InputError
from lifecircle.network import UNREACHED, Snaps, nearest, pairs
from lifecircle.siting.problem import Floats, Ints
from lifecircle.siting.request import SitingRequest
from lifecircle.tables import Costs

__all__ = [
    "WalkPairs",
    "costs_with_existing",
    "improving_walks",
    "minutes_to_nearest",
    "minutes_to_rows",
    "walks_within",
]

MOST_PAIRS: Final = 20_000_000
"""Pairs of demand point and candidate that a model may have: about 2 GB while it is solved."""
_FIRST_BLOCK: Final = 256
"""Candidates routed first; later blocks have as many as `_BLOCK_PAIRS` allow."""
_BLOCK_PAIRS: Final = 4_000_000
_SHORTER: Final = 0.8
"""By what the farthest walk is shortened while there are too many pairs."""
_RELATIVE: Final = 1e-9


class WalkPairs(NamedTuple):
    """Pairs of demand point and place with the walk between them, ordered by row, then site.

    `row` and `site` are positions of demand point and place, `minutes` the walk.
    """

    row: Ints
    site: Ints
    minutes: Floats


_NO_WALKS: Final = WalkPairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def walks_within(
    request: SitingRequest, places: Snaps, limit_min: float, *, rows: Ints | None = None
) -> WalkPairs:
    """Walks of all or of selected demand points to places within a limit.

    Raises
    ------
    InputError
        If they are more than a model may have.
    """
    walks, _ = _walks_below(request, places, limit_min, rows=rows, ceiling=None, may_shorten=False)
    return walks


def improving_walks(
    request: SitingRequest, limit_min: float, *, may_shorten: bool = False
) -> tuple[WalkPairs, float]:
    """Walks to candidates that are shorter than the walk to the nearest existing facility.

    A longer walk changes nothing: the existing facility is open anyhow. Candidates are routed in blocks, so
    that the others are never held together.

    Parameters
    ----------
    request
        The request.
    limit_min
        Farthest walk wanted.
    may_shorten
        Whether that limit may be lowered where there are too many walks.

    Returns
    -------
    WalkPairs, float
        The walks, and the limit up to which they are all there.

    Raises
    ------
    InputError
        If they are too many, and the limit may not be lowered.
    """
    ceiling = request.before.to_numpy(dtype=np.float64)
    return _walks_below(
        request, request.targets, limit_min, rows=None, ceiling=ceiling, may_shorten=may_shorten
    )


def _walks_below(
    request: SitingRequest,
    places: Snaps,
    limit_min: float,
    *,
    rows: Ints | None,
    ceiling: Floats | None,
    may_shorten: bool,
) -> tuple[WalkPairs, float]:
    """Walks shorter than a ceiling per demand point, routed block by block; and the limit that was kept."""
    network = request.network
    origins = request.origins if rows is None else request.origins.take(rows)
    parts: list[WalkPairs] = []
    begin, size, held = 0, _FIRST_BLOCK, 0
    while begin < len(places):
        # One block of candidates, routed up to the limit.
        block = np.arange(begin, min(begin + size, len(places)))
        most = int(limit_min * (1.0 + _RELATIVE) / network.minutes_per_cost)
        row, site, cost = pairs(network, origins, places.take(block), max_cost=most)
        # The next block is sized by how many pairs this one gave.
        size = int(np.clip(len(block) * _BLOCK_PAIRS / max(len(row), 1), 1, 16 * _FIRST_BLOCK))
        minutes = (cost * network.minutes_per_cost).astype(np.float64)
        # Only walks that beat the ceiling of their demand point are held.
        at = row if rows is None else rows[row]
        kept = np.ones(len(row), bool) if ceiling is None else minutes < ceiling[at]
        parts.append(WalkPairs(at[kept], site[kept] + begin, minutes[kept]))
        held += int(kept.sum())
        # Invariant: no more than MOST_PAIRS are held; a lower limit makes room, where it may be lowered.
        while held > MOST_PAIRS:
            if not may_shorten:
                values = {"pairs": f"{held:,}", "most": f"{MOST_PAIRS:,}", "candidates": len(places)}
                raise InputError(Fault("propose-too-large", field="candidates", values=values))
            limit_min *= _SHORTER
            parts = [_shortened(part, limit_min) for part in parts]
            held = sum(len(part.row) for part in parts)
        begin += len(block)
    row, site, minutes = (np.concatenate(columns) for columns in zip(_NO_WALKS, *parts, strict=True))
    order = np.lexsort((site, row))
    return WalkPairs(row[order], site[order], minutes[order]), limit_min


def _shortened(walks: WalkPairs, limit_min: float) -> WalkPairs:
    """The walks within a lower limit."""
    kept = walks.minutes <= limit_min
    return WalkPairs(walks.row[kept], walks.site[kept], walks.minutes[kept])


def costs_with_existing(
    request: SitingRequest, walks: WalkPairs, farthest_min: float, *, existing: str, rows: Ints | None = None
) -> Costs:
    """Minutes to candidates, and to the nearest existing facility as one more site, the first.

    Parameters
    ----------
    walks
        Walks to candidates; positions of demand points are those of the request.
    farthest_min
        Limit of the walks to the existing facility.
    existing
        Id of that site.
    rows
        Demand points that count; all if None.
    """
    # Demand points that count are numbered from 0; -1 marks the others.
    rows = np.arange(len(request.people)) if rows is None else rows
    number = np.full(len(request.people), -1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    before = request.before.to_numpy(dtype=np.float64)[rows]
    old = np.flatnonzero(np.isfinite(before) & (before <= farthest_min))
    # Existing facilities are site 0 at the walk there is today; candidates follow from 1.
    kept = number[walks.row] >= 0
    row = np.concatenate([old, number[walks.row[kept]]])
    site = np.concatenate([np.zeros(len(old), np.int64), walks.site[kept] + 1])
    cost = np.concatenate([before[old], walks.minutes[kept]])
    # Pairs by row, sites ascending: the order that `Costs` asks for.
    order = np.lexsort((site, row))
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(rows))))).astype(np.int64)
    people = request.people.iloc[rows]
    return Costs(
        demand=people.index,
        sites=pd.Index([existing, *request.places.index], dtype=object),
        start=start,
        site=site[order],
        cost=cost[order],
        people=people.to_numpy(dtype=np.float64),
    )


def minutes_to_nearest(request: SitingRequest, sites: Ints) -> tuple[Floats, Ints]:
    """Minutes of every demand point to the nearest of selected candidates, however far, and which it is.

    ``inf`` and -1 where none can be reached.
    """
    if not len(sites):
        return np.full(len(request.people), np.inf), np.full(len(request.people), -1, dtype=np.int64)
    # All selected candidates are one service: one search gives the nearest of them.
    cost, owner = nearest(
        request.network,
        request.origins,
        request.targets.take(sites),
        service=np.zeros(len(sites), np.int64),
        owner=np.arange(len(sites)),
        n_services=1,
    )
    at = owner[:, 0].astype(np.int64)
    return _minutes(request, cost[:, 0]), np.where(at < 0, -1, sites[at])


def minutes_to_rows(request: SitingRequest, rows: Ints) -> Floats:
    """Minutes of selected demand points to every candidate, however far: rows × candidates."""
    # Every demand point is a service of its own, searched backwards: walks lead from it to the candidates.
    cost, _ = nearest(
        request.network,
        request.targets,
        request.origins.take(rows),
        service=np.arange(len(rows)),
        owner=np.zeros(len(rows), np.int64),
        n_services=len(rows),
        want_owner=False,
        towards="origins",
    )
    return np.ascontiguousarray(_minutes(request, cost).T)


def _minutes(request: SitingRequest, cost: Ints) -> Floats:
    """Costs of the network in minutes, ``inf`` where unreached."""
    return np.where(cost == UNREACHED, np.inf, cost * request.network.minutes_per_cost)
