"""Closing deficits against every set of sites there is."""

from __future__ import annotations

import itertools
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.siting import close_deficits
from lifecircle.siting.models import closing
from lifecircle.tables import read_costs


@settings(max_examples=60, deadline=None)
@given(
    near=st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=6, max_size=6),
    people=st.lists(st.integers(0, 9).map(float), min_size=6, max_size=6),
    wanted=st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
def test_no_fewer_sites_close_the_deficits_that_sites_can_close(near, people, wanted):
    near, people = np.array(near), np.array(people)
    community = pd.Series(["A", "A", "A", "B", "B", "elsewhere"])
    deficit = pd.Series({"A": float(wanted[0]), "B": float(wanted[1])})

    def gained(sites):
        reached = people * near[:, list(sites)].any(axis=1) if sites else people * 0
        return np.array([reached[community == name].sum() for name in ("A", "B")])

    possible = np.minimum(gained(range(4)), deficit.to_numpy())
    fewest = next(
        count
        for count in range(5)
        if any((gained(sites) >= possible).all() for sites in itertools.combinations(range(4), count))
    )
    costs = read_costs(np.where(near, 1.0, np.inf), people)
    result = close_deficits(costs, community, deficit, time_limit_s=600)
    assert result.is_open.sum() == result.bound == fewest
    assert (gained(np.flatnonzero(result.is_open).tolist()) >= possible - 1e-6).all()
    missing = deficit - possible
    assert result.beyond.to_dict() == pytest.approx(missing[missing > 0].to_dict())


@settings(max_examples=60, deadline=None)
@given(
    near=st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=6, max_size=6),
    people=st.lists(st.integers(0, 9).map(float), min_size=6, max_size=6),
    wanted=st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
def test_where_a_model_is_too_large_for_highs_greedy_closes_and_its_gains_bound(near, people, wanted):
    near, people = np.array(near), np.array(people)
    community = pd.Series(["A", "A", "A", "B", "B", "elsewhere"])
    deficit = pd.Series({"A": float(wanted[0]), "B": float(wanted[1])})

    def gained(sites):
        reached = people * near[:, list(sites)].any(axis=1) if len(sites) else people * 0
        return np.array([reached[community == name].sum() for name in ("A", "B")])

    possible = np.minimum(gained(range(5)), deficit.to_numpy())
    fewest = next(
        count
        for count in range(6)
        if any((gained(sites) >= possible).all() for sites in itertools.combinations(range(5), count))
    )
    costs = read_costs(np.where(near, 1.0, np.inf), people)
    with mock.patch.object(closing, "_LARGEST_MODEL", -1):
        result = close_deficits(costs, community, deficit, time_limit_s=600)
    assert result.bound <= fewest <= result.is_open.sum()
    assert (result.bound == 0) == (fewest == 0)
    assert (gained(np.flatnonzero(result.is_open)) >= possible - 1e-6).all()
    # Greedy by its definition: each site brings most of what is missing, of equals the first.
    opened = []
    while (gained(opened) < possible - 1e-6).any():
        brought = [np.minimum(gained([*opened, j]), possible).sum() for j in range(5)]
        opened.append(int(np.argmax(brought)))
    assert np.flatnonzero(result.is_open).tolist() == sorted(opened)
