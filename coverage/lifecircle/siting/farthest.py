"""Objective ``worst``: a p-center over all demand points, solved on the few that determine it.

Row generation for the p-center problem (Chen and Chen 2009): a p-center of a part of the people is a lower
bound for all of them. It is solved for few demand points, then the walks of everybody to its sites are
measured; whoever is farther than the bound joins the part. Walks to all candidates are held for that part
alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.locate import solve
from lifecircle.siting.location import Location, location_of, nearest_flows
from lifecircle.siting.problem import Floats, Ints
from lifecircle.siting.request import SitingRequest
from lifecircle.siting.task import read_task
from lifecircle.siting.walk_pairs import WalkPairs, costs_with_existing, minutes_to_nearest, minutes_to_rows

__all__ = ["least_farthest"]

_ADDED: Final = 8
"""Demand points that join in a round."""
_MOST_ROUNDS: Final = 200
_FARTHEST: Final = 4.0
"""Cutoffs that somebody unserved counts as, doubled until it is more than anybody walks."""
_RELATIVE: Final = 1e-9


@dataclass
class _Search:
    """The part of the people that is held, its walks to every candidate, and the best sites so far."""

    rows: list[int] = field(default_factory=list)
    walks: list[Floats] = field(default_factory=list)
    sites: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    radius: float = np.inf
    bound: float = 0.0
    longest: float = 0.0
    """The longest of all walks that were measured."""

    def measure(self, minutes: Floats) -> None:
        """Note the longest of more walks."""
        self.longest = max(self.longest, float(minutes[np.isfinite(minutes)].max(initial=0.0)))

    def hold(self, rows: Ints, walks: Floats) -> None:
        """Demand points, each once, join the part with their walks to every candidate."""
        self.measure(walks)
        self.rows.extend(int(row) for row in rows)
        self.walks.extend(walks)


def least_farthest(
    request: SitingRequest, new: int, *, existing: str, budget: TimeBudget
) -> tuple[Location, float]:
    """Sites such that the farthest of those whom any site can reach walks least.

    Parameters
    ----------
    request
        The request.
    new
        How many sites to open, the forced among them.
    existing
        Id of the nearest existing facility as a site.
    budget
        For all rounds.

    Returns
    -------
    Location, float
        The answer over all people whom any site can reach; and the minutes that somebody counts as who is
        reached by none of the sites opened.
    """
    # Lower bound: with every candidate open nobody walks less. Demand points out of all reach do not count.
    before = request.before.to_numpy(dtype=np.float64)
    every = np.arange(len(request.places))
    nearest_min = np.minimum(before, minutes_to_nearest(request, every)[0])
    counted = np.flatnonzero(np.isfinite(nearest_min))
    # Upper bound: sites opened greedily next to whoever is farthest.
    forced = np.flatnonzero(request.places.index.isin(request.forced))
    search = _Search(bound=float(nearest_min[counted].max(initial=0.0)))
    search.measure(before)
    current = np.minimum(before, minutes_to_nearest(request, forced)[0])
    _farthest_first(request, new - len(forced), search, current, counted, forced)
    # Row generation: bound <= optimum <= radius; the part grows until the two meet.
    for _ in range(_MOST_ROUNDS):
        if search.radius <= search.bound * (1.0 + _RELATIVE) or budget.expired or not search.rows:
            break
        sites, bound = _center_of_part(request, new, search, existing=existing, budget=budget)
        # Nobody can serve the part with so few sites: no choice of them serves everybody.
        search.bound = np.inf if bound >= _unserved(request, search) else max(search.bound, bound)
        # The sites of the part, measured with the walks of everybody: a radius that can be kept.
        walked = np.minimum(before, minutes_to_nearest(request, sites)[0])
        search.measure(walked)
        radius = float(walked[counted].max(initial=0.0))
        if radius < search.radius:
            search.sites, search.radius = sites, radius
        # Whoever walks farther than the bound may raise it: the farthest of them join the part.
        beyond = counted[walked[counted] > search.bound * (1.0 + _RELATIVE)]
        joining = _spread_out(request, walked, np.setdiff1d(beyond, search.rows))
        if not len(joining):
            break
        search.hold(joining, minutes_to_rows(request, joining))
    return _location(request, new, search, counted, existing=existing)


def _farthest_first(  # noqa: PLR0917
    request: SitingRequest, new: int, search: _Search, current: Floats, counted: Ints, forced: Ints
) -> None:
    """First sites and first part: each site next to who is then farthest (Gonzalez 1985)."""
    opened = list(forced)
    for _ in range(new):
        if not len(counted):
            break
        # The demand point that is farthest from what is open, and the closed candidate nearest to it.
        row = int(counted[np.argmax(current[counted])])
        walks = minutes_to_rows(request, np.array([row]))
        closed = np.setdiff1d(np.arange(walks.shape[1]), opened)
        site = int(closed[np.argmin(walks[0, closed])])
        if row not in search.rows:
            search.hold(np.array([row]), walks)
        opened.append(site)
        current = np.minimum(current, minutes_to_nearest(request, np.array([site]))[0])
    search.sites = np.array(opened, dtype=np.int64)
    search.radius = float(current[counted].max(initial=0.0))


def _center_of_part(
    request: SitingRequest, new: int, search: _Search, *, existing: str, budget: TimeBudget
) -> tuple[Ints, float]:
    """The p-center of the part that is held: positions of its sites, and its bound."""
    rows, minutes = np.array(search.rows), np.array(search.walks)
    order = np.argsort(rows)
    rows, minutes = rows[order], minutes[order]
    # A walk longer than the best radius so far is in no better answer.
    at, site = np.nonzero(np.isfinite(minutes) & (minutes <= search.radius))
    unserved = _unserved(request, search)
    walks = WalkPairs(rows[at], site, minutes[at, site])
    costs = costs_with_existing(request, walks, search.radius, existing=existing, rows=rows)
    fixed = [existing, *request.forced]
    task = read_task(costs, model="p-center", new=new - len(request.forced), fixed=fixed, unserved=unserved)
    location = solve(task, budget=budget)
    opened = np.flatnonzero(request.places.index.isin(location.sites))
    return opened, location.bound


def _unserved(request: SitingRequest, search: _Search) -> float:
    """Minutes that count for somebody who is not served: more than anybody walks."""
    minutes = request.limit_min * _FARTHEST
    while minutes <= search.longest:
        minutes *= 2.0
    return minutes


def _spread_out(request: SitingRequest, walked: Floats, rows: Ints) -> Ints:
    """The farthest of the demand points given, and others far from it and from each other.

    Neighbours would bind the model no more than one of them does: each next point is the one whose nearest
    chosen point is farthest as the crow flies.
    """
    if len(rows) <= _ADDED:
        return rows
    x, y = (values.to_numpy()[rows] for values in (request.demand.geometry.x, request.demand.geometry.y))
    chosen = [int(np.argmax(walked[rows]))]
    apart = np.hypot(x - x[chosen[0]], y - y[chosen[0]])
    while len(chosen) < _ADDED:
        chosen.append(int(np.argmax(apart)))
        apart = np.minimum(apart, np.hypot(x - x[chosen[-1]], y - y[chosen[-1]]))
    return np.unique(rows[chosen])


def _location(
    request: SitingRequest, new: int, search: _Search, counted: Ints, *, existing: str
) -> tuple[Location, float]:
    """The best sites as an answer over everybody who can be reached."""
    # Walks to the chosen sites that beat the existing facility.
    minutes, site = minutes_to_nearest(request, search.sites)
    better = np.flatnonzero((minutes < request.before.to_numpy(dtype=np.float64)) & np.isfinite(minutes))
    walks = WalkPairs(better, site[better], minutes[better])
    costs = costs_with_existing(request, walks, np.inf, existing=existing, rows=counted)
    search.measure(minutes)
    unserved = _unserved(request, search)
    fixed = [existing, *request.forced]
    task = read_task(costs, model="p-center", new=new - len(request.forced), fixed=fixed, unserved=unserved)
    # Site 0 is the existing facility: candidates stand one place further on.
    is_open = task.fixed.copy()
    is_open[search.sites + 1] = True
    is_open = task.opened_in_order(is_open)
    objective = search.radius if np.isfinite(search.radius) else unserved
    flows = nearest_flows(task, is_open, limit=unserved)
    # Bound and radius that differ by rounding alone are one: the answer is proven.
    bound = min(search.bound, objective)
    bound = objective if objective <= bound * (1.0 + _RELATIVE) else bound
    return location_of(task, is_open, flows, objective=objective, bound=bound), unserved
