"""The edges of a graph, each street once, whichever way round and however often the graph says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.sources.streets.cut import running_number
from lifecircle.sources.streets.rules import StreetRules, tag_word
from lifecircle.sources.streets.way_use import WayUse

_TAGS: Final = ("highway", "maxspeed", "bridge", "tunnel")
_NO_CLASS: Final = "unclassified"

__all__ = ["GraphEdges", "graph_edges"]


@dataclass(frozen=True)
class GraphEdges:
    """Streets of a graph as chains of nodes and bends.

    Attributes
    ----------
    node : int32, one per place of a chain: a node of the graph, or after them a bend
    part, step : int32, the street a place belongs to and its number along it
    bends : float64, n × 2, in the graph's CRS
    uses, use : every use that occurs; its number per street
    name, names : code per street (-1: none) and what it stands for
    stated_length_m : float64 per street, NaN where the graph states none
    """

    node: NDArray[np.int32]
    part: NDArray[np.int32]
    step: NDArray[np.int32]
    bends: NDArray[np.float64]
    uses: list[WayUse]
    use: NDArray[np.int32]
    name: NDArray[np.int32]
    names: tuple[str, ...]
    stated_length_m: NDArray[np.float64]


@dataclass
class _Street:
    """One street: its course from the first node, the directions found so far, and the edge back."""

    start: int
    end: int
    bends: list[tuple[float, float]]
    data: Mapping[str, Any]
    forward: bool
    backward: bool
    back_data: Mapping[str, Any] | None = None


def graph_edges(
    graph: nx.Graph, xy: NDArray[np.float64], rules: StreetRules, *, both_ways: bool
) -> GraphEdges:
    """Collect the streets of a graph.

    Parameters
    ----------
    graph
        In osmnx's conventions (see `lifecircle.sources.streets.graphs.from_networkx`).
    xy
        Its nodes' coordinates, in the graph's CRS and order.
    rules
        Rules of the mode: they say the usual speed and what is a bridge.
    both_ways
        Every edge is open both ways.
    """
    streets = _merged(graph, xy, both_ways=both_ways)
    uses: dict[WayUse, int] = {}
    names: dict[str, int] = {}
    # Equal uses and equal names are kept once, numbered in the order met.
    use = [uses.setdefault(_use(street, rules), len(uses)) for street in streets]
    words = [tag_word(street.data.get("name")) for street in streets]
    name = [names.setdefault(word, len(names)) if word else -1 for word in words]
    # Vertices of all streets in one row: start, bends and end of each.
    sizes = np.array([len(street.bends) + 2 for street in streets], np.int64)
    part = np.repeat(np.arange(len(streets), dtype=np.int32), sizes)
    first = np.cumsum(sizes) - sizes
    step = running_number(part)
    node = np.empty(len(part), np.int64)
    is_bend = np.ones(len(part), bool)
    is_bend[first], is_bend[first + sizes - 1] = False, False
    node[first] = [street.start for street in streets]
    node[first + sizes - 1] = [street.end for street in streets]
    node[is_bend] = len(xy) + np.arange(is_bend.sum())
    bends = [place for street in streets for place in street.bends]
    return GraphEdges(
        node=node.astype(np.int32),
        part=part,
        step=step,
        bends=np.array(bends, np.float64).reshape(-1, 2),
        uses=list(uses),
        use=np.array(use, np.int32),
        name=np.array(name, np.int32),
        names=tuple(names),
        stated_length_m=np.array([_length(street.data) for street in streets]),
    )


def _merged(graph: nx.Graph, xy: NDArray[np.float64], *, both_ways: bool) -> list[_Street]:
    """Streets in the order of the graph; edges that differ only in their direction are one."""
    merged: dict[tuple[Any, ...], _Street] = {}
    for start, end, bends, data in _courses(graph, xy):
        key = (start, end, tuple(bends), _osm_ids(data.get("osmid")))
        turned = (end, start, tuple(reversed(bends)), key[3])
        if turned in merged and turned != key:
            merged[turned].backward, merged[turned].back_data = True, data
        elif key not in merged:
            merged[key] = _Street(start, end, bends, data, forward=True, backward=both_ways)
    return list(merged.values())


def _osm_ids(value: Any) -> frozenset[str]:
    """The ways an edge was made of, in no order: simplifying may list them from either end."""
    if isinstance(value, (list, tuple, set)):
        return frozenset(map(str, value))
    return frozenset(re.findall(r"[^\[\], ]+", str(value)))


def _courses(
    graph: nx.Graph, xy: NDArray[np.float64]
) -> Iterator[tuple[int, int, list[tuple[float, float]], Mapping[str, Any]]]:
    """Number of the first and last node, the bends between them, and the attributes of every edge."""
    number = {label: at for at, label in enumerate(graph.nodes)}
    for start, end, data in graph.edges(data=True):
        first, last = number[start], number[end]
        shape = data.get("geometry")
        if shape is None or shape == "":
            yield first, last, [], data
            continue
        line = shapely.from_wkt(shape) if isinstance(shape, str) else shape
        course = shapely.get_coordinates(line)
        if not len(course):
            raise ValueError(f"the line of edge {start} - {end} has no places")
        # Both edges of a street may carry the line of one of them: it runs from the edge's own start.
        turned = _square(course[-1], xy[first]) + _square(course[0], xy[last])
        if turned < _square(course[0], xy[first]) + _square(course[-1], xy[last]):
            course = course[::-1]
        yield first, last, [(x, y) for x, y in course[1:-1].tolist()], data


def _square(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Square of the distance between two places."""
    return float(((one - other) ** 2).sum())


def _use(street: _Street, rules: StreetRules) -> WayUse:
    """How the mode may use a street that the graph holds: its class is not judged again."""
    tags = _tags(street.data)
    highway = tags.get("highway", "")
    return WayUse(
        highway=highway,
        forward=street.forward,
        backward=street.backward,
        speed_kmh=_speed_kmh(street.data, rules),
        speed_back_kmh=_speed_kmh(street.back_data or street.data, rules),
        steps=highway == "steps",
        bridge=rules.is_bridge(tags),
        joinable=rules.joinable(tags),
    )


def _tags(data: Mapping[str, Any]) -> dict[str, str]:
    """What an edge says in the words of OpenStreetMap."""
    return {key: word for key in _TAGS if (word := tag_word(data.get(key)))}


def _speed_kmh(data: Mapping[str, Any], rules: StreetRules) -> float:
    """The speed an edge states along its course, else that of its limit or class."""
    speed = tag_word(data.get("speed_kph"))
    return float(speed) if speed else rules.usual_speed({"highway": _NO_CLASS, **_tags(data)}, "forward")


def _length(data: Mapping[str, Any]) -> float:
    """The length an edge states, m; NaN where it states none."""
    word = tag_word(data.get("length"))
    return float(word) if word else np.nan
