"""What lies within a distance of a shape, also where the shape has very many vertices."""

import numpy as np
import pytest
import shapely

from lifecircle.tables import surroundings


def _coast(count):
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = 1500 + 30 * rng.random(count)
    return shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))


@pytest.mark.parametrize("piece", [1, 12, 1000])
def test_piece_by_piece_it_is_the_same_ground(monkeypatch, piece):
    island = shapely.Polygon(_coast(400).exterior, [shapely.box(-200, -200, 200, 200).exterior.coords])
    shape = shapely.MultiPolygon([island, shapely.box(9000, 0, 9100, 100)])
    whole = surroundings.within_distance(shape, 150.0)
    monkeypatch.setattr(surroundings, "_MANY", 0)
    monkeypatch.setattr(surroundings, "_PIECE", piece)
    pieced = surroundings.within_distance(shape, 150.0)
    assert pieced.is_valid
    assert (
        shapely.symmetric_difference(whole, pieced).area < whole.area / 1000
    )  # arcs have 16 sides a quarter
    assert shapely.hausdorff_distance(whole, pieced) < 2.0
    assert len(pieced.geoms) == 2


def test_a_shape_of_very_many_vertices_is_drawn_in_memory_that_does_not_grow_with_them():
    shape = _coast(21_000)
    drawn = surroundings.within_distance(shape, 1300.0)
    assert drawn.is_valid
    assert drawn.area == pytest.approx(np.pi * 2830**2, rel=0.01)
    assert shapely.get_num_coordinates(drawn) < 5_000


def test_the_surroundings_of_a_long_zigzag_are_those_of_the_ground_it_fills():
    teeth = np.column_stack([np.arange(2001) / 2, np.where(np.arange(2001) % 2, 900.0, 0.0)])
    comb = shapely.Polygon([*teeth, (1000, 1000), (0, 1000)])
    drawn = surroundings.within_distance(comb, 1300.0)
    assert drawn.is_valid
    filled = shapely.box(0, 0, 1000, 1000).buffer(1300)
    assert shapely.hausdorff_distance(drawn, filled) < 13.0  # GEOS draws to 1 %


def test_the_surroundings_of_a_spiral_are_those_of_the_ground_it_fills():
    """Drawn coarsely it would cross itself at very many places."""
    angle = np.linspace(0, 240 * np.pi, 12_000)
    line = np.column_stack(
        [np.linspace(10, 480, 12_000) * np.cos(angle), np.linspace(10, 480, 12_000) * np.sin(angle)]
    )
    band = shapely.LineString(line).buffer(1.0)
    for distance_m in (300.0, 1_300.0):
        ground = surroundings.within_distance(band, distance_m)
        assert ground.covers(shapely.Point(0, 0).buffer(480 + distance_m - 10))
        assert shapely.Point(0, 0).buffer(482 + distance_m * 1.005, quad_segs=100).covers(ground)
