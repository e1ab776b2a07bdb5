"""Two layers, each valid, that agree almost: their overlays end, keep every square metre and stay valid."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from lifecircle.measures.areas import area_in_exactly_one
from lifecircle.network.areas.cutting import cut_out, solid_of
from lifecircle.sources.containment import disjoint, owner_of
from lifecircle.tables.remaining_ground import ground_outside
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import (
    ground_within,
    pairs_meeting,
    shared_areas,
    shared_ground,
)

PLANE = CRS.from_epsg(32650)
SIDE_M = 1000.0
WHOLE = shapely.box(0, 0, SIDE_M, SIDE_M)
NEARLY_M = [0.0, 1e-12, 1e-9, 1e-7, 1e-4, 0.01, 1.0]


def cells(rng, count):
    """Polygons that tile a square, many of their edges almost on one line."""
    x, y = rng.uniform(0, SIDE_M, (2, count))
    if rng.random() < 0.5:
        x, y = np.round(x, -2) + rng.choice([0, 1e-9, 1e-6]), np.round(y, -2)
    places = np.unique(np.column_stack([x, y]), axis=0)
    regions = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places), extend_to=WHOLE))
    tiles = shapely.intersection(regions[shapely.is_valid(regions)], WHOLE)
    return tiles[shapely.area(tiles) > 1e-6]


def nearly(shapes, rng, by_m):
    """The same polygons, each vertex moved by up to so much, alike in all that share it or in each anew."""
    phase = rng.uniform(0, 100, len(shapes)) * rng.integers(0, 2)
    moved = [
        shapely.transform(shape, lambda xy, own=own: xy + by_m * np.sin(1e4 * xy[:, ::-1] + 1e3 * xy + own))
        for shape, own in zip(shapes, phase, strict=True)
    ]
    return np.where(shapely.is_valid(moved), np.array(moved, dtype=object), shapes)


@st.composite
def two_layers(draw):
    """Tiles, and what another office made of them: moved, merged, listed twice, with slivers, rounded."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    first = cells(rng, draw(st.integers(3, 40)))
    assume(len(first) > 1)
    second = nearly(first, rng, draw(st.sampled_from(NEARLY_M)))
    change = draw(st.sampled_from(["as is", "merged", "twice", "slivers", "degrees", "rounded"]))
    if change == "merged":
        second = np.array([shapely.union_all(second[at::2]) for at in range(2)], dtype=object)
    if change == "twice":
        second = np.concatenate([second, second[::-1]])
    if change == "slivers":
        x = rng.uniform(0, SIDE_M, 5)
        second = np.concatenate([second, shapely.box(x, 0, x + rng.choice([1e-9, 1e-6, 1e-3]), SIDE_M)])
    if change == "rounded":
        second = shapely.set_precision(second, 1e-3)
    if change == "degrees":
        there = reprojected(gpd.GeoSeries(second, crs=PLANE), CRS.from_epsg(4326))[0]
        second = reprojected(there, PLANE)[0].to_numpy()
    second = second[(shapely.area(second) > 0) & shapely.is_valid(second)]
    assume(len(second))
    return first, second


@settings(max_examples=60)
@given(two_layers())
def test_what_two_layers_share_adds_up_to_either(layers):
    first, second = layers
    pairs = pairs_meeting(first, second)
    shared = shared_areas(first, second, pairs)
    drawn = shared_ground(first, second, pairs)
    assert np.allclose(shapely.area(drawn), shared, atol=1e-6)
    covered = shapely.union_all(second)
    of_first = np.bincount(pairs[0], shared, minlength=len(first))
    if shapely.area(second).sum() == pytest.approx(covered.area, rel=1e-9):  # no ground twice
        held = shapely.area(shapely.intersection(first, covered))
        assert np.allclose(of_first, held, atol=1.0)
    left = ground_outside(WHOLE, second)
    assert left.is_valid
    assert left.area + shapely.area(shapely.intersection(covered, WHOLE)) == pytest.approx(
        WHOLE.area, abs=1.0
    )
    within = ground_within(first, covered)
    assert shapely.is_valid(within).all()


@settings(max_examples=60)
@given(two_layers())
def test_polygons_that_share_ground_are_parted_without_loss(layers):
    both = np.concatenate(layers)
    parted = disjoint(both)
    assert shapely.is_valid(parted).all()
    ground = shapely.union_all(both).area
    assert shapely.area(parted).sum() == pytest.approx(ground, abs=1.0)
    places = shapely.point_on_surface(both)
    owner = owner_of(places, gpd.GeoDataFrame(geometry=both, crs=PLANE))
    assert (owner >= 0).all()


@settings(max_examples=60)
@given(two_layers())
def test_water_is_cut_out_and_parts_are_counted_once(layers):
    first, second = layers
    water = gpd.GeoSeries(second[::2], crs=PLANE)
    dry = cut_out(first, solid_of(water, PLANE), threads=1)
    assert shapely.is_valid(dry).all()
    wet = shapely.area(shapely.intersection(first, shapely.union_all(water.to_numpy())))
    assert np.allclose(shapely.area(dry) + wet, shapely.area(first), atol=1.0)
    areas = gpd.GeoDataFrame({"code": [str(at) for at in range(len(first))]}, geometry=first, crs=PLANE)
    parts = gpd.GeoDataFrame(geometry=second, crs=PLANE)
    once = area_in_exactly_one(areas, parts)
    over = once.to_numpy() - shapely.area(first)
    assert over.max() <= 1.0
    assert (once.to_numpy() >= -1.0).all()
