"""A study's network kept from one run to the next: same results, noticed when damaged, removed on request."""

import os
import time

import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.network.examples import grid_network
from lifecircle.network.store import stored_network


def kept_study(village):
    """The village's study with its network cached."""
    path = village / "study.toml"
    text = path.read_text(encoding="utf-8").replace("[streets]", "[streets]\ncache = true")
    path.write_text(text, encoding="utf-8")
    return lc.Study.from_file(path)


def test_a_kept_network_gives_the_same_results_and_is_noticed_when_damaged(
    command, village, tmp_path, monkeypatch
):
    folder = tmp_path / "kept"
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(folder))
    study = kept_study(village)
    first, second = lc.run(study), lc.run(study)
    pd.testing.assert_frame_equal(first.findings, second.findings)
    pd.testing.assert_frame_equal(first.travel.minutes, second.travel.minutes)
    assert "network-cache-damaged" not in set(second.inputs.quality["remark"])
    (file,) = folder.iterdir()
    whole = bytearray(file.read_bytes())
    middle = slice(len(whole) // 2, len(whole) // 2 + 64)
    whole[middle] = bytes(byte ^ 0xFF for byte in whole[middle])
    file.write_bytes(whole)
    third = lc.run(study)
    assert "network-cache-damaged" in set(third.inputs.quality["remark"])
    pd.testing.assert_frame_equal(first.travel.minutes, third.travel.minutes)
    assert command("cache", "--json").events[0]["files"] == 1
    assert "1 file" in command("cache", "--prune", "--lang", "en").out
    assert command("cache", "--json").events[0]["files"] == 0


def test_nothing_is_kept_unless_asked_for(village, tmp_path, monkeypatch):
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(tmp_path / "kept"))
    lc.check(lc.Study.from_file(village / "study.toml"))
    assert not (tmp_path / "kept").exists()


@pytest.fixture
def aged(tmp_path, monkeypatch):
    """A cache of three networks, used 1, 5 and 30 days ago, and the size of each in MB."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(folder))
    for days in (1, 5, 30):
        stored_network(folder, f"used-{days}", grid_network)
        used = time.time() - days * 86_400
        os.utime(folder / f"used-{days}.network", (used, used))
    return folder, (folder / "used-1.network").stat().st_size / 1e6


def left(folder):
    return {file.stem.removeprefix("used-") for file in folder.iterdir()}


def test_what_was_used_long_ago_or_is_too_much_goes_and_nothing_else(command, aged):
    folder, size = aged
    said = command("cache", "--prune", "--unused-days", "10", "--json")
    assert said.events[0]["files"] == 1
    assert left(folder) == {"1", "5"}
    command("cache", "--prune", "--keep-mb", str(1.5 * size))
    assert left(folder) == {"1"}
    command("cache", "--prune", "--keep-mb", str(1.5 * size))
    assert left(folder) == {"1"}


def test_what_to_remove_says_nothing_unless_something_is_to_be_removed(command, aged):
    said = command("cache", "--keep-mb", "0", "--json")
    assert (said.code, said.events[0]["key"]) == (2, "prune-not-asked")
    assert left(aged[0]) == {"1", "5", "30"}


def test_a_new_network_takes_the_place_of_those_used_longest_ago(aged, monkeypatch):
    folder, size = aged
    assert stored_network(folder, "used-30", grid_network).came == "read"  # and is the last used from now on
    monkeypatch.setenv("LIFECIRCLE_CACHE_MB", str(2.5 * size))
    stored_network(folder, "used-0", grid_network)
    assert left(folder) == {"0", "30"}
    monkeypatch.setenv("LIFECIRCLE_CACHE_MB", "0")
    stored_network(folder, "used-00", grid_network)
    assert left(folder) == {"00"}, "the one just made is kept"


def test_a_network_that_is_removed_while_it_is_read_stays_whole(aged, command):
    read = stored_network(aged[0], "used-1", grid_network).network
    command("cache", "--prune")
    assert left(aged[0]) == set()
    assert read.digest == grid_network().digest
    assert int(read.cost.sum()) == int(grid_network().cost.sum())


def test_a_run_keeps_what_it_is_told_to_keep_and_prune_removes_it(command, village, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(folder))
    study = village / "study.toml"
    study.write_text(
        study.read_text(encoding="utf-8").replace("as_of", "cache = true\ncounties = true\nas_of"),
        encoding="utf-8",
    )
    bare = command("run", str(study), "--no-cache", "--lang", "en")
    assert bare.code == 0
    assert "counties = true made no pages: the communities are known to lie in 1 county only" in bare.err
    assert "earlier runs" not in bare.err
    assert not folder.exists()
    study.write_text(study.read_text(encoding="utf-8").replace("cache = true\n", ""), encoding="utf-8")
    first = command("run", str(study), "--cache", "--lang", "en")
    assert first.code == 0
    assert "Nothing was kept from earlier runs" in first.err
    # the streets, and the areas and the raster of the one service
    assert sorted(file.suffix for file in folder.iterdir()) == [".kept", ".kept", ".network"]
    assert command("cache", "--json").events[0]["files"] == 3
    second = command("run", str(study), "--cache", "--lang", "en").err
    kept = "street network; service areas of 1 of 1 service; rasters of 1 of 1 service"
    assert f"Kept from earlier runs: {kept}." in second
    command("cache", "--prune")
    assert list(folder.iterdir()) == []


def test_a_run_that_cannot_keep_its_network_says_so(command, village, tmp_path, monkeypatch):
    (tmp_path / "kept").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(tmp_path / "kept"))
    told = command("run", str(village / "study.toml"), "--cache", "--lang", "en")
    assert told.code == 0
    assert "could not be kept for the next" in told.err
    kept_study(village)
    checked = lc.run(lc.Study.from_file(village / "study.toml")).inputs.quality
    (item,) = checked.loc[checked["remark"] == "network-cache-unwritable", "item"]
    assert item == str(tmp_path / "kept")
