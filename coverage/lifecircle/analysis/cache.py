"""The user's cache of networks, areas, rasters and downloads: where it lies, what it holds, its removal."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lifecircle.content_store import SUFFIXES, least_used
from lifecircle.errors import Fault, InputError
from lifecircle.sources.osm.download import cache_folder_of, download_folder

__all__ = ["CachedFile", "cache_folder", "cached_files", "prune"]


class CachedFile(NamedTuple):
    """One network, other result or download that is kept."""

    path: Path
    size: int


def cache_folder() -> Path:
    """Where networks, areas and rasters are kept: the user's cache folder, or ``LIFECIRCLE_CACHE``."""
    return cache_folder_of("networks")


def cached_files() -> list[CachedFile]:
    """What is kept, and what writing was interrupted; sorted by name."""
    folder = cache_folder()
    patterns = [f"*{suffix}{ending}" for suffix in SUFFIXES for ending in ("", "*.part")]
    kept = [path for pattern in patterns for path in folder.glob(pattern)] if folder.is_dir() else []
    if (downloads := download_folder()).is_dir():
        endings = ("osm", "part", "sha256")
        kept += [path for ending in endings for path in downloads.glob(f"{'?' * 24}.{ending}")]
    files = []
    for path in sorted(kept):
        with suppress(OSError):  # another run has removed it
            files.append(CachedFile(path, path.stat().st_size))
    return files


def prune(*, unused_days: float | None = None, keep_mb: float | None = None) -> list[CachedFile]:
    """Remove what is kept: all of it, or what is old or too much.

    A run that reads a file keeps its content, also if the file is removed.

    Parameters
    ----------
    unused_days
        Only what was not used for so many days.
    keep_mb
        Only what was used longest ago, until the others take no more than this.

    Returns
    -------
    list of CachedFile
        What was removed.

    Raises
    ------
    InputError
        If a file cannot be removed.
    """
    gone = cached_files()
    if unused_days is not None or keep_mb is not None:
        chosen: set[Path] = set()
        if unused_days is not None:
            chosen.update(file.path for file in gone if _days_unused(file.path) > unused_days)
        if keep_mb is not None:
            # what is being written belongs to a run, and is little
            whole = [file.path for file in gone if file.path.suffix != ".part"]
            chosen.update(least_used(whole, keep_mb=keep_mb))
        gone = [file for file in gone if file.path in chosen]
    for path, _ in gone:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                Fault("output-unwritable", file=str(path), values={"why": error.strerror})
            ) from None
    return gone


def _days_unused(path: Path) -> float:
    """For how many days a file was not used; none where it is gone."""
    try:
        return (time.time() - path.stat().st_mtime) / 86_400
    except OSError:
        return 0.0
