"""What a study's results depend on, in one key: results under the same key need not be computed anew."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from lifecircle.errors import InputError
from lifecircle.study import Study
from lifecircle.study.reading import read_scenario_file

__all__ = ["RESULTS_DEPEND_ON", "program_versions", "study_key"]

RESULTS_DEPEND_ON: Final = ("lifecircle", "numba", "numpy", "pandas", "scipy", "shapely")
"""Packages whose versions a figure may depend on."""

_KEY_BYTES: Final = 16


def program_versions() -> dict[str, str]:
    """Python and the packages that a figure may depend on, with their versions.

    Examples
    --------
    >>> sorted(program_versions())
    ['lifecircle', 'numba', 'numpy', 'pandas', 'python', 'scipy', 'shapely']
    """
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version(name) for name in RESULTS_DEPEND_ON}}


def study_key(study: Study, *, lang: str | None = None) -> str:
    """Hash of all that a study's results are made from: its tables, files and plans, the day, the program.

    Files count by their content and by their path from the study's folder, so that a folder that is moved
    keeps its key. Beside each file count those that formats put next to it (``.dbf``, ``.prj``, ``.tfw`` …):
    all of its folder whose names begin with its own up to the last dot.

    Parameters
    ----------
    study
        The study.
    lang
        Language of its results; the study's own where None.

    Returns
    -------
    str
        32 hexadecimal digits; blank for a study of things in memory and for one that downloads: nobody can
        say beforehand what it will be made from.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> study = lc.Study.from_file(lc.example_study(tempfile.mkdtemp()))
    >>> len(study_key(study)), study_key(study, lang="zh") == study_key(study, lang="en")
    (32, False)
    """
    if study.memory or study.path is None or study.streets.source == "osm" or study.area.place:
        return ""
    hashed = hashlib.blake2b(digest_size=_KEY_BYTES)
    root = study.root.resolve()
    head = study.study
    # where results go and what is kept on the way change none of them
    apart: dict[str, Any] = {"study": {"output", "cache"}, "streets": {"cache"}, "root": True, "path": True}
    tables = study.model_dump(mode="json", exclude=apart)
    said = {
        "versions": program_versions(),
        "language": lang or head.language,
        # a study that names no day is judged on the day it is run
        "as_of": str(head.as_of or dt.datetime.now(tz=dt.UTC).date()),
        "tables": json.dumps(tables, sort_keys=True, ensure_ascii=False).replace(str(root), ""),
        "tianditu_key": study.map.tianditu_key.get_secret_value(),
    }
    hashed.update(json.dumps(said, sort_keys=True, ensure_ascii=False).encode())
    files = {file for path in _named_paths(study) for file in _files_of(path)}
    own = study.path.resolve()
    for file in sorted(files - {own}):
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        hashed.update(f"|{name}={digest}".encode())
    return hashed.hexdigest()


def _named_paths(study: Study) -> Iterator[Path]:
    """Every file that the study reads, those that its scenario files name among them."""
    yield from study.input_paths
    for file in study.study.scenario_files:
        with suppress(InputError):  # reading the study tells what is wrong with it
            kept = read_scenario_file(file, root=study.root, allow_outside=True)
            yield from _paths_in(kept.model_dump())


def _paths_in(value: object) -> Iterator[Path]:
    """Every path below a table."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _paths_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _paths_in(inner)


def _files_of(path: Path) -> Iterator[Path]:
    """The files of one source: a folder's, else the file and those beside it that share its name."""
    path = path.resolve()
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    elif path.parent.is_dir():
        yield from (
            file
            for file in path.parent.iterdir()
            if (file.name == path.name or file.name.startswith(f"{path.stem}.")) and file.is_file()
        )
