"""The first isochrones of a fresh installation, before and after ``lifecircle warm-up``.

python benchmarks/first_call.py [--repeats 3]

Each round has an empty cache of compiled loops of its own. In it one process draws isochrones, compiling what
it needs; another empty cache is filled by ``lifecircle warm-up``, and a fresh process draws the same ones.
Times are of the processor, all of a process with its imports: other work on the machine counts little. Writes
first_call.json and first_call.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import report

HERE = Path(__file__).parent
DRAWING = """
import sys
import geopandas as gpd
import lifecircle as lc
streets = lc.read_streets(sys.argv[1] + "/streets.geojson")
points = gpd.read_file(sys.argv[1] + "/clinics.geojson").set_index("id")
assert len(lc.isochrones(streets, points, minutes=[5, 10, 15])) == 3 * len(points)
"""
STEPS = {
    "empty": "first isochrones, nothing compiled",
    "warm_up": "`lifecircle warm-up`, once",
    "warmed": "first isochrones of a fresh process after it",
}


def processor_s(command: list[str], cache: Path) -> float:
    """Seconds of the processor that a process takes, its compiled loops kept in a folder."""
    kept = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "LIFECIRCLE_CACHE": str(cache)}
    process = subprocess.Popen(
        command, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command}\n{errors}")
    return usage.ru_utime + usage.ru_stime


def one_round(folder: Path, town: Path) -> dict[str, float]:
    """Every step once, from empty caches."""
    draw = [sys.executable, "-c", DRAWING, str(town)]
    empty, warm = (folder / name for name in ("empty", "warm"))
    for cache in (empty, warm):
        cache.mkdir(mode=0o700)
    return {
        "empty": processor_s(draw, empty),
        "warm_up": processor_s([sys.executable, "-m", "lifecircle", "warm-up"], warm),
        "warmed": processor_s(draw, warm),
    }


def main() -> None:
    """As many rounds as asked; of each step the least."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        town = Path(name) / "town"
        writing = f"import lifecircle as lc; lc.example_study({str(town)!r})"
        subprocess.run([sys.executable, "-c", writing], check=True)
        rounds = []
        for number in range(repeats):
            folder = Path(name) / str(number)
            folder.mkdir()
            rounds.append(one_round(folder, town))
            print({step: round(seconds, 2) for step, seconds in rounds[-1].items()}, flush=True)
    date = dt.datetime.now(dt.UTC).date().isoformat()
    whole = {"date": date, "machine": report.machine(), "processor_s": rounds}
    (HERE / "first_call.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    machine = ", ".join(f"{key} {value}" for key, value in whole["machine"].items())
    lines = [
        "# The first call of a fresh installation",
        "",
        f"Made by `python benchmarks/first_call.py` on {date}: {machine}.",
        "",
        f"Seconds of the processor, least of {repeats} rounds, each with an empty cache of compiled",
        "loops. A step is a process with all its imports. The town has 76 segments of street: what is",
        "measured is compiling, or reading what was compiled.",
        "",
        "| step | processor s |",
        "|---|---:|",
        *(f"| {words} | {min(one[step] for one in rounds):.1f} |" for step, words in STEPS.items()),
    ]
    (HERE / "first_call.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
