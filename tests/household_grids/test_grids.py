"""Household grids: by hand on a line, against every possible division, and the promises on random streets."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box
from streets_in_metres import CRS, metric_network

from lifecircle.household_grids.division import divide
from lifecircle.household_grids.grids import propose_household_grids
from lifecircle.household_grids.neighbours import Neighbours, StreetsOf, neighbours_of
from lifecircle.measures import area_in_exactly_one


class Study:
    """The three tables that grids are made from."""

    def __init__(self, communities, demand):
        self.crs = CRS
        self.communities = gpd.GeoDataFrame(communities, geometry="geometry", crs=CRS).assign(inside=True)
        self.demand = gpd.GeoDataFrame(demand, geometry="geometry", crs=CRS)


def community(code="A", *, households, scope="urban", ground=None):
    ground = box(-50, -200, 1050, 200) if ground is None else ground
    return {"code": code, "name": f"Community {code}", "scope": scope, "households": households,
            "geometry": ground}  # fmt: skip


def people(places, residents, code="A"):
    return [
        {"demand": at, "community": code, "residents": float(count), "geometry": Point(place)}
        for at, (place, count) in enumerate(zip(places, residents, strict=True))
    ]


LINE = metric_network([(0, 0), (1000, 0)], [(0, 1)])
SIX = [(100 + 150 * at, 10) for at in range(6)]


def test_six_points_on_a_street_with_a_thousand_households_are_two_grids_of_three():
    result = propose_household_grids(LINE, Study([community(households=1000.0)], people(SIX, [50] * 6)))
    assert result.points["grid"].tolist() == ["A-01"] * 3 + ["A-02"] * 3
    assert result.grids["households"].tolist() == pytest.approx([500.0, 500.0])
    assert result.grids["demand_points"].tolist() == [3, 3]
    assert result.grids["street_parts"].tolist() == [1, 1]
    assert result.grids["area_km2"].sum() == pytest.approx(1100 * 400 / 1e6)
    assert result.grids[["workers_least", "workers_most"]].to_numpy().tolist() == [[1, 3], [1, 3]]
    row = result.communities.iloc[0]
    assert (row["wanted"], row["made"], row["workers_least"], row["workers_most"]) == (2, 2, 2, 6)
    assert row["spread"] == pytest.approx(0.0)
    assert row["even"]


@pytest.mark.parametrize(
    ("households", "scope", "expected"),
    [(100, "urban", 1), (749, "urban", 1), (750, "urban", 2), (1000, "rural", 3), (449, "rural", 1)],
)
def test_a_community_has_as_many_grids_as_its_households_ask_for(households, scope, expected):
    study = Study([community(households=float(households), scope=scope)], people(SIX, [1] * 6))
    assert len(propose_household_grids(LINE, study).grids) == expected


def test_unknown_households_or_scope_give_no_grid_and_the_reason():
    grounds = [community("A", households=np.nan), community("B", households=600.0, scope="")]
    result = propose_household_grids(LINE, Study(grounds, people(SIX, [1] * 6)))
    assert result.grids.empty
    assert result.communities["reason"].tolist() == ["no-households", "no-scope"]


def test_more_grids_than_points_cannot_be():
    result = propose_household_grids(LINE, Study([community(households=2000.0)], people(SIX[:2], [5, 5])))
    row = result.communities.iloc[0]
    assert (row["wanted"], row["made"], row["reason"]) == (4, 2, "few-points")


def test_points_at_one_place_share_a_grid():
    places = [SIX[0], SIX[0], SIX[5], SIX[5]]
    result = propose_household_grids(LINE, Study([community(households=1000.0)], people(places, [1] * 4)))
    assert result.points["grid"].tolist() == ["A-01", "A-01", "A-02", "A-02"]


def test_across_a_river_is_not_next_door():
    """Two parallel streets 60 m apart, joined only far beyond the community: each is a grid of its own."""
    streets = metric_network(
        [(0, 0), (1000, 0), (0, 60), (1000, 60), (3000, 30)], [(0, 1), (2, 3), (1, 4), (3, 4)]
    )
    places = [(x, y) for x in (100, 400, 700) for y in (0, 60)]
    result = propose_household_grids(streets, Study([community(households=1000.0)], people(places, [10] * 6)))
    side = dict(zip(result.points["demand"], result.points["grid"], strict=True))
    assert {side[0], side[2], side[4]} != {side[1], side[3], side[5]}
    assert len({side[0], side[2], side[4]}) == len({side[1], side[3], side[5]}) == 1
    assert result.grids["street_parts"].tolist() == [1, 1]


def test_neighbours_on_a_crossing_are_those_whose_streets_meet():
    """Four points 100 m out on the arms of a cross, and a fifth beyond the eastern one."""
    streets = metric_network(
        [(0, 0), (300, 0), (-300, 0), (0, 300), (0, -300)], [(0, k) for k in (1, 2, 3, 4)]
    )
    places = np.array([(100, 0), (-100, 0), (0, 100), (0, -100), (200, 0)], float)
    ground = gpd.GeoDataFrame(geometry=[box(-400, -400, 400, 400)], crs=CRS)
    snaps = streets.snap(gpd.GeoSeries([Point(place) for place in places], crs=CRS))
    result = neighbours_of(streets, StreetsOf(streets, ground).edges(0), snaps, places[:, 0], places[:, 1])
    pairs = set(zip(result.first.tolist(), result.second.tolist(), strict=True))
    assert result.along_street.all()
    assert (0, 4) in pairs
    assert not pairs & {(1, 4), (2, 4), (3, 4)}
    assert nx.is_connected(nx.Graph(pairs))


@st.composite
def some_graph(draw):
    """A connected graph of up to seven points with households, and a number of parts."""
    size = draw(st.integers(2, 7))
    links = {(draw(st.integers(0, at - 1)), at) for at in range(1, size)}
    every = list(itertools.combinations(range(size), 2))
    links |= set(draw(st.lists(st.sampled_from(every), max_size=6)))
    weight = draw(st.lists(st.integers(0, 20), min_size=size, max_size=size).filter(lambda w: sum(w) > 0))
    parts = draw(st.integers(1, min(4, sum(w > 0 for w in weight))))
    return sorted(links), np.array(weight, float), parts


def graph_of(links):
    first, second = np.array(links, np.int64).T
    metres = 10.0 + np.arange(len(links))
    return Neighbours(first, second, metres, np.ones(len(links), bool))


def spread_of(label, weight, parts):
    return float(np.ptp(np.bincount(label, weights=weight, minlength=parts)))


@given(some_graph())
def test_parts_hold_together_and_none_is_without_households(case):
    links, weight, parts = case
    label = divide(graph_of(links), weight, parts)
    assert set(label.tolist()) == set(range(parts))
    assert (np.bincount(label, weights=weight) > 0).all()
    graph = nx.Graph(links)
    assert all(
        nx.is_connected(graph.subgraph(np.flatnonzero(label == part).tolist())) for part in range(parts)
    )


@settings(max_examples=40)
@given(some_graph())
def test_no_division_at_all_is_more_even_by_more_than_one_point(case):
    """Against every possible division: ours is within one point of the most even one, or of the tolerance."""
    links, weight, parts = case
    graph = nx.Graph(links)
    best = min(
        spread_of(np.array(label), weight, parts)
        for label in itertools.product(range(parts), repeat=len(weight))
        if len(set(label)) == parts
        and (np.bincount(label, weights=weight, minlength=parts) > 0).all()
        and all(
            nx.is_connected(graph.subgraph([at for at, one in enumerate(label) if one == part]))
            for part in range(parts)
        )
    )
    allowed = 0.1 * weight.sum() / parts
    result = spread_of(divide(graph_of(links), weight, parts), weight, parts)
    assert result >= best - 1e-9
    assert result <= max(best, allowed) + weight.max() + 1e-9


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(3, 40), st.integers(1, 4000))
def test_every_point_is_in_one_grid_of_its_community_and_grids_cover_it(seed, count, households):
    chance = np.random.default_rng(seed)
    spacing = np.arange(5) * 200.0
    junctions = [(x, y) for x in spacing for y in spacing]
    across = [(at, at + 5) for at in range(20)]
    streets = metric_network(junctions, across + [(at, at + 1) for at in range(25) if at % 5 < 4])
    places = chance.uniform(0, 800, (count, 2)).round(2)
    west = places[:, 0] < 400
    grounds = [
        community("W", households=float(households), ground=box(-10, -10, 400, 810)),
        community("E", households=float(households), scope="rural", ground=box(400, -10, 810, 810)),
    ]
    demand = people(places, chance.integers(1, 60, count))
    for row, is_west in zip(demand, west, strict=True):
        row["community"] = "W" if is_west else "E"
    study = Study(grounds, demand)
    result = propose_household_grids(streets, study)
    assert sorted(result.points["demand"]) == list(range(count))
    assert (result.points["grid"].str[0] == result.points["community"]).all()
    whole = area_in_exactly_one(study.communities, result.grids)
    assert whole.to_numpy() == pytest.approx(study.communities.area.to_numpy(), rel=1e-9)
    shape = result.grids.set_index("code").geometry
    own_cell = zip(result.points["grid"], result.points.geometry, strict=True)
    assert all(shape[grid].distance(place) < 1e-6 for grid, place in own_cell)
    assert (result.grids["street_parts"] == (result.grids["demand_points"] > 0)).all()
    for row in result.communities.itertuples():
        nominal = 500 if row.scope == "urban" else 300
        assert row.wanted == max(1, int(households / nominal + 0.5))
        own = result.grids[result.grids["community"] == row.code]
        assert row.made == len(own) <= row.wanted
        assert own["households"].sum() == pytest.approx(households)
        assert row.spread == pytest.approx(np.ptp(own["households"]) / own["households"].mean())
