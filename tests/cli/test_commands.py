"""Every command, called as a user calls it, and what it writes and prints."""

from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from own_plans import circle, own_plan

from lifecircle.plans import packaged_plans
from lifecircle.tables.datum import wgs84_to_gcj02


@pytest.fixture
def points(village):
    """Three origins and two facilities of the village, in two formats."""
    (village / "origins.csv").write_text(
        "id,lon,lat\nhome,114.501,38.001\nwork,114.51,38.008\nfar,115.5,38\n",
        encoding="utf-8",
    )
    table = gpd.GeoDataFrame(
        {"id": ["7", "8"], "service": ["pharmacy", "school"]},
        geometry=gpd.points_from_xy([114.503, 114.511], [38.001, 38.008]),
        crs=4326,
    )
    table.to_file(village / "facilities.gpkg")
    return village


# --- help


def test_help_imports_nothing_heavy():
    """What makes ``--help`` slow is importing, so that is what is looked at, not a clock."""
    words = (
        "import sys; sys.argv = ['lifecircle', '--help']\n"
        "from lifecircle.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'geopandas', 'pandas', 'numpy', 'numba', 'pyogrio', 'osmium'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "isochrones" in done.stdout


@pytest.mark.parametrize("name", ["run", "check", "demo", "plans", "streets", "times", "isochrones"])
def test_every_command_explains_itself(command, name):
    said = command(name, "--help")
    assert said.code == 0
    assert "--" in said.out


def test_a_word_that_is_no_command_ends_with_2(command):
    said = command("plan")
    assert said.code == 2
    assert "plans" in said.err


def test_an_option_given_twice_is_refused_and_never_chosen_among(command, village):
    said = command(
        "explain", village, "--from", "1,2", "--service", "pharmacy", "--service", "clinic", "--lang", "en"
    )
    assert said.code == 2
    assert "--service: is given 2 times" in said.err
    assert "--lang" not in said.err


# --- plans


@pytest.mark.parametrize(("lang", "word"), [("zh", "海南"), ("en", "Hainan")])
def test_plans_lists_every_packaged_plan(command, lang, word):
    said = command("plans", "--lang", lang)
    assert said.code == 0
    assert all(name in said.out for name in packaged_plans())
    assert word in said.out


def test_the_rules_of_a_plan_come_with_their_clauses_and_needs(command):
    said = command("plans", "wuhu-2021", "--lang", "en")
    needs = command("plans", "wuhu-2021", "--needs", "--lang", "en")
    assert said.code == needs.code == 0
    assert "wuhu-employment-circle-3km" in said.out
    assert "services: Employment" not in said.out
    assert "services: Employment" in needs.out


def test_the_rules_of_a_standard_say_how_their_figures_are_known(command):
    said = command("plans", "embedded-services-2023", "--lang", "en")
    assert said.code == 0
    assert "S: secondary source" in " ".join(said.out.split())
    assert "how the figure is known" not in command("plans", "wuhu-2021", "--lang", "en").out


def test_the_needs_of_a_plan_of_one_s_own_are_told_from_its_file(command, village):
    said = command("plans", village / "own.toml", "--needs", "--lang", "en")
    assert said.code == 0
    assert "own-station-circle" in said.out
    assert "layers: communities" in said.out


def test_an_unknown_plan_is_answered_with_the_nearest(command):
    said = command("plans", "hainan-202", "--lang", "en")
    assert said.code == 2
    assert "hainan-2022" in said.err


def test_the_demo_names_plans_that_there_are_not_and_writes_nothing(command, tmp_path):
    asked = ("--plan", "wuhu-2012", "--plan", "hainan-2022", "--plan", "own.toml")
    said = command("demo", *asked, "--output", tmp_path / "demo", "--lang", "en")
    assert said.code == 2
    assert "wuhu-2021" in said.err
    assert "own.toml" in said.err
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_an_unknown_language_is_refused_before_anything_happens(command, tmp_path):
    said = command("demo", "--output", tmp_path / "demo", "--lang", "fr")
    assert said.code == 2
    assert "zh, en" in said.err
    assert not (tmp_path / "demo").exists()


# --- run and check


def test_run_writes_results_beside_the_study_and_says_so(command, village):
    said = command("run", village / "study.toml", "--jobs", "1")
    assert said.code == 0
    assert "2 communities, 2,000 residents. 1 of the 2 communities falls short of at least one" in said.out
    assert "1 met, 0 not met (firm), 2 not met (by an assumed threshold)" in said.out
    table = pd.read_csv(village / "results" / "deficits.csv", encoding="utf-8-sig", dtype={"code": str})
    units = table[table["level"] == "community"].set_index("code")
    assert units["status"].tolist() == ["met", "short"]
    assert 95 < units.loc["130102001001", "value"] < 100
    assert 0 < units.loc["130102001002", "value"] < 90
    assert "Reading inputs" in said.err


def test_run_speaks_json_and_writes_where_it_is_told(command, village, tmp_path):
    said = command("run", village / "study.toml", "--output", tmp_path / "there", "--json", "--lang", "zh")
    assert said.code == 0
    *stages, done = said.events
    assert [event["number"] for event in stages] == list(range(1, stages[0]["of"] + 1))
    assert done["event"] == "done"
    assert (done["communities"], done["residents"], done["firm"], done["assumed"]) == (2, 2000, 0, 2)
    assert (tmp_path / "there" / "run.json").is_file()
    assert not (village / "results").exists()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "No source lists Pharmacy, Public library: what needs them has no data."),
        ("zh", "没有任何来源列出以下设施：药店、公共图书馆"),
    ],
)
def test_run_says_which_services_no_source_lists(command, village, lang, words):
    rules = (circle("pharmacy", "pharmacy"), circle("library", "library"))
    (village / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    said = command("run", village / "study.toml", "--jobs", "1", "--lang", lang)
    assert said.code == 0
    assert words in said.err
    assert words not in said.out
    assert said.err.count(words) == 1


def test_run_from_a_boundary_and_streets_alone(command, tmp_path, helsinki_pbf):
    square = gpd.GeoDataFrame(geometry=[shapely.box(24.935, 60.166, 24.945, 60.171)], crs=4326)
    square.to_file(tmp_path / "centre.geojson")
    words = [
        "run", "--boundary", tmp_path / "centre.geojson", "--streets", helsinki_pbf,
        "--output", tmp_path / "out", "--lang", "en",
    ]  # fmt: skip
    said = command(*words, "--plan", "wuhu-2021")
    assert said.code == 0, said.err
    assert "unknown number of residents" in said.out
    study = tmp_path / "out" / "study.toml"
    assert command("check", study, "--allow-outside").code == 0
    # the command again, with another plan: its own study file follows; a changed one is not lost
    assert command(*words, "--plan", "circle-15min").code == 0
    assert "circle-15min" in study.read_text()
    study.write_text(study.read_text() + "# with our ledgers\n")
    refused = command(*words, "--plan", "wuhu-2021")
    assert refused.code == 2
    assert f"lifecircle run --allow-outside {study}" in refused.err
    assert study.read_text().endswith("# with our ledgers\n")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "--boundary, --streets, --plan"),
        (("--boundary", "b.geojson", "--plan", "hainan-2022"), "--streets"),
    ],
)
def test_run_without_enough_to_go_on_says_what_is_missing(command, words, named):
    said = command("run", *words, "--lang", "en")
    assert said.code == 2
    assert f"missing: {named})" in said.err


