"""What becomes of a street table: order, lengths, costs, arcs, components, refusals."""

import numpy as np
import pytest
from pyproj import Geod
from streets_by_hand import shuffled, street_table

from lifecircle.errors import NetworkError
from lifecircle.network import build_network, edges_frame

A, B, C, D = (113.50, 22.20), (113.51, 22.20), (113.51, 22.21), (113.52, 22.21)


def test_lengths_are_geodesic_to_the_millimetre():
    network = build_network(street_table([A, B, C], [(0, 1), (1, 2)]))
    expected = [Geod(ellps="WGS84").inv(*a, *b)[2] * 1000 for a, b in ((A, B), (B, C))]
    assert network.length_mm.tolist() == [round(mm) for mm in expected]
    assert network.cost_forward.tolist() == network.length_mm.tolist()


def test_coordinates_are_metres_in_the_local_system():
    network = build_network(street_table([A, B], [(0, 1)]))
    apart = np.hypot(np.ptp(network.node_x), np.ptp(network.node_y))
    assert apart == pytest.approx(network.length_mm[0] / 1000, abs=0.01)
    assert network.crs.axis_info[0].unit_name == "metre"


def test_self_loops_closed_segments_and_lonely_nodes_are_left_out_and_counted():
    closed = {"forward": np.array([True, True, False]), "backward": np.array([True, True, False])}
    network = build_network(street_table([A, B, C, D], [(0, 1), (1, 1), (1, 2)], **closed))
    assert (len(network), network.n_nodes) == (1, 2)
    assert network.counts == {"self_loops": 1, "closed_segments": 1, "isolated_nodes": 2}


def test_parallel_edges_stay_but_the_cheapest_is_travelled():
    streets = street_table(
        [A, B], [(0, 1), (1, 0), (0, 1)], mode="drive", speed_kmh=np.array([20, 50, 30], np.float32)
    )
    network = build_network(streets)
    assert len(network) == 3
    assert network.arc_edge.tolist() == [1, 1]
    assert network.cost.tolist() == [network.cost_forward.min()] * 2


def test_a_car_takes_the_streets_own_speed_in_milliseconds():
    network = build_network(
        street_table([A, B], [(0, 1)], mode="drive", speed_kmh=np.array([50], np.float32))
    )
    assert network.cost_unit == "ms"
    assert network.cost_forward[0] == pytest.approx(network.length_mm[0] * 3.6 / 50, abs=1)
    assert network.minutes_per_cost == 1 / 60_000


def test_one_ways_are_closed_the_other_way_in_both_adjacencies():
    network = build_network(street_table([A, B, C], [(0, 1, "forward"), (1, 2)]))
    assert not network.symmetric
    assert network.cost_backward.tolist()[0] == -1
    start, end = network.u[0], network.v[0]
    assert end in network.head[network.indptr[start] : network.indptr[start + 1]]
    assert start not in network.head[network.indptr[end] : network.indptr[end + 1]]
    assert start in network.back_head[network.back_indptr[end] : network.back_indptr[end + 1]]


def test_two_way_streets_share_one_adjacency():
    network = build_network(street_table([A, B, C], [(0, 1), (1, 2)]))
    assert network.symmetric
    assert network.back_cost is network.cost


def test_components_are_labelled_and_short_ones_are_islands():
    places = [(113.5 + 0.01 * i, 22.2) for i in range(9)] + [(113.5, 22.3), (113.501, 22.3)]
    network = build_network(street_table(places, [*[(i, i + 1) for i in range(8)], (9, 10)]))
    assert sorted(network.component_length_m.round()) == pytest.approx([103, 8249], abs=2)
    assert network.small_component[network.component[network.u[-1]]]
    assert not network.small_component[network.component[network.u[0]]]
    # lines across a square make no streets of it, however many and long
    square = street_table(
        [*places, (113.59, 22.3)], [*[(i, i + 1) for i in range(8)], (9, 10), (10, 11)],
        highways=("area",), highway=np.array([-1] * 9 + [0], np.int32),
    )  # fmt: skip
    assert sorted(build_network(square).component_length_m.round()) == pytest.approx([103, 8249], abs=2)
    # of a village with 206 m of streets, 103 m are no island
    half = build_network(street_table([*places[-2:], (113.6, 22.3), (113.601, 22.3)], [(0, 1), (2, 3)]))
    assert not half.small_component.any()


def test_the_order_of_rows_and_nodes_changes_nothing():
    rng = np.random.default_rng(8)
    places = np.column_stack([113.5 + rng.random(60) / 50, 22.2 + rng.random(60) / 50])
    streets = street_table(places, [tuple(rng.integers(0, 60, 2)) for _ in range(150)])
    digest = build_network(streets).digest
    assert {build_network(shuffled(streets, rng)).digest for _ in range(5)} == {digest}


def test_neighbours_on_the_ground_are_neighbours_in_memory():
    side = 64
    places = [(113.5 + 0.001 * x, 22.2 + 0.001 * y) for x in range(side) for y in range(side)]
    node = np.random.default_rng(1).permutation(side * side).reshape(side, side)
    places = [place for _, place in sorted(zip(node.ravel(), places, strict=True))]
    edges = [*zip(node[1:].ravel(), node[:-1].ravel(), strict=True)]
    network = build_network(street_table(places, edges))
    assert np.median(np.abs(network.u.astype(int) - network.v)) <= 4


def test_the_export_has_ids_lengths_times_and_shapes():
    streets = street_table(
        [A, B, C], [(0, 1, "forward"), (1, 2)],
        name=np.array([0, -1], np.int32), names=("人民路",),
        highway=np.zeros(2, np.int32), highways=("footway",),
    )  # fmt: skip
    table = edges_frame(build_network(streets))
    assert table["edge"].tolist() == ["1-0", "2-0"]
    assert table["name"].tolist() == ["人民路", ""]
    assert table["highway"].tolist() == ["footway", "footway"]
    assert table["time_fwd_s"].to_numpy() == pytest.approx(table["length_m"].to_numpy() * 0.9)
    assert np.isnan(table["time_back_s"]).tolist() == [True, False]
    assert list(table.geometry[0].coords) == [A, B]
    assert table.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("streets", "options", "words"),
    [
        (street_table([A, B], []), {}, "no street"),
        (street_table([A, B], [(0, 0)]), {}, "no street"),
        (street_table([A, (np.nan, 22.2)], [(0, 1)]), {}, "without coordinates"),
        (street_table([A, B], [(0, 1)]), {"speed_kmh": 0.0}, "above 0"),
        (street_table([A, B], [(0, 1)]), {"speed_kmh": np.nan}, "above 0"),
        (
            street_table([A, B], [(0, 1)], mode="drive", speed_kmh=np.array([-5], np.float32)),
            {},
            "-5",
        ),
        (street_table([A, (-60.0, -20.0)], [(0, 1)]), {}, "beyond the 2147483647"),
        (street_table([A, B], [(0, 1)]), {"time_factor": (np.array([-1.0]), np.array([1.0]))}, "-1"),
    ],
)
def test_what_cannot_be_routed_is_refused_in_words(streets, options, words):
    with pytest.raises(NetworkError, match=words):
        build_network(streets, **options)


def test_all_faults_are_told_at_once():
    streets = street_table([A, (np.nan, 22.2)], [(0, 1)])
    with pytest.raises(NetworkError) as error:
        build_network(streets, speed_kmh=-1)
    assert len(error.value.faults) == 2
