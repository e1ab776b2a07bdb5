"""Turn restrictions of OpenStreetMap files: relations that forbid a turn, or all turns but one."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
import osmium
import osmium.filter
from numpy.typing import NDArray

from lifecircle.sources.osm.sorting import mapped_id, mapped_ids
from lifecircle.sources.streets.cut import is_member
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.tables import StreetTable

TurnRule = Literal["as-mapped", "open"]

__all__ = ["Restrictions", "TurnRule", "read_turns"]

_KINDS: Final = ("no_", "only_")
_AT_RED_LIGHTS: Final = "_on_red"
_MOST_WAYS_SORTED: Final = 5
"""Ways in the middle of a restriction that are put in order where the relation does not hold them so."""


class Restrictions(NamedTuple):
    """Turn restrictions of a file.

    Attributes
    ----------
    turns, relation : as of `lifecircle.tables.streets.StreetTable`, ids as in the file read
    not_applied : relations that are not applied, by reason, a message under ``quality.*``
    """

    turns: NDArray[np.int64]
    relation: NDArray[np.int64]
    not_applied: Mapping[str, Sequence[int]]

    def applied_to(self, streets: StreetTable, asked: TurnRule) -> StreetTable:
        """The streets with the restrictions whose ways and nodes are all among them.

        Parameters
        ----------
        streets
            Segments of the same file, ids as in it.
        asked
            ``open``: none is applied.
        """
        # a way that the mode may not use forbids nothing: a restriction needs all of its ways
        there = is_member(self.turns[:, 1], streets.way)
        last = np.append(np.diff(self.turns[:, 0]) != 0, True)[: len(self.turns)]
        there &= last | is_member(self.turns[:, 2], streets.node_id)
        whole = np.bincount(self.turns[:, 0], ~there, len(self.relation)) == 0
        relation = mapped_ids(self.relation[whole])
        if asked == "open":
            counts = {"street-turns-taken-as-open": len(np.unique(relation))}
            return dataclasses.replace(streets, counts={**streets.counts, **counts})
        rows = self.turns[whole[self.turns[:, 0]]]
        number = (np.cumsum(whole) - 1)[rows[:, 0]]
        over_ways = int((np.bincount(number, minlength=len(relation)) > 2).sum())
        named = {key: tuple(str(mapped_id(one)) for one in ids) for key, ids in self.not_applied.items()}
        counts = {"street-turns": len(relation), "street-turns-via-ways": over_ways}
        counts |= {key: len(ids) for key, ids in named.items()}
        return dataclasses.replace(
            streets,
            turns=np.column_stack([number, mapped_ids(rows[:, 1:3]), rows[:, 3]]),
            turn_relation=relation,
            counts={**streets.counts, **counts},
            named={**streets.named, **named},
        )


class _Relation(NamedTuple):
    """A restriction that binds the mode, as mapped."""

    number: int
    only: bool
    comes: list[int]
    goes: list[int]
    ways: list[int]
    nodes: list[int]


def read_turns(path: Path, rules: StreetRules) -> Restrictions:
    """The turns that a mode may not take.

    Parameters
    ----------
    path
        A file as `lifecircle.sources.osm.sorting.plain_osm` gives it.
    rules
        Rules of the mode: which keys restrict its turns, and which of the words under ``except`` free it.

    Returns
    -------
    Restrictions
        One for each pair of ways that a relation leads from and to. Not applied are
        ``street-turns-at-times`` (that hold at some times only), ``street-turns-broken`` (that lack a
        member), ``street-turns-absent`` (that name ways the file does not hold), ``street-turns-apart``
        (whose ways do not meet one after another) and ``street-turns-ambiguous`` (that meet more than once).
    """
    not_applied: dict[str, list[int]] = {}
    if not rules.turns:
        return Restrictions(np.empty((0, 4), np.int64), np.empty(0, np.int64), not_applied)
    # stage 1: relations that bind the mode, and the ways they name
    relations = list(_binding(path, rules, not_applied))
    wanted = {way for relation in relations for way in (*relation.comes, *relation.ways, *relation.goes)}
    refs: dict[int, list[int]] = {}
    if wanted:
        named = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.IdFilter(wanted))
        refs = {way.id: [node.ref for node in way.nodes] for way in named}
    # stage 2: the nodes at which their ways meet
    rows: list[tuple[int, int, int, int]] = []
    by_number: list[int] = []
    for relation in relations:
        chains = _chains(relation, refs)
        if isinstance(chains, str):
            not_applied.setdefault(chains, []).append(relation.number)
            continue
        for ways, nodes in chains:
            steps = zip(ways, (*nodes, 0), strict=True)
            rows += [(len(by_number), way, node, int(relation.only)) for way, node in steps]
            by_number.append(relation.number)
    return Restrictions(np.array(rows, np.int64).reshape(-1, 4), np.array(by_number, np.int64), not_applied)


def _binding(path: Path, rules: StreetRules, not_applied: dict[str, list[int]]) -> Iterator[_Relation]:
    """The relations whose restriction binds the mode at all times, whole or not."""
    types = [("type", "restriction"), *(("type", key) for key in rules.turns if ":" in key)]
    relations = osmium.FileProcessor(str(path), osmium.osm.RELATION)
    for relation in relations.with_filter(osmium.filter.TagFilter(*types)):
        kind = next((relation.tags[key] for key in rules.turns if key in relation.tags), "")
        freed = {word.strip() for word in relation.tags.get("except", "").split(";")}
        if freed & rules.turns_except:
            continue
        if not kind.startswith(_KINDS) or kind.endswith(_AT_RED_LIGHTS):
            if any(f"{key}:conditional" in relation.tags for key in rules.turns):
                not_applied.setdefault("street-turns-at-times", []).append(relation.id)
            continue
        members = [(part.role, part.type, part.ref) for part in relation.members]
        comes, ways, goes = (
            [ref for role, type_, ref in members if (role, type_) == (wanted, "w")]
            for wanted in ("from", "via", "to")
        )
        nodes = [ref for role, type_, ref in members if (role, type_) == ("via", "n")]
        yield _Relation(relation.id, kind.startswith("only_"), comes, goes, ways, nodes)


_Chain = tuple[tuple[int, ...], tuple[int, ...]]


def _chains(relation: _Relation, refs: Mapping[int, list[int]]) -> list[_Chain] | str:
    """Ways and the nodes between them for every way from and every way to, or why there are none."""
    if not relation.comes or not relation.goes or not (relation.ways or relation.nodes):
        return "street-turns-broken"
    if any(way not in refs for way in (*relation.comes, *relation.ways, *relation.goes)):
        return "street-turns-absent"
    chains: list[_Chain] = []
    for one, other in itertools.product(relation.comes, relation.goes):
        # over one node, or over ways; nodes beside ways tell nothing more
        if not relation.ways:
            met = set(relation.nodes) & set(refs[one]) & set(refs[other])
            meetings: list[_Chain] = [((one, other), (node,)) for node in sorted(met)]
            meetings = meetings if len(relation.nodes) == 1 else []
        else:
            meetings = _orders(one, relation.ways, other, refs)
        if len(meetings) != 1:
            return "street-turns-ambiguous" if meetings else "street-turns-apart"
        chains += meetings
    return chains


def _orders(one: int, ways: list[int], other: int, refs: Mapping[int, list[int]]) -> list[_Chain]:
    """The ways in the middle as they are driven: in the relation's order, else in any that leads through."""
    as_mapped = _meetings((one, *ways, other), refs)
    if as_mapped or len(ways) > _MOST_WAYS_SORTED:
        return as_mapped
    orders = sorted(set(itertools.permutations(ways)))
    return [chain for order in orders for chain in _meetings((one, *order, other), refs)]


def _meetings(ways: tuple[int, ...], refs: Mapping[int, list[int]]) -> list[_Chain]:
    """The nodes at which ways meet one after another, each driven from one node to another."""
    meets = []
    for way, following in itertools.pairwise(ways):
        shared = set(refs[way]) & set(refs[following])
        # ways end where a restriction begins or ends: of several nodes those count
        ends = shared & {refs[way][0], refs[way][-1]} & {refs[following][0], refs[following][-1]}
        meets.append(sorted(ends if len(shared) > 1 and ends else shared))
    driven = (
        nodes for nodes in itertools.product(*meets) if all(a != b for a, b in itertools.pairwise(nodes))
    )
    return [(ways, nodes) for nodes in itertools.islice(driven, 2)]
