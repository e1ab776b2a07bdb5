"""A request for sites: an assessed study, a service, a limit, and places to choose from."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import Fault, Faults, InputError, closest
from lifecircle.measures import at_most
from lifecircle.network import Network, Snaps
from lifecircle.plans import Plan, TravelTimeCircle
from lifecircle.services import catalogue, nearest
from lifecircle.siting.solvers.milp import check_time_limit
from lifecircle.study import Study
from lifecircle.tables import Inputs, TravelTimes, is_amount

__all__ = [
    "OBJECTIVES",
    "AssessedStudy",
    "SitingRequest",
    "check_amounts",
    "check_people",
    "check_request",
    "circle_walks",
    "equal_minutes",
    "time_circle",
]


class AssessedStudy(Protocol):
    """A study that was judged: a finished run, or a session's baseline or scenario."""

    @property
    def study(self) -> Study:
        """The study, with its assumptions."""

    @property
    def judged_by(self) -> tuple[Plan, ...]:
        """The plans it was judged by."""

    @property
    def inputs(self) -> Inputs:
        """What was read."""

    @property
    def network(self) -> Network:
        """The streets it was routed on."""

    @property
    def profile_networks(self) -> Mapping[str, Network]:
        """The streets of groups that cannot use all of them."""

    @property
    def travel(self) -> TravelTimes:
        """Walks to the nearest facilities."""

    @property
    def findings(self) -> pd.DataFrame:
        """`tables.FINDINGS`."""


@dataclass(frozen=True, eq=False)
class SitingRequest:
    """One request for sites.

    Attributes
    ----------
    network, travel : streets of those who walk, and their walks as things are
    services : those that stand in for one another; the first is to be sited
    limit_min : minutes that count as in reach, at the speed of `travel`
    weight : column of demand whose people count; ``weight`` where nobody knows how many there are
    places : candidates where they are entered, in the study's CRS, their index the ids
    forced : ids of candidates that open in any case
    """

    assessed: AssessedStudy
    network: Network
    travel: TravelTimes
    services: tuple[str, ...]
    limit_min: float
    weight: str
    places: gpd.GeoSeries
    forced: tuple[Hashable, ...] = ()

    @property
    def service(self) -> str:
        """The service to be sited."""
        return self.services[0]

    @cached_property
    def demand(self) -> gpd.GeoDataFrame:
        """Inhabited demand points of the study itself, indexed by id; unknown numbers of people are none."""
        table = self.assessed.inputs.demand
        people = table[self.weight].fillna(0.0)
        return table[table["inside"] & (people > 0)].assign(**{self.weight: people}).set_index("demand")

    @property
    def people(self) -> pd.Series:
        """Who counts at each demand point."""
        return self.demand[self.weight]

    @property
    def counts_people(self) -> bool:
        """Whether `people` are persons, and not the weights that stand in for them."""
        return self.weight != "weight"

    @property
    def basis(self) -> str:
        """What shares of `people` are shares of: ``residents``, else `tables.weight_basis`."""
        return "residents" if self.counts_people else self.assessed.inputs.share_basis

    @cached_property
    def before(self) -> pd.Series:
        """Minutes of each demand point to the nearest existing facility."""
        known = [name for name in self.services if name in self.travel.minutes.columns]
        return self.travel.minutes.loc[self.demand.index, known].min(axis=1)

    @property
    def covered(self) -> float:
        """People in reach of existing facilities."""
        return float(self.people[at_most(self.before, self.limit_min)].sum())

    @cached_property
    def origins(self) -> Snaps:
        """Demand points on the streets."""
        max_snap_m = self.assessed.study.assumptions.max_snap_m
        return self.network.snap(self.demand, max_snap_m=max_snap_m, anywhere=True)

    @cached_property
    def targets(self) -> Snaps:
        """Candidates on the streets."""
        return self.network.snap(self.places, max_snap_m=self.assessed.study.assumptions.max_snap_m)


def time_circle(plans: Sequence[Plan], rule: str | None) -> TravelTimeCircle | None:
    """The time circle with an id, as its plan states it; None where no plan has one."""
    rules = (one for plan in plans for one in plan.rules if one.id == rule)
    first = next(rules, None)
    return first if isinstance(first, TravelTimeCircle) else None


class CircleWalks(NamedTuple):
    """Whose walks a circle is about."""

    minutes: float
    """Its limit, at the speed that `travel` was routed at."""
    network: Network
    travel: TravelTimes
    """With the minutes that the walkers' own come to at that speed."""
    speed_kmh: float
    """How fast they walk."""


