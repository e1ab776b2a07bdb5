"""Objects of an OpenStreetMap file as lines of text: osmium picks them and writes them down (its format OPL).

To ask osmium for each object, its tags and its nodes in turn makes a Python object of every one of them,
which takes twice as long. In the text, what is no plain character of a key, a value or a role stands as
its code between two signs: a blank is ``%20%``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
import osmium.index
import osmium.io

from lifecircle.libraries import closed_at_the_end

if TYPE_CHECKING:
    from lifecircle.sources.osm.file import NodeIndex

TextObject = tuple[str, int, str, str]
"""Kind (``n``, ``w``, ``r``), id, tags, and the nodes of a way or the members of a relation."""

__all__ = [
    "TextObject",
    "members_of",
    "picked_objects",
    "plain_word",
    "refs_of",
    "tags_as_written",
    "tags_of",
]


def picked_objects(
    path: Path,
    entities: osmium.osm.osm_entity_bits,
    *filters: osmium.filter.BaseFilter,
    index: NodeIndex | None = None,
) -> Iterator[TextObject]:
    """The objects that pass all filters, in the file's order.

    Parameters
    ----------
    path
        A file as `lifecircle.sources.osm.sorting.plain_osm` gives it.
    entities
        Kinds of objects to read.
    filters
        Filters of osmium.
    index
        Where to keep the places of all nodes, if they are wanted.
    """
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        written = Path(folder) / "picked.opl"
        with ExitStack() as opened:
            handlers: list[Any] = []
            if index is not None:
                handlers.append(osmium.NodeLocationsForWays(osmium.index.create_map(index.storage)))
                handlers[0].apply_nodes_to_ways = False
            reader = opened.enter_context(osmium.io.Reader(str(path), entities))
            file = osmium.io.File(str(written), "opl,add_metadata=false")
            writer = opened.enter_context(closed_at_the_end(osmium.SimpleWriter(file), written))
            osmium.apply(reader, *handlers, *filters, writer)
            # osmium lets go of its files before the folders go, which Windows insists on
            handlers.clear()
        with written.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                head, tags, *rest = line[:-1].split(" ")
                yield head[0], int(head[1:]), tags[1:], rest[0][1:]


def tags_as_written(tags: str) -> dict[str, str]:
    """Keys and values of a `TextObject`'s tags as they are written; of several values of a key the first."""
    return dict([tag.split("=") for tag in tags.split(",")[::-1]]) if tags else {}


def tags_of(tags: str) -> dict[str, str]:
    """Keys and values of a `TextObject`'s tags; of several values of a key the first.

    Examples
    --------
    >>> tags_of("name=Rue%20%de%20%l%27%Eau,highway=footway")
    {'highway': 'footway', 'name': "Rue de l'Eau"}
    """
    return {plain_word(key): plain_word(value) for key, value in tags_as_written(tags).items()}


def plain_word(written: str) -> str:
    """A key, value or role without the signs of the text."""
    if "%" not in written:
        return written
    parts = written.split("%")
    parts[1::2] = [chr(int(code, 16)) for code in parts[1::2]]
    return "".join(parts)


def refs_of(nodes: str) -> list[int]:
    """Ids of the nodes of a way.

    Examples
    --------
    >>> refs_of("n12,n7,n12")
    [12, 7, 12]
    """
    return list(map(int, nodes[1:].split(",n"))) if nodes else []


def members_of(members: str) -> list[tuple[str, int, str]]:
    """Kind, id and role of the members of a relation.

    Examples
    --------
    >>> members_of("w12@outer,n7@")
    [('w', 12, 'outer'), ('n', 7, '')]
    """
    parted = [member.split("@") for member in members.split(",")] if members else []
    return [(thing[0], int(thing[1:]), plain_word(role)) for thing, role in parted]
