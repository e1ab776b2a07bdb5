"""Rasters of minutes: where cells lie, and what they hold."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets_in_metres import metric_network

from lifecircle.errors import ContractError, InputError
from lifecircle.network import grid_blocks, grid_extent, grid_points, minutes_rasters, tiles_near, to_raster

UTM = "EPSG:32649"
EAST, NORTH = 757_000.0, 2_457_000.0
"""A corner near 113.5 E, 22.2 N whose coordinates are multiples of 50 m and 100 m."""


def square(west, south, east, north):
    """A boundary in metres from the corner."""
    return gpd.GeoSeries([shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)], crs=UTM)


def test_cells_lie_on_multiples_of_their_size_whatever_the_boundary():
    grid = grid_points(square(20, 130, 190, 260), 100)
    assert (grid.west, grid.north) == (EAST, NORTH + 300)
    assert (grid.rows, grid.columns) == (2, 2)
    assert grid.crs == UTM
    # centres at 50 and 150 east, 150 and 250 north are all inside
    assert sorted((p.x - EAST, p.y - NORTH) for p in grid.points) == [
        (50, 150),
        (50, 250),
        (150, 150),
        (150, 250),
    ]
    assert grid.points.index.tolist() == grid.cell.tolist() == [0, 1, 2, 3]


def test_only_cells_whose_centre_is_inside_count():
    grid = grid_points(square(0, 0, 100, 40), 50)
    assert (grid.rows, grid.columns) == (1, 2)
    triangle = gpd.GeoSeries(
        [shapely.Polygon([(EAST, NORTH), (EAST + 300, NORTH), (EAST, NORTH + 300)])], crs=UTM
    )
    inside = grid_points(triangle, 100)
    assert all(triangle.iloc[0].intersects(point) for point in inside.points)
    assert set(inside.cell.tolist()) >= {3, 6, 7}


def test_neighbouring_studies_line_up():
    one, two = grid_points(square(10, 10, 490, 490), 50), grid_points(square(333, 217, 812, 700), 50)
    shared = shapely.box(EAST + 350, NORTH + 250, EAST + 450, NORTH + 450)
    cells = [set(grid.points[grid.points.within(shared)].to_wkt()) for grid in (one, two)]
    assert cells[0] == cells[1] != set()


def test_a_raster_counts_rows_from_the_north_and_leaves_unreached_blank():
    grid = grid_points(square(0, 0, 150, 100), 50)
    raster = to_raster(grid, [1, 2, 3, 4, np.inf, 6])
    np.testing.assert_array_equal(raster.values, np.array([[1, 2, 3], [4, np.nan, 6]], np.float32))
    assert raster.values.dtype == np.float32
    assert (raster.west, raster.north, raster.cell_m, raster.crs) == (EAST, NORTH + 100, 50, UTM)


def test_minutes_are_the_walk_to_the_street_and_along_it():
    network = metric_network([(0, 0), (2000, 0)], [(0, 1)])
    street = gpd.GeoSeries.from_xy([1000.0, 200.0], [0.0, 0.0], crs=network.crs)
    boundary = gpd.GeoSeries([shapely.box(300, -100, 700, 100)], crs=network.crs)
    grid = grid_points(boundary, 50)
    rasters = minutes_rasters(network, grid, network.snap(street), ["clinic", "school"], delay_s=[0.0, 60.0])
    assert list(rasters) == ["clinic", "school"]
    place = grid.points.to_crs(network.crs)
    for name, east, delay in (("clinic", 1000, 0), ("school", 200, 1)):
        result = rasters[name].values.ravel()[grid.cell]
        expected = (abs(place.x - east) + abs(place.y)) * 0.015 + delay
        np.testing.assert_allclose(result, expected, atol=1e-3)
    faster = minutes_rasters(
        network, grid, network.snap(street), ["clinic", "school"], delay_s=[0.0, 60.0], speed_kmh=8
    )
    np.testing.assert_allclose(faster["school"].values - 1, (rasters["school"].values - 1) / 2, atol=1e-3)


def test_cells_beyond_the_limit_or_far_from_a_street_are_blank():
    network = metric_network([(0, 0), (2000, 0)], [(0, 1)])
    street = gpd.GeoSeries.from_xy([0.0], [0.0], crs=network.crs)
    boundary = gpd.GeoSeries([shapely.box(0, -500, 2000, 500)], crs=network.crs)
    grid = grid_points(boundary, 50)
    raster = minutes_rasters(network, grid, network.snap(street), ["clinic"], max_minutes=15)["clinic"]
    place = grid.points.to_crs(network.crs)
    metres = abs(place.x) + abs(place.y)
    reached = np.isfinite(raster.values.ravel()[grid.cell])
    clear = (abs(metres - 1000) > 1) & (abs(abs(place.y) - 300) > 1)
    np.testing.assert_array_equal(reached[clear], ((metres <= 1000) & (abs(place.y) <= 300))[clear])


@pytest.mark.parametrize(
    ("boundary", "cell_m"),
    [
        (square(0, 0, 100, 100), 0),
        (square(0, 0, 100, 100).set_crs(None, allow_override=True), 50),
        (square(0, 0, 100, 0), 50),
        (square(0, 0, 300_000, 300_000), 50),
    ],
)
def test_grids_that_mean_nothing_or_never_end_are_refused(boundary, cell_m):
    with pytest.raises(InputError) as raised:
        grid_points(boundary, cell_m)
    assert raised.value.render("zh")


def test_a_huge_grid_is_refused_with_a_cell_that_fits():
    boundary = square(0, 0, 300_000, 300_000)
    with pytest.raises(InputError, match="cells of at least 68 m"):
        grid_points(boundary, 50)
    assert grid_points(square(0, 0, 3_000, 3_000), 68).rows in {45, 46}


def test_minutes_of_another_grid_are_refused():
    with pytest.raises(ContractError):
        to_raster(grid_points(square(0, 0, 100, 100), 50), [1.0])


def test_blocks_hold_the_cells_of_the_whole_grid_and_islands_may_lie_far_apart():
    near = square(-40, -40, 730, 610).difference(square(200, 100, 300, 333))
    far = square(-200_000, -300_000, -199_880, -299_940)
    islands = gpd.GeoSeries([near.iloc[0], far.iloc[0]], crs=UTM)
    extent = grid_extent(islands, 50)
    whole = grid_points(islands, 50)
    for side in (3, 7, 1024):
        blocks = list(grid_blocks(extent, side=side))
        cells = np.concatenate(
            [
                (grid.cell // grid.columns + row) * extent.columns + grid.cell % grid.columns + column
                for row, column, grid in blocks
            ]
        )
        order = np.argsort(cells)
        points = np.concatenate([grid.points.to_numpy() for _, _, grid in blocks])
        np.testing.assert_array_equal(cells[order], whole.cell)
        assert (points[order] == whole.points.to_numpy()).all()
        assert sum(grid.rows * grid.columns for _, _, grid in blocks) < extent.rows * extent.columns


def test_tiles_near_streets_hold_every_cell_that_may_join_one():
    network = metric_network([(0, 0), (2600, 900), (2600, 1000), (-900, 40)], [(0, 1), (1, 2), (0, 3)])
    place = gpd.GeoSeries([shapely.Point(-700, -2100)], crs=network.crs)
    target = network.snap(place, max_snap_m=3000)
    streets = shapely.MultiLineString([[(0, 0), (2600, 900), (2600, 1000)], [(0, 0), (-900, 40)]])
    ground = gpd.GeoSeries([streets.buffer(4000)], crs=network.crs)
    extent = grid_extent(ground, 50)
    tiles = tiles_near(network, target, extent, reach_m=300)
    kept = np.concatenate(
        [grid.points.to_crs(network.crs) for _, _, grid in grid_blocks(extent, tiles=tiles)]
    )
    every = np.concatenate([grid.points.to_crs(network.crs) for _, _, grid in grid_blocks(extent)])
    away = np.minimum(shapely.distance(every, streets), shapely.distance(every, place.iloc[0]))
    missing = shapely.distance(every, shapely.MultiPoint(kept)) > 1
    assert 0.85 < missing.mean() < 0.95
    assert away[missing].min() > 300
