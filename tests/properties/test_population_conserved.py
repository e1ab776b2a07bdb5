"""Whatever the polygons and the cells, nobody is lost and nobody counts twice."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from lifecircle.sources.containment import disjoint
from lifecircle.sources.files.raster import PeopleRaster
from lifecircle.sources.files.split_people import split_people
from lifecircle.sources.spread import spread_people
from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)


@st.composite
def grids(draw):
    """A grid of up to 12 x 12 cells of people over a square of 1200 m."""
    rows, columns = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    cells = draw(st.lists(st.integers(0, 5000), min_size=rows * columns, max_size=rows * columns))
    people = np.array(cells, dtype=float).reshape(rows, columns)
    return PeopleRaster(people, 0.0, 1200.0, 1200.0 / columns, 1200.0 / rows, CRS)


@st.composite
def partitions(draw):
    """Voronoi cells of random places: polygons that cover the square once."""
    places = draw(
        st.lists(st.tuples(st.integers(1, 1199), st.integers(1, 1199)), min_size=2, max_size=8, unique=True)
    )
    square = box(0, 0, 1200, 1200)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=square))
    return shapely.intersection(cells, square)


@settings(max_examples=60, deadline=None)
@given(grids(), partitions())
def test_a_partition_keeps_every_person_of_a_raster(grid, shapes):
    pieces = split_people(grid, gpd.GeoDataFrame(geometry=shapes, crs=CRS))
    total = grid.people.sum()
    assert pieces["people"].sum() == pytest.approx(total, abs=0.5, rel=1e-5)
    per_cell = pieces.groupby("cell")["share"].sum()
    assert per_cell.to_numpy() == pytest.approx(1.0, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(grids(), partitions())
def test_people_stand_in_the_polygon_they_are_counted_for(grid, shapes):
    pieces = split_people(grid, gpd.GeoDataFrame(geometry=shapes, crs=CRS))
    places = shapely.points(pieces["x"], pieces["y"])
    owners = shapes[pieces["zone"].to_numpy()]
    assert (shapely.distance(places, owners) < 1e-3).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 300), st.integers(1, 300)),
        min_size=1,
        max_size=6,
    )
)
def test_overlapping_polygons_made_disjoint_keep_their_union(corners):
    shapes = np.array([box(x, y, x + width, y + height) for x, y, width, height in corners], dtype=object)
    cut = disjoint(shapes)
    assert shapely.area(cut).sum() == pytest.approx(shapely.union_all(shapes).area, abs=0.1)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.floats(1e-3, 1e5)), max_size=30),
)
def test_spreading_keeps_every_community_total(totals, buildings):
    rows = len(totals)
    table = pd.DataFrame(
        [(owner, weight, "building", 0.0, 0.0) for owner, weight in buildings if owner < rows],
        columns=["owner", "weight", "origin", "x", "y"],
    )
    middle = pd.DataFrame({"owner": range(rows), "weight": 1.0, "origin": "centroid", "x": 0.0, "y": 0.0})
    result = spread_people(pd.Series(totals), [table, middle])
    sums = result.groupby("owner")["people"].sum().reindex(range(rows))
    assert sums.to_numpy() == pytest.approx(np.array(totals), rel=1e-9, abs=1e-9)
    used = set(table["owner"])
    assert set(result.loc[result["origin"] == "centroid", "owner"]) == set(range(rows)) - used
