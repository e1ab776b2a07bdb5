"""What a proposal is asked for: a judged study, a service, a limit, and places to choose from."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import Fault, Faults
from lifecircle.network import Network, Snaps, build_network, pairs
from lifecircle.plans import TravelTimeCircle, find_plans
from lifecircle.siting.solvers.milp import check_time_limit
from lifecircle.study import Assumptions
from lifecircle.tables import Inputs, TravelTimes, is_amount

__all__ = [
    "AssessedStudy",
    "SitingRequest",
    "assumptions_of",
    "check_amounts",
    "check_ask",
    "circle_of",
    "network_of",
    "rule_of",
]


class AssessedStudy(Protocol):
    """A study that was judged: a finished run, or what a session says of the present or of a scenario."""

    @property
    def inputs(self) -> Inputs:
        """What was read."""

    @property
    def travel(self) -> TravelTimes:
        """Walks to the nearest facilities."""

    @property
    def findings(self) -> pd.DataFrame:
        """What was found."""

    @property
    def plans(self) -> tuple[Mapping[str, Any], ...]:
        """What outputs say of the plans."""

    @property
    def assumptions(self) -> Mapping[str, object]:
        """The assumptions it was judged under."""

    @property
    def settings(self) -> Mapping[str, object]:
        """The study as it was asked for."""


@dataclass(frozen=True, eq=False)
class SitingRequest:
    """One question about sites.

    Attributes
    ----------
    services : those that stand in for one another; the first is to be sited
    limit_min : minutes that count as in reach, at the speed the run routed at
    weight : column of demand whose people count
    places : candidates, in the study's CRS, their index the ids
    forced : ids of candidates that open in any case
    """

    judged: AssessedStudy
    network: Network
    services: tuple[str, ...]
    limit_min: float
    weight: str
    places: gpd.GeoSeries
    forced: tuple[Hashable, ...] = ()

    @cached_property
    def demand(self) -> gpd.GeoDataFrame:
        """Inhabited demand points of the study itself, indexed by id, nobody's number unknown."""
        table = self.judged.inputs.demand
        people = table[self.weight].fillna(0.0)
        return table[table["inside"] & (people > 0)].assign(**{self.weight: people}).set_index("demand")

    @property
    def people(self) -> pd.Series:
        """Who counts at each demand point."""
        return self.demand[self.weight]

    @cached_property
    def before(self) -> pd.Series:
        """Minutes of each demand point to the nearest facility there is."""
        known = [name for name in self.services if name in self.judged.travel.minutes.columns]
        return self.judged.travel.minutes.loc[self.demand.index, known].min(axis=1)

    @cached_property
    def origins(self) -> Snaps:
        """Demand points on the streets."""
        return self.network.snap(self.demand, max_snap_m=assumptions_of(self.judged).max_snap_m)

    def minutes_to(self, places: gpd.GeoSeries, most_min: float) -> pd.DataFrame:
        """Minutes from every demand point to every place within a limit: demand, site, cost."""
        targets = self.network.snap(places, max_snap_m=assumptions_of(self.judged).max_snap_m)
        per_cost = self.network.minutes_per_cost
        row, site, cost = pairs(
            self.network, self.origins, targets, max_cost=int(most_min * (1.0 + 1e-9) / per_cost)
        )
        return pd.DataFrame(
            {"demand": self.demand.index[row], "site": places.index[site], "cost": cost * per_cost}
        )


def assumptions_of(judged: AssessedStudy) -> Assumptions:
    """The assumptions of a run."""
    return Assumptions.model_validate(dict(judged.assumptions))


def network_of(judged: AssessedStudy) -> Network:
    """The network of a run, built again from its streets."""
    return build_network(
        judged.inputs.streets,
        crs=judged.inputs.crs,
        speed_kmh=judged.travel.speed_kmh,
        min_component_m=assumptions_of(judged).min_component_m,
    )


def rule_of(judged: AssessedStudy, rule: str | None) -> dict[str, Any]:
    """What is known of a rule of the run; empty where none is named or there is no such rule."""
    return next((dict(plan["rules"][rule]) for plan in judged.plans if rule in plan["rules"]), {})


def circle_of(judged: AssessedStudy, rule: str) -> TravelTimeCircle:
    """The rule as its plan states it: whose circle it is, and at what speed."""
    settings: Any = judged.settings
    plans = find_plans(tuple(settings["study"]["plans"]))
    return next(
        one for plan in plans for one in plan.rules if one.id == rule and isinstance(one, TravelTimeCircle)
    )


def check_ask(
    judged: AssessedStudy,
    *,
    service: str,
    new: int | None,
    rule: str | None,
    objective: str,
    objectives: Collection[str],
) -> None:
    """The arguments name things of the run and go together.

    Raises
    ------
    InputError
        With everything wrong with them.
    """
    faults = Faults()
    routed = [str(name) for name in judged.travel.minutes.columns]
    known = rule_of(judged, rule)
    if service not in routed:
        values = {"found": service, "nearest": _nearest(service, routed)}
        faults.add(Fault("propose-service", field="service", values=values))
    if objective not in objectives:
        values = {"found": objective, "valid": ", ".join(objectives)}
        faults.add(Fault("propose-objective", field="objective", values=values))
    if (new is None) == (rule is None):
        faults.add(Fault("propose-new-or-rule", field="new"))
    if new is not None and (isinstance(new, bool) or not isinstance(new, int | np.integer) or new < 1):
        faults.add(Fault("propose-new", field="new", values={"found": new}))
    if rule is not None and known.get("kind") != "travel-time-circle":
        circles = [
            name
            for plan in judged.plans
            for name, about in plan["rules"].items()
            if about["kind"] == "travel-time-circle"
            and (service not in routed or service in about["services"])
        ]
        values = {"found": rule, "nearest": _nearest(rule, circles) or "-"}
        faults.add(Fault("propose-rule", field="rule", values=values))
    elif rule is not None and service not in known["services"]:
        values = {"rule": rule, "service": service, "valid": ", ".join(known["services"])}
        faults.add(Fault("propose-rule-service", field="service", values=values))
    faults.raise_if_any()


def check_amounts(
    *,
    cutoff_min: float | None,
    spacing_m: float,
    capacity: float | None,
    time_limit_s: float,
    faults: Faults,
) -> None:
    """Limits, spacing and capacity are numbers above 0."""
    amounts = {"cutoff_min": cutoff_min, "spacing_m": spacing_m, "capacity": capacity}
    for field, given in amounts.items():
        if (given is not None or field == "spacing_m") and not (is_amount(given) and given):
            faults.add(Fault("propose-amount", field=field, values={"found": given}))
    check_time_limit(time_limit_s, faults)


def _nearest(name: str, names: Sequence[str]) -> str:
    """The few names most like one, ready to read."""
    return ", ".join(difflib.get_close_matches(str(name), names, n=3, cutoff=0.0))
