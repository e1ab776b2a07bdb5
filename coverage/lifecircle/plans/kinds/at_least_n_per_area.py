"""So many facilities in every area."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, PresenceRule, require_comparator, require_whole
from lifecircle.plans.vocabulary import Comparator

__all__ = ["AtLeastNPerArea"]


class AtLeastNPerArea(PresenceRule):
    """So many facilities in every unit; `target` is how many."""

    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    kind: Literal["at-least-n-per-area"]
    unit: Literal["facilities"]

    @model_validator(mode="after")
    def _is_a_minimum(self) -> AtLeastNPerArea:
        require_comparator(self, "plan-count-comparator")
        require_whole(self)
        return self

    @property
    def n(self) -> int:
        """How many facilities a unit needs, read with the comparator."""
        return int(self.target or 0)
