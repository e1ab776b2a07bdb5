"""Every location model against all sets of sites there are, and what must hold whatever the city."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lifecircle.errors import InputError
from lifecircle.siting import locate
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.solvers.capacitated import capacitated_relaxation
from lifecircle.siting.solvers.capacitated_interchange import capacitated_interchange, greedy_open_capacitated
from lifecircle.siting.solvers.capacitated_problem import CapacitatedProblem, allocate

INF = math.inf
COST = st.one_of(st.integers(0, 12).map(float), st.just(INF))
UNLIMITED = TimeBudget.of(np.inf)
QUICK = settings(max_examples=60, deadline=None)


@st.composite
def cities(draw, most_rows=7, most_sites=6):
    rows, sites = draw(st.integers(1, most_rows)), draw(st.integers(1, most_sites))
    costs = draw(st.lists(st.lists(COST, min_size=sites, max_size=sites), min_size=rows, max_size=rows))
    people = draw(st.lists(st.integers(0, 9).map(float), min_size=rows, max_size=rows))
    fixed = draw(st.sets(st.integers(0, sites - 1), max_size=1))
    forbidden = draw(st.sets(st.integers(0, sites - 1), max_size=1)) - fixed
    new = draw(st.integers(0, sites - len(fixed) - len(forbidden)))
    return np.array(costs), np.array(people), sorted(fixed), sorted(forbidden), new


def sets_of(city):
    costs, _, fixed, forbidden, new = city
    free = [j for j in range(costs.shape[1]) if j not in fixed and j not in forbidden]
    return [sorted([*fixed, *extra]) for extra in itertools.combinations(free, new)]


def best_costs(costs, sites):
    return costs[:, sites].min(axis=1) if sites else np.full(len(costs), INF)


def asked(city, **options):
    costs, people, fixed, forbidden, new = city
    return locate(costs, people, new=new, fixed=fixed, forbidden=forbidden, **options)


def check_or_refused(city, best, **options):
    """The answer's objective is the best of all sets; where none serves everybody, it says so."""
    if not np.isfinite(best):
        with pytest.raises(InputError):
            asked(city, **options)
        return None
    result = asked(city, **options)
    assert result.objective == pytest.approx(best)
    assert result.bound == pytest.approx(best)
    assert result.proven
    return result


@QUICK
@given(city=cities())
def test_p_median_is_the_cheapest_of_all_sets(city):
    costs, people = city[:2]
    lived = people > 0

    def total(sites):
        return float((best_costs(costs, sites)[lived] * people[lived]).sum())

    result = check_or_refused(city, min(total(sites) for sites in sets_of(city)), model="p-median")
    if result:
        assert total(list(result.sites)) == pytest.approx(result.objective)
        assert len(result.new_sites) == city[4]


@QUICK
@given(city=cities(), penalty=st.integers(0, 15))
def test_p_median_with_a_penalty_leaves_people_unserved_only_where_that_is_cheaper(city, penalty):
    costs, people = city[:2]

    def total(sites):
        return float((np.minimum(best_costs(costs, sites), penalty) * people).sum())

    result = check_or_refused(city, min(map(total, sets_of(city))), model="p-median", unserved=penalty)
    assert (result.flows["cost"] <= penalty).all()


@QUICK
@given(city=cities(), cutoff=st.integers(0, 12))
def test_mclp_covers_the_most_people_of_all_sets(city, cutoff):
    costs, people = city[:2]
    best = max(float(people[best_costs(costs, sites) <= cutoff].sum()) for sites in sets_of(city))
    result = check_or_refused(city, best, model="mclp", cutoff=cutoff)
    assert result.served == pytest.approx(best)


@QUICK
@given(city=cities())
def test_p_center_brings_the_farthest_nearest_of_all_sets(city):
    costs, people = city[:2]
    lived = people > 0
    best = min(float(best_costs(costs, sites)[lived].max(initial=0.0)) for sites in sets_of(city))
    check_or_refused(city, best, model="p-center")


@QUICK
@given(city=cities(), penalty=st.integers(0, 15))
def test_p_center_counts_the_unserved_as_the_penalty_away(city, penalty):
    costs, people = city[:2]
    lived = people > 0

    def worst(sites):
        return float(np.minimum(best_costs(costs, sites), penalty)[lived].max(initial=0.0))

    check_or_refused(city, min(map(worst, sets_of(city))), model="p-center", unserved=penalty)


@QUICK
@given(city=cities(), cutoff=st.integers(0, 12))
def test_lscp_needs_no_more_sites_than_the_smallest_cover(city, cutoff):
    costs, people, fixed, forbidden, _ = city
    free = [j for j in range(costs.shape[1]) if j not in fixed and j not in forbidden]
    sizes = [
        len(fixed) + count
        for count in range(len(free) + 1)
        for extra in itertools.combinations(free, count)
        if (best_costs(costs, [*fixed, *extra])[people > 0] <= cutoff).all()
    ]
    check_or_refused(city, min(sizes, default=INF), model="lscp", cutoff=cutoff)


