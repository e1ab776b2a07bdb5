"""A city of which every time is arithmetic.

Rows of ``0 1 2 3`` and columns of streets 100 m apart; see `city` for its diagonal, one-way, bridge,
hole and island. Distances are walked in metres and read off the drawing::

    (0,3)---(1,3)---(2,3)---(3,3)
      |       |               |
    (0,2)---(1,2)   hole    (3,2)            (9,0)--(9,1)   an island
      |       |               |
    (0,1)---(1,1)---(2,1)---(3,1)
      |       |    /  |       |
    (0,0)---(1,0)---(2,0)-->(3,0)~~~~~bridge~~~~~(6,0)
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS, Transformer
from streets_by_hand import street_table

from lifecircle.network import build_network, nearest_facilities, nearest_times, snap, travel_matrix
from lifecircle.network.routing.explain import explain
from lifecircle.tables import WGS84

# On a transverse Mercator at its origin 100 m on the map are 100 m on the ground, to well under a mm.
CITY_CRS = CRS.from_proj4("+proj=tmerc +lat_0=22.2 +lon_0=113.5 +k=1 +datum=WGS84 +units=m +no_defs")
BLOCK = 100.0

PLACES = [(x, y) for x in range(4) for y in range(4) if (x, y) != (2, 2)] + [(6, 0), (9, 0), (9, 1)]
STREETS = [
    *[((x, y), (x + 1, y)) for x in range(3) for y in range(4) if (2, 2) not in {(x, y), (x + 1, y)}],
    *[((x, y), (x, y + 1)) for x in range(4) for y in range(3) if (2, 2) not in {(x, y), (x, y + 1)}],
    ((1, 0), (2, 1)),
    ((3, 0), (6, 0)),
    ((9, 0), (9, 1)),
]
ONE_WAY = ((2, 0), (3, 0))


def at(*places):
    """Points at block coordinates, indexed by their order."""
    x, y = (np.array(places, float) * BLOCK).T
    return gpd.GeoSeries.from_xy(x, y, crs=CITY_CRS)


def facilities(places, **columns):
    """Facilities at block coordinates."""
    shapes = at(*places)
    return gpd.GeoDataFrame({"service": "school", **columns}, index=range(len(places)), geometry=shapes)


@pytest.fixture(scope="module")
def city():
    x, y = (np.array(PLACES, float) * BLOCK).T
    lon, lat = Transformer.from_crs(CITY_CRS, WGS84, always_xy=True).transform(x, y)
    number = {place: i for i, place in enumerate(PLACES)}
    edges = [(number[a], number[b], "forward" if (a, b) == ONE_WAY else "both") for a, b in STREETS]
    name = np.array(
        [0 if a[1] == b[1] == 1 else 1 if a[0] == b[0] == 3 else -1 for a, b in STREETS], np.int32
    )
    return build_network(
        street_table(np.column_stack([lon, lat]), edges, name=name, names=("High Street", "East Road"))
    )


@pytest.mark.parametrize(
    ("start", "end", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 3), 300),
        ((0, 0), (3, 3), 100 + 100 * np.sqrt(2) + 100 + 200),  # east, diagonal, High Street, East Road
        ((2, 0), (3, 0), 100),  # with the one-way
        ((3, 0), (2, 0), 300),  # against it: round by (3, 1) and (2, 1)
        ((1.5, 0.5), (0, 0), 100 * np.sqrt(2) / 2 + 100),  # half way up the diagonal
        ((1, 2), (3, 2), 400),  # round the hole: 100 down, 200 along, 100 up
        ((0, 0), (6, 0), 100 + 100 + 100 + 300),  # over the bridge
        ((6, 0), (0, 0), 300 + 100 + 100 + 100 * np.sqrt(2) + 100),  # and back, not down the one-way
        ((4, 0), (5.5, 0), 150),  # both on the bridge
        ((2.2, 0), (2.7, 0), 50),  # both on the one-way
        ((2.7, 0), (2.2, 0), 30 + 300 + 20),  # round to the place behind one on it
        ((0.4, 0.1), (0, 0), 10 + 40),  # a walk of 10 m to the street, then along it
    ],
)
def test_walks_are_what_the_drawing_says(city, start, end, metres):
    result = nearest_facilities(city, at(start), facilities([end]), max_minutes=None)
    assert result["distance_m"][0] == pytest.approx(metres, abs=0.005)
    assert result["minutes"][0] == pytest.approx(metres / 1000 * 15, abs=1e-4)


@pytest.mark.filterwarnings("ignore::lifecircle.errors.LifecircleWarning")
def test_nobody_walks_to_or_from_an_island(city):
    on_island = at((9, 0.5))
    assert city.snap(on_island).frame()["status"].tolist() == ["island"]
    times = nearest_times(city, at((0, 0)), facilities([(9, 0.5)]), max_minutes=None)
    assert times["school"].tolist() == [np.inf]


@pytest.mark.filterwarnings("ignore::lifecircle.errors.LifecircleWarning")
def test_an_island_with_its_own_school_reaches_it(city):
    times = nearest_times(city, at((9, 0.5)), facilities([(9, 0.6)]), max_minutes=None)
    assert np.isfinite(times["school"].iloc[0])


def test_a_point_between_island_and_city_joins_the_city_if_it_is_in_reach(city):
    joined = snap(city, at((8.9, 0)), max_snap_m=300).frame()
    assert joined["status"].tolist() == ["moved_off_island"]
    assert joined["snap_distance_m"][0] == pytest.approx(290, abs=0.01)
    assert snap(city, at((8.9, 0)), max_snap_m=289).frame()["status"].tolist() == ["island"]


def test_exactly_at_the_limit_is_within_it(city):
    # 300 m at 4 km/h are 4.5 minutes
    for limit, reached in ((4.5, True), (4.4999, False)):
        times = nearest_times(city, at((0, 0)), facilities([(0, 3)]), max_minutes=limit)
        assert np.isfinite(times["school"][0]) == reached


def test_of_two_equally_near_the_smaller_id_is_chosen(city):
    both = facilities([(0, 2), (0, 0)], facility=["b", "a"])
    result = nearest_facilities(city, at((0, 1)), both)
    assert result["facility"].tolist() == ["a"]
    swapped = nearest_facilities(city, at((0, 1)), both.iloc[::-1])
    pd.testing.assert_frame_equal(result, swapped)


def test_a_facility_is_reached_at_its_nearest_entrance_and_delays_count(city):
    park = facilities([(0, 3), (1, 0)], facility=["park", "park"], delay_s=[0.0, 120.0])
    result = nearest_facilities(city, at((0, 0)), park)
    # 100 m to the east gate take 1.5 minutes and 2 more to enter; 300 m north take 4.5
    assert result["facility"].tolist() == ["park"]
    assert result["minutes"][0] == pytest.approx(3.5, abs=1e-3)
    assert result["distance_m"][0] == pytest.approx(100, abs=0.005)


def test_every_facility_in_reach_is_in_the_matrix_once(city, tmp_path):
    part = facilities([(0, 1), (0, 2), (0, 3), (3, 3)], facility=["x", "x", "y", "z"])
    table = travel_matrix(city, at((0, 0), (0, 3)), part, max_minutes=4.5)
    assert list(zip(table["origin"], table["facility"], table["distance_m"].round(), strict=True)) == [
        (0, "x", 100), (0, "y", 300), (1, "x", 100), (1, "y", 0), (1, "z", 300),
    ]  # fmt: skip
    path = travel_matrix(city, at((0, 0), (0, 3)), part, max_minutes=4.5, output=tmp_path / "pairs.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), table, check_dtype=False)
    assert [file.name for file in tmp_path.iterdir()] == ["pairs.parquet"]


def test_a_path_is_explained_street_by_street(city):
    told = explain(city, at((0, 1)), facilities([(3, 2.5)]), service="school")
    assert told.streets["name"].tolist() == ["High Street", "East Road"]
    assert told.streets["length_m"].to_numpy() == pytest.approx([300, 150], abs=0.005)
    assert told.distance_m == pytest.approx(450, abs=0.01)
    x, y = Transformer.from_crs(WGS84, CITY_CRS, always_xy=True).transform(*np.array(told.geometry.coords).T)
    corners = [(0, 1), (0, 1), (1, 1), (2, 1), (3, 1), (3, 2), (3, 2.5)]
    line = [tuple(place) for place in np.round(np.column_stack([x, y]) / BLOCK, 3)]
    assert list(dict.fromkeys(line)) == list(dict.fromkeys(corners))


def test_a_path_along_one_street_is_straight(city):
    told = explain(city, at((3, 2.8)), facilities([(3, 2.1)]), service="school")
    assert told.distance_m == pytest.approx(70, abs=0.005)
    assert len(told.geometry.coords) == 2


def test_slower_people_take_proportionally_longer(city):
    slow = nearest_times(city, at((0, 0)), facilities([(0, 3)]), speed_kmh=3)
    assert slow["school"][0] == pytest.approx(6, abs=1e-3)
