"""Pandana and its fork pandarm: nodes only, contraction hierarchies in C++.

python benchmarks/engine_pandana.py JOB FOLDER --as pandana|pandarm
"""

from __future__ import annotations

import importlib
from functools import partial
from types import SimpleNamespace
from typing import Any

import job
import numpy as np
import pandas as pd


def build_network(city: SimpleNamespace, watch: job.Stopwatch, *, precompute: bool) -> Any:
    """The same graph; ranges precomputed where they are asked for more than once."""
    engine = importlib.import_module(city.engine)
    node = pd.RangeIndex(len(city.node_x))
    weights = pd.DataFrame({"metres": city.length_mm / 1000})
    made = watch(
        "build",
        lambda: engine.Network(
            pd.Series(city.node_x, node), pd.Series(city.node_y, node),
            pd.Series(city.u), pd.Series(city.v), weights,
        ),
    )  # fmt: skip
    if precompute:
        watch("precompute", lambda: made.precompute(job.LIMIT_M))
    return made


def nodes_of(city: SimpleNamespace, name: str) -> np.ndarray:
    """The nearer end of every point's edge."""
    edge, offset = getattr(city, f"{name}_edge"), getattr(city, f"{name}_offset_mm")
    return np.where(2 * offset <= city.length_mm[edge], city.u[edge], city.v[edge])


def nearest(city: SimpleNamespace) -> job.Outcome:
    """Minutes from the nearest node of every origin to the nearest node of every service's facilities."""
    watch = job.Stopwatch()
    network = build_network(city, watch, precompute=False)
    facility, origin = nodes_of(city, "facility"), nodes_of(city, "origin")
    for code in range(city.facts["services"]):
        preview = facility[city.service == code]
        watch(
            f"facilities of service {code}",
            partial(
                network.set_pois, f"s{code}", job.LIMIT_M, 1,
                pd.Series(city.node_x[preview]), pd.Series(city.node_y[preview]),
            ),
        )  # fmt: skip

    def ask() -> np.ndarray:
        """All services."""
        minutes = np.empty((len(origin), city.facts["services"]))
        for code in range(city.facts["services"]):
            table = network.nearest_pois(job.LIMIT_M, f"s{code}", num_pois=1)
            minutes[:, code] = table.to_numpy()[origin, 0]
        minutes[minutes >= job.LIMIT_M] = np.inf
        return minutes * (60 / 4000)

    seconds, minutes = job.timed(ask, 1)
    return job.Outcome(seconds, {"minutes": minutes}, watch.seconds)


def node_pairs(city: SimpleNamespace) -> job.Outcome:
    """Every node within the limit of some nodes."""
    watch = job.Stopwatch()
    network = build_network(city, watch, precompute=False)
    seconds, table = job.timed(partial(network.nodes_in_range, city.pair_node.tolist(), job.LIMIT_M), 1)
    source, node, metres = (table[name].to_numpy() for name in table.columns[:3])
    return job.Outcome(seconds, {"source": source, "node": node, "metres": metres}, watch.seconds)


def counts(city: SimpleNamespace) -> job.Outcome:
    """Facilities of every service within the limit of every node."""
    watch = job.Stopwatch()
    network = build_network(city, watch, precompute=True)
    facility = nodes_of(city, "facility")
    for code in range(city.facts["services"]):
        network.set(pd.Series(facility[city.service == code]), name=f"s{code}")

    def ask() -> np.ndarray:
        """All services."""
        listed = [
            network.aggregate(job.LIMIT_M, "count", "flat", name=f"s{code}")
            for code in range(city.facts["services"])
        ]
        return np.stack([column.to_numpy() for column in listed], axis=1)

    seconds, result = job.timed(ask, 1)
    return job.Outcome(seconds, {"count": result}, watch.seconds)


if __name__ == "__main__":
    job.main("pandana", {"nearest": nearest, "pairs": node_pairs, "counts": counts})
