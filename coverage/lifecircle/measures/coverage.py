"""Who is within reach: residents, or dwellings, inside a service's cutoff, per community."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from lifecircle.measures.indexes import community_codes, require_same_index
from lifecircle.measures.rounding import at_most

__all__ = ["covered_by_all", "covered_dwellings", "covered_residents", "nearest_of"]


def covered_residents(
    demand: pd.DataFrame, cost: pd.Series, *, cutoff: float, weight: str = "residents"
) -> pd.DataFrame:
    """Residents within and beyond a walking time or distance, per community.

    Parameters
    ----------
    demand
        One row per demand point: ``community`` (id, ``""`` outside every one) and `weight`.
    cost
        Minutes or metres from each demand point to its nearest facility; ``inf`` where none can be
        reached. Indexed like `demand`.
    cutoff
        The limit in the unit of `cost`, > 0. A point exactly at the limit is covered.
    weight
        What is counted: ``residents``, a cohort such as ``over60`` or ``dwellings``; >= 0, NaN counts
        as nobody.

    Returns
    -------
    DataFrame
        Indexed by community, sorted, without ``""``: ``residents``, ``covered``, ``beyond`` (in the
        unit of `weight`) and ``share`` (0 to 1; NaN where nobody lives).
        ``covered + beyond == residents``: the unreached are residents, not covered.

    Raises
    ------
    MismatchedIndexError
        If `cost` is not indexed like `demand`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A", "B"], "residents": [30.0, 10.0, 5.0]})
    >>> covered_residents(homes, pd.Series([15.0, 15.1, float("inf")]), cutoff=15)
               residents  covered  beyond  share
    community
    A               40.0     30.0    10.0   0.75
    B                5.0      0.0     5.0   0.00
    """
    require_same_index(demand, cost, what="walking times")
    return _covered(demand, np.atleast_1d(at_most(cost, cutoff)), weight)


def covered_by_all(
    demand: pd.DataFrame, costs: pd.DataFrame, *, cutoff: float, weight: str = "residents"
) -> pd.DataFrame:
    """Residents who reach every one of several services within the cutoff, per community.

    Parameters
    ----------
    demand, cutoff, weight
        As in `covered_residents`.
    costs
        Demand point × service (or group, see `nearest_of`), minutes or metres. No column at all asks
        for nothing, so everybody is covered.

    Returns
    -------
    DataFrame
        As in `covered_residents`.

    Raises
    ------
    MismatchedIndexError
        If `costs` is not indexed like `demand`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A"], "residents": [30.0, 10.0]})
    >>> minutes = pd.DataFrame({"market": [5.0, 9.0], "pharmacy": [8.0, 20.0]})
    >>> covered_by_all(homes, minutes, cutoff=15)["share"].to_dict()
    {'A': 0.75}
    """
    require_same_index(demand, costs, what="walking times")
    # the conjunction over no service is true: whoever is asked for nothing has it all
    return _covered(demand, np.logical_and.reduce(at_most(costs, cutoff), axis=1), weight)


def covered_dwellings(demand: pd.DataFrame, cost: pd.Series, *, cutoff: float) -> pd.DataFrame:
    """`covered_residents` of ``demand["dwellings"]``; the total is column ``dwellings``.

    Parameters
    ----------
    demand
        One row per demand point: ``community`` and ``dwellings`` (>= 0).
    cost, cutoff
        As in `covered_residents`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A"], "dwellings": [3.0, 1.0]})
    >>> covered_dwellings(homes, pd.Series([5.0, 20.0]), cutoff=15)["share"].to_dict()
    {'A': 0.75}
    """
    counted = covered_residents(demand, cost, cutoff=cutoff, weight="dwellings")
    return counted.rename(columns={"residents": "dwellings"})


def nearest_of(costs: pd.DataFrame, services: Iterable[str]) -> pd.Series:
    """Cost to the nearest of several alternatives: a market or a fresh-food shop.

    Parameters
    ----------
    costs
        Demand point × service, minutes or metres; ``inf`` where unreached.
    services
        The alternatives; one that `costs` does not hold cannot be reached.

    Returns
    -------
    Series
        Indexed like `costs`; ``inf`` where none is reached.

    Examples
    --------
    >>> import pandas as pd
    >>> minutes = pd.DataFrame({"market": [5.0, 9.0], "fresh-food-shop": [8.0, 2.0]})
    >>> nearest_of(minutes, ["market", "fresh-food-shop"]).tolist()
    [5.0, 2.0]
    """
    # a service that was not routed to is out of reach; inf leaves the minimum to the others
    known = [service for service in services if service in costs.columns]
    if not known:
        return pd.Series(np.inf, index=costs.index, dtype="float64")
    return pd.Series(np.minimum.reduce([costs[name].to_numpy() for name in known]), index=costs.index)


def _covered(demand: pd.DataFrame, within: npt.NDArray[np.bool_], weight: str) -> pd.DataFrame:
    """Sum a weight inside and outside a limit by community."""
    # points outside every community carry code -1 and count nowhere
    codes, names = community_codes(demand)
    people = demand[weight].fillna(0.0).to_numpy(dtype=np.float64)
    placed = codes >= 0

    # sums by community: one pass over the points
    def total(counted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        chosen = placed & counted
        sums = np.bincount(codes[chosen], weights=people[chosen], minlength=len(names))
        return sums.astype(np.float64)

    covered, beyond = total(within), total(~within)
    # The total is their sum, so that rounding cannot leave a covered community a hair short of itself.
    sums = pd.DataFrame({"residents": covered + beyond, "covered": covered, "beyond": beyond}, index=names)
    sums["share"] = sums["covered"] / sums["residents"].where(sums["residents"] > 0)
    return sums
