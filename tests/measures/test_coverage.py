"""Who is covered, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lifecircle.errors import MismatchedIndexError
from lifecircle.measures import covered_by_all, covered_dwellings, covered_residents, nearest_of

INF = math.inf


@pytest.fixture
def demand():
    """Three households: 10, 20 and 30 people in one community; one more outside every one."""
    return pd.DataFrame(
        {
            "community": ["A", "A", "A", ""],
            "residents": [10.0, 20.0, 30.0, 99.0],
            "dwellings": [4.0, 8.0, np.nan, 50.0],
        },
        index=[7, 3, 5, 1],
    )


def minutes_of(demand, *values):
    return pd.Series(values, index=demand.index)


def test_three_households_by_hand(demand):
    """10, 20 and 30 people at 5, 15 and 16 minutes: 30 of 60 are inside 15."""
    result = covered_residents(demand, minutes_of(demand, 5, 15, 16, 1), cutoff=15)
    assert result.loc["A"].to_dict() == {"residents": 60.0, "covered": 30.0, "beyond": 30.0, "share": 0.5}
    assert result.index.tolist() == ["A"]


def test_an_unreached_point_counts_as_a_resident_and_not_as_covered(demand):
    result = covered_residents(demand, minutes_of(demand, 5, INF, np.nan, 1), cutoff=15)
    assert result.loc["A", ["residents", "covered", "beyond"]].tolist() == [60.0, 10.0, 50.0]


def test_a_thousand_metres_at_four_kilometres_an_hour_are_fifteen_minutes(demand):
    walk = 1000.0 / (4000.0 / 60.0)
    just_over = 1000.001 / (4000.0 / 60.0)
    result = covered_residents(demand, minutes_of(demand, walk, just_over, just_over, 1), cutoff=15)
    assert result.loc["A", "covered"] == 10.0


def test_where_nobody_lives_the_share_is_unknown(demand):
    result = covered_residents(demand.assign(residents=0.0), minutes_of(demand, 5, 15, 16, 1), cutoff=15)
    assert result.loc["A", "covered"] == 0.0
    assert math.isnan(result.loc["A", "share"])


def test_minutes_of_another_city_are_refused_with_both_sizes(demand):
    with pytest.raises(MismatchedIndexError, match=r"walking times \(2\).*demand points \(4\).*\[1, 5\]"):
        covered_residents(demand, pd.Series([1.0, 2.0], index=[7, 3]), cutoff=15)
    with pytest.raises(MismatchedIndexError, match="another order"):
        covered_residents(demand, minutes_of(demand, 1, 2, 3, 4).sort_index(), cutoff=15)


def test_all_groups_must_be_reached_by_the_same_people(demand):
    """Each service covers two of the three households; only the second has both."""
    costs = pd.DataFrame({"shop": [5, 5, 20, 1], "market": [20, 5, 5, 1]}, index=demand.index)
    assert covered_by_all(demand, costs, cutoff=15).loc["A", "covered"] == 20.0
    assert covered_by_all(demand, costs[[]], cutoff=15).loc["A", "covered"] == 60.0


def test_dwellings_are_counted_beside_people_and_unknown_ones_as_none(demand):
    result = covered_dwellings(demand, minutes_of(demand, 5, 16, 5, 1), cutoff=15)
    assert result.loc["A"].to_dict() == {"dwellings": 12.0, "covered": 4.0, "beyond": 8.0, "share": 1 / 3}


def test_the_nearest_alternative_counts_and_an_unrouted_one_cannot_be_reached(demand):
    costs = pd.DataFrame({"shop": [5, 9, INF, 1], "market": [7, 5, INF, 1]}, index=demand.index)
    assert nearest_of(costs, ["shop", "market", "kiosk"]).tolist() == [5, 5, INF, 1]
    assert nearest_of(costs, ["kiosk"]).tolist() == [INF] * 4
