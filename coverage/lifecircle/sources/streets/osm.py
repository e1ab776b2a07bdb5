"""Streets of an OpenStreetMap file (.osm.pbf, .osm, .osm.gz, .osm.bz2), as one mode may use them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import osmium.filter
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.sources.osm.file import Box, NodePlaces, declared_box, node_index, opened_osm
from lifecircle.sources.osm.sorting import mapped_ids
from lifecircle.sources.osm.text import picked_objects, plain_word, refs_of, tags_as_written
from lifecircle.sources.osm.xml_faults import MOST
from lifecircle.sources.streets.cut import is_member, keep_within, streets_elsewhere
from lifecircle.sources.streets.gates import GateNodes, GateReader, Gates, parted_at
from lifecircle.sources.streets.ground import Ways, add_outline, ground_tests, read_ground
from lifecircle.sources.streets.rings import Outline, closed_rings
from lifecircle.sources.streets.rule_table import JoinRules, barrier_rules, street_rules
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.sources.streets.square_ground import Walls
from lifecircle.sources.streets.squares import crossed_areas
from lifecircle.sources.streets.turns import TurnRule, read_turns
from lifecircle.sources.streets.walls import chain_pieces
from lifecircle.sources.streets.way_use import use_columns
from lifecircle.tables import StreetTable

BELIEVED_WITHIN_KM: Final = 2.0
"""How far a side of the box in a file's header may be from its streets and still be believed."""

_KM_PER_DEGREE: Final = 111.2

__all__ = ["BELIEVED_WITHIN_KM", "believed_extent", "read_osm_streets"]


def read_osm_streets(
    path: str | Path,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    gates: Gates = "as-mapped",
    turns: TurnRule = "as-mapped",
    join: JoinRules | None = None,
) -> StreetTable:
    """Read the streets of an OpenStreetMap file.

    Every edge is one straight segment between two consecutive nodes of a way, or a line across an area
    (`lifecircle.sources.streets.squares`). Which ways, which way round and how fast is the table
    ``street_rules.toml``. Nodes that close a way part it. Nodes that a way names and the file does not
    hold are counted, and the way is parted there. Ferries are no streets.

    Parameters
    ----------
    path
        An .osm.pbf, .osm, .osm.gz or .osm.bz2 file, in any order (`lifecircle.sources.osm.sorting`).
    mode
        ``walk``, ``bike`` or ``drive``.
    bounds
        Polygon in WGS 84: only segments that touch it are kept. None keeps all.
    gates
        ``as-mapped``: nodes close ways as their tags say; ``open``: none does.
    turns
        ``as-mapped``: turn restrictions bind drivers and cyclists; ``open``: none does.
    join
        Which streets points may join; as ``street_rules.toml`` says if None.

    Returns
    -------
    StreetTable
        WGS 84. ``node_id`` and ``way`` are OSM ids; nodes made where a way crosses an outline and at
        closed gates are numbered below all others. Names are ``name``, else ``name:zh``, else
        ``ref``. ``extent`` is the box in the file's header where it can be believed
        (`believed_extent`). Each key of ``counts`` is a message under ``quality.*``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If osmium cannot read it, it lists changes to another file, or it holds no street that the mode
        may use (within `bounds`).
    """
    rules = street_rules(mode, join)
    with opened_osm(path) as plain:
        ways, places, nodes = _read_ways(plain, rules)
        chains = read_ground(plain, rules, ways)
        shut = nodes.closed if gates == "as-mapped" else np.empty(0, np.int64)
        walls = Walls(
            [chain.refs for chain in chains if chain.wall],
            gates=np.concatenate([nodes.open, np.setdiff1d(nodes.closed, shut)]),
            closed=shut,
        )
        restrictions = read_turns(plain, rules)
        box = declared_box(plain)
        whole = _street_table(ways, places, walls, mode=mode, source=str(path), box=box)
    pieces, body = chain_pieces(chains, places, plot_m2=barrier_rules().plot_m2)
    if len(whole):
        parted, closed = parted_at(whole, nodes.closed)
        streets = parted if gates == "as-mapped" else whole
        key = "street-gates-closed" if gates == "as-mapped" else "street-gates-taken-as-open"
        whole = dataclasses.replace(streets, counts={**streets.counts, key: closed})
    whole = restrictions.applied_to(whole, turns)
    kerbs = nodes.kerbs[is_member(nodes.kerbs, whole.node_id)]
    residents = {"street-destination-only": int(whole.destination.sum())}
    whole = dataclasses.replace(
        whole,
        counts={**whole.counts, **residents},
        kerbs=mapped_ids(kerbs),
        node_id=mapped_ids(whole.node_id),
        way=mapped_ids(whole.way),
        barriers=pieces,
        barrier_body=body,
    )
    streets = keep_within(whole, bounds)
    if not len(streets):
        if len(whole):
            raise streets_elsewhere(whole, bounds, file=str(path))
        raise InputError(Fault("no-streets", file=str(path), values={"mode": mode, "ways": ways.seen}))
    return streets


def _require_places(
    ids: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64], *, file: str
) -> None:
    """Refuse nodes of streets that lie nowhere: osmium looks at the degrees of XML, and not of PBF.

    Raises
    ------
    InputError
        Naming them, the first `xml_faults.MOST`.
    """
    faults = [
        Fault("osm-object-broken", file=file, row=f"node {node}", field=name, values={"found": f"{degree:g}"})
        for name, degrees, most in (("lon", lon, 180.0), ("lat", lat, 90.0))
        for beyond in [np.flatnonzero(np.abs(degrees) > most)[:MOST]]
        for node, degree in zip(mapped_ids(ids[beyond]), degrees[beyond], strict=True)
    ]
    if faults:
        raise InputError(faults[:MOST])


