"""Turn restrictions and residents' streets on random networks against Dijkstra over sequences of edges."""

import heapq
from itertools import count as counting
from itertools import pairwise

import geopandas as gpd
import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from streets_by_hand import street_table

from lifecircle.network import accumulate, build_network, length_network, nearest_facilities, pairs, reach

STEP = 0.0005
AT_START, BETWEEN, AT_END = range(3)


@st.composite
def towns(draw):
    """Streets with forbidden turns, some open to residents alone, and points on them."""
    places = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=7, unique=True)
    )
    number = st.integers(0, len(places) - 1)
    direction = st.sampled_from(["both", "both", "forward", "backward"])
    edges = draw(
        st.lists(st.tuples(number, number, direction).filter(lambda e: e[0] != e[1]), min_size=3, max_size=12)
    )
    which = st.integers(0, len(edges) - 1)
    residents = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    if not draw(st.booleans()):
        residents = [False] * len(edges)
    # a restriction leads from way to way, over a node or over up to three ways
    turns = []
    for size, only in draw(
        st.lists(st.tuples(st.sampled_from([2, 2, 3, 3, 4, 5]), st.booleans()), max_size=6)
    ):
        ways, nodes = [draw(which)], []
        node = edges[ways[0]][draw(st.integers(0, 1))]
        while len(ways) < size:
            beside = [way for way, ends in enumerate(edges) if node in ends[:2]]
            ways.append(draw(st.sampled_from(beside)))
            nodes.append(node)
            u, v, _ = edges[ways[-1]]
            node = v if node == u else u
        turns.append((ways, nodes, only))
    # some begin on the ways of another and end elsewhere: who is on the one is on the other, too
    for ways, nodes, _ in [turn for turn in turns if len(turn[0]) > 3 and draw(st.booleans())]:
        beside = [way for way, ends in enumerate(edges) if nodes[-1] in ends[:2]]
        turns.append(([*ways[1:-1], draw(st.sampled_from(beside))], nodes[1:], draw(st.booleans())))
    place = st.tuples(which, st.sampled_from([0.13, 0.29, 0.5, 0.77]))
    points = [draw(st.lists(place, min_size=1, max_size=3)) for _ in range(2)]
    # some drive from the first way of a restriction to its last, where it matters
    longest = sorted(turns, key=lambda turn: len(turn[0]))[-2:]
    for side, end in zip(points, (0, -1), strict=True):
        side += [(ways[end], 0.29) for ways, _, _ in longest]
    return places, edges, residents, turns, points, draw(st.integers(1, 3))


def built(town, kmh=(36.0,)):
    """The network of a town, its streets as fast in turn as said, and its points joined to it."""
    places, edges, residents, turns, points, parts = town
    lonlat = [(113.5 + STEP * x, 22.2 + STEP * y) for x, y in places]
    pieces, owner = [], []
    for number, (u, v, direction) in enumerate(edges):
        (ax, ay), (bx, by) = lonlat[u], lonlat[v]
        chain = [u, *range(len(lonlat), len(lonlat) + parts - 1), v]
        lonlat += [(ax + k / parts * (bx - ax), ay + k / parts * (by - ay)) for k in range(1, parts)]
        pieces += [(a, b, direction) for a, b in pairwise(chain)]
        owner += [number] * parts
    owner = np.array(owner)
    rows = [
        (number, way + 1, node, int(only))
        for number, (ways, nodes, only) in enumerate(turns)
        for way, node in zip(ways, [*nodes, 0], strict=True)
    ]
    streets = street_table(
        lonlat, pieces, mode="drive", speed_kmh=np.resize(kmh, len(pieces)).astype(np.float32),
        way=owner.astype(np.int64) + 1, segment=np.tile(np.arange(parts, dtype=np.int32), len(edges)),
        destination=np.array(residents)[owner], turns=np.array(rows, np.int64).reshape(-1, 4),
        turn_relation=np.arange(len(turns)),
    )  # fmt: skip
    network = build_network(streets, min_component_m=0)
    snaps = []
    for side in points:
        ends = [(lonlat[edges[e][0]], lonlat[edges[e][1]], share) for e, share in side]
        x = [a[0] + share * (b[0] - a[0]) for a, b, share in ends]
        y = [a[1] + share * (b[1] - a[1]) for a, b, share in ends]
        snaps.append(network.snap(gpd.GeoSeries.from_xy(x, y, crs=4326)))
    return network, snaps


