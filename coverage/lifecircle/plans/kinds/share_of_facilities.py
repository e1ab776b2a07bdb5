"""Share of facilities that a ledger marks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lifecircle.plans.kinds.shared import ColumnName, FacilityRule, ShareRule
from lifecircle.plans.rule import Services

__all__ = ["ShareOfFacilities"]


class ShareOfFacilities(FacilityRule, ShareRule):
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

    def _figures(self) -> tuple[str, ...]:
        return (self.column,)

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *(self.listed_as or ()))
