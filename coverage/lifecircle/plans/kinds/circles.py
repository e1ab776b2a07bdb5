"""Circles of one service: residents within a time or a distance of it, judged or only reported."""

from __future__ import annotations

from typing import ClassVar, Literal

from lifecircle.plans.kinds.network import OF_CIRCLES, WithinLimit
from lifecircle.plans.rule import Services, Threshold

__all__ = ["Report", "TravelDistanceCircle", "TravelTimeCircle"]


class TravelTimeCircle(WithinLimit):
    """Residents within a time of at least one of the services.

    Attributes
    ----------
    services
        Any one of them will do.
    speed
        The assumption that turns minutes into metres.
    cohort
        Whose circle it is; where the study has no such cohort, all residents stand in for it.
    profile
        Who walks: ``wheelchair`` uses no steps; the study's ``[profiles]`` say how each group walks.
    """

    leans_on: ClassVar[tuple[str, ...]] = OF_CIRCLES

    kind: Literal["travel-time-circle"]
    unit: Literal["min"]
    services: Services
    speed: Literal["walk_speed_kmh", "elderly_speed_kmh"] = "walk_speed_kmh"
    cohort: Literal["over60", "under3"] | None = None
    profile: Literal["elderly", "child", "wheelchair"] | None = None

    @property
    def walker(self) -> str:
        """The group whose walks count: the one named, else older people if it is about them, else ``""``."""
        if self.profile is not None:
            return self.profile
        return "elderly" if self.speed == "elderly_speed_kmh" or self.cohort == "over60" else ""

    @property
    def minutes(self) -> Threshold:
        """The limit in minutes, or the assumption that holds it."""
        return self.limit

    def needs_columns(self) -> tuple[str, ...]:
        """Also the cohort's own column."""
        return (*super().needs_columns(), *((f"demand.{self.cohort}",) if self.cohort else ()))

    def _services(self) -> tuple[str, ...]:
        return self.services

    def _further_assumptions(self) -> tuple[str, ...]:
        return (self.speed,)


class TravelDistanceCircle(WithinLimit):
    """Residents within a distance along streets of at least one of the services."""

    leans_on: ClassVar[tuple[str, ...]] = OF_CIRCLES

    kind: Literal["travel-distance-circle"]
    unit: Literal["m"]
    services: Services

    @property
    def metres(self) -> Threshold:
        """The limit in metres, or the assumption that holds it."""
        return self.limit

    def _services(self) -> tuple[str, ...]:
        return self.services


class Report(WithinLimit):
    """How many people and facilities lie within a distance: a catchment to know, not a test to pass."""

    leans_on: ClassVar[tuple[str, ...]] = ("mode", "origin")

    kind: Literal["report"]
    unit: Literal["m", "min"]
    services: Services

    @property
    def reach(self) -> Threshold:
        """How far, in `unit`, or the assumption that says so."""
        return self.limit

    @property
    def is_report_only(self) -> bool:
        """Always: `target` is how far to look, not what to reach."""
        return True

    def _services(self) -> tuple[str, ...]:
        return self.services

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("walk_speed_kmh",) if self.unit == "min" else ()
