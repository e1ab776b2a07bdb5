"""How long every facility is open."""

from __future__ import annotations

from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import MeasuredRule

__all__ = ["OpeningHours"]


class OpeningHours(MeasuredRule):
    """Hours open a day, or days open a week, of every facility."""

    columns: ClassVar = {"h/day": "open_hours_per_day", "days/week": "open_days_per_week"}

    kind: Literal["opening-hours"]
    unit: Literal["h/day", "days/week"]

    @property
    def figure(self) -> str:
        """The column measured."""
        return self.columns[self.unit]
