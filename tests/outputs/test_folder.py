"""A results folder is replaced all at once or not at all."""

import json

import pytest
from filelock import FileLock

from lifecircle.errors import InputError
from lifecircle.outputs.folder import replaced_folder


def _fill(folder, words):
    (folder / "deficits.csv").write_text(words)
    (folder / "run.json").write_text(json.dumps(words))


def _run_that_fails(target, *, seen=None):
    with replaced_folder(target) as folder:
        if seen is not None:
            seen.append((target / "deficits.csv").read_text())
        _fill(folder, "half")
        _ = 1 / 0


def test_new_results_take_the_place_of_old_ones(tmp_path):
    target = tmp_path / "results"
    for words in ("first", "second"):
        with replaced_folder(target) as folder:
            _fill(folder, words)
    assert (target / "deficits.csv").read_text() == "second"
    assert [item.name for item in tmp_path.iterdir()] == ["results"]


def test_old_results_stay_when_the_new_ones_fail(tmp_path):
    target = tmp_path / "results"
    with replaced_folder(target) as folder:
        _fill(folder, "first")
    with pytest.raises(ZeroDivisionError):
        _run_that_fails(target)
    assert (target / "deficits.csv").read_text() == "first"
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".results.new")]


def test_nothing_is_made_when_the_first_run_fails(tmp_path):
    with pytest.raises(ZeroDivisionError):
        _run_that_fails(tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_the_users_own_files_are_kept(tmp_path):
    target = tmp_path / "results"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    (target / "deficits.csv").write_text("old")
    with replaced_folder(target) as folder:
        (folder / "run.json").write_text("{}")
    assert (target / "notes.txt").read_text() == "mine"
    assert not (target / "deficits.csv").exists()


def test_a_swap_that_was_cut_off_is_undone(tmp_path):
    target, old = tmp_path / "results", tmp_path / ".results.old"
    old.mkdir()
    _fill(old, "first")
    seen = []
    with pytest.raises(ZeroDivisionError):
        _run_that_fails(target, seen=seen)
    assert seen == ["first"]
    assert not old.exists()


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    with (
        FileLock(tmp_path / ".results.lock"),
        pytest.raises(InputError, match="another run"),
        replaced_folder(tmp_path / "results"),
    ):
        pass


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(InputError, match="not a folder"), replaced_folder(tmp_path / "results"):
        pass
    assert (tmp_path / "results").read_text() == "mine"
