"""What would take the machine is refused with the number that it would have been."""

import geopandas as gpd
import pytest

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.network.areas import cell_grid, field
from lifecircle.network.examples import grid_network, grid_places


def told(error):
    """Keys and fields of what was raised."""
    return [(fault.key, fault.field) for fault in error.value.faults]


def test_a_grid_of_too_many_cells_names_a_coarser_one_that_fits(monkeypatch):
    monkeypatch.setattr(cell_grid, "MAX_CELLS", 1000)
    corners = grid_places({"south-west": (0, 0), "north-east": (200, 200)}).geometry
    boundary = gpd.GeoSeries([corners.union_all().envelope], crs=corners.crs)
    with pytest.raises(InputError) as error:
        cell_grid.grid_points(boundary, cell_m=5)
    assert told(error) == [("grid-too-large", "cell_m")]
    coarser = error.value.faults[0].values["coarser"]
    assert len(cell_grid.grid_points(boundary, cell_m=coarser).points) <= 1000


def test_an_area_of_too_many_vertices_is_refused(monkeypatch):
    streets, places = grid_network(), grid_places({"a": (0, 0)})
    assert len(lc.isochrones(streets, places, [3.0])) == 1
    monkeypatch.setattr(field, "MAX_VERTICES", 100)
    with pytest.raises(InputError) as error:
        lc.isochrones(streets, places, [3.0])
    assert told(error) == [("area-too-large", "grid_m")]


def test_more_pairs_than_were_asked_for_are_refused():
    homes = grid_places({"a": (0.0, 0.0)})
    clinics = grid_places({"c": (200.0, 0.0), "d": (0.0, 100.0)}, service="clinic")
    assert len(lc.travel_matrix(grid_network(), homes, clinics, max_minutes=5, max_rows=2)) == 2
    with pytest.raises(InputError) as error:
        lc.travel_matrix(grid_network(), homes, clinics, max_minutes=5, max_rows=1)
    assert [fault.key for fault in error.value.faults] == ["travel-too-many-pairs"]
    assert "1" in error.value.render("en")
