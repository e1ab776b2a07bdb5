"""What the sweep calls valid is valid, and it finds so whatever does not touch itself."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hard_shapes import SHAPES, star
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate

from lifecircle.tables.shapes import MANY_VERTICES
from lifecircle.tables.subdivision import subdivided
from lifecircle.tables.validity import are_valid, is_certainly_valid

SHELL = box(0, 0, 10, 10).exterior
HOLE = box(2, 2, 4, 4).exterior


def _of(*rings):
    return Polygon(rings[0], rings[1:])


SOUND = {
    "a square": box(0, 0, 1, 1),
    "a hole": _of(SHELL, HOLE),
    "two holes": _of(SHELL, HOLE, box(6, 2, 8, 4).exterior),
    "parts": MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]),
    "an island in a hole": MultiPolygon([_of(SHELL, HOLE), box(2.5, 2.5, 3.5, 3.5)]),
    "a vertex twice": Polygon([(0, 0), (1, 0), (1, 0), (1, 1), (0, 1)]),
    "clockwise": Polygon([(0, 0), (0, 1), (1, 1), (1, 0)]),
    "a vertex on a straight side": Polygon([(0, 0), (1, 0), (2, 0), (2, 2), (0, 2)]),
}
BROKEN = {
    "a bow tie": Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
    "a spike": Polygon([(0, 0), (2, 0), (1, 0), (1, 1)]),
    "a spike to the east": Polygon([(0, 0), (1, 0), (1, 0.5), (3, 0.5), (1, 0.5), (1, 1), (0, 1)]),
    "a ring that touches itself along a side": Polygon(
        [(0, 0), (4, 0), (4, 2), (3, 2), (3, 1), (1, 1), (1, 2), (3, 2), (3, 3), (0, 3)]
    ),
    "a hole outside": _of(HOLE, box(6, 6, 8, 8).exterior),
    "a hole in a hole": _of(SHELL, box(1, 1, 9, 9).exterior, HOLE),
    "a hole that crosses": _of(SHELL, box(8, 8, 12, 9).exterior),
    "a hole in another part": MultiPolygon([_of(box(20, 0, 30, 10).exterior, HOLE), box(0, 0, 10, 10)]),
    "a part in another": MultiPolygon([box(0, 0, 10, 10), box(2, 2, 3, 3)]),
    "the same part twice": MultiPolygon([box(0, 0, 1, 1), box(0, 0, 1, 1)]),
    "parts that share a side": MultiPolygon([box(0, 0, 1, 1), box(1, 0, 2, 1)]),
    "a line there and back": Polygon([(0, 0), (1, 1), (0, 0)]),
}


@pytest.mark.parametrize("angle", [0, 33, 90, 180])
def test_sound_shapes_are_found_so(angle):
    for name, shape in SOUND.items():
        turned = rotate(shape, angle)
        assert shapely.is_valid(turned), name
        # of three vertices in a line rounding leaves in doubt whether they are one, unless the line is level
        assert is_certainly_valid(turned), name


@pytest.mark.parametrize("angle", [0, 33, 90, 180])
def test_no_broken_shape_is(angle):
    for name, shape in BROKEN.items():
        assert not shapely.is_valid(shape), name
        assert not is_certainly_valid(rotate(shape, angle)), name


def test_what_touches_in_a_point_is_left_to_the_library():
    touching = MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)])
    assert shapely.is_valid(touching)
    assert not is_certainly_valid(touching)


def test_what_has_no_place_is_left_to_the_library():
    with np.errstate(invalid="ignore"):
        assert not is_certainly_valid(Polygon([(0, 0), (1, np.nan), (1, 1)]))


@pytest.mark.parametrize("shape", [LineString([(0, 0), (1, 1)]), Point(0, 0), Polygon(), MultiPolygon()])
def test_what_is_no_area_is_left_to_the_library(shape):
    assert not is_certainly_valid(shape)


def test_whatever_the_sweep_finds_valid_is():
    """Polygons of few whole coordinates, so that everything touches everything sooner or later."""
    rng, certain_count = np.random.default_rng(5), 0
    for size in rng.integers(3, 9, 3000):
        corners = rng.integers(0, 7, (size, 2))
        shape = Polygon(corners)
        if size > 6:
            shape = Polygon(corners, [rng.integers(1, 6, (3, 2))])
        if size == 5:
            shape = MultiPolygon([shape, Polygon(rng.integers(0, 7, (3, 2)))])
        certain = is_certainly_valid(shape)
        certain_count += certain
        assert shapely.is_valid(shape) or not certain, shape.wkt
    assert certain_count > 300


def test_outlines_that_do_not_touch_themselves_are_all_found_valid():
    rng = np.random.default_rng(6)
    for size in rng.integers(3, 60, 300):
        angle = np.sort(rng.uniform(0, 2 * np.pi, size))
        reach = rng.uniform(1, 3, size)
        x, y = 500_000 + reach * np.cos(angle), 4_200_000 + reach * np.sin(angle)
        shape = Polygon(np.column_stack([x, y]))
        assert is_certainly_valid(shape) == shapely.is_valid(shape)


@pytest.mark.parametrize(
    "name", ["coast", "zigzag", "combs", "overlapping_combs", "spiral", "parts", "holes"]
)
def test_hard_shapes_are_found_valid_at_once(name):
    shapes = SHAPES[name]()
    began = time.process_time()
    assert all(is_certainly_valid(shape) for shape in shapes)
    assert time.process_time() - began < 5.0  # 5 s for the library, of the coast


def test_a_star_of_very_many_points_is_valid_within_seconds_whole_and_in_pieces():
    """It takes the library more than a minute."""
    shape, began = star()[0], time.process_time()
    assert shapely.get_num_coordinates(shape) > MANY_VERTICES
    assert are_valid(np.array([shape, None], dtype=object)).tolist() == [True, False]
    assert time.process_time() - began < 5.0
    pieces, _ = subdivided(np.array([star(20_000)[0]], dtype=object))
    assert are_valid(pieces).all()
