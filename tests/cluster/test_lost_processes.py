"""Workers and schedulers that are killed while studies run."""

from __future__ import annotations

import sys

import pytest
from dask_processes import TOWNS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def faults_of(events):
    return [(event["key"], event["file"]) for event in events if event["event"] == "fault"]


def killing_first(processes):
    """Kills the worker that begins the first study, as soon as it says so."""
    killed = []

    def seen(event):
        if event["event"] == "study-begun" and not killed:
            killed.append(event["file"])
            processes.workers[event["worker"]].kill()

    return killed, seen


def test_a_killed_worker_costs_its_study_another_run(towns, fragile, followed, differing):
    processes = fragile(2)
    killed, seen = killing_first(processes)
    code, events, told = followed(("run", towns, "--scheduler", processes.address), seen)
    assert not told
    assert code == 0
    begun = [event["file"] for event in events if event["event"] == "study-begun"]
    assert sorted(begun) == sorted([*killed, *(str(towns / f"{town}.toml") for town in TOWNS)])
    assert not differing(towns)
    assert not list(towns.glob(".*"))


def test_a_study_whose_workers_die_too_often_is_named(towns, fragile, followed, differing, command):
    processes = fragile(2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    killed, seen = killing_first(processes)
    code, events, _ = followed(("run", towns, "--scheduler", processes.address), seen)
    assert code == 2
    assert faults_of(events) == [("cluster-worker-died", killed[0])]
    assert events[-1]["files"] == killed
    assert len(differing(towns)) == 1
    said = command("run", towns, "--scheduler", processes.address, "--json")
    assert said.code == 0
    assert [event["file"] for event in said.events if event["event"] == "study-begun"] == killed
    assert not differing(towns)


def test_a_lost_scheduler_is_told_and_a_rerun_does_what_is_missing(
    towns, fragile, followed, differing, command
):
    processes = fragile(1)
    ended = []

    def seen(event):
        if event["event"] == "study-ended" and not ended:
            ended.append(event["file"])
            processes.scheduler.kill()
            for worker in processes.workers.values():
                worker.kill()

    code, events, _ = followed(("run", towns, "--scheduler", processes.address), seen)
    assert code == 2
    assert sorted({key for key, _ in faults_of(events)}) == ["scheduler-lost"]
    left = {file for _, file in faults_of(events)}
    assert left == {str(towns / f"{town}.toml") for town in TOWNS} - set(ended)
    said = command("run", towns, "--scheduler", fragile(1).address, "--json")
    assert said.code == 0
    assert {event["file"] for event in said.events if event["event"] == "study-kept"} == set(ended)
    assert not differing(towns)
