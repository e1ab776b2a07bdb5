"""A figure of a programme that an office reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lifecircle.plans.kinds.shared import Level
from lifecircle.plans.rule import Rule
from lifecircle.plans.vocabulary import Binding, PeopleMeasure

__all__ = ["Indicator"]


class Indicator(Rule):
    """A figure of a programme that no map shows: known only where an office reports it.

    Values come from the study's table of indicators under the rule's id; without one there is no data.

    Attributes
    ----------
    of_level
        Where `target` is a total, whose total it is, as of `CountTarget`; blank for rates and the like,
        which a smaller place may be asked for as well.
    """

    kind: Literal["indicator"]
    unit: Annotated[str, Field(min_length=1)]
    of_level: Level | None = None

    def _settled_binding(self) -> Binding:
        """Always the whole: a figure of the jurisdiction."""
        return "whole"

    def needs_layers(self) -> tuple[str, ...]:
        """Reported values only."""
        return ("indicators",)

    def needs_columns(self) -> tuple[str, ...]:
        """The table's own columns."""
        return ("indicators.year", "indicators.value")

    @property
    def baseline_is_comparable(self) -> bool:
        """Reported as the baseline was."""
        return True

    @property
    def people(self) -> PeopleMeasure:
        """A reported figure concerns no one unit."""
        return "nobody"
