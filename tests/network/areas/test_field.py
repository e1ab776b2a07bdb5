"""Distance fields against every vertex measured to every segment."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from whole_fields import dense

from lifecircle.errors import InputError
from lifecircle.network.areas.field import empty_field, labelled_field, polygons, require_resolution, rings

BUFFER, CELL = 30.0, 10.0

some_segments = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 6), st.just(4)), elements=st.integers(-1600, 1600)
).map(lambda eighths: eighths / 8)


def distances(field, segments):
    """Vertices × segments, by shapely."""
    rows, columns = dense(field.blocks, field.squared_m2).shape
    x, y = np.meshgrid((field.west + np.arange(columns)) * CELL, (field.south + np.arange(rows)) * CELL)
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    return shapely.distance(shapely.points(x, y)[..., None], lines)


@given(segments=some_segments)
def test_near_vertices_hold_the_distance_to_the_nearest_segment(segments):
    field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    field.draw(segments)
    truth = distances(field, segments).min(axis=-1)
    near = truth <= BUFFER + CELL - 1e-6
    distance = np.sqrt(dense(field.blocks, field.squared_m2))
    np.testing.assert_allclose(distance[near], truth[near], atol=1e-3)
    assert (distance[~near] >= BUFFER + CELL - 1e-3).all()


@given(segments=some_segments, block_bits=st.integers(0, 4))
def test_blocks_near_a_segment_are_kept_and_none_far_from_all(segments, block_bits):
    field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL, block_bits=block_bits)
    blocks = field.blocks
    reach, side = BUFFER + 1.5 * CELL, CELL * 2**block_bits
    west, south = field.west * CELL, field.south * CELL
    row, column = np.indices(blocks.slot.shape)
    # the vertices of each block: to its last ones, not to the next block's first
    ground = shapely.box(
        west + column * side, south + row * side,
        west + (column + 1) * side - CELL, south + (row + 1) * side - CELL,
    )  # fmt: skip
    corners = segments.reshape(-1, 2, 2)
    boxes = shapely.box(*corners.min(axis=1).T - reach, *corners.max(axis=1).T + reach)
    # kept: no block that lies beyond the box around every segment, and every one with a vertex near one
    beside = ~shapely.intersects(ground[..., None], shapely.buffer(boxes, 1e-6)).any(axis=-1)
    assert not (blocks.slot[beside] > 0).any()
    x = west + np.arange(blocks.slot.shape[1] << block_bits) * CELL
    y = south + np.arange(blocks.slot.shape[0] << block_bits) * CELL
    places = shapely.points(*np.meshgrid(x, y))
    near = shapely.distance(places[..., None], shapely.linestrings(corners)).min(axis=-1) <= reach - 1e-6
    j, i = np.nonzero(near)
    assert (blocks.slot[j >> block_bits, i >> block_bits] > 0).all()


@given(segments=some_segments)
def test_the_border_lies_outside(segments):
    field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    field.draw(segments)
    squared_m2 = dense(field.blocks, field.squared_m2)
    border = np.ones(squared_m2.shape, bool)
    border[1:-1, 1:-1] = False
    assert (squared_m2[border] > BUFFER**2).all()


@given(segments=some_segments, others=some_segments)
def test_a_value_does_not_depend_on_what_else_is_on_the_grid(segments, others):
    alone = empty_field(segments, buffer_m=BUFFER, grid_m=CELL)
    wide = empty_field(np.concatenate([segments, others]), buffer_m=BUFFER, grid_m=CELL)
    alone.draw(segments)
    wide.draw(segments)
    mine, all_of_it = (dense(field.blocks, field.squared_m2) for field in (alone, wide))
    j, i = alone.south - wide.south, alone.west - wide.west
    rows, columns = (
        min(one, other - at) for one, other, at in zip(mine.shape, all_of_it.shape, (j, i), strict=True)
    )
    np.testing.assert_array_equal(all_of_it[j : j + rows, i : i + columns], mine[:rows, :columns])


@given(segments=some_segments)
def test_labels_name_the_nearest_and_the_second_owner(segments):
    label = (np.arange(len(segments)) % 3).astype(np.int32)
    field = labelled_field(segments, label, buffer_m=BUFFER, grid_m=CELL)
    truth = distances(field.nearest, segments)
    by_owner = np.stack([np.where(label == k, truth, np.inf).min(axis=-1) for k in range(3)], axis=-1)
    ordered = np.sort(by_owner, axis=-1)
    near = ordered[..., 0] <= BUFFER + CELL - 1e-6
    clear = near & (ordered[..., 1] - ordered[..., 0] > 1e-2)
    label, second_m2 = (dense(field.nearest.blocks, one) for one in (field.label, field.second_m2))
    np.testing.assert_array_equal(label[clear], by_owner.argmin(axis=-1)[clear])
    second = clear & (ordered[..., 1] <= BUFFER + CELL - 1e-6)
    np.testing.assert_allclose(np.sqrt(second_m2[second]), ordered[..., 1][second], atol=1e-3)


def test_of_two_equally_near_the_smaller_label_has_the_vertex():
    segments = np.array([[0.0, 20, 100, 20], [0, -20, 100, -20]])
    for order in ([0, 1], [1, 0]):
        field = labelled_field(segments[order], np.array(order, np.int32), buffer_m=BUFFER, grid_m=CELL)
        middle = dense(field.nearest.blocks, field.label)[
            -field.nearest.south, -field.nearest.west : 10 - field.nearest.west
        ]
        assert (middle == 0).all()


@pytest.mark.parametrize(("buffer_m", "grid_m"), [(0, 10), (30, 0), (float("nan"), 10), (30, -1), (30, 40)])
def test_a_resolution_no_outline_can_be_drawn_with_is_refused(buffer_m, grid_m):
    with pytest.raises(InputError):
        require_resolution(buffer_m, grid_m)


def test_streets_may_lie_any_distance_apart():
    far_apart = np.array([[0.0, 0, 100, 0], [3e6, 2e6, 3e6, 2e6 + 100]])
    field = empty_field(far_apart, buffer_m=BUFFER, grid_m=CELL)
    field.draw(far_apart)
    whole = polygons([rings(field)])[0]
    alone = [empty_field(far_apart[at : at + 1], buffer_m=BUFFER, grid_m=CELL) for at in (0, 1)]
    for at, island in enumerate(alone):
        island.draw(far_apart[at : at + 1])
    assert whole == shapely.MultiPolygon([polygons([rings(island)])[0] for island in alone])


def test_streets_all_over_a_country_are_refused_with_the_way_out():
    across = np.arange(0, 400_000, 80.0)
    lines = np.stack([np.zeros_like(across), across, np.full_like(across, 400_000.0), across], axis=1)
    with pytest.raises(InputError, match="grid_m"):
        empty_field(lines, buffer_m=BUFFER, grid_m=CELL)


@given(segments=some_segments, bits=st.integers(0, 7))
def test_outlines_do_not_depend_on_the_blocks(segments, bits):
    outlines = []
    for block_bits in (bits, 9):  # in one block of 512 vertices a side all of it has room
        field = empty_field(segments, buffer_m=BUFFER, grid_m=CELL, block_bits=block_bits)
        field.draw(segments)
        outlines.append(rings(field))
    for one, other in zip(*outlines, strict=True):
        np.testing.assert_array_equal(one, other)
