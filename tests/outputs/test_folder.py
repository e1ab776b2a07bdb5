"""A results folder is replaced all at once or not at all."""

import errno
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path

import pytest

from lifecircle import folders
from lifecircle.errors import InputError
from lifecircle.outputs import folder as folder_module
from lifecircle.outputs import writing
from lifecircle.outputs.folder import (
    first_findings,
    recover_folder,
    replaced_folder,
    require_writable,
    reserved_folder,
)
from lifecircle.outputs.study_file import require_unedited
from lifecircle.outputs.writing import lock_of


def _fill(folder, words):
    (folder / "deficits.csv").write_text(str(words))
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


def test_a_study_file_that_a_run_wrote_is_the_users_from_then_on(tmp_path):
    """It may have been changed since, and may be the very study that is run."""
    target = tmp_path / "results"
    with replaced_folder(target) as folder:
        _fill(folder, {"of": "a boundary alone"})
        (folder / "study.toml").write_text("[study]")
    assert "study.toml" in json.loads((target / "run.json").read_text())["files"]
    (target / "study.toml").write_text("[study]  # with my population")
    for _ in range(2):
        with replaced_folder(target) as folder:
            _fill(folder, {"of": "that study"})
    assert (target / "study.toml").read_text() == "[study]  # with my population"


@pytest.mark.parametrize(
    ("stands", "record", "lost"),
    [
        (None, {}, False),
        ("written now", {}, False),
        ("as the last run wrote it", {"study_file": sha256(b"as the last run wrote it").hexdigest()}, False),
        ("changed since", {"study_file": sha256(b"as the last run wrote it").hexdigest()}, True),
        ("of results that do not say", {"study": "x"}, True),
        ("of results that do not say", "no mapping", True),
        ("of no results", None, True),
    ],
)
def test_a_changed_study_file_is_not_written_over(tmp_path, stands, record, lost):
    if stands is not None:
        (tmp_path / "study.toml").write_text(stands)
    if record is not None:
        (tmp_path / "run.json").write_text(json.dumps(record))
    refused = pytest.raises(InputError, match="--allow-outside") if lost else nullcontext()
    with refused:
        require_unedited(tmp_path, "written now")


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


def test_first_findings_stand_beside_old_results_until_new_ones_take_their_place(tmp_path):
    target = tmp_path / "results"
    with replaced_folder(target) as folder:
        _fill(folder, "old")
    with first_findings(target) as file:
        file.write_text("new")
    assert (target / "deficits.csv").read_text() == "old"
    assert (target / "deficits.first.csv").read_text() == "new"
    with replaced_folder(target) as folder:
        _fill(folder, "new")
    assert sorted(item.name for item in target.iterdir()) == ["deficits.csv", "run.json"]


def test_first_findings_that_fail_leave_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), first_findings(tmp_path / "results") as file:
        file.write_text(str(1 / 0))
    assert not list((tmp_path / "results").iterdir())


def test_the_users_own_files_are_kept(tmp_path):
    target = tmp_path / "results"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    _fill(target, {})
    with replaced_folder(target) as folder:
        (folder / "run.json").write_text("{}")
    assert (target / "notes.txt").read_text() == "mine"
    assert not (target / "deficits.csv").exists()


@pytest.mark.parametrize("name", ["letters/one.txt", "maps/my.png", "report.docx", ".bashrc", "study.toml"])
@pytest.mark.parametrize("refuse", [require_writable, lambda target: replaced_folder(target).__enter__()])
def test_a_folder_of_other_things_is_refused_and_left_as_it_is(tmp_path, name, refuse):
    mine = tmp_path / "project" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    before = (tmp_path / "project").stat()
    with pytest.raises(InputError, match=r"no results of an earlier run[\s\S]*project/results") as refused:
        refuse(tmp_path / "project")
    assert name.partition("/")[0] in str(refused.value)
    assert mine.read_text() == "mine"
    assert (tmp_path / "project").stat().st_ino == before.st_ino
    assert [item.name for item in tmp_path.iterdir()] == ["project"]


