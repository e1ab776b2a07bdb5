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
from joined_grounds import areas_of, side_by_side, slits_of, with_touching_corners
from pyproj import Geod, Transformer
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


WALLS = {"city_wall", "fence", "retaining_wall", "wall"}
DOORS = {
    "entrance", "full-height_turnstile", "gate", "kissing_gate", "lift_gate", "sliding_gate", "stile",
    "swing_gate", "turnstile", "wicket_gate",
}  # fmt: skip
WHO = {"foot", "access", "bicycle", "vehicle", "motorcar", "motor_vehicle", "locked"}
BESIDES = set(
    "check_date created_by description fixme name note opening_hours operator ref source".split()  # noqa: SIM905
)


def understood(tags):
    """The tags with one known word under each access key of walkers."""
    plain = dict(tags)
    for key in ("foot", "access", "foot:forward", "foot:backward"):
        words = [word.strip() for word in tags.get(key, "").split(";")]
        known = [word for meaning in (OPEN, CLOSED, {"discouraged"}) for word in words if word in meaning]
        plain.pop(key, None)
        if known:
            plain[key] = known[0]
    return plain


def directions(tags):
    """Whether one may walk a way as it was drawn, and against it."""
    tags = understood(tags)
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
    if moving == "yes":
        moving = {"yes": "forward", "1": "forward", "true": "forward", "-1": "backward"}.get(
            tags.get("oneway")
        )
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
    tags = understood(tags)
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
    said = {"barrier", "entrance", "kerb", "door"} & set(tags) or tags.get("highway") == "gate"
    if not said and not set(tags) <= WHO | BESIDES:
        return False
    tags = understood(tags)
    foot = tags.get("foot")
    if foot in OPEN:
        return False
    return tags.get("locked") == "yes" or (foot if foot is not None else tags.get("access")) in CLOSED


def kind_of_ground(tags):
    """What areas must have in common to be one ground: the level first."""
    wheels = tags.get("wheelchair") == "no" or tags.get("kerb") in {"raised", "regular", "rolled"}
    over = any(tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))
    return level(tags), over, wheels


