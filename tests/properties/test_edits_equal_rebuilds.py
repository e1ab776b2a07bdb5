"""Random edits, undone and redone in any order: the scenario left is what a rebuild with it gives."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rebuilt import assert_equal_to_a_rebuild
from shapely import box

import lifecircle as lc
from lifecircle.analysis.measure import build_results
from lifecircle.assessment import summarise
from lifecircle.errors import InputError
from lifecircle.outputs.web_map.tallies import totals
from lifecircle.serve.answers import Answers
from lifecircle.serve.drafts import Draft
from lifecircle.serve.edits import parsed_edit
from lifecircle.serve.store import change_toml
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.stages import Stages
from lifecircle.study.reading import read_scenario_file
from lifecircle.study.scenarios import DrawnStreet, ScenarioChange
from lifecircle.tables import SUMMARY


@pytest.fixture(scope="module")
def town():
    """The module that writes the town on two banks."""
    path = Path(__file__).parents[1] / "analysis" / "conftest.py"
    spec = importlib.util.spec_from_file_location("town_of_edits", path)
    module = sys.modules.setdefault("town_of_edits", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def session(town, tmp_path_factory):
    study = town.write_town(tmp_path_factory.mktemp("edited"), ledger=town.LEDGER)
    return lc.prepare(lc.Study.from_file(study))


@pytest.fixture(scope="module")
def answers(session):
    """What the page of the town is told."""
    run = build_results(session.present, (), Stages(None, session.study.path), jobs=1, drawn=False)
    return Answers(session, run)


PLACES = st.tuples(st.integers(0, 44), st.integers(0, 20))
FACILITIES = st.sampled_from(["ledger:A", "ledger:B", "ledger:C", "ledger:D", "new-1", "new-2"])
EDITS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(["health-station", "school"]), PLACES),
    st.tuples(st.just("move"), FACILITIES, PLACES),
    st.tuples(st.just("close"), FACILITIES),
    st.tuples(st.just("capacity"), FACILITIES, st.integers(0, 500)),
    st.tuples(st.just("open-street"), PLACES, PLACES),
    st.tuples(st.just("close-street"), PLACES),
    st.tuples(st.just("take-back"), st.sampled_from(["add", "close", "move", "capacity"]), st.integers(0, 1)),
    st.just(("undo",)),
    st.just(("undo",)),
    st.just(("redo",)),
)


def asked(town, kind, *told):
    """An edit as the page would send it."""

    def lon_lat(place):
        point = town.degrees(50.0 * place[0] + 3, 50.0 * place[1] - 2)
        return point.x, point.y

    def at(place):
        return dict(zip(("lon", "lat"), lon_lat(place), strict=True))

    def across(place):
        return [lon_lat(place), lon_lat((place[0] + 1, place[1] + 1))]

    hows = {
        "add": lambda service, place: {"service": service, **at(place)},
        "move": lambda facility, place: {"facility": facility, **at(place)},
        "close": lambda facility: {"facility": facility},
        "capacity": lambda facility, amount: {"facility": facility, "capacity": amount},
        "open-street": lambda one, other: {"line": [lon_lat(one), lon_lat(other)]},
        "close-street": lambda place: {"line": across(place)},
        "take-back": lambda part, number: {"part": part, "at": number},
    }
    return {"kind": kind, **hows[kind](*told)}


def assert_told_as_the_walks_are(session, answers, change, assessed):
    """What the page is told is what the walks and findings of the rebuilt town come to."""
    codes = answers.page["communities"]["code"]
    demand, before = assessed.inputs.demand, session.baseline.travel.minutes
    first = answers.first(session.route(scenario_of_rows(change), jobs=1), change, [])
    changed = [name for name in before if not before[name].equals(assessed.travel.minutes[name])]
    assert set(changed) <= set(first["services"])
    for name, told in first["services"].items():
        was, now = (table[name].to_numpy() <= told["limit"] for table in (before, assessed.travel.minutes))
        counted = demand["residents"].where(demand["inside"], 0.0)
        assert (told["before"], told["after"]) == (round(counted[was].sum()), round(counted[now].sum()))
        shift = demand["residents"] * (now.astype(int) - was.astype(int))
        moved = shift.groupby(demand["community"]).sum().reindex(codes).fillna(0.0).to_numpy()
        assert (told["more"], told["fewer"]) == tuple(
            [row for row, people in enumerate(moved) if people * sign > 0] for sign in (1, -1)
        )
    full = answers.full(assessed)
    assert full["changed"] == len(assessed.effects)
    towns = [one["code"] for one in answers.page["townships"]]
    assert full["totals"] == totals(run_of(session, assessed), towns).get(assessed.scenario.name)


def run_of(session, assessed):
    """The study's results with the scenario counted anew, from nothing that was kept."""
    findings = session.baseline.judgements.findings
    summary = summarise(findings, session.baseline.inputs, assessed.effects)
    return SimpleNamespace(summary=summary, mode_summary=SUMMARY.empty())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=1, max_size=12))
def test_whatever_is_clicked_equals_a_rebuild(session, answers, town, tmp_path_factory, steps):
    taken = frozenset(session.baseline.inputs.facilities["facility"])
    draft = Draft(ScenarioChange(name="clicked"), taken=taken)
    done, undone = [draft.change], []
    for kind, *told in steps:
        if kind == "undo":
            if draft.undo():
                undone.append(done.pop())
        elif kind == "redo":
            if draft.redo():
                done.append(undone.pop())
        else:
            try:
                draft.apply(parsed_edit(asked(town, kind, *told)))
            except InputError:
                continue  # closed already, or not there yet: the scenario stays as it is
            done.append(draft.change)
            undone.clear()
        assert draft.change == done[-1], "every step back is the scenario that was"
    try:
        assessed = session.assess(scenario_of_rows(draft.change))
    except InputError as error:
        assume({fault.key for fault in error.faults} - {"scenario-street-apart", "scenario-closes-nothing"})
        raise
    assert_equal_to_a_rebuild(session, assessed)
    assert_told_as_the_walks_are(session, answers, draft.change, assessed)
    kept = tmp_path_factory.mktemp("kept") / "clicked.toml"
    kept.write_text(change_toml(draft.change), encoding="utf-8")
    (read,) = read_scenario_file(kept, root=kept.parent).scenarios
    assert change_toml(read) == change_toml(draft.change)
    assert session.assess(scenario_of_rows(read)).findings.equals(assessed.findings)


def test_a_street_through_water_can_be_drawn_and_is_remarked_on(session, answers, town):
    river = gpd.GeoSeries([box(town.SIDE_M + 50, 0, town.EAST_M - 50, town.SIDE_M)], crs=town.CRS)
    run = answers.results
    water = gpd.GeoDataFrame(geometry=river.to_crs(run.inputs.crs))
    inputs = dataclasses.replace(run.inputs, water=water)
    by_the_river = Answers(session, dataclasses.replace(run, inputs=inputs))

    def remarks(*places):
        line = tuple((point.x, point.y) for point in (town.degrees(*place) for place in places))
        change = ScenarioChange(name="drawn", open_streets=(DrawnStreet(line=line),))
        told = by_the_river.first(session.route(scenario_of_rows(change), jobs=1), change, [])
        return [(one["key"], one["values"]) for one in told["remarks"]]

    assert remarks((200, 201), (399, 400)) == []
    assert remarks((town.SIDE_M, 400), (town.EAST_M, 400)) == [("live.remark.through-wall", {"n": "1"})]
