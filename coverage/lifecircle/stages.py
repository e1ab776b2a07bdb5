"""Stages of a job: timed, told of as they begin, and logged under ``lifecircle``."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn, TypeAlias

from lifecircle.libraries import faults_of_libraries
from lifecircle.messages import Words

__all__ = ["STAGES", "Listener", "Stages", "ask_to_end", "end_if_asked"]

Listener: TypeAlias = Callable[[str, int, int], None]
"""Told of every stage: its key, its number, how many there are."""

STAGES: Final = (
    "plans",
    "inputs",
    "network",
    "travel",
    "assessment",
    "scenarios",
    "modes",
    "proposals",
    "circles",
    "isochrones",
    "catchments",
    "rasters",
    "routes",
    "write-tables",
    "write-map",
)
"""All stages, in their order; a job may leave some out."""


_LOG: Final = logging.getLogger("lifecircle")


_EXIT_CODES: Final[list[int]] = []
"""What this process was asked to end with; a signal is of the process, whatever job it is at."""


def ask_to_end(code: int) -> NoReturn:
    """End the process; a library that swallows the exit is overruled where `end_if_asked` is called next."""
    _EXIT_CODES.append(code)
    sys.exit(code)


def end_if_asked() -> None:
    """End the process if it was asked to: where a stage begins, and before new results take their place."""
    if _EXIT_CODES:
        sys.exit(_EXIT_CODES[-1])


class Stages:
    """Times stages and tells of them.

    Parameters
    ----------
    tell
        Called at the start of every stage.
    file
        Of the study that is worked on: a fault of a library on the way names it.
    """

    def __init__(self, tell: Listener | None, file: object = None) -> None:
        self._tell = tell
        self._file = "" if file is None else file
        self.timings: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """One stage, from start to end."""
        end_if_asked()
        if self._tell:
            self._tell(name, STAGES.index(name) + 1, len(STAGES))
        _LOG.info("%s begins", name)
        start = time.perf_counter()
        with faults_of_libraries(self._file, stage=Words(f"cli.stage.{name}")):
            yield
        self.timings[name] = time.perf_counter() - start
        _LOG.info("%s took %.1f s", name, self.timings[name])
