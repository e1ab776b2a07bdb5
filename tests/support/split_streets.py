"""A city's streets as a networkx graph split wherever a point joins: the naive proof of every distance.

It imports nothing of lifecircle and holds no cleverness, so that it can be believed. Distances follow
docs/conventions.md: geodesic edge lengths, a point joins the nearest place on the nearest edge (of a
component of at least 5 km of street), the straight walk there counts.
"""

import math
from collections import defaultdict
from itertools import pairwise

import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer

GEOD = Geod(ellps="WGS84")
MAX_SNAP_M = 300.0
ISLAND_M = 5000.0
FIFTEEN_MINUTES_M = 1000.0  # at 4 km/h

NO_STREET = frozenset(
    """
    abandoned bus_stop cancelled demolished disused historic no planned proposed razed removed street_lamp
    trailhead virtual
    """.split()  # noqa: SIM905
)
ONLY_SIGNED = frozenset(
    """
    bus_guideway busway construction emergency_bay escape motorway motorway_link raceway rest_area services
    traffic_island via_ferrata
    """.split()  # noqa: SIM905
)
CLOSED = frozenset(
    """
    agricultural dismount emergency forestry military no permit private residents restricted staff
    use_sidepath
    """.split()  # noqa: SIM905
)
OPEN = frozenset(
    """
    customers delivery designated destination official permissive yes
    """.split()  # noqa: SIM905
)


def walkable(tags):
    """Whether one may walk along a way."""
    kind = tags.get("highway")
    if kind is None or kind in NO_STREET or tags.get("area") == "yes":
        return False
    foot, access = tags.get("foot"), tags.get("access")
    if foot in CLOSED:
        return False
    if foot in OPEN:
        return True
    return not (kind in ONLY_SIGNED or tags.get("motorroad") == "yes" or access in CLOSED)


def read(path):
    """Node coordinates and the segments between them."""
    places, pairs = {}, []
    for item in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        if item.is_node():
            places[item.id] = (item.location.lon, item.location.lat)
        elif walkable(item.tags):
            refs = [node.ref for node in item.nodes]
            pairs += [(a, b, (item.id, number)) for number, (a, b) in enumerate(pairwise(refs))]
    pairs = [(a, b, name) for a, b, name in pairs if a != b and a in places and b in places]
    return places, sorted(pairs, key=lambda pair: pair[2])


def straight_walks(origins, targets):
    """Pairs that are nearer to each other than both walk to their streets together, and how far they are."""
    for i, here in enumerate(origins):
        for j, there in enumerate(targets):
            if here is not None and there is not None:
                straight = math.hypot(here[3] - there[3], here[4] - there[4])
                if straight <= here[2] + there[2]:
                    yield i, j, straight


class City:
    """Streets as a networkx graph whose edges are split where points join."""

    def __init__(self, path):
        places, pairs = read(path)
        ids = sorted({node for pair in pairs for node in pair[:2]})
        lon, lat = np.array([places[node] for node in ids]).T
        middle = f"+proj=tmerc +lat_0={lat.mean()} +lon_0={lon.mean()} +k=1 +datum=WGS84 +units=m"
        self.project = Transformer.from_crs(4326, middle, always_xy=True).transform
        self.unproject = Transformer.from_crs(middle, 4326, always_xy=True).transform
        x, y = self.project(lon, lat)
        at = {node: number for number, node in enumerate(ids)}
        a = np.array([at[pair[0]] for pair in pairs])
        b = np.array([at[pair[1]] for pair in pairs])
        self.length = np.round(GEOD.inv(lon[a], lat[a], lon[b], lat[b])[2], 3)
        graph = nx.Graph()
        for u, v, metres in zip(a.tolist(), b.tolist(), self.length.tolist(), strict=True):
            if not graph.has_edge(u, v) or graph[u][v]["metres"] > metres:
                graph.add_edge(u, v, metres=metres)
        self.graph, self.ends = graph, (a, b)
        street = defaultdict(float)
        part = {node: number for number, nodes in enumerate(nx.connected_components(graph)) for node in nodes}
        for u, metres in zip(a.tolist(), self.length.tolist(), strict=True):
            street[part[u]] += metres
        limit = min(ISLAND_M, max(street.values()) / 2)
        self.mainland = np.array([street[part[u]] >= limit for u in a.tolist()])
        self.lines = shapely.linestrings(np.stack([np.c_[x[a], y[a]], np.c_[x[b], y[b]]], axis=1))
        self.tree = shapely.STRtree(self.lines[self.mainland])
        self.back = np.flatnonzero(self.mainland)

    def join(self, lon, lat):
        """Edge, metres along it, and straight walk of each point; None where no street is in reach."""
        points = shapely.points(*self.project(np.asarray(lon), np.asarray(lat)))
        listed = []
        for point in points:
            least = self.lines[self.back[self.tree.nearest(point)]].distance(point)
            near = self.back[self.tree.query(point, "dwithin", least + 0.002)]
            # walks are compared to the millimetre; of equal ones the smaller edge id counts
            edge = min((round(self.lines[k].distance(point), 3), int(k)) for k in near)[1]
            walk = self.lines[edge].distance(point)
            along = self.lines[edge].project(point, normalized=True) * self.length[edge]
            listed.append(None if walk > MAX_SNAP_M else (edge, along, walk, point.x, point.y))
        return listed

    def metres_to_nearest(self, origins, targets):
        """Metres from every joined origin to the nearest joined target, infinite where none is reached."""
        graph = self.graph.copy()
        stops = defaultdict(list)
        for kind, joined in (("o", origins), ("t", targets)):
            for number, place in enumerate(joined):
                if place is not None:
                    stops[place[0]].append((place[1], (kind, number), place[2]))
        for edge, there in stops.items():
            u, v = int(self.ends[0][edge]), int(self.ends[1][edge])
            chain = [
                (0.0, u),
                *((along, ("on", *name)) for along, name, _ in sorted(there, key=lambda stop: stop[0])),
            ]
            chain.append((float(self.length[edge]), v))
            for (here, left), (ahead, right) in pairwise(chain):
                if not graph.has_edge(left, right) or graph[left][right]["metres"] > ahead - here:
                    graph.add_edge(left, right, metres=ahead - here)
            for _, name, walk in there:
                graph.add_edge(("on", *name), name, metres=walk)
        for i, j, straight in straight_walks(origins, targets):
            graph.add_edge(("o", i), ("t", j), metres=straight)
        # A point is left by its own walk only, so that nobody takes a short cut through somebody's door.
        doors = {("t", number) for number, place in enumerate(targets) if place is not None}
        graph.add_node("all")
        for door in doors:
            graph.add_edge("all", door, metres=0.0)
        reached = nx.single_source_dijkstra_path_length(graph, "all", weight="metres")
        return [reached.get(("o", number), math.inf) for number in range(len(origins))]


def weighted_quantile(minutes, people, share):
    """The least minutes within which at least this share of the people live."""
    total, passed = sum(people), 0.0
    for value, count in sorted(zip(minutes, people, strict=True)):
        passed += count
        if passed >= share * total - 1e-9:
            return value
    return math.inf
