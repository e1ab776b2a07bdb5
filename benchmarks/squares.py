"""What squares cost: building a city's network with and without the lines across areas, in one run.

    python benchmarks/squares.py EXTRACT [EXTRACT ...]

prints a line of a table for each: processor seconds (the least of five rounds, taken in turn), their ratio,
and the edges that areas add. Without them, outlines are read and dropped.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np

from lifecircle.network import Network, build_network
from lifecircle.sources.streets.osm import read_osm_streets

ROUNDS = 5
STREETS = "lifecircle.sources.streets"


def built(path: Path, *, squares: bool) -> tuple[float, Network]:
    """Processor seconds of reading and building, and the network."""
    start = time.process_time()
    if squares:
        network = build_network(read_osm_streets(path))
    else:
        with patch(f"{STREETS}.osm.add_outline"), patch(f"{STREETS}.ground.add_outline"):
            network = build_network(read_osm_streets(path))
    return time.process_time() - start, network


def main(paths: list[str]) -> None:
    """Measure every extract."""
    print("| extract | with squares | without | ratio | edges across areas |\n|---|---|---|---|---|")
    for path in map(Path, paths):
        built(path, squares=True)  # compiles
        rounds = [(built(path, squares=True), built(path, squares=False)) for _ in range(ROUNDS)]
        crossed, plain = (min(round_[k][0] for round_ in rounds) for k in (0, 1))
        network = rounds[0][0][1]
        areas = np.array([*network.highways, ""])[network.highway] == "area"
        share = f"{areas.sum():,} of {len(network):,}"
        name = path.name.partition(".")[0]
        print(f"| {name} | {crossed:.2f} s | {plain:.2f} s | {crossed / plain:.2f} | {share} |")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
