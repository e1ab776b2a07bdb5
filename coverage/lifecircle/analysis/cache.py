"""The user's cache of built networks and downloads: where it lies, what is in it, and its removal."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lifecircle.errors import Fault, InputError
from lifecircle.network.store import SUFFIX
from lifecircle.sources.osm.download import cache_folder_of, download_folder

__all__ = ["CachedFile", "cache_folder", "cached_files", "prune"]


class CachedFile(NamedTuple):
    """One network or download that is kept."""

    path: Path
    size: int


def cache_folder() -> Path:
    """Where built networks are kept: the user's cache folder, or ``LIFECIRCLE_CACHE``."""
    return cache_folder_of("networks")


def cached_files() -> list[CachedFile]:
    """What is kept, and what writing was interrupted; sorted by name."""
    folder = cache_folder()
    kept = [*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*{SUFFIX}*.part")] if folder.is_dir() else []
    if (downloads := download_folder()).is_dir():
        endings = ("osm", "part", "sha256")
        kept += [path for ending in endings for path in downloads.glob(f"{'?' * 24}.{ending}")]
    return [CachedFile(path, path.stat().st_size) for path in sorted(kept)]


def prune() -> list[CachedFile]:
    """Remove all that is kept.

    Raises
    ------
    InputError
        If a file cannot be removed.
    """
    gone = cached_files()
    for path, _ in gone:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                Fault("output-unwritable", file=str(path), values={"why": error.strerror})
            ) from None
    return gone
