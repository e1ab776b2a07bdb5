"""What rules that are answered on the street network share: their layers, and the limit of a circle."""

from __future__ import annotations

from typing import Final

from pydantic import model_validator

from lifecircle.plans.rule import Rule, Threshold, require
from lifecircle.plans.vocabulary import PeopleMeasure

__all__ = ["OF_CIRCLES", "NetworkRule", "WithinLimit"]

OF_CIRCLES: Final = ("mode", "covered_share", "origin")
"""Assumptions of every circle."""

_NETWORK_LAYERS: Final = ("streets", "demand", "facilities")


class NetworkRule(Rule):
    """A rule that needs streets and people."""

    def needs_layers(self) -> tuple[str, ...]:
        """Also streets and people."""
        return tuple(dict.fromkeys((*super().needs_layers(), *_NETWORK_LAYERS)))

    @property
    def limit(self) -> Threshold:
        """The clause's limit, which a circle always has, or the assumption that holds it."""
        if self.target is None:
            raise ValueError(self.id)
        return self.target

    @property
    def people(self) -> PeopleMeasure:
        """Those beyond the limit."""
        return "beyond-reach"


class WithinLimit(NetworkRule):
    """A rule whose clause sets a limit: so many minutes or metres at most."""

    @model_validator(mode="after")
    def _is_a_limit(self) -> WithinLimit:
        require(self._limits(), "plan-circle-comparator", kind=self.kind, found=self.comparator)
        return self

    def _limits(self) -> bool:
        """Whether comparator and target make a limit."""
        return self.comparator == "<="
