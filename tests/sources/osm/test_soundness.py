"""PBF blobs that break the bounds of the format are refused by their number, before osmium reads them."""

import zlib

import pytest

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.sources.osm.soundness import require_sound_pbf

MIB = 1024**2


def number(value):
    """A whole number as protobuf writes it."""
    signs = bytearray()
    while value > 127:
        signs.append(value & 127 | 128)
        value >>= 7
    return bytes([*signs, value])


def field(place, content):
    """One field of a message: bytes, or a whole number."""
    if isinstance(content, int):
        return number(place << 3) + number(content)
    return number(place << 3 | 2) + number(len(content)) + content


def blob(kind, content, *, size=None):
    """A blob behind its header, as they stand in a file; of a size that need not be true."""
    header = field(1, kind) + field(3, len(content) if size is None else size)
    return len(header).to_bytes(4, "big") + header + content


def raw(content):
    """Content that is not packed."""
    return field(1, content)


def packed(content):
    """Content packed by zlib."""
    return field(2, len(content)) + field(3, zlib.compress(content))


GOOD = blob(b"OSMHeader", raw(field(4, b"OsmSchema-V0.6")))
TEXTS = field(1, field(1, b"") + field(1, b"name"))
BROKEN = {
    "a header of no size": (b"\0\0", "blob 2: no size of a header"),
    "a header beyond 64 KiB": ((65 * 1024).to_bytes(4, "big") + bytes(9), "blob 2: no size of a header"),
    "a blob beyond 32 MiB": (blob(b"OSMData", b"", size=33 * MIB), "blob 2: larger than the format allows"),
    "a blob cut short": (blob(b"OSMData", b"abc", size=9), "blob 2: the file ends in its middle"),
    "content beyond 32 MiB": (
        blob(b"OSMData", packed(bytes(33 * MIB))),
        "blob 2: unpacks to more than the format allows",
    ),
    "another packing": (blob(b"OSMData", field(7, b"zstd")), "blob 2: packed as zstd; zlib is read"),
    "a text with a NUL": (
        blob(b"OSMData", packed(field(1, field(1, b"") + field(1, b"na\0me")))),
        "blob 2: a text holds a NUL character",
    ),
}


@pytest.mark.parametrize("content", [raw(TEXTS), packed(TEXTS)], ids=["raw", "zlib"])
def test_sound_blobs_pass(tmp_path, content):
    file = tmp_path / "sound.osm.pbf"
    file.write_bytes(GOOD + blob(b"OSMData", content))
    require_sound_pbf(file)


@pytest.mark.parametrize(("data", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_blobs_beyond_the_format_are_a_fault_of_the_file(tmp_path, data, why):
    file = tmp_path / "broken.osm.pbf"
    file.write_bytes(GOOD + data)
    with pytest.raises(RuntimeError) as raised:
        require_sound_pbf(file)
    assert str(raised.value) == why
    with pytest.raises(InputError) as error:
        lc.read_streets(file)
    assert [fault.file for fault in error.value.faults] == [str(file)]
    assert why in error.value.render("en")
