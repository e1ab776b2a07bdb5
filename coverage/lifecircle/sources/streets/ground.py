"""What a pass over an OpenStreetMap file collects: its ways, the areas people cross, what bars walks."""

from __future__ import annotations

import dataclasses
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import osmium.filter

from lifecircle.sources.streets.rings import RELATION_FROM, Outline, closed_rings
from lifecircle.sources.streets.rule_table import area_tests, barrier_rules
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.sources.streets.walls import BarrierChain
from lifecircle.sources.streets.way_use import WayUse

__all__ = ["Ways", "add_outline", "read_ground"]


@dataclass
class Ways:
    """What one pass over the ways collects; text and rules are coded, numbers are packed."""

    xy: bytearray = field(default_factory=bytearray)
    """Degrees of the ways' nodes, one way after another."""
    sizes: array[int] = field(default_factory=lambda: array("i"))
    """Nodes of each way; 0 where some have no place, and `refs` names them."""
    ids: array[int] = field(default_factory=lambda: array("q"))
    use: array[int] = field(default_factory=lambda: array("i"))
    name: array[int] = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=dict)
    uses: list[WayUse] = field(default_factory=list)
    refs: dict[int, list[int]] = field(default_factory=dict)
    """Node ids by the way's number, where places do not tell the nodes."""
    outlines: list[Outline] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    def add_line(self, number: int, refs: list[int], use: WayUse, name: int) -> None:
        """Note a way down whose nodes are known by their ids."""
        self.refs[len(self.ids)] = refs
        self.sizes.append(0)
        self.ids.append(number)
        self.use.append(len(self.uses))
        self.uses.append(dataclasses.replace(use, highway="platform", area=False))
        self.name.append(name)

    def named(self, tags: Any) -> int:
        """Code of the name in an object's tags; -1 where it has none."""
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


def read_ground(path: Path, rules: StreetRules, ways: Ways) -> list[BarrierChain]:
    """Areas mapped without a class of street and multipolygons of either kind; returns what bars walks.

    Two passes: ways and relations with a tag of either table, and the ways that these relations are made of.
    """
    bars = barrier_rules()
    crossed = {} if rules.mode == "drive" else area_tests()
    tests = [(key, value) for table in (crossed, bars.classes) for key in table for value in table[key]]
    keys = frozenset((*rules.keys, *crossed, *bars.classes, "covered", "location"))
    chains: list[BarrierChain] = []
    made: list[_Multipolygon] = []
    # most ways fall to their keys already, which is quicker to see than that no tag of the tables fits
    mapped = osmium.filter.KeyFilter(*({"highway"} if crossed else set()), *(key for key, _ in tests))
    shown = (
        osmium.FileProcessor(str(path), osmium.osm.WAY | osmium.osm.RELATION)
        .with_filter(mapped)
        .with_filter(osmium.filter.TagFilter(*tests).enable_for(osmium.osm.WAY))
    )
    for thing in shown:
        tags = {tag.k: tag.v for tag in thing.tags if tag.k in keys}
        if isinstance(thing, osmium.osm.Relation):
            use = rules.judge_area(tags)
            use = None if use is None or use.left_out else use
            if thing.tags.get("type") == "multipolygon" and (use is not None or bars.holds(tags)):
                members = {part.ref: part.role for part in thing.members if part.type == "w"}
                name = ways.named(thing.tags)
                made.append(_Multipolygon(thing.id, members, use, name, bars=bars.holds(tags)))
            continue
        refs = [node.ref for node in thing.nodes]
        closed = thing.is_closed()
        if bars.holds(tags):
            wall = bars.parts_areas(tags)
            chains.append(BarrierChain(refs, ground=closed and bars.is_ground(tags), wall=wall))
        # A way with a class of street is a line, or was met as an area among the ways.
        use = None if "highway" in tags else rules.judge_area(tags)
        if use is not None and not use.left_out and not closed:
            # a platform drawn as a line is walked along; a car park or a square that does not close is none
            if rules.is_platform(tags):
                ways.add_line(thing.id, refs, use, ways.named(thing.tags))
        elif use is not None and not use.left_out:
            outline = Outline(thing.id, closed_rings([refs]), use, ways.named(thing.tags))
            add_outline(ways, outline, mode=rules.mode)
    return [*chains, *_put_together(path, made, ways, mode=rules.mode)]


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
    member_ways = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.IdFilter(wanted))
    refs_of = {way.id: [node.ref for node in way.nodes] for way in member_ways}
    for relation in made:
        there = [refs_of[way] for way in relation.members if way in refs_of]
        whole = len(there) == len(relation.members)
        if relation.use is not None:
            rings = closed_rings(there) if whole else ()
            outline = Outline(-(RELATION_FROM + relation.number), rings, relation.use, relation.name)
            if rings:
                # an outer way that carries the tags, too, is no further area without the holes
                outer = {way for way, role in relation.members.items() if role != "inner"}
                ways.outlines[:] = [held for held in ways.outlines if held.way not in outer]
            add_outline(ways, outline, mode=mode)
        if relation.bars:
            for refs in there:
                yield BarrierChain(refs, ground=whole, body=relation.number)
