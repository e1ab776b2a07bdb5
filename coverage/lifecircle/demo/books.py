"""The offices' books: every ledger of the demo city, kept so that what falls short is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.demo.bureau import (
    area_figures,
    bureau,
    detailed,
    facility_shortfalls,
    office_facilities,
)
from lifecircle.demo.facilities import Facilities
from lifecircle.demo.ledgers import ledger_rows
from lifecircle.demo.quarters import draw_quarters
from lifecircle.demo.units import CITY
from lifecircle.demo.workbook import facility_sheet

_SEED: Final = 20250701
"""Apart from the city's own, so that a further ledger moves no street and no shop."""
_STATION_M2_PER_HOUSEHOLD, _STATION_LEAST_M2 = 0.20, 300.0
_SQUARE_M2_PER_RESIDENT: Final = 4.2
"""Site of each fitness square for the residents of its own unit; a plan asks for 3 m2 of everybody."""

__all__ = ["Books", "keep_books"]


@dataclass(frozen=True)
class Books:
    """All ledgers.

    Attributes
    ----------
    ledger : rows of the facility ledger, with details
    sheets : layer to the table that the workbook of ledgers holds
    layers : kind of ``[[areas]]`` to its areas, city metres
    planted : what falls short, by how much
    """

    ledger: pd.DataFrame
    sheets: Mapping[str, pd.DataFrame]
    layers: Mapping[str, gpd.GeoDataFrame]
    planted: list[dict[str, Any]]


def keep_books(facilities: Facilities, units: gpd.GeoDataFrame, buildings: pd.DataFrame) -> Books:
    """Keep the offices' books: always the same for the same city."""
    rng = np.random.default_rng(_SEED)
    ledger = _with_squares(detailed(rng, ledger_rows(facilities, units)), units)
    offices, missing = office_facilities(rng, facilities.closest, units)
    offered = pd.concat([ledger, offices], ignore_index=True)
    figures = area_figures(rng, units)
    quarters = draw_quarters(rng, units, buildings, offered)
    centres = [
        {"service": "tourism-service-centre", "services": "tourism-service-centre", "name": "文旅便民中心",
         "unit": int(unit), "x": x, "y": y, "floor_area_m2": 200.0}
        for x, y, unit in quarters.centres
    ]  # fmt: skip
    offices = detailed(rng, pd.concat([offices, pd.DataFrame(centres)], ignore_index=True))
    offices = offices.rename(columns={"hours": "open_hours_per_day"})
    offices["id"] = [f"B{number:04d}" for number in range(1, len(offices) + 1)]
    offices["facility"] = [f"ledgers:{name}" for name in offices["id"]]
    planted = [
        *missing,
        *figures.planted,
        *quarters.planted,
        *facility_shortfalls(ledger),
        *facility_shortfalls(offices),
        *_small_stations(offices, units),
        *_reported(),
    ]
    sheets = {
        **{
            layer: table.drop(columns="households", errors="ignore")
            for layer, table in figures.tables.items()
        },
        **quarters.figures,
        "facilities": facility_sheet(offices),
    }
    return Books(ledger, sheets, quarters.layers, planted)


def _with_squares(ledger: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """The ledger with the site of every fitness square: so much for each resident of its unit."""
    squares = ledger["service"] == "sports-ground"
    residents = ledger["unit"].map(units["population"])
    site = (residents * _SQUARE_M2_PER_RESIDENT / 10).round() * 10.0
    return ledger.assign(site_area_m2=site.where(squares), sports_area_m2=site.where(squares))


def _small_stations(offices: pd.DataFrame, units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Communities and villages whose station is smaller than their households ask for, or is not there."""
    stations = offices[offices["service"] == "community-service-station"]
    area = stations.groupby("unit")["floor_area_m2"].sum().reindex(units.index, fill_value=0.0)
    needed = np.maximum(_STATION_LEAST_M2, _STATION_M2_PER_HOUSEHOLD * units["households"])
    lacking = needed - area
    return [
        {
            "rule": "shijiazhuang-area-per-100-households",
            "level": "community" if units["kind"][unit] == "社区" else "village",
            "code": units["code"][unit], "name": units["name"][unit],
            "deficit": round(float(lacking[unit]), 1),
        }
        for unit in units.index[lacking > 0]
    ]  # fmt: skip


def _reported() -> list[dict[str, Any]]:
    """Reported values below what is asked of the city: no unit stands for it where a province's plan asks."""
    return [
        {
            "rule": row["rule"],
            **(
                {"level": "province", "code": CITY[1]}
                if row["rule"].startswith("hainan")
                else {"level": "city", "code": CITY[0][:4]}
            ),
            "name": CITY[1], "deficit": round(row["asked"] - row["value"], 6),
        }
        for row in bureau()["indicator"]
        if not math.isclose(row["value"], row["asked"]) and row["value"] < row["asked"]
    ]  # fmt: skip
