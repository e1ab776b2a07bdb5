"""Graphs of osmnx and networkx, in memory and as GraphML, to streets and back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import networkx as nx
import numpy as np
import pyproj
import shapely

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.libraries import library_faults
from lifecircle.sources.files.shapes import placeable_crs
from lifecircle.sources.streets.cut import keep_within, streets_elsewhere
from lifecircle.sources.streets.graph_edges import GraphEdges, graph_edges
from lifecircle.sources.streets.rule_table import JoinRules, street_rules
from lifecircle.sources.streets.straight import straight_as_drawn
from lifecircle.sources.streets.way_use import use_columns
from lifecircle.tables import WGS84, StreetTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAPH_SUFFIXES: Final = (".graphml",)
WRITTEN_MODE: Final = "lifecircle_mode"
"""Attribute of a graph that a network was written as: the mode that its directions hold for."""

__all__ = ["GRAPH_SUFFIXES", "WRITTEN_MODE", "from_networkx", "read_graphml", "to_networkx"]


def read_graphml(
    path: str | Path,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    join: JoinRules | None = None,
) -> StreetTable:
    """Read streets from a GraphML file of osmnx, of `to_networkx` or of networkx.

    Parameters
    ----------
    path
        A .graphml file whose nodes carry ``x`` and ``y`` and whose graph carries ``crs``.
    mode, bounds, join
        See `from_networkx`.

    Returns
    -------
    StreetTable
        See `from_networkx`.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If it is not GraphML, or for the reasons of `from_networkx`.
    """
    if not Path(path).is_file():
        raise MissingInputError(Fault("no-file", file=str(path)))
    with library_faults(path, "graph-unreadable"):
        graph = nx.read_graphml(path, force_multigraph=True)
    return from_networkx(graph, mode=mode, bounds=bounds, join=join, source=str(path))


def from_networkx(
    graph: nx.Graph,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    join: JoinRules | None = None,
    source: str = "",
) -> StreetTable:
    """Make streets of a networkx graph in osmnx's conventions.

    The graph is taken to hold what the mode may use: edges are not judged again by their class. The two
    edges of a two-way street (equal but for their direction) become one street open both ways; a curved
    edge becomes a chain of segments, and so does one of a projected graph that would otherwise leave its
    straight line by over 1 cm in degrees. Lengths are those of the geometry: a ``length`` attribute that
    disagrees by more than 1 % (and 1 m) is counted.

    Parameters
    ----------
    graph
        Nodes carry ``x`` and ``y``; ``graph.graph["crs"]`` says in which CRS. Edges may carry
        ``geometry`` (LineString or WKT), ``osmid, name, highway, maxspeed, speed_kph, bridge, tunnel,
        length``; of several values the first counts. Undirected edges are open both ways.
    mode
        ``walk``, ``bike`` or ``drive``. On foot every edge is open both ways, unless `to_networkx`
        wrote the graph for walking.
    bounds
        Polygon in WGS 84: only segments that touch it are kept. None keeps all.
    join
        Which streets points may join; as ``street_rules.toml`` says if None.
    source
        What the graph was read from, for messages.

    Returns
    -------
    StreetTable
        Nodes keep their labels as ``node_id`` where all are integers (bends are numbered below
        them), else they are numbered. ``way`` is the running number of the street.

    Raises
    ------
    InputError
        If the graph has no CRS, nodes without coordinates, or no usable edge (within `bounds`).
    """
    rules = street_rules(mode, join)
    xy, labels = _node_places(graph, source)
    one_way = graph.is_directed() and (mode != "walk" or graph.graph.get(WRITTEN_MODE) == "walk")
    with library_faults(source, "graph-unreadable"):
        edges = graph_edges(graph, xy, rules, both_ways=not one_way)
    if not len(edges.part):
        raise InputError(Fault("graph-without-edges", file=source, values={"nodes": len(xy)}))
    streets = _segments(edges, xy, labels, crs=graph.graph["crs"], mode=mode, source=source)
    kept = keep_within(streets, bounds)
    if not len(kept):
        raise streets_elsewhere(streets, bounds, file=source)
    return straight_as_drawn(kept, pyproj.CRS.from_user_input(graph.graph["crs"]))


def to_networkx(streets: StreetTable) -> nx.MultiDiGraph:
    """Make an unsimplified graph in osmnx's conventions (osmnx 2): every segment an edge per open direction.

    Parameters
    ----------
    streets
        Streets of any source.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are ``node_id`` with ``x, y`` (degrees); ``graph["crs"]`` is EPSG:4326. Edges carry
        ``osmid`` (the way), ``segment``, ``length`` (geodesic, m), ``geometry``, ``oneway``,
        ``reversed`` and, where known, ``name``, ``highway``, ``speed_kph``, ``bridge``.
    """
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified=False, **{WRITTEN_MODE: streets.mode})
    labels = streets.node_id.tolist()
    graph.add_nodes_from(
        (label, {"x": x, "y": y})
        for label, x, y in zip(labels, streets.lon.tolist(), streets.lat.tolist(), strict=True)
    )
    for open_way, back in ((streets.forward, False), (streets.backward, True)):
        at = np.flatnonzero(open_way)
        start, end = (streets.v, streets.u) if back else (streets.u, streets.v)
        data = _edge_attributes(streets, at, start[at], end[at], back=back)
        graph.add_edges_from(
            (labels[a], labels[b], attributes)
            for a, b, attributes in zip(start[at].tolist(), end[at].tolist(), data, strict=True)
        )
    return graph


def _node_places(graph: nx.Graph, source: str) -> tuple[NDArray[np.float64], list[int] | None]:
    """Coordinates of the nodes as the graph states them, and their labels where all are whole numbers."""
    if not graph.graph.get("crs"):
        raise InputError(Fault("streets-without-crs", file=source))
    xy = np.array([[_number(data.get("x")), _number(data.get("y"))] for _, data in graph.nodes(data=True)])
    xy = xy.reshape(-1, 2)
    lost = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(lost):
        first = list(graph.nodes)[lost[0]]
        values = {"count": len(lost), "node": first}
        raise InputError(Fault("graph-without-coordinates", file=source, values=values))
    labels = [str(label) for label in graph.nodes]
    whole = all(re.fullmatch(r"-?\d{1,18}", label) for label in labels)
    numbers = [int(label) for label in labels] if whole else []
    return xy, numbers if len(set(numbers)) == len(xy) else None


def _number(value: Any) -> float:
    """A coordinate as a number, NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _segments(
    edges: GraphEdges,
    xy: NDArray[np.float64],
    labels: list[int] | None,
    *,
    crs: Any,
    mode: str,
    source: str,
) -> StreetTable:
    """Part every edge at its bends."""
    places = np.concatenate([xy, edges.bends])
    system, shift = placeable_crs(
        crs, file=source, place=tuple(places[0]) if len(places) else (np.nan, np.nan)
    )
    lon, lat = pyproj.Transformer.from_crs(system, WGS84, always_xy=True).transform(
        places[:, 0], places[:, 1]
    )
    if not np.isfinite(lon).all() or (np.abs(lon) > 180).any() or (np.abs(lat) > 90).any():
        raise InputError(Fault("streets-not-degrees", file=source, values={"crs": system.name}))
    # Bends have no label: they are numbered downwards, below every label that is there.
    known = np.arange(len(xy)) if labels is None else np.array(labels, np.int64)
    bend_ids = min(int(known.min(initial=0)), 0) - 1 - np.arange(len(edges.bends))
    # Two vertices in a row are a segment where they are of one edge and not at one place.
    pair = edges.part[:-1] == edges.part[1:]
    moves = pair & (edges.node[:-1] != edges.node[1:])
    part = edges.part[:-1][moves]
    length_m = np.zeros(len(edges.stated_length_m))
    streets = StreetTable(
        lon=lon,
        lat=lat,
        node_id=np.concatenate([known, bend_ids]).astype(np.int64),
        u=edges.node[:-1][moves],
        v=edges.node[1:][moves],
        way=part.astype(np.int64),
        segment=edges.step[:-1][moves],
        name=edges.name[part],
        **use_columns(edges.uses, edges.use[part]),
        names=edges.names,
        mode=mode,
        source=source,
        counts={
            "street-segments-of-no-length": int(pair.sum() - moves.sum()),
            "street-datum-rough": int(moves.sum()) if shift.rough else 0,
        },
    )
    # Lengths are measured, never believed; stated ones that differ by over 1 m and 1 % are counted.
    np.add.at(length_m, streets.way, _geodesic_m(streets))
    differ = np.abs(edges.stated_length_m - length_m)
    wrong = (differ > 1.0) & (differ > 0.01 * length_m)
    streets.counts["street-lengths-differ"] = int(wrong.sum())
    return streets.keep(np.ones(len(streets), bool))


