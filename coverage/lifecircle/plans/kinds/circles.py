"""Kinds of rule that are answered on the street network: circles, catchments, neighbours."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from lifecircle.plans.rule import Rule, ServiceId, Services, Threshold, groups_or_assumption, require

__all__ = [
    "Adjacency",
    "PopulationPerFacility",
    "Report",
    "TravelDistanceCircle",
    "TravelTimeCircle",
    "TypeCircle",
]

_OF_CIRCLES = ("mode", "covered_share", "origin")
_NETWORK_LAYERS = ("streets", "demand", "facilities")


class _NetworkRule(Rule):
    """A rule that needs streets and people."""

    def needs_layers(self) -> tuple[str, ...]:
        """Also streets and people."""
        return tuple(dict.fromkeys((*super().needs_layers(), *_NETWORK_LAYERS)))


class TravelTimeCircle(_NetworkRule):
    """Residents within a time of at least one of the services.

    Attributes
    ----------
    services
        Any one of them will do.
    speed
        The assumption that turns minutes into metres.
    cohort
        Whose circle it is; where the study has no such cohort, all residents stand in for it.
    """

    leans_on: ClassVar[tuple[str, ...]] = _OF_CIRCLES

    kind: Literal["travel-time-circle"]
    unit: Literal["min"]
    services: Services
    speed: Literal["walk_speed_kmh", "elderly_speed_kmh"] = "walk_speed_kmh"
    cohort: Literal["over60", "under3"] | None = None

    @model_validator(mode="after")
    def _is_a_limit(self) -> TravelTimeCircle:
        require(self.comparator == "<=", "plan-circle-comparator", kind=self.kind, found=self.comparator)
        return self

    @property
    def minutes(self) -> Threshold:
        """The limit in minutes, or the assumption that holds it."""
        return _limit(self)

    def needs_columns(self) -> tuple[str, ...]:
        """Also the cohort's own column."""
        return (*super().needs_columns(), *((f"demand.{self.cohort}",) if self.cohort else ()))

    def _services(self) -> tuple[str, ...]:
        return self.services

    def _further_assumptions(self) -> tuple[str, ...]:
        return (self.speed,)


class TravelDistanceCircle(_NetworkRule):
    """Residents within a distance along streets of at least one of the services."""

    leans_on: ClassVar[tuple[str, ...]] = _OF_CIRCLES

    kind: Literal["travel-distance-circle"]
    unit: Literal["m"]
    services: Services

    @model_validator(mode="after")
    def _is_a_limit(self) -> TravelDistanceCircle:
        require(self.comparator == "<=", "plan-circle-comparator", kind=self.kind, found=self.comparator)
        return self

    @property
    def metres(self) -> Threshold:
        """The limit in metres, or the assumption that holds it."""
        return _limit(self)

    def _services(self) -> tuple[str, ...]:
        return self.services


class TypeCircle(_NetworkRule):
    """Residents within a time of every required type of service (the convenience circle).

    The clause either sets the circle's minutes (`unit` is ``min``) or how many circles there must be
    (`unit` is ``circles``; `circle_minutes` then says how large one is).

    Attributes
    ----------
    tier
        ``basic``: the required types. ``quality``: those, and as many quality-improving types as
        the assumption ``quality_types_needed`` says.
    types
        Required groups; one service of a group is enough. Or ``basic_types``, the assumption.
    also
        Services required beside the types.
    """

    leans_on: ClassVar[tuple[str, ...]] = (*_OF_CIRCLES, "walk_speed_kmh")

    kind: Literal["type-circle"]
    unit: Literal["min", "circles"]
    tier: Literal["basic", "quality"]
    types: Annotated[tuple[Services, ...] | Literal["basic_types"], BeforeValidator(groups_or_assumption)] = (
        "basic_types"
    )
    also: tuple[ServiceId, ...] = ()
    circle_minutes: Threshold | None = None

    @model_validator(mode="after")
    def _has_minutes_once(self) -> TypeCircle:
        wanted = self.unit == "circles"
        require((self.circle_minutes is not None) == wanted, "plan-circle-minutes", unit=self.unit)
        allowed = {"min": ("<=",), "circles": (">=", ">", "=")}[self.unit]
        require(self.comparator in allowed, "plan-circle-comparator", kind=self.kind, found=self.comparator)
        return self

    @property
    def minutes(self) -> Threshold:
        """The circle's limit in minutes, or the assumption that holds it."""
        return _limit(self) if self.circle_minutes is None else self.circle_minutes

    def _services(self) -> tuple[str, ...]:
        named = () if isinstance(self.types, str) else tuple(name for group in self.types for name in group)
        return (*named, *self.also)

    def _further_assumptions(self) -> tuple[str, ...]:
        types = ("basic_types",) if self.types == "basic_types" else ()
        quality = ("quality_types", "quality_types_needed") if self.tier == "quality" else ()
        limit = (self.circle_minutes,) if isinstance(self.circle_minutes, str) else ()
        return (*types, *quality, *limit)


