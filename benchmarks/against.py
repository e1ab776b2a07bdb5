"""Measure this engine against an earlier one: another checkout of this repository, on one machine, in turn.

    git worktree add ../before COMMIT
    python benchmarks/against.py ../before [--data ../shared/data] [--rounds 3]

prints, for each city and job, processor seconds (the least of all rounds): the earlier engine on the graph it
reads, this engine on that very graph, and this engine on the graph it reads itself. The second ratio is the
engine's own doing; the third also holds what is in the graph now and was not then. All three are asked about
the same points and nodes: points are drawn beside edges, and those of a graph with lines across squares would
stand on squares the more often, the more lines cross them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
from export import columns
from scipy.spatial import KDTree

import lifecircle as lc
from lifecircle.network import Network, build_network, load_network, save_network
from lifecircle.network.routing.junctions import junction_graph
from lifecircle.tables import StreetTable

HERE = Path(__file__).parent
ROOT = HERE.parent
CITIES = ("heidelberg", "porto")
JOBS = ("nearest", "nearest-raw", "pairs", "counts", "e2sfca", "isochrones", "build", "reload")
OF_A_GRAPH = set(JOBS) - {"build"}


def ran(checkout: Path, script: str, *arguments: object) -> None:
    """Run one of a checkout's own scripts with its own code."""
    environment = os.environ | {
        "PYTHONPATH": str(checkout / "coverage"),
        "NUMBA_CACHE_DIR": str(checkout / ".numba"),
        "LIFECIRCLE_CACHE": str(checkout / ".lifecircle-cache"),
    }
    command = [sys.executable, checkout / "benchmarks" / script, *arguments]
    subprocess.run([str(part) for part in command], check=True, env=environment, stdout=subprocess.DEVNULL)


def same_graph(earlier: Path, folder: Path) -> None:
    """The earlier engine's graph and points, with this engine's network of it."""
    shutil.copytree(earlier, folder, dirs_exist_ok=True)
    city = np.load(earlier / "city.npz")
    count = len(city["u"])
    both, none = np.ones(count, bool), np.full(count, -1, np.int32)
    streets = StreetTable(
        lon=city["node_lon"], lat=city["node_lat"], node_id=np.arange(len(city["node_lon"])),
        u=city["u"], v=city["v"], way=np.arange(1, count + 1), segment=np.zeros(count, np.int32),
        forward=both, backward=both, name=none, highway=none, speed_kmh=np.full(count, np.nan, np.float32),
        steps=~both, bridge=~both,
    )  # fmt: skip
    save_network(build_network(streets), folder / "city.network")


def same_points(earlier: Path, own: Path, folder: Path) -> None:
    """The graph this engine reads itself, with the points and nodes the earlier engine is asked about."""
    shutil.copytree(own, folder, dirs_exist_ok=True)
    network = city_network(folder)
    asked = np.load(earlier / "city.npz")
    city = dict(np.load(own / "city.npz"))
    # stage 1: points by their degrees, joined to this graph
    for name in ("origin", "facility", "centre"):
        places = gpd.points_from_xy(asked[f"{name}_lon"], asked[f"{name}_lat"], crs=4326)
        points = gpd.GeoDataFrame(geometry=places)
        city |= columns(name, points, lc.snap(network, points), network)
    # stage 2: nodes by their place
    nodes = KDTree(np.column_stack([network.node_lon, network.node_lat]))
    for name in ("pair_node", "clinic_node"):
        node = asked[name]
        city[name] = nodes.query(np.column_stack([asked["node_lon"][node], asked["node_lat"][node]]))[1]
    city |= {name: asked[name] for name in ("service", "beds")}
    np.savez(folder / "city.npz", **city)


def processor_s(checkout: Path, job: str, folder: Path) -> float:
    """Processor seconds of one job, the least of its runs."""
    ran(checkout, "engine_lifecircle.py", job, folder, "--as", "lifecircle")
    told = json.loads((folder / f"{job}-lifecircle.json").read_text(encoding="utf-8"))
    return min(told["processor_s"])


def city_network(folder: Path) -> Network:
    """A city's network."""
    network = load_network(folder / "city.network")
    if network is None:
        sys.exit(f"{folder}: no network of this version; remove the folder")
    return network


def size(folder: Path) -> str:
    """Edges of a city's graph, and the stretches between junctions that searches run on."""
    network = city_network(folder)
    return f"{len(network):,} edges and {len(junction_graph(network)):,} stretches"


def main() -> None:
    """Both engines, city by city, and a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("earlier", type=Path, help="the other checkout")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--city", choices=CITIES, action="append")
    parser.add_argument("--job", choices=JOBS, action="append")
    options = parser.parse_args()
    earlier = options.earlier.resolve()
    for city in options.city or CITIES:
        extract = (options.data / "osm" / f"{city}.osm.pbf").resolve()
        theirs, ours, same, now = (
            HERE / "work" / f"{city}{which}" for which in ("-before", "", "-same", "-now")
        )
        for checkout, folder in ((earlier, theirs), (ROOT, ours)):
            if not (folder / "city.json").exists():
                ran(checkout, "export.py", extract, folder)
        same_graph(theirs, same)
        same_points(theirs, ours, now)
        print(f"\n{city}: {size(same)} then, {size(now)} now\n", flush=True)
        print("| job | then | now, same graph | ratio | now | ratio |\n|---|---|---|---|---|---|")
        for job in options.job or JOBS:
            runs = {"then": (earlier, theirs), "same": (ROOT, same), "now": (ROOT, now)}
            if job not in OF_A_GRAPH:
                del runs["same"]
            least: dict[str, float] = {}
            for _ in range(options.rounds):
                for which, (checkout, folder) in runs.items():
                    least[which] = min(least.get(which, np.inf), processor_s(checkout, job, folder))
            cells = [f"{least['then']:.3f} s"]
            for which in ("same", "now"):
                seconds = least.get(which)
                cells += [f"{seconds:.3f} s", f"{seconds / least['then']:.2f}"] if seconds else ["–", "–"]
            print(f"| {job} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
