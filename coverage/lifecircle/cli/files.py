"""Files that a command reads beside a study, and the one file it writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
from pydantic import TypeAdapter, ValidationError

from lifecircle.errors import Fault, InputError, preview
from lifecircle.outputs import replaced_file, require_no_input
from lifecircle.sources import ReadingLog, read_vector
from lifecircle.sources.files.archives import SHEETS
from lifecircle.study.reading import why_refused
from lifecircle.study.sections import TableCrs

__all__ = ["LAYER_FORMATS", "SHIFTED", "crs_of_tables", "read_layer", "require_format", "write_layer"]

LAYER_FORMATS: Final = (".gpkg", ".geojson", ".parquet")
"""Endings of a layer that a command writes."""
SHIFTED: Final = ("gcj02", "bd09")
"""Datums of Chinese web maps, which ``--crs`` takes as well as systems."""


def read_layer(
    path: Path, *, shape: Literal["point", "polygon", "any"], required: tuple[str, ...], crs: str = ""
) -> gpd.GeoDataFrame:
    """A layer with the columns a command needs, every fault of it at once.

    `crs` is `read_vector`'s `table_crs`, or one of `SHIFTED`, which is undone.
    """
    log = ReadingLog()
    wanted = {"id": ("id",), "service": ("service",)}
    shifted = crs in SHIFTED
    table = read_vector(
        path,
        log,
        subject="points",
        shape=shape,
        wanted=wanted,
        required=required,
        table_crs="" if shifted else crs,
        datum=crs if shifted else "wgs84",
    )
    if "id" in required and table["id"].duplicated().any():
        repeated = table.loc[table["id"].duplicated(), "id"]
        log.fault(
            "amount-id-twice",
            place=(str(path), "", preview(repeated.index), "id"),
            found=preview(repeated.unique()),
        )
    log.raise_if_any()
    return table


def crs_of_tables(crs: str | None, *files: Path) -> tuple[str, ...]:
    """The system of each file: `crs` for tables of x and y, or for all where none is a table.

    One of `SHIFTED`, in any case of letters, is a datum of degrees, of layers as well as tables.

    A layer says its own system; where that is another one, `read_vector` refuses it.

    Raises
    ------
    InputError
        If the system is not registered.
    """
    if crs is None:
        return ("",) * len(files)
    if crs.lower() in SHIFTED:
        return (crs.lower(),) * len(files)
    try:
        TypeAdapter(TableCrs).validate_python(crs)
    except ValidationError as error:
        said = {"found": crs, "why": why_refused(error.errors()[0])}
        raise InputError(Fault("bad-value", field="--crs", values=said)) from None
    tables = [file.suffix.lower() in SHEETS for file in files]
    return tuple(crs if is_table or not any(tables) else "" for is_table in tables)


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
