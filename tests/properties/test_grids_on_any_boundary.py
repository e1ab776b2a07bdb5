"""Grid cells over boundaries of any shape: they tile it, each cell once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from lifecircle.errors import InputError
from lifecircle.sources.regular_grids import area_parts, grid_cells
from lifecircle.tables import local_crs

CRS = local_crs(113.5, 22.2)
GRIDS = ("h3:8", "h3:9", "square:500m", "square:730m")


def cells_of(shape, grid):
    """Cells over one shape in metres of the study."""
    return grid_cells(grid, gpd.GeoDataFrame({"name": [""]}, geometry=[shape], crs=CRS), CRS)


def assert_tiled(shape, grid):
    """The cells' codes are unique, they share no ground, and together they are the boundary."""
    cells = cells_of(shape, grid)
    assert cells["code"].is_unique
    assert cells["code"].is_monotonic_increasing
    assert set(cells.geom_type) <= {"Polygon", "MultiPolygon"}
    whole = shapely.union_all(shapely.make_valid(shape))
    # slivers under 1 m2 are left out, one at most along each cell's border
    assert cells.area.sum() == pytest.approx(whole.area, rel=1e-6, abs=len(cells) + 10.0)
    assert shapely.union_all(cells.geometry.to_numpy()).symmetric_difference(whole).area <= len(cells) + 10.0


coordinates = st.integers(-6_000, 6_000)


@st.composite
def parts(draw):
    """A box, a triangle, a sliver some decimetres wide, or a box with a hole."""
    x, y = draw(coordinates), draw(coordinates)
    width, height = draw(st.integers(1, 3_000)), draw(st.integers(1, 3_000))
    kind = draw(st.sampled_from(["box", "triangle", "sliver", "hole"]))
    if kind == "triangle":
        return Polygon([(x, y), (x + width, y), (x, y + height)])
    if kind == "sliver":
        return Polygon([(x, y), (x + width, y + height), (x + width, y + height + 0.4), (x, y + 0.4)])
    outer = box(x, y, x + width, y + height)
    inner = box(x + width / 4, y + height / 4, x + width / 2, y + height / 2)
    return outer.difference(inner) if kind == "hole" else outer


@settings(max_examples=40, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=6), st.sampled_from(GRIDS))
def test_cells_tile_any_multipolygon(shapes, grid):
    whole = shapely.union_all(shapes)
    if whole.area < 100:
        return
    assert_tiled(area_parts(whole), grid)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize(
    "shape",
    [
        MultiPolygon([box(0, 0, 100, 100), box(150, 0, 250, 100)]),  # two parts in one cell
        MultiPolygon([box(0, 0, 1000, 1000), box(1000, 1000, 2000, 2000)]),  # touching in a corner
        MultiPolygon([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]),  # touching along a side
        MultiPolygon([box(0, 0, 2000, 2000), box(500, 500, 1000, 1000)]),  # one within the other
        Point(0, 0).buffer(4000).difference(Point(0, 0).buffer(3990)),  # a ring
        Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)]),  # a bow that crosses itself
        box(0, 0, 3, 3),
    ],
)
def test_cells_tile_hard_shapes(shape, grid):
    assert_tiled(shape, grid)


def test_islands_far_apart_cost_what_they_cover():
    """Two squares of 5 x 5 cells, 200 km apart: the box around them would hold 1.6 million cells."""
    islands = MultiPolygon([box(0, 0, 1000, 1000), box(150_000, 150_000, 151_000, 151_000)])
    cells = cells_of(islands, "square:200m")
    assert len(cells) < 100
    assert cells.area.sum() == pytest.approx(2e6, rel=1e-6)


def test_a_long_straight_side_is_covered_to_its_end():
    """A side of 150 km is straight in metres and bends by some hundred metres in degrees."""
    strip = Polygon([(-75_000, 60_000), (75_000, 60_000), (75_000, 61_000), (-75_000, 61_000)])
    for grid in ("h3:7", "square:1000m"):
        assert cells_of(strip, grid).area.sum() == pytest.approx(strip.area, rel=1e-6)


def test_a_boundary_of_next_to_nothing_is_refused():
    with pytest.raises(InputError) as error:
        cells_of(box(0, 0, 0.5, 0.5), "h3:8")
    assert [fault.key for fault in error.value.faults] == ["grid-empty"]


def test_a_grid_too_fine_is_refused_before_it_is_made():
    with pytest.raises(InputError) as error:
        cells_of(box(0, 0, 50_000, 50_000), "square:10m")
    assert [fault.key for fault in error.value.faults] == ["grid-too-fine"]
    assert np.isfinite(float(error.value.faults[0].values["cells"].replace(",", "")))