class EdgeSequences:
    """The naive model: a state is the last edges travelled (edge, 1 or -1) and the part of the journey.

    Restrictions are held against the whole sequence, edge by edge; no state knows what it stands for.
    """

    def __init__(self, network, turns, residents):
        self.length = network.length_mm
        self.way = network.way - 1
        self.residents = [residents[way] for way in self.way]
        self.ends = {}
        for e in range(len(network)):
            u, v = int(network.u[e]), int(network.v[e])
            if network.cost_forward[e] >= 0:
                self.ends[e, 1] = (u, v, int(network.cost_forward[e]))
            if network.cost_backward[e] >= 0:
                self.ends[e, -1] = (v, u, int(network.cost_backward[e]))
        sequences = [(self.sequences(ways, nodes), only) for ways, nodes, only in turns]
        self.rules = [(told[0], only) for told, only in sequences if len(told) == 1]
        self.memory = max((len(told) for told, _ in self.rules), default=2) - 1

    def sequences(self, ways, nodes):
        """Sequences from the last edge of the first way to the first of the last, the ways between whole."""
        sequences = [
            (key,) for key, (_, end, _) in self.ends.items() if (self.way[key[0]], end) == (ways[0], nodes[0])
        ]
        for way, goal in zip(ways[1:-1], nodes[1:], strict=True):
            sequences = [
                (*done, *walk)
                for done in sequences
                for walk in self.driven_along(way, self.ends[done[-1]][1], goal)
            ]
        last = [
            key
            for key, (start, _, _) in self.ends.items()
            if (self.way[key[0]], start) == (ways[-1], nodes[-1])
        ]
        return [(*done, key) for done in sequences for key in last]

    def driven_along(self, way, start, goal):
        """Sequences of edges of a way from one of its ends to the other, never back."""
        grown, done = [((), start)], []
        while grown:
            walk, here = grown.pop()
            for key, (begin, end, _) in self.ends.items():
                if self.way[key[0]] == way and begin == here and (not walk or walk[-1][0] != key[0]):
                    (done if end == goal else grown).append(((*walk, key), end))
        return [walk for walk, _ in done]

    def parts_after(self, edge, part):
        """The parts of the journey in which an edge may follow one of a part."""
        if self.residents[edge]:
            return [AT_START, AT_END] if part == AT_START else [AT_END]
        return [BETWEEN] if part != AT_END else []

    def onward(self, trail, part):
        """What may follow a sequence of edges."""
        sign = {}
        for told, only in self.rules:
            for size in range(1, len(told)) if only else (len(told) - 1,):
                if trail[-size:] == told[:size]:
                    # an only_… over a node names the edge, whichever way it is drawn; so does a no_…
                    sign.setdefault((told[:size], only), set()).add(told[size])
        alone = [may for (_, only), may in sign.items() if only]
        closed = [may for (_, only), may in sign.items() if not only]
        free = [
            (other, after)
            for other, (start, _, _) in self.ends.items()
            if start == self.ends[trail[-1]][1]
            and not any(other in may for may in closed)
            and all(other in may for may in alone)
            for after in self.parts_after(other[0], part)
        ]
        ahead = [state for state in free if state[0][0] != trail[-1][0]]
        return ahead + [state for state in free if state[0][0] == trail[-1][0] and (not ahead or alone)]

    def first(self, edge, offset):
        """Costs of the ends of the edge one starts on."""
        for way in (1, -1):
            if (edge, way) in self.ends:
                share = (self.length[edge] - offset if way == 1 else offset) / self.length[edge]
                part = AT_START if self.residents[edge] else BETWEEN
                yield self.ends[edge, way][2] * share, (edge, way), part

    def along(self, edge, offset, goal):
        """Cost straight along the edge one starts on."""
        way = 1 if goal >= offset else -1
        if offset == goal:
            return 0.0
        return abs(goal - offset) / self.length[edge] * self.ends.get((edge, way), (0, 0, np.inf))[2]

    def cost(self, here, there):
        """Milliseconds from one place on an edge to another."""
        target, goal = there
        best = self.along(*here, goal) if here[0] == target else np.inf
        tie, done = counting(), set()
        queue = [(cost, next(tie), (key,), part) for cost, key, part in self.first(*here)]
        heapq.heapify(queue)
        last = AT_END if self.residents[target] else BETWEEN
        while queue:
            cost, _, trail, part = heapq.heappop(queue)
            if (trail, part) in done:
                continue
            done.add((trail, part))
            for other, after in self.onward(trail, part):
                if other[0] == target and after == last:
                    share = (goal if other[1] == 1 else self.length[target] - goal) / self.length[target]
                    best = min(best, cost + share * self.ends[other][2])
                onward = (*trail, other)[-self.memory :]
                heapq.heappush(queue, (cost + self.ends[other][2], next(tie), onward, after))
        return best


