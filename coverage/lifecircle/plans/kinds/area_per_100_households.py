"""Floor area of facilities for every 100 households."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import RatioRule
from lifecircle.plans.rule import require

__all__ = ["AreaPer100Households"]


class AreaPer100Households(RatioRule):
    """Floor area of facilities for every 100 households.

    Attributes
    ----------
    least_area_m2
        The clause's floor under the ratio: at least so much however few the households.
    only_where_present
        Areas without such a facility are not judged: that one is missing is another clause's finding.
    """

    figure = "floor_area_m2"
    per = "households"
    per_number = 100.0

    kind: Literal["area-per-100-households"]
    unit: Literal["m2/100hh"]
    least_area_m2: float | None = Field(default=None, gt=0)
    only_where_present: bool = False

    @model_validator(mode="after")
    def _has_a_floor_of_its_own(self) -> AreaPer100Households:
        each = self.least_area_m2 is None or self.judged_as == "unit"
        require(each, "plan-floor-needs-each")
        return self
