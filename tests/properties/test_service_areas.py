"""Reached lines on random streets: every place against networkx on the split graph, and what always holds."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import given
from hypothesis import strategies as st
from streets_by_hand import naive_costs
from streets_in_metres import CRS, metric_network

from lifecircle.network import isochrones, reach

TOLERANCE_MM = 100


@st.composite
def cities(draw):
    """Streets with parallel, one-way and disconnected edges, and one to three origins."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    nodes = draw(st.integers(2, 9))
    places = rng.integers(0, 12, (nodes, 2)) * 50.0
    ways = ["both", "forward", "backward"] if draw(st.booleans()) else ["both"]
    edges = [
        (*rng.choice(nodes, 2, replace=False), rng.choice(ways)) for _ in range(draw(st.integers(1, 14)))
    ]
    origins = rng.uniform(-50, 600, (draw(st.integers(1, 3)), 2))
    return metric_network(places, edges), gpd.GeoSeries.from_xy(*origins.T, crs=CRS)


def probes(network):
    """Places along every edge that has a length, as snapped points without a walk."""
    edge = np.repeat(np.flatnonzero(network.length_mm > 0).astype(np.int32), 9)
    share = np.tile(np.linspace(0.02, 0.98, 9), len(edge) // 9)
    snapped = network.snap(
        gpd.GeoSeries.from_xy(network.node_x[network.u[edge]], network.node_y[network.u[edge]], crs=CRS)
    )
    return dataclasses.replace(
        snapped,
        edge=edge,
        offset_mm=(share * network.length_mm[edge]).astype(np.int32),
        access_mm=np.zeros(len(edge), np.int32),
        component=network.component[network.u[edge]],
        # places on the street itself: nobody walks straight to where the look-up above began
        from_x=np.full(len(edge), np.nan),
        from_y=np.full(len(edge), np.nan),
    )


@given(city=cities(), metres=st.sampled_from([60, 250, 700]), direction=st.sampled_from(["out", "in"]))
def test_a_place_is_on_the_reached_lines_if_and_only_if_dijkstra_gets_there_in_time(city, metres, direction):
    network, origins = city
    snaps, places = network.snap(origins), probes(network)
    result = reach(network, snaps, [metres * 0.015], direction=direction, group=np.zeros(len(snaps), int))
    if direction == "out":
        cost = naive_costs(network, snaps, places)
    else:
        cost = naive_costs(network, places, snaps).T
    nearest = cost.min(axis=0)
    for edge, offset, truth in zip(places.edge, places.offset_mm, nearest, strict=True):
        if abs(truth - metres * 1000) <= TOLERANCE_MM:
            continue
        mine = result.edge == edge
        inside = (result.start_mm[mine] <= offset) & (offset <= result.end_mm[mine])
        assert inside.any() == (truth < metres * 1000)


@given(city=cities())
def test_pieces_of_one_edge_never_overlap_and_more_time_never_reaches_less(city):
    network, origins = city
    result = reach(network, network.snap(origins), [1, 4, 12])
    assert (result.start_mm < result.end_mm).all()
    assert (result.end_mm <= network.length_mm[result.edge]).all()
    order = np.lexsort((result.start_mm, result.edge, result.band, result.origin))
    same = (
        (np.diff(result.origin[order]) == 0)
        & (np.diff(result.band[order]) == 0)
        & (np.diff(result.edge[order]) == 0)
    )
    # two pieces that touched would be one
    assert (result.start_mm[order][1:][same] > result.end_mm[order][:-1][same]).all()
    assert (np.diff(result.length_m().to_numpy(), axis=1) >= 0).all()


@given(city=cities(), grid_m=st.sampled_from([5.0, 10.0, 30.0]))
def test_areas_are_valid_nest_and_hold_every_reached_street(city, grid_m):
    network, origins = city
    areas = isochrones(network, origins, [1, 4, 12], grid_m=grid_m)
    shapes = areas.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    for first in range(0, len(shapes), 3):
        small, middle, large = shapes[first : first + 3]
        assert small.is_empty or middle.covers(small)
        assert middle.is_empty or large.covers(middle)
    lines = reach(network, network.snap(origins), [1, 4, 12]).lines(network)
    if grid_m <= 10:
        for row in lines.itertuples():
            shape = shapes[3 * row.point + [1, 4, 12].index(row.minutes)]
            assert shape.buffer(0.01).covers(row.geometry)
    assert (areas["unreached_m"] >= 0).all()
    total = network.length_mm.sum() / 1000
    assert (areas["reached_m"] + areas["unreached_m"] <= total + 0.001).all()


@given(city=cities())
def test_areas_agree_with_the_union_of_buffers(city):
    network, origins = city
    places = np.stack([origins.x, origins.y], axis=1)
    areas = isochrones(network, origins, [4], grid_m=5)
    lines = reach(network, network.snap(origins), [4], places=places).lines(network)
    for point, shape in zip(areas["point"], areas.geometry, strict=True):
        truth = shapely.union_all(
            shapely.buffer(lines.geometry[lines["point"] == point].to_numpy(), 30, quad_segs=16)
        )
        assert shape.is_empty == truth.is_empty
        if not truth.is_empty:
            assert shape.intersection(truth).area / shape.union(truth).area >= 0.985


@given(city=cities())
def test_unreached_length_is_that_of_the_streets_inside_less_the_reached(city):
    network, origins = city
    areas = isochrones(network, origins, [2])
    result = reach(network, network.snap(origins), [2])
    ends = np.stack([network.node_x, network.node_y], axis=1)
    for row, shape, figure in zip(range(len(areas)), areas.geometry, areas["unreached_m"], strict=True):
        rest = 0.0
        crossings = 0
        for edge in np.flatnonzero(network.length_mm):
            street = shapely.LineString([ends[network.u[edge]], ends[network.v[edge]]])
            mine = (result.origin == row) & (result.edge == edge)
            stops = [
                0,
                *np.stack([result.start_mm[mine], result.end_mm[mine]], 1).ravel(),
                network.length_mm[edge],
            ]
            for start, end in np.reshape(stops, (-1, 2)) / network.length_mm[edge]:
                gap = shapely.ops.substring(street, start, end, normalized=True)
                within = gap.intersection(shape)
                rest += within.length
                crossings += 2 * len(shapely.get_parts(within))
        # each crossing of the outline is right to an eighth of a cell
        assert figure == pytest.approx(rest, abs=0.01 + 1.25 * crossings)
