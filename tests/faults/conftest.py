"""A town small enough to be spoiled in a hundred ways, and the command line called on it."""

from __future__ import annotations

import json
import shutil

import pytest
from commands import Said, caller
from own_plans import circle, own_plan
from shapely import box
from small_study import CRS, write_layer, write_two_communities

STUDY = """
[study]
name = "镇"
plans = ["own.toml"]
language = "en"
as_of = 2025-06-30

[area]
boundary = "boundary.gpkg"
communities = "communities.gpkg"

[streets]
source = "streets.gpkg"

[[facilities]]
source = "ledger.csv"
service = "health-station"
complete_for = ["health-station"]
"""
LEDGER = "id,name,lon,lat\nA1,东站,114.503,38.003\nA2,西站,114.512,38.004\nA3,南站,114.506,38.006\n"


class Told(Said):
    """What a command left behind, faults and remarks of ``--json`` picked out."""

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    @property
    def faults(self):
        return [event for event in self.events if event["event"] == "fault"]

    @property
    def remarks(self):
        return [remark for event in self.events for remark in event.get("remarks", [])]

    def remark(self, key):
        """The one remark of a key."""
        [listed] = [remark for remark in self.remarks if remark["remark"] == key]
        return listed


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line, called in this process through its own entry point."""
    return caller(monkeypatch, capsys, Told)


@pytest.fixture(scope="session")
def _town(tmp_path_factory):
    """Two communities of 1 km side by side, streets every 250 m, three stations, and old results."""
    folder = tmp_path_factory.mktemp("town")
    write_layer(folder / "boundary.gpkg", [box(0, 0, 2000, 1000)], name=["镇"])
    write_two_communities(folder)
    (folder / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    (folder / "own.toml").write_text(
        own_plan(circle("own-station-circle", "health-station", everywhere=True)), encoding="utf-8"
    )
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "results").mkdir()
    (folder / "results" / "deficits.csv").write_text("old\n", encoding="utf-8")
    (folder / "results" / "run.json").write_text("{}\n", encoding="utf-8")
    return folder


@pytest.fixture
def town(_town, tmp_path):
    """A copy of the town that a test may spoil."""
    return shutil.copytree(_town, tmp_path / "镇 town")


@pytest.fixture
def old_results(town):
    """Whether the results that lay there before are as they were."""

    def intact():
        kept = {path.name: path.read_text(encoding="utf-8") for path in (town / "results").iterdir()}
        return kept == {"deficits.csv": "old\n", "run.json": "{}\n"}

    return intact


@pytest.fixture
def plane():
    """The town's own system in metres."""
    return CRS
