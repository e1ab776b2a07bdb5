"""Files that a command reads beside a study, and the one file it writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
from pyogrio.errors import DataSourceError

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources import ReadingLog, read_vector

__all__ = ["LAYER_FORMATS", "read_layer", "replacing", "require_format", "write_layer"]

LAYER_FORMATS: Final = (".gpkg", ".geojson", ".parquet")
"""Endings of a layer that a command writes."""


def read_layer(
    path: Path, *, shape: Literal["point", "polygon", "any"], required: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """A layer with the columns a command needs, every fault of it at once."""
    log = ReadingLog()
    wanted = {"id": ("id",), "service": ("service",)}
    table = read_vector(path, log, subject="points", shape=shape, wanted=wanted, required=required)
    if "id" in required and table["id"].duplicated().any():
        repeated = table.loc[table["id"].duplicated(), "id"]
        log.fault(
            "amount-id-twice",
            place=(str(path), "", preview(repeated.index), "id"),
            found=preview(repeated.unique()),
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


def write_layer(table: gpd.GeoDataFrame, output: Path, *, name: str) -> None:
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
