"""Candidates as parcels: where they are entered from the street."""

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box
from streets_in_metres import CRS, metric_network

from lifecircle.siting.candidates import entrances


@pytest.fixture(scope="module")
def street():
    """One street from west to east, 1 km."""
    return metric_network([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])


def entered(street, **places):
    return entrances(gpd.GeoSeries(places, crs=CRS), street)


def test_a_parcel_beside_the_street_is_entered_at_the_nearest_place_on_the_street(street):
    result = entered(street, field=box(200, 30, 260, 90))["field"]
    assert result.y == pytest.approx(0, abs=1e-6)
    assert 200 - 1e-6 <= result.x <= 260 + 1e-6


def test_a_parcel_the_street_runs_through_is_entered_where_the_street_crosses_its_outline(street):
    result = entered(street, yard=box(700, -40, 800, 40))["yard"]
    assert result.y == pytest.approx(0, abs=1e-6)
    assert min(abs(result.x - 700), abs(result.x - 800)) < 1e-6


def test_points_stay_where_they_are_and_the_order_too(street):
    result = entered(street, first=Point(3, 77), plot=box(10, 5, 20, 9), last=Point(900, -4))
    assert result.index.tolist() == ["first", "plot", "last"]
    assert result["first"] == Point(3, 77)
    assert result["last"] == Point(900, -4)
    assert result["plot"].y == pytest.approx(0, abs=1e-6)


def test_a_line_is_entered_where_it_comes_nearest(street):
    result = entered(street, wall=LineString([(300, 50), (300, 20)]))["wall"]
    assert result.distance(Point(300, 0)) < 1e-6