def test_run_refuses_a_study_file_with_a_plan_beside_it(command, village):
    said = command("run", village / "study.toml", "--plan", "hainan-2022", "--lang", "en")
    assert said.code == 2
    assert "--plan would be ignored" in said.err
    assert not (village / "results").exists()


def test_check_of_a_sound_study_lists_its_remarks_and_writes_nothing(command, village, read_contents):
    before = read_contents(village)
    said = command("check", village / "study.toml", "--lang", "en")
    assert said.code == 0
    assert "every input can be read. 2 communities" in said.out
    told = command("check", village / "study.toml", "--json").events
    assert len(told) == 1
    assert told[0]["event"] == "checked"
    assert told[0]["communities"] == 2
    assert {"subject", "remark", "severity", "count"} <= set(told[0]["remarks"][0])
    assert read_contents(village) == before


@pytest.mark.slow
def test_the_demo_command_writes_a_city_and_runs_it(demo_run):
    assert (demo_run.folder / "study.toml").is_file()
    assert demo_run.events[-1]["event"] == "done"


# --- streets, times, isochrones


@pytest.mark.parametrize("name", ["edges.parquet", "edges.gpkg"])
def test_streets_writes_its_edges(command, village, name):
    said = command("streets", village / "streets.gpkg", "-o", village / name)
    assert said.code == 0, said.err
    path = village / name
    edges = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    assert edges.columns[:3].tolist() == ["edge", "u", "v"]
    assert edges["length_m"].sum() == pytest.approx(2 * 25 * 6000, rel=1e-4)
    assert (edges["time_fwd_s"] / edges["length_m"]).round(3).unique().tolist() == [0.9]