def _geodesic_m(streets: StreetTable) -> NDArray[np.float64]:
    """Length of every segment on the WGS 84 ellipsoid, m."""
    u, v = streets.u, streets.v
    lon, lat = streets.lon, streets.lat
    return np.asarray(pyproj.Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])[2])


def _edge_attributes(
    streets: StreetTable,
    at: NDArray[np.intp],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    *,
    back: bool,
) -> list[dict[str, Any]]:
    """What osmnx would say of each edge."""
    xy = np.column_stack([streets.lon, streets.lat])
    speeds = streets.speed_back_kmh if back else streets.speed_kmh
    columns = {
        "osmid": streets.way[at].tolist(),
        "segment": streets.segment[at].tolist(),
        "length": _geodesic_m(streets)[at].tolist(),
        "geometry": shapely.linestrings(xy[np.stack([start, end], axis=1)]).tolist(),
        "oneway": (streets.forward[at] != streets.backward[at]).tolist(),
        "reversed": [back] * len(at),
        "name": [streets.names[code] if code >= 0 else None for code in streets.name[at].tolist()],
        "highway": [streets.highways[code] if code >= 0 else None for code in streets.highway[at].tolist()],
        "speed_kph": [None if np.isnan(speed) else speed for speed in speeds[at].tolist()],
        "bridge": ["yes" if bridge else None for bridge in streets.bridge[at].tolist()],
    }
    return [
        {key: value for key, value in zip(columns, values, strict=True) if value is not None}
        for values in zip(*columns.values(), strict=True)
    ]
