"""Modes have speeds of their own and say so; heights change the minutes, from every command."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio import Affine
from small_study import CRS, lattice, write_layer
from typer.testing import CliRunner

import lifecircle as lc
from lifecircle.cli.app import app
from lifecircle.errors import MissingInputError
from lifecircle.network.slope import tobler_factor
from lifecircle.study import Study
from lifecircle.study.quick import study_toml


@pytest.fixture(scope="module")
def hill(tmp_path_factory):
    """Streets in squares of 200 m on a plane that rises a tenth of every metre eastward; points."""
    folder = tmp_path_factory.mktemp("hill")
    write_layer(folder / "streets.gpkg", lattice(range(0, 1001, 200), range(0, 1001, 200)))
    write_layer(folder / "homes.gpkg", shapely.points([(0, 0), (1000, 0)]), id=["foot", "top"])
    write_layer(folder / "clinics.gpkg", shapely.points([(1000, 1000)]), id=["c"], service=["clinic"])
    # the raster's own plane is the study's: its rows run north to south
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=300, height=300, count=1, dtype="float32",
        crs=CRS.to_wkt(), transform=Affine(10, 0, -1000, 0, -10, 2000),
    ) as raster:  # fmt: skip
        eastward = -1000 + 5 + 10 * np.arange(300)
        raster.write(np.tile(500 + 0.1 * eastward, (300, 1)).astype(np.float32), 1)
    return folder


def times(folder, *options):
    """Minutes by origin, and what was said."""
    out = folder / "times.csv"
    words = ["times", str(folder / "streets.gpkg"), "--from", str(folder / "homes.gpkg")]
    words += ["--to", str(folder / "clinics.gpkg"), "--minutes", "600", "-o", str(out), *options]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    table = pd.read_csv(out)
    return table.set_index("origin")["minutes"].to_dict(), done.stderr


def test_each_mode_has_its_own_speed_and_says_it(hill):
    minutes, said = times(hill)
    assert minutes == pytest.approx({"foot": 30, "top": 15}, abs=1e-3)
    assert "on foot at 4 km/h" in said
    minutes, said = times(hill, "--mode", "bike")
    assert minutes == pytest.approx({"foot": 10, "top": 5}, abs=1e-3)
    assert "by bike at 12 km/h" in said
    minutes, said = times(hill, "--mode", "bike", "--speed-kmh", "4")
    assert minutes == pytest.approx({"foot": 30, "top": 15}, abs=1e-3)
    assert "by bike at 4 km/h" in said
    _, said = times(hill, "--mode", "drive")
    assert "by car" in said


def test_modes_stand_beside_each_other_each_at_its_own_speed(hill):
    out = hill / "both.csv"
    words = ["times", str(hill / "streets.gpkg"), "--from", str(hill / "homes.gpkg")]
    words += ["--to", str(hill / "clinics.gpkg"), "--minutes", "600", "-o", str(out), "--mode", "walk,bike"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "on foot at 4 km/h" in done.stderr
    assert "by bike at 12 km/h" in done.stderr
    table = pd.read_csv(out).set_index(["mode", "origin"])
    minutes = {("walk", "foot"): 30, ("walk", "top"): 15, ("bike", "foot"): 10, ("bike", "top"): 5}
    assert table["minutes"].to_dict() == pytest.approx(minutes, abs=1e-3)
    assert table["speed_kmh"].unique().tolist() == [4, 12]
    areas = hill / "both.gpkg"
    words = ["isochrones", str(hill / "streets.gpkg"), "--points", str(hill / "homes.gpkg")]
    done = CliRunner().invoke(app, [*words, "--minutes", "3", "-o", str(areas), "--mode", "walk, bike"])
    assert done.exit_code == 0, done.output
    reached = gpd.read_file(areas).set_index(["mode", "point"])["reached_m"]
    assert reached["walk", "foot"] == pytest.approx(400, abs=0.5)  # 200 m each way
    assert reached["bike", "foot"] > 3 * reached["walk", "foot"]


@pytest.mark.parametrize("options", [("--mode", "walk,walk"), ("--mode", "walk,bike", "--speed-kmh", "5")])
def test_modes_that_cannot_stand_beside_each_other_are_refused(hill, options):
    with pytest.raises(lc.InputError):
        times(hill, *options)


def test_a_kilometre_uphill_takes_longer_by_toblers_ratio(hill):
    minutes, said = times(hill, "--elevation", str(hill / "dem.tif"))
    # 1000 m east at a slope of 0.1, 1000 m north on the level
    assert minutes["foot"] == pytest.approx(15 * np.exp(0.35) + 15, rel=1e-4)
    assert minutes["top"] == pytest.approx(15, rel=1e-4)
    assert "with slopes; 0 segments" in said


def test_heights_that_are_not_there_are_said_to_be_missing(hill):
    with pytest.raises(MissingInputError) as caught:
        lc.read_streets(hill / "streets.gpkg", elevation=hill / "nope.tif")
    assert [fault.key for fault in caught.value.faults] == ["no-file"]


def test_slopes_from_python_equal_dijkstra_on_a_graph_made_by_hand(hill):
    streets = lc.read_streets(hill / "streets.gpkg", elevation=hill / "dem.tif", speed_kmh=3.6)
    graph = nx.DiGraph()
    for x in range(0, 1001, 200):
        for y in range(0, 1001, 200):
            for dx, dy, slope in ((200, 0, 0.1), (-200, 0, -0.1), (0, 200, 0.0), (0, -200, 0.0)):
                cost = 200 * float(tobler_factor(np.array([slope]))[0])
                graph.add_edge((x, y), (x + dx, y + dy), seconds=cost)
    for start, end in (((0, 0), (1000, 400)), ((1000, 400), (0, 0)), ((400, 200), (600, 1000))):
        expected = nx.dijkstra_path_length(graph, start, end, weight="seconds") / 60
        places = [lc_points(place, service=service) for place, service in ((start, None), (end, "clinic"))]
        times = lc.nearest_times(streets, *places, max_minutes=None)
        assert float(times["clinic"].iloc[0]) == pytest.approx(expected, rel=1e-4)


def lc_points(place, *, service=None):
    """One point in metres."""

    columns = {} if service is None else {"service": [service]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(place)], crs=CRS)


def test_isochrones_shrink_uphill(hill):
    out = hill / "areas.gpkg"
    areas = {}
    for options in ((), ("--elevation", str(hill / "dem.tif"))):
        words = ["isochrones", str(hill / "streets.gpkg"), "--points", str(hill / "homes.gpkg")]
        done = CliRunner().invoke(app, [*words, "--minutes", "5", "-o", str(out), *options])
        assert done.exit_code == 0

        areas[bool(options)] = gpd.read_file(out).set_index("point")["reached_m"]
    # from the foot: 333.3 m north, and east 200 m and a bit uphill, with what branches off at 200 m
    assert areas[True]["foot"] < areas[False]["foot"]
    # downhill at 0.1 a walk takes as long as on the level: |-0.1 + 0.05| = |0 + 0.05|
    assert areas[True]["top"] == pytest.approx(areas[False]["top"], abs=0.5)


def test_heights_that_cannot_be_read_are_one_clear_fault(hill, tmp_path):
    (tmp_path / "dem.tif").write_bytes(b"no raster at all")
    words = ["streets", str(hill / "streets.gpkg"), "-o", str(tmp_path / "edges.parquet")]
    with pytest.raises(lc.InputError) as caught:
        CliRunner().invoke(app, [*words, "--elevation", str(tmp_path / "dem.tif")], catch_exceptions=False)
    assert "dem.tif" in caught.value.render("en")


@pytest.mark.parametrize("table", ["streets", "assumptions"])
def test_a_study_has_one_mode_wherever_it_is_given(table):
    tables = {"study": {"name": "x"}, "area": {"place": "x"}, "streets": {"source": "x.gpkg"}}
    tables.setdefault(table, {})["mode"] = "bike"
    study = Study.model_validate(tables)
    assert (study.streets.mode, study.assumptions.mode, study.speed_kmh) == ("bike", "bike", 12.0)
    assert study.assumptions.said("walk_speed_kmh", "covered_share").startswith(
        "mode=bike; bike_speed_kmh=12"
    )


def test_two_modes_of_one_study_are_refused(tmp_path):
    (tmp_path / "study.toml").write_text(
        '[study]\nname="x"\n[area]\nplace="x"\n[streets]\nsource="osm"\nmode="bike"\n'
        '[assumptions]\nmode="walk"\n',
        encoding="utf-8",
    )
    with pytest.raises(lc.InputError, match="one study has one mode"):
        Study.from_file(tmp_path / "study.toml")


def test_a_run_from_a_boundary_takes_several_modes(tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 0.01, 0.01)], crs=4326).to_file(tmp_path / "inside.geojson")
    made = lc.quick_study(tmp_path / "inside.geojson", "osm", ["hainan-2022"], mode=["bike", "walk"])
    assert (made.streets.mode, made.streets.modes) == ("bike", ("bike", "walk"))
    assert made.assumptions.mode == "bike"
    (tmp_path / "study.toml").write_text(study_toml(made, tmp_path), encoding="utf-8")
    reread = Study.from_file(tmp_path / "study.toml", allow_outside=True)
    assert reread.streets.modes == ("bike", "walk")
    one = lc.quick_study(tmp_path / "inside.geojson", "osm", ["hainan-2022"])
    assert "mode" not in study_toml(one, tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--boundary", "b.geojson", "--streets", "s.pbf", "--plan", "p", "--mode", "walk,fly"], "fly"),
        (["--boundary", "b.geojson", "--streets", "s.pbf", "--plan", "p", "--mode", "walk", "--mode", "walk"],
         "twice"),
        (["study.toml", "--mode", "bike"], "--mode would be ignored"),
    ],
)  # fmt: skip
def test_modes_that_are_none_or_would_be_ignored_are_refused(options, words):
    done = CliRunner().invoke(app, ["run", *options])
    assert done.exit_code == 2 or isinstance(done.exception, lc.InputError)
    assert words in done.output + done.stderr + str(done.exception)
