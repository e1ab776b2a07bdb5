"""Share of areas that a ledger marks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import (
    AT_LEAST,
    ColumnRule,
    binding_of_share,
    require_comparator,
    require_share,
)
from lifecircle.plans.vocabulary import Binding

__all__ = ["AttributeShareOfAreas"]


class AttributeShareOfAreas(ColumnRule):
    """Share of areas whose ledger marks them, or counts at least so many; `target` in percent.

    Attributes
    ----------
    column
        Yes or no; or a number, of which `at_least` is enough.
    """

    kind: Literal["attribute-share-of-areas"]
    unit: Literal["%"]
    at_least: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _is_a_share(self) -> AttributeShareOfAreas:
        require_comparator(self, *AT_LEAST, "none")
        require_share(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_of_share(self) or super()._settled_binding()
