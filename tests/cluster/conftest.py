"""Three towns of one folder as studies, and a cluster of processes to run them on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from commands import caller
from dask_processes import TOWNS, DaskProcesses
from own_plans import circle, own_plan
from small_study import study_text, write_two_communities


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line, called in this process through its own entry point."""
    return caller(monkeypatch, capsys)


def write_towns(folder):
    """Three studies that share communities, streets and plan, each with a ledger of its own."""
    write_two_communities(folder)
    plan = own_plan(circle("own-station-circle", "health-station", everywhere=True))
    (folder / "own.toml").write_text(plan, encoding="utf-8")
    for number, town in enumerate(TOWNS):
        ledger = f"id,lon,lat\nA,{114.503 + 0.004 * number},38.0045\n"
        (folder / f"{town}.csv").write_text(ledger, encoding="utf-8")
        facilities = f"""
[[facilities]]
source = "{town}.csv"
service = "health-station"
complete_for = ["health-station"]
"""
        words = study_text(f"城 {town}", facilities).replace(
            "as_of", f'output = "results-{town}"\nproposals = false\nas_of'
        )
        (folder / f"{town}.toml").write_text(words, encoding="utf-8")


@pytest.fixture(scope="session")
def _expected(tmp_path_factory):
    """The towns run without a scheduler, into ``serial``, and the findings of each as bytes."""
    folder = tmp_path_factory.mktemp("towns")
    write_towns(folder)
    done = subprocess.run(
        [sys.executable, "-m", "lifecircle", "run", folder, "--output", folder / "serial"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, findings_in(folder / "serial", "")


def findings_in(folder, prefix):
    """``deficits.csv`` of each town, as bytes; None where there is none."""
    files = {town: folder / f"{prefix}{town}" / "deficits.csv" for town in TOWNS}
    return {town: file.read_bytes() if file.exists() else None for town, file in files.items()}


@pytest.fixture
def towns(_expected, tmp_path):
    """A copy of the towns that a test may spoil, without results."""
    return shutil.copytree(_expected[0], tmp_path / "towns", ignore=shutil.ignore_patterns("serial"))


@pytest.fixture
def towns_run(_expected, tmp_path):
    """A copy of the towns with the results of a run without a scheduler, in ``serial``."""
    return shutil.copytree(_expected[0], tmp_path / "towns")


@pytest.fixture
def differing(_expected):
    """Tells which towns lack the findings that a run without a scheduler writes, byte for byte."""

    def compare(folder, prefix="results-"):
        left = findings_in(folder, prefix)
        return {town for town, findings in _expected[1].items() if left[town] != findings}

    return compare


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with one worker, for all tests that leave both alive."""
    processes = DaskProcesses(tmp_path_factory.mktemp("dask"))
    processes.add_worker()
    yield processes
    processes.end()


@pytest.fixture
def fragile(tmp_path):
    """Starts clusters whose processes a test may kill."""
    started = []

    def start(workers, **settings):
        started.append(DaskProcesses(tmp_path / "dask", **settings))
        for _ in range(workers):
            started[-1].add_worker()
        return started[-1]

    (tmp_path / "dask").mkdir()
    yield start
    for processes in started:
        processes.end()


@pytest.fixture
def followed():
    """Runs the command in a process of its own and looks at every event as it is printed."""

    def follow(words, seen):
        with subprocess.Popen(
            [sys.executable, "-m", "lifecircle", *map(str, words), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as process:
            events = []
            for line in process.stdout:
                events.append(json.loads(line))
                seen(events[-1])
            told = process.stderr.read()
        return process.returncode, events, told

    return follow
