"""A study's network kept from one run to the next: same results, noticed when damaged, removed on request."""

import pandas as pd

import lifecircle as lc


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
    whole[len(whole) // 2 : len(whole) // 2 + 64] = b"\xff" * 64
    file.write_bytes(whole)
    third = lc.run(study)
    assert "network-cache-damaged" in set(third.inputs.quality["remark"])
    pd.testing.assert_frame_equal(first.travel.minutes, third.travel.minutes)
    assert command("cache", "--json").events[0]["files"] == 1
    assert "1 network" in command("cache", "--prune", "--lang", "en").out
    assert command("cache", "--json").events[0]["files"] == 0


def test_nothing_is_kept_unless_asked_for(village, tmp_path, monkeypatch):
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(tmp_path / "kept"))
    lc.check(lc.Study.from_file(village / "study.toml"))
    assert not (tmp_path / "kept").exists()
