"""Neighbours: facilities of one service that must have one of another near."""

from __future__ import annotations

from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import WithinLimit
from lifecircle.plans.rule import Services, Threshold
from lifecircle.plans.vocabulary import Comparator, PeopleMeasure

__all__ = ["Adjacency"]


class Adjacency(WithinLimit):
    """Every facility of one service has one of another near, or at the same place (``= 0``)."""

    leans_on: ClassVar[tuple[str, ...]] = ("mode",)
    comparators: ClassVar[tuple[Comparator, ...]] = ("<=", "=")

    kind: Literal["adjacency"]
    unit: Literal["m"]
    services: Services
    """Whose surroundings are judged."""
    partners: Services
    """Any one of these must be near."""

    @property
    def at_the_same_place(self) -> bool:
        """Whether the partner must stand at the same place, not merely near."""
        return self.comparator == "=" and self.target == 0

    def _limits(self) -> bool:
        return self.at_the_same_place or super()._limits()

    @property
    def metres(self) -> Threshold:
        """The limit in metres, or the assumption that holds it."""
        return self.limit

    def needs_layers(self) -> tuple[str, ...]:
        """Streets and facilities: people do not come into it."""
        return ("streets", "facilities")

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *self.partners)

    @property
    def people(self) -> PeopleMeasure:
        """Facilities are judged, not who lives near them."""
        return "nobody"
