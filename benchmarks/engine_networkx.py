"""networkx: Dijkstra in Python, on the same graph."""

from __future__ import annotations

from types import SimpleNamespace

import job
import networkx as nx
import numpy as np
import split


def graph_of(city: SimpleNamespace) -> nx.DiGraph:
    """Streets against the way one walks, for searches start at facilities; of parallel edges the shortest."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(city.node_x)))
    metres = city.length_mm / 1000
    for tail, head, is_open in ((city.v, city.u, city.forward), (city.u, city.v, city.backward)):
        for u, v, length in zip(
            tail[is_open].tolist(), head[is_open].tolist(), metres[is_open].tolist(), strict=True
        ):
            if not graph.has_edge(u, v) or length < graph[u][v]["weight"]:
                graph.add_edge(u, v, weight=length)
    return graph


def nearest(city: SimpleNamespace) -> job.Outcome:
    """One search per service from a node joined to both ends of its facilities' edges."""
    watch = job.Stopwatch()
    graph = watch("graph", lambda: graph_of(city))
    to_u, to_v = split.legs(city, "facility")
    nodes, services = len(city.node_x), city.facts["services"]

    def ask() -> np.ndarray:
        """All services."""
        distance = np.full((services, nodes), np.inf)
        for code in range(services):
            mine = np.flatnonzero((city.service == code) & np.isfinite(to_u))
            source = ("service", code)
            for end, leg in ((city.u, to_u), (city.v, to_v)):
                for node, metres in zip(
                    end[city.facility_edge[mine]].tolist(), leg[mine].tolist(), strict=True
                ):
                    if not graph.has_edge(source, node) or metres < graph[source][node]["weight"]:
                        graph.add_edge(source, node, weight=metres)
            # a way through this node would start there: it is no shortcut for anybody else
            result = nx.single_source_dijkstra_path_length(graph, source, cutoff=job.LIMIT_M)
            graph.remove_node(source)
            del result[source]
            distance[code, list(result)] = list(result.values())
        return split.nearest_minutes(city, distance)

    seconds, minutes = job.timed(ask, 1)
    return job.Outcome(seconds, {"minutes": minutes}, watch.seconds)


def floating_catchments(city: SimpleNamespace) -> job.Outcome:
    """Two steps, one search per clinic."""
    watch = job.Stopwatch()
    graph = watch("graph", lambda: graph_of(city))
    steps, weights = np.array(job.STEPS_M), np.array(job.WEIGHTS)

    def ask() -> np.ndarray:
        """Both steps from the same searches."""
        access = np.zeros(len(city.node_x))
        for clinic, beds in zip(city.clinic_node.tolist(), city.beds.tolist(), strict=True):
            result = nx.single_source_dijkstra_path_length(
                graph, clinic, cutoff=job.STEPS_M[-1] + job.HALF_MM
            )
            node = np.fromiter(result, int, len(result))
            metres = np.fromiter(result.values(), float, len(result))
            weight = weights[np.searchsorted(steps, np.round(metres, 3))]
            demand = (weight * city.residents[node]).sum()
            if demand > 0:
                access[node] += beds / demand * weight
        return access

    seconds, access = job.timed(ask, 1)
    return job.Outcome(seconds, {"access": access}, watch.seconds)


if __name__ == "__main__":
    job.main("networkx", {"nearest": nearest, "e2sfca": floating_catchments})
