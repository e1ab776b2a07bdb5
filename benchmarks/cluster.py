"""What a cluster would need for many provinces, computed from one study's measured time: writes cluster.md.

    python benchmarks/cluster.py [--task-s 66.5] [--provinces 31]

A simulation, no measurement: studies are dealt to workers one at a time, whoever is free takes the next. Some
take longer than others, some workers drag, workers die and lose what they had begun, as they do with
``lifecircle run --scheduler``. Times, memory and sizes of one study are those of province.md at scale 1/16.
"""

from __future__ import annotations

import argparse
import heapq
import math
import statistics
import textwrap
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
COMMUNITIES = 202
"""Of the study measured; a province has `PROVINCE`."""
PROVINCE = 3_200
TASK_S, PEAK_MB, INPUT_MB, RESULTS_MB = 66.5, 1_411, 1.7, 125.4
RESTART_S = 60.0
"""Until a dead worker is replaced, its compiled code read and its first study taken."""
RUNS = 200
WORKERS = (1, 4, 8, 9, 10, 12, 16, 31, 62, 124)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong: sizes spread (sigma of their logarithm), workers drag, workers die."""

    name: str
    spread: float = 0.0
    dragging: float = 0.0
    slowdown: float = 1.0
    deaths_per_hour: float = 0.0


TROUBLES = (
    Trouble("all alike, nothing goes wrong"),
    Trouble("sizes spread (sigma 0.8)", spread=0.8),
    Trouble("and one worker in ten takes three times as long", spread=0.8, dragging=0.1, slowdown=3.0),
    Trouble(
        "and each worker dies once in two hours",
        spread=0.8,
        dragging=0.1,
        slowdown=3.0,
        deaths_per_hour=0.5,
    ),
)


def makespan(
    times: Sequence[float], slow: Sequence[float], *, deaths: float, rng: np.random.Generator
) -> float:
    """Seconds until the last of some tasks ends.

    Parameters
    ----------
    times
        Seconds of each task on a worker that does not drag, in the order they are dealt.
    slow
        How many times as long each worker takes.
    deaths
        Of one worker, per second; a task that is lost begins anew elsewhere.
    rng
        Draws when workers die.
    """

    def life() -> float:
        return rng.exponential(1 / deaths) if deaths else math.inf

    waiting = deque((task, 0.0) for task in times)  # seconds of a task, since when it waits
    free = [(0.0, number, life()) for number in range(len(slow))]  # since when, the worker, when it dies
    running: list[tuple[float, float, int, float]] = []  # until when, the task if it is lost then, the worker
    last = 0.0
    while waiting or running:
        # whoever is free first takes the next task, unless another ends before
        if waiting and free and (not running or max(free[0][0], waiting[0][1]) <= running[0][0]):
            since, worker, death = heapq.heappop(free)
            task, waits = waiting.popleft()
            start = max(since, waits)
            if death <= start:  # it died while it had nothing to do, and another stands in its place
                death = start + life()
            end = start + task * slow[worker]
            heapq.heappush(running, (min(end, death), task if death < end else 0.0, worker, death))
            continue
        now, lost, worker, death = heapq.heappop(running)
        if lost:
            waiting.appendleft((lost, now))
            heapq.heappush(free, (now + RESTART_S, worker, now + RESTART_S + life()))
        else:
            last = now
            heapq.heappush(free, (now, worker, death))
    return last


def simulated(tasks: int, task_s: float, workers: int, trouble: Trouble) -> tuple[float, float]:
    """Median and the ninety-fifth in a hundred of many makespans, seconds."""
    spans = []
    for run in range(RUNS):
        rng = np.random.default_rng([run, workers])
        sizes = np.exp(rng.normal(-(trouble.spread**2) / 2, trouble.spread, tasks))
        times = np.sort(task_s * sizes / sizes.mean())[::-1]  # the largest first
        slow = np.where(rng.random(workers) < trouble.dragging, trouble.slowdown, 1.0)
        spans.append(makespan(times, slow, deaths=trouble.deaths_per_hour / 3600, rng=rng))
    return statistics.median(spans), float(np.percentile(spans, 95))


def check() -> None:
    """Cases that can be done in one's head, and Graham's bounds, which no dealing can break."""
    rng = np.random.default_rng(1)
    assert makespan([3, 2, 2], [1, 1], deaths=0, rng=rng) == 4
    assert makespan([3, 2, 2], [1, 3], deaths=0, rng=rng) == 6
    assert makespan([5], [1, 1, 1], deaths=0, rng=rng) == 5
    times = rng.random(50)
    for workers in (1, 3, 7):
        span = makespan(times, [1] * workers, deaths=0, rng=rng)
        assert max(times.max(), times.sum() / workers) <= span + 1e-9
        assert span <= times.sum() / workers + times.max() + 1e-9
    # a lost task is begun anew when its worker has died, never before
    assert makespan([5], [1], deaths=0.5, rng=np.random.default_rng(2)) > 5


def main() -> None:
    """Simulate, and write cluster.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task-s", type=float, default=TASK_S)
    parser.add_argument("--provinces", type=int, default=31)
    asked = parser.parse_args()
    check()
    tasks = math.ceil(asked.provinces * PROVINCE / COMMUNITIES)
    work_h = tasks * asked.task_s / 3600
    head = (
        "Written by `python benchmarks/cluster.py`; nothing here was measured on a cluster. One task is the "
        f"study of {COMMUNITIES} communities of [province.md](province.md): {asked.task_s} processor "
        f"seconds, {PEAK_MB:,} MB of memory, {INPUT_MB} MB of inputs, {RESULTS_MB} MB of results. "
        f"{asked.provinces} provinces of {PROVINCE:,} communities are {tasks} such tasks: "
        f"{work_h:.1f} hours of one core, {tasks * INPUT_MB / 1000:.1f} GB of inputs, "
        f"{tasks * RESULTS_MB / 1000:.0f} GB of results."
    )
    how = (
        f"Minutes until the last study ends: median of {RUNS} simulated runs; in brackets, 95 in 100 end "
        f"sooner. The largest study is dealt first, a dead worker is replaced after {RESTART_S:.0f} s."
    )
    lines = [
        "# Many provinces on a cluster, simulated",
        "",
        textwrap.fill(head, 100),
        "",
        textwrap.fill(how, 100),
        "",
        f"| workers | {' | '.join(one.name for one in TROUBLES)} |",
        f"|---:|{'---:|' * len(TROUBLES)}",
    ]
    for workers in WORKERS:
        cells = []
        for trouble in TROUBLES:
            median, late = simulated(tasks, asked.task_s, workers, trouble)
            cells.append(f"{median / 60:.1f} ({late / 60:.1f})")
        lines.append(f"| {workers} | {' | '.join(cells)} |")
    (HERE / "cluster.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
