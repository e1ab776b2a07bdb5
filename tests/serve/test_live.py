"""A scenario at work: edits, undo, what is refused, what is pushed, what is kept."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest
from served import IN_REACH, Visitor
from shapely.errors import GEOSException

import lifecircle as lc
from lifecircle.analysis.session import Session
from lifecircle.serve.drafts import Draft
from lifecircle.serve.edits import edited, parsed_edit
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.study.reading import read_scenario_file
from lifecircle.study.scenarios import ScenarioChange


def own_change(visitor):
    return visitor.post("state")[1]["change"]


def test_a_click_is_told_twice_first_who_is_in_reach_then_every_verdict(visitor, session):
    visitor.listen()
    assert visitor.next("state")["version"] == 0
    status, told = visitor.post("edit", edit=IN_REACH)
    assert (status, told["version"]) == (200, 1)
    first, full = visitor.next("first", version=1), visitor.next("verdicts", version=1)
    asked = lc.Scenario(add=[("pharmacy", (IN_REACH["lon"], IN_REACH["lat"]))])
    after = session.assess(asked)
    limit = first["services"]["pharmacy"]["limit"]
    assert limit == 8
    people = after.inputs.demand["residents"].to_numpy()
    inside = after.inputs.demand["inside"].to_numpy(bool)
    near = after.travel.minutes["pharmacy"].to_numpy() <= limit
    assert first["services"]["pharmacy"]["after"] == round(people[near & inside].sum())
    assert first["services"]["pharmacy"]["more"] == [1]
    assert first["circles"][0]["shape"]
    assert full["changed"] == len(after.effects)
    gained = after.gainers.set_index(["service", "cohort"])["newly_reached"]
    told = {(row["service"], row["cohort"]): row["newly_reached"] for row in full["gainers"]}
    assert told["pharmacy", "residents"] == pytest.approx(gained["pharmacy", "residents"], abs=0.01)


@pytest.mark.parametrize(
    "edits",
    [
        [IN_REACH],
        [IN_REACH, {"kind": "move", "facility": "new-1", "lon": 110.012, "lat": 0.003}],
        [{"kind": "move", "facility": "facilities:A", "lon": 110.009, "lat": 0.004}],
        [{"kind": "capacity", "facility": "facilities:A", "capacity": 25}],
    ],
)
def test_circles_drawn_before_the_walks_are_known_are_those_drawn_after(edits, page, session):
    answers = page._board.answers
    change = ScenarioChange(name="x")
    for edit in edits:
        change = edited(change, parsed_edit(edit), taken=answers.facilities)
    name = edits[-1].get("facility", "new-1")
    routed = session.route(scenario_of_rows(change))
    ahead = answers.circles_ahead(change, [name])
    assert ahead[name]["shape"]
    assert answers.first(routed, change, [name])["circles"] == [ahead[name]]


def test_circles_of_places_beyond_the_study_wait_for_the_walks(page):
    answers = page._board.answers
    change = ScenarioChange(name="x")
    edit = parsed_edit({**IN_REACH, "lon": -70.0})
    assert answers.circles_ahead(edited(change, edit, taken=answers.facilities), ["new-1"]) is None


def test_undo_and_redo_go_back_and_forth_and_a_new_edit_ends_the_redo(visitor):
    visitor.post("edit", edit=IN_REACH)
    visitor.post("edit", edit={"kind": "move", "facility": "new-1", "lon": 110.012, "lat": 0.003})
    assert own_change(visitor)["add"][0]["lon"] == 110.012
    visitor.post("undo")
    assert own_change(visitor)["add"][0]["lon"] == IN_REACH["lon"]
    visitor.post("redo")
    assert own_change(visitor)["add"][0]["lon"] == 110.012
    for _ in range(5):
        visitor.post("undo")
    state = visitor.post("state")[1]
    assert state["change"]["add"] is None
    assert (state["undo"], state["redo"]) == (False, True)
    visitor.post("edit", edit={**IN_REACH, "lon": 110.011})
    assert visitor.post("state")[1]["redo"] is False


def test_facilities_are_named_by_where_they_are_drawn(visitor, page):
    drawn = {"service": "pharmacy", "row": 0}
    name = page._board.answers.facility_at("pharmacy", 0)
    visitor.post("edit", edit={"kind": "capacity", "drawn": drawn, "capacity": 25})
    visitor.post("edit", edit={"kind": "move", "drawn": drawn, "lon": 110.009, "lat": 0.004})
    change = own_change(visitor)
    assert change["capacity"] == [{"facility": name, "capacity": 25.0}]
    assert change["move"][0]["facility"] == name
    visitor.post("edit", edit={"kind": "close", "drawn": drawn})
    change = own_change(visitor)
    assert (change["close"], change["move"], change["capacity"]) == ([name], None, [])
    status, told = visitor.post("edit", edit={"kind": "close", "drawn": drawn})
    assert status == 422
    assert "no such facility" in told["faults"][0]["en"]
    assert visitor.post("edit", edit={"kind": "close", "drawn": {"service": "pharmacy", "row": 99}})[0] == 422


def test_a_place_beyond_reach_is_taken_back_with_its_reason_and_nothing_else_is(visitor):
    visitor.listen()
    visitor.post("edit", edit=IN_REACH)
    visitor.post("edit", edit={**IN_REACH, "lon": 111.5})
    visitor.post("edit", edit={**IN_REACH, "lon": 110.012})
    fault = visitor.next("fault")["faults"][0]
    assert "beyond the boundary" in fault["en"]
    assert "边界外" in fault["zh"]
    deadline = time.monotonic() + 60
    while len(own_change(visitor)["add"]) != 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [one["lon"] for one in own_change(visitor)["add"]] == [IN_REACH["lon"], 110.012]
    version = visitor.post("state")[1]["version"]
    assert visitor.next("verdicts", version=version)["scenario"]["added"] == 2


def test_what_can_be_and_does_not_do_what_it_seems_to_is_said(visitor):
    visitor.listen()
    visitor.post("edit", edit={**IN_REACH, "lon": 110.0215, "lat": 0.0125})
    assert "live.remark.far" in {one["key"] for one in visitor.next("first", version=1)["remarks"]}
    visitor.post("edit", edit={**IN_REACH, "service": "library"})
    (remark,) = visitor.next("first", version=2)["remarks"]
    assert remark == {"key": "live.remark.no-rule", "values": {"service": "library"}}
    visitor.post("edit", edit={"kind": "open-street", "line": [[110.04, 0.04], [110.05, 0.05]]})
    assert "joins no other" in visitor.next("fault")["faults"][0]["en"]
    assert own_change(visitor)["open_streets"] is None


def test_streets_open_and_close_and_are_taken_back_in_any_order(visitor):
    visitor.listen()
    visitor.post("edit", edit={"kind": "close-street", "line": [[110.0001, 0.001], [109.9999, 0.001]]})
    full = visitor.next("verdicts", version=1)
    assert full["scenario"]["closed_m"] > 0
    visitor.post("edit", edit={"kind": "open-street", "line": [[110.001, 0.0001], [110.003, 0.003]]})
    assert visitor.next("verdicts", version=2)["scenario"]["opened_m"] > 0
    visitor.post("edit", edit={"kind": "take-back", "part": "close_streets", "at": 0})
    scenario = visitor.next("verdicts", version=3)["scenario"]
    assert scenario["closed_m"] == 0
    assert scenario["opened_m"] > 0
    assert visitor.post("edit", edit={"kind": "take-back", "part": "close_streets", "at": 0})[0] == 422
    assert visitor.post("edit", edit={"kind": "open-street", "line": [[1, 1], [1, 1]]})[0] == 422


def test_an_answer_that_a_newer_click_has_overtaken_is_not_told(visitor):
    visitor.listen()
    for step in range(6):
        visitor.post("edit", edit={**IN_REACH, "lon": 110.01 + step / 1000})
    told = []
    while not told or told[-1] != ("verdicts", 6):
        kind, values = visitor.events.get(timeout=90)
        if kind in {"first", "verdicts"}:
            told.append((kind, values["version"]))
    versions = [version for _, version in told]
    assert versions == sorted(versions)
    assert told.count(("verdicts", 6)) == 1
    assert len([one for one in told if one[0] == "verdicts"]) < 6


def test_what_is_kept_is_what_the_page_shows_and_a_run_of_it_gives_its_verdicts(visitor, study_file, session):
    visitor.listen()
    visitor.post("name", name="东 east-1")
    visitor.post("edit", edit={**IN_REACH, "name": '"quoted" \\ 名\n#', "capacity": 12.5})
    visitor.post("edit", edit={"kind": "close", "drawn": {"service": "pharmacy", "row": 1}})
    kept = study_file.parent / "what-if" / "东 east-1.toml"
    assert kept.read_bytes() == visitor.get("scenario.toml")
    (change,) = read_scenario_file(kept, root=study_file.parent).scenarios
    assert change.model_dump(mode="json") == own_change(visitor)
    table = pd.read_csv(io.BytesIO(visitor.get("deficits.csv")), dtype=str, keep_default_na=False)
    study = lc.Study.from_file(study_file)
    run = lc.prepare(study).assess(scenario_of_rows(change)).run()
    written = run.write(study_file.parent / "check")
    written_table = pd.read_csv(written / "deficits.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(table, written_table)
    version = visitor.post("state")[1]["version"]
    told = visitor.next("verdicts", version=version)
    assert told["changed"] == len(run.session.assess(scenario_of_rows(change)).effects) > 0
    assert session.scenario.name == "东 east-1"


def test_scenarios_are_named_copied_and_opened_and_never_by_two_pages_at_once(page, visitor):
    visitor.listen()
    assert visitor.post("name", name="harbour")[0] == 200
    visitor.post("edit", edit=IN_REACH)
    visitor.post("name", name="harbour two", copy=True)
    assert {"harbour", "harbour two"} <= set(visitor.post("state")[1]["saved"])
    assert visitor.post("name", name="harbour")[0] == 422, "another scenario has this name"
    other = Visitor(page, "f" * 16).listen()
    status, told = other.post("open", name="harbour two")
    assert status == 422
    assert "another page" in told["faults"][0]["en"]
    assert other.post("open", name="harbour")[1]["change"]["add"][0]["service"] == "pharmacy"
    assert other.post("open", name="never saved")[0] == 422
    assert visitor.post("new")[1]["change"]["add"] is None


def test_sites_are_suggested_for_the_scenario_and_a_wish_can_be_withdrawn(visitor):
    visitor.listen()
    visitor.post("edit", edit=IN_REACH)
    asked = {"service": "pharmacy", "new": 2, "bounds": [109.999, -0.001, 110.01, 0.01]}
    assert visitor.post("suggest", sites=asked)[0] == 200
    assert visitor.next("job")["limit"] == 10
    told = visitor.next("sites")
    assert len(told["places"]) == 2
    assert all(109.999 < lon < 110.01 for lon, _ in told["places"])
    assert told["words"]["zh"] != told["words"]["en"]
    visitor.post("edit", edit={"kind": "sites", "service": "pharmacy", "places": told["places"]})
    assert [one["facility"] for one in own_change(visitor)["add"]] == ["new-1", "new-2", "new-3"]
    nowhere = {**asked, "bounds": [100.0, 10.0, 100.1, 10.1]}
    visitor.post("suggest", sites=nowhere)
    assert "0 places" in visitor.next("sites")["faults"][0]["en"]
    visitor.post("suggest", sites=asked)
    visitor.post("cancel")
    assert visitor.next("job")["job"] is not None
    time.sleep(3)
    kinds = [kind for kind, _ in list(visitor.events.queue)]
    assert "sites" not in kinds
    assert visitor.post("suggest", sites={**asked, "new": 0})[0] == 422


def test_a_page_that_comes_back_finds_its_scenario_and_answers(page, visitor):
    visitor.listen()
    visitor.post("edit", edit=IN_REACH)
    visitor.next("verdicts", version=1)
    written_table = Visitor(page, visitor.desk).listen()
    assert written_table.next("state")["change"]["add"][0]["facility"] == "new-1"
    assert written_table.next("first", version=1)["services"]
    assert written_table.next("verdicts", version=1)["scenario"]["added"] == 1


def test_a_study_that_changes_on_disk_is_said_and_scenarios_stay(tmp_path):
    study = lc.example_study(tmp_path)
    served = lc.prepare(lc.Study.from_file(study)).serve()
    try:
        visitor = Visitor(served).listen()
        visitor.post("edit", edit=IN_REACH)
        time.sleep(0.05)
        facilities = tmp_path / "facilities.csv"
        facilities.write_text(
            facilities.read_text(encoding="utf-8") + "Z,pharmacy,110.001,0.001\n", encoding="utf-8"
        )
        while not (state := visitor.next("state"))["stale"]:
            pass
        assert state["stale"] == ["facilities.csv"]
        assert state["change"]["add"][0]["facility"] == "new-1"
    finally:
        served.stop()
    assert visitor.next("ended") == {}
    assert not served.running


def test_two_pages_of_one_study_stand_side_by_side(session, page, visitor):
    beside = session.serve()
    try:
        assert beside.url != page.url
        other = Visitor(beside, "e" * 16)
        assert other.post("edit", edit=IN_REACH)[0] == 200
        assert visitor.post("state")[0] == 200
        stolen = Visitor(beside, "e" * 16)
        stolen.token = visitor.token
        assert stolen.post("state")[0] == 401, "each page has a token of its own"
    finally:
        beside.stop()
    assert "iframe" in page._repr_html_()
    assert "ended" in repr(beside)


def test_a_folder_that_leads_elsewhere_is_not_written_to(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "elsewhere").mkdir()
    study = lc.example_study(tmp_path / "study")
    (tmp_path / "study" / "what-if").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    served = lc.prepare(lc.Study.from_file(study)).serve()
    try:
        status, told = Visitor(served).post("edit", edit=IN_REACH)
    finally:
        served.stop()
    assert status == 422
    assert "out of the study's folder" in told["faults"][0]["en"]
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.fixture
def started(tmp_path):
    """``lifecircle serve`` as a process of its own, and its link."""
    study = lc.example_study(tmp_path)
    command = [sys.executable, "-m", "lifecircle", "serve", str(study), "--json"]
    # a shell has what it starts in the background ignore Ctrl-C, and so would this process
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    told = {}
    for line in process.stdout:
        told = json.loads(line)
        if told["event"] == "serve-ready":
            break
    assert told.get("url"), process.stderr.read()
    yield process, told
    if process.poll() is None:
        process.kill()
    process.communicate()


class _Link:
    """What a visitor needs of a page."""

    def __init__(self, url):
        self.url = url


FAILURES = [
    (ValueError("odd"), "“serve”: ValueError: odd"),
    (GEOSException("side location conflict"), "the library shapely broke off at “serve”: side"),
    (MemoryError(), "not enough memory"),
]


@pytest.fixture(params=FAILURES, ids=lambda case: type(case[0]).__name__)
def failure(request, monkeypatch, page, tmp_path):
    """Whatever a page asks for fails; some words that say how."""
    error, words = request.param
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(page._board.answers, "circle_around", Mock(side_effect=error))
    monkeypatch.setattr(Session, "assess", Mock(side_effect=error))
    monkeypatch.setattr(Session, "route", Mock(side_effect=error))
    return words


def test_whatever_fails_is_told_to_the_page(visitor, failure, caplog):
    status, told = visitor.post("circle", service="pharmacy", lon=IN_REACH["lon"], lat=IN_REACH["lat"])
    assert status == 500
    assert failure in told["faults"][0]["en"]
    visitor.listen()
    visitor.post("results")
    assert failure in visitor.next("results")["faults"][0]["en"]
    visitor.post("suggest", sites={"service": "pharmacy", "new": 1})
    assert failure in visitor.next("sites")["faults"][0]["en"]
    visitor.post("edit", edit=IN_REACH)
    [said] = visitor.next("fault")["faults"]
    assert failure in said["en"] or "the terminal says more" in said["en"]
    told = [record.getMessage() for record in caplog.records if failure in record.getMessage()]
    assert len(told) == 4
    assert not any("Traceback" in one for one in told)


def test_ctrl_c_ends_it_cleanly(started):
    process, told = started
    visitor = Visitor(_Link(told["url"])).listen()
    assert visitor.post("edit", edit=IN_REACH)[0] == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "Exception" not in err
    assert json.loads(out.splitlines()[-1])["event"] == "serve-ended"


def test_what_was_clicked_before_a_kill_is_there_after_it(started):
    process, told = started
    visitor = Visitor(_Link(told["url"]))
    made = 0
    for step in range(8):
        status, _ = visitor.post("edit", edit={**IN_REACH, "lon": round(110.01 + step / 1000, 7)})
        made += status == 200
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (kept,) = Path(told["folder"]).glob("*.toml")
    (change,) = tomllib.loads(kept.read_text(encoding="utf-8"))["scenarios"]
    assert len(change["add"]) == made == 8
    assert re.match(r"what-if 1\.toml|方案 1\.toml", kept.name)


def test_a_port_that_is_taken_is_a_fault(session, page):
    with pytest.raises(lc.InputError, match="cannot be had"):
        session.serve(port=int(page.url.split(":")[2].split("/")[0]))


def test_a_dropped_step_leaves_the_later_ones():
    draft = Draft(ScenarioChange(name="d"), taken=frozenset({"A", "B"}))
    for edit in (IN_REACH, {"kind": "close", "facility": "A"}, {"kind": "close", "facility": "B"}):
        draft.apply(parsed_edit(edit))
    draft.drop(1)
    assert draft.change.close == ("B",)
    assert draft.change.add[0].facility == "new-1"
    assert draft.undo()
    assert draft.change.close == ()
