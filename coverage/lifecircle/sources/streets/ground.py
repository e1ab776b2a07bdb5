"""What a pass over an OpenStreetMap file collects: its ways, the areas people cross, what bars walks."""

from __future__ import annotations

import dataclasses
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import osmium
import osmium.filter

from lifecircle.sources.osm.text import (
    TextObject,
    members_of,
    picked_objects,
    plain_word,
    refs_of,
    tags_as_written,
)
from lifecircle.sources.streets.rings import RELATION_FROM, Outline, closed_rings
from lifecircle.sources.streets.rule_table import BarrierRules, area_tests, barrier_rules
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.sources.streets.walls import BarrierChain
from lifecircle.sources.streets.way_use import WayUse

__all__ = ["Ways", "add_outline", "ground_tests", "read_ground"]


@dataclass
class Ways:
    """What one pass over the ways collects; text and rules are coded, numbers are packed."""

    refs: array[int] = field(default_factory=lambda: array("q"))
    """Ids of the ways' nodes, one way after another."""
    sizes: array[int] = field(default_factory=lambda: array("i"))
    """Nodes of each way."""
    ids: array[int] = field(default_factory=lambda: array("q"))
    use: array[int] = field(default_factory=lambda: array("i"))
    name: array[int] = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=dict)
    """Codes of names as osmium writes them (`lifecircle.sources.osm.text`)."""
    uses: list[WayUse] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    ground: list[TextObject] = field(default_factory=list)
    """Ways and relations that may be ground people cross, or bar them."""
    left_out: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    def add_line(self, number: int, refs: list[int], use: WayUse, name: int) -> None:
        """Note a platform down that is walked along."""
        self.add(number, refs, len(self.uses), name)
        self.uses.append(dataclasses.replace(use, highway="platform", area=False))

    def add(self, number: int, refs: list[int], use: int, name: int) -> None:
        """Note a way down."""
        self.refs.extend(refs)
        self.sizes.append(len(refs))
        self.ids.append(number)
        self.use.append(use)
        self.name.append(name)

    def named(self, tags: Mapping[str, str]) -> int:
        """Code of the name in an object's tags as written; -1 where it has none."""
        name = tags.get("name") or tags.get("name:zh") or tags.get("ref")
        return self.names.setdefault(name, len(self.names)) if name else -1


def add_outline(ways: Ways, outline: Outline, *, mode: str) -> None:
    """Note an area down, or that it cannot be crossed: cars cross none."""
    if mode == "drive":
        ways.left_out["street-areas"] += 1
    elif not outline.rings:
        ways.left_out["street-areas-broken"] += 1
    else:
        ways.outlines.append(outline)


def ground_tests(rules: StreetRules) -> frozenset[tuple[str, str]]:
    """Key and value of the tags by which a way is ground that people cross, or bars them."""
    crossed = {} if rules.mode == "drive" else area_tests()
    tables = (crossed, barrier_rules().classes)
    return frozenset((key, value) for table in tables for key in table for value in table[key])


class _Meaning(NamedTuple):
    """What tags say of ground: how it may be crossed, whether it bars, is a wall, is water, a platform."""

    use: WayUse | None
    bars: bool
    wall: bool
    water: bool
    platform: bool


def read_ground(path: Path, rules: StreetRules, ways: Ways) -> list[BarrierChain]:
    """Areas mapped without a class of street and multipolygons of either kind; returns what bars walks.

    They were noted down with the ways (`Ways.ground`); the ways that relations are made of are read here.
    """
    bars = barrier_rules()
    keys = tuple(dict.fromkeys((*rules.keys, *area_tests(), *bars.classes, "covered", "location")))
    judged: dict[tuple[str | None, ...], _Meaning] = {}
    chains: list[BarrierChain] = []
    made: list[_Multipolygon] = []
    for kind, number, text, parts in ways.ground:
        written = tags_as_written(text)
        values = tuple(map(written.get, keys))
        meaning = judged.get(values)
        if meaning is None:
            tags = {
                key: plain_word(value) for key, value in zip(keys, values, strict=True) if value is not None
            }
            meaning = judged[values] = _meaning(tags, rules, bars)
        use = meaning.use
        if kind == "r":
            if written.get("type") == "multipolygon" and (use is not None or meaning.bars):
                members = {ref: role for type_, ref, role in members_of(parts) if type_ == "w"}
                made.append(_Multipolygon(number, members, use, ways.named(written), bars=meaning.bars))
            continue
        refs = refs_of(parts)
        closed = refs[:1] == refs[-1:]
        if meaning.bars:
            chains.append(BarrierChain(refs, ground=closed and meaning.water, wall=meaning.wall))
        # A way with a class of street is a line, or was met as an area among the ways.
        if use is None or "highway" in written:
            continue
        if closed:
            outline = Outline(number, closed_rings([refs]), use, ways.named(written))
            add_outline(ways, outline, mode=rules.mode)
        elif meaning.platform:
            # a platform drawn as a line is walked along; a car park or a square that does not close is none
            ways.add_line(number, refs, use, ways.named(written))
    return [*chains, *_put_together(path, made, ways, mode=rules.mode)]


def _meaning(tags: Mapping[str, str], rules: StreetRules, bars: BarrierRules) -> _Meaning:
    """What the tags of a way or a relation say of the ground."""
    use = rules.judge_area(tags)
    return _Meaning(
        use=None if use is None or use.left_out else use,
        bars=bars.holds(tags),
        wall=bars.parts_areas(tags),
        water=bars.is_ground(tags),
        platform=rules.is_platform(tags),
    )


@dataclass(frozen=True)
class _Multipolygon:
    """A relation that people cross (`use`), or that bars them."""

    number: int
    members: dict[int, str]
    use: WayUse | None
    name: int
    bars: bool


def _put_together(path: Path, made: list[_Multipolygon], ways: Ways, *, mode: str) -> Iterator[BarrierChain]:
    """Look the members of multipolygons up: areas are noted down, outlines of barriers are returned."""
    wanted = {way for relation in made for way in relation.members}
    if not wanted:
        return
    picked = picked_objects(path, osmium.osm.WAY, osmium.filter.IdFilter(wanted))
    held = {way: refs_of(nodes) for _, way, _, nodes in picked}
    for relation in made:
        there = [held[way] for way in relation.members if way in held]
        whole = len(there) == len(relation.members)
        if relation.use is not None:
            rings = closed_rings(there) if whole else ()
            outline = Outline(-(RELATION_FROM + relation.number), rings, relation.use, relation.name)
            if rings:
                # an outer way that carries the tags, too, is no further area without the holes
                outer = {way for way, role in relation.members.items() if role != "inner"}
                ways.outlines[:] = [other for other in ways.outlines if other.way not in outer]
            add_outline(ways, outline, mode=mode)
        if relation.bars:
            for refs in there:
                yield BarrierChain(refs, ground=whole, body=relation.number)
