"""Polygons of many vertices asked in pieces answer as they would whole."""

import hard_shapes
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.tables import subdivision
from lifecircle.tables.remaining_ground import ground_outside

SHAPES = {
    "coast": lambda: hard_shapes.coast(8000),
    "comb": lambda: hard_shapes.zigzag(8000),
    "combs": lambda: hard_shapes.combs(8000),
    "spiral": lambda: hard_shapes.spiral(8000),
    "star": lambda: hard_shapes.star(1500),
    "parts": lambda: hard_shapes.parts(40),
    "holes": lambda: hard_shapes.holes(40),
}


@pytest.mark.parametrize("name", SHAPES)
def test_pieces_are_small_share_no_ground_and_cover_all_of_it(name):
    shapes = np.array(SHAPES[name](), dtype=object)
    pieces, owner = subdivision.subdivided(shapes, many=1000, piece=400)
    assert shapely.is_valid(pieces).all()
    assert len(pieces) > 3 * len(shapes)
    assert shapely.get_num_coordinates(pieces).sum() <= 2.2 * shapely.get_num_coordinates(shapes).sum()
    areas = np.bincount(owner, shapely.area(pieces))
    assert areas == pytest.approx(shapely.area(shapes), rel=1e-9)
    for row, shape in enumerate(shapes):
        assert shapely.union_all(pieces[owner == row]).area == pytest.approx(shape.area, rel=1e-9)


def test_one_large_polygon_shares_no_ground_with_another_where_there_is_none():
    whole = np.array(hard_shapes.smooth(8000), dtype=object)
    nobody = np.empty(0, np.intp)
    assert len(subdivision.shared_ground(whole, whole, (nobody, nobody))) == 0
    assert len(subdivision.shared_areas(whole, whole, (nobody, nobody))) == 0


@pytest.mark.parametrize("name", ["comb", "holes"])
def test_ground_outside_is_the_difference_of_the_whole(name):
    shapes = np.array(SHAPES[name](), dtype=object)
    others = np.array([shapely.box(100, 100, 900, 600), shapely.box(900, 300, 1700, 800)], dtype=object)
    outline, around = shapely.box(0, 0, 2000, 1000), shapely.box(-100, -100, 2100, 1100)
    for shape, cover in ((shapes[0], others), (outline, shapes), (around, shapes)):
        left = ground_outside(shape, cover)
        right = shapely.difference(shape, shapely.union_all(cover))
        assert left.area == pytest.approx(right.area, rel=1e-9)
        assert shapely.symmetric_difference(left, right).area <= 1e-6


@pytest.mark.parametrize("name", ["comb", "holes"])
def test_the_middle_of_shared_ground_is_that_of_the_whole(name):
    shapes = np.array(SHAPES[name](), dtype=object)
    west, south = (place.ravel() for place in np.meshgrid(np.arange(0, 2000, 250), np.arange(0, 1000, 250)))
    boxes = shapely.box(west, south, west + 250, south + 250)
    pairs = np.arange(len(boxes)), np.zeros(len(boxes), np.intp)
    ground = shapely.intersection(boxes, shapes[0])
    held = shapely.area(ground) > 1e-6
    middles = subdivision.shared_middles(boxes, shapes, pairs)
    assert shapely.is_empty(middles[shapely.is_empty(ground)]).all()
    centre = shapely.centroid(ground)
    inside = held & shapely.intersects(ground, centre)
    assert shapely.distance(middles[inside], centre[inside]).max(initial=0) < 1e-6
    assert shapely.distance(middles[held], ground[held]).max() < 1e-6


@st.composite
def rugged(draw):
    """A polygon of random outline, perhaps with holes or several parts, valid."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    angle = np.sort(rng.uniform(0, 2 * np.pi, draw(st.integers(40, 200))))
    radius = 100 * rng.uniform(draw(st.floats(0.1, 0.9)), 1, len(angle))
    middle = rng.uniform(-50, 50, 2)
    outline = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + middle
    if draw(st.booleans()):
        outline = np.round(outline)
    shape = shapely.make_valid(shapely.Polygon(outline))
    places = rng.uniform(-80, 80, (draw(st.integers(0, 12)), 2))
    holes = shapely.buffer(shapely.points(places), rng.uniform(1, 9, len(places)), quad_segs=3)
    parts = shapely.get_parts(shapely.get_parts(shapely.difference(shape, shapely.union_all(holes))))
    areas = parts[shapely.area(parts) > 0]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(list(areas))


@given(shapes=st.lists(rugged(), min_size=2, max_size=3), piece=st.integers(8, 60))
def test_asked_in_pieces_they_answer_as_they_would_whole(shapes, piece):
    shapes = np.array(shapes, dtype=object)
    rng = np.random.default_rng(piece)
    corners = np.concatenate([shapely.get_coordinates(shapes), rng.uniform(-160, 160, (60, 2))])
    points = shapely.points(corners)
    ends = rng.uniform(-160, 160, (60, 2, 2))
    lines = shapely.linestrings(ends)
    pairs = np.triu_indices(len(shapes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subdivision.subdivided, "__kwdefaults__", {"many": 20, "piece": piece})
        inside = subdivision.pairs_meeting(shapes, points)
        met = subdivision.pairs_meeting(shapes, lines)
        areas = subdivision.shared_areas(shapes, shapes, pairs)
        grounds = subdivision.shared_ground(shapes, shapes, pairs)
        cut = len(subdivision.subdivided(shapes)[0])
    assert cut > len(shapes)
    expected = shapely.area(shapely.intersection(shapes[pairs[0]], shapes[pairs[1]]))
    assert areas == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert shapely.area(grounds) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    for one, others in ((inside, points), (met, lines)):
        whole = shapely.intersects(shapes[:, None], others[None, :])
        assert np.array_equal(np.stack(one)[:, np.lexsort(one[::-1])], np.stack(np.nonzero(whole)))
