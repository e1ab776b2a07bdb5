"""The commands that go from files to one file: streets, times, isochrones, and what they tell beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from lifecircle.analysis.streets import read_streets
from lifecircle.cli.files import LAYER_FORMATS, crs_of_tables, read_layer, require_format, write_layer
from lifecircle.cli.options import modes_asked
from lifecircle.cli.plain import tell
from lifecircle.errors import Fault, InputError, preview
from lifecircle.messages import has, text
from lifecircle.network import Network, Snaps, edges_frame, isochrones, nearest_facilities, travel_matrix
from lifecircle.network.routing.reasons import snap_counts
from lifecircle.outputs import replaced_file
from lifecircle.outputs.safe_text import safe_cell
from lifecircle.sources import ReadingLog
from lifecircle.tables import WGS84
from lifecircle.tables.streets import JOIN_ANYWHERE, MOST_NAMED

__all__ = ["write_isochrones", "write_streets", "write_times"]

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def write_streets(
    source: str,
    output: Path,
    *,
    mode: str,
    boundary: Path | None,
    elevation: Path | None,
    reading: dict[str, Any],
    lang: str,
) -> None:
    """Build the routable network and write its edges; `reading` says how, as `read_streets` takes it."""
    require_format(output, (".parquet", ".gpkg"), [source, boundary, elevation])
    area = None if boundary is None else read_layer(boundary, shape="polygon", required=())
    streets = read_streets(source, mode=mode, boundary=area, elevation=elevation, **reading)
    write_layer(edges_frame(streets), output, name="streets")
    _tell_pace(streets, None, lang=lang)
    _tell_street_counts(streets, lang=lang)
    _tell_street_pieces(streets, lang=lang)


def write_times(
    source: str,
    origins: Path,
    facilities: Path,
    output: Path,
    *,
    minutes: float,
    speed_kmh: float | None,
    mode: str,
    every: bool,
    elevation: Path | None,
    crs: str | None,
    reading: dict[str, Any],
    lang: str,
) -> None:
    """Write the nearest facility per origin and service, or every pair within the limit."""
    require_format(output, (".csv", ".parquet"), [source, origins, facilities, elevation])
    here_crs, there_crs = crs_of_tables(crs, origins, facilities)
    log = ReadingLog()
    with log.collecting(origins):
        start = read_layer(origins, shape="point", required=("id",), crs=here_crs).set_index("id")
    with log.collecting(facilities):
        goal = read_layer(facilities, shape="point", required=("id",), crs=there_crs).set_index("id")
    networks: list[Network] = []
    with log.collecting(source):
        networks = _networks(source, mode, speed_kmh, elevation, reading)
    log.raise_if_any()
    as_csv = output.suffix.lower() == ".csv"
    tables: list[pd.DataFrame] = []
    with replaced_file(output) as fresh:
        for streets in networks:
            here, there = streets.snap(start), streets.snap(goal)
            reasons: dict[str, int] = {}
            if every and not as_csv and len(networks) == 1:
                travel_matrix(streets, here, there, minutes, speed_kmh, output=fresh)
            else:
                search = travel_matrix if every else nearest_facilities
                table = pd.DataFrame(search(streets, here, there, minutes, speed_kmh))
                if not every:
                    reasons = table["reason"].value_counts().sort_index().to_dict()
                tables.append(_of_mode(table, streets, several=len(networks) > 1))
            _tell_pace(streets, speed_kmh, lang=lang)
            _tell_street_counts(streets, lang=lang)
            _tell_snap_counts("origins", here, lang=lang)
            _tell_snap_counts("facilities", there, lang=lang)
            _tell_unreached(reasons, lang=lang)
        if tables:
            _write_table(pd.concat(tables, ignore_index=True), fresh, as_csv=as_csv)


def _write_table(table: pd.DataFrame, fresh: Path, *, as_csv: bool) -> None:
    """A table of times as a file, the infinite left blank."""
    table = table.replace({name: {np.inf: np.nan} for name in ("distance_m", "minutes")})
    if as_csv:
        for name in table.columns[[not is_numeric_dtype(kind) for kind in table.dtypes]]:
            table[name] = [_csv_cell(value) for value in table[name]]
        table.to_csv(fresh, index=False, encoding="utf-8-sig", float_format="%.4f")
    else:
        table.to_parquet(fresh, index=False)


def write_isochrones(
    source: str,
    points: Path,
    output: Path,
    *,
    minutes: Sequence[float],
    speed_kmh: float | None,
    mode: str,
    elevation: Path | None,
    crs: str | None,
    reading: dict[str, Any],
    lang: str,
) -> None:
    """Write the service areas of a list of points."""
    require_format(output, LAYER_FORMATS, [source, points, elevation])
    (points_crs,) = crs_of_tables(crs, points)
    log = ReadingLog()
    with log.collecting(points):
        start = read_layer(points, shape="point", required=("id",), crs=points_crs).set_index("id")
    networks: list[Network] = []
    with log.collecting(source):
        networks = _networks(source, mode, speed_kmh, elevation, reading)
    log.raise_if_any()
    tables = []
    for streets in networks:
        areas = isochrones(streets, start, minutes=minutes, speed_kmh=speed_kmh).to_crs(WGS84)
        tables.append(_of_mode(areas, streets, several=len(networks) > 1))
        _tell_pace(streets, speed_kmh, lang=lang)
        _tell_street_counts(streets, lang=lang)
        _tell_snap_counts("points", streets.snap(start), lang=lang)
    stacked = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    write_layer(gpd.GeoDataFrame(stacked), output, name="isochrones")


def _networks(
    source: str, said: str, speed_kmh: float | None, elevation: Path | None, reading: dict[str, Any]
) -> list[Network]:
    """The streets of each mode of ``walk`` or ``walk,bike``; for driving the speed is the streets' own.

    Raises
    ------
    InputError
        A mode named twice, or one speed for several modes; and as `read_streets`.
    """
    modes = modes_asked(said)
    if speed_kmh is not None and len(modes) > 1:
        raise InputError(Fault("modes-one-speed", field="--speed-kmh", values={"found": said}))
    return [
        read_streets(
            source,
            mode=mode,
            speed_kmh=None if mode == "drive" else speed_kmh,
            elevation=elevation,
            **reading,
        )
        for mode in modes
    ]


def _of_mode(table: pd.DataFrame, streets: Network, *, several: bool) -> pd.DataFrame:
    """A table of one mode; where there are several it says which, and how fast."""
    if not several:
        return table
    speed = np.nan if streets.mode == "drive" else streets.speed_kmh
    named = table.assign(mode=streets.mode, speed_kmh=speed)
    named.attrs = {}
    return named


def _csv_cell(value: object) -> str:
    """Text that no spreadsheet computes; a number, of an id for instance, is none that could be computed."""
    words = str(value)
    return words if _NUMBER.fullmatch(words) else safe_cell(words)


def _tell_pace(streets: Network, speed_kmh: float | None, *, lang: str) -> None:
    """The mode and speed that minutes stand on, and how slopes were taken, on standard error."""
    speed = streets.speed_kmh if speed_kmh is None else speed_kmh
    tell(text(f"cli.pace-{streets.mode}", lang, speed=f"{speed:g}"), aside=True)
    if "slope-unknown" in streets.counts:
        tell(text("cli.pace-slope", lang, count=streets.counts["slope-unknown"]), aside=True)


def _tell_street_counts(streets: Network, *, lang: str) -> None:
    """What the reader of the streets left out, closed or joined, on standard error."""
    for reason, count in streets.counts.items():
        if count and has(f"quality.{reason}") and reason != "slope-unknown":
            item = preview(streets.named.get(reason, ()), MOST_NAMED)
            tell(text(f"quality.{reason}", lang, count=count, item=item, value=""), aside=True)


def _tell_street_pieces(streets: Network, *, lang: str) -> None:
    """Pieces too short to be joined to, and segments that no point joins, on standard error."""
    small = streets.small_component
    if small.any():
        km = f"{streets.component_length_m[small].sum() / 1000:.1f}"
        metres = f"{streets.min_component_m:g}"
        told = text("cli.street-islands", lang, count=int(small.sum()), km=km, metres=metres)
        tell(told, aside=True)
    if barred := int((streets.joinable != JOIN_ANYWHERE).sum()):
        tell(text("cli.street-unjoinable", lang, count=barred), aside=True)


def _tell_snap_counts(kind: str, snaps: Snaps, *, lang: str) -> None:
    """How many of a kind of points joined no street, or not their nearest, and why, on standard error."""
    who, limit = text(f"cli.points-of.{kind}", lang), f"{snaps.max_snap_m:g}"
    for status, count in snap_counts(snaps).items():
        if status != "ok":
            word = status.replace("_", "-")
            told = text(f"cli.snapped.{word}", lang, who=who, count=count, all=len(snaps), metres=limit)
            tell(told, aside=True)


def _tell_unreached(reasons: Mapping[str, int], *, lang: str) -> None:
    """How many rows reach no facility, by reason, on standard error."""
    for reason, count in reasons.items():
        if reason:
            tell(text(f"cli.unreached.{reason}", lang, count=count), aside=True)
