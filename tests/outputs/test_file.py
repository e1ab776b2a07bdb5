"""A single file is replaced whole or not at all, and is none that the command reads."""

import os

import pytest
from pyogrio.errors import DataLayerError
from xlsxwriter.exceptions import FileSizeError

from lifecircle.errors import InputError
from lifecircle.outputs.file import replaced_file, require_no_input


def test_a_new_file_takes_the_place_of_the_old_one_and_of_what_a_killed_command_left(tmp_path):
    path, left = tmp_path / "a.gpkg", tmp_path / ".a.gpkg.new-killed"
    path.write_text("old")
    left.mkdir()
    (left / "a.gpkg-journal").write_text("half")
    with replaced_file(path) as fresh:
        assert fresh.name == path.name
        fresh.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [item.name for item in tmp_path.iterdir()] == ["a.gpkg"]


def _write_half(path, raised):
    with replaced_file(path) as fresh:
        fresh.write_text("half")
        raise raised


@pytest.mark.parametrize(
    "raised", [OSError(28, "No space left"), DataLayerError("insert"), FileSizeError("zip")]
)
def test_whatever_a_writer_raises_on_a_bad_disk_is_told_and_the_old_file_stays(tmp_path, raised):
    path = tmp_path / "a.xlsx"
    path.write_text("old")
    with pytest.raises(InputError, match="cannot be written"):
        _write_half(path, raised)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "a.csv"
    link.symlink_to(tmp_path / "there" / "b.csv")
    with replaced_file(link) as fresh:
        fresh.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "there" / "b.csv").read_text() == "new"


def test_what_is_read_is_not_written_over_by_whatever_name(tmp_path):
    path, link, hard = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    path.write_text("mine")
    link.symlink_to(path)
    os.link(path, hard)
    for name in (path, link, hard, tmp_path / "." / "a.csv"):
        with pytest.raises(InputError, match="written over"):
            require_no_input(name, [tmp_path / "d.csv", path])
    require_no_input(tmp_path / "d.csv", [path])
