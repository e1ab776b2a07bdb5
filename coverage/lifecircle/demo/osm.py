"""The draft as an OpenStreetMap extract: nodes and ways sorted by id, written by osmium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import osmium
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.draft import Draft
from lifecircle.libraries import closed_at_the_end

_FIRST_NODE: Final = 9_901_000_001
_FIRST_WAY: Final = 990_100_001
_PLACES_SHOWN: Final = 7

__all__ = ["write_pbf"]


def write_pbf(path: Path, draft: Draft, box: tuple[float, float, float, float]) -> None:
    """Write every node that a way or a tag uses, and every way.

    Parameters
    ----------
    path
        The ``.osm.pbf`` to write; replaced where it exists.
    draft
        Nodes in city metres and ways over them.
    box
        West, south, east, north in city metres: what the header declares as covered.
    """
    used = _used(draft)
    number = np.full(len(draft.x), -1, dtype=np.int64)
    number[used] = _FIRST_NODE + np.arange(len(used))
    lon, lat = g.to_lon_lat(draft.x[used], draft.y[used])
    places = zip(
        number[used].tolist(),
        lon.round(_PLACES_SHOWN).tolist(),
        lat.round(_PLACES_SHOWN).tolist(),
        strict=True,
    )
    opened = osmium.SimpleWriter(str(path), header=_header(box), overwrite=True)
    with closed_at_the_end(opened, path) as writer:
        for (node, x, y), drafted in zip(places, used.tolist(), strict=True):
            tags = draft.node_tags.get(drafted, {})
            writer.add_node(osmium.osm.mutable.Node(id=node, version=1, location=(x, y), tags=tags))
        for way, nodes in enumerate(_node_lists(draft, number)):
            tags = dict(draft.ways[way].tags)
            writer.add_way(osmium.osm.mutable.Way(id=_FIRST_WAY + way, version=1, nodes=nodes, tags=tags))


def _used(draft: Draft) -> NDArray[np.int64]:
    """Draft numbers of the nodes that are written, ascending."""
    in_ways = np.fromiter((node for way in draft.ways for node in way.nodes), dtype=np.int64)
    return np.unique(np.concatenate([in_ways, np.array(list(draft.node_tags), dtype=np.int64)]))


def _node_lists(draft: Draft, number: NDArray[np.int64]) -> Iterator[list[int]]:
    """Written ids of every way's nodes."""
    for way in draft.ways:
        yield number[list(way.nodes)].tolist()


def _header(box: tuple[float, float, float, float]) -> osmium.io.Header:
    """A header that names its maker and the box it covers."""
    west, south, east, north = box
    lon, lat = g.to_lon_lat([west, west, east, east], [south, north, south, north])
    header = osmium.io.Header()
    header.set("generator", "lifecircle demo (synthetic)")
    header.add_box(
        osmium.osm.Box(
            osmium.osm.Location(lon.min(), lat.min()),
            osmium.osm.Location(lon.max(), lat.max()),
        )
    )
    return header
