"""Measure the location models, alone and against spopt with HiGHS: one command, which writes siting.md.

    python benchmarks/siting.py [--data ../shared/data] [--quick]

Demand points and candidates lie beside random streets of real extracts; costs are walking metres from the
bounded search. spopt runs in .venv-peers, every job in a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import report
from export import points_near_streets
from run import PEERS, ROOT, WORK

import lifecircle as lc
from lifecircle.network import Network, pairs

HERE = Path(__file__).parent
MODELS = ("lscp", "mclp", "p-median")
WITH_CAPACITY = ("capacitated mclp", "capacitated p-median")
LIMITS_S = {"lscp": 90.0, **dict.fromkeys(("mclp", "p-median", *WITH_CAPACITY), 45.0)}
"""Given to a job for its proof."""
PATIENCE_S = 60.0
"""For spopt, which builds its model before its solver's clock starts."""
GOAL_GAP, GOAL_S, GOAL_GB = 0.01, 120.0, 4.0
METRES_PER_MINUTE = 4000 / 60
ROOM = 0.7
"""Places at the new sites together, per person: not everybody finds one."""


class Instance(NamedTuple):
    """Points beside the streets of a city: how many, how far they walk, how many sites to open."""

    city: str
    demand: int
    sites: int
    cutoff_m: float
    new: int


COMPARED = (Instance("heidelberg", 500, 500, 6000.0, 10), Instance("heidelberg", 20_000, 2_000, 1500.0, 50))
ALONE = (
    Instance("heidelberg", 100_000, 2_000, 1500.0, 50),
    Instance("porto", 100_000, 2_000, 1500.0, 50),
)

LIMITED = Instance("porto", 20_000, 500, 1500.0, 50)


