"""Where points join the street, against a search through every edge."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.ops
from streets_by_hand import shuffled, street_table

from lifecircle.errors import InputError, LifecircleWarning, MismatchedIndexError, NetworkError
from lifecircle.network import build_network, nearest_facilities, nearest_times, pairs, refused_edges

EDGE = [(113.50, 22.20), (113.51, 22.20)]


def wild_streets(rng, nodes=120, edges=300, strays=()):
    """Streets criss-cross, some of them kilometres long; the first places lie far from all others."""
    places = np.column_stack([113.5 + rng.random(nodes) / 20, 22.2 + rng.random(nodes) / 20])
    places[: len(strays)] = np.array(strays).reshape(-1, 2)
    return street_table(places, [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(edges)])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strays", [[], [(113.9, 22.3)], [(113.2, 22.22), (113.52, 21.9)]])
def test_nearest_edge_equals_a_search_through_all(seed, strays):
    rng = np.random.default_rng(seed)
    network = build_network(wild_streets(rng, strays=strays))
    x, y = 113.49 + rng.random(500) * 0.07, 22.19 + rng.random(500) * 0.07
    # some points lie beside the streets far from all others
    for k, (lon, lat) in enumerate(strays):
        x[k::5], y[k::5] = lon + rng.normal(0, 0.02, (2, 100)) * [[1], [0.2]] + [[0], [lat - lon]]
    points = gpd.GeoSeries.from_xy(x, y, crs=4326)
    result = network.snap(points, max_snap_m=400)
    ends = np.stack(
        [np.column_stack([network.node_x[n], network.node_y[n]]) for n in (network.u, network.v)], axis=1
    )
    away = shapely.distance(
        points.to_crs(network.crs).to_numpy()[:, None], shapely.linestrings(ends)[None, :]
    )
    least = away.min(axis=1)
    reached = least <= 400
    np.testing.assert_array_equal(result.reached, reached)
    np.testing.assert_allclose(result.access_mm[reached] / 1000, least[reached], atol=0.0006)
    assert (result.frame()["status"][~reached] == "far").all()
    # the place joined lies on the edge, at its offset, and as far away as was said
    line = shapely.linestrings(ends)[result.edge[reached]]
    place = shapely.points(result.x[reached], result.y[reached])
    assert shapely.distance(line, place).max() < 1e-6
    share = shapely.line_locate_point(line, place, normalized=True)
    np.testing.assert_allclose(
        result.offset_mm[reached], share * network.length_mm[result.edge[reached]], atol=0.51
    )
    assert 100 < reached.sum() < 500


def test_a_tie_goes_to_the_smaller_edge_whatever_the_order_of_rows():
    rng = np.random.default_rng(2)
    streets = wild_streets(rng)
    network, other = build_network(streets), build_network(shuffled(streets, rng))
    # at the nodes all edges that meet there are equally near
    points = gpd.GeoSeries.from_xy(streets.lon, streets.lat, crs=4326)
    one, two = network.snap(points), other.snap(points)
    np.testing.assert_array_equal(one.edge, two.edge)
    np.testing.assert_array_equal(one.offset_mm, two.offset_mm)
    for node, edge in enumerate(one.edge):
        if edge >= 0:
            meets = (streets.u == node) | (streets.v == node)
            assert not meets.any() or network.way[edge] == streets.way[meets].min()


def test_points_in_any_crs_join_at_the_same_place():
    network = build_network(street_table(EDGE, [(0, 1)]))
    points = gpd.GeoSeries.from_xy([113.503, 113.508], [22.2005, 22.1995], crs=4326)
    for crs in (4326, 32649, 4490, network.crs):
        result = network.snap(points.to_crs(crs))
        np.testing.assert_allclose(result.offset_mm, network.snap(points).offset_mm, atol=1)


def test_the_farthest_walk_counts_inclusively():
    network = build_network(street_table(EDGE, [(0, 1)]))
    x, y = network.node_x.mean(), network.node_y.mean()
    beside = gpd.GeoSeries.from_xy([x, x], [y + 250.0, y + 250.1], crs=network.crs)
    result = network.snap(beside, max_snap_m=250.05).frame()
    assert result["status"].tolist() == ["ok", "far"]
    assert np.isnan(result["snap_distance_m"][1])


def test_points_without_a_place_are_listed_and_unreached():
    network = build_network(street_table(EDGE, [(0, 1)]))
    points = gpd.GeoSeries(
        [shapely.Point(113.505, 22.2), None, shapely.Point()], index=["a", "b", "c"], crs=4326
    )
    result = network.snap(points)
    assert result.frame()["status"].to_dict() == {"a": "ok", "b": "no_geometry", "c": "no_geometry"}
    school = gpd.GeoDataFrame({"service": ["school"]}, geometry=[points.iloc[0]], crs=4326)
    assert nearest_times(network, points, school)["school"].tolist() == [
        pytest.approx(0, abs=1e-3),
        np.inf,
        np.inf,
    ]


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (gpd.GeoSeries.from_xy([22.2], [113.5], index=["home"], crs=4326), {}, "row home.*100 km"),
        (gpd.GeoSeries.from_xy([-58.4], [-34.6], crs=4326), {}, "100 km"),
        (gpd.GeoSeries.from_xy([113.5], [22.2]), {}, "no coordinate system"),
        (gpd.GeoSeries([shapely.box(113.5, 22.2, 113.6, 22.3)], crs=4326), {}, "polygon where a point"),
        (gpd.GeoSeries.from_xy([113.5], [22.2], crs=4326), {"max_snap_m": -1}, "0 or more"),
    ],
)
def test_points_that_cannot_belong_here_are_refused_in_words(points, options, words):
    network = build_network(street_table(EDGE, [(0, 1)]))
    with pytest.raises(NetworkError, match=words):
        network.snap(points, **options)


def test_points_far_from_all_streets_stay_unreached_where_they_may_lie_anywhere():
    network = build_network(street_table(EDGE, [(0, 1)]))
    points = gpd.GeoSeries.from_xy([113.505, 116.7], [22.2, 20.7], index=["home", "island"], crs=4326)
    snapped = network.snap(points, anywhere=True).frame()
    assert snapped["status"].to_dict() == {"home": "ok", "island": "far"}
    with pytest.raises(NetworkError, match=r"row island.*100 km"):
        network.snap(points)


def test_points_of_another_network_are_refused():
    network = build_network(street_table(EDGE, [(0, 1)]))
    other = build_network(street_table([EDGE[0], (113.52, 22.2)], [(0, 1)]))
    points = gpd.GeoSeries.from_xy([113.505], [22.2], crs=4326)
    with pytest.raises(MismatchedIndexError, match="snapped to network"):
        pairs(network, network.snap(points), other.snap(points), max_cost=1)


@pytest.mark.parametrize("minutes", [0, -1, np.nan, np.inf])
def test_minutes_that_mean_nothing_are_refused(minutes):
    network = build_network(street_table(EDGE, [(0, 1)]))
    points = gpd.GeoDataFrame({"service": ["x"]}, geometry=gpd.points_from_xy([113.505], [22.2]), crs=4326)
    with pytest.raises(InputError, match="above 0"):
        nearest_times(network, points, points, max_minutes=minutes)


def test_a_facility_without_a_place_or_a_service_is_refused_by_name():
    network = build_network(street_table(EDGE, [(0, 1)]))
    shapes = [shapely.Point(113.505, 22.2), None]
    table = gpd.GeoDataFrame({"service": ["x", "x"]}, index=["a", "b"], geometry=shapes, crs=4326)
    with pytest.raises(InputError, match=r"row b.*no place"):
        nearest_times(network, table.iloc[:1], table)
    with pytest.raises(InputError, match='no column "service"'):
        nearest_times(network, table.iloc[:1], table.rename(columns={"service": "Service_"}).iloc[:1])


def _with_walls(walls, joinable=None, seed=0):
    """A random town of 40 streets within a kilometre, and walls (x0, y0, x1, y1 in degrees)."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 0.01, (80, 2))
    edges = [(2 * k, 2 * k + 1) for k in range(40)]
    fields = {} if joinable is None else {"joinable": joinable}
    table = street_table(places, edges, **fields)
    return dataclasses.replace(
        table, barriers=np.array(walls, float), barrier_body=np.full(len(walls), -1, np.int32)
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_street_joined_is_the_nearest_that_no_wall_bars(seed):
    """Every point, every street and every wall by shapely."""
    rng = np.random.default_rng(100 + seed)
    start = rng.uniform(0, 0.01, (30, 2))
    walls = np.column_stack([start, start + rng.normal(0, 0.001, (30, 2))])
    codes = rng.choice([0, 1, 1, 1, 2], 40).astype(np.uint8)
    network = build_network(_with_walls(walls, codes, seed), min_component_m=0)
    points = gpd.GeoSeries(gpd.points_from_xy(*rng.uniform(0, 0.01, (2, 60))), crs=4326)
    snaps = network.snap(points)
    lines = shapely.linestrings(
        np.stack(
            [np.column_stack([network.node_x[n], network.node_y[n]]) for n in (network.u, network.v)], axis=1
        )
    )
    barred = (
        gpd.GeoSeries(shapely.linestrings(walls.reshape(-1, 2, 2)), crs=4326).to_crs(network.crs).union_all()
    )
    for k, point in enumerate(points.to_crs(network.crs)):
        free = []
        for edge, line in enumerate(lines):
            away = round(line.distance(point), 3)
            near = away <= 300 and (
                network.joinable[edge] == 1 or (network.joinable[edge] == 2 and away <= 1)
            )
            walk = shapely.shortest_line(point, line)
            middle = shapely.ops.substring(walk, 0.1, walk.length - 0.1)
            if near and not (walk.length > 0.2 and middle.intersects(barred)):
                free.append((away, edge))
        assert snaps.edge[k] == (min(free)[1] if free else -1)


def test_who_stands_on_a_bridge_joins_it_and_who_stands_beside_does_not():
    table = street_table([(0, 0), (0.01, 0)], [(0, 1)], joinable=np.array([2], np.uint8))
    network = build_network(table, min_component_m=0)
    snaps = network.snap(gpd.GeoSeries.from_xy([0.005, 0.005], [0.000005, 0.0001], crs=4326))
    assert snaps.frame()["status"].tolist() == ["ok", "unjoinable"]


def test_a_home_behind_a_wall_on_all_sides_is_blocked():
    corners = [(0.004, 0.0001), (0.006, 0.0001), (0.006, 0.0005), (0.004, 0.0005)]
    walls = [(*one, *other) for one, other in zip(corners, corners[1:] + corners[:1], strict=True)]
    table = dataclasses.replace(
        street_table([(0, 0), (0.01, 0)], [(0, 1)]),
        barriers=np.array(walls),
        barrier_body=np.full(4, -1, np.int32),
    )
    home = gpd.GeoSeries.from_xy([0.005], [0.0003], crs=4326)
    assert build_network(table).snap(home).frame()["status"].tolist() == ["blocked"]
    # on a lake of the same outline somebody is let ashore
    lake = dataclasses.replace(table, barrier_body=np.zeros(4, np.int32))
    assert build_network(lake).snap(home).frame()["status"].tolist() == ["ok"]


def test_homes_on_islands_join_a_larger_network_where_one_may_be_joined_freely():
    """One island 111 m north of the long street, one far from it, with only a tunnel of it beside."""
    places = [(0, 0), (0.05, 0), (0.05, 0.0105), (0.02, 0.0105)]
    places += [(0.010, 0.001), (0.011, 0.001), (0.020, 0.010), (0.021, 0.010)]
    streets = street_table(
        places, [(0, 1), (1, 2), (2, 3), (4, 5), (6, 7)], joinable=np.array([1, 1, 0, 1, 1], np.uint8)
    )
    homes = gpd.GeoSeries.from_xy([0.0105, 0.0205], [0.0011, 0.0101], crs=4326, index=["near", "far"])
    network = build_network(streets)
    way = {int(network.way[edge]): edge for edge in range(len(network))}
    snaps = network.snap(homes)
    assert snaps.frame()["status"].tolist() == ["moved_off_island", "island"]
    assert snaps.edge.tolist() == [way[1], way[5]]
    assert snaps.access_mm / 1000 == pytest.approx([0.0011 * 110_574, 0.0001 * 110_574], abs=0.01)
    # who stays on an island reaches what lies on it
    school = gpd.GeoDataFrame({"service": ["school"]}, geometry=[shapely.Point(0.02, 0.01)], crs=4326)
    with pytest.warns(LifecircleWarning, match="join a street that leads nowhere else"):
        reached = nearest_facilities(network, homes, school, max_minutes=None)
    assert reached["distance_m"].tolist() == pytest.approx([np.inf, 55.66 + 11.06], abs=0.02)
    # nobody goes farther than the limit, or through a wall, to leave an island
    assert network.snap(homes, max_snap_m=100).edge.tolist() == [way[4], way[5]]
    wall = np.array([(0.0, 0.0005, 0.05, 0.0005)])
    walled = dataclasses.replace(streets, barriers=wall, barrier_body=np.full(1, -1, np.int32))
    snaps = build_network(walled).snap(homes)
    assert snaps.frame()["status"].tolist() == ["island", "island"]
    assert snaps.edge.tolist() == [way[4], way[5]]
    # of each it is told what keeps it from the larger network
    for row, expected in enumerate([[("1-0", "wall")], [("3-0", "unjoined")]]):
        here = snaps.take(np.array([row]))
        told = refused_edges(build_network(walled), (here.from_x[0], here.from_y[0]), here)
        assert [(edge.edge, edge.reason) for edge in told] == expected


def test_a_home_and_a_clinic_without_a_street_walk_straight_where_nothing_lies_between():
    """Both lie some 442 m off the only street: the limit to a street is 300 m. They are 111 m apart."""
    table = street_table([(0, 0), (0.01, 0)], [(0, 1)])
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.005, 0.009], [0.004, 0.004]), crs=4326)
    clinics = gpd.GeoDataFrame(
        {"service": ["clinic"]}, geometry=gpd.points_from_xy([0.006], [0.004]), crs=4326
    )
    result = nearest_facilities(build_network(table), homes, clinics, max_minutes=None)
    assert result["distance_m"].to_numpy() == pytest.approx([111.3, np.inf], abs=0.1)
    assert result["reason"].tolist() == ["", "origin-far"]
    assert result.attrs["origins"] == result.attrs["facilities"] | {"far": 2} == {"far": 2}
    wall = np.array([(0.0055, 0.003, 0.0055, 0.005)])
    walled = dataclasses.replace(table, barriers=wall, barrier_body=np.full(1, -1, np.int32))
    result = nearest_facilities(build_network(walled), homes, clinics, max_minutes=None)
    assert result["reason"].tolist() == ["origin-far", "origin-far"]


def test_a_home_and_a_clinic_at_one_place_off_the_street_are_not_apart():
    table = street_table([(0, 0), (0.01, 0)], [(0, 1)])
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.005, 0.005], [0.0026, 0.0026]), crs=4326)
    clinics = homes.iloc[[0]].assign(service="clinic")
    result = nearest_facilities(build_network(table), homes, clinics, max_minutes=None)
    assert result["distance_m"].tolist() == [0.0, 0.0]
    wall = [(0.0, 0.00261, 0.01, 0.00261)]
    walled = dataclasses.replace(table, barriers=np.array(wall), barrier_body=np.full(1, -1, np.int32))
    homes = homes.set_geometry(gpd.points_from_xy([0.005, 0.005], [0.00262, 0.00262], crs=4326))
    assert np.isinf(
        nearest_facilities(build_network(walled), homes, clinics, max_minutes=None)["distance_m"]
    ).all()
