"""Streets from a line layer: shapefile, GeoPackage, GeoJSON, FlatGeobuf or GeoParquet."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.libraries import library_faults
from lifecircle.sources.files.definitions import read_geoparquet
from lifecircle.sources.files.layers import read_layer
from lifecircle.sources.files.opening import local_file
from lifecircle.sources.files.parquet_sizes import refuse_large_parquet
from lifecircle.sources.files.shapes import labelled, placeable_crs, require_fitting_crs, to_wgs84_datum
from lifecircle.sources.files.tangles import refuse_tangled_lines
from lifecircle.sources.streets.crossings import crossings_without_node, split_at_crossings
from lifecircle.sources.streets.cut import keep_within, running_number, streets_elsewhere
from lifecircle.sources.streets.drawn import Drawn, crosses_180
from lifecircle.sources.streets.ends import ends_joined, ends_that_fall_short
from lifecircle.sources.streets.rule_table import JoinRules, street_rules
from lifecircle.sources.streets.rules import StreetRules, tag_word
from lifecircle.sources.streets.straight import straight_as_drawn
from lifecircle.sources.streets.way_use import use_columns
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.shapes import LINES, of_kind

LINE_SUFFIXES: Final = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet")
JOINED_WITHIN_DEGREE: Final = 1e-7
"""Vertices whose coordinates round to the same 1e-7 degree (11 mm at most) are one node, as in OSM."""

TOLERANCE_M: Final = 0.01
"""Ends of lines that miss another line by up to this meet it, at a vertex or between two."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "名称", "道路名称", "road_name"),
    "highway": ("highway", "fclass", "class", "道路等级"),
    "oneway": ("oneway",),
    "maxspeed": ("maxspeed", "speed_kmh", "speed"),
    "bridge": ("bridge",),
    "tunnel": ("tunnel",),
}
"""Names a column may have, whatever their case; the first one found is read."""

# What Geofabrik's and osmnx's layers write where OSM writes a word.
_WORDS: Final = {
    "oneway": {"F": "yes", "T": "-1", "B": "no", "True": "yes", "False": "no", "0.0": "no", "1.0": "yes"},
    "bridge": {"F": "no", "T": "yes", "False": "no", "True": "yes", "0": "no", "0.0": "no"},
    "tunnel": {"F": "no", "T": "yes", "False": "no", "True": "yes", "0": "no", "0.0": "no"},
    "maxspeed": {"0": "", "0.0": ""},
}
_NO_CLASS: Final = "unclassified"
_MOST_TOLERANCE_M: Final = 100.0

__all__ = [
    "COLUMNS",
    "JOINED_WITHIN_DEGREE",
    "LINE_SUFFIXES",
    "TOLERANCE_M",
    "line_streets",
    "read_line_streets",
]


def read_line_streets(
    path: str | Path,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
    join: JoinRules | None = None,
    datum: str = "wgs84",
) -> StreetTable:
    """Read streets from a line layer.

    Parameters
    ----------
    path
        A .gpkg, .shp, .geojson, .fgb or .parquet file.
    mode, bounds, columns, tolerance_m, split_crossings, join, datum
        See `line_streets`.
    layer
        Layer of the file; None takes the one that holds lines.

    Returns
    -------
    StreetTable
        See `line_streets`.

    Raises
    ------
    MissingInputError
        If there is no such file or layer, or several layers hold lines and none is named.
    InputError
        If it cannot be read, has no CRS, lacks a named column, or holds no line within `bounds`.
    """
    file = local_file(Path(path), suffixes=LINE_SUFFIXES)
    lines = _layer(file, layer)
    if lines.empty:
        raise InputError(Fault("empty-layer", file=str(path), layer=layer or ""))
    if not isinstance(lines, gpd.GeoDataFrame):
        raise InputError(Fault("no-lines", file=str(path), layer=layer or "", values={"rows": len(lines)}))
    return line_streets(
        lines,
        mode=mode,
        bounds=bounds,
        columns=columns,
        tolerance_m=tolerance_m,
        split_crossings=split_crossings,
        join=join,
        datum=datum,
        source=str(path),
    )


