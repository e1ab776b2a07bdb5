"""Measures against loops over people, and what must hold whatever the city."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.measures import (
    catchment_loads,
    covered_by_all,
    covered_residents,
    minutes_of_communities,
    overload,
    share_of_areas,
    whole_needed,
)

# Whole people and quarter minutes, so that sums are exact and a loop may compare with ==.
PEOPLE = st.integers(0, 50).map(float)
MINUTES = st.one_of(st.integers(0, 160).map(lambda q: q / 4), st.just(math.inf))
POINTS = st.lists(st.tuples(st.sampled_from(["", "A", "B", "C"]), PEOPLE, MINUTES, MINUTES), max_size=40)
CUTOFF = st.sampled_from([0.25, 5.0, 10.0, 15.0, 39.75])


def city(points):
    table = pd.DataFrame(points, columns=["community", "residents", "first", "second"])
    return table.astype(
        {"community": "object", "residents": "float64", "first": "float64", "second": "float64"}
    )


@given(points=POINTS, cutoff=CUTOFF)
def test_covered_residents_equal_a_loop_over_points(points, cutoff):
    demand = city(points)
    result = covered_residents(demand, demand["first"], cutoff=cutoff)
    for code in {point[0] for point in points} - {""}:
        inside = sum(p for c, p, m, _ in points if c == code and m <= cutoff)
        everybody = sum(p for c, p, _, _ in points if c == code)
        assert result.loc[code, ["residents", "covered", "beyond"]].tolist() == [
            everybody,
            inside,
            everybody - inside,
        ]
        share = result.loc[code, "share"]
        assert math.isnan(share) if everybody == 0 else share == pytest.approx(inside / everybody)
    assert "" not in result.index


@given(points=POINTS, cutoff=CUTOFF)
def test_who_reaches_all_equals_a_loop_and_is_never_more_than_who_reaches_one(points, cutoff):
    demand = city(points)
    every = covered_by_all(demand, demand[["first", "second"]], cutoff=cutoff)["covered"]
    one = covered_residents(demand, demand["first"], cutoff=cutoff)["covered"]
    assert (every <= one).all()
    for code in every.index:
        assert every[code] == sum(p for c, p, m, n in points if c == code and max(m, n) <= cutoff)


@given(points=POINTS, cutoff=CUTOFF)
def test_a_further_facility_or_more_time_never_covers_fewer(points, cutoff):
    demand = city(points)
    before = covered_residents(demand, demand["first"], cutoff=cutoff)
    built = covered_residents(demand, demand[["first", "second"]].min(axis=1), cutoff=cutoff)
    later = covered_residents(demand, demand["first"], cutoff=cutoff + 1)
    assert (built["covered"] >= before["covered"]).all()
    assert (later["covered"] >= before["covered"]).all()
    assert (built["residents"] == before["residents"]).all()


@given(points=POINTS)
def test_quantiles_equal_a_walk_along_every_person(points):
    demand = city(points)
    result = minutes_of_communities(demand, demand["first"])
    for code in result.index:
        walks = sorted(m for c, p, m, _ in points if c == code for _ in range(int(p)))
        if not walks:
            assert result.loc[code].isna().all()
            continue
        for name, share in (("median_min", 0.5), ("p90_min", 0.9)):
            walk = walks[math.ceil(share * len(walks) - 1e-9) - 1]
            value = result.loc[code, name]
            assert math.isnan(value) if walk == math.inf else value == walk
        unreached = sum(walk == math.inf for walk in walks) / len(walks)
        assert result.loc[code, "unreached_share"] == pytest.approx(unreached)


@given(points=POINTS, order=st.randoms(use_true_random=False))
def test_results_do_not_depend_on_the_order_of_rows(points, order):
    shuffled = list(points)
    order.shuffle(shuffled)
    one, other = city(points), city(shuffled)
    pd.testing.assert_frame_equal(
        minutes_of_communities(one, one["first"]), minutes_of_communities(other, other["first"])
    )


@given(points=POINTS, ids=st.lists(st.sampled_from(["", "s1", "s2", "s3"]), min_size=40, max_size=40))
def test_catchments_conserve_people_and_count_each_committee_once(points, ids):
    demand = city(points)
    facility = pd.Series(ids[: len(points)], index=demand.index, dtype="object")
    result = catchment_loads(demand, facility, demand["first"], beyond_min=15)
    reached = sum(p for (_, p, _, _), s in zip(points, ids, strict=False) if s)
    assert result["residents"].sum() == reached
    assert (result["beyond_residents"] <= result["residents"]).all()
    counted = {c for (c, p, _, _), s in zip(points, ids, strict=False) if c and s and p > 0}
    assert result["communities"].sum() == len(counted)


@given(load=st.integers(0, 10**6), most=st.integers(1, 30000))
def test_further_stations_just_bring_everybody_under_the_limit(load, most):
    further = overload(load, most_people=most)
    assert load <= most * (1 + further)
    assert further == 0 or load > most * further


@given(
    statuses=st.lists(st.sampled_from(["met", "short", "no-data"]), min_size=1, max_size=30),
    percent=st.integers(0, 100),
)
def test_the_interval_rule_agrees_with_trying_both_extremes(statuses, percent):
    result = share_of_areas(statuses, percent / 100)
    needs = percent * len(statuses)
    worst = 100 * statuses.count("met") >= needs
    best = 100 * (statuses.count("met") + statuses.count("no-data")) >= needs
    assert result.status == ("met" if worst else "no-data" if best else "short")


@given(whole=st.integers(0, 10**7), noise=st.floats(-9e-7, 9e-7))
def test_noise_far_below_a_person_never_asks_for_one_more(whole, noise):
    assert whole_needed(max(0.0, whole + noise)) == whole
    assert whole_needed(whole + 0.5) == whole + 1
    assert whole_needed(np.float64(whole), strict=True) == whole + 1
