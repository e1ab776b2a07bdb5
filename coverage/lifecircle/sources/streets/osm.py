"""Streets of an OpenStreetMap file (.osm.pbf, .osm, .osm.gz, .osm.bz2), as one mode may use them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import osmium.filter
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.sources.osm.file import Box, NodePlaces, declared_box, drawn_places, node_places, osm_faults
from lifecircle.sources.streets.cut import keep_within
from lifecircle.sources.streets.rules import StreetRules, WayUse, street_rules, use_columns
from lifecircle.tables import StreetTable

BELIEVED_WITHIN_KM: Final = 2.0
"""How far a side of the box in a file's header may be from its streets and still be believed."""

_KM_PER_DEGREE: Final = 111.2

__all__ = ["BELIEVED_WITHIN_KM", "believed_extent", "read_osm_streets"]


def read_osm_streets(
    path: str | Path, *, mode: str = "walk", bounds: shapely.Geometry | None = None
) -> StreetTable:
    """Read the streets of an OpenStreetMap file.

    Every edge is one straight segment between two consecutive nodes of a way. Which ways, which way
    round and how fast is the table ``street_rules.toml``. Nodes that a way names and the file does
    not hold are counted, and the way is parted there. Ferries are no streets.

    Parameters
    ----------
    path
        An .osm.pbf, .osm, .osm.gz or .osm.bz2 file.
    mode
        ``walk``, ``bike`` or ``drive``.
    bounds
        Polygon in WGS 84: only segments with at least one end inside are kept. None keeps all.

    Returns
    -------
    StreetTable
        WGS 84. ``node_id`` and ``way`` are OSM ids; names are ``name``, else ``name:zh``, else
        ``ref``. ``extent`` is the box in the file's header where it can be believed
        (`believed_extent`). Each key of ``counts`` is a message under ``quality.*``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If osmium cannot read it, or it holds no street that the mode may use (within `bounds`).
    """
    rules = street_rules(mode)
    with osm_faults(path):
        ways = _read_ways(path, rules)
        places = [node_places(path)]
        if ways.refs and min(ways.refs) < 0:
            places.append(drawn_places(path))
        box = declared_box(path)
    whole = _street_table(ways, places, mode=mode, source=str(path), box=box)
    streets = keep_within(whole, bounds)
    if not len(streets):
        key = "no-streets-within-bounds" if len(whole) else "no-streets"
        raise InputError(Fault(key, file=str(path), values={"mode": mode, "ways": ways.seen}))
    return streets


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
    found = np.array([lon.min(), lat.min(), lon.max(), lat.max()])
    km_per_degree_lon = _KM_PER_DEGREE * np.cos(np.radians((found[1] + found[3]) / 2))
    km = np.abs(np.array(box) - found) * np.array([km_per_degree_lon, _KM_PER_DEGREE] * 2)
    return box if (km <= BELIEVED_WITHIN_KM).all() else None


@dataclass
class _Ways:
    """What one pass over the ways collects; text and rules are coded, numbers are packed."""

    refs: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("i"))
    ids: array[int] = field(default_factory=lambda: array("q"))
    use: array[int] = field(default_factory=lambda: array("i"))
    name: array[int] = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=dict)
    uses: list[WayUse] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: int = 0


def _read_ways(path: str | Path, rules: StreetRules) -> _Ways:
    """Node ids, use and name of every way the mode may use; each combination of tags is judged once."""
    found = _Ways()
    judged: dict[tuple[str | None, ...], int] = {}
    keys = rules.keys
    processor = osmium.FileProcessor(str(path), osmium.osm.WAY)
    for way in processor.with_filter(osmium.filter.KeyFilter("highway")):
        found.seen += 1
        get = way.tags.get
        values = tuple([get(key) for key in keys])
        use = judged.get(values)
        if use is None:
            tags = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
            use = judged[values] = len(found.uses)
            found.uses.append(rules.judge(tags))
        if found.uses[use].left_out:
            found.left_out[found.uses[use].left_out] += 1
            continue
        refs = [node.ref for node in way.nodes]
        found.refs.extend(refs)
        found.sizes.append(len(refs))
        found.ids.append(way.id)
        found.use.append(use)
        name = get("name") or get("name:zh") or get("ref")
        found.name.append(found.names.setdefault(name, len(found.names)) if name else -1)
    return found


def _street_table(
    ways: _Ways, places: Sequence[NodePlaces], *, mode: str, source: str, box: Box | None
) -> StreetTable:
    """Part the ways into segments and look their nodes up."""
    sizes = np.frombuffer(ways.sizes, np.int32)
    node_id, at = np.unique(np.frombuffer(ways.refs, np.int64), return_inverse=True)
    lon, lat = _look_up(places, node_id)
    known = ~np.isnan(lon)
    of_way = np.repeat(np.arange(len(sizes)), sizes)
    place_in_way = np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pair = (of_way[:-1] == of_way[1:]) & _latest(ways.ids)[of_way[:-1]]
    whole = pair & known[at[:-1]] & known[at[1:]]
    moves = whole & (at[:-1] != at[1:])
    of_way = of_way[:-1][moves]
    streets = StreetTable(
        lon=lon,
        lat=lat,
        node_id=node_id,
        u=at[:-1][moves].astype(np.int32),
        v=at[1:][moves].astype(np.int32),
        way=np.frombuffer(ways.ids, np.int64)[of_way],
        segment=place_in_way[:-1][moves].astype(np.int32),
        name=np.frombuffer(ways.name, np.int32)[of_way],
        **use_columns(ways.uses, np.frombuffer(ways.use, np.int32)[of_way]),
        names=tuple(ways.names),
        mode=mode,
        source=source,
        extent=believed_extent(box, lon[known], lat[known]),
        counts={
            **ways.left_out,
            "street-nodes-missing": int(len(known) - known.sum()),
            "street-segments-missing": int(pair.sum() - whole.sum()),
            "street-segments-of-no-length": int(whole.sum() - moves.sum()),
        },
    )
    return streets.keep(np.ones(len(streets), bool))


def _look_up(
    places: Sequence[NodePlaces], node_id: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude from the first index that holds the node; NaN where none does."""
    lon, lat = places[0].look_up(node_id)
    for more in places[1:]:
        lacking = np.isnan(lon)
        lon[lacking], lat[lacking] = more.look_up(node_id[lacking])
    return lon, lat


def _latest(ids: array[int]) -> NDArray[np.bool_]:
    """Marks the last of several versions of a way, so that a segment's id is unique."""
    backwards = np.frombuffer(ids, np.int64)[::-1]
    latest = np.zeros(len(backwards), bool)
    latest[np.unique(backwards, return_index=True)[1]] = True
    return latest[::-1]
