"""Proposals for a study: where new facilities of a service should go, and what they change."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from lifecircle import messages
from lifecircle.errors import Fault, Faults
from lifecircle.measures import at_most
from lifecircle.network import Network, build_network, pairs
from lifecircle.plans import TravelTimeCircle, find_plans
from lifecircle.siting.candidates import street_candidates
from lifecircle.siting.choosing import Model, locate
from lifecircle.siting.closing import close_deficits
from lifecircle.siting.gains import gain_by_community, ranked
from lifecircle.siting.location import Location
from lifecircle.study import Assumptions
from lifecircle.tables import Results, read_costs

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


@dataclass(frozen=True, eq=False)
class Proposals:
    """Proposed sites and what they change.

    Attributes
    ----------
    sites : proposal, service, rank, gain (people newly in reach, in the order of rank), geometry
    communities : per community, before and after: residents, covered_before, covered_after, gain; those
        that gain most first
    location : the answer of the model; None where deficits were to be closed
    bound : no fewer sites close the deficits; otherwise `Location.bound`
    beyond : communities whose deficit no site can close, with the people missing
    cutoff_min : the walking time that counts as in reach
    service : what is to be sited
    """

    sites: gpd.GeoDataFrame
    communities: pd.DataFrame
    location: Location | None
    bound: float
    beyond: pd.Series
    cutoff_min: float
    service: str

    @property
    def name(self) -> str:
        """What the proposals are called as a scenario."""
        return f"{self.service} +{len(self.sites)}"

    def render(self, lang: str = "en") -> str:
        """What the proposals achieve, and what proves that it is the most."""
        if self.location is not None:
            return self.location.render(lang)
        values = {"sites": len(self.sites), "bound": f"{self.bound:.0f}", "beyond": len(self.beyond)}
        return messages.text("siting.closing", lang, **values)


def propose_sites(
    result: Results,
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
) -> Proposals:
    """Propose sites for further facilities of a service; those that exist stay.

    Parameters
    ----------
    result
        A finished run.
    service
        A service that the run routed to.
    new
        How many; None with `rule`: as many as close its deficits.
    objective
        ``population``: the most people within the cutoff; ``distance``: the least person-minutes;
        ``worst``: the least minutes of the farthest; ``capacity``: the most people who find room within
        the cutoff, people shared out among existing and new facilities.
    rule
        Id of a circle rule whose short communities are to be met.
    cutoff_min
        Walking time in minutes; that of `rule`, else the study's ``circle_minutes``.
    candidates
        Points in any CRS, their index the ids of the proposals; street places every `spacing_m` if None.
    spacing_m
        Side of the grid of which each cell offers one street place, metres.
    capacity
        People a facility may serve; the upper end of the study's ``station_people`` if None.
    time_limit_s
        For the proof.
    network
        The run's network, if it is at hand; built from the run's streets if None.

    Returns
    -------
    Proposals

    Raises
    ------
    InputError
        With everything wrong with the arguments.
    """
    known = _rule(result, rule)
    _check(result, service, new, objective, rule, known)
    limit_min = float(cutoff_min or known.get("cutoff_min") or _assumptions(result).circle_minutes)
    streets = network or _network(result)
    places = (
        street_candidates(streets, result.inputs, spacing_m=spacing_m) if candidates is None else candidates
    )
    places = places.geometry.to_crs(result.inputs.crs)
    if not len(places):
        faults = Faults()
        faults.add(Fault("propose-no-candidates", field="candidates"))
        faults.raise_if_any()
    places.index = places.index.astype(object)
    demand = _demand(result)
    names = [name for name in known.get("services", (service,)) if name in result.travel.minutes.columns]
    before = result.travel.minutes.loc[demand.index, names].min(axis=1)
    farthest_min = limit_min * (_FARTHEST if objective in {"distance", "worst"} else 1.0)
    reach = _minutes_to(streets, result, places, farthest_min)
    if new is None:
        return _closed(
            result, service, str(rule), reach, before, places, limit_min=limit_min, time_limit_s=time_limit_s
        )
    if objective == "capacity":
        location = _with_room(
            streets, result, service, reach, places, new,
            limit_min=limit_min, capacity=capacity, time_limit_s=time_limit_s,
        )  # fmt: skip
    else:
        # Of all that exists only the nearest matters: it is one site that is open anyhow.
        there = before[before <= farthest_min]
        old = pd.DataFrame({"demand": there.index, "site": _EXISTING, "cost": there.to_numpy()})
        sites = pd.Index([_EXISTING, *places.index], dtype=object)
        table = pd.concat([old, reach], ignore_index=True)
        costs = read_costs(
            table, demand["residents"], sites=pd.Index([_EXISTING, *places.index], dtype=object)
        )
        location = locate(
            costs,
            None,
            _MODEL[objective],
            new,
            cutoff=limit_min if objective == "population" else None,
            fixed=[_EXISTING],
            unserved=farthest_min,
            time_limit_s=time_limit_s,
        )
    sites, after = ranked(service, location.new_sites, reach, demand, before, places, limit_min)
    gains = gain_by_community(demand, before, after, limit_min)
    nobody = pd.Series(dtype="float64")
    return Proposals(sites, gains, location, location.bound, nobody, limit_min, service)


def _closed(  # noqa: PLR0917
    result: Results, service: str, rule: str, reach: pd.DataFrame, before: pd.Series, places: gpd.GeoSeries,
    *, limit_min: float, time_limit_s: float,
) -> Proposals:  # fmt: skip
    """As many sites as the short communities of a rule need."""
    demand, assumptions = _demand(result), _assumptions(result)
    circle = _circle(result, rule)
    # Minutes are at walking speed; whoever walks more slowly gets less far in the same time.
    limit_min *= getattr(assumptions, circle.speed) / assumptions.walk_speed_kmh
    weight = circle.cohort if circle.cohort in demand.columns else "residents"
    findings = result.findings
    of_rule = (findings["rule"] == rule) & findings["level"].isin(["community", "village"])
    short = findings[of_rule & (findings["status"] == "short")]
    deficit = short.groupby("code")["deficit"].max().astype("float64")
    missing = ~at_most(before, limit_min)
    wanting = demand[missing & demand["community"].isin(deficit.index)]
    near = reach[at_most(reach["cost"], limit_min) & reach["demand"].isin(wanting.index)]
    costs = read_costs(near, wanting[weight].fillna(0.0), sites=places.index) if len(wanting) else None
    if costs is None or deficit.empty:
        chosen, bound, beyond = places.index[:0], 0, deficit
    else:
        closing = close_deficits(costs, wanting["community"], deficit, time_limit_s=time_limit_s)
        chosen, bound, beyond = places.index[closing.is_open], closing.bound, closing.beyond
    sites, after = ranked(service, chosen, reach, demand, before, places, limit_min)
    gains = gain_by_community(demand, before, after, limit_min)
    return Proposals(sites, gains, None, float(bound), beyond, limit_min, service)


def _with_room(  # noqa: PLR0917
    network: Network, result: Results, service: str, reach: pd.DataFrame, places: gpd.GeoSeries, new: int,
    *, limit_min: float, capacity: float | None, time_limit_s: float,
) -> Location:  # fmt: skip
    """The most people who find room, existing facilities filled as well as new ones."""
    inputs = result.inputs
    offered = inputs.facilities[inputs.facilities["public"] & (inputs.facilities["service"] == service)]
    entries = inputs.entries[inputs.entries["facility"].isin(offered["facility"])]
    old = _minutes_to(network, result, gpd.GeoSeries(entries.set_index("facility").geometry), limit_min)
    old = old.groupby(["demand", "site"], as_index=False, sort=False)["cost"].min()
    existing = pd.Index(entries["facility"].unique(), dtype=object)
    table = pd.concat([old, reach], ignore_index=True)
    costs = read_costs(
        table, _demand(result)["residents"], sites=existing.append(places.index.astype(object))
    )
    room = capacity or float(_assumptions(result).station_people[1])
    return locate(costs, None, "mclp", new, room, cutoff=limit_min, fixed=existing, time_limit_s=time_limit_s)


def _assumptions(result: Results) -> Assumptions:
    """The assumptions of the run."""
    return Assumptions.model_validate(dict(result.assumptions))


def _demand(result: Results) -> gpd.GeoDataFrame:
    """Inhabited demand points of the study itself, indexed by id."""
    demand = result.inputs.demand
    return demand[demand["inside"] & (demand["residents"] > 0)].set_index("demand")


def _minutes_to(network: Network, result: Results, places: gpd.GeoSeries, most_min: float) -> pd.DataFrame:
    """Minutes from every demand point to every place within a limit: demand, site, cost."""
    demand = _demand(result)
    farthest_m = _assumptions(result).max_snap_m
    origins = network.snap(demand, max_snap_m=farthest_m)
    targets = network.snap(places, max_snap_m=farthest_m)
    row, site, cost = pairs(
        network, origins, targets, max_cost=int(most_min * (1.0 + 1e-9) / network.minutes_per_cost)
    )
    minutes = cost * network.minutes_per_cost
    return pd.DataFrame({"demand": demand.index[row], "site": places.index[site], "cost": minutes})


def _network(result: Results) -> Network:
    """The network of a run, built again from its streets."""
    return build_network(
        result.inputs.streets,
        crs=result.inputs.crs,
        speed_kmh=result.travel.speed_kmh,
        min_component_m=_assumptions(result).min_component_m,
    )


def _rule(result: Results, rule: str | None) -> dict[str, Any]:
    """What is known of a rule of the run; empty where none is named or there is no such rule."""
    return next((dict(plan["rules"][rule]) for plan in result.plans if rule in plan["rules"]), {})


def _circle(result: Results, rule: str) -> TravelTimeCircle:
    """The rule as its plan states it: whose circle it is, and at what speed."""
    settings: Any = result.settings
    plans = find_plans(tuple(settings["study"]["plans"]))
    return next(
        one for plan in plans for one in plan.rules if one.id == rule and isinstance(one, TravelTimeCircle)
    )


def _check(  # noqa: PLR0917
    result: Results, service: str, new: int | None, objective: str, rule: str | None, known: dict[str, Any]
) -> None:
    """The arguments name things of the run and go together."""
    faults = Faults()
    routed = list(result.travel.minutes.columns)
    if service not in routed:
        nearest = difflib.get_close_matches(service, routed, n=1) or routed[:1]
        values = {"found": service, "nearest": ", ".join(nearest)}
        faults.add(Fault("propose-service", field="service", values=values))
    if objective not in _MODEL:
        faults.add(
            Fault(
                "propose-objective",
                field="objective",
                values={"found": objective, "valid": ", ".join(_MODEL)},
            )
        )
    if (new is None) == (rule is None):
        faults.add(Fault("propose-new-or-rule", field="new"))
    if rule is not None and known.get("kind") != "travel-time-circle":
        faults.add(Fault("propose-rule", field="rule", values={"found": rule}))
    if rule is not None and known and service not in known["services"]:
        values = {"rule": rule, "service": service, "valid": ", ".join(known["services"])}
        faults.add(Fault("propose-rule-service", field="service", values=values))
    faults.raise_if_any()
