"""What ``lifecircle run`` was asked for, apart from the studies themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["RunOptions"]


@dataclass(frozen=True)
class RunOptions:
    """The options of one ``lifecircle run``, the same for every study it names.

    Attributes
    ----------
    output
        Folder of the results, or above a folder for each of several studies; each study's own where None.
    jobs
        Threads of each study.
    cache
        Whether what can be is kept for the next run; as each study says where None.
    lang
        Language of the results; each study's own where None.
    spoken
        Language of the terminal.
    as_json
        Whether the terminal is told in JSON.
    allow_outside
        Whether the paths of a study may leave its folder.
    """

    output: Path | None
    jobs: int | None
    cache: bool | None
    lang: str | None
    spoken: str
    as_json: bool
    allow_outside: bool
