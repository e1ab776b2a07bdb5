"""What ``--cache`` saves: a first run, the same again, and again with one facility file changed.

    python benchmarks/reuse.py                     the demo city with one plan, the province at 1/16
    python benchmarks/reuse.py --scale 1/4         the province larger
    python benchmarks/reuse.py --scale 0           the demo city alone

Each run is a command of its own, all on one machine one after another, with a cache that was empty before
the first. Results of the second run are compared with those of the first, and those of the changed file with
those that it has without a cache, file by file (`same_results`): what differs ends the measuring.
Writes reuse.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import pandas as pd
import report
from province import measured_run, write_province
from same_results import differing_files

from lifecircle.demo import write_demo

HERE = Path(__file__).parent
PLAN = "hainan-2022"
RUNS = {
    "first": ("first run with a cache", "--cache"),
    "again": ("again, nothing changed", "--cache"),
    "changed": ("again, a facility file changed", "--cache"),
    "plain": ("the changed file without a cache", "--no-cache"),
}
LEAST_S = 0.1
"""Stages that take less are not told."""

SAME = (("first", "again"), ("plain", "changed"))


def main() -> None:
    """Write the studies, run each four times, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=Fraction, default=Fraction(1, 16))
    parser.add_argument("--keep", type=Path, help="folder for studies and results")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = asked.keep or Path(scratch)
        studies = {"the demo city, one plan": (demo_of_one_plan(root / "demo"), "raw/pois_gcj02_gbk.csv")}
        if asked.scale:
            province = root / f"province-{asked.scale.numerator}-{asked.scale.denominator}"
            write_province(province, float(asked.scale), PLAN)
            studies[f"the made-up province at {asked.scale}"] = (province, "facilities.csv")
        told = [line for name, (folder, file) in studies.items() for line in measured(name, folder, file)]
    machine = ", ".join(f"{key} {value}" for key, value in report.machine().items())
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    date = dt.datetime.now(dt.UTC).date().isoformat()
    head = [
        "# What a second run saves",
        "",
        f"Made by `python benchmarks/reuse.py` on {date}: {machine}.",
        f"Load of the machine at the end {load}: where it is above the number of its cores, the clock tells",
        "little, and processor seconds are an upper bound.",
        "Results that should be equal were compared file by file, and were.",
    ]
    (HERE / "reuse.md").write_text("\n".join([*head, *told]) + "\n", encoding="utf-8")


def demo_of_one_plan(folder: Path) -> Path:
    """The demo city's folder, its study asking for one plan."""
    file = write_demo(folder)
    lines = file.read_text(encoding="utf-8").splitlines()
    one = [f'plans = ["{PLAN}"]' if line.startswith("plans = ") else line for line in lines]
    file.write_text("\n".join(one) + "\n", encoding="utf-8")
    return folder


def measured(name: str, folder: Path, facilities: str) -> list[str]:
    """Four runs of one study, compared, as lines of a page."""
    runs: dict[str, pd.DataFrame] = {}
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LIFECIRCLE_CACHE"] = cache
        for run, (what, word) in RUNS.items():
            if run == "changed":
                without_last_line(folder / facilities)
            print(f"{name}: {what}", flush=True)
            runs[run] = measured_run(folder, results=run, words=[word])
        kept_mb = sum(file.stat().st_size for file in Path(cache).rglob("*") if file.is_file()) / 1e6
    for one, other in SAME:
        different = differing_files(folder / one, folder / other)
        if different:
            raise SystemExit(f"{name}: {one} and {other} differ in {', '.join(different)}")
    head, foot = f"## {name[0].upper()}{name[1:]}", f"The cache held {kept_mb:,.0f} MB."
    return ["", head, "", *lines_of(runs), "", foot]


def without_last_line(file: Path) -> None:
    """Leave out the last facility of a file."""
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))


def lines_of(runs: dict[str, pd.DataFrame]) -> list[str]:
    """Two tables: each run as a whole beside the first, and the stages of three of them."""
    lines = ["| run | clock s | processor s | of the first | peak MB |"]
    lines.append("|---|---:|---:|---:|---:|")
    for run, table in runs.items():
        own, first = table.iloc[-1], runs["first"].iloc[-1]
        cells = [RUNS[run][0], f"{own['clock_s']:.1f}", f"{own['cpu_s']:.1f}"]
        cells += [f"{own['cpu_s'] / first['cpu_s']:.2f}", f"{own['peak_mb']:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    stages = ("first", "again", "changed")
    lines += ["", f"| processor s by stage | {' | '.join(RUNS[run][0] for run in stages)} |"]
    lines.append("|---|---:|---:|---:|")
    by_stage = {run: runs[run].groupby("stage", sort=False)["cpu_s"].sum() for run in stages}
    for stage in by_stage["first"].index:
        seconds = [by_stage[run].get(stage, 0.0) for run in stages]
        if max(seconds) >= LEAST_S:
            lines.append(f"| {stage} | {' | '.join(f'{one:.1f}' for one in seconds)} |")
    return lines


if __name__ == "__main__":
    main()
