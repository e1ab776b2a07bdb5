"""Sites in the order in which they help most: against every choice of as many, and by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.siting.next_sites import next_sites


def reached(table, people, sites):
    return float(people[table[:, list(sites)].any(axis=1)].sum())


@settings(max_examples=80, deadline=None)
@given(
    table=st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=9),
    numbers=st.lists(st.integers(0, 20), min_size=9, max_size=9),
    most=st.integers(1, 5),
)
def test_each_site_is_the_best_next_one_and_no_choice_of_as_many_passes_the_bound(table, numbers, most):
    table, people = np.array(table), np.array(numbers[: len(table)], float)
    row, site = np.nonzero(table)
    chosen = next_sites(row, site, people, sites=6, most=most)
    opened = []
    for at, gain in zip(chosen.sites, chosen.gains, strict=True):
        now = reached(table, people, opened)
        further = [reached(table, people, [*opened, j]) - now for j in range(6)]
        assert gain == max(further)
        assert at == int(np.argmax(further))
        opened.append(int(at))
    assert len(opened) == most or reached(table, people, opened) == reached(table, people, range(6))
    for k in range(most + 1):
        best = max(reached(table, people, choice) for choice in combinations(range(6), k))
        assert chosen.bounds[k] >= best
    first = [next((k for k, j in enumerate(opened) if line[j]), -1) for line in table]
    assert chosen.step.tolist() == first


def test_the_first_site_is_the_best_single_one_and_proven():
    chosen = next_sites(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([5.0, 7.0]), sites=3, most=2)
    assert chosen.sites.tolist() == [0]
    assert chosen.bounds.tolist() == [0, 12, 12]


def test_where_nobody_is_beyond_reach_nothing_opens():
    nothing = np.empty(0, np.int64)
    for sites in (0, 4):
        chosen = next_sites(nothing, nothing, np.empty(0), sites=sites, most=3)
        assert len(chosen.sites) == 0
        assert chosen.bounds.tolist() == [0, 0, 0, 0]
