"""A network kept on disk is the same network, or none at all."""

import errno
import json
import os

import geopandas as gpd
import numpy as np
import pytest
from streets_by_hand import street_table

from lifecircle.network import build_network, nearest, store
from lifecircle.network.examples import grid_network
from lifecircle.network.store import load_network, network_key, save_network, stored_network
from lifecircle.tables import local_crs


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
    reopened = load_network(tmp_path / "a.network")
    for field in vars(network):
        if isinstance(getattr(network, field), np.ndarray):
            np.testing.assert_array_equal(getattr(network, field), getattr(reopened, field))
    assert (reopened.names, reopened.symmetric, reopened.speed_kmh) == (network.names, network.symmetric, 3.5)
    assert reopened.digest == network.digest
    assert reopened.crs == network.crs
    points = gpd.GeoSeries.from_xy(113.5 + np.arange(50) / 1000, 22.2 + np.arange(50) / 1000, crs=4326)
    codes = {"service": np.zeros(50, int), "owner": np.arange(50), "n_services": 1}
    answers = [nearest(net, net.snap(points), net.snap(points[::-1]), **codes) for net in (network, reopened)]
    np.testing.assert_array_equal(answers[0][0], answers[1][0])


def test_it_is_built_once_per_key(tmp_path):
    built = []

    def build():
        built.append(1)
        return small_city()

    first, second = (stored_network(tmp_path / "cache", "0a1b", build) for _ in range(2))
    assert (first.came, second.came) == ("built", "read")
    assert (len(built), first.network.digest) == (1, second.network.digest)
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


@pytest.mark.parametrize("place", [30, 60, 0.02, 0.3, 0.9])
def test_a_byte_that_changed_is_noticed_and_the_network_built_anew(tmp_path, place):
    network = small_city()
    stored_network(tmp_path, "key", lambda: network)
    path = tmp_path / "key.network"
    whole = bytearray(path.read_bytes())
    at = place if isinstance(place, int) else int(len(whole) * place)
    whole[at] ^= 0x55
    path.write_bytes(whole)
    if load_network(path) is not None:  # padding between arrays holds nothing
        assert whole[at] ^ 0x55 == 0
        return
    reopened = stored_network(tmp_path, "key", small_city)
    assert (reopened.came, reopened.network.digest) == ("rebuilt", network.digest)
    assert stored_network(tmp_path, "key", small_city).came == "read"


def test_what_is_kept_and_cannot_be_read_is_built_anew(tmp_path):
    (tmp_path / "key.network").mkdir()
    reopened = stored_network(tmp_path, "key", small_city)
    assert (reopened.came, reopened.network.digest) == ("rebuilt", small_city().digest)


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes there")
def test_a_folder_that_others_can_write_into_is_neither_believed_nor_filled(tmp_path):
    kept = tmp_path / "cache"
    assert stored_network(kept, "key", small_city).came == "built"
    assert kept.stat().st_mode & 0o077 == 0, "made for its user alone"
    kept.chmod(0o777)
    assert stored_network(kept, "key", small_city).came == "distrusted"
    assert stored_network(kept, "other", small_city).came == "distrusted"
    assert [file.name for file in kept.iterdir()] == ["key.network"]
    kept.chmod(0o755)
    assert stored_network(kept, "key", small_city).came == "read"


def test_a_key_changes_with_every_street_and_option():
    places = [(113.5, 22.2), (113.51, 22.2), (113.52, 22.2)]
    streets = street_table(places, [(0, 1), (1, 2)])
    other = street_table(places, [(0, 1), (2, 1)])
    slow = (np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    keys = {
        network_key(streets, speed_kmh=4.0),
        network_key(other, speed_kmh=4.0),
        network_key(streets, speed_kmh=5.0),
        network_key(streets, speed_kmh=4.0, time_factor=slow),
        network_key(streets, speed_kmh=4.0, crs=local_crs(113.5, 22.2)),
    }
    assert len(keys) == 5
    assert network_key(streets, speed_kmh=4.0) in keys


@pytest.mark.parametrize("kind", ["a file", "a link to itself", "a name too long"])
def test_a_folder_that_cannot_be_made_keeps_nothing_and_the_run_goes_on(tmp_path, kind):
    folder = tmp_path / ("x" * 5000 if kind == "a name too long" else "kept")
    if kind == "a file":
        folder.write_text("no folder", encoding="utf-8")
    elif kind == "a link to itself":
        folder.symlink_to(folder)
    assert stored_network(folder, "town", grid_network).came == "unkept"


def test_a_full_disk_keeps_nothing_and_says_so(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_network_file", full)
    assert [stored_network(tmp_path, "town", grid_network).came for _ in range(2)] == ["unkept", "unkept"]
    monkeypatch.undo()
    assert [stored_network(tmp_path, "town", grid_network).came for _ in range(2)] == ["built", "read"]
