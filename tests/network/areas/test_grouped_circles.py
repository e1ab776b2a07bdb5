"""Life circles built of communities: rows of places whose groups can be found in one's head."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.network import group_communities


def in_a_row(people, *, apart_min=5.0, limit_min=15.0):
    """Communities side by side: residents, neighbours, and the walks within the limit."""
    codes = [f"c{number:02d}" for number in range(len(people))]
    neighbours = {
        code: frozenset(codes[at] for at in (place - 1, place + 1) if 0 <= at < len(codes))
        for place, code in enumerate(codes)
    }
    near = {
        (one, other): apart_min * abs(i - j)
        for i, one in enumerate(codes)
        for j, other in enumerate(codes)
        if apart_min * abs(i - j) <= limit_min
    }
    return pd.Series(dict(zip(codes, people, strict=True)), dtype="float64"), neighbours, near


def test_seven_thousand_three_times_is_a_circle():
    """Six communities of 7,000: 21 thousand are nearer to 20 than 14 or 28 are."""
    circles = group_communities(*in_a_row([7_000] * 6), people=20_000)
    assert list(circles.values()) == [("c00", "c01", "c02"), ("c03", "c04", "c05")]


def test_what_lies_beyond_a_quarter_of_an_hour_stays_out():
    """Ten minutes apart: only the next community is near enough to the one in the middle."""
    circles = group_communities(*in_a_row([5_000] * 4, apart_min=10.0), people=20_000)
    assert sorted(map(len, circles.values())) == [2, 2]


def test_one_community_of_twenty_thousand_is_a_circle_of_its_own():
    assert group_communities(*in_a_row([20_000, 20_000]), people=20_000) == {"c00": ("c00",), "c01": ("c01",)}


def test_a_remainder_joins_its_neighbour_and_one_that_is_too_far_stays_small():
    """10 and 10 make a circle; 4 thousand at the end are less than half and join it, if near enough."""
    people = [10_000, 10_000, 4_000]
    assert group_communities(*in_a_row(people), people=20_000) == {"c00": ("c00", "c01", "c02")}
    far = group_communities(*in_a_row(people, apart_min=10.0), people=20_000)
    assert far == {"c00": ("c00", "c01"), "c02": ("c02",)}


def test_communities_that_touch_nobody_are_circles_of_their_own():
    residents, _, near = in_a_row([3_000, 3_000])
    alone = {code: frozenset() for code in residents.index}
    assert len(group_communities(residents, alone, near, people=20_000)) == 2


@given(st.lists(st.integers(500, 30_000), min_size=1, max_size=12))
def test_every_community_is_in_one_circle_within_reach_of_its_middle(people):
    residents, neighbours, near = in_a_row(people)
    circles = group_communities(residents, neighbours, near, people=20_000)
    members = [code for circle in circles.values() for code in circle]
    assert sorted(members) == list(residents.index)
    for middle, circle in circles.items():
        assert middle in circle
        assert all((middle, code) in near for code in circle)


@pytest.mark.parametrize("people", [5_000.0, 20_000.0])
def test_the_order_of_the_table_changes_nothing(people):
    residents, neighbours, near = in_a_row([7_000, 3_000, 9_000, 2_000, 8_000])
    turned = residents[::-1]
    assert group_communities(residents, neighbours, near, people=people) == group_communities(
        turned, neighbours, near, people=people
    )
