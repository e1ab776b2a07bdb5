"""Places about the meridian of 180 degrees."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from lifecircle.tables import local_crs
from lifecircle.tables.degrees import degree_span, parted_degrees, straight_pieces, wrapped

FIJI = local_crs(180.0, -16.8)


def test_shapes_across_the_meridian_keep_their_ground():
    """Two kilometres by two, and a hole of 500 m by 500 m in its middle, on either side of 180 degrees."""
    shape = shapely.box(-1000, -1000, 1000, 1000) - shapely.box(-250, -250, 250, 250)
    aside = shapely.box(2000, 0, 3000, 1000)
    parted = parted_degrees(gpd.GeoSeries([shape, aside], crs=FIJI, index=["a", "b"]))
    assert parted.index.tolist() == ["a", "b"]
    assert parted.is_valid.all()
    assert np.abs(shapely.bounds(parted.explode().to_numpy())[:, [0, 2]]).min() > 179.97
    ground = [abs(Geod(ellps="WGS84").geometry_area_perimeter(part)[0]) for part in parted]
    assert ground == pytest.approx([4_000_000 - 250_000, 1_000_000], rel=1e-4)
    west, south, east, north = degree_span(parted)
    assert west < 180 < east
    assert south < -16.8 < north
    assert wrapped((west + east) / 2) == pytest.approx(-180 + 1000 / 106_000, abs=0.001)


def test_elsewhere_nothing_is_parted():
    here = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000)], crs=local_crs(113.5, 22.2))
    assert shapely.equals_identical(parted_degrees(here).to_numpy(), here.to_crs(4326).to_numpy()).all()
    assert degree_span(np.array([shapely.box(-10, 0, 10, 1)])) == (-10, 0, 10, 1)


def test_a_street_across_the_meridian_is_two_lines():
    one, other = straight_pieces(np.array([[-179.9, 1.0], [5.0, 1.0]]), np.array([[179.9, 1.0], [6.0, 1.0]]))
    assert [part.bounds for part in one.geoms] == [(-180, 1, -179.9, 1), (179.9, 1, 180, 1)]
    assert other.bounds == (5, 1, 6, 1)