@QUICK
@given(city=cities(), cutoff=st.integers(1, 12))
def test_one_more_site_never_covers_fewer(city, cutoff):
    costs, people, fixed, forbidden, new = city
    if new == 0:
        return
    before = locate(costs, people, model="mclp", cutoff=cutoff, new=new - 1, fixed=fixed, forbidden=forbidden)
    after = asked(city, model="mclp", cutoff=cutoff)
    assert after.objective >= before.objective


def transport(costs, people, capacity, sites, unserved):
    """Least cost of sharing people out among some sites, by a plain linear programme."""
    pairs = [(i, j) for i in range(len(people)) for j in sites if np.isfinite(costs[i, j])]
    pairs += [(i, -1) for i in range(len(people))] if np.isfinite(unserved) else []
    if not pairs:
        return 0.0 if people.sum() == 0 else INF
    each = [[float(i == k) for i, _ in pairs] for k in range(len(people))]
    room = [[float(j == k) for _, j in pairs] for k in sites] or None
    price = [unserved if j < 0 else costs[i, j] for i, j in pairs]
    limits = [capacity[j] for j in sites] or None
    result = linprog(price, A_ub=room, b_ub=limits, A_eq=each, b_eq=people)
    return result.fun if result.status == 0 else INF


CAPACITY = st.lists(st.integers(0, 25).map(float), min_size=5, max_size=5)


@settings(max_examples=40, deadline=None)
@given(city=cities(5, 5), capacity=CAPACITY)
def test_capacitated_mclp_serves_the_most_people_of_all_sets_and_never_more_than_a_site_holds(city, capacity):
    costs, people = city[:2]
    room = np.array(capacity[: costs.shape[1]])
    within = np.where(costs <= 6, 0.0, INF)
    best = people.sum() - min(transport(within, people, room, sites, 1.0) for sites in sets_of(city))
    result = check_or_refused(city, best, model="mclp", cutoff=6, capacity=room)
    assert (result.loads <= room[list(result.sites)] + 1e-6).all()
    assert result.flows.groupby("demand")["people"].sum().le(pd_people(people) + 1e-6).all()


def pd_people(people):
    return people.max() if len(people) else 0.0


@settings(max_examples=40, deadline=None)
@given(city=cities(5, 5), capacity=CAPACITY, unserved=st.sampled_from(["error", 20.0]))
def test_capacitated_p_median_is_the_cheapest_of_all_sets_or_says_that_room_is_missing(
    city, capacity, unserved
):
    costs, people = city[:2]
    room = np.array(capacity[: costs.shape[1]])
    penalty = INF if unserved == "error" else unserved
    best = min(transport(costs, people, room, sites, penalty) for sites in sets_of(city))
    result = check_or_refused(city, best, model="p-median", capacity=room, unserved=unserved)
    if result:
        assert (result.loads <= room[list(result.sites)] + 1e-6).all()


def chosen(sites, count):
    return np.isin(np.arange(count), sites)


@settings(max_examples=40, deadline=None)
@given(city=cities(5, 5), capacity=CAPACITY, unserved=st.sampled_from([INF, 20.0, 3.0]))
def test_search_with_room_never_beats_the_best_set_and_the_bound_never_exceeds_it(city, capacity, unserved):
    costs, people, fixed, forbidden, new = city
    count = costs.shape[1]
    row, site = np.nonzero(np.isfinite(costs) & ~chosen(forbidden, count) & (people > 0)[:, None])
    free = ~chosen([*fixed, *forbidden], count)
    room = np.array(capacity[:count])
    problem = CapacitatedProblem(
        row, site, costs[row, site], people, room, chosen(fixed, count), free, new, unserved
    )
    totals = {tuple(sites): transport(costs, people, room, sites, unserved) for sites in sets_of(city)}
    for sites, total in totals.items():
        flow = allocate(problem, chosen(sites, count))
        assert (flow is None) == math.isinf(total)
        assert flow is None or flow.value == pytest.approx(total)
    merged, beyond = problem.merged()
    begin = greedy_open_capacitated(merged, budget=UNLIMITED)
    assert (begin & free).sum() == new
    is_open, cost = capacitated_interchange(merged, begin, budget=UNLIMITED)
    shared = allocate(problem, is_open)
    known = capacitated_relaxation(merged, is_open, cost, budget=UNLIMITED)
    best = min(totals.values())
    assert known.bound + beyond <= best + 1e-6 * max(1.0, problem.penalty * people.sum())
    assert shared is None or shared.value >= best - 1e-6
    assert shared is None or shared.value == pytest.approx(cost + beyond)
