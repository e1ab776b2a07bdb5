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
from lifecircle.siting.gains import gain_by_community, ranked
from lifecircle.siting.locate import Model, locate
from lifecircle.siting.location import Location
from lifecircle.siting.models.closing import close_deficits
from lifecircle.siting.proposed import Proposals
from lifecircle.siting.request import (
    AssessedStudy,
    SitingRequest,
    assumptions_of,
    check_amounts,
    check_ask,
    circle_of,
    network_of,
    rule_of,
)
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
        For the proof.
    network
        The run's network, if it is at hand; built from the run's streets if None.
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
    left_out, faults = 0.0, Faults()
    with faults.collect():
        check_ask(result, service=service, new=new, rule=rule, objective=objective, objectives=_MODEL)
    check_amounts(
        cutoff_min=cutoff_min,
        spacing_m=spacing_m,
        capacity=capacity,
        time_limit_s=time_limit_s,
        faults=faults,
    )
    if candidates is not None:
        old = _offered(result, service)["facility"] if objective == "capacity" else ()
        check_candidates(candidates, taken={_EXISTING, *old}, faults=faults)
    faults.raise_if_any()
    streets = network or network_of(result)
    found = candidates
    if found is None:
        found = street_candidates(streets, result.inputs, spacing_m=spacing_m)
    places, must = allowed(found.geometry, forced, forbidden, faults)
    faults.raise_if_any()
    ask = _ask(result, streets, service, rule=rule, cutoff_min=cutoff_min, places=places, forced=must)
    if new is None:
        return _closed(ask, service, str(rule), time_limit_s=time_limit_s)
    if not len(must) <= new <= len(ask.places):
        values = {"found": new, "places": len(ask.places), "forced": len(must)}
        key = "propose-too-many" if new > len(ask.places) else "propose-too-many-forced"
        raise InputError(Fault(key, field="new", values=values))
    if objective == "capacity":
        room = capacity or float(assumptions_of(result).station_people[1])
        location, reach = _with_room(ask, service, new, room=room, time_limit_s=time_limit_s)
        farthest_min = ask.limit_min
    elif objective == "worst":
        location, reach, farthest_min = _least_worst(ask, new, time_limit_s=time_limit_s)
        left_out = float(ask.people.sum()) - location.people
    else:
        farthest_min = ask.limit_min * (_FARTHEST if objective == "distance" else 1.0)
        reach = ask.minutes_to(ask.places, farthest_min)
        location = locate(
            _costs(ask, reach, farthest_min),
            None,
            _MODEL[objective],
            new - len(must),
            cutoff=ask.limit_min if objective == "population" else None,
            fixed=[_EXISTING, *must],
            unserved=farthest_min,
            time_limit_s=time_limit_s,
        )
    sites, after = ranked(ask, service, ask.places.index[ask.places.index.isin(location.sites)], reach)
    gains = gain_by_community(ask, after)
    nobody = pd.Series(dtype="float64")
    return Proposals(
        sites,
        gains,
        location,
        location.bound,
        nobody,
        ask.limit_min,
        service,
        objective,
        farthest_min,
        left_out,
        len(must),
    )


def _ask(
    result: AssessedStudy,
    network: Network,
    service: str,
    *,
    rule: str | None,
    cutoff_min: float | None,
    places: gpd.GeoSeries,
    forced: tuple[Hashable, ...],
) -> SitingRequest:
    """The question, its limit in minutes of the run's own speed."""
    assumptions, known = assumptions_of(result), rule_of(result, rule)
    limit_min = float(cutoff_min or known.get("cutoff_min") or assumptions.circle_minutes)
    speed, weight = assumptions.walk_speed_kmh, "residents"
    if rule is not None:
        circle = circle_of(result, rule)
        speed = getattr(assumptions, circle.speed)
        cohort = str(circle.cohort)
        weight = cohort if cohort in result.inputs.demand.columns else "residents"
    if assumptions.mode == "walk":
        # whoever walks more slowly gets less far in the same time
        limit_min *= speed / result.travel.speed_kmh
    if not len(places):
        raise InputError(Fault("propose-no-candidates", field="candidates"))
    chosen = entrances(places.to_crs(result.inputs.crs), network)
    chosen.index = chosen.index.astype(object)
    services = (service, *(name for name in known.get("services", ()) if name != service))
    return SitingRequest(result, network, services, limit_min, weight, chosen, forced)


def _costs(
    ask: SitingRequest, reach: pd.DataFrame, farthest_min: float, rows: pd.Index | None = None
) -> Costs:
    """Minutes to every candidate and to the nearest facility there is: one site, open anyhow."""
    people = ask.people if rows is None else ask.people[rows]
    there = ask.before[people.index]
    there = there[there <= farthest_min]
    old = pd.DataFrame({"demand": there.index, "site": _EXISTING, "cost": there.to_numpy()})
    near = reach if rows is None else reach[reach["demand"].isin(rows)]
    table = pd.concat([part for part in (old, near) if len(part)] or [old], ignore_index=True)
    return read_costs(table, people, sites=pd.Index([_EXISTING, *ask.places.index], dtype=object))


