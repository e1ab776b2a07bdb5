"""Monaco: distances against networkx, and a run from a boundary and streets alone."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lifecircle as lc
from lifecircle.study.quick import quick_study
from lifecircle.tables import verdict_rows


@pytest.fixture(scope="module")
def streets(shared):
    return lc.read_streets(shared / "osm" / "monaco.osm.pbf", mode="walk")


def test_every_walk_to_a_pharmacy_agrees_to_a_decimetre(streets, golden):
    expected = golden("monaco")
    x, y = np.array(expected["points"]).T
    origins = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)
    ids, lon, lat = np.array(expected["pharmacies"]).T
    shops = gpd.GeoDataFrame(
        {"service": "pharmacy"}, index=ids.astype(np.int64), geometry=gpd.points_from_xy(lon, lat), crs=4326
    )
    found = lc.nearest_facilities(streets, origins, shops, max_minutes=None)
    ours = found["distance_m"].to_numpy()
    theirs = np.array([math.inf if value is None else value for value in expected["metres"]])
    assert np.array_equal(np.isinf(ours), np.isinf(theirs))
    assert np.abs(ours[np.isfinite(ours)] - theirs[np.isfinite(theirs)]).max() < 0.1
    minutes = lc.nearest_times(streets, origins, shops, max_minutes=None)["pharmacy"]
    assert np.allclose(minutes, found["minutes"], equal_nan=True)


def test_a_run_from_a_boundary_and_streets_alone(shared, tmp_path):
    boundary = gpd.GeoDataFrame(geometry=[shapely.box(7.41, 43.725, 7.43, 43.74)], crs=4326)
    boundary.to_file(tmp_path / "boundary.geojson")
    study = quick_study(
        tmp_path / "boundary.geojson",
        shared / "osm" / "monaco.osm.pbf",
        ["hainan-2022"],
        output=tmp_path / "out",
    )
    result = lc.run(study)
    result.write(tmp_path / "out", lang="zh")
    again = lc.Study.from_file(tmp_path / "out" / "study.toml", allow_outside=True)
    assert again.area.grid == "h3:8"
    assert again.study.plans == ("hainan-2022",)
    verdicts = verdict_rows(result.findings).query("status == 'short'")
    assert len(verdicts)
    assert (verdicts["certainty"] == "provisional").all()
    pharmacy = result.findings.query("service == 'pharmacy' and level == 'community'")
    assert len(pharmacy)
    assert pharmacy["population"].isna().all()
    table = pd.read_csv(tmp_path / "out" / "deficits.csv", encoding="utf-8-sig")
    assert set(table["plan"]) == {"hainan-2022"}
