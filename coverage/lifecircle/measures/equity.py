"""How unequally minutes fall on people: Gini, Palma, and who of which cohort is within reach."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lifecircle.errors import ContractError
from lifecircle.measures.indexes import require_same_index
from lifecircle.measures.rounding import at_most

__all__ = ["cohort_shares", "gini", "palma"]

_LEAST_SHARE, _MOST_SHARE = 0.4, 0.1


def gini(values: ArrayLike, people: ArrayLike, *, unreached_as: float | None = None) -> float:
    """Gini coefficient of a burden (minutes) or a good (places per person) over people.

    Half the mean difference between two people, relative to the mean (Gini 1912): 0 where all have the
    same, near 1 where one has everything.

    Parameters
    ----------
    values
        What each row's people have, >= 0; ``inf`` where unreached.
    people
        People of each row, >= 0.
    unreached_as
        What an unreached person counts as; without it the coefficient is NaN where anybody is unreached.

    Returns
    -------
    float
        0 to 1; NaN where nobody lives or all values are 0.
    """
    share, total = _lorenz(values, people, unreached_as)
    if not len(share):
        return float("nan")
    return float(1.0 - np.sum(np.diff(share) * (total[1:] + total[:-1])))


def palma(values: ArrayLike, people: ArrayLike, *, unreached_as: float | None = None) -> float:
    """Palma ratio: what the tenth with most has, over what the four tenths with least have (Palma 2011).

    Parameters
    ----------
    values, people, unreached_as
        As for `gini`. A row's people may be divided between tenths.

    Returns
    -------
    float
        0.25 where all have the same; ``inf`` where the four tenths have nothing; NaN as for `gini`.
    """
    share, total = _lorenz(values, people, unreached_as)
    if not len(share):
        return float("nan")
    least = float(np.interp(_LEAST_SHARE, share, total))
    most = 1.0 - float(np.interp(1.0 - _MOST_SHARE, share, total))
    return most / least if least > 0 else float("inf")


def cohort_shares(
    demand: pd.DataFrame, minutes: Mapping[str, pd.Series], *, cutoff_min: float
) -> pd.DataFrame:
    """Who of each cohort is within reach, each at its own speed.

    Parameters
    ----------
    demand
        One row per demand point, with a column of people per cohort.
    minutes
        Cohort (a column of `demand`) to its minutes, ``inf`` where unreached; each indexed like `demand`.
    cutoff_min
        The limit, inclusive.

    Returns
    -------
    DataFrame
        Indexed by cohort, in the order of `minutes`: ``people``, ``covered``, ``share`` (NaN where the
        cohort has nobody), ``gini`` and ``palma`` of the minutes of those who are reached, and
        ``unreached`` (people).

    Raises
    ------
    MismatchedIndexError
        If minutes are not indexed like `demand`.
    """
    rows = {}
    for cohort, walk in minutes.items():
        require_same_index(demand, walk, what="walking times")
        people = demand[cohort].fillna(0.0).to_numpy(dtype=np.float64)
        there = np.isfinite(walk.to_numpy(dtype=np.float64))
        total, covered = float(people.sum()), float(people[at_most(walk, cutoff_min)].sum())
        rows[cohort] = {
            "people": total,
            "covered": covered,
            "share": covered / total if total > 0 else np.nan,
            "gini": gini(walk[there], people[there]),
            "palma": palma(walk[there], people[there]),
            "unreached": float(people[~there].sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cohort")


def _lorenz(
    values: ArrayLike, people: ArrayLike, unreached_as: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lorenz curve: shares of people and of what they have, from those with least; empty where undefined."""
    amount = np.array(values, dtype=np.float64)
    lived = np.asarray(people, dtype=np.float64)
    if amount.shape != lived.shape or not (lived >= 0).all() or (amount < 0).any():
        raise ContractError("values and people must be as many, and not negative")
    if unreached_as is not None:
        amount[np.isinf(amount)] = unreached_as
    amount, lived = amount[lived > 0], lived[lived > 0]
    had = float((amount * lived).sum())
    if not len(lived) or not 0 < had < np.inf:
        return np.empty(0), np.empty(0)
    order = np.argsort(amount, kind="stable")
    share = np.concatenate(([0.0], np.cumsum(lived[order])))
    total = np.concatenate(([0.0], np.cumsum((amount * lived)[order])))
    return share / share[-1], total / total[-1]