def line_streets(
    lines: gpd.GeoDataFrame,
    *,
    mode: str = "walk",
    bounds: shapely.Geometry | None = None,
    columns: Mapping[str, str] | None = None,
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
    join: JoinRules | None = None,
    datum: str = "wgs84",
    source: str = "",
) -> StreetTable:
    """Make streets of lines.

    Every vertex becomes a node; vertices that round to the same 1e-7 degree are one node, so lines meet
    where they share a vertex and only there. An end that misses a vertex or the course of another line
    by up to `tolerance_m` is moved onto it (counted under ``street-ends-joined``); one that stops within
    a metre of a line and meets none is counted (``street-ends-short``). Lines that cross without a vertex
    are counted (``street-crossings-without-node``) and stay apart, unless `split_crossings` joins them.
    Lines are straight in the layer's own CRS: that is where they are seen to meet, and a long one is
    given vertices, so that in degrees, too, it stays within 1 cm of its course.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in any CRS; Z is dropped.
    mode
        ``walk``, ``bike`` or ``drive``: rules of ``street_rules.toml`` on the columns found. A line
        of no class counts as ``unclassified``.
    bounds
        Polygon in WGS 84: only segments that touch it are kept. None keeps all.
    columns
        Where the columns ``name, highway, oneway, maxspeed (km/h), bridge, tunnel`` are; those left
        out are looked for under the names of `COLUMNS` and may be absent.
    tolerance_m
        Metres, 0 to 100. 0 moves no end.
    split_crossings
        Make a node where two lines cross without one, bridges and tunnels aside.
    join
        Which streets points may join; as ``street_rules.toml`` says if None.
    datum
        ``wgs84``, or the web map's ``gcj02`` or ``bd09``: the lines are then taken out of it.
    source
        What `lines` were read from, for messages.

    Returns
    -------
    StreetTable
        ``way`` is the row number in the layer, from 0.

    Raises
    ------
    InputError
        If `lines` have no CRS, lack a named column, hold no line the mode may use (within `bounds`), or
        have more vertices or lie across each other more often than any street network.
    """
    rules = street_rules(mode, join)
    if lines.crs is None and datum != "wgs84":
        lines = lines.set_crs(WGS84)  # degrees of a web map
    if lines.crs is None:
        raise InputError(Fault("streets-without-crs", file=source))
    crs, shift = placeable_crs(lines.crs, file=source, place=_first_place(lines))
    require_fitting_crs(lines, crs, file=source)
    refuse_tangled_lines(lines.geometry.to_numpy(), partial(labelled, lines), file=source)
    lines = to_wgs84_datum(lines, datum)
    tags = _tags(lines, columns or {}, source)
    if not 0 <= tolerance_m <= _MOST_TOLERANCE_M:
        values = {"found": tolerance_m, "most": _MOST_TOLERANCE_M}
        raise InputError(Fault("streets-tolerance", field="streets.tolerance_m", values=values))
    streets, drawn = _line_table(lines, rules, tags, source, tolerance_m=tolerance_m)
    if shift.rough:
        streets = dataclasses.replace(streets, counts={**streets.counts, "street-datum-rough": len(lines)})
    if split_crossings:
        streets = split_at_crossings(streets, drawn)
        drawn = Drawn.of(streets, drawn.crs)
    else:
        streets.counts["street-crossings-without-node"] = len(crossings_without_node(streets, drawn)[0])
    streets.counts["street-ends-short"] = ends_that_fall_short(streets, drawn, tolerance_m)
    kept = keep_within(streets, bounds)
    if not len(kept):
        if len(streets):
            raise streets_elsewhere(streets, bounds, file=source)
        raise InputError(Fault("no-lines", file=source, values={"rows": len(lines)}))
    return straight_as_drawn(kept, lines.crs)


def _first_place(lines: gpd.GeoDataFrame) -> tuple[float, float]:
    """A corner of the first line with finite coordinates; NaN where there is none."""
    boxes = shapely.bounds(lines.geometry.to_numpy())
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return (float(boxes[0, 0]), float(boxes[0, 1])) if len(boxes) else (np.nan, np.nan)


def _layer(file: Path, layer: str | None) -> gpd.GeoDataFrame:
    """One layer as it is; the text of a shapefile in the encoding it is really in."""
    suffix = file.suffix.lower()
    if suffix in {".parquet", ".geoparquet"}:
        with library_faults(file, "lines-unreadable"):
            refuse_large_parquet(file)
            return read_geoparquet(file)
    return read_layer(file, layer or "", suits=lambda kind: "Line" in kind or kind == "Unknown").frame


def _tags(lines: gpd.GeoDataFrame, columns: Mapping[str, str], source: str) -> dict[str, list[str]]:
    """The layer's columns as OSM tags: key to one word per row, blank where the row says nothing."""
    lacking = [name for name in columns.values() if name not in lines.columns]
    if lacking:
        present = ", ".join(map(str, lines.columns))
        raise InputError(
            Fault("streets-no-column", file=source, field=name, values={"found": present}) for name in lacking
        )
    by_lower = {str(name).lower(): name for name in reversed(lines.columns)}
    tags = {}
    for key, usual in COLUMNS.items():
        names = [columns[key]] if key in columns else [by_lower[name] for name in usual if name in by_lower]
        if names:
            words = _WORDS.get(key, {})
            tags[key] = [words.get(word, word) for word in map(tag_word, lines[names[0]])]
    return tags


