"""Streets from any source, ready to route on, and back to networkx."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import networkx as nx
import numpy as np

from lifecircle.arguments import require, require_method
from lifecircle.errors import Fault, InputError, LifecircleWarning, require_type
from lifecircle.messages import text
from lifecircle.network import Network, build_network, edges_frame
from lifecircle.network.profiles import PROFILES, Profile, passable
from lifecircle.network.slope import Slopes, slopes
from lifecircle.sources import ReadingLog, node_heights
from lifecircle.sources import read_streets as read_street_table
from lifecircle.sources.elevation import check_elevation
from lifecircle.sources.streets.gates import parted_at
from lifecircle.sources.streets.graphs import WRITTEN_MODE
from lifecircle.sources.streets.graphs import from_networkx as street_table_of
from lifecircle.sources.streets.rule_table import JoinRules
from lifecircle.tables import MODE_SPEED_KMH, WGS84, StreetTable

_APART: Final = ("street-crossings-without-node", "street-ends-short")
"""Counts of places where lines were perhaps meant to meet and do not: no way leads across."""

__all__ = ["from_networkx", "network_open_to", "read_streets", "slopes_of", "to_networkx"]


def read_streets(
    source: str | Path,
    *,
    mode: str = "walk",
    speed_kmh: float | None = None,
    boundary: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    min_component_m: float = 5000.0,
    elevation: str | Path | None = None,
    profile: str | None = None,
    gates: Literal["as-mapped", "open"] = "as-mapped",
    turns: Literal["as-mapped", "open"] = "as-mapped",
    tolerance_m: float = 0.01,
    split_crossings: bool = False,
    join: JoinRules | None = None,
) -> Network:
    """Read streets and build the network of one mode.

    Parameters
    ----------
    source
        .osm.pbf, .osm(.gz), .graphml or a line layer (.gpkg, .shp, .geojson, .parquet).
    mode
        walk, bike or drive.
    speed_kmh
        Speed along streets (for driving: of the walk to the street); of `MODE_SPEED_KMH` if None.
    boundary
        Only streets inside this area, in any CRS; all where None.
    min_component_m
        Street length under which a component is an island.
    elevation
        Raster of heights in metres: slopes then change walking and cycling times. Segments without a
        height are counted as ``slope-unknown`` in `Network.counts`.
    profile
        Who walks: ``wheelchair``, ``elderly`` or ``child``, at their speed unless `speed_kmh` says another,
        and by the streets that are open to them; everybody if None. Wheelchairs use no steps, no raised
        kerbs, no streets signed as closed to them and, with `elevation`, none steeper than 1 in 12; such
        streets are counted as ``profile-closed``.
    gates
        Whether nodes of OpenStreetMap such as gates close streets as their tags say, or none does.
    turns
        Whether turn restrictions of OpenStreetMap bind drivers and cyclists, or none does.
    tolerance_m
        Line layers: ends that miss another line by up to this, in metres, meet it.
    split_crossings
        Line layers: lines that cross without a common vertex meet there.
    join
        Which streets points may join; as the documented table of rules says if None.

    Returns
    -------
    Network
        ``counts`` says what was left out, joined or closed on the way, by reason.

    Warns
    -----
    LifecircleWarning
        Line layers: where lines cross without a common vertex, or end just short of another, and so do not
        meet; it names the setting that lets them.

    Raises
    ------
    MissingInputError, InputError, NetworkError
        A source that is not there, cannot be read, or holds no street.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> study = lc.example_study(tempfile.mkdtemp())
    >>> len(lc.read_streets(study.parent / "streets.geojson"))
    76
    """
    require("path", source=source)
    require("path", optional=True, elevation=elevation)
    require("outline", optional=True, boundary=boundary)
    require("text", mode=mode, gates=gates)
    require("flag", split_crossings=split_crossings)
    require("number", tolerance_m=tolerance_m, min_component_m=min_component_m)
    require("number", optional=True, speed_kmh=speed_kmh)
    group = _group(profile, mode)
    if join is not None:
        require_method("never", "join", join=join)
    if boundary is not None and boundary.crs is None:
        raise InputError(Fault("boundary-no-crs", field="boundary"))
    if elevation is not None and mode != "drive":
        check_elevation(Path(elevation), ReadingLog())  # before the streets, which take their time
    bounds = None if boundary is None else boundary.to_crs(WGS84).union_all()
    table = read_street_table(
        source,
        mode=mode,
        bounds=bounds,
        gates=gates,
        turns=turns,
        tolerance_m=tolerance_m,
        split_crossings=split_crossings,
        join=join,
    )
    for reason in _APART:
        if count := table.counts.get(reason, 0):
            warnings.warn(text(f"quality.{reason}", "en", count=count), LifecircleWarning, stacklevel=2)
    return _network(table, group, speed_kmh, min_component_m, elevation)


def _group(profile: str | None, mode: str) -> Profile | None:
    """Who walks, by name; None for everybody."""
    if profile is None:
        return None
    require("text", profile=profile)
    if profile not in PROFILES or mode != "walk":
        key = "profile-unknown" if profile not in PROFILES else "profile-on-foot"
        values = {"found": profile, "known": ", ".join(sorted(PROFILES)), "mode": mode}
        raise InputError(Fault(key, field="profile", values=values))
    return PROFILES[profile]


def _network(
    table: StreetTable,
    group: Profile | None,
    speed_kmh: float | None,
    min_component_m: float,
    elevation: str | Path | None,
) -> Network:
    """The network of a street table for whoever walks, on slopes where heights are given."""
    slopes = slopes_of(table, None if elevation is None else Path(elevation))
    usual = MODE_SPEED_KMH[table.mode] if group is None else group.speed_kmh
    network = network_open_to(
        group or Profile(usual),
        table,
        slopes,
        speed_kmh=usual if speed_kmh is None else speed_kmh,
        min_component_m=min_component_m,
    )
    if slopes is not None:
        network.counts.update(slopes.counts)
    return network


def network_open_to(
    profile: Profile, streets: StreetTable, slopes: Slopes | None, *, speed_kmh: float, **options: Any
) -> Network:
    """The network of the streets that a group can use; `options` as `build_network` takes them."""
    factor = None if slopes is None else slopes.time_factor
    if not profile.walks_everywhere:
        usable = passable(streets, profile, slopes)
        walked = parted_at(streets, streets.kerbs)[0] if profile.no_kerbs else streets
        streets = walked.keep(usable, counted_as="profile-closed")
        factor = None if factor is None else (factor[0][usable], factor[1][usable])
    return build_network(streets, speed_kmh=speed_kmh, time_factor=factor, **options)


def slopes_of(streets: StreetTable, elevation: Path | None) -> Slopes | None:
    """Slopes of streets on a raster of heights; None where there is none, or where people drive."""
    if elevation is None or streets.mode == "drive":
        return None
    heights = node_heights(elevation, streets.lon, streets.lat)
    if len(heights) and np.isnan(heights).all():
        # the heights of another place: every street would count as level, and nobody would notice
        raise InputError(Fault("heights-elsewhere", file=str(elevation)))
    return slopes(streets, heights)


def from_networkx(
    graph: nx.Graph,
    *,
    mode: str = "walk",
    speed_kmh: float | None = None,
    min_component_m: float = 5000.0,
    elevation: str | Path | None = None,
    profile: str | None = None,
) -> Network:
    """Build the network of a graph that is already in memory, an osmnx graph for instance.

    Parameters
    ----------
    graph
        Nodes carry ``x`` and ``y``, the graph its ``crs``; edges may carry ``geometry``, ``oneway``,
        ``name`` and ``highway``, as osmnx writes them. It is taken to hold what the mode may use. Streets
        are as long as they are drawn.
    mode
        walk, bike or drive.
    speed_kmh
        Speed along streets (for driving: of the walk to the street); of `MODE_SPEED_KMH` if None.
    min_component_m
        Street length under which a component is an island, metres.
    elevation, profile
        As of `read_streets`.

    Warns
    -----
    LifecircleWarning
        Where edges state a ``length`` over 1 % and 1 m from that of their shape, which counts.

    Returns
    -------
    Network
        Ready for `nearest_times`, `isochrones` and all else.

    Raises
    ------
    InputError, NetworkError
        A graph without a CRS, nodes without coordinates, or no edge.

    Examples
    --------
    >>> import networkx as nx
    >>> import lifecircle as lc
    >>> graph = nx.MultiDiGraph(crs="EPSG:4326")
    >>> graph.add_node(1, x=113.50, y=22.20)
    >>> graph.add_node(2, x=113.51, y=22.20)
    >>> _ = graph.add_edge(1, 2)
    >>> len(lc.from_networkx(graph))
    1
    """
    require_type(graph, nx.Graph, field="graph", wanted="graph")
    require("text", mode=mode)
    require("number", min_component_m=min_component_m)
    require("number", optional=True, speed_kmh=speed_kmh)
    require("path", optional=True, elevation=elevation)
    group = _group(profile, mode)
    table = street_table_of(graph, mode=mode)
    if differ := table.counts.get("street-lengths-differ", 0):
        words = text("quality.street-lengths-differ", "en", count=differ)
        warnings.warn(words, LifecircleWarning, stacklevel=2)
    return _network(table, group, speed_kmh, min_component_m, elevation)


def to_networkx(network: Network) -> nx.MultiDiGraph:
    """Return a network as an unsimplified graph in osmnx's conventions.

    Parameters
    ----------
    network
        A network of any source.

    Returns
    -------
    networkx.MultiDiGraph
        ``graph["crs"]`` is EPSG:4326. Nodes are called as in the network's source: by their OpenStreetMap
        id, or as in the graph that `from_networkx` was given (if its labels are whole numbers; else by their
        position among its nodes); bends and other places made on the way have negative numbers of their
        own. They carry ``x`` and ``y`` (degrees) and ``node``, their number in `edges_frame`. Every edge has
        one arc per open direction, its key the edge's id, with ``osmid`` (its way), ``oneway``,
        ``reversed``, ``length`` (metres), ``travel_time`` (seconds), ``name``, ``highway`` and
        ``geometry``. Turn restrictions and streets for residents alone have no word there.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network
    >>> graph = lc.to_networkx(grid_network(rows=2, columns=2))
    >>> graph.number_of_nodes(), graph.number_of_edges()
    (4, 8)
    """
    require_type(network, Network, field="network", wanted="network")
    graph = nx.MultiDiGraph(crs="EPSG:4326", simplified=False, **{WRITTEN_MODE: network.mode})
    # stage 1: nodes by the ids of their source; ports are no places of their own
    places = network.n_nodes - len(network.port_place)
    called = network.node_id.tolist() or list(range(places))
    lon, lat = network.node_lon[:places].tolist(), network.node_lat[:places].tolist()
    for node, (label, x, y) in enumerate(zip(called, lon, lat, strict=True)):
        graph.add_node(label, x=x, y=y, node=node)
    # stage 2: an arc for each direction that has a time: a closed one has none
    for row, way in zip(edges_frame(network).itertuples(), network.way.tolist(), strict=True):
        shared = {"osmid": way, "length": row.length_m, "name": row.name, "highway": row.highway}
        shared["oneway"] = bool(np.isnan(row.time_fwd_s) or np.isnan(row.time_back_s))
        ways = (
            (row.u, row.v, row.time_fwd_s, row.geometry),
            (row.v, row.u, row.time_back_s, row.geometry.reverse()),
        )
        for back, (start, end, seconds, line) in enumerate(ways):
            if not np.isnan(seconds):
                own = {"travel_time": seconds, "geometry": line, "reversed": bool(back)}
                graph.add_edge(called[start], called[end], key=row.edge, **own, **shared)
    return graph
