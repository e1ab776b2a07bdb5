"""Catchments: one facility for so many people, or for so many committees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import NetworkRule, require_comparator, require_number
from lifecircle.plans.rule import Services, require
from lifecircle.plans.vocabulary import Comparator, PeopleMeasure

__all__ = ["PopulationPerFacility"]


class PopulationPerFacility(NetworkRule):
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

    comparators: ClassVar[tuple[Comparator, ...]] = ("<=", "range")

    usual: ClassVar[Mapping[str, str]] = {"comparator": "<="}

    kind: Literal["population-per-facility"]
    unit: Literal["persons/facility"]
    services: Services
    committees_min: int | None = Field(default=None, gt=0)
    committees_max: int | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _between_two_numbers(cls, value: Any) -> Any:
        """With two numbers it is a range."""
        ranged = isinstance(value, Mapping) and "target_max" in value and "comparator" not in value
        return {**value, "comparator": "range"} if ranged else value

    @model_validator(mode="after")
    def _is_a_range(self) -> PopulationPerFacility:
        require_comparator(self, "plan-catchment-comparator")
        require_number(self)
        require(self.target != 0, "plan-negative-target", found=self.target)
        bounds = self.committees_min, self.committees_max
        fits = bounds == (None, None) or (None not in bounds and bounds[0] <= bounds[1])  # type: ignore[operator]
        require(fits, "plan-range-broken")
        return self

    @property
    def people(self) -> PeopleMeasure:
        """Those above what a facility may serve."""
        return "above-capacity"

    @property
    def our_thresholds(self) -> tuple[str, ...]:
        """None: people and committees are the clause's own, and the nearest station has no limit."""
        return ()

    def _services(self) -> tuple[str, ...]:
        return self.services
