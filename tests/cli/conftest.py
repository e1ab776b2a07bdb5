"""A village small enough to be run many times, and the command line called as a user calls it."""

from __future__ import annotations

import shutil

import pytest
from commands import caller
from own_plans import circle, own_plan
from small_study import study_text, write_two_communities

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


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line, called in this process through its own entry point."""
    return caller(monkeypatch, capsys)


@pytest.fixture(scope="session")
def _village(tmp_path_factory):
    """Two communities of 1 km side by side (1200 and 800 people), streets every 250 m, one station."""
    folder = tmp_path_factory.mktemp("village")
    write_two_communities(folder)
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
