"""Residents within a distance of a service along streets: a service radius."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import OF_CIRCLES, ServiceLimit
from lifecircle.plans.rule import Threshold

__all__ = ["TravelDistanceCircle"]


class TravelDistanceCircle(ServiceLimit):
    """Residents within a distance along streets of at least one of the services."""

    leans_on: ClassVar[tuple[str, ...]] = OF_CIRCLES
    usual: ClassVar[Mapping[str, str]] = {"comparator": "<=", "unit": "m"}

    kind: Literal["travel-distance-circle"]
    unit: Literal["m"]

    @property
    def metres(self) -> Threshold:
        """The limit in metres, or the assumption that holds it."""
        return self.limit
