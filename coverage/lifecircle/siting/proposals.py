"""Proposals for a study: where new facilities of a service should go, and what they change."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import Fault, Faults, InputError
from lifecircle.measures import at_most
from lifecircle.network import Network
from lifecircle.siting.candidates import allowed, check_candidates, entrances, street_candidates
from lifecircle.siting.gains import gain_by_community, rank_sites
from lifecircle.siting.locate import Model, solve
from lifecircle.siting.location import Location
from lifecircle.siting.models.closing import close_deficits
from lifecircle.siting.proposed import Proposals
from lifecircle.siting.request import (
    AssessedStudy,
    SitingRequest,
    check_amounts,
    check_request,
    circle_of,
    circle_reach,
)
from lifecircle.siting.task import read_task
from lifecircle.tables import COMMUNITY_LEVELS, Costs, read_costs

__all__ = ["Objective", "Proposals", "propose_sites"]

Objective = Literal["population", "distance", "worst", "capacity"]
_MODEL: Final[dict[str, Model]] = {
    "population": "mclp",
    "distance": "p-median",
    "worst": "p-center",
    "capacity": "mclp",
}
_EXISTING: Final = "existing"
_FARTHEST: Final = 4.0
"""Cutoffs beyond which walking farther is not told apart: people count as so far away."""


def propose_sites(
    result: AssessedStudy,
    service: str,
    new: int | None = None,
    objective: Objective = "population",
    *,
    rule: str | None = None,
    cutoff_min: float | None = None,
    candidates: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    spacing_m: float = 250.0,
    capacity: float | None = None,
    time_limit_s: float = 60.0,
    network: Network | None = None,
    forced: Iterable[Hashable] = (),
    forbidden: Iterable[Hashable] = (),
) -> Proposals:
    """Propose sites for further facilities of a service; those that exist stay.

    Parameters
    ----------
    result
        A finished run, or what a session says of the present or of a scenario.
    service
        A service that the run routed to.
    new
        How many; None with `rule`: as many as close its deficits.
    objective
        ``population``: the most people within the cutoff; ``distance``: the least person-minutes, whoever is
        farther than four cutoffs counting as that far; ``worst``: the least minutes of the farthest of those
        whom any site can reach; ``capacity``: the most people who find room within the cutoff, people shared
        out among existing and new facilities.
    rule
        Id of a circle rule whose short communities are to be met: for the people it is about, at their speed.
    cutoff_min
        Walking time in minutes; that of `rule`, else the study's ``circle_minutes``.
    candidates
        Points or parcels (polygons, entered from the nearest street) in any CRS, their index the ids of the
        proposals; street places every `spacing_m` if None.
    spacing_m
        Side of the grid of which each cell offers one street place, metres.
    capacity
        People a facility may serve, for the objective of that name; the upper end of the study's
        ``station_people`` if None.
    time_limit_s
        For search and proof as a whole, all rounds included; routing and compiling are not counted.
    network
        Streets to route on; those of the study if None.
    forced, forbidden
        Ids of candidates that open in any case, counted in `new`, and of those that never do.

    Returns
    -------
    Proposals

    Raises
    ------
    InputError
        With everything wrong with the arguments; or if there are fewer candidates than sites asked for.
    """
    faults = Faults()
    with faults.collect():
        check_request(result, service=service, new=new, rule=rule, objective=objective, objectives=_MODEL)
    check_amounts(
        cutoff_min=cutoff_min,
        spacing_m=spacing_m,
        capacity=capacity,
        time_limit_s=time_limit_s,
        faults=faults,
    )
    if candidates is not None:
        existing = _offering(result, service)["facility"] if objective == "capacity" else ()
        check_candidates(candidates, taken={_EXISTING, *existing}, faults=faults)
    faults.raise_if_any()
    streets = network or result.network
    if candidates is None:
        candidates = street_candidates(streets, result.inputs, spacing_m=spacing_m)
    places, must = allowed(candidates.geometry, forced, forbidden, faults)
    faults.raise_if_any()
    request = _request(result, streets, service, rule=rule, cutoff_min=cutoff_min, places=places, forced=must)
    if new is None:
        return _close_deficits(request, str(rule), time_limit_s=time_limit_s)
    if not len(must) <= new <= len(request.places):
        values = {"found": new, "places": len(request.places), "forced": len(must)}
        key = "propose-too-many" if new > len(request.places) else "propose-too-many-forced"
        raise InputError(Fault(key, field="new", values=values))
    left_out = 0.0
    if objective == "capacity":
        per_site = capacity or float(result.study.assumptions.station_people[1])
        location, reach = _with_capacity(request, new, capacity=per_site, time_limit_s=time_limit_s)
        farthest_min = request.limit_min
    elif objective == "worst":
        location, reach, farthest_min = _least_farthest(request, new, time_limit_s=time_limit_s)
        left_out = float(request.people.sum()) - location.people
    else:
        farthest_min = request.limit_min * (_FARTHEST if objective == "distance" else 1.0)
        reach = request.minutes_to(request.places, farthest_min)
        location = _locate(
            request,
            _costs(request, reach, farthest_min),
            _MODEL[objective],
            new,
            cutoff=request.limit_min if objective == "population" else None,
            unserved=farthest_min,
            time_limit_s=time_limit_s,
        )
    sites, after = rank_sites(request, request.places.index[request.places.index.isin(location.sites)], reach)
    return Proposals(
        sites=sites,
        communities=gain_by_community(request, after),
        location=location,
        bound=location.bound,
        beyond=pd.Series(dtype="float64"),
        cutoff_min=request.limit_min,
        service=service,
        objective=objective,
        farthest_min=farthest_min,
        left_out=left_out,
        forced=len(must),
        people=float(request.people.sum()),
        covered=request.covered,
    )


def _request(
    result: AssessedStudy,
    network: Network,
    service: str,
    *,
    rule: str | None,
    cutoff_min: float | None,
    places: gpd.GeoSeries,
    forced: tuple[Hashable, ...],
) -> SitingRequest:
    """The request, its limit in minutes at the speed the study was routed at."""
    assumptions, circle = result.study.assumptions, circle_of(result, rule)
    everybody = "residents" if result.inputs.people_known else "weight"
    minutes, speed, weight = assumptions.circle_minutes, assumptions.walk_speed_kmh, everybody
    services: tuple[str, ...] = (service,)
    if circle is not None:
        minutes, speed = circle_reach(circle, assumptions)
        cohort = str(circle.cohort)
        weight = cohort if cohort in result.inputs.demand.columns else everybody
        services = (service, *(name for name in circle.services if name != service))
    limit_min = float(cutoff_min or minutes)
    if assumptions.mode == "walk":
        # whoever walks more slowly gets less far in the same time
        limit_min *= speed / result.travel.speed_kmh
    if not len(places):
        raise InputError(Fault("propose-no-candidates", field="candidates"))
    entered = entrances(places.to_crs(result.inputs.crs), network)
    entered.index = entered.index.astype(object)
    return SitingRequest(result, network, services, limit_min, weight, entered, forced)


def _locate(
    request: SitingRequest,
    costs: Costs,
    model: Model,
    new: int,
    *,
    cutoff: float | None,
    unserved: float,
    time_limit_s: float,
) -> Location:
    """The model's answer, existing facilities and forced candidates open anyhow."""
    fixed = [_EXISTING, *request.forced]
    task = read_task(costs, None, model, new - len(request.forced), None, cutoff, fixed, (), unserved)
    return solve(task, seconds=time_limit_s)