def circle_walks(
    assessed: AssessedStudy,
    circle: TravelTimeCircle,
    *,
    network: Network | None = None,
    minutes: float | None = None,
) -> CircleWalks:
    """The walks that a time circle is about: everybody's, or those of the group that it names.

    A group that can use every street walks everybody's ways at its own speed.

    Parameters
    ----------
    assessed, circle
        The study, and the circle as its plan states it.
    network
        Streets to walk on in place of the study's.
    minutes
        The limit in place of the circle's.
    """
    assumptions, travel = assessed.study.assumptions, assessed.travel
    streets = assessed.network if network is None else network
    limit = circle.minutes
    if minutes is None:
        minutes = float(getattr(assumptions, limit)) if isinstance(limit, str) else limit
    if assumptions.mode != "walk":
        return CircleWalks(minutes, streets, travel, travel.speed_kmh)
    speed = float(getattr(assumptions, circle.speed))
    group = travel.profiles.get(circle.walker)
    if group is not None:
        speed = assumptions.elderly_speed_kmh if circle.walker == "elderly" else group.speed_kmh
    if group is not None and streets is assessed.network and circle.walker in assessed.profile_networks:
        streets, travel = assessed.profile_networks[circle.walker], group
    # whoever walks more slowly gets less far in the same time, and waits as long at an entrance
    own = dataclasses.replace(travel, minutes=equal_minutes(travel, speed)) if travel.at_speeds else travel
    return CircleWalks(minutes * speed / travel.speed_kmh, streets, own, speed)


def equal_minutes(travel: TravelTimes, speed_kmh: float) -> pd.DataFrame:
    """Minutes at a speed, as many as whoever walks at the speed of the routing walks as far in."""
    if speed_kmh == travel.speed_kmh:
        return travel.minutes
    return travel.minutes_at(speed_kmh) * (speed_kmh / travel.speed_kmh)


OBJECTIVES: Final = ("population", "distance", "worst", "capacity")


def check_request(
    plans: Sequence[Plan],
    routed: Sequence[str],
    *,
    service: str,
    new: int | None,
    rule: str | None,
    objective: str,
) -> None:
    """Check that the arguments name things of a study, its plans and services, and go together.

    Raises
    ------
    InputError
        With everything wrong with them.
    """
    faults = Faults()
    circle = time_circle(plans, rule)
    if service not in routed:
        listed = ", ".join(routed)
        values = {"found": service, "routed": listed, "nearest": nearest(service, routed) or listed}
        known = service in catalogue()
        faults.add(Fault("propose-service" if known else "unknown-service", field="service", values=values))
    if objective not in OBJECTIVES:
        values = {"found": objective, "valid": ", ".join(OBJECTIVES)}
        faults.add(Fault("propose-objective", field="objective", values=values))
    if (new is None) == (rule is None):
        faults.add(Fault("propose-new-or-rule", field="new,rule"))
    if new is not None and (isinstance(new, bool) or not isinstance(new, int | np.integer) or new < 1):
        faults.add(Fault("propose-new", field="new", values={"found": new}))
    if rule is not None and circle is None:
        circles = [
            one.id
            for plan in plans
            for one in plan.rules
            if isinstance(one, TravelTimeCircle) and (service not in routed or service in one.services)
        ]
        values = {"found": rule, "nearest": _nearest(rule, circles) or "-"}
        faults.add(Fault("propose-rule", field="rule", values=values))
    elif circle is not None and service not in circle.services:
        values = {"rule": circle.id, "service": service, "valid": ", ".join(circle.services)}
        faults.add(Fault("propose-rule-service", field="service", values=values))
    faults.raise_if_any()


def check_people(objective: str, *, known: bool) -> None:
    """Check that an objective that counts persons finds some; the others weigh what stands in for them.

    Raises
    ------
    InputError
        If it asks for room and nobody knows how many people there are.
    """
    if objective == "capacity" and not known:
        raise InputError(Fault("propose-room-for-nobody", field="objective"))


def check_amounts(
    *,
    cutoff_min: float | None,
    spacing_m: float,
    capacity: float | None,
    time_limit_s: float,
    faults: Faults,
) -> None:
    """Check that limits, spacing and capacity are numbers above 0."""
    amounts = {"cutoff_min": cutoff_min, "spacing_m": spacing_m, "capacity": capacity}
    for field, given in amounts.items():
        if (given is not None or field == "spacing_m") and not (is_amount(given) and given):
            faults.add(Fault("propose-amount", field=field, values={"found": given}))
    check_time_limit(time_limit_s, faults)


def _nearest(name: str, names: Sequence[str]) -> str:
    """The three names most like one, ready to read."""
    return ", ".join(closest(name, names, n=3, cutoff=0.0))
