"""Kinds of rule about household grids: how large each is, and whether they cover every community."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from lifecircle.plans.rule import Rule, require

__all__ = ["GridCoverage", "HouseholdGridPartition"]


class _GridRule(Rule):
    """A rule that compares a layer of grids with the communities they divide."""

    def needs_layers(self) -> tuple[str, ...]:
        """Grids and communities."""
        return ("communities", "areas:grid")

    def needs_columns(self) -> tuple[str, ...]:
        """Also the scope that decides between town and country."""
        return ("communities.scope",) if self.scope != "both" else ()


class HouseholdGridPartition(_GridRule):
    """Grids of about so many households; ``~`` is a nominal size: neither the least nor the most.

    A community of `h` households needs ``max(1, round(h / target))`` grids.
    """

    kind: Literal["household-grid-partition"]
    unit: Literal["households/grid"]

    @model_validator(mode="after")
    def _is_a_size(self) -> HouseholdGridPartition:
        require(self.comparator in {"~", "none"}, "plan-grid-comparator", found=self.comparator)
        positive = self.target is None or (isinstance(self.target, float) and self.target > 0)
        require(positive, "plan-target-not-a-number", found=str(self.target))
        return self

    def needs_columns(self) -> tuple[str, ...]:
        """Also households, which the size is counted in."""
        return (*super().needs_columns(), "communities.households")


class GridCoverage(_GridRule):
    """Share of each community that lies in exactly one grid, in percent: no gap and no overlap."""

    kind: Literal["grid-coverage"]
    unit: Literal["%"]

    @model_validator(mode="after")
    def _is_a_share(self) -> GridCoverage:
        require(self.comparator in {"=", ">=", ">"}, "plan-least-comparator", found=self.comparator)
        share = isinstance(self.target, float) and self.target <= 100
        require(share, "plan-not-a-share", found=str(self.target))
        return self
