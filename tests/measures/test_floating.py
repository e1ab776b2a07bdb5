"""Floating catchments: by hand, against a loop over people and hospitals, and the published example."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.errors import InputError
from lifecircle.measures import floating_catchment, gaussian

METHODS = ("2sfca", "e2sfca", "m2sfca", "3sfca")


def naive(costs, people, supply, method, weigh):
    """The definition, pair by pair."""
    rows, sites = range(len(costs)), range(len(costs[0]))
    w = [[weigh(costs[i][j]) if math.isfinite(costs[i][j]) else 0.0 for j in sites] for i in rows]
    if method == "3sfca":
        w = [[v * v / sum(line) if sum(line) else 0.0 for v in line] for line in w]
    wanted = [sum(people[i] * w[i][j] for i in rows) for j in sites]
    ratio = [supply[j] / wanted[j] if wanted[j] else 0.0 for j in sites]
    power = 2 if method == "m2sfca" else 1
    return [sum(ratio[j] * w[i][j] ** power for j in sites) for i in rows]


def test_two_clinics_by_hand():
    """Clinic A (2 doctors) is reached by 100 and 300 people, clinic B (3 doctors) by the 300 alone."""
    costs = pd.DataFrame([[500.0, np.inf], [900.0, 1000.0]], index=["west", "east"], columns=["A", "B"])
    result = floating_catchment(costs, [100, 300], [2, 3], method="2sfca", cutoffs=[1000])
    assert result.to_dict() == {"west": 2 / 400, "east": 2 / 400 + 3 / 300}


def test_the_hospital_example_of_the_access_package():
    """Its three tracts in gridlock, weights 1/cost up to 60 minutes.

    Demand felt at hospital 3: 100/40 + 50/40 + 10/1 = 13.75, so R3 = 100/13.75. At 1: 100 + 50/40 + 10/40
    (tracts 1 and 2 do not reach each other there, so 100 + 10/40); the same for 2.
    """
    far = np.inf
    costs = np.array([[1, far, 40], [far, 1, 40], [40, 40, 1.0]])
    r = [15 / (100 + 10 / 40), 20 / (50 + 10 / 40), 100 / 13.75]
    result = floating_catchment(
        costs, [100, 50, 10], [15, 20, 100], "e2sfca", cutoffs=[60], weights=lambda cost: 1 / cost
    )
    expected = [r[0] + r[2] / 40, r[1] + r[2] / 40, r[0] / 40 + r[1] / 40 + r[2]]
    assert result.to_numpy() == pytest.approx(expected, rel=1e-12)


def test_all_supply_is_handed_out_but_m2sfca_loses_what_is_far():
    """One clinic, one place, weight 0.5: with e2sfca everybody shares all of it, with m2sfca half of it."""
    options = {"cutoffs": [1, 2], "weights": [1.0, 0.5]}
    assert floating_catchment(np.array([[2.0]]), [10.0], [5.0], "e2sfca", **options)[0] == 0.5
    assert floating_catchment(np.array([[2.0]]), [10.0], [5.0], "m2sfca", **options)[0] == 0.25


def test_supply_named_by_site_counts_for_the_right_ones_and_order_does_not_matter():
    table = pd.DataFrame({"demand": ["p", "q"], "site": ["B", "A"], "cost": [1.0, 1.0]})
    supply = pd.Series({"A": 10.0, "B": 20.0, "nobody reaches it": 99.0})
    people = pd.Series({"q": 5.0, "p": 4.0, "reaches nothing": 7.0})
    result = floating_catchment(table, people, supply, cutoffs=[1])
    assert result.to_dict() == {"q": 2.0, "p": 5.0, "reaches nothing": 0.0}


COST = st.one_of(st.integers(0, 1500).map(float), st.just(math.inf))


@given(
    costs=st.lists(st.lists(COST, min_size=3, max_size=3), min_size=1, max_size=6),
    people=st.lists(st.integers(0, 50).map(float), min_size=6, max_size=6),
    method=st.sampled_from(METHODS),
)
def test_every_method_equals_the_loop(costs, people, method):
    supply = [3.0, 0.0, 8.0]
    people = people[: len(costs)]
    if method == "2sfca":
        options, weigh = {"cutoffs": [800]}, lambda c: float(c <= 800)
    else:
        options = {"cutoffs": [400, 800, 1200], "weights": [1, 0.68, 0.22]}

        def weigh(c):
            return 1.0 if c <= 400 else 0.68 if c <= 800 else 0.22 if c <= 1200 else 0.0

    result = floating_catchment(np.array(costs), people, supply, method, **options)
    assert result.to_numpy() == pytest.approx(naive(costs, people, supply, method, weigh), rel=1e-9)


@given(costs=st.lists(st.lists(COST, min_size=2, max_size=2), min_size=1, max_size=5))
def test_gaussian_weights_equal_the_loop(costs):
    result = floating_catchment(
        np.array(costs), None, [1.0, 2.0], "e2sfca", cutoffs=[1000], weights=gaussian(400.0)
    )
    expected = naive(
        costs, [1.0] * len(costs), [1.0, 2.0], "e2sfca", lambda c: math.exp(-(c**2) / 320_000) * (c <= 1000)
    )
    assert result.to_numpy() == pytest.approx(expected, rel=1e-9)


def test_all_faults_are_named_together():
    with pytest.raises(InputError) as caught:
        floating_catchment(np.ones((2, 2)), [1, 1], [1, 2, 3], "2sfcaa")
    assert [fault.key for fault in caught.value.faults] == [
        "floating-method",
        "floating-no-cutoff",
        "amount-length",
    ]
    with pytest.raises(InputError, match="greater than the one before"):
        floating_catchment(np.ones((1, 1)), [1], [1], "e2sfca", cutoffs=[5, 3], weights=[1, 1])


def test_a_method_in_capitals_is_told_its_own_name():
    with pytest.raises(InputError) as caught:
        floating_catchment(np.ones((1, 1)), [1], [1], "E2SFCA", cutoffs=[5], weights=[1])
    assert "e2sfca" in str(caught.value).partition("did you mean")[2]


@pytest.mark.parametrize(
    ("wish", "keys"),
    [
        ({"cutoffs": "300 m"}, ["decay-cutoffs"]),
        ({"cutoffs": [3], "weights": ["a"]}, ["decay-weights"]),
        ({"supply": None}, ["amount-length"]),
        (
            {"method": "zz", "cutoffs": [5, 3], "demand": [-1.0], "weights": [1, 1]},
            ["floating-method", "decay-cutoffs", "amount-value"],
        ),
    ],
)
def test_arguments_that_are_something_else_are_told_together(wish, keys):
    asked = {"costs": np.ones((1, 1)), "demand": [1.0], "supply": [1.0], "method": "e2sfca", "cutoffs": [3]}
    with pytest.raises(InputError) as caught:
        floating_catchment(**{**asked, **wish})
    assert [fault.key for fault in caught.value.faults] == keys