def believed_extent(box: Box | None, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Box | None:
    """The box a file declares, if its streets bear it out: each side within 2 km of theirs.

    Some extracts declare the whole world or a quarter of it; taken at its word, no unit of a study
    would ever be near the edge of its data.

    Parameters
    ----------
    box
        West, south, east, north, degrees; None where nothing is declared.
    lon, lat
        Nodes of the streets, degrees.
    """
    if box is None or not len(lon):
        return None
    extent = np.array([lon.min(), lat.min(), lon.max(), lat.max()])
    km_per_degree_lon = _KM_PER_DEGREE * np.cos(np.radians((extent[1] + extent[3]) / 2))
    km = np.abs(np.array(box) - extent) * np.array([km_per_degree_lon, _KM_PER_DEGREE] * 2)
    return box if (km <= BELIEVED_WITHIN_KM).all() else None


def _read_ways(path: Path, rules: StreetRules) -> tuple[Ways, NodePlaces, GateNodes]:
    """Nodes, use and name of every way the mode may use, where all nodes lie, and which are gates.

    Each combination of tags is judged once.
    """
    read, gates = Ways(), GateReader(rules)
    judged: dict[tuple[str | None, ...], int] = {}
    keys = rules.keys
    tests = ground_tests(rules)
    on_ground = {f"{key}={value}" for key, value in tests}
    either = osmium.osm.WAY | osmium.osm.RELATION
    with node_index() as index:
        picked = picked_objects(
            path,
            osmium.osm.NODE | either,
            osmium.filter.KeyFilter(*gates.keys).enable_for(osmium.osm.NODE),
            osmium.filter.KeyFilter("highway", *{key for key, _ in tests}).enable_for(either),
            index=index,
        )
        for kind, number, tags, members in picked:
            if kind == "n":
                gates.see(number, tags)
                continue
            if kind == "r" or not on_ground.isdisjoint(tags.split(",")):
                read.ground.append((kind, number, tags, members))
            written = tags_as_written(tags)
            if kind == "r" or "highway" not in written:
                continue
            read.seen += 1
            values = tuple(map(written.get, keys))
            use = judged.get(values)
            if use is None:
                said = zip(keys, values, strict=True)
                use = judged[values] = len(read.uses)
                read.uses.append(
                    rules.judge({key: plain_word(value) for key, value in said if value is not None})
                )
            meant = read.uses[use]
            if meant.left_out:
                read.left_out[meant.left_out] += 1
                continue
            refs = refs_of(members)
            # an outline that does not close bounds nothing: it is walked along
            if meant.area and refs[:1] == refs[-1:]:
                outline = Outline(number, closed_rings([refs]), meant, read.named(written))
                add_outline(read, outline, mode=rules.mode)
                continue
            read.add(number, refs, use, read.named(written))
        return read, index.places(), gates.nodes()


def _street_table(
    ways: Ways, places: NodePlaces, walls: Walls, *, mode: str, source: str, box: Box | None
) -> StreetTable:
    """Part the ways into segments, and add the lines across areas."""
    # Way, number along it and position among all nodes of every node of the ways; -1 where the file lacks it.
    sizes = np.frombuffer(ways.sizes, np.int32).astype(np.int64)
    refs = np.frombuffer(ways.refs, np.int64)
    of_way = np.repeat(np.arange(len(sizes)), sizes)
    step = np.arange(len(of_way)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row = places.rows(refs)
    missing = len(np.unique(refs[row < 0]))
    # Two nodes in a row are a segment where they are of one way, both known, and not at one place.
    pair = of_way[:-1] == of_way[1:]
    whole = pair & (row[:-1] >= 0) & (row[1:] >= 0)
    moves = whole & (row[:-1] != row[1:])
    # Nodes that any way uses, numbered anew in their order.
    used = np.zeros(len(places), bool)
    used[row[row >= 0]] = True
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    of = of_way[:-1][moves]
    use = np.frombuffer(ways.use, np.int32)[of]
    lon, lat = places.lon[used], places.lat[used]
    _require_places(places.ids[used], lon, lat, file=source)
    streets = StreetTable(
        lon=lon,
        lat=lat,
        node_id=places.ids[used],
        u=number[row[:-1][moves]],
        v=number[row[1:][moves]],
        way=np.frombuffer(ways.ids, np.int64)[of],
        segment=step[:-1][moves].astype(np.int32),
        name=np.frombuffer(ways.name, np.int32)[of],
        **use_columns(ways.uses, use),
        names=tuple(map(plain_word, ways.names)),
        mode=mode,
        source=source,
        extent=believed_extent(box, lon, lat),
        counts={
            **ways.left_out,
            "street-nodes-missing": missing,
            "street-segments-missing": int(pair.sum() - whole.sum()),
            "street-segments-of-no-length": int(whole.sum() - moves.sum()),
        },
    )
    if ways.outlines and len(streets):
        level = np.array([meant.level for meant in ways.uses], np.int8)[use]
        broken = streets.counts.get("street-areas-broken", 0)
        streets = crossed_areas(streets, ways.outlines, places=places, level=level, walls=walls)
        streets.counts["street-areas-broken"] += broken
    return streets.keep(np.ones(len(streets), bool))
