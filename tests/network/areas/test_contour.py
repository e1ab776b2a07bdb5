"""Outlines of fields: by hand, against contourpy, and always valid."""

from itertools import pairwise

import contourpy
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from whole_fields import dense, one_block

from lifecircle.network.areas.field import empty_field, polygons, rings
from lifecircle.network.kernels.contour_squares import inside_square, square_code

BUFFER, CELL = 30.0, 10.0


def outline(segments, cell=CELL):
    """The area around some segments."""
    segments = np.asarray(segments, float)
    field = empty_field(segments, buffer_m=BUFFER, grid_m=cell)
    field.draw(segments)
    return polygons([rings(field)])[0]


def field_of(distance):
    """A field from distances, its border put outside."""
    squared = np.pad(np.asarray(distance, np.float32) ** 2, 1, constant_values=1600)
    return one_block(squared, -1, -1, CELL, BUFFER)


def test_one_street_is_a_stadium():
    shape = outline([[0, 0, 500, 0]])
    assert shape.area == pytest.approx(500 * 60 + np.pi * 900, rel=0.005)
    assert shape.geom_type == "Polygon"
    np.testing.assert_allclose(shape.bounds, (-30, -30, 530, 30), atol=0.05)


def test_a_diagonal_street_is_a_stadium_too():
    shape = outline([[0, 0, 300, 400]])
    assert shape.area == pytest.approx(500 * 60 + np.pi * 900, rel=0.01)


def test_crossing_streets_are_a_plus():
    shape = outline([[-200, 0, 200, 0], [0, -200, 0, 200]])
    assert shape.area == pytest.approx(2 * (400 * 60 + np.pi * 900) - 60 * 60, rel=0.005)


def test_the_inside_of_a_ring_street_is_a_hole():
    corners = [(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)]
    shape = outline([[*one, *two] for one, two in pairwise(corners)])
    assert len(shape.interiors) == 1
    # each inner corner is cut across one square at most
    assert shapely.Polygon(shape.interiors[0]).area == pytest.approx(140 * 140, abs=4 * CELL**2)


def test_an_island_in_a_hole_is_a_part_of_its_own():
    corners = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    ring = [[*one, *two] for one, two in pairwise(corners)]
    shape = outline([*ring, [190, 200, 210, 200]])
    assert shape.geom_type == "MultiPolygon"
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1]


def test_opposite_corners_are_kept_apart():
    distance = np.full((4, 4), 50.0)
    distance[1, 1] = distance[2, 2] = 10.0
    shape = polygons([rings(field_of(distance))])[0]
    assert shape.is_valid
    assert len(shape.geoms) == 2


def test_nothing_inside_is_an_empty_polygon():
    shapes = polygons([rings(field_of(np.full((3, 3), 50.0))), rings(field_of(np.full((3, 3), 1.0)))])
    assert shapes[0].is_empty
    assert shapes[1].area > 0


levels = st.sampled_from([0.0, 10.0, 29.99, 30.0, 30.01, 35.0, 40.0])
some_distances = arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=levels)


@settings(max_examples=300)
@given(distance=some_distances)
def test_any_field_gives_a_valid_outline_with_rings_nested_as_they_lie(distance):
    result = rings(field_of(distance))
    shape = polygons([result])[0]
    assert shape.is_valid, shapely.is_valid_reason(shape)
    signed = [shapely.Polygon(result.points[a:b]).exterior.is_ccw for a, b in pairwise(result.first)]
    np.testing.assert_array_equal(signed, result.shell == np.arange(len(result.shell)))


@settings(max_examples=300)
@given(distance=some_distances, lower=st.integers(0, 10**6))
def test_a_lower_field_holds_the_higher_one_s_outline(distance, lower):
    drop = np.random.default_rng(lower).choice([0.0, 0.5, 20.0], distance.shape)
    small = polygons([rings(field_of(distance))])[0]
    large = polygons([rings(field_of(np.maximum(distance - drop, 0)))])[0]
    assert small.is_empty or large.covers(small)


@given(seed=st.integers(0, 10**6))
def test_area_and_holes_equal_those_of_contourpy(seed):
    segments = np.random.default_rng(seed).uniform(-150, 150, (6, 4))
    field = empty_field(segments, buffer_m=BUFFER, grid_m=5.0)
    field.draw(segments)
    shape = polygons([rings(field)])[0]
    distance = np.minimum(np.sqrt(dense(field.blocks, field.squared_m2)), BUFFER + 20)
    filled, offsets = contourpy.contour_generator(
        z=distance, fill_type=contourpy.FillType.OuterOffset
    ).filled(-1.0, BUFFER)
    area = 0.0
    for place, offset in zip(filled, offsets, strict=True):
        parts = [shapely.Polygon(place[a:b]).area for a, b in pairwise(offset)]
        area += (parts[0] - sum(parts[1:])) * 25.0
    assert shape.area == pytest.approx(area, rel=2e-3)


@given(distance=some_distances, seed=st.integers(0, 10**6))
def test_the_point_test_agrees_with_the_polygon(distance, seed):
    field = field_of(distance)
    shape = polygons([rings(field)])[0].buffer(0)
    rows, columns = np.array(distance.shape) + 2
    place = np.random.default_rng(seed).uniform(0, (columns - 1.001, rows - 1.001), (60, 2))
    x, y = (place - 1).T * CELL
    clear = (
        shapely.distance(shapely.boundary(shape), shapely.points(x, y)) > 1e-6
        if not shape.is_empty
        else x < np.inf
    )
    for (px, py), truth, decided in zip(place, shapely.contains_xy(shape, x, y), clear, strict=True):
        i, j = int(px), int(py)
        if decided:
            code = square_code(field.squared_m2, field.blocks, np.float32(BUFFER**2), j, i)
            assert inside_square(field.squared_m2, field.blocks, j, i, code, px - i, py - j, BUFFER) == truth
