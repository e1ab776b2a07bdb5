"""What is wrong with a study is said all at once, in the user's words, and nothing is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import geopandas as gpd
import pytest
import shapely


def _rewrite(path, **changes):
    """A layer with some of its columns replaced; None drops one."""
    table = gpd.read_file(path)
    for name, value in changes.items():
        table = table.drop(columns=name) if value is None else table.assign(**{name: value})
    path.unlink()
    table.to_file(path)


def _edit(village, old, new):
    path = village / "study.toml"
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")


# --- one wrong thing each: what the user reads


def _no_ledger(village):
    (village / "ledger.csv").unlink()


def _no_code(village):
    _rewrite(village / "communities.gpkg", code=None)


def _no_crs(village):
    bare = gpd.read_file(village / "communities.gpkg").set_crs(None, allow_override=True)
    (village / "communities.gpkg").unlink()
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(village / "communities.gpkg")


def _empty_layer(village):
    table = gpd.read_file(village / "communities.gpkg").iloc[:0]
    (village / "communities.gpkg").unlink()
    table.to_file(village / "communities.gpkg")


def _nobody(village):
    _rewrite(village / "communities.gpkg", population=0)


def _streets_elsewhere(village):
    table = gpd.read_file(village / "streets.gpkg")
    table.geometry = table.translate(3, 0)
    (village / "streets.gpkg").unlink()
    table.to_file(village / "streets.gpkg")


def _streets_just_out_of_reach(village):
    """Streets within the zone that is read, and none within 300 m of anybody."""
    line = shapely.LineString([(114.48, 37.9945), (114.52, 37.9945)])
    (village / "streets.gpkg").unlink()
    gpd.GeoDataFrame(geometry=[line], crs=4326).to_file(village / "streets.gpkg")
    _edit(village, "[[facilities]]", '[assumptions]\norigin = "centroid"\n\n[[facilities]]')


def _unknown_key(village):
    _edit(village, "language", "langauge")


def _wrong_value(village):
    _edit(village, "[[facilities]]", "[assumptions]\ncovered_share = 1.2\n\n[[facilities]]")


def _unknown_plan(village):
    _edit(village, "own.toml", "hainan-2023")


def _outside(village):
    _edit(village, '"ledger.csv"', '"../ledger.csv"')


def _not_toml(village):
    _edit(village, "[study]", "[study")


WRONG = [
    (_no_ledger, "no-file", "ledger.csv"),
    (_no_code, "missing-column", "communities.gpkg"),
    (_no_crs, "no-crs", "communities.gpkg"),
    (_empty_layer, "empty-layer", "communities.gpkg"),
    (_nobody, "zero-population", ""),
    (_streets_elsewhere, "no-streets-within-bounds", "streets.gpkg"),
    (_streets_just_out_of_reach, "no-street-in-reach", "streets.gpkg"),
    (_unknown_key, "unknown-key", "study.toml"),
    (_wrong_value, "bad-value", "study.toml"),
    (_unknown_plan, "unknown-plan", ""),
    (_outside, "outside-path", "study.toml"),
    (_not_toml, "not-toml", "study.toml"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=[case[1] for case in WRONG])
@pytest.mark.parametrize("name", ["run", "check"])
def test_one_clear_message_and_nothing_touched(command, ran, read_contents, name, wrong):
    village, old = ran
    spoil, key, file = wrong
    spoil(village)
    said = command(name, village / "study.toml", "--json", "--lang", "zh")
    assert said.code == 2
    [fault] = [event for event in said.events if event["event"] == "fault"]
    assert fault["key"] == key
    assert fault["file"].endswith(file)
    assert fault["message"]
    assert "Traceback" not in said.err
    assert read_contents(village / "results") == old
    assert not [path for path in village.iterdir() if path.name.startswith(".results")]


def test_many_wrong_things_are_said_in_one_run(command, village):
    _no_ledger(village)
    _no_code(village)
    _unknown_plan(village)
    (village / "streets.gpkg").unlink()
    said = command("run", village / "study.toml", "--json")
    assert said.code == 2
    faults = [event for event in said.events if event["event"] == "fault"]
    assert sorted(event["key"] for event in faults) == [
        "missing-column",
        "no-file",
        "no-file",
        "unknown-plan",
    ]
    assert not (village / "results").exists()
    read = command("check", village / "study.toml", "--lang", "en").err
    assert read.count("fix:") == 4


def test_a_community_without_a_street_in_reach_is_listed_when_others_have_one(command, village):
    """One community out of two lies beyond 300 m of every street: that is a remark, not a fault."""
    streets = gpd.read_file(village / "streets.gpkg")
    east = shapely.box(114.512, 37.9, 115, 39)
    (village / "streets.gpkg").unlink()
    streets[~streets.intersects(east)].to_file(village / "streets.gpkg")
    _edit(village, "[[facilities]]", '[assumptions]\norigin = "centroid"\n\n[[facilities]]')
    said = command("check", village / "study.toml", "--json")
    assert said.code == 0
    remarks = {row["remark"] for row in said.events[0]["remarks"]}
    assert any(name.startswith("snap-") for name in remarks)


# --- where results are to go


def test_results_that_would_replace_a_file_are_refused_before_the_work(command, village):
    (village / "results").write_text("mine", encoding="utf-8")
    said = command("run", village / "study.toml", "--json")
    assert said.code == 2
    assert [event["event"] for event in said.events] == ["fault"]
    assert said.events[0]["key"] == "output-is-file"
    assert (village / "results").read_text(encoding="utf-8") == "mine"


def test_a_path_through_a_file_is_refused_before_the_work(command, village):
    said = command("run", village / "study.toml", "--output", village / "own.toml" / "results", "--json")
    assert said.code == 2
    assert [event["event"] for event in said.events] == ["fault"]


def _as_ordinary_user(words):
    """The words of a command, without root's right to write anywhere."""
    if os.geteuid() != 0:
        return words
    tool = shutil.which("setpriv")
    if tool is None:
        pytest.skip("root writes anywhere, and there is no setpriv to take that right away")
    return [tool, "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", *words]


