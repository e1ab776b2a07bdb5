"""Gini and Palma by hand and against the definition, person by person; shares of cohorts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.errors import InputError
from lifecircle.measures import cohort_shares, gini, palma


def test_gini_by_hand():
    """One person has nothing, one has all: half the mean difference over the mean is 1/2."""
    assert gini([0, 10], [1, 1]) == 0.5
    assert gini([7, 7], [3, 9]) == pytest.approx(0)


def test_palma_by_hand():
    """Ten people with 1 to 10 minutes: the last has 10, the first four have 1 + 2 + 3 + 4."""
    assert palma(np.arange(1, 11), np.ones(10)) == pytest.approx(1.0)
    assert palma([5], [100]) == pytest.approx(0.25)


@given(rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=8))
def test_gini_is_half_the_mean_difference_of_any_two_people(rows):
    persons = [minutes for minutes, count in rows for _ in range(count)]
    result = gini([r[0] for r in rows], [r[1] for r in rows])
    if not persons or not sum(persons):
        assert math.isnan(result)
        return
    differences = sum(abs(a - b) for a in persons for b in persons)
    assert result == pytest.approx(differences / (2 * len(persons) * sum(persons)), abs=1e-12)


@given(rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=8))
def test_palma_counts_people_in_tenths(rows):
    """Ten copies of everybody, so that tenths are whole people."""
    persons = sorted(minutes for minutes, count in rows for _ in range(10 * count))
    result = palma([r[0] for r in rows], [r[1] for r in rows])
    if not persons or not sum(persons):
        assert math.isnan(result)
        return
    tenth = len(persons) // 10
    least, most = sum(persons[: 4 * tenth]), sum(persons[-tenth:])
    assert result == (pytest.approx(most / least) if least else math.inf)


def test_the_unreached_make_it_unknown_unless_they_are_given_a_figure():
    assert math.isnan(gini([1, math.inf], [1, 1]))
    assert gini([0, math.inf], [1, 1], unreached_as=10) == 0.5
    assert gini([3, math.inf], [1, 0]) == pytest.approx(0)


def test_cohorts_walk_at_their_own_speed():
    """Everybody is 15 minutes away; the old take 20. One point of the old is unreached."""
    demand = pd.DataFrame({"residents": [100.0, 50.0], "over60": [10.0, 30.0]})
    everybody = pd.Series([15.0, 15.0])
    result = cohort_shares(
        demand, {"residents": everybody, "over60": pd.Series([20.0, math.inf])}, cutoff_min=15
    )
    assert result["share"].to_dict() == {"residents": 1.0, "over60": 0.0}
    assert result["unreached"].to_dict() == {"residents": 0.0, "over60": 30.0}


def test_one_each_where_people_are_left_out_and_matched_by_index_where_both_have_one():
    assert gini([0, 10]) == gini([0, 10], [1, 1])
    walks, people = pd.Series([0.0, 10.0], index=["a", "b"]), pd.Series([3.0, 1.0], index=["b", "a"])
    assert gini(walks, people) == gini([0, 10], [1, 3])


@pytest.mark.parametrize("measure", [gini, palma])
@pytest.mark.parametrize(
    ("values", "people", "keys"),
    [
        ([-1, 2, -3], [1, 1, 1], ["equity-negative"]),
        (["far", 2], [1, 1], ["cost-not-a-number"]),
        ([1, 2], [1, -1], ["amount-value"]),
        ([1, 2], [1], ["amount-length"]),
        ([-1, 2], [1], ["equity-negative", "amount-length"]),
        ("far", None, ["cost-not-a-number"]),
    ],
)
def test_what_is_no_amount_is_told_together(measure, values, people, keys):
    with pytest.raises(InputError) as caught:
        measure(values, people)
    assert [fault.key for fault in caught.value.faults] == keys
    assert all(caught.value.render(lang) for lang in ("en", "zh"))
