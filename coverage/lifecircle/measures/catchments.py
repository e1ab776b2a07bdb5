"""Catchments: whose nearest facility is which, and how many facilities a number of people needs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lifecircle.arguments import require
from lifecircle.errors import ContractError, Fault, InputError
from lifecircle.measures.indexes import require_same_index
from lifecircle.measures.rounding import PEOPLE_TOLERANCE, at_most, whole_needed
from lifecircle.tables import share_weights

__all__ = ["catchment_loads", "committees_served", "facilities_needed", "facilities_useful", "overload"]


def catchment_loads(
    demand: pd.DataFrame, facility: pd.Series, minutes: pd.Series, *, beyond_min: float
) -> pd.DataFrame:
    """Residents whose nearest facility each one is.

    Parameters
    ----------
    demand
        One row per demand point: ``community``, ``residents`` (persons, NaN where unknown) and, for the
        count of committees, ``weight`` that stands in for unknown residents.
    facility
        Id of each point's nearest facility, ``""`` where none can be reached. Indexed like `demand`.
    minutes
        Minutes to it. Indexed like `demand`.
    beyond_min
        Residents farther than this are counted apart; exactly at it is not beyond.

    Returns
    -------
    DataFrame
        Indexed by facility, sorted; only facilities that are somebody's nearest: ``residents``,
        ``beyond_residents`` (of them; persons; both NaN where the number of none is known) and
        ``communities`` (see `committees_served`).

    Raises
    ------
    MismatchedIndexError
        If `facility` or `minutes` is not indexed like `demand`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A", "B"], "residents": [30.0, 10.0, 5.0]})
    >>> nearest, minutes = pd.Series(["x", "x", "y"]), pd.Series([4.0, 20.0, 9.0])
    >>> catchment_loads(homes, nearest, minutes, beyond_min=15)
              residents  beyond_residents  communities
    facility
    x              40.0              10.0            1
    y               5.0               0.0            1
    """
    require("rows", demand=demand)
    require("series", facility=facility, minutes=minutes)
    require("number", beyond_min=beyond_min)
    lacking = [name for name in ("community", "residents") if name not in demand.columns]
    if lacking:
        raise InputError(Fault("table-lacks", field="demand", values={"column": name}) for name in lacking)
    require_same_index(demand, facility, what="nearest facilities")
    require_same_index(demand, minutes, what="walking times")
    # unknown residents stay unknown: a sum without any known value is NaN
    served = pd.DataFrame(
        {
            "facility": facility.to_numpy(),
            "residents": demand["residents"].to_numpy(dtype=np.float64),
            "beyond_residents": np.where(at_most(minutes, beyond_min), 0.0, 1.0) * demand["residents"],
        }
    )
    # whoever reaches none is in nobody's catchment
    loads = served[served["facility"] != ""].groupby("facility", sort=True).sum(min_count=1)
    # committees count whole, each with the facility that most of its people have nearest
    committees = committees_served(demand, facility)
    loads["communities"] = committees.value_counts().reindex(loads.index, fill_value=0).astype("int64")
    return loads


def committees_served(demand: pd.DataFrame, facility: pd.Series) -> pd.Series:
    """The facility that most people of each committee have nearest.

    Each committee belongs to the facility that serves the largest number of its residents, ties to the
    smaller id, so that every committee with a resident who reaches any facility is counted once.

    Parameters
    ----------
    demand
        ``community`` (``""`` outside every one), ``residents``, and ``weight`` where those are unknown.
    facility
        Id of each point's nearest facility, ``""`` where none. Indexed like `demand`.

    Returns
    -------
    Series
        Facility id, indexed by community, sorted. Committees where nobody lives are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A", "B"], "residents": [30.0, 10.0, 5.0]})
    >>> committees_served(homes, pd.Series(["x", "y", "y"])).to_dict()
    {'A': 'x', 'B': 'y'}
    """
    require_same_index(demand, facility, what="nearest facilities")
    served = pd.DataFrame(
        {
            "community": demand["community"].to_numpy(),
            "facility": facility.to_numpy(),
            "residents": share_weights(demand).to_numpy(),
        }
    )
    # residents by committee and facility; the most win, of equals the smaller id
    known = (served["community"] != "") & (served["facility"] != "") & (served["residents"] > 0)
    sums = served[known].groupby(["community", "facility"], as_index=False, sort=True)["residents"].sum()
    most = sums.sort_values(["community", "residents", "facility"], ascending=[True, False, True])
    return most.drop_duplicates("community").set_index("community")["facility"]


def facilities_needed(residents: float, *, most_people: float) -> int:
    """Least number of facilities so that none has more than `most_people`: ``ceil(residents / most)``.

    Parameters
    ----------
    residents
        People to be served, >= 0.
    most_people
        People that one facility may serve, > 0.

    Examples
    --------
    >>> facilities_needed(45_000, most_people=20_000)
    3
    """
    _require_people(residents)
    # a person more than full facilities hold needs one more
    return whole_needed(residents / most_people)


def facilities_useful(residents: float, *, least_people: float, most_people: float) -> int:
    """Largest number that still leaves each `least_people`, but never fewer than are needed.

    Parameters
    ----------
    residents
        People to be served, >= 0.
    least_people, most_people
        People that one facility should at least and may at most serve, > 0.

    Examples
    --------
    >>> facilities_useful(45_000, least_people=10_000, most_people=20_000)
    4
    """
    _require_people(residents)
    # as many as the least load fills, but no fewer than the greatest load needs
    return max(
        facilities_needed(residents, most_people=most_people),
        math.floor(residents / least_people + PEOPLE_TOLERANCE),
    )


def overload(load: float, *, most_people: float) -> int:
    """Further facilities a catchment needs: ``ceil(load / most_people) - 1``, never negative.

    Parameters
    ----------
    load
        People of the catchment.
    most_people
        People that one facility may serve, > 0.

    Returns
    -------
    int
        Facilities to be added.

    Examples
    --------
    >>> overload(45_000, most_people=20_000), overload(12_000, most_people=20_000)
    (2, 0)
    """
    require("number", load=load, most_people=most_people)
    if not 0 < most_people < math.inf:
        raise InputError(Fault("not-above-zero", field="most_people", values={"found": most_people}))
    # the facility that is there serves the first share
    return max(0, facilities_needed(load, most_people=most_people) - 1)


def _require_people(residents: float) -> None:
    """A number of people is known and not negative."""
    if not 0 <= residents < math.inf:
        raise ContractError(f"residents must be a number >= 0, not {residents}")
