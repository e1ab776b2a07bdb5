"""Competing catchments: watersheds by hand, and tiling without gap or overlap."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets_in_metres import metric_network, points

from lifecircle.errors import MismatchedIndexError
from lifecircle.network import competing_catchments, service_areas
from lifecircle.network.areas import field
from lifecircle.network.areas.competing import _owned_pieces
from lifecircle.network.areas.reached_lines import segments_of
from lifecircle.network.routing.origins import gather_origins

MINUTES_PER_M = 0.015
STRAIGHT = ([(0, 0), (1000, 0)], [(0, 1)])


def overlaps(shapes):
    """Area that more than one shape claims."""
    one, two = np.triu_indices(len(shapes), 1)
    return shapely.area(shapely.intersection(shapes[one], shapes[two])).sum()


def test_the_watershed_lies_half_way_along_the_street():
    network = metric_network(*STRAIGHT)
    result = competing_catchments(network, network.snap(points((100, 0), (500, 0))), ["b", "a"])
    assert result["owner"].tolist() == ["a", "b"]
    np.testing.assert_allclose(result["reached_m"], [700, 300], atol=0.002)
    a, b = result.geometry
    np.testing.assert_allclose(a.bounds, (300, -30, 1030, 30), atol=0.1)
    np.testing.assert_allclose(b.bounds, (-30, -30, 300, 30), atol=0.1)
    assert overlaps(result.geometry.to_numpy()) == pytest.approx(0, abs=1e-9)


def test_a_delay_moves_the_watershed_and_a_limit_leaves_a_gap():
    network = metric_network(*STRAIGHT)
    snaps = network.snap(points((0, 0), (1000, 0)))
    late = competing_catchments(network, snaps, [1, 2], delay_s=[180.0, 0.0])
    np.testing.assert_allclose(late["reached_m"], [400, 600], atol=0.002)
    short = competing_catchments(network, snaps, [1, 2], max_minutes=100 * MINUTES_PER_M)
    np.testing.assert_allclose(short["reached_m"], [100, 100], atol=0.002)


def test_equally_near_streets_belong_to_the_smaller_id():
    network = metric_network(*STRAIGHT)
    result = competing_catchments(network, network.snap(points((500, 0), (500, 0))), ["b", "a"])
    assert result["reached_m"].tolist() == [1000.0, 0.0]
    assert result.geometry.iloc[1].is_empty


def test_a_one_way_street_belongs_to_whom_it_leads_to():
    network = metric_network([(0, 0), (1000, 0)], [(0, 1, "forward")])
    snaps = network.snap(points((0, 0), (1000, 0)))
    into = competing_catchments(network, snaps, ["start", "zenith"])
    out = competing_catchments(network, snaps, ["start", "zenith"], direction="out")
    assert into["reached_m"].tolist() == pytest.approx([0, 1000], abs=0.002)
    assert out["reached_m"].tolist() == pytest.approx([1000, 0], abs=0.002)


def test_several_entries_count_for_one_owner():
    network = metric_network(*STRAIGHT)
    snaps = network.snap(points((0, 0), (400, 0), (1000, 0)))
    result = competing_catchments(network, snaps, ["hall", "park", "hall"])
    np.testing.assert_allclose(result["reached_m"], [200 + 300, 500], atol=0.002)
    assert result.geometry.iloc[0].geom_type == "MultiPolygon"


def test_three_streets_meet_in_one_point():
    network = metric_network([(0, 0), (300, 0), (-200, 250), (-200, -250)], [(0, 1), (0, 2), (0, 3)])
    result = competing_catchments(
        network, network.snap(points((300, 0), (-200, 250), (-200, -250))), [1, 2, 3]
    )
    shapes = result.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum())


@st.composite
def cities(draw):
    """Random streets and targets of random owners."""
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    nodes = draw(st.integers(3, 25))
    places = rng.integers(0, 60, (nodes, 2)) * 10.0 + rng.choice([0.0, 3.3], (nodes, 2))
    ways = ["both", "both", "forward", "backward"]
    edges = [(*rng.choice(nodes, 2, replace=False), rng.choice(ways)) for _ in range(2 * nodes)]
    targets = rng.uniform(0, 600, (draw(st.integers(1, 8)), 2))
    owner = rng.integers(0, 5, len(targets))
    return metric_network(places, edges), points(*targets), owner


@settings(max_examples=120)
@given(city=cities(), minutes=st.sampled_from([None, 1.5, 6.0]), draw_walks=st.booleans())
def test_catchments_tile_the_area_of_all_together(city, minutes, draw_walks):
    network, targets, owner = city
    snaps = network.snap(targets)
    options = {"max_minutes": minutes, "places": targets if draw_walks else None}
    result = competing_catchments(network, snaps, owner, **options)
    shapes = result.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert overlaps(shapes) == pytest.approx(0, abs=1e-6)
    (whole,) = service_areas(
        network, snaps, owner, [minutes or 10_000.0], merge=True, places=options["places"]
    ).to_dict("records")
    assert result["reached_m"].sum() == pytest.approx(whole["reached_m"], abs=1e-6)
    assert result["area_m2"].sum() == pytest.approx(whole["area_m2"], rel=1e-9, abs=1e-6)
    combined = shapely.union_all(shapes)
    assert combined.symmetric_difference(whole["geometry"]).area == pytest.approx(0, abs=1e-6)
    alone = competing_catchments(network, snaps, np.zeros(len(owner)), **options)
    assert alone.geometry.iloc[0].symmetric_difference(whole["geometry"]).area < 1e-6


@given(city=cities())
def test_every_place_belongs_to_the_owner_of_the_street_nearest_to_it(city):
    network, targets, owner = city
    snaps = network.snap(targets)
    result = competing_catchments(network, snaps, owner)
    ids, rank = np.unique(owner, return_inverse=True)
    origins = gather_origins(network, snaps, group=np.zeros(len(owner)), owner=rank, direction="in")
    pieces = _owned_pieces(network, origins, 10**9)
    segments = segments_of(network, pieces, np.empty((0, 4)))
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    away = np.full((len(ids), 400), 1e6)
    place = np.random.default_rng(1).uniform(-20, 620, (400, 2))
    for k in range(len(ids)):
        mine = lines[pieces[:, 3] == k]
        if len(mine):
            away[k] = shapely.distance(shapely.points(place)[:, None], mine).min(axis=1)
    ordered = np.sort(np.vstack([away, np.full(400, 2e6)]), axis=0)
    # within one cell of the border or the outline the grid decides
    clear = (ordered[0] < 30 - 15) & (ordered[1] - ordered[0] > 30)
    for k, shape in enumerate(result.geometry):
        belongs = clear & (away.argmin(axis=0) == k)
        assert shapely.contains_xy(shape, *place[belongs].T).all()


def test_owners_of_other_points_are_refused():
    network = metric_network(*STRAIGHT)
    with pytest.raises(MismatchedIndexError):
        competing_catchments(network, network.snap(points((0, 0))), ["a", "b"])


@pytest.mark.parametrize("bits", [0, 2, 3, 6])
def test_catchments_and_areas_do_not_depend_on_the_blocks_they_are_drawn_by(bits, monkeypatch):
    rng = np.random.default_rng(4)
    x, y = np.meshgrid(np.arange(12), np.arange(12))
    places = np.column_stack([x.ravel(), y.ravel()]) * 130.0 + rng.uniform(-45, 45, (144, 2))
    node = np.arange(144).reshape(12, 12)
    ends = [(node[:, :-1], node[:, 1:]), (node[:-1], node[1:])]
    streets = np.concatenate([np.column_stack([u.ravel(), v.ravel()]) for u, v in ends])
    network = metric_network(places, [tuple(ends) for ends in streets[rng.random(len(streets)) < 0.75]])
    snaps = network.snap(points(*rng.uniform(0, 1430, (9, 2))), max_snap_m=1000)
    drawn = []
    for block_bits in (bits, 12):  # blocks of 4,096 vertices: one holds everything
        monkeypatch.setattr(field, "_BLOCK_BITS", block_bits)
        drawn.append(
            (
                competing_catchments(network, snaps, np.arange(9), buffer_m=40.0, grid_m=13.0),
                service_areas(network, snaps, np.arange(9) // 3, [3, 6, 12]),
            )
        )
    for one, other in zip(*drawn, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)
        assert (one.geometry.to_wkb() == other.geometry.to_wkb()).all()
