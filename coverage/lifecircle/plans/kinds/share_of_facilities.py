"""Share of facilities that a ledger marks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import (
    AT_LEAST,
    ColumnName,
    FacilityRule,
    binding_of_share,
    require_comparator,
    require_share,
)
from lifecircle.plans.rule import Services
from lifecircle.plans.vocabulary import Binding

__all__ = ["ShareOfFacilities"]


class ShareOfFacilities(FacilityRule):
    """Share of the facilities of some services that a ledger marks; `target` in percent.

    The denominator is facilities: three marked ones in one community are three.

    Attributes
    ----------
    column
        Yes or no.
    listed_as
        A facility listed under one of these services as well needs no mark.
    """

    kind: Literal["share-of-facilities"]
    unit: Literal["%"]
    column: ColumnName
    listed_as: Services | None = Field(default=None)

    @model_validator(mode="after")
    def _is_a_share(self) -> ShareOfFacilities:
        require_comparator(self, *AT_LEAST, "none")
        require_share(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_of_share(self) or super()._settled_binding()

    def _figures(self) -> tuple[str, ...]:
        return (self.column,)

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *(self.listed_as or ()))
