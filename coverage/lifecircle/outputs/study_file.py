"""The ``study.toml`` that a run from a boundary leaves among its results: from then on the user's own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault, InputError
from lifecircle.libraries import library_faults

__all__ = ["STUDY_FILE", "checksum_of_study_file", "require_unedited"]

STUDY_FILE: Final = "study.toml"


def checksum_of_study_file(folder: Path) -> str | None:
    """SHA-256 of the study file in a folder; None where there is none."""
    file = folder / STUDY_FILE
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def require_unedited(folder: Path, text: str) -> None:
    """Refuse to write a study file over one that was changed since a run wrote it.

    Parameters
    ----------
    folder
        Folder of results, whose ``run.json`` knows the study file as it was written.
    text
        The study file that would be written.

    Raises
    ------
    InputError
        If the study file there is neither `text` nor as the last run wrote it, or cannot be read.
    """
    with library_faults(folder / STUDY_FILE, "file-unusable"):
        there = checksum_of_study_file(folder)
    if there is None or there == hashlib.sha256(text.encode()).hexdigest():
        return
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or record.get("study_file") != there:
        raise InputError(Fault("study-file-edited", file=str(folder / STUDY_FILE)))
