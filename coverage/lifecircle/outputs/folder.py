"""A results folder that is replaced all at once or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from lifecircle.errors import Fault, InputError

__all__ = ["MANIFEST", "PUBLISHED", "replaced_folder", "require_writable"]

MANIFEST: Final = "run.json"
PUBLISHED: Final = frozenset(
    {
        "deficits.csv",
        "deficits.xlsx",
        "effects.csv",
        "study.gpkg",
        "gap_map.html",
        "rasters",
        "maps",
        "report.docx",
        "report.html",
        MANIFEST,
    }
)
"""What a run owns in its folder. Anything else there belongs to the user and is kept."""


def require_writable(target: Path) -> None:
    """Refuse a folder that could not be replaced, before time is spent on results for it.

    Nothing is made or touched.

    Raises
    ------
    InputError
        If it is a file, or the nearest folder above it that exists cannot be written.
    """
    target = target.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(Fault("output-is-file", file=str(target)))
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir():
        raise InputError(Fault("output-is-file", file=str(above)))
    if not os.access(above, os.W_OK | os.X_OK):
        values = {"why": os.strerror(errno.EACCES)}
        raise InputError(Fault("output-unwritable", file=str(above), values=values))


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `target` when the block ends well.

    Until then `target` keeps its old results, also if the program is killed. The swap is two renames
    on one file system; files in `target` that no run wrote are carried over.

    Raises
    ------
    InputError
        If the folder cannot be written, is a file, or another run is writing it.
    """
    target = target.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(Fault("output-is-file", file=str(target)))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target.parent / f".{target.name}.lock")
        with lock.acquire(timeout=0):
            _recover(target)
            with tempfile.TemporaryDirectory(prefix=f".{target.name}.new-", dir=target.parent) as scratch:
                fresh = Path(scratch) / "results"
                fresh.mkdir()
                yield fresh
                _swap(fresh, target)
        Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout:
        raise InputError(Fault("output-busy", file=str(target))) from None
    except OSError as error:
        raise InputError(
            Fault("output-unwritable", file=str(target), values={"why": error.strerror or str(error)})
        ) from error


def _swap(fresh: Path, target: Path) -> None:
    """Put the new folder in the old one's place, with the user's own files."""
    old = _old(target)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    if old.exists():
        _carry_over(old, target)
    _sync(target.parent)


def _carry_over(old: Path, target: Path) -> None:
    """Bring the user's own files along, then let the old results go."""
    for item in old.iterdir():
        if item.name not in PUBLISHED and not (target / item.name).exists():
            item.rename(target / item.name)
    shutil.rmtree(old)


def _recover(target: Path) -> None:
    """Finish or undo a swap that was cut off, and clear away what a killed run had begun to write."""
    for item in target.parent.iterdir():
        if item.name.startswith(f".{target.name}.new-"):
            shutil.rmtree(item)
    old = _old(target)
    if not old.exists():
        return
    if target.exists():
        _carry_over(old, target)
    else:
        old.rename(target)


def _old(target: Path) -> Path:
    """Where the old results wait during a swap."""
    return target.parent / f".{target.name}.old"


def _sync(folder: Path) -> None:
    """Make the renames survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
