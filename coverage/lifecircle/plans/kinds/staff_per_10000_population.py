"""Staff for every 10,000 residents."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, ColumnRule, require_comparator, require_number
from lifecircle.plans.vocabulary import Binding, Comparator, PeopleMeasure

__all__ = ["StaffPer10000Population"]


class StaffPer10000Population(ColumnRule):
    """Staff for every 10,000 residents: of the towns where the rule is urban, else of all."""

    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    kind: Literal["staff-per-10000-population"]
    unit: Literal["persons/10k"]

    @model_validator(mode="after")
    def _is_a_minimum(self) -> StaffPer10000Population:
        require_comparator(self)
        require_number(self)
        return self

    @property
    def per(self) -> str:
        """Column that holds the residents counted."""
        return "population_urban" if self.scope == "urban" else "population"

    @property
    def per_number(self) -> float:
        """How many residents one figure of `target` is for."""
        return 10_000.0

    def _settled_binding(self) -> Binding:
        """The whole: so many for every 10,000 people is an average."""
        return "whole"

    def _divisors(self) -> tuple[str, ...]:
        return (self.per,)

    @property
    def people(self) -> PeopleMeasure:
        """Staff are missing; gaps are told by their relative size."""
        return "nobody"