@pytest.mark.parametrize("names", [[], [".gitkeep", "Thumbs.db"], ["deficits.first.csv", "notes.txt"]])
def test_a_folder_that_is_empty_or_of_a_run_that_was_cut_off_is_taken(tmp_path, names):
    target = tmp_path / "results"
    target.mkdir()
    for name in names:
        (target / name).write_text("there")
    require_writable(target)
    with replaced_folder(target) as folder:
        _fill(folder, {})
    kept = {name for name in names if name != "deficits.first.csv"}
    assert {item.name for item in target.iterdir()} == {"deficits.csv", "run.json", *kept}


def test_files_with_names_of_results_beside_findings_of_a_run_that_was_cut_off_are_not_lost(tmp_path):
    target = tmp_path / "results"
    target.mkdir()
    (target / "deficits.first.csv").write_text("ours")
    (target / "report.docx").write_text("mine")
    with pytest.raises(InputError, match="report"), replaced_folder(target):
        pass
    assert (target / "report.docx").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes there")
def test_who_may_read_a_folder_stays_as_it_was(tmp_path):
    target = tmp_path / "results"
    (target / "letters" / "sealed").mkdir(parents=True)
    (target / "letters" / "sealed" / "one.txt").write_text("mine")
    _fill(target, {})
    for folder, mode in (
        (target, 0o750),
        (target / "letters", 0o711),
        (target / "letters" / "sealed", 0o700),
    ):
        folder.chmod(mode)
    with replaced_folder(target) as folder:
        (folder / "run.json").write_text("{}")
    held = [target, target / "letters", target / "letters" / "sealed"]
    assert [folder.stat().st_mode & 0o777 for folder in held] == [0o750, 0o711, 0o700]


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
    hold = f"""
import sys, time
from pathlib import Path
from lifecircle.outputs.folder import reserved_folder
with reserved_folder(Path({str(tmp_path / "results")!r})):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another run"), replaced_folder(tmp_path / "results"):
            pass
        other.stdin.close()
    with replaced_folder(tmp_path / "results") as folder:
        _fill(folder, "mine")
    assert [item.name for item in tmp_path.iterdir()] == ["results"]


@pytest.mark.skipif(os.name != "posix", reason="folders have no locks of their own there")
@pytest.mark.parametrize("old", [True, False], ids=["beside old results", "the first results"])
def test_a_second_run_is_refused_also_where_the_first_ones_lock_is_gone(tmp_path, old):
    """Its file was removed, or the other run is another user's: the folders themselves are locked."""
    target = tmp_path / "results"
    if old:
        target.mkdir()
    hold = f"""
import sys
from pathlib import Path
from lifecircle.outputs.folder import replaced_folder
with replaced_folder(Path({str(target)!r})) as folder:
    (folder / "deficits.csv").write_text("theirs")
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        Path(lock_of(target).lock_file).unlink()
        for _ in range(2):  # a second and a third
            with pytest.raises(InputError, match="another run"), replaced_folder(target):
                pass
            recover_folder(target)
        other.stdin.close()
    assert (target / "deficits.csv").read_text() == "theirs"
    assert [item.name for item in tmp_path.iterdir()] == ["results"]


def test_a_run_may_reserve_its_folder_before_it_writes(tmp_path):
    target = tmp_path / "results"
    with reserved_folder(target), replaced_folder(target) as folder:
        _fill(folder, "mine")
    assert (target / "deficits.csv").read_text() == "mine"


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(InputError, match="not a folder"), replaced_folder(tmp_path / "results"):
        pass
    assert (tmp_path / "results").read_text() == "mine"


def test_the_users_files_among_maps_and_rasters_are_kept(tmp_path):
    """Of a run that lists its files, and of one before that did not."""
    target = tmp_path / "results"
    for words in ("first", "second"):
        with replaced_folder(target) as folder:
            (folder / "maps").mkdir()
            (folder / "maps" / "rule.png").write_text(words)
            _fill(folder, {})
        (target / "maps" / "council.png").write_text("mine")
        (target / "maps" / "own.txt").write_text("mine")
    assert (target / "maps" / "rule.png").read_text() == "second"
    assert (target / "maps" / "council.png").read_text() == "mine"
    (target / "run.json").write_text("{}")
    with replaced_folder(target) as folder:
        _fill(folder, {})
    assert sorted(path.name for path in (target / "maps").iterdir()) == ["own.txt"]


def test_without_an_exchange_two_renames_do(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "_exchanged", lambda *_: False)
    target = tmp_path / "results"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    _fill(target, {})
    with replaced_folder(target) as folder:
        _fill(folder, {})
    assert sorted(path.name for path in target.iterdir()) == ["deficits.csv", "notes.txt", "run.json"]
    assert [item.name for item in tmp_path.iterdir()] == ["results"]


def test_the_manifest_lists_every_file_of_the_run(tmp_path):
    target = tmp_path / "results"
    with replaced_folder(target) as folder:
        _fill(folder, {"study": "x"})
    assert json.loads((target / "run.json").read_text())["files"] == ["deficits.csv", "run.json"]


def test_a_full_disk_is_told_whatever_a_writer_raises(tmp_path, monkeypatch):
    def write_on_a_full_disk():
        with replaced_folder(tmp_path / "results"):
            monkeypatch.setattr(writing, "is_full", lambda _: True)
            raise RuntimeError("a writer's own words")

    with pytest.raises(InputError, match=os.strerror(errno.ENOSPC)):
        write_on_a_full_disk()
    assert not list(tmp_path.iterdir())


def test_a_fault_of_the_program_stays_one(tmp_path):
    with pytest.raises(ZeroDivisionError):
        _run_that_fails(tmp_path / "results")


def test_what_cannot_be_removed_is_told_and_the_new_results_stand(tmp_path, monkeypatch):
    target = tmp_path / "results"
    with replaced_folder(target) as folder:
        _fill(folder, "first")

    def refused(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(folder_module.shutil, "rmtree", refused)
    with pytest.raises(InputError) as told, replaced_folder(target) as folder:
        _fill(folder, "second")
    assert [fault.key for fault in told.value.faults] == ["output-leftover"]
    assert "untouched" not in str(told.value)
    assert (target / "deficits.csv").read_text() == "second"


def test_the_root_and_mount_points_are_refused_before_the_work(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="root of a disk"):
        require_writable(tmp_path.anchor and type(tmp_path)(tmp_path.anchor))
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path)
    with pytest.raises(InputError, match="root of a disk"):
        require_writable(tmp_path)


def test_a_folder_of_the_same_disk_that_is_mounted_is_refused_before_the_work(tmp_path, monkeypatch):
    """As a container's volume is: its device is that of the folder above it."""
    target = tmp_path / "my results"
    target.mkdir()
    require_writable(target)
    line = f"36 35 98:0 /mnt1 {str(target).replace(' ', chr(92) + '040')} rw,noatime - ext4 /dev/root rw"
    (tmp_path / "mountinfo").write_text(f"{line}\nbroken\n", encoding="utf-8")
    monkeypatch.setattr(folders, "_MOUNTS", tmp_path / "mountinfo")
    with pytest.raises(InputError) as refused:
        require_writable(target)
    assert [fault.key for fault in refused.value.faults] == ["output-mount"]
    require_writable(tmp_path / "other results")


