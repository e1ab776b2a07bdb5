"""How unequally minutes or goods fall on people: Gini, Palma, and the reach of each cohort."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults
from lifecircle.measures.indexes import require_same_index
from lifecircle.measures.rounding import at_most
from lifecircle.tables import read_amounts

__all__ = ["cohort_shares", "gini", "palma"]

_LEAST_SHARE, _MOST_SHARE = 0.4, 0.1


def gini(values: ArrayLike, people: ArrayLike | None = None, *, unreached_as: float | None = None) -> float:
    """Gini coefficient of a burden (minutes) or a good (places per person) over people.

    Half the mean difference between any two people, relative to the mean (Gini 1912): 0 where all have the
    same, near 1 where one has everything.

    Parameters
    ----------
    values
        What each row's people have, >= 0; ``inf`` where unreached, NaN where unknown.
    people
        People of each row, >= 0; one each if None. A Series is matched by the index of `values`.
    unreached_as
        Value of an unreached person; without it the coefficient is NaN where anybody is unreached.

    Returns
    -------
    float
        0 to 1; NaN where nobody lives, all values are 0 or one that counts is unknown.

    Raises
    ------
    InputError
        If values or people are negative or no numbers, or their numbers differ.

    Examples
    --------
    Everybody walks 7 minutes; then one of two people has all ten places.

    >>> import lifecircle as lc
    >>> round(lc.gini([7, 7], [3, 9]), 6), lc.gini([0, 10])
    (0.0, 0.5)
    >>> lc.gini([0, float("inf")], unreached_as=10)
    0.5
    """
    # 1 less twice the area under the Lorenz curve, by trapezoids
    share, total = _lorenz(values, people, unreached_as)
    # undefined where nobody lives or nothing is shared out
    if not len(share):
        return float("nan")
    return float(1.0 - np.sum(np.diff(share) * (total[1:] + total[:-1])))


def palma(values: ArrayLike, people: ArrayLike | None = None, *, unreached_as: float | None = None) -> float:
    """Palma ratio: what the tenth with most has, over what the four tenths with least have (Palma 2011).

    Parameters
    ----------
    values, people, unreached_as
        As for `gini`. A row's people may be divided between tenths.

    Returns
    -------
    float
        0.25 where all have the same; ``inf`` where the four tenths have nothing; NaN as for `gini`.

    Raises
    ------
    InputError
        As for `gini`.

    Examples
    --------
    Ten people with 1 to 10 minutes: the last has 10, the first four have 1 + 2 + 3 + 4.

    >>> import lifecircle as lc
    >>> round(lc.palma(range(1, 11)), 6)
    1.0
    """
    # the curve at 0.4 is what four tenths have, 1 less the curve at 0.9 what the tenth with most has
    share, total = _lorenz(values, people, unreached_as)
    if not len(share):
        return float("nan")
    # points between two rows lie on the straight line: a row's people are alike
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

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"residents": [100.0, 50.0], "over60": [10.0, 30.0]})
    >>> slow = pd.Series([20.0, 12.0])
    >>> cohort_shares(homes, {"residents": slow * 0.75, "over60": slow}, cutoff_min=15)["share"].to_dict()
    {'residents': 1.0, 'over60': 0.75}
    """
    rows = {}
    for cohort, walk in minutes.items():
        require_same_index(demand, walk, what="walking times")
        # whoever is unreached has no minutes: counted apart, and left out of Gini and Palma
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
    values: ArrayLike, people: ArrayLike | None, unreached_as: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lorenz curve: shares of people and of what they have, from those with least; empty where undefined."""
    # stage 1: values and people as numbers, all faults at once
    require("number", optional=True, unreached_as=unreached_as)
    faults = Faults()
    rows = values
    if not isinstance(rows, pd.Series):
        numbers = isinstance(rows, np.ndarray) and rows.ndim == 1 and rows.dtype.kind in "iuf"
        rows = pd.Series(rows) if numbers else pd.Series(list(np.atleast_1d(rows)), dtype=object)
    amount = pd.to_numeric(rows, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    if (np.isnan(amount) & rows.notna().to_numpy()).any():
        faults.add(Fault("cost-not-a-number", field="values"))
    if (amount < 0).any():
        faults.add(Fault("equity-negative", field="values", values={"count": int((amount < 0).sum())}))
    counted = people if isinstance(values, pd.Series) or people is None else np.asarray(people)
    lived = np.ones(len(rows)) if counted is None else read_amounts(counted, rows.index, "people", faults)
    faults.raise_if_any()
    # stage 2: only rows with people count, and something finite must be shared out
    if unreached_as is not None:
        amount[np.isinf(amount)] = unreached_as
    amount, lived = amount[lived > 0], lived[lived > 0]
    had = float((amount * lived).sum())
    if not len(lived) or not 0 < had < np.inf:
        return np.empty(0), np.empty(0)
    # stage 3: cumulated shares, from those with least
    order = np.argsort(amount, kind="stable")
    share = np.concatenate(([0.0], np.cumsum(lived[order])))
    total = np.concatenate(([0.0], np.cumsum((amount * lived)[order])))
    return share / share[-1], total / total[-1]
