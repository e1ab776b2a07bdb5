"""Turn restrictions and residents' streets on random networks against Dijkstra over directed edges."""

import heapq
from itertools import count as counting
from itertools import pairwise

import geopandas as gpd
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from streets_by_hand import street_table

from lifecircle.network import accumulate, build_network, nearest_facilities, pairs, reach

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
    turns = []
    for one, other, only in draw(st.lists(st.tuples(which, which, st.booleans()), max_size=6)):
        shared = sorted(set(edges[one][:2]) & set(edges[other][:2]))
        turns += [(one + 1, node, other + 1, int(only)) for node in shared[:1]]
    place = st.tuples(which, st.sampled_from([0.13, 0.29, 0.5, 0.77]))
    points = [draw(st.lists(place, min_size=1, max_size=4)) for _ in range(2)]
    return places, edges, residents, turns, points, draw(st.integers(1, 3))


def built(town):
    """The network of a town, and its points joined to it."""
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
    streets = street_table(
        lonlat, pieces, mode="drive", speed_kmh=np.full(len(pieces), 36.0, np.float32),
        way=owner.astype(np.int64) + 1, segment=np.tile(np.arange(parts, dtype=np.int32), len(edges)),
        destination=np.array(residents)[owner], turns=np.array(turns, np.int64).reshape(-1, 4),
    )  # fmt: skip
    network = build_network(streets, min_component_m=0)
    snaps = []
    for side in points:
        ends = [(lonlat[edges[e][0]], lonlat[edges[e][1]], share) for e, share in side]
        x = [a[0] + share * (b[0] - a[0]) for a, b, share in ends]
        y = [a[1] + share * (b[1] - a[1]) for a, b, share in ends]
        snaps.append(network.snap(gpd.GeoSeries.from_xy(x, y, crs=4326)))
    return network, snaps


class DirectedEdges:
    """The naive model: a state is an edge travelled one way (edge, 1 or -1) in a part of the journey."""

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
        self.rules = {}
        for one, node, other, only in turns:
            comes = [key for key, (_, end, _) in self.ends.items() if self.way[key[0]] == one and end == node]
            goes = [key for key, (at, _, _) in self.ends.items() if self.way[key[0]] == other and at == node]
            if len(comes) == len(goes) == 1:
                self.rules.setdefault(comes[0], []).append((goes[0][0], only))

    def parts_after(self, edge, part):
        """The parts of the journey in which an edge may follow one of a part."""
        if self.residents[edge]:
            return [AT_START, AT_END] if part == AT_START else [AT_END]
        return [BETWEEN] if part != AT_END else []

    def onward(self, key, part):
        """What may follow an edge."""
        rules = self.rules.get(key, [])
        alone = {edge for edge, only in rules if only}
        closed = {edge for edge, only in rules if not only}
        free = [
            (other, after)
            for other, (start, _, _) in self.ends.items()
            if start == self.ends[key][1] and other[0] not in closed and (not alone or other[0] in alone)
            for after in self.parts_after(other[0], part)
        ]
        ahead = [state for state in free if state[0][0] != key[0]]
        return ahead + [state for state in free if state[0][0] == key[0] and (not ahead or key[0] in alone)]

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
        queue = [(cost, next(tie), key, part) for cost, key, part in self.first(*here)]
        heapq.heapify(queue)
        last = AT_END if self.residents[target] else BETWEEN
        while queue:
            cost, _, key, part = heapq.heappop(queue)
            if (key, part) in done:
                continue
            done.add((key, part))
            for other, after in self.onward(key, part):
                if other[0] == target and after == last:
                    share = (goal if other[1] == 1 else self.length[target] - goal) / self.length[target]
                    best = min(best, cost + share * self.ends[other][2])
                heapq.heappush(queue, (cost + self.ends[other][2], next(tie), other, after))
        return best


@given(town=towns())
def test_drives_equal_dijkstra_over_turns(town):
    network, (here, there) = built(town)
    count = len(network.node_lon) - len(network.port_place)
    places = np.column_stack([network.node_lon, network.node_lat])[:count]
    number = {(round(x, 9), round(y, 9)): k for k, (x, y) in enumerate(places.tolist())}
    named = [
        (one - 1, number.get((round(113.5 + STEP * x, 9), round(22.2 + STEP * y, 9)), -1), other - 1, only)
        for one, (x, y), other, only in ((a, town[0][node], b, only) for a, node, b, only in town[3])
    ]
    model = DirectedEdges(network, named, town[2])
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
