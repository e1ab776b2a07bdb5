"""What osmium says while a file is open, in the user's words."""

import errno
import os

import osmium
import pytest

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.sources.osm.file import opened_osm

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
