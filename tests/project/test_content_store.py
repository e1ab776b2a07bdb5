"""What is kept under a key comes back as it was, or not at all; no two things share a key."""

import itertools
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from lifecircle.array_file import read_arrays, write_arrays
from lifecircle.content_store import ContentStore, content_key
from lifecircle.network.examples import grid_network
from lifecircle.network.store import stored_network

ARRAYS = {"x": np.arange(2000.0), "code": np.arange(5, dtype=np.int32), "none": np.empty(0, np.uint8)}


@dataclass(frozen=True)
class Pair:
    one: int
    other: int


def points(*places, crs=4326):
    return gpd.GeoSeries([None if place is None else Point(place) for place in places], crs=crs)


DIFFERENT = [
    None, True, False, 1, 1.0, "1", "", "None", 0, -0.0, 0.0, float("nan"),
    (), (1,), (1, 2), ((1, 2),), (1, (2,)), {"one": 2, "other": 1},
    {}, {"one": 1}, {"one": 2}, {"other": 1}, {"one": 1, "other": 2}, Pair(2, 1),
    np.array([1, 2]), np.array([2, 1]), np.array([1, 2], np.int32), np.array([[1, 2]]), np.array([[1], [2]]),
    np.array([1.0, 2.0]), np.array([True, False]), np.array([-0.0]), np.array([0.0]), np.empty(0),
    np.empty((0, 4)), points((1, 2), (3, 4)), points((3, 4), (1, 2)), points((1, 2), (3, 4), crs=3857),
    points((1, 2)), points(), points((1, 2), None), points(None, (1, 2)), points((1, 2), (3, 4), crs=None),
]  # fmt: skip


def test_no_two_things_make_one_key():
    keys = [content_key("example", thing=thing) for thing in DIFFERENT]
    same = [pair for pair in itertools.combinations(range(len(keys)), 2) if keys[pair[0]] == keys[pair[1]]]
    assert same == []
    repeated = [content_key("example", thing=thing) for thing in DIFFERENT]
    assert keys == repeated
    assert content_key("example", one=1, other=2) == content_key("example", other=2, one=1)
    assert content_key("example", one=1, other=2) != content_key("example", one=2, other=1)
    assert content_key("example", one=1) != content_key("another", one=1)
    assert content_key("example", a="b|c=1") != content_key("example", a="b", c=1)


@pytest.mark.parametrize("thing", [{1, 2}, object(), np.array(["a"], dtype=object), np.array(["a"]), b"a"])
def test_what_cannot_be_told_apart_makes_no_key(thing):
    with pytest.raises(TypeError, match="no key"):
        content_key("example", thing=thing)


@pytest.fixture
def store(tmp_path):
    return ContentStore.opened(tmp_path / "kept")


def test_arrays_come_back_as_they_were(store):
    store.keep("a" * 32, ARRAYS)
    taken = store.take({"mine": "a" * 32, "other": "b" * 32})
    assert taken.reused == (("mine",), ("other",), ())
    for name, values in ARRAYS.items():
        assert taken.arrays["mine"][name].dtype == values.dtype
        np.testing.assert_array_equal(taken.arrays["mine"][name], values)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.5, 0.9])
@pytest.mark.parametrize("how", ["cut", "changed"])
def test_what_is_damaged_is_told_and_not_taken(store, share, how):
    store.keep("a" * 32, ARRAYS)
    (file,) = store.folder.iterdir()
    whole = bytearray(file.read_bytes())
    at = int(len(whole) * share)
    if how == "cut":
        del whole[at:]
    else:
        whole[at] ^= 0x55
    file.write_bytes(whole)
    padding = how == "changed" and whole[at] ^ 0x55 == 0 and share == 0.999
    assert store.take({"mine": "a" * 32}).reused == (
        (("mine",), (), ()) if padding else ((), ("mine",), ("mine",))
    )


def test_a_folder_of_that_name_is_nothing_that_is_kept(store):
    (store.folder / f"{'a' * 32}.kept").mkdir()
    assert store.take({"mine": "a" * 32}).reused.damaged == ("mine",)
    store.keep("a" * 32, ARRAYS)


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes there")
def test_a_folder_that_others_can_write_into_keeps_nothing(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(0o777)
    assert ContentStore.opened(tmp_path / "kept") is None
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert ContentStore.opened(tmp_path / "file") is None


def test_a_full_disk_keeps_nothing_and_the_run_goes_on(store, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    store.keep("a" * 32, ARRAYS)
    assert list(store.folder.iterdir()) == []
    with pytest.raises(OSError, match="disk full"):
        write_arrays(store.folder / "a", b"example", {}, ARRAYS)


def test_many_who_keep_and_take_the_same_see_all_of_it_or_nothing(store):
    def either(number):
        if number % 2:
            store.keep("a" * 32, ARRAYS)
            return True
        taken = store.take({"mine": "a" * 32})
        return not taken.reused.damaged and all(len(held["x"]) == 2000 for held in taken.arrays.values())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(either, range(200)))
    assert [file.name for file in store.folder.iterdir()] == [f"{'a' * 32}.kept"]


def test_all_that_is_kept_shares_one_room(store, monkeypatch):
    stored_network(store.folder, "town", grid_network)
    network = store.folder / "town.network"
    store.keep("a" * 32, ARRAYS)
    first = store.folder / f"{'a' * 32}.kept"
    for days, file in ((9, network), (5, first)):
        used = time.time() - days * 86_400
        os.utime(file, (used, used))
    store.take({"mine": "a" * 32})  # and is the last used from now on
    monkeypatch.setenv("LIFECIRCLE_CACHE_MB", str(2.2 * first.stat().st_size / 1e6))
    store.keep("b" * 32, ARRAYS)
    assert {file.name[0] for file in store.folder.iterdir()} == {"a", "b"}
    monkeypatch.setenv("LIFECIRCLE_CACHE_MB", "0")
    store.keep("c" * 32, ARRAYS)
    assert {file.name[0] for file in store.folder.iterdir()} == {"c"}, "what was just kept stays"


def test_another_format_counts_as_absent(tmp_path):
    write_arrays(tmp_path / "a", b"one", {}, ARRAYS)
    assert read_arrays(tmp_path / "a", b"two") is None
    assert read_arrays(tmp_path / "nothing", b"one") is None