class PopulationPerFacility(_NetworkRule):
    """One facility for so many people, or for so many committees, each served by its nearest one.

    `target` to `target_max` persons; `committees_min` to `committees_max` is the clause's alternative.
    """

    leans_on: ClassVar[tuple[str, ...]] = (
        "mode",
        "walk_speed_kmh",
        "origin",
        "station_people",
        "station_minutes",
        "centre_counts_as_station",
    )

    kind: Literal["population-per-facility"]
    unit: Literal["persons/facility"]
    services: Services
    committees_min: int | None = Field(default=None, gt=0)
    committees_max: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _is_a_range(self) -> PopulationPerFacility:
        require(self.comparator in {"range", "<="}, "plan-catchment-comparator", found=self.comparator)
        require(isinstance(self.target, float), "plan-target-not-a-number", found=str(self.target))
        bounds = self.committees_min, self.committees_max
        fits = bounds == (None, None) or (None not in bounds and bounds[0] <= bounds[1])  # type: ignore[operator]
        require(fits, "plan-range-broken")
        return self

    def _services(self) -> tuple[str, ...]:
        return self.services


class Adjacency(_NetworkRule):
    """Every facility of one service has one of another near, or at the same place (``= 0``)."""

    leans_on: ClassVar[tuple[str, ...]] = ("mode",)

    kind: Literal["adjacency"]
    unit: Literal["m"]
    services: Services
    """Whose surroundings are judged."""
    partners: Services
    """Any one of these must be near."""

    @model_validator(mode="after")
    def _is_a_limit(self) -> Adjacency:
        same_place = self.comparator == "=" and self.target == 0
        require(
            same_place or self.comparator == "<=",
            "plan-circle-comparator",
            kind=self.kind,
            found=self.comparator,
        )
        return self

    @property
    def metres(self) -> Threshold:
        """The limit in metres, or the assumption that holds it."""
        return _limit(self)

    def needs_layers(self) -> tuple[str, ...]:
        """Streets and facilities: people do not come into it."""
        return ("streets", "facilities")

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *self.partners)


class Report(_NetworkRule):
    """How many people and facilities lie within a distance: a catchment to know, not a test to pass."""

    leans_on: ClassVar[tuple[str, ...]] = ("mode", "origin")

    kind: Literal["report"]
    unit: Literal["m", "min"]
    services: Services

    @model_validator(mode="after")
    def _is_a_limit(self) -> Report:
        require(self.comparator == "<=", "plan-circle-comparator", kind=self.kind, found=self.comparator)
        return self

    @property
    def reach(self) -> Threshold:
        """How far, in `unit`, or the assumption that says so."""
        return _limit(self)

    @property
    def is_report_only(self) -> bool:
        """Always: `target` is how far to look, not what to reach."""
        return True

    def _services(self) -> tuple[str, ...]:
        return self.services

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("walk_speed_kmh",) if self.unit == "min" else ()


def _limit(rule: Rule) -> Threshold:
    """The clause's limit, which a circle always has."""
    if rule.target is None:
        raise ValueError(rule.id)
    return rule.target
