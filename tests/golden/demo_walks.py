"""Walks through the demo city on a networkx graph that is split wherever a point joins.

The rules are those of docs/conventions.md: the nearest edge that may be joined and that a straight walk
reaches freely; the straight walk counts; two points walk straight where that is no farther than both their
walks to the street. Nothing of the package is imported.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pandas as pd
import shapely
from split_streets import MAX_SNAP_M, City, read

SMALL_YARD_M2 = 10_000.0
"""A wall or fence round less ground than this bars nobody: yards have doors that nobody maps."""
AT_ENDS_M = 0.1
"""What touches a walk this near to its ends does not bar it."""
ON_BRIDGE_M = 1.0
NOT_JOINED = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})

Place = tuple[int, float, float, float, float]
"""Edge, metres along it, straight walk, x and y."""


class Walks:
    """Streets with every point of a study joined to them once; distances to any set of them.

    Parameters
    ----------
    path
        The extract.
    points
        ``lon`` and ``lat``, by name.
    """

    def __init__(self, path: Path, points: pd.DataFrame):
        self.city = City(path)
        self._read_ways(path)
        self.index = {name: at for at, name in enumerate(points.index)}
        xy = shapely.points(*self.city.project(points["lon"].to_numpy(), points["lat"].to_numpy()))
        self.places = [self._join(point) for point in xy]
        self.graph = self._split()

    def metres(self, origins, targets, *, limit_m: float | None = None) -> np.ndarray:
        """Metres from each origin to the nearest target, infinite where none is reached within a limit."""
        self._add_door(targets)
        length = nx.single_source_dijkstra_path_length(self.graph, "door", limit_m, "metres")
        self.graph.remove_node("door")
        return np.array([away for away, _ in self._by_street(origins, targets, length, {})])

    def nearest(self, origins, targets) -> list[str]:
        """The name of the target that is nearest to each origin, blank where none is reached."""
        self._add_door(targets)
        before, length = nx.dijkstra_predecessor_and_distance(self.graph, "door", weight="metres")
        self.graph.remove_node("door")
        owner: dict = {}
        for node in length:
            chain, at = [], node
            while at != "door" and at not in owner:
                chain.append(at)
                at = before[at][0]
            first = chain[-1][1] if at == "door" and chain else owner.get(at, -1)
            owner |= dict.fromkeys(chain, first)
        names = list(self.index)
        got_to = self._by_street(origins, targets, length, owner)
        return [names[at] if at >= 0 else "" for _, at in got_to]

    def _by_street(self, origins, targets, length, owner) -> list[tuple[float, int]]:
        """Metres to the nearest target and its number: along the streets, or straight where that is less."""
        got_to = []
        for name in origins:
            at = self.index[name]
            reached = self.places[at] is not None and ("on", at) in length
            metres = length["on", at] + self.places[at][2] if reached else math.inf
            got_to.append((metres, owner.get(("on", at), -1) if reached else -1))
        for row, at, straight in self._straight(origins, targets):
            if straight < got_to[row][0]:
                got_to[row] = straight, at
        return got_to

    def _add_door(self, targets) -> None:
        """A node from which every target is as far as its own walk to the street."""
        self.graph.add_node("door")
        for name in targets:
            if (place := self.places[self.index[name]]) is not None:
                self.graph.add_edge("door", ("on", self.index[name]), metres=place[2])

    def _straight(self, origins, targets):
        """Pairs nearer to each other than both walk to their streets together, with nothing between."""
        there = [self.index[name] for name in targets if self.places[self.index[name]] is not None]
        if not there:
            return
        walk = np.array([self.places[at][2] for at in there])
        tree = shapely.STRtree(shapely.points([self.places[at][3:5] for at in there]))
        longest = float(walk.max())
        for row, name in enumerate(origins):
            place = self.places[self.index[name]]
            if place is None:
                continue
            here = shapely.Point(place[3:5])
            for near in tree.query(here, "dwithin", place[2] + longest):
                other = self.places[there[near]]
                straight = math.hypot(place[3] - other[3], place[4] - other[4])
                if straight <= place[2] + walk[near] and not self._barred(here, shapely.Point(other[3:5])):
                    yield row, there[near], straight

    def _read_ways(self, path: Path) -> None:
        """Edges that nobody joins in the middle, bridges, and lines that no straight walk may cross."""
        _, pairs = read(path)
        ways, bars, rings = {}, [], []
        for item in osmium.FileProcessor(str(path)).with_locations():
            if not item.is_way():
                continue
            tags = dict(item.tags)
            if "highway" in tags:
                ways[item.id] = tags
                continue
            if tags.get("tunnel", "no") != "no" or tags.get("bridge", "no") != "no":
                continue
            wall = tags.get("barrier") in {"wall", "fence"}
            water = tags.get("natural") == "water"
            if not (wall or water or tags.get("railway") == "rail" or "waterway" in tags):
                continue
            line = shapely.LineString(
                [self.city.project(node.lon, node.lat) for node in item.nodes if node.location.valid()]
            )
            closed = line.is_closed and len(line.coords) > 3
            if wall and closed and shapely.Polygon(line).area < SMALL_YARD_M2:
                continue
            bars.append(line)
            rings.append(shapely.Polygon(line) if water and closed else None)
        self.bars, self.ground = np.array(bars), rings
        self.bar_tree = shapely.STRtree(self.bars)
        names = [name[0] for *_, name in pairs]
        tags = [ways[name] for name in names]
        self.bridge = np.array([one.get("bridge", "no") != "no" for one in tags])
        never = [one.get("tunnel", "no") != "no" or one["highway"] in NOT_JOINED for one in tags]
        self.joinable = self.city.mainland & ~np.array(never)
        self.edges = np.flatnonzero(self.joinable)
        self.edge_tree = shapely.STRtree(self.city.lines[self.edges])

    def _barred(self, here: shapely.Point, there: shapely.Point) -> bool:
        """Whether a wall, water or a railway lies between two places."""
        length = shapely.distance(here, there)
        if length <= 2 * AT_ENDS_M:
            return False
        walk = shapely.LineString([here, there])
        inner = shapely.LineString([walk.interpolate(AT_ENDS_M), walk.interpolate(length - AT_ENDS_M)])
        for at in self.bar_tree.query(inner, "intersects"):
            around = self.ground[at]
            if around is None or not around.contains(here):
                return True
        return False

    def _join(self, point: shapely.Point) -> Place | None:
        """The nearest edge that may be joined and is freely reached; of equally near ones the smaller id."""
        near = self.edges[self.edge_tree.query(point, "dwithin", MAX_SNAP_M)]
        ranked = sorted((round(self.city.lines[k].distance(point), 3), int(k)) for k in near)
        for away, edge in ranked:
            if self.bridge[edge] and away > ON_BRIDGE_M:
                continue
            line = self.city.lines[edge]
            foot = line.interpolate(line.project(point))
            if not self._barred(point, foot):
                along = line.project(point, normalized=True) * self.city.length[edge]
                return edge, float(along), float(line.distance(point)), point.x, point.y
        return None

    def _split(self) -> nx.Graph:
        """The streets, every edge cut where points join it."""
        graph, stops = self.city.graph.copy(), defaultdict(list)
        for at, place in enumerate(self.places):
            if place is not None:
                stops[place[0]].append((place[1], ("on", at)))
        for edge, there in stops.items():
            u, v = int(self.city.ends[0][edge]), int(self.city.ends[1][edge])
            chain = [(0.0, u), *sorted(there), (float(self.city.length[edge]), v)]
            for (back, left), (ahead, right) in pairwise(chain):
                if not graph.has_edge(left, right) or graph[left][right]["metres"] > ahead - back:
                    graph.add_edge(left, right, metres=ahead - back)
        return graph
