"""Residents within a time of a service: a circle drawn in minutes of walking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import OF_CIRCLES, ServiceLimit
from lifecircle.plans.rule import Threshold

__all__ = ["TravelTimeCircle"]


class TravelTimeCircle(ServiceLimit):
    """Residents within a time of at least one of the services.

    Attributes
    ----------
    speed
        The assumption that turns minutes into metres.
    cohort
        Whose circle it is; where the study has no such cohort, all residents stand in for it.
    """

    leans_on: ClassVar[tuple[str, ...]] = OF_CIRCLES
    usual: ClassVar[Mapping[str, str]] = {"comparator": "<=", "unit": "min"}

    kind: Literal["travel-time-circle"]
    unit: Literal["min"]
    speed: Literal["walk_speed_kmh", "elderly_speed_kmh"] = "walk_speed_kmh"
    cohort: Literal["over60", "under3"] | None = None

    @property
    def walker(self) -> str:
        """The group whose walks count: the one named, else older people if it is about them, else ``""``."""
        if self.profile is not None:
            return super().walker
        return "elderly" if self.speed == "elderly_speed_kmh" or self.cohort == "over60" else ""

    @property
    def minutes(self) -> Threshold:
        """The limit in minutes, or the assumption that holds it."""
        return self.limit

    def needs_columns(self) -> tuple[str, ...]:
        """Also the cohort's own column."""
        return (*super().needs_columns(), *((f"demand.{self.cohort}",) if self.cohort else ()))

    def _further_assumptions(self) -> tuple[str, ...]:
        return (self.speed,)