def _line_table(
    lines: gpd.GeoDataFrame,
    rules: StreetRules,
    tags: Mapping[str, list[str]],
    source: str,
    *,
    tolerance_m: float,
) -> tuple[StreetTable, Drawn]:
    """Judge every row by its tags and part its line into segments between joined vertices."""
    shapes = lines.geometry.to_numpy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    linear = of_kind(shapes, LINES)
    uses, use = _judged_rows(rules, tags, len(lines))
    left_out = np.array([one.left_out for one in uses])[use]
    open_rows = np.flatnonzero(linear & ~blank & (left_out == ""))
    # Coordinates that are no numbers are parted from the rest below, where they are counted.
    with np.errstate(invalid="ignore"):
        own = shapely.force_2d(lines.geometry.iloc[open_rows].to_numpy())
        in_degrees = shapely.force_2d(lines.geometry.iloc[open_rows].to_crs(WGS84).to_numpy())
    parts, of_row = shapely.get_parts(in_degrees, return_index=True)
    xy, of_part = shapely.get_coordinates(parts, return_index=True)
    usable = np.isfinite(xy).all(axis=1)
    if (np.abs(xy[usable]) > [180.0, 90.0]).any():
        raise InputError(Fault("streets-not-degrees", file=source, values={"crs": lines.crs.name}))
    # No segment has an end at a vertex that is no place; it makes no node of its own either.
    drawn_xy = shapely.get_coordinates(own)
    sound = int(usable.argmax()) if usable.any() else 0
    for places in (xy, drawn_xy):
        places[~usable] = places[sound] if usable.any() else 0.0
    node, at = _nodes_at(xy)
    row = open_rows[of_row[of_part]]
    pair = of_part[:-1] == of_part[1:]
    whole = pair & usable[:-1] & usable[1:]
    moves = whole & (at[:-1] != at[1:])
    name, names = _coded(tags.get("name", []), len(lines))
    reasons, rows = np.unique(left_out[linear & ~blank & (left_out != "")], return_counts=True)
    streets = StreetTable(
        lon=node[:, 0],
        lat=node[:, 1],
        node_id=np.arange(len(node), dtype=np.int64),
        u=at[:-1][moves],
        v=at[1:][moves],
        way=row[:-1][moves].astype(np.int64),
        segment=running_number(row)[:-1][moves],
        name=name[row[:-1][moves]],
        **use_columns(uses, use[row[:-1][moves]]),
        names=names,
        mode=rules.mode,
        source=source,
        counts={
            **dict(zip(map(str, reasons), map(int, rows), strict=True)),
            "street-lines-empty": int(blank.sum()),
            "street-lines-not-lines": int((~linear & ~blank).sum()),
            "street-vertices-unusable": int((~usable).sum()),
            "street-segments-of-no-length": int(whole.sum() - moves.sum()),
        },
    )
    # Nodes lie on a grid of 1e-7 degree; where lines meet is told as they were drawn.
    if crosses_180(streets):
        drawn = Drawn.of(streets, lines.crs)
    else:
        places = np.empty_like(node)
        places[at[::-1]] = drawn_xy[::-1]
        drawn = Drawn(places, lines.crs)
    return ends_joined(streets, drawn, tolerance_m)


def _judged_rows(
    rules: StreetRules, tags: Mapping[str, list[str]], rows: int
) -> tuple[list[Any], NDArray[np.intp]]:
    """Every use that occurs and its number per row; each combination of tags is judged once."""
    keys = [key for key in tags if key != "name"]
    if not keys:
        return [dataclasses.replace(rules.judge({"highway": _NO_CLASS}), highway="")], np.zeros(rows, np.intp)
    table = pd.DataFrame({key: tags[key] for key in keys})
    number = table.groupby(keys, sort=False).ngroup().to_numpy()
    uses = []
    for values in table.drop_duplicates().itertuples(index=False):
        said = {key: str(value) for key, value in zip(keys, values, strict=True) if value}
        use = rules.judge({"highway": _NO_CLASS, **said})
        uses.append(use if "highway" in said else dataclasses.replace(use, highway=""))
    return uses, number


def _nodes_at(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Nodes (degrees) and the node of every vertex."""
    steps = np.rint(xy / JOINED_WITHIN_DEGREE).astype(np.int64)
    keys, at = np.unique((steps[:, 0] << 32) + steps[:, 1], return_inverse=True)
    lat = ((keys + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    lon = (keys - lat) >> 32
    return np.column_stack([lon, lat]) * JOINED_WITHIN_DEGREE, at.astype(np.int32)


def _coded(words: list[str], rows: int) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Words as codes in order of appearance, -1 for blank."""
    number: dict[str, int] = {}
    codes = [number.setdefault(word, len(number)) if word else -1 for word in words]
    return np.array(codes or [-1] * rows, np.int32), tuple(number)
