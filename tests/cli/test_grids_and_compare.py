"""Household grids and comparisons from the command line, on the village."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

import lifecircle as lc

CODES = ("130102001001", "130102001002")


def with_households(village):
    """The village's communities, each with a thousand households in town."""
    table = gpd.read_file(village / "communities.gpkg")
    table.assign(households=1000.0, scope="urban").to_file(village / "communities.gpkg")
    return village / "study.toml"


def test_grids_are_written_counted_and_read_back_by_the_study(command, village):
    study = with_households(village)
    said = command("grids", study, "-o", village / "grids.gpkg", "--json")
    assert said.code == 0, said.err
    [told] = said.events
    grids = gpd.read_file(village / "grids.gpkg", layer="grids")
    homes = gpd.read_file(village / "grids.gpkg", layer="communities")
    assert told["event"] == "grids"
    assert told["grids"] == len(grids) == homes["made"].sum()
    assert (told["least"], told["most"]) == (len(grids), 3 * len(grids))
    assert (homes["wanted"] == 2).all()
    layer = '\n[[areas]]\nkind = "grid"\nsource = "grids.gpkg"\nlayer = "grids"\n'
    study.write_text(study.read_text(encoding="utf-8") + layer, encoding="utf-8")
    assert command("check", study).code == 0


GRID_LAYER = """
[[areas]]
kind = "grid"
source = "grids.gpkg"
layer = "grids"
columns = { staff = "workers_least" }
"""


def grid_verdicts(study):
    """What Hainan's rules on grids say of a study: status and deficit of every community and of the whole."""
    findings = lc.run(lc.Study.from_file(study)).findings
    own = findings[findings["rule"].str.startswith("hainan-grid-")]
    return own.set_index(["rule", "code"])[["status", "value", "deficit"]]


def test_proposed_grids_are_judged_by_the_rules_they_were_made_for(command, village):
    """Two communities of a thousand households need two grids each; a grid taken away is missed."""
    study = with_households(village)
    words = study.read_text(encoding="utf-8").replace('"own.toml"', '"hainan-2022"')
    study.write_text(words, encoding="utf-8")
    sizes, whole, staff = (f"hainan-grid-{name}" for name in
                           ("urban-500-households", "full-coverage", "staff-1-3"))  # fmt: skip
    before = grid_verdicts(study)
    assert set(before["status"]) == {"no-data"}
    assert command("grids", study, "-o", village / "grids.gpkg").code == 0
    study.write_text(words + GRID_LAYER, encoding="utf-8")
    verdicts = grid_verdicts(study)
    for code in CODES:
        assert tuple(verdicts.loc[(sizes, code)]) == ("met", 500.0, 0.0)
        assert verdicts.loc[(whole, code), "status"] == "met"
    assert set(verdicts.loc[[sizes, whole, staff], "status"]) == {"met"}
    grids = gpd.read_file(village / "grids.gpkg", layer="grids")
    sizes_made = grids.groupby(grids["code"].str[:12])["households"]
    assert (sizes_made.max() - sizes_made.min() <= 0.1 * sizes_made.mean()).all(), "even to a tenth"

    lost = grids[grids["code"].str.startswith(CODES[0])].iloc[0]
    kept = grids[grids["code"] != lost["code"]]
    kept.to_file(village / "grids.gpkg", layer="grids", mode="w")
    verdicts = grid_verdicts(study)
    assert tuple(verdicts.loc[(sizes, CODES[0])]) == ("short", 1000.0, 1.0)
    assert verdicts.loc[(sizes, CODES[1]), "status"] == "met"
    missing = verdicts.loc[(whole, CODES[0])]
    assert missing["status"] == "short"
    area = gpd.GeoSeries([lost["geometry"]], crs=grids.crs).to_crs(32650).area.iloc[0]
    assert missing["deficit"] == pytest.approx(area, rel=5e-3)


def test_grids_of_cells_are_refused(command, village):
    study = village / "study.toml"
    words = study.read_text(encoding="utf-8")
    cells = 'boundary = "communities.gpkg"\ngrid = "square:500m"'
    study.write_text(words.replace('communities = "communities.gpkg"', cells), encoding="utf-8")
    said = command("grids", study, "-o", village / "grids.gpkg", "--lang", "en")
    assert said.code == 2
    assert "square:500m" in said.err


def test_slower_walkers_worsen_the_verdicts_and_the_assumption_is_named_as_the_cause(command, village):
    assert command("run", village / "study.toml", "--output", village / "a").code == 0
    study = village / "study.toml"
    slow = "\n[assumptions]\nwalk_speed_kmh = 0.5\n"
    study.write_text(study.read_text(encoding="utf-8") + slow, encoding="utf-8")
    assert command("run", village / "study.toml", "--output", village / "b").code == 0
    said = command("compare", village / "a", village / "b", "-o", village / "c.csv", "--json")
    assert said.code == 0, said.err
    [told] = said.events
    table = pd.read_csv(village / "c.csv", encoding="utf-8-sig")
    assert told["worsened"] + told["improved"] + told["newly"] + told["no_longer"] == len(table)
    assert told["worsened"] > 0
    assert told["improved"] == 0
    assert set(table["cause"]) == {"assumption"}
    assert table["causes"].str.contains("walk_speed_kmh: 4").all()


def test_a_folder_that_is_no_run_and_a_file_of_another_kind_are_refused(command, village):
    said = command("compare", village, village, "--lang", "en")
    assert said.code == 2
    assert "run.json" in said.err
    said = command("compare", village, village, "-o", village / "c.pdf", "--lang", "en")
    assert said.code == 2
    assert ".xlsx, .csv" in said.err