def peer_versions() -> dict[str, str]:
    """Versions of spopt and its solver in the peers' environment, installed where they are missing."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    wanted = [
        line
        for line in (HERE / "peers.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith(("spopt", "highspy"))
    ]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--prefer-binary", *wanted], check=True)
    names = ("spopt", "highspy", "pulp")
    ask = f"from importlib.metadata import version; print(*[version(name) for name in {names!r}])"
    told = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout
    return dict(zip(names, told.split(), strict=True))


def stores(data: Path, folder: Path) -> Path:
    """San Francisco: 205 census tracts, 16 candidate stores, four to open, 5 km."""
    path = data / "sf_stores" / "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tracts = {name: at for at, name in enumerate(dict.fromkeys(row["DestinationName"] for row in rows))}
    names = {name: at for at, name in enumerate(dict.fromkeys(row["name"] for row in rows))}
    people = np.zeros(len(tracts))
    for row in rows:
        people[tracts[row["DestinationName"]]] = float(row["demand"])
    target = folder / "stores.npz"
    np.savez(
        target,
        row=np.array([tracts[row["DestinationName"]] for row in rows]),
        site=np.array([names[row["name"]] for row in rows]),
        cost=np.array([float(row["distance"]) for row in rows]),
        people=people,
        sites=len(names),
        cutoff=5000.0,
        new=4,
    )
    return target


def on_streets(asked: Instance, network: Network, folder: Path) -> Path:
    """Points of a city and the pairs within the cutoff; whoever reaches no candidate is left out."""
    rng = np.random.default_rng(5)
    demand, sites = (
        lc.snap(network, points_near_streets(network, count, rng)) for count in (asked.demand, asked.sites)
    )
    most = int(asked.cutoff_m / METRES_PER_MINUTE / network.minutes_per_cost)
    row, site, cost = pairs(network, demand, sites, max_cost=most)
    reached, row = np.unique(row, return_inverse=True)
    people = rng.integers(1, 40, asked.demand).astype(float)[reached]
    target = folder / f"{asked.city}-{asked.demand}-{asked.new}.npz"
    np.savez(
        target,
        row=row,
        site=site,
        cost=cost * network.minutes_per_cost * METRES_PER_MINUTE,
        people=people,
        capacity=np.round(people.sum() * ROOM / asked.new),
        sites=asked.sites,
        cutoff=asked.cutoff_m,
        new=asked.new,
    )
    return target


def measure(engine: str, model: str, instance: Path, *, seconds: float) -> dict:
    """One job; one that fails or takes too long is a result too."""
    python = sys.executable if engine == "lifecircle" else str(PEERS / "bin" / "python")
    command = [python, HERE / "siting_job.py", engine, model, instance, "--seconds", str(seconds)]
    patience = PATIENCE_S if engine == "spopt" else None
    print(f"{instance.stem:24}{model:22}{engine:12}", end="", flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        print("no answer", flush=True)
        return {"error": f"no answer in {patience:g} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        error = "out of memory (8 GB)" if "Memory" in last or "bad_alloc" in last else last.split(": ")[-1]
        print(error[:100], flush=True)
        return {"error": error[:100]}
    result = json.loads(done.stdout.splitlines()[-1])
    print(f"{result['clock_s']:8.2f} s  gap {result['gap']:.3%}  {result['peak_mb']:6.0f} MB", flush=True)
    return result


def main() -> None:
    """Make the instances, run the jobs, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true", help="one instance at full size, 20 s each")
    options = parser.parse_args()
    versions, folder = peer_versions(), WORK / "siting"
    folder.mkdir(parents=True, exist_ok=True)
    alone = ALONE[1:2] if options.quick else ALONE
    limits = dict.fromkeys(LIMITS_S, 20.0) if options.quick else LIMITS_S
    networks = {
        city: lc.read_streets(options.data / "osm" / f"{city}.osm.pbf")
        for city in sorted({asked.city for asked in (*COMPARED, *alone, LIMITED)})
    }
    compared = [stores(options.data, folder)]
    compared += [on_streets(asked, networks[asked.city], folder) for asked in COMPARED]
    rows = []
    for path in compared:
        for model in MODELS:
            ours = measure("lifecircle", model, path, seconds=limits[model])
            rows.append((path, model, ours, measure("spopt", model, path, seconds=limits[model])))
    full = []
    for asked in alone:
        path = on_streets(asked, networks[asked.city], folder)
        # The fewest sites for everybody do not depend on how many were asked for.
        models = MODELS if asked.new == 50 else MODELS[1:]
        full += [(path, model, measure("lifecircle", model, path, seconds=limits[model])) for model in models]
    limited = on_streets(LIMITED, networks[LIMITED.city], folder)
    full += [
        (limited, model, measure("lifecircle", model, limited, seconds=limits[model]))
        for model in WITH_CAPACITY
    ]
    lines = list(page(rows, full, versions, quick=options.quick))
    (HERE / "siting.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def page(rows: list, full: list, versions: dict[str, str], *, quick: bool) -> Iterator[str]:
    """The page, line by line."""
    machine = ", ".join(f"{key} {value}" for key, value in report.machine().items())
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    command = "python benchmarks/siting.py" + (" --quick" if quick else "")
    yield from (
        "# Location models measured",
        "",
        f"Made by `{command}` on {dt.datetime.now(dt.UTC).date()}: {machine}. Peer: {peers}.",
        "",
        "Demand points and candidates lie beside random streets of OpenStreetMap extracts; costs are walking",
        "metres within the cutoff, p-median counts whoever is beyond it as the cutoff away. With capacity",
        f"the new sites have places for {ROOM:.0%} of the people. Seconds are",
        "by the clock, from costs in memory to the answer, the model's building included; CPU is processor",
        "time of all threads.",
        "",
        "## At full size",
        "",
        f"Goal: a gap of at most {GOAL_GAP:.0%} within {GOAL_S:.0f} s and {GOAL_GB:.0f} GB.",
        "",
        "| city | demand × sites | pairs | model | sites opened | gap | s | CPU s | peak MB | goal |",
        "|---|---|---:|---|---:|---:|---:|---:|---:|---|",
    )
    for path, model, ours in full:
        yield _alone(path, model, ours)
    yield from (
        "",
        "## Against spopt with HiGHS",
        "",
        f"Spopt is asked for a proven optimum and stopped after {PATIENCE_S:.0f} s. Ours, where it is short,",
        "is the best of three runs after one that is not counted.",
        "",
        "| demand × sites | model | spopt s | ours s | times | CPU | spopt MB | ours MB | gap | same |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    )
    for path, model, ours, theirs in rows:
        yield _against(path, model, ours, theirs)


def _shape(path: Path) -> tuple[str, int]:
    """Demand × sites, and pairs."""
    with np.load(path) as arrays:
        return f"{len(arrays['people']):,} × {int(arrays['sites']):,}", len(arrays["cost"])


def _alone(path: Path, model: str, ours: dict) -> str:
    """A row of ours."""
    shape, count = _shape(path)
    if "error" in ours:
        return f"| {path.stem.split('-')[0]} | {shape} | {count:,} | {model} | {ours['error']} |||||"
    met = ours["gap"] <= GOAL_GAP and ours["clock_s"] <= GOAL_S and ours["peak_mb"] <= GOAL_GB * 1000
    cells = (
        path.stem.split("-")[0].capitalize(), shape, f"{count:,}", model, f"{ours['sites']}",
        f"{ours['gap']:.2%}", f"{ours['clock_s']:.0f}", f"{ours['processor_s']:.0f}",
        f"{ours['peak_mb']:.0f}",
        "met" if met else "**missed**",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _against(path: Path, model: str, ours: dict, theirs: dict) -> str:
    """A row of both."""
    shape, _ = _shape(path)
    if "error" in ours:
        return f"| {shape} | {model} | | {ours['error']} |||||||"
    own = (f"{ours['clock_s']:.3g}", f"{ours['peak_mb']:.0f}", f"{ours['gap']:.2%}")
    if "error" in theirs:
        cells = (shape, model, theirs["error"], own[0], "", "", "", own[1], own[2], "")
    else:
        near = abs(ours["objective"] - theirs["objective"]) <= 1e-6 * abs(theirs["objective"])
        cells = (
            shape, model, f"{theirs['clock_s']:.3g}", own[0],
            f"**{theirs['clock_s'] / ours['clock_s']:.1f}**",
            f"{theirs['processor_s'] / ours['processor_s']:.1f}",
            f"{theirs['peak_mb']:.0f}", own[1], own[2], "yes" if near else "**no**",
        )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
