"""Tables whose columns x and y are metres of a system that the study says."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pytest
from pydantic import ValidationError
from shapely import Point

from lifecircle.errors import InputError
from lifecircle.messages import text
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.people_counts import read_population
from lifecircle.sources.scenarios import read_scenarios
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.study.sections import FacilitySource, Population, StudyHead, Workbook

MERIDIAN = "EPSG:4547"
"""CGCS2000, 3 degrees about 114 E: metres."""
PLACES = [Point(114.503, 38.003), Point(114.512, 38.004)]
METRES = [(place.x, place.y) for place in gpd.GeoSeries(PLACES, crs=4490).to_crs(MERIDIAN)]


def csv(folder, heading="x,y", places=METRES):
    path = folder / "ledger.csv"
    rows = [f"{x!r},{y!r},health-station,{30 + at}" for at, (x, y) in enumerate(places)]
    path.write_text("\n".join([f"{heading},service,population", *rows]), encoding="utf-8")
    return path


def facilities(path, **options):
    log = ReadingLog()
    rows = read_ledger(FacilitySource(source=str(path), service_column="service", **options), log)
    log.raise_if_any()
    return rows


def away(rows):
    """Greatest distance in metres of rows from the places they should have."""
    return max(rows.to_crs(MERIDIAN).distance(gpd.GeoSeries(PLACES, crs=4490).to_crs(MERIDIAN), align=False))


@pytest.mark.parametrize("heading", ["x,y", "lon,lat", "easting,northing", "东坐标,北坐标"])
def test_a_ledger_in_metres_lies_where_its_system_says(tmp_path, heading):
    assert away(facilities(csv(tmp_path, heading), crs=MERIDIAN)) < 0.001


def test_columns_named_by_the_study_are_easting_and_northing(tmp_path):
    """Survey tables call the northing X."""
    turned = csv(tmp_path, "X坐标,Y坐标", [(y, x) for x, y in METRES])
    assert away(facilities(turned, crs=MERIDIAN, columns={"x": "Y坐标", "y": "X坐标"})) < 0.001


def test_people_and_workbooks_and_scenarios_take_it_too(tmp_path):
    path = csv(tmp_path)
    log = ReadingLog()
    people = read_population(Population(points=path, crs=MERIDIAN), log)
    assert away(people.points) < 0.001
    assert people.points["residents"].tolist() == [30, 31]
    moved = tmp_path / "moved.csv"
    moved.write_text(path.read_text(encoding="utf-8").replace("service,", "facility,"), encoding="utf-8")
    change = ScenarioChange(name="new", add=path, move=moved, crs=MERIDIAN)
    study = SimpleNamespace(path=tmp_path / "s.toml", scenarios=[change], study=StudyHead(name="a"))
    (scenario,) = read_scenarios(study)
    assert away(scenario.added) < 0.001
    assert away(scenario.moved) < 0.001
    assert Workbook(source=path, crs=MERIDIAN).crs == MERIDIAN


def test_a_system_in_degrees_reads_degrees(tmp_path):
    path = csv(tmp_path, "lon,lat", [(place.x, place.y) for place in PLACES])
    assert away(facilities(path, crs="EPSG:4490")) < 0.001


@pytest.mark.parametrize(
    ("options", "places", "fault"),
    [
        ({}, METRES, "metres-in-table"),
        ({"crs": "EPSG:4490"}, METRES, "metres-in-table"),
        ({"crs": MERIDIAN}, [(place.x, place.y) for place in PLACES], "degrees-in-table"),
        ({"crs": MERIDIAN}, [(y, x) for x, y in METRES], "table-outside-crs"),
    ],
)
def test_numbers_of_another_system_are_refused_and_the_key_named(tmp_path, options, places, fault):
    with pytest.raises(InputError) as caught:
        facilities(csv(tmp_path, places=places), **options)
    assert [one.key for one in caught.value.faults] == [fault]
    assert all("crs" in text(f"faults.{fault}.fix", lang) for lang in ("zh", "en"))


def test_a_layer_keeps_to_its_own_system(tmp_path):
    layer = gpd.GeoDataFrame({"service": ["health-station"] * 2}, geometry=PLACES, crs=4326)
    layer.to_file(tmp_path / "f.gpkg")
    assert len(facilities(tmp_path / "f.gpkg", crs="EPSG:4326")) == 2
    with pytest.raises(InputError) as caught:
        facilities(tmp_path / "f.gpkg", crs=MERIDIAN)
    assert caught.value.faults[0].key == "crs-of-a-layer"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"crs": "EPSG:999999"}, "study-crs-unknown"),
        ({"crs": "EPSG:4978"}, "study-crs-unknown"),
        ({"crs": MERIDIAN, "datum": "gcj02"}, "study-crs-and-datum"),
    ],
)
@pytest.mark.parametrize("table", [FacilitySource, Population, Workbook])
def test_systems_that_no_table_can_have_are_refused(table, options, why):
    place = {"points": "p.csv"} if table is Population else {"source": "l.csv"}
    more = {"service": "market"} if table is FacilitySource else {}
    with pytest.raises(ValidationError) as caught:
        table(**place, **more, **options)
    assert [error["type"] for error in caught.value.errors()] == [why]


def test_a_system_of_points_that_are_not_there_is_refused():
    with pytest.raises(ValidationError, match="crs is of points"):
        Population(raster="p.tif", crs=MERIDIAN)