@given(town=towns())
def test_drives_equal_dijkstra_over_turns(town):
    network, (here, there) = built(town)
    # a point at a node stands on all of its edges, which this model has no state for
    for snaps in (here, there):
        assume(((snaps.offset_mm > 0) & (snaps.offset_mm < network.length_mm[snaps.edge])).all())
    # each way's first and last piece tell the nodes of its places
    there_are = {}
    for edge, (way, piece) in enumerate(zip(network.way - 1, network.segment, strict=True)):
        u, v, _ = town[1][way]
        there_are |= {u: int(network.u[edge])} if piece == 0 else {}
        there_are |= {v: int(network.v[edge])} if piece == town[5] - 1 else {}
    named = [(ways, [there_are[node] for node in nodes], only) for ways, nodes, only in town[3]]
    model = EdgeSequences(network, named, town[2])
    sides = [list(zip(s.edge.tolist(), s.offset_mm.tolist(), strict=True)) for s in (here, there)]
    expected = np.array([[model.cost(one, other) for other in sides[1]] for one in sides[0]])
    walks = np.hypot(here.from_x[:, None] - there.from_x, here.from_y[:, None] - there.from_y)
    expected[walks < 0.001] = 0.0
    # every way of asking agrees: pairs from either side, the nearest with its length, and reached lines
    for one, other, flipped in ((here, there, False), (there, here, True)):
        a, b, cost = pairs(network, one, other, max_cost=10**8, towards="origins" if flipped else "targets")
        table = np.full((len(one), len(other)), np.inf)
        table[a, b] = cost
        np.testing.assert_allclose(table.T if flipped else table, expected, atol=100)
    ids = [f"f{k}" for k in range(len(there))]
    labelled = there.renamed(gpd.GeoDataFrame({"service": ids}, geometry=[None] * len(ids), index=ids))
    near = nearest_facilities(network, here, labelled, max_minutes=None)
    np.testing.assert_allclose(
        near["minutes"].to_numpy().reshape(expected.shape) * 60_000, expected, atol=100
    )
    # at 36 km/h a second is ten metres, and the walk to the street is none
    np.testing.assert_allclose(
        near["distance_m"].to_numpy().reshape(expected.shape) * 100, expected, atol=200
    )
    limit = 20_000
    counted = accumulate(
        network, here, there, service=np.zeros(len(there), int), owner=np.arange(len(there)), n_services=1,
        cutoffs=[limit], weights=[1.0],
    )[:, 0]  # fmt: skip
    clear = (np.abs(expected - limit) > 100).all(axis=1)
    np.testing.assert_array_equal(counted[clear], (expected <= limit).sum(axis=1)[clear])
    for direction, one, other, asked in (("out", here, there, expected), ("in", there, here, expected.T)):
        lines = reach(network, one, [limit / 60_000], direction=direction)
        for i in range(len(one)):
            mine = lines.origin == i
            for j in range(len(other)):
                on = mine & (lines.edge == other.edge[j])
                within = (lines.start_mm[on] <= other.offset_mm[j]) & (other.offset_mm[j] <= lines.end_mm[on])
                if asked[i, j] > 0 and abs(asked[i, j] - limit) > 100:
                    assert bool(within.any()) == (asked[i, j] <= limit)


@given(towns())
def test_lengths_for_costs_are_those_of_one_speed(town):
    """At 3.6 km/h a millimetre takes a millisecond: the same arcs, whatever the speeds were."""
    network, _ = built(town, kmh=(50.0, 7.0, 20.0))
    slow, _ = built(town, kmh=(3.6,))
    lengths = length_network(network)
    assert (lengths.cost_unit, lengths.cost_per_mm) == ("mm", 1.0)
    for name in (
        "cost_forward", "cost_backward", "indptr", "head", "cost", "arc_edge",
        "back_indptr", "back_head", "back_cost", "back_edge",
    ):  # fmt: skip
        assert np.array_equal(getattr(lengths, name), getattr(slow, name)), name
