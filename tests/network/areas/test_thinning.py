"""Thinned service areas: fewer vertices, the same areas to a thousandth, narrow bands inside wide ones."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from results_by_hand import CRS

from lifecircle.network.areas.thinning import thinned_bands, thinned_nest

TOLERANCE_M = 0.25
CELL_M = 10.0


def contour(radius_m, wobble_m):
    """An outline as marching squares draw it: a vertex wherever it crosses a line of the 10 m grid."""
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = radius_m + wobble_m * np.sin(7 * angle) + wobble_m / 3 * np.sin(31 * angle)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    cell = np.floor(x / CELL_M) * 100_000 + np.floor(y / CELL_M)
    crossing = np.flatnonzero(np.diff(cell, prepend=cell[-1]))
    return shapely.Polygon(np.stack([x[crossing], y[crossing]], axis=1))


@pytest.fixture(scope="module")
def areas():
    """Bands that touch along a straight side, as where streets end in a dead end for all of them."""
    wall = shapely.box(-9_000, -9_000, 400, 9_000)
    rows = [
        (service, minutes, contour(minutes * size, 40).intersection(wall))
        for service, size in (("school", 60.0), ("market", 66.0))
        for minutes in (15.0, 5.0, 10.0)
    ]
    table = gpd.GeoDataFrame(rows, columns=["service", "minutes", "geometry"], geometry="geometry", crs=CRS)
    return table.set_index(np.arange(100, 106))


@pytest.fixture(scope="module")
def thin(areas):
    made = areas.geometry.copy()
    for _, own in areas.sort_values("minutes").groupby("service"):
        made[own.index] = thinned_bands(own.geometry.to_numpy(), TOLERANCE_M)
    return made


def test_they_are_valid(thin):
    assert thin.is_valid.all()


def test_far_fewer_vertices_are_left(areas, thin):
    assert shapely.get_num_coordinates(thin).sum() < 0.7 * shapely.get_num_coordinates(areas.geometry).sum()


def test_the_areas_are_the_same_to_a_thousandth(areas, thin):
    for before, after in zip(areas.geometry, thin, strict=True):
        assert before.intersection(after).area / before.union(after).area >= 0.999
        assert shapely.hausdorff_distance(before, after) <= CELL_M
        assert before.boundary.buffer(TOLERANCE_M * 1.01).covers(after.boundary)


def test_bands_of_one_service_still_nest(areas, thin):
    assert len(areas) == 6
    for service in ("school", "market"):
        own = areas[areas["service"] == service].sort_values("minutes").index
        for narrow, wide in ((own[0], own[1]), (own[1], own[2])):
            assert thin[narrow].difference(thin[wide]).area < 1e-6


def test_areas_of_nothing_stay_empty():
    nothing = np.array([shapely.Polygon(), shapely.Polygon()])
    assert shapely.is_empty(thinned_bands(nothing, TOLERANCE_M)).all()


def test_outlines_that_bands_share_stay_shared():
    wall = [(0, 0), (3, 0.1), (6, 0), (9, 0.1), (12, 0), (15, 0.2), (18, 0)]
    narrow = shapely.Polygon([*wall, (18, 20), (0, 20)])
    wide = shapely.Polygon([*wall[2:], (40, 0), (40, 60), (0, 60), *wall[:2]])
    thin = thinned_nest(np.array([narrow, wide]), TOLERANCE_M)
    assert shapely.get_num_coordinates(thin).sum() < shapely.get_num_coordinates([narrow, wide]).sum() - 6
    assert thin[0].boundary.intersection(thin[1].boundary).length == pytest.approx(38, abs=0.1)
    assert thin[0].difference(thin[1]).is_empty


@pytest.mark.parametrize("seed", range(4))
def test_outlines_nearer_to_each_other_than_lines_may_move_do_not_cross(seed):
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 3_000, endpoint=False)
    radius = 300 + np.cumsum(random.normal(0, 0.03, len(angle))) * np.sin(angle / 2) ** 2
    # gaps between the bands from none to twice the tolerance, and a small hole beside the outline
    gaps = np.abs(random.normal(0, TOLERANCE_M, (2, len(angle)))) * (np.sin(9 * angle) > 0)
    outlines = [radius - gaps.sum(axis=0), radius - gaps[1], radius]
    rings = [np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1) for r in outlines]
    hole = shapely.Point(rings[0][40] * 0.9988).buffer(0.1)
    nest = np.array([shapely.Polygon(ring).difference(hole) for ring in rings])
    assert shapely.is_valid(nest).all()
    thin = thinned_nest(nest, TOLERANCE_M)
    assert shapely.is_valid(thin).all()
    assert shapely.area(shapely.difference(thin[:-1], thin[1:])).max() < 1e-9
    assert (shapely.get_num_interior_rings(thin) == shapely.get_num_interior_rings(nest)).all()
    assert shapely.get_num_coordinates(thin).sum() < 0.9 * shapely.get_num_coordinates(nest).sum()
    for before, after in zip(nest, thin, strict=True):
        along = shapely.points(shapely.get_coordinates(after.boundary.segmentize(1.0)))
        assert shapely.distance(along, before.boundary).max() <= TOLERANCE_M * 1.001


@pytest.mark.parametrize("most_vertices", [50, 700, 4_000])
def test_polygons_thinned_a_few_at_a_time_are_the_same(most_vertices):
    random = np.random.default_rng(7)
    towns = random.uniform(0, 60_000, (40, 2))
    # towns here and there, some of which meet; some lack the narrow band; one has a lake with an isle
    wide = shapely.union_all(
        [
            shapely.affinity.translate(contour(size, 30), *xy)
            for size, xy in zip(range(200, 1_000, 20), towns, strict=True)
        ]
    )
    lake = shapely.Point(towns[39]).buffer(120, quad_segs=60)
    wide = wide.difference(lake).union(shapely.Point(towns[39]).buffer(60, quad_segs=60))
    narrow = shapely.union_all([shapely.affinity.translate(contour(150, 20), *xy) for xy in towns[::2]])
    nest = np.array([narrow.intersection(wide), wide, wide.union(shapely.Point(70_000, 0).buffer(500))])
    whole = thinned_bands(nest, TOLERANCE_M)
    few = thinned_bands(nest, TOLERANCE_M, most_vertices=most_vertices)
    assert shapely.get_num_coordinates(nest).sum() > 3 * most_vertices
    assert shapely.get_num_geometries(wide) > 10
    assert shapely.equals_exact(shapely.normalize(whole), shapely.normalize(few)).all()
    assert shapely.is_valid(few).all()
