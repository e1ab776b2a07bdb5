"""Coordinate systems that a file defines: looked at before GDAL and PROJ open the files that they name."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import geopandas as gpd
import pandas as pd
import pyarrow.parquet

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.geopackages import opened
from lifecircle.tables.crs import names_path

__all__ = [
    "flatgeobuf_systems",
    "geopackage_systems",
    "projection_systems",
    "read_geoparquet",
    "refuse_named_files",
    "with_whole_text",
]

Table = TypeVar("Table", bound=pd.DataFrame)

_HEAD_BYTES: Final = 10 * 1024**2
"""The longest head of a FlatGeobuf that GDAL reads; no .prj is as long."""
_FLATGEOBUF_MARK: Final = 8
_STEERING: Final = re.compile("[\x00-\x1f\x7f-\x9f]+")


def refuse_named_files(systems: Iterable[str], file: Path) -> None:
    """Refuse a file of which one of the systems names another file by its path.

    Raises
    ------
    InputError
        If one does.
    """
    for system in systems:
        if names_path(system):
            said = max(_STEERING.split(system), key=len).strip()[:80]
            raise InputError(Fault("crs-names-file", file=str(file), values={"crs": said}))


def projection_systems(path: Path) -> Iterator[str]:
    """What a ``.prj`` says."""
    with path.open("rb") as stream:
        yield stream.read(_HEAD_BYTES).decode("latin-1")


def flatgeobuf_systems(path: Path) -> Iterator[str]:
    """The head of a FlatGeobuf, in which its system stands among other things."""
    with path.open("rb") as stream:
        stream.seek(_FLATGEOBUF_MARK)
        length = int.from_bytes(stream.read(4), "little")
        yield stream.read(min(length, _HEAD_BYTES)).decode("latin-1")


def geopackage_systems(path: Path) -> Iterator[str]:
    """Every system that a GeoPackage at rest defines; none where it lacks their table."""
    with opened(path) as book, suppress(sqlite3.OperationalError):
        for row in book.execute("SELECT * FROM gpkg_spatial_ref_sys"):
            for cell in row:
                yield cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)


def read_geoparquet(path: Path) -> gpd.GeoDataFrame:
    """A GeoParquet file, unless the system of one of its columns names another file.

    Raises
    ------
    InputError
        If it does.
    pyarrow.ArrowInvalid
        If a word in it is no UTF-8.
    """
    noted = pyarrow.parquet.read_schema(path).metadata or {}
    refuse_named_files((noted.get(b"geo", b"").decode("utf-8", errors="replace"),), path)
    return with_whole_text(gpd.read_parquet(path))


def with_whole_text(table: Table) -> Table:
    """The same table, whose words are UTF-8: one that is not would come to light where somebody looks at it.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a word in it is no UTF-8.
    """
    for name in table.columns[[isinstance(kind, pd.StringDtype) for kind in table.dtypes]]:
        pyarrow.array(table[name]).validate(full=True)
    return table
