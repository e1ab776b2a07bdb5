"""Distance fields against every vertex measured to every segment."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lifecircle.errors import InputError
from lifecircle.network.areas.field import empty_field, labelled_field, require_resolution

BUFFER, CELL = 30.0, 10.0

some_segments = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 6), st.just(4)), elements=st.integers(-1600, 1600)
).map(lambda eighths: eighths / 8)


def distances(field, segments):
    """Vertices × segments, by shapely."""
    rows, columns = field.squared_m2.shape
    x, y = np.meshgrid((field.west + np.arange(columns)) * CELL, (field.south + np.arange(rows)) * CELL)
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    return shapely.distance(shapely.points(x, y)[..., None], lines)


@given(segments=some_segments)
def test_near_vertices_hold_the_distance_to_the_nearest_segment(segments):
    field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    field.draw(segments)
    truth = distances(field, segments).min(axis=-1)
    near = truth <= BUFFER + CELL - 1e-6
    np.testing.assert_allclose(np.sqrt(field.squared_m2[near]), truth[near], atol=1e-3)
    assert (np.sqrt(field.squared_m2[~near]) >= BUFFER + CELL - 1e-3).all()


@given(segments=some_segments)
def test_the_border_lies_outside(segments):
    field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    field.draw(segments)
    border = np.ones(field.squared_m2.shape, bool)
    border[1:-1, 1:-1] = False
    assert (field.squared_m2[border] > BUFFER**2).all()


@given(segments=some_segments, others=some_segments)
def test_a_value_does_not_depend_on_what_else_is_on_the_grid(segments, others):
    alone = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    wide = empty_field(np.concatenate([segments, others]), buffer_m=BUFFER, grid_m=CELL)
    alone.draw(segments)
    wide.draw(segments)
    rows, columns = alone.squared_m2.shape
    j, i = alone.south - wide.south, alone.west - wide.west
    np.testing.assert_array_equal(wide.squared_m2[j : j + rows, i : i + columns], alone.squared_m2)


@given(segments=some_segments)
def test_labels_name_the_nearest_and_the_second_owner(segments):
    label = (np.arange(len(segments)) % 3).astype(np.int32)
    field = labelled_field(segments, label, buffer_m=BUFFER, grid_m=CELL)
    truth = distances(field.nearest, segments)
    by_owner = np.stack([np.where(label == k, truth, np.inf).min(axis=-1) for k in range(3)], axis=-1)
    ordered = np.sort(by_owner, axis=-1)
    near = ordered[..., 0] <= BUFFER + CELL - 1e-6
    clear = near & (ordered[..., 1] - ordered[..., 0] > 1e-2)
    np.testing.assert_array_equal(field.label[clear], by_owner.argmin(axis=-1)[clear])
    second = clear & (ordered[..., 1] <= BUFFER + CELL - 1e-6)
    np.testing.assert_allclose(np.sqrt(field.second_m2[second]), ordered[..., 1][second], atol=1e-3)


def test_of_two_equally_near_the_smaller_label_has_the_vertex():
    segments = np.array([[0.0, 20, 100, 20], [0, -20, 100, -20]])
    for order in ([0, 1], [1, 0]):
        field = labelled_field(segments[order], np.array(order, np.int32), buffer_m=BUFFER, grid_m=CELL)
        middle = field.label[-field.nearest.south, -field.nearest.west : 10 - field.nearest.west]
        assert (middle == 0).all()


@pytest.mark.parametrize(("buffer_m", "grid_m"), [(0, 10), (30, 0), (float("nan"), 10), (30, -1), (30, 40)])
def test_a_resolution_no_outline_can_be_drawn_with_is_refused(buffer_m, grid_m):
    with pytest.raises(InputError):
        require_resolution(buffer_m, grid_m)


def test_a_country_at_ten_metres_is_refused_with_the_way_out():
    with pytest.raises(InputError, match="grid_m"):
        empty_field(np.array([[0.0, 0, 1e6, 1e6]]), buffer_m=BUFFER, grid_m=CELL)
