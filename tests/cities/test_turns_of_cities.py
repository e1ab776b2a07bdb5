"""Drives in real cities that turn restrictions bind, against tests/support/driven_turns.py and networkx."""

import geopandas as gpd
import numpy as np
import pytest
from driven_turns import driven_edges, rules, seconds_between, states_graph

import lifecircle as lc


@pytest.fixture(scope="module")
def zhuhai(shared):
    """Streets for driving of a part of Zhuhai, and the file."""
    path = shared / "zhuhai" / "zhuhai.osm"
    return lc.read_streets(path, mode="drive", min_component_m=0), path


def middles(streets, names):
    """The middle of each edge, as a point of its own."""
    edges = streets.to_gdf().set_index("edge").loc[list(names)].to_crs(streets.crs)
    return gpd.GeoDataFrame(geometry=edges.geometry.interpolate(0.5, normalized=True))


def test_every_relation_of_the_file_is_applied_or_named(zhuhai):
    """43 relations, ten of them over ways; one of these lies half beyond the file."""
    streets, _ = zhuhai
    told = {key: count for key, count in streets.counts.items() if key.startswith("street-turns")}
    assert told == {
        "street-turns": 36, "street-turns-via-ways": 9, "street-turns-absent": 5, "street-turns-broken": 2,
    }  # fmt: skip
    assert streets.named["street-turns-broken"] == ("10586718", "10586719")


def test_drives_agree_with_networkx_to_a_second_in_a_thousand(zhuhai):
    streets, path = zhuhai
    edges, at = driven_edges(lc.to_networkx(streets))
    sequences, over_ways = rules(
        path, edges, at, exempt={"motorcar", "motor_vehicle"},
        keys=("restriction:motorcar", "restriction:motor_vehicle", "restriction"),
    )  # fmt: skip
    assert (len(sequences), len(over_ways)) == (36, 9)
    graph, entered = states_graph(edges, sequences)
    # from the first edge of every restriction over ways and some others, to their last and some others
    rng = np.random.default_rng(12)
    names = sorted({edge[0] for edge in edges})
    ends = [[path_[k][0] for _, path_ in sequences if len(path_) > 2] for k in (0, -1)]
    starts, goals = (sorted({*given, *rng.choice(names, 12)}) for given in ends)
    here, there = (streets.snap(middles(streets, chosen)) for chosen in (starts, goals))
    one, other, cost = lc.network.pairs(streets, here, there, max_cost=2 * 10**9)
    ours = np.full((len(starts), len(goals)), np.inf)
    ours[one, other] = cost / 1000
    theirs = np.array([[*seconds_between(graph, entered, edges, start, goals).values()] for start in starts])
    # without the restrictions over ways, some of the drives would be shorter
    free, entered_free = states_graph(edges, [rule for rule in sequences if len(rule[1]) == 2])
    shorter = np.array(
        [[*seconds_between(free, entered_free, edges, start, goals).values()] for start in starts]
    )
    apart = np.array([[start != goal for goal in goals] for start in starts])
    joined = np.array(streets.to_gdf()["edge"])
    meant = (joined[here.edge] == starts)[:, None] & (joined[there.edge] == goals) & apart
    assert meant.sum() > 250
    assert np.array_equal(np.isfinite(ours)[meant], np.isfinite(theirs)[meant])
    finite = meant & np.isfinite(theirs)
    assert np.abs(ours[finite] - theirs[finite]).max() < 0.2
    assert (theirs[finite] - shorter[finite]).max() > 10
