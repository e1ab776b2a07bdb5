"""pyrosm: from the PBF to tables of nodes and edges, and to a graph."""

from __future__ import annotations

from types import SimpleNamespace

import job
import numpy as np
import pyrosm


def build(city: SimpleNamespace) -> job.Outcome:
    """Walkable nodes and edges; what it takes to make a graph of them is told apart."""
    seconds, (nodes, edges, source) = job.timed(lambda: read(city.facts["extract"]), 1)
    watch = job.Stopwatch()
    watch(
        "to a networkx graph, after",
        lambda: source.to_graph(nodes, edges, graph_type="networkx", simplify=False, retain_all=True),
    )
    return job.Outcome(
        seconds, {"nodes": np.array([len(nodes)]), "edges": np.array([len(edges)])}, watch.seconds
    )


def read(path: str) -> tuple:
    """Nodes, edges and the reader."""
    source = pyrosm.OSM(path)
    nodes, edges = source.get_network(network_type="walking", nodes=True)
    return nodes, edges, source


if __name__ == "__main__":
    job.main("pyrosm", {"build": build})
