"""Every path that any command takes: one that can be none, or leads to nothing readable, is a fault told."""

from __future__ import annotations

import inspect
import os
import shutil
import typing
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from lifecircle.cli import app as commands

READ = {
    "run": "run [study.toml] --output results",
    "run a scenario": "run study.toml --scenario [scenario.toml] --output results",
    "run alone": "run --boundary [communities.gpkg] --streets [streets.gpkg] --plan [own.toml] -o results",
    "check": "check [study.toml]",
    "plans": "plans [own.toml]",
    "plans --check": "plans --check [own.toml]",
    "services": "services --study [study.toml]",
    "template": "template [own.toml] -o ledgers.xlsx",
    "streets": "streets [streets.gpkg] -o e.gpkg --boundary [communities.gpkg] --elevation [dem.tif]",
    "times": "times [streets.gpkg] --from [points.gpkg] --to [points.gpkg] -o t.csv --elevation [dem.tif]",
    "isochrones": "isochrones [streets.gpkg] --points [points.gpkg] -o a.gpkg --elevation [dem.tif]",
    "explain": "explain [study.toml] --from 130102001001 --service health-station",
    "serve": "serve [study.toml]",
    "site": "site [study.toml] --service health-station --new 1 --candidates [points.gpkg]",
    "grids": "grids [study.toml] -o g.gpkg",
    "compare": "compare [results] [results]",
    "monitor": "monitor [study.toml] -o m.xlsx",
}
"""Words of every command that reads; each path in brackets is spoilt in turn."""
WRITTEN = {
    "run": "run study.toml --output [results]",
    "check": "check study.toml --html [page.html] --suggest [names.xlsx]",
    "demo": "demo --output [demo]",
    "template": "template own.toml -o [ledgers.xlsx]",
    "streets": "streets streets.gpkg -o [edges.gpkg]",
    "times": "times streets.gpkg --from points.gpkg --to points.gpkg -o [times.csv]",
    "isochrones": "isochrones streets.gpkg --points points.gpkg -o [areas.gpkg]",
    "explain": "explain study.toml --from 130102001001 --service health-station -o [way.gpkg]",
    "site": "site study.toml --service health-station --new 1 -o [sites.gpkg]",
    "grids": "grids study.toml -o [grids.gpkg]",
    "compare": "compare results results -o [compare.xlsx]",
    "monitor": "monitor study.toml -o [monitoring.xlsx]",
}
"""The same of every command that writes."""
WITHOUT_PATHS = {"cache", "warm-up"}


def places(words):
    """Where in a call its paths stand."""
    return [at for at, word in enumerate(words.split()) if word.startswith("[")]


def calls(table):
    """Every path of every call: its words, and which of them it is."""
    return [
        pytest.param(words.split(), at, id=f"{name}: {words.split()[at]}")
        for name, words in table.items()
        for at in places(words)
    ]


def test_every_path_of_every_command_is_tried():
    for name, command in commands._COMMANDS:
        hints = typing.get_type_hints(command)
        paths = {one for one in inspect.signature(command).parameters if "Path" in str(hints[one])}
        mine = [words for table in (READ, WRITTEN) for words in table.values() if words.split()[0] == name]
        tried = sum(len(places(words)) for words in mine)
        assert tried >= len(paths), name
        assert tried or name in WITHOUT_PATHS, name


@pytest.fixture(scope="module")
def place(_ran, tmp_path_factory):
    """The village with old results, what the calls read, and what leads astray."""
    folder = shutil.copytree(_ran, tmp_path_factory.mktemp("paths") / "village")
    points = [Point(114.503, 38.003), Point(114.51, 38.004)]
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=points, crs=4326).to_file(folder / "points.gpkg")
    (folder / "scenario.toml").write_text(
        '[[scenarios]]\nname = "x"\nclose = ["ledger:A"]\n', encoding="utf-8"
    )
    (folder / "loop").symlink_to("loop")
    (folder / "plain").write_text("x", encoding="utf-8")
    for suffix in (".toml", ".gpkg", ".tif", ".xlsx", ".csv", ".html"):
        (folder / f"loop{suffix}").symlink_to(f"loop{suffix}")
        (folder / f"folder{suffix}").mkdir()
        (folder / f"empty{suffix}").touch()
        os.mkfifo(folder / f"pipe{suffix}")
    return folder


@pytest.fixture
def told(command, place, monkeypatch):
    """A call with one of its paths replaced: ended with a fault in words, and nothing else."""
    monkeypatch.chdir(place)

    def tell(words, at, wrong):
        said = [word.strip("[]") for word in words]
        said[at] = wrong
        done = command(*said)
        assert done.code == 2, (said, done.err)
        assert done.err.strip(), said
        assert "\x1b" not in done.err, said

    return tell


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices are POSIX")
@pytest.mark.parametrize(("words", "at"), calls(READ))
def test_a_path_that_nothing_can_be_read_from_is_told(told, words, at):
    suffix = Path(words[at].strip("[]")).suffix
    wrongs = ["", "x" * 300 + suffix, "/".join(["y" * 200] * 30) + suffix, f"a\n\x1b[31mb{suffix}"]
    wrongs += [
        "/",
        f"loop{suffix}",
        f"loop/a{suffix}",
        f"plain/a{suffix}",
        f"/vsicurl/http://localhost/a{suffix}",
    ]
    wrongs += ["/dev/null", "/proc/self/mem"]
    wrongs += [f"{kind}{suffix}" for kind in ("folder", "empty", "pipe") if suffix]
    for wrong in wrongs:
        told(words, at, wrong)


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices are POSIX")
@pytest.mark.parametrize(("words", "at"), calls(WRITTEN))
def test_a_path_that_nothing_can_be_written_to_is_told(told, place, words, at):
    suffix = Path(words[at].strip("[]")).suffix
    wrongs = ["", "/", "x" * 300 + suffix, "/".join(["y" * 200] * 30) + suffix]
    wrongs += [f"loop{suffix}", f"loop/a{suffix}", f"plain/a{suffix}", "/dev/null", "/proc/self/mem"]
    wrongs += [f"none/a{suffix}"] if suffix else []
    wrongs += [f"folder{suffix}"] if suffix and words[0] != "site" else []  # which fills it with results
    before = sorted(path.name for path in place.iterdir())
    for wrong in wrongs:
        told(words, at, wrong)
    assert sorted(path.name for path in place.iterdir()) == before


def test_settings_beside_a_study_do_not_let_proj_fetch_anything(command, village, monkeypatch):
    """PROJ reads proj.ini of the folder one stands in where a library gives it no place of its own."""
    (village / "proj.ini").write_text("network = on\ncdn_endpoint = http://127.0.0.1:9\n", encoding="utf-8")
    monkeypatch.chdir(village)
    monkeypatch.delenv("PROJ_NETWORK", raising=False)
    assert command("check", "study.toml").code == 0
    # what the environment says goes before the file
    assert os.environ["PROJ_NETWORK"] == "OFF"
