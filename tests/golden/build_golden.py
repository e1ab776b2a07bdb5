"""Golden figures of real cities by other means: networkx on split edges, shapely, h3.

    python tests/golden/build_golden.py ../shared/data

writes porto_alegre.json and monaco.json beside this file. It imports nothing of lifecircle and holds no
cleverness, so that it can be believed. Distances follow docs/conventions.md: geodesic edge lengths, a point
joins the nearest place on the nearest edge (of a component of at least 5 km of street), the straight walk
there counts.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import h3
import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer

GEOD = Geod(ellps="WGS84")
HERE = Path(__file__).parent
MAX_SNAP_M = 300.0
ISLAND_M = 5000.0
FIFTEEN_MINUTES_M = 1000.0  # at 4 km/h

NO_STREET = frozenset(
    """
    abandoned bus_guideway bus_stop construction corridor cancelled demolished disused elevator
    emergency_bay escape historic no planned platform proposed raceway razed removed rest_area
    services street_lamp traffic_island trailhead virtual
    """.split()  # noqa: SIM905
)
ONLY_SIGNED = {"busway", "motorway", "motorway_link", "via_ferrata"}
CLOSED = frozenset(
    """
    agricultural discouraged dismount emergency forestry military no private use_sidepath
    """.split()  # noqa: SIM905
)
OPEN = frozenset(
    """
    customers delivery designated destination official permissive permit yes
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


class City:
    """Streets as a networkx graph whose edges are split where points join."""

    def __init__(self, path):
        places, pairs = read(path)
        ids = sorted({node for pair in pairs for node in pair[:2]})
        lon, lat = np.array([places[node] for node in ids]).T
        middle = f"+proj=tmerc +lat_0={lat.mean()} +lon_0={lon.mean()} +k=1 +datum=WGS84 +units=m"
        self.project = Transformer.from_crs(4326, middle, always_xy=True).transform
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
        found = []
        for point in points:
            least = self.lines[self.back[self.tree.nearest(point)]].distance(point)
            near = self.back[self.tree.query(point, "dwithin", least + 0.002)]
            # walks are compared to the millimetre; of equal ones the smaller edge id counts
            edge = min((round(self.lines[k].distance(point), 3), int(k)) for k in near)[1]
            walk = self.lines[edge].distance(point)
            along = self.lines[edge].project(point, normalized=True) * self.length[edge]
            found.append(None if walk > MAX_SNAP_M else (edge, along, walk))
        return found

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


def porto_alegre(data):
    """Schools and clinics from the hexes of Porto Alegre."""
    city = City(data / "porto_alegre" / "poa.osm.pbf")
    with (data / "porto_alegre" / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    number = lambda row, name: float(row[name] or 0)  # noqa: E731
    places = city.join([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    found = {"hexes": [row["id"] for row in rows], "people": sum(number(row, "population") for row in rows)}
    found["unreached"] = [row["id"] for row, place in zip(rows, places, strict=True) if place is None]
    communities = defaultdict(list)
    for index, row in enumerate(rows):
        communities[h3.latlng_to_cell(float(row["lat"]), float(row["lon"]), 7)].append(index)
    for service, column in (("school", "schools"), ("clinic", "healthcare")):
        targets = [place for row, place in zip(rows, places, strict=True) if number(row, column) > 0]
        metres = city.metres_to_nearest(places, targets)
        found[service] = {
            "metres": [None if math.isinf(value) else round(value, 3) for value in metres],
            "communities": {},
        }
        for cell, members in sorted(communities.items()):
            people = [number(rows[index], "population") for index in members]
            minutes = [metres[index] / FIFTEEN_MINUTES_M * 15 for index in members]
            if sum(people) == 0:
                continue
            covered = sum(count for count, value in zip(people, minutes, strict=True) if value <= 15)
            median = weighted_quantile(minutes, people, 0.5)
            found[service]["communities"][cell] = {
                "residents": sum(people),
                "covered": covered,
                "median_min": None if math.isinf(median) else round(median, 4),
            }
    return found


def monaco(data):
    """Pharmacies of Monaco from every twentieth node of its streets, moved a little off the street."""
    path = data / "osm" / "monaco.osm.pbf"
    city = City(path)
    places = read(path)[0]
    shops = [
        (item.id, item.location.lon, item.location.lat)
        for item in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if item.tags.get("amenity") == "pharmacy"
    ]
    spread = sorted(places)[::200]
    lon = [places[node][0] + 0.0001 for node in spread]
    lat = [places[node][1] + 0.0001 for node in spread]
    targets = city.join([shop[1] for shop in shops], [shop[2] for shop in shops])
    metres = city.metres_to_nearest(city.join(lon, lat), targets)
    return {
        "points": [[round(x, 7), round(y, 7)] for x, y in zip(lon, lat, strict=True)],
        "pharmacies": [[shop[0], round(shop[1], 7), round(shop[2], 7)] for shop in shops],
        "metres": [None if math.isinf(value) else round(value, 3) for value in metres],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, make in (("porto_alegre", porto_alegre), ("monaco", monaco)):
        (HERE / f"{name}.json").write_text(json.dumps(make(Path(sys.argv[1])), indent=0), encoding="utf-8")
