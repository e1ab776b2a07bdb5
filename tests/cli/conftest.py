"""A village small enough to be run many times, and the command line called as a user calls it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from own_plans import circle, own_plan
from shapely import box
from small_study import lattice, study_text, write_layer

from lifecircle import cli

PLAN = own_plan(circle("own-station-circle", "health-station", everywhere=True))

STUDY = study_text(
    "两村",
    """
[[facilities]]
source = "ledger.csv"
service = "health-station"
complete_for = ["health-station"]
""",
)


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line, called in this process through its own entry point."""

    def call(*words) -> Said:
        monkeypatch.setattr(sys, "argv", ["lifecircle", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def _village(tmp_path_factory):
    """Two communities of 1 km side by side (1200 and 800 people), streets every 250 m, one station."""
    folder = tmp_path_factory.mktemp("village")
    write_layer(
        folder / "communities.gpkg", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001002"], name=["甲社区", "乙社区"], population=[1200, 800],
    )  # fmt: skip
    ticks = np.arange(-2000, 4001, 250.0)
    write_layer(folder / "streets.gpkg", lattice(ticks, ticks))
    (folder / "ledger.csv").write_text("id,lon,lat\nA,114.505,38.0045\n", encoding="utf-8")
    (folder / "own.toml").write_text(PLAN, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.fixture
def village(_village, tmp_path):
    """A copy of the village that a test may spoil."""
    return shutil.copytree(_village, tmp_path / "村 village")


@pytest.fixture(scope="session")
def _ran(_village, tmp_path_factory):
    """A copy of the village with results in it."""
    import lifecircle as lc  # noqa: PLC0415  the command line's own tests count what it imports

    folder = shutil.copytree(_village, tmp_path_factory.mktemp("ran") / "village")
    lc.run(lc.Study.from_file(folder / "study.toml")).write(folder / "results")
    return folder


@pytest.fixture
def ran(_ran, tmp_path):
    """A copy of the village with old results, and those results as bytes."""
    folder = shutil.copytree(_ran, tmp_path / "ran")
    return folder, contents(folder / "results")


def contents(folder):
    """Every file below a folder, as bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def read_contents():
    return contents
