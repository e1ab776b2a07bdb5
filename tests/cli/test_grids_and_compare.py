"""Household grids and comparisons from the command line, on the village."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd


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
