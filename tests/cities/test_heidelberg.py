"""Heidelberg's old town from a bounding box: a city nobody prepared for."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import lifecircle as lc
from lifecircle.study.quick import quick_study
from lifecircle.tables import verdict_rows


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    """Results of a run from a boundary and streets alone."""
    folder = tmp_path_factory.mktemp("heidelberg")
    area = shapely.box(8.685, 49.405, 8.715, 49.416)
    gpd.GeoDataFrame(geometry=[area], crs=4326).to_file(folder / "altstadt.geojson")
    source = shared / "osm" / "heidelberg.osm.pbf"
    study = quick_study(folder / "altstadt.geojson", source, ["wuhu-2021"], output=folder / "out")
    lc.run(study).write(folder / "out", lang="en")
    return folder


@pytest.fixture(scope="module")
def deficits(folder):
    table = pd.read_csv(folder / "out" / "deficits.csv", encoding="utf-8-sig", keep_default_na=False)
    return table.replace({"service": {float("nan"): ""}})


def test_every_cell_is_judged_by_every_circle(folder, deficits):
    cells = gpd.read_file(folder / "out" / "study.gpkg", layer="communities")
    inside = set(cells.loc[cells["inside"], "code"])
    circle = deficits[(deficits["rule"] == "wuhu-fitness-circle-15min") & (deficits["level"] == "community")]
    assert set(circle["code"]) == inside
    assert set(circle["status"]) <= {"met", "short"}


def test_what_openstreetmap_does_not_know_is_never_a_firm_failure(deficits):
    short = verdict_rows(deficits).query("status == 'short'")
    assert len(short)
    assert set(short["certainty"]) == {"provisional"}


def test_the_layers_hold_demand_and_named_facilities(folder):
    demand = gpd.read_file(folder / "out" / "study.gpkg", layer="demand")
    facilities = gpd.read_file(folder / "out" / "study.gpkg", layer="facilities").to_crs(demand.crs)
    assert len(demand) > 100
    assert {"sports-ground", "convenience-store"} <= set(facilities["service"])
    assert facilities["name"].fillna("").str.len().gt(0).mean() > 0.3
