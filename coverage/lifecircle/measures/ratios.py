"""Ratios of ledgers: sums per area, rates per so many people, and how much is missing to reach one.

A sum some of whose parts are unknown is known from below only. A ratio over nobody is unknown.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lifecircle.measures.rounding import RELATIVE_TOLERANCE, at_least, exceeds, whole_needed

__all__ = ["household_grids_needed", "missing", "rate", "reaches", "sums_per_area"]


def sums_per_area(values: pd.Series, area: pd.Series, areas: pd.Index) -> pd.DataFrame:
    """Add up a figure of facilities over the areas they lie in.

    Parameters
    ----------
    values
        One figure per facility; NaN where unknown.
    area
        Code of the area each lies in, ``""`` for none. Indexed like `values`.
    areas
        Codes to answer for.

    Returns
    -------
    DataFrame
        Indexed by `areas`: ``sum`` of what is known (0 where nothing is), ``count`` of facilities and
        ``unknown``, those of them without a figure.

    Examples
    --------
    >>> import pandas as pd
    >>> beds, area = pd.Series([40.0, None, 10.0]), pd.Series(["a", "a", ""])
    >>> sums_per_area(beds, area, pd.Index(["a", "b"]))
        sum  count  unknown
    a  40.0      2        1
    b   0.0      0        0
    """
    # what is known adds up to a lower bound wherever `unknown` is above 0
    at = areas.get_indexer(pd.Index(area.array))
    figure = values.to_numpy(dtype="float64")[at >= 0]
    at, blank, n = at[at >= 0], np.isnan(figure), len(areas)
    return pd.DataFrame(
        {
            "sum": np.bincount(at, weights=np.where(blank, 0.0, figure), minlength=n).astype("float64"),
            "count": np.bincount(at, minlength=n).astype("int64"),
            "unknown": np.bincount(at[blank], minlength=n).astype("int64"),
        },
        index=areas,
    )


def rate(amount: pd.Series, base: pd.Series, *, per: float) -> pd.Series:
    """An amount for every so many of a base: m2 per 100 households, staff per 10,000 residents.

    Parameters
    ----------
    amount, base
        Of the same areas, >= 0; NaN where unknown.
    per
        How many of the base one figure is for, > 0.

    Returns
    -------
    Series
        float64, indexed like `amount`; NaN where either is unknown or the base is 0.

    Examples
    --------
    >>> import pandas as pd
    >>> rate(pd.Series([150.0, 10.0]), pd.Series([500.0, 0.0]), per=100).tolist()
    [30.0, nan]
    """
    # nothing to divide by gives no rate, not an infinite one
    return (amount * per / base.where(base > 0)).astype("float64")


def reaches(value: float, target: float, *, strict: bool = False) -> bool:
    """Whether a value is at or over a target, or over it where the clause says "more than"; NaN is not.

    Parameters
    ----------
    value, target
        Both in one unit.
    strict
        The clause says "more than" and not "at least".

    Examples
    --------
    >>> reaches(30.0, 30.0), reaches(30.0, 30.0, strict=True)
    (True, False)
    """
    return exceeds(value, target) if strict else at_least(value, target)


def missing(amount: float, needed: float, *, whole: bool = False, strict: bool = False) -> float:
    """How much must be added to reach what is needed.

    Parameters
    ----------
    amount, needed
        In one unit, >= 0.
    whole
        The thing is indivisible: persons, places. What is not reached lacks at least one.
    strict
        What is needed must be passed, not merely reached. As nothing says by how much, it is counted to
        the next whole unit, indivisible or not.

    Returns
    -------
    float
        0 where it is reached; NaN where either is unknown.

    Examples
    --------
    >>> missing(2.5, 4.0), missing(2.5, 4.0, whole=True), missing(4.0, 4.0)
    (1.5, 2, 0.0)
    """
    # the same tolerance decides here as in the verdict: nothing is missing where it is reached
    if math.isnan(amount) or math.isnan(needed):
        return math.nan
    if reaches(amount, needed, strict=strict):
        return 0.0
    if strict:
        # whatever does not exceed the limit is below the next whole number
        return whole_needed(needed + abs(needed) * RELATIVE_TOLERANCE, strict=True) - amount
    # less than one of an indivisible thing is one that is missing
    return max(1.0, whole_needed(needed - amount)) if whole else needed - amount


def household_grids_needed(households: pd.Series, *, nominal: float) -> pd.Series:
    """How many grids of a nominal size a community is divided into: ``max(1, round(households / nominal))``.

    Halves are rounded up: 750 households at 500 are 2 grids.

    Parameters
    ----------
    households
        Households of each community; NaN where unknown.
    nominal
        Households of one grid, > 0.

    Returns
    -------
    Series
        float64, indexed like `households`; NaN where they are unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> household_grids_needed(pd.Series([100.0, 749.0, 750.0]), nominal=500).tolist()
    [1.0, 1.0, 2.0]
    """
    # halves up: numpy and Python would round them to the even number
    rounded = np.floor(households / nominal + 0.5)
    return rounded.where(rounded >= 1, 1.0).where(households.notna()).astype("float64")
