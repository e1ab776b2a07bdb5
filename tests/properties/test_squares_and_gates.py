"""Random small towns of streets, squares with holes, walls, signs and gates against the naive graph."""

import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import shapely
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way
from walked_ground import GEOD, Ground

from lifecircle.errors import InputError
from lifecircle.sources.streets.osm import read_osm_streets

STEP = 2e-4
"""About 22 m: streets run on a lattice of this step, a little bent."""

WORDS = st.sampled_from(
    ["yes", "no", "private", "permissive", "customers", "permit", "destination", "designated"]
)
WAY_TAGS = st.fixed_dictionaries(
    {"highway": st.sampled_from(["residential", "footway", "steps", "busway", "construction", "proposed"])},
    optional={
        "foot": WORDS,
        "access": WORDS,
        "foot:forward": WORDS,
        "foot:backward": WORDS,
        "oneway": st.sampled_from(["yes", "no"]),
        "oneway:foot": st.sampled_from(["yes", "-1", "no"]),
        "conveying": st.sampled_from(["forward", "backward", "reversible"]),
        "motorroad": st.just("yes"),
        "layer": st.sampled_from(["1", "-1"]),
    },
)
OPEN_WAY = st.just({"highway": "residential"})
SQUARE_TAGS = st.one_of(
    st.just({"highway": "pedestrian", "area": "yes"}),
    st.fixed_dictionaries({"place": st.just("square")}, optional={"access": WORDS, "foot": WORDS}),
    st.fixed_dictionaries({"amenity": st.just("parking")}, optional={"foot": WORDS}),
    st.fixed_dictionaries({"railway": st.just("platform")}, optional={"access": WORDS}),
)
GATE_TAGS = st.fixed_dictionaries(
    {"barrier": st.sampled_from(["gate", "bollard", "lift_gate", "turnstile", "kerb"])},
    optional={"foot": WORDS, "access": WORDS, "locked": st.just("yes"), "motor_vehicle": WORDS},
)


@st.composite
def towns(draw):
    """Nodes with tags, ways and relations; places in steps of the lattice."""
    size = draw(st.integers(3, 4))
    jitter = st.integers(-2, 2)
    # seldom three nodes on a line: whether a way touches a corner it does not share is a matter of rounding
    places = {
        1 + x + 10 * y: (
            x + draw(jitter) / 10 + 0.0173 * ((x * x + 3 * y) % 7),
            y + draw(jitter) / 10 + 0.0119 * ((2 * x + y * y) % 5),
        )
        for x in range(size)
        for y in range(size)
    }
    lattice = sorted(places)
    gates = draw(st.dictionaries(st.sampled_from(lattice), GATE_TAGS, max_size=2))
    ways = []
    for _ in range(draw(st.integers(3, 7))):
        course = draw(st.lists(st.sampled_from(lattice), min_size=2, max_size=4, unique=True))
        ways.append((course, draw(st.one_of(OPEN_WAY, OPEN_WAY, WAY_TAGS))))
    relations = []
    for _ in range(draw(st.integers(0, 2))):
        # a ring round a place, of lattice nodes and of corners of its own, seen from there in order
        x, y = (draw(st.integers(5, 10 * size - 15)) / 10 + 0.0071 for _ in range(2))
        corners = []
        for angle in np.linspace(0, 2 * np.pi, draw(st.integers(4, 7)), endpoint=False):
            # off the lattice, so that no outline merely touches a street: that is a matter of rounding
            far = draw(st.integers(4, 15)) / 10 + 0.0137
            spot = (x + far * np.cos(angle), y + far * np.sin(angle))
            near = min(
                lattice, key=lambda node: np.hypot(places[node][0] - spot[0], places[node][1] - spot[1])
            )
            if draw(st.booleans()) and near not in corners:
                corners.append(near)
            else:
                corners.append(max(places) + 1000)
                places[corners[-1]] = spot
        tags = draw(SQUARE_TAGS)
        hole = draw(st.booleans())
        if not hole:
            ways.append(([*corners, corners[0]], tags))
            continue
        inner = []
        for turn in (0.3, 2.4, 4.5):
            inner.append(max(places) + 1000)
            places[inner[-1]] = (x + 0.2 * np.cos(turn), y + 0.2 * np.sin(turn))
        ways += [([*corners, corners[0]], {}), ([*inner, inner[0]], {})]
        relations.append(([len(ways) - 1, len(ways)], {"type": "multipolygon", **tags}))
    if draw(st.booleans()):
        # a wall between any nodes, gates, corners of squares and ends of ways among them
        course = draw(st.lists(st.sampled_from(sorted(places)), min_size=2, max_size=3, unique=True))
        ways.append((course, {"barrier": draw(st.sampled_from(["wall", "fence", "hedge"]))}))
    return places, gates, ways, relations


def written(town, path):
    places, gates, ways, relations = town
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, (x, y) in sorted(places.items()):
            writer.add_node(
                Node(id=node, location=(114 + STEP * x, 30 + STEP * y), tags=gates.get(node, {}), version=1)
            )
        for number, (refs, tags) in enumerate(ways, 1):
            writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
        for number, (members, tags) in enumerate(relations, 1):
            parts = [("w", member, "outer" if k == 0 else "inner") for k, member in enumerate(members)]
            writer.add_relation(Relation(id=number, members=parts, tags=tags, version=1))
    return path


def sound(town):
    """Squares whose outlines do not cross or touch themselves, with their holes inside them."""
    places, _, ways, relations = town
    rings = {
        number: [places[ref] for ref in refs]
        for number, (refs, _) in enumerate(ways, 1)
        if refs[0] == refs[-1]
    }
    shapes = {number: shapely.Polygon(ring) for number, ring in rings.items()}
    if not all(shape.is_valid and shape.area > 0.01 for shape in shapes.values()):
        return False
    return all(shapes[outer].contains_properly(shapes[inner]) for (outer, inner), _ in relations)


@given(town=towns().filter(sound))
def test_walks_across_squares_and_past_gates_equal_the_naive_graph(town):
    with tempfile.TemporaryDirectory() as folder:
        path = written(town, Path(folder) / "town.osm.pbf")
        naive = Ground(path)
        try:
            streets = read_osm_streets(path)
        except InputError:
            assert naive.graph.number_of_edges() == 0
            return
    ours = nx.DiGraph()
    ends = (streets.lon[streets.u], streets.lat[streets.u], streets.lon[streets.v], streets.lat[streets.v])
    metres = GEOD.inv(*ends)[2]
    for u, v, along, against, length in zip(
        streets.u.tolist(), streets.v.tolist(), streets.forward, streets.backward, metres, strict=True
    ):
        for start, end, is_open in ((u, v, along), (v, u, against)):
            if is_open and ours.get_edge_data(start, end, {"metres": np.inf})["metres"] > length:
                ours.add_edge(start, end, metres=length)
    number = {node: row for row, node in enumerate(streets.node_id.tolist())}
    listed = sorted(naive.on_ways & set(town[0]) - set(naive.gates))
    for start in listed:
        reached = {}
        if number.get(start) in ours:
            reached = nx.single_source_dijkstra_path_length(ours, number[start], weight="metres")
        expected = {}
        if start in naive.graph:
            expected = nx.single_source_dijkstra_path_length(naive.graph, start, weight="metres")
        for end in listed:
            if end == start:
                continue
            one, other = reached.get(number.get(end), np.inf), expected.get(end, np.inf)
            assert (one == other == np.inf) or abs(one - other) < 0.1, (start, end, one, other)
