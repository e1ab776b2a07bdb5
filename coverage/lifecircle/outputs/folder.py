"""A results folder that is replaced all at once or not at all."""

from __future__ import annotations

import ctypes
import errno
import glob
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from lifecircle.errors import Fault, Faults, InputError, preview
from lifecircle.folders import is_mount, kept_names
from lifecircle.libraries import library_faults
from lifecircle.outputs.study_file import STUDY_FILE
from lifecircle.outputs.writing import held_folder, lock_of, sync, sync_files, told_unwritable
from lifecircle.stages import end_if_asked

__all__ = [
    "FIRST_FINDINGS",
    "MANIFEST",
    "PUBLISHED",
    "first_findings",
    "recover_folder",
    "replaced_folder",
    "require_writable",
    "reserved_folder",
]

MANIFEST: Final = "run.json"
FIRST_FINDINGS: Final = "deficits.first.csv"
"""The findings of a run that is still drawing; it goes when the run has written everything."""
_FIRST_BEGUN: Final = f".{FIRST_FINDINGS}.new"

PUBLISHED: Final = frozenset(
    {
        "deficits.csv",
        FIRST_FINDINGS,
        "deficits.xlsx",
        "monitoring.xlsx",
        "effects.csv",
        "modes.csv",
        "study.gpkg",
        "geoparquet",
        "study.qgz",
        "gap_map.html",
        "counties",
        "rasters",
        "maps",
        "report.docx",
        "report.html",
        MANIFEST,
    }
)
"""What a run owns in a folder of results. Anything else there belongs to the user and is kept."""

_PUBLISHED_INSIDE: Final = {
    "rasters": ("minutes_*.tif",),
    "maps": ("*.png", "*.pdf"),
    "geoparquet": ("*.parquet",),
    "counties": ("gap_map.html", "report.html", "deficits.xlsx", "study.gpkg"),
}
"""What a run owns in its subfolders; ``files`` of run.json says it exactly."""

_EXCHANGE: Final = 2  # RENAME_EXCHANGE of linux/fs.h
_HERE: Final = -100  # AT_FDCWD


def require_writable(target: Path, inputs: Sequence[Path] = ()) -> None:
    """Refuse a folder that could not be replaced, before time is spent on results for it.

    Nothing is made or touched.

    Parameters
    ----------
    target
        The results folder.
    inputs
        Files that the study reads: none may be one that a run replaces.

    Raises
    ------
    InputError
        If it is a file, a mount point or the root, if it holds what is not of a run, if the nearest folder
        above it that exists cannot be written, or if an input lies where results go.
    """
    target = target.resolve()
    faults = Faults()
    if target.exists() and not target.is_dir():
        raise InputError(Fault("output-is-file", file=str(target)))
    if target == target.parent or is_mount(target):
        raise InputError(Fault("output-mount", file=str(target)))
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir():
        raise InputError(Fault("output-is-file", file=str(above)))
    if not os.access(above, os.W_OK | os.X_OK):
        values = {"why": os.strerror(errno.EACCES)}
        raise InputError(Fault("output-unwritable", file=str(above), values=values))
    with faults.collect():
        _require_results(target)
    faults.extend(
        Fault("input-in-output", file=str(path), values={"folder": str(target)})
        for path in inputs
        if path.resolve().is_relative_to(target) and path.resolve().relative_to(target).parts[0] in PUBLISHED
    )
    faults.raise_if_any()


def _require_results(target: Path) -> None:
    """Refuse a folder that holds things and no results: a run would make it anew round what is not its own.

    A run that was cut off before its first results leaves its findings alone; files that were put beside them
    are kept, unless they have the names of results.
    """
    with library_faults(target, "file-unusable"):
        names = kept_names(target)
    if MANIFEST in names:
        return
    begun = {FIRST_FINDINGS, _FIRST_BEGUN}
    foreign = [name for name in names if name not in begun and (name in PUBLISHED or not begun & {*names})]
    if foreign:
        raise InputError(Fault("output-foreign", file=str(target), values={"found": preview(foreign)}))


@contextmanager
def reserved_folder(target: Path) -> Iterator[None]:
    """Keep a results folder for this run, from before it computes until it has written.

    A process may reserve a folder that it holds already.

    Raises
    ------
    InputError
        If another run holds the folder.
    """
    try:
        lock = lock_of(target.resolve())
        with lock.acquire(timeout=0), _held_once(target.resolve(), lock):
            yield
    except Timeout:
        raise InputError(Fault("output-busy", file=str(target.resolve()))) from None


def _held_once(target: Path, lock: FileLock) -> AbstractContextManager[None]:
    """A results folder locked by itself, once a process: it does not stand in its own way."""
    return held_folder(target) if lock.lock_counter == 1 else nullcontext()


def recover_folder(target: Path) -> None:
    """Undo a swap that was cut off, and clear away what a killed run had begun; nothing while a run writes.

    For commands that read a results folder or the study it belongs to: what cannot be put right they leave
    to the next run, which says so.
    """
    with suppress(OSError, Timeout):
        target = target.resolve()
        if not _old(target).exists() and not any(_begun(target)):
            return
        with lock_of(target).acquire(timeout=0):
            _recover(target)


