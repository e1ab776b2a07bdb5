"""People and facilities within a distance, told without a verdict."""

from __future__ import annotations

from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import ServiceLimit

__all__ = ["Report"]


class Report(ServiceLimit):
    """How many people and facilities lie within a distance: a catchment to know, not a test to pass."""

    leans_on: ClassVar[tuple[str, ...]] = ("mode", "origin")

    kind: Literal["report"]
    unit: Literal["m", "min"]

    @property
    def is_report_only(self) -> bool:
        """Always: `target` is how far to look, not what to reach."""
        return True

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("walk_speed_kmh",) if self.unit == "min" else ()
