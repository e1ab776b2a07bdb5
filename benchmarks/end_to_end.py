"""Whole studies from the command line: what somebody who runs lifecircle waits for.

python benchmarks/end_to_end.py [--data ../shared/data] [--repeats 3]

Porto Alegre's study is the one of tests/cities/conftest.py. Every command runs once before it is timed, so
that compiled loops are in their cache; the first run is told too. Writes end_to_end.json and end_to_end.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import report

HERE = Path(__file__).parent
ROOT = HERE.parent
PROGRAM = (sys.executable, "-m", "lifecircle")


def porto_alegre(data: Path, folder: Path) -> Path:
    """The study file that the tests of real cities write."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    path = ROOT / "tests" / "cities" / "conftest.py"
    spec = importlib.util.spec_from_file_location("cities", path)
    cities = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cities)
    return cities.porto_alegre_study.__wrapped__(data, SimpleNamespace(mktemp=lambda _: folder))


def run(command: list[str]) -> dict[str, float]:
    """One run: seconds by the clock, and greatest resident memory of its process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command}\n{errors}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # a child begins with what its parent had: below that nothing is known of it
    return {"seconds": seconds, "peak_mb": max(usage.ru_maxrss, own) / 1024}


def main() -> None:
    """Every command, first once, then as often as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = {
            "lifecircle --help": [*PROGRAM, "--help"],
            "demo": [*PROGRAM, "demo", "--output", str(folder / "demo")],
        }
        if options.data.is_dir():
            study = porto_alegre(options.data.resolve(), folder)
            whole = ["run", str(study), "--output", str(folder / "results"), "--allow-outside"]
            commands["Porto Alegre, all outputs"] = [*PROGRAM, *whole]
        for what, command in commands.items():
            first, *later = [run(command) for _ in range(options.repeats + 1)]
            figures[what] = {"first": first, "later": later}
            print(what, round(first["seconds"], 2), [round(one["seconds"], 2) for one in later], flush=True)
    date = dt.datetime.now(dt.UTC).date().isoformat()
    whole = {"date": date, "machine": report.machine(), "commands": figures}
    (HERE / "end_to_end.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    machine = ", ".join(f"{key} {value}" for key, value in whole["machine"].items())
    lines = [
        "# Whole studies",
        "",
        f"Made by `python benchmarks/end_to_end.py` on {date}: {machine}.",
        "",
        "| command | first run s | fastest later s | peak MB |",
        "|---|---:|---:|---:|",
    ]
    for what, runs in figures.items():
        fastest = min(one["seconds"] for one in runs["later"])
        peak = max(one["peak_mb"] for one in [runs["first"], *runs["later"]])
        lines.append(f"| {what} | {runs['first']['seconds']:.2f} | {fastest:.2f} | {peak:.0f} |")
    (HERE / "end_to_end.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
