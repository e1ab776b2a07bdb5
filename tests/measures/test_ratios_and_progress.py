"""Sums per area, rates, what is missing, partitions of areas, and the pace of a target."""

from __future__ import annotations

import datetime as dt
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from lifecircle.measures import (
    area_in_exactly_one,
    expected_value,
    household_grids_needed,
    missing,
    progress_of,
    progress_share,
    rate,
    reaches,
    sums_per_area,
)

amounts = st.floats(0, 1e6, allow_nan=False)


def test_sums_keep_index_and_count_what_is_unknown():
    values = pd.Series([1.0, 2.0, np.nan, 4.0, 8.0], index=[9, 7, 5, 3, 1])
    area = pd.Series(["b", "b", "a", "a", ""], index=values.index)
    result = sums_per_area(values, area, pd.Index(["a", "b", "c"]))
    assert result.index.tolist() == ["a", "b", "c"]
    assert result["sum"].tolist() == [4.0, 3.0, 0.0]
    assert result["count"].tolist() == [2, 2, 0]
    assert result["unknown"].tolist() == [1, 0, 0]


@given(st.lists(st.tuples(amounts, st.sampled_from(["a", "b", ""])), max_size=20))
def test_sums_equal_a_loop(rows):
    values = pd.Series([value for value, _ in rows], dtype="float64")
    area = pd.Series([name for _, name in rows], dtype="object")
    result = sums_per_area(values, area, pd.Index(["a", "b"]))
    for name in ("a", "b"):
        assert result.loc[name, "sum"] == pytest.approx(sum(value for value, own in rows if own == name))


def test_a_rate_over_nobody_is_unknown():
    base = pd.Series([1000.0, 0.0, np.nan], index=list("abc"))
    result = rate(pd.Series([300.0, 5.0, 5.0], index=list("abc")), base, per=100)
    assert result["a"] == 30.0
    assert result[["b", "c"]].isna().all()


@given(amounts, amounts, st.booleans(), st.booleans())
def test_what_is_missing_is_enough_and_nothing_is_missing_from_what_is_reached(has, needed, whole, strict):
    short = missing(has, needed, whole=whole, strict=strict)
    assert reaches(has, needed, strict=strict) == (short == 0)
    assert has + short >= needed - 1e-5
    if whole and not strict:
        assert short == int(short)


def test_a_hair_below_the_limit_lacks_one_of_what_is_indivisible():
    """Not reached and nothing missing would contradict each other."""
    assert missing(10 - 5e-7, 10, whole=True) == 1.0
    assert missing(10 - 5e-9, 10, whole=True) == 0.0
    assert missing(1e6, 999_999.9995, strict=True) == 1.0


def test_unknown_amounts_leave_what_is_missing_unknown():
    assert math.isnan(missing(math.nan, 1.0))
    assert math.isnan(missing(1.0, math.nan))


@pytest.mark.parametrize(
    ("households", "grids"), [(0, 1), (1, 1), (749, 1), (750, 2), (1200, 2), (1249, 2), (1250, 3), (5000, 10)]
)
def test_grids_of_about_500_households(households, grids):
    assert household_grids_needed(pd.Series([float(households)]), nominal=500)[0] == grids


def test_grids_of_unknown_households_are_unknown():
    assert household_grids_needed(pd.Series([np.nan]), nominal=300).isna().all()


def test_three_parts_over_one_place_are_not_one_part():
    """Of 10 m2: 0-4 in one part, 4-6 in three, 6-9 in one, 9-10 in none."""
    area = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 1)], index=["x"])
    parts = gpd.GeoDataFrame(geometry=[box(-5, 0, 6, 1), box(4, 0, 9, 1), box(4, 0, 6, 1)])
    result = area_in_exactly_one(area, parts)
    assert result.index.tolist() == ["x"]
    assert result["x"] == pytest.approx(7.0)
    assert area_in_exactly_one(area, parts.iloc[:0])["x"] == 0.0


def test_progress_never_divides_by_nothing_and_never_runs_backwards():
    assert progress_share(50, 20, 65) == pytest.approx(30 / 45)
    assert progress_share(10, 20, 65) == 0.0
    assert all(math.isnan(progress_share(90, *pair)) for pair in ((100, 100), (30.5, 30), (80, 80)))
    assert math.isnan(progress_share(math.nan, 1, 2))


def test_the_straight_line_runs_from_year_s_end_to_year_s_end():
    def line(day):
        return expected_value(20, 65, baseline_year=2022, target_year=2025, as_of=day)

    assert line(dt.date(2022, 12, 31)) == 20.0
    assert line(dt.date(2020, 1, 1)) == 20.0
    assert line(dt.date(2025, 12, 31)) == line(dt.date(2030, 1, 1)) == 65.0
    assert line(dt.date(2024, 6, 30)) == pytest.approx(20 + 45 * 547 / 1096)
    broken = expected_value(1, 2, baseline_year=2022, target_year=2022, as_of=dt.date(2023, 1, 1))
    assert math.isnan(broken)


@pytest.mark.parametrize(
    ("value", "as_of", "pace"),
    [
        (65, dt.date(2024, 1, 1), "reached"),
        (40, dt.date(2023, 12, 31), "on-track"),
        (30, dt.date(2023, 12, 31), "behind"),
        (64, dt.date(2026, 1, 1), "overdue"),
        (math.nan, dt.date(2024, 1, 1), "unknown"),
    ],
)
def test_pace(value, as_of, pace):
    """A third of the way after one of three years is 35."""
    result = progress_of(value, 20, 65, baseline_year=2022, target_year=2025, as_of=as_of)
    assert result.pace == pace


def test_a_target_not_above_its_baseline_has_no_line_and_no_share():
    result = progress_of(29, 30.5, 30, baseline_year=2022, target_year=2025, as_of=dt.date(2024, 1, 1))
    assert (math.isnan(result.share), math.isnan(result.expected), result.pace) == (True, True, "unknown")
    reached = progress_of(31, 30.5, 30, baseline_year=2022, target_year=2025, as_of=dt.date(2024, 1, 1))
    assert reached.pace == "reached"


def test_a_deadline_before_the_day_of_issue_is_due_on_that_day():
    """End of 2022, issued on 10 January 2023 (Zhuhai's social-work stations)."""
    due = {"baseline_year": None, "target_year": 2022, "issued": dt.date(2023, 1, 10)}
    on_issue = progress_of(90, math.nan, 100, as_of=dt.date(2023, 1, 10), **due)
    later = progress_of(90, math.nan, 100, as_of=dt.date(2023, 1, 11), **due)
    assert (on_issue.pace, later.pace) == ("unknown", "overdue")
