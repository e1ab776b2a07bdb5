"""Every call that the page "coming from another tool" names is run as it stands on the example town."""

import ast
import re
import shlex

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString
from shared_data import ROOT
from typer.main import get_command
from typer.testing import CliRunner

import lifecircle as lc
from lifecircle.cli.app import app

PAGE = (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8")
CELLS = re.findall(r"^\| .+ \| (.+) \|$", PAGE, re.MULTILINE)
SPANS = [span for cell in CELLS for span in re.findall(r"`([^`]+)`", cell)]
CALLS = [span for span in SPANS if re.match(r"(session = )?(lc|streets|session)\.", span)]
COMMANDS = [span for span in SPANS if span.startswith("lifecircle ")]
FILES = {"STREETS": "streets.geojson", "POINTS": "homes.geojson", "FACILITIES": "clinics.geojson"}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The example, and what the page calls its parts."""
    folder = tmp_path_factory.mktemp("town")
    study = lc.Study.from_file(lc.example_study(folder))
    streets = lc.read_streets(folder / "streets.geojson")
    homes, clinics, gdf = (
        gpd.read_file(folder / f"{name}.geojson") for name in ("homes", "clinics", "communities")
    )
    costs = lc.travel_matrix(streets, homes, homes.drop(columns="service", errors="ignore"), max_minutes=60)
    lines = [LineString([(110.0, 0.0), (110.004, 0.004)])]
    return folder, {
        "lc": lc, "streets": streets, "points": clinics, "origins": homes, "facilities": clinics, "gdf": gdf,
        "costs": costs, "demand": None, "supply": pd.Series(1.0, index=homes["id"]), "new": 1, "study": study,
        "G": lc.to_networkx(streets), "lines": gpd.GeoDataFrame(geometry=lines, crs=4326),
    }  # fmt: skip


def test_every_call_runs(town, monkeypatch):
    folder, space = town
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MPLBACKEND", "agg")
    # the example's streets under the name that the page gives to an extract
    monkeypatch.setattr(lc, "read_streets", lambda *_, **__: space["streets"])
    space = {**space, "file": "streets.geojson"}
    ran = 0
    for call in CALLS:
        words = call.replace('plan="…"', 'plan="walkable-500m"').replace(
            "gdf}", "gdf.representative_point()}"
        )
        tree = ast.parse(words)
        if any(isinstance(node, ast.Constant) and node.value is ... for node in ast.walk(tree)):
            name = call.removeprefix("lc.").partition("(")[0]
            assert callable(getattr(lc, name)), call
            continue
        exec(words, space)  # noqa: S102  our own page
        ran += 1
    assert ran > 15


def test_every_command_is_understood_and_those_that_are_whole_run(town, monkeypatch):
    folder, _ = town
    monkeypatch.chdir(folder)
    commands = get_command(app).commands
    for line in COMMANDS:
        name, *words = shlex.split(line)[1:]
        known = {option for one in commands[name].params for option in one.opts}
        assert {word for word in words if word.startswith("-")} <= known, line
        if "-o" in words:
            done = CliRunner().invoke(app, [name, *(FILES.get(word, word) for word in words)])
            assert done.exit_code == 0, (line, done.output)
            assert (folder / words[-1]).is_file()
    assert len(COMMANDS) >= 5
