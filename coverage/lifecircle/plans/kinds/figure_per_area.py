"""A figure of every area that its ledger holds, as it is or per person or household."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, ColumnName, ColumnRule, require_comparator, require_number
from lifecircle.plans.rule import binding_judged, require
from lifecircle.plans.vocabulary import Binding, Comparator

__all__ = ["FigurePerArea"]


FigureUnit = Literal[
    "persons",
    "persons/community",
    "persons/village",
    "persons/area",
    "persons/grid",
    "persons/20hh",
    "organisations",
    "households/village",
    "m2/person",
    "m2/1000",
    "CNY/person/year",
    "CNY/community/year",
]


class FigurePerArea(ColumnRule):
    """A figure of every area, as it is or for so many of its people or households.

    Attributes
    ----------
    per, per_number
        The figure is taken for so many of these; as it is where `per` is blank.
    judged
        ``each`` area on its own, and the share of areas that pass; or all ``together``: the mean over
        the areas, or with `per` the sum of the figures over the sum of the divisors.
    parts
        In place of `column`: several columns and the least that each must hold. One does not make up for
        another: what counts is each up to its least, against `target`, their sum.
    """

    comparators: ClassVar[tuple[Comparator, ...]] = (*AT_LEAST, "range", "~")

    kind: Literal["figure-per-area"]
    unit: FigureUnit
    column: ColumnName | None = None  # type: ignore[assignment]
    parts: dict[ColumnName, float] | None = None
    per: Literal["population", "population_urban", "households"] | None = None
    per_number: float = Field(default=1.0, gt=0)
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_test(self) -> FigurePerArea:
        require_comparator(self)
        require_number(self)
        require((self.column is None) != (self.parts is None), "plan-column-or-parts")
        adds_up = self.parts is None or sum(self.parts.values()) == self.target
        require(adds_up and (self.parts is None or self.per is None), "plan-column-or-parts")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, or the columns of the parts."""
        return tuple(self.parts) if self.parts is not None else (str(self.column),)

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    def _divisors(self) -> tuple[str, ...]:
        return () if self.per is None else (self.per,)
