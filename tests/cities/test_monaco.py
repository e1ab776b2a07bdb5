"""Monaco: distances against networkx, and a run from a boundary and streets alone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from line_streets_alone import lines_alone

import lifecircle as lc
from lifecircle.study.quick import quick_study
from lifecircle.tables import verdict_rows


@pytest.fixture(scope="module")
def streets(shared):
    return lines_alone(shared / "osm" / "monaco.osm.pbf")


def test_every_walk_to_a_pharmacy_agrees_to_a_decimetre(streets, pharmacy_walks):
    ours, theirs = pharmacy_walks("monaco", streets)
    metres, reached = ours["distance_m"].to_numpy(), np.isfinite(theirs)
    assert reached.sum() > 30
    assert np.array_equal(np.isfinite(metres), reached)
    assert np.abs(metres[reached] - theirs[reached]).max() < 0.1
    assert np.allclose(ours["wide_minutes"], ours["minutes"], equal_nan=True)


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
    second = lc.Study.from_file(tmp_path / "out" / "study.toml", allow_outside=True)
    assert second.area.grid == "h3:8"
    assert second.study.plans == ("hainan-2022",)
    verdicts = verdict_rows(result.findings).query("status == 'short'")
    assert len(verdicts)
    assert (verdicts["certainty"] == "provisional").all()
    pharmacy = result.findings.query("service == 'pharmacy' and level == 'community'")
    assert len(pharmacy)
    assert pharmacy["population"].isna().all()
    table = pd.read_csv(tmp_path / "out" / "deficits.csv", encoding="utf-8-sig")
    assert set(table["plan"]) == {"hainan-2022"}
