"""A network kept on disk is the same network, or none at all."""

import json
import time

import geopandas as gpd
import numpy as np
import pytest
from streets_by_hand import street_table

from lifecircle.network import build_network, nearest
from lifecircle.network.store import load_network, save_network, stored_network


def small_city(**options):
    rng = np.random.default_rng(4)
    places = np.column_stack([113.5 + rng.random(200) / 20, 22.2 + rng.random(200) / 20])
    kind = options.pop("kind", "both")
    edges = [(*rng.choice(200, 2, replace=False), kind) for _ in range(500)]
    name = rng.integers(-1, 2, 500).astype(np.int32)
    return build_network(street_table(places, edges, name=name, names=("人民路", "Main")), **options)


@pytest.mark.parametrize("kind", ["both", "forward"])
def test_a_reloaded_network_answers_the_same(tmp_path, kind):
    network = small_city(kind=kind, speed_kmh=3.5)
    save_network(network, tmp_path / "a.network")
    again = load_network(tmp_path / "a.network")
    for field in vars(network):
        if isinstance(getattr(network, field), np.ndarray):
            np.testing.assert_array_equal(getattr(network, field), getattr(again, field))
    assert (again.names, again.symmetric, again.speed_kmh) == (network.names, network.symmetric, 3.5)
    assert again.digest == network.digest
    assert again.crs == network.crs
    points = gpd.GeoSeries.from_xy(113.5 + np.arange(50) / 1000, 22.2 + np.arange(50) / 1000, crs=4326)
    codes = {"service": np.zeros(50, int), "owner": np.arange(50), "n_services": 1}
    answers = [nearest(net, net.snap(points), net.snap(points[::-1]), **codes) for net in (network, again)]
    np.testing.assert_array_equal(answers[0][0], answers[1][0])


def test_it_is_built_once_per_key(tmp_path):
    built = []

    def build():
        built.append(1)
        return small_city()

    first, second = (stored_network(tmp_path / "cache", "0a1b", build) for _ in range(2))
    assert (len(built), first.digest) == (1, second.digest)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["0a1b.network"]


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.5, 0.999])
def test_a_file_cut_short_counts_as_absent(tmp_path, share):
    path = tmp_path / "a.network"
    save_network(small_city(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert load_network(path) is None


def test_another_format_counts_as_absent(tmp_path):
    path = tmp_path / "a.network"
    path.write_text(json.dumps({"crs": "x"}), encoding="utf-8")
    assert load_network(path) is None
    assert load_network(tmp_path / "nothing.network") is None


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.network"
    save_network(small_city(), path)
    before = path.read_bytes()
    other = small_city(speed_kmh=5.0)
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_network(other, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.network"]


def test_reloading_is_faster_than_the_promised_third_of_a_second(tmp_path):
    path = tmp_path / "a.network"
    save_network(small_city(), path)
    start = time.perf_counter()
    load_network(path)
    assert time.perf_counter() - start < 0.3
