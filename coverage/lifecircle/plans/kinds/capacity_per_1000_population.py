"""Places that facilities offer for every 1,000 residents."""

from __future__ import annotations

from typing import Literal

from lifecircle.plans.kinds.shared import RatioRule

__all__ = ["CapacityPer1000Population"]


class CapacityPer1000Population(RatioRule):
    """Places that facilities offer for every 1,000 residents."""

    figure = "capacity"
    per = "population"
    per_number = 1000.0

    kind: Literal["capacity-per-1000-population"]
    unit: Literal["places/1000"]
