"""One area as a share of another."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, ColumnName, require_comparator, require_share
from lifecircle.plans.rule import Rule, Services, binding_judged, require
from lifecircle.plans.vocabulary import Binding, Comparator

__all__ = ["AreaShare"]


class AreaShare(Rule):
    """One area as a share of another, in percent: both of a facility, or both of an area of land.

    Attributes
    ----------
    of
        ``facilities``: summed over the facilities of `services` in each area; ``areas``: columns of the
        areas' own ledger.
    part, whole
        The two columns, m2.
    judged
        As of the other ratios.
    """

    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    kind: Literal["area-share"]
    unit: Literal["%"]
    of: Literal["facilities", "areas"]
    services: Services | None = None
    part: ColumnName
    whole: ColumnName
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_share(self) -> AreaShare:
        require_comparator(self)
        require_share(self)
        require((self.services is not None) == (self.of == "facilities"), "plan-share-of-what", of=self.of)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    def _usual_binding(self) -> Binding:
        return "whole"

    def needs_layers(self) -> tuple[str, ...]:
        """The areas, and facilities where they are what is measured."""
        return (*self.layers, *(("facilities",) if self.of == "facilities" else ()))

    def needs_columns(self) -> tuple[str, ...]:
        """Also both areas."""
        tables = ("facilities",) if self.of == "facilities" else tuple(self.layers)
        columns = (f"{table}.{name}" for table in tables for name in (self.part, self.whole))
        return (*super().needs_columns(), *columns)

    def _services(self) -> tuple[str, ...]:
        return self.services or ()
