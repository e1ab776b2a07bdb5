"""Proposals for a study: where new facilities of a service should go, and what they change."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.arguments import require_method
from lifecircle.assessment import circle_of_service
from lifecircle.errors import Fault, Faults, InputError
from lifecircle.measures import at_most
from lifecircle.network import Network
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.candidates import allowed, check_candidates, entrances, street_candidates
from lifecircle.siting.farthest import least_farthest
from lifecircle.siting.models.closing import close_deficits
from lifecircle.siting.objectives import (
    EXISTING,
    FARTHEST,
    least_distance,
    most_covered,
    most_room,
    offering_facilities,
)
from lifecircle.siting.proposed import Proposals, gain_by_community, rank_sites
from lifecircle.siting.request import (
    AssessedStudy,
    SitingRequest,
    check_amounts,
    check_people,
    check_request,
    circle_walks,
    time_circle,
)
from lifecircle.siting.solvers.warm_up import compile_kernels
from lifecircle.siting.walk_pairs import (
    walks_within,
)
from lifecircle.tables import COMMUNITY_LEVELS, Costs, ids_of

__all__ = ["Objective", "Proposals", "propose_sites"]

Objective = Literal["population", "distance", "worst", "capacity"]


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
        Walking time in minutes; that of `rule`, else the least that a circle rule of the plans asks for the
        service, else the study's ``circle_minutes``. The answer says which.
    candidates
        Points or parcels (polygons, entered from the nearest street) in any CRS; street places every
        `spacing_m` if None. Proposals bear their ids: the index where it is named or not of numbers, else the
        column ``id``.
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

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> proposals = lc.propose_sites(session.present, "pharmacy", new=1)
    >>> proposals.sites["rank"].tolist(), proposals.location.proven
    ([1], True)
    """
    # Arguments: every fault at once.
    faults = Faults()
    with faults.collect():
        require_method("travel", "assessed", result=result)
        routed = [str(name) for name in result.travel.minutes.columns]
        check_request(result.judged_by, routed, service=service, new=new, rule=rule, objective=objective)
        check_people(objective if rule is None else "", known=result.inputs.people_known)
    check_amounts(
        cutoff_min=cutoff_min,
        spacing_m=spacing_m,
        capacity=capacity,
        time_limit_s=time_limit_s,
        faults=faults,
    )
    if isinstance(candidates, gpd.GeoDataFrame):
        candidates = candidates.set_axis(ids_of(candidates, stacklevel=3))
    if candidates is not None:
        existing = offering_facilities(result, service)["facility"] if objective == "capacity" else ()
        check_candidates(candidates, taken={EXISTING, *existing}, faults=faults)
    faults.raise_if_any()
    # Candidates: the caller's, or places on the streets; forbidden ones leave, forced ones must open.
    streets = network or result.network
    if candidates is None:
        candidates = street_candidates(streets, result.inputs, spacing_m=spacing_m)
    places, must = allowed(candidates.geometry, forced, forbidden, faults)
    faults.raise_if_any()
    plans, assumptions = result.judged_by, result.study.assumptions
    asked_min, limit_of = cutoff_min, ""
    if not rule and cutoff_min is None:
        asked_min, circle = circle_of_service(service, plans, assumptions)
        limit_of = circle.id if circle else "circle_minutes"
    request = _request(result, streets, service, rule=rule, cutoff_min=asked_min, places=places, forced=must)
    compile_kernels(capacitated=objective == "capacity")
    if new is None:
        return _close_deficits(request, str(rule), time_limit_s=time_limit_s)
    if not len(must) <= new <= len(request.places):
        values = {"found": new, "places": len(request.places), "forced": len(must)}
        key = "propose-too-many" if new > len(request.places) else "propose-too-many-forced"
        raise InputError(Fault(key, field="new", values=values))
    # The model of the objective.
    left_out, farthest_min = 0.0, request.limit_min
    if objective == "capacity":
        per_site = capacity or float(result.study.assumptions.station_people[1])
        location = most_room(request, new, capacity=per_site, time_limit_s=time_limit_s)
    elif objective == "worst":
        budget = TimeBudget.of(time_limit_s)
        location, farthest_min = least_farthest(request, new, existing=EXISTING, budget=budget)
        left_out = float(request.people.sum()) - location.people
    elif objective == "distance":
        farthest_min *= FARTHEST
        location = least_distance(request, new, farthest_min, time_limit_s=time_limit_s)
    else:
        location = most_covered(request, new, time_limit_s=time_limit_s)
    # What the sites change: gains in order of rank, people in reach per community.
    sites, after, shares = rank_sites(
        request, request.places.index[request.places.index.isin(location.sites)]
    )
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
        people=_persons(request, float(request.people.sum())),
        covered=_persons(request, request.covered),
        shares=shares,
        basis=request.basis,
        candidates=len(request.places),
        limit_of=limit_of,
        unlisted=_unlisted(request),
    )


