"""Studies run by workers of a Dask cluster: the same results, and only what is missing is run again."""

from __future__ import annotations

import json
import os

import pytest
from dask_processes import TOWNS


def rows_of(events):
    """The last table, by the name of the study."""
    (table,) = (event["studies"] for event in events if event["event"] == "studies")
    return {row["study"].rpartition("/")[2].removesuffix(".toml"): row for row in table}


def faults_of(events):
    return [event["key"] for event in events if event["event"] == "fault"]


def test_results_are_those_of_a_run_without_and_stay_until_an_input_changes(
    command, towns, cluster, differing
):
    words = ("run", towns, "--scheduler", cluster.address, "--json")
    said = command(*words)
    assert (said.code, said.err) == (0, "")
    assert not differing(towns)
    begun = {event["file"] for event in said.events if event["event"] == "study-begun"}
    assert begun == {str(towns / f"{town}.toml") for town in TOWNS}
    for town in TOWNS:
        stages = [event for event in said.events if event["event"] == "study-stage" and town in event["file"]]
        numbers = [event["number"] for event in stages]
        assert numbers == sorted(set(numbers))
        assert (stages[0]["stage"], stages[-1]["stage"]) == ("plans", "write-map")
        assert {event["of"] for event in stages} == {numbers[-1]}
    first = rows_of(said.events)
    assert first["west"]["residents"] == 2000
    assert not any(row["kept"] for row in first.values())
    # nothing has changed: everything is kept, and says of itself what it said before
    said = command(*words)
    assert said.code == 0
    second = rows_of(said.events)
    assert all(row.pop("kept") for row in second.values())
    assert [row.pop("kept") for row in first.values()] == [False] * 3
    assert second == first
    # one ledger changes, and a file of another study's results is lost
    (towns / "east.csv").write_text("id,lon,lat\nA,114.52,38.0045\n", encoding="utf-8")
    (towns / "results-north" / "deficits.xlsx").unlink()
    said = command(*words)
    assert said.code == 0
    third = rows_of(said.events)
    assert {town for town, row in third.items() if row["kept"]} == {"west"}
    assert differing(towns) == {"east"}


def test_a_broken_study_is_named_the_others_end_and_a_rerun_does_that_one_alone(
    command, towns, cluster, differing
):
    ledger = (towns / "north.csv").read_text(encoding="utf-8")
    (towns / "north.csv").unlink()
    words = ("run", towns, "--scheduler", cluster.address, "--output", towns / "all", "--json")
    said = command(*words)
    assert said.code == 2
    assert [event["file"] for event in said.events if event["event"] == "fault"] == [str(towns / "north.csv")]
    assert said.events[-1] == {
        "event": "studies-left",
        "files": [str(towns / "north.toml")],
        "count": 1,
    }
    (towns / "north.csv").write_text(ledger, encoding="utf-8")
    said = command(*words)
    assert said.code == 0
    assert {town for town, row in rows_of(said.events).items() if not row["kept"]} == {"north"}
    assert not differing(towns / "all", "")


def test_workers_of_this_computer_do_the_same(command, towns, differing):
    said = command("run", towns / "east.toml", towns / "west.toml", "--scheduler", "local", "--lang", "en")
    assert said.code == 0
    assert "2 of 2 ended" in said.err
    assert differing(towns) == {"north"}


def test_what_a_plain_run_wrote_is_kept_and_needs_no_scheduler(command, towns_run):
    nobody = "tcp://127.0.0.1:1"
    said = command("run", towns_run, "--output", towns_run / "serial", "--scheduler", nobody, "--lang", "en")
    assert said.code == 0
    assert said.err.count("nothing it depends on has changed") == len(TOWNS)


def test_a_scenario_leaves_nothing_that_could_pass_for_the_study(command, towns):
    site = 'facility = "B", service = "health-station", lon = 114.52, lat = 38'
    change = f'[[scenarios]]\nname = "B"\nadd = [{{{site}}}]\n'
    (towns / "change.txt").write_text(change, encoding="utf-8")
    assert command("run", towns / "east.toml", "--scenario", towns / "change.txt").code == 0
    manifest = json.loads((towns / "results-east-change" / "run.json").read_text(encoding="utf-8"))
    assert manifest["key"] == ""
    assert manifest["outcome"]["residents"] == 2000


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--scheduler", "tcp:/127.0.0.1:1"), "scheduler-address"),
        (("--scheduler", "8786"), "scheduler-address"),
        (("--scheduler", "local", "--scenario", "own.toml"), "scheduler-scenario"),
    ],
)
def test_what_names_no_scheduler_is_refused_before_anything_is_read(command, towns, words, key):
    said = command("run", towns, *words, "--json")
    assert (said.code, faults_of(said.events)) == (2, [key])
    assert not list(towns.glob("results*"))


def test_a_scheduler_needs_studies(command):
    said = command("run", "--scheduler", "local", "--json")
    assert (said.code, faults_of(said.events)) == (2, ["scheduler-studies"])


def test_studies_that_share_a_folder_are_refused(command, towns):
    words = (towns / "east.toml").read_text(encoding="utf-8").replace("results-east", "results-west")
    (towns / "east.toml").write_text(words, encoding="utf-8")
    said = command("run", towns, "--scheduler", "local", "--json")
    assert (said.code, faults_of(said.events)) == (2, ["output-shared"])


def test_nobody_at_the_address_and_nobody_to_work(command, towns, fragile, monkeypatch):
    from lifecircle.cluster import connection  # noqa: PLC0415  the command line's own tests count what it imports

    monkeypatch.setattr(connection, "_CONNECT_S", 1.0)
    monkeypatch.setattr(connection, "_WORKERS_S", 1.0)
    said = command("run", towns, "--scheduler", "tcp://127.0.0.1:1", "--json")
    assert (said.code, faults_of(said.events)) == (2, ["scheduler-unreachable"])
    said = command("run", towns, "--scheduler", fragile(0).address, "--json")
    assert (said.code, faults_of(said.events)) == (2, ["scheduler-no-workers"])


def test_workers_of_another_version_are_named_before_the_work(command, towns, fragile, tmp_path):
    other = tmp_path / "other" / "lifecircle-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: lifecircle\nVersion: 0.0.1\n")
    processes = fragile(0)
    path = os.pathsep.join([str(other.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    address = processes.add_worker(PYTHONPATH=path)
    said = command("run", towns, "--scheduler", processes.address, "--lang", "en")
    assert said.code == 2
    assert address in said.err
    assert "!= 0.0.1" in said.err
    assert not list(towns.glob("results*"))
