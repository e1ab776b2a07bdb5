"""Thinned service areas: fewer vertices, the same areas to a thousandth, narrow bands inside wide ones."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from results_by_hand import CRS

from lifecircle.outputs.gis.layers import TOLERANCE_M, thinned_bands

CELL_M = 10.0


def contour(radius_m, wobble_m):
    """An outline as marching squares draw it: a vertex wherever it crosses a line of the 10 m grid."""
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = radius_m + wobble_m * np.sin(7 * angle) + wobble_m / 3 * np.sin(31 * angle)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    cell = np.floor(x / CELL_M) * 100_000 + np.floor(y / CELL_M)
    crossing = np.flatnonzero(np.diff(cell, prepend=cell[-1]))
    return shapely.Polygon(np.stack([x[crossing], y[crossing]], axis=1))


@pytest.fixture(scope="module")
def areas():
    """Bands that touch along a straight side, as where streets end in a dead end for all of them."""
    wall = shapely.box(-9_000, -9_000, 400, 9_000)
    rows = [
        (service, minutes, contour(minutes * size, 40).intersection(wall))
        for service, size in (("school", 60.0), ("market", 66.0))
        for minutes in (15.0, 5.0, 10.0)
    ]
    table = gpd.GeoDataFrame(rows, columns=["service", "minutes", "geometry"], geometry="geometry", crs=CRS)
    return table.set_index(np.arange(100, 106))


@pytest.fixture(scope="module")
def thin(areas):
    return thinned_bands(areas, by="service")


def test_it_is_indexed_as_the_areas_and_valid(areas, thin):
    assert thin.index.equals(areas.index)
    assert thin.crs == areas.crs
    assert thin.is_valid.all()


def test_far_fewer_vertices_are_left(areas, thin):
    assert shapely.get_num_coordinates(thin).sum() < 0.7 * shapely.get_num_coordinates(areas.geometry).sum()


def test_the_areas_are_the_same_to_a_thousandth(areas, thin):
    for before, after in zip(areas.geometry, thin, strict=True):
        assert before.intersection(after).area / before.union(after).area >= 0.999
        assert shapely.hausdorff_distance(before, after) <= CELL_M
        assert before.boundary.buffer(TOLERANCE_M * 1.01).covers(after.boundary)


def test_bands_of_one_service_still_nest(areas, thin):
    assert len(areas) == 6
    for service in ("school", "market"):
        own = areas[areas["service"] == service].sort_values("minutes").index
        for narrow, wide in ((own[0], own[1]), (own[1], own[2])):
            assert thin[narrow].difference(thin[wide]).area < 1e-6


def test_no_areas_are_no_areas():
    empty = gpd.GeoDataFrame({"service": [], "minutes": []}, geometry=[], crs=CRS)
    assert len(thinned_bands(empty, by="service")) == 0
