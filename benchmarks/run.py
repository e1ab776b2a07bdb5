"""Measure lifecircle against its peers: one command, every engine on the same graph in one run.

    python benchmarks/run.py [--data ../shared/data] [--quick]

Installs the peers of peers.txt into .venv-peers, exports the Porto and Heidelberg extracts once, runs each
job in a process of its own, checks that results agree, and writes results.md and results.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import osmium
import report

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = ROOT / ".venv-peers"
WORK = HERE / "work"
CITIES = ("porto", "heidelberg")
TIMEOUT_S = 1800

JOBS = (
    ("nearest", ("lifecircle", "scipy", "networkx", "pandana", "pandarm")),
    ("nearest-raw", ("lifecircle", "scipy")),
    ("nearest-long", ("lifecircle",)),
    ("pairs", ("lifecircle", "pandana", "pandarm")),
    ("counts", ("lifecircle", "pandana", "pandarm")),
    ("e2sfca", ("lifecircle", "networkx", "access")),
    ("isochrones", ("lifecircle", "osmnx")),
    ("buffer-union", ("lifecircle",)),
    ("build", ("lifecircle", "osmnx", "pyrosm", "valhalla")),
    # after the build, whose tiles they need
    ("isochrones", ("valhalla",)),
    ("walking-distances", ("lifecircle", "valhalla")),
    ("reload", ("lifecircle",)),
)


def install_peers() -> dict[str, str]:
    """Versions of the peers, each installed by itself so that one that fails leaves the others."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    figures = {}
    for line in (HERE / "peers.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        name = line.split(">")[0]
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--prefer-binary", line],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            figures[name] = "does not install: " + done.stderr.strip().splitlines()[-1][:160]
            continue
        asked = subprocess.run(
            [python, "-c", f"from importlib.metadata import version; print(version({name!r}))"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        figures[name] = asked.stdout.strip()
    return figures


def export(city: str, data: Path, *, quick: bool) -> Path:
    """One city's graph and points, and its XML for osmnx."""
    folder, extract = WORK / city, data / "osm" / f"{city}.osm.pbf"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, HERE / "export.py", extract, folder, *(["--quick"] if quick else [])]
    subprocess.run(command, check=True)
    with osmium.SimpleWriter(str(folder / "city.osm")) as writer:
        for thing in osmium.FileProcessor(str(extract)):
            writer.add(thing)
    return folder


def measure(job: str, engine: str, folder: Path, *, quick: bool) -> dict:
    """One job in a process of its own; a failure is a result too."""
    ours = engine == "lifecircle"
    python = sys.executable if ours else str(PEERS / "bin" / "python")
    script = HERE / f"engine_{'pandana' if engine == 'pandarm' else engine}.py"
    command = [python, script, job, folder, "--as", engine, *(["--quick"] if quick else [])]
    print(f"{folder.name:12}{job:20}{engine:12}", end="", flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        print("timeout", flush=True)
        return {"job": job, "engine": engine, "error": f"not done after {TIMEOUT_S} s"}
    if done.returncode:
        error = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        print(error[:160], flush=True)
        return {"job": job, "engine": engine, "error": error[:300]}
    result = json.loads((folder / f"{job}-{engine}.json").read_text(encoding="utf-8"))
    print(f"{min(result['seconds']):9.3f} s {result['peak_mb']:7.0f} MB", flush=True)
    return result


def measured_before() -> dict:
    """What the last run wrote."""
    return json.loads((HERE / "results.json").read_text(encoding="utf-8"))


def main() -> None:
    """Everything, then the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true", help="fewer points and repeats; ratios are rough")
    parser.add_argument("--city", choices=CITIES, action="append", help="only this one")
    parser.add_argument(
        "--job",
        choices=sorted({job for job, _ in JOBS}),
        action="append",
        help="measure only this one again, all its engines; the rest stays as it was measured last",
    )
    options = parser.parse_args()
    versions, result = install_peers(), {}
    if options.job:
        earlier = measured_before()
        result = earlier["cities"]
        # what cannot be installed to-day was measured as it was then
        versions |= {name: earlier["versions"][name] for name, one in versions.items() if " " in one}
    for city in options.city or CITIES:
        folder = WORK / city if options.job else export(city, options.data, quick=options.quick)
        if not options.job:
            # compile first: what is measured is the second process on a machine, not the first
            measure("nearest", "lifecircle", folder, quick=True)
        wanted = [(job, engines) for job, engines in JOBS if job in (options.job or (job,))]
        rows = [
            measure(job, engine, folder, quick=options.quick) for job, engines in wanted for engine in engines
        ]
        agreement = report.agreement(folder, rows)
        if options.job:
            # answers of jobs measured earlier need not lie here any more
            agreement = result[city]["agreement"] | agreement
            remeasured = {(row["job"], row["engine"]): row for row in rows}
            rows = [remeasured.get((row["job"], row["engine"]), row) for row in result[city]["jobs"]]
        facts = json.loads((folder / "city.json").read_text(encoding="utf-8"))
        result[city] = {"facts": facts, "jobs": rows, "agreement": agreement}
        # after every city: an hour's work is not lost with its last minute
        report.write(HERE, result, versions, quick=options.quick, jobs=tuple(options.job or ()))


if __name__ == "__main__":
    main()
