"""What every job shares: reading its city, timing, and writing what it found beside how long it took.

A job is one engine doing one thing to one city in a process of its own, so that its peak memory is its
own. This file imports numpy only: it runs in the environment of the peers too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

LIMIT_M = 1000.0
"""15 minutes at 4 km/h."""

STEPS_M = (400.0, 700.0, 1000.0)
HALF_MM = 0.0005
"""Sums of floats are rounded to the millimetre later: what is exactly at a limit must not be lost before."""

WEIGHTS = (1.0, 0.68, 0.22)
"""Of the enhanced two-step floating catchment (Luo and Qi, 2009)."""


class Seconds(NamedTuple):
    """Of every run: by the clock, and of processor time over all threads."""

    clock: list[float]
    processor: list[float]


@dataclass
class Outcome:
    """How long a job took, run after run, and what came out."""

    seconds: Seconds
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    prepare_s: dict[str, float] = field(default_factory=dict)
    """What was done once before, and is not in `seconds`."""
    units: int = 1
    """Polygons, where the job draws some and engines differ in how many they were given."""


def timed(work: Callable[[], Any], repeats: int) -> tuple[Seconds, Any]:
    """How long each run took, and what the last one returned. One run before is not counted."""
    if repeats > 1:
        work()
    seconds, result = Seconds([], []), None
    for _ in range(repeats):
        result = None
        start = time.perf_counter(), time.process_time()
        result = work()
        seconds.clock.append(time.perf_counter() - start[0])
        seconds.processor.append(time.process_time() - start[1])
    return seconds, result


class Stopwatch:
    """Seconds of named steps that are done once."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[[], Any]) -> Any:
        """Do a step and remember how long it took."""
        start = time.perf_counter()
        result = work()
        self.seconds[name] = time.perf_counter() - start
        return result


def peak_mb() -> float:
    """Greatest resident memory of this process. Not getrusage: that one inherits the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def read_city(folder: Path) -> SimpleNamespace:
    """What `export.py` wrote: nodes, edges, points, facilities, cases."""
    with np.load(folder / "city.npz") as arrays:
        city = SimpleNamespace(**{name: arrays[name] for name in arrays.files})
    city.folder = folder
    city.facts = json.loads((folder / "city.json").read_text(encoding="utf-8"))
    return city


def main(engine: str, jobs: dict[str, Callable[[SimpleNamespace], Outcome]]) -> None:
    """Run one job as the command line asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=sorted(jobs))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--as", dest="engine", default=engine)
    options = parser.parse_args()
    city = read_city(options.folder)
    city.engine, city.quick = options.engine, options.quick
    before = peak_mb()
    outcome = jobs[options.job](city)
    stem = f"{options.job}-{options.engine}"
    np.savez(options.folder / f"{stem}.npz", **outcome.arrays)
    figures = {
        "job": options.job,
        "engine": options.engine,
        "seconds": outcome.seconds.clock,
        "processor_s": outcome.seconds.processor,
        "prepare_s": outcome.prepare_s,
        "units": outcome.units,
        "peak_mb": peak_mb(),
        "start_mb": before,
    }
    (options.folder / f"{stem}.json").write_text(json.dumps(figures), encoding="utf-8")
