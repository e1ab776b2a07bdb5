"""Facilities listed more than once, by hand: what is near enough to be one."""

import geopandas as gpd
import pandas as pd
import pytest

from lifecircle.errors import InputError
from lifecircle.sources.doubles import merge_sources, repeated_rows
from lifecircle.sources.log import ReadingLog


def rows(*places):
    """Rows of one service: name, x, and the source."""
    table = pd.DataFrame(places, columns=["name", "x", "source"])
    table = table.assign(service="market", y=0.0, facility=[f"f{number}" for number in range(len(table))])
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x"], table["y"]))


def left(table, **merge_within_m):
    """Facilities that stay of several sources."""
    return merge_sources(table, merge_within_m, ReadingLog())["facility"].tolist()


def test_what_is_near_a_double_alone_stays():
    """Of a chain of like rows 0.8 m apart the second goes; the third is 1.6 m from the one that stays."""
    assert repeated_rows(rows(("A", 0.0, "a"), ("A", 0.8, "a"), ("A", 1.6, "a"))).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("away_m", "stay"), [(25.0, ["f0"]), (25.1, ["f0", "f1"])])
def test_a_place_without_a_name_is_one_with_a_named_one_within_25_metres(away_m, stay):
    assert left(rows(("A", 0.0, "a"), ("", away_m, "b")), b=100.0) == stay


@pytest.mark.parametrize(("away_m", "stay"), [(60.0, ["f0"]), (60.1, ["f0", "f1"])])
@pytest.mark.parametrize("who", ["a", "b"])
def test_either_source_may_declare_how_near_a_like_place_is_the_same(who, away_m, stay):
    assert left(rows(("A market", 0.0, "a"), ("A market", away_m, "b")), **{who: 60.0}) == stay


def test_what_is_like_a_place_merged_away_stays():
    """The second is merged into the first; the third is 80 m from the first, and near the second alone."""
    table = rows(("A market", 0.0, "a"), ("A market", 40.0, "b"), ("A market", 80.0, "c"))
    assert left(table, b=60.0, c=60.0) == ["f0", "f2"]


def test_very_many_facilities_on_one_place_are_refused_before_their_pairs_are_held():
    table = rows(*[(f"n{number}", 0, "a") for number in range(3)])
    many = pd.concat([table] * 2_000, ignore_index=True)
    with pytest.raises(InputError, match="so close together"):
        repeated_rows(many.assign(x=0.0, y=0.0))
    assert len(repeated_rows(many.iloc[:900].assign(x=0.0, y=0.0))) == 900
