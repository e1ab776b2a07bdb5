"""What the offices report: facilities of their ledgers, details of facilities, figures of areas."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.demo.facilities import groups_of, ledger_row, seats_of
from lifecircle.demo.units import CITY

FLOOR_AREA_RULES: Final = (
    "hainan-commercial-service-area-share",
    "wuhu-commercial-service-area-share",
    "zhuhai-commercial-service-area-share",
)
WORKER_RULES: Final = (
    "hainan-community-workers-per-10k",
    "wuhu-community-workers-per-10k",
    "zhuhai-community-workers-per-10k",
)
_COMMERCIAL_SHARE, _WORKERS_PER_10K = 0.10, 18.0
_FEW_WORKERS_BY_COUNTY: Final = {"演新区": 12, "演桥区": 4}
"""Counties that lack so many community workers; the others have a few more than they need."""
_FLOOR_PER_RESIDENT_M2: Final = 38.0

__all__ = ["Figures", "area_figures", "bureau", "detailed", "facility_shortfalls", "office_facilities"]

Planted = list[dict[str, Any]]


@dataclass(frozen=True)
class Figures:
    """Figures of areas as offices report them.

    Attributes
    ----------
    tables : layer (communities, townships, counties) to a table by code
    planted : rule, level, code, name, deficit of every figure that is too low on purpose
    """

    tables: Mapping[str, pd.DataFrame]
    planted: Planted


@cache
def bureau() -> Mapping[str, Any]:
    """What the offices report, as data: see the head of ``bureau.toml``."""
    return tomllib.loads((files(__package__) / "bureau.toml").read_text(encoding="utf-8"))


def office_facilities(
    rng: np.random.Generator, closest: Mapping[int, NDArray[np.float64]], units: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, Planted]:
    """Facilities of the offices' own ledgers, and who goes without one.

    Returns
    -------
    tuple
        The columns of `Facilities.public` with ``services`` (several in one text) and further figures; and
        what is planted.
    """
    rows: list[dict[str, Any]] = []
    planted: Planted = []
    seats: list[dict[str, Any]]
    without: list[dict[str, Any]]
    for rank, entry in enumerate(bureau()["facility"]):
        if entry["per"] == "city":
            fullest = int(units["population"].to_numpy().argmax())
            seats, without = [{"host": units.index[fullest], "code": CITY[0], "name": CITY[1]}], []
        else:
            seats, without = seats_of(rng, entry, units)
        for seat in seats:
            row = ledger_row(rng, entry, seat, closest=closest, units=units, rank=30 + rank)
            bounds = entry.get("figures", {}).items()
            drawn = {name: float(rng.integers(low, high + 1)) for name, (low, high) in bounds}
            services = "、".join([entry["service"], *entry.get("also", [])])
            rows.append({**row, **drawn, "services": services})
        planted += [
            {**{key: row[key] for key in ("rule", "level", "code", "name")}, "deficit": 1} for row in without
        ]
    return pd.DataFrame(rows), planted


def detailed(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a ledger with the details that ``bureau.toml`` has for their services."""
    rows = rows.copy()
    for entry in bureau()["detail"]:
        at = np.flatnonzero((rows["service"] == entry["service"]).to_numpy())
        if not len(at):
            continue
        low, high = entry["value"]
        values = rng.integers(low, high + 1, len(at)).astype(float)
        values[rng.permutation(len(at))[: entry["short"]]] = entry["instead"]
        if entry["name"] not in rows:
            rows[entry["name"]] = np.nan
        rows.iloc[at, rows.columns.get_loc(entry["name"])] = values
    return rows


def facility_shortfalls(rows: pd.DataFrame) -> Planted:
    """Facilities whose figure is below what a rule asks of each of them, in the ledger whose rows these are.

    `rows` carry ``facility``, the id under which a run knows them.
    """
    planted: Planted = []
    for entry in bureau()["detail"]:
        listed = rows[rows["service"] == entry["service"]]
        if listed.empty:
            continue
        for rule, asked in entry["rules"].items():
            for row in listed[listed[entry["name"]] < asked].to_dict("records"):
                planted.append(
                    {
                        "rule": rule, "level": "facility", "code": row["facility"], "name": row["name"],
                        "deficit": asked - row[entry["name"]],
                    }
                )  # fmt: skip
    return planted


