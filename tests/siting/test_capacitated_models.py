"""Sites with room for so many: flows by hand, and a town of middling size against HiGHS given long."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import scipy.sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lifecircle.siting import locate
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.solvers.capacitated import capacitated_relaxation
from lifecircle.siting.solvers.capacitated_interchange import (
    capacitated_interchange,
    capacitated_local_search,
    greedy_open_capacitated,
)
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem, allocate

FAR = np.inf
UNLIMITED = TimeBudget.of(np.inf)


def capacitated(costs, people, capacity, new, *, unserved=FAR, fixed=()):
    costs, chosen = np.asarray(costs, float), np.isin(np.arange(np.shape(costs)[1]), fixed)
    row, site = np.nonzero(np.isfinite(costs))
    return CapacitatedProblem(
        row, site, costs[row, site], np.asarray(people, float), np.asarray(capacity, float),
        chosen, ~chosen, new, unserved,
    )  # fmt: skip


def grid_town(blocks, sites, seed):
    """Blocks 100 m apart with 1 to 39 people, candidates at crossings, walks along the streets."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(blocks)))
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)[:blocks] * 100.0
    crossings = rng.integers(0, side, (sites, 2)) * 100.0 + 50
    walks = np.abs(at[:, None] - crossings[None]).sum(-1)
    return walks, rng.integers(1, 40, blocks).astype(float)


def test_a_third_street_moves_on_so_that_the_first_finds_room():
    """A chain: 10 people at each of three blocks, 10 places at each of three sites a step apart.

    The first block reaches only site 0, the second 0 (cost 1) and 1 (cost 4), the third 1 (cost 1) and 2
    (cost 9). Everybody fits in one way alone: 10 x 2 + 10 x 4 + 10 x 9 = 150.
    """
    walks = [[2, FAR, FAR], [1, 4, FAR], [FAR, 1, 9]]
    result = allocate(capacitated(walks, [10, 10, 10], [10, 10, 10], 3), np.ones(3, bool))
    assert result.value == 150
    assert result.people.tolist() == [10, 0, 10, 0, 10]


def test_whoever_costs_more_to_serve_than_to_leave_is_left():
    """Room for 5 at cost 3 and 5 at cost 8 for 12 people, 6 a person unserved: 5 x 3 + 7 x 6."""
    result = allocate(capacitated([[3, 8]], [12], [5, 5], 2, unserved=6), np.ones(2, bool))
    assert result.value == 5 * 3 + 7 * 6
    assert result.people.tolist() == [5, 0]


def test_people_who_do_not_fit_are_said_not_to():
    assert allocate(capacitated([[3, 8]], [12], [5, 5], 2), np.ones(2, bool)) is None


def test_one_exchange_is_made_where_it_saves_and_none_where_it_does_not():
    """Two blocks of 10; site 1 is next to both but holds 10: sites 0 and 2 together serve all for 60."""
    walks, people, capacity = [[3, 1, FAR], [FAR, 1, 3]], [10, 10], [10, 10, 10]
    problem = capacitated(walks, people, capacity, 2, unserved=100)
    better, cost = capacitated_interchange(problem, np.array([False, True, False]), budget=UNLIMITED)
    assert cost == 10 + 10 * 100
    better, cost = capacitated_interchange(problem, np.array([True, False, True]), budget=UNLIMITED)
    # 10 at site 1 for 10 and the others at 0 or 2 for 30 is better still.
    assert cost == 40
    assert better.sum() == 2


def test_of_sites_that_serve_as_many_the_nearer_ones_are_taken():
    """Every site has places for 50 of 110 people; sites 1 and 3 are next to them."""
    walks = [[900, 10, 800, 700], [900, 700, 800, 20]]
    one = locate(walks, [100, 10], "mclp", 1, 50, 1000)
    assert (list(one.sites), one.served, one.proven) == ([1], 50, True)
    assert (one.flows["people"] * one.flows["cost"]).sum() == 50 * 10
    two = locate(walks, [60, 50], "mclp", 2, 50, 1000)
    assert (list(two.sites), two.served) == ([1, 3], 100)


