"""How far the people of a community walk, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lifecircle.errors import MismatchedIndexError
from lifecircle.measures import minutes_of_communities

INF = math.inf


def figures(people, minutes, community=None):
    demand = pd.DataFrame({"community": community or ["A"] * len(people), "residents": people})
    return minutes_of_communities(demand, pd.Series(minutes, dtype="float64"))


def test_the_median_is_somebodys_walk_and_weighs_people_not_points():
    """1, 1 and 8 people at 2, 4 and 30 minutes: the fifth of ten walks 30."""
    row = figures([1.0, 1.0, 8.0], [2, 4, 30]).loc["A"]
    assert (row["median_min"], row["p90_min"], row["unreached_share"]) == (30.0, 30.0, 0.0)


def test_exactly_half_at_or_under_is_the_median():
    row = figures([5.0, 4.0, 1.0], [2, 4, 30]).loc["A"]
    assert (row["median_min"], row["p90_min"]) == (2.0, 4.0)


def test_the_unreached_count_as_infinite_and_never_vanish():
    """A tenth unreached: nine tenths still walk 20 or less. A hair more, and the 90th percentile is blank."""
    assert figures([9.0, 1.0], [20, INF]).loc["A", "p90_min"] == 20.0
    row = figures([8.9, 1.1], [20, INF]).loc["A"]
    assert row["median_min"] == 20.0
    assert math.isnan(row["p90_min"])
    assert row["unreached_share"] == pytest.approx(0.11)


def test_a_community_where_nobody_lives_or_nobody_is_reached_is_blank():
    result = figures([0.0, 5.0, 6.0], [3, INF, 4], ["A", "B", "C"])
    assert result.loc["A"].isna().all()
    assert math.isnan(result.loc["B", "median_min"])
    assert result.loc["B", "unreached_share"] == 1.0
    assert result.loc["C", "p90_min"] == 4.0


def test_points_outside_every_community_are_nobodys():
    assert figures([1.0, 2.0], [3, 4], ["", "B"]).index.tolist() == ["B"]


def test_no_points_at_all_are_no_rows():
    assert figures(np.array([], dtype="float64"), [], []).empty


def test_another_index_is_refused():
    demand = pd.DataFrame({"community": ["A"], "residents": [1.0]})
    with pytest.raises(MismatchedIndexError):
        minutes_of_communities(demand, pd.Series([1.0], index=[9]))
