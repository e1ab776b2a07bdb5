"""Nodes that close a way: gates, lift gates, bollards, turnstiles, doors; to wheelchairs raised kerbs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final, Literal

import numpy as np
import osmium
import osmium.filter
from numpy.typing import NDArray

from lifecircle.sources.streets.rules import StreetRules
from lifecircle.tables import StreetTable

Gates = Literal["as-mapped", "open"]

_KEYS: Final = ("barrier", "entrance", "kerb")

__all__ = ["Gates", "closed_nodes", "parted_at"]


def closed_nodes(path: str | Path, rules: StreetRules) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of the nodes that stop the mode, and of those that stop wheelchairs, in ascending order.

    Parameters
    ----------
    path
        A file as `lifecircle.sources.osm.sorting.plain_osm` gives it.
    rules
        Rules of the mode: `StreetRules.gate_closed` and `StreetRules.bars_wheels`.
    """
    keys = ("barrier", "locked", "kerb", "wheelchair", *rules.access)
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter(*_KEYS))
    ids, kerbs = [], []
    for node in nodes:
        tags = {key: node.tags[key] for key in keys if key in node.tags}
        if rules.gate_closed(tags):
            ids.append(node.id)
        elif rules.mode == "walk" and rules.bars_wheels(tags):
            kerbs.append(node.id)
    return np.sort(np.array(ids, np.int64)), np.sort(np.array(kerbs, np.int64))


def parted_at(streets: StreetTable, closed: NDArray[np.int64]) -> tuple[StreetTable, int]:
    """The streets parted at closed nodes, and how many of these lie on a street.

    Every segment that ends at such a node gets an end of its own there: either side stays within reach
    of its own side, and nothing passes through. The first segment keeps the node.
    """
    shut = np.isin(streets.node_id, closed)
    if not shut.any():
        return streets, 0
    ends = np.concatenate([streets.u, streets.v])
    at = np.flatnonzero(shut[ends])
    order = at[np.argsort(ends[at], kind="stable")]
    copied = order[1:][ends[order][1:] == ends[order][:-1]]
    number = ends.copy()
    number[copied] = len(streets.lon) + np.arange(len(copied))
    lowest = min(int(streets.node_id.min(initial=0)), 0)
    parted = dataclasses.replace(
        streets,
        lon=np.append(streets.lon, streets.lon[ends[copied]]),
        lat=np.append(streets.lat, streets.lat[ends[copied]]),
        node_id=np.append(streets.node_id, lowest - 1 - np.arange(len(copied))),
        u=number[: len(streets)],
        v=number[len(streets) :],
    )
    used = np.zeros(len(streets.lon), bool)
    used[ends] = True
    return parted, int((shut & used).sum())
