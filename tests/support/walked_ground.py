"""Squares crossed and gates closed, worked out naively: every corner against every other, with shapely.

It imports nothing of lifecircle. Squares are the areas of docs/conventions.md: every pair of corners whose
straight line stays inside an area is walked, whatever the number of pairs. Closed nodes are taken out of
the graph. Nothing is thinned, nothing is looked up in a grid, so that it can be believed.
"""

import math
from collections import Counter, defaultdict
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer
from shapely.ops import polygonize
from split_streets import CLOSED, NO_STREET, ONLY_SIGNED, OPEN

GEOD = Geod(ellps="WGS84")
SLACK_M = 0.002
AREA_WORDS = {
    "area:highway": {"footway", "living_street", "path", "pedestrian"},
    "place": {"square"},
    "public_transport": {"platform"},
    "railway": {"platform"},
    "amenity": {"parking"},
}


def directions(tags):
    """Whether one may walk a way as it was drawn, and against it."""
    kind = tags.get("highway")
    if kind is None or kind in NO_STREET:
        return False, False
    foot, access = tags.get("foot"), tags.get("access")
    along, against = tags.get("foot:forward"), tags.get("foot:backward")
    if foot is not None:
        usual = foot not in CLOSED and (foot in OPEN or _usual(kind, tags, access=None))
    else:
        usual = _usual(kind, tags, access=access)
    one_way = tags.get("oneway:foot")
    moving = tags.get("conveying")
    forward = usual and one_way not in {"-1", "reverse"} and moving != "backward"
    backward = usual and one_way not in {"yes", "true", "1"} and moving != "forward"
    if along is not None:
        forward = along in OPEN or (forward and along not in CLOSED)
    if against is not None:
        backward = against in OPEN or (backward and against not in CLOSED)
    return forward, backward


def _usual(kind, tags, *, access):
    return kind not in ONLY_SIGNED and tags.get("motorroad") != "yes" and access not in CLOSED


def crossed(tags, *, relation):
    """Whether people may cross the ground that a closed way or a multipolygon bounds."""
    foot, access = tags.get("foot"), tags.get("access")
    if "highway" in tags:
        return (relation or tags.get("area") == "yes") and any(directions(tags))
    if not any(tags.get(key) in words for key, words in AREA_WORDS.items()):
        return False
    if foot in OPEN:
        return True
    if foot in CLOSED or tags.get("amenity") == "parking":
        return False
    return access not in CLOSED if foot is None else True


def level(tags):
    """The layer of a way; else 1 on a bridge and -1 in a tunnel."""
    try:
        return int(tags.get("layer", ""))
    except ValueError:
        pass
    if tags.get("tunnel", "no") not in {"no", "building_passage"}:
        return -1
    return int(tags.get("bridge", "no") != "no")


def shut(tags):
    """Whether a node closes the ways through it to walkers."""
    if not {"barrier", "entrance", "kerb"} & set(tags):
        return False
    foot = tags.get("foot")
    if foot in OPEN:
        return False
    return tags.get("locked") == "yes" or (foot if foot is not None else tags.get("access")) in CLOSED


