"""Reached lines: arithmetic on streets drawn in metres. At 4 km/h a metre takes 0.015 minutes."""

import numpy as np
import pytest
from streets_in_metres import metric_network, points

from lifecircle.errors import InputError, MismatchedIndexError
from lifecircle.network import reach

MINUTES_PER_M = 0.015

STRAIGHT = ([(0, 0), (1000, 0)], [(0, 1)])
TRIANGLE = ([(0, 0), (100, 0), (50, 86.6025404)], [(0, 1), (1, 2), (2, 0)])


def metres(*values):
    """Minutes that metres take."""
    return [value * MINUTES_PER_M for value in values]


def pieces(result, band=0):
    """Reached stretches of one band as {edge: [(start, end)]} in mm."""
    rows = result.band == band
    table = {}
    for edge, start, end in zip(result.edge[rows], result.start_mm[rows], result.end_mm[rows], strict=True):
        table.setdefault(int(edge), []).append((int(start), int(end)))
    return table


def test_the_walk_to_the_street_and_both_ways_along_it_share_the_time():
    network = metric_network(*STRAIGHT)
    result = reach(network, network.snap(points((400, 20))), metres(200))
    (((start, end),),) = pieces(result).values()
    assert end - start == 2 * 180_000
    assert start in {220_000, 420_000}
    assert result.length_m().to_numpy().tolist() == [[360.0]]


def test_a_street_ends_where_it_ends():
    network = metric_network(*STRAIGHT)
    result = reach(network, network.snap(points((900, 0))), metres(300))
    assert result.length_m().iat[0, 0] == 400.0


def test_an_edge_reached_from_both_ends_gives_two_pieces_until_they_meet():
    network = metric_network(*TRIANGLE)
    snaps = network.snap(points((0, 0)))
    apart = reach(network, snaps, metres(130))
    assert sorted(len(result) for result in pieces(apart).values()) == [1, 1, 2]
    assert apart.length_m().iat[0, 0] == pytest.approx(260.0, abs=0.002)
    met = reach(network, snaps, metres(150.001))
    assert [len(result) for result in pieces(met).values()] == [1, 1, 1]
    assert met.length_m().iat[0, 0] == pytest.approx(300.0, abs=0.002)


def test_an_origin_inside_an_edge_comes_back_to_it_from_the_other_end():
    network = metric_network([(0, 0), (1000, 0), (1000, 10), (0, 10)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    result = reach(network, network.snap(points((990, 0))), metres(600))
    # 10 m to the corner, 10 m across, then 580 m along the far side; 600 m back along the near one
    assert result.length_m().iat[0, 0] == pytest.approx(10 + 10 + 580 + 600, abs=0.002)


def test_walking_past_a_one_way_sign_is_not_possible_and_coming_is_the_mirror_of_going():
    network = metric_network([(0, 0), (500, 0), (1000, 0)], [(0, 1, "forward"), (1, 2, "both")])
    snaps = network.snap(points((400, 0)))
    out = reach(network, snaps, metres(200), direction="out")
    into = reach(network, snaps, metres(200), direction="in")
    assert out.length_m().iat[0, 0] == pytest.approx(200.0, abs=0.002)
    assert into.length_m().iat[0, 0] == pytest.approx(200.0, abs=0.002)
    assert out.segments[:, 0::2].min() == pytest.approx(400, abs=0.01)
    assert out.segments[:, 0::2].max() == pytest.approx(600, abs=0.01)
    assert into.segments[:, 0::2].min() == pytest.approx(200, abs=0.01)
    assert into.segments[:, 0::2].max() == pytest.approx(400, abs=0.01)


def test_entries_of_one_facility_reach_together_and_overlaps_count_once():
    network = metric_network(*STRAIGHT)
    snaps = network.snap(points((300, 0), (500, 0), (950, 0)))
    result = reach(network, snaps, metres(150), group=["park", "park", "park"], direction="in")
    assert result.ids.tolist() == ["park"]
    assert result.length_m().iat[0, 0] == pytest.approx((650 - 150) + (1000 - 800), abs=0.002)


def test_a_delay_at_the_door_is_walked_off_at_the_speed_asked_for():
    network = metric_network(*STRAIGHT)
    snaps = network.snap(points((500, 0)))
    # 10 minutes at 6 km/h are 1000 m; 9 of them are lost
    result = reach(network, snaps, [10.0], delay_s=[540.0], speed_kmh=6.0)
    assert result.length_m().iat[0, 0] == pytest.approx(200.0, abs=0.002)


def test_all_bands_of_one_search_equal_one_search_each():
    network = metric_network(*TRIANGLE)
    snaps = network.snap(points((30, 5), (70, 60)))
    combined = reach(network, snaps, metres(20, 90, 140))
    for column, limit in zip(combined.length_m().columns, metres(20, 90, 140), strict=True):
        alone = reach(network, snaps, [limit]).length_m().to_numpy()[:, 0]
        np.testing.assert_array_equal(combined.length_m()[column].to_numpy(), alone)
    assert (np.diff(combined.length_m().to_numpy(), axis=1) >= 0).all()


def test_parallel_streets_are_both_reached_though_only_one_is_the_shortest():
    network = metric_network([(0, 0), (100, 0), (50, 50)], [(0, 1), (0, 1), (0, 2), (2, 1)])
    result = reach(network, network.snap(points((0, 0))), metres(1000))
    assert len(network) == 4
    assert result.length_m().iat[0, 0] == pytest.approx(200 + 2 * np.hypot(50, 50), abs=0.004)


def test_lines_hold_the_walk_cut_where_the_time_runs_out():
    network = metric_network(*STRAIGHT)
    place = points((400, 50))
    places = np.array([[400.0, 50.0]])
    lines = reach(network, network.snap(place), metres(20, 60), places=places).lines(network)
    assert lines["edge"].tolist() == [-1, 0, -1]
    np.testing.assert_allclose(lines["length_m"], [20, 20, 50], atol=0.01)
    np.testing.assert_allclose(lines.geometry.iloc[0].coords, [(400, 50), (400, 30)], atol=0.01)


def test_an_unreached_point_reaches_nothing():
    network = metric_network(*STRAIGHT)
    result = reach(network, network.snap(points((500, 400), (500, 0))), metres(100))
    assert result.length_m().to_numpy()[:, 0].tolist() == [0.0, 200.0]


def test_the_result_does_not_depend_on_threads():
    network = metric_network(*TRIANGLE)
    snaps = network.snap(points(*[(x, 3) for x in range(0, 100, 7)]))
    one, two = (reach(network, snaps, metres(50, 120), threads=threads) for threads in (1, 2))
    for name in ("origin", "band", "edge", "start_mm", "end_mm"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("minutes", [[], [0], [-5], [float("nan")], [10**9]])
def test_minutes_that_mean_nothing_are_refused(minutes):
    network = metric_network(*STRAIGHT)
    with pytest.raises(InputError, match="minutes"):
        reach(network, network.snap(points((0, 0))), minutes)


def test_snaps_of_another_network_are_refused():
    one, other = metric_network(*STRAIGHT), metric_network(*TRIANGLE)
    with pytest.raises(MismatchedIndexError):
        reach(one, other.snap(points((0, 0))), [5])
