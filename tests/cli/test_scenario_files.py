"""Scenarios in rows of a TOML file: in the study file, in files of their own, and as what is run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from own_plans import circle, own_plan
from shapely import LineString, Point

import lifecircle as lc
from lifecircle.sources.scenarios import read_one_scenario

EAST = """
[[scenarios]]
name = "east"
capacity = [{ facility = "ledger:A", capacity = 40.0 }]

[[scenarios.add]]
facility = "east-1"
service = "health-station"
lon = 114.52
lat = 38.005
name = "东区站"

[[scenarios.move]]
facility = "ledger:A"
lon = 114.51
lat = 38.004
"""


def findings(folder):
    table = pd.read_csv(folder / "deficits.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    return table.set_index(["plan", "rule", "level", "code", "service"])


def test_rows_in_the_study_file_are_assessed_as_a_session_assesses_them(village):
    study = village / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + EAST, encoding="utf-8")
    session = lc.prepare(lc.Study.from_file(study))
    asked = lc.Scenario(
        name="east",
        add=[("health-station", (114.52, 38.005), None, "东区站")],
        move=[("ledger:A", (114.51, 38.004))],
        capacity={"ledger:A": 40},
    )
    one, other = (session.assess(scenario) for scenario in (session.scenarios[0], asked))
    pd.testing.assert_frame_equal(one.findings, other.findings)
    facilities = one.inputs.facilities.set_index("facility")
    assert facilities.loc["ledger:A", "capacity"] == 40
    assert facilities.loc["east-1", "name"] == "东区站"


def test_a_file_of_scenarios_is_listed_by_the_study_or_run_by_itself(command, village):
    (village / "what-if").mkdir()
    (village / "what-if" / "east.toml").write_text(EAST, encoding="utf-8")
    study = village / "study.toml"
    under = command("run", study, "--scenario", village / "what-if" / "east.toml", "--output", village / "a")
    assert under.code == 0, under.err
    text = study.read_text(encoding="utf-8")
    listed = text.replace('language = "en"', 'language = "en"\nscenario_files = ["what-if/east.toml"]')
    assert listed != text
    study.write_text(listed, encoding="utf-8")
    beside = command("run", study, "--output", village / "b")
    assert beside.code == 0, beside.err
    effects = pd.read_csv(village / "b" / "effects.csv", encoding="utf-8-sig", dtype=str)
    assert set(effects["scenario"]) == {"east"}
    present, after = findings(village / "b"), findings(village / "a")
    changed = effects.fillna("").set_index(["plan", "rule", "level", "code", "service"])
    assert (present.loc[changed.index, "status"] == changed["status_before"]).all()
    assert (after.loc[changed.index, "status"] == changed["status_after"]).all()
    alike = present.index.difference(changed.index)
    assert present.loc[alike, "status"].equals(after.loc[alike, "status"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('facility = "east-1"\nservice = "health-station"\nlon = 314.5', ["scenarios[1].add[1].lon"]),
        ('facility = "east-1"\nservise = "health-station"\nlon = 114.5', ["servise", "service"]),
        ('facility = "ledger:A"\nservice = "health-station"\nlon = 114.52', ["already"]),
        ('facility = "east-1"\nservice = "health-station"\nlon = 104.52', ["beyond the boundary"]),
    ],
)
def test_rows_that_cannot_be_used_are_named_with_their_place(command, village, change, said):
    broken = EAST.replace('facility = "east-1"\nservice = "health-station"\nlon = 114.52', change)
    assert broken != EAST
    (village / "east.toml").write_text(broken, encoding="utf-8")
    done = command("run", village / "study.toml", "--scenario", village / "east.toml", "--lang", "en")
    assert done.code == 2
    for words in said:
        assert words in done.err


def test_capacities_are_refused_where_no_facility_can_have_them(village):
    session = lc.prepare(lc.Study.from_file(village / "study.toml"))
    asked = lc.Scenario(close=["ledger:A"], capacity=[("ledger:A", 1.0), ("nobody", 2.0), ("nobody", -3.0)])
    with pytest.raises(lc.InputError) as told:
        session.assess(asked)
    assert {fault.key for fault in told.value.faults} == {
        "scenario-capacity-closed",
        "scenario-unknown-facility",
        "scenario-id-twice",
        "scenario-figure",
    }
    with pytest.raises(lc.InputError, match="facility, capacity"):
        session.assess(lc.Scenario(capacity=[("ledger:A",)]))


def test_one_scenario_is_run_with_one_study(command, village):
    (village / "two.toml").write_text(EAST + EAST.replace("east", "west"), encoding="utf-8")
    done = command("run", village / "study.toml", "--scenario", village / "two.toml", "--lang", "en")
    assert done.code == 2
    assert "2 scenarios" in done.err


def test_results_of_a_scenario_stand_beside_those_of_the_study(command, ran, read_contents):
    village, before = ran
    (village / "east.toml").write_text(EAST, encoding="utf-8")
    study = village / "study.toml"
    done = command("run", study, "--scenario", village / "east.toml", "--lang", "en")
    assert done.code == 0, done.err
    assert read_contents(village / "results") == before
    assert f"Results: {village / 'results-east'}" in done.out
    effects = pd.read_csv(village / "results-east" / "effects.csv")
    assert set(effects["scenario"]) == {"east"}
    reached = done.out.partition("from met to not met.")[2].splitlines()[0]
    assert "within reach of a service that they could not reach before" in reached


def _bridge(crs):
    line = LineString([(114.5001, 38.0002), (114.5101, 38.0081)])
    return gpd.GeoDataFrame({"name": ["New Bridge"]}, geometry=[line], crs=4326).to_crs(crs)


FIRST_PHARMACY = """
[[scenarios]]
name = "first pharmacy"

