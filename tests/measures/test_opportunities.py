"""Cumulative opportunities and gravity, by hand and against loops."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.errors import InputError, MismatchedIndexError
from lifecircle.measures import (
    cumulative_opportunities,
    floating_catchment,
    gaussian,
    gravity,
    mean_by_community,
    negative_exponential,
    steps,
)


def test_jobs_within_five_ten_and_fifteen_minutes_by_hand():
    """Shops with 2, 3 and 7 jobs at 5, 10.5 and 15 minutes; the other point reaches none."""
    minutes = np.array([[5.0, 10.5, 15.0], [np.inf, np.inf, 15.01]])
    result = cumulative_opportunities(minutes, [2, 3, 7], cutoffs=[5, 10, 15])
    assert result.to_numpy().tolist() == [[2, 2, 12], [0, 0, 0]]
    assert cumulative_opportunities(minutes, cutoffs=[15]).to_numpy().tolist() == [[3], [0]]


def test_stored_zeros_are_next_door_and_absent_pairs_out_of_reach():
    sparse = scipy.sparse.csr_array(([0.0], [1], [0, 1, 1]), shape=(2, 2))
    assert cumulative_opportunities(sparse, cutoffs=[0]).to_numpy().tolist() == [[1], [0]]


def test_gravity_by_hand():
    """10 jobs here and 10 at twice the distance over which the weight halves: 12.5."""
    rate = math.log(2) / 100
    assert gravity(np.array([[0.0, 200.0]]), [10, 10], decay=negative_exponential(rate))[0] == pytest.approx(
        12.5
    )
    assert gravity(np.array([[300.0, np.inf]]), decay=gaussian(300.0))[0] == pytest.approx(math.exp(-0.5))


COST = st.one_of(st.integers(0, 20).map(float), st.just(math.inf))


@given(costs=st.lists(st.lists(COST, min_size=3, max_size=3), min_size=1, max_size=6))
def test_counts_equal_a_loop_and_grow_with_the_cutoff(costs):
    result = cumulative_opportunities(np.array(costs), cutoffs=[4, 9, 15])
    for i, line in enumerate(costs):
        assert result.loc[i].tolist() == [sum(c <= end for c in line) for end in (4, 9, 15)]
    assert (result.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_a_community_has_the_mean_of_its_residents():
    """10 people with 3 shops and 30 with 1; somebody outside; a community where nobody lives."""
    demand = pd.DataFrame({"community": ["A", "A", "", "B"], "residents": [10.0, 30.0, 5.0, 0.0]})
    result = mean_by_community(demand, pd.Series([3.0, 1.0, 9.0, 9.0], name="shops"))["shops"]
    assert result["A"] == 1.5
    assert math.isnan(result["B"])
    with pytest.raises(MismatchedIndexError):
        mean_by_community(demand, pd.Series([1.0]))


def test_parameters_that_mean_nothing_are_refused():
    for refused in (lambda: negative_exponential(0), lambda: gaussian(-1)):
        with pytest.raises(InputError, match="is not above 0"):
            refused()
    for cutoffs in ([], -15, "abc", [15, 5], [[5, 15]], None):
        with pytest.raises(InputError, match="no cutoffs"):
            cumulative_opportunities(np.ones((1, 1)), cutoffs=cutoffs)
    with pytest.raises(InputError, match="3 is no function of the cost"):
        gravity(np.ones((1, 1)), decay=3)
    with pytest.raises(InputError, match="far is not above 0"):
        gaussian("far")


def test_one_cutoff_needs_no_list():
    minutes = np.array([[5.0, 20.0]])
    assert cumulative_opportunities(minutes, cutoffs=15).equals(
        cumulative_opportunities(minutes, cutoffs=[15])
    )
    assert gravity(minutes, decay=steps(15, 0.5)).tolist() == [0.5]
    assert floating_catchment(minutes, [10], [1, 1], cutoffs=15).tolist() == [0.1]


def test_figures_and_parameters_are_refused_together():
    with pytest.raises(InputError) as caught:
        cumulative_opportunities(np.array([[-1.0]]), [1.0], cutoffs=[15, 5])
    assert [fault.key for fault in caught.value.faults] == ["decay-cutoffs", "cost-negative"]


def test_codes_that_are_numbers_are_sorted_as_the_text_they_become():
    demand = pd.DataFrame({"community": [9, 10, "2"], "residents": 1.0})
    result = mean_by_community(demand, pd.Series([1.0, 2.0, 3.0], name="shops"))
    assert result["shops"].to_dict() == {"10": 2.0, "2": 3.0, "9": 1.0}
    assert result.index.tolist() == ["10", "2", "9"]
