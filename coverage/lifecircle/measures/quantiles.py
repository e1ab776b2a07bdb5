"""Minutes of a community: resident-weighted median and 90th percentile, the unreached infinite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lifecircle.measures.indexes import community_codes, require_same_index
from lifecircle.measures.rounding import RELATIVE_TOLERANCE

__all__ = ["minutes_of_communities"]


def minutes_of_communities(
    demand: pd.DataFrame, minutes: pd.Series, *, weight: str = "residents"
) -> pd.DataFrame:
    """How far the people of each community walk.

    The q-quantile is the smallest of the observed minutes m such that at least q of the residents walk
    m or less (the inverse of the distribution function; no interpolation between people). The unreached
    count as infinitely far: where more than 1 - q of the residents are unreached there is no such m.

    Parameters
    ----------
    demand
        One row per demand point: ``community`` (``""`` outside every one) and `weight` (>= 0).
    minutes
        Minutes to the nearest facility, ``inf`` where none can be reached. Indexed like `demand`.
    weight
        Column of `demand` to weigh by.

    Returns
    -------
    DataFrame
        Indexed by community, sorted: ``median_min``, ``p90_min`` (minutes; NaN where that resident is
        unreached or nobody lives there) and ``unreached_share`` (0 to 1; NaN where nobody lives there).

    Raises
    ------
    MismatchedIndexError
        If `minutes` is not indexed like `demand`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A"] * 3, "residents": [50.0, 40.0, 10.0]})
    >>> minutes_of_communities(homes, pd.Series([4.0, 12.0, float("inf")]))
               median_min  p90_min  unreached_share
    community
    A                 4.0     12.0              0.1
    """
    require_same_index(demand, minutes, what="walking times")
    codes, names = community_codes(demand)
    # points outside every community fall away
    in_one = codes >= 0
    codes = codes[in_one]
    walk = minutes.to_numpy(dtype=np.float64)[in_one]
    people = demand[weight].fillna(0.0).to_numpy(dtype=np.float64)[in_one]
    totals = np.bincount(codes, weights=people, minlength=len(names)).astype(np.float64)
    unreached = np.bincount(codes, weights=np.where(np.isfinite(walk), 0.0, people), minlength=len(names))
    # people counted up from the shortest walk, community by community
    order = np.lexsort((walk, codes))
    group, walk, cumulated = codes[order], walk[order], np.cumsum(people[order])
    # Sums start anew in every group: take off what was counted before its first point.
    before = np.concatenate(([0.0], cumulated))[np.searchsorted(group, np.arange(len(names)))]
    cumulated -= before[group]
    share = np.divide(unreached, totals, out=np.full(len(names), np.nan), where=totals > 0)
    # inverse distribution function: no interpolation between people
    figures = {
        "median_min": _quantile(group, walk, cumulated, totals, 0.5),
        "p90_min": _quantile(group, walk, cumulated, totals, 0.9),
        "unreached_share": share,
    }
    return pd.DataFrame(figures, index=names)


def _quantile(
    group: npt.NDArray[np.intp],
    walk: npt.NDArray[np.float64],
    cumulated: npt.NDArray[np.float64],
    totals: npt.NDArray[np.float64],
    share: float,
) -> npt.NDArray[np.float64]:
    """Smallest minutes within which a share of each group lives; NaN where infinite or nobody lives.

    Points are sorted by group and minutes; `cumulated` counts people within their group.
    """
    # the first point of each group at which the count reaches the share
    enough = np.flatnonzero(cumulated >= share * totals[group] * (1.0 - RELATIVE_TOLERANCE))
    minutes = np.full(len(totals), np.nan)
    which, first = np.unique(group[enough], return_index=True)
    minutes[which] = walk[enough[first]]
    minutes[~(totals > 0) | ~np.isfinite(minutes)] = np.nan
    return minutes
