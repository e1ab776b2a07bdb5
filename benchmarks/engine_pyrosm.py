"""pyrosm: from the PBF to tables of nodes and edges, and to a graph."""

from __future__ import annotations

from types import SimpleNamespace

import job
import numpy as np
import pyrosm


def build(city: SimpleNamespace) -> job.Outcome:
    """Walkable nodes and edges, and a graph of them; what the tables alone took is told apart."""
    watch = job.Stopwatch()

    def ask() -> tuple:
        """Tables, then the graph."""
        source = pyrosm.OSM(city.facts["extract"])
        nodes, edges = watch(
            "of it nodes and edges", lambda: source.get_network(network_type="walking", nodes=True)
        )
        graph = source.to_graph(nodes, edges, graph_type="networkx", simplify=False, retain_all=True)
        return len(graph), graph.size()

    seconds, (nodes, edges) = job.timed(ask, 1)
    return job.Outcome(seconds, {"nodes": np.array([nodes]), "edges": np.array([edges])}, watch.seconds)


if __name__ == "__main__":
    job.main("pyrosm", {"build": build})
