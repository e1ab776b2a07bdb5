"""What README shows is run as it stands, in a folder that has the files it names."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point
from shared_data import ROOT
from typer.main import get_command

import lifecircle as lc
from lifecircle.cli.app import app

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a city, a study and the tables that README's lines take for granted."""
    study = lc.example_study(tmp_path)
    streets = lc.read_streets(study.parent / "streets.geojson")
    # the example's streets under the name that README gives to an extract
    monkeypatch.setattr(
        lc, "read_streets", lambda source, **_: streets if Path(source).suffix == ".pbf" else None
    )
    communities = gpd.read_file(study.parent / "communities.geojson")
    shops = pd.read_csv(study.parent / "facilities.csv")
    facilities = gpd.GeoDataFrame(shops, geometry=gpd.points_from_xy(shops.lon, shops.lat), crs=4326)
    monkeypatch.chdir(tmp_path)
    ledger = study.read_text(encoding="utf-8")
    study.write_text(ledger.replace("mofcom-circle-2021", "hainan-2022"), encoding="utf-8")
    middles = communities.to_crs(streets.crs).centroid.to_crs(4326)
    return {
        "lc": lc,
        "stations": facilities.iloc[:2],
        "points": facilities.iloc[:2],
        "facilities": facilities,
        "origins": gpd.GeoDataFrame(geometry=[Point(110.002, 0.002), *middles], crs=4326),
        "bridge": gpd.GeoDataFrame(geometry=[LineString([(110.0, 0.0), (110.004, 0.004)])], crs=4326),
    }


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_lines_of_python_run(place):
    first, second = blocks("python")
    exec(first, place)  # noqa: S102  our own README
    assert set(place["areas"]["minutes"]) == {5, 10, 15}
    # the site of the example lies in Hainan; here it must lie in the example's own town
    exec(second.replace("(110.352, 20.021)", "(110.012, 0.004)"), place)  # noqa: S102
    assert len(place["wide"]) == 3
    assert (Path("data/processed/mine") / "gap_map.html").is_file()
    assert {"status_before", "status_after"} <= set(place["east"].effects.columns)


@pytest.mark.usefixtures("place")
def test_every_file_that_the_table_names_is_written():
    result = lc.run(lc.Study.from_file("study.toml"))
    folder = result.write("written")
    named = re.findall(r"^\| (`[^|]+`) \|", README, re.MULTILINE)
    patterns = [name for cell in named for name in re.findall(r"`([^`]+)`", cell)]
    for pattern in patterns:
        if pattern in {"effects.csv", "geoparquet/", "counties/"}:
            continue  # with scenarios or proposals alone; where the study asks for it, or is large
        assert list(folder.glob(pattern.rstrip("/"))), pattern


def test_every_command_line_shown_is_understood():
    lines = re.findall(r"^    lifecircle ([^#\n]+)", README, re.MULTILINE)
    commands = get_command(app).commands
    assert len(lines) >= 4
    for line in lines:
        name, *words = line.split()
        known = {option for one in commands[name].params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, line