def _unlisted(request: SitingRequest) -> bool:
    """Whether no source lists the service, nor is complete for it."""
    inputs = request.assessed.inputs
    return request.service not in inputs.complete_for and not (
        (inputs.facilities["service"] == request.service).any()
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
    assumptions, circle = result.study.assumptions, time_circle(result.judged_by, rule)
    everybody = "residents" if result.inputs.people_known else "weight"
    travel, weight = result.travel, everybody
    limit_min = float(cutoff_min or assumptions.circle_minutes)
    if assumptions.mode == "walk":
        limit_min *= assumptions.walk_speed_kmh / travel.speed_kmh
    services: tuple[str, ...] = (service,)
    if circle is not None:
        limit_min, network, travel, _ = circle_walks(result, circle, network=network, minutes=cutoff_min)
        cohort = str(circle.cohort)
        weight = cohort if cohort in result.inputs.demand.columns else everybody
        services = (service, *(name for name in circle.services if name != service))
    if not len(places):
        raise InputError(Fault("propose-no-candidates", field="candidates"))
    entered = entrances(places.to_crs(result.inputs.crs), network)
    entered.index = entered.index.astype(object)
    return SitingRequest(result, network, travel, services, limit_min, weight, entered, forced)


def _close_deficits(request: SitingRequest, rule: str, *, time_limit_s: float) -> Proposals:
    """As many sites as the short communities of a rule need."""
    # The deficit of each short community: people who must come into reach.
    findings = request.assessed.findings
    of_rule = (findings["rule"] == rule) & findings["level"].isin(COMMUNITY_LEVELS)
    short = findings[of_rule & (findings["status"] == "short")]
    deficit = short.groupby("code")["deficit"].max().astype("float64")
    community = request.demand["community"].astype(str)
    beyond_reach = ~at_most(request.before, request.limit_min)
    if not request.counts_people:
        # Findings count no people then: what is missing of the weights that stand in for them.
        total, far = (
            weights.groupby(community).sum().reindex(deficit.index)
            for weights in (request.people, request.people.where(beyond_reach, 0.0))
        )
        allowed_far = (1.0 - request.assessed.study.assumptions.covered_share) * total
        deficit = (far - allowed_far).clip(lower=0.0)
    # People of short communities who are not in reach, and the candidates that would bring them in.
    wanting = np.flatnonzero(beyond_reach & community.isin(deficit.index).to_numpy())
    row, site, minutes = walks_within(request, request.targets, request.limit_min, rows=wanting)
    near = at_most(minutes, request.limit_min)
    row, site = row[near], site[near]
    # Forced candidates come first; the model closes what they leave.
    forced = request.places.index.isin(request.forced)
    held = np.unique(row[forced[site]])
    gained = request.people.iloc[held].groupby(community.iloc[held].to_numpy()).sum()
    deficit = deficit - gained.reindex(deficit.index, fill_value=0.0)
    deficit = deficit[deficit > 0]
    wanting = np.setdiff1d(wanting, held)
    chosen = request.places.index[forced]
    bound, beyond = len(request.forced), deficit
    # What the forced ones leave short: the fewest further sites.
    if len(wanting) and len(deficit):
        kept = np.isin(row, wanting) & ~forced[site]
        row, site = np.searchsorted(wanting, row[kept]), site[kept]
        start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(wanting))))).astype(np.int64)
        people = request.people.iloc[wanting]
        costs = Costs(
            people.index, request.places.index, start, site, np.zeros(len(site)), people.to_numpy(np.float64)
        )
        closing = close_deficits(costs, community.iloc[wanting], deficit, time_limit_s=time_limit_s)
        chosen = chosen.append(request.places.index[closing.is_open])
        bound, beyond = bound + closing.bound, closing.beyond
    sites, after, shares = rank_sites(request, chosen)
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
        people=_persons(request, float(request.people.sum())),
        covered=_persons(request, request.covered),
        shares=shares,
        basis=request.basis,
        candidates=len(request.places),
        plan=next(
            plan.id for plan in request.assessed.judged_by if any(one.id == rule for one in plan.rules)
        ),
        rule=rule,
        unlisted=_unlisted(request),
    )


def _persons(request: SitingRequest, amount: float) -> float:
    """A sum over the request's people; unknown where it is one of the weights that stand in for them."""
    return amount if request.counts_people else np.nan
