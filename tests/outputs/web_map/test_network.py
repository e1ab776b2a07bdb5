"""The walking network of the page: stretches from junction to junction."""

import dataclasses
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from results_by_hand import CRS

from lifecircle.network.examples import grid_streets
from lifecircle.outputs.web_map.network import walk_network
from lifecircle.tables.streets import JOIN_NEVER


def results_on(streets, **assumptions):
    """What the network needs of a study."""
    return SimpleNamespace(
        inputs=SimpleNamespace(streets=streets, crs=CRS),
        assumptions=assumptions,
        travel=SimpleNamespace(speed_kmh=4.0),
    )


def stretches_by_hand(streets, shut):
    """The same by networkx: nodes of two streets of one sort are contracted one after another."""
    graph = nx.MultiGraph()
    for u, v, closed in zip(streets.u.tolist(), streets.v.tolist(), shut.tolist(), strict=True):
        graph.add_edge(u, v, closed=closed)
    for node in list(graph):
        ends = list(graph.edges(node, data=True))
        if len(ends) == 2 and len({data["closed"] for _, _, data in ends}) == 1:
            (_, a, data), (_, b, _) = ends
            if node in (a, b):
                continue
            graph.remove_node(node)
            graph.add_edge(a, b, closed=data["closed"])
    return graph


@pytest.mark.parametrize("size", [(2, 2), (3, 5), (7, 4)])
def test_stretches_are_those_of_a_contraction_one_by_one(size):
    streets = grid_streets(rows=size[0], columns=size[1])
    rng = np.random.default_rng(sum(size))
    shut = rng.random(len(streets)) < 0.2
    streets = dataclasses.replace(streets, joinable=np.where(shut, JOIN_NEVER, 1).astype(np.uint8))
    network = walk_network(results_on(streets, walk_speed_kmh=4.5), (0, 0))
    expected = stretches_by_hand(streets, shut)
    assert len(network["length_m"]) == expected.number_of_edges()
    assert len(network["closed"]) == sum(data["closed"] for *_, data in expected.edges(data=True))
    assert len(network["lines"].split(",")) == len(network["length_m"])
    assert network["speed_kmh"] == 4.5


def test_drivers_and_a_city_too_large_have_no_network_in_the_page(monkeypatch):
    streets = grid_streets(rows=3, columns=3)
    assert walk_network(results_on(dataclasses.replace(streets, mode="drive")), (0, 0)) == {}
    monkeypatch.setattr("lifecircle.outputs.web_map.network._MOST_CHARACTERS", 20)
    assert walk_network(results_on(streets), (0, 0)) == {}


def test_a_stretch_of_very_many_vertices_is_simplified_in_pieces_and_stays_one_line(monkeypatch):
    lane = grid_streets(rows=1, columns=60)
    whole = walk_network(results_on(lane), (0, 0))
    monkeypatch.setattr("lifecircle.outputs.web_map.network.MANY_VERTICES", 7)
    pieced = walk_network(results_on(lane), (0, 0))
    assert pieced["length_m"] == whole["length_m"]
    assert len(pieced["lines"].split(",")) == 1
    assert len(whole["lines"]) < len(pieced["lines"]) < len(lane)