def highs(walks, people, capacity, new, *, nodes=None):
    """People beyond 1,200 m or without a place by the plain model: the fewest met, and HiGHS's bound.

    `nodes` ends the search after so many nodes of its tree: the same answer on any machine.
    """
    row, site = np.nonzero(walks <= 1200)
    pairs, (blocks, sites) = len(row), walks.shape
    flow = scipy.sparse.coo_array((np.ones(pairs), (np.arange(pairs), row)), shape=(pairs, blocks)).T
    into = scipy.sparse.coo_array((np.ones(pairs), (np.arange(pairs), site)), shape=(pairs, sites)).T
    opened = scipy.sparse.hstack([scipy.sparse.csr_array((1, pairs)), np.ones((1, sites))])
    result = milp(
        np.r_[-np.ones(pairs), np.zeros(sites)],
        integrality=np.r_[np.zeros(pairs), np.ones(sites)],
        bounds=Bounds(0, np.r_[people[row], np.ones(sites)]),
        constraints=[
            LinearConstraint(scipy.sparse.hstack([flow, scipy.sparse.csr_array((blocks, sites))]), ub=people),
            LinearConstraint(scipy.sparse.hstack([into, scipy.sparse.diags_array(-capacity)]), ub=0),
            LinearConstraint(opened, new, new),
        ],
        options={} if nodes is None else {"node_limit": nodes},
    )
    return people.sum() + result.fun, people.sum() + result.mip_dual_bound


@pytest.fixture(scope="module")
def town():
    """60 candidates, 2,000 blocks, ten sites to open with places for some 70 in 100 people."""
    walks, people = grid_town(2_000, 60, seed=1)
    spread = np.random.default_rng(9).uniform(0.5, 1.5, 60)
    return walks, people, np.round(people.sum() * 0.7 / 10 * spread)


def test_a_town_where_highs_does_not_close_is_served_as_well_and_bounded_better(town):
    walks, people, capacity = town
    near = np.where(walks <= 1200, 0.0, FAR)
    problem, beyond = capacitated(near, people, capacity, 10, unserved=1.0).merged()
    begin = greedy_open_capacitated(problem, budget=UNLIMITED)
    is_open, left = capacitated_local_search(problem, begin, seed=0, budget=UNLIMITED, stop=threading.Event())
    known = capacitated_relaxation(problem, is_open, left, budget=UNLIMITED)
    least, bound = highs(walks, people, capacity, 10, nodes=1)
    assert bound <= known.bound + beyond <= least
    assert left + beyond <= least + 1e-6
    assert left - known.bound <= 0.02 * (people.sum() - left)


def test_a_town_where_highs_closes_is_proven_to_the_same_figure(town):
    walks, people, capacity = town
    location = locate(walks, people, "mclp", 5, capacity, 1200, time_limit_s=600)
    assert (location.loads <= capacity[list(location.sites)]).all()
    assert (
        location.flows.groupby("demand")["people"].sum() <= people[location.flows["demand"].unique()]
    ).all()
    least, _ = highs(walks, people, capacity, 5)
    assert location.proven
    assert people.sum() - location.objective == pytest.approx(least)


def test_a_town_whose_people_walk_least_is_close_to_its_bound():
    walks, people = grid_town(900, 40, seed=1)
    spread = np.random.default_rng(9).uniform(0.5, 1.5, 40)
    problem = capacitated(walks, people, people.sum() * 1.15 / 8 * spread, 8)
    is_open, cost = capacitated_interchange(
        problem, greedy_open_capacitated(problem, budget=UNLIMITED), budget=UNLIMITED
    )
    known = capacitated_relaxation(problem, is_open, cost, budget=UNLIMITED)
    assert allocate(problem, is_open).value == pytest.approx(cost)
    assert known.bound <= cost <= known.bound * 1.03