def _costs(
    request: SitingRequest, reach: pd.DataFrame, farthest_min: float, rows: pd.Index | None = None
) -> Costs:
    """Minutes to every candidate, and to the nearest existing facility as one site."""
    people = request.people if rows is None else request.people[rows]
    existing = request.before[people.index]
    existing = existing[existing <= farthest_min]
    nearest = pd.DataFrame({"demand": existing.index, "site": _EXISTING, "cost": existing.to_numpy()})
    near = reach if rows is None else reach[reach["demand"].isin(rows)]
    table = pd.concat([part for part in (nearest, near) if len(part)] or [nearest], ignore_index=True)
    return read_costs(table, people, sites=pd.Index([_EXISTING, *request.places.index], dtype=object))


def _least_farthest(
    request: SitingRequest, new: int, *, time_limit_s: float
) -> tuple[Location, pd.DataFrame, float]:
    """The least minutes of the farthest; looks ever farther until everybody is served who can be."""
    farthest_min, known = request.limit_min * _FARTHEST, -1
    reach = request.minutes_to(request.places, farthest_min)

    def solved(rows: pd.Index | None = None) -> Location:
        """The p-center of the people within `farthest_min` of any site, or of selected demand points."""
        costs = _costs(request, reach, farthest_min, rows)
        return _locate(
            request, costs, "p-center", new, cutoff=None, unserved=farthest_min, time_limit_s=time_limit_s
        )

    while True:
        location = solved()
        held = len(reach) + int((request.before <= farthest_min).sum())
        if location.served >= location.people or held == known:
            break
        known = held
        farthest_min *= 2.0
        reach = request.minutes_to(request.places, farthest_min)
    if location.served >= location.people:
        return location, reach, farthest_min
    # No site reaches the others at all: the farthest of those who can be reached is made least.
    reachable = pd.Index(reach["demand"].unique()).union(request.before.index[np.isfinite(request.before)])
    if len(reachable) == len(request.people):
        return location, reach, farthest_min
    return solved(request.people.index[request.people.index.isin(reachable)]), reach, farthest_min


