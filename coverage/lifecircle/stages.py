"""Stages of a job: timed, told of as they begin, and logged under ``lifecircle``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

__all__ = ["STAGES", "Listener", "Stages"]

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


class Stages:
    """Times stages and tells of them."""

    def __init__(self, tell: Listener | None) -> None:
        self._tell = tell
        self.timings: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """One stage, from start to end."""
        if self._tell:
            self._tell(name, STAGES.index(name) + 1, len(STAGES))
        _LOG.info("%s begins", name)
        start = time.perf_counter()
        yield
        self.timings[name] = time.perf_counter() - start
        _LOG.info("%s took %.1f s", name, self.timings[name])
