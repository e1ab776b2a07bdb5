"""What lies where, and which share of areas passes."""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from lifecircle.errors import ContractError
from lifecircle.measures import area_of, areas_needed, facilities_per_area, share_of_areas

CRS = "EPSG:32649"


@pytest.fixture
def areas():
    shapes = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(18, 0, 30, 10)]
    return gpd.GeoDataFrame({"code": ["b", "a", "c"]}, geometry=shapes, crs=CRS)


def test_places_fall_into_areas_once(areas):
    """The smaller code has borders and overlaps; a park lies where its middle is."""
    places = gpd.GeoDataFrame(
        geometry=[Point(5, 5), Point(10, 5), Point(19, 5), Point(99, 5), box(8, 1, 20, 2)],
        index=list("vwxyz"),
        crs=CRS,
    )
    assert area_of(places, areas).to_dict() == {"v": "b", "w": "a", "x": "a", "y": "", "z": "a"}


def test_nothing_lies_anywhere_where_there_is_nothing(areas):
    nowhere = gpd.GeoDataFrame({"code": []}, geometry=[], crs=CRS)
    places = gpd.GeoDataFrame(geometry=[Point(5, 5), None], index=["x", "x"], crs=CRS)
    assert area_of(nowhere, areas).tolist() == []
    assert area_of(places, nowhere).tolist() == ["", ""]
    assert area_of(places, areas).tolist() == ["b", ""]
    assert facilities_per_area(
        pd.Series([], dtype="str"), pd.Series([], dtype="str"), pd.Index(["a"])
    ).tolist() == [0]
    assert facilities_per_area(pd.Series(["f"]), pd.Series(["a"]), pd.Index([], dtype="str")).empty


def test_places_in_another_system_are_refused_with_both_names(areas):
    places = gpd.GeoDataFrame(geometry=[Point(103.8, 40.4)], crs="EPSG:4326")
    with pytest.raises(ContractError, match="EPSG:4326, areas in EPSG:32649"):
        area_of(places, areas)


def test_facilities_are_counted_once_and_areas_without_one_are_zero():
    facility, area = pd.Series(["f", "f", "g", "h"]), pd.Series(["a", "a", "a", ""])
    result = facilities_per_area(facility, area, pd.Index(["a", "b"]))
    assert result.to_dict() == {"a": 2, "b": 0}
    assert result.dtype == "int64"


@pytest.mark.parametrize(
    ("areas", "share", "strict", "needed"),
    [
        (4037, 0.5, False, 2019),  # fact sjz-rural-50pct
        (936, 0.8, False, 749),  # fact wh-volunteer-min
        (10, 0.5, False, 5),
        (10, 0.5, True, 6),
        (10, 0.7, False, 7),  # 0.7 * 10 is 7.000000000000001 in floating point
        (10, 1.0, True, 10),
        (0, 0.5, False, 0),
    ],
)
def test_how_many_areas_make_a_share(areas, share, strict, needed):
    assert areas_needed(areas, share, strict=strict) == needed


@pytest.mark.parametrize(
    ("met", "short", "unknown", "status", "missing"),
    [
        (8, 2, 0, "met", 0),
        (8, 0, 2, "met", 0),
        (7, 1, 2, "no-data", 0),
        (7, 3, 0, "short", 1),
        (5, 3, 2, "short", 1),
        (0, 0, 0, "not-applicable", 0),
    ],
)
def test_the_interval_rule_at_eighty_percent(met, short, unknown, status, missing):
    result = share_of_areas(
        ["met"] * met + ["short"] * short + ["no-data"] * unknown + ["not-applicable"] * 5, 0.8
    )
    assert (result.status, result.missing) == (status, missing)
    if result.areas:
        assert (result.low, result.high) == (met / 10, (met + unknown) / 10)
    else:
        assert math.isnan(result.low)


def test_no_village_passing_leaves_2019_of_4037_missing():
    result = share_of_areas(["short"] * 4037, 0.5)
    assert (result.status, result.missing) == ("short", 2019)