class Ground:
    """A file's walkers' graph: streets and, where `squares`, all sight lines inside squares.

    Attributes
    ----------
    graph : nx.DiGraph of OSM nodes and crossings of outlines, weight `metres`
    squares : list of the entries of every area, as nodes of the graph
    places : lon, lat of every node of the graph
    on_ways : nodes of the ways
    gates : nodes that close a way
    """

    def __init__(self, path, *, squares=True, gates=True):
        self.places, ways, areas, closed = self._read(path)
        lon, lat = np.array(list(self.places.values())).reshape(-1, 2).T
        lon_0, lat_0 = (lon.mean(), lat.mean()) if len(lon) else (0.0, 0.0)
        middle = self.middle = f"+proj=tmerc +lat_0={lat_0} +lon_0={lon_0} +k=1 +datum=WGS84 +units=m"
        project = Transformer.from_crs(4326, middle, always_xy=True)
        x, y = project.transform(lon, lat)
        self.xy = dict(zip(self.places, zip(x.tolist(), y.tolist(), strict=True), strict=True))
        self.back = Transformer.from_crs(middle, 4326, always_xy=True).transform
        pieces = [
            (a, b, forward, backward, high)
            for refs, (forward, backward), high in ways
            for a, b in pairwise(refs)
            if a != b
        ]
        self.on_ways = {node for piece in pieces for node in piece[:2]}
        lines, self.squares = [], []
        if squares:
            pieces, areas = self._crossings(pieces, areas)
            lines = self._sight_lines(pieces, areas)
        self.graph = nx.DiGraph()
        for a, b, forward, backward, _ in (*pieces, *lines):
            metres = round(self._metres(a, b), 3)
            for start, end, is_open in ((a, b, forward), (b, a, backward)):
                if is_open and self.graph.get_edge_data(start, end, {"metres": math.inf})["metres"] > metres:
                    self.graph.add_edge(start, end, metres=metres)
        self.gates = [node for node in closed if node in self.graph]
        if gates:
            self.graph.remove_nodes_from(self.gates)

    def metres(self, start, end):
        """Length of the shortest walk between two nodes; infinite where there is none."""
        try:
            return nx.bidirectional_dijkstra(self.graph, start, end, weight="metres")[0]
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return math.inf

    def open_nodes(self):
        """Nodes of the largest part that may be stood on: nothing else lies at their place."""
        part = max(nx.weakly_connected_components(self.graph), key=len)
        alone = Counter(self.places.values())
        return sorted(node for node in part & self.plain if alone[self.places[node]] == 1)

    def _read(self, path):
        places, ways, areas, shut_nodes, refs_of, self.plain = {}, [], [], set(), {}, set()
        for item in osmium.FileProcessor(str(path)):
            tags = {tag.k: tag.v for tag in item.tags}
            if item.is_node():
                places[item.id] = (item.location.lon, item.location.lat)
                shut_nodes |= {item.id} if shut(tags) else set()
            elif item.is_way():
                refs = refs_of[item.id] = [node.ref for node in item.nodes]
                self._way(refs, tags, ways, areas)
            elif tags.get("type") == "multipolygon" and crossed(tags, relation=True):
                members = [refs_of.get(part.ref, [None]) for part in item.members if part.type == "w"]
                areas.append((members, level(tags)))
        # a way is parted at nodes that the file lacks, an area with such nodes is left out
        whole = []
        for refs, open_ways, high in ways:
            known = [ref in places for ref in refs]
            starts = [k for k, here in enumerate(known) if here and not (k and known[k - 1])]
            for k in starts:
                end = next((j for j in range(k, len(refs)) if not known[j]), len(refs))
                whole.append((refs[k:end], open_ways, high))
        areas = [area for area in areas if all(ref in places for refs in area[0] for ref in refs)]
        used = {ref for refs, *_ in whole for ref in refs}
        used |= {ref for chains, _ in areas for refs in chains for ref in refs}
        return {ref: places[ref] for ref in sorted(used)}, whole, areas, shut_nodes

    def _way(self, refs, tags, ways, areas):
        ring = len(refs) > 3 and refs[0] == refs[-1]
        if ring and crossed(tags, relation=False):
            areas.append(([refs], level(tags)))
        elif "highway" in tags and not (ring and tags.get("area") == "yes") and any(directions(tags)):
            ways.append((refs, directions(tags), level(tags)))
            if level(tags) == 0 and not tags["highway"].startswith(("trunk", "motorway")):
                self.plain.update(refs)

    def _metres(self, a, b):
        return GEOD.inv(*self.places[a], *self.places[b])[2]

    def _polygons(self, chains):
        """The ground that chains of nodes bound, with holes where a ring lies in another, and its sides."""
        sides = Counter(frozenset(pair) for refs in chains for pair in pairwise(refs) if pair[0] != pair[1])
        lines = [shapely.LineString([self.xy[a], self.xy[b]]) for a, b in map(tuple, sides)]
        rings = [shapely.Polygon(ring.exterior) for ring in polygonize(lines)]
        if len(chains) == 1:
            whole = shapely.Polygon([self.xy[ref] for ref in chains[0]])
            return (whole if whole.is_valid else None), sides
        ground = shapely.Polygon()
        for ring in sorted(rings, key=lambda ring: -ring.area):
            ground = ground.symmetric_difference(ring)
        return ground, sides

    def _crossings(self, pieces, areas):
        """Nodes where ways cross outlines of their own level: pieces and outlines are parted there."""
        tree = shapely.STRtree([shapely.LineString([self.xy[a], self.xy[b]]) for a, b, *_ in pieces])
        cuts, grown, made = defaultdict(set), [], {}
        for chains, high in areas:
            ground, sides = self._polygons(chains)
            if ground is None or ground.is_empty:
                continue
            corners = {ref for side in sides for ref in side}
            for side in map(tuple, sides):
                line = shapely.LineString([self.xy[ref] for ref in side])
                for k in tree.query(line, "intersects").tolist():
                    a, b, _, _, at = pieces[k]
                    if at != high or {a, b} & set(side):
                        continue
                    met = shapely.LineString([self.xy[a], self.xy[b]]).intersection(line)
                    spot = tuple(round(value, 7) for value in self.back(*met.coords[0]))
                    named = [ref for ref in (a, b) if math.dist(self.places[ref], spot) < 1.5e-7]
                    node = named[0] if named else made.setdefault(spot, ("x", len(made)))
                    if node not in self.places:
                        self.places[node], self.xy[node] = spot, met.coords[0]
                    cuts[k].add(node)
                    corners.add(node)
            grown.append((ground, corners))
        parted = []
        for k, (a, b, *rest) in enumerate(pieces):
            on = sorted(cuts[k] - {a, b}, key=lambda node: math.dist(self.xy[a], self.xy[node]))
            parted += [(start, end, *rest) for start, end in pairwise([a, *on, b])]
        return parted, grown

    def _sight_lines(self, pieces, areas):
        """Every straight line inside an area between two of its corners."""
        on_way = {ref for piece in pieces for ref in piece[:2]}
        times = Counter(ref for _, corners in areas for ref in corners)
        lines = []
        for ground, corners in areas:
            entries = [ref for ref in corners if ref in on_way or times[ref] > 1]
            if len(entries) < 2:
                continue
            self.squares.append(sorted(entries, key=str))
            pairs = list(combinations(sorted(corners, key=str), 2))
            drawn = shapely.linestrings([[self.xy[a], self.xy[b]] for a, b in pairs])
            roomy = ground.buffer(SLACK_M, join_style="mitre")
            shapely.prepare(roomy)
            lines += [(*pairs[k], True, True, 0) for k in np.flatnonzero(shapely.covers(roomy, drawn))]
        return lines


