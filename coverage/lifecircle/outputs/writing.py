"""What may happen while results are written: another writer, a full disk, a power cut."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import platformdirs
import xlsxwriter
from filelock import FileLock, Timeout
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from rasterio.errors import RasterioError
from xlsxwriter.exceptions import XlsxFileError

from lifecircle.errors import Fault, InputError, LifecircleError
from lifecircle.folders import is_full, made_private
from lifecircle.libraries import faults_of_libraries
from lifecircle.messages import Words
from lifecircle.outputs.safe_text import plain_text

__all__ = ["held_folder", "lock_of", "plain_workbook", "sync", "sync_files", "told_unwritable"]

_WRITE_ERRORS: Final = (DataLayerError, DataSourceError, FeatureError, RasterioError, XlsxFileError)
"""What the writers raise where the disk fails them, beside OSError."""


def lock_of(target: Path) -> FileLock:
    """The lock of a results folder, or of a file that a command writes.

    It is a file in the user's cache folder, which is never removed, so that no writer can hold a lock whose
    file is gone.
    """
    name = hashlib.sha256(os.fsencode(target)).hexdigest()[:32] + ".lock"
    for base in (platformdirs.user_cache_path("lifecircle"), Path(tempfile.gettempdir()) / "lifecircle"):
        folder = base / "locks"
        with suppress(OSError):
            if made_private(folder) and os.access(folder, os.W_OK | os.X_OK):
                return FileLock(folder / name, is_singleton=True)
    return FileLock(target.parent / f".{target.name}.lock", is_singleton=True)


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """A folder locked by itself while the block runs, so that no other process on this computer takes it.

    The lock of `lock_of` is one user's, and gone once somebody removes its file; this one is not. Nothing is
    locked where the folder is not there, or the system cannot (Windows).

    Raises
    ------
    Timeout
        If another process holds it.
    """
    try:
        import fcntl  # noqa: PLC0415  # there on POSIX only

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (ImportError, OSError):
        yield
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Timeout(str(folder)) from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)


def plain_workbook(path: Path, *, title: str = "", date: str = "") -> xlsxwriter.Workbook:
    """A workbook to fill, in which no text, wherever it comes from, becomes a formula, a link or a number.

    What is packed into it waits beside it, so that it goes with a folder that is given up.

    Parameters
    ----------
    path
        The file, made anew.
    title
        What the file's properties call it.
    date
        The date that the study speaks for (YYYY-MM-DD), told as that of the file: two runs of one study
        write the same bytes. The clock's where blank.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    book = xlsxwriter.Workbook(str(path), options)
    if title or date:
        made = {"created": datetime.fromisoformat(date)} if date else {}
        book.set_properties({"title": plain_text(title)[:255], "comments": "lifecircle", **made})
    return book


@contextmanager
def told_unwritable(target: Path) -> Iterator[None]:
    """Tell in our words that `target` could not be written, whatever the writer raised.

    Errors of libraries and want of memory are faults that name it; faults of the program tell it too.

    Raises
    ------
    InputError
        With the disk that is full where one is: that of `target`, or that of temporary files.
    """
    try:
        yield
    except (LifecircleError, Timeout):
        raise
    except (OSError, *_WRITE_ERRORS) as error:
        raise _unwritable(target, error) from error
    except Exception as error:
        # some writers raise errors of their own kinds when the disk is full
        if is_full(target.parent) or is_full(Path(tempfile.gettempdir())):
            raise _unwritable(target, error) from error
        with faults_of_libraries(target, stage=Words("cli.stage.write-file")):
            raise


def sync(folder: Path) -> None:
    """Make what was renamed in a folder survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_files(folder: Path) -> None:
    """Make every file and folder below `folder` survive a power cut, where the system can."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            sync(path)
    sync(folder)


def _unwritable(target: Path, error: Exception) -> InputError:
    """The fault of a place that could not be written, with the disk that is full where one is."""
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    place = target
    if is_full(target.parent):
        why = os.strerror(errno.ENOSPC)
    elif is_full(Path(tempfile.gettempdir())):
        place, why = Path(tempfile.gettempdir()), os.strerror(errno.ENOSPC)
    return InputError(Fault("output-unwritable", file=str(place), values={"why": why}))
