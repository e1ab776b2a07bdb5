"""Files that a command reads beside a study, and the one file it writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.outputs import replaced_file, require_no_input
from lifecircle.sources import ReadingLog, read_vector

__all__ = ["LAYER_FORMATS", "read_layer", "require_format", "write_layer"]

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


def require_format(output: Path, valid: tuple[str, ...], inputs: Iterable[Path | str | None] = ()) -> None:
    """Refuse a file that could not be written or is one of the `inputs`, before anything is computed."""
    if output.suffix.lower() not in valid:
        values = {"found": output.suffix or output.name, "valid": ", ".join(valid)}
        raise InputError(Fault("unknown-format", file=str(output), values=values))
    if not output.resolve().parent.is_dir():
        raise InputError(Fault("no-output-folder", file=str(output)))
    if output.is_dir():
        raise InputError(Fault("output-is-folder", file=str(output)))
    require_no_input(output, [Path(path) for path in inputs if path is not None])


def write_layer(table: gpd.GeoDataFrame, output: Path, *, name: str) -> None:
    """Write a layer in the format its name asks for."""
    with replaced_file(output) as fresh:
        if output.suffix.lower() == ".parquet":
            table.to_parquet(fresh, index=False)
        else:
            table.to_file(fresh, layer=name, engine="pyogrio")
