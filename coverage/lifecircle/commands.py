"""The commands that go from files to one file: streets, times, isochrones."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyogrio.errors import DataSourceError

from lifecircle.errors import Fault, InputError, some
from lifecircle.network import Network, edges_frame, isochrones, nearest_facilities, travel_matrix
from lifecircle.sources import ReadingLog, read_vector
from lifecircle.streets import read_streets
from lifecircle.tables import WGS84

__all__ = [
    "read_layer",
    "replacing",
    "require_format",
    "write_isochrones",
    "write_streets",
    "write_times",
]

_LAYERS = (".gpkg", ".geojson", ".parquet")


def write_streets(source: str, output: Path, *, mode: str, boundary: Path | None) -> None:
    """Build the routable network and write its edges."""
    require_format(output, (".parquet", ".gpkg"))
    area = None if boundary is None else read_layer(boundary, shape="polygon", required=())
    _write_layer(edges_frame(read_streets(source, mode=mode, boundary=area)), output, name="streets")


def write_times(
    source: str,
    origins: Path,
    facilities: Path,
    output: Path,
    *,
    minutes: float,
    speed_kmh: float,
    mode: str,
    every: bool,
) -> None:
    """Write the nearest facility per origin and service, or every pair within the limit."""
    require_format(output, (".csv", ".parquet"))
    log = ReadingLog()
    with log.collecting():
        start = read_layer(origins, shape="point", required=("id",)).set_index("id")
    with log.collecting():
        goal = read_layer(facilities, shape="point", required=("id", "service")).set_index("id")
    with log.collecting():
        streets = _network(source, mode, speed_kmh)
    log.raise_if_any()
    as_csv = output.suffix.lower() == ".csv"
    with replacing(output) as fresh:
        if every and not as_csv:
            travel_matrix(streets, start, goal, minutes, speed_kmh, output=fresh)
            return
        search = travel_matrix if every else nearest_facilities
        table = pd.DataFrame(search(streets, start, goal, minutes, speed_kmh))
        table = table.replace({name: {np.inf: np.nan} for name in ("distance_m", "minutes")})
        if as_csv:
            table.to_csv(fresh, index=False, encoding="utf-8-sig", float_format="%.4f")
        else:
            table.to_parquet(fresh, index=False)


def write_isochrones(
    source: str, points: Path, output: Path, *, minutes: Sequence[float], speed_kmh: float, mode: str
) -> None:
    """Write the service areas of a list of points."""
    require_format(output, _LAYERS)
    log = ReadingLog()
    with log.collecting():
        start = read_layer(points, shape="point", required=("id",)).set_index("id")
    with log.collecting():
        streets = _network(source, mode, speed_kmh)
    log.raise_if_any()
    areas = isochrones(streets, start, minutes=minutes, speed_kmh=speed_kmh)
    _write_layer(areas.to_crs(WGS84), output, name="isochrones")


def _network(source: str, mode: str, speed_kmh: float) -> Network:
    """The streets of one mode; for driving the speed is the streets' own."""
    return read_streets(source, mode=mode, speed_kmh=4.0 if mode == "drive" else speed_kmh)


def read_layer(
    path: Path, *, shape: Literal["point", "polygon", "any"], required: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """A layer with the columns a command needs, every fault of it at once."""
    log = ReadingLog()
    wanted = {"id": ("id",), "service": ("service",)}
    table = read_vector(path, log, subject="points", shape=shape, wanted=wanted, required=required)
    if "id" in required and table["id"].duplicated().any():
        again = table.loc[table["id"].duplicated(), "id"]
        log.fault(
            "amount-id-twice", place=(str(path), "", some(again.index), "id"), found=some(again.unique())
        )
    log.raise_if_any()
    return table


def require_format(output: Path, valid: tuple[str, ...]) -> None:
    """Refuse a file that could not be written before anything is computed."""
    if output.suffix.lower() not in valid:
        values = {"found": output.suffix or output.name, "valid": ", ".join(valid)}
        raise InputError(Fault("unknown-format", file=str(output), values=values))
    if not output.resolve().parent.is_dir():
        raise InputError(Fault("no-output-folder", file=str(output)))
    if output.is_dir():
        raise InputError(Fault("output-is-folder", file=str(output)))


def _write_layer(table: gpd.GeoDataFrame, output: Path, *, name: str) -> None:
    """Write a layer in the format its name asks for."""
    with replacing(output) as fresh:
        if output.suffix.lower() == ".parquet":
            table.to_parquet(fresh, index=False)
        else:
            table.to_file(fresh, layer=name, engine="pyogrio")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside the one asked for, which takes its place when the block ends well."""
    fresh = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield fresh
        fresh.replace(path)
    except (OSError, DataSourceError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault("output-unwritable", file=str(path), values={"why": why})) from error
    finally:
        fresh.unlink(missing_ok=True)
