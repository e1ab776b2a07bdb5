"""Kinds of rule that ask whether a facility stands in an area: counts, shares of areas, tiers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.rule import Record, Rule, Services, require
from lifecircle.plans.vocabulary import LAYER_OF_UNIT, AssessmentUnit, Binding

__all__ = ["AtLeastNPerArea", "CoverageShareOfAreas", "Tier", "Tiers"]


class _PresenceRule(Rule):
    """A rule that counts facilities lying in areas; facilities outside the boundary never count.

    Attributes
    ----------
    services
        What is counted: any one of them (`need` is ``any``), or each on its own (``each``).
    min_floor_area_m2
        A facility smaller than this does not count.
    meets_standard
        Only facilities declared to meet their standard count.
    township_services
        What townships and streets must hold, where that is another facility than a community's.
    """

    services: Services
    need: Literal["any", "each"] = "any"
    min_floor_area_m2: float | None = Field(default=None, gt=0)
    meets_standard: bool = False
    township_services: Services | None = None

    def in_layer(self, layer: str) -> tuple[str, ...]:
        """The services that count in one layer: a township's own facility is none of its communities'."""
        return self.township_services if self.township_services and layer == "townships" else self.services

    def needs_columns(self) -> tuple[str, ...]:
        """Also what makes a facility count."""
        area = ("facilities.floor_area_m2",) if self.min_floor_area_m2 is not None else ()
        standard = ("facilities.meets_standard",) if self.meets_standard else ()
        return (*super().needs_columns(), *area, *standard)

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *(self.township_services or ()))


class AtLeastNPerArea(_PresenceRule):
    """So many facilities in every unit; `target` is how many."""

    kind: Literal["at-least-n-per-area"]
    unit: Literal["facilities"]

    @model_validator(mode="after")
    def _is_a_minimum(self) -> AtLeastNPerArea:
        require(self.comparator in {">=", ">", "="}, "plan-count-comparator", found=self.comparator)
        whole = isinstance(self.target, float) and self.target.is_integer()
        require(whole, "plan-count-not-whole", found=str(self.target))
        return self

    @property
    def n(self) -> int:
        """How many facilities a unit needs, read with the comparator."""
        return int(self.target or 0)


class CoverageShareOfAreas(_PresenceRule):
    """Share of units that hold at least `n` facilities; `target` is the share in percent.

    A clause that says in general terms that units should have one, and names no share, has the
    comparator ``none``: the share is reported.
    """

    kind: Literal["coverage-share-of-areas"]
    unit: Literal["%"]
    n: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _is_a_share(self) -> CoverageShareOfAreas:
        allowed = self.comparator in {">=", ">", "=", "none"}
        require(allowed, "plan-count-comparator", found=self.comparator)
        share = self.target is None or (isinstance(self.target, float) and 0 <= self.target <= 100)
        require(share, "plan-not-a-share", found=str(self.target))
        return self

    def _settled_binding(self) -> Binding | None:
        below = isinstance(self.target, float) and self.target < 100
        return "whole" if below else super()._settled_binding()


class Tier(Record):
    """One tier of a system of facilities: which units must hold one of which services."""

    units: tuple[AssessmentUnit, ...] = Field(min_length=1)
    services: Services


class Tiers(Rule):
    """A system of tiers, complete where every unit of every tier holds a facility of its tier."""

    kind: Literal["tiers"]
    unit: Literal["tiers"]
    tiers: tuple[Tier, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _counts_its_tiers(self) -> Tiers:
        require(self.target == len(self.tiers), "plan-tiers-count", target=self.target, found=len(self.tiers))
        named = {unit for tier in self.tiers for unit in tier.units}
        require(named == set(self.units), "plan-tiers-units", found=", ".join(sorted(named)))
        return self

    def needs_layers(self) -> tuple[str, ...]:
        """The layers of every tier."""
        layers = (LAYER_OF_UNIT[unit] for tier in self.tiers for unit in tier.units)
        return tuple(dict.fromkeys((*layers, "facilities")))

    def _services(self) -> tuple[str, ...]:
        return tuple(name for tier in self.tiers for name in tier.services)