def walled(tags):
    """Whether a way is a wall on the ground."""
    if any(tags.get(key, "no") != "no" for key in ("tunnel", "bridge", "covered")):
        return False
    off = tags.get("location") in {"underground", "overhead", "overground"} or level(tags) != 0
    return tags.get("barrier") in WALLS and not off


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
        if not gates:
            self.doors |= closed
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
        lines, self.squares, self.shut = [], [], closed if gates else set()
        if squares:
            pieces, areas = self._crossings(pieces, areas)
            lines = self._sight_lines(pieces, areas)
        self.graph = nx.DiGraph()
        for a, b, forward, backward, _ in (*pieces, *lines):
            metres = round(self._metres(a, b), 3)
            for start, end, is_open in ((a, b, forward), (b, a, backward)):
                if is_open and self.graph.get_edge_data(start, end, {"metres": math.inf})["metres"] > metres:
                    self.graph.add_edge(start, end, metres=metres)
        # Areas keep their corner where a gate is shut: whoever is inside goes round it there.
        self.gates = [node for node in closed if node in self.graph]
        if gates:
            self.graph.remove_nodes_from(self.gates)
            for a, b, *_, area in lines:
                if {a, b} & set(self.gates):
                    ends = [(end, area) if end in self.gates else end for end in (a, b)]
                    metres = round(self._metres(a, b), 3)
                    self.graph.add_edge(*ends, metres=metres)
                    self.graph.add_edge(*reversed(ends), metres=metres)

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
        self.walls, self.doors = [], set()
        for item in osmium.FileProcessor(str(path)):
            tags = {tag.k: tag.v for tag in item.tags}
            if item.is_node():
                places[item.id] = (item.location.lon, item.location.lat)
                if shut(tags):
                    shut_nodes.add(item.id)
                elif "entrance" in tags or tags.get("barrier") in DOORS:
                    self.doors.add(item.id)
            elif item.is_way():
                refs = refs_of[item.id] = [node.ref for node in item.nodes]
                self._way(item.id, refs, tags, ways, areas)
            elif tags.get("type") == "multipolygon" and crossed(tags, relation=True):
                members = [refs_of.get(part.ref, [None]) for part in item.members if part.type == "w"]
                areas.append((members, kind_of_ground(tags), None))
                outer = {part.ref for part in item.members if part.type == "w" and part.role != "inner"}
                if [None] not in members:
                    areas = [area for area in areas if area[2] not in outer]
        # a way is parted at nodes that the file lacks, an area with such nodes is left out
        whole = []
        for refs, open_ways, high in ways:
            known = [ref in places for ref in refs]
            starts = [k for k, here in enumerate(known) if here and not (k and known[k - 1])]
            for k in starts:
                end = next((j for j in range(k, len(refs)) if not known[j]), len(refs))
                whole.append((refs[k:end], open_ways, high))
        areas = [area[:2] for area in areas if all(ref in places for refs in area[0] for ref in refs)]
        used = {ref for refs, *_ in whole for ref in refs}
        used |= {ref for chains, _ in areas for refs in chains for ref in refs}
        used |= {ref for wall in self.walls for ref in wall if ref in places}
        return {ref: places[ref] for ref in sorted(used)}, whole, areas, shut_nodes

    def _way(self, number, refs, tags, ways, areas):
        ring = len(refs) > 3 and refs[0] == refs[-1]
        if walled(tags):
            self.walls.append(refs)
        if ring and crossed(tags, relation=False):
            areas.append(([refs], kind_of_ground(tags), number))
        elif "highway" not in tags and not ring and crossed(tags, relation=False):
            if "platform" in {tags.get("railway"), tags.get("public_transport")}:
                ways.append((refs, (True, True), level(tags)))
        elif "highway" in tags and not (ring and tags.get("area") == "yes") and any(directions(tags)):
            ways.append((refs, directions(tags), level(tags)))
            if level(tags) == 0 and not tags["highway"].startswith(("trunk", "motorway")):
                self.plain.update(refs)

    def _metres(self, a, b):
        return GEOD.inv(*self.places[a], *self.places[b])[2]

    def _node_at(self, spot, nodes):
        """The node at a place, of a way where there is one; else a new one."""
        near = [ref for ref in nodes if math.dist(self.xy[ref], spot) < 1e-3]
        if near:
            return min(near, key=lambda ref: (ref not in self.on_ways, str(ref)))
        node = ("g", len(self.xy))
        self.xy[node], self.places[node] = spot, self.back(*spot)
        return node

    def _grounds(self, pieces, areas):
        """Areas as they are walked, each with its rings and the nodes of ways inside it where areas met."""
        meets = Counter(node for a, b, *_ in pieces for node in (a, b))
        ends = {(node, at) for a, b, _, _, at in pieces for node in (a, b) if meets[node] == 1}
        given = with_touching_corners(areas_of(areas, self.xy), ends, self.xy)
        open_at = {ref for wall in self.walls for ref in wall if ref in self.on_ways - self.shut | self.doors}
        slits = slits_of(self.walls, open_at, self.xy)
        made = []
        for ground, corners, high in side_by_side(given):
            free = ground.difference(slits(ground)) if high == 0 else ground
            for part in shapely.get_parts(free):
                if part.geom_type != "Polygon" or part.area <= 0.05:
                    continue
                rings = [
                    [self._node_at(spot, corners) for spot in ring.coords[:-1]]
                    for ring in (part.exterior, *part.interiors)
                ]
                held = {ref for ring in rings for ref in ring}
                met = {ref for ref in corners & self.on_ways if part.contains(shapely.Point(self.xy[ref]))}
                made.append((part, rings, met - held, high))
        return made

    def _crossings(self, pieces, areas):
        """Nodes where ways cross outlines of their own level: pieces and outlines are parted there."""
        tree = shapely.STRtree([shapely.LineString([self.xy[a], self.xy[b]]) for a, b, *_ in pieces])
        cuts, grown, made = defaultdict(set), [], {}
        for ground, rings, inner, high in self._grounds(pieces, areas):
            corners = {ref for ring in rings for ref in ring}
            for side in [pair for ring in rings for pair in pairwise([*ring, ring[0]])]:
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
            grown.append((ground, corners | inner))
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
        for number, (ground, corners) in enumerate(areas):
            entries = [ref for ref in corners if ref in on_way or times[ref] > 1]
            if len(entries) < 2:
                continue
            self.squares.append(sorted(entries, key=str))
            pairs = list(combinations(sorted(corners, key=str), 2))
            drawn = shapely.linestrings([[self.xy[a], self.xy[b]] for a, b in pairs])
            roomy = ground.buffer(SLACK_M, join_style="mitre")
            shapely.prepare(roomy)
            lines += [(*pairs[k], True, True, number) for k in np.flatnonzero(shapely.covers(roomy, drawn))]
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
