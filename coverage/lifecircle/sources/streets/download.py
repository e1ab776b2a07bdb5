"""Streets downloaded from OpenStreetMap through osmnx: only when a study asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import networkx as nx
import numpy as np
import platformdirs
import shapely

from lifecircle.errors import Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.sources.streets.cut import running_number
from lifecircle.sources.streets.rules import StreetRules, WayUse, street_rules, tag_word, use_columns
from lifecircle.tables import StreetTable

_NAME_KEYS: Final = ("name", "name:zh", "ref")
_TURNED_BY_OSMNX: Final = ("-1", "reverse", "T")

__all__ = ["download_streets", "judged_streets", "raw_ways"]


def download_streets(
    place: str | shapely.Geometry, *, mode: str = "walk", cache: str | Path | None = None
) -> StreetTable:
    """Fetch streets from the Overpass API, once: what was fetched before is read from the cache.

    Every way with ``highway=*`` is fetched and judged by ``street_rules.toml``, so that a download and
    an extract of the same place give the same streets.

    Parameters
    ----------
    place
        A name that Nominatim knows as an area, or a polygon in WGS 84.
    mode
        ``walk``, ``bike`` or ``drive``.
    cache
        Folder of the cache; the user's cache folder if None.

    Returns
    -------
    StreetTable
        WGS 84; ``node_id`` and ``way`` are OSM ids; ``segment`` numbers the pieces of a way found.

    Raises
    ------
    InputError
        If there is no connection, the place is unknown or no area, or it holds no street that the mode
        may use.
    """
    require_extra("osm")
    import osmnx as ox  # noqa: PLC0415 (takes seconds; needed here only)
    import requests  # noqa: PLC0415

    rules = street_rules(mode)
    name = place if isinstance(place, str) else place.envelope.wkt
    folder = Path(cache) if cache else Path(platformdirs.user_cache_dir("lifecircle")) / "osmnx"
    fetch = ox.graph_from_place if isinstance(place, str) else ox.graph_from_polygon
    try:
        with raw_ways(rules, cache_folder=str(folder), use_cache=True):
            graph = fetch(
                place, custom_filter='["highway"]', simplify=False, retain_all=True, truncate_by_edge=True
            )
    except (requests.RequestException, OSError, ValueError, TypeError) as error:
        raise InputError(Fault("download-failed", file=name, values={"why": error})) from error
    return judged_streets(graph, rules, source=f"osm:{name}")


@contextmanager
def raw_ways(rules: StreetRules, **settings: Any) -> Iterator[None]:
    """Make osmnx draw every way once with the tags the rules read; its settings come back afterwards."""
    import osmnx as ox  # noqa: PLC0415

    settings |= {"all_oneway": True, "useful_tags_way": [*rules.keys, *_NAME_KEYS]}
    before = {key: getattr(ox.settings, key) for key in settings}
    try:
        for key, value in settings.items():
            setattr(ox.settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(ox.settings, key, value)


def judged_streets(graph: nx.MultiDiGraph, rules: StreetRules, *, source: str) -> StreetTable:
    """Judge the ways of an unsimplified graph that osmnx made within `raw_ways`.

    Raises
    ------
    InputError
        If none of them is a street to the mode.
    """
    ways = _Ways(rules)
    for u, v, data in graph.edges(data=True):
        ways.add(u, v, data)
    if not ways.segments:
        left_out = sum(map(len, ways.left_out.values()))
        raise InputError(Fault("no-streets", file=source, values={"mode": rules.mode, "ways": left_out}))
    # A segment's number must not depend on the order in which Overpass answers.
    way, u_id, v_id, use, name = np.array(sorted(ways.segments), np.int64).T
    node_id = np.array(list(graph.nodes), np.int64)
    order = np.argsort(node_id)
    lon, lat = (np.array([graph.nodes[node][axis] for node in node_id[order].tolist()]) for axis in "xy")
    streets = StreetTable(
        lon=lon,
        lat=lat,
        node_id=node_id[order],
        u=np.searchsorted(node_id[order], u_id).astype(np.int32),
        v=np.searchsorted(node_id[order], v_id).astype(np.int32),
        way=way,
        segment=running_number(way),
        name=name.astype(np.int32),
        **use_columns(ways.uses, use),
        names=tuple(ways.names),
        mode=rules.mode,
        source=source,
        counts={reason: len(of_reason) for reason, of_reason in ways.left_out.items()},
    )
    return streets.keep(np.ones(len(streets), bool))


class _Ways:
    """Collects the segments of ways that the mode may use; each combination of tags is judged once."""

    def __init__(self, rules: StreetRules) -> None:
        self.rules = rules
        self.segments: list[tuple[int, int, int, int, int]] = []
        self.uses: list[WayUse] = []
        self.names: dict[str, int] = {}
        self.left_out: dict[str, set[int]] = {}
        self._judged: dict[tuple[str, ...], int] = {}

    def add(self, u: int, v: int, data: Mapping[str, Any]) -> None:
        """Take one segment in."""
        words = tuple(tag_word(data.get(key)) for key in self.rules.keys)
        use = self._judged.setdefault(words, len(self.uses))
        tags = {key: word for key, word in zip(self.rules.keys, words, strict=True) if word}
        if use == len(self.uses):
            self.uses.append(self.rules.judge(tags))
        if reason := self.uses[use].left_out or ("street-areas" if self.uses[use].area else ""):
            self.left_out.setdefault(reason, set()).add(data["osmid"])
            return
        word = next((word for key in _NAME_KEYS if (word := tag_word(data.get(key)))), "")
        name = self.names.setdefault(word, len(self.names)) if word else -1
        # osmnx turns the course of such ways round; the rules speak of the way as mapped.
        if tags.get("oneway") in _TURNED_BY_OSMNX:
            u, v = v, u
        if u != v:
            self.segments.append((data["osmid"], u, v, use, name))
