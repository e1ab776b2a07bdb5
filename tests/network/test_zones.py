"""Walks and areas are right wherever they lie in a file: beside strays, far apart, across 180 degrees."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from streets_by_hand import street_table

from lifecircle.network import build_network, isochrones, nearest_facilities
from lifecircle.network.zones import central_crs, own_plane
from lifecircle.tables import local_crs

GEOD = Geod(ellps="WGS84")


def places(*lonlat, **columns):
    """Points in WGS 84."""
    shapes = [shapely.Point(place) for place in lonlat]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def north_of(place, metres):
    """The place some metres north of another."""
    return GEOD.fwd(*place, 0.0, metres)[:2]


def east_of(place, metres):
    """The place some metres east of another."""
    return GEOD.fwd(*place, 90.0, metres)[:2]


def town(place):
    """Nodes of a straight street of 3 km that runs east."""
    return [place, east_of(place, 1500), east_of(place, 3000)]


def towns(*corners):
    """One network with such a street at every corner."""
    nodes = [node for corner in corners for node in town(corner)]
    edges = [(3 * k + step, 3 * k + step + 1) for k in range(len(corners)) for step in (0, 1)]
    return build_network(street_table(nodes, edges))


HARBIN, SANYA, GUINEA = (126.60, 45.75), (109.50, 18.25), (0.0, 0.0)


@pytest.mark.parametrize("others", [(), (GUINEA,), (SANYA,), (GUINEA, SANYA), (SANYA, (-70.0, -33.0))])
def test_a_walk_to_the_street_is_right_whatever_else_the_file_holds(others):
    network = towns(HARBIN, *others)
    start = north_of(east_of(HARBIN, 1000), 200)
    clinic = places(HARBIN, service=["clinic"])
    walk = nearest_facilities(network, places(start), clinic, max_minutes=None)
    assert walk["distance_m"].iloc[0] == pytest.approx(1200, abs=0.05)


def test_towns_far_apart_are_each_measured_true():
    """2,900 km from one town to the other: 250 m on a street's side are 250 m at either end."""
    network = towns(HARBIN, SANYA)
    homes = [north_of(east_of(corner, 700), 250) for corner in (HARBIN, SANYA)]
    snaps = network.snap(places(*homes))
    assert snaps.access_mm.tolist() == pytest.approx([250_000, 250_000], abs=30)
    assert snaps.network == network.digest
    assert np.isfinite(snaps.x).all()
    areas = isochrones(network, places(*homes), minutes=[6])
    assert areas["point"].tolist() == [0, 1]
    assert areas["reached_m"].tolist() == pytest.approx([300, 300], abs=0.1)
    on_ground = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in areas.geometry]
    assert areas["area_m2"].tolist() == pytest.approx(on_ground, rel=1e-3)


def test_neighbours_walk_straight_by_their_own_measure_wherever_they_live():
    """300 m off a street of either town, 100 m from each other: a plane far away would make it 106 m."""
    network = towns(HARBIN, SANYA)
    for corner in (HARBIN, SANYA):
        home = north_of(east_of(corner, 700), 250)
        ends = places(home), places(east_of(home, 100), service=["clinic"])
        walk = nearest_facilities(network, *ends, max_minutes=None)
        assert walk["distance_m"].iloc[0] == pytest.approx(100, abs=0.1)


def test_areas_do_not_depend_on_who_else_was_asked_for():
    network = towns(HARBIN, SANYA)
    both = isochrones(network, places(HARBIN, SANYA), minutes=[5])
    for row, corner in enumerate((HARBIN, SANYA)):
        alone = isochrones(network, places(corner), minutes=[5])
        assert alone.geometry.iloc[0].equals_exact(both.geometry.iloc[row], 0.0)


def test_an_area_across_180_degrees_has_a_piece_on_either_side():
    corner = (179.99, -16.8)
    network = towns(corner)
    area = isochrones(network, places(east_of(corner, 1100)), minutes=[5]).geometry.iloc[0]
    widths = sorted(part.bounds[2] - part.bounds[0] for part in area.geoms)
    assert len(widths) == 2
    assert widths[-1] < 0.01
    ground = sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in area.geoms)
    assert ground == pytest.approx(666.7 * 60 + np.pi * 30**2, rel=0.01)


def test_walks_go_across_180_degrees():
    corner = (179.99, -16.8)
    ends = places(east_of(corner, 200), service=["clinic"])
    walk = nearest_facilities(towns(corner), places(east_of(corner, 2500)), ends, max_minutes=None)
    assert walk["distance_m"].iloc[0] == pytest.approx(2300, abs=0.05)


def test_a_city_keeps_the_middle_of_its_bounds_and_a_stray_does_not_move_it_far():
    lon, lat = np.array([113.5, 113.6, 113.9]), np.array([22.2, 22.3, 22.6])
    assert central_crs(lon, lat) == local_crs(113.7, 22.4)
    stray = central_crs(np.append(lon, 0.0), np.append(lat, 0.0))
    centre = Transformer.from_crs(stray, 4326, always_xy=True).transform(0.0, 0.0)
    assert GEOD.inv(*centre, 113.6, 22.3)[2] < 20_000


@pytest.mark.parametrize("east_deg", [0.0, 1.0, 1.75, 1.85, 1.95, 3.0, 12.0])
def test_many_places_together_are_judged_as_each_alone(east_deg):
    crs, rng = local_crs(110.0, 20.0), np.random.default_rng(5)
    lon, lat = rng.uniform(110 + east_deg, 110.1 + east_deg, 3000), rng.uniform(19.9, 20.1, 3000)
    at_once = own_plane(crs, lon, lat, (0.0, 0.0))
    hundreds = zip(lon.reshape(30, -1), lat.reshape(30, -1), strict=True)
    alone = np.concatenate([own_plane(crs, *places, (0.0, 0.0)) for places in hundreds])
    np.testing.assert_array_equal(at_once, alone)
