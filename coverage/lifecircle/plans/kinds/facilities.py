"""Kinds of rule about what facilities are: how large, how long open, how staffed, how marked."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.ledgers import ColumnName
from lifecircle.plans.rule import Rule, Services, binding_judged, require
from lifecircle.plans.vocabulary import Binding, PeopleMeasure

__all__ = ["FigurePerFacility", "MinimumFacilityArea", "OpeningHours", "ShareOfFacilities"]


class _FacilityRule(Rule):
    """A rule about every facility of some services; facilities beyond the boundary are not judged.

    Attributes
    ----------
    services
        Whose facilities are judged.
    built_since
        Only those built in this year or later; the others are not applicable.
    """

    services: Services
    built_since: int | None = None

    def needs_layers(self) -> tuple[str, ...]:
        """Facilities; and the areas whose scope picks among them."""
        areas = ("communities",) if self.picks_by_scope else ()
        return (*areas, "facilities")

    def needs_columns(self) -> tuple[str, ...]:
        """Also what is asked of a facility."""
        built = ("facilities.built_year",) if self.built_since is not None else ()
        scope = ("communities.scope",) if self.picks_by_scope else ()
        return (*scope, *(f"facilities.{name}" for name in self._figures()), *built)

    @property
    def picks_by_scope(self) -> bool:
        """Whether only facilities in communities of the rule's scope are judged."""
        return False

    def _figures(self) -> tuple[str, ...]:
        """Columns of the facilities' ledger."""
        return ()

    def _services(self) -> tuple[str, ...]:
        return self.services

    @property
    def people(self) -> PeopleMeasure:
        """Facilities are judged, not who lives near them."""
        return "nobody"


class _MeasuredRule(_FacilityRule):
    """A rule about one figure of every facility.

    Attributes
    ----------
    judged
        ``each`` facility on its own; or all ``together`` by their mean, which a clause may state of the
        facilities of town or country alone.
    """

    judged: Literal["each", "together"] | None = None

    @property
    def picks_by_scope(self) -> bool:
        """A mean is taken over the facilities of the rule's scope."""
        return self.judged_as == "whole" and self.scope != "both"

    @model_validator(mode="after")
    def _is_a_test(self) -> _MeasuredRule:
        allowed = {">=", ">", "=", "range", "none"}
        require(self.comparator in allowed, "plan-least-comparator", found=self.comparator)
        number = self.target is None or isinstance(self.target, float)
        require(number, "plan-target-not-a-number", found=str(self.target))
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    @property
    def figure(self) -> str:
        """The column measured."""
        raise NotImplementedError

    def _figures(self) -> tuple[str, ...]:
        return (self.figure,)


class FigurePerFacility(_MeasuredRule):
    """Any figure of every facility: its staff, its doctors."""

    kind: Literal["figure-per-facility"]
    unit: Literal["persons/facility", "places/facility"]
    column: ColumnName

    @property
    def figure(self) -> str:
        """The column measured."""
        return self.column


class MinimumFacilityArea(_MeasuredRule):
    """Floor area, or area of the site, of every facility."""

    kind: Literal["minimum-facility-area"]
    unit: Literal["m2"]
    area: Literal["floor", "site"] = "floor"

    @property
    def figure(self) -> str:
        """The column measured."""
        return {"floor": "floor_area_m2", "site": "site_area_m2"}[self.area]

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("site_area_from_outline",) if self.area == "site" else ()


class OpeningHours(_MeasuredRule):
    """Hours open a day, or days open a week, of every facility."""

    columns: ClassVar = {"h/day": "open_hours_per_day", "days/week": "open_days_per_week"}

    kind: Literal["opening-hours"]
    unit: Literal["h/day", "days/week"]

    @property
    def figure(self) -> str:
        """The column measured."""
        return self.columns[self.unit]


class ShareOfFacilities(_FacilityRule):
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
        require(self.comparator in {">=", ">", "=", "none"}, "plan-least-comparator", found=self.comparator)
        share = self.target is None or (isinstance(self.target, float) and self.target <= 100)
        require(share, "plan-not-a-share", found=str(self.target))
        return self

    def _settled_binding(self) -> Binding | None:
        below = isinstance(self.target, float) and self.target < 100
        return "whole" if below else super()._settled_binding()

    def _figures(self) -> tuple[str, ...]:
        return (self.column,)

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *(self.listed_as or ()))
