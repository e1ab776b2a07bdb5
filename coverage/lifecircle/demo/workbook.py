"""The workbook of ledgers: a filled template, a sheet for every ledger, and the layers its areas lie in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from lifecircle import messages
from lifecircle.demo import ground as g
from lifecircle.demo.bureau import bureau
from lifecircle.demo.layers import OFFICE_CRS, fixed_date, in_degrees
from lifecircle.tables import FACILITY_DETAILS, FACILITY_FIGURES, UNIT_FIGURES

_MADE: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_MARKS: Final = frozenset(
    name
    for name, column in {**UNIT_FIGURES, **FACILITY_FIGURES, **FACILITY_DETAILS}.items()
    if column.kind == "flag"
)

__all__ = ["clerk_value", "facility_sheet", "write_layers", "write_workbook"]


def facility_sheet(rows: pd.DataFrame) -> pd.DataFrame:
    """Facilities as the workbook lists them: by ``id``, in degrees."""
    lon, lat = g.to_lon_lat(rows["x"], rows["y"])
    figures = [name for name in (*FACILITY_FIGURES, *FACILITY_DETAILS) if name in rows]
    table = rows[["name", *figures]].assign(service=rows["services"], x=lon.round(6), y=lat.round(6))
    return table.set_axis(pd.Index(rows["id"], name="id"))[["name", "service", "x", "y", *figures]]


def write_workbook(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write one sheet per ledger, headed as ``lifecircle template`` heads them.

    Parameters
    ----------
    path
        Replaced.
    tables
        Layer to its table, indexed by code (facilities: by id); ``indicators`` come from ``bureau.toml``.
    """
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _MADE})
    reported = pd.DataFrame(bureau()["indicator"])[["rule", "year", "value"]].set_index("rule")
    for layer, table in {**tables, "indicators": reported}.items():
        sheet = book.add_worksheet(messages.text(f"template.sheet.{layer.replace(':', '-')}", "zh"))
        columns = [str(table.index.name), *map(str, table.columns)]
        for column, name in enumerate(columns):
            sheet.write_string(0, column, messages.text(f"plans.column.{name}", "zh"))
        for number, row in enumerate(table.reset_index().itertuples(index=False), 1):
            for column, value in enumerate(row):
                typed = clerk_value(columns[column], value)
                if isinstance(typed, str):
                    sheet.write_string(number, column, typed)
                elif typed is not None:
                    sheet.write_number(number, column, typed)
        sheet.freeze_panes(1, 1)
    book.close()


def clerk_value(name: str, value: Any) -> str | float | None:
    """One cell: words as they are, marks as 是 and 否, unknown figures blank."""
    if isinstance(value, str):
        return value
    if not np.isfinite(value):
        return None
    if name in _MARKS:
        return messages.text("plans.choice.yes" if value else "plans.choice.no", "zh")
    return float(value)


def write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write the areas beside the communities, one layer per kind, in the office's projection."""
    path.unlink(missing_ok=True)
    with fixed_date():
        for kind, layer in layers.items():
            placed = in_degrees(layer).to_crs(OFFICE_CRS)
            many = gpd.GeoSeries(placed.geometry).apply(_polygons_only)
            pyogrio.write_dataframe(
                placed.set_geometry(many), path, layer=kind, driver="GPKG", geometry_type="MultiPolygon",
                promote_to_multi=True,
            )  # fmt: skip


def _polygons_only(shape: Any) -> Any:
    """A cut shape without the points and lines where the knife only touched it."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.multipolygons(parts)
