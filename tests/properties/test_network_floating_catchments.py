"""Cumulative counts and two-step floating catchments by `accumulate`: by hand, and against plain loops."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streets_in_metres import CRS, metric_network, points

from lifecircle.errors import ContractError
from lifecircle.network import accumulate, pairs

STEPS_MM, WEIGHTS = [400_000, 700_000, 1_000_000], [1.0, 0.68, 0.22]


def e2sfca(network, homes, clinics, people, beds, **options):
    """Beds per person within reach of every home (Luo and Qi, 2009)."""
    step = {"n_services": 1, "cutoffs": STEPS_MM, "weights": WEIGHTS, **options}
    demand = accumulate(
        network, clinics, homes, service=np.zeros(len(homes), int), owner=np.arange(len(homes)),
        amount=people, towards="origins", **step,
    )[:, 0]  # fmt: skip
    ratio = np.divide(beds, demand, out=np.zeros(len(beds)), where=demand > 0)
    codes = {"service": np.zeros(len(clinics), int), "owner": np.arange(len(clinics))}
    return accumulate(network, homes, clinics, amount=ratio, **codes, **step)[:, 0]


def test_two_clinics_on_one_street_by_hand():
    # homes at 0, 500 and 900 m; clinics at 0 and 900 m
    network = metric_network([(0, 0), (900, 0)], [(0, 1)])
    homes, clinics = network.snap(points((0, 0), (500, 0), (900, 0))), network.snap(points((0, 0), (900, 0)))
    people, beds = np.array([100.0, 50.0, 10.0]), np.array([20.0, 5.0])
    first = 20 / (100 * 1.0 + 50 * 0.68 + 10 * 0.22)
    second = 5 / (100 * 0.22 + 50 * 1.0 + 10 * 1.0)
    expected = [first + 0.22 * second, 0.68 * first + second, 0.22 * first + second]
    np.testing.assert_allclose(e2sfca(network, homes, clinics, people, beds), expected, rtol=1e-12)


def city_of(seed):
    """Random streets, some of them one-way, with homes and clinics beside them."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 1500, (20, 2))
    edges = [(*rng.choice(20, 2, replace=False), rng.choice(["both", "forward"])) for _ in range(35)]
    network = metric_network(places, edges)
    homes, clinics = (gpd.GeoSeries.from_xy(*rng.uniform(0, 1500, (2, n)), crs=CRS) for n in (30, 6))
    return network, network.snap(homes), network.snap(clinics), rng


@given(seed=st.integers(0, 2**20))
def test_floating_catchments_equal_loops_over_people_and_clinics(seed):
    network, homes, clinics, rng = city_of(seed)
    people, beds = rng.integers(0, 9, 30).astype(float), rng.integers(1, 9, 6).astype(float)
    weight = np.zeros((30, 6))
    for home, clinic, cost in zip(*pairs(network, homes, clinics, max_cost=STEPS_MM[-1]), strict=True):
        for limit, factor in reversed(list(zip(STEPS_MM, WEIGHTS, strict=True))):
            if cost <= limit:
                weight[home, clinic] = factor
    expected = []
    for home in range(30):
        total = 0.0
        for clinic in range(6):
            crowd = sum(people[other] * weight[other, clinic] for other in range(30))
            if crowd > 0:
                total += weight[home, clinic] * beds[clinic] / crowd
        expected.append(total)
    np.testing.assert_allclose(e2sfca(network, homes, clinics, people, beds), expected, rtol=1e-12)


@given(seed=st.integers(0, 2**20), limit=st.integers(1, 2_000_000))
def test_counts_equal_loops_over_facilities(seed, limit):
    network, homes, clinics, _ = city_of(seed)
    service, owner = np.array([0, 0, 1, 1, 1, 0]), np.array([7, 7, 2, 5, 5, 1])
    result = accumulate(
        network, homes, clinics, service=service, owner=owner, n_services=2, cutoffs=[limit], weights=[1.0]
    )
    reached = [[set(), set()] for _ in range(30)]
    for home, row, _ in zip(*pairs(network, homes, clinics, max_cost=limit), strict=True):
        reached[home][service[row]].add(owner[row])
    np.testing.assert_array_equal(result, [[len(one), len(other)] for one, other in reached])


def test_the_number_of_threads_changes_no_bit():
    network, homes, clinics, rng = city_of(3)
    people, beds = rng.random(30), rng.random(6)
    alone = e2sfca(network, homes, clinics, people, beds, threads=1)
    assert (alone == e2sfca(network, homes, clinics, people, beds, threads=3)).all()
    assert alone.max() > 0


@pytest.mark.parametrize("cutoffs", [[], [5, 5], [5, 4]])
def test_cutoffs_that_do_not_ascend_are_refused(cutoffs):
    network, homes, clinics, _ = city_of(1)
    codes = {"service": np.zeros(6, int), "owner": np.arange(6), "n_services": 1}
    with pytest.raises(ContractError, match="ascend"):
        accumulate(network, homes, clinics, cutoffs=cutoffs, weights=[1.0] * len(cutoffs), **codes)
