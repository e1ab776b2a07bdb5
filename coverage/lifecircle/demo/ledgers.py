"""The public ledger (XLSX) and the map provider's points (CSV), as dirty as such files are, and valid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import xlsxwriter

from lifecircle import messages
from lifecircle.demo import ground as g
from lifecircle.demo.facilities import Facilities
from lifecircle.demo.workbook import clerk_value
from lifecircle.services import catalogue
from lifecircle.tables.datum import wgs84_to_gcj02

_FURTHER: Final = (
    "open_days_per_week", "volunteer_station", "government_run", "meets_standard",
    "child_general_practitioners", "child_health_doctors", "fever_clinic", "site_area_m2", "sports_area_m2",
)  # fmt: skip
"""What the bureau adds to the ledger, under the headings of a template."""
_FURTHER_HEADINGS: Final = tuple(messages.text(f"plans.column.{name}", "zh") for name in _FURTHER)
HEADINGS: Final = (
    "序号", "名称", "类别", "所在社区", "经度", "纬度", "建筑面积（平方米）", "居民活动面积（平方米）",
    "床位（张）", "工作人员（人）", "每日开放时间（小时）", *_FURTHER_HEADINGS, "备注",
)  # fmt: skip
_GROUPS: Final = (
    ("基本信息", 0, 3),
    ("位置", 4, 5),
    ("规模", 6, 10),
    ("补充", 11, len(HEADINGS) - 2),
    ("备注", len(HEADINGS) - 1, len(HEADINGS) - 1),
)
_FULL_WIDTH: Final = str.maketrans("0123456789.", "０１２３４５６７８９．")
_MADE: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)

__all__ = ["HEADINGS", "ledger_rows", "write_ledger", "write_pois"]


def ledger_rows(facilities: Facilities, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Everything the ledger lists: public facilities, and shops of types the map provider does not know.

    ``facility`` is the id under which a run knows the row: the ledger's label and its running number.
    """
    unmapped = facilities.shops[facilities.shops["amap"] == ""]
    rows = pd.concat([facilities.public, unmapped.drop(columns=["amap", "type"])], ignore_index=True)
    lon, lat = g.to_lon_lat(rows["x"], rows["y"])
    names = units["name"].to_numpy()[rows["unit"].to_numpy(dtype=int)]
    rows = rows.rename(columns={"hours": "open_hours_per_day"})
    ids = [f"facilities:{number}" for number in range(1, len(rows) + 1)]
    return rows.assign(lon=lon.round(6), lat=lat.round(6), unit_name=names, facility=ids)


def write_ledger(path: Path, rows: pd.DataFrame, title: str) -> None:
    """Write the ledger: a title and two rows of merged headings, then figures typed as clerks type them."""
    # A cell may list several services with 、 between them: a name that holds one is given by its id.
    zh = {key: key if "、" in service.zh else service.zh for key, service in catalogue().items()}
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("设施台账")
    bold = book.add_format({"bold": True, "align": "center", "border": 1})
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, title, bold)
    for label, first, last in _GROUPS:
        if first == last:
            sheet.merge_range(1, first, 2, last, label, bold)
        else:
            sheet.merge_range(1, first, 1, last, label, bold)
    for column, heading in enumerate(HEADINGS[:-1]):
        sheet.write_string(2, column, heading, bold)
    sheet.set_column(1, 3, 26)
    sheet.freeze_panes(3, 2)
    for number, row in enumerate(rows.to_dict("records")):
        for column, value in enumerate(_cells(number, row, zh)):
            if isinstance(value, str):
                sheet.write_string(number + 3, column, value)
            elif value is not None and np.isfinite(value):
                sheet.write_number(number + 3, column, float(value))
    book.close()


def _cells(number: int, row: Mapping[str, object], zh: Mapping[str, str]) -> list[str | float | None]:
    """One row as a clerk would type it: most cells plain, some full-width, some with 万 or commas."""
    figures = [
        row[name] for name in ("floor_area_m2", "activity_area_m2", "capacity", "staff", "open_hours_per_day")
    ]
    known = [None if value is None or np.isnan(float(str(value))) else float(str(value)) for value in figures]
    typed: list[str | float | None] = list(known)
    area = known[0]
    if area is not None and area >= 10_000:
        typed[0] = f"{area / 10_000:g}万"
    elif area is not None and area >= 1000 and number % 4 == 0:
        typed[0] = f"{area:,.0f}"
    elif area is not None and number % 17 == 0:
        typed[0] = f"{area:g}".translate(_FULL_WIDTH)
    if known[3] is not None and number % 13 == 0:
        typed[3] = f"{known[3]:g}".translate(_FULL_WIDTH)
    remark = "合成数据" if number % 50 == 0 else None
    place = [float(str(row["lon"])), float(str(row["lat"]))]
    return [
        number + 1,
        str(row["name"]),
        zh[str(row["service"])],
        str(row["unit_name"]),
        *place,
        *typed,
        *(clerk_value(name, row.get(name, np.nan)) for name in _FURTHER),
        remark,
    ]


def write_pois(path: Path, facilities: Facilities, units: gpd.GeoDataFrame) -> None:
    """Write the map provider's points: GCJ-02, GBK, its type codes, in the order of its ids."""
    shops = facilities.shops[facilities.shops["amap"] != ""].reset_index(drop=True)
    lon, lat = wgs84_to_gcj02(*g.to_lon_lat(shops["x"], shops["y"]))
    table = pd.DataFrame(
        {
            "id": [f"B0DEMO{number:05d}" for number in range(len(shops))],
            "name": shops["name"],
            "type": shops["type"],
            "typecode": shops["amap"],
            "lon": [f"{value:.6f}" for value in lon],
            "lat": [f"{value:.6f}" for value in lat],
            "adname": units["county_name"].to_numpy()[shops["unit"]],
        }
    )
    table.to_csv(path, index=False, encoding="gbk", lineterminator="\r\n")
