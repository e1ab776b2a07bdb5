"""Kinds of rule that set what facilities offer against the people or households of an area."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.ledgers import ColumnName
from lifecircle.plans.rule import Rule, Services, binding_judged, require
from lifecircle.plans.vocabulary import Binding

__all__ = ["AreaPer100Households", "AreaPerPerson", "AreaShare", "CapacityPer1000Population"]


class _RatioRule(Rule):
    """Facilities of an area against its people or households.

    Attributes
    ----------
    services
        Whose facilities are added up, each facility once.
    judged
        The older way to write `binding`: ``each`` area against the clause, and the share of areas that
        pass; or all ``together``, which is how a plan's table states an indicator.
    """

    figure: ClassVar[str]
    per: ClassVar[str]
    per_number: ClassVar[float]

    services: Services
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_minimum(self) -> _RatioRule:
        require(self.comparator in {">=", ">", "="}, "plan-least-comparator", found=self.comparator)
        require(isinstance(self.target, float), "plan-target-not-a-number", found=str(self.target))
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    def _usual_binding(self) -> Binding:
        return "whole"

    def needs_columns(self) -> tuple[str, ...]:
        """Also both sides of the ratio."""
        divisors = (f"{layer}.{self.per}" for layer in self.layers)
        return (*super().needs_columns(), *divisors, f"facilities.{self.figure}")

    def _services(self) -> tuple[str, ...]:
        return self.services


class AreaPer100Households(_RatioRule):
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


class CapacityPer1000Population(_RatioRule):
    """Places that facilities offer for every 1,000 residents."""

    figure = "capacity"
    per = "population"
    per_number = 1000.0

    kind: Literal["capacity-per-1000-population"]
    unit: Literal["places/1000"]


class AreaPerPerson(_RatioRule):
    """Area of the facilities' sites, or of the sports grounds on them, for every resident.

    Attributes
    ----------
    area
        ``site``: all of the site. ``sports``: 场地面积, the ground that sport is played on; the site, which
        the outline on a map shows, is only its upper bound.
    """

    leans_on: ClassVar[tuple[str, ...]] = ("site_area_from_outline",)

    per = "population"
    per_number = 1.0

    kind: Literal["area-per-person"]
    unit: Literal["m2/person"]
    area: Literal["site", "sports"] = "site"

    @property
    def figure(self) -> str:  # type: ignore[override]
        """The column added up."""
        return {"site": "site_area_m2", "sports": "sports_area_m2"}[self.area]

    @property
    def upper_figure(self) -> str | None:
        """The column that a facility's figure can surely not exceed: a field lies within its site."""
        return "site_area_m2" if self.area == "sports" else None


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

    kind: Literal["area-share"]
    unit: Literal["%"]
    of: Literal["facilities", "areas"]
    services: Services | None = None
    part: ColumnName
    whole: ColumnName
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_share(self) -> AreaShare:
        require(self.comparator in {">=", ">", "="}, "plan-least-comparator", found=self.comparator)
        share = isinstance(self.target, float) and self.target <= 100
        require(share, "plan-not-a-share", found=str(self.target))
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
