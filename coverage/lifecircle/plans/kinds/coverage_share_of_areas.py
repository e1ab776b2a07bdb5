"""Share of areas that have a facility."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lifecircle.plans.kinds.shared import PresenceRule, ShareRule

__all__ = ["CoverageShareOfAreas"]


class CoverageShareOfAreas(PresenceRule, ShareRule):
    """Share of units that hold at least `n` facilities; `target` is the share in percent.

    A clause that says in general terms that units should have one, and names no share, has the
    comparator ``none``: the share is reported.
    """

    wrong_comparator: ClassVar = "plan-count-comparator"

    kind: Literal["coverage-share-of-areas"]
    unit: Literal["%"]
    n: int = Field(default=1, ge=1)
