"""Catchments with capacity against linear programmes and against every way there is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lifecircle.siting import capacity_catchments

TENTHS = st.integers(0, 90).map(lambda tenths: tenths / 10)
COST = st.one_of(st.integers(0, 30).map(float), st.just(math.inf))


@st.composite
def cities(draw, most_rows=7, most_sites=4, people=TENTHS):
    rows, sites = draw(st.integers(1, most_rows)), draw(st.integers(1, most_sites))
    costs = draw(st.lists(st.lists(COST, min_size=sites, max_size=sites), min_size=rows, max_size=rows))
    lived = draw(st.lists(people, min_size=rows, max_size=rows))
    room = draw(st.lists(st.integers(0, 150).map(lambda tenths: tenths / 10), min_size=sites, max_size=sites))
    return np.array(costs), np.array(lived), np.array(room)


def most_and_cheapest(costs, people, room):
    """HiGHS, twice: the most people, then the least cost of serving as many."""
    pairs = np.argwhere(np.isfinite(costs))
    if not len(pairs):
        return 0.0, 0.0
    shares = np.zeros((len(people) + len(room), len(pairs)))
    shares[pairs[:, 0], np.arange(len(pairs))] = 1
    shares[len(people) + pairs[:, 1], np.arange(len(pairs))] = 1
    limits = np.concatenate([people, room])
    most = -linprog(-np.ones(len(pairs)), A_ub=shares, b_ub=limits).fun
    least = linprog(
        costs[tuple(pairs.T)], A_ub=np.vstack([shares, -np.ones(len(pairs))]), b_ub=[*limits, -most + 1e-9]
    )
    return most, least.fun


@settings(max_examples=80, deadline=None)
@given(city=cities())
def test_minimum_cost_flow_equals_highs(city):
    costs, people, room = city
    result = capacity_catchments(costs, people, capacity=room)
    most, least = most_and_cheapest(costs, people, room)
    assert result.served == pytest.approx(most, abs=1e-4)
    assert result.person_cost == pytest.approx(least, abs=1e-2)
    assert (result.stations["people"] <= room + 1e-9).all()
    per_point = result.flows.groupby("demand")["people"].sum()
    assert (per_point <= people[per_point.index] + 1e-9).all()
    assert result.served + result.left_over["people"].sum() == pytest.approx(people.sum(), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    city=cities(4, 3, st.integers(0, 9).map(float)),
    community=st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_whole_communities_are_the_best_of_all_ways_to_send_them(city, community):
    costs, people, room = city
    of_point = np.array(community[: len(people)])
    lived = [c for c in np.unique(of_point) if people[of_point == c].sum() > 0]
    best = (0.0, 0.0)
    for ways in itertools.product(range(-1, costs.shape[1]), repeat=len(lived)):
        load, spent, served = np.zeros(costs.shape[1]), 0.0, 0.0
        for c, site in zip(lived, ways, strict=True):
            if site >= 0:
                there = (of_point == c) & (people > 0)
                load[site] += people[there].sum()
                served += people[there].sum()
                spent += (people[there] * costs[there, site]).sum()
        if np.isfinite(spent) and (load <= room).all():
            best = min(best, (-served, spent))
    result = capacity_catchments(costs, people, capacity=room, community=of_point, whole=True)
    assert result.served == pytest.approx(-best[0])
    assert result.bound == pytest.approx(-best[0])
    assert result.person_cost == pytest.approx(best[1])
