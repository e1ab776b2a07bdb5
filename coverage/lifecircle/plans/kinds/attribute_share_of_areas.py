"""Share of areas that a ledger marks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lifecircle.plans.kinds.shared import ColumnRule, ShareRule

__all__ = ["AttributeShareOfAreas"]


class AttributeShareOfAreas(ColumnRule, ShareRule):
    """Share of areas whose ledger marks them, or counts at least so many; `target` in percent.

    Attributes
    ----------
    column
        Yes or no; or a number, of which `at_least` is enough.
    """

    kind: Literal["attribute-share-of-areas"]
    unit: Literal["%"]
    at_least: float = Field(default=1.0, gt=0)
