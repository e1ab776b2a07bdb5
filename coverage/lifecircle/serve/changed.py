"""Whether the files of a study are still those that were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lifecircle.study import Study

__all__ = ["StudyFiles"]


@dataclass(frozen=True)
class StudyFiles:
    """The files of a study, each with its size and time when they were read."""

    seen: Mapping[Path, tuple[int, int] | None]

    @classmethod
    def of(cls, study: Study) -> StudyFiles:
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
