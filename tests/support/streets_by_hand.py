"""Street tables written by hand, and a naive router that splits every edge at every point."""

from dataclasses import replace
from itertools import pairwise, product

import networkx as nx
import numpy as np
from pyproj import Geod

from lifecircle.tables import StreetTable

GEOD = Geod(ellps="WGS84")


def street_table(lonlat, edges, **fields):
    """A StreetTable from node places and edges.

    `edges` holds ``(u, v)`` or ``(u, v, direction)`` with direction ``"both"``, ``"forward"`` or
    ``"backward"``; `fields` replaces whole columns.
    """
    places = np.asarray(lonlat, float).reshape(-1, 2)
    count = len(edges)
    direction = [edge[2] if len(edge) > 2 else "both" for edge in edges]
    columns = {
        "lon": places[:, 0].copy(),
        "lat": places[:, 1].copy(),
        "node_id": np.arange(len(places), dtype=np.int64),
        "u": np.array([edge[0] for edge in edges], np.int32),
        "v": np.array([edge[1] for edge in edges], np.int32),
        "way": np.arange(1, count + 1, dtype=np.int64),
        "segment": np.zeros(count, np.int32),
        "forward": np.array([d in {"both", "forward"} for d in direction], bool),
        "backward": np.array([d in {"both", "backward"} for d in direction], bool),
        "name": np.full(count, -1, np.int32),
        "highway": np.full(count, -1, np.int32),
        "speed_kmh": np.full(count, np.nan, np.float32),
        "steps": np.zeros(count, bool),
        "bridge": np.zeros(count, bool),
    }
    return StreetTable(**{**columns, **fields})


def shuffled(streets, rng):
    """The same streets with nodes and segments in another order."""
    node = rng.permutation(len(streets.lon))
    number = np.empty(len(node), np.int32)
    number[node] = np.arange(len(node))
    row = rng.permutation(len(streets))
    columns = {name: column[row] for name, column in streets.per_segment.items()}
    columns |= {"u": number[columns["u"]], "v": number[columns["v"]]}
    places = {name: getattr(streets, name)[node] for name in ("lon", "lat", "node_id")}
    return replace(streets, **places, **columns)


def _split_graph(network, points):
    """Every edge in float metres or ms, split at every point: nodes are ("node", i) or ("on", edge, mm)."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(("node", i) for i in range(network.n_nodes))
    stops = {}
    for snaps in points:
        for edge, offset in zip(snaps.edge, snaps.offset_mm, strict=True):
            if edge >= 0:
                stops.setdefault(int(edge), set()).add(int(offset))
    for edge in range(len(network)):
        u, v = int(network.u[edge]), int(network.v[edge])
        length = int(network.length_mm[edge])
        metres = GEOD.inv(network.node_lon[u], network.node_lat[u], network.node_lon[v], network.node_lat[v])[
            2
        ]
        inner = sorted(offset for offset in stops.get(edge, ()) if 0 < offset < length)
        chain = [(0, ("node", u)), *((mm, ("on", edge, mm)) for mm in inner), (length, ("node", v))]
        for (start, a), (end, b) in pairwise(chain):
            share = (end - start) / length if length else 1.0
            for cost, one, other in ((network.cost_forward, a, b), (network.cost_backward, b, a)):
                if cost[edge] >= 0:
                    whole = metres * 1000 if network.cost_unit == "mm" else float(cost[edge])
                    graph.add_edge(one, other, weight=whole * share, mm=metres * 1000 * share)
    return graph


def naive_shortest(network, origin, target):
    """Metres of the shortest path between two snapped points, and what it costs; inf where there is none."""
    graph = _split_graph(network, (origin, target))
    ways = []
    if origin.edge[0] >= 0 and target.edge[0] >= 0:
        walk_mm = int(origin.access_mm[0]) + int(target.access_mm[0])
        ends = [_stops(network, snaps.edge[0], snaps.offset_mm[0]) for snaps in (origin, target)]
        for start, end in product(*ends):
            if nx.has_path(graph, start, end):
                arcs = [
                    min(graph[a][b].values(), key=lambda arc: arc["mm"])
                    for a, b in pairwise(nx.dijkstra_path(graph, start, end, weight="mm"))
                ]
                along, cost = (sum(arc[key] for arc in arcs) for key in ("mm", "weight"))
                ways.append((along + walk_mm, cost + walk_mm * network.cost_per_mm))
    straight = 1000 * np.hypot(origin.from_x[0] - target.from_x[0], origin.from_y[0] - target.from_y[0])
    if straight <= _straight_reach(origin, 0, target, 0):
        ways.append((straight, straight * network.cost_per_mm))
    mm, cost = min(ways, default=(np.inf, np.inf))
    return mm / 1000, cost


def _stops(network, edge, offset):
    """The split graph's nodes of a place on an edge: two where the edge has no length."""
    ends = [
        ("node", int(node))
        for node, at in ((network.u[edge], 0), (network.v[edge], network.length_mm[edge]))
        if offset == at
    ]
    return ends or [("on", int(edge), int(offset))]


def _straight_reach(origins, i, targets, j):
    """How far in millimetres two points may walk straight to each other.

    Who is nearer to the other than both walk to their streets together walks straight; who has no street
    walks as far as one may to a street.
    """
    walks = [
        s.access_mm[k] if s.edge[k] >= 0 else s.max_snap_m * 1000 for s, k in ((origins, i), (targets, j))
    ]
    if origins.edge[i] >= 0 and targets.edge[j] >= 0:
        return sum(walks)
    return min(sum(walks), origins.max_snap_m * 1000)


def naive_costs(network, origins, targets, *, towards="targets"):
    """Cost of every origin to every target by networkx on the split graph; inf where none."""
    graph = _split_graph(network, (origins, targets))
    if towards == "origins":
        graph = graph.reverse()
    cost = np.full((len(origins), len(targets)), np.inf)
    for i in range(len(origins)):
        figures = {}
        if origins.edge[i] >= 0:
            figures = nx.multi_source_dijkstra_path_length(
                graph, set(_stops(network, origins.edge[i], origins.offset_mm[i])), weight="weight"
            )
        for j in range(len(targets)):
            joined = origins.edge[i] >= 0 and targets.edge[j] >= 0
            if joined:
                stops = _stops(network, targets.edge[j], targets.offset_mm[j])
                along = min(figures.get(stop, np.inf) for stop in stops)
                walk_mm = int(origins.access_mm[i]) + int(targets.access_mm[j])
                cost[i, j] = along + walk_mm * network.cost_per_mm
            reach = _straight_reach(origins, i, targets, j)
            straight = np.hypot(origins.from_x[i] - targets.from_x[j], origins.from_y[i] - targets.from_y[j])
            if straight * 1000 <= reach:
                cost[i, j] = min(cost[i, j], straight * 1000 * network.cost_per_mm)
    return cost
