"""Where to build next: sites in the order in which each brings most further people into reach, with a bound.

People in reach are a submodular function of the open sites: a further site never brings more than it would
have brought before. Greedy therefore reaches at least 1 - 1/e of the best gain (Nemhauser, Wolsey and Fisher
1978), and every step of it bounds the best choice of any number of sites. Nothing depends on a clock: the
same study has the same sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.network import Network, Snaps, pairs
from lifecircle.siting.problem import Floats, Ints

__all__ = ["Beyond", "NextSites", "gains_in_order", "next_sites"]

_PERSON: Final = 1e-6
"""Fewer persons than this are none."""
_RELATIVE: Final = 1e-9
"""A walk longer than the limit by rounding alone is within it."""


@dataclass(frozen=True, eq=False)
class NextSites:
    """Sites in the order of their rank.

    Attributes
    ----------
    sites : positions of the candidates opened, in order
    gains : people whom each brings into reach after those before it
    step : per row, position in `sites` of the first site that reaches it; -1 where none does
    bounds : entry k: no choice of k sites brings more people into reach; from k = 0
    """

    sites: Ints
    gains: Floats
    step: Ints
    bounds: Floats


def next_sites(row: Ints, site: Ints, people: Floats, *, sites: int, most: int) -> NextSites:
    """Open up to `most` sites, each the one that brings most further people into reach.

    Parameters
    ----------
    row, site
        Pairs within reach of each other: demand point that is not in reach yet, candidate.
    people
        People at each demand point, >= 0.
    sites
        Number of candidates.
    most
        How many to open; fewer where no further one brings anybody.

    Examples
    --------
    Three candidates reach 10 and 20, 20 and 30, 30 people; the second comes first, then the first.

    >>> import numpy as np
    >>> row, site = np.array([0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 2])
    >>> chosen = next_sites(row, site, np.array([10.0, 20.0, 30.0]), sites=3, most=3)
    >>> chosen.sites.tolist(), chosen.gains.tolist(), chosen.bounds.tolist()
    ([1, 0], [50.0, 10.0], [0.0, 50.0, 60.0, 60.0])
    """
    step = np.full(len(people), -1, dtype=np.int64)
    chosen: list[int] = []
    gains: list[float] = []
    # The bound of k sites after t of them: what t reach, and the k largest gains then.
    bounds = np.full(most + 1, np.inf)
    for turn in range(most + 1):
        # What each site would newly bring: people of its rows that no chosen site reaches.
        counted = np.where(step[row] < 0, people[row], 0.0)
        gain = np.bincount(site, weights=counted, minlength=sites)
        largest = np.sort(gain)[::-1][:most]
        after = np.concatenate(([0.0], np.cumsum(largest), np.full(most - len(largest), largest.sum())))
        bounds = np.minimum(bounds, sum(gains) + after)
        best = int(np.argmax(gain)) if sites else 0
        if turn == most or not sites or gain[best] <= _PERSON:
            break
        # The leader opens; its rows are reached at this step.
        chosen.append(best)
        gains.append(float(gain[best]))
        reached = row[site == best]
        step[reached[step[reached] < 0]] = turn
    bounds[0] = 0.0
    return NextSites(np.array(chosen, dtype=np.int64), np.array(gains), step, bounds)


def gains_in_order(row: Ints, site: Ints, people: Floats, *, sites: int) -> Floats:
    """People whom each of some sites newly brings into reach when they open one after another.

    Parameters
    ----------
    row, site
        Pairs within reach of each other: demand point that is not in reach yet, place of the site in order.
    people
        People at each demand point.
    sites
        Number of sites.

    Examples
    --------
    >>> import numpy as np
    >>> row, site = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    >>> gains_in_order(row, site, np.array([10.0, 20.0, 30.0]), sites=2).tolist()
    [30.0, 30.0]
    """
    first = np.full(len(people), sites, dtype=np.int64)
    np.minimum.at(first, row, site)
    reached = first < sites
    return np.bincount(first[reached], weights=people[reached], minlength=sites).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Beyond:
    """Those beyond a limit of walking, and the places where a facility could bring them into reach.

    Attributes
    ----------
    people : at each demand point
    start : where they start on the streets
    streets : those that they can use
    candidates : places on these streets
    limit_min : how long they walk at most, minutes
    """

    people: Floats
    start: Snaps
    streets: Network
    candidates: Snaps
    limit_min: float

    def pairs(self, chosen: Ints | None = None) -> tuple[Ints, Ints]:
        """Demand points and candidates, or some of these, within reach of each other, by position."""
        places = self.candidates if chosen is None else self.candidates.take(chosen)
        most = int(self.limit_min * (1.0 + _RELATIVE) / self.streets.minutes_per_cost)
        row, site, _ = pairs(self.streets, self.start, places, max_cost=most)
        return row, site

    def gained_by(self, chosen: Ints) -> Floats:
        """Whom each of some candidates brings into reach when they open in that order."""
        row, site = self.pairs(chosen)
        return gains_in_order(row, site, self.people, sites=len(chosen))
