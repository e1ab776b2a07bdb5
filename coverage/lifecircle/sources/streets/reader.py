"""Streets from any file: the reader is chosen by the file's name."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final, Protocol

import geopandas as gpd
import networkx as nx
import shapely

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.sources.files.naming import naming_its_file
from lifecircle.sources.osm.file import OSM_SUFFIXES, is_osm_file
from lifecircle.sources.streets.cut import keep_within, streets_elsewhere
from lifecircle.sources.streets.gates import Gates
from lifecircle.sources.streets.graphs import GRAPH_SUFFIXES, from_networkx, read_graphml
from lifecircle.sources.streets.lines import LINE_SUFFIXES, TOLERANCE_M, line_streets, read_line_streets
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.rule_table import JoinRules, street_rules
from lifecircle.sources.streets.turns import TurnRule
from lifecircle.tables import StreetTable

STREET_SUFFIXES: Final = (*OSM_SUFFIXES, *GRAPH_SUFFIXES, *LINE_SUFFIXES)
"""How the name of a street file may end."""

__all__ = ["STREET_SUFFIXES", "MadeStreets", "read_streets", "streets_in_memory"]


class MadeStreets(Protocol):
    """A network that can give back the segments it is made of."""

    def street_table(self) -> StreetTable:
        """Its segments."""


@naming_its_file
def read_streets(
    source: str | Path,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    gates: Gates = "as-mapped",
    turns: TurnRule = "as-mapped",
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
    join: JoinRules | None = None,
    datum: str = "wgs84",
) -> StreetTable:
    """Read streets from an OpenStreetMap file, a GraphML file or a line layer.

    Parameters
    ----------
    source
        A file whose name ends in one of `STREET_SUFFIXES`.
    mode
        ``walk``, ``bike`` or ``drive``.
    bounds
        Polygon in WGS 84: only segments that touch it are kept. None keeps all.
    gates
        OpenStreetMap files: whether nodes close ways as their tags say, or none does (``open``).
    turns
        OpenStreetMap files: whether turn restrictions bind drivers and cyclists, or none does (``open``).
    tolerance_m, split_crossings
        Line layers: see `lifecircle.sources.streets.lines.line_streets`.
    join
        Which streets points may join; as ``street_rules.toml`` says if None.
    datum
        Line layers: ``wgs84``, or the web map's ``gcj02`` or ``bd09``, which is undone.

    Returns
    -------
    StreetTable
        Straight segments in WGS 84; each key of ``counts`` is a message under ``quality.*``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If no reader knows the name's ending, the mode is unknown, the file cannot be read, or it holds
        no street that the mode may use (within `bounds`); if a datum is said of what is no line layer.

    See Also
    --------
    lifecircle.sources.streets.osm.read_osm_streets : OpenStreetMap files, and the rules of each mode.
    lifecircle.sources.streets.lines.read_line_streets : line layers, with columns and crossings.
    lifecircle.sources.streets.graphs.from_networkx : graphs in memory.
    lifecircle.sources.osm.download.download_extract : an extract from the Overpass API.
    """
    street_rules(mode)
    path = Path(source)
    if path.suffix.lower() not in LINE_SUFFIXES:
        _refuse_datum(datum, str(path))
    if is_osm_file(path):
        return read_osm_streets(path, mode=mode, bounds=bounds, gates=gates, turns=turns, join=join)
    if path.suffix.lower() in GRAPH_SUFFIXES:
        return read_graphml(path, mode=mode, bounds=bounds, join=join)
    if path.suffix.lower() in LINE_SUFFIXES:
        return read_line_streets(
            path,
            mode=mode,
            bounds=bounds,
            tolerance_m=tolerance_m,
            split_crossings=split_crossings,
            join=join,
            datum=datum,
        )
    if not path.is_file():
        raise MissingInputError(Fault("no-file", file=str(path)))
    raise InputError(Fault("not-streets-name", file=str(path), values={"known": ", ".join(STREET_SUFFIXES)}))


def streets_in_memory(
    given: nx.Graph | gpd.GeoDataFrame | MadeStreets,
    *,
    mode: str,
    bounds: shapely.Geometry | None,
    source: str,
    gates: Gates = "as-mapped",
    turns: TurnRule = "as-mapped",
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
    join: JoinRules | None = None,
    datum: str = "wgs84",
) -> StreetTable:
    """Streets of a graph, of lines or of a network that are in memory.

    Parameters
    ----------
    given
        A networkx graph in osmnx's conventions, a GeoDataFrame of lines, or a network.
    mode, bounds, gates, turns, tolerance_m, split_crossings, join, datum
        As in `read_streets`; gates and turns were read when a network was made.
    source
        What the streets are called in messages.

    Raises
    ------
    InputError
        A network of another mode, or one whose times hold slopes; and as `read_streets`.
    """
    del gates, turns
    if not isinstance(given, gpd.GeoDataFrame):
        _refuse_datum(datum, source)
    if isinstance(given, nx.Graph):
        return from_networkx(given, mode=mode, bounds=bounds, join=join, source=source)
    if isinstance(given, gpd.GeoDataFrame):
        return line_streets(
            given, mode=mode, bounds=bounds, tolerance_m=tolerance_m, split_crossings=split_crossings,
            join=join, datum=datum, source=source,
        )  # fmt: skip
    table = given.street_table()
    if table.mode != mode:
        values = {"found": table.mode, "mode": mode}
        raise InputError(Fault("memory-network-mode", field="streets.mode", values=values))
    kept = keep_within(dataclasses.replace(table, source=source), bounds)
    if not len(kept):
        raise streets_elsewhere(table, bounds, file=source)
    return kept


def _refuse_datum(datum: str, source: str) -> None:
    """Refuse a shifted datum of streets that are in WGS 84 always."""
    if datum != "wgs84":
        raise InputError(Fault("streets-datum", file=source, field="streets.datum", values={"datum": datum}))
