"""The example scripts run as their own usage says, and what they print is right."""

import re
import shutil
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shared_data import ROOT

FOLDER = ROOT / "scripts"
SCRIPTS = sorted(FOLDER.glob("*.py"))
PLAN = "wuhu-2021"


def _run(name, *words):
    command = [sys.executable, str(FOLDER / name), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A boundary and two points in the middle of Helsinki."""
    folder = tmp_path_factory.mktemp("scripts")
    centre = shapely.box(24.935, 60.166, 24.945, 60.171)
    gpd.GeoDataFrame(geometry=[centre], crs=4326).to_file(folder / "boundary.geojson")
    spots = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=gpd.points_from_xy([24.938, 24.944], [60.168, 60.17]), crs=4326
    )
    spots.to_file(folder / "points.gpkg")
    return folder


@pytest.fixture(scope="module")
def ran(place, helsinki_pbf):
    """A study run from its boundary; what was printed, and the folder it wrote."""
    done = _run(
        "run_study_from_boundary.py", place / "boundary.geojson", helsinki_pbf, PLAN, place / "results"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, place / "results"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_short_and_tells_how_it_is_used(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    done = _run(path.name)
    assert done.returncode == 1
    assert f"python scripts/{path.name}" in done.stderr


def test_the_units_printed_as_short_are_those_of_the_table(ran):
    printed, folder = ran
    table = pd.read_csv(folder / "deficits.csv", encoding="utf-8-sig", keep_default_na=False)
    unit = ["plan", "rule", "level", "code"]
    blank = table["service"] == ""
    verdicts = table[blank | ~blank.groupby([table[name] for name in unit]).transform("any")]
    expected = verdicts[verdicts["status"] == "short"].groupby("rule").size().to_dict()
    figures = {rule: int(count) for rule, count in re.findall(r"^(\S+) +(\d+)$", printed, re.MULTILINE)}
    assert figures == expected
    assert len(figures) >= 2


def test_isochrones_are_written_and_their_street_printed(place, helsinki_pbf):
    done = _run("isochrones_for_points.py", helsinki_pbf, place / "points.gpkg", place / "areas.gpkg")
    assert done.returncode == 0, done.stderr
    areas = gpd.read_file(place / "areas.gpkg")
    assert areas.groupby("point")["minutes"].apply(list).tolist() == [[5, 10, 15], [5, 10, 15]]
    reached = re.findall(r"^ *\S+ +(?:5|10|15)\.0 +([\d.]+)", done.stdout, re.MULTILINE)
    assert [float(value) for value in reached] == areas["reached_m"].round(1).tolist()
    assert areas["reached_m"].between(1000, 100_000).all()


STUDY = """
[study]
name = "Helsinki"
plans = ["wuhu-2021"]
[area]
boundary = "boundary.geojson"
grid = "h3:8"
[streets]
source = "streets.osm.pbf"
[[facilities]]
source = "streets"
"""


def test_the_map_of_one_service_lists_the_worst_served(ran, place, helsinki_pbf):
    shutil.copy(helsinki_pbf, place / "streets.osm.pbf")
    (place / "study.toml").write_text(STUDY, encoding="utf-8")
    words = (place / "study.toml", "sports-ground", place / "gap.png")
    done = _run("gap_map_of_one_service.py", *words)
    assert done.returncode == 0, done.stderr
    assert (place / "gap.png").read_bytes().startswith(b"\x89PNG")
    cells = gpd.read_file(ran[1] / "study.gpkg", layer="communities", ignore_geometry=True)
    worst = cells[cells["inside"]].nsmallest(10, "share_sports-ground")["share_sports-ground"].round(3)
    printed = [float(line.split()[-1]) for line in done.stdout.splitlines()[1:]]
    assert printed == worst.tolist()
    asked = _run("gap_map_of_one_service.py", words[0], "no-such", place / "none.png")
    assert asked.returncode == 1
    assert "sports-ground" in asked.stderr


def test_a_file_that_is_not_there_is_a_sentence_not_a_traceback(place):
    done = _run("isochrones_for_points.py", place / "none.pbf", place / "points.gpkg", place / "x.gpkg")
    assert done.returncode == 1
    assert "no such file" in done.stderr
    assert "Traceback" not in done.stderr