[[scenarios.add]]
facility = "p-1"
service = "pharmacy"
lon = 114.505
lat = 38.0045
"""


def test_verdicts_that_had_no_data_before_a_scenario_are_told_with_its_name(command, village):
    """Nobody knows of a pharmacy; one in the west is in reach of the west alone: one verdict met, two not."""
    plan = own_plan(
        circle("own-station-circle", "health-station", everywhere=True),
        circle("own-pharmacy-circle", "pharmacy", everywhere=True),
    )
    (village / "own.toml").write_text(plan, encoding="utf-8")
    (village / "first.toml").write_text(FIRST_PHARMACY, encoding="utf-8")
    study = village / "study.toml"
    assert command("run", study, "--output", village / "a").code == 0
    asked = ("run", study, "--scenario", village / "first.toml")
    said = command(*asked, "--output", village / "b", "--lang", "en")
    assert said.code == 0, said.err
    assert "两村, under the scenario first pharmacy: 2 communities" in said.out
    assert "Scenario first pharmacy: 0 turned from not met to met, 0 from met to not met." in said.out
    assert f"Every figure that changes: {village / 'b' / 'effects.csv'}" in said.out
    assert "own-pharmacy-circle" in set(pd.read_csv(village / "b" / "effects.csv")["rule"])
    rows = [findings(village / name)["status"].xs("own-pharmacy-circle", level="rule") for name in "ab"]
    assert set(rows[0]) == {"no-data"}
    short = int((rows[1] == "short").sum())
    told = f"{len(rows[1])} verdicts had no data before and can be judged now, {short} of them not met"
    assert told in said.out
    compared = command("compare", village / "a", village / "b", "--lang", "en").out
    assert f"Of the verdicts newly measured, {short} are not met" in compared
    done = command(*asked, "--output", village / "c", "--json").events[-1]
    turned = {"scenario": "first pharmacy", "met": 0, "short": 0}
    assert done["scenarios"] == [{**turned, "newly_judged": len(rows[1]), "newly_short": short}]
    assert "方案“first pharmacy”" in command(*asked, "--output", village / "d", "--lang", "zh").out


def test_a_scenario_of_python_is_written_as_the_file_that_a_study_reads_back(village):
    """Tables in any system, rows, mappings and new facilities without an id say the same from the file."""
    study = lc.Study.from_file(village / "study.toml")
    places = gpd.GeoDataFrame(
        {"service": ["health-station", "pharmacy"], "name": [None, 'Li "Wu"'], "capacity": [30, np.nan]},
        geometry=gpd.points_from_xy([114.52, 114.51], [38.005, 38.006]),
        crs=4326,
    ).to_crs(3857)
    asked = lc.Scenario(
        name="east",
        add=places,
        move=[("ledger:A", (114.511, 38.0042))],
        open_streets=_bridge(4547),
        close_streets=gpd.GeoSeries([LineString([(114.5049, 37.999), (114.5049, 38.001)])], crs=4326),
        capacity={"ledger:A": 40},
    )
    asked.write(village / "east.toml")
    read = read_one_scenario(study, village / "east.toml")
    assert read.added["facility"].tolist() == ["east-1", "east-2"]
    assert read.added["name"].tolist() == ["", 'Li "Wu"']
    assert read.open_streets["name"].tolist() == ["New Bridge"]
    assert read.capacities == [("ledger:A", 40.0)]
    for part in ("added", "moved", "open_streets", "close_streets"):
        one, other = (getattr(scenario, part).geometry.to_crs(4326) for scenario in (asked, read))
        assert one.geom_equals_exact(other, 1e-9, align=False).all(), part
    # written anew it is the same file
    read.write(village / "rewritten.toml")
    assert (village / "rewritten.toml").read_bytes() == (village / "east.toml").read_bytes()


def _park(shape, **more):
    return gpd.GeoDataFrame({"service": ["park"], **more}, geometry=[shape], crs=4326)


@pytest.mark.parametrize(
    ("part", "given", "words"),
    [
        ("add", _park(Point(0, 0), floor_area_m2=[9]), "not floor_area_m2"),
        ("add", _park(Point(0, 0).buffer(1)), "not Polygon"),
        ("close_streets", gpd.GeoSeries([Point(0, 0)], crs=4326), "not Point"),
        ("close_streets", ["7-1"], "not id"),
        ("open_streets", gpd.GeoSeries([LineString([(0, 0), (1, 1)])]), "coordinate system"),
    ],
)
def test_what_such_a_file_cannot_say_is_refused(tmp_path, part, given, words):
    with pytest.raises(lc.InputError, match=words) as refused:
        lc.Scenario(name="east", **{part: given}).write(tmp_path / "east.toml")
    assert f"east.{part}" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_one_fault(tmp_path):
    with pytest.raises(lc.InputError, match=r"nowhere.*cannot be written"):
        lc.Scenario(close=["A"]).write(tmp_path / "nowhere" / "east.toml")
