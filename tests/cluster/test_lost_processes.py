"""Workers and schedulers that are killed while studies run."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

BOTH = ("east", "west")


@pytest.fixture
def two(towns):
    """Two of the towns, so that two workers have one each."""
    (towns / "north.toml").unlink()
    return towns


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


def test_a_killed_worker_costs_its_study_another_run(two, fragile, followed, differing):
    processes = fragile(2)
    killed, seen = killing_first(processes)
    code, events, told = followed(("run", two, "--scheduler", processes.address), seen)
    assert not told
    assert code == 0
    begun = [event["file"] for event in events if event["event"] == "study-begun"]
    assert sorted(begun) == sorted([*killed, *(str(two / f"{town}.toml") for town in BOTH)])
    assert differing(two) == {"north"}
    assert not list(two.glob(".*"))


def test_a_study_whose_workers_die_too_often_is_named(two, fragile, followed, differing, command):
    processes = fragile(2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    killed, seen = killing_first(processes)
    code, events, _ = followed(("run", two, "--scheduler", processes.address), seen)
    assert code == 2
    assert faults_of(events) == [("cluster-worker-died", killed[0])]
    assert events[-1]["files"] == killed
    assert len(differing(two)) == 2
    said = command("run", two, "--scheduler", processes.address, "--json")
    assert said.code == 0
    assert [event["file"] for event in said.events if event["event"] == "study-begun"] == killed
    assert differing(two) == {"north"}


def test_a_lost_scheduler_is_told_and_a_rerun_does_what_is_missing(
    two, fragile, followed, differing, command
):
    processes = fragile(1)
    ended = []

    def seen(event):
        if event["event"] == "study-ended" and not ended:
            ended.append(event["file"])
            processes.scheduler.kill()
            for worker in processes.workers.values():
                worker.kill()

    code, events, _ = followed(("run", two, "--scheduler", processes.address), seen)
    assert code == 2
    assert sorted({key for key, _ in faults_of(events)}) == ["scheduler-lost"]
    left = {file for _, file in faults_of(events)}
    assert left == {str(two / f"{town}.toml") for town in BOTH} - set(ended)
    said = command("run", two, "--scheduler", fragile(1).address, "--json")
    assert said.code == 0
    assert {event["file"] for event in said.events if event["event"] == "study-kept"} == set(ended)
    assert differing(two) == {"north"}
