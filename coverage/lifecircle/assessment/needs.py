"""What must be routed before plans can be judged: services, how far, and which facilities to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lifecircle.plans import (
    Adjacency,
    AnyRule,
    Plan,
    PopulationPerFacility,
    Report,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.study.assumptions import Assumptions

__all__ = ["NeededTravel", "limited_in_metres", "needed_travel", "services_judged"]

_METRES_PER_KMH_MINUTE = 1000.0 / 60.0


@dataclass(frozen=True)
class NeededTravel:
    """What the network is asked for.

    Attributes
    ----------
    services
        Services to find the nearest facility of, sorted.
    cutoff_m
        The longest limit of any circle, in metres: how far beyond the boundary streets, facilities and
        people must be read (`Assumptions.max_snap_m` comes on top).
    cutoff_m_by_service
        The longest limit under which each service is judged, metres; of services without a limit (the
        nearest station, however far) the time at which residents are listed as far from it.
    unlimited
        Services whose nearest facility counts however far it is: their search must not be cut off.
    neighbours
        Services of the facilities to walk from, services to walk to, and metres: for rules about
        neighbouring facilities.
    """

    services: tuple[str, ...]
    cutoff_m: float
    cutoff_m_by_service: Mapping[str, float]
    unlimited: frozenset[str]
    neighbours: tuple[tuple[tuple[str, ...], tuple[str, ...], float], ...]


def needed_travel(
    plans: Sequence[Plan], assumptions: Assumptions, *, fastest_kmh: float = 0.0
) -> NeededTravel:
    """What has to be routed for the rules of some plans.

    Parameters
    ----------
    plans
        The plans to be judged; without a circle, the study's own circle sets the cutoff.
    assumptions
        Speeds, and the limits and types that stand in where a clause names none.
    fastest_kmh
        The fastest profile of the study: groups that a rule names may walk as far as at this speed.
    """
    rules = [rule for plan in plans for rule in plan.rules]
    # the farthest of all rules that route to a service is its cutoff
    limits: dict[str, float] = {}
    for rule in rules:
        for service, metres in _limits(rule, assumptions):
            limits[service] = max(metres, limits.get(service, 0.0))
    for rule in rules:
        # a group's own speed may carry it farther in the same minutes
        if isinstance(rule, TravelTimeCircle | TypeCircle) and rule.walker:
            metres = _number(rule.minutes, assumptions) * fastest_kmh * _METRES_PER_KMH_MINUTE
            limits |= {name: max(metres, limits[name]) for name, _ in _limits(rule, assumptions)}
    # the study's own circle is drawn even where no plan asks for one
    circle_m = assumptions.circle_minutes * assumptions.pace_kmh() * _METRES_PER_KMH_MINUTE
    stations = (rule for rule in rules if isinstance(rule, PopulationPerFacility))
    pairs = (rule for rule in rules if isinstance(rule, Adjacency))
    return NeededTravel(
        services=tuple(sorted(limits)),
        cutoff_m=max([circle_m, *limits.values()]),
        cutoff_m_by_service=limits,
        unlimited=frozenset(name for rule in stations for name in _stations(rule, assumptions)),
        neighbours=tuple(
            dict.fromkeys((rule.services, rule.partners, _number(rule.metres, assumptions)) for rule in pairs)
        ),
    )


def limited_in_metres(plans: Sequence[Plan]) -> frozenset[str]:
    """Services that a rule wants within some metres of people, not minutes."""
    return frozenset(
        name
        for plan in plans
        for rule in plan.rules
        if isinstance(rule, TravelDistanceCircle | Report) and rule.unit == "m"
        for name in rule.services
    )


def services_judged(rule: AnyRule, assumptions: Assumptions) -> frozenset[str]:
    """Every service whose facilities or walks can change what a rule finds: those it names or assumes."""
    routed = (name for name, _ in _limits(rule, assumptions))
    return frozenset((*rule.all_services, *routed))


def _limits(rule: AnyRule, assumptions: Assumptions) -> Iterator[tuple[str, float]]:
    """Each service a rule routes to, with its limit in metres."""
    walk = assumptions.pace_kmh() * _METRES_PER_KMH_MINUTE
    if isinstance(rule, TravelTimeCircle):
        speed = assumptions.pace_kmh(rule.speed) * _METRES_PER_KMH_MINUTE
        yield from ((name, _number(rule.minutes, assumptions) * speed) for name in rule.services)
    elif isinstance(rule, TravelDistanceCircle):
        yield from ((name, _number(rule.metres, assumptions)) for name in rule.services)
    elif isinstance(rule, TypeCircle):
        metres = _number(rule.minutes, assumptions) * walk
        yield from ((name, metres) for name in _types(rule, assumptions))
    elif isinstance(rule, PopulationPerFacility):
        metres = assumptions.station_minutes * walk
        yield from ((name, metres) for name in _stations(rule, assumptions))
    elif isinstance(rule, Report):
        metres = _number(rule.limit, assumptions) * (walk if rule.unit == "min" else 1.0)
        yield from ((name, metres) for name in rule.services)


def _types(rule: TypeCircle, assumptions: Assumptions) -> Iterator[str]:
    """Every service of a circle of types."""
    groups = [*(assumptions.basic_types if isinstance(rule.types, str) else rule.types), *rule.also]
    groups += assumptions.quality_types if rule.tier == "quality" else ()
    for group in groups:
        yield from (group,) if isinstance(group, str) else group


def _stations(rule: PopulationPerFacility, assumptions: Assumptions) -> tuple[str, ...]:
    """Services whose facilities serve a catchment rule."""
    centres = assumptions.centre_counts_as_station and "health-station" in rule.services
    return (*rule.services, "health-centre") if centres else rule.services


def _number(limit: float | str, assumptions: Assumptions) -> float:
    """A limit of the clause, or the assumption that stands in for it."""
    return float(getattr(assumptions, limit)) if isinstance(limit, str) else limit