def area_figures(rng: np.random.Generator, units: gpd.GeoDataFrame) -> Figures:
    """Figures of communities, townships and counties: what their rules ask or more, but for some."""
    communities = units[["code", "name"]].set_index("code")
    communities["households"] = units["households"].to_numpy()
    towns = units.drop_duplicates("township").set_index("township")
    townships = pd.DataFrame({"name": towns["township_name"]}).rename_axis("code").sort_index()
    tables = {"communities": communities, "townships": townships}
    planted: Planted = []
    of_layer = {"communities": ("unit", ["社区", "村"]), "townships": ("township", ["道", "镇", "乡"])}
    every = {layer: groups_of({"per": per, "of": of}, units) for layer, (per, of) in of_layer.items()}
    for entry in bureau()["column"]:
        groups = [group for group in every[entry["layer"]] if group["ending"] in entry["of"]]
        planted += _column(rng, entry, groups, tables[entry["layer"]])
    planted += _floor_areas(rng, units, communities)
    counties, few = _workers(units)
    return Figures({**tables, "counties": counties}, [*planted, *few])


def _column(
    rng: np.random.Generator, entry: Mapping[str, Any], groups: list[dict[str, Any]], table: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Fill one column, and tell of those that have too little."""
    name = entry["name"]
    without: set[str] = set()
    for zone, count in entry["without"].items():
        codes = [group["code"] for group in groups if group["zone"] == zone]
        without |= {codes[number] for number in rng.permutation(len(codes))[: count if count >= 0 else None]}
    values = table[name].to_dict() if name in table else dict.fromkeys(table.index, math.nan)
    households = table["households"].to_dict() if "per_number" in entry else {}
    for group in groups:
        code = group["code"]
        asked = 0
        if "per_number" in entry:
            asked = math.ceil(households[code] / entry["per_number"])
        plenty = entry["value"] + int(rng.integers(0, entry["spread"] + 1))
        value = max(asked + (entry["short"] if code in without else plenty), 0)
        values[code] = value
        for rule, each in entry["rules"].items():
            need = asked if "per_number" in entry else each
            if value < need:
                yield {
                    "rule": rule, "level": group["level"], "code": code, "name": group["name"],
                    "deficit": need - value,
                }  # fmt: skip
    table[name] = pd.Series(values, dtype="float64")


def _floor_areas(rng: np.random.Generator, units: gpd.GeoDataFrame, table: pd.DataFrame) -> Planted:
    """Floor areas of all buildings and of commerce among them, which the new district is short of."""
    total = np.round(units["population"].to_numpy() * _FLOOR_PER_RESIDENT_M2)
    share = np.where(units["zone"] == "new", 0.07, 0.11) + rng.uniform(0.0, 0.02, len(units))
    commercial = np.round(total * share)
    table["total_floor_area_m2"] = pd.Series(total, index=units["code"].to_numpy())
    table["commercial_service_area_m2"] = pd.Series(commercial, index=units["code"].to_numpy())
    need = _COMMERCIAL_SHARE * total
    return [
        {
            "rule": rule, "level": "community" if units["kind"].iloc[row] == "社区" else "village",
            "code": units["code"].iloc[row], "name": units["name"].iloc[row],
            "deficit": round(float(need[row] - commercial[row]), 1),
        }
        for rule in FLOOR_AREA_RULES
        for row in np.flatnonzero(commercial < need)
    ]  # fmt: skip


def _workers(units: gpd.GeoDataFrame) -> tuple[pd.DataFrame, Planted]:
    """Residents of towns and community workers of every county, and the counties that have too few."""
    urban = units[units["kind"] == "社区"].groupby("county")["population"].sum()
    names = units.drop_duplicates("county").set_index("county")["county_name"]
    table = pd.DataFrame({"name": names, "population_urban": urban}).rename_axis("code").sort_index()
    needed = np.ceil(table["population_urban"] * _WORKERS_PER_10K / 10_000)
    fewer = table["name"].map(_FEW_WORKERS_BY_COUNTY)
    table["community_workers"] = needed - fewer.fillna(-5)
    planted = [
        {"rule": rule, "level": "county", "code": code, "name": table.loc[code, "name"], "deficit": int(few)}
        for rule in WORKER_RULES
        for code, few in fewer.dropna().items()
    ]
    return table, planted
