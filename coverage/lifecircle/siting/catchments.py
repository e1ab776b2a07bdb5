"""Catchments with capacity: as many people served as possible, then at least person-metres.

No station is above its capacity. Whoever is left over is listed, with the stations that are missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, preview
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.kernels.reductions import group_identical_rows
from lifecircle.siting.models.generalized_assignment import assign_whole_communities
from lifecircle.siting.problem import Floats, Ints, expand_rows
from lifecircle.siting.solvers.milp import check_time_limit
from lifecircle.siting.solvers.min_cost_flow import max_flow_min_cost
from lifecircle.tables import Costs, CostsLike, is_amount, read_amounts, read_costs

__all__ = ["CapacityCatchments", "capacity_catchments"]

_PERSON: Final = 1e-6
_RELATIVE: Final = 1e-9
_TINY: Final = 1e-300
"""Keeps a node without people from being divided by."""


@dataclass(frozen=True, eq=False)
class CapacityCatchments:
    """Who is served where, and who is not.

    Attributes
    ----------
    flows : demand, site, people, cost; one row per demand point and station that serves people of it
    stations : indexed by site: people, capacity, spare (persons), below_floor (flag), mean_cost, max_cost
    left_over : indexed by community: people not served, of them out_of_reach of every station (the others
        found them full), stations_missing (people divided by the greatest capacity, not rounded)
    served, people : persons
    person_cost : sum of people times cost over those served
    stations_missing : stations that would hold all who are left over; 0 also where no station holds anybody
    bound : no assignment serves more people
    """

    flows: pd.DataFrame
    stations: pd.DataFrame
    left_over: pd.DataFrame
    served: float
    people: float
    person_cost: float
    stations_missing: int
    bound: float

    def __repr__(self) -> str:
        """One line: stations, and who of the people is served."""
        served = f"people={self.people:g} served={self.served:g} bound={self.bound:g}"
        return f"<{type(self).__name__} stations={len(self.stations)} {served}>"


def capacity_catchments(
    costs: CostsLike,
    demand: ArrayLike | pd.Series | None = None,
    *,
    capacity: float | ArrayLike | pd.Series = 20_000.0,
    floor: float = 10_000.0,
    cutoff: float | None = None,
    community: pd.Series | ArrayLike | None = None,
    whole: bool = False,
    time_limit_s: float = 60.0,
) -> CapacityCatchments:
    """Assign people to stations that have limited capacity.

    Parameters
    ----------
    costs, demand
        As for `locate`; costs in metres give person-metres.
    capacity
        People a station may serve at most, one number or one per site.
    floor
        People a station should serve at least; a station with fewer is reported, not closed.
    cutoff
        Greatest cost, inclusive, at which a station serves anybody.
    community
        Community of each demand point, for the list of those left over, who stand under ``""`` where it is
        unknown; all one if None.
    whole
        Keep the people of each community together: a community goes to one station within the cutoff of
        all its inhabited points, or is left over. Else people may be divided, even at one point.
    time_limit_s
        For `whole`, which is solved as a mixed-integer model; ``bound`` says what is proven.

    Returns
    -------
    CapacityCatchments

    Raises
    ------
    InputError
        With everything wrong with the arguments.

    Notes
    -----
    Divisible people are a minimum-cost maximum flow, exact to a thousandth of the unit of the costs and,
    where people are fractions, to a thousandth of a person or less. Points from which all stations cost the
    same are one node; what flows from it is divided among them in proportion to their people.

    Examples
    --------
    Two stations with capacity for 60 people each; the second block of 80 people is nearer to the second one.

    >>> import lifecircle as lc
    >>> shared = lc.capacity_catchments([[100, 500], [400, 200]], [30, 80], capacity=60, floor=40)
    >>> shared.flows
       demand  site  people   cost
    0       0     0    30.0  100.0
    1       1     0    20.0  400.0
    2       1     1    60.0  200.0
    >>> shared.stations[["people", "spare", "below_floor"]]
          people  spare  below_floor
    site
    0       50.0   10.0        False
    1       60.0    0.0        False
    """
    require("flag", whole=whole)
    faults = Faults()
    if cutoff is not None and not is_amount(cutoff):
        faults.add(Fault("site-cutoff", field="cutoff", values={"found": cutoff}))
    if not is_amount(floor):
        faults.add(Fault("capacity-floor", field="floor", values={"found": floor}))
    check_time_limit(time_limit_s, faults)
    if whole and community is None:
        faults.add(Fault("capacity-whole-of-what", field="community"))
    with faults.prepend_to():
        read = read_costs(costs, demand)
    amounts = np.full(len(read.sites), capacity) if np.isscalar(capacity) else capacity
    persons = read_amounts(amounts, read.sites, "capacity", faults)
    names = _communities(community, read.demand, faults)
    if whole and community is not None:
        _check_whole(names, read, faults)
    faults.raise_if_any()
    limit = math.inf if cutoff is None else cutoff * (1.0 + _RELATIVE)
    near = read.only(read.cost <= limit)
    if whole:
        budget = TimeBudget.of(time_limit_s)
        pair, people, bound = assign_whole_communities(near, persons, names, budget=budget)
    else:
        pair, people = _assign_divisible(near, persons)
        bound = float(people.sum())
    return _tables(near, pair, people, persons, names, floor=floor, bound=bound)


def _check_whole(names: pd.Series, costs: Costs, faults: Faults) -> None:
    """Report people without a community where communities stay whole."""
    nowhere = np.flatnonzero((names == "").to_numpy() & (costs.people > 0))
    if len(nowhere) and not faults:
        values = {
            "count": len(nowhere),
            "people": f"{costs.people[nowhere].sum():,.0f}",
            "found": preview(costs.demand[nowhere]),
        }
        faults.add(Fault("capacity-whole-nowhere", field="community", values=values))


def _communities(community: pd.Series | ArrayLike | None, demand: pd.Index, faults: Faults) -> pd.Series:
    """The community of each row, ``""`` where it has none; one for all where none is given."""
    if community is None:
        return pd.Series("", index=demand)
    if isinstance(community, pd.Series):
        if not community.index.is_unique:
            twice = preview(community.index[community.index.duplicated()].unique())
            faults.add(Fault("amount-id-twice", field="community", values={"found": twice}))
            return pd.Series("", index=demand)
        if demand.difference(community.index).empty:
            return _blank_unknown(community.reindex(demand))
        missing = preview(demand.difference(community.index))
        faults.add(Fault("amount-index", field="community", values={"missing": missing, "foreign": "-"}))
        return pd.Series("", index=demand)
    codes = np.asarray(community)
    if codes.shape != (len(demand),):
        shape = " × ".join(map(str, codes.shape)) or "1"
        values = {"found": shape, "expected": len(demand)}
        faults.add(Fault("amount-length", field="community", values=values))
        return pd.Series("", index=demand)
    return _blank_unknown(pd.Series(codes, index=demand))


def _blank_unknown(community: pd.Series) -> pd.Series:
    """Communities with unknown ones blank, so that nobody is lost from the list of those left over."""
    known = community.astype("object")
    return known.where(known.notna(), "")


def _assign_divisible(costs: Costs, capacity: Floats) -> tuple[Ints, Floats]:
    """Pairs and people on them, people divisible."""
    # Points whose stations and costs are the same are one node of the network.
    group, first = group_identical_rows(costs.start, costs.site, costs.cost.view(np.int64))
    grouped = np.bincount(group, weights=costs.people, minlength=len(first)).astype(np.float64)
    begin, at = expand_rows(costs.start, first)
    node = np.repeat(np.arange(len(first)), np.diff(begin))
    flow = max_flow_min_cost(node, costs.site[at], costs.cost[at], grouped, capacity)
    # Every point of a node has the same stations in the same order: its pairs are the node's.
    member = np.diff(costs.start)
    offset = np.arange(len(costs.site)) - np.repeat(costs.start[:-1], member)
    of_node = begin[group[costs.row]] + offset
    people_there = np.maximum(grouped[group[costs.row]], _TINY)
    people = flow[of_node] * (costs.people[costs.row] / people_there)
    pair = np.flatnonzero(people > 0)
    return pair, people[pair]


def _tables(
    costs: Costs,
    pair: Ints,
    people: Floats,
    capacity: Floats,
    names: pd.Series,
    *,
    floor: float,
    bound: float,
) -> CapacityCatchments:
    """Flows, stations and who is left over."""
    # Who goes where.
    row, site, cost = costs.row[pair], costs.site[pair], costs.cost[pair]
    flows = pd.DataFrame(
        {"demand": costs.demand[row], "site": costs.sites[site], "people": people, "cost": cost}
    )
    # Stations: load, what is spare, mean and farthest cost of those served.
    load = np.bincount(site, weights=people, minlength=len(capacity)).astype(np.float64)
    spent = np.bincount(site, weights=people * cost, minlength=len(capacity))
    farthest = np.full(len(capacity), np.nan)
    np.fmax.at(farthest, site, cost)
    stations = pd.DataFrame(
        {
            "people": load,
            "capacity": capacity,
            "spare": capacity - load,
            "below_floor": load < floor - _PERSON,
            "mean_cost": np.divide(spent, load, out=np.full(len(capacity), np.nan), where=load > 0),
            "max_cost": farthest,
        },
        index=costs.sites.rename("site"),
    )
    # Left over: who is not served; out of reach where no station stands within the cutoff.
    left = costs.people - np.bincount(row, weights=people, minlength=len(costs.people))
    left = np.where(left > _PERSON, left, 0.0)
    largest = float(capacity.max(initial=0.0))
    table = pd.DataFrame(
        {
            "community": names.to_numpy(),
            "people": left,
            "out_of_reach": np.where(np.diff(costs.start) == 0, left, 0.0),
        }
    )
    # Stations of the largest capacity that would hold those left over.
    by_community = table[left > 0].groupby("community", sort=True).sum()
    by_community["stations_missing"] = by_community["people"] / (largest if largest > 0 else np.nan)
    missing = math.ceil(left.sum() / largest - _PERSON) if largest > 0 else 0
    return CapacityCatchments(
        flows=flows,
        stations=stations,
        left_over=by_community,
        served=float(people.sum()),
        people=float(costs.people.sum()),
        person_cost=float((people * cost).sum()),
        stations_missing=max(missing, 0),
        bound=bound,
    )
