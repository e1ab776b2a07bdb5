"""A change of one facility on the demo city, every service in turn, against a whole run.

python benchmarks/scenario.py [--demo FOLDER] [--rounds 7]

`FOLDER` holds what ``lifecircle demo`` wrote; without it the demo city is written anew. A session is prepared
once. For every service that the plans route to, one facility is added in the middle of a community and, in
turn, one is closed; all rules are then judged. Seconds by the clock and of the processor are told: where a
machine is shared, the second are the ones to read. Writes scenario.json and scenario.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import report

import lifecircle as lc
from lifecircle.demo import write_demo

HERE = Path(__file__).parent
GOAL_S = 0.2


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds of a piece of work, by the clock and of the processor, and what it gave."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return {"clock_s": time.perf_counter() - clock, "cpu_s": time.process_time() - processor}, made


def changes(session: lc.Session) -> dict[str, tuple[lc.Scenario, lc.Scenario]]:
    """Per service: a facility more, and one less."""
    inputs = session.baseline.inputs
    middle = inputs.communities[inputs.communities["inside"]].geometry.representative_point().to_crs(4326)
    figures = {}
    for number, service in enumerate(session.baseline.od.services):
        there = inputs.facilities[inputs.facilities["public"] & (inputs.facilities["service"] == service)]
        if len(there):
            place = middle.iloc[number * 5 % len(middle)]
            figures[service] = (
                lc.Scenario(name="more", add=[(service, place)]),
                lc.Scenario(name="less", close=[there["facility"].iloc[len(there) // 2]]),
            )
    return figures


def fastest(
    session: lc.Session, asked: dict[str, tuple[lc.Scenario, lc.Scenario]], rounds: int
) -> dict[str, list[dict[str, float]]]:
    """The least that each change takes in several rounds of all of them: noise only ever adds."""
    runs = [
        {
            service: [timed(lambda one=one: session.assess(one))[0] for one in pair]
            for service, pair in asked.items()
        }
        for _ in range(rounds)
    ]
    return {
        service: [
            {name: min(run[service][at][name] for run in runs) for name in ("clock_s", "cpu_s")}
            for at in range(2)
        ]
        for service in asked
    }


def main() -> None:
    """Prepare, ask, and compare with a whole run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        path = options.demo / "study.toml" if options.demo else write_demo(Path(name))
        study = lc.Study.from_file(path)
        prepared, session = timed(lambda: lc.prepare(study))
        result = fastest(session, changes(session), options.rounds)
        results, _ = timed(session.present.run)
    whole = {key: prepared[key] + results[key] for key in prepared}
    table = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": report.machine(),
        "load_at_start": load,
        "prepare": prepared,
        "whole_run": whole,
        "rounds": options.rounds,
        "services": result,
    }
    (HERE / "scenario.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    (HERE / "scenario.md").write_text(page(table), encoding="utf-8")
    print(page(table))


def page(table: dict[str, Any]) -> str:
    """The figures as a page."""
    machine = ", ".join(f"{key} {value}" for key, value in table["machine"].items())
    every = [one["cpu_s"] for pair in table["services"].values() for one in pair]
    middle = statistics.median(every)
    kept = sum(seconds < GOAL_S for seconds in every)
    made = f"Made by `python benchmarks/scenario.py` on {table['date']}: {machine}, "
    made += f"load at the start {table['load_at_start']:.1f}; the least of {table['rounds']} rounds."
    goal = f"Goal: all services assessed in under {GOAL_S} s. {kept} of {len(every)} changes keep it by the "
    goal += f"processor; the median is {middle:.2f} s, the slowest {max(every):.2f} s."
    ratio = table["whole_run"]["cpu_s"] / middle
    against = (
        f"`lc.prepare` (read, route, judge) takes {table['prepare']['cpu_s']:.1f} s of the processor, a "
    )
    against += f"whole `lc.run` {table['whole_run']['cpu_s']:.1f} s: {ratio:,.0f} times the median change."
    lines = [
        "# A change of one facility on the demo city",
        "",
        made,
        "",
        goal,
        against,
        "",
        "| service | one more: clock s | cpu s | one less: clock s | cpu s |",
        "|---|---:|---:|---:|---:|",
    ]
    for service, pair in table["services"].items():
        cells = " | ".join(f"{one['clock_s']:.2f} | {one['cpu_s']:.2f}" for one in pair)
        lines.append(f"| {service} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
