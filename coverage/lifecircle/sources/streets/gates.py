"""Nodes that close a way: gates, lift gates, bollards, turnstiles, doors; to wheelchairs raised kerbs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.sources.osm.layers import GATES
from lifecircle.sources.osm.text import tags_of
from lifecircle.sources.streets.rule_table import street_rules
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.tables import MODES, StreetTable

Gates = Literal["as-mapped", "open"]

_KEYS: Final = ("barrier", "entrance", "kerb", "door")
_BESIDES: Final = frozenset(
    {
        "created_by",
        "check_date",
        "description",
        "fixme",
        "locked",
        "name",
        "note",
        "opening_hours",
        "operator",
        "ref",
        "source",
    }
)
"""Keys that say nothing of what a node is: beside them access keys mean a barrier that is not said."""

__all__ = ["GateNodes", "GateReader", "Gates", "parted_at"]


class GateNodes(NamedTuple):
    """Ids of nodes, in ascending order: those that stop the mode, that stop wheelchairs, that let it in."""

    closed: NDArray[np.int64]
    kerbs: NDArray[np.int64]
    open: NDArray[np.int64]


class GateReader:
    """Gates and kerbs, noted down while the nodes of a file go by.

    Parameters
    ----------
    rules
        Rules of the mode: `StreetRules.gate_closed` and `StreetRules.bars_wheels`.
    """

    def __init__(self, rules: StreetRules) -> None:
        self._rules = rules
        self._who = frozenset(key for mode in MODES for key in street_rules(mode).access)
        # each combination of tags is judged once
        self._judged: dict[str, str] = {}
        self._held: dict[str, list[int]] = {"": [], "closed": [], "kerb": [], "open": []}

    @property
    def keys(self) -> tuple[str, ...]:
        """Only nodes with one of these keys need be shown."""
        return (*_KEYS, "locked", *sorted(self._who))

    def see(self, number: int, tags: str) -> None:
        """Note one node down, by its id and its tags as written (`lifecircle.sources.osm.text`)."""
        kind = self._judged.get(tags)
        if kind is None:
            kind = self._judged[tags] = _kind(tags_of(tags), self._rules, self._who)
        self._held[kind].append(number)

    def nodes(self) -> GateNodes:
        """What was noted down."""
        return GateNodes(
            *(np.sort(np.array(self._held[kind], np.int64)) for kind in ("closed", "kerb", "open"))
        )


def _kind(whole: Mapping[str, str], rules: StreetRules, who: frozenset[str]) -> str:
    """What a node with these tags is to the mode: ``closed``, a ``kerb``, ``open``, or nothing to it."""
    # Access keys of a bus stop or a shop speak of that, not of the street it stands on.
    is_barrier = any(key in whole for key in _KEYS) or whole.get("highway") == "gate"
    if not is_barrier and not whole.keys() <= who | _BESIDES:
        return ""
    keys = ("barrier", "locked", "kerb", "wheelchair", *rules.access)
    tags = {key: whole[key] for key in keys if key in whole}
    if rules.gate_closed(tags):
        return "closed"
    if rules.mode == "walk" and rules.bars_wheels(tags):
        return "kerb"
    return "open" if "entrance" in whole or whole.get("barrier") in GATES else ""


def parted_at(streets: StreetTable, closed: NDArray[np.int64]) -> tuple[StreetTable, int]:
    """The streets parted at closed nodes, and how many of these lie on a street.

    Every segment that ends at such a node gets an end of its own there: either side stays within reach
    of its own side, and nothing passes through. The lines across one area keep a common end: whoever
    walks on inside goes round the corner where the gate stands. The first segment keeps the node.
    """
    shut = np.isin(streets.node_id, closed)
    if not shut.any():
        return streets, 0
    ends = np.concatenate([streets.u, streets.v])
    at = np.flatnonzero(shut[ends])
    # Ends that stay together: those of one area at one node. Every other end is alone.
    segment = at % len(streets)
    area = np.unique(streets.way[segment], return_inverse=True)[1]
    shared_end = np.where(streets.on_areas[segment], area, -1 - np.arange(len(at)))
    groups, group = np.unique(np.column_stack([ends[at], shared_end]), axis=0, return_inverse=True)
    group = group.ravel()
    first = np.full(len(groups), len(ends), np.int64)
    np.minimum.at(first, group, at)
    # Of the groups at one node that of the first segment keeps it.
    order = np.lexsort((first, groups[:, 0]))
    copied = order[1:][groups[order][1:, 0] == groups[order][:-1, 0]]
    node = groups[:, 0].copy()
    node[copied] = len(streets.lon) + np.arange(len(copied))
    number = ends.copy()
    number[at] = node[group]
    lowest = min(int(streets.node_id.min(initial=0)), 0)
    parted = dataclasses.replace(
        streets,
        lon=np.append(streets.lon, streets.lon[groups[copied, 0]]),
        lat=np.append(streets.lat, streets.lat[groups[copied, 0]]),
        node_id=np.append(streets.node_id, lowest - 1 - np.arange(len(copied))),
        u=number[: len(streets)],
        v=number[len(streets) :],
    )
    used = np.zeros(len(streets.lon), bool)
    used[ends] = True
    return parted, int((shut & used).sum())
