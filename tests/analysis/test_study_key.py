"""What a study's results depend on: the key changes with it, and with nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pytest
from own_plans import circle, own_plan
from small_study import study_text, write_two_communities

import lifecircle as lc
from lifecircle.analysis import study_key as module
from lifecircle.analysis.complete import finished_figures
from lifecircle.analysis.study_key import study_key

FACILITIES = """
[[facilities]]
source = "ledger.csv"
service = "health-station"
"""


@pytest.fixture
def town(tmp_path):
    """A study of two communities, a ledger, a plan and a scenario file that names a further file."""
    folder = tmp_path / "town"
    folder.mkdir()
    write_two_communities(folder)
    (folder / "ledger.csv").write_text("id,lon,lat\nA,114.505,38.0045\n", encoding="utf-8")
    plan = own_plan(circle("own-station-circle", "health-station", everywhere=True))
    (folder / "own.toml").write_text(plan, encoding="utf-8")
    (folder / "more.csv").write_text("id,lon,lat,service\nB,114.51,38,health-station\n", encoding="utf-8")
    scenario = '[[scenarios]]\nname = "B"\nadd = "more.csv"\n'
    (folder / "later.toml").write_text(scenario, encoding="utf-8")
    words = study_text("Town", FACILITIES).replace("as_of", 'scenario_files = ["later.toml"]\nas_of')
    (folder / "study.toml").write_text(words, encoding="utf-8")
    return folder


def key_of(folder, **how):
    return study_key(lc.Study.from_file(folder / "study.toml"), **how)


def test_a_moved_folder_and_words_that_say_nothing_keep_the_key(town, tmp_path):
    key = key_of(town)
    assert len(key) == 32
    study = town / "study.toml"
    study.write_text("# a remark\n" + study.read_text(encoding="utf-8"), encoding="utf-8")
    assert key_of(town) == key
    assert key_of(shutil.copytree(town, tmp_path / "elsewhere")) == key
    study.write_text(
        study.read_text(encoding="utf-8").replace("as_of", 'output = "other"\nas_of'), encoding="utf-8"
    )
    assert key_of(town) == key


@pytest.mark.parametrize(
    "name", ["ledger.csv", "own.toml", "later.toml", "more.csv", "streets.gpkg", "communities.prj"]
)
def test_every_file_counts_those_beside_an_input_and_behind_a_scenario_too(town, name):
    key = key_of(town)
    with (town / name).open("ab") as file:
        file.write(b"\n# one more\n")
    assert key_of(town) != key


def test_settings_language_day_and_versions_count(town, monkeypatch):
    keys = [key_of(town), key_of(town, lang="zh")]
    study = town / "study.toml"
    words = study.read_text(encoding="utf-8")
    study.write_text(words + "[assumptions]\nwalk_speed_kmh = 4.5\n", encoding="utf-8")
    keys.append(key_of(town))
    study.write_text(words.replace("as_of = 2025-06-30\n", ""), encoding="utf-8")
    keys.append(key_of(town))

    class Tomorrow(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime.now(tz) + dt.timedelta(days=1)

    monkeypatch.setattr(module, "dt", SimpleNamespace(datetime=Tomorrow, UTC=dt.UTC))
    keys.append(key_of(town))
    monkeypatch.setattr(module, "version", lambda name: f"{name} 0")
    keys.append(key_of(town))
    assert len(set(keys)) == len(keys)


def test_what_nobody_can_say_beforehand_has_no_key(town):
    study = town / "study.toml"
    words = study.read_text(encoding="utf-8")
    study.write_text(words.replace('"streets.gpkg"', '"osm"'), encoding="utf-8")
    assert key_of(town) == ""


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"key": "k", "files": ["gone.csv"], "outcome": {}}'])
def test_a_folder_that_does_not_say_that_it_is_whole_is_not_finished(tmp_path, record):
    (tmp_path / "run.json").write_text(record, encoding="utf-8")
    assert finished_figures(tmp_path, "k") is None


def test_a_finished_folder_tells_its_outcome_for_its_own_key_alone(tmp_path):
    record = {"key": "k", "files": ["run.json"], "outcome": {"met": 3}}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert finished_figures(tmp_path, "k") == {"met": 3, "folder": str(tmp_path)}
    assert finished_figures(tmp_path, "other") is None
    (tmp_path / "run.json").write_text(json.dumps({**record, "key": ""}), encoding="utf-8")
    assert finished_figures(tmp_path, "") is None
