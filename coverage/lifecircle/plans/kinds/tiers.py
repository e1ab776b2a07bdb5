"""A system of tiers of facilities, each tier in areas of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.rule import Record, Rule, Services, require
from lifecircle.plans.vocabulary import LAYER_OF_UNIT, AssessmentUnit

__all__ = ["Tier", "Tiers"]


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
