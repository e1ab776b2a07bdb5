"""OpenStreetMap files in any order, with deletions and several versions, as one sorted file without either.

osmium joins ways to nodes and rings to areas in files whose objects stand once each, nodes before ways
before relations, by ascending id. Editors, Overpass and history dumps write other files. Every reader of
the package asks `plain_osm` first, so that streets, places and water are read from the same objects.
"""

from __future__ import annotations

import bz2
import gzip
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import osmium
import osmium.filter
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.libraries import closed_at_the_end
from lifecircle.sources.osm.soundness import require_sound_pbf

DRAWN_FROM: Final = 1 << 50
"""In a sorted copy the id ``-n`` of an object drawn in an editor is ``DRAWN_FROM + n``."""

CHANGE_SUFFIXES: Final = (".osc", ".osc.gz", ".osc.bz2", ".osc.pbf")
"""Names of files that list changes to another file."""

_XML_SUFFIXES: Final = (".osm", ".osm.gz", ".osm.bz2", ".osh", ".osh.gz", ".osh.bz2", ".xml")
_KINDS: Final = {"n": 0, "w": 1, "r": 2}
_ENTITIES: Final = (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION)
_WORDS: Final = {b"node": 0, b"way": 1, b"relation": 2}
_OBJECT: Final = re.compile(rb"""<(node|way|relation)\s((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ID: Final = re.compile(rb"""(?:^|\s)id\s*=\s*["'](-?\d+)["']""")
_GONE: Final = re.compile(rb"""(?:^|\s)(?:action\s*=\s*["']delete["']|visible\s*=\s*["']false["'])""")
_DELETED: Final = re.compile(rb"""(?:^|\s)action\s*=\s*["']delete["']""")
_BLOCK_BYTES: Final = 1 << 24
_COPIED_AT_ONCE: Final = 500_000
"""Objects held in memory while a sorted copy is written."""

_lock = threading.Lock()
_plain: dict[tuple[str, int, int], Path] = {}
_folder: list[tempfile.TemporaryDirectory[str]] = []

__all__ = ["CHANGE_SUFFIXES", "DRAWN_FROM", "is_xml", "mapped_id", "mapped_ids", "opened_xml", "plain_osm"]


def plain_osm(path: str | Path) -> Path:
    """A file with the same objects, each once, none deleted, sorted by kind and id.

    A file that is so already is returned itself. Otherwise a temporary copy is written, once per file
    and process: of several versions of an object the highest counts, of equal versions the last; what
    is deleted (``visible="false"``, or ``action="delete"`` as editors mark it) is left out; negative
    ids become `DRAWN_FROM` and more.

    Raises
    ------
    InputError
        If the file lists changes to another file (osmChange).
    RuntimeError, EOFError
        If a PBF file is not sound (`require_sound_pbf`), or osmium cannot read it.
    """
    path = Path(path)
    if path.name.lower().endswith(CHANGE_SUFFIXES):
        raise InputError(Fault("osm-change-file", file=str(path)))
    state = path.stat()
    key = (str(path.resolve()), state.st_size, state.st_mtime_ns)
    with _lock:
        if key not in _plain or not _plain[key].is_file():
            _plain[key] = path if _is_plain(path) else _sorted_copy(path, len(_plain))
        return _plain[key]


def mapped_id(number: int) -> int:
    """The id of an object as its file states it."""
    return DRAWN_FROM - number if number > DRAWN_FROM else number


def mapped_ids(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """`mapped_id` of many."""
    return np.where(numbers > DRAWN_FROM, DRAWN_FROM - numbers, numbers)


def _is_plain(path: Path) -> bool:
    """Whether osmium can take the file as it is."""
    if is_xml(path):
        return _xml_is_plain(path)
    require_sound_pbf(path)
    reader = osmium.io.Reader(str(path), osmium.osm.NOTHING)
    try:
        header = reader.header()
    finally:
        reader.close()
    if header.has_multiple_object_versions:
        return False
    if header.get("sorting") == "Type_then_ID":
        return True
    # Untagged nodes are many and slow to look at; the order of the others tells how the file was written.
    last = (0, 0)
    for thing in osmium.FileProcessor(str(path)).with_filter(osmium.filter.EmptyTagFilter()):
        here = (_KINDS[thing.type_str()], thing.id)
        if here <= last or not thing.visible:
            return False
        last = here
    return True


def _xml_is_plain(path: Path) -> bool:
    """The same for XML, read as text: some hundred megabytes take seconds."""
    last = (0, 0)
    for kind, attributes in _xml_objects(path):
        number = _ID.search(attributes)
        here = (kind, int(number[1])) if number else last
        if here <= last or _GONE.search(attributes):
            return False
        last = here
    return True


def _xml_objects(path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and attributes of every object of an XML file, in its order.

    Raises
    ------
    InputError
        If the root of the file says that it lists changes.
    """
    with opened_xml(path) as file:
        rest = b""
        first = True
        while block := file.read(_BLOCK_BYTES):
            text = rest + block
            if first and b"<osmChange" in text[:4096]:
                raise InputError(Fault("osm-change-file", file=str(path)))
            first = False
            cut = text.rfind(b"<")
            whole, rest = (text[:cut], text[cut:]) if cut >= 0 else (b"", text)
            for word, attributes in _OBJECT.findall(whole):
                yield _WORDS[word], attributes


def is_xml(path: Path) -> bool:
    """Whether the name of a file says that it is XML."""
    return path.name.lower().endswith(_XML_SUFFIXES)


def opened_xml(path: Path) -> IO[bytes]:
    """An XML file as text, unpacked by the ending of its name."""
    name = path.name.lower()
    if name.endswith(".gz"):
        return gzip.open(path, "rb")  # type: ignore[return-value]  # what it opens reads like a file
    return bz2.open(path, "rb") if name.endswith(".bz2") else path.open("rb")


@dataclass(frozen=True)
class _Objects:
    """All objects of a file in its order: kind, id, version, and whether they are there."""

    kind: NDArray[np.int8]
    number: NDArray[np.int64]
    version: NDArray[np.int64]
    there: NDArray[np.bool_]

    def kept(self, kind: int) -> NDArray[np.intp]:
        """Positions of the objects of a kind that count, sorted by id."""
        rows = np.flatnonzero(self.kind == kind)
        order = rows[np.lexsort((rows, self.version[rows], self.number[rows]))]
        last = np.append(self.number[order][1:] != self.number[order][:-1], True)[: len(order)]
        newest = order[last]
        return newest[self.there[newest]]


def _objects(path: Path) -> _Objects:
    """Look through a file once."""
    deleted: set[tuple[int, int]] = set()
    if is_xml(path):
        for kind, attributes in _xml_objects(path):
            stated = _ID.search(attributes)
            if stated and _DELETED.search(attributes):
                deleted.add((kind, int(stated[1])))
    rows = [
        (_KINDS[thing.type_str()], thing.id, thing.version, thing.visible)
        for thing in osmium.FileProcessor(str(path))
    ]
    table = np.array(rows, np.int64).reshape(-1, 4)
    number = table[:, 1]
    gone = np.array([(k, i) in deleted for k, i, _, _ in rows]) if deleted else np.zeros(len(rows), bool)
    ids = np.where(number < 0, DRAWN_FROM - number, number)
    return _Objects(table[:, 0].astype(np.int8), ids, table[:, 2], (table[:, 3] != 0) & ~gone)


def _sorted_copy(path: Path, serial: int) -> Path:
    """Write the copy, some objects at a time, so that memory does not grow with the file."""
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="lifecircle-"))
    copy = Path(_folder[0].name) / f"{serial}.osm.pbf"
    objects = _objects(path)
    reader = osmium.io.Reader(str(path), osmium.osm.NOTHING)
    header = osmium.io.Header()
    if reader.header().box().valid():
        header.add_box(reader.header().box())
    reader.close()
    header.set("sorting", "Type_then_ID")
    opened = osmium.SimpleWriter(str(copy), header=header, overwrite=True)
    with closed_at_the_end(opened, copy) as writer:
        for kind, entity in enumerate(_ENTITIES):
            kept = objects.kept(kind)
            numbers = objects.number[objects.kind == kind]
            place = np.flatnonzero(objects.kind == kind)
            for first in range(0, len(kept), _COPIED_AT_ONCE):
                wanted = np.searchsorted(place, kept[first : first + _COPIED_AT_ONCE])
                _copy(path, writer, entity, numbers, wanted)
    return copy


def _copy(
    path: Path,
    writer: osmium.SimpleWriter,
    entity: osmium.osm.osm_entity_bits,
    number: NDArray[np.int64],
    wanted: NDArray[np.intp],
) -> None:
    """Write the objects at `wanted`, positions among those of their kind, in that order."""
    place = np.full(len(number), -1, np.int64)
    place[wanted] = np.arange(len(wanted))
    held: list[Any] = [None] * len(wanted)
    # A reader of one kind gives that kind's objects in the order of the file.
    for row, thing in enumerate(osmium.FileProcessor(str(path), entity)):
        at = int(place[row])
        if at < 0:
            continue
        fresh: dict[str, Any] = {"id": int(number[row]), "tags": dict(thing.tags)}
        if entity == osmium.osm.WAY:
            fresh["nodes"] = [_number(node.ref) for node in thing.nodes]
        elif entity == osmium.osm.RELATION:
            fresh["members"] = [(part.type, _number(part.ref), part.role) for part in thing.members]
        elif thing.location.valid():
            fresh["location"] = (thing.location.lon, thing.location.lat)
        held[at] = thing.replace(**fresh)
    for copied in held:
        writer.add(copied)


def _number(ref: int) -> int:
    """The id in the copy of an object that another names."""
    return DRAWN_FROM - ref if ref < 0 else ref
