"""The study's folder: scenarios kept there, a TOML file each, and whether what was read is still the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lifecircle.errors import Fault, InputError
from lifecircle.folders import write_text
from lifecircle.study import Study
from lifecircle.study.reading import read_scenario_file
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.tables.scenario_file import ROW_PARTS, scenario_toml

__all__ = ["FOLDER", "FileStamps", "ScenarioStore", "change_toml"]

FOLDER = "what-if"
"""Folder of the study that the page writes to."""

_FILES = ("add", "move", "open_streets", "close_streets")
"""Parts of a scenario that may be files, of which the page makes none."""

_NAME = re.compile(r"^[^\W_][\w \-+（）()]{0,59}$")
"""Names that are files on every system: letters of any script, digits, spaces, - + _ and brackets."""
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10))]
)


class ScenarioStore:
    """The folder of scenarios of one study.

    Attributes
    ----------
    folder : where they are; made when the first one is saved
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self.folder = self._root / FOLDER

    def names(self) -> list[str]:
        """Names of the scenarios kept, sorted."""
        files = self.folder.glob("*.toml") if self.folder.is_dir() else ()
        return sorted(file.stem for file in files if _NAME.match(file.stem))

    def path(self, name: str) -> Path:
        """File of a scenario.

        Raises
        ------
        InputError
            If the name could be no file, or the folder leads out of the study's.
        """
        if not _NAME.match(name) or name != name.rstrip() or name.lower() in _DEVICES:
            raise InputError(Fault("what-if-name", values={"found": name[:80]}))
        self._require_inside()
        return self.folder / f"{name}.toml"

    def load(self, name: str) -> ScenarioChange:
        """A scenario as it was saved.

        Raises
        ------
        InputError
            If there is none of that name, or its file was changed to something that is none.
        """
        path = self.path(name)
        kept = read_scenario_file(path, root=self._root).scenarios
        if len(kept) > 1 or any(isinstance(getattr(kept[0], part), Path) for part in _FILES):
            raise InputError(Fault("what-if-foreign", file=str(path)))
        return kept[0].model_copy(update={"name": name})

    def save(self, change: ScenarioChange) -> Path:
        """Write a scenario under its name: another file takes the place of the old one at once."""
        path = self.path(change.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._require_inside()
        write_text(path, change_toml(change))
        return path

    def remove(self, name: str) -> None:
        """Delete the file of a scenario, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def free_name(self, base: str, taken: frozenset[str] = frozenset()) -> str:
        """The first of ``base 1``, ``base 2`` ... that nobody uses."""
        used = {*self.names(), *taken}
        number = 1
        while f"{base} {number}" in used:
            number += 1
        return f"{base} {number}"

    def _require_inside(self) -> None:
        """Refuse a folder that is a link to somewhere else."""
        if not self.folder.resolve().is_relative_to(self._root):
            raise InputError(Fault("what-if-outside", file=str(self.folder)))


def change_toml(change: ScenarioChange) -> str:
    """A scenario of the page, whose parts are rows, as a file."""
    parts = {part: getattr(change, part) or () for part in ROW_PARTS}
    rows = {part: [row.model_dump(exclude_defaults=True) for row in of] for part, of in parts.items()}
    return scenario_toml(change.name, change.close, rows)


@dataclass(frozen=True)
class FileStamps:
    """The files of a study, each with its size and time when they were read."""

    seen: Mapping[Path, tuple[int, int] | None]

    @classmethod
    def of(cls, study: Study) -> FileStamps:
        """As they are now."""
        plans = [Path(plan) for plan in study.study.plans if plan.endswith(".toml")]
        files = [*([study.path] if study.path else []), *study.input_paths, *plans]
        return cls({path: _mark(path) for path in dict.fromkeys(files)})

    def changed(self) -> list[str]:
        """Names of those that are others now, or gone."""
        return [path.name for path, mark in self.seen.items() if _mark(path) != mark]


def _mark(path: Path) -> tuple[int, int] | None:
    """Size and time of a file; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns
