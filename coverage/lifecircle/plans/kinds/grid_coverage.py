"""Household grids that cover every community without gap or overlap."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, GridRule, require_comparator, require_share
from lifecircle.plans.vocabulary import Comparator

__all__ = ["GridCoverage"]


class GridCoverage(GridRule):
    """Share of each community that lies in exactly one grid, in percent: no gap and no overlap."""

    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    kind: Literal["grid-coverage"]
    unit: Literal["%"]

    @model_validator(mode="after")
    def _is_a_share(self) -> GridCoverage:
        require_comparator(self)
        require_share(self)
        return self
