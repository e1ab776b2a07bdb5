"""Shapes too large or too tangled to be cut in time are refused before anything is asked of them."""

import geopandas as gpd
import hard_shapes
import numpy as np
import pytest
import shapely

from lifecircle.errors import InputError
from lifecircle.sources.files import tangles
from lifecircle.sources.files.shapes import clean_shapes
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.streets.lines import line_streets
from lifecircle.tables import local_crs


def cleaned(shapes):
    """The shapes as a reader cleans them, after the check under test."""
    layer = gpd.GeoDataFrame(
        {"code": [f"c{row}" for row in range(len(shapes))]}, geometry=shapes, crs=local_crs(114.5, 38.0)
    )
    return clean_shapes(layer, ReadingLog(), subject="area", shape="polygon", file="a.gpkg", name="areas")


def refusal(shapes):
    """The only fault of shapes that are refused."""
    with pytest.raises(InputError) as caught:
        cleaned(shapes)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    ("make", "limit", "most"),
    [
        (lambda: hard_shapes.star(6_000), "NEAR_PAIRS_LIMIT", 3_000_000),
        (lambda: [hard_shapes.tangle(6_000)], "CROSSINGS_LIMIT", 2_000_000),
        (lambda: hard_shapes.overlapping_combs(6_000), "CROSSINGS_LIMIT", 2_000_000),
    ],
    ids=["star", "tangle", "combs across each other"],
)
def test_what_no_overlay_ends_on_is_refused_with_its_rows(monkeypatch, make, limit, most):
    shapes = [shapely.box(0, 0, 1, 1), *make()]
    monkeypatch.setattr(tangles, limit, most)
    monkeypatch.setattr(shapely, "make_valid", None)  # refused before
    fault = refusal(shapes)
    assert (fault.key, fault.file, fault.layer) == ("shape-tangled", "a.gpkg", "areas")
    assert fault.row == ", ".join(f"{row} (c{row})" for row in range(1, len(shapes)))


@pytest.mark.parametrize("make", [hard_shapes.combs, hard_shapes.spiral, hard_shapes.holes])
def test_many_vertices_alone_are_no_tangle(make):
    tangles.refuse_tangles(np.array(make(), dtype=object), str, file="a.gpkg")


def test_the_estimates_are_the_pairs_that_overlap_and_that_cross():
    start = np.random.default_rng(3).uniform(0, 1000, (1000, 2))
    sides = np.stack([start, start + np.random.default_rng(4).uniform(-200, 200, (1000, 2))], axis=1)
    tree = shapely.STRtree(shapely.linestrings(sides))
    expected = [len(tree.query(tree.geometries, predicate=which)[0]) / 2 for which in (None, "crosses")]
    assert tangles.pairs_of_sides(sides) == pytest.approx(expected, rel=0.15)


def test_vertices_are_bounded_in_a_shape_and_in_a_layer(monkeypatch):
    monkeypatch.setattr(tangles, "SHAPE_VERTICES_LIMIT", 1000)
    fault = refusal([shapely.box(0, 0, 1, 1), *hard_shapes.smooth(2000)])
    assert (fault.key, fault.row) == ("vertices-too-many", "1 (c1)")
    monkeypatch.setattr(tangles, "LAYER_VERTICES_LIMIT", 12)
    fault = refusal([shapely.box(0, 0, 1, 1)] * 3)
    assert (fault.key, fault.row, fault.values["found"]) == ("vertices-too-many", "", "15")


def outlines(shapes):
    """Outlines as lines."""
    return shapely.boundary(np.array(shapes, dtype=object))


def hatching():
    """Three thousand short lines."""
    return shapely.linestrings(np.random.default_rng(1).uniform(0, 990, (3000, 2, 2)))


@pytest.mark.parametrize(
    ("lines", "limit", "most", "rows"),
    [
        (lambda: outlines(hard_shapes.star(6_000)), "LINE_PAIRS_LIMIT", 3_000_000, "1"),
        (lambda: outlines([hard_shapes.tangle(6_000)]), "CROSSINGS_LIMIT", 2_000_000, "1"),
        (hatching, "CROSSINGS_LIMIT", 500_000, ""),
    ],
    ids=["star", "tangle", "hatching of short lines"],
)
def test_lines_that_are_no_streets_are_refused(monkeypatch, lines, limit, most, rows):
    layer = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(0, 0), (9, 9)]), *lines()], crs=local_crs(114.5, 38.0)
    )
    monkeypatch.setattr(tangles, limit, most)
    with pytest.raises(InputError) as caught:
        line_streets(layer, source="hatching.gpkg")
    (fault,) = caught.value.faults
    assert (fault.key, fault.file, fault.row) == ("streets-tangled", "hatching.gpkg", rows)