def measured_walks(path, *, random_walks=30):
    """Walks of a file: lon, lat of both ends, metres, metres if no square is crossed; None for no way."""
    ground = Ground(path)
    lines = Ground(path, squares=False)
    nodes = set(ground.open_nodes()) & set(lines.graph)
    across = []
    for entries in ground.squares:
        pairs = list(combinations([node for node in entries if node in nodes], 2))
        if pairs:
            across.append(max(pairs, key=lambda pair: math.dist(*(ground.xy[node] for node in pair))))
    past = []
    open_graph = Ground(path, gates=False).graph
    for gate in ground.gates:
        beside = sorted(nodes & {*open_graph.successors(gate), *open_graph.predecessors(gate)}, key=str)
        past += list(combinations(beside, 2))[:1]
    listed = sorted(nodes, key=str)
    drawn = np.random.default_rng(7).integers(len(listed), size=(random_walks, 2))
    anywhere = [(listed[a], listed[b]) for a, b in drawn.tolist() if a != b]
    told = {"squares": len(ground.squares), "gates": len(ground.gates)}
    for kind, pairs in (("across", across), ("past_gates", past), ("anywhere", anywhere)):
        told[kind] = [
            [
                *(round(value, 7) for node in pair for value in ground.places[node]),
                *(_blank(city.metres(*pair)) for city in (ground, lines)),
            ]
            for pair in pairs
        ]
    return told


def _blank(metres):
    return None if math.isinf(metres) else round(metres, 3)
