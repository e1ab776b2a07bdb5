"""Catchments with capacity: by hand, and against a linear programme."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from lifecircle.errors import InputError
from lifecircle.siting import capacity_catchments

FAR = np.inf


def test_three_blocks_two_stations_by_hand():
    """60, 30 and 30 people; station A holds 80, B 20: the middle block is divided, 20 people are left.

    120 people, 100 places. B is only reached from the middle, so it takes 20 of it; A takes the rest that
    fits, nearest first: all 60 of the first (100 m), and of the others the 10 of the middle left (200 m)
    before the 30 of the last (300 m), of whom 10 fit.
    """
    costs = np.array([[100.0, FAR], [200.0, 150.0], [300.0, FAR]])
    people = pd.Series([60.0, 30.0, 30.0], index=["first", "middle", "last"])
    result = capacity_catchments(costs, people, capacity=[80.0, 20.0], floor=50, community=["N", "N", "S"])
    served = result.flows.set_index(["demand", "site"])["people"].to_dict()
    assert served == {("first", 0): 60, ("middle", 0): 10, ("middle", 1): 20, ("last", 0): 10}
    assert result.person_cost == 60 * 100 + 10 * 200 + 20 * 150 + 10 * 300
    assert result.left_over.loc["S", "people"] == 20
    assert result.left_over.loc["S", "stations_missing"] == 20 / 80
    assert list(result.left_over.index) == ["S"]
    assert result.stations_missing == 1
    assert result.stations["below_floor"].tolist() == [False, True]
    assert result.stations["max_cost"].tolist() == [300, 150]


def test_more_people_are_served_even_where_that_costs_more():
    """One place each: the first could go next door, but then the second would find no room."""
    result = capacity_catchments(np.array([[1.0, 900.0], [5.0, FAR]]), capacity=1.0)
    assert result.served == 2
    assert result.person_cost == 905


def test_people_beyond_the_cutoff_are_out_of_reach_and_those_at_it_are_not():
    result = capacity_catchments(np.array([[1000.0], [1000.001], [FAR]]), [7.0, 8.0, 9.0], cutoff=1000)
    assert result.served == 7
    assert result.left_over["out_of_reach"].sum() == 17
    assert result.stations_missing == 1


def test_points_at_the_same_place_share_what_their_place_gets():
    """Two points with the same costs, 30 and 10 people, room for 20: half of each."""
    result = capacity_catchments(np.array([[5.0], [5.0]]), [30.0, 10.0], capacity=20.0)
    assert result.flows["people"].tolist() == [15, 5]


def test_fractions_of_people_are_all_served_and_capacity_is_not_exceeded():
    people = np.array([0.1, 0.2, 1 / 3, 7.77])
    enough = capacity_catchments(np.ones((4, 1)) * [[1.0], [2.0], [3.0], [4.0]], people, capacity=8.5)
    assert enough.left_over.empty
    assert enough.served == pytest.approx(people.sum(), abs=1e-12)
    scarce = capacity_catchments(np.ones((4, 1)) * [[1.0], [2.0], [3.0], [4.0]], people, capacity=5 / 7)
    assert scarce.served <= 5 / 7
    assert scarce.served == pytest.approx(5 / 7, abs=1e-5)


def test_whole_communities_stay_together():
    """Room for 100: communities of 60 and 50 do not fit together, though people would; the larger goes in."""
    costs = np.array([[10.0], [20.0], [5.0]])
    result = capacity_catchments(
        costs, [30.0, 30.0, 50.0], capacity=100.0, community=["A", "A", "B"], whole=True
    )
    assert result.served == result.bound == 60
    assert result.left_over["people"].to_dict() == {"B": 50}


def test_a_whole_community_goes_nowhere_where_one_of_its_points_is_out_of_reach():
    costs = np.array([[10.0, 40.0], [FAR, 50.0]])
    result = capacity_catchments(costs, [5.0, 5.0], capacity=100.0, community=["A", "A"], whole=True)
    assert result.flows["site"].unique().tolist() == [1]
    nobody_home = capacity_catchments(costs, [5.0, 0.0], capacity=100.0, community=["A", "A"], whole=True)
    assert nobody_home.flows[["demand", "site"]].to_numpy().tolist() == [[0, 0]]


def test_all_faults_are_named_together():
    with pytest.raises(InputError) as caught:
        capacity_catchments(np.ones((2, 2)), capacity=[1.0, -1.0], cutoff=-5, whole=True)
    assert {fault.key for fault in caught.value.faults} == {
        "amount-value",
        "site-cutoff",
        "capacity-whole-of-what",
    }


def test_people_of_unknown_communities_are_left_over_under_a_blank():
    """10 people, room for 4: all 6 left over stand in the list, also those nobody knows the community of."""
    community = pd.Series(["A", np.nan, None], dtype="object")
    result = capacity_catchments(
        np.array([[1.0], [2.0], [3.0]]), [4.0, 3.0, 3.0], capacity=4.0, community=community
    )
    assert result.left_over["people"].to_dict() == {"": 6.0}
    assert result.left_over["people"].sum() + result.served == result.people


def test_people_of_no_community_cannot_stay_with_it():
    with pytest.raises(InputError, match=r"1 demand point \(3 people\) in no community"):
        capacity_catchments(np.ones((2, 1)), [4.0, 3.0], community=["A", ""], whole=True)


@pytest.mark.parametrize(
    ("wish", "keys"),
    [
        (
            {"cutoff": "x", "floor": np.nan, "time_limit_s": None},
            ["site-cutoff", "capacity-floor", "site-time-limit"],
        ),
        ({"community": "A"}, ["amount-length"]),
        ({"community": pd.Series("A", index=[0, 1, 1])}, ["amount-id-twice"]),
        ({"costs": np.array([[1e15], [1.0]])}, ["cost-too-large"]),
        ({"costs": np.array([[-1.0], [1.0]]), "cutoff": -1}, ["site-cutoff", "cost-negative"]),
    ],
)
def test_arguments_that_are_something_else_are_told_together(wish, keys):
    with pytest.raises(InputError) as caught:
        capacity_catchments(**{"costs": np.ones((2, 2)), **wish})
    assert [fault.key for fault in caught.value.faults] == keys
    for lang in ("en", "zh"):
        assert caught.value.render(lang)


def test_fifty_thousand_places_are_shared_out_among_five_hundred_stations_within_a_minute():
    """A plane of 20 km by 20 km with room for four people in five: everybody is served or listed."""
    rng = np.random.default_rng(0)
    homes, stations = rng.uniform(0, 20_000, (50_000, 2)), rng.uniform(0, 20_000, (500, 2))
    near = cKDTree(stations).query_ball_point(homes, 2_000.0)
    row, site = (
        np.repeat(np.arange(len(homes)), [len(part) for part in near]),
        np.concatenate(near).astype(int),
    )
    cost = np.hypot(*(homes[row] - stations[site]).T)
    table = pd.DataFrame({"demand": row, "site": site, "cost": cost})
    people = pd.Series(rng.integers(0, 300, len(homes)).astype(float))
    community = pd.Series([f"{x:.0f}-{y:.0f}" for x, y in homes // 2_000])
    start = time.perf_counter()
    result = capacity_catchments(table, people, capacity=12_000.0, community=community)
    assert time.perf_counter() - start < 60.0
    assert result.stations["people"].max() <= 12_000.0
    assert result.served == pytest.approx(500 * 12_000.0, rel=0.01)
    assert result.left_over["people"].sum() + result.served == pytest.approx(people.sum())
    assert result.stations_missing == math.ceil((people.sum() - result.served) / 12_000.0)