def _least_worst(
    ask: SitingRequest, new: int, *, time_limit_s: float
) -> tuple[Location, pd.DataFrame, float]:
    """The least minutes of the farthest; looks ever farther until everybody is served who can be."""
    farthest_min, known = ask.limit_min * _FARTHEST, -1
    reach = ask.minutes_to(ask.places, farthest_min)
    while True:
        location = locate(
            _costs(ask, reach, farthest_min),
            None,
            "p-center",
            new - len(ask.forced),
            fixed=[_EXISTING, *ask.forced],
            unserved=farthest_min,
            time_limit_s=time_limit_s,
        )
        held = len(reach) + int((ask.before <= farthest_min).sum())
        if location.served >= location.people or held == known:
            break
        known = held
        farthest_min *= 2.0
        reach = ask.minutes_to(ask.places, farthest_min)
    if location.served >= location.people:
        return location, reach, farthest_min
    # some are reached by no site at all: the farthest of the others is made least
    reachable = pd.Index(reach["demand"].unique()).union(ask.before.index[np.isfinite(ask.before)])
    if len(reachable) == len(ask.people):
        return location, reach, farthest_min
    costs = _costs(ask, reach, farthest_min, ask.people.index[ask.people.index.isin(reachable)])
    location = locate(
        costs,
        None,
        "p-center",
        new - len(ask.forced),
        fixed=[_EXISTING, *ask.forced],
        unserved=farthest_min,
        time_limit_s=time_limit_s,
    )
    return location, reach, farthest_min


def _closed(ask: SitingRequest, service: str, rule: str, *, time_limit_s: float) -> Proposals:
    """As many sites as the short communities of a rule need."""
    findings = ask.judged.findings
    of_rule = (findings["rule"] == rule) & findings["level"].isin(COMMUNITY_LEVELS)
    short = findings[of_rule & (findings["status"] == "short")]
    deficit = short.groupby("code")["deficit"].max().astype("float64")
    missing = ~at_most(ask.before, ask.limit_min)
    wanting = ask.demand[missing & ask.demand["community"].isin(deficit.index)]
    reach = ask.minutes_to(ask.places, ask.limit_min)
    near = reach[at_most(reach["cost"], ask.limit_min) & reach["demand"].isin(wanting.index)]
    held = pd.Index(near.loc[near["site"].isin(ask.forced), "demand"].unique())
    gained = wanting.loc[held].groupby("community")[ask.weight].sum()
    deficit = deficit - gained.reindex(deficit.index, fill_value=0.0)
    deficit = deficit[deficit > 0]
    wanting = wanting.drop(index=held)
    near = near[near["demand"].isin(wanting.index) & ~near["site"].isin(ask.forced)]
    chosen = ask.places.index[ask.places.index.isin(ask.forced)]
    if len(wanting) and len(deficit):
        costs = read_costs(near, wanting[ask.weight], sites=ask.places.index)
        closing = close_deficits(costs, wanting["community"], deficit, time_limit_s=time_limit_s)
        chosen = chosen.append(ask.places.index[closing.is_open])
        bound, beyond = len(ask.forced) + closing.bound, closing.beyond
    else:
        bound, beyond = len(ask.forced), deficit
    sites, after = ranked(ask, service, chosen, reach)
    gains = gain_by_community(ask, after)
    return Proposals(
        sites,
        gains,
        None,
        float(bound),
        beyond,
        ask.limit_min,
        service,
        "rule",
        ask.limit_min,
        forced=len(ask.forced),
    )


def _with_room(
    ask: SitingRequest, service: str, new: int, *, room: float, time_limit_s: float
) -> tuple[Location, pd.DataFrame]:
    """The most people who find room, existing facilities filled as well as new ones."""
    inputs, reach = ask.judged.inputs, ask.minutes_to(ask.places, ask.limit_min)
    offered = _offered(ask.judged, service)
    entries = inputs.entries[inputs.entries["facility"].isin(offered["facility"])]
    old = ask.minutes_to(gpd.GeoSeries(entries.set_index("facility").geometry), ask.limit_min)
    old = old.groupby(["demand", "site"], as_index=False, sort=False)["cost"].min()
    existing = pd.Index(entries["facility"].unique(), dtype=object)
    table = pd.concat([part for part in (old, reach) if len(part)] or [reach], ignore_index=True)
    costs = read_costs(table, ask.people, sites=existing.append(ask.places.index))
    found = locate(
        costs,
        None,
        "mclp",
        new - len(ask.forced),
        room,
        cutoff=ask.limit_min,
        fixed=[*existing, *ask.forced],
        time_limit_s=time_limit_s,
    )
    return found, reach


def _offered(judged: AssessedStudy, service: str) -> gpd.GeoDataFrame:
    """Facilities open to the public that offer a service."""
    table = judged.inputs.facilities
    return table[table["public"] & (table["service"] == service)]
