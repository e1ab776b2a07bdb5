"""Shapes are packed without loss beyond a step, and simplified without tearing neighbours apart."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hard_shapes import bow_tie, coast, combs
from hypothesis import given
from hypothesis import strategies as st
from results_by_hand import results_by_hand

from lifecircle.outputs.web_map.geometry import (
    STEPS_PER_DEGREE,
    map_origin,
    pack_points,
    pack_shapes,
    rounded,
    simplified,
)
from lifecircle.tables import WGS84


def unpack(text, origin):
    """The decoder of the polyline format as its description tells it, one number at a time."""
    numbers, value, shift = [], 0, 0
    for sign in text:
        chunk = ord(sign) - 63
        value |= (chunk & 0x1F) << shift
        shift += 5
        if not chunk & 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0) + origin


degrees = st.tuples(st.floats(-179, 179), st.floats(-85, 85))


@given(st.lists(degrees, min_size=2, max_size=30), degrees)
def test_a_line_comes_back_within_half_a_step(places, corner):
    origin = tuple(int(value * STEPS_PER_DEGREE) for value in corner)
    line = gpd.GeoSeries([shapely.LineString(places)], crs=WGS84)
    result = unpack(pack_shapes(line, origin)[0], origin)
    steps = np.round(np.array(places) * STEPS_PER_DEGREE).astype(int)
    # what lies more than half the world from the map's corner is drawn on its nearer side
    whole = 360 * STEPS_PER_DEGREE
    steps[:, 0] += whole * np.round((origin[0] - steps[:, 0]) / whole).astype(int)
    keep = np.r_[True, (steps[1:] != steps[:-1]).any(axis=1)]
    assert (result == steps[keep]).all()


def test_the_formats_published_example():
    """Google's own example, its latitudes given as longitudes: see the line below."""
    line = shapely.LineString([(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)])
    assert pack_shapes(gpd.GeoSeries([line], crs=WGS84), (0, 0)) == ["_p~iF~ps|U_ulLnnqC_mqNvxq`@"]


def test_rings_and_parts_keep_their_owner():
    holed = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    pair = shapely.MultiPolygon([shapely.box(5, 0, 6, 1), shapely.box(7, 0, 8, 1)])
    packed = pack_shapes(
        gpd.GeoSeries([holed, None, pair, shapely.LineString([(0, 0), (1, 1)])], crs=WGS84), (0, 0)
    )
    assert [text.count(",") for text in packed] == [1, 0, 0, 0]
    assert [text.count(";") for text in packed] == [0, 0, 1, 0]
    assert packed[1] == ""
    assert unpack(packed[3], (0, 0)).tolist() == [[0, 0], [100_000, 100_000]]


def test_nothing_packs_to_nothing():
    assert pack_shapes(gpd.GeoSeries([], crs=WGS84), (0, 0)) == []


def test_points_are_steps_from_the_corner():
    points = gpd.GeoSeries(
        [shapely.Point(110.00001, 20.00002), shapely.box(110, 20, 110.0002, 20.0002)], crs=WGS84
    )
    assert pack_points(points, (11_000_000, 2_000_000)) == ([1, 10], [2, 10])
    assert map_origin(points) == (11_000_000, 2_000_000)


@pytest.mark.parametrize("most", [10_000, 2_000, 500])
def test_simplified_neighbours_still_share_their_edges(most):
    shapes = results_by_hand(rows=6, columns=6).communities.geometry
    simple = simplified(shapes, max_vertices=most, shared_borders=True)
    assert shapely.get_num_coordinates(simple.to_numpy()).sum() <= most
    assert shapely.coverage_is_valid(simple.to_numpy())
    assert simple.area.sum() == pytest.approx(simple.union_all().area, rel=1e-9)
    assert simple.area.sum() == pytest.approx(shapes.area.sum(), rel=0.02)


def test_neighbours_with_parts_as_thin_as_a_hair_are_simplified():
    mended = gpd.GeoSeries(shapely.make_valid(bow_tie()), crs=32650)
    result = simplified(mended, max_vertices=100, shared_borders=True)
    assert result.is_valid.all()
    assert np.allclose(result.area, mended.area, rtol=0.5)


def test_outlines_like_hatching_are_drawn_without_most_of_their_teeth():
    tiles = gpd.GeoSeries(combs(20_000), crs=32650)
    drawn = simplified(tiles, max_vertices=60_000, shared_borders=True)
    once_round = 2 * (2000 + 1000)
    assert tiles.length.sum() > 5_000 * once_round
    assert drawn.length.sum() < 2_000 * once_round
    assert drawn.area.sum() == pytest.approx(tiles.area.sum(), rel=0.01)
    assert drawn.is_valid.all()


def test_what_takes_long_to_simplify_is_simplified_once_for_all_that_draw_it(monkeypatch):
    done = []
    own = shapely.coverage_simplify

    def counted(tiles, tolerance_m):
        done.append(tolerance_m)
        return own(tiles, tolerance_m)

    monkeypatch.setattr(shapely, "coverage_simplify", counted)
    outline = coast(20_000)[0]
    layer = gpd.GeoSeries([outline, shapely.box(5000, 0, 6000, 1000)], crs=32650)
    first = simplified(layer, max_vertices=300, shared_borders=True)
    assert len(done) == len(set(done))
    for most in (6000, 300):
        later = simplified(layer.copy(), max_vertices=most, shared_borders=True)
    assert len(done) == len(set(done)) > 0
    assert later.geom_equals_exact(first, 0).all()


def test_figures_are_short_and_unknown_ones_are_none():
    assert rounded([0.0, 1.0, 0.123456, 1234.5678, np.nan, np.inf]) == [0, 1, 0.1235, 1234.57, None, None]
