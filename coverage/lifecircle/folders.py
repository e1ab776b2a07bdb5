"""What lies in a folder: whether only its owner can have put it there; files that replace others at once."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

__all__ = ["is_full", "is_mount", "is_private", "kept_names", "made_private", "write_text"]

_FULL_BYTES = 1 << 20
"""Less free space than this counts as a full disk."""
_MOUNTS = Path("/proc/self/mountinfo")
_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_NOBODYS = frozenset(
    {".ds_store", ".directory", ".gitignore", ".gitkeep", ".keep", "desktop.ini", "thumbs.db"}
)
"""Names that systems leave behind, and that keep an empty folder under version control."""


def is_full(folder: Path) -> bool:
    """Whether hardly anything can be written to the disk of a folder."""
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False


def is_mount(folder: Path) -> bool:
    """Whether a folder is the root of a disk, or another folder is mounted there, which cannot be moved.

    Python sees a mounted folder only where it comes from another disk; Linux lists all of them.
    """
    if os.path.ismount(folder):
        return True
    try:
        listed = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return False
    places = {line.split()[4] for line in listed if len(line.split()) > 4}
    # Blanks and the like stand as three octal digits.
    plain = {re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), place) for place in places}
    return os.fsencode(folder) in plain


def kept_names(folder: Path) -> list[str]:
    """Names of what somebody keeps in a folder, in order; none where it is empty or not there.

    Raises
    ------
    OSError
        If it cannot be listed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in (".gitkeep", "letter.odt"):
    ...         Path(folder, name).touch()
    ...     kept_names(Path(folder))
    ['letter.odt']
    """
    if not folder.is_dir():
        return []
    return sorted(item.name for item in folder.iterdir() if item.name.lower() not in _NOBODYS)


def made_private(folder: Path) -> bool:
    """Make a folder for this user alone if it is not there; whether what lies in it may be believed.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return is_private(folder)


def is_private(folder: Path, beside: Path | None = None) -> bool:
    """Whether only this user, or the administrator, can write into a folder.

    A group of the user's own, which holds nobody else, counts as the user. Where systems have no owners
    of files (Windows), folders of a user's profile are private already.

    Parameters
    ----------
    folder
        A folder, or a link to one.
    beside
        A folder whose files are run in any case, the sources of this package: who may write there may write
        here.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     is_private(Path(folder))
    True
    """
    if os.name != "posix":
        return True
    try:
        seen = folder.stat()
        code = None if beside is None else beside.stat()
    except OSError:
        return False
    if code is not None and seen.st_uid == code.st_uid:
        open_to = _open_to(seen)
        if not open_to & ~_open_to(code) and (not open_to & stat.S_IWGRP or seen.st_gid == code.st_gid):
            return True
    return seen.st_uid in {os.geteuid(), 0} and not _open_to(seen)


def _open_to(seen: os.stat_result) -> int:
    """Bits of a folder's mode that let others than its owner write."""
    others = seen.st_mode & _BY_OTHERS
    if others & stat.S_IWGRP and _is_own_group(seen):
        others &= ~stat.S_IWGRP
    return others


def _is_own_group(seen: os.stat_result) -> bool:
    """Whether a folder's group is the one that many systems make for each user."""
    import grp  # noqa: PLC0415  # there on POSIX only
    import pwd  # noqa: PLC0415

    try:
        group, owner = grp.getgrgid(seen.st_gid), pwd.getpwuid(seen.st_uid)
    except KeyError:
        return False
    return group.gr_name == owner.pw_name and not set(group.gr_mem) - {owner.pw_name}


def write_text(path: Path, words: str) -> None:
    """Write a text file, all of it or nothing; one that is there is replaced at once.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    handle, fresh = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
