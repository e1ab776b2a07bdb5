"""Every table that is written has a contract: those of a run in tests/demo, those of commands here."""

import geopandas as gpd
import numpy as np
import pytest
from results_by_hand import results_by_hand
from shapely.geometry import Point, box
from streets_in_metres import metric_network
from table_columns import missing, unlisted

import lifecircle as lc
from lifecircle import tables
from lifecircle.household_grids.grids import propose_household_grids
from lifecircle.messages import has
from lifecircle.network.examples import grid_network, grid_places
from lifecircle.outputs.gis.layers import GEOMETRY
from lifecircle.tables import CSV_FILES, LAYERS, SHEETS, TRAVEL, TableSpec

STREETS = grid_network(4, 4)
PLACES = grid_places({"A": (100, 100), "far": (90_000, 0)})


def test_every_layer_of_the_geopackage_has_its_tables():
    assert list(LAYERS) == list(GEOMETRY)


def test_every_sheet_that_is_listed_has_a_name():
    names = {key: (f"workbook.sheet.{key}", f"monitoring.sheet-{key}") for key in SHEETS if key != "topics"}
    assert not [key for key, words in names.items() if not any(map(has, words))]


def test_every_table_is_offered_by_its_room_and_so_listed_in_the_data_dictionary():
    listed = {id(one) for one in map(tables.__dict__.get, tables.__all__) if isinstance(one, TableSpec)}
    written = [
        *CSV_FILES.values(),
        *(spec for specs in (*LAYERS.values(), *SHEETS.values()) for spec in specs),
    ]
    assert not [spec.name for spec in written if id(spec) not in listed]


def test_no_two_tables_share_a_name():
    names = [one.name for one in map(tables.__dict__.get, tables.__all__) if isinstance(one, TableSpec)]
    assert sorted(names) == sorted(set(names))


def test_edges_are_as_listed():
    table = tables.EDGES.check(lc.edges_frame(STREETS))
    assert list(table) == list(tables.EDGES.columns)


@pytest.mark.parametrize("search", [lc.nearest_facilities, lc.travel_matrix])
def test_times_are_as_listed(search):
    facilities = PLACES.assign(service="pharmacy")
    table = search(STREETS, STREETS.snap(PLACES), STREETS.snap(facilities), 15)
    assert not unlisted(table.columns, TRAVEL)
    assert not missing(table.columns, TRAVEL)


def test_service_areas_of_points_are_as_listed():
    table = lc.isochrones(STREETS, PLACES, minutes=[1.0])
    assert list(tables.POINT_ISOCHRONES.check(table)) == list(tables.POINT_ISOCHRONES.columns)


def test_household_grids_are_as_listed():
    streets = metric_network([(0, 0), (1000, 0)], [(0, 1)])

    class Study:
        crs = streets.crs
        communities = gpd.GeoDataFrame(
            {"code": ["A", "B"], "name": ["a", "b"], "scope": "urban", "households": [1000.0, np.nan]},
            geometry=[box(-50, -200, 1050, 200), box(1050, -200, 1200, 200)],
            crs=crs,
        ).assign(inside=True)
        demand = gpd.GeoDataFrame(
            {"demand": range(4), "community": "A", "residents": 10.0},
            geometry=[Point(100 + 250 * at, 10) for at in range(4)],
            crs=crs,
        )

    made = propose_household_grids(streets, Study)
    for table, spec in (
        (made.grids, tables.HOUSEHOLD_GRIDS),
        (made.points, tables.HOUSEHOLD_GRID_POINTS),
        (made.communities, tables.HOUSEHOLD_GRID_COMMUNITIES),
    ):
        assert list(spec.check(table)) == list(spec.columns)


def test_the_way_that_is_explained_is_as_listed(tmp_path):
    session = lc.prepare(lc.Study.from_file(lc.example_study(tmp_path)))
    table = session.explain("110101001001", "pharmacy").frame("en")
    assert list(tables.EXPLAINED_ROUTE.check(table)) == list(tables.EXPLAINED_ROUTE.columns)
    assert len(table) == 1


def test_results_by_hand_carry_nothing_unlisted():
    results = results_by_hand()
    for table, specs in (
        (results.circles, LAYERS["circles"]),
        (results.gaps, LAYERS["gaps"]),
        (results.catchments, LAYERS["catchments"]),
        (results.isochrones, LAYERS["isochrones"]),
        (results.proposals, LAYERS["proposals"]),
    ):
        assert not unlisted(table.columns, *specs)
