"""A figure of every facility that its ledger holds."""

from __future__ import annotations

from typing import Literal

from lifecircle.plans.kinds.shared import ColumnName, MeasuredRule

__all__ = ["FigurePerFacility"]


class FigurePerFacility(MeasuredRule):
    """Any figure of every facility: its staff, its doctors."""

    kind: Literal["figure-per-facility"]
    unit: Literal["persons/facility", "places/facility", "functions/facility"]
    column: ColumnName

    @property
    def figure(self) -> str:
        """The column measured."""
        return self.column
