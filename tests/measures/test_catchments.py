"""Whose nearest facility is which, and how many a number of people needs."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lifecircle.errors import ContractError
from lifecircle.measures import (
    catchment_loads,
    committees_served,
    facilities_needed,
    facilities_useful,
    overload,
)


@pytest.fixture
def demand():
    return pd.DataFrame(
        {
            "community": ["A", "A", "B", "B", "C", ""],
            "residents": [60.0, 40.0, 50.0, 50.0, 0.0, 7.0],
        }
    )


NEAREST = pd.Series(["s1", "s2", "s2", "s1", "s1", "s2"])
MINUTES = pd.Series([5.0, 15.0, 15.1, 3.0, 1.0, 99.0])


def test_loads_by_hand(demand):
    """s1: 60 + 50 and nobody far; s2: 40 + 50 + 7 from outside, of whom 57 walk over 15 minutes."""
    result = catchment_loads(demand, NEAREST, MINUTES, beyond_min=15)
    assert result.loc["s1"].tolist() == [110.0, 0.0, 2]
    assert result.loc["s2"].tolist() == [97.0, 57.0, 0]


def test_each_committee_belongs_to_the_station_most_of_its_people_use_ties_to_the_smaller_id(demand):
    """60 of A's 100 use s1; B is split evenly; nobody lives in C."""
    assert committees_served(demand, NEAREST).to_dict() == {"A": "s1", "B": "s1"}


def test_people_who_reach_no_facility_load_none(demand):
    result = catchment_loads(demand, pd.Series(["s1"] + [""] * 5), MINUTES, beyond_min=15)
    assert result.index.tolist() == ["s1"]
    assert result.loc["s1", "residents"] == 60.0


@pytest.mark.parametrize(
    ("people", "needed", "useful"),
    [(0, 0, 0), (1, 1, 1), (20000, 1, 2), (20001, 2, 2), (55000, 3, 5), (9999, 1, 1)],
)
def test_stations_needed_and_useful(people, needed, useful):
    """Fact hn-station-bounds-55000: [ceil(55000/20000), 55000 // 10000] == [3, 5]."""
    assert facilities_needed(people, most_people=20000) == needed
    assert facilities_useful(people, least_people=10000, most_people=20000) == useful


@pytest.mark.parametrize(("load", "short"), [(0, 0), (20000, 0), (20000.0000001, 0), (20001, 1), (45000, 2)])
def test_an_overloaded_station_needs_whole_further_ones(load, short):
    assert overload(load, most_people=20000) == short


def test_an_unknown_number_of_people_is_refused():
    with pytest.raises(ContractError):
        facilities_needed(math.nan, most_people=20000)
    with pytest.raises(ContractError):
        facilities_useful(-1, least_people=1, most_people=2)
