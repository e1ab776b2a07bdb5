"""Several studies: the files that a folder holds, and a folder of results for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lifecircle.errors import Fault, Faults
from lifecircle.study.toml import read_bounded, tables_of

__all__ = ["result_folder_names", "study_files"]


def study_files(named: Sequence[Path]) -> list[Path]:
    """Return the study files that arguments name: a file as it is, of a folder every study in it.

    Where a folder holds none itself, those of the folders in it: a folder for each city.

    Raises
    ------
    InputError
        If a folder holds no study file, or one study is named twice.
    """
    files: list[Path] = []
    faults = Faults()
    for path in named:
        if not path.is_dir():
            files.append(path)
            continue
        here, below = (
            [file for file in sorted(path.glob(at)) if _is_study(file)] for at in ("*.toml", "*/*.toml")
        )
        inside = here or below
        if not inside:
            faults.add(Fault("no-study-in-folder", file=str(path)))
        files += inside
    places = [file.resolve() for file in files]
    twice = sorted({str(file) for file, place in zip(files, places, strict=True) if places.count(place) > 1})
    if twice:
        faults.add(Fault("study-twice", values={"found": ", ".join(twice)}))
    faults.raise_if_any()
    return files


def result_folder_names(files: Sequence[Path]) -> list[str]:
    """One folder name per study: its file's name, with the folder before it where two share a name."""
    stems = [file.stem for file in files]
    return [
        stem if stems.count(stem) == 1 else f"{file.resolve().parent.name}-{stem}"
        for file, stem in zip(files, stems, strict=True)
    ]


def _is_study(file: Path) -> bool:
    """Whether a TOML file has the table ``[study]``; the reader tells what is wrong with a broken one."""
    try:
        return "study" in tables_of(read_bounded(file).decode("utf-8-sig"))
    except (OSError, ValueError):
        return True
