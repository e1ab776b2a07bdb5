"""What lies in a folder is believed only where nobody else can have put it there."""

import os

import pytest

from lifecircle.folders import is_private, made_private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="folders have no such modes there")

NOBODY = 65534


def test_a_folder_is_made_for_its_user_alone(tmp_path):
    assert made_private(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("mode", "private"), [(0o700, True), (0o755, True), (0o757, False), (0o1777, False)])
def test_others_who_can_write_make_it_public(tmp_path, mode, private):
    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(mode)
    assert is_private(folder) is private
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert is_private(link) is private


@pytest.mark.parametrize(("members", "private"), [([], True), (["somebody"], False)])
def test_a_group_of_the_users_own_is_the_user(tmp_path, monkeypatch, members, private):
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(0o775)
    user = pwd.getpwuid(folder.stat().st_uid).pw_name
    named = grp.struct_group((user, "x", folder.stat().st_gid, members))
    monkeypatch.setattr(grp, "getgrgid", lambda _: named)
    assert is_private(folder) is private


def test_a_folder_as_open_as_the_sources_beside_it_is_as_good_as_they_are(tmp_path):
    code, kept = tmp_path / "code", tmp_path / "kept"
    for folder in (code, kept):
        folder.mkdir()
        folder.chmod(0o777)
    assert is_private(kept, beside=code)
    code.chmod(0o755)
    assert not is_private(kept, beside=code)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives folders away")
def test_a_folder_of_another_user_is_not_believed(tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    assert not is_private(folder)
    assert not is_private(tmp_path / "nothing")
