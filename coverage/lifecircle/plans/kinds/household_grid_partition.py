"""Household grids of about so many households."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from lifecircle.plans.kinds.shared import GridRule, require_comparator
from lifecircle.plans.rule import require
from lifecircle.plans.vocabulary import Comparator

__all__ = ["HouseholdGridPartition"]


class HouseholdGridPartition(GridRule):
    """Grids of about so many households; ``~`` is a nominal size: neither the least nor the most.

    A community of `h` households needs ``max(1, round(h / target))`` grids.
    """

    comparators: ClassVar[tuple[Comparator, ...]] = ("~", "none")

    kind: Literal["household-grid-partition"]
    unit: Literal["households/grid"]

    @model_validator(mode="after")
    def _is_a_size(self) -> HouseholdGridPartition:
        require_comparator(self, "plan-grid-comparator")
        positive = self.target is None or (isinstance(self.target, float) and self.target > 0)
        require(positive, "plan-target-not-a-number", found=str(self.target))
        return self

    def needs_columns(self) -> tuple[str, ...]:
        """Also households, which the size is counted in."""
        return (*super().needs_columns(), "communities.households")
