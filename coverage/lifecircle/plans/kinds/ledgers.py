"""Kinds of rule answered by a column of a ledger of areas: a figure, a rate, a mark that each area bears."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lifecircle.plans.rule import Rule, binding_judged, require
from lifecircle.plans.vocabulary import Binding, PeopleMeasure

__all__ = ["AttributeShareOfAreas", "ColumnName", "FigurePerArea", "StaffPer10000Population"]

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A column of a ledger, as `tables` and the study's own files name it."""

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
    "CNY/person/year",
    "CNY/community/year",
]


class _ColumnRule(Rule):
    """A rule that reads one column of its areas' own ledger, and no facility.

    Attributes
    ----------
    column
        Where the figure stands.
    """

    column: ColumnName

    def needs_layers(self) -> tuple[str, ...]:
        """The areas themselves."""
        return tuple(self.layers)

    def needs_columns(self) -> tuple[str, ...]:
        """Also the figure, and what it is divided by."""
        return (
            *super().needs_columns(),
            *_in_every_layer(self, (*self.columns, *self._divisors())),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns read."""
        return (self.column,)

    def _divisors(self) -> tuple[str, ...]:
        """Columns the figure is divided by."""
        return ()


class FigurePerArea(_ColumnRule):
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

    kind: Literal["figure-per-area"]
    unit: FigureUnit
    column: ColumnName | None = None  # type: ignore[assignment]
    parts: dict[ColumnName, float] | None = None
    per: Literal["population", "population_urban", "households"] | None = None
    per_number: float = Field(default=1.0, gt=0)
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_test(self) -> FigurePerArea:
        require(
            self.comparator in {">=", ">", "=", "range", "~"}, "plan-least-comparator", found=self.comparator
        )
        require(isinstance(self.target, float), "plan-target-not-a-number", found=str(self.target))
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


class StaffPer10000Population(_ColumnRule):
    """Staff for every 10,000 residents: of the towns where the rule is urban, else of all."""

    kind: Literal["staff-per-10000-population"]
    unit: Literal["persons/10k"]

    @model_validator(mode="after")
    def _is_a_minimum(self) -> StaffPer10000Population:
        require(self.comparator in {">=", ">", "="}, "plan-least-comparator", found=self.comparator)
        require(isinstance(self.target, float), "plan-target-not-a-number", found=str(self.target))
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


class AttributeShareOfAreas(_ColumnRule):
    """Share of areas whose ledger marks them, or counts at least so many; `target` in percent.

    Attributes
    ----------
    column
        Yes or no; or a number, of which `at_least` is enough.
    """

    kind: Literal["attribute-share-of-areas"]
    unit: Literal["%"]
    at_least: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _is_a_share(self) -> AttributeShareOfAreas:
        require(self.comparator in {">=", ">", "=", "none"}, "plan-least-comparator", found=self.comparator)
        share = self.target is None or (isinstance(self.target, float) and self.target <= 100)
        require(share, "plan-not-a-share", found=str(self.target))
        return self

    def _settled_binding(self) -> Binding | None:
        below = isinstance(self.target, float) and self.target < 100
        return "whole" if below else super()._settled_binding()


def _in_every_layer(rule: Rule, columns: tuple[str, ...]) -> tuple[str, ...]:
    """``layer.column`` of each layer of a rule."""
    return tuple(f"{layer}.{column}" for layer in rule.layers for column in columns)
