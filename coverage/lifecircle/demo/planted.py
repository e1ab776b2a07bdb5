"""The deficits the demo city was given, as data: what a run must find."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.demo.facilities import Facilities, offer

STATION_PEOPLE: Final = 20_000
_SPORTS_M2_PER_RESIDENT: Final = 3.0
_GRID_MARGIN_M: Final = 75.0
"""A resident may be counted up to half a cell's diagonal from home; a proof has to allow for it."""
_SURELY_SHORT: Final = 0.2
_EXEMPT_RULE: Final = "hainan-village-clinic-over-800"

__all__ = ["STATION_PEOPLE", "planted", "write_planted"]


def planted(
    facilities: Facilities,
    units: gpd.GeoDataFrame,
    buildings: pd.DataFrame,
    figures: list[dict[str, Any]],
    ledger: pd.DataFrame,
) -> dict[str, list[dict[str, Any]]]:
    """Every planted deficit, and the units that look like one and are exempt.

    Returns
    -------
    dict
        ``missing``: a unit without the facility a rule asks for (rule, service, level, code, name,
        missing); ``too_small``: a county whose sports grounds in the `ledger` are too small for its
        residents (… residents, site_area_m2, missing); ``too_few``: a place with fewer than its people
        need (… needed, built, missing);
        ``out_of_reach``: a community of whose residents more than a fifth live farther than the cutoff
        even in a straight line, half a grid cell allowed for (… reach_m, residents, beyond);
        ``exempt``: a village without a clinic that needs none (… population); ``figure``: an area or a
        facility whose ledger falls short of a rule by so much (rule, level, code, name, deficit), in the
        unit of the rule's deficit: `figures`, each once.
    """
    names = facilities.withheld.to_dict("records")
    return {
        "missing": [{**row, "missing": 1} for row in names],
        "too_few": _stations(facilities, units),
        "too_small": _squares(ledger, units),
        "out_of_reach": [
            row for circle in offer()["circle"] for row in _out_of_reach(circle, facilities, units, buildings)
        ],
        "exempt": _exempt(facilities, units),
        "figure": sorted(figures, key=lambda row: (row["rule"], row["level"], row["code"])),
    }


def write_planted(path: Path, shortfalls: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write the deficits as TOML, one table each."""
    lines: list[str] = []
    for kind, rows in shortfalls.items():
        for row in rows:
            lines += [f"[[{kind}]]", *(f"{key} = {_toml(value)}" for key, value in row.items()), ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def _stations(facilities: Facilities, units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Health stations against one per 20,000 urban residents, over the whole city."""
    urban = int(units.loc[units["kind"] == "社区", "population"].sum())
    needed = math.ceil(urban / STATION_PEOPLE)
    built = int((facilities.public["service"] == "health-station").sum())
    return [
        {
            "rule": "hainan-health-station-per-10-20k", "service": "health-station", "level": "city",
            "residents": urban, "needed": needed, "built": built, "missing": needed - built,
        }
    ]  # fmt: skip


def _squares(ledger: pd.DataFrame, units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Counties whose squares are too small for their residents: where whole quarters have none."""
    site = ledger["site_area_m2"].groupby(ledger["unit"].map(units["county"])).sum()
    residents = units.groupby("county")["population"].sum()
    names = units.drop_duplicates("county").set_index("county")["county_name"]
    needed = residents * _SPORTS_M2_PER_RESIDENT
    lacking = needed - site.reindex(needed.index, fill_value=0.0)
    return [
        {
            "rule": "zhuhai-sport-area-per-capita-3", "service": "sports-ground", "level": "county",
            "code": code, "name": names[code], "residents": int(residents[code]),
            "site_area_m2": float(site.get(code, 0.0)), "missing": float(metres),
        }
        for code, metres in lacking[lacking > 0].items()
    ]  # fmt: skip


def _out_of_reach(
    circle: Mapping[str, Any], facilities: Facilities, units: gpd.GeoDataFrame, buildings: pd.DataFrame
) -> list[dict[str, Any]]:
    """Communities that are short of a circle by straight line alone."""
    offered = pd.concat([facilities.public, facilities.shops, facilities.pitches])
    offered = offered[offered["service"].isin(circle["services"])]
    homes = buildings[(buildings["unit"] >= 0) & (buildings["residents"] > 0)]
    _, far = shapely.STRtree(shapely.points(offered["x"], offered["y"])).query_nearest(
        shapely.points(homes["x"], homes["y"]), return_distance=True, all_matches=False
    )
    beyond = (
        homes["residents"].where(far > circle["reach_m"] + _GRID_MARGIN_M, 0).groupby(homes["unit"]).sum()
    )
    beyond = beyond.reindex(range(len(units)), fill_value=0).to_numpy()
    short = (units["kind"] == "社区").to_numpy() & (beyond > _SURELY_SHORT * units["population"].to_numpy())
    return [
        {
            "rule": circle["rule"], "service": circle["services"][0], "level": "community",
            "code": units["code"].iloc[row], "name": units["name"].iloc[row], "reach_m": circle["reach_m"],
            "residents": int(units["population"].iloc[row]), "beyond": int(beyond[row]),
        }
        for row in np.flatnonzero(short)
    ]  # fmt: skip


def _exempt(facilities: Facilities, units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Villages without a clinic that have too few residents to be owed one."""
    served = set(facilities.public.loc[facilities.public["service"] == "village-clinic", "unit"])
    owed = set(facilities.withheld.loc[facilities.withheld["service"] == "village-clinic", "code"])
    return [
        {
            "rule": _EXEMPT_RULE,
            "service": "village-clinic",
            "level": "village",
            "code": row.code,
            "population": int(row.population),
        }
        for row in units[units["kind"] == "村"].itertuples()
        if row.Index not in served and row.code not in owed
    ]


def _toml(value: object) -> str:
    """A string or a number as TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