def _close_deficits(request: SitingRequest, rule: str, *, time_limit_s: float) -> Proposals:
    """As many sites as the short communities of a rule need."""
    findings = request.assessed.findings
    of_rule = (findings["rule"] == rule) & findings["level"].isin(COMMUNITY_LEVELS)
    short = findings[of_rule & (findings["status"] == "short")]
    deficit = short.groupby("code")["deficit"].max().astype("float64")
    # People of short communities who are not in reach, and the candidates that would bring them in.
    beyond_reach = ~at_most(request.before, request.limit_min)
    wanting = request.demand[beyond_reach & request.demand["community"].isin(deficit.index)]
    reach = request.minutes_to(request.places, request.limit_min)
    near = reach[at_most(reach["cost"], request.limit_min) & reach["demand"].isin(wanting.index)]
    # Forced candidates come first; the model closes what they leave.
    held = pd.Index(near.loc[near["site"].isin(request.forced), "demand"].unique())
    gained = wanting.loc[held].groupby("community")[request.weight].sum()
    deficit = deficit - gained.reindex(deficit.index, fill_value=0.0)
    deficit = deficit[deficit > 0]
    wanting = wanting.drop(index=held)
    near = near[near["demand"].isin(wanting.index) & ~near["site"].isin(request.forced)]
    chosen = request.places.index[request.places.index.isin(request.forced)]
    bound, beyond = len(request.forced), deficit
    if len(wanting) and len(deficit):
        costs = read_costs(near, wanting[request.weight], sites=request.places.index)
        closing = close_deficits(costs, wanting["community"], deficit, time_limit_s=time_limit_s)
        chosen = chosen.append(request.places.index[closing.is_open])
        bound, beyond = bound + closing.bound, closing.beyond
    sites, after = rank_sites(request, chosen, reach)
    return Proposals(
        sites=sites,
        communities=gain_by_community(request, after),
        location=None,
        bound=float(bound),
        beyond=beyond,
        cutoff_min=request.limit_min,
        service=request.service,
        objective="rule",
        farthest_min=request.limit_min,
        forced=len(request.forced),
        people=float(request.people.sum()),
        covered=request.covered,
        plan=next(
            plan.id for plan in request.assessed.judged_by if any(one.id == rule for one in plan.rules)
        ),
        rule=rule,
    )


def _with_capacity(
    request: SitingRequest, new: int, *, capacity: float, time_limit_s: float
) -> tuple[Location, pd.DataFrame]:
    """The most people who find a place, existing facilities filled as well as new ones."""
    inputs, reach = request.assessed.inputs, request.minutes_to(request.places, request.limit_min)
    offering = _offering(request.assessed, request.service)
    entries = inputs.entries[inputs.entries["facility"].isin(offering["facility"])]
    old = request.minutes_to(gpd.GeoSeries(entries.set_index("facility").geometry), request.limit_min)
    old = old.groupby(["demand", "site"], as_index=False, sort=False)["cost"].min()
    existing = pd.Index(entries["facility"].unique(), dtype=object)
    table = pd.concat([part for part in (old, reach) if len(part)] or [reach], ignore_index=True)
    costs = read_costs(table, request.people, sites=existing.append(request.places.index))
    fixed = [*existing, *request.forced]
    new_sites = new - len(request.forced)
    task = read_task(costs, None, "mclp", new_sites, capacity, request.limit_min, fixed, (), "error")
    return solve(task, seconds=time_limit_s), reach


def _offering(assessed: AssessedStudy, service: str) -> gpd.GeoDataFrame:
    """Facilities open to the public that offer a service."""
    table = assessed.inputs.facilities
    return table[table["public"] & (table["service"] == service)]