def test_streets_keeps_to_a_boundary(command, village):
    words = ("streets", village / "streets.gpkg", "-o", village / "edges.parquet")
    assert command(*words, "--boundary", village / "communities.gpkg").code == 0
    edges = gpd.read_parquet(village / "edges.parquet")
    assert 2000 * 5 + 1000 * 9 <= edges["length_m"].sum() < 40_000


def test_times_finds_the_nearest_of_each_service(command, points):
    said = command(
        "times", points / "streets.gpkg", "--from", points / "origins.csv",
        "--to", points / "facilities.gpkg", "-o", points / "times.csv",
    )  # fmt: skip
    assert said.code == 0, said.err
    table = pd.read_csv(points / "times.csv", encoding="utf-8-sig", dtype={"facility": str})
    assert table.columns.tolist() == ["origin", "facility", "service", "distance_m", "minutes", "reason"]
    unreached = table[table["minutes"].isna()].set_index(["origin", "service"])["reason"]
    assert unreached.loc["far"].tolist() == ["origin-far"] * 2
    assert set(unreached.drop("far", level=0)) == {"beyond-limit"}
    assert "origins: 1 of 3 have no street within 300 m" in said.err
    assert "unreached rows: 2 of origins without a street near by (origin-far)" in said.err
    assert table["origin"].tolist() == ["home", "home", "work", "work", "far", "far"]
    near = table.set_index(["origin", "service"])
    assert near.loc[("home", "pharmacy"), "facility"] == "7"
    assert near.loc[("work", "school"), "minutes"] < 6
    assert near.loc["far"].drop(columns="reason").isna().all().all()
    reached = table.dropna(subset="minutes")
    assert (reached["distance_m"] / reached["minutes"]).round(1).unique().tolist() == [66.7]


def test_facilities_without_services_are_one_service(command, points):
    gpd.read_file(points / "facilities.gpkg").drop(columns="service").to_file(points / "plain.gpkg")
    asked = ("--from", points / "origins.csv", "--to", points / "plain.gpkg", "-o", points / "times.csv")
    said = command("times", points / "streets.gpkg", *asked)
    assert said.code == 0, said.err
    near = pd.read_csv(points / "times.csv", encoding="utf-8-sig").set_index("origin")
    assert near["service"].tolist() == ["any"] * 3
    assert near.loc["work", "minutes"] < 6


def test_tables_in_metres_say_their_system(command, points):
    metres = gpd.GeoDataFrame(
        {"id": ["home", "work"]}, geometry=gpd.points_from_xy([114.501, 114.51], [38.001, 38.008]), crs=4326
    ).to_crs("EPSG:4547")
    table = pd.DataFrame({"id": metres["id"], "x": metres.geometry.x, "y": metres.geometry.y})
    table.to_csv(points / "metres.csv", index=False)
    asked = ("--to", points / "facilities.gpkg", "--crs", "EPSG:4547", "-o", points / "times.csv")
    said = command("times", points / "streets.gpkg", "--from", points / "metres.csv", *asked)
    assert said.code == 0, said.err
    near = pd.read_csv(points / "times.csv", encoding="utf-8-sig").set_index(["origin", "service"])
    degrees = command("times", points / "streets.gpkg", "--from", points / "origins.csv", *asked[:2], "-o",
                      points / "degrees.csv")  # fmt: skip
    assert degrees.code == 0
    same = pd.read_csv(points / "degrees.csv", encoding="utf-8-sig").set_index(["origin", "service"])
    assert near["minutes"].to_numpy() == pytest.approx(
        same.loc[near.index, "minutes"].to_numpy(), abs=1e-3, nan_ok=True
    )
    # a layer says its own system, and nonsense is told
    areas = ("isochrones", points / "streets.gpkg", "-o", points / "areas.gpkg", "--points")
    other = command(*areas, points / "facilities.gpkg", "--crs", "EPSG:4547")
    assert (other.code, "EPSG:4547" in other.err) == (2, True)
    wrong = command(*areas, points / "metres.csv", "--crs", "EPSG:1")
    assert (wrong.code, "--crs" in wrong.err, "EPSG:4547" in wrong.err) == (2, True, True)


def test_points_of_a_chinese_web_map_are_moved_back(command, points):
    table = pd.read_csv(points / "origins.csv")
    moved = table.assign(**dict(zip(("lon", "lat"), wgs84_to_gcj02(table["lon"], table["lat"]), strict=True)))
    moved.to_csv(points / "moved.csv", index=False)
    gpd.GeoDataFrame(
        moved[["id"]], geometry=gpd.points_from_xy(moved["lon"], moved["lat"]), crs=4326
    ).to_file(points / "moved.gpkg")
    areas = ("isochrones", points / "streets.gpkg", "--minutes", "5", "-o", points / "areas.gpkg", "--points")
    drawn = []
    for words in (("origins.csv",), ("moved.csv", "--crs", "GCJ02"), ("moved.gpkg", "--crs", "gcj02")):
        said = command(*areas, points / words[0], *words[1:])
        assert said.code == 0, said.err
        drawn.append(gpd.read_file(points / "areas.gpkg").to_crs(32650).geometry)
    for moved_back in drawn[1:]:
        assert drawn[0].symmetric_difference(moved_back).area.max() < 1e-3 * drawn[0].area.max()


