"""Distances on random streets against networkx on the graph split at every point."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streets_by_hand import naive_costs, shuffled, street_table

from lifecircle.network import UNREACHED, accumulate, build_network, nearest, pairs
from lifecircle.network.routing.contraction import contraction

STEP = 0.0005
"""About 55 m: nodes lie on a lattice of this step, so that some coincide and lengths repeat."""

TOLERANCE = {"mm": 100, "ms": 100}
"""0.1 m, or 0.1 s where costs are times."""


def drawn_in_pieces(nodes, edges, count):
    """Every edge as a chain of shorter ones, as curves are drawn."""
    nodes, pieces = list(nodes), []
    for u, v, direction in edges:
        (ax, ay), (bx, by) = nodes[u], nodes[v]
        chain = [u, *range(len(nodes), len(nodes) + count - 1), v]
        nodes += [(ax + k / count * (bx - ax), ay + k / count * (by - ay)) for k in range(1, count)]
        pieces += [(one, other, direction) for one, other in pairwise(chain)]
    return nodes, pieces


@st.composite
def cities(draw):
    """Streets with parallel, zero-length, one-way and disconnected edges, in pieces, and points around."""
    place = st.tuples(st.integers(0, 5), st.integers(0, 5))
    nodes = draw(st.lists(place, min_size=2, max_size=10))
    ends = st.integers(0, len(nodes) - 1)
    directed = draw(st.booleans())
    direction = st.sampled_from(["both", "forward", "backward"] if directed else ["both"])
    edges = draw(
        st.lists(st.tuples(ends, ends, direction), min_size=1, max_size=18).filter(
            lambda result: any(u != v for u, v, _ in result)
        )
    )
    mode = draw(st.sampled_from(["walk", "drive"]))
    speeds = draw(st.lists(st.sampled_from([np.nan, 20.0, 50.0]), min_size=len(edges), max_size=len(edges)))
    drawn, pieces = drawn_in_pieces(nodes, edges, draw(st.integers(1, 4)))
    streets = street_table(
        [(113.5 + STEP * x, 22.2 + STEP * y) for x, y in drawn],
        pieces,
        mode=mode,
        speed_kmh=np.repeat(np.array(speeds, np.float32), len(pieces) // len(edges)),
    )
    near = st.floats(-0.5, 5.5)
    free = st.tuples(near, near)
    along = st.tuples(st.integers(0, len(edges) - 1), st.sampled_from([0, 0.25, 0.5, 1]))

    def spot(result):
        """A free place, or one exactly on an edge."""
        if isinstance(result[0], float):
            return result
        u, v, _ = edges[result[0]]
        (ax, ay), (bx, by) = nodes[u], nodes[v]
        return (ax + result[1] * (bx - ax), ay + result[1] * (by - ay))

    points = [
        gpd.GeoSeries.from_xy(
            *np.array([(113.5 + STEP * x, 22.2 + STEP * y) for x, y in map(spot, result)]).T, crs=4326
        )
        for result in (
            draw(st.lists(st.one_of(free, along), min_size=1, max_size=6)),
            draw(st.lists(st.one_of(free, along), min_size=1, max_size=6)),
        )
    ]
    return streets, *points


def as_costs(cost):
    """Costs as floats, unreached infinite."""
    return np.where(cost == UNREACHED, np.inf, cost.astype(float))


@given(city=cities(), towards=st.sampled_from(["targets", "origins"]))
def test_pairs_equal_dijkstra_on_the_split_graph(city, towards):
    streets, origins, targets = city
    network = build_network(streets)
    here, there = network.snap(origins), network.snap(targets)
    naive = naive_costs(network, here, there, towards=towards)
    one, other, cost = pairs(network, here, there, max_cost=10**7, towards=towards)
    result = np.full(naive.shape, np.inf)
    result[one, other] = cost
    np.testing.assert_array_equal(np.isfinite(result), np.isfinite(naive))
    np.testing.assert_allclose(result, naive, rtol=0, atol=TOLERANCE[network.cost_unit])
    assert (np.diff(one * len(there) + other) > 0).all()


@given(city=cities(), towards=st.sampled_from(["targets", "origins"]), by_sweep=st.booleans())
def test_nearest_and_its_owner_equal_dijkstra(city, towards, by_sweep):
    streets, origins, targets = city
    network = build_network(streets)
    if by_sweep:
        contraction(network)
    here, there = network.snap(origins), network.snap(targets)
    service = np.arange(len(there)) % 2
    owner = np.arange(len(there)) // 2 % 2
    answers = [
        nearest(
            network, here, there, service=service, owner=owner, n_services=2, max_cost=10**7,
            want_owner=want, towards=towards,
        )
        for want in (True, False)
    ]  # fmt: skip
    np.testing.assert_array_equal(answers[0][0], answers[1][0])
    one, other, cost = pairs(network, here, there, max_cost=10**7, towards=towards)
    every = np.full((len(here), len(there)), np.inf)
    every[one, other] = cost
    for k in range(2):
        mine = every[:, service == k]
        best = mine.min(axis=1, initial=np.inf)
        np.testing.assert_array_equal(as_costs(answers[0][0][:, k]), best)
        for i in np.flatnonzero(np.isfinite(best)):
            assert answers[0][1][i, k] == owner[service == k][mine[i] == best[i]].min()
        assert (answers[0][1][np.isinf(best), k] == -1).all()


@given(city=cities(), limit=st.integers(1, 400_000))
def test_search_and_sweep_agree_at_any_limit(city, limit):
    streets, origins, targets = city
    searched, swept = build_network(streets), build_network(streets)
    contraction(swept)
    codes = {"service": np.zeros(len(targets), int), "owner": np.arange(len(targets)), "n_services": 1}
    listed = [
        nearest(net, net.snap(origins), net.snap(targets), max_cost=limit, **codes)
        for net in (searched, swept)
    ]
    for one, other in zip(*listed, strict=True):
        np.testing.assert_array_equal(one, other)
    everything, _ = nearest(swept, swept.snap(origins), swept.snap(targets), **codes)
    np.testing.assert_array_equal(listed[0][0], np.where(everything <= limit, everything, UNREACHED))


@given(city=cities(), towards=st.sampled_from(["targets", "origins"]))
def test_sums_equal_a_loop_over_pairs_from_either_side(city, towards):
    streets, origins, targets = city
    network = build_network(streets)
    here, there = network.snap(origins), network.snap(targets)
    owner = np.arange(len(there)) // 2
    amount = 1.0 + 0.1 * owner
    one, other, cost = pairs(network, here, there, max_cost=200_000, towards=towards)
    for copies in (1, 8):
        result = accumulate(
            network, here.take(np.tile(np.arange(len(here)), copies)), there,
            service=np.zeros(len(there), int), owner=owner, n_services=1,
            cutoffs=[50_000, 200_000], weights=[1.0, 0.3], amount=amount, towards=towards,
        )  # fmt: skip
        naive = np.zeros(len(here))
        for i in range(len(here)):
            for facility in range(owner.max() + 1):
                reached = cost[(one == i) & (owner[other] == facility)]
                if len(reached):
                    naive[i] += (1 + 0.1 * facility) * (1.0 if reached.min() <= 50_000 else 0.3)
        np.testing.assert_array_equal(result[:, 0], np.tile(naive, copies))


@given(city=cities())
def test_without_one_ways_the_way_back_is_as_long(city):
    streets, origins, targets = city
    network = build_network(streets)
    if not network.symmetric:
        return
    here, there = network.snap(origins), network.snap(targets)
    one = pairs(network, here, there, max_cost=10**7)
    other = pairs(network, here, there, max_cost=10**7, towards="origins")
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@given(city=cities(), seed=st.integers(0, 2**16))
def test_the_order_of_rows_changes_nothing(city, seed):
    streets, origins, targets = city
    rng = np.random.default_rng(seed)
    network, other = build_network(streets), build_network(shuffled(streets, rng))
    row, column = rng.permutation(len(origins)), rng.permutation(len(targets))
    codes = np.arange(len(targets))
    answers = []
    for net, block, to in ((network, slice(None), slice(None)), (other, row, column)):
        here, there = net.snap(origins.iloc[block]), net.snap(targets.iloc[to])
        cost, owner = nearest(net, here, there, service=codes[to] % 2, owner=codes[to], n_services=2)
        sums = accumulate(
            net, here, there, service=codes[to] % 2, owner=codes[to], n_services=2,
            cutoffs=[100_000, 300_000], weights=[1.0, 0.37], amount=1 / (1.0 + codes[to]),
        )  # fmt: skip
        answers.append((cost, owner, sums))
    for straight, mixed in zip(*answers, strict=True):
        np.testing.assert_array_equal(straight[row], mixed)


@given(city=cities(), limit=st.integers(0, 300_000), more=st.integers(0, 100_000))
def test_more_time_or_one_more_facility_never_makes_anyone_worse(city, limit, more):
    streets, origins, targets = city
    network = build_network(streets)
    here, there = network.snap(origins), network.snap(targets)

    def cost(places, within):
        """Nearest of some places within a limit."""
        count = len(places)
        return nearest(
            network, here, places, service=np.zeros(count, int), owner=np.arange(count), n_services=1,
            max_cost=within,
        )[0]  # fmt: skip

    assert (cost(there, limit + more) <= cost(there, limit)).all()
    assert (cost(there, limit) <= cost(there.take(np.arange(len(there) - 1)), limit)).all()


@pytest.mark.parametrize("want_owner", [True, False])
def test_the_number_of_threads_changes_nothing(want_owner):
    rng = np.random.default_rng(5)
    side = 12
    node = np.arange(side * side).reshape(side, side)
    edges = [*zip(node[:-1].ravel(), node[1:].ravel(), strict=True)]
    edges += [*zip(node[:, :-1].ravel(), node[:, 1:].ravel(), strict=True)]
    places = [
        (113 + 0.001 * (i // side) + 1e-4 * rng.random(), 22 + 0.001 * (i % side)) for i in range(side**2)
    ]
    network = build_network(street_table(places, edges))
    here, there = (
        network.snap(
            gpd.GeoSeries.from_xy(*(rng.uniform(0, 0.011, (2, n)) + np.array([[113], [22]])), crs=4326)
        )
        for n in (900, 300)
    )
    codes = {"service": rng.integers(0, 9, 300), "owner": np.arange(300), "n_services": 9}
    answers = []
    for threads in (1, 2, 5):
        cost, owner = nearest(network, here, there, want_owner=want_owner, threads=threads, **codes)
        listed = pairs(network, here, there, max_cost=400_000, threads=threads)
        sums = accumulate(
            network, here, there, cutoffs=[200_000, 500_000], weights=[1, 0.3],
            amount=np.full(300, 0.1),
            threads=threads, **codes,
        )  # fmt: skip
        answers.append((cost, owner, *listed, sums))
    for other in answers[1:]:
        for a, b in zip(answers[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert len(answers[0][2]) > 10_000
