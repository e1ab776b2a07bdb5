"""GCJ-02 and BD-09 in every input that has places: undone where the study says so, or refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString
from spoiled_town import edit, more, raster, rewrite

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.tables.datum import wgs84_to_bd09, wgs84_to_gcj02

SHIFTS = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


def shifted(layer, datum):
    """A layer as a web map has it, in degrees."""
    degrees = layer.to_crs(4326)
    moved = shapely.transform(
        degrees.geometry.to_numpy(), lambda xy: np.column_stack(SHIFTS[datum](xy[:, 0], xy[:, 1]))
    )
    return degrees.set_geometry(gpd.GeoSeries(moved, index=layer.index, crs=4326))


def checked(town):
    return lc.check(lc.Study.from_file(town / "study.toml"))


def faults(town):
    with pytest.raises(InputError) as refused:
        checked(town)
    return refused.value.faults


def metres_of(inputs):
    """The length of all streets."""
    lines = gpd.GeoSeries(inputs.streets.segments(), crs=4326).to_crs(inputs.crs)
    return lines.length.sum()


@pytest.mark.parametrize("datum", SHIFTS)
def test_streets_of_a_said_datum_lie_where_they_lay(town, datum):
    before = checked(town)
    rewrite(town, "streets", lambda layer: shifted(layer, datum))
    edit(town, 'source = "streets.gpkg"', f'source = "streets.gpkg"\ndatum = "{datum}"')
    after = checked(town)
    assert metres_of(after) == pytest.approx(metres_of(before), rel=1e-5)
    both = [
        gpd.GeoSeries(one.streets.segments(), crs=4326).to_crs(before.crs).union_all()
        for one in (before, after)
    ]
    assert shapely.hausdorff_distance(*both) < 0.1


@pytest.mark.parametrize("datum", SHIFTS)
def test_streets_of_an_unsaid_datum_are_refused_where_the_layers_beside_them_tell(town, datum):
    rewrite(town, "streets", lambda layer: shifted(layer, datum))
    told = [fault for fault in faults(town) if fault.key == "datum-fits-better"]
    assert [(fault.field, fault.values["datum"]) for fault in told] == [("streets.datum", datum)]
    assert told[0].file.endswith("streets.gpkg")


def test_streets_that_are_said_to_be_in_wgs84_are_believed(town):
    edit(town, 'source = "streets.gpkg"', 'source = "streets.gpkg"\ndatum = "wgs84"')
    checked(town)


@pytest.mark.parametrize("datum", SHIFTS)
def test_barriers_of_a_said_datum_close_the_streets_that_they_closed(town, datum):
    line = gpd.GeoDataFrame(geometry=[LineString([(114.5045, 37.99), (114.5045, 38.02)])], crs=4326)
    line.to_file(town / "walls.gpkg")
    edit(town, 'source = "streets.gpkg"', 'source = "streets.gpkg"\nbarriers = "walls.gpkg"')
    before = metres_of(checked(town))
    shifted(line, datum).to_file(town / "walls.gpkg")
    edit(town, 'barriers = "walls.gpkg"', f'barriers = "walls.gpkg"\nbarriers_datum = "{datum}"')
    assert metres_of(checked(town)) == pytest.approx(before, rel=1e-9)


def test_a_raster_is_not_moved_and_says_what_to_do(town):
    raster(town, np.float64(5.0))
    more(town, 'datum = "gcj02"\n')
    with pytest.raises(InputError, match="middles of its cells as points"):
        lc.Study.from_file(town / "study.toml")


def test_a_datum_of_an_extract_is_refused(town):
    (town / "s.osm").write_text('<osm version="0.6"></osm>', encoding="utf-8")
    edit(town, 'source = "streets.gpkg"', 'source = "s.osm"\ndatum = "gcj02"')
    assert "streets-datum" in {fault.key for fault in faults(town)}