def test_points_with_an_id_twice_are_refused_with_the_id(command, points):
    table = pd.read_csv(points / "origins.csv")
    pd.concat([table, table.iloc[:1]]).to_csv(points / "twice.csv", index=False)
    for words in (("times", "--to", points / "facilities.gpkg"), ("isochrones",)):
        given = "--from" if words[0] == "times" else "--points"
        name = "out.csv" if words[0] == "times" else "out.gpkg"
        said = command(
            words[0], points / "streets.gpkg", *words[1:], given, points / "twice.csv", "-o", points / name
        )  # fmt: skip
        assert said.code == 2
        assert str(table["id"].iloc[0]) in said.err
        assert "Traceback" not in said.err


def test_times_of_every_pair_and_a_speed(command, points):
    words = ("times", points / "streets.gpkg", "--from", points / "origins.csv")
    words += ("--to", points / "facilities.gpkg", "--minutes", "60", "--all")
    assert command(*words, "--speed-kmh", "4", "-o", points / "walk.parquet").code == 0
    assert command(*words, "--speed-kmh", "8", "-o", points / "run.CSV").code == 0
    walk = pd.read_parquet(points / "walk.parquet")
    run = pd.read_csv(points / "run.CSV", encoding="utf-8-sig")
    assert sorted(zip(walk["origin"], walk["facility"].astype(str), strict=True)) == [
        ("home", "7"), ("home", "8"), ("work", "7"), ("work", "8"),
    ]  # fmt: skip
    assert (walk["minutes"] / run["minutes"]).tolist() == pytest.approx([2, 2, 2, 2], rel=1e-4)


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.geojson", "areas.parquet"])
def test_isochrones_nest(command, points, name):
    said = command(
        "isochrones", points / "streets.gpkg", "--points", points / "facilities.gpkg",
        "--minutes", "5,10", "-o", points / name,
    )  # fmt: skip
    assert said.code == 0, said.err
    path = points / name
    areas = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    assert areas.crs.to_epsg() == 4326
    assert areas.groupby("point")["minutes"].apply(list).tolist() == [[5, 10], [5, 10]]
    for _, bands in areas.groupby("point"):
        inner, outer = bands.geometry
        assert outer.buffer(1e-9).covers(inner)
        assert outer.area > 2.5 * inner.area


def test_all_faults_of_points_and_streets_come_together(command, points):
    (points / "placeless.csv").write_text("id,service\na,clinic\n", encoding="utf-8")
    said = command(
        "times", points / "nowhere.pbf", "--from", points / "none.csv",
        "--to", points / "placeless.csv", "-o", points / "t.csv",
    )  # fmt: skip
    assert said.code == 2
    for name in ("nowhere.pbf", "none.csv", "placeless.csv"):
        assert name in said.err
    assert not (points / "t.csv").exists()


@pytest.mark.parametrize(
    ("output", "words"),
    [("edges.shp", ".parquet, .gpkg"), ("none/edges.gpkg", "folder"), ("folder.gpkg", "is a folder")],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(command, village, output, words):
    (village / "folder.gpkg").mkdir()
    said = command("streets", village / "nowhere.pbf", "-o", village / output)
    assert said.code == 2
    assert words in said.err
    assert "nowhere" not in said.err.replace(str(village / output), "")


@pytest.mark.parametrize("minutes", ["5,a", "0", "-5", "", "5,inf"])
def test_minutes_are_positive_numbers(command, village, minutes):
    words = ("isochrones", village / "streets.gpkg", "--points", village / "ledger.csv")
    said = command(*words, "--minutes", minutes, "-o", village / "a.gpkg")
    assert said.code == 2
    assert "--minutes" in said.err


def test_faults_are_json_where_json_was_asked_for(command, village):
    (village / "ledger.csv").unlink()
    said = command("check", village / "study.toml", "--json", "--lang", "en")
    assert said.code == 2
    [fault] = [event for event in said.events if event["event"] == "fault"]
    assert fault["key"] == "no-file"
    assert fault["file"].endswith("ledger.csv")
    assert "no such file" in fault["message"]
    assert [event["event"] for event in said.events].count("fault") == 1
