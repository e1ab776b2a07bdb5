"""Questions that have no answer: what is said is who, how many, and by how much."""

import numpy as np
import pandas as pd
import pytest

from lifecircle.errors import InputError
from lifecircle.measures import catchment_loads
from lifecircle.siting import locate

FAR = np.inf
# Three villages far apart, each within reach of one site; the third has 50 people, the others 100 each.
APART = np.array([[1.0, FAR, FAR], [FAR, 1.0, FAR], [FAR, FAR, 1.0]])
PEOPLE = [100.0, 100.0, 50.0]


def refusal(*args, **options):
    with pytest.raises(InputError) as caught:
        locate(*args, **options)
    (fault,) = caught.value.faults
    return fault.key, str(caught.value)


def test_too_few_sites_say_how_many_are_needed():
    key, words = refusal(APART, PEOPLE, "p-median", 2)
    assert key == "site-too-few"
    assert "at least 3 are needed" in words
    assert refusal(APART, PEOPLE, "p-center", 1)[0] == "site-too-few"


def test_people_out_of_reach_are_counted():
    costs = np.vstack([APART, [FAR, FAR, FAR]])
    key, words = refusal(costs, [*PEOPLE, 7.0], "lscp")
    assert key == "site-unreached"
    assert "1 demand point (7 people)" in words


def test_people_whom_only_forbidden_sites_reach_are_counted():
    key, words = refusal(APART, PEOPLE, "lscp", forbidden=[2])
    assert key == "site-only-forbidden"
    assert "(50 people)" in words


def test_where_every_candidate_is_forbidden_none_is_left_to_open():
    with pytest.raises(InputError) as caught:
        locate(APART, PEOPLE, "mclp", 1, forbidden=[0, 1, 2])
    assert [fault.key for fault in caught.value.faults] == ["site-too-few-candidates"]


def test_room_that_is_missing_everywhere_is_named():
    key, words = refusal(APART, PEOPLE, "p-median", 3, capacity=80.0)
    assert key == "site-no-room"
    assert "240 people, 10 fewer than the 250" in words


def test_room_that_is_missing_within_reach_is_named():
    """270 places for 250 people, but the first village has 90 for 100."""
    key, words = refusal(APART, PEOPLE, "p-median", 3, capacity=90.0)
    assert key == "site-no-room-in-reach"
    assert "at least 20 do not" in words


def test_every_number_of_new_sites_covers_no_fewer_and_is_proven():
    rng = np.random.default_rng(3)
    costs = np.where(rng.random((60, 12)) < 0.2, 1.0, FAR)
    listed = [locate(costs, None, "mclp", new, cutoff=1) for new in range(13)]
    assert all(one.proven for one in listed)
    covered = [one.objective for one in listed]
    assert covered == sorted(covered)
    assert covered[-1] == np.isfinite(costs).any(axis=1).sum()


def test_catchments_add_up_to_everybody_who_reaches_a_station():
    rng = np.random.default_rng(8)
    homes = pd.DataFrame({"community": "A", "residents": rng.integers(0, 30, 200).astype(float)})
    minutes = pd.Series(rng.choice([4.0, 12.0, 19.0, np.inf], 200))
    facility = pd.Series(np.where(np.isfinite(minutes), rng.choice(["x", "y", "z"], 200), ""))
    loads = catchment_loads(homes, facility, minutes, beyond_min=15)
    assert loads["residents"].sum() == homes["residents"][np.isfinite(minutes)].sum()


@pytest.mark.parametrize(
    ("wish", "keys"),
    [
        ({"cutoff": "15"}, ["site-cutoff"]),
        ({"time_limit_s": "long"}, ["site-time-limit"]),
        ({"time_limit_s": np.nan}, ["site-time-limit"]),
        ({"fixed": "A"}, ["site-no-list"]),
        ({"fixed": None, "forbidden": [["A"]]}, ["site-no-list"] * 2),
        ({"fixed": [1, "A"]}, ["site-in-no-pair"]),
        (
            {"model": "pmedian", "demand": [-1.0, 1.0, 1.0], "new": -1, "cutoff": -1},
            ["site-model", "site-new", "site-cutoff", "amount-value"],
        ),
    ],
)
def test_arguments_that_are_something_else_are_told_together(wish, keys):
    with pytest.raises(InputError) as caught:
        locate(APART, **{"demand": PEOPLE, "new": 1, **wish})
    assert [fault.key for fault in caught.value.faults] == keys
    for lang in ("en", "zh"):
        assert caught.value.render(lang)


def test_a_table_of_costs_without_its_columns_is_told_which_are_missing():
    table = pd.DataFrame({"demand": ["a"], "cost": [1.0]})
    key, words = refusal(table, None, "mclp", 1)
    assert key == "cost-no-column"
    assert "no column site (found: demand, cost)" in words


def test_room_given_twice_is_named():
    key, words = refusal(APART, PEOPLE, "mclp", 1, pd.Series(5.0, index=[0, 1, 1]))
    assert key == "amount-id-twice"
    assert words.endswith("ids stand twice: 1")


def test_nobody_to_serve_is_no_share_of_anybody():
    words = locate(APART, [0.0, 0.0, 0.0], "mclp", 1, cutoff=2).render()
    assert "covers – of people (0 of 0)" in words
    assert "nan" not in words
