"""Isochrones and service areas: arithmetic on streets drawn in metres, and three real cities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from line_streets_alone import lines_alone
from shared_data import DATA
from streets_in_metres import CRS, metric_network, points

from lifecircle.errors import InputError
from lifecircle.network import isochrones, reach, service_areas

MINUTES_PER_M = 0.015
STRAIGHT = ([(0, 0), (2000, 0)], [(0, 1)])
CAP = np.pi * 900


def test_a_straight_street_gives_stadiums_that_nest():
    network = metric_network(*STRAIGHT)
    result = isochrones(network, points((1000, 0)), [15, 5, 10])
    assert result.columns.tolist() == [
        "point", "minutes", "reached_m", "unreached_m", "area_m2", "reason", "geometry",
    ]  # fmt: skip
    # 4 km/h: 1000 m in 15 minutes, both ways
    np.testing.assert_allclose(result["reached_m"], [2000 / 3, 4000 / 3, 2000], atol=0.002)
    np.testing.assert_allclose(result["area_m2"], result["reached_m"] * 60 + CAP, rtol=0.002)
    np.testing.assert_allclose(result["area_m2"], result.area)
    shapes = result.geometry.to_numpy()
    assert shapely.covers(shapes[1:], shapes[:-1]).all()


def test_the_walk_to_the_street_is_drawn():
    network = metric_network(*STRAIGHT)
    result = isochrones(network, points((1000, 200)), [200 * MINUTES_PER_M, 300 * MINUTES_PER_M])
    assert result["reached_m"].tolist() == [0.0, 200.0]
    # the walk alone is a stadium too; then the street and the walk make a T
    assert result["area_m2"].iloc[0] == pytest.approx(200 * 60 + CAP, rel=0.005)
    assert result["area_m2"].iloc[1] == pytest.approx(200 * 60 + CAP + 170 * 60 + CAP / 2, rel=0.01)


def test_the_block_inside_a_ring_of_streets_is_a_hole():
    network = metric_network([(0, 0), (200, 0), (200, 200), (0, 200)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    (shape,) = isochrones(network, points((0, 0)), [15]).geometry
    assert len(shape.interiors) == 1
    assert shapely.Polygon(shape.interiors[0]).contains(shapely.Point(100, 100))


def test_streets_under_the_polygon_that_cannot_be_reached_are_counted():
    # a street 20 m north that nothing joins, 300 m of it above the 400 m reached
    network = metric_network([(0, 0), (400, 0), (50, 20), (350, 20)], [(0, 1), (2, 3)])
    (row,) = isochrones(network, points((200, -5)), [15]).to_dict("records")
    assert row["reached_m"] == pytest.approx(400, abs=0.002)
    assert row["unreached_m"] == pytest.approx(300, abs=0.01)


def test_unreached_streets_count_as_far_as_they_are_inside():
    # crossing on a bridge: 30 m on either side of the street are inside
    network = metric_network([(0, 0), (400, 0), (200, 500), (200, -500)], [(0, 1), (2, 3)])
    (row,) = isochrones(network, points((20, 0)), [15]).to_dict("records")
    assert row["unreached_m"] == pytest.approx(60, abs=2.5)


def test_the_far_part_of_a_street_reached_in_part_is_unreached_only_within_the_buffer():
    network = metric_network(*STRAIGHT)
    result = isochrones(network, points((1000, 0)), [5])
    # the polygon goes on 30 m beyond either end
    assert result["unreached_m"].iloc[0] == pytest.approx(60, abs=2.5)


def test_water_is_cut_out_and_bands_still_nest():
    network = metric_network(*STRAIGHT)
    water = gpd.GeoDataFrame(geometry=[shapely.box(900, 10, 1100, 100)], crs=CRS).to_crs(4326)
    plain = isochrones(network, points((1000, 0)), [5, 10])
    cut = isochrones(network, points((1000, 0)), [5, 10], minus=water)
    np.testing.assert_allclose(plain["area_m2"] - cut["area_m2"], 200 * 20, rtol=0.002)
    np.testing.assert_array_equal(plain["reached_m"], cut["reached_m"])
    small, large = cut.geometry
    assert small.difference(large).area < 1e-6
    assert cut.is_valid.all()


def test_water_over_everything_leaves_nothing():
    network = metric_network(*STRAIGHT)
    water = gpd.GeoSeries([shapely.box(-5000, -5000, 5000, 5000)], crs=CRS)
    (row,) = isochrones(network, points((1000, 0)), [5], minus=water).to_dict("records")
    assert row["geometry"].is_empty
    assert row["area_m2"] == 0


def test_rows_follow_the_points_and_an_unreached_one_is_empty():
    network = metric_network(*STRAIGHT)
    place = points((1000, 0), (1000, 900), (0, 0))
    place.index = pd.Index(["b", "far", "a"])
    result = isochrones(network, place, [5, 10])
    assert result["point"].tolist() == ["b", "b", "far", "far", "a", "a"]
    far = result[result["point"] == "far"]
    assert far.geometry.is_empty.all()
    assert far[["reached_m", "unreached_m", "area_m2"]].to_numpy().tolist() == [[0, 0, 0]] * 2


def test_the_result_is_in_the_system_of_the_points():
    network = metric_network(*STRAIGHT)
    there = isochrones(network, points((1000, 0), crs=4326), [5])
    here = isochrones(network, network.snap(points((1000, 0))), [5])
    assert there.crs == 4326
    assert here.crs == network.crs
    assert there["area_m2"].iloc[0] == pytest.approx(here["area_m2"].iloc[0])


def test_an_origin_s_area_does_not_depend_on_the_others_or_on_threads():
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 600, (30, 2))
    network = metric_network(places, [(k, (k * 7 + 3) % 30) for k in range(30)])
    origins = points(*rng.uniform(0, 600, (9, 2)))
    combined = isochrones(network, origins, [2, 6], threads=1)
    threaded = isochrones(network, origins.iloc[::-1], [2, 6], threads=2)
    for point in origins.index:
        alone = isochrones(network, origins.loc[[point]], [2, 6])
        for other in (combined, threaded):
            mine = other[other["point"] == point]
            assert mine["area_m2"].tolist() == alone["area_m2"].tolist()
            assert mine["unreached_m"].tolist() == alone["unreached_m"].tolist()
            assert (
                shapely.to_wkb(mine.geometry.to_numpy()) == shapely.to_wkb(alone.geometry.to_numpy())
            ).all()


def test_a_one_way_street_serves_those_who_can_come():
    network = metric_network([(0, 0), (1000, 0)], [(0, 1, "forward")])
    snaps = network.snap(points((500, 0)))
    into = service_areas(network, snaps, ["school"], [200 * MINUTES_PER_M])
    out = service_areas(network, snaps, ["school"], [200 * MINUTES_PER_M], direction="out")
    np.testing.assert_allclose(into.total_bounds, (270, -30, 530, 30), atol=0.1)
    np.testing.assert_allclose(out.total_bounds, (470, -30, 730, 30), atol=0.1)


def test_all_entries_of_a_facility_serve_and_merged_facilities_are_one_area():
    network = metric_network(*STRAIGHT)
    snaps = network.snap(points((500, 0), (1500, 0), (1000, 0)))
    limit = [100 * MINUTES_PER_M]
    each = service_areas(network, snaps, ["park", "park", "hall"], limit)
    assert each["facility"].tolist() == ["hall", "park"]
    np.testing.assert_allclose(each["reached_m"], [200, 400], atol=0.002)
    (merged,) = service_areas(network, snaps, ["park", "park", "hall"], limit, merge=True).to_dict("records")
    assert merged["reached_m"] == pytest.approx(600, abs=0.002)
    assert merged["area_m2"] == pytest.approx(each["area_m2"].sum())


def test_thinned_areas_keep_their_figures_and_nest_and_their_outlines_stay_near():
    network = metric_network([(0, 0), (700, 90), (1300, -60), (400, 800)], [(0, 1), (1, 2), (0, 3)])
    snaps = network.snap(points((100, 0), (1200, 0)))
    water = gpd.GeoSeries([shapely.Point(650, 60).buffer(45)], crs=CRS)
    full, thin = (
        service_areas(network, snaps, ["a", "b"], [4, 8], minus=water, thin_m=far) for far in (None, 0.25)
    )
    figures = ["facility", "minutes", "reached_m", "unreached_m", "area_m2"]
    pd.testing.assert_frame_equal(thin[figures], full[figures])
    before, after = full.geometry.to_numpy(), thin.geometry.to_numpy()
    assert shapely.get_num_coordinates(after).sum() < 0.7 * shapely.get_num_coordinates(before).sum()
    assert shapely.is_valid(after).all()
    for narrow, wide in ((0, 1), (2, 3)):
        assert after[narrow].difference(after[wide]).area < 1e-6
    for one, other in zip(before, after, strict=True):
        assert one.boundary.buffer(0.2525).covers(other.boundary)


def test_a_grid_coarser_than_the_buffer_is_refused():
    network = metric_network(*STRAIGHT)
    with pytest.raises(InputError, match="grid_m"):
        isochrones(network, points((1000, 0)), [5], grid_m=50)


def test_water_without_a_coordinate_system_is_refused():
    network = metric_network(*STRAIGHT)
    water = gpd.GeoSeries([shapely.box(0, 0, 1, 1)])
    with pytest.raises(InputError, match="coordinate system"):
        isochrones(network, points((1000, 0)), [5], minus=water)


CITIES = {
    "porto_alegre": "porto_alegre/poa.osm.pbf",
    "zhuhai": "zhuhai/zhuhai.osm",
    "monaco": "osm/monaco.osm.pbf",
}


@pytest.mark.parametrize("city", CITIES)
def test_fifty_real_areas_equal_the_union_of_buffers(city):
    path = DATA / CITIES[city]
    if not path.exists():
        pytest.skip(f"no real streets at {path}")
    network = lines_alone(path)  # ways across squares are reached, and are no street
    rng = np.random.default_rng(3)
    node = rng.integers(0, network.n_nodes, 50)
    x, y = network.node_x[node] + rng.uniform(-40, 40, 50), network.node_y[node] + rng.uniform(-40, 40, 50)
    origins = gpd.GeoSeries.from_xy(x, y, crs=network.crs)
    areas = isochrones(network, origins, [5, 15])
    assert areas.is_valid.all()
    shapes = areas.geometry.to_numpy()
    assert shapely.covers(shapes[1::2], shapes[0::2]).all()
    result = reach(network, network.snap(origins), [15], places=np.stack([x, y], axis=1))
    np.testing.assert_array_equal(result.length_m()[15.0], areas["reached_m"].iloc[1::2])
    lines = result.lines(network)
    agreement = []
    for point, shape in zip(origins.index, shapes[1::2], strict=True):
        mine = lines.geometry[lines["point"] == point].to_numpy()
        truth = shapely.union_all(shapely.buffer(mine, 30, quad_segs=8))
        agreement.append(shape.intersection(truth).area / shape.union(truth).area if len(mine) else 1.0)
    assert np.median(agreement) >= 0.99
    assert min(agreement) >= 0.985
