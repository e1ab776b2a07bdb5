"""What osmium cannot write is told: a writer that failed ends no process when it is destroyed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import osmium
import osmium.io
import pytest

from lifecircle import libraries
from lifecircle.errors import InputError
from lifecircle.libraries import closed_at_the_end, library_faults

WORD = "z" * 6
NO_CHARACTER = b"\xf8\x88\x80\x80\x80\x80"
"""As long as `WORD`, and no UTF-8."""
FULL = Path("/dev/full")

WRITES = """
import gc
import osmium
import osmium.io
from pathlib import Path
from lifecircle.libraries import closed_at_the_end
file = osmium.io.File("/dev/full", "pbf")
try:
    with closed_at_the_end(osmium.SimpleWriter(file, overwrite=True), Path('/dev/full')) as writer:
        for number in range(1, {nodes} + 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(1, 1), tags={{"a": str(number)}}))
except RuntimeError as error:
    print("told:", error)
del writer
gc.collect()
"""


@pytest.mark.skipif(not FULL.exists(), reason="a disk that is always full is a device of Linux")
@pytest.mark.parametrize("nodes", [1, 200_000])
def test_a_full_disk_is_told_whenever_osmium_notices(nodes):
    words = [sys.executable, "-c", WRITES.format(nodes=nodes)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("told:")


def extract(path, word, *, sorted_=True):
    """A street whose name is a word, uncompressed so that its bytes can be changed."""
    path.unlink(missing_ok=True)
    header = osmium.io.Header()
    if sorted_:
        header.set("sorting", "Type_then_ID")
    new = osmium.osm.mutable
    file = osmium.io.File(str(path), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(file, header=header) as writer:
        for number in (1, 2) if sorted_ else (2, 1):
            writer.add_node(new.Node(id=number, location=(114.5 + number / 100, 38.0), version=1))
        tags = {"highway": "residential", "name": word}
        writer.add_way(new.Way(id=1, nodes=[1, 2], tags=tags, version=1))
    path.write_bytes(path.read_bytes().replace(WORD.encode(), NO_CHARACTER))


@pytest.mark.parametrize("sorted_", [True, False], ids=["sorted", "to be sorted"])
def test_a_text_that_is_no_text_is_told(tmp_path, sorted_):
    extract(tmp_path / "town.osm.pbf", WORD, sorted_=sorted_)
    words = [sys.executable, "-m", "lifecircle", "streets", "town.osm.pbf", "-o", "edges.gpkg"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "town.osm.pbf" in done.stderr
    assert "terminate" not in done.stderr


class Full:
    """A writer that finds no room."""

    def close(self):
        raise RuntimeError


@pytest.mark.parametrize(("folder", "key"), [("temporary", "temporary-full"), ("other", "output-unwritable")])
def test_a_full_disk_is_told_as_the_one_it_is(tmp_path, monkeypatch, folder, key):
    monkeypatch.setattr(libraries, "is_full", lambda _: True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with (
        pytest.raises(InputError) as refused,
        library_faults("town.osm.pbf"),
        closed_at_the_end(Full(), tmp_path / folder / "1.osm.pbf"),
    ):
        pass
    assert [fault.key for fault in refused.value.faults] == [key]
