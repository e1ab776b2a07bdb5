"""Scenarios of a town on two banks: worked out by hand, and equal to reading the changed town anew."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from rebuilt import assert_equal_to_a_rebuild, assert_same_travel
from shapely import Point, Polygon, box

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.study.sections import Costs
from lifecircle.tables import EFFECTS, GAINERS, SCENARIOS, verdict_rows

EAST_M = 1200.0
LEDGER = (
    ("A", "health-station", 200.0, 200.0),
    ("B", "health-station", 800.0, 800.0),
    ("C", "school", 400.0, 600.0),
    ("D", "school", EAST_M + 600.0, 400.0),
)
BRIDGE = [(1000.0, 400.0), (1200.0, 400.0)]


def verdict(findings, rule, code):
    return findings[(findings["rule"] == rule) & (findings["code"] == code)].iloc[0]


def minutes(assessed, service, x, y):
    """Minutes of whoever lives nearest to a place."""
    away = assessed.inputs.demand.geometry.distance(Point(x, y))
    return assessed.travel.minutes.loc[assessed.inputs.demand["demand"].loc[away.idxmin()], service]


def test_nobody_crosses_the_river_without_a_bridge(session):
    assert np.isinf(minutes(session.present, "health-station", EAST_M, 400))
    assert verdict(session.present.findings, "own-station-circle", "130102001002")["value"] == 0


def test_a_bridge_of_200_m_makes_the_walk_that_it_should(session, town_lines):
    over = session.assess(lc.Scenario(name="bridge", open_streets=town_lines(BRIDGE)))
    # from the east bank 200 m over the bridge and 400 + 200 m on to B... or 800 + 200 to A: 800 m, 12 minutes
    assert minutes(over, "health-station", EAST_M, 400) == pytest.approx(12, abs=0.05)
    row = over.summary.iloc[0]
    assert row["streets_opened_m"] == pytest.approx(200, abs=0.1)
    assert (row["facilities_added"], row["facilities_closed"]) == (0, 0)
    assert set(over.sites["change"]) == {"street-opened"}


def test_the_bridge_read_from_the_streets_file_gives_the_same_town(session, read_town, town_lines):
    over = session.assess(lc.Scenario(name="bridge", open_streets=town_lines(BRIDGE)))
    anew = read_town(streets=town_lines(BRIDGE)).present
    assert_same_travel(over.travel, anew.travel)
    pd.testing.assert_frame_equal(over.findings, anew.findings, check_exact=True)


@pytest.mark.parametrize(
    ("scenario", "ledger"),
    [
        (
            {"add": [("ledger:E", "health-station", EAST_M + 10, 430)]},
            [*LEDGER, ("E", "health-station", EAST_M + 10, 430)],
        ),
        ({"close": ["ledger:A"]}, LEDGER[1:]),
        ({"close": ["ledger:A", "ledger:B"]}, LEDGER[2:]),
        (
            {"move": [("ledger:C", EAST_M + 390, 610)]},
            [*LEDGER[:2], ("C", "school", EAST_M + 390, 610), LEDGER[3]],
        ),
        (
            {"add": [("ledger:AA", "school", 0, 0)], "close": ["ledger:D"], "move": [("ledger:B", 5, 5)]},
            [LEDGER[0], ("B", "health-station", 5, 5), LEDGER[2], ("AA", "school", 0, 0)],
        ),
    ],
    ids=["add", "close", "close all", "move", "all three"],
)  # fmt: skip
def test_other_facilities_read_from_the_ledger_give_the_same_town(
    session, read_town, town_place, scenario, ledger
):
    """From files and back: ids, places, distances, owners and findings to the last bit."""
    rows = [
        {"facility": name, "service": service, "geometry": town_place(x, y)}
        for name, service, x, y in scenario.get("add", ())
    ]
    moves = [(name, town_place(x, y)) for name, x, y in scenario.get("move", ())]
    change = lc.Scenario(
        add=gpd.GeoDataFrame(rows, crs=4326) if rows else (), close=scenario.get("close", ()), move=moves
    )
    told = session.assess(change)
    anew = read_town(ledger=ledger).present
    assert_same_travel(told.travel, anew.travel)
    pd.testing.assert_frame_equal(told.findings, anew.findings, check_exact=True)
    columns = ["facility", "service", "community", "inside", "public"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(told.inputs.facilities[columns]), pd.DataFrame(anew.inputs.facilities[columns])
    )
    assert told.inputs.layers_present == anew.inputs.layers_present


def test_everything_at_once_equals_a_rebuild(session, town_lines):
    change = lc.Scenario(
        add=[("school", (114.5001, 38.0001)), ("library", (114.505, 38.004))],
        close=["ledger:B"],
        open_streets=town_lines(BRIDGE, [(1000, 795), (1100, 700), (1205, 790)]),
        close_streets=gpd.GeoSeries([box(390, 100, 410, 300)], crs=session.baseline.inputs.crs),
    )
    assert_equal_to_a_rebuild(session, session.assess(change))


def test_a_new_station_at_the_distance_of_an_old_one_yields_to_the_smaller_id(session, town_place):
    """B stands at (800, 800); its twin at the same place takes over only under a smaller id."""
    at = town_place(800.0, 800.0)
    for name, owner in (("ledger:AA", "ledger:AA"), ("ledger:Z", "ledger:B")):
        rows = gpd.GeoDataFrame({"facility": [name], "service": ["health-station"]}, geometry=[at], crs=4326)
        travel = session.assess(lc.Scenario(add=rows)).travel.facility["health-station"]
        assert set(travel) - {""} == {"ledger:A", owner}


def test_what_is_closed_by_its_edge_is_closed_as_by_a_line_across_it(session, town_lines):
    """A gate is shut on the street from (0, 0) to (200, 0): by a line across it, a point on it, its id."""
    line = session.assess(lc.Scenario(close_streets=town_lines([(100, -5), (100, 5)])))
    point = session.assess(
        lc.Scenario(close_streets=gpd.GeoSeries([Point(100, 0)], crs=session.baseline.inputs.crs))
    )
    gone = set(zip(session.baseline.network.way, session.baseline.network.segment, strict=True)) - set(
        zip(line.state.network.way, line.state.network.segment, strict=True)
    )
    named = session.assess(lc.Scenario(close_streets=[f"{way}-{segment}" for way, segment in gone]))
    assert len(gone) == 1
    assert line.summary["streets_closed_m"].iloc[0] == pytest.approx(200, abs=0.1)
    for other in (point, named):
        assert_same_travel(line.travel, other.travel)
    assert minutes(line, "health-station", 1, 1) > minutes(session.present, "health-station", 1, 1) - 1e-9


def test_nothing_changes_where_nothing_is_asked(session):
    same = session.assess(lc.Scenario())
    assert same.state is session.baseline
    assert same.effects.empty
    assert same.gainers.empty


def test_effects_add_up_to_what_the_findings_say(session, town_place):
    new = lc.Scenario(name="east", add=[("health-station", town_place(EAST_M + 400, 400), None, "East side")])
    findings = session.assess(new)
    EFFECTS.check(findings.effects)
    GAINERS.check(findings.gainers)
    SCENARIOS.check(findings.summary)
    circle = findings.effects.query("rule == 'own-station-circle' and level == 'community'").set_index("code")
    assert set(circle.index) == {"130102001002"}
    row = circle.loc["130102001002"]
    demand = findings.inputs.demand
    near = findings.travel.minutes["health-station"].to_numpy() <= 15
    east = (demand["community"] == "130102001002").to_numpy()
    assert row["newly_reached"] == pytest.approx(demand["residents"][east & near].sum())
    everybody = findings.gainers.set_index("cohort").loc["residents"]
    assert everybody["newly_reached"] == pytest.approx(row["newly_reached"])
    assert everybody["no_longer_reached"] == 0
    assert findings.effects["newly_reached"].dropna().is_monotonic_decreasing
    assert findings.sites[["change", "service", "name"]].iloc[0].tolist() == [
        "added",
        "health-station",
        "East side",
    ]


def test_older_people_gain_by_their_own_speed(session, town_place):
    """Over 60 at 3 km/h: 15 minutes are 750 m to them, 1000 m to everybody."""
    new = session.assess(lc.Scenario(add=[("health-station", town_place(EAST_M, 0))]))
    by_cohort = new.gainers.set_index("cohort")
    demand, metres = new.inputs.demand, new.travel.distance_m["health-station"].to_numpy()
    was = session.present.travel.distance_m["health-station"].to_numpy()
    for cohort, limit_m in (("residents", 1000), ("over60", 750)):
        gained = (metres <= limit_m) & (was > limit_m)
        assert by_cohort.loc[cohort, "newly_reached"] == pytest.approx(demand[cohort][gained].sum())


def test_two_threads_get_the_answers_that_one_gets(session, town_place):
    places = [town_place(EAST_M + 200 * k, 200.0 * k) for k in range(5)]
    changes = [lc.Scenario(name=str(k), add=[("health-station", place)]) for k, place in enumerate(places)]
    alone = [session.assess(change).findings for change in changes]
    with ThreadPoolExecutor(2) as pool:
        combined = list(pool.map(lambda change: session.assess(change).findings, changes * 2))
    for one, other in zip(alone * 2, combined, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(session.present.findings, session.baseline.judgements.findings)


def test_whole_results_of_a_scenario_hold_what_it_changes(session, town_place):
    new = session.assess(lc.Scenario(name="east", add=[("health-station", town_place(EAST_M + 400, 400))]))
    run = new.run(jobs=1)
    assert run.scenarios["scenario"].tolist() == ["east"]
    assert len(run.effects) == len(new.effects)
    assert "east-1" in set(run.catchments["facility"])
    pd.testing.assert_frame_equal(run.findings, new.findings)


PLACE = (114.505, 38.004)


def school(**said):
    """A new school, and what is said of it."""
    return gpd.GeoDataFrame({"service": ["school"], **said}, geometry=[Point(PLACE)], crs=4326)


FAR = gpd.GeoSeries([Polygon([(0, 0), (1, 0), (1, 1)])], crs=4326)


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"add": [("health-staton", PLACE)]}, ["unknown-service"]),
        ({"add": [("school", PLACE, -3)]}, ["scenario-figure"]),
        ({"add": [("school", (38.004, 114.505))]}, ["scenario-unplaceable"]),
        ({"add": [("school", (50.0, 10.0))]}, ["scenario-far"]),
        ({"add": [("school", None)]}, ["scenario-no-place"]),
        ({"add": [("school", (math.nan, 38.0))]}, ["scenario-no-place"]),
        ({"add": [("school",)]}, ["scenario-row"]),
        ({"add": [("school", "here")]}, ["scenario-row"]),
        ({"add": [("school", (114.505,))]}, ["scenario-row"]),
        ({"add": [(None, PLACE)]}, ["unknown-service"]),
        ({"add": school(public="no", meets_standard="abc")}, ["scenario-mark"] * 2),
        ({"add": gpd.GeoDataFrame({"service": ["school"]}, geometry=[Point(PLACE)])}, ["scenario-no-crs"]),
        ({"add": gpd.GeoDataFrame(geometry=[Point(PLACE)], crs=4326)}, ["scenario-no-column"]),
        ({"close": ["ledger:a"], "move": [("ledger:Q", PLACE)]}, ["scenario-unknown-facility"] * 2),
        ({"close": ["ledger:A"], "move": [("ledger:A", PLACE)]}, ["scenario-moved-and-closed"]),
        ({"close_streets": FAR}, ["scenario-closes-nothing"]),
        ({"close_streets": ["7-1", "0-0"]}, ["scenario-unknown-edge"]),
        ({"open_streets": gpd.GeoSeries([Point(PLACE)], crs=4326)}, ["scenario-not-lines"]),
        ({"open_streets": gpd.GeoSeries([Point(PLACE)])}, ["scenario-no-crs"]),
        ({"close_streets": gpd.GeoSeries([Point(PLACE).buffer(9)], crs=4326)}, ["scenario-no-street-left"]),
        ({"close": 3, "close_streets": 7, "move": None}, ["scenario-no-list"] * 3),
        ({"close": "ledger:a"}, ["scenario-unknown-facility"]),
        ({"close_streets": "7-1"}, ["scenario-unknown-edge"]),
        ({"name": None, "open_streets": [Point(PLACE)]}, ["scenario-name", "scenario-no-table"]),
        (
            {"close": ["ledger:a"], "close_streets": ["7-1"], "open_streets": gpd.GeoSeries([Point(PLACE)])},
            ["scenario-unknown-facility", "scenario-unknown-edge", "scenario-no-crs"],
        ),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_says_why(session, change, keys):
    with pytest.raises(InputError) as caught:
        session.assess(lc.Scenario(**change))
    assert [fault.key for fault in caught.value.faults] == keys
    for lang in ("en", "zh"):
        assert caught.value.render(lang)


def test_a_street_that_joins_nothing_is_refused_with_its_distance(session, town_lines):
    with pytest.raises(InputError) as caught:
        session.assess(lc.Scenario(open_streets=town_lines([(1050, 500), (1150, 500)])))
    assert "50 m from its ends" in str(caught.value)


def test_an_unknown_id_is_answered_with_the_nearest(session):
    with pytest.raises(InputError, match="ledger:A"):
        session.assess(lc.Scenario(close=["ledgerA"]))


def test_proposals_turn_what_they_promise(session):
    """The people a model promises are in reach when the sites open, and the closing rule is closed."""
    proposals = lc.propose_sites(session.present, "school", 2, network=session.baseline.network)
    told = session.present.run(jobs=1).with_proposals(proposals)
    assert told.scenarios["kind"].tolist() == ["proposal"]
    gained = told.gainers.set_index("cohort").loc["residents", "newly_reached"]
    assert gained == pytest.approx(proposals.sites["gain"].sum())
    assert told.proposals["turned_met"].sum() == told.scenarios["turned_met"].iloc[0]
    both = told.with_proposals(lc.propose_sites(session.present, "school", 2))
    assert both.scenarios["scenario"].is_unique
    assert len(both.scenarios) == 2


def test_a_rule_is_closed_for_its_cohort_at_its_speed(session):
    """Over 60 at 3 km/h: within 15 minutes means 750 m; the sites bring so many of them into reach."""
    proposals = lc.propose_sites(session.present, "health-station", rule="own-elderly-circle")
    assert proposals.cutoff_min == pytest.approx(15 * 3 / 4)
    rows = proposals.sites[["service", "geometry"]]
    then = session.assess(lc.Scenario(add=rows))
    own = then.findings[then.findings["rule"] == "own-elderly-circle"]
    assert set(own.loc[own["level"] == "community", "status"]) == {"met"}
    by_cohort = then.gainers.set_index("cohort")
    assert by_cohort.loc["over60", "newly_reached"] == pytest.approx(proposals.sites["gain"].sum())
    fewer = lc.propose_sites(session.present, "health-station", rule="own-station-circle")
    assert len(fewer.sites) <= len(proposals.sites)


def test_the_farthest_is_looked_for_beyond_any_limit(session):
    """With a cutoff of 2 minutes everybody is beyond four of them; the least worst walk is still found."""
    near = lc.propose_sites(session.present, "school", 1, "worst", cutoff_min=2)
    far = lc.propose_sites(session.present, "school", 1, "worst", cutoff_min=60)
    assert near.location.objective == pytest.approx(far.location.objective)
    assert near.location.objective > 8
    then = session.assess(lc.Scenario(add=near.sites[["service", "geometry"]]))
    assert then.travel.minutes["school"].max() == pytest.approx(near.location.objective)


def test_people_on_a_bank_without_a_site_are_left_out_and_told(session, town_place):
    """Stations stand in the west; a candidate in the west cannot help the east."""
    places = gpd.GeoSeries([town_place(200, 800)], index=["west"], crs=4326)
    proposals = lc.propose_sites(session.present, "health-station", 1, "worst", candidates=places)
    east = session.baseline.inputs.demand.query("community == '130102001002'")["residents"].sum()
    assert proposals.left_out == pytest.approx(east)
    assert f"{east:,.0f} people live where no site can reach them" in proposals.render()
    assert proposals.location.objective == pytest.approx(15, abs=0.1)


def test_a_campus_is_entered_where_streets_cross_its_outline_and_goes_as_it_came(session):
    """A school of 100 m by 100 m around the crossing at (400, 400): four streets lead into it."""
    campus = gpd.GeoDataFrame(
        {"service": ["school"], "facility": ["campus"]},
        geometry=[box(350, 350, 450, 450)],
        crs=session.baseline.inputs.crs,
    )
    findings = session.assess(lc.Scenario(add=campus, close=["ledger:A"]))
    assert_equal_to_a_rebuild(session, findings)
    entries = findings.inputs.entries.query("facility == 'campus'")
    places = {(round(place.x), round(place.y)) for place in entries.geometry}
    assert places == {(350, 400), (450, 400), (400, 350), (400, 450)}
    assert minutes(findings, "school", 400, 400) < minutes(session.present, "school", 400, 400)


def test_a_scenario_costs_what_it_builds_and_that_for_everybody_newly_in_reach(town, town_lines):
    study = lc.Study.from_file(town)
    priced = study.model_copy(update={"costs": Costs(facilities={"school": 5e6}, street_m=2000.0)})
    session = lc.prepare(priced)
    over = session.assess(lc.Scenario(name="bridge", open_streets=town_lines(BRIDGE))).summary.iloc[0]
    assert over["cost"] == pytest.approx(2000 * over["streets_opened_m"])
    # everybody newly within the limit of any service, by hand from the walks before and after
    before, after = (
        session.present.travel.minutes,
        session.assess(lc.Scenario(name="bridge", open_streets=town_lines(BRIDGE))).travel.minutes,
    )
    fresh = ((after <= 15) & ~(before <= 15)).any(axis=1)
    people = session.present.inputs.demand.set_index("demand")["residents"][fresh].sum()
    assert people > 0
    assert over["people_reached"] == pytest.approx(people)
    assert over["cost_per_person"] == pytest.approx(over["cost"] / people)
    # moved is built anew, closed costs nothing, and what has no cost leaves the sum blank
    places = gpd.GeoDataFrame(
        {"facility": ["ledger:D"]}, geometry=[Point(1300, 100)], crs=town_lines(BRIDGE).crs
    )
    moved = session.assess(lc.Scenario(name="moved", move=places)).summary.iloc[0]
    assert moved["cost"] == 5e6
    assert session.assess(lc.Scenario(name="shut", close=["ledger:C"])).summary["cost"].item() == 0
    places = places.assign(facility="ledger:A")
    assert math.isnan(session.assess(lc.Scenario(name="blank", move=places)).summary["cost"].item())


def test_costs_of_services_that_nobody_knows_are_refused(town):
    priced = lc.Study.from_file(town).model_copy(
        update={"costs": Costs(facilities={"scool": 1.0, "schol": 2.0})}
    )
    with pytest.raises(InputError) as told:
        lc.prepare(priced)
    assert {(fault.key, fault.field) for fault in told.value.faults} == {
        ("unknown-service", "costs.facilities")
    }
    assert [name in str(told.value) for name in ("scool", "schol")] == [True, True]


def test_a_rule_that_lacks_its_data_afterwards_keeps_its_verdict_and_says_so(tmp_path):
    """The only supermarket of a source that is complete for nothing closes: nobody knows of others."""
    example = lc.prepare(lc.Study.from_file(lc.example_study(tmp_path)))
    closed = example.assess(lc.Scenario(name="closed", close=["facilities:D"]))
    key = ["rule", "level", "code", "service"]
    lost = closed.findings[closed.findings["status"] == "no-data"].set_index(key)
    was = example.present.findings.set_index(key)["status"].reindex(lost.index)
    assert was.isin(["met", "short"]).any()
    assert not (closed.effects["status_after"] == "no-data").any()
    assert not pd.MultiIndex.from_frame(closed.effects[key]).isin(lost.index[was != "no-data"]).any()
    verdicts = verdict_rows(closed.findings).set_index(key)["status"]
    before = verdict_rows(example.present.findings).set_index(key)["status"].reindex(verdicts.index)
    kept = (before.isin(["met", "short"]) & verdicts.eq("no-data")).sum()
    assert closed.summary["verdicts_kept"].tolist() == [kept]
    assert kept > 0


def test_verdicts_that_only_a_scenario_has_data_for_are_counted(tmp_path):
    """The first laundry lets every rule about laundries be judged; some fall short that nobody knew of."""
    example = lc.prepare(lc.Study.from_file(lc.example_study(tmp_path)))
    place = example.baseline.inputs.demand.to_crs(4326).geometry.iloc[0]
    opened = example.assess(lc.Scenario(name="first", add=[("laundry", (place.x, place.y))]))
    key = ["plan", "rule", "level", "code", "service"]
    after = verdict_rows(opened.findings).set_index(key)["status"]
    before = verdict_rows(example.present.findings).set_index(key)["status"].reindex(after.index)
    fresh = after[(before == "no-data") & after.isin(["met", "short"])]
    assert len(fresh) > 0
    row = opened.summary.iloc[0]
    assert (row["newly_judged"], row["newly_short"]) == (len(fresh), (fresh == "short").sum())
    assert f"newly_judged={len(fresh)}" in repr(opened)
    nothing = example.assess(lc.Scenario(name="none"))
    assert nothing.summary[["newly_judged", "newly_short"]].to_numpy().tolist() == [[0, 0]]
    assert "newly_judged" not in repr(nothing)
