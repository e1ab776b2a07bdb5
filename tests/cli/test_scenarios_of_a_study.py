"""``[[scenarios]]`` of a study file: assessed beside the present, and refused with every fault at once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import LineString
from small_study import write_layer

import lifecircle as lc

TWO = """
[[scenarios]]
name = "东站"
add = "new.csv"

[[scenarios]]
name = "shut"
close = ["ledger:A"]
close_streets = "gate.gpkg"
"""


def with_scenarios(village, text):
    """The village's study with scenarios, and the files that they name."""
    study = village / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + text, encoding="utf-8")
    (village / "new.csv").write_text(
        "id,name,service,lon,lat\n1,东区站,health-station,114.52,38.005\n", encoding="utf-8"
    )
    write_layer(village / "gate.gpkg", [LineString([(600, 480), (600, 520)])], name=["gate"])
    return study


def test_scenarios_are_assessed_and_written_beside_the_present(command, village):
    study = with_scenarios(village, TWO)
    said = command("run", study, "--output", village / "out", "--lang", "en")
    assert said.code == 0, said.err
    effects = pd.read_csv(village / "out" / "effects.csv", encoding="utf-8-sig", dtype={"code": str})
    assert set(effects["scenario"]) == {"东站", "shut"}
    city = effects[effects["level"] == "city"].set_index("scenario")
    assert city.loc["东站", ["status_before", "status_after"]].tolist() == ["short", "met"]
    changed = gpd.read_file(village / "out" / "study.gpkg", layer="scenarios").set_index("scenario")
    assert changed.loc["东站", ["change", "id", "name"]].tolist() == ["added", "new:1", "东区站"]
    assert changed.loc["shut", "change"] == "closed"
    assert gpd.read_file(village / "out" / "study.gpkg", layer="scenario_streets")["change"].tolist() == [
        "street-closed"
    ]
    book = pd.read_excel(village / "out" / "deficits.xlsx", sheet_name=None, dtype=str)
    assert {"Scenarios", "Who gains", "Before and after"} <= set(book)
    assert "Scenario 东站: 2 turned from not met to met, 0 from met to not met." in said.out
    # as things are nothing differs, and the reader is told where the scenarios stand
    same = command("compare", village / "out", village / "out", "--lang", "en").out
    assert "holds scenarios, too" in same
    assert str(village / "out" / "effects.csv") in same


def test_a_session_of_the_study_gives_what_the_run_gives(village):
    study = lc.Study.from_file(with_scenarios(village, TWO))
    session = lc.prepare(study)
    assert [scenario.name for scenario in session.scenarios] == ["东站", "shut"]
    run = lc.run(study)
    told = [session.assess(scenario).effects for scenario in session.scenarios]
    pd.testing.assert_frame_equal(run.effects, pd.concat(told, ignore_index=True))
    assert run.scenarios["turned_met"].tolist() == [2, 0]


def test_every_fault_of_every_scenario_is_told_at_once(command, village):
    broken = """
[[scenarios]]
name = "one"
add = "missing.csv"

[[scenarios]]
name = "one"
add = "unknown.csv"

[[scenarios]]
name = "nothing"
"""
    study = with_scenarios(village, broken)
    (village / "unknown.csv").write_text("service,lon,lat\nhealth-staton,114.52,38.0\n", encoding="utf-8")
    said = command("check", study, "--lang", "en")
    assert said.code == 2
    for words in ("missing.csv", "two scenarios have the same name", "health-staton", "changes nothing"):
        assert words in said.err


def test_ids_and_streets_that_are_not_there_are_told_by_check(command, village):
    wrong = """
[[scenarios]]
name = "ids"
close = ["ledger:B"]

[[scenarios]]
name = "river"
open_streets = "far.gpkg"
"""
    study = with_scenarios(village, wrong)
    write_layer(village / "far.gpkg", [LineString([(9000, 9000), (9100, 9000)])], name=[""])
    said = command("check", study, "--lang", "en")
    assert said.code == 2
    assert "did you mean ledger:A?" in said.err
    assert "joins no other" in said.err


def test_a_key_that_scenarios_do_not_have_is_named_with_the_nearest(command, village):
    study = with_scenarios(village, '\n[[scenarios]]\nname = "x"\nopen_street = "gate.gpkg"\n')
    said = command("check", study, "--lang", "en")
    assert said.code == 2
    assert "scenarios[1].open_street" in said.err
    assert "open_streets" in said.err