@contextmanager
def first_findings(target: Path) -> Iterator[Path]:
    """A file to write the findings into before anything is drawn, which then stands in a results folder.

    The results of the last run stay as they are; the file goes when all of this run's take their place.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = target.resolve()
    with told_unwritable(target):
        target.mkdir(parents=True, exist_ok=True)
        begun = target / _FIRST_BEGUN
        try:
            yield begun
            begun.replace(target / FIRST_FINDINGS)
        finally:
            begun.unlink(missing_ok=True)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `target` when the block ends well.

    Until then `target` keeps its old results, also if the program is killed. The user's own files are linked
    into the new folder first; then both folders are exchanged in one step where the system can (Linux), else
    by two renames on one file system.

    Raises
    ------
    InputError
        If the folder cannot be written, is a file, holds what is not of a run, or another run is writing it.
    """
    target = target.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(Fault("output-is-file", file=str(target)))
    with reserved_folder(target):
        with told_unwritable(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _recover(target)
            _require_results(target)
            scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
        try:
            with held_folder(scratch), told_unwritable(target):
                fresh = scratch / "results"
                fresh.mkdir()
                yield fresh
                _list_files(fresh)
                if target.exists():
                    _carry_over(target, fresh)
                end_if_asked()
                _swap(fresh, target)
        finally:
            with suppress(OSError):
                shutil.rmtree(scratch)
        if scratch.exists():
            raise InputError(Fault("output-leftover", file=str(scratch), values={"folder": str(target)}))


def _list_files(fresh: Path) -> None:
    """Add to the manifest which files the run wrote, so that the next one knows the user's own."""
    manifest = fresh / MANIFEST
    if not manifest.is_file():
        return
    record = json.loads(manifest.read_text(encoding="utf-8"))
    if isinstance(record, dict):
        names = sorted(path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file())
        record["files"] = names
        manifest.write_text(
            json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8"
        )


def _own_files(folder: Path) -> set[str] | None:
    """Files that the last run wrote here; None where its manifest does not say."""
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    files = record.get("files") if isinstance(record, dict) else None
    return set(map(str, files)) if isinstance(files, list) else None


def _is_users(path: Path, folder: Path, own: set[str] | None) -> bool:
    """Whether a file in a results folder belongs to the user."""
    name = path.relative_to(folder)
    if own is not None and name.as_posix() in own and name.as_posix() != STUDY_FILE:
        return False
    if name.parts[0] not in PUBLISHED:
        return True
    patterns = _PUBLISHED_INSIDE.get(name.parts[0])
    if len(name.parts) == 1 or patterns is None:
        return False
    return own is not None or not any(path.match(pattern) for pattern in patterns)


def _carry_over(old: Path, fresh: Path) -> None:
    """Link the user's own files into the new folder, or copy them where links are not to be had."""
    own = _own_files(old)
    for path in sorted(old.rglob("*")):
        goal = fresh / path.relative_to(old)
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()) and path.relative_to(old).parts[0] not in PUBLISHED:
                goal.mkdir(parents=True, exist_ok=True)
        elif _is_users(path, old, own) and not goal.exists():
            goal.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, goal, follow_symlinks=False)
            except OSError:
                shutil.copy2(path, goal, follow_symlinks=False)
    # folders are made anew: who may read them stays as it was
    for path in (old, *old.rglob("*")):
        goal = fresh / path.relative_to(old)
        if goal.is_dir() and path.is_dir() and not path.is_symlink():
            with suppress(OSError):
                shutil.copymode(path, goal)
                if hasattr(os, "chown"):
                    os.chown(goal, path.stat().st_uid, path.stat().st_gid)


def _swap(fresh: Path, target: Path) -> None:
    """Put the new folder in the old one's place."""
    sync_files(fresh)
    if not target.exists():
        fresh.rename(target)
    elif not _exchanged(fresh, target):
        old = _old(target)
        target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    sync(target.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, if the system can (Linux, renameat2)."""
    if not sys.platform.startswith("linux"):
        return False
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if exchange is None:
        return False
    return exchange(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def _recover(target: Path) -> None:
    """Undo a swap that was cut off, and clear away what a killed run had begun to write."""
    old = _old(target)
    if old.exists():
        if target.exists():
            _carry_over(old, target)
            shutil.rmtree(old)
        else:
            old.rename(target)
    for item in _begun(target):
        with held_folder(item):  # what a writer holds is not left behind
            shutil.rmtree(item) if item.is_dir() else item.unlink()


def _begun(target: Path) -> Iterator[Path]:
    """What a killed run had begun to write, beside its results folder and in it."""
    yield from target.parent.glob(f".{glob.escape(target.name)}.new-*")
    yield from target.glob(_FIRST_BEGUN)


def _old(target: Path) -> Path:
    """Where the old results wait during a swap of two renames."""
    return target.parent / f".{target.name}.old"
