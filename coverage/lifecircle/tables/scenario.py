"""A change to be assessed beside the present state: facilities and streets that come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.errors import Fault, InputError
from lifecircle.tables.crs import WGS84

__all__ = ["Scenario", "placed_rows"]

Rows: TypeAlias = gpd.GeoDataFrame | Sequence[tuple[object, ...]]

_ADDED = ("service", "geometry", "capacity", "name")
_MOVED = ("facility", "geometry")


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """What is different: everything else, people included, stays as it is.

    Attributes
    ----------
    name : unique among the scenarios of a study
    add : new facilities: a table in any CRS with ``service`` and perhaps ``facility`` (its id), ``name``,
        ``public`` and the figures of a ledger (``capacity``, ``floor_area_m2`` ...); or rows ``(service,
        point[, capacity[, name]])``, points in degrees, longitude first
    close : ids of facilities that are no longer there
    move : where facilities are instead: a table with ``facility``, or rows ``(facility, point)`` in degrees
    open_streets : lines in any CRS that can be walked both ways; their ends join the streets near them
    close_streets : lines, polygons or points in any CRS: what they touch is closed; or ids of edges
    kind : study, or proposal where a model chose the sites
    source : the file that asks for it, for messages
    """

    name: str = "scenario"
    add: Rows = ()
    close: Sequence[str] = ()
    move: Rows = ()
    open_streets: gpd.GeoDataFrame | gpd.GeoSeries | None = None
    close_streets: gpd.GeoDataFrame | gpd.GeoSeries | Sequence[str] | None = None
    kind: Literal["study", "proposal"] = "study"
    source: str = ""

    @property
    def added(self) -> gpd.GeoDataFrame:
        """New facilities as a table."""
        return placed_rows(self.add, _ADDED)

    @property
    def moved(self) -> gpd.GeoDataFrame:
        """Facilities that move, as a table."""
        return placed_rows(self.move, _MOVED)

    @property
    def changes_streets(self) -> bool:
        """Whether any street is opened or closed."""
        parts = (self.open_streets, self.close_streets)
        return any(part is not None and len(part) > 0 for part in parts)


def placed_rows(rows: Rows, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Rows of values as a table in WGS 84; a table as it is.

    Raises
    ------
    InputError
        A table without places, or a row that is no tuple or has other than two to all values.
    """
    if isinstance(rows, gpd.GeoDataFrame):
        return rows
    wanted = ", ".join(columns)
    if isinstance(rows, pd.DataFrame):
        raise InputError(Fault("scenario-row", values={"found": "DataFrame", "wanted": wanted}))
    known: dict[str, list[object]] = {name: [] for name in columns}
    for row in rows:
        if not isinstance(row, tuple) or not 2 <= len(row) <= len(columns):
            raise InputError(Fault("scenario-row", values={"found": repr(row)[:80], "wanted": wanted}))
        for name, value in zip(columns, (*row, *[None] * (len(columns) - len(row))), strict=True):
            pair = name == "geometry" and isinstance(value, tuple)
            known[name].append(shapely.Point(value) if pair else value)
    places = known.pop("geometry")
    values = {name: pd.Series(column, dtype=object) for name, column in known.items()}
    return gpd.GeoDataFrame(values, geometry=places, crs=WGS84)
