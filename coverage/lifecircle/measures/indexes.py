"""Indexes of tables: whether two are about the same points, and which points share a community."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lifecircle.errors import MismatchedIndexError

__all__ = ["community_codes", "require_same_index"]


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


def community_codes(demand: pd.DataFrame) -> tuple[npt.NDArray[np.intp], pd.Index]:
    """Number the communities of demand points, quickly where the column is categorical.

    Returns
    -------
    tuple of ndarray and Index
        For each point the position of its community in the index, -1 where it is ``""``; and the
        communities that occur, sorted.
    """
    # stage 1: codes of the category, which may hold names that do not occur, and ""
    column = demand["community"].astype("category").cat
    codes, names = column.codes.to_numpy(), column.categories.astype("str").to_numpy(dtype="object")
    occurs = np.bincount(codes[codes >= 0], minlength=len(names)) > 0
    # stage 2: those that occur, numbered by name; the last entry of the ranks answers for code -1
    used = np.flatnonzero(occurs & (names != ""))
    used = used[np.argsort(names[used], kind="stable")]
    rank = np.full(len(names) + 1, -1, dtype=np.intp)
    rank[used] = np.arange(len(used))
    return rank[codes], pd.Index(names[used], dtype="str", name="community")