def test_an_input_among_the_results_is_refused_and_one_beside_them_is_not(tmp_path):
    target = tmp_path / "results"
    require_writable(target, [target / "raw" / "streets.osm.pbf", tmp_path / "communities.gpkg"])
    with pytest.raises(InputError, match=r"study\.gpkg"):
        require_writable(target, [target / "study.gpkg"])


def test_a_reader_puts_a_cut_off_swap_right_but_leaves_a_running_writer_alone(tmp_path):
    target, old, begun = tmp_path / "results", tmp_path / ".results.old", tmp_path / ".results.new-x"
    old.mkdir()
    _fill(old, "first")
    begun.mkdir()
    recover_folder(target)
    assert [item.name for item in tmp_path.iterdir()] == ["results"]
    assert json.loads((target / "run.json").read_text()) == "first"
    (target / f".{folder_module.FIRST_FINDINGS}.new").write_text("half")
    recover_folder(target)
    assert sorted(item.name for item in target.iterdir()) == ["deficits.csv", "run.json"]
    with replaced_folder(target) as folder:
        code = "import pathlib, sys; from lifecircle import outputs; "
        code += "outputs.recover_folder(pathlib.Path(sys.argv[1]))"
        writer = [sys.executable, "-c", code, str(target)]
        subprocess.run(writer, check=True)
        assert folder.is_dir()
        _fill(folder, "second")
