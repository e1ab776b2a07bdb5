"""Floor area or site area of every facility."""

from __future__ import annotations

from typing import Literal

from lifecircle.plans.kinds.shared import MeasuredRule

__all__ = ["MinimumFacilityArea"]


class MinimumFacilityArea(MeasuredRule):
    """Floor area, or area of the site, of every facility."""

    kind: Literal["minimum-facility-area"]
    unit: Literal["m2"]
    area: Literal["floor", "site"] = "floor"

    @property
    def figure(self) -> str:
        """The column measured."""
        return {"floor": "floor_area_m2", "site": "site_area_m2"}[self.area]

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("site_area_from_outline",) if self.area == "site" else ()
