"""What osmium says while a file is open, in the user's words."""

import errno
import os
from pathlib import Path

import osmium
import pytest

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.sources.osm.file import node_index, node_places, opened_osm

ONE_NODE = '<osm version="0.6"><node id="1" lon="110" lat="20"/></osm>'


@pytest.mark.parametrize("kind", [RuntimeError, OSError])
def test_a_full_folder_of_temporary_files_is_no_fault_of_the_users_file(tmp_path, kind):
    file = tmp_path / "streets.osm"
    file.write_text(ONE_NODE, encoding="utf-8")
    with pytest.raises(InputError) as error, opened_osm(file):
        raise kind(f"Could not resize file: {os.strerror(errno.ENOSPC)}")
    assert [fault.key for fault in error.value.faults] == ["temporary-full"]
    assert "TMPDIR" in error.value.render("en")


def test_what_osmium_cannot_read_is_a_fault_of_the_file(tmp_path):
    file = tmp_path / "streets.osm"
    file.write_text(ONE_NODE, encoding="utf-8")
    with pytest.raises(InputError) as error, opened_osm(file):
        raise RuntimeError("PBF error: truncated")
    assert [(fault.key, fault.file) for fault in error.value.faults] == [("osm-unreadable", str(file))]


def test_a_name_cut_short_within_a_sign_is_a_fault_of_the_file(tmp_path):
    file, last = tmp_path / "streets.osm.pbf", "路".encode()
    with osmium.SimpleWriter(osmium.io.File(str(file), "pbf,pbf_compression=none")) as writer:
        for number, lon in ((1, 114.5), (2, 114.501)):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, 38.0)))
        named = {"highway": "residential", "name": "北京路"}
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=named))
    sound = file.read_bytes()
    assert sound.count(last) == 1
    file.write_bytes(sound.replace(last, b"x" + last[:2]))
    with pytest.raises(InputError) as error:
        lc.read_streets(file)
    assert [(fault.key, fault.file) for fault in error.value.faults] == [("osm-unreadable", str(file))]


def test_streets_of_a_pbf_beyond_the_poles_are_named_by_their_nodes(tmp_path):
    file = tmp_path / "streets.osm.pbf"
    with osmium.SimpleWriter(str(file)) as writer:
        for number, lon, lat in ((1, 114.5, -176.7), (2, 114.501, 38.0), (3, 190.0, 38.0)):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3], tags={"highway": "residential"}))
    with pytest.raises(InputError) as error:
        lc.read_streets(file)
    assert [
        (fault.key, fault.row, fault.field, fault.value("found", "en")) for fault in error.value.faults
    ] == [
        ("osm-object-broken", "node 3", "lon", "190"),
        ("osm-object-broken", "node 1", "lat", "-176.7"),
    ]


@pytest.mark.parametrize("in_memory", [True, False])
def test_places_of_nodes_wait_in_memory_where_the_system_has_files_there(tmp_path, monkeypatch, in_memory):
    if in_memory and not hasattr(os, "memfd_create"):
        pytest.skip("only Linux keeps files in memory alone")
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    file, waiting = tmp_path / "streets.osm", tmp_path / "temporary"
    nodes = "".join(f'<node id="{name}" lon="{lon}" lat="20.5"/>' for name, lon in ((7, 110), (3, -71.25)))
    file.write_text(f'<osm version="0.6">{nodes}</osm>', encoding="utf-8")
    waiting.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(waiting))
    with node_index() as index:
        assert in_memory is not any(waiting.iterdir())
        assert str(index.file).startswith("/proc/self/fd/" if in_memory else str(waiting))
    places = node_places(file)
    assert places.ids.tolist() == [3, 7]
    assert (places.lon.tolist(), places.lat.tolist()) == ([-71.25, 110], [20.5, 20.5])
    assert not any(waiting.iterdir())


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="the system does not tell which files are open")
@pytest.mark.parametrize("in_memory", [True, False])
def test_reading_keeps_no_file_open(tmp_path, monkeypatch, in_memory):
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    file = tmp_path / "streets.osm"
    nodes = "".join(f'<node id="{name}" lon="{110 + name / 1000}" lat="20"/>' for name in range(1, 5))
    way = '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'
    file.write_text(f'<osm version="0.6">{nodes}{way}</osm>', encoding="utf-8")
    lc.read_streets(file)
    before = sorted(Path("/dev/fd").iterdir())
    for _ in range(3):
        lc.read_streets(file)
        node_places(file)
    assert sorted(Path("/dev/fd").iterdir()) == before