@pytest.mark.skipif(os.name != "posix", reason="modes of folders are POSIX")
@pytest.mark.parametrize("words", [["run", "study.toml"], ["demo"]], ids=["run", "demo"])
def test_a_read_only_folder_is_refused_before_the_work(village, words):
    locked = village / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    command = [
        sys.executable,
        "-m",
        "lifecircle",
        *words,
        "--output",
        str(locked / "results"),
        "--lang",
        "en",
    ]
    done = subprocess.run(
        _as_ordinary_user(command), cwd=village, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert "[1/" not in done.stderr
    assert not list(locked.iterdir())


def test_a_place_and_a_boundary_cannot_both_be_meant(command, village):
    said = command("run", "--place", "Monaco", "--boundary", village / "b.geojson", "--plan", "wuhu-2021")
    assert said.code == 2
    assert "only one can be meant" in said.err


def test_what_a_run_without_a_study_needs_is_told(command):
    said = command("run", "--place", "Monaco", "--lang", "en")
    assert said.code == 2
    assert "missing: --plan)" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("times", "s.gpkg", "--from", "a", "--to", "b", "-o", "o.csv", "--minutes", "nan"),
        ("times", "s.gpkg", "--from", "a", "--to", "b", "-o", "o.csv", "--minutes", "1e9"),
        ("times", "s.gpkg", "--from", "a", "--to", "b", "-o", "o.csv", "--speed-kmh", "nan"),
        ("isochrones", "s.gpkg", "--points", "a", "-o", "o.gpkg", "--minutes", "5,1e9"),
        ("streets", "s.gpkg", "-o", "o.gpkg", "--tolerance-m", "nan"),
        ("grids", "study.toml", "-o", "o.gpkg", "--urban", "inf"),
        ("site", "study.toml", "--service", "pharmacy", "--new", "9" * 30),
        ("run", "study.toml", "--jobs", "9" * 30),
    ],
    ids=lambda words: " ".join(words[-2:])[:20],
)
def test_a_wild_number_on_the_command_line_is_refused(command, words):
    done = command(*words)
    assert done.code == 2
    assert words[-2] in done.err
