"""A network says what it is, draws itself, becomes a table, and is written and read."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.network import build_network
from lifecircle.network.examples import grid_network, grid_places


def test_it_says_its_mode_speed_and_size_in_one_line():
    network = grid_network(rows=2, columns=2)
    assert repr(network) == "<Network walk 4 km/h: 4 segments, 4 nodes, 0.4 km>"
    html = network._repr_html_()
    assert "<th>segments</th><td>4</td>" in html


def test_its_table_is_that_of_its_edges():
    network = grid_network()
    pd.testing.assert_frame_equal(network.to_gdf(), lc.edges_frame(network))


def test_what_is_saved_is_what_is_loaded(tmp_path):
    network = grid_network(rows=3, columns=4)
    network.save(str(tmp_path / "town.network"))
    assert lc.Network.load(tmp_path / "town.network").digest == network.digest
    (tmp_path / "town.network").write_bytes(b"cut short")
    with pytest.raises(lc.InputError, match=r"town\.network"):
        lc.Network.load(tmp_path / "town.network")


def test_every_segment_is_drawn():
    pytest.importorskip("matplotlib").use("Agg")
    network = grid_network(rows=2, columns=3)
    (lines,) = network.plot().collections
    assert len(lines.get_segments()) == len(network)


@pytest.mark.parametrize("mode", ["walk", "bike", "drive"])
def test_its_segments_make_the_same_network(mode):
    lines = grid_network(rows=3, columns=3).to_gdf()[["name", "highway", "geometry"]]
    lines["maxspeed"], lines["oneway"] = np.where(lines.index % 2, 30.0, 50.0), "yes"
    lines["highway"] = "residential"
    network = lc.from_networkx(lc.to_networkx(grid_network(rows=3, columns=3)), mode=mode)
    rebuilt = build_network(network.street_table(), crs=network.crs, speed_kmh=network.speed_kmh)
    np.testing.assert_array_equal(rebuilt.length_mm, network.length_mm)
    np.testing.assert_allclose(rebuilt.cost_forward, network.cost_forward, rtol=1e-5)
    places = grid_places({"a": (0, 10)}), grid_places({"b": (180, 200)}, service="x")
    times = [lc.nearest_times(one, *places, max_minutes=None)["x"].iloc[0] for one in (network, rebuilt)]
    assert times[0] == pytest.approx(times[1], rel=1e-5)


def test_results_are_indexed_like_what_was_asked():
    """Isochrones by point and minutes, nearest by origin and service, a matrix by origin and destination."""
    network = grid_network()
    homes = grid_places({"b": (50, 10), "a": (150, 190)})
    doors = grid_places({"y": (10, 100), "x": (200, 0)}, service="clinic")
    wide = lc.nearest_times(network, homes, doors, max_minutes=None)
    assert wide.index.tolist() == ["b", "a"]
    assert wide.columns.tolist() == ["clinic"]
    areas = lc.isochrones(network, homes, minutes=[2, 4])
    assert areas["point"].tolist() == ["b", "b", "a", "a"]
    assert areas["minutes"].tolist() == [2, 4, 2, 4]
    matrix = lc.travel_matrix(network, homes, doors, 60)
    assert set(matrix["origin"]) == {"b", "a"}
    long = lc.nearest_facilities(network, homes, doors, max_minutes=None)
    assert long["origin"].tolist() == ["b", "a"]


def test_one_number_stands_for_a_list_of_one():
    network = grid_network()
    home = grid_places({"h": (50, 10)})
    one, several = (lc.isochrones(network, home, minutes=minutes) for minutes in (5, [5]))
    pd.testing.assert_frame_equal(gpd.GeoDataFrame(one), gpd.GeoDataFrame(several))


def test_facilities_need_no_service():
    network, homes = grid_network(), grid_places({"h": (0, 0)})
    doors = grid_places({"y": (100, 0), "x": (200, 0)})
    assert lc.nearest_times(network, homes, doors)["any"].tolist() == pytest.approx([1.5])
    assert lc.nearest_facilities(network, homes, doors)["service"].tolist() == ["any"]
    # a heading that is nearly right is no table without services
    with pytest.raises(lc.InputError, match="service"):
        lc.nearest_times(network, homes, doors.assign(Services="clinic"))


NETWORK, HOME = grid_network(), grid_places({"h": (50, 10)})


@pytest.mark.parametrize(
    "call",
    [
        lambda: lc.isochrones(NETWORK, HOME, minutes="five"),
        lambda: lc.isochrones(NETWORK, [1, 2], minutes=5),
        lambda: lc.isochrones("streets", HOME, minutes=5),
        lambda: lc.nearest_times(NETWORK, HOME, 3),
        lambda: lc.nearest_times(NETWORK, HOME, HOME.assign(service="x"), max_minutes="far"),
        lambda: lc.travel_matrix(NETWORK, HOME, None),
        lambda: lc.travel_matrix(NETWORK, HOME, HOME.assign(service="x"), None),
        lambda: lc.snap(NETWORK, "here"),
        lambda: lc.explain(NETWORK, HOME, None, service="x"),
        lambda: lc.from_networkx(HOME),
        lambda: lc.to_networkx(HOME),
        lambda: lc.edges_frame(HOME),
        lambda: lc.read_streets(HOME),
        lambda: lc.run("study.toml"),
        lambda: lc.prepare(HOME),
        lambda: lc.check(None),
    ],
)
def test_values_of_the_wrong_type_are_refused_in_words(call):
    with pytest.raises(lc.InputError, match="of type"):
        call()
