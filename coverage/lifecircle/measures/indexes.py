"""Two tables that are measured together must be about the same points."""

from __future__ import annotations

import pandas as pd

from lifecircle.errors import MismatchedIndexError

__all__ = ["require_same_index"]


def require_same_index(
    demand: pd.DataFrame, other: pd.Series | pd.DataFrame, *, what: str, of: str = "demand points"
) -> None:
    """Refuse a table that is not indexed like the demand, in the same order.

    Raises
    ------
    MismatchedIndexError
        Names both sides and the first ids that differ.
    """
    if demand.index.equals(other.index):
        return
    missing = demand.index.difference(other.index)[:3].tolist()
    foreign = other.index.difference(demand.index)[:3].tolist()
    detail = f"without {what}: {missing}; {what} without one: {foreign}"
    if not missing and not foreign:
        detail = "the ids are the same in another order or repeated"
    raise MismatchedIndexError(f"{what} ({len(other)}) do not belong to the {of} ({len(demand)}): {detail}")
