"""Share of areas that have a facility."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import (
    AT_LEAST,
    PresenceRule,
    binding_of_share,
    require_comparator,
    require_share,
)
from lifecircle.plans.vocabulary import Binding

__all__ = ["CoverageShareOfAreas"]


class CoverageShareOfAreas(PresenceRule):
    """Share of units that hold at least `n` facilities; `target` is the share in percent.

    A clause that says in general terms that units should have one, and names no share, has the
    comparator ``none``: the share is reported.
    """

    kind: Literal["coverage-share-of-areas"]
    unit: Literal["%"]
    n: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _is_a_share(self) -> CoverageShareOfAreas:
        require_comparator(self, *AT_LEAST, "none", error="plan-count-comparator")
        require_share(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_of_share(self) or super()._settled_binding()
