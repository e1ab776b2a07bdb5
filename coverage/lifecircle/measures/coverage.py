"""Who is within reach: residents, or dwellings, inside a service's cutoff, per community."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from lifecircle.measures.indexes import community_codes, require_same_index
from lifecircle.measures.rounding import at_most

__all__ = ["CommunitySums", "covered_by_all", "covered_dwellings", "covered_residents", "nearest_of"]


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
    return CommunitySums.of(demand, weight).inside(np.atleast_1d(at_most(cost, cutoff)))


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
    within = np.logical_and.reduce(at_most(costs, cutoff), axis=1)
    return CommunitySums.of(demand, weight).inside(within)


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


@dataclass(frozen=True, eq=False)
class CommunitySums:
    """Demand points numbered by community once, to be summed inside many limits.

    Attributes
    ----------
    communities : those that the sums are told of, in their order
    place : int64, one per demand point, its community among them; -1 for those of none
    weight : float64, one per demand point, what is counted, >= 0

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A", "B", ""], "residents": [30.0, 10.0, 5.0, 1.0]})
    >>> sums = CommunitySums.of(homes, "residents", communities=pd.Index(["B", "A", "C"]))
    >>> sums.inside(np.array([True, False, True, True]))["covered"].to_dict()
    {'B': 5.0, 'A': 30.0, 'C': 0.0}
    """

    communities: pd.Index
    place: npt.NDArray[np.intp]
    weight: npt.NDArray[np.float64]

    @classmethod
    def of(cls, demand: pd.DataFrame, weight: str, *, communities: pd.Index | None = None) -> CommunitySums:
        """Number the points of `demand` by `communities`, else by those that occur in it, sorted.

        Parameters
        ----------
        demand
            One row per demand point: ``community`` (``""`` outside every one) and `weight`, of which
            NaN counts as nobody.
        """
        codes, names = community_codes(demand)
        if communities is not None:
            # the last entry answers for points outside every community
            asked = np.append(communities.get_indexer(names), -1)
            codes, names = asked[codes], communities
        return cls(names, codes, demand[weight].fillna(0.0).to_numpy(dtype=np.float64))

    def inside(self, within: npt.NDArray[np.bool_]) -> pd.DataFrame:
        """``residents``, ``covered``, ``beyond`` and ``share`` of every community, as `covered_residents`.

        Parameters
        ----------
        within
            One per demand point: whether it lies inside the limit.
        """
        # sums by community, either side of the limit: one pass over the points
        placed = self.place >= 0
        bins = 2 * self.place[placed] + within[placed]
        sums = np.bincount(bins, weights=self.weight[placed], minlength=2 * len(self.communities))
        beyond, covered = sums.astype(np.float64).reshape(-1, 2).T
        # The total is their sum, so that rounding cannot leave a covered community a hair short of itself.
        residents = covered + beyond
        with np.errstate(invalid="ignore"):
            share = covered / np.where(residents > 0, residents, np.nan)
        told = {"residents": residents, "covered": covered, "beyond": beyond, "share": share}
        return pd.DataFrame(told, index=self.communities)
